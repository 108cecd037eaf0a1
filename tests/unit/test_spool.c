/* Spools: the same bytes wherever they stand, in memory, on disk, or half-way moved. */
#include "store/spool.h"

#include "support.h"

#include <sys/stat.h>
#include <sys/wait.h>

TestSuite(spool, .init = make_store, .fini = remove_store);

enum { PIECES = 40, PIECE_MAX = 9000 }; /* more than goes to the disk at once */

/* Appends random pieces; returns the bytes they are, to be freed. */
static unsigned char *fill(struct mr_spool *s, size_t *size)
{
    unsigned char *bytes = malloc((size_t)PIECES * PIECE_MAX);
    *size = 0;
    for (int i = 0; i < PIECES; i++) {
        size_t n = draw_below(PIECE_MAX);
        draw_bytes(bytes + *size, n, NULL);
        must(mr_spool_append(s, store, bytes + *size, n, &err));
        *size += n;
    }
    return bytes;
}

static void check_holds(const struct mr_spool *s, const unsigned char *bytes, size_t size)
{
    unsigned char *got = malloc(size + 1);
    check(s->size == size);
    for (int i = 0; i < 50; i++) {
        size_t from = i ? draw_below(size) : 0, n = i ? draw_below(size - from) : size;
        must(mr_spool_read(s, store, got, n, from, &err));
        check(memcmp(got, bytes + from, n) == 0);
    }
    must_fail(mr_spool_read(s, store, got, size + 1, 0, &err), "cut short");
    must_fail(mr_spool_read(s, store, got, 1, size, &err), "cut short");
    free(got);
}

Test(spool, a_small_one_stays_in_memory)
{
    struct mr_spool s;
    size_t size;
    mr_spool_create(&s, store, "small", 0);
    unsigned char *bytes = fill(&s, &size);
    must(mr_spool_finish(&s, store, &err));
    must(mr_spool_commit(&s, store, &err));
    check_holds(&s, bytes, size);
    cr_assert_eq(scratch_files(), 0);
    cr_assert_geq(store->memory, size);
    mr_spool_drop(&s, store);
    cr_assert_eq(store->memory, 0);
    free(bytes);
}

Test(spool, one_that_outgrows_the_memory_moves_to_disk_at_any_moment)
{
    for (store->allowed = 0; store->allowed < PIECES * 6000; store->allowed += 3 * 4096) {
        struct mr_spool s;
        size_t size;
        mr_spool_create(&s, store, "moving", 0);
        unsigned char *bytes = fill(&s, &size);
        check(store->memory <= store->allowed);
        check_holds(&s, bytes, size); /* by the writer itself */
        must(mr_spool_finish(&s, store, &err));
        must(mr_spool_commit(&s, store, &err));
        check_holds(&s, bytes, size);
        check(size <= store->allowed || (s.on_disk && scratch_files() == 1));
        check(store->disk == (s.on_disk ? size : 0));
        mr_spool_drop(&s, store);
        check(store->memory == 0 && store->disk == 0 && scratch_files() == 0);
        free(bytes);
    }
}

Test(spool, many_share_one_allowance)
{
    struct mr_spool spools[10];
    unsigned char *bytes[10];
    size_t sizes[10], on_disk = 0;
    store->allowed = 600000;
    for (int i = 0; i < 10; i++) {
        char name[32];
        snprintf(name, sizeof name, "spool-%d", i);
        mr_spool_create(&spools[i], store, name, 0);
        bytes[i] = fill(&spools[i], &sizes[i]);
        must(mr_spool_finish(&spools[i], store, &err));
        must(mr_spool_commit(&spools[i], store, &err));
        check(store->memory <= store->allowed);
        on_disk += spools[i].on_disk;
    }
    cr_assert(on_disk > 0 && on_disk < 10, "%zu of 10 are on disk", on_disk);
    for (int i = 0; i < 10; i++) {
        check_holds(&spools[i], bytes[i], sizes[i]);
        free(bytes[i]);
        mr_spool_drop(&spools[i], store);
    }
    cr_assert_eq(store->memory, 0);
}

