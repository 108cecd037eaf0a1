/* The manifest: what it says was done was done, whatever became of its file. */
#include "control/manifest.h"

#include "support.h"

#include <sys/stat.h>

TestSuite(manifest, .init = make_store, .fini = remove_store, .timeout = HANGS);

enum { DONE = 12 };

/* What the tasks of these tests left: all figures follow from the number. */
static struct mr_done done_of(uint64_t i)
{
    static unsigned char results[DONE][MR_RESULT_MAX], counted[MR_COUNTERS_BYTES];
    size_t size = i * 23 % (MR_RESULT_MAX + 1);
    memset(results[i], (int)i, sizeof results[i]);
    return (struct mr_done){ (uint32_t)(i % 2), i * 1000, i << 33, results[i], size,
                             counted, i % 3 ? 0 : i * sizeof counted / DONE };
}

static bool same(const struct mr_done *a, const struct mr_done *b)
{
    return a->stage == b->stage && a->task == b->task && a->size == b->size &&
           a->result_size == b->result_size &&
           memcmp(a->result, b->result, a->result_size) == 0 &&
           a->counted_size == b->counted_size &&
           memcmp(a->counted, b->counted, a->counted_size) == 0;
}

/* Writes a manifest with DONE tasks, half of them before it is published. */
static void write_manifest(const char *identity, size_t size)
{
    struct mr_manifest m;
    struct mr_buffer text = MR_BUFFER_INIT;
    must(mr_buffer_add(&text, identity, size));
    must(mr_manifest_create(&m, store, &text, &err));
    for (uint64_t i = 0; i < DONE; i++) {
        struct mr_done done = done_of(i);
        if (i == DONE / 2)
            must(mr_manifest_publish(&m, &err));
        must(mr_manifest_add(&m, &done, &err));
    }
    mr_manifest_close(&m);
    mr_buffer_free(&text);
}

/* Takes tasks; each must be the next of those that were written. */
static bool take_next(void *arg, const struct mr_done *done)
{
    uint64_t *taken = arg;
    check(*taken < DONE);
    struct mr_done wanted = done_of(*taken);
    check_for(same(done, &wanted), "task %llu is another", (unsigned long long)*taken);
    ++*taken;
    return true;
}

/* Reads it; the tasks must be the first of those that were written. Returns how many they were,
 * or -1 when even the identity could not be read. */
static int read_manifest(const char *identity, size_t size)
{
    struct mr_buffer text = MR_BUFFER_INIT;
    uint64_t taken = 0;
    struct mr_manifest_visitor taker = { .task = take_next, .arg = &taken };
    int result = mr_manifest_read(store, &text, &taker, &err);
    if (result == 0)
        check(text.size == size && (size == 0 || memcmp(text.at, identity, size) == 0));
    else
        check(taken == 0);
    mr_buffer_free(&text);
    return result < 0 ? -1 : (int)taken;
}

static const char identity[] = "program 1\ninput 'a'\n";

Test(manifest, what_was_written_is_read)
{
    enum { PART = 32 << 10 };
    static const size_t sizes[] = { 0, 1, 100, PART - 1, PART, PART + 1, 3 * PART, 100001 };
    char *text = malloc(100001);
    draw_bytes((unsigned char *)text, 100001, NULL);
    cr_assert_not(mr_manifest_exists(store));
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        write_manifest(text, sizes[i]);
        check(mr_manifest_exists(store));
        check(read_manifest(text, sizes[i]) == DONE);
    }
    cr_assert_eq(scratch_files(), 1);
    unlink(scratch("manifest"));
    unlink(scratch("manifest.new"));
    cr_assert_not(mr_manifest_exists(store));
    cr_assert_eq(scratch_files(), 0);
    free(text);
}

Test(manifest, it_is_there_when_published_and_the_old_one_until_then)
{
    struct mr_manifest m;
    struct mr_buffer text = MR_BUFFER_INIT;
    struct mr_done done = done_of(0);
    must(mr_buffer_add(&text, "another", 7));
    must(mr_manifest_create(&m, store, &text, &err));
    mr_manifest_close(&m);
    mr_manifest_close(&m);
    cr_assert_not(mr_manifest_exists(store));
    write_manifest(identity, strlen(identity));
    must(mr_manifest_create(&m, store, &text, &err));
    must(mr_manifest_add(&m, &done, &err));
    cr_assert_eq(read_manifest(identity, strlen(identity)), DONE);
    must(mr_manifest_publish(&m, &err));
    cr_assert_eq(read_manifest("another", 7), 1);
    mr_manifest_close(&m);
    mr_buffer_free(&text);
}

