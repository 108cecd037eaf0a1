/* The decoder: members of a coding, one after the other. */
#include "input/decode.h"

#include "base/error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum state { BETWEEN, INSIDE, ENDED };

struct mr_decoder {
    struct mr_coded coded;
    const struct mr_coding *coding; /* of this member, and what it was last opened for */
    void *member;
    enum state state;
    bool first;      /* no member has begun yet */
    bool ends_empty; /* the last is one that holds nothing, if the file ends with such as this */
    uint64_t given;  /* of this member */
    uint64_t all;    /* of the members before it */
    uint64_t to, holds; /* where there must be an end, behind so much; or 0 */
    struct mr_intake intake;
};

static const struct mr_coding *const codings[] = {
    &mr_gzip, &mr_zstd, &mr_xz, &mr_bzip2, &mr_lz4, &mr_skippable, &mr_lzma, NULL,
};

static bool begins(const struct mr_coding *c, const unsigned char *head, size_t size)
{
    return size >= c->magic_size && memcmp(head, c->magic, c->magic_size) == 0 &&
           (c->is == NULL || c->is(head, size));
}

const struct mr_coding *mr_coding_find(const unsigned char *head, size_t size)
{
    const struct mr_coding *const *c = codings;
    while (*c != NULL && !begins(*c, head, size))
        c++;
    return *c;
}

static bool ends_so(const char *path, const char *ending)
{
    size_t size = strlen(path), n = ending ? strlen(ending) : 0;
    return n > 0 && size >= n && strcasecmp(path + size - n, ending) == 0;
}

const struct mr_coding *mr_coding_by_name(const char *path)
{
    const struct mr_coding *const *c = codings;
    while (*c != NULL && !ends_so(path, (*c)->ending))
        c++;
    return *c;
}

struct mr_decoder *mr_decoder_open(const struct mr_coded *coded, const unsigned char *taken,
                                   size_t size)
{
    struct mr_decoder *d = calloc(1, sizeof *d);
    if (d == NULL)
        return NULL;
    d->coded = *coded;
    d->coding = coded->coding;
    d->member = d->coding->open();
    if (d->member == NULL) {
        free(d);
        return NULL;
    }
    d->first = true;
    mr_intake_init(&d->intake, coded->source, coded->arg, taken, size);
    return d;
}

void mr_decoder_expect(struct mr_decoder *d, uint64_t from, uint64_t to, uint64_t holds)
{
    d->intake.taken += from;
    d->to = to;
    d->holds = holds;
}

static int bad(const struct mr_decoder *d, const char *what, struct mr_error *err)
{
    uint64_t at = mr_intake_offset(&d->intake);
    if (d->coded.place != NULL)
        at = d->coded.place(d->coded.arg, at);
    mr_error_set(err, "cannot read '%s': %s at byte %llu of the %s file", d->coded.name, what,
                 (unsigned long long)at, d->coded.coding->name);
    return mr_error_final(err);
}

static int no_memory(const struct mr_decoder *d, struct mr_error *err)
{
    return mr_error_set(err, "cannot read '%s': there is not enough memory to decompress it",
                        d->coded.name);
}

/* ---- between members -------------------------------------------------------------------- */

static int alien(const struct mr_decoder *d, struct mr_error *err)
{
    char what[100];
    const struct mr_intake *i = &d->intake;
    size_t left = mr_intake_left(i), magic = d->coded.coding->magic_size;
    size_t same = left < magic ? left : magic; /* too little to be known as the next member */
    if (same > 0 && left < MR_CODING_HEAD &&
        memcmp(i->in + i->at, d->coded.coding->magic, same) == 0)
        return bad(d, "the data is cut short", err);
    snprintf(what, sizeof what, "there is something other than %s data", d->coded.coding->name);
    return bad(d, what, err);
}

/* Passes over zeros. Where the source does not end behind them, there must be a multiple of so
 * many. Returns 0 or -1. */
static int skip_zeros(struct mr_decoder *d, unsigned multiple, struct mr_error *err)
{
    struct mr_intake *i = &d->intake;
    uint64_t count = 0;
    for (;;) {
        if (mr_intake_refill(i, 1, err) < 0)
            return -1;
        if (mr_intake_left(i) == 0 || i->in[i->at] != 0)
            break;
        i->at++;
        count++;
    }
    bool ended = mr_intake_left(i) == 0;
    return count % multiple != 0 || (!ended && multiple == 1) ? alien(d, err) : 0;
}

static bool is_framed(const struct mr_coding *c)
{
    return c == &mr_zstd || c == &mr_lz4 || c == &mr_skippable;
}

/* Frames of zstd and lz4, which share those to be skipped, may follow each other. */
bool mr_coding_follows(const struct mr_coding *next, const struct mr_coding *before)
{
    return next == before || (is_framed(next) && is_framed(before));
}

static int change_coding(struct mr_decoder *d, const struct mr_coding *next, struct mr_error *err)
{
    if (next == d->coding)
        return 0;
    if (next->open == NULL) {
        bad(d, next->kind, err);
        mr_error_suffix(err, ", which this program was built without; what makes it readable: %s",
                        next->command);
        return -1;
    }
    d->coding->close(d->member);
    d->coding = next;
    d->member = next->open();
    return d->member == NULL ? no_memory(d, err) : 0;
}

