/* Splits: every byte of every file in exactly one piece, small files together, gzip whole. */
#include "input/split.h"

#include "input/reader.h"
#include "support.h"

static const struct mr_records lines = { { { ['\n'] = 1 } } };

static const struct mr_records *records(const void *state, const char *path)
{
    (void)state, (void)path;
    return &lines;
}

static const struct mr_job job = { .name = "test", .records = records };
static struct mr_sources sources;
static struct mr_splits splits;

static void end(void)
{
    mr_splits_free(&splits);
    mr_sources_free(&sources);
    remove_store();
}

TestSuite(split, .init = make_store, .fini = end);

enum { FILES_MAX = 40 };

/* Files of these sizes, where the size is odd a gzip that holds nothing and has zeros behind it. */
static void make_files(const size_t *sizes, size_t count)
{
    static const unsigned char gzip[20] = { 0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 3 };
    static unsigned char bytes[5000];
    const char *inputs[FILES_MAX];
    char names[FILES_MAX][64];
    check(count <= FILES_MAX);
    for (size_t i = 0; i < count; i++) {
        check(sizes[i] % 2 == 0 || sizes[i] >= sizeof gzip);
        if (sizes[i] % 2)
            memcpy(bytes, gzip, sizeof gzip);
        else
            bytes[0] = 'a';
        snprintf(names[i], sizeof names[i], "%zu", i);
        inputs[i] = strdup(write_file(names[i], bytes, sizes[i]));
    }
    struct mr_config config = { .inputs = inputs, .input_count = count };
    mr_splits_free(&splits);
    mr_sources_free(&sources);
    must(mr_sources_find(&sources, &job, NULL, &config, &err));
    for (size_t i = 0; i < count; i++)
        free((char *)(uintptr_t)inputs[i]);
}

/* All of the plan is as the header says. */
static void check_plan(uint64_t size)
{
    size_t piece = 0;
    for (size_t i = 0; i < splits.count; i++) {
        const struct mr_split *s = &splits.at[i];
        uint64_t bytes = 0;
        check_for(s->first == piece && s->count > 0, "split %zu", i);
        for (; piece < s->first + s->count; piece++) {
            const struct mr_piece *p = &splits.pieces[piece];
            bytes += (p->end == MR_TO_END ? p->source->size : p->end) - p->start;
        }
        check(s->bytes == bytes);
        bool whole = splits.pieces[s->first].end == MR_TO_END;
        check_for(s->count == 1 ? whole || bytes <= size : bytes <= size, "split %zu", i);
    }
    check(piece == splits.piece_count);
    piece = 0;
    for (size_t i = 0; i < sources.count; i++) {
        const struct mr_source *source = &sources.at[i];
        uint64_t at = 0;
        do {
            const struct mr_piece *p = &splits.pieces[piece++];
            check(piece <= splits.piece_count && p->source == source && p->start == at);
            bool gzip = source->size % 2;
            check_for(p->end != MR_TO_END ? !gzip && p->end <= source->size && p->end > at
                                          : at == 0 && (gzip || source->size <= size),
                      "file %zu", i);
            at = p->end == MR_TO_END ? source->size : p->end;
        } while (at < source->size);
    }
    check(piece == splits.piece_count);
}

Test(split, every_byte_is_in_one_piece_whatever_the_sizes)
{
    for (int round = 0; round < 60; round++) {
        size_t sizes[FILES_MAX], count = draw_below(12);
        for (size_t i = 0; i < count; i++) {
            sizes[i] = draw_below(3) ? draw_below(100) : draw_below(3000);
            if (sizes[i] % 2 && sizes[i] < 21)
                sizes[i] = 21;
        }
        make_files(sizes, count);
        for (uint64_t size = 1; size < 4000; size += 1 + size / 3) {
            must(mr_splits_plan(&splits, &sources, size, &err));
            check_plan(size);
            mr_splits_free(&splits);
        }
    }
}

Test(split, the_example_of_the_header_is_true)
{
    size_t sizes[] = { 250, 30, 30, 40 };
    make_files(sizes, 4);
    must(mr_splits_plan(&splits, &sources, 100, &err));
    cr_assert_eq(splits.count, 4);
    cr_assert_eq(splits.at[3].count, 3);
    for (int i = 0; i < 3; i++)
        cr_assert(splits.at[i].bytes >= 83 && splits.at[i].bytes <= 84, "pieces are equal");
}

