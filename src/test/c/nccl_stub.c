/*
 * A stand-in for NCCL between processes of one machine without a GPU, for tests: moves bytes over
 * POSIX shared memory and refuses what the real library would not understand as meant. It checks
 * all 128 bytes of the id, that types are bytes, that the two sides of a message agree on its
 * length, and that the stream is the default one.
 *
 *     gcc -shared -fPIC -O2 -o libnccl_stub.so nccl_stub.c
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum { SUCCESS, CUDA_ERROR, SYSTEM_ERROR, INTERNAL_ERROR, INVALID_ARGUMENT, INVALID_USAGE, REMOTE_ERROR };
enum { MOST = 8, CHUNK = 1 << 16, OPERATIONS = 64, PATIENCE = 60, MAGIC = 0x57b };
enum { INT8, UINT8 };

typedef struct { char internal[128]; } UniqueId;

typedef struct {
  atomic_int full;
  int type;
  uint64_t total; /* bytes of the whole message */
  uint64_t length; /* of this part of it */
  char data[CHUNK];
} Slot;

typedef struct {
  atomic_int size, joined, error;
  atomic_int taken[MOST];
  Slot slots[MOST][MOST]; /* from, to */
} World;

typedef struct {
  int magic, rank, size;
  World *world;
} Communicator;

typedef struct {
  Communicator *communicator;
  int sends, peer, type, done;
  char *buffer;
  uint64_t total, moved;
} Operation;

static _Thread_local Operation operations[OPERATIONS];
static _Thread_local int count, depth;

static uint64_t hash(const UniqueId *id) {
  uint64_t value = 0xcbf29ce484222325u; /* FNV-1a of all but the last 8 bytes, which are the hash */
  for (int i = 0; i < 120; i++) value = (value ^ (unsigned char)id->internal[i]) * 0x100000001b3u;
  return value;
}

static void rest(void) {
  struct timespec time = {0, 30000};
  nanosleep(&time, NULL);
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + 1e-9 * time.tv_nsec;
}

const char *ncclGetErrorString(int error) {
  static const char *words[] = {"no error", "unhandled cuda error", "unhandled system error",
                                "internal error", "invalid argument", "invalid usage",
                                "remote process exited or there was a network error"};
  return error >= 0 && error <= REMOTE_ERROR ? words[error] : "unknown result code";
}

int ncclGetVersion(int *version) {
  *version = 22105;
  return SUCCESS;
}

int ncclGetUniqueId(UniqueId *id) {
  static atomic_int made;
  for (int i = 0; i < 120; i++) id->internal[i] = (char)(7 * i + 1);
  snprintf(id->internal, 64, "/adamant-nccl-%d-%d", (int)getpid(), atomic_fetch_add(&made, 1));
  uint64_t value = hash(id);
  memcpy(id->internal + 120, &value, 8);
  int file = shm_open(id->internal, O_CREAT | O_EXCL | O_RDWR, 0600);
  if (file < 0) return SYSTEM_ERROR;
  int error = ftruncate(file, sizeof(World));
  close(file);
  return error ? SYSTEM_ERROR : SUCCESS;
}

