/*
 * The schedule: every state that small jobs can get into, by every order of everything that can
 * happen to their tasks.
 *
 * A job here is some maps, some reduces that each need all maps, and two merges, which leave no file
 * but the output, each a range of it, and need all reduces. It is run by the rules of control/stage.c
 * and control/supervisor.c, in which time is an order of events and a process is a task in the state
 * "running":
 *
 *     between stages   the first stage that is not finished is run; the merge stage may find a
 *                      reduce's result lost before it starts anything
 *     starting         while there are idle workers, the first task that is ready; the process
 *                      may not be had
 *     reaping          any attempt that runs succeeds, fails, gives up, or finds one of the
 *                      results that it reads lost; after it more are reaped, or started
 *
 * The walk calls the real schedule, and the stages' real `lost` for what a lost result entails.
 * A state is visited once: it is 44 bytes, and a set of them tells. No state may lead back to
 * itself, so every job comes to an end, and the ends are checked. All jobs of up to 3 maps, 3
 * reduces, 3 workers and 3 attempts (2 for the largest) have 4091331 states.
 */
#include "control/stage.h"

#include "base/error.h"
#include "support.h"

#include <xxhash.h>

enum { MAP, REDUCE, MERGE, STAGES };
enum { TASKS = 3, ATTEMPTS = 3, WORKERS = 3, MERGES = 2 };

/* ---- a state ---------------------------------------------------------------------------- */

enum mode { BETWEEN, STARTING, REAPING };

struct task {
    unsigned char state, attempts;
    unsigned char begun;  /* counted here: attempts since it was first waiting or renewed */
    unsigned char result; /* it has committed one that is still there */
};

/* All of a job; bytes, so that it can be compared as such. */
struct state {
    struct task task[STAGES][TASKS];
    unsigned char first[STAGES];
    unsigned char finished[STAGES];
    unsigned char mode, phase;
};

/* ---- the set of states that were seen --------------------------------------------------- */

enum color { NEW, ON_THE_WAY, WALKED };

struct seen {
    struct state state;
    unsigned char color;
};

static struct seen *set;
static size_t set_room, set_count;

static struct seen *slot_of(struct seen *in, size_t room, const struct state *state)
{
    size_t at = XXH3_64bits(state, sizeof *state) & (room - 1);
    while (in[at].color != NEW && memcmp(&in[at].state, state, sizeof *state) != 0)
        at = (at + 1) & (room - 1);
    return &in[at];
}

static void grow_set(void)
{
    size_t room = set_room ? 2 * set_room : 1 << 12;
    struct seen *more = calloc(room, sizeof *more);
    check(more != NULL);
    for (size_t i = 0; i < set_room; i++)
        if (set[i].color != NEW)
            *slot_of(more, room, &set[i].state) = set[i];
    free(set);
    set = more;
    set_room = room;
}

/* Gives a state a color; returns the one that it had. */
static enum color paint(const struct state *state, enum color color)
{
    if (2 * set_count >= set_room)
        grow_set();
    struct seen *seen = slot_of(set, set_room, state);
    enum color old = seen->color;
    set_count += old == NEW;
    seen->state = *state;
    seen->color = (unsigned char)color;
    return old;
}

/* ---- the job under test ----------------------------------------------------------------- */

static struct mr_stage stage[STAGES];
static struct mr_stages stages;
static struct mr_supervisor supervisor;
static struct mr_task *tasks[STAGES];   /* of the stages' schedules */
static struct mr_spool *results[STAGES]; /* the stages' files; of the merge, which has none, too */
static struct mr_spool no_files[TASKS];
static uint64_t reruns; /* that were told of */

static void hear(void *arg, const struct mr_event *event)
{
    (void)arg;
    reruns += event->type == MR_EVENT_REDO;
}

static const struct mr_config config = { .listen = hear };
static bool streamed; /* the maps read a stream */
static unsigned workers;
static struct state now; /* what stands in all of these */

static struct {
    size_t all_done, gave_up, used_up, lost_for_good, no_process;
    size_t lost, told_already, renewed;
} ends; /* how often each was come to */

static void describe(void *arg, size_t task, char *text, size_t room)
{
    (void)arg;
    snprintf(text, room, "task %zu", task);
}

static bool repeatable(void *arg, size_t task)
{
    (void)arg, (void)task;
    return !streamed;
}

static void drop(unsigned phase, size_t task)
{
    mr_spool_drop(&results[phase][task], store);
}

