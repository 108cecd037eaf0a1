/* The feed: a stream cut into slots by a process of its own, while tasks here empty them. */
#include "input/feed.h"

#include "mapping.h"

#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

TestSuite(feed, .init = make_store, .fini = remove_store, .timeout = 60);

static const struct mr_job words = { .name = "words", .records = white_records, .map = map_words };

struct sizes {
    size_t slots, share, room;
};

/* Feeds standard input, which a child writes text to, and gives each task, which has taken a slot,
 * to do. Returns the number of tasks. */
static uint32_t feed(const unsigned char *text, size_t size, struct sizes sizes,
                     void (*work)(void *arg, struct mr_feed *f, uint32_t task), void *arg)
{
    struct mr_feed f;
    struct mr_sources sources;
    const char *inputs[] = { "-" };
    struct mr_config config = { .inputs = inputs, .input_count = 1 };
    int ends[2], status;
    check(pipe(ends) == 0);
    pid_t writer = fork();
    if (writer == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL); /* when the test fails */
        for (size_t done = 0, part; done < size; done += part) {
            part = 1 + draw_below(10000);
            if (part > size - done)
                part = size - done;
            if (write(ends[1], text + done, part) != (ssize_t)part)
                _exit(1);
        }
        _exit(0);
    }
    close(ends[1]);
    check(dup2(ends[0], STDIN_FILENO) == STDIN_FILENO);
    close(ends[0]);
    must(mr_sources_find(&sources, &words, NULL, &config, &err));
    must(mr_feed_init(&f, sizes.slots, sizes.share, sizes.room, &err));
    pid_t feeder = fork();
    if (feeder == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        _Atomic uint64_t progress = 0;
        int result = mr_feed_run(&f, &sources, store, &progress, &err);
        if (result < 0)
            fprintf(stderr, "%s\n", err.text);
        _exit(result < 0 ? 1 : 0);
    }
    uint32_t tasks = 0;
    bool fed = false;
    for (;;) {
        /* Whether it has ended must be known before the slots are looked at. */
        bool ended = fed || (fed = waitpid(feeder, &status, WNOHANG) == feeder);
        if (mr_feed_take(&f, tasks)) {
            work(arg, &f, tasks);
            must(mr_feed_release(&f, tasks, store, &err));
            tasks++;
        } else if (ended) {
            break;
        } else {
            struct pollfd rung = { f.rung, POLLIN, 0 };
            uint64_t count;
            check(poll(&rung, 1, 20) <= 0 || read(f.rung, &count, sizeof count) > 0);
        }
    }
    check(status == 0);
    waitpid(writer, &status, 0);
    check(status == 0);
    check_for(scratch_files() == 0, "%d files of large records are left", scratch_files());
    mr_feed_free(&f, store);
    mr_sources_free(&sources);
    return tasks;
}

/* Slots come in any order; each word is counted by mapping it. */
struct counted {
    struct pairs got;
    struct mr_plan plan;
    uint64_t bytes, emitted, spooled, slots;
};

static void look_at_slots(struct counted *c, const struct mr_feed *f, uint32_t task)
{
    size_t held = 0;
    for (size_t i = 0; i < f->count; i++)
        if (f->slots[i].holder == task) {
            held++;
            c->spooled += f->slots[i].spooled;
        }
    check_for(held >= 1 && held <= f->share, "task %u holds %zu slots", task, held);
    c->slots += held;
}

static void work(void *arg, struct mr_feed *f, uint32_t task)
{
    struct counted *c = arg;
    struct mr_map_input input = { .feed = f };
    struct mr_map_result result;
    struct pairs lost = { NULL, 0, 0 };
    /* Every third task takes two attempts; the second has all that the first had, and may have
     * more. */
    if (task % 3 == 0)
        map_input(&lost, &words, &c->plan.map, &input, task, &result);
    uint64_t before = task % 3 == 0 ? result.bytes : 0;
    map_input(&c->got, &words, &c->plan.map, &input, task, &result);
    check(result.bytes >= before);
    look_at_slots(c, f, task);
    c->bytes += result.bytes;
    c->emitted += result.emitted;
    free_pairs(&lost);
}

