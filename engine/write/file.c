/* An output that is a file. */
#include "write/file.h"

#include "base/error.h"
#include "base/file_name.h"
#include "base/io.h"
#include "write/whole.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

/* ---- what can be replaced --------------------------------------------------------------- */

static int cannot_replace(const struct mr_file *f, struct mr_error *err)
{
    mr_error_system(err, "cannot replace '%s'", f->path);
    mr_error_suffix(err, "; give --output another name, or have the shell write it in place: "
                         "> '%s'",
                    f->path);
    return mr_error_final(err);
}

/* Whether this process has the rights of the file's owner (it may also be privileged): O_NOATIME is
 * granted to nobody else, whatever the file's permissions are. */
static bool has_owners_rights(const struct mr_target *t)
{
    int fd = openat(t->directory, t->name,
                    O_RDONLY | O_NOATIME | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

/* Whether the name may be removed from its directory (errno). Only trying would ask the kernel;
 * these are its rules: the directory may be written to, neither file nor directory is immutable or
 * append-only, and where the directory is sticky, one of them is this user's. */
static bool may_unlink(const struct mr_target *t)
{
    struct statx file, directory;
    if (faccessat(t->directory, ".", W_OK | X_OK, AT_EACCESS) < 0 ||
        statx(t->directory, ".", 0, STATX_MODE | STATX_UID, &directory) < 0 ||
        statx(t->directory, t->name, AT_SYMLINK_NOFOLLOW, STATX_UID, &file) < 0)
        return false;
    bool fixed = (file.stx_attributes | directory.stx_attributes) &
                 (STATX_ATTR_IMMUTABLE | STATX_ATTR_APPEND);
    bool owned = file.stx_uid == geteuid() || directory.stx_uid == geteuid();
    bool may = !fixed && (!(directory.stx_mode & S_ISVTX) || owned || has_owners_rights(t));
    errno = EPERM;
    return may;
}

/* Whether a file system is mounted on the file itself, as is done for containers. */
static bool is_mounted(const struct mr_target *t)
{
    struct statx st;
    return statx(t->directory, t->name, AT_SYMLINK_NOFOLLOW, STATX_TYPE, &st) == 0 &&
           (st.stx_attributes & STATX_ATTR_MOUNT_ROOT);
}

static int check_replaceable(const struct mr_file *f, struct mr_error *err)
{
    const struct mr_target *t = f->target;
    /* Renaming needs no right to write to the file; but who takes that right away wants the file
     * protected. */
    if (faccessat(t->directory, t->name, W_OK, AT_EACCESS) < 0)
        return mr_cannot_write(f->path, err);
    if (!may_unlink(t))
        return cannot_replace(f, err);
    if (!is_mounted(t))
        return 0;
    errno = EBUSY;
    return cannot_replace(f, err);
}

/* ---- what is kept of a file that is replaced -------------------------------------------- */

static const char access_list[] = "system.posix_acl_access";

static bool has_none(int code)
{
    return code == ENODATA || code == EOPNOTSUPP;
}

/* Gives the file the access list that old has, or none. Returns 0 or -1 (errno). */
static int keep_access_list(int fd, int old)
{
    char list[4096];
    ssize_t size = fgetxattr(old, access_list, list, sizeof list);
    if (size >= 0)
        return fsetxattr(fd, access_list, list, (size_t)size, 0);
    if (!has_none(errno))
        return -1;
    /* The directory may have given it one. */
    return fremovexattr(fd, access_list) < 0 && !has_none(errno) ? -1 : 0;
}

/* Returns 1 when it has been kept, 0 when it may not be known, or -1 (errno). */
static int keep_access(const struct mr_file *f)
{
    const struct mr_target *t = f->target;
    int old = openat(t->directory, t->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (old < 0)
        return errno == EACCES ? 0 : -1;
    int result = keep_access_list(f->fd, old), code = errno;
    close(old);
    errno = code;
    return result < 0 ? -1 : 1;
}

/* Gives the new file the old one's owner, group, permissions and access list, as far as allowed.
 * The new file must not be open to anybody to whom the old one was not: so where the group cannot
 * be kept, the new group gets only what all others get. */
static int keep_attributes(const struct mr_file *f, struct mr_error *err)
{
    const struct stat *old = &f->target->about;
    struct stat st;
    mode_t mode = old->st_mode & 0777;
    int kept = keep_access(f);
    (void)!fchown(f->fd, (uid_t)-1, old->st_gid);
    if (kept < 0 || fstat(f->fd, &st) < 0)
        return mr_cannot_write(f->path, err);
    if (!kept || st.st_gid != old->st_gid)
        mode &= ~(mode_t)S_IRWXG | (mode & S_IRWXO) << 3;
    if (fchmod(f->fd, mode) < 0)
        return mr_cannot_write(f->path, err);
    /* Last, as who has given a file to another owner may not be allowed to change it any more. */
    if (st.st_uid != old->st_uid)
        (void)!fchown(f->fd, old->st_uid, (gid_t)-1);
    return 0;
}

/* ---- making ----------------------------------------------------------------------------- */

/* Makes a file without a name; not where /proc is missing, as it could never be given one. */
static int make_nameless(const struct mr_file *f, mode_t mode)
{
    int fd = openat(f->target->directory, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, mode);
    if (fd >= 0 && !mr_can_name_file(fd))
        mr_close(&fd);
    return fd;
}

static int make_named(struct mr_file *f, mode_t mode)
{
    f->named = true;
    return openat(f->target->directory, f->hidden,
                  O_CREAT | O_EXCL | O_NOFOLLOW | O_RDWR | O_CLOEXEC, mode);
}

int mr_file_make(struct mr_file *f, const struct mr_target *target, const char *path,
                 struct mr_error *err)
{
    bool exists = target->kind == MR_TARGET_FILE;
    mode_t mode = exists ? 0600 : 0666;
    *f = (struct mr_file){ .fd = -1, .path = path, .target = target };
    if (exists && check_replaceable(f, err) < 0)
        return -1;
    if (mr_draw_name(f->hidden, ".wc-mr-", 16) < 0)
        return mr_error_system(err, "cannot get random bytes for a file's name");
    f->fd = make_nameless(f, mode);
    if (f->fd < 0)
        f->fd = make_named(f, mode);
    if (f->fd < 0)
        return exists ? cannot_replace(f, err) : mr_whole_advise(mr_cannot_write(path, err), err);
    return exists ? keep_attributes(f, err) : 0;
}

/* ---- writing ---------------------------------------------------------------------------- */

int mr_file_write(struct mr_file *f, uint64_t at, const void *bytes, size_t n,
                  struct mr_error *err)
{
    return mr_pwrite_full(f->fd, bytes, n, (off_t)at) < 0 ? mr_cannot_write(f->path, err) : 0;
}

void mr_file_end(struct mr_file *f, uint64_t from, uint64_t n)
{
    /* It begins to go to the disk while more is merged. An error will be reported by fsync. */
    if (n > 0)
        (void)sync_file_range(f->fd, (off_t)from, (off_t)n, SYNC_FILE_RANGE_WRITE);
}

int mr_file_cut(struct mr_file *f, uint64_t n, struct mr_error *err)
{
    return ftruncate(f->fd, (off_t)n) < 0 ? mr_cannot_write(f->path, err) : 0;
}

/* ---- the end ---------------------------------------------------------------------------- */

static int put_in_place(struct mr_file *f, struct mr_error *err)
{
    const struct mr_target *t = f->target;
    if (!f->named && t->kind == MR_TARGET_NEW) {
        if (mr_name_file(f->fd, t->directory, t->name) == 0)
            return 0;
        if (errno != EEXIST) /* made meanwhile; it is replaced */
            return mr_cannot_write(f->path, err);
    }
    if (!f->named && mr_name_file(f->fd, t->directory, f->hidden) < 0)
        return mr_cannot_write(f->path, err);
    f->named = true;
    /* Whoever may rename in that directory could have put another file there. */
    int same = mr_same_file(f->fd, f->target->directory, f->hidden);
    if (same == 0) {
        mr_error_set(err, "cannot write '%s': while it was being made, '%s' beside it was taken "
                          "away", f->path, f->hidden);
        return mr_error_final(err);
    }
    if (same < 0 || renameat(t->directory, f->hidden, t->directory, t->name) < 0)
        return mr_cannot_write(f->path, err);
    return 0;
}

int mr_file_commit(struct mr_file *f, struct mr_error *err)
{
    if (mr_whole_sync(f->fd, f->path, err) < 0 || put_in_place(f, err) < 0)
        return -1;
    if (mr_close(&f->fd) < 0)
        return mr_cannot_write(f->path, err);
    return mr_sync_names(f->target->directory) < 0 ? mr_whole_not_synced(f->path, err) : 0;
}

void mr_file_close(struct mr_file *f)
{
    /* The hidden name is looked for even where this process has not given it: this may be the
     * janitor, and the supervisor may have died before renaming the file. Where it cannot be told
     * whose file that is, it is removed if this process has named it. */
    int same = f->fd >= 0 ? mr_same_file(f->fd, f->target->directory, f->hidden) : 0;
    if (same > 0 || (same < 0 && f->named))
        unlinkat(f->target->directory, f->hidden, 0);
    mr_close(&f->fd);
}