Test(spool, what_a_worker_wrote_the_supervisor_reads)
{
    struct mr_spool *spools = mr_memory_get_shared(2 * sizeof *spools);
    for (int i = 0; i < 2; i++) {
        struct mr_spool *s = &spools[i];
        store->allowed = i ? 50000 : 1 << 20;
        mr_spool_create(s, store, i ? "large" : "small", 0);
        size_t size;
        uint64_t seed = random_state;
        pid_t worker = fork();
        if (worker == 0) {
            free(fill(s, &size));
            _exit(mr_spool_finish(s, store, &err) < 0);
        }
        int status;
        waitpid(worker, &status, 0);
        check(status == 0);
        must(mr_spool_commit(s, store, &err));
        /* The same bytes, written in this process to another spool. */
        struct mr_spool own;
        random_state = seed;
        store->allowed = 1 << 20;
        mr_spool_create(&own, store, "own", 0);
        unsigned char *bytes = fill(&own, &size);
        check_holds(s, bytes, size);
        free(bytes);
        mr_spool_drop(&own, store);
        mr_spool_drop(s, store);
    }
    cr_assert_eq(store->memory, 0);
    cr_assert_eq(scratch_files(), 0);
    mr_memory_release(spools, 2 * sizeof *spools);
}

Test(spool, what_a_dead_worker_left_is_dropped)
{
    struct mr_spool *s = mr_memory_get_shared(sizeof *s);
    store->allowed = 50000;
    for (int i = 0; i < 4; i++) {
        bool finished = i / 2;
        store->nameless = i % 2;
        mr_spool_create(s, store, "left", 0);
        pid_t worker = fork();
        if (worker == 0) {
            size_t size;
            free(fill(s, &size));
            if (finished)
                must(mr_spool_finish(s, store, &err));
            _exit(1); /* in the middle of its work, or behind it */
        }
        waitpid(worker, NULL, 0);
        check_for(scratch_files() == (finished || !store->nameless), "a file without a name stays");
        mr_spool_drop(s, store);
        check(scratch_files() == 0);
        check(store->memory == 0);
    }
    mr_memory_release(s, sizeof *s);
}

Test(spool, what_has_its_names_and_is_not_its_own_stays)
{
    for (int nameless = 0; nameless < 2; nameless++) {
        struct mr_spool s;
        size_t size;
        store->nameless = nameless;
        store->kept = true;
        write_file("taken.new", "letter", 6);
        mr_spool_create(&s, store, "taken", 0);
        if (nameless) {
            free(fill(&s, &size));
            must_fail(mr_spool_finish(&s, store, &err), "taken.new");
            mr_spool_abandon(&s);
        } else {
            must_fail(mr_spool_append(&s, store, "x", 1, &err), "taken");
        }
        check_for(strstr(err.text, "File exists") != NULL, "%s", err.text);
        mr_spool_drop(&s, store);
        char *bytes = read_file(scratch("taken.new"), &size);
        check(strcmp(bytes, "letter") == 0);
        free(bytes);
        check(unlink(scratch("taken.new")) == 0);

        write_file("taken", "letter", 6);
        mr_spool_create(&s, store, "taken", 0);
        free(fill(&s, &size));
        must(mr_spool_finish(&s, store, &err));
        must_fail(mr_spool_commit(&s, store, &err), "taken.new");
        check(err.final);
        mr_spool_drop(&s, store);
        bytes = read_file(scratch("taken"), &size);
        check(strcmp(bytes, "letter") == 0);
        free(bytes);
        check(unlink(scratch("taken")) == 0 && scratch_files() == 0);
    }
}

Test(spool, the_memory_of_one_that_is_dropped_is_free_though_others_have_it_open)
{
    struct mr_spool s;
    struct stat st;
    size_t size;
    mr_spool_create(&s, store, "small", 0);
    free(fill(&s, &size));
    must(mr_spool_finish(&s, store, &err));
    must(mr_spool_commit(&s, store, &err));
    int other = dup(s.fd); /* as workers have it that are forked now */
    check(fstat(other, &st) == 0 && st.st_blocks > 0);
    mr_spool_drop(&s, store);
    check(fstat(other, &st) == 0);
    cr_assert_eq(st.st_blocks, 0);
    close(other);
}

