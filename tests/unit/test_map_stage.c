/* The map stage: the order of its tasks' input. */
#include "control/map_stage.h"

#include "support.h"

TestSuite(map_stage, .timeout = HANGS);

enum { TASKS_MAX = 40 };

/* The order of tasks whose first sources are these, the splits first. */
static void order_of(const uint64_t *sources, size_t splits, size_t count, uint32_t *order)
{
    struct mr_map_result results[TASKS_MAX + 1];
    memset(results, 0, sizeof results);
    for (size_t i = 0; i < count; i++)
        results[i + 1].source = sources[i];
    struct mr_map_stage stage = {
        .stage = { .result_size = sizeof *results, .results = (unsigned char *)results,
                   .count = count + 1 },
        .splits = { .count = splits },
        .feeders = 1,
    };
    mr_map_stage_order(&stage, order);
}

Test(map_stage, files_and_streams_are_in_the_order_of_the_operands)
{
    /* a a a - - b b, then a stream and a file c: of splits 0 to 5, and shares 6 to 9. */
    uint64_t sources[] = { 0, 0, 0, 2, 2, 4, 1, 1, 3, 3 };
    uint32_t wanted[] = { 0, 1, 2, 6, 7, 3, 4, 8, 9, 5 }, order[10];
    order_of(sources, 6, 10, order);
    cr_assert_arr_eq(order, wanted, sizeof wanted);
}

Test(map_stage, every_task_has_one_rank_and_those_of_a_source_keep_their_order)
{
    for (int round = 0; round < 2000; round++) {
        uint64_t sources[TASKS_MAX];
        uint32_t order[TASKS_MAX];
        size_t splits = 0, count = 0;
        uint64_t number = draw_below(2000);
        /* Odd sources are streams. */
        for (unsigned kind = 0; kind < 2; kind++) {
            for (uint64_t s = number + kind; count < kind * 20 + draw_below(20); count++)
                sources[count] = s += 2 * draw_below(3);
            splits = kind == 0 ? count : splits;
        }
        order_of(sources, splits, count, order);
        for (size_t i = 1; i < count; i++) {
            uint64_t before = sources[order[i - 1]], now = sources[order[i]];
            check(before < now || (before == now && order[i - 1] < order[i]));
        }
    }
}
