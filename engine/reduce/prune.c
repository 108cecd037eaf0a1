/* Pruning by what cells have. */
#include "reduce/prune.h"

#include "base/error.h"
#include "sort/order.h"

#include <stdlib.h>
#include <string.h>

int mr_prune_init(struct mr_prune *p, const struct mr_reduce_plan *plan, struct mr_error *err)
{
    size_t cells = (size_t)plan->count * plan->cells;
    memset(p, 0, sizeof *p);
    if (plan->cells == 0)
        return 0;
    p->each = plan->cells;
    p->floor = plan->prune_least;
    p->top = (size_t)plan->prune_top;
    p->first = malloc((p->top + 1) * sizeof *p->first); /* never none */
    p->cells = calloc(cells, sizeof *p->cells);
    p->buckets = malloc(plan->count * sizeof *p->buckets);
    if (p->first == NULL || p->cells == NULL || p->buckets == NULL)
        return mr_error_memory(err, p->top * sizeof *p->first + cells * sizeof *p->cells +
                                        plan->count * sizeof *p->buckets, "sums of values");
    return 0;
}

void mr_prune_release(struct mr_prune *p)
{
    free(p->first);
    free(p->cells);
    free(p->buckets);
    memset(p, 0, sizeof *p);
}

/* ---- buckets ---------------------------------------------------------------------------- */

/* The largest cells first; as they are numbered where these are equal. */
static int compare(const void *left, const void *right)
{
    const struct mr_prune_bucket *a = left, *b = right;
    if (a->largest != b->largest)
        return a->largest < b->largest ? 1 : -1;
    return a->number < b->number ? -1 : a->number > b->number;
}

int mr_prune_order(struct mr_prune *p, struct mr_chains *chains)
{
    const uint32_t count = chains->plan->count;
    if (mr_chains_cells(chains, p->cells) < 0)
        return -1;
    for (uint32_t i = 0; i < count; i++) {
        struct mr_prune_bucket *b = &p->buckets[i];
        *b = (struct mr_prune_bucket){ i, 0, p->cells + (size_t)i * p->each };
        for (uint32_t cell = 0; cell < p->each; cell++)
            b->largest = b->cells[cell] > b->largest ? b->cells[cell] : b->largest;
    }
    qsort(p->buckets, count, sizeof *p->buckets, compare);
    return 0;
}

bool mr_prune_passes(const struct mr_prune *p, const struct mr_prune_bucket *b, mr_total *sum)
{
    if (b->largest >= p->floor) /* a sum that 64 bits do not hold, too */
        return false;
    *sum = 0;
    for (uint32_t cell = 0; cell < p->each; cell++)
        *sum += b->cells[cell];
    return true;
}

uint32_t mr_prune_wanted(const struct mr_prune *p, const struct mr_prune_bucket *b)
{
    uint32_t wanted = 0;
    for (uint32_t cell = 0; cell < p->each; cell++)
        wanted |= (uint32_t)(b->cells[cell] >= p->floor) << cell;
    return wanted;
}

/* ---- the first so far ------------------------------------------------------------------- */

static int compare_bytes(const unsigned char *a, uint32_t a_size, const unsigned char *b,
                         uint32_t b_size)
{
    int order = memcmp(a, b, a_size < b_size ? a_size : b_size);
    return order != 0 ? order : (a_size > b_size) - (a_size < b_size);
}

static bool is_before(const struct mr_prune_place *a, const struct mr_prune_place *b)
{
    if (a->value != b->value)
        return a->value > b->value;
    return compare_bytes(a->key, a->size, b->key, b->size) < 0;
}

/* The bytes of a record's key that are at hand and are compared. */
static const unsigned char *start_of(const struct mr_record *r, uint32_t *size)
{
    enum { PREFIX = sizeof((struct mr_locator){ 0 }).prefix };
    *size = r->out_of_line ? PREFIX : r->size < MR_PRUNE_KEY ? r->size : MR_PRUNE_KEY;
    return r->out_of_line ? r->key + MR_LOCATOR_SIZE - PREFIX : r->key;
}

/* Where a record stands. Of an out-of-line key only few bytes are at hand: this is as far behind as
 * it can be. */
static void find_place(struct mr_prune_place *to, const struct mr_record *r)
{
    uint32_t size;
    const unsigned char *start = start_of(r, &size);
    to->value = r->value;
    to->size = r->out_of_line ? MR_PRUNE_KEY : size;
    memset(to->key, 0xFF, sizeof to->key);
    memcpy(to->key, start, size);
}

/* Whether a record surely comes after the last of the first. */
static bool is_behind(const struct mr_record *r, const struct mr_prune_place *last)
{
    uint32_t size;
    if (r->value != last->value)
        return r->value < last->value;
    const unsigned char *start = start_of(r, &size);
    return compare_bytes(start, size, last->key, last->size) > 0;
}

/* Puts one in the heap, at a place below which it is before all. */
static void rise(struct mr_prune_place *heap, size_t at, const struct mr_prune_place *one)
{
    for (; at > 0 && is_before(&heap[(at - 1) / 2], one); at = (at - 1) / 2)
        heap[at] = heap[(at - 1) / 2];
    heap[at] = *one;
}

/* Puts one in the place of the last. */
static void replace_last(struct mr_prune_place *heap, size_t count,
                         const struct mr_prune_place *one)
{
    size_t at = 0;
    for (size_t below; (below = 2 * at + 1) < count; at = below) {
        below += below + 1 < count && is_before(&heap[below], &heap[below + 1]);
        if (!is_before(one, &heap[below]))
            break;
        heap[at] = heap[below];
    }
    heap[at] = *one;
}

bool mr_prune_takes(struct mr_prune *p, const struct mr_record *r)
{
    struct mr_prune_place one;
    if (p->count == p->top && is_behind(r, p->first))
        return false;
    find_place(&one, r);
    if (p->count < p->top)
        rise(p->first, p->count++, &one);
    else if (is_before(&one, p->first))
        replace_last(p->first, p->count, &one);
    if (p->count < p->top)
        return true;
    p->last_slice = mr_slice(p->first->key, p->first->size, 0);
    if (p->first->value > p->floor)
        p->floor = p->first->value;
    return true;
}