static void begin(void)
{
    store = mr_memory_get_shared(sizeof *store); /* without directory: no spool here is a file */
    check(store != NULL);
}

static void end(void)
{
    mr_stages_release(&stages, false);
    mr_memory_release(store, sizeof *store);
    free(set);
}

TestSuite(schedule, .timeout = HANGS);

static void make_job(unsigned maps, unsigned reduces, unsigned at_once, unsigned attempts)
{
    const unsigned counts[STAGES] = { maps, reduces, MERGES };
    mr_stages_release(&stages, false);
    supervisor = (struct mr_supervisor){ .max_attempts = attempts, .config = &config };
    stages = (struct mr_stages){ .supervisor = &supervisor, .store = store };
    for (unsigned p = 0; p < STAGES; p++) {
        stage[p] = (struct mr_stage){ .result_size = 1, .makes_files = p != MERGE, .wake = -1,
                                      .describe = describe,
                                      .repeatable = p == MAP ? repeatable : NULL };
        mr_stages_add(&stages, &stage[p]);
        must(mr_stage_make_tasks(&stage[p], counts[p], counts[p], &err));
        tasks[p] = stage[p].phase.tasks.at;
        results[p] = p == MERGE ? no_files : stage[p].files;
    }
    streamed = false;
    workers = at_once;
}

/* Tells a stage what one of its tasks has found lost, as err has it. */
static int tell_lost(unsigned phase, size_t task)
{
    size_t made = (uint32_t)err.damaged;
    results[(err.damaged >> 32) - 1][made].id = err.damaged; /* as that of a file that was made */
    return stage[phase].phase.lost(&stage[phase], task, &err);
}

/* The name of a result's file says how far it is. */
enum { WRITTEN = 'w', COMMITTED = 'c' };

static bool has_file(unsigned phase)
{
    return phase != MERGE;
}

/* Puts a state into the job. */
static void load(const struct state *state)
{
    now = *state;
    for (unsigned p = 0; p < STAGES; p++) {
        struct mr_schedule *s = &stage[p].phase.tasks;
        s->first = state->first[p];
        s->done = 0;
        for (size_t i = 0; i < s->count; i++) {
            const struct task *t = &state->task[p][i];
            s->at[i] = (struct mr_task){ t->state, t->attempts };
            s->done += t->state == MR_TASK_DONE;
            results[p][i] = (struct mr_spool){ .fd = -1, .writer = -1 };
            if (t->result)
                results[p][i].name[0] = COMMITTED;
            else if (t->state == MR_TASK_RUNNING && has_file(p))
                results[p][i].name[0] = WRITTEN;
        }
    }
}

/* Takes the state out of the job. What must hold of any is checked. */
static void store_state(void)
{
    for (unsigned p = 0; p < STAGES; p++) {
        struct mr_schedule *s = &stage[p].phase.tasks;
        size_t done = 0;
        now.first[p] = (unsigned char)s->first;
        for (size_t i = 0; i < s->count; i++) {
            struct task *t = &now.task[p][i];
            bool renewed = p == MAP && t->state == MR_TASK_DONE && !t->result &&
                           s->at[i].state == MR_TASK_WAITING;
            if (renewed)
                t->begun = 0;
            ends.renewed += renewed;
            t->state = s->at[i].state;
            t->attempts = (unsigned char)s->at[i].attempts;
            t->result = results[p][i].name[0] == COMMITTED;
            done += t->state == MR_TASK_DONE;
            check(i >= s->first || t->state != MR_TASK_WAITING);
            check(t->attempts == t->begun && t->begun <= s->max_attempts);
            check(t->result <= (t->state == MR_TASK_DONE));
            check((t->state == MR_TASK_RUNNING && has_file(p)) ==
                  (results[p][i].name[0] == WRITTEN));
            /* A file goes when all have read it for whom it was made. */
            check(t->state != MR_TASK_DONE || t->result || !has_file(p) ||
                  (p == MAP && now.finished[REDUCE]));
        }
        check(s->done == done);
    }
}

static size_t count_of(unsigned phase, enum mr_task_state state)
{
    size_t count = 0;
    for (size_t i = 0; i < stage[phase].phase.tasks.count; i++)
        count += tasks[phase][i].state == state;
    return count;
}

static bool is_done(unsigned phase)
{
    return count_of(phase, MR_TASK_DONE) == stage[phase].phase.tasks.count;
}

/* ---- what can happen -------------------------------------------------------------------- */

static void walk(void);

