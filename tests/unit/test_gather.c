/* Gathering: records come to map whole, where the job wants that, as far as memory goes. */
#include "mapping.h"

TestSuite(gather, .init = make_store, .fini = remove_store, .timeout = HANGS);

static unsigned char text[3 << 20];
static size_t text_size;
static size_t large; /* chunks of more than the buffer */

/* Emits each line's offset and length. */
static int map_lines(const void *state, const struct mr_chunk *chunk, struct mr_context *out)
{
    size_t at = 0, size;
    const unsigned char *line;
    (void)state;
    check(chunk->part == MR_WHOLE && strcmp(chunk->file, scratch("input")) == 0);
    check(chunk->offset + chunk->size <= text_size);
    check(chunk->begins_file == (chunk->offset == 0));
    check(chunk->ends_file == (chunk->offset + chunk->size == text_size));
    check(memcmp(chunk->data, text + chunk->offset, chunk->size) == 0);
    /* All of the pad may be read. */
    check(memchr(chunk->data + chunk->size, 'x', MR_CHUNK_PAD) != chunk->data);
    large += chunk->size > 256 << 10;
    while (mr_line_next(chunk, &at, &line, &size)) {
        uint64_t place[2] = { chunk->offset + (uint64_t)(line - chunk->data), size };
        if (mr_emit(out, place, sizeof place, 1) < 0)
            return -1;
    }
    return 0;
}

static const struct mr_job lines = { .name = "lines", .map = map_lines, .whole_records = true };

static void add_lines(struct pairs *p)
{
    for (size_t start = 0, end; start < text_size; start = end + 1) {
        for (end = start; end < text_size && text[end] != '\n'; end++)
            ;
        uint64_t place[2] = { start, end - start };
        add_pair(p, place, sizeof place, 1);
    }
}

static void check_lines(uint64_t split)
{
    struct mr_plan plan = make_plan_of(&lines, 1 << 20, 2);
    struct pairs got = { NULL, 0, 0 }, wanted = { NULL, 0, 0 };
    struct mr_map_result result =
        map_file(&got, &lines, &plan.map, write_file("input", text, text_size), split);
    check(result.bytes == text_size);
    add_lines(&wanted);
    sort_by_key(&got);
    sort_by_key(&wanted);
    check_same_pairs(&got, &wanted);
    free_pairs(&got);
    free_pairs(&wanted);
}

Test(gather, every_line_comes_whole_and_where_it_says)
{
    const size_t split[] = { 0, 1 << 20, 300000, 70000 };
    size_t max = make_plan_of(&lines, 1 << 20, 2).map.record_max;
    text_size = sizeof text;
    draw_bytes(text, text_size, "ab\r \nabababababababab");
    text[99999] = text[100000 + max - 1] = '\n';
    memset(text + 100000, 'x', max - 1); /* with its end, what there is room for */
    memset(text + text_size - 270000, 'y', 270000);
    for (size_t i = 0; i < sizeof split / sizeof *split; i++) {
        large = 0;
        check_lines(split[i]);
        cr_assert_eq(large, 2);
    }
}

Test(gather, an_empty_file_is_one_chunk_of_nothing)
{
    text_size = 0;
    check_lines(0);
}

Test(gather, a_record_too_large_for_memory_is_an_error_that_says_where_it_is)
{
    struct mr_plan plan = make_plan_of(&lines, 1 << 20, 2);
    struct mr_map_result result;
    struct mr_spool spool;
    struct mr_sources sources;
    _Atomic uint64_t progress = 0;
    text_size = sizeof text;
    memset(text, 'x', text_size);
    memcpy(text, "one\ntwo\n", 8);
    text[8 + plan.map.record_max] = '\n';
    const char *path = write_file("input", text, text_size);
    struct mr_config config = { .inputs = &path, .input_count = 1 };
    must(mr_sources_find(&sources, &lines, NULL, &config, &err));
    struct mr_piece piece = { &sources.at[0], 0, UINT64_MAX, 0, 0 };
    struct mr_map_input input = { .pieces = &piece, .count = 1 };
    mr_spool_create(&spool, store, "map", 0);
    must_fail(mr_map_run(&lines, NULL, &plan.map, &input, 0, &spool, store, &result, &progress,
                         &err), "input' has a record, at byte 8, of more than ");
    cr_assert(err.final);
    cr_assert(strstr(err.text, "(--memory)"));
    mr_spool_drop(&spool, store);
    mr_sources_free(&sources);
}

Test(gather, the_room_it_takes_is_not_more_than_it_was_given)
{
    for (size_t memory = 256; memory < (size_t)1 << 40; memory += 1 + memory / 3) {
        struct mr_gatherer g = { .max = mr_gather_max(memory) };
        check(g.max + MR_CHUNK_PAD <= memory && g.max < UINT32_MAX);
        check(g.max + MR_CHUNK_PAD > memory / 2 || g.max > 1 << 30);
        if (memory > 1 << 20)
            continue;
        static const unsigned char byte[] = { 'a' };
        struct mr_chunk chunk = { .data = byte, .size = 1, .part = MR_FIRST, .file = "x" };
        for (size_t n = 1; n < g.max; n++) {
            check(mr_gather(&g, &chunk, &err) == 0);
            chunk.part = MR_MIDDLE;
        }
        chunk.part = MR_LAST;
        check(mr_gather(&g, &chunk, &err) == 1 && chunk.part == MR_WHOLE && chunk.size == g.max);
        check(g.bytes.capacity <= memory);
        mr_gatherer_free(&g);
    }
}
