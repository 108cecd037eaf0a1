/* The feed: a stream cut into slots by a process of its own, while tasks here empty them. */
#include "input/feed.h"

#include "mapping.h"

#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

TestSuite(feed, .init = make_store, .fini = remove_store, .timeout = HANGS);

static int map_checked(const void *state, const struct mr_chunk *chunk, struct mr_context *out);

static struct mr_job words = { .name = "words", .records = white_records, .map = map_checked };

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
    must(mr_feed_init(&f, sizes.slots, sizes.share, sizes.room, false, &err));
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
    struct mr_map_input input = { .feed = f, .feed_task = task };
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
    check(size > 0 || c.slots == 1);
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

/* What a chunk says it is, it is. */
static int map_checked(const void *state, const struct mr_chunk *chunk, struct mr_context *out)
{
    check(chunk->source == 0 && strcmp(chunk->file, "-") == 0);
    check(chunk->offset + chunk->size <= SIZE);
    check(memcmp(chunk->data, text + chunk->offset, chunk->size) == 0);
    check(chunk->part == MR_WHOLE || !words.whole_records);
    return map_words(state, chunk, out);
}

Test(feed, a_long_stream_passes_through_few_small_slots)
{
    draw_bytes(text, SIZE, "abcde \r\n");
    for (size_t slots = 1; slots <= 4; slots += 1 + slots / 2)
        for (size_t share = 1; share <= slots; share++)
            check_fed(text, SIZE, (struct sizes){ slots, share, 20000 }, 0);
}

Test(feed, an_empty_stream_fills_one_slot_with_nothing)
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
    words.whole_records = true;
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
    must(mr_feed_init(&f, 4, 1, 1000, false, &err));
    must(mr_feed_run(&f, &sources, store, &progress, &err));
    for (int64_t i = 0; i < 3; i++) {
        struct mr_slot *slot = mr_feed_take(&f, 5 + i);
        cr_assert(slot && slot->ends_file);
        cr_assert_eq(slot->holder, 5 + i);
        cr_assert_eq(slot->source->number, (size_t)i);
        cr_assert_eq(slot->offset, 0);
        cr_assert_eq(slot->size, i == 1 ? 7 : 0);
    }
    cr_assert_arr_eq(f.slots[1].data, "one two", 7);
    cr_assert_not(mr_feed_take(&f, 8));
    cr_assert_eq(mr_progress_bytes(progress), 7);
    mr_feed_free(&f, store);
    mr_sources_free(&sources);
}

/* ---- in order --------------------------------------------------------------------------- */

enum { STREAMS = 5, WORKERS_MAX = 4, TASKS_MAX = 4000 };

/* What a task read: where it was from, and how many slots it had. */
struct part_read {
    uint64_t source, offset;
    size_t slots;
};

struct ordered_feed {
    struct mr_feed feed;
    struct mr_sources sources;
    unsigned char *streams[STREAMS];
    size_t bytes[STREAMS];
    unsigned workers;
    struct part_read *read; /* in shared memory, one a task */
};

static const char *part_name(uint32_t task)
{
    char name[32];
    snprintf(name, sizeof name, "task-%u", task);
    return scratch(name);
}

static void append_slot(FILE *to, const struct mr_slot *slot)
{
    if (!slot->spooled) {
        check(fwrite(slot->data, 1, slot->size, to) == slot->size);
        return;
    }
    size_t size = (size_t)slot->spool.size - MR_SPOOL_MAGIC_SIZE;
    unsigned char *bytes = malloc(size);
    must(mr_spool_read(&slot->spool, store, bytes, size, MR_SPOOL_MAGIC_SIZE, &err));
    check(fwrite(bytes, 1, size, to) == size);
    free(bytes);
}

