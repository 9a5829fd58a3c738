// A thread for each connection.
#pragma once
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#include "kafka_wire.h"

// Prints `ready` and calls `serve` with the socket of each connection. Returns when the port cannot
// be had.
static void serve_connections(void *(*serve)(void *socket)) {
  int listener = listen_on_loopback(), one = 1;
  if (listener < 0) return perror("listen");
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
