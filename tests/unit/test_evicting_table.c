/* Tables that evict: nothing is lost, however keys collide, and what comes often leaves seldom. */
#include "text/evicting_table.h"
#include "mapping.h"

TestSuite(evicting_table, .init = make_store, .fini = remove_store, .timeout = HANGS);

enum { SLOTS = 16, LINES = 40000 };

struct slot {
    struct evicting_slot key;
    uint64_t count, key_size; /* the latter is known from the first on: a new slot has zeros */
};

struct task {
    struct evicting_table table;
    struct slot slots[SLOTS];
};

static uint64_t emitted;

static int emit(const struct field *key, const void *value, struct mr_context *out)
{
    const uint64_t *count = value;
    check(count[0] > 0 && count[1] == key->size);
    emitted++;
    return mr_emit(out, key->bytes, key->size, count[0]);
}

static const struct evicting_kind kind = { SLOTS, sizeof(struct slot), emit };

static int add(struct task *t, const struct field *line, struct mr_context *out)
{
    void *value;
    if (evicting_table_find(&t->table, &kind, t->slots, line, &value, out) < 0)
        return -1;
    if (value == NULL) {
        emitted++;
        return mr_emit(out, line->bytes, line->size, 1);
    }
    check(line->size <= EVICTING_KEY);
    uint64_t *count = value;
    check(count[0] > 0 ? count[1] == line->size : count[1] == 0);
    count[0]++;
    count[1] = line->size;
    return 0;
}

static int map(const void *state, const struct mr_chunk *chunk, struct mr_context *out)
{
    struct field line;
    size_t at = 0;
    (void)state;
    while (mr_line_next(chunk, &at, &line.bytes, &line.size))
        if (add(mr_task(out), &line, out) < 0)
            return -1;
    return 0;
}

static int end(const void *state, void *task, struct mr_context *out)
{
    (void)state;
    return evicting_table_end(&kind, ((struct task *)task)->slots, out);
}

static const struct mr_job job = { .name = "lines", .map = map, .end = end, .whole_records = true,
                                   .task_size = sizeof(struct task) };

static void check_text(const unsigned char *text, size_t size)
{
    struct mr_plan plan = make_plan_of(&job, size, 2);
    struct pairs got = { NULL, 0, 0 }, wanted = { NULL, 0, 0 };
    const unsigned char *line = text, *behind;
    for (; (behind = memchr(line, '\n', (size_t)(text + size - line))) != NULL; line = behind + 1)
        add_pair(&wanted, line, (size_t)(behind - line), 1);
    emitted = 0;
    map_file(&got, &job, &plan.map, write_file("input", text, size), 0);
    combine_pairs(&got, sum);
    combine_pairs(&wanted, sum);
    check_same_pairs(&got, &wanted);
    free_pairs(&got);
    free_pairs(&wanted);
}

static unsigned char text[LINES * 9];

/* Makes lines that are numbers, drawn below a limit or all different (0). Returns their size. */
static size_t make_lines(size_t count, uint64_t below)
{
    size_t size = 0;
    for (size_t i = 0; i < count; i++)
        size += (size_t)sprintf((char *)text + size, "%llu\n",
                                (unsigned long long)(below > 0 ? draw_below(below) : i));
    return size;
}

Test(evicting_table, random_lines)
{
    for (unsigned round = 0; round < 40; round++) {
        size_t size = 1 + draw_below(9000);
        draw_bytes(text, size - 1, round % 2 ? "abcdefg\n\n\n" : "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaab\n");
        text[size - 1] = '\n';
        check_text(text, size);
    }
}

Test(evicting_table, keys_as_long_as_a_slot_and_longer)
{
    size_t size = 0;
    for (size_t length = 0; length <= EVICTING_KEY + 2; length++)
        for (int i = 0; i < 2; i++) {
            memset(text + size, 'x', length);
            size += length;
            text[size++] = '\n';
        }
    check_text(text, size);
    check_for(emitted == EVICTING_KEY + 1 + 2 * 2, "%llu", (unsigned long long)emitted);
}

Test(evicting_table, what_comes_often_leaves_seldom)
{
    check_text(text, make_lines(LINES, 1));
    check(emitted == 1);
    check_text(text, make_lines(LINES, SLOTS));
    check(emitted < LINES / 2);
}

Test(evicting_table, keys_that_never_come_again_are_not_gathered_for_long)
{
    check_text(text, make_lines(LINES, 0));
    check(emitted == LINES);
    /* That holds for the task, whatever comes later. */
    size_t size = make_lines(LINES / 2, 0);
    for (size_t i = 0; i < LINES / 2; i++) {
        memcpy(text + size, "same\n", 5);
        size += 5;
    }
    check_text(text, size);
    check(emitted == LINES);
}
