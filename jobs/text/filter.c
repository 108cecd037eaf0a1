/* Filters on words and their counts. */
#include "filter.h"

#include "numeric.h"
#include "out_of_memory.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistr.h>

/* What is known of a word, so far as it was read. */
struct look {
    const unsigned char *word; /* all of it, for the lists; NULL: it is in none */
    size_t size;
    uint64_t characters; /* a byte that is no part of valid UTF-8 is one, too */
    bool numeric;
};

static bool has_lists(const struct filter *f)
{
    return f->exclude.given || f->only.given;
}

static bool limits_characters(const struct filter *f)
{
    return f->min_length > 0 || f->length_limited;
}

static bool limits_counts(const struct filter *f)
{
    return f->min_count > 1 || f->count_limited;
}

bool filter_is_any(const struct filter *f)
{
    return limits_counts(f) || limits_characters(f) || f->drop_numeric || has_lists(f);
}

/* Counts a piece's characters, and checks whether all are numeric, as far as a filter needs it. */
static void look_at_characters(const struct filter *f, struct look *look,
                               const unsigned char *bytes, size_t size)
{
    const bool all = limits_characters(f);
    for (size_t i = 0; i < size && (all || look->numeric); look->characters++) {
        ucs4_t c = bytes[i];
        int length = c < 0x80 ? 1 : u8_mbtoucr(&c, bytes + i, size - i);
        if (length < 0 ||
            (c < 0x80 ? c < '0' || c > '9' : look->numeric && !numeric_character(c)))
            look->numeric = false;
        i += length < 0 ? 1 : (size_t)length;
    }
}

/* Puts a piece behind what there is of the word, unless that is longer than any in the lists. */
static void gather(const struct filter *f, struct look *look, const unsigned char *bytes,
                   size_t size)
{
    size_t longest = f->only.longest > f->exclude.longest ? f->only.longest : f->exclude.longest;
    if (look->word == NULL || size > longest - look->size) {
        look->word = NULL;
        return;
    }
    memcpy(f->pieces + look->size, bytes, size);
    look->size += size;
}

/* Whether it is dropped already for what was read of it. */
static bool is_out(const struct filter *f, const struct look *look)
{
    return (f->length_limited && look->characters > f->max_length) ||
           (f->only.given && look->word == NULL);
}

static bool keeps(const struct filter *f, const struct look *look)
{
    if (is_out(f, look) || look->characters < f->min_length ||
        (f->drop_numeric && look->numeric && look->characters > 0))
        return false;
    if (f->exclude.given && look->word && token_list_has(&f->exclude, look->word, look->size))
        return false;
    return !f->only.given || token_list_has(&f->only, look->word, look->size);
}

/* Whether a word's characters, or the word, matter at all. */
static bool looks_at_words(const struct filter *f)
{
    return f->drop_numeric || limits_characters(f) || has_lists(f);
}

/* Looks at a piece of a word. Returns whether it may be kept yet. */
static bool look_at(const struct filter *f, struct look *look, const unsigned char *bytes,
                    size_t size)
{
    look_at_characters(f, look, bytes, size);
    if (has_lists(f))
        gather(f, look, bytes, size);
    return !is_out(f, look);
}

bool filter_keeps_count(const struct filter *f, uint64_t count)
{
    return count >= f->min_count && !(f->count_limited && count > f->max_count);
}

bool filter_keeps_word(const struct filter *f, const unsigned char *word, size_t size)
{
    struct look look = { .word = f->pieces, .numeric = f->drop_numeric };
    return !looks_at_words(f) || (look_at(f, &look, word, size) && keeps(f, &look));
}

int filter_keep(const struct filter *f, struct mr_key *key, uint64_t count)
{
    struct look look = { .word = f->pieces, .numeric = f->drop_numeric };
    const unsigned char *bytes;
    size_t size;
    int more;
    const int keep = filter_keeps_count(f, count) ? 1 : MR_OTHERS;
    if (!looks_at_words(f))
        return keep;
    while ((more = mr_key_next(key, &bytes, &size)) > 0)
        if (!look_at(f, &look, bytes, size))
            return 0;
    return more < 0 ? -1 : keeps(f, &look) ? keep : 0;
}

/* Refuses limits between which there is nothing: one of them is not what was meant. */
static int check_limits(const struct filter *f, struct mr_error *err)
{
    if (f->length_limited && f->min_length > f->max_length)
        return mr_error_set(err, "no word has at least %llu characters (--min-length) and at most "
                                 "%llu (--max-length)", (unsigned long long)f->min_length,
                            (unsigned long long)f->max_length);
    if (f->count_limited && f->min_count > f->max_count)
        return mr_error_set(err, "no word stands there at least %llu times (--min-count) and at "
                                 "most %llu (--max-count)", (unsigned long long)f->min_count,
                            (unsigned long long)f->max_count);
    return 0;
}

int filter_ready(struct filter *f,
                 size_t (*rekey)(const void *state, const unsigned char *key, size_t size,
                                 unsigned char *to),
                 const void *state, struct mr_error *err)
{
    const struct normal normal = { f->form, rekey != NULL };
    if (check_limits(f, err) < 0)
        return -1;
    if (f->form != NORMAL_NONE && (token_list_rewrite(&f->exclude, normalize, NORMALIZE_GROWTH,
                                                      &normal, err) < 0 ||
                                   token_list_rewrite(&f->only, normalize, NORMALIZE_GROWTH,
                                                      &normal, err) < 0))
        return -1;
    if (f->exclude.given && token_list_index(&f->exclude, rekey, state, err) < 0)
        return -1;
    if (f->only.given && token_list_index(&f->only, rekey, state, err) < 0)
        return -1;
    size_t longest = f->exclude.longest + f->only.longest + 1;
    f->pieces = has_lists(f) ? malloc(longest) : NULL;
    return f->pieces || !has_lists(f) ? 0 : out_of_memory(err, "a word");
}

int filter_number(const char *argument, const char *option, uint64_t *number, struct mr_error *err)
{
    char *end;
    errno = 0;
    unsigned long long value = strtoull(argument, &end, 10);
    if (*argument < '0' || *argument > '9' || *end != '\0' || errno != 0)
        return mr_error_set(err, "'%s' is no number for %s", argument, option);
    *number = value;
    return 0;
}

void filter_identify(const struct filter *f, struct mr_identity *to)
{
    uint64_t max_count[] = { f->count_limited, f->max_count };
    uint64_t max_length[] = { f->length_limited, f->max_length };
    mr_identify_option(to, "--drop-numeric", &f->drop_numeric, sizeof f->drop_numeric);
    mr_identify_option(to, "--min-count", &f->min_count, sizeof f->min_count);
    mr_identify_option(to, "--max-count", max_count, sizeof max_count);
    mr_identify_option(to, "--min-length", &f->min_length, sizeof f->min_length);
    mr_identify_option(to, "--max-length", max_length, sizeof max_length);
    mr_identify_option(to, "whether there is --only-from", &f->only.given, sizeof f->only.given);
    mr_identify_option(to, "--exclude-from", f->exclude.bytes, f->exclude.size);
    mr_identify_option(to, "--only-from", f->only.bytes, f->only.size);
}

void filter_free(struct filter *f)
{
    token_list_free(&f->exclude);
    token_list_free(&f->only);
    free(f->pieces);
    f->pieces = NULL;
}
