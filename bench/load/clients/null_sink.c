// null_sink PORT PARTITIONS
// The least that a Kafka broker can do: it reads Produce requests, drops the records and
// acknowledges them. What a client reaches against it is the limit of that client and of the
// loopback on this machine; a broker's figure is given as a share of it. One thread a connection,
// no checks: never expose it.
#include <arpa/inet.h>
#include <endian.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MAX_FRAME = 64 << 20, MAX_PARTITIONS = 4096, MAX_ANSWER = 1 << 20 };
enum { PRODUCE = 0, METADATA = 3, API_VERSIONS = 18, INIT_PRODUCER_ID = 22 };

static int port, partitions;
static long next_offset[MAX_PARTITIONS];

typedef struct {
  uint8_t bytes[MAX_ANSWER];
  size_t size;
} Answer;

static void put8(Answer *a, int value) { a->bytes[a->size++] = (uint8_t)value; }
static void put16(Answer *a, int value) { put8(a, value >> 8), put8(a, value); }
static void put32(Answer *a, int32_t value) {
  value = (int32_t)htonl((uint32_t)value);
  memcpy(a->bytes + a->size, &value, 4);
  a->size += 4;
}
static void put64(Answer *a, int64_t value) {
  value = (int64_t)htobe64((uint64_t)value);
  memcpy(a->bytes + a->size, &value, 8);
  a->size += 8;
}
static void put_string(Answer *a, const void *text, int length) {
  put16(a, length);
  memcpy(a->bytes + a->size, text, (size_t)length);
  a->size += (size_t)length;
}

static int take16(const uint8_t **at) {
  int value = (int16_t)((*at)[0] << 8 | (*at)[1]);
  *at += 2;
  return value;
}
static int32_t take32(const uint8_t **at) {
  uint32_t value;
  memcpy(&value, *at, 4);
  *at += 4;
  return (int32_t)ntohl(value);
}

static int read_fully(int fd, uint8_t *into, size_t size) {
  for (size_t got = 0; got < size;) {
    ssize_t n = recv(fd, into + got, size - got, MSG_WAITALL);
    if (n <= 0) return 0;
    got += (size_t)n;
  }
  return 1;
}

static void answer_api_versions(Answer *a, int version) {
  static const int ranges[][3] = {{PRODUCE, 3, 7},          {METADATA, 0, 1}, {API_VERSIONS, 0, 2},
                                  {INIT_PRODUCER_ID, 0, 1}, {1, 4, 4},        {2, 1, 1}};
  const int count = sizeof ranges / sizeof ranges[0];
  put16(a, version > 2 ? 35 : 0);  // UNSUPPORTED_VERSION, with the list in version 0
  put32(a, count);
  for (int i = 0; i < count; i++)
    put16(a, ranges[i][0]), put16(a, ranges[i][1]), put16(a, ranges[i][2]);
  if (version == 1 || version == 2) put32(a, 0);
}

static void answer_metadata(Answer *a, const uint8_t *at) {
  int topics = take32(&at);
  put32(a, 1);
  put32(a, 1), put_string(a, "127.0.0.1", 9), put32(a, port), put16(a, -1);
  put32(a, 1);
  put32(a, topics < 0 ? 0 : topics);
  for (int t = 0; t < topics; t++) {
    int length = take16(&at);
    put16(a, 0), put_string(a, at, length), put8(a, 0);
    at += length;
    put32(a, partitions);
    for (int p = 0; p < partitions; p++) {
      put16(a, 0), put32(a, p), put32(a, 1);
      put32(a, 1), put32(a, 1), put32(a, 1), put32(a, 1);
    }
  }
}

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
    at = frame;
    int api = take16(&at), version = take16(&at), correlation = take32(&at), client = take16(&at),
        acks = 1;
    if (client > 0) at += client;
    answer->size = 4;
    put32(answer, correlation);
    if (api == API_VERSIONS)
      answer_api_versions(answer, version);
    else if (api == METADATA)
      answer_metadata(answer, at);
    else if (api == INIT_PRODUCER_ID)
      put32(answer, 0), put16(answer, 0), put64(answer, 1000), put16(answer, 0);
    else if (api == PRODUCE)
      acks = answer_produce(answer, at, version);
    else
      break;
    if (acks == 0) continue;
    uint32_t length = htonl((uint32_t)(answer->size - 4));
    memcpy(answer->bytes, &length, 4);
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
  int listener = socket(AF_INET, SOCK_STREAM, 0), one = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(listener, (void *)&address, sizeof address) || listen(listener, 64))
    return perror("null_sink"), 1;
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
