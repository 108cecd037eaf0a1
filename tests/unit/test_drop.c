/* Dropping spools: all of them, by however many threads, and what is to be kept stays. */
#include "control/drop.h"

#include "support.h"

#include <sys/stat.h>

TestSuite(drop, .init = make_store, .fini = remove_store);

enum { SPOOLS = 100 };

static struct mr_spool spools[SPOOLS];

/* What the files in memory hold, by what the system says. */
static unsigned long long in_memory(void)
{
    unsigned long long bytes = 0;
    struct stat st;
    for (unsigned i = 0; i < store->files.count; i++) {
        check(fstat(store->files.at[i].fd, &st) == 0);
        bytes += (unsigned long long)st.st_blocks * 512;
    }
    return bytes;
}

/* Committed spools, every fourth on disk; returns what they have in memory. */
static unsigned long long make_spools(void)
{
    static unsigned char bytes[5000];
    for (int i = 0; i < SPOOLS; i++) {
        char name[32];
        snprintf(name, sizeof name, "spool-%d", i);
        if (i % 4)
            mr_spool_create(&spools[i], store, name, (uint64_t)i);
        else
            mr_spool_create_on_disk(&spools[i], name, (uint64_t)i);
        must(mr_spool_append(&spools[i], store, bytes, sizeof bytes, &err));
        must(mr_spool_finish(&spools[i], store, &err));
        must(mr_spool_commit(&spools[i], store, &err));
    }
    return store->memory;
}

Test(drop, leaves_nothing_however_many_threads_there_are)
{
    for (unsigned threads = 1; threads <= 200; threads += 1 + threads / 2) {
        int before = open_descriptors() - (int)store->files.count;
        store->files.full = threads % 2 ? 0 : 40000; /* each one its own, or some together */
        unsigned long long counted = make_spools(), others = (unsigned long long)1 << 32;
        check(counted > 0 && in_memory() == counted && scratch_files() == SPOOLS / 4);
        check(open_descriptors() == before + SPOOLS / 4 + (int)store->files.count);
        /* So much more in memory is worth all threads. */
        atomic_fetch_add(&store->memory, others);
        mr_spools_drop(spools, SPOOLS, store, threads, false);
        check_for(store->memory == others, "%u threads", threads);
        check(open_descriptors() == before + (int)store->files.count && scratch_files() == 0);
        check(in_memory() == 0);
        atomic_store(&store->memory, 0);
    }
}

Test(drop, of_an_interrupted_run_leaves_what_was_committed_to_a_kept_store)
{
    make_spools();
    store->kept = true;
    mr_spools_drop(spools, SPOOLS, store, 3, true);
    cr_assert_eq(scratch_files(), SPOOLS / 4);
}

Test(drop, of_nothing_is_harmless)
{
    mr_spools_drop(NULL, 0, store, 3, false);
    mr_spools_drop(spools, 0, store, 3, false);
}