/* Goes on from what the job is now in, and then takes back the state before. */
static void go_on(const struct state *before, enum mode mode)
{
    now.mode = (unsigned char)mode;
    store_state();
    walk();
    load(before);
}

/* The same after an attempt's end: the next one is reaped, or tasks are started. */
static void go_on_after_an_end(const struct state *before)
{
    store_state();
    const struct state after = now;
    go_on(&after, STARTING);
    if (count_of(now.phase, MR_TASK_RUNNING) > 0)
        go_on(&after, REAPING);
    load(before);
}

static void run_failed(size_t *how)
{
    size_t failed = 0;
    store_state();
    for (unsigned p = 0; p < STAGES; p++)
        failed += count_of(p, MR_TASK_FAILED);
    check(failed == (how == &ends.no_process ? 0 : 1));
    ++*how;
}

static bool ready(void *arg, size_t task)
{
    (void)arg, (void)task;
    return now.phase == MAP || mr_schedule_done(&stage[now.phase - 1].phase.tasks);
}

/* A reader of all results of a phase starts only when all are there. */
static void check_needs(unsigned phase)
{
    for (size_t i = 0; phase > MAP && i < stage[phase - 1].phase.tasks.count; i++)
        check(tasks[phase - 1][i].state == MR_TASK_DONE &&
              results[phase - 1][i].name[0] == COMMITTED);
}

static void put_back(unsigned phase, size_t task)
{
    drop(phase, task);
    mr_schedule_tell(&stage[phase].phase.tasks, task, MR_TASK_PUT_BACK);
    now.task[phase][task].begun--;
}

static void find_lost(const struct state *before, unsigned maker, size_t made, unsigned phase,
                      size_t task)
{
    bool told = tasks[maker][made].state != MR_TASK_DONE;
    err.damaged = mr_stage_file_id(&stage[maker], made);
    uint64_t told_of = reruns;
    int lost = tell_lost(phase, task);
    check(lost != 0);
    check(reruns == told_of + (lost > 0 && !told));
    *(told ? &ends.told_already : &ends.lost) += 1;
    if (task != SIZE_MAX)
        put_back(phase, task);
    if (lost < 0) {
        run_failed(&ends.lost_for_good);
        load(before);
        return;
    }
    if (task == SIZE_MAX)
        go_on(before, BETWEEN);
    else
        go_on_after_an_end(before);
}

static void end_attempt(const struct state *before, size_t task, enum mr_task_event event)
{
    unsigned phase = now.phase;
    struct mr_schedule *s = &stage[phase].phase.tasks;
    bool fails = event == MR_TASK_GIVE_UP ||
                 (event == MR_TASK_FAIL && now.task[phase][task].begun == s->max_attempts);
    enum mr_task_state is = mr_schedule_tell(s, task, event);
    check(is == (fails ? MR_TASK_FAILED : event == MR_TASK_FAIL ? MR_TASK_WAITING : MR_TASK_DONE));
    if (event != MR_TASK_SUCCEED)
        drop(phase, task);
    else if (has_file(phase))
        results[phase][task].name[0] = COMMITTED;
    if (fails) {
        run_failed(event == MR_TASK_FAIL ? &ends.used_up : &ends.gave_up);
        load(before);
        return;
    }
    go_on_after_an_end(before);
}

static void reap(void)
{
    const struct state before = now;
    unsigned phase = now.phase;
    check(count_of(phase, MR_TASK_RUNNING) > 0);
    for (size_t i = 0; i < stage[phase].phase.tasks.count; i++) {
        if (tasks[phase][i].state != MR_TASK_RUNNING)
            continue;
        end_attempt(&before, i, MR_TASK_SUCCEED);
        end_attempt(&before, i, MR_TASK_FAIL);
        end_attempt(&before, i, MR_TASK_GIVE_UP);
        for (size_t m = 0; phase > MAP && m < stage[phase - 1].phase.tasks.count; m++)
            find_lost(&before, phase - 1, m, phase, i);
    }
}

static void return_from_phase(const struct state *before)
{
    unsigned phase = now.phase;
    if (mr_schedule_done(&stage[phase].phase.tasks)) {
        now.finished[phase] = true;
        for (size_t i = 0; phase == REDUCE && i < stage[MAP].count; i++)
            drop(MAP, i);
    }
    now.phase = 0;
    go_on(before, BETWEEN);
}