static int begin_member(struct mr_decoder *d, struct mr_error *err)
{
    const struct mr_intake *i = &d->intake;
    const struct mr_coding *next = mr_coding_find(i->in + i->at, mr_intake_left(i));
    if (d->first)
        next = d->coding;
    if (next == NULL || !mr_coding_follows(next, d->coding))
        return alien(d, err);
    if (change_coding(d, next, err) < 0)
        return -1;
    d->first = false;
    d->ends_empty = next->ends_empty && next->ends_empty(i->in + i->at, mr_intake_left(i));
    d->all += d->given;
    d->given = 0;
    d->state = INSIDE;
    return d->coding->begin(d->member) < 0 ? no_memory(d, err) : 0;
}

/* Who cut the source has gone by what members say of themselves. Where that is wrong, the next ones
 * would be another's as well, or nobody's. */
static int lying(const struct mr_decoder *d, struct mr_error *err)
{
    return bad(d, "there is a part that is not as large as it says", err);
}

static int check_place(struct mr_decoder *d, struct mr_error *err)
{
    uint64_t at = mr_intake_offset(&d->intake);
    if (d->to == 0 || at < d->to)
        return 0;
    if (at > d->to || d->all + d->given != d->holds)
        return lying(d, err);
    d->to = 0;
    return 0;
}

/* Returns 0 where the file may end behind the last member, or -1. */
static int end(struct mr_decoder *d, struct mr_error *err)
{
    d->state = ENDED;
    if (!d->ends_empty || d->given == 0)
        return 0;
    bad(d, "the data is cut short", err);
    mr_error_suffix(err, ", as the empty member is not there that is the last of such a file; "
                         "what reads it as it is: %s FILE | wc-mr", d->coding->command);
    return -1;
}

/* Behind a member there is another, zeros, or nothing. Moves the state on. */
static int go_on(struct mr_decoder *d, struct mr_error *err)
{
    struct mr_intake *i = &d->intake;
    if (check_place(d, err) < 0)
        return -1;
    if (mr_intake_refill(i, MR_CODING_HEAD, err) < 0)
        return -1;
    unsigned zeros = d->first ? 0 : d->coding->zeros;
    if (zeros > 0 && mr_intake_left(i) > 0 && i->in[i->at] == 0 && skip_zeros(d, zeros, err) < 0)
        return -1;
    if (mr_intake_refill(i, MR_CODING_HEAD, err) < 0)
        return -1;
    if (mr_intake_left(i) > 0)
        return begin_member(d, err);
    return end(d, err);
}

/* ---- inside of one ---------------------------------------------------------------------- */

/* A member that holds little takes little, whatever it asks for. */
static int check_memory(const struct mr_decoder *d, struct mr_error *err)
{
    uint64_t max = d->coded.memory_max;
    if (max == 0 || d->coding->memory == NULL || d->given <= max)
        return 0;
    uint64_t takes = d->coding->memory(d->member);
    if (takes <= max)
        return 0;
    mr_error_set(err, "cannot read '%s': to decompress it takes %llu MB of memory, and a mapper "
                      "has %llu MB for that: give more (--memory), or fewer mappers (--mappers)",
                 d->coded.name, (unsigned long long)(takes >> 20),
                 (unsigned long long)(max >> 20));
    return mr_error_final(err);
}

/* Decodes up to size bytes of a member. Returns how many, or -1. */
/* NOLINTNEXTLINE(readability-non-const-parameter): it is written to by way of the window */
static ssize_t decode(struct mr_decoder *d, unsigned char *to, size_t size, struct mr_error *err)
{
    const char *what = "corrupt data";
    struct mr_intake *i = &d->intake;
    if (mr_intake_refill(i, 1, err) < 0)
        return -1;
    struct mr_window w = { i->in + i->at, to, mr_intake_left(i), size };
    enum mr_step step = d->coding->step(d->member, &w, &what);
    size_t got = size - w.out_size;
    bool still = got == 0 && w.in_size == mr_intake_left(i);
    i->at = i->size - w.in_size;
    d->given += got;
    if (d->to > 0 && d->all + d->given > d->holds) /* its end may be beyond what is read */
        return lying(d, err);
    switch (step) {
    case MR_STEP_ON: break;
    case MR_STEP_END: d->state = BETWEEN; return (ssize_t)got;
    case MR_STEP_MEMORY: return no_memory(d, err);
    case MR_STEP_BAD:
    default: return bad(d, what, err);
    }
    if (still)
        return bad(d, mr_intake_left(i) == 0 ? "the data is cut short" : what, err);
    return check_memory(d, err) < 0 ? -1 : (ssize_t)got;
}

ssize_t mr_decoder_read(struct mr_decoder *d, unsigned char *to, size_t size, struct mr_error *err)
{
    size_t done = 0;
    while (done < size && d->state != ENDED) {
        ssize_t got = d->state == INSIDE ? decode(d, to + done, size - done, err) : go_on(d, err);
        if (got < 0)
            return -1;
        done += (size_t)got;
    }
    return (ssize_t)done;
}

const struct mr_coding *mr_decoder_coding(const struct mr_decoder *d)
{
    return d->coded.coding;
}

void mr_decoder_close(struct mr_decoder *d)
{
    if (d == NULL)
        return;
    if (d->member != NULL)
        d->coding->close(d->member);
    free(d);
}
