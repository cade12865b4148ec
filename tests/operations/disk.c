/* A layer between a process and its disk, for tests of faults: loaded with LD_PRELOAD, asleep until `arm` is called.
 *
 * It sees what Python, DuckDB, SQLite and Polars ask of the C library: every call that changes a file or folder under `root`,
 * and every connect. At the `at`-th of them the whole process group is killed (in the middle of a write, when it is one), or
 * the call fails with `error`; a full or read-only disk stays so until the process ends, a broken one fails once. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum { GOES_ON, FAILS, DIES };
static char root[PATH_MAX];
static int harm_at, harm_error, record = -1;
static int *count; /* shared by the processes of the group */

void arm(const char *folder, int at, int error, const char *list) {
    strncpy(root, folder, sizeof root - 1);
    harm_at = at;
    harm_error = error;
    record = list ? open(list, O_CREAT | O_WRONLY | O_APPEND, 0600) : -1;
    count = mmap(NULL, sizeof *count, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
}

static int fate(const char *call, const char *path) {
    if (!count || strncmp(path, root, strlen(root))) return GOES_ON;
    int n = __atomic_add_fetch(count, 1, __ATOMIC_SEQ_CST);
    if (record >= 0) dprintf(record, "%s %s\n", call, path + strlen(root));
    if (!harm_at || n < harm_at) return GOES_ON;
    if (!harm_error) return n == harm_at ? DIES : GOES_ON;
    if (n > harm_at && harm_error == EIO) return GOES_ON;
    if (harm_error == ENOSPC && (!strcmp(call, "unlink") || !strcmp(call, "chmod"))) return GOES_ON;
    errno = harm_error;
    return FAILS;
}

static int named(const char *call, int folder, const char *path) {
    char whole[PATH_MAX], link[64];
    if (path[0] == '/' || folder == AT_FDCWD) {
        int what = fate(call, path);
        if (what == DIES) kill(0, SIGKILL);
        return what;
    }
    snprintf(link, sizeof link, "/proc/self/fd/%d", folder);
    ssize_t n = readlink(link, whole, sizeof whole - 1);
    if (n < 0) return GOES_ON;
    snprintf(whole + n, sizeof whole - n, "/%s", path);
    return named(call, AT_FDCWD, whole);
}

static int opened(const char *call, int handle) {
    char path[PATH_MAX], link[64];
    if (!count) return GOES_ON;
    snprintf(link, sizeof link, "/proc/self/fd/%d", handle);
    ssize_t n = readlink(link, path, sizeof path - 1);
    if (n < 0) return GOES_ON;
    path[n] = 0;
    return fate(call, path);
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define WITH_HANDLE(call, name, declared, given, handle) \
    int name declared { \
        int what = opened(call, handle); \
        if (what == DIES) kill(0, SIGKILL); \
        return what == FAILS ? -1 : REAL(name) given; \
    }
#define WITH_NAME(call, name, declared, given, folder, path) \
    int name declared { return named(call, folder, path) == FAILS ? -1 : REAL(name) given; }
#define WRITES(name, declared, whole, half) \
    ssize_t name declared { \
        int what = opened("write", fd); \
        if (what == DIES) { \
            REAL(name) half; \
            kill(0, SIGKILL); \
        } \
        return what == FAILS ? -1 : REAL(name) whole; \
    }
#define OPENS(name, declared, folder, path, given) \
    int name declared { \
        va_list more; \
        va_start(more, flags); \
        mode_t mode = flags & (O_CREAT | __O_TMPFILE) ? va_arg(more, mode_t) : 0; \
        va_end(more); \
        int changes = flags & (O_CREAT | O_TRUNC); \
        return changes && named("open", folder, path) == FAILS ? -1 : REAL(name) given; \
    }

WRITES(write, (int fd, const void *from, size_t n), (fd, from, n), (fd, from, n / 2))
WRITES(pwrite, (int fd, const void *from, size_t n, off_t to), (fd, from, n, to), (fd, from, n / 2, to))
WRITES(pwrite64, (int fd, const void *from, size_t n, off64_t to), (fd, from, n, to), (fd, from, n / 2, to))
WRITES(writev, (int fd, const struct iovec *from, int n), (fd, from, n), (fd, from, n / 2))
WRITES(sendfile, (int fd, int in, off_t *at, size_t n), (fd, in, at, n), (fd, in, at, n / 2))
WRITES(sendfile64, (int fd, int in, off64_t *at, size_t n), (fd, in, at, n), (fd, in, at, n / 2))
OPENS(open, (const char *path, int flags, ...), AT_FDCWD, path, (path, flags, mode))
OPENS(open64, (const char *path, int flags, ...), AT_FDCWD, path, (path, flags, mode))
OPENS(openat, (int folder, const char *path, int flags, ...), folder, path, (folder, path, flags, mode))
OPENS(openat64, (int folder, const char *path, int flags, ...), folder, path, (folder, path, flags, mode))
WITH_HANDLE("sync", fsync, (int fd), (fd), fd)
WITH_HANDLE("sync", fdatasync, (int fd), (fd), fd)
WITH_HANDLE("truncate", ftruncate, (int fd, off_t n), (fd, n), fd)
WITH_HANDLE("truncate", ftruncate64, (int fd, off64_t n), (fd, n), fd)
WITH_HANDLE("chmod", fchmod, (int fd, mode_t mode), (fd, mode), fd)
WITH_NAME("chmod", chmod, (const char *path, mode_t mode), (path, mode), AT_FDCWD, path)
WITH_NAME("rename", rename, (const char *from, const char *to), (from, to), AT_FDCWD, to)
WITH_NAME("rename", renameat, (int a, const char *from, int b, const char *to), (a, from, b, to), b, to)
WITH_NAME("link", symlink, (const char *from, const char *to), (from, to), AT_FDCWD, to)
WITH_NAME("link", link, (const char *from, const char *to), (from, to), AT_FDCWD, to)
WITH_NAME("unlink", unlink, (const char *path), (path), AT_FDCWD, path)
WITH_NAME("unlink", unlinkat, (int folder, const char *path, int flags), (folder, path, flags), folder, path)
WITH_NAME("unlink", rmdir, (const char *path), (path), AT_FDCWD, path)

int mkdir(const char *path, mode_t mode) {
    int there = !access(path, F_OK);
    return !there && named("mkdir", AT_FDCWD, path) == FAILS ? -1 : REAL(mkdir)(path, mode);
}

int connect(int fd, const struct sockaddr *to, socklen_t n) {
    int what = fate("connect", root);
    if (what == DIES) kill(0, SIGKILL);
    return what == FAILS ? -1 : REAL(connect)(fd, to, n);
}
