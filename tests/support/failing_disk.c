/* Loaded before libc (LD_PRELOAD), lets one operation on a file under a folder fail, or all from one on.

   FAILING_DISK_FOLDER: absolute path of the folder.
   FAILING_DISK_CONTROL: a file that holds one `struct control`, shared with the test that decides; see failing_disk.py.

   Counted are writes, truncations, syncs, renames and removals, in the order in which they come. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

struct control {
  atomic_long seen;   /* operations since it was set */
  atomic_long first;  /* the first to fail, from 1; 0 for none */
  atomic_long last;   /* the last to fail */
  atomic_long error;  /* errno; 0: it never returns */
  atomic_long failed; /* how many have failed */
  char what[4096];    /* a line for the first that failed: its name and its file */
};

static struct control *control;
static const char *folder;
static size_t folder_length;

__attribute__((constructor)) static void begin(void) {
  const char *path = getenv("FAILING_DISK_CONTROL");
  folder = getenv("FAILING_DISK_FOLDER");
  if (!path || !folder) return;
  folder_length = strlen(folder);
  int descriptor = open(path, O_RDWR | O_CLOEXEC);
  if (descriptor < 0) return;
  void *mapped = mmap(NULL, sizeof(struct control), PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
  close(descriptor);
  if (mapped != MAP_FAILED) control = mapped;
}

static int inside(const char *path) {
  return strncmp(path, folder, folder_length) == 0 && (path[folder_length] == '/' || path[folder_length] == 0);
}

/* Count an operation on `path`; nonzero, with errno set, where it is to fail. */
static int fails(const char *name, const char *path) {
  if (!control || !inside(path)) return 0;
  long number = atomic_fetch_add(&control->seen, 1) + 1;
  long first = atomic_load(&control->first);
  if (first == 0 || number < first || number > atomic_load(&control->last)) return 0;
  if (atomic_fetch_add(&control->failed, 1) == 0) snprintf(control->what, sizeof control->what, "%s %s", name, path);
  while (atomic_load(&control->error) == 0) pause();
  errno = (int)atomic_load(&control->error);
  return 1;
}

static int descriptor_fails(const char *name, int descriptor) {
  if (!control) return 0;
  char link[64], path[PATH_MAX];
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = 0;
  return fails(name, path);
}

static int name_fails(const char *name, int at, const char *path) {
  if (!control) return 0;
  if (path[0] == '/') return fails(name, path);
  char link[64], whole[2 * PATH_MAX];
  ssize_t length;
  if (at == AT_FDCWD) {
    if (!getcwd(whole, PATH_MAX)) return 0;
    length = (ssize_t)strlen(whole);
  } else {
    snprintf(link, sizeof link, "/proc/self/fd/%d", at);
    length = readlink(link, whole, PATH_MAX - 1);
    if (length < 0) return 0;
  }
  snprintf(whole + length, sizeof whole - (size_t)length, "/%s", path);
  return fails(name, whole);
}

/* The function of that name that this one stands before. */
#define NEXT(result, name, ...) \
  static result (*next)(__VA_ARGS__); \
  if (!next) next = (result(*)(__VA_ARGS__))dlsym(RTLD_NEXT, name)

#define BY_DESCRIPTOR(result, name, parameters, types, arguments) \
  result name parameters { \
    NEXT(result, #name, types); \
    if (descriptor_fails(#name, descriptor)) return -1; \
    return next arguments; \
  }
#define TYPES(...) __VA_ARGS__

BY_DESCRIPTOR(ssize_t, write, (int descriptor, const void *from, size_t size), TYPES(int, const void *, size_t),
              (descriptor, from, size))
BY_DESCRIPTOR(ssize_t, pwrite, (int descriptor, const void *from, size_t size, off_t at),
              TYPES(int, const void *, size_t, off_t), (descriptor, from, size, at))
BY_DESCRIPTOR(ssize_t, pwrite64, (int descriptor, const void *from, size_t size, off64_t at),
              TYPES(int, const void *, size_t, off64_t), (descriptor, from, size, at))
BY_DESCRIPTOR(ssize_t, writev, (int descriptor, const struct iovec *from, int count),
              TYPES(int, const struct iovec *, int), (descriptor, from, count))
BY_DESCRIPTOR(ssize_t, pwritev, (int descriptor, const struct iovec *from, int count, off_t at),
              TYPES(int, const struct iovec *, int, off_t), (descriptor, from, count, at))
BY_DESCRIPTOR(ssize_t, pwritev64, (int descriptor, const struct iovec *from, int count, off64_t at),
              TYPES(int, const struct iovec *, int, off64_t), (descriptor, from, count, at))
BY_DESCRIPTOR(int, ftruncate, (int descriptor, off_t size), TYPES(int, off_t), (descriptor, size))
BY_DESCRIPTOR(int, ftruncate64, (int descriptor, off64_t size), TYPES(int, off64_t), (descriptor, size))
BY_DESCRIPTOR(int, fsync, (int descriptor), TYPES(int), (descriptor))
BY_DESCRIPTOR(int, fdatasync, (int descriptor), TYPES(int), (descriptor))

int rename(const char *from, const char *to) {
  NEXT(int, "rename", const char *, const char *);
  return name_fails("rename", AT_FDCWD, to) ? -1 : next(from, to);
}

int renameat(int from_at, const char *from, int to_at, const char *to) {
  NEXT(int, "renameat", int, const char *, int, const char *);
  return name_fails("renameat", to_at, to) ? -1 : next(from_at, from, to_at, to);
}

int renameat2(int from_at, const char *from, int to_at, const char *to, unsigned int flags) {
  NEXT(int, "renameat2", int, const char *, int, const char *, unsigned int);
  return name_fails("renameat2", to_at, to) ? -1 : next(from_at, from, to_at, to, flags);
}

int unlink(const char *path) {
  NEXT(int, "unlink", const char *);
  return name_fails("unlink", AT_FDCWD, path) ? -1 : next(path);
}

int unlinkat(int at, const char *path, int flags) {
  NEXT(int, "unlinkat", int, const char *, int);
  return name_fails("unlinkat", at, path) ? -1 : next(at, path, flags);
}