Test(spool, one_made_on_disk_is_no_file_until_written_to)
{
    struct mr_spool s;
    mr_spool_create_on_disk(&s, "disk", 0);
    must(mr_spool_finish(&s, store, &err));
    must(mr_spool_commit(&s, store, &err));
    cr_assert_eq(scratch_files(), 0);
    size_t size;
    unsigned char *bytes = fill(&s, &size);
    must(mr_spool_finish(&s, store, &err));
    check_holds(&s, bytes, size); /* by name, not committed */
    cr_assert_eq(scratch_files(), 1);
    cr_assert_eq(store->memory, 0);
    mr_spool_drop(&s, store);
    mr_spool_drop(&s, store);
    cr_assert_eq(scratch_files(), 0);
    free(bytes);
}

Test(spool, without_descriptors_to_spare_it_is_read_by_name)
{
    struct mr_spool s;
    size_t size;
    store->fd_limit = 0;
    mr_spool_create(&s, store, "by-name", 0);
    unsigned char *bytes = fill(&s, &size);
    must(mr_spool_finish(&s, store, &err));
    must(mr_spool_commit(&s, store, &err));
    cr_assert_lt(s.fd, 0);
    check_holds(&s, bytes, size);
    mr_spool_drop(&s, store);
    free(bytes);
}

Test(spool, a_file_that_was_cut_short_is_an_error)
{
    struct mr_spool s;
    size_t size;
    store->allowed = 0;
    mr_spool_create(&s, store, "short", 0);
    unsigned char *bytes = fill(&s, &size);
    must(mr_spool_finish(&s, store, &err));
    must(mr_spool_commit(&s, store, &err));
    check(truncate(scratch("short"), (off_t)size - 1) == 0);
    must_fail(mr_spool_read(&s, store, bytes, size, 0, &err), "cut short");
    mr_spool_drop(&s, store);
    free(bytes);
}

Test(spool, a_place_that_cannot_be_written_is_an_error_that_names_it)
{
    lose_store();
    for (int i = 0; i < 4; i++) {
        struct mr_spool s;
        store->nameless = i % 2;
        store->kept = i / 2;
        mr_spool_create_on_disk(&s, "nowhere", 0);
        must_fail(mr_spool_append(&s, store, "x", 1, &err), store->directory);
        check_for(strstr(err.text, store->kept ? "--work-dir" : "with --temp-dir") != NULL, "%s", err.text);
        mr_spool_drop(&s, store);
    }
}

/* ---- committed by name ------------------------------------------------------------------ */

static bool exists(const char *name)
{
    return access(scratch(name), F_OK) == 0;
}

Test(spool, a_file_gets_its_name_when_it_is_committed)
{
    for (int i = 0; i < 4; i++) {
        struct mr_spool s;
        size_t size;
        store->allowed = 0;
        store->kept = i % 2;
        store->nameless = i / 2;
        mr_spool_create(&s, store, "named", 0);
        unsigned char *bytes = fill(&s, &size);
        check(exists("named.new") == !store->nameless && !exists("named"));
        must(mr_spool_finish(&s, store, &err));
        check(exists("named.new") && !exists("named"));
        must(mr_spool_commit(&s, store, &err));
        check(!exists("named.new") && exists("named"));
        check_holds(&s, bytes, size);
        mr_spool_drop(&s, store);
        check(scratch_files() == 0);
        free(bytes);
    }
}

Test(spool, in_a_store_that_is_kept_it_is_never_in_memory)
{
    struct mr_spool s;
    store->kept = true;
    mr_spool_create(&s, store, "kept", 0);
    cr_assert(s.on_disk && s.fd < 0);
    must(mr_spool_append(&s, store, "x", 1, &err));
    cr_assert_eq(store->memory, 0);
    must(mr_spool_finish(&s, store, &err));
    cr_assert(exists("kept.new"));
    mr_spool_drop(&s, store);
    cr_assert_eq(scratch_files(), 0);
}

Test(spool, a_failed_attempts_file_is_dropped_and_the_next_may_have_the_same_name)
{
    store->kept = true;
    for (int i = 0; i < 3; i++) {
        struct mr_spool s;
        size_t size;
        mr_spool_create(&s, store, "again", 0);
        free(fill(&s, &size));
        close(s.writer); /* as it is when the worker has died */
        s.writer = -1;
        mr_spool_drop(&s, store);
        check(scratch_files() == 0);
    }
}

