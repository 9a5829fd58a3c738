// sync_floor FILE TOTAL_BYTES WRITE_BYTES SYNC_EVERY_BYTES [WRITES_PER_SECOND]
// What the disk allows: writes TOTAL_BYTES in pieces of WRITE_BYTES into a preallocated, zeroed
// file and calls fdatasync after every SYNC_EVERY_BYTES. Prints JSON: MB/s, the number of
// fdatasyncs and the percentiles of their duration. MB/s count the zeroing as well: a broker has to
// do that too while it writes; preparedMegabytesPerSecond leave it out. The floor that a broker
// with group commit is measured against. With a rate it sleeps between writes, as a broker does
// between records: a disk and a processor that rest in between answer later than those that are
// kept busy.
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"

static void sleep_until(double due) {
  double wait = due - now();
  if (wait <= 0) return;
  struct timespec t = {(time_t)wait, (long)((wait - (double)(time_t)wait) * 1e9)};
  nanosleep(&t, NULL);
}

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static int write_fully(int fd, const char *bytes, size_t size, off_t at) {
  while (size > 0) {
    ssize_t n = pwrite(fd, bytes, size, at);
    if (n <= 0) return 0;
    bytes += n, size -= (size_t)n, at += n;
  }
  return 1;
}

int main(int argc, char **argv) {
  if (argc != 5 && argc != 6)
    return fprintf(stderr,
                   "sync_floor FILE TOTAL_BYTES WRITE_BYTES SYNC_EVERY_BYTES "
                   "[WRITES_PER_SECOND]\n"),
           2;
  const double interval = argc == 6 && atof(argv[5]) > 0 ? 1 / atof(argv[5]) : 0;
  const long total = atol(argv[2]), piece = atol(argv[3]), every = atol(argv[4]);
  if (total <= 0 || piece <= 0 || every <= 0) return fprintf(stderr, "sizes must be above 0\n"), 2;
  int fd = open(argv[1], O_RDWR | O_CREAT | O_TRUNC, 0600);
  if (fd < 0) return perror(argv[1]), 1;
  char *zeros = calloc(1, 1 << 20), *bytes = malloc((size_t)piece);
  double *syncs = malloc(sizeof *syncs * (size_t)(total / every + 2));
  if (!zeros || !bytes || !syncs) return perror("memory"), 1;
  double prepare = now();
  for (long at = 0; at < total; at += 1 << 20) {
    if (!write_fully(fd, zeros, 1 << 20, at)) return perror("zeroing"), 1;
  }
  if (fsync(fd)) return perror("fsync"), 1;
  prepare = now() - prepare;
  for (long i = 0; i < piece; i++) bytes[i] = (char)rand();

  long count = 0, unsynced = 0;
  double begin = now();
  for (long at = 0; at < total; at += piece) {
    long size = total - at < piece ? total - at : piece;
    if (interval > 0) sleep_until(begin + interval * (double)(at / piece));
    if (!write_fully(fd, bytes, (size_t)size, at)) return perror("write"), 1;
    unsynced += size;
    if (unsynced < every && at + size < total) continue;
    double before = now();
    if (fdatasync(fd)) return perror("fdatasync"), 1;
    syncs[count++] = now() - before;
    unsynced = 0;
  }
  double seconds = now() - begin;
  qsort(syncs, (size_t)count, sizeof *syncs, ascending);
  printf(
      "{\"megabytesPerSecond\":%.1f,\"preparedMegabytesPerSecond\":%.1f,\"seconds\":%.3f,\"syncs\":"
      "%ld,\"syncP50Ms\":%.3f,"
      "\"syncP99Ms\":%.3f}\n",
      (double)total / (seconds + prepare) / 1e6, (double)total / seconds / 1e6, seconds, count,
      syncs[count / 2] * 1e3, syncs[(long)((double)count * .99)] * 1e3);
  close(fd);
  unlink(argv[1]);
  return 0;
}
