/* What the modes do: each is a tick, called in every turn of the loop, between the phases that all of them share. */
#ifndef LOAD_MODES_H
#define LOAD_MODES_H

#include "client.h"

#include <poll.h>

#define STUCK_MIN (5 * NS_PER_S) /* a handshake that takes longer is a failure when the run ends */
#define READS_A_SECOND 20 /* of every slow reader */

/* Due work of the mode: whether there was any. */
static bool (*tick)(uint64_t now);

static bool no_tick(uint64_t now) {
    (void) now;
    return false;
}

/* The end of the last turn: one reading of the clock a turn serves everyone. */
static uint64_t turn_ended;

static void turn(void) {
    uint64_t before = turn_ended != 0 ? turn_ended : now_ns();
    bool ticked = tick(before);
    bool found = cycle(options.spin || ticked || tick != no_tick ? 0 : 10);
    turn_ended = now_ns();
    busy_ns += found || ticked ? turn_ended - before : 0;
    if (found) {
        last_found = turn_ended;
    } else if (turn_ended - last_found > SILENCE_MAX && options.role != ORIGIN) {
        give_up("nothing has happened for 10 s; %u of %u tunnels stand, %u are being dialled", clients.standing,
                clients.wanted, clients.dialling);
    }
}

static bool stdin_has_something(int wait_ms) {
    struct pollfd fds[] = {{.fd = 0, .events = POLLIN}, {.fd = epoll_fd, .events = POLLIN}};
    poll(fds, 2, wait_ms);
    return fds[0].revents != 0;
}

/* ---- Establishing: the first HOLD or CONNECTIONS numbers, in order. */

static enum service service_of(uint32_t number) {
    if (options.mode == SLOW && number >= (uint32_t) options.connections) {
        return SERVE_SOURCE;
    }
    return options.mode == BULK && options.oneway ? SERVE_SINK : SERVE_ECHO;
}

static bool dial_tick(uint64_t now) {
    (void) now;
    bool dialled = false;
    while (clients.dialled < clients.wanted && clients.dialling < DIALS_MAX) {
        dial(clients.dialled, service_of(clients.dialled), false);
        clients.dialled++;
        dialled = true;
    }
    return dialled;
}

static void establish(void) {
    uint64_t start = now_ns();
    clients.wanted = (uint32_t) (options.mode == STORM ? options.hold
                                 : options.mode == SLOW ? options.connections + options.hold
                                                        : options.connections);
    clients.all = allocated(calloc(clients.wanted + 1, sizeof *clients.all));
    tick = dial_tick;
    while (clients.dialled < clients.wanted || clients.dialling > 0) {
        turn();
    }
    tick = no_tick;
    if (clients.standing == 0 && clients.wanted > 0) {
        give_up("none of %u tunnels came to stand", clients.wanted);
    }
    say("established %u %llu", clients.standing, (unsigned long long) (now_ns() - start) / NS_PER_MS);
}

/* ---- Open loop: message I is due at start + I / rate, on the connections in turn. */

static uint64_t schedule_start, schedule_next;

static bool rate_tick(uint64_t now) {
    bool sent = false;
    for (;;) {
        uint64_t due = schedule_start + (uint64_t) ((double) schedule_next * 1e9 / options.rate);
        if (due > now) {
            return sent;
        }
        struct conn *c = clients.all[schedule_next++ % (uint64_t) options.connections];
        if (c != NULL) {
            send_message(c, due);
            if (!c->is_blocked) {
                pump(c);
            }
        }
        sent = true;
    }
}

/* ---- Slow readers: each takes its share a few times a second, the readers spread evenly. */

static uint64_t reads_start, reads_next;

static bool read_slowly(uint64_t now) {
    bool took = false;
    uint64_t gap = NS_PER_S / READS_A_SECOND;
    size_t share = (size_t) options.reader_rate / READS_A_SECOND;
    share = share == 0 ? 1 : share;
    while (options.hold > 0 && reads_start + reads_next * gap / (uint64_t) options.hold <= now) {
        struct conn *c = clients.all[(uint64_t) options.connections + reads_next++ % (uint64_t) options.hold];
        took = true;
        if (c == NULL) {
            continue;
        }
        ssize_t n = recv(c->fd, scratch, share, MSG_TRUNC);
        if (n > 0) {
            counts.bytes += (uint64_t) n;
            last_found = now;
        } else if (n == 0 || errno != EAGAIN) {
            client_ended(c, n == 0 ? "end of stream" : strerror(errno));
        }
    }
    return took;
}

static bool slow_tick(uint64_t now) {
    bool sent = is_open_loop() && options.connections > 0 && rate_tick(now);
    return read_slowly(now) || sent;
}

/* ---- Storm: PARALLEL handshakes in flight, each connection ended as soon as it stands. */

static bool storm_tick(uint64_t now) {
    bool dialled = false;
    (void) now;
    while (clients.dialling < (uint32_t) options.parallel) {
        struct conn *c = dial(clients.wanted, options.abort ? SERVE_ECHO : SERVE_FAREWELL, true);
        dialled = true;
        if (c == NULL) {
            break;
        }
    }
    return dialled;
}

