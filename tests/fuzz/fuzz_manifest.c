/*
 * Fuzzes the reading of manifests: control/manifest.c.
 *
 * Holds true: any bytes as a manifest are an identity and tasks, or an error. Of a manifest that
 * was changed, its checksums not made good, what is read is the identity that was written and the
 * first of the tasks, or an error.
 *
 * An input: what to do, and the file; or a list of changes (damage.h), and bytes that make tasks,
 * three each, and the identity.
 */
#include "control/manifest.h"
#include "damage.h"

#include <fcntl.h>
#include <ftw.h>
#include <unistd.h>

enum { TASKS_MAX = 64 };

struct task {
    uint32_t stage;
    uint64_t task, size;
    unsigned char result[8];
    unsigned char counted[8];
};

struct tasks {
    struct task at[TASKS_MAX];
    size_t count;
};

static struct mr_store kept = { .fd = -1, .kept = true, .nameless = true };

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
    (void)st, (void)kind, (void)ftw;
    return remove(path);
}

static void remove_directory(void)
{
    nftw(kept.directory, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* In memory where there is such a place: each input is a file made and read. */
static void make_directory(void)
{
    if (*kept.directory != '\0')
        return;
    const char *place = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    snprintf(kept.directory, sizeof kept.directory, "%s/wc-mr-fuzz-XXXXXX", place);
    hold(mkdtemp(kept.directory) != NULL);
    kept.fd = open(kept.directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    hold(kept.fd >= 0);
    hold(atexit(remove_directory) == 0);
}

static bool same(const struct task *t, const struct mr_done *done)
{
    return t->stage == done->stage && t->task == done->task && t->size == done->size &&
           done->result_size == sizeof t->result &&
           memcmp(t->result, done->result, sizeof t->result) == 0 &&
           done->counted_size == sizeof t->counted &&
           memcmp(t->counted, done->counted, sizeof t->counted) == 0;
}

static struct mr_done done_of(const struct task *t)
{
    return (struct mr_done){ t->stage, t->task, t->size, t->result, sizeof t->result,
                             t->counted, sizeof t->counted };
}

static void write_manifest(struct choices *c, struct tasks *tasks, struct mr_buffer *identity)
{
    struct mr_manifest m;
    size_t count = choose(c) % TASKS_MAX;
    for (; tasks->count < count; tasks->count++) {
        struct task *t = &tasks->at[tasks->count];
        t->stage = choose(c) % 2;
        t->task = choose(c);
        t->size = choose(c) * UINT64_C(1000003);
        memset(t->result, (int)t->task, sizeof t->result);
        memset(t->counted, (int)t->size, sizeof t->counted);
    }
    /* Large ones take several blocks. */
    size_t times = 1 + (c->left % 7 == 0 ? 1 + 40000 / (c->left + 1) : 0);
    for (size_t i = 0; i < times; i++)
        must(mr_buffer_add(identity, c->left ? (const void *)c->at : "", c->left));
    must(mr_buffer_add(identity, "\n", 1));
    must(mr_manifest_create(&m, &kept, identity, &failure));
    for (size_t i = 0; i < count; i++) {
        const struct task *t = &tasks->at[i];
        struct mr_done done = done_of(t);
        if (i == count / 2)
            must(mr_manifest_publish(&m, &failure));
        must(mr_manifest_add(&m, &done, &failure));
    }
    if (count == 0)
        must(mr_manifest_publish(&m, &failure));
    mr_manifest_close(&m);
}

static char *manifest_path(void)
{
    static char path[sizeof kept.directory + 16];
    snprintf(path, sizeof path, "%s/manifest", kept.directory);
    return path;
}

static unsigned char *read_file(size_t *size)
{
    int fd = open(manifest_path(), O_RDONLY);
    off_t end = lseek(fd, 0, SEEK_END);
    hold(fd >= 0 && end > 0);
    *size = (size_t)end;
    unsigned char *bytes = get_memory(*size);
    hold(pread(fd, bytes, *size, 0) == end);
    close(fd);
    return bytes;
}

static void write_file(const unsigned char *bytes, size_t size)
{
    int fd = open(manifest_path(), O_CREAT | O_TRUNC | O_WRONLY, 0600);
    hold(fd >= 0 && write(fd, bytes, size) == (ssize_t)size);
    close(fd);
}

static bool take(void *arg, const struct mr_done *done)
{
    struct tasks *read = arg;
    free(copy_of(done->result, done->result_size));
    free(copy_of(done->counted, done->counted_size));
    struct task *t = &read->at[read->count < TASKS_MAX ? read->count : TASKS_MAX - 1];
    *t = (struct task){ done->stage, done->task, done->size, { 0 }, { 0 } };
    if (done->result_size == sizeof t->result)
        memcpy(t->result, done->result, sizeof t->result);
    if (done->counted_size == sizeof t->counted)
        memcpy(t->counted, done->counted, sizeof t->counted);
    read->count++;
    return read->count < 2 * TASKS_MAX;
}

static bool look(void *arg, const struct mr_bad_record *record)
{
    (void)arg;
    free(copy_of(record->key.bytes, record->key.shown));
    free(copy_of(record->excerpt, record->excerpt_size));
    hold(record->key.shown <= MR_KEY_SHOWN && strlen(record->why) < sizeof record->why);
    return true;
}

/* Reads the manifest; whether that is as it was written, or its first tasks. */
static bool reads_as_written(const struct tasks *tasks, const struct mr_buffer *identity,
                             bool *good)
{
    struct mr_buffer was = MR_BUFFER_INIT;
    struct tasks read = { .count = 0 };
    struct mr_manifest_visitor taker = { .task = take, .bad = look, .arg = &read };
    *good = may(mr_manifest_read(&kept, &was, &taker, &failure));
    bool right = was.size == identity->size &&
                 (was.size == 0 || memcmp(was.at, identity->at, was.size) == 0) &&
                 read.count <= tasks->count;
    for (size_t i = 0; right && i < read.count; i++) {
        const struct task *t = &read.at[i];
        struct mr_done done = done_of(t);
        right = same(&tasks->at[i], &done);
    }
    mr_buffer_free(&was);
    return right;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct choices c = { data, size };
    struct mr_buffer identity = MR_BUFFER_INIT;
    struct tasks tasks = { .count = 0 };
    unsigned what = choose(&c);
    bool seal = what & 1, raw = what & 2, cut = what & 4, good;
    make_directory();
    if (raw) {
        unsigned char *bytes = copy_of(c.at, c.left);
        if (seal)
            seal_blocks(bytes, c.left);
        write_file(bytes, c.left);
        free(bytes);
        reads_as_written(&tasks, &identity, &good);
    } else {
        struct choices changes = choose_list(&c);
        unsigned short_by = choose(&c);
        write_manifest(&c, &tasks, &identity);
        hold(reads_as_written(&tasks, &identity, &good) && good);
        size_t room;
        unsigned char *bytes = read_file(&room);
        change_file(bytes, room, changes);
        if (seal)
            seal_blocks(bytes, room);
        write_file(bytes, cut && short_by < room ? room - short_by : room);
        free(bytes);
        bool right = reads_as_written(&tasks, &identity, &good);
        hold(right || !good || seal);
    }
    unlink(manifest_path());
    mr_buffer_free(&identity);
    return 0;
}
