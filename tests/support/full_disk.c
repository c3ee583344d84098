/* A disk that is full while a file is there, and has room again when it is gone.
 *
 * Preloaded before libc. KIOSK_FULL_DIRECTORY is the real path of the directory whose disk it is,
 * KIOSK_FULL_WHILE the file. Nothing can be written then, not even over what is there: some file systems
 * need room for that too.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static int is_full(int file) {
    const char *directory = getenv("KIOSK_FULL_DIRECTORY"), *flag = getenv("KIOSK_FULL_WHILE");
    char link[64], path[PATH_MAX];
    int saved = errno;
    if (!directory || !flag || access(flag, F_OK)) {
        errno = saved;
        return 0;
    }
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0 || strncmp(path, directory, strlen(directory))) {
        errno = saved;
        return 0;
    }
    errno = ENOSPC;
    return 1;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t write(int file, const void *data, size_t count) {
    return is_full(file) ? -1 : REAL(write)(file, data, count);
}

ssize_t pwrite(int file, const void *data, size_t count, off_t offset) {
    return is_full(file) ? -1 : REAL(pwrite)(file, data, count, offset);
}

ssize_t pwrite64(int file, const void *data, size_t count, off64_t offset) {
    return is_full(file) ? -1 : REAL(pwrite64)(file, data, count, offset);
}

int ftruncate(int file, off_t length) {
    return is_full(file) ? -1 : REAL(ftruncate)(file, length);
}

int ftruncate64(int file, off64_t length) {
    return is_full(file) ? -1 : REAL(ftruncate64)(file, length);
}

int fallocate(int file, int mode, off_t offset, off_t length) {
    return is_full(file) ? -1 : REAL(fallocate)(file, mode, offset, length);
}

int posix_fallocate(int file, off_t offset, off_t length) {
    return is_full(file) ? ENOSPC : REAL(posix_fallocate)(file, offset, length);
}

int posix_fallocate64(int file, off64_t offset, off64_t length) {
    return is_full(file) ? ENOSPC : REAL(posix_fallocate64)(file, offset, length);
}
