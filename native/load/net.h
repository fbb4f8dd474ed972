/*
 * Connections and the loop: epoll, edge-triggered, every interest set once at the start. A message costs one recv and
 * one send: a recv that filled less than its room has emptied the socket, so nobody asks again, and what arrives later
 * is a new edge.
 */
#ifndef LOAD_NET_H
#define LOAD_NET_H

#include "measure.h"
#include "payload.h"
#include "upgrade.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef IP_BIND_ADDRESS_NO_PORT
#define IP_BIND_ADDRESS_NO_PORT 24
#endif

#define EVENTS 512
#define SCRATCH (256 << 10)
#define TURNS_MAX 4 /* reads or writes of one connection before the others are looked at again */
#define SILENCE_MAX (10 * NS_PER_S)

enum state { FREE, LISTENING, CONNECTING, UPGRADING, GREETING, OPEN };

struct conn {
    int fd;
    uint32_t generation; /* counts the descriptor's uses: an event of an earlier one is nobody's */
    uint8_t state, service, flags;
    bool is_origin, is_queued, is_blocked, is_ending, is_storm;
    /* Sending: what is left of the current send, and the messages that wait for theirs. */
    uint32_t owed, send_phase;
    const uint8_t *out;
    size_t out_length;
    /* Receiving. */
    uint32_t receive_phase, partial;
    struct frame_reader frame;
    /* When the messages that are on their way were meant to be sent, oldest first: a ring of a power of two. */
    uint64_t *times;
    uint32_t times_head, times_tail, times_mask;
    uint32_t number;
    uint64_t started;
    /* What could not be sent, or the part of a head that has come. */
    uint8_t *spare;
    size_t spare_length, spare_size;
    char key[KEY_LENGTH];
};

static struct conn *conns;
static uint32_t conns_max;
static int epoll_fd;
static uint64_t last_found; /* when a cycle last found something */
static uint8_t scratch_memory[FRAME_HEAD_MAX + SCRATCH];
static uint8_t *const scratch = scratch_memory + FRAME_HEAD_MAX;

/* Connections that could read or write on at once, but had their turn. */
static struct conn **queue, **queue_before;
static uint32_t queue_length;

static void take_event(struct conn *c, uint32_t events);

static void open_net(void) {
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    conns_max = limit.rlim_max > 1u << 20 ? 1u << 20 : (uint32_t) limit.rlim_max;
    conns = allocated(calloc(conns_max, sizeof *conns));
    queue = allocated(calloc(conns_max, sizeof *queue));
    queue_before = allocated(calloc(conns_max, sizeof *queue));
    epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    last_found = now_ns();
}

/* Takes a socket in; NULL, and the socket closed, when there are more than we hold. */
static struct conn *add_conn(int fd, enum state state, uint32_t interest) {
    if ((uint32_t) fd >= conns_max) {
        close(fd);
        return NULL;
    }
    struct conn *c = &conns[fd];
    uint32_t generation = c->generation, size = c->times_mask;
    uint64_t *times = c->times;
    memset(c, 0, sizeof *c);
    c->fd = fd;
    c->generation = generation;
    c->state = (uint8_t) state;
    c->times = times;
    c->times_mask = size;
    struct epoll_event e = {.events = interest, .data.u64 = (uint64_t) generation << 32 | (uint32_t) fd};
    if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &e) != 0) {
        give_up("epoll_ctl: %s", strerror(errno));
    }
    return c;
}

static void drop_conn(struct conn *c, bool reset) {
    if (reset) {
        /* Lingering for zero seconds makes close(2) send a RST, and the port is free at once: no TIME_WAIT. */
        struct linger zero = {.l_onoff = 1, .l_linger = 0};
        setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &zero, sizeof zero);
    }
    close(c->fd);
    free(c->spare);
    c->spare = NULL;
    c->generation++;
    c->state = FREE;
}

static void queue_conn(struct conn *c) {
    if (!c->is_queued) {
        c->is_queued = true;
        queue[queue_length++] = c;
    }
}

static void keep_spare(struct conn *c, const uint8_t *bytes, size_t length) {
    if (c->spare_length + length > c->spare_size) {
        c->spare_size = c->spare_length + length;
        c->spare = allocated(realloc(c->spare, c->spare_size));
    }
    memcpy(c->spare + c->spare_length, bytes, length);
    c->spare_length += length;
}

static void push_time(struct conn *c, uint64_t time) {
    if (c->times == NULL || c->times_tail - c->times_head > c->times_mask) {
        uint32_t size = c->times == NULL ? 4 : (c->times_mask + 1) * 2;
        uint64_t *wider = allocated(malloc(size * sizeof *wider));
        uint32_t count = c->times_tail - c->times_head;
        for (uint32_t i = 0; i < count; i++) {
            wider[i] = c->times[(c->times_head + i) & c->times_mask];
        }
        free(c->times);
        c->times = wider;
        c->times_mask = size - 1;
        c->times_head = 0;
        c->times_tail = count;
    }
    c->times[c->times_tail++ & c->times_mask] = time;
}

/*
 * Sends what is left of c->out. False when the socket is full (its next edge goes on) or broken (its end will be read).
 */
static bool flush(struct conn *c) {
    ssize_t n = send(c->fd, c->out, c->out_length, MSG_NOSIGNAL);
    if (n == (ssize_t) c->out_length) {
        c->out_length = 0;
        c->is_blocked = false;
        return true;
    }
    if (n > 0) {
        c->out += n;
        c->out_length -= (size_t) n;
    }
    c->is_blocked = true;
    return false;
}

/* Sends bytes that are the caller's; what the socket refuses is copied, and flush() has the rest. */
static bool send_bytes(struct conn *c, const uint8_t *bytes, size_t length) {
    if (c->is_blocked) {
        memmove(c->spare, c->out, c->out_length);
        c->spare_length = c->out_length;
        keep_spare(c, bytes, length);
    } else {
        c->out = bytes;
        c->out_length = length;
        if (flush(c)) {
            return true;
        }
        c->spare_length = 0;
        keep_spare(c, c->out, c->out_length);
    }
    c->out = c->spare;
    c->out_length = c->spare_length;
    return false;
}

/* One turn of the loop: whether there was anything to do. WAIT_MS 0 spins. */
static bool cycle(int wait_ms) {
    struct epoll_event events[EVENTS];
    uint32_t waiting = queue_length;
    if (waiting > 0) {
        struct conn **now = queue;
        queue = queue_before;
        queue_before = now;
        queue_length = 0;
        for (uint32_t i = 0; i < waiting; i++) {
            now[i]->is_queued = false;
            if (now[i]->state == OPEN) {
                take_event(now[i], EPOLLIN | EPOLLOUT);
            }
        }
        wait_ms = 0;
    }
    int count = epoll_wait(epoll_fd, events, EVENTS, wait_ms);
    for (int i = 0; i < count; i++) {
        struct conn *c = &conns[(uint32_t) events[i].data.u64];
        if (c->generation == events[i].data.u64 >> 32) {
            take_event(c, events[i].events);
        }
    }
    return count > 0 || waiting > 0;
}

#endif
