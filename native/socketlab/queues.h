/*
 * A socketlab connection, and its two queues of commands: what step_out and step_in do for the command at the head of
 * each when poll(2) says that the socket may be written to or read from. Included once, by socketlab.c.
 */
#include <errno.h>
#include <netinet/tcp.h>
#include <time.h>
#include <unistd.h>

#include "bytes.h"

enum { CONNS = 4096, BLOCK = 64 * 1024, HEX_SHOWN = 32 * 1024, LINE_BYTES = 512 * 1024, WORDS = 16, ROUNDS = 16 };
enum kind { CONNECT, SEND, FIN, ACCEPT, RECV, RECV_UNTIL, VERIFY, DRAIN, EXPECT_EOF, EXPECT_RESET, QUIET, ECHO };

struct op {
    struct op *next;
    enum kind kind;
    char tag[32];
    long long deadline;             /* ms */
    long long not_before, every;    /* ms: a paced command waits until then before its next piece */
    uint64_t total, done;           /* bytes; for ECHO the bytes received */
    uint64_t seed, offset;          /* of the pattern */
    size_t piece;                   /* the largest piece, 0 for as much as fits */
    unsigned char *bytes;           /* literal data, or the room for received data; NULL for a pattern */
    size_t held, at;                /* RECV*: bytes kept; ECHO: at..held is still to be sent back */
    unsigned char mark[256];
    size_t mark_length;
    int accepted;                   /* ACCEPT: the number of the new connection */
};

struct conn {
    int fd;           /* -1: free */
    int error;        /* the kernel tells a reset once: kept here for every later command */
    bool ended;       /* nothing more will come: the peer's FIN was read, or an error */
    uint64_t sent, received;
    struct op *out, *in;
};

static struct conn conns[CONNS];
static int conns_used; /* no connection at or above this number */
static unsigned char block[BLOCK];
static long long now_ms;

static long long clock_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

/* ---- Answers. Each ends its command. */

static void free_op(struct op *op) {
    free(op->bytes);
    free(op);
}

static void pop(struct op **queue) {
    struct op *op = *queue;
    *queue = op->next;
    free_op(op);
    fflush(stdout);
}

static void fail(struct op **queue, const char *why) {
    struct op *op = *queue;
    printf("%s err %s after %llu bytes\n", op->tag, why, (unsigned long long) op->done);
    pop(queue);
}

static void succeed(struct op **queue) {
    struct op *op = *queue;
    printf("%s ok", op->tag);
    if (op->kind == RECV || op->kind == RECV_UNTIL) {
        printf(" ");
        print_hex(op->bytes, op->held);
    } else if (op->kind == DRAIN) {
        printf(" %llu ", (unsigned long long) op->done);
        print_hex(op->bytes, op->held);
    } else if (op->kind != FIN) {
        printf(" %llu", (unsigned long long) op->done);
    }
    printf("\n");
    pop(queue);
}

/* ---- The sending queue. */

static size_t next_piece(struct op *op, uint64_t left) {
    uint64_t most = left < BLOCK ? left : BLOCK;
    if (op->piece > 0) {
        uint64_t drawn = 1 + (pattern_at(op->seed + 1, op->done) | pattern_at(op->seed + 2, op->done) << 8) % op->piece;
        most = drawn < most ? drawn : most;
    }
    return most;
}

/*
 * A reset is told by whichever call comes first, send(2) or recv(2); what arrived before it can still be read, and then
 * recv(2) says 0 as if the peer had ended properly. EPIPE says only that there was an error before, or our own FIN.
 */
static void note_error(struct conn *c, int error) {
    c->error = error != EPIPE ? error : c->error;
}

static void step_send(struct conn *c) {
    struct op *op = c->out;
    for (int round = 0; round < ROUNDS && op->done < op->total && op->not_before <= now_ms; round++) {
        size_t length = next_piece(op, op->total - op->done);
        const unsigned char *from = op->bytes + op->done;
        if (op->bytes == NULL) {
            for (size_t i = 0; i < length; i++) {
                block[i] = pattern_at(op->seed, op->offset + op->done + i);
            }
            from = block;
        }
        /* MSG_NOSIGNAL: the default answer to a send after the peer's reset is SIGPIPE, which would end us. */
        ssize_t n = send(c->fd, from, length, MSG_NOSIGNAL);
        if (n < 0 && errno == EAGAIN) {
            return;
        }
        if (n < 0) {
            note_error(c, errno);
            fail(&c->out, strerrorname_np(errno));
            return;
        }
        op->done += (uint64_t) n;
        c->sent += (uint64_t) n;
        op->not_before = op->every > 0 ? now_ms + op->every : 0;
    }
    if (op->done == op->total) {
        succeed(&c->out);
    }
}