Test(split, small_files_share_splits_and_empty_ones_cost_none)
{
    size_t sizes[FILES_MAX];
    for (int i = 0; i < FILES_MAX; i++)
        sizes[i] = i % 2 ? 10 : 0;
    make_files(sizes, FILES_MAX);
    must(mr_splits_plan(&splits, &sources, 100, &err));
    cr_assert_eq(splits.count, 2, "20 files of 10 bytes are two splits of 100");
    check_plan(100);
}

Test(split, a_gzip_file_is_never_cut)
{
    size_t sizes[] = { 2001, 10, 4001 };
    make_files(sizes, 3);
    must(mr_splits_plan(&splits, &sources, 100, &err));
    cr_assert_eq(splits.piece_count, 3);
    check_plan(100);
}

Test(split, what_is_refused_is_so_before_the_work_where_it_would_be_cut)
{
    char text[300];
    memset(text, 'a', sizeof text);
    memcpy(text, "PK\3\4", 4);
    const char *input = write_file("input", text, sizeof text);
    struct mr_config config = { .inputs = &input, .input_count = 1 };
    must(mr_sources_find(&sources, &job, NULL, &config, &err));
    must_fail(mr_splits_plan(&splits, &sources, 100, &err), "a zip archive");
    mr_splits_free(&splits);
    must(mr_splits_plan(&splits, &sources, 300, &err)); /* its reader will look */
    mr_splits_free(&splits);
    mr_sources_free(&sources);
    config.force_bytes = true;
    must(mr_sources_find(&sources, &job, NULL, &config, &err));
    must(mr_splits_plan(&splits, &sources, 100, &err));
    cr_assert_eq(splits.count, 3);
}

Test(split, streams_are_not_planned)
{
    int ends[2];
    const char *inputs[] = { "-" };
    struct mr_config config = { .inputs = inputs, .input_count = 1 };
    check(pipe(ends) == 0 && dup2(ends[0], STDIN_FILENO) == STDIN_FILENO);
    must(mr_sources_find(&sources, &job, NULL, &config, &err));
    must(mr_splits_plan(&splits, &sources, 100, &err));
    cr_assert_eq(splits.count, 0);
}

Test(split, none_has_files_from_both_sides_of_a_stream)
{
    const char *names[] = { "a", "b", "pipe", "c", "d" };
    const char *inputs[5];
    char paths[5][sizeof store->directory + 16];
    for (int i = 0; i < 5; i++) {
        snprintf(paths[i], sizeof paths[i], "%s/%s", store->directory, names[i]);
        inputs[i] = paths[i];
        if (i == 2)
            check(mkfifo(paths[i], 0600) == 0);
        else
            write_file(names[i], "text", 4);
    }
    struct mr_config config = { .inputs = inputs, .input_count = 5 };
    must(mr_sources_find(&sources, &job, NULL, &config, &err));
    must(mr_splits_plan(&splits, &sources, 100, &err));
    cr_assert_eq(splits.count, 2);
    for (size_t i = 0; i < splits.piece_count; i++)
        cr_assert_eq(splits.pieces[i].source->number, i < 2 ? i : i + 1);
    cr_assert_eq(splits.at[0].count, 2);
    cr_assert_eq(splits.at[1].first, 2);
    cr_assert_eq(splits.at[1].count, 2);
}

Test(split, the_usual_size_is_about_128_MiB_but_gives_every_mapper_work)
{
    for (unsigned mappers = 1; mappers <= 64; mappers += 1 + mappers / 3)
        for (uint64_t bytes = 1; bytes < UINT64_C(1) << 42; bytes += 1 + bytes / 3) {
            uint64_t size = mr_split_size(bytes, mappers), count = (bytes + size - 1) / size;
            check_for(size > 0 && size <= 128 << 20, "%llu", (unsigned long long)size);
            /* Cutting whole bytes may leave a split fewer where there are few bytes. */
            check_for(count >= mappers || bytes < (uint64_t)mappers * mappers,
                      "%llu bytes, %u mappers: %llu splits", (unsigned long long)bytes, mappers,
                      (unsigned long long)count);
            check(bytes < UINT64_C(1) << 36 || size > 120 << 20);
        }
    cr_assert_gt(mr_split_size(0, 4), 0);
}
