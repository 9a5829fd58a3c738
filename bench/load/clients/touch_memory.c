// Touches memory and lets go of it: touch_memory MIB. A virtual machine may hand free memory back
// to its host, and the first write to a page then waits for the host, which can cost ten times the
// write itself. What is measured next finds its memory there, whoever allocates it.
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

int main(int count, char **arguments) {
  if (count != 2) {
    fprintf(stderr, "usage: touch_memory MIB\n");
    return 2;
  }
  size_t size = (size_t)strtoul(arguments[1], NULL, 10) << 20;
  char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) {
    perror("touch_memory");
    return 1;
  }
  for (size_t at = 0; at < size; at += 4096) memory[at] = 1;
  return 0;
}