/* A task: writes the bytes of its slots to a file of its own; or ends early, and is tried again. */
static _Noreturn void read_share(struct ordered_feed *o, uint32_t task, bool fails)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    struct mr_slot_cursor cursor = { .task = task };
    struct mr_slot *slot;
    _Atomic uint64_t progress = 0;
    random_state += task;
    size_t enough = 1 + draw_below(o->feed.share);
    FILE *to = fopen(part_name(task), "wb");
    check(to != NULL);
    for (int more; (more = mr_feed_next(&o->feed, &cursor, &slot, &progress, &err)) != 0;) {
        must(more);
        if (draw_below(3) == 0)
            usleep((useconds_t)draw_below(300));
        struct part_read *read = &o->read[task];
        if (cursor.had == 1)
            *read = (struct part_read){ slot->source->number, slot->offset, 0 };
        if (slot->source->number != read->source ||
            slot->offset != read->offset + (uint64_t)ftell(to))
            _exit(2);
        append_slot(to, slot);
        if (fails && cursor.had == enough)
            _exit(1);
    }
    o->read[task].slots = cursor.had;
    _exit(fclose(to) == 0 ? 0 : 2);
}

static pid_t write_stream(const struct ordered_feed *o, size_t number)
{
    const char *path = o->sources.at[number].path;
    pid_t pid = fork();
    if (pid != 0)
        return pid;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    int fd = open(path, O_WRONLY);
    for (size_t done = 0, part; done < o->bytes[number]; done += part) {
        part = 1 + draw_below(3000);
        if (part > o->bytes[number] - done)
            part = o->bytes[number] - done;
        if (write(fd, o->streams[number] + done, part) != (ssize_t)part)
            _exit(1);
    }
    _exit(0);
}

/* Lines, some of them larger than a slot. */
static void make_streams(struct ordered_feed *o)
{
    const char *inputs[STREAMS];
    char names[STREAMS][sizeof store->directory + 16];
    for (size_t i = 0; i < STREAMS; i++) {
        o->bytes[i] = i == 2 ? 0 : draw_below(60000);
        o->streams[i] = malloc(o->bytes[i] + 1);
        draw_bytes(o->streams[i], o->bytes[i], "abcdefghi\n");
        for (int line = 0; o->bytes[i] > 20000 && line < 3; line++)
            memset(o->streams[i] + draw_below(10000), 'x', 1 + draw_below(9000));
        snprintf(names[i], sizeof names[i], "%s/stream-%zu", store->directory, i);
        unlink(names[i]);
        check(mkfifo(names[i], 0600) == 0);
        inputs[i] = names[i];
    }
    struct mr_config config = { .inputs = inputs, .input_count = STREAMS };
    must(mr_sources_find(&o->sources, &words, NULL, &config, &err));
}

/* Runs tasks side by side as the supervisor does, every third twice. Returns their number. */
static uint32_t run_tasks(struct ordered_feed *o, pid_t feeder)
{
    struct { pid_t pid; uint32_t task; } at[WORKERS_MAX];
    uint32_t tasks = 0;
    unsigned running = 0;
    bool fed = false;
    for (;;) {
        int status;
        bool ended = fed || (fed = waitpid(feeder, &status, WNOHANG) == feeder && status == 0);
        for (; running < o->workers && mr_feed_take(&o->feed, tasks); running++, tasks++) {
            check(tasks < TASKS_MAX);
            at[running].task = tasks;
            if ((at[running].pid = fork()) == 0)
                read_share(o, tasks, tasks % 3 == 0);
        }
        if (ended && running == 0)
            return tasks;
        for (unsigned i = running; i-- > 0;) {
            if (waitpid(at[i].pid, &status, WNOHANG) == 0)
                continue;
            check(WIFEXITED(status) && WEXITSTATUS(status) != 2);
            if (status != 0) {
                if ((at[i].pid = fork()) == 0)
                    read_share(o, at[i].task, false);
                continue;
            }
            must(mr_feed_release(&o->feed, at[i].task, store, &err));
            at[i] = at[--running];
        }
        usleep(200);
    }
}

/* What the tasks read, one after the other, is what the streams had, one after the other. */
static void check_order(const struct ordered_feed *o, uint32_t tasks)
{
    size_t at = 0, stream = 0;
    for (uint32_t i = 0; i < tasks; i++) {
        size_t size;
        unsigned char *bytes = (unsigned char *)read_file(part_name(i), &size);
        if (o->read[i].source != stream) {
            check(at == o->bytes[stream] && o->read[i].source == stream + 1);
            stream++;
            at = 0;
        }
        check(o->read[i].offset == at);
        check(size <= o->bytes[stream] - at && memcmp(bytes, o->streams[stream] + at, size) == 0);
        at += size;
        check(o->read[i].slots == o->feed.share ||
              (o->read[i].slots < o->feed.share && at == o->bytes[stream]));
        free(bytes);
    }
    check_for(stream == STREAMS - 1 && at == o->bytes[stream], "stream %zu ends early", stream);
}

