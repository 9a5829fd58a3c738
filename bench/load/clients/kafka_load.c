// One load client, on librdkafka, for every broker that speaks Kafka. Prints one line of JSON.
//
//   kafka_load produce BROKERS TOPIC COUNT SIZE ACKS [key=value ...]
//     as fast as it goes
//   kafka_load consume BROKERS TOPIC COUNT [key=value ...]
//     all partitions, from the start
//   kafka_load latency BROKERS TOPIC COUNT SIZE ACKS RATE [key=value ...]
//     from due to consumed, at a fixed rate
//   kafka_load acknowledge BROKERS TOPIC COUNT SIZE ACKS RATE [key=value ...]
//     from due to acknowledged, at a fixed rate
//
// A rate is an open loop: each record carries the time at which it was due, so that a stall counts
// against every record that it delayed (no coordinated omission). key=value sets a property of
// librdkafka.
#include <librdkafka/rdkafka.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"

enum { SAMPLE_EVERY = 16, RUN_PER_PARTITION = 64, CONSUME_BATCH = 10000, MAX_SECONDS = 300 };

static double *samples;
static long sample_count, sample_capacity;
static atomic_long delivered, failed;

static void fatal(const char *what) {
  fprintf(stderr, "kafka_load: %s\n", what);
  exit(2);
}

static void add_sample(double seconds) {
  if (sample_count < sample_capacity) samples[sample_count++] = seconds;
}

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double percentile_ms(double share) {
  if (sample_count == 0) return -1;
  long index = (long)((double)sample_count * share);
  return samples[index < sample_count ? index : sample_count - 1] * 1e3;
}

static void print_percentiles(void) {
  qsort(samples, (size_t)sample_count, sizeof *samples, ascending);
  printf(
      "\"samples\":%ld,\"p50Ms\":%.3f,\"p90Ms\":%.3f,\"p99Ms\":%.3f,\"p999Ms\":%.3f,\"maxMs\":%.3f}"
      "\n",
      sample_count, percentile_ms(.5), percentile_ms(.9), percentile_ms(.99), percentile_ms(.999),
      percentile_ms(1));
}

static void on_delivery(rd_kafka_t *client, const rd_kafka_message_t *message, void *opaque) {
  (void)client, (void)opaque;
  double *sent = message->_private;
  if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
    atomic_fetch_add(&delivered, 1);
    if (sent) add_sample(now() - *sent);
  } else if (atomic_fetch_add(&failed, 1) == 0) {
    fprintf(stderr, "kafka_load: first failure: %s\n", rd_kafka_err2str(message->err));
  }
  free(sent);
}

static void set(rd_kafka_conf_t *conf, const char *key, const char *value) {
  char error[512];
  if (rd_kafka_conf_set(conf, key, value, error, sizeof error) != RD_KAFKA_CONF_OK) fatal(error);
}

static void set_all(rd_kafka_conf_t *conf, char **properties) {
  for (; *properties; properties++) {
    char *equals = strchr(*properties, '=');
    if (!equals) fatal("a property is key=value");
    char *key = strndup(*properties, (size_t)(equals - *properties));
    set(conf, key, equals + 1);
    free(key);
  }
}

static rd_kafka_t *create(rd_kafka_type_t type, rd_kafka_conf_t *conf) {
  char error[512];
  rd_kafka_t *client = rd_kafka_new(type, conf, error, sizeof error);
  if (!client) fatal(error);
  return client;
}

static rd_kafka_t *producer(const char *brokers, const char *acks, char **properties) {
  rd_kafka_conf_t *conf = rd_kafka_conf_new();
  set(conf, "bootstrap.servers", brokers);
  set(conf, "broker.address.family", "v4");
  set(conf, "acks", acks);
  set(conf, "queue.buffering.max.messages", "2000000");
  set(conf, "queue.buffering.max.kbytes", "1048576");
  rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
  set_all(conf, properties);
  return create(RD_KAFKA_PRODUCER, conf);
}

static int partition_count(rd_kafka_t *client, rd_kafka_topic_t *topic) {
  const struct rd_kafka_metadata *metadata;
  if (rd_kafka_metadata(client, 0, topic, &metadata, 10000)) fatal("the broker gave no metadata");
  int count = metadata->topic_cnt ? metadata->topics[0].partition_cnt : 0;
  rd_kafka_metadata_destroy(metadata);
  if (count < 1) fatal("the topic has no partition");
  return count;
}

