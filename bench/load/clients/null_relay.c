// null_relay PORT PARTITIONS
// The least that can stand between a producer and a consumer: one thread that keeps what Produce
// brings in memory, acknowledges it, and hands it to the Fetch requests that wait. It checks and
// stores nothing. How late a record comes through it is what the clients, the loopback and this
// machine's scheduler take: a broker's latency is given beside it. Never expose it.
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/uio.h>
#include <unistd.h>

#include "clock.h"
#include "kafka_wire.h"

enum { MAX_CONNECTIONS = 64, MAX_ASKED = 64, MAX_PIECES = 512 };

typedef struct {
  int64_t base_offset;
  int32_t records, size;
  uint8_t *bytes;
} Batch;

typedef struct {
  Batch *batches;
  long count, capacity;
  int64_t end_offset;
} Log;

typedef struct {
  int32_t index, max_bytes;
  int64_t offset;
} Asked;

// A Fetch that waits.
typedef struct {
  bool waits;
  int32_t correlation, max_bytes;
  double until;
  int count;
  Asked asked[MAX_ASKED];
} Fetch;

static Log logs[MAX_PARTITIONS];
static struct pollfd sockets[MAX_CONNECTIONS + 1];
static Fetch fetches[MAX_CONNECTIONS + 1];
static nfds_t socket_count;
static uint8_t frame[MAX_FRAME];
static Answer answer;

static int64_t take64(const uint8_t **at) {
  uint64_t value;
  memcpy(&value, *at, 8);
  *at += 8;
  return (int64_t)be64toh(value);
}

static int64_t append(int index, const uint8_t *bytes, int size) {
  Log *log = &logs[index];
  if (log->count == log->capacity) {
    log->capacity = log->capacity ? log->capacity * 2 : 1024;
    log->batches = realloc(log->batches, sizeof(Batch) * (size_t)log->capacity);
    if (!log->batches) abort();
  }
  Batch batch = {log->end_offset, records_in(bytes), size, malloc((size_t)size)};
  if (!batch.bytes) abort();
  memcpy(batch.bytes, bytes, (size_t)size);
  uint64_t base = htobe64((uint64_t)batch.base_offset);
  memcpy(batch.bytes, &base, 8);
  log->batches[log->count++] = batch;
  log->end_offset += batch.records;
  return batch.base_offset;
}

static void forget(void) {
  for (Log *log = logs; log < logs + MAX_PARTITIONS; log++) {
    for (long i = 0; i < log->count; i++) free(log->batches[i].bytes);
    log->count = 0, log->end_offset = 0;
  }
}

