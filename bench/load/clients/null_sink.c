// null_sink PORT PARTITIONS
// The least that a Kafka broker can do: it reads Produce requests, drops the records and
// acknowledges them. What a client reaches against it is the limit of that client and of the
// loopback on this machine; a broker's figure is given as a share of it. One thread a connection,
// no checks: never expose it.
#include <stdlib.h>

#include "threads.h"

static long next_offset[MAX_PARTITIONS];

static int64_t append(int index, const uint8_t *batch, int size) {
  (void)size;
  return __sync_fetch_and_add(&next_offset[index], records_in(batch));
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
    if (!answer_producer(answer, &request, append)) break;
    if (request.acks == 0) continue;
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
  serve_connections(serve);
  return 1;
}