static void check_fed_in_order(unsigned workers, size_t share, size_t room)
{
    struct ordered_feed o = { .workers = workers };
    pid_t writers[STREAMS];
    int status;
    o.read = mr_memory_get_shared(TASKS_MAX * sizeof *o.read);
    make_streams(&o);
    must(mr_feed_init(&o.feed, share * (workers + 1), share, room, true, &err));
    for (size_t i = 0; i < STREAMS; i++)
        writers[i] = write_stream(&o, i);
    pid_t feeder = fork();
    if (feeder == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        _Atomic uint64_t progress = 0;
        _exit(mr_feed_run(&o.feed, &o.sources, store, &progress, &err) < 0 ? 1 : 0);
    }
    check_order(&o, run_tasks(&o, feeder));
    for (size_t i = 0; i < STREAMS; i++) {
        check(waitpid(writers[i], &status, 0) == writers[i] && status == 0);
        free(o.streams[i]);
    }
    mr_feed_free(&o.feed, store);
    mr_sources_free(&o.sources);
    mr_memory_release(o.read, TASKS_MAX * sizeof *o.read);
}

Test(feed, in_order_each_task_has_the_next_share_of_one_stream)
{
    for (unsigned workers = 1; workers <= WORKERS_MAX; workers++)
        for (size_t share = 1; share <= 9; share += 1 + share / 2)
            check_fed_in_order(workers, share, share % 2 ? 1000 : 2500);
}

Test(feed, in_order_a_stream_that_ends_closes_its_last_share)
{
    struct mr_feed f;
    struct mr_slot *slot;
    _Atomic uint64_t progress = 0;
    struct mr_sources sources;
    const char *inputs[] = { scratch("one"), scratch("two") };
    struct mr_config config = { .inputs = inputs, .input_count = 2 };
    int ends[2];
    for (int i = 0; i < 2; i++) {
        check(mkfifo(inputs[i], 0600) == 0);
        ends[i] = open(inputs[i], O_RDWR);
    }
    must(mr_sources_find(&sources, &words, NULL, &config, &err));
    must(mr_feed_init(&f, 8, 4, 1000, true, &err));
    pid_t feeder = fork();
    if (feeder == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        close(ends[0]);
        close(ends[1]);
        _exit(mr_feed_run(&f, &sources, store, &progress, &err) < 0 ? 1 : 0);
    }
    /* The second stream stays open; the first one's task must end all the same. A slot and a half:
     * once the first slot is there, the feeder has the stream open. */
    char bytes[1500];
    memset(bytes, ' ', sizeof bytes);
    for (int i = 0; i < 2; i++) {
        struct mr_slot_cursor cursor = { .task = i };
        check(write(ends[i], bytes, sizeof bytes) == sizeof bytes);
        cr_assert_eq(mr_feed_next(&f, &cursor, &slot, &progress, &err), 1);
        close(ends[i]);
        cr_assert_eq(mr_feed_next(&f, &cursor, &slot, &progress, &err), 1);
        cr_assert_eq(slot->source->number, (size_t)i);
        cr_assert_eq(mr_feed_next(&f, &cursor, &slot, &progress, &err), 0);
    }
    cr_assert_not(mr_feed_take(&f, 2));
    int status;
    check(waitpid(feeder, &status, 0) == feeder && status == 0);
    mr_feed_free(&f, store);
    mr_sources_free(&sources);
}

/* ---- waiting ---------------------------------------------------------------------------- */

Test(feed, a_mapper_that_waits_shows_progress_and_ends_with_the_feeder)
{
    struct mr_feed f;
    struct mr_slot_cursor cursor = { .task = 7 };
    struct mr_slot *slot;
    _Atomic uint64_t *progress = mr_memory_get_shared(sizeof *progress);
    int status;
    must(mr_feed_init(&f, 2, 2, 1000, false, &err));
    pid_t mapper = fork();
    if (mapper == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        _exit(mr_feed_next(&f, &cursor, &slot, progress, &err) == 0 ? 0 : 1);
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