/* ---- Phases. */

static void run_until(uint64_t end) {
    turn_ended = now_ns();
    while (turn_ended < end) {
        turn();
        if (clients.wanted > 0 && clients.standing == 0) {
            give_up("all %u tunnels have ended", clients.wanted);
        }
    }
}

static void start_traffic(void) {
    bool echoes = options.mode == ECHO || options.mode == SLOW;
    clients.is_sending = true;
    schedule_start = reads_start = now_ns();
    tick = options.mode == SLOW ? slow_tick : options.mode == STORM ? storm_tick
         : echoes && is_open_loop() ? rate_tick : no_tick;
    for (long i = 0; i < options.connections && options.mode != STORM; i++) {
        struct conn *c = clients.all[i];
        for (long k = 0; k < options.depth && echoes && !is_open_loop() && c != NULL; k++) {
            send_message(c, now_ns());
        }
        if (c != NULL) {
            pump(c);
        }
    }
}

/* Open loop: answers to the window's messages may take until now to come; what has none counts with its age. */
static void await_answers(void) {
    uint64_t end = now_ns() + 2 * NS_PER_S;
    bool waiting = true;
    tick = no_tick;
    while (waiting && now_ns() < end) {
        turn();
        waiting = false;
        for (long i = 0; i < options.connections && !waiting; i++) {
            struct conn *c = clients.all[i];
            waiting = c != NULL && c->times_head != c->times_tail && c->times[c->times_head & c->times_mask]
                < window_end.at;
        }
    }
    uint64_t now = now_ns();
    for (long i = 0; i < options.connections && waiting; i++) {
        struct conn *c = clients.all[i];
        for (; c != NULL && c->times_head != c->times_tail; c->times_head++) {
            uint64_t meant = c->times[c->times_head & c->times_mask];
            if (meant >= window_start.at && meant < window_end.at) {
                record_latency(now - meant);
            }
        }
    }
}

/* Ends every client connection, and waits until the origin has seen it: the next run starts on a quiet proxy. */
static void end_all(void) {
    clients.is_ending = true;
    clients.is_sending = false;
    tick = no_tick;
    uint64_t now = now_ns();
    for (uint32_t fd = 0; fd < conns_max; fd++) {
        struct conn *c = &conns[fd];
        if (c->state != FREE && c->state != LISTENING && !c->is_origin) {
            if (c->state != OPEN && now - c->started > STUCK_MIN) {
                failed("connection %u has waited %llu ms for its upgrade", c->number,
                       (unsigned long long) ((now - c->started) / NS_PER_MS));
            }
            drop_conn(c, options.mode != DISCONNECT || options.abort > 0);
        }
    }
    clients.standing = clients.dialling = 0;
    uint64_t end = now + 5 * NS_PER_S;
    while (options.role == BOTH && origin_open > 0 && now_ns() < end) {
        turn();
    }
    if (options.role == BOTH && origin_open > 0) {
        fprintf(stderr, "load: the origin still has %u connections 5 s after the clients have left\n", origin_open);
    }
}

static void hold(void) {
    open_window();
    say("held");
    while (!stdin_has_something(-1)) {
        cycle(0);
    }
    close_window();
    end_all();
}

/* Closes everything as fast as it goes and waits until the origin has seen the last of it. */
static void disconnect(void) {
    uint32_t standing = clients.standing;
    closed_at = allocated(calloc((size_t) options.connections + 1, sizeof *closed_at));
    run_until(now_ns() + (uint64_t) options.warm_ms * NS_PER_MS);
    clients.is_ending = true;
    open_window();
    for (uint32_t i = 0; i < clients.wanted; i++) {
        if (clients.all[i] != NULL) {
            closed_at[i] = now_ns();
            drop_conn(clients.all[i], options.abort > 0);
            clients.all[i] = NULL;
            if (i % 16 == 0) {
                turn();
            }
        }
    }
    clients.standing = 0;
    uint64_t missing = options.role == BOTH ? standing : 0;
    turn_ended = last_found = now_ns();
    while (missing > 0 && turn_ended - last_found < STUCK_MIN) {
        turn();
        missing = standing - (counts.closed - window_start.counts.closed);
    }
    counts.closed += options.role == CLIENT ? standing : 0;
    close_window();
    if (missing > 0) {
        window_end.at = last_found;
    }
    for (; missing > 0; missing--) {
        failed("the origin has not seen the end of a connection for 5 s");
    }
    end_all();
}

static void measure_traffic(void) {
    start_traffic();
    uint64_t warm = now_ns() + (uint64_t) options.warm_ms * NS_PER_MS;
    run_until(warm);
    open_window();
    run_until(window_start.at + (uint64_t) options.window_ms * NS_PER_MS);
    close_window();
    if (is_open_loop() && (options.mode == ECHO || options.mode == SLOW)) {
        await_answers();
    }
    end_all();
}

#endif
