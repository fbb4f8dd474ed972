/* The clients: connect, upgrade, then send messages and check what comes back. */
#ifndef LOAD_CLIENT_H
#define LOAD_CLIENT_H

#include "origin.h"

#define DIALS_MAX 256 /* connects in flight while the tunnels are being established */

static struct clients {
    struct conn **all; /* by number; NULL once one has ended */
    uint32_t wanted, dialled, standing, dialling;
    uint64_t dialled_ever; /* storms included: picks the addresses in turn */
    bool is_sending;       /* a closed loop answers each answer with a message */
    bool is_ending;        /* ends are no failures any more */
} clients;

static bool is_open_loop(void) {
    return options.rate > 0;
}

static void name_address(const struct sockaddr_in *a, char *name, size_t size) {
    char address[INET_ADDRSTRLEN];
    inet_ntop(AF_INET, &a->sin_addr, address, sizeof address);
    snprintf(name, size, "%s:%d", address, ntohs(a->sin_port));
}

/* Starts one connection; its handshake goes on by events. */
static struct conn *dial(uint32_t number, enum service service, bool is_storm) {
    struct sockaddr_in from = {.sin_family = AF_INET}, to = options.proxy;
    uint64_t turn = clients.dialled_ever++;
    int one = 1;
    uint64_t started = now_ns();
    if (!options.through_proxy) {
        to.sin_family = AF_INET;
        to.sin_addr.s_addr = htonl(options.origins.first + (uint32_t) (turn % options.origins.count));
        to.sin_port = htons((uint16_t) options.origin_port);
    }
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        failed("connection %u: %s", number, strerror(errno));
        return NULL;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    int result = 0;
    if (options.clients.count > 0) {
        /* The port is left to connect(2), which may share it among destinations; bind(2) would take it alone. */
        setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
        from.sin_addr.s_addr = htonl(options.clients.first + (uint32_t) (turn % options.clients.count));
        result = bind(fd, (struct sockaddr *) &from, sizeof from);
    }
    if (result == 0) {
        result = connect(fd, (struct sockaddr *) &to, sizeof to);
    }
    if (result != 0 && errno != EINPROGRESS) {
        char target[32];
        name_address(&to, target, sizeof target);
        failed("connection %u to %s: %s", number, target, strerror(errno));
        close(fd);
        return NULL;
    }
    struct conn *c = add_conn(fd, CONNECTING, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET);
    if (c == NULL) {
        failed("connection %u: more than %u descriptors", number, conns_max);
        return NULL;
    }
    c->number = number;
    c->service = (uint8_t) service;
    c->flags = (uint8_t) ((options.frames ? FLAG_FRAMES : 0) | (options.verify ? FLAG_VERIFY : 0));
    if (options.abort > 0 || options.mode != DISCONNECT) {
        c->flags |= FLAG_ABORT;
    }
    c->is_storm = is_storm;
    c->started = started;
    c->send_phase = c->receive_phase = pattern_start(number);
    clients.dialling++;
    return c;
}

static void client_ended(struct conn *c, const char *why) {
    if (c->state != OPEN) {
        clients.dialling--;
    } else if (!c->is_storm) {
        clients.standing--;
        clients.all[c->number] = NULL;
    }
    bool farewell = c->state == OPEN && c->service == SERVE_FAREWELL && strcmp(why, "end of stream") == 0;
    if (farewell) {
        counts.closed++;
    } else if (!clients.is_ending) {
        failed("connection %u ended %s: %s", c->number, c->state == OPEN ? "early" : "before its upgrade", why);
    }
    drop_conn(c, c->service != SERVE_FAREWELL && (c->flags & FLAG_ABORT) != 0);
}

/* Puts up to a slice of waiting messages into c->out, each with its own frame or as they are. */
static void load_out(struct conn *c) {
    size_t payload = (size_t) options.payload;
    if (!options.frames) {
        size_t most = SLICE_MAX / payload;
        size_t messages = c->owed < most ? c->owed : most;
        c->out = pattern + c->send_phase;
        c->out_length = messages * payload;
        c->owed -= (uint32_t) messages;
    } else {
        uint32_t mask = (uint32_t) random_bits();
        if (c->spare_size < payload + FRAME_HEAD_MAX) {
            c->spare_size = payload + FRAME_HEAD_MAX;
            c->spare = allocated(realloc(c->spare, c->spare_size));
        }
        size_t head = frame_head(c->spare, payload, &mask);
        xor_mask(c->spare + head, pattern + c->send_phase, payload, mask);
        c->out = c->spare;
        c->out_length = head + payload;
        c->owed--;
    }
    if (options.verify) {
        size_t sent = options.frames ? payload : c->out_length;
        c->send_phase = (uint32_t) ((c->send_phase + sent) % PATTERN);
    }
}

/* Sends what is owed, as far as the socket takes it. */
static void pump(struct conn *c) {
    bool endless = options.mode == BULK && clients.is_sending;
    for (int i = 0; !endless || i < TURNS_MAX; i++) {
        if (c->out_length == 0) {
            c->owed = endless ? 1 : c->owed;
            if (c->owed == 0) {
                return;
            }
            load_out(c);
        }
        size_t before = c->out_length;
        bool all = flush(c);
        if (endless && options.role == CLIENT && options.oneway) {
            counts.bytes += before - c->out_length;
        }
        if (!all) {
            return;
        }
    }
    queue_conn(c);
}