// The first batch that holds `offset` or what comes after it.
static long find(const Log *log, int64_t offset) {
  long low = 0, high = log->count;
  while (low < high) {
    long middle = low + (high - low) / 2;
    const Batch *batch = &log->batches[middle];
    if (batch->base_offset + batch->records <= offset)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

static void answer_offsets(int32_t correlation, const uint8_t *at) {
  begin(&answer, correlation);
  at += 4;
  int topics = take32(&at);
  put32(&answer, topics);
  for (int t = 0; t < topics; t++) {
    int length = take16(&at);
    put_string(&answer, at, length);
    at += length;
    int count = take32(&at);
    put32(&answer, count);
    for (int p = 0; p < count; p++) {
      int index = take32(&at);
      bool end = take64(&at) == -1;
      put32(&answer, index), put16(&answer, 0), put64(&answer, -1);
      put64(&answer, end ? logs[index % MAX_PARTITIONS].end_offset : 0);
    }
  }
  finish(&answer, 0);
}

static Fetch fetch_of(const uint8_t *at, int32_t correlation) {
  at += 4;
  Fetch fetch = {.waits = true, .correlation = correlation};
  fetch.until = now() + take32(&at) / 1e3;
  at += 4;
  fetch.max_bytes = take32(&at);
  at += 1;
  if (take32(&at) < 1) return fetch;
  int length = take16(&at);
  at += length;
  for (int left = take32(&at); left > 0 && fetch.count < MAX_ASKED; left--) {
    Asked *asked = &fetch.asked[fetch.count++];
    asked->index = take32(&at), asked->offset = take64(&at), asked->max_bytes = take32(&at);
  }
  return fetch;
}

// Writes the answer in order, the batches where they lie. False: the connection is of no use.
static bool write_all(int fd, struct iovec *pieces, int count) {
  while (count > 0) {
    ssize_t n = writev(fd, pieces, count < 256 ? count : 256);
    if (n < 0) return false;
    while (count > 0 && (size_t)n >= pieces->iov_len) n -= (ssize_t)pieces++->iov_len, count--;
    if (count > 0) {
      pieces->iov_base = (uint8_t *)pieces->iov_base + n;
      pieces->iov_len -= (size_t)n;
    }
  }
  return true;
}

// Answers when there is something, or `at_once`. False: the connection is of no use.
static bool answer_fetch(int fd, Fetch *fetch, bool at_once) {
  struct iovec pieces[MAX_PIECES];
  int used = 0;
  int64_t bytes = 0;
  begin(&answer, fetch->correlation);
  put32(&answer, 0), put32(&answer, fetch->count > 0);
  if (fetch->count > 0) {
    put_string(&answer, topic, (int)strlen(topic));
    put32(&answer, fetch->count);
  }
  size_t written = 0;
  for (int i = 0; i < fetch->count; i++) {
    const Asked *asked = &fetch->asked[i];
    const Log *log = &logs[asked->index % MAX_PARTITIONS];
    put32(&answer, asked->index), put16(&answer, 0);
    put64(&answer, log->end_offset), put64(&answer, log->end_offset), put32(&answer, 0);
    const size_t size_at = answer.size;
    put32(&answer, 0);
    pieces[used++] = (struct iovec){answer.bytes + written, answer.size - written};
    written = answer.size;
    int32_t size = 0;
    for (long b = find(log, asked->offset); b < log->count; b++) {
      const Batch *batch = &log->batches[b];
      const bool full = size + batch->size > asked->max_bytes || bytes > fetch->max_bytes;
      if ((full && size > 0) || used >= MAX_PIECES - MAX_ASKED) break;
      pieces[used++] = (struct iovec){batch->bytes, (size_t)batch->size};
      size += batch->size, bytes += batch->size;
    }
    const uint32_t in_order = htonl((uint32_t)size);
    memcpy(answer.bytes + size_at, &in_order, 4);
  }
  if (bytes == 0 && !at_once) return true;
  if (fetch->count == 0) pieces[used++] = (struct iovec){answer.bytes, answer.size};
  finish(&answer, (size_t)bytes);
  fetch->waits = false;
  return write_all(fd, pieces, used);
}

static bool serve(nfds_t i) {
  const int fd = sockets[i].fd;
  uint8_t prefix[4];
  const uint8_t *at = prefix;
  if (!read_fully(fd, prefix, 4)) return false;
  const int32_t size = take32(&at);
  if (size < 10 || size > MAX_FRAME || !read_fully(fd, frame, (size_t)size)) return false;
  Request request = request_of(frame);
  if (request.api == FETCH) {
    fetches[i] = fetch_of(request.body, request.correlation);
    return answer_fetch(fd, &fetches[i], false);
  }
  if (request.api == METADATA && asks_for_another_topic(request.body)) forget();
  if (request.api == LIST_OFFSETS)
    answer_offsets(request.correlation, request.body);
  else if (!answer_producer(&answer, &request, append))
    return false;
  if (request.acks != 0 && write(fd, answer.bytes, answer.size) != (ssize_t)answer.size)
    return false;
  for (nfds_t f = 1; request.api == PRODUCE && f < socket_count; f++)
    if (fetches[f].waits) answer_fetch(sockets[f].fd, &fetches[f], false);
  return true;
}

static void end(nfds_t i) {
  close(sockets[i].fd);
  sockets[i] = sockets[--socket_count];
  fetches[i] = fetches[socket_count];
}

static void accept_one(void) {
  const int fd = accept(sockets[0].fd, NULL, NULL), one = 1;
  if (fd < 0 || socket_count > MAX_CONNECTIONS) return;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  fetches[socket_count].waits = false;
  sockets[socket_count++] = (struct pollfd){fd, POLLIN, 0};
}

int main(int argc, char **argv) {
  port = argc > 1 ? atoi(argv[1]) : 9292;
  partitions = argc > 2 ? atoi(argv[2]) : 6;
  sockets[0] = (struct pollfd){listen_on_loopback(), POLLIN, 0};
  if (sockets[0].fd < 0) return perror("null_relay"), 1;
  socket_count = 1;
  puts("ready"), fflush(stdout);
  for (;;) {
    poll(sockets, socket_count, 10);
    const double time = now();
    for (nfds_t i = socket_count - 1; i > 0; i--) {
      if (fetches[i].waits && time >= fetches[i].until)
        answer_fetch(sockets[i].fd, &fetches[i], true);
      if (sockets[i].revents && !serve(i)) end(i);
    }
    if (sockets[0].revents) accept_one();
  }
}