static rd_kafka_t *consumer(const char *brokers, const char *name, int64_t from) {
  rd_kafka_conf_t *conf = rd_kafka_conf_new();
  set(conf, "bootstrap.servers", brokers);
  set(conf, "broker.address.family", "v4");
  set(conf, "group.id", "kafka-load");  // assigned by hand: the group is never joined
  set(conf, "enable.auto.commit", "false");
  set(conf, "queued.max.messages.kbytes", "262144");
  rd_kafka_t *client = create(RD_KAFKA_CONSUMER, conf);
  rd_kafka_poll_set_consumer(client);
  rd_kafka_topic_t *topic = rd_kafka_topic_new(client, name, NULL);
  int count = partition_count(client, topic);
  rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(count);
  for (int i = 0; i < count; i++) rd_kafka_topic_partition_list_add(list, name, i)->offset = from;
  rd_kafka_assign(client, list);
  rd_kafka_topic_partition_list_destroy(list);
  rd_kafka_topic_destroy(topic);
  return client;
}

static void enqueue(rd_kafka_t *client, rd_kafka_topic_t *topic, int partition, void *bytes,
                    size_t size, double *sent) {
  while (rd_kafka_produce(topic, partition, RD_KAFKA_MSG_F_COPY, bytes, size, NULL, 0, sent) == -1)
    rd_kafka_poll(client, 10);
}

static int run_produce(const char *brokers, const char *name, long count, size_t size,
                       const char *acks, char **properties) {
  rd_kafka_t *client = producer(brokers, acks, properties);
  rd_kafka_topic_t *topic = rd_kafka_topic_new(client, name, NULL);
  int partitions = partition_count(client, topic);
  char *bytes = malloc(size);
  for (size_t i = 0; i < size; i++) bytes[i] = (char)rand();
  double begin = now();
  for (long i = 0; i < count; i++) {
    double *sent = NULL;
    if (i % SAMPLE_EVERY == 0 && (sent = malloc(sizeof *sent))) *sent = now();
    enqueue(client, topic, (int)(i / RUN_PER_PARTITION % partitions), bytes, size, sent);
    if (i % 256 == 0) rd_kafka_poll(client, 0);
  }
  rd_kafka_flush(client, 120000);
  double seconds = now() - begin;
  printf(
      "{\"mode\":\"produce\",\"acknowledged\":%ld,\"failed\":%ld,\"seconds\":%.3f,"
      "\"recordsPerSecond\":%.0f,\"megabytesPerSecond\":%.1f,",
      (long)delivered, (long)failed, seconds, (double)delivered / seconds,
      (double)delivered / seconds * (double)size / 1e6);
  print_percentiles();
  return delivered < count;
}

static int run_consume(const char *brokers, const char *name, long count) {
  rd_kafka_t *client = consumer(brokers, name, RD_KAFKA_OFFSET_BEGINNING);
  rd_kafka_queue_t *queue = rd_kafka_queue_get_consumer(client);
  static rd_kafka_message_t *messages[CONSUME_BATCH];
  long got = 0;
  double bytes = 0, begin = now(), first = 0;
  while (got < count && now() - begin < MAX_SECONDS) {
    ssize_t n = rd_kafka_consume_batch_queue(queue, 200, messages, CONSUME_BATCH);
    for (ssize_t i = 0; i < n; i++) {
      if (!messages[i]->err) {
        if (first == 0) first = now();
        got++, bytes += (double)messages[i]->len;
      }
      rd_kafka_message_destroy(messages[i]);
    }
  }
  double seconds = now() - first;
  printf(
      "{\"mode\":\"consume\",\"records\":%ld,\"seconds\":%.3f,\"recordsPerSecond\":%.0f,"
      "\"megabytesPerSecond\":%.1f,\"firstAfterSeconds\":%.3f}\n",
      got, seconds, (double)got / seconds, bytes / seconds / 1e6, first - begin);
  return got < count;
}

typedef struct {
  rd_kafka_t *client;
  long wanted;
} Reader;