static void send_message(struct conn *c, uint64_t intended) {
    push_time(c, intended);
    c->owed++;
}

/*
 * An answer has come. Closed loop: what comes in the window counts. Open loop: what was meant to be sent in the window
 * does, whenever it comes, else a stall at the window's end would hide.
 */
static void take_answer(struct conn *c, uint64_t now) {
    uint64_t sent = c->times_head == c->times_tail ? now : c->times[c->times_head++ & c->times_mask];
    counts.messages += 2;
    counts.bytes += 2 * (uint64_t) options.payload;
    if (is_open_loop() ? sent >= window_start.at && window_start.at > 0 && (window_end.at == 0 || sent < window_end.at)
                       : in_window) {
        record_latency(now - sent);
    }
    if (clients.is_sending && !is_open_loop()) {
        send_message(c, now);
    }
}

static void client_data(struct conn *c, uint8_t *bytes, size_t length) {
    uint32_t answers = 0;
    if (options.frames) {
        length = read_frames(&c->frame, bytes, length, bytes, false, &answers);
    }
    if (options.verify && !continues_pattern(bytes, length, &c->receive_phase)) {
        counts.mismatches++;
    }
    if (options.mode == BULK) {
        counts.bytes += 2 * length;
        return;
    }
    if (!options.frames) {
        uint32_t payload = (uint32_t) options.payload;
        c->partial += (uint32_t) length;
        for (; c->partial >= payload; c->partial -= payload) {
            answers++;
        }
    }
    if (answers > 0) {
        uint64_t now = now_ns();
        for (; answers > 0; answers--) {
            take_answer(c, now);
        }
        if (!c->is_blocked) {
            pump(c);
        }
    }
}

static void send_request(struct conn *c) {
    char request[HEAD_MAX];
    struct purpose purpose = {c->service, c->flags, c->number};
    make_key(purpose, c->key);
    memcpy(request, request_head, request_length);
    memcpy(request + request_key_at, c->key, KEY_LENGTH);
    c->state = UPGRADING;
    send_bytes(c, (uint8_t *) request, request_length);
}

/* The answer to the upgrade, perhaps in pieces; what follows it is data already. */
static void client_head(struct conn *c, uint8_t *bytes, size_t length) {
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
    if (!is_accepted((const char *) bytes, head, c->key)) {
        const char *line = memchr(bytes, '\r', length);
        failed("connection %u was refused: %.*s", c->number,
               line == NULL ? 0 : (int) (line - (const char *) bytes), (const char *) bytes);
        clients.dialling--;
        drop_conn(c, true);
        return;
    }
    clients.dialling--;
    c->state = OPEN;
    c->spare_length = 0;
    counts.handshakes++;
    if (c->is_storm) {
        if (in_window) {
            record_latency(now_ns() - c->started);
        }
        if (c->service != SERVE_FAREWELL) {
            counts.closed++;
            drop_conn(c, true);
        }
        return;
    }
    clients.standing++;
    clients.all[c->number] = c;
    if (c->service == SERVE_SOURCE) {
        /* Its bytes wait until its reader takes them; to be told of each arrival would only cost. */
        epoll_ctl(epoll_fd, EPOLL_CTL_DEL, c->fd, NULL);
    } else if (length > head) {
        memmove(scratch, bytes + head, length - head);
        client_data(c, scratch, length - head);
    }
}

static void client_event(struct conn *c, uint32_t events) {
    c->is_ending = c->is_ending || (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
    if ((events & EPOLLOUT) != 0 && c->state == CONNECTING && (events & EPOLLERR) == 0) {
        send_request(c);
    } else if ((events & EPOLLOUT) != 0 && c->state == OPEN && options.mode == BULK) {
        pump(c);
    } else if ((events & EPOLLOUT) != 0 && c->is_blocked && flush(c) && c->state == OPEN) {
        pump(c);
    }
    if ((events & EPOLLIN) == 0 && !c->is_ending) {
        return;
    }
    bool discards = c->state == OPEN && options.mode == BULK && !options.verify && !options.frames;
    size_t room = discards ? 16 << 20 : SCRATCH;
    for (int i = 0; i < TURNS_MAX; i++) {
        ssize_t n = recv(c->fd, scratch, room, discards ? MSG_TRUNC : 0);
        if (n < 0 && errno == EAGAIN) {
            return;
        }
        if (n <= 0) {
            client_ended(c, n == 0 ? "end of stream" : strerror(errno));
            return;
        }
        if (discards) {
            counts.bytes += 2 * (uint64_t) n;
        } else if (c->state == UPGRADING) {
            client_head(c, scratch, (size_t) n);
        } else {
            client_data(c, scratch, (size_t) n);
        }
        if (c->state == FREE || c->service == SERVE_SOURCE || ((size_t) n < room && !c->is_ending)) {
            return;
        }
    }
    queue_conn(c);
}

static void take_event(struct conn *c, uint32_t events) {
    if (c->state == LISTENING) {
        accept_all(c);
    } else if (c->is_origin) {
        origin_event(c, events);
    } else {
        client_event(c, events);
    }
}

#endif