static void check_fed(const unsigned char *text, size_t size, struct sizes sizes,
                      uint64_t spooled)
{
    struct counted c = { .plan = make_plan(1 << 20, 2) };
    struct pairs wanted = { NULL, 0, 0 };
    uint32_t tasks = feed(text, size, sizes, work, &c);
    check_for(spooled > 0 || c.slots >= size / sizes.room, "%llu slots of %zu for %zu bytes",
              (unsigned long long)c.slots, sizes.room, size);
    check_for(tasks >= c.slots / sizes.share, "%u tasks for %llu slots", tasks,
              (unsigned long long)c.slots);
    plain_words(&wanted, text, size);
    check(c.emitted == wanted.count && c.bytes == size);
    check_for(c.spooled == spooled, "%llu records were spooled", (unsigned long long)c.spooled);
    combine_pairs(&wanted, sum);
    combine_pairs(&c.got, sum);
    check_same_pairs(&c.got, &wanted);
    free_pairs(&c.got);
    free_pairs(&wanted);
}

enum { SIZE = 600000 };

static unsigned char text[SIZE];

Test(feed, a_long_stream_passes_through_few_small_slots)
{
    draw_bytes(text, SIZE, "abcde \r\n");
    for (size_t slots = 1; slots <= 4; slots += 1 + slots / 2)
        for (size_t share = 1; share <= slots; share++)
            check_fed(text, SIZE, (struct sizes){ slots, share, 20000 }, 0);
}

Test(feed, an_empty_stream_fills_no_slot)
{
    check_fed(text, 0, (struct sizes){ 2, 1, 1000 }, 0);
}

Test(feed, records_larger_than_a_slot_come_whole_by_way_of_a_file)
{
    draw_bytes(text, SIZE, "abcde \r\n");
    memset(text + 100000, 'x', 5001);
    text[100000] = ' ';
    memset(text + 200000, 'y', 300000);
    text[200000] = ' ';
    text[500000] = ' ';
    memset(text + SIZE - 40000, 'z', 40000); /* to the stream's end */
    text[SIZE - 40000] = ' ';
    check_fed(text, SIZE, (struct sizes){ 3, 2, 5000 }, 3);
}

Test(feed, several_streams_are_fed_one_after_the_other)
{
    /* Two more streams, whose words must not be joined: devices that give nothing. */
    struct mr_feed f;
    struct mr_sources sources;
    int ends[2];
    const char *inputs[] = { "/dev/null", "-", "/dev/null" };
    struct mr_config config = { .inputs = inputs, .input_count = 3 };
    _Atomic uint64_t progress = 0;
    check(pipe(ends) == 0 && write(ends[1], "one two", 7) == 7);
    close(ends[1]);
    check(dup2(ends[0], STDIN_FILENO) == STDIN_FILENO);
    must(mr_sources_find(&sources, &words, NULL, &config, &err));
    must(mr_feed_init(&f, 2, 1, 1000, &err));
    must(mr_feed_run(&f, &sources, store, &progress, &err));
    cr_assert(mr_feed_take(&f, 5));
    cr_assert_eq(f.slots[0].holder, 5);
    cr_assert_eq(f.slots[0].size, 7);
    cr_assert(f.slots[0].ends_file);
    cr_assert_arr_eq(f.slots[0].data, "one two", 7);
    cr_assert_not(mr_feed_take(&f, 6));
    cr_assert_gt(progress, 0);
    mr_feed_free(&f, store);
    mr_sources_free(&sources);
}

Test(feed, a_mapper_that_waits_shows_progress_and_ends_with_the_feeder)
{
    struct mr_feed f;
    struct mr_turn turn = { .task = 7 };
    struct mr_slot *slot;
    _Atomic uint64_t *progress = mr_memory_get_shared(sizeof *progress);
    int status;
    must(mr_feed_init(&f, 2, 2, 1000, &err));
    pid_t mapper = fork();
    if (mapper == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        _exit(mr_feed_next(&f, &turn, &slot, progress, &err) == 0 ? 0 : 1);
    }
    while (*progress == 0)
        usleep(10000);
    check(waitpid(mapper, &status, WNOHANG) == 0);
    struct mr_sources none = { .count = 0 };
    _Atomic uint64_t fed = 0;
    must(mr_feed_run(&f, &none, store, &fed, &err));
    check(waitpid(mapper, &status, 0) == mapper && status == 0);
    mr_feed_free(&f, store);
    mr_memory_release(progress, sizeof *progress);
}
