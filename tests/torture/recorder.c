/* Records what a process writes below one directory, so that a power cut can be replayed.
 *
 * Preloaded before libc. KIOSK_RECORD_DIRECTORY names the directory (its real path), KIOSK_RECORD_MARKS a
 * file elsewhere whose writes become marks in the same order, KIOSK_RECORD_LOG the log. One record per call
 * that succeeded: a header, the name below the directory ("." is the directory itself), the data.
 * The shared memory of SQLite's WAL is left out: recovery builds it anew.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define MOST_FILES 4096

struct header {
    uint64_t offset, length;
    uint32_t name_length;
    char operation; /* O open, W write, T truncate, S sync, U unlink, R rename, M mark */
} __attribute__((packed));

static const char *directory, *marks_path;
static int log_file = -1;
static char *names[MOST_FILES];

__attribute__((constructor)) static void begin(void) {
    const char *log_path = getenv("KIOSK_RECORD_LOG");
    directory = getenv("KIOSK_RECORD_DIRECTORY");
    marks_path = getenv("KIOSK_RECORD_MARKS");
    if (log_path && directory && marks_path)
        log_file = syscall(SYS_openat, AT_FDCWD, log_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static void record(char operation, const char *name, uint64_t offset, const void *data, uint64_t length) {
    struct header header = {offset, length, strlen(name), operation};
    struct iovec parts[] = {{&header, sizeof header}, {(void *)name, header.name_length}, {(void *)data, length}};
    ssize_t whole = sizeof header + header.name_length + length;
    if (syscall(SYS_writev, log_file, parts, 3) != whole)
        abort(); /* a log with a hole would prove nothing */
}

static const char *below(const char *path) {
    size_t length = directory ? strlen(directory) : 0;
    const char *end = strrchr(path, '-');
    if (log_file < 0 || strncmp(path, directory, length) || (end && !strcmp(end, "-shm")))
        return NULL;
    return path[length] == '/' ? path + length + 1 : path[length] ? NULL : ".";
}

static const char *name_of(int file) {
    return file >= 0 && file < MOST_FILES ? names[file] : NULL;
}

static int opened(int file, int flags) {
    char link[64], path[PATH_MAX];
    ssize_t length;
    const char *name;
    if (log_file < 0 || file < 0 || file >= MOST_FILES)
        return file;
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    if ((length = readlink(link, path, sizeof path - 1)) < 0)
        return file;
    path[length] = 0;
    name = strcmp(path, marks_path) ? below(path) : "";
    names[file] = name ? strdup(name) : NULL;
    if (name && *name && flags & (O_CREAT | O_TRUNC))
        record('O', name, flags & O_TRUNC ? 1 : 0, "", 0);
    return file;
}

int openat(int parent, const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    mode_t mode = flags & O_CREAT || (flags & O_TMPFILE) == O_TMPFILE ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    return opened(syscall(SYS_openat, parent, path, flags, mode), flags);
}

int open(const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    mode_t mode = flags & O_CREAT || (flags & O_TMPFILE) == O_TMPFILE ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    return opened(syscall(SYS_openat, AT_FDCWD, path, flags, mode), flags);
}

static ssize_t written(int file, const void *data, ssize_t length, off_t offset) {
    const char *name = name_of(file);
    if (name && length >= 0)
        record(*name ? 'W' : 'M', name, offset, data, length);
    return length;
}

ssize_t pwrite(int file, const void *data, size_t length, off_t offset) {
    return written(file, data, syscall(SYS_pwrite64, file, data, length, offset), offset);
}

ssize_t write(int file, const void *data, size_t length) {
    ssize_t done = syscall(SYS_write, file, data, length);
    return name_of(file) ? written(file, data, done, lseek(file, 0, SEEK_CUR) - done) : done;
}

static int synced(int file, int answer) {
    if (!answer && name_of(file))
        record('S', names[file], 0, "", 0);
    return answer;
}

int fsync(int file) { return synced(file, syscall(SYS_fsync, file)); }

int fdatasync(int file) { return synced(file, syscall(SYS_fdatasync, file)); }

int ftruncate(int file, off_t size) {
    int answer = syscall(SYS_ftruncate, file, size);
    if (!answer && name_of(file))
        record('T', names[file], size, "", 0);
    return answer;
}

int unlink(const char *path) {
    int answer = syscall(SYS_unlinkat, AT_FDCWD, path, 0);
    const char *name = below(path);
    if (!answer && name)
        record('U', name, 0, "", 0);
    return answer;
}

int rename(const char *from, const char *to) {
    int answer = syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
    const char *old = below(from), *new = below(to);
    if (!answer && old && new)
        record('R', old, 0, new, strlen(new));
    return answer;
}

int close(int file) {
    if (name_of(file)) {
        free(names[file]);
        names[file] = NULL;
    }
    return syscall(SYS_close, file);
}

int open64(const char *, int, ...) __attribute__((alias("open")));
int openat64(int, const char *, int, ...) __attribute__((alias("openat")));
ssize_t pwrite64(int, const void *, size_t, off_t) __attribute__((alias("pwrite")));
int ftruncate64(int, off_t) __attribute__((alias("ftruncate")));
