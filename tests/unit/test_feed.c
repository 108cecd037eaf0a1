/* The feed: a stream cut into slots by a process of its own, while they are emptied here. */
#include "input/feed.h"

#include "mapping.h"

#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

TestSuite(feed, .init = make_store, .fini = remove_store, .timeout = 60);

static const struct mr_job words = { .name = "words", .records = white_records, .map = map_words };

/* Feeds standard input, which a child writes text to, and gives each slot to take. Returns the
 * number of slots taken. */
static size_t feed(const unsigned char *text, size_t size, size_t slots, size_t room,
                   void (*take)(void *arg, struct mr_feed *f, int slot, size_t number), void *arg)
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
    must(mr_feed_init(&f, slots, room, &err));
    pid_t feeder = fork();
    if (feeder == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        _Atomic uint64_t progress = 0;
        int result = mr_feed_run(&f, &sources, store, &progress, &err);
        if (result < 0)
            fprintf(stderr, "%s\n", err.text);
        _exit(result < 0 ? 1 : 0);
    }
    size_t taken = 0;
    bool fed = false;
    for (;;) {
        /* Whether it has ended must be known before the slots are looked at. */
        bool ended = fed || (fed = waitpid(feeder, &status, WNOHANG) == feeder);
        int slot = mr_feed_take(&f);
        if (slot >= 0) {
            take(arg, &f, slot, taken++);
            must(mr_feed_free_slot(&f, slot, store, &err));
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
    return taken;
}

/* Slots come in any order; each word is counted by mapping it. */
struct counted {
    struct pairs got;
    struct mr_plan plan;
    uint64_t bytes, emitted, spooled;
};

static void map_slot(void *arg, struct mr_feed *f, int slot, size_t number)
{
    struct counted *c = arg;
    struct mr_map_input input = { .slot = &f->slots[slot] };
    struct mr_map_result result;
    c->spooled += f->slots[slot].spooled;
    map_input(&c->got, &words, &c->plan.map, &input, (uint32_t)number, &result);
    c->bytes += result.bytes;
    c->emitted += result.emitted;
}

static void check_fed(const unsigned char *text, size_t size, size_t slots, size_t room,
                      uint64_t spooled)
{
    struct counted c = { .plan = make_plan(1 << 20, 2) };
    struct pairs wanted = { NULL, 0, 0 };
    size_t taken = feed(text, size, slots, room, map_slot, &c);
    check_for(spooled > 0 || taken >= size / room, "%zu slots of %zu for %zu bytes", taken, room,
              size);
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
        check_fed(text, SIZE, slots, 20000, 0);
}

Test(feed, an_empty_stream_fills_no_slot)
{
    check_fed(text, 0, 2, 1000, 0);
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
    check_fed(text, SIZE, 3, 5000, 3);
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
    must(mr_feed_init(&f, 2, 1000, &err));
    must(mr_feed_run(&f, &sources, store, &progress, &err));
    int slot = mr_feed_take(&f);
    cr_assert_eq(slot, 0);
    cr_assert_eq(f.slots[0].size, 7);
    cr_assert(f.slots[0].ends_file);
    cr_assert_arr_eq(f.slots[0].data, "one two", 7);
    cr_assert_eq(mr_feed_take(&f), -1);
    cr_assert_gt(progress, 0);
    mr_feed_free(&f, store);
    mr_sources_free(&sources);
}
