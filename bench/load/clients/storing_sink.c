// storing_sink PORT PARTITIONS DIRECTORY os|group
// The least that a Kafka broker can do which stores: like null_sink, but what Produce brings is
// written to a file a partition, which grows, before it is acknowledged, and under `group` one
// thread syncs what was written since it last did, for all requests that came meanwhile. It checks
// nothing, keeps no index and never reads. The gap between it and null_sink is what storing takes
// on this machine, whoever does it. Never expose it.
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>

#include "threads.h"

typedef struct {
  pthread_mutex_t mutex;
  int fd;
  int64_t end_offset, size;
  bool dirty;
} Log;

// An answer that waits for the disk.
typedef struct Waiting {
  struct Waiting *next;
  int fd;
  size_t size;
  uint8_t bytes[];
} Waiting;

static Log logs[MAX_PARTITIONS];
static const char *directory;
static bool syncs;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t came = PTHREAD_COND_INITIALIZER;
static Waiting *first, **last = &first;

static void fatal(const char *what) {
  perror(what);
  exit(1);
}

static void forget(void) {
  for (int i = 0; i < partitions; i++) {
    pthread_mutex_lock(&logs[i].mutex);
    if (ftruncate(logs[i].fd, 0)) fatal("ftruncate");
    logs[i].end_offset = logs[i].size = 0;
    pthread_mutex_unlock(&logs[i].mutex);
  }
}

static void open_log(int index) {
  char path[4096];
  snprintf(path, sizeof path, "%s/%d.log", directory, index);
  pthread_mutex_init(&logs[index].mutex, NULL);
  logs[index].fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
  if (logs[index].fd < 0) fatal(path);
}

static int64_t append(int index, const uint8_t *batch, int size) {
  Log *log = &logs[index];
  pthread_mutex_lock(&log->mutex);
  const int64_t offset = log->end_offset;
  for (int written = 0; written < size;) {
    const ssize_t n = pwrite(log->fd, batch + written, (size_t)(size - written), log->size);
    if (n <= 0) fatal("pwrite");
    written += (int)n, log->size += n;
  }
  log->end_offset += records_in(batch);
  log->dirty = true;
  pthread_mutex_unlock(&log->mutex);
  return offset;
}

static bool send_answer(int fd, const uint8_t *bytes, size_t size) {
  return write(fd, bytes, size) == (ssize_t)size;
}

static bool answer_when_synced(int fd, const Answer *answer) {
  Waiting *waiting = malloc(sizeof *waiting + answer->size);
  if (!waiting) fatal("memory");
  *waiting = (Waiting){NULL, fd, answer->size};
  memcpy(waiting->bytes, answer->bytes, answer->size);
  pthread_mutex_lock(&mutex);
  *last = waiting;
  last = &waiting->next;
  pthread_cond_signal(&came);
  pthread_mutex_unlock(&mutex);
  return true;
}

static void sync_dirty(void) {
  for (int i = 0; i < partitions; i++) {
    pthread_mutex_lock(&logs[i].mutex);
    const bool dirty = logs[i].dirty;
    logs[i].dirty = false;
    pthread_mutex_unlock(&logs[i].mutex);
    if (dirty && fdatasync(logs[i].fd)) fatal("fdatasync");
  }
}

static void *flush(void *unused) {
  for (;;) {
    pthread_mutex_lock(&mutex);
    while (!first) pthread_cond_wait(&came, &mutex);
    Waiting *waiting = first;
    first = NULL, last = &first;
    pthread_mutex_unlock(&mutex);
    sync_dirty();
    while (waiting) {
      Waiting *next = waiting->next;
      send_answer(waiting->fd, waiting->bytes, waiting->size);
      free(waiting);
      waiting = next;
    }
  }
  return unused;
}

static void *serve(void *argument) {
  int fd = (int)(intptr_t)argument;
  uint8_t prefix[4], *frame = malloc(MAX_FRAME);
  Answer *answer = malloc(sizeof *answer);
  if (!frame || !answer) fatal("memory");
  while (read_fully(fd, prefix, 4)) {
    const uint8_t *at = prefix;
    int32_t size = take32(&at);
    if (size < 10 || size > MAX_FRAME || !read_fully(fd, frame, (size_t)size)) break;
    Request request = request_of(frame);
    if (request.api == METADATA && asks_for_another_topic(request.body)) forget();
    if (!answer_producer(answer, &request, append)) break;
    if (request.acks == 0) continue;
    const bool waits = syncs && request.api == PRODUCE;
    if (!(waits ? answer_when_synced(fd, answer) : send_answer(fd, answer->bytes, answer->size)))
      break;
  }
  if (!syncs) close(fd);  // otherwise an answer may still wait to be sent
  free(frame);
  free(answer);
  return NULL;
}

int main(int argc, char **argv) {
  if (argc != 5) return fputs("storing_sink PORT PARTITIONS DIRECTORY os|group\n", stderr), 2;
  port = atoi(argv[1]), partitions = atoi(argv[2]), directory = argv[3];
  syncs = !strcmp(argv[4], "group");
  for (int i = 0; i < partitions && i < MAX_PARTITIONS; i++) open_log(i);
  pthread_t flusher;
  if (syncs && pthread_create(&flusher, NULL, flush, NULL)) fatal("thread");
  serve_connections(serve);
  return 1;
}
