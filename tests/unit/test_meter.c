/* The line that says how far a run is. */
#include "program/meter.h"

#include "support.h"

static const struct mr_gauge full = {
    .stage = "map", .bytes = 1234567890, .bytes_all = 2700000000, .memory = 310000000,
    .memory_all = 1000000000, .disk = 1300000000, .done = 17, .tasks = 40, .workers = 2,
    .failed = 3, .rate = 65.01e6,
};
static const char whole[] = "map 45%  1.2 GB/2.7 GB  65.0 MB/s  17/40 tasks  2 workers  "
                            "310.0 MB/1.0 GB memory  1.3 GB on disk  3 tries failed  0:23 left";

Test(meter, line_has_all_where_there_is_room)
{
    char line[300];
    mr_gauge_line(&full, 0, line, sizeof line);
    cr_assert_str_eq(line, whole);
    mr_gauge_line(&full, sizeof whole - 1, line, sizeof line);
    cr_assert_str_eq(line, whole);
}

Test(meter, line_never_exceeds_its_columns_and_loses_what_matters_least_first)
{
    char line[300];
    size_t last = 0;
    for (size_t columns = 1; columns < sizeof whole; columns++) {
        mr_gauge_line(&full, columns, line, sizeof line);
        cr_assert_leq(strlen(line), columns);
        cr_assert_geq(strlen(line), last, "more room shows no less");
        last = strlen(line);
        cr_assert_eq(strncmp(line, "map 45%", last < 7 ? last : 7), 0);
    }
    mr_gauge_line(&full, 20, line, sizeof line);
    cr_assert_str_eq(line, "map 45%  0:23 left");
    mr_gauge_line(&full, sizeof whole - 2, line, sizeof line);
    cr_assert_null(strstr(line, "workers"));
    struct mr_gauge usual = full;
    usual.failed = usual.disk = 0;
    mr_gauge_line(&usual, 79, line, sizeof line);
    cr_assert_str_eq(line, "map 45%  1.2 GB/2.7 GB  65.0 MB/s  17/40 tasks  2 workers  0:23 left",
                     "what matters less stands where it fits");
}

Test(meter, line_of_what_is_not_known)
{
    struct mr_gauge g = { .stage = "map" };
    char line[300];
    mr_gauge_line(&g, 0, line, sizeof line);
    cr_assert_str_eq(line, "map  0 bytes  0/0 tasks  0 workers  0 bytes/0 bytes memory");
    g.workers = 1;
    g.failed = 1;
    mr_gauge_line(&g, 0, line, sizeof line);
    cr_assert_str_eq(line, "map  0 bytes  0/0 tasks  1 worker  0 bytes/0 bytes memory  "
                           "1 try failed");
    g = (struct mr_gauge){ .stage = "reduce", .bytes = 300, .bytes_all = 200, .rate = 1e300 };
    mr_gauge_line(&g, 12, line, sizeof line);
    cr_assert_str_eq(line, "reduce 99%", "more than all is not the end");
    g = (struct mr_gauge){ .stage = "map", .bytes = 1, .bytes_all = 40000001, .rate = 10000 };
    mr_gauge_line(&g, 26, line, sizeof line);
    cr_assert_str_eq(line, "map 0%  1:06:40 left");
}

/* Hears a stage and its ticks, each after so many seconds with so many bytes. */
static double rate_after(const double (*ticks)[2], size_t count)
{
    struct mr_messages none = { .program = "test" };
    struct mr_meter m = { .when = MR_PROGRESS_NEVER, .told = -1 };
    mr_meter_hear(&m, &(struct mr_event){ .type = MR_EVENT_STAGE, .stage = "map" }, &none);
    for (size_t i = 0; i < count; i++)
        mr_meter_hear(&m, &(struct mr_event){ .type = MR_EVENT_TICK, .stage = "map",
                                              .seconds = ticks[i][0],
                                              .bytes = (uint64_t)ticks[i][1] }, &none);
    return m.gauge.rate;
}

Test(meter, rate_follows_what_is_read)
{
    static const double even[][2] = { { 0, 0 }, { 1, 100 }, { 2, 200 }, { 3, 300 } };
    static const double fell[][2] = { { 1, 500 }, { 2, 300 }, { 2, 300 } };
    double now = rate_after(even, 4), fallen = rate_after(fell, 3);
    cr_assert(now > 99.9 && now < 100.1, "%f", now);
    cr_assert(fallen >= 0 && fallen < 500, "what failed is read again: %f", fallen);
}
