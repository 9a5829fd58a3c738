// null_sink PORT PARTITIONS
// The least that a Kafka broker can do: it reads Produce requests, drops the records and
// acknowledges them. What a client reaches against it is the limit of that client and of the
// loopback on this machine; a broker's figure is given as a share of it. One thread a connection,
// no checks: never expose it.
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "kafka_wire.h"

static long next_offset[MAX_PARTITIONS];

// Returns the number of acks asked for: 0 wants no answer.
static int answer_produce(Answer *a, const uint8_t *at, int version) {
  int length = take16(&at);
  if (length > 0) at += length;
  int acks = take16(&at);
  at += 4;
  int topics = take32(&at);
  put32(a, topics);
  for (int t = 0; t < topics; t++) {
    length = take16(&at);
    put_string(a, at, length);
    at += length;
    int count = take32(&at);
    put32(a, count);
    for (int p = 0; p < count; p++) {
      int index = take32(&at), size = take32(&at);
      const uint8_t *records_count = at + 57;
      int records = size > 61 ? take32(&records_count) : 0;
      at += size;
      put32(a, index), put16(a, 0);
      put64(a, __sync_fetch_and_add(&next_offset[index % MAX_PARTITIONS], records));
      put64(a, -1);
      if (version >= 5) put64(a, 0);
    }
  }
  put32(a, 0);
  return acks;
}

static void *serve(void *argument) {
  int fd = (int)(intptr_t)argument;
  uint8_t prefix[4], *frame = malloc(MAX_FRAME);
  Answer *answer = malloc(sizeof *answer);
  while (frame && answer && read_fully(fd, prefix, 4)) {
    const uint8_t *at = prefix;
    int32_t size = take32(&at);
    if (size < 10 || size > MAX_FRAME || !read_fully(fd, frame, (size_t)size)) break;
    Request request = request_of(frame);
    begin(answer, request.correlation);
    if (request.api == API_VERSIONS)
      answer_api_versions(answer, request.version);
    else if (request.api == METADATA)
      answer_metadata(answer, request.body);
    else if (request.api == INIT_PRODUCER_ID)
      put32(answer, 0), put16(answer, 0), put64(answer, 1000), put16(answer, 0);
    else if (request.api == PRODUCE)
      request.acks = answer_produce(answer, request.body, request.version);
    else
      break;
    if (request.acks == 0) continue;
    finish(answer, 0);
    if (write(fd, answer->bytes, answer->size) != (ssize_t)answer->size) break;
  }
  close(fd);
  free(frame);
  free(answer);
  return NULL;
}

int main(int argc, char **argv) {
  port = argc > 1 ? atoi(argv[1]) : 9292;
  partitions = argc > 2 ? atoi(argv[2]) : 6;
  int listener = listen_on_loopback(), one = 1;
  if (listener < 0) return perror("null_sink"), 1;
  puts("ready"), fflush(stdout);
  for (;;) {
    int fd = accept(listener, NULL, NULL);
    if (fd < 0) continue;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    pthread_t thread;
    if (pthread_create(&thread, NULL, serve, (void *)(intptr_t)fd))
      close(fd);
    else
      pthread_detach(thread);
  }
}