Test(spool, a_commit_without_its_file_is_an_error_that_names_it)
{
    struct mr_spool s;
    size_t size;
    store->allowed = 0;
    mr_spool_create(&s, store, "gone", 0);
    free(fill(&s, &size));
    must(mr_spool_finish(&s, store, &err));
    unlink(scratch("gone.new"));
    must_fail(mr_spool_commit(&s, store, &err), "gone.new");
    cr_assert(err.final);
    mr_spool_drop(&s, store);
}

Test(spool, a_file_that_goes_while_it_is_committed_is_lost_to_its_readers)
{
    struct mr_spool s;
    size_t size;
    unsigned char byte;
    store->allowed = 0;
    mr_spool_create(&s, store, "lost", 7);
    free(fill(&s, &size));
    must(mr_spool_finish(&s, store, &err));
    unlink(scratch("lost.new"));
    check(symlink("nowhere", scratch("lost.new")) == 0); /* as if it went behind its new name */
    must(mr_spool_commit(&s, store, &err));
    cr_assert_eq(err.damaged, 0);
    must_fail(mr_spool_read(&s, store, &byte, 1, 0, &err), "cannot read temporary file");
    cr_assert_eq(err.damaged, 7);
    mr_spool_drop(&s, store);
}

Test(spool, leaving_keeps_what_was_committed_to_a_store_that_is_kept_and_nothing_else)
{
    for (int i = 0; i < 4; i++) {
        bool kept = i % 2, committed = i / 2;
        struct mr_spool s;
        size_t size;
        store->allowed = 0;
        store->kept = kept;
        mr_spool_create(&s, store, "left", 0);
        free(fill(&s, &size));
        must(mr_spool_finish(&s, store, &err));
        if (committed)
            must(mr_spool_commit(&s, store, &err));
        mr_spool_close(&s, store);
        check(scratch_files() == (kept && committed));
        check(exists("left") == (kept && committed));
    }
}

/* Commits a file to a store that is kept and leaves it. Returns its bytes, to be freed. */
static unsigned char *leave_one(const char *name, size_t *size)
{
    struct mr_spool s;
    store->kept = true;
    mr_spool_create(&s, store, name, 0);
    unsigned char *bytes = fill(&s, size);
    must(mr_spool_finish(&s, store, &err));
    must(mr_spool_commit(&s, store, &err));
    mr_spool_close(&s, store);
    return bytes;
}

Test(spool, what_was_left_is_adopted_with_every_byte)
{
    for (int i = 0; i < 2; i++) {
        struct mr_spool s;
        size_t size;
        unsigned char *bytes = leave_one("left", &size);
        store->fd_limit = i ? 0 : 1 << 10;
        check(mr_spool_adopt(&s, store, "left", 5, size));
        check((s.fd < 0) == i);
        check_holds(&s, bytes, size);
        check(err.damaged == 5);
        mr_spool_drop(&s, store);
        check(scratch_files() == 0);
        free(bytes);
    }
}

Test(spool, what_is_not_as_it_was_left_is_not_adopted)
{
    struct mr_spool s;
    size_t size;
    free(leave_one("left", &size));
    cr_assert_not(mr_spool_adopt(&s, store, "left", 0, size - 1));
    cr_assert_not(mr_spool_adopt(&s, store, "left", 0, size + 1));
    cr_assert_not(mr_spool_adopt(&s, store, "left", 0, UINT64_MAX));
    cr_assert_not(mr_spool_adopt(&s, store, "other", 0, size));
    check(symlink("left", scratch("link")) == 0 && mkdir(scratch("directory"), 0700) == 0);
    cr_assert_not(mr_spool_adopt(&s, store, "link", 0, size));
    struct stat st;
    check(stat(scratch("directory"), &st) == 0);
    cr_assert_not(mr_spool_adopt(&s, store, "directory", 0, (unsigned long long)st.st_size));
    mr_spool_drop(&s, store);
    cr_assert(exists("left") && exists("directory"), "nothing was taken");
    cr_assert(mr_spool_adopt(&s, store, "empty", 0, 0), "an empty one is no file");
    mr_spool_drop(&s, store);
}

/* ---- damaged ---------------------------------------------------------------------------- */

