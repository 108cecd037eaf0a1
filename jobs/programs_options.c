/* The options of programs. */
#include "programs_options.h"

#include "text/fields.h"
#include "text/selection.h"

#include <stdio.h>
#include <string.h>

int programs_set_command(const char **command, const char *role, const char *argument,
                         struct mr_error *err)
{
    if (*command != NULL)
        return mr_error_set(err, "'%s' is a second %s: one is taken", argument, role);
    if (argument[strspn(argument, " \t\n")] == '\0')
        return mr_error_set(err, "'%s' is no program for --%s", argument, role);
    *command = argument;
    return 0;
}

static int set_mapper(void *state, const char *argument, struct mr_error *err)
{
    return programs_set_command(&((struct programs *)state)->mapper, "mapper", argument, err);
}

static int set_combiner(void *state, const char *argument, struct mr_error *err)
{
    return programs_set_command(&((struct programs *)state)->combiner, "combiner", argument, err);
}

static int set_reducer(void *state, const char *argument, struct mr_error *err)
{
    return programs_set_command(&((struct programs *)state)->reducer, "reducer", argument, err);
}

static int read_separator(struct separator *s, const char *argument, struct mr_error *err)
{
    enum { ESCAPED = 4 }; /* of a byte */
    unsigned char bytes[ESCAPED * SEPARATOR_MOST];
    size_t size = strlen(argument) <= sizeof bytes ? bytes_from(argument, bytes) : 0;
    return separator_set(s, bytes, size)
               ? 0
               : mr_error_set(err, "'%s' is no separator: bytes of a line, %d at most, such as , "
                                   "or \\t or ::", argument, SEPARATOR_MOST);
}

static int set_separator(void *state, const char *argument, struct mr_error *err)
{
    return read_separator(&((struct programs *)state)->keys.separator, argument, err);
}

/* Kept where it is used, with what is sorted by. */
static int set_field_separator(void *state, const char *argument, struct mr_error *err)
{
    return read_separator(&((struct programs *)state)->keys.order.separator, argument, err);
}

static int set_key_fields(void *state, const char *argument, struct mr_error *err)
{
    return field_number(argument, &((struct programs *)state)->keys.fields)
               ? 0
               : mr_error_set(err, "'%s' is no number of fields: 1 or more", argument);
}

static bool take_key(struct sort_keys *keys, const char *position)
{
    return keys->count < SORT_KEYS_MAX && sort_key_read(&keys->at[keys->count++], position);
}

/* Takes one word of what is sorted by: -kPOS[,POS] or POS[,POS], or letters for all. */
static bool take_sort_word(struct programs *p, const char *word)
{
    bool key = strncmp(word, "-k", 2) == 0;
    if (*word != '-' || key)
        return take_key(&p->keys.order, word + (key ? 2 : 0));
    while (*++word != '\0') {
        p->numeric |= *word == 'n';
        p->reverse |= *word == 'r';
        if (*word != 'n' && *word != 'r')
            return false;
    }
    return true;
}

/* Takes the words of an argument; behind -k, a position may be one of its own. */
static bool take_words(struct programs *p, const char *at,
                       bool (*take)(struct programs *p, const char *word))
{
    char word[128];
    bool taken = true;
    for (size_t size; taken && *(at += strspn(at, " ")) != '\0'; at += size) {
        size = strcspn(at, " ");
        if (size == 2 && strncmp(at, "-k", 2) == 0)
            continue;
        taken = size < sizeof word;
        snprintf(word, sizeof word, "%.*s", (int)size, at);
        taken = taken && take(p, word);
    }
    return taken;
}

static int set_order(void *state, const char *argument, struct mr_error *err)
{
    return take_words(state, argument, take_sort_word)
               ? 0
               : mr_error_set(err, "'%s' is nothing to sort by: FIELD[.CHAR][nr][,FIELD[.CHAR]"
                                     "[nr]], with blanks between several, at most %d", argument,
                                SORT_KEYS_MAX);
}

/* Takes one word of what is partitioned by, as KeyFieldBasedPartitioner has it: what it is as a
 * number, or in reverse, makes no difference. */
static bool take_partition_word(struct programs *p, const char *word)
{
    struct sort_keys *partition = &p->keys.partition;
    if (!take_key(partition, word + (strncmp(word, "-k", 2) == 0 ? 2 : 0)))
        return false;
    struct sort_key *key = &partition->at[partition->count - 1];
    key->numeric = key->reverse = false;
    return true;
}

/* Takes a list of fields, each stretch of them as a key. */
static bool take_fields(struct sort_keys *keys, const char *list)
{
    struct selection s = { 0 };
    struct mr_error ignored = { 0 };
    bool taken = selection_read(&s, list, false, &ignored) == 0 && s.count <= SORT_KEYS_MAX;
    for (size_t i = 0; taken && i < s.count; i++)
        keys->at[keys->count++] = (struct sort_key){
            .first_field = s.spans[i].first, .first_char = 1,
            .last_field = s.spans[i].last == SPAN_END ? 0 : s.spans[i].last,
        };
    selection_free(&s);
    return taken;
}

