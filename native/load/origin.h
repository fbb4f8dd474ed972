/* The origin: answers upgrades and does what a connection's key asks for, echo first of all. */
#ifndef LOAD_ORIGIN_H
#define LOAD_ORIGIN_H

#include "net.h"

#define ACCEPTS_MAX 64
#define SOURCE_BYTES 65536

static uint32_t origin_open; /* accepted and not closed yet */

/* Mode disconnect: when the client closed its end, by number; 0 while it has not. Shared, for role both. */
static uint64_t *closed_at;

static void listen_on(uint32_t address) {
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t) options.origin_port)};
    a.sin_addr.s_addr = htonl(address);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), one = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    /* Several origin processes share the port; the kernel deals the connections out among them. */
    setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof one);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one); /* accepted sockets inherit it */
    if (bind(fd, (struct sockaddr *) &a, sizeof a) != 0 || listen(fd, 4096) != 0) {
        give_up("cannot listen on %s:%ld: %s", inet_ntoa(a.sin_addr), options.origin_port, strerror(errno));
    }
    add_conn(fd, LISTENING, EPOLLIN);
}

/* Level-triggered: what one turn leaves is there in the next. */
static void accept_all(struct conn *listener) {
    for (int i = 0; i < ACCEPTS_MAX; i++) {
        int fd = accept4(listener->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0) {
            if (errno != EAGAIN && errno != ECONNABORTED) {
                failed("the origin cannot accept: %s", strerror(errno));
            }
            return;
        }
        struct conn *c = add_conn(fd, GREETING, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET);
        if (c == NULL) {
            failed("the origin has no room for another connection");
            return;
        }
        c->is_origin = true;
        origin_open++;
    }
}

static void origin_ended(struct conn *c) {
    if (c->state == OPEN && closed_at != NULL && c->number < (uint32_t) options.connections
        && closed_at[c->number] != 0) {
        record_latency(now_ns() - closed_at[c->number]);
        closed_at[c->number] = 0;
        counts.closed++;
    }
    origin_open--;
    drop_conn(c, (c->flags & FLAG_ABORT) != 0);
}

/* Sends slices of the pattern for as long as the socket takes them, or for a turn. */
static void pour(struct conn *c) {
    for (int i = 0; i < TURNS_MAX; i++) {
        if (c->out_length == 0) {
            c->out = pattern;
            c->out_length = SOURCE_BYTES;
        }
        if (!flush(c)) {
            return;
        }
    }
    queue_conn(c);
}

static void origin_data(struct conn *c, uint8_t *bytes, size_t length) {
    bool frames = (c->flags & FLAG_FRAMES) != 0;
    if (c->service == SERVE_ECHO) {
        uint8_t *answer = bytes;
        if (frames) {
            uint32_t ended = 0;
            answer -= FRAME_HEAD_MAX;
            length = read_frames(&c->frame, bytes, length, answer, true, &ended);
        }
        if (length > 0) {
            send_bytes(c, answer, length);
        }
    } else if (c->service == SERVE_SINK) {
        if (frames) {
            uint32_t ended = 0;
            length = read_frames(&c->frame, bytes, length, bytes, false, &ended);
        }
        if ((c->flags & FLAG_VERIFY) != 0) {
            counts.mismatches += !continues_pattern(bytes, length, &c->receive_phase);
        }
        counts.bytes += length;
    }
}

/* The request, perhaps in pieces; what follows it is data already. */
static void origin_head(struct conn *c, uint8_t *bytes, size_t length) {
    char answer[256];
    struct purpose purpose = {0};
    if (c->spare_length > 0) {
        keep_spare(c, bytes, length);
        bytes = c->spare;
        length = c->spare_length;
    }
    size_t head = head_length((const char *) bytes, length);
    if (head == 0 && length < HEAD_MAX) {
        if (c->spare_length == 0) {
            keep_spare(c, bytes, length);
        }
        return;
    }
    size_t answer_length = answer_to((const char *) bytes, head, answer, &purpose);
    if (answer_length == 0) {
        failed("the origin got a request that is no WebSocket upgrade");
        origin_ended(c);
        return;
    }
    c->state = OPEN;
    c->service = purpose.service;
    c->flags = purpose.flags;
    c->number = purpose.number;
    c->receive_phase = pattern_start(c->number);
    /* Bytes behind the head move to the scratch page: the spare's memory is for sending from now on. */
    memmove(scratch, bytes + head, length - head);
    c->spare_length = 0;
    send_bytes(c, (uint8_t *) answer, answer_length);
    if (length > head) {
        origin_data(c, scratch, length - head);
    }
    if (c->service == SERVE_FAREWELL) {
        shutdown(c->fd, SHUT_WR);
    } else if (c->service == SERVE_SOURCE) {
        pour(c);
    }
}

static void origin_event(struct conn *c, uint32_t events) {
    c->is_ending = c->is_ending || (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
    if ((events & EPOLLOUT) != 0 && c->state == OPEN) {
        if (c->service == SERVE_SOURCE) {
            pour(c);
        } else if (c->is_blocked && flush(c)) {
            /* Nothing was read while the answer had no room, and the edge of that is long gone. */
            events |= EPOLLIN;
        }
    }
    if ((events & EPOLLIN) == 0 && !c->is_ending) {
        return;
    }
    bool discards = c->state == OPEN && c->service == SERVE_SINK && (c->flags & (FLAG_FRAMES | FLAG_VERIFY)) == 0;
    /* For a stream, MSG_TRUNC means: throw it away instead of copying it (tcp(7)). */
    size_t room = discards ? 16 << 20 : SCRATCH;
    for (int i = 0; i < TURNS_MAX; i++) {
        if (c->is_blocked && !c->is_ending) {
            return;
        }
        ssize_t n = recv(c->fd, scratch, room, discards ? MSG_TRUNC : 0);
        if (n < 0 && errno == EAGAIN) {
            return;
        }
        if (n <= 0) {
            origin_ended(c);
            return;
        }
        if (discards) {
            counts.bytes += (uint64_t) n;
        } else if (c->state == GREETING) {
            origin_head(c, scratch, (size_t) n);
            if (c->state == FREE) {
                return;
            }
        } else if (!c->is_blocked) {
            origin_data(c, scratch, (size_t) n);
        }
        if ((size_t) n < room && !c->is_ending) {
            return;
        }
    }
    queue_conn(c);
}

#endif