enum { ID = 1234 };

Test(spool, any_damage_is_told_with_the_id)
{
    char byte[2];
    for (int i = 0; i < 4; i++) {
        struct mr_spool s;
        size_t size;
        store->allowed = 0;
        store->fd_limit = i == 3 ? 1 << 10 : 0; /* by name, but for the last */
        mr_spool_create(&s, store, "damaged", ID);
        free(fill(&s, &size));
        must(mr_spool_finish(&s, store, &err));
        must(mr_spool_commit(&s, store, &err));
        must(mr_spool_read(&s, store, byte, 1, size - 1, &err));
        const char *path = scratch("damaged");
        if (i == 0 || i == 3)
            check(truncate(path, (off_t)size - 1) == 0);
        else
            check(unlink(path) == 0);
        if (i == 2)
            check(symlink("nowhere", path) == 0);
        err.damaged = 0;
        must_fail(mr_spool_read(&s, store, byte, 1, size - 1, &err), "damaged");
        check(err.damaged == ID && !err.final);
        mr_spool_drop(&s, store);
    }
}

Test(spool, one_that_was_dropped_is_still_told_with_the_id)
{
    struct mr_spool s;
    char byte;
    mr_spool_create(&s, store, "dropped", ID);
    must(mr_spool_append(&s, store, "x", 1, &err));
    must(mr_spool_commit(&s, store, &err));
    mr_spool_drop(&s, store);
    cr_assert_eq(mr_spool_read(&s, store, &byte, 1, 0, &err), -1);
    cr_assert_eq(err.damaged, ID);
}

Test(spool, a_memory_file_cut_short_is_damaged_too)
{
    struct mr_spool s;
    char bytes[8];
    mr_spool_create(&s, store, "memory", ID);
    must(mr_spool_append(&s, store, "12345678", 8, &err));
    must(mr_spool_commit(&s, store, &err));
    check(ftruncate(s.fd, 4) == 0);
    must_fail(mr_spool_read(&s, store, bytes, 8, 0, &err), "damaged at byte 4");
    cr_assert_eq(err.damaged, ID);
    mr_spool_drop(&s, store);
}

/* ---- progress --------------------------------------------------------------------------- */

Test(spool, what_is_written_is_progress_in_memory_and_on_disk)
{
    for (int on_disk = 0; on_disk < 2; on_disk++) {
        struct mr_spool s;
        _Atomic uint64_t progress = 0;
        if (on_disk)
            mr_spool_create_on_disk(&s, "watched", 0);
        else
            mr_spool_create(&s, store, "watched", 0);
        s.progress = &progress;
        for (uint64_t i = 1; i <= 100; i++) {
            must(mr_spool_append(&s, store, "some bytes", 10, &err));
            check(progress >= i);
        }
        must(mr_spool_finish(&s, store, &err));
        mr_spool_drop(&s, store);
    }
}

enum { PIECE = 1 << 20, LARGE = 40 << 20 };

static void fill_large(struct mr_spool *s)
{
    static unsigned char piece[PIECE];
    for (int i = 0; i < LARGE / PIECE; i++)
        must(mr_spool_append(s, store, piece, PIECE, &err));
}

Test(spool, to_move_to_disk_is_progress_all_the_way)
{
    struct mr_spool s;
    _Atomic uint64_t progress = 0;
    mr_spool_create(&s, store, "moved", 0);
    fill_large(&s);
    store->allowed = LARGE;
    s.progress = &progress;
    must(mr_spool_append(&s, store, "x", 1, &err));
    cr_assert(s.on_disk);
    cr_assert_geq(progress, LARGE / (8 << 20));
    must(mr_spool_finish(&s, store, &err));
    mr_spool_drop(&s, store);
}

Test(spool, to_bring_it_to_the_disk_is_progress_all_the_way)
{
    struct mr_spool s;
    _Atomic uint64_t progress = 0;
    mr_spool_create_on_disk(&s, "synced", 0);
    fill_large(&s);
    s.progress = &progress;
    must(mr_spool_sync(&s, store, &err));
    cr_assert_geq(progress, LARGE / (8 << 20) - 1);
    must(mr_spool_finish(&s, store, &err));
    mr_spool_drop(&s, store);
}