int ncclCommInitRank(Communicator **made, int size, UniqueId id, int rank) {
  uint64_t value = hash(&id);
  if (memcmp(id.internal + 120, &value, 8) || size < 1 || size > MOST || rank < 0 || rank >= size)
    return INVALID_ARGUMENT;
  int file = shm_open(id.internal, O_RDWR, 0600);
  if (file < 0) return SYSTEM_ERROR;
  World *world = mmap(NULL, sizeof(World), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  close(file);
  if (world == MAP_FAILED) return SYSTEM_ERROR;
  int expected = 0;
  if (!atomic_compare_exchange_strong(&world->size, &expected, size) && expected != size)
    return INVALID_ARGUMENT;
  if (atomic_exchange(&world->taken[rank], 1)) return INVALID_USAGE;
  atomic_fetch_add(&world->joined, 1);
  for (double end = now() + PATIENCE; atomic_load(&world->joined) < size; rest())
    if (now() > end) return SYSTEM_ERROR;
  if (rank == 0) shm_unlink(id.internal);
  Communicator *communicator = malloc(sizeof(Communicator));
  *communicator = (Communicator){MAGIC, rank, size, world};
  *made = communicator;
  return SUCCESS;
}

/* Moves a part of a message if there is room or something has come. */
static int step(Operation *o, int *moved) {
  World *world = o->communicator->world;
  int rank = o->communicator->rank;
  Slot *slot = o->sends ? &world->slots[rank][o->peer] : &world->slots[o->peer][rank];
  if (atomic_load(&slot->full) == o->sends) return SUCCESS;
  uint64_t left = o->total - o->moved;
  if (o->sends) {
    slot->type = o->type;
    slot->total = o->total;
    slot->length = left < CHUNK ? left : CHUNK;
    memcpy(slot->data, o->buffer + o->moved, slot->length);
  } else {
    if (slot->type != o->type || slot->total != o->total) return INVALID_USAGE;
    memcpy(o->buffer + o->moved, slot->data, slot->length);
  }
  o->moved += slot->length;
  o->done = o->moved == o->total;
  atomic_store(&slot->full, o->sends);
  *moved = 1;
  return SUCCESS;
}

/* Works on all that the group has until all of it is done; messages of a pair stay in order. */
static int run(void) {
  int left = count, all = count;
  count = 0;
  double end = now() + PATIENCE;
  while (left > 0) {
    int moved = 0;
    left = 0;
    for (int i = 0; i < all; i++) {
      Operation *o = &operations[i];
      int first = 1;
      for (int j = 0; j < i; j++)
        if (!operations[j].done && operations[j].sends == o->sends && operations[j].peer == o->peer)
          first = 0;
      if (!o->done && first) {
        int error = step(o, &moved);
        if (error) {
          atomic_store(&o->communicator->world->error, 1);
          return error;
        }
      }
      left += !o->done;
    }
    if (all && atomic_load(&operations[0].communicator->world->error)) return REMOTE_ERROR;
    if (left && !moved) {
      if (now() > end) return SYSTEM_ERROR;
      rest();
    }
  }
  return SUCCESS;
}

static int add(int sends, void *buffer, size_t total, int type, int peer, Communicator *c,
               void *stream) {
  if (!c || c->magic != MAGIC || peer < 0 || peer >= c->size || peer == c->rank)
    return INVALID_ARGUMENT;
  /* Other types are fine for NCCL, but then the count would not be of bytes. */
  if (type != INT8 && type != UINT8) return INVALID_ARGUMENT;
  if (!buffer || total == 0 || total >> 40 || stream || count == OPERATIONS) return INVALID_ARGUMENT;
  operations[count++] = (Operation){c, sends, peer, type, 0, buffer, total, 0};
  return depth > 0 ? SUCCESS : run();
}

int ncclGroupStart(void) {
  depth++;
  return SUCCESS;
}

int ncclGroupEnd(void) {
  if (depth == 0) return INVALID_USAGE;
  return --depth > 0 ? SUCCESS : run();
}

int ncclSend(const void *buffer, size_t total, int type, int peer, Communicator *c, void *stream) {
  return add(1, (void *)buffer, total, type, peer, c, stream);
}

int ncclRecv(void *buffer, size_t total, int type, int peer, Communicator *c, void *stream) {
  return add(0, buffer, total, type, peer, c, stream);
}

int ncclBroadcast(const void *from, void *to, size_t total, int type, int root, Communicator *c,
                  void *stream) {
  if (!c || c->magic != MAGIC || root < 0 || root >= c->size || from != to) return INVALID_ARGUMENT;
  if (c->rank != root) return ncclRecv(to, total, type, root, c, stream);
  ncclGroupStart();
  for (int peer = 0; peer < c->size; peer++) {
    int error = peer == root ? SUCCESS : ncclSend(from, total, type, peer, c, stream);
    if (error) {
      depth = count = 0;
      return error;
    }
  }
  return ncclGroupEnd();
}

static int end(Communicator *c) {
  if (!c || c->magic != MAGIC) return INVALID_ARGUMENT;
  munmap(c->world, sizeof(World));
  c->magic = 0;
  free(c);
  return SUCCESS;
}

int ncclCommDestroy(Communicator *c) { return end(c); }

int ncclCommAbort(Communicator *c) { return end(c); }