static void step_out(struct conn *c) {
    struct op *op = c->out;
    if (op->kind == CONNECT) {
        /* Writable means decided: SO_ERROR says how. It must be read, for the socket also turns writable on failure. */
        int error = 0;
        socklen_t length = sizeof error;
        getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &length);
        if (error != 0) {
            c->error = error;
            fail(&c->out, strerrorname_np(error));
            return;
        }
        printf("%s ok", op->tag);
        print_address(c->fd, false);
        printf("\n");
        pop(&c->out);
    } else if (op->kind == FIN) {
        /* The FIN queues behind everything send(2) took; the other direction stays open. */
        if (shutdown(c->fd, SHUT_WR) != 0) {
            fail(&c->out, strerrorname_np(errno));
        } else {
            succeed(&c->out);
        }
    } else {
        step_send(c);
    }
}

/* ---- The receiving queue. */

static void open_conn(struct conn *c, int fd) {
    memset(c, 0, sizeof *c);
    c->fd = fd;
    int one = 1;
    /* Without it Nagle's algorithm would glue the pieces of a trickle together again. */
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    conns_used = c - conns >= conns_used ? (int) (c - conns) + 1 : conns_used;
}

static void step_accept(struct conn *c) {
    int fd = accept4(c->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    struct op *op = c->in;
    if (fd < 0) {
        if (errno != EAGAIN) {
            fail(&c->in, strerrorname_np(errno));
        }
        return;
    }
    if (conns[op->accepted].fd >= 0) {
        fail(&c->in, "number in use");
        close(fd);
        return;
    }
    open_conn(&conns[op->accepted], fd);
    printf("%s ok", op->tag);
    print_address(fd, true);
    printf("\n");
    pop(&c->in);
}

/* How much the command at the head wants to read now. */
static size_t wanted(struct op *op) {
    switch (op->kind) {
        case RECV: return op->total - op->done;
        case RECV_UNTIL: return 1; /* a byte at a time: what follows the mark belongs to the next command */
        case VERIFY: return next_piece(op, op->total - op->done);
        default: return BLOCK;
    }
}

static void step_received(struct conn *c, size_t n) {
    struct op *op = c->in;
    c->received += n;
    switch (op->kind) {
        case VERIFY:
            for (size_t i = 0; i < n; i++, op->done++) {
                if (block[i] != pattern_at(op->seed, op->offset + op->done)) {
                    fail(&c->in, "mismatch");
                    return;
                }
            }
            op->not_before = op->every > 0 ? now_ms + op->every : 0;
            break;
        case EXPECT_EOF:
            fail(&c->in, "bytes instead of the end");
            return;
        case QUIET:
            fail(&c->in, "bytes instead of quiet");
            return;
        case ECHO:
            memcpy(op->bytes, block, n);
            op->held = n;
            op->at = 0;
            op->done += n;
            return;
        case EXPECT_RESET:
            op->done += n;
            return;
        default: {
            size_t kept = n < BLOCK - op->held ? n : BLOCK - op->held;
            memcpy(op->bytes + op->held, block, kept);
            op->held += kept;
            op->held = op->kind == DRAIN && op->held > HEX_SHOWN ? HEX_SHOWN : op->held;
            op->done += n;
            if (op->kind == RECV_UNTIL && op->held >= op->mark_length
                && memcmp(op->bytes + op->held - op->mark_length, op->mark, op->mark_length) == 0) {
                op->total = op->done;
            } else if (op->kind == RECV_UNTIL && op->held == BLOCK) {
                fail(&c->in, "no mark");
                return;
            }
        }
    }
    if (op->done == op->total) {
        succeed(&c->in);
    }
}

/* Nothing more will come: the peer's FIN was read (no error), or a reset, or another error. */
static void step_ended(struct conn *c) {
    int error = c->error;
    enum kind kind = c->in->kind;
    bool ends = kind == DRAIN || kind == EXPECT_EOF || kind == ECHO || (kind == VERIFY && c->in->total == UINT64_MAX);
    if (error == 0 && ends) {
        if (kind == ECHO) {
            shutdown(c->fd, SHUT_WR);
        }
        succeed(&c->in);
    } else if (error == ECONNRESET && kind == EXPECT_RESET) {
        succeed(&c->in);
    } else {
        fail(&c->in, error == 0 ? "eof" : strerrorname_np(error));
    }
}

static void step_in(struct conn *c) {
    for (int round = 0; round < ROUNDS && c->in != NULL && c->in->not_before <= now_ms; round++) {
        struct op *op = c->in;
        if (op->kind == ACCEPT) {
            step_accept(c);
            return;
        }
        if (op->kind == ECHO && op->at < op->held) {
            ssize_t n = send(c->fd, op->bytes + op->at, op->held - op->at, MSG_NOSIGNAL);
            if (n < 0 && errno == EAGAIN) {
                return;
            }
            if (n < 0) {
                note_error(c, errno);
                fail(&c->in, strerrorname_np(errno));
                return;
            }
            op->at += (size_t) n;
            c->sent += (uint64_t) n;
            continue;
        }
        if (c->ended) {
            step_ended(c);
            continue;
        }
        ssize_t n = recv(c->fd, block, wanted(op), 0);
        if (n < 0 && errno == EAGAIN) {
            return;
        }
        if (n > 0) {
            step_received(c, (size_t) n);
        } else {
            note_error(c, n < 0 ? errno : EPIPE);
            c->ended = true;
        }
    }
}