static void *read_latencies(void *argument) {
  Reader *reader = argument;
  double last = now();
  for (long got = 0; got < reader->wanted && now() - last < 60;) {
    rd_kafka_message_t *message = rd_kafka_consumer_poll(reader->client, 100);
    if (!message) continue;
    if (!message->err && message->len >= sizeof(double)) {
      double due;
      memcpy(&due, message->payload, sizeof due);
      last = now();
      add_sample(last - due);
      got++;
    }
    rd_kafka_message_destroy(message);
  }
  return NULL;
}

static void wait_until(rd_kafka_t *client, double due) {
  while (now() < due) {
    rd_kafka_poll(client, 0);
    struct timespec pause = {0, 20000};
    if (due - now() > 5e-5) nanosleep(&pause, NULL);
  }
}

typedef struct {
  const char *brokers, *topic, *acks;
  long count;
  size_t size;
  double rate;
} LatencyRun;

static int run_latency(const LatencyRun *run, char **properties) {
  Reader reader = {consumer(run->brokers, run->topic, RD_KAFKA_OFFSET_END), run->count};
  for (double begin = now();
       now() - begin < 2;) {  // until it is at the end, before the first record is due
    rd_kafka_message_t *message = rd_kafka_consumer_poll(reader.client, 100);
    if (message) rd_kafka_message_destroy(message);
  }
  pthread_t thread;
  if (pthread_create(&thread, NULL, read_latencies, &reader)) fatal("no thread");
  rd_kafka_t *client = producer(run->brokers, run->acks, properties);
  rd_kafka_topic_t *topic = rd_kafka_topic_new(client, run->topic, NULL);
  int partitions = partition_count(client, topic);
  size_t size = run->size < sizeof(double) ? sizeof(double) : run->size;
  char *bytes = calloc(1, size);
  for (size_t i = 0; i < size; i++) bytes[i] = (char)rand();
  double begin = now() + .1;
  for (long i = 0; i < run->count; i++) {
    double due = begin + (double)i / run->rate;
    wait_until(client, due);
    memcpy(bytes, &due, sizeof due);
    enqueue(client, topic, (int)(i % partitions), bytes, size, NULL);
  }
  rd_kafka_flush(client, 30000);
  pthread_join(thread, NULL);
  printf("{\"mode\":\"latency\",\"rate\":%.0f,\"acknowledged\":%ld,\"failed\":%ld,", run->rate,
         (long)delivered, (long)failed);
  print_percentiles();
  return sample_count < run->count;
}

static int run_acknowledge(const LatencyRun *run, char **properties) {
  rd_kafka_t *client = producer(run->brokers, run->acks, properties);
  rd_kafka_topic_t *topic = rd_kafka_topic_new(client, run->topic, NULL);
  int partitions = partition_count(client, topic);
  char *bytes = calloc(1, run->size);
  if (!bytes) fatal("no memory");
  double begin = now() + 1;  // by then it knows every partition's leader
  for (long i = 0; i < run->count; i++) {
    double *due = malloc(sizeof *due);
    if (!due) fatal("no memory");
    *due = begin + (double)i / run->rate;
    wait_until(client, *due);
    enqueue(client, topic, (int)(i % partitions), bytes, run->size, due);
  }
  rd_kafka_flush(client, 30000);
  printf("{\"mode\":\"acknowledge\",\"rate\":%.0f,\"acknowledged\":%ld,\"failed\":%ld,", run->rate,
         (long)delivered, (long)failed);
  print_percentiles();
  return delivered < run->count;
}

int main(int argc, char **argv) {
  if (argc < 5) fatal("usage: see the head of kafka_load.c");
  const char *mode = argv[1], *brokers = argv[2], *topic = argv[3];
  long count = atol(argv[4]);
  samples = malloc(sizeof *samples * (size_t)count);
  sample_capacity = samples ? count : 0;
  if (!strcmp(mode, "consume")) return run_consume(brokers, topic, count);
  if (!strcmp(mode, "produce") && argc >= 7)
    return run_produce(brokers, topic, count, (size_t)atol(argv[5]), argv[6], argv + 7);
  bool is_latency = !strcmp(mode, "latency");
  if ((is_latency || !strcmp(mode, "acknowledge")) && argc >= 8) {
    LatencyRun run = {brokers, topic, argv[6], count, (size_t)atol(argv[5]), atof(argv[7])};
    return is_latency ? run_latency(&run, argv + 8) : run_acknowledge(&run, argv + 8);
  }
  fatal("usage: see the head of kafka_load.c");
}