static bool take_three(void *arg, const struct mr_done *done)
{
    (void)done;
    return ++*(int *)arg < 3;
}

Test(manifest, reading_ends_when_it_is_told_to)
{
    struct mr_buffer text = MR_BUFFER_INIT;
    int taken = 0;
    struct mr_manifest_visitor taker = { .task = take_three, .arg = &taken };
    write_manifest(identity, strlen(identity));
    must(mr_manifest_read(store, &text, &taker, &err));
    cr_assert_eq(taken, 3);
    mr_buffer_free(&text);
    must(mr_manifest_read(store, &text, NULL, &err));
    mr_buffer_free(&text);
}

/* The manifest's bytes, to be freed. */
static char *manifest_bytes(size_t *size)
{
    write_manifest(identity, strlen(identity));
    return read_file(scratch("manifest"), size);
}

Test(manifest, cut_at_any_length_it_has_its_first_tasks_or_is_refused)
{
    size_t size;
    char *bytes = manifest_bytes(&size);
    int before = DONE;
    write_file("manifest", bytes, size);
    for (size_t length = size + 1; length-- > 0;) { /* cut again and again: that needs no disk */
        check(truncate(scratch("manifest"), (off_t)length) == 0);
        int taken = read_manifest(identity, strlen(identity));
        check_for(taken <= before, "with %zu bytes it has more than with more", length);
        check_for(taken == DONE || length < size, "whole, it has %d", taken);
        check(taken >= 0 || strstr(err.text, "cannot resume from") != NULL);
        before = taken;
    }
    cr_assert_lt(before, 0, "empty, it has %d", before);
    free(bytes);
}

Test(manifest, with_any_byte_wrong_it_has_the_tasks_before_that_or_is_refused)
{
    size_t size, whole = 0;
    char *bytes = manifest_bytes(&size);
    write_file("manifest", bytes, size);
    int fd = open(scratch("manifest"), O_WRONLY); /* each byte in its place: that needs no disk */
    for (size_t at = 0; at < size; at++) {
        for (int bit = 0; bit < 8; bit++) {
            char wrong = (char)(bytes[at] ^ 1 << bit);
            check(pwrite(fd, &wrong, 1, (off_t)at) == 1);
            whole += read_manifest(identity, strlen(identity)) == DONE;
        }
        check(pwrite(fd, &bytes[at], 1, (off_t)at) == 1);
    }
    close(fd);
    cr_assert_eq(whole, 0, "%zu flips were not seen", whole);
    cr_assert_eq(read_manifest(identity, strlen(identity)), DONE);
    free(bytes);
}

Test(manifest, after_garbage_nothing_counts)
{
    size_t size;
    char *bytes = manifest_bytes(&size);
    bytes = realloc(bytes, 3 * size);
    draw_bytes((unsigned char *)bytes + size, 2 * size, NULL);
    write_file("manifest", bytes, 3 * size);
    cr_assert_eq(read_manifest(identity, strlen(identity)), DONE);
    memmove(bytes + size, bytes, size); /* a second manifest behind the first */
    write_file("manifest", bytes, 2 * size);
    cr_assert_eq(read_manifest(identity, strlen(identity)), DONE);
    free(bytes);
}

/* Writes a manifest of one identity block and then any payload as a task, its checksum right. */
static void write_forged(enum mr_block_kind kind, uint32_t number, const void *payload,
                         uint32_t size)
{
    struct mr_spool spool;
    struct mr_block_writer blocks;
    struct mr_block_link at = { 0, 0 };
    unsigned char block[MR_BLOCK_HEAD + (64 << 10)] = { 0 };
    unlink(scratch("manifest"));
    unlink(scratch("manifest.new"));
    mr_spool_create_on_disk(&spool, "manifest", 0);
    must(mr_block_writer_init(&blocks, &spool, store, 0, true, &err));
    must(mr_block_write(&blocks, MR_BLOCK_IDENTITY, 0, block, 5, &at, &err));
    memcpy(block + MR_BLOCK_HEAD, payload, size);
    at = (struct mr_block_link){ 0, 0 };
    must(mr_block_write(&blocks, kind, number, block, size, &at, &err));
    must(mr_spool_finish(&spool, store, &err));
    must(mr_spool_commit(&spool, store, &err));
    close(spool.fd);
    mr_block_writer_release(&blocks);
}