static int set_partition(void *state, const char *argument, struct mr_error *err)
{
    struct programs *p = state;
    if (p->keys.partition.count > 0)
        return mr_error_set(err, "'%s' are more fields to partition by: one list is taken",
                            argument);
    bool taken = strncmp(argument, "-k", 2) == 0 ? take_words(p, argument, take_partition_word)
                                                 : take_fields(&p->keys.partition, argument);
    return taken && p->keys.partition.count > 0
               ? 0
               : mr_error_set(err, "'%s' is no list of a key's fields, such as 1 or 1,3-4, nor of "
                                   "positions, such as -k1.2,1.4, at most %d", argument,
                              SORT_KEYS_MAX);
}

const struct mr_option programs_options[] = {
    { 0, "mapper", "COMMAND", "gets the lines, for sh -c; none: as they are",
      set_mapper },
    { 0, "combiner", "COMMAND", "gets some of that, sorted, before a reducer", set_combiner },
    { 0, "reducer", "COMMAND", "gets what they write, sorted; NONE: none", set_reducer },
    { 0, "separator", "X", "a key ends before these bytes (a tab)", set_separator },
    { 0, "key-fields", "N", "a key has so many fields (1)", set_key_fields },
    { 0, "field-separator", "X", "and these end before these bytes (--separator)",
      set_field_separator },
    { 0, "partition-by", "LIST", "by which fields of a key its reducer is chosen",
      set_partition },
    { 0, "sort-by", "KEYS", "the order of a reducer's lines, as sort -k has it",
      set_order },
    { 0 },
};

static void complete_order(struct programs *p)
{
    struct sort_keys *order = &p->keys.order;
    if (order->separator.size == 0)
        order->separator = p->keys.separator;
    p->keys.partition.separator = order->separator;
    if (order->count == 0 && (p->numeric || p->reverse))
        order->at[order->count++] = (struct sort_key){ .first_field = 1, .first_char = 1 };
    sort_keys_complete(order, p->numeric, p->reverse);
}

/* The last field of a key that something asks for. */
static uint64_t last_field(const struct sort_keys *keys)
{
    uint64_t last = 0;
    for (size_t i = 0; i < keys->count; i++) {
        const struct sort_key *k = &keys->at[i];
        uint64_t field = k->first_field > k->last_field ? k->first_field : k->last_field;
        last = field > last ? field : last;
    }
    return last;
}

/* Whether a key has all fields that it is sorted or partitioned by, as far as that is known. */
static int check_fields(const struct line_keys *keys, struct mr_error *err)
{
    if (!separator_is(&keys->order.separator, &keys->separator))
        return 0;
    uint64_t order = last_field(&keys->order), partition = last_field(&keys->partition);
    uint64_t last = order > partition ? order : partition;
    if (last <= keys->fields)
        return 0;
    return mr_error_set(err, "a key has no field %llu to sort or partition by, as it ends with "
                             "field %llu: give it more (--key-fields)", (unsigned long long)last,
                        (unsigned long long)keys->fields);
}

int programs_ready(void *state, struct mr_error *err)
{
    struct programs *p = state;
    if (p->mapper == NULL && p->reducer == NULL)
        return mr_error_set(err, "there is no program: --mapper=COMMAND or --reducer=COMMAND says "
                                 "which");
    if (p->reducer != NULL && strcmp(p->reducer, "NONE") == 0)
        p->reducer = NULL;
    if (p->keys.separator.size == 0)
        p->keys.separator = (struct separator){ 1, { '\t' } };
    if (p->keys.fields == 0)
        p->keys.fields = 1;
    if (p->keys.order.separator.size > 0 && !p->numeric && !p->reverse &&
        p->keys.order.count == 0 && p->keys.partition.count == 0)
        return mr_error_set(err, "--field-separator is for fields of keys that are sorted or "
                                 "partitioned by (--sort-by, --partition-by)");
    complete_order(p);
    if (p->reducer == NULL && p->combiner != NULL)
        return mr_error_set(err, "there is no reducer to combine for (--reducer)");
    if (p->reducer == NULL && (p->keys.order.count > 0 || p->keys.partition.count > 0))
        return mr_error_set(err, "there is no reducer to sort or partition for (--reducer)");
    return check_fields(&p->keys, err);
}

static void identify_command(struct mr_identity *to, const char *option, const char *command)
{
    mr_identify_option(to, option, command, command ? strlen(command) + 1 : 0);
}

static void identify_keys(struct mr_identity *to, const char *option, const struct sort_keys *keys)
{
    uint64_t figures[SORT_KEYS_MAX][SORT_KEY_FIGURES];
    for (size_t i = 0; i < keys->count; i++)
        sort_key_figures(&keys->at[i], figures[i]);
    mr_identify_option(to, option, figures, keys->count * sizeof *figures);
}

void programs_identify(const void *state, struct mr_identity *to)
{
    const struct programs *p = state;
    identify_command(to, "--mapper", p->mapper);
    identify_command(to, "--combiner", p->combiner);
    identify_command(to, "--reducer", p->reducer);
    mr_identify_option(to, "--separator", p->keys.separator.at, p->keys.separator.size);
    mr_identify_option(to, "--field-separator", p->keys.order.separator.at,
                       p->keys.order.separator.size);
    mr_identify_option(to, "--key-fields", &p->keys.fields, sizeof p->keys.fields);
    identify_keys(to, "--sort-by", &p->keys.order);
    identify_keys(to, "--partition-by", &p->keys.partition);
}
