// What null_sink.c and null_relay.c answer alike: the little of the Kafka protocol that librdkafka
// needs before it produces and consumes.
#pragma once
#include <arpa/inet.h>
#include <endian.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <string.h>

enum { MAX_FRAME = 64 << 20, MAX_PARTITIONS = 4096, MAX_ANSWER = 1 << 20 };
enum { PRODUCE = 0, FETCH = 1, LIST_OFFSETS = 2, METADATA = 3 };
enum { API_VERSIONS = 18, INIT_PRODUCER_ID = 22 };

static int port, partitions;
static char topic[256];

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
  static const int ranges[][3] = {{PRODUCE, 3, 7},  {FETCH, 4, 4},        {LIST_OFFSETS, 1, 1},
                                  {METADATA, 0, 1}, {API_VERSIONS, 0, 2}, {INIT_PRODUCER_ID, 0, 1}};
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

// One topic at a time: what was stored of another one is forgotten.
static inline int asks_for_another_topic(const uint8_t *metadata) {
  if (take32(&metadata) < 1) return 0;
  const int length = take16(&metadata) & 255;
  if (!strncmp(topic, (const char *)metadata, (size_t)length) && !topic[length]) return 0;
  memcpy(topic, metadata, (size_t)length);
  topic[length] = 0;
  return 1;
}

// What comes before an answer: its length, which finish() fills in, and the request's correlation.
static void begin(Answer *a, int32_t correlation) {
  a->size = 4;
  put32(a, correlation);
}
static void finish(Answer *a, size_t bytes_behind) {
  uint32_t length = htonl((uint32_t)(a->size - 4 + bytes_behind));
  memcpy(a->bytes, &length, 4);
}

typedef struct {
  int api, version, acks;
  int32_t correlation;
  const uint8_t *body;
} Request;

static Request request_of(const uint8_t *at) {
  Request r = {take16(&at), take16(&at), 1, take32(&at), NULL};
  int client = take16(&at);
  r.body = client > 0 ? at + client : at;
  return r;
}

// Answers with the offset that `append` gives each batch, which is 61 bytes long at least. Returns
// the number of acks asked for: 0 wants no answer.
typedef int64_t (*Append)(int index, const uint8_t *batch, int size);
static int answer_produce(Answer *a, const uint8_t *at, int version, Append append) {
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
      put32(a, index), put16(a, 0);
      put64(a, size >= 61 ? append(index % MAX_PARTITIONS, at, size) : 0);
      put64(a, -1);
      if (version >= 5) put64(a, 0);
      at += size;
    }
  }
  put32(a, 0);
  return acks;
}

static int32_t records_in(const uint8_t *batch) {
  const uint8_t *count = batch + 57;
  return take32(&count);
}

// The whole answer to what a producer asks; 0 for anything else. Sets the request's acks.
static int answer_producer(Answer *a, Request *request, Append append) {
  begin(a, request->correlation);
  if (request->api == API_VERSIONS)
    answer_api_versions(a, request->version);
  else if (request->api == METADATA)
    answer_metadata(a, request->body);
  else if (request->api == INIT_PRODUCER_ID)
    put32(a, 0), put16(a, 0), put64(a, 1000), put16(a, 0);
  else if (request->api == PRODUCE)
    request->acks = answer_produce(a, request->body, request->version, append);
  else
    return 0;
  finish(a, 0);
  return 1;
}

// Returns the socket, -1 where the port cannot be had.
static int listen_on_loopback(void) {
  int listener = socket(AF_INET, SOCK_STREAM, 0), one = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(listener, (void *)&address, sizeof address) || listen(listener, 64)) return -1;
  return listener;
}