static bool count_task(void *arg, const struct mr_done *done)
{
    const unsigned char *result = done->result;
    for (size_t i = 0; i < done->result_size; i++)
        check(result[i] == 0);
    for (size_t i = 0; i < done->counted_size; i++)
        check(done->counted[i] == 0);
    ++*(int *)arg;
    return true;
}

static bool count_bad(void *arg, const struct mr_bad_record *record)
{
    check(record->key.shown <= MR_KEY_SHOWN && record->excerpt_size <= MR_EXCERPT_MAX);
    check(strlen(record->why) < sizeof record->why);
    ++*(int *)arg;
    return true;
}

Test(manifest, hostile_sizes_are_neither_believed_nor_read_beyond)
{
    static unsigned char zeros[64 << 10];
    for (uint32_t size = 0; size <= sizeof zeros; size += size < 64 ? 1 : 4095) {
        struct mr_buffer text = MR_BUFFER_INIT;
        int taken = 0;
        struct mr_manifest_visitor taker = { .task = count_task, .bad = count_bad, .arg = &taken };
        write_forged(MR_BLOCK_TASK, 1, zeros, size);
        must(mr_manifest_read(store, &text, &taker, &err));
        check_for(taken == (size >= 24 && size <= 32 << 10), "%u bytes: %d tasks", size, taken);
        mr_buffer_free(&text);
        taken = 0;
        write_forged(MR_BLOCK_BAD, 1, zeros, size);
        must(mr_manifest_read(store, &text, &taker, &err));
        check_for(taken == (size >= 57 && size < 57 + 256), "%u bytes: %d bad", size, taken);
        mr_buffer_free(&text);
    }
}

Test(manifest, a_block_of_another_kind_or_number_is_no_task)
{
    unsigned char zeros[32] = { 0 };
    for (int i = 0; i < 3; i++) {
        struct mr_buffer text = MR_BUFFER_INIT;
        int taken = 0;
        struct mr_manifest_visitor taker = { .task = count_task, .bad = count_bad, .arg = &taken };
        write_forged(i == 0 ? MR_BLOCK_RUN : MR_BLOCK_TASK, i == 1 ? 2 : 1, zeros, sizeof zeros);
        must(mr_manifest_read(store, &text, &taker, &err));
        check(taken == (i == 2));
        mr_buffer_free(&text);
    }
}

Test(manifest, what_is_no_manifest_is_refused_by_name)
{
    struct mr_buffer text = MR_BUFFER_INIT;
    must_fail(mr_manifest_read(store, &text, NULL, &err), "manifest");
    cr_assert(err.final);
    write_file("manifest", "x", 1);
    must_fail(mr_manifest_read(store, &text, NULL, &err), "cannot resume from");
    cr_assert(err.final);
    unlink(scratch("manifest"));
    write_file("aim", "x", 1);
    check(symlink("aim", scratch("manifest")) == 0);
    cr_assert(mr_manifest_exists(store), "and so is not replaced");
    must_fail(mr_manifest_read(store, &text, NULL, &err), "manifest");
    unlink(scratch("manifest"));
    check(mkdir(scratch("manifest"), 0700) == 0);
    must_fail(mr_manifest_read(store, &text, NULL, &err), "manifest");
    mr_buffer_free(&text);
}

Test(manifest, its_names_are_known)
{
    cr_assert(mr_manifest_is("manifest") && mr_manifest_is("manifest.new"));
    cr_assert(mr_manifest_is_published("manifest") && !mr_manifest_is_published("manifest.new"));
    cr_assert(!mr_manifest_is("manifest.old") && !mr_manifest_is("") && !mr_manifest_is("map-1"));
}

Test(manifest, a_place_that_cannot_be_written_is_an_error_that_names_it)
{
    struct mr_manifest m;
    struct mr_buffer text = MR_BUFFER_INIT;
    lose_store();
    must_fail(mr_manifest_create(&m, store, &text, &err), store->directory);
    mr_manifest_close(&m);
}