static void start(void)
{
    const struct state before = now;
    struct mr_schedule *s = &stage[now.phase].phase.tasks;
    size_t running = count_of(now.phase, MR_TASK_RUNNING), task;
    if (running == workers) {
        go_on(&before, REAPING);
        return;
    }
    if (!mr_schedule_start(s, ready, NULL, &task)) {
        if (running > 0)
            go_on(&before, REAPING);
        else
            return_from_phase(&before);
        return;
    }
    check(task < s->count && before.task[now.phase][task].state == MR_TASK_WAITING);
    check_needs(now.phase);
    check(results[now.phase][task].name[0] == '\0');
    if (has_file(now.phase))
        results[now.phase][task].name[0] = WRITTEN;
    now.task[now.phase][task].begun++;
    store_state();
    struct state started = now;
    go_on(&started, STARTING);
    put_back(now.phase, task);
    if (running > 0)
        go_on(&before, REAPING); /* no process more until another has ended */
    else
        run_failed(&ends.no_process);
    load(&before);
}

static void run_next_phase(void)
{
    const struct state before = now;
    unsigned phase = 0;
    while (phase < STAGES && now.finished[phase] && mr_schedule_done(&stage[phase].phase.tasks))
        phase++;
    if (phase == STAGES) {
        for (unsigned p = 0; p < STAGES; p++)
            check(is_done(p));
        ends.all_done++;
        return;
    }
    for (size_t i = 0; phase == MERGE && i < stage[REDUCE].phase.tasks.count; i++)
        find_lost(&before, REDUCE, i, MERGE, SIZE_MAX);
    now.phase = (unsigned char)phase;
    go_on(&before, STARTING);
}

static void walk(void)
{
    const struct state here = now;
    enum color color = paint(&here, ON_THE_WAY);
    check_for(color != ON_THE_WAY, "a job can get back into the same state, for ever");
    if (color == NEW) {
        load(&here);
        now.mode == BETWEEN ? run_next_phase() : now.mode == STARTING ? start() : reap();
    }
    paint(&here, WALKED);
}

/* ---- tests ------------------------------------------------------------------------------ */

/* Walks through a job. Returns how many states it has. */
static size_t walk_job(unsigned maps, unsigned reduces, unsigned at_once, unsigned attempts)
{
    struct state first = { 0 };
    memset(&ends, 0, sizeof ends);
    make_job(maps, reduces, at_once, attempts);
    if (set != NULL)
        memset(set, 0, set_room * sizeof *set);
    set_count = 0;
    load(&first);
    walk();
    /* All kinds of ends have been come to. */
    check(ends.all_done > 0 && ends.gave_up > 0 && ends.used_up > 0 &&
          ends.lost_for_good > 0 && ends.no_process > 0);
    check(attempts == 1 || (ends.lost > 0 && ends.renewed > 0));
    return set_count;
}

Test(schedule, every_order_of_everything_ends_and_ends_well, .init = begin, .fini = end)
{
    size_t states = 0;
    for (unsigned maps = 1; maps <= TASKS; maps++)
        for (unsigned reduces = 1; reduces <= TASKS; reduces++)
            for (unsigned at_once = 1; at_once <= WORKERS; at_once++)
                for (unsigned attempts = 1; attempts <= ATTEMPTS; attempts++)
                    if (maps + reduces < 2 * TASKS || attempts < ATTEMPTS)
                        states += walk_job(maps, reduces, at_once, attempts);
    cr_assert_gt(states, 4000000, "%zu states: it has not been everywhere", states);
}

Test(schedule, what_cannot_happen_to_a_task_changes_nothing)
{
    static const enum mr_task_event possible[][4] = {
        [MR_TASK_WAITING] = { MR_TASK_START, MR_TASK_ADOPT, MR_TASK_EVENTS, MR_TASK_EVENTS },
        [MR_TASK_RUNNING] = { MR_TASK_SUCCEED, MR_TASK_FAIL, MR_TASK_GIVE_UP, MR_TASK_PUT_BACK },
        [MR_TASK_DONE] = { MR_TASK_LOSE, MR_TASK_RENEW, MR_TASK_EVENTS, MR_TASK_EVENTS },
        [MR_TASK_FAILED] = { MR_TASK_EVENTS, MR_TASK_EVENTS, MR_TASK_EVENTS, MR_TASK_EVENTS },
    };
    struct mr_schedule s;
    must(mr_schedule_init(&s, 1, 9, &err));
    mr_schedule_add(&s, 1);
    for (unsigned state = MR_TASK_WAITING; state <= MR_TASK_FAILED; state++)
        for (unsigned event = 0; event < MR_TASK_EVENTS; event++) {
            bool changes = false;
            for (int i = 0; i < 4; i++)
                changes |= possible[state][i] == event;
            s.at[0] = (struct mr_task){ (unsigned char)state, 3 };
            s.done = state == MR_TASK_DONE;
            bool changed = mr_schedule_tell(&s, 0, (enum mr_task_event)event) != state;
            check_for(changed == changes, "state %u, event %u", state, event);
            check(changes || s.at[0].attempts == 3);
            check(s.done == (s.at[0].state == MR_TASK_DONE));
        }
    mr_schedule_free(&s);
}

