/* Pruning by what cells have. */
#include "reduce/prune.h"

#include "base/error.h"

#include <stdlib.h>
#include <string.h>

int mr_prune_init(struct mr_prune *p, const struct mr_reduce_plan *plan, struct mr_error *err)
{
    size_t cells = (size_t)plan->count * plan->cells;
    memset(p, 0, sizeof *p);
    p->admits = UINT64_MAX;
    if (plan->cells == 0)
        return 0;
    p->each = plan->cells;
    p->floor = plan->prune_least;
    p->top = (size_t)plan->prune_top;
    if (p->top > 0)
        p->admits = 0;
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

/* Puts a value in the heap at a place above which all are at most as large. */
static void rise(uint64_t *heap, size_t at, uint64_t value)
{
    for (; at > 0 && heap[(at - 1) / 2] > value; at = (at - 1) / 2)
        heap[at] = heap[(at - 1) / 2];
    heap[at] = value;
}

/* Puts a value in the place of the least. */
static void replace_least(uint64_t *heap, size_t count, uint64_t value)
{
    size_t at = 0;
    for (size_t below; (below = 2 * at + 1) < count; at = below) {
        below += below + 1 < count && heap[below + 1] < heap[below];
        if (heap[below] >= value)
            break;
        heap[at] = heap[below];
    }
    heap[at] = value;
}

void mr_prune_keep(struct mr_prune *p, uint64_t value)
{
    if (p->count < p->top)
        rise(p->first, p->count++, value);
    else if (p->top > 0 && value > p->first[0])
        replace_least(p->first, p->count, value);
    if (p->count < p->top || p->top == 0)
        return;
    if (p->first[0] > p->floor)
        p->floor = p->first[0];
    p->admits = p->first[0] < UINT64_MAX ? p->first[0] + 1 : UINT64_MAX;
}