Test(schedule, tasks_are_started_in_order_those_that_came_back_too)
{
    struct mr_schedule s;
    size_t task;
    must(mr_schedule_init(&s, 5, 2, &err));
    cr_assert(mr_schedule_done(&s), "nothing is to be done");
    cr_assert_not(mr_schedule_start(&s, NULL, NULL, &task));
    mr_schedule_add(&s, 5);
    mr_schedule_tell(&s, 1, MR_TASK_ADOPT);
    for (size_t i = 0; i < 5; i += i ? 1 : 2)
        check(mr_schedule_start(&s, NULL, NULL, &task) && task == i);
    cr_assert_not(mr_schedule_start(&s, NULL, NULL, &task));
    mr_schedule_tell(&s, 3, MR_TASK_FAIL);
    mr_schedule_tell(&s, 2, MR_TASK_PUT_BACK);
    mr_schedule_tell(&s, 1, MR_TASK_LOSE);
    for (size_t i = 1; i < 4; i++) {
        check(mr_schedule_start(&s, NULL, NULL, &task) && task == i);
        check(mr_schedule_last_attempt(&s, task) == (i == 3));
    }
    for (size_t i = 0; i < 5; i++) {
        cr_assert_not(mr_schedule_done(&s));
        check(mr_schedule_tell(&s, i, MR_TASK_SUCCEED) == MR_TASK_DONE);
    }
    cr_assert(mr_schedule_done(&s));
    mr_schedule_free(&s);
}

/* ---- what is lost and cannot be made again ---------------------------------------------- */

Test(schedule, a_result_that_was_lost_after_the_last_attempt_fails_the_run, .init = begin,
     .fini = end)
{
    make_job(2, 1, 1, 3);
    tasks[MAP][1] = (struct mr_task){ MR_TASK_DONE, 3 };
    err.damaged = mr_stage_file_id(&stage[MAP], 1);
    must_fail(tell_lost(REDUCE, 0),
              "task 1 was done 3 times, and its file damaged each time");
    cr_assert(err.final);
}

Test(schedule, of_several_that_are_lost_the_one_that_fails_the_run_is_named, .init = begin,
     .fini = end)
{
    for (int from_stream = 0; from_stream < 2; from_stream++) {
        make_job(3, 1, 1, 3);
        streamed = from_stream;
        tasks[MAP][1] = tasks[MAP][2] = (struct mr_task){ MR_TASK_DONE, 3 };
        atomic_store(&results[MAP][1].damaged, true);
        mr_error_set(&err, "file 2 is damaged");
        err.damaged = mr_stage_file_id(&stage[MAP], 2);
        check(tell_lost(REDUCE, 0) < 0);
        check_for(strstr(err.text, "-1' is damaged") && !strstr(err.text, "file 2"), "%s",
                  err.text);
    }
}

Test(schedule, what_came_from_a_stream_cannot_be_made_again, .init = begin, .fini = end)
{
    make_job(2, 1, 1, 3);
    streamed = true;
    tasks[MAP][0] = (struct mr_task){ MR_TASK_DONE, 1 };
    err.damaged = mr_stage_file_id(&stage[MAP], 0);
    must_fail(tell_lost(REDUCE, 0), "cannot read standard input again");
    cr_assert(err.final);
    tasks[REDUCE][0] = (struct mr_task){ MR_TASK_DONE, 1 };
    err.damaged = mr_stage_file_id(&stage[REDUCE], 0);
    must_fail(tell_lost(MERGE, 0), "cannot read standard input again");
    cr_assert(err.final);
}

Test(schedule, an_attempt_that_finds_its_own_file_damaged_has_failed, .init = begin, .fini = end)
{
    make_job(2, 2, 1, 3);
    err.damaged = mr_stage_file_id(&stage[REDUCE], 1);
    cr_assert_eq(tell_lost(REDUCE, 1), 0);
}
