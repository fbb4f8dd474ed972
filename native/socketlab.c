/*
 * socketlab: a scriptable TCP peer, client and server side, that does on purpose what well-behaved peers rarely do:
 * half-close, reset, trickle, never read, send early, fill an accept queue.
 *
 * It reads one command a line from standard input and answers each with one line on standard output. Commands carry a
 * TAG of the caller's choice and run concurrently: a connection has one queue of sending commands and one of receiving
 * commands, so a test can send a gigabyte and look at the other side meanwhile. One process, one thread, one poll(2);
 * every command has a time limit (10 s unless timeout=MS says otherwise), and the process ends when its input does, so
 * that a test which dies takes its peers along.
 *
 *   TAG listen  C ADDRESS PORT [backlog=N] [rcvbuf=N] [sndbuf=N]     -> TAG ok ADDRESS PORT
 *   TAG accept  C NEW                                                 -> TAG ok ADDRESS PORT           (of the peer)
 *   TAG connect C ADDRESS PORT [from=ADDRESS] [rcvbuf=N] [sndbuf=N]   -> TAG ok ADDRESS PORT           (our own)
 *   TAG send    C DATA [piece=N] [every=MS]    written in random pieces of 1 to N bytes, a pause after each
 *   TAG trickle C DATA MS                      one byte every MS
 *   TAG fin     C                              half-close, after what was sent before
 *   TAG recv    C N                                                   -> TAG ok HEX
 *   TAG recv-until C HEX                       up to and with this mark, and not a byte further
 *   TAG verify  C N|eof SEED [offset=N] [piece=N] [every=MS]          -> TAG ok N   or err mismatch after N bytes
 *   TAG recv-until-eof C                                              -> TAG ok N HEX        (hex of the first 32 KiB)
 *   TAG expect-eof C | expect-reset C          the latter skips bytes and tells how many: Linux delivers what came
 *                                              before the RST first
 *   TAG expect-quiet C MS                      no byte, no end and no reset for so long
 *   TAG echo    C                              sends back all it gets, then the FIN      -> TAG ok N
 *   TAG rst     C | close C                    at once; commands still waiting on C are answered "err closed"
 *   TAG stat    C                              -> TAG ok sent= received= unread= unacked= state= retransmits=
 *
 * C and NEW are numbers below 4096. DATA is hex, or @pattern:N:SEED[:OFFSET]: N bytes in which every byte depends on
 * its position, so that a lost, doubled or reordered byte is found and located. A connection on which no receiving command
 * is pending is never read: that is the reader that never reads. Failures are "TAG err WHY", WHY an errno's name, or
 * timeout, eof, mismatch or closed, and after how many bytes of the command.
 */
#define _GNU_SOURCE
#include "socketlab/queues.h"

#include <linux/sockios.h>
#include <poll.h>
#include <sys/ioctl.h>

#ifndef IP_BIND_ADDRESS_NO_PORT
#define IP_BIND_ADDRESS_NO_PORT 24
#endif

/* ---- Commands. */

static char *words[WORDS];
static int word_count;

static const char *option(const char *key) {
    size_t length = strlen(key);
    for (int i = 3; i < word_count; i++) {
        if (strncmp(words[i], key, length) == 0 && words[i][length] == '=') {
            return words[i] + length + 1;
        }
    }
    return NULL;
}

static long long number(const char *key, long long otherwise) {
    const char *text = option(key);
    return text == NULL ? otherwise : atoll(text);
}

static void complain(const char *why) {
    printf("%s err %s\n", word_count > 0 ? words[0] : "?", why);
    fflush(stdout);
}

/*
 * The buffer sizes must stand before listen(2) or connect(2): the window scale is settled in the SYN, and an accepted
 * socket inherits the listener's. The kernel doubles what it is given, for its own bookkeeping, and stops autotuning.
 */
static void set_buffers(int fd) {
    int receive = (int) number("rcvbuf", 0);
    int send = (int) number("sndbuf", 0);
    if (receive > 0) {
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive, sizeof receive);
    }
    if (send > 0) {
        setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &send, sizeof send);
    }
}

static void enqueue(struct op **queue, struct op *op) {
    while (*queue != NULL) {
        queue = &(*queue)->next;
    }
    *queue = op;
}

static struct op *new_op(enum kind kind) {
    struct op *op = calloc(1, sizeof *op);
    if (op == NULL) {
        abort();
    }
    op->kind = kind;
    snprintf(op->tag, sizeof op->tag, "%s", words[0]);
    op->deadline = now_ms + number("timeout", 10000);
    op->every = number("every", 0);
    op->piece = (size_t) number("piece", 0);
    op->offset = (uint64_t) number("offset", 0);
    return op;
}

static void command_open(struct conn *c, bool listening) {
    struct sockaddr_storage a, from;
    socklen_t length, from_length;
    const char *source = option("from");
    if (word_count < 5 || !parse_address(words[3], atoi(words[4]), &a, &length)
        || (source != NULL && !parse_address(source, 0, &from, &from_length))) {
        complain("bad address");
        return;
    }
    int fd = socket(a.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
    int one = 1;
    open_conn(c, fd);
    set_buffers(fd);
    int result;
    if (listening) {
        /* Else a port whose last connections are in TIME_WAIT could not be listened on for a minute. */
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
        /* The queue takes backlog + 1 connections. Past that the kernel drops SYNs silently: a black hole for dials. */
        result = bind(fd, (struct sockaddr *) &a, length) != 0 ? -1 : listen(fd, (int) number("backlog", 128));
    } else {
        /* NO_PORT leaves the port to connect(2), which may share it among destinations; bind(2) would take it alone. */
        setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
        result = source != NULL ? bind(fd, (struct sockaddr *) &from, from_length) : 0;
        result = result != 0 ? result : connect(fd, (struct sockaddr *) &a, length);
    }
    if (result != 0 && errno != EINPROGRESS) {
        complain(strerrorname_np(errno));
        close(fd);
        c->fd = -1;
    } else if (listening) {
        printf("%s ok", words[0]);
        print_address(fd, false);
        printf("\n");
        fflush(stdout);
    } else {
        enqueue(&c->out, new_op(CONNECT));
    }
}

static void command_send(struct conn *c, const char *data) {
    struct op *op = new_op(SEND);
    unsigned long long total = 0, seed = 0, offset = 0;
    if (sscanf(data, "@pattern:%llu:%llu:%llu", &total, &seed, &offset) >= 2) {
        op->total = total;
        op->seed = seed;
        op->offset = offset;
    } else {
        size_t room = strlen(data) / 2 + 1;
        op->bytes = malloc(room);
        long length = op->bytes == NULL ? -1 : parse_hex(data, op->bytes, room);
        if (length < 0) {
            complain("bad data");
            free_op(op);
            return;
        }
        op->total = (uint64_t) length;
    }
    if (strcmp(words[1], "trickle") == 0) {
        op->piece = 1;
        op->every = word_count > 4 ? atoll(words[4]) : 1;
    }
    enqueue(&c->out, op);
}

static void command_receive(struct conn *c, enum kind kind) {
    struct op *op = new_op(kind);
    const char *argument = word_count > 3 ? words[3] : "";
    op->total = UINT64_MAX;
    if (kind == RECV || (kind == VERIFY && strcmp(argument, "eof") != 0)) {
        op->total = strtoull(argument, NULL, 10);
    }
    if (kind == VERIFY) {
        op->seed = word_count > 4 ? strtoull(words[4], NULL, 10) : 0;
    } else if (kind == ACCEPT) {
        op->accepted = atoi(argument);
    } else if (kind == QUIET) {
        op->deadline = now_ms + atoll(argument);
    } else {
        op->bytes = malloc(BLOCK);
    }
    long mark = kind == RECV_UNTIL ? parse_hex(argument, op->mark, sizeof op->mark) : 1;
    op->mark_length = (size_t) mark;
    bool fits = op->total > 0 && (kind != RECV || op->total <= BLOCK) && op->accepted >= 0 && op->accepted < CONNS;
    if (mark <= 0 || !fits) {
        complain("bad argument");
        free_op(op);
    } else {
        enqueue(&c->in, op);
    }
}

static void command_close(struct conn *c, bool reset) {
    if (reset) {
        /* Lingering for zero seconds makes close(2) discard what has not left and send a RST instead of a FIN. */
        struct linger zero = {.l_onoff = 1, .l_linger = 0};
        setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &zero, sizeof zero);
    }
    /* A plain close(2) with bytes unread sends a RST, too: the kernel tells the peer that they were lost. */
    close(c->fd);
    c->fd = -1;
    while (c->out != NULL) {
        fail(&c->out, "closed");
    }
    while (c->in != NULL) {
        fail(&c->in, "closed");
    }
    printf("%s ok\n", words[0]);
    fflush(stdout);
}

static void command_stat(struct conn *c) {
    static const char *states[] = {"?", "ESTABLISHED", "SYN_SENT", "SYN_RECV", "FIN_WAIT1", "FIN_WAIT2", "TIME_WAIT",
                                   "CLOSE", "CLOSE_WAIT", "LAST_ACK", "LISTEN", "CLOSING"};
    struct tcp_info info = {0};
    socklen_t length = sizeof info;
    int unread = 0, unacked = 0;
    ioctl(c->fd, SIOCINQ, &unread);   /* bytes that came and that nobody read */
    ioctl(c->fd, SIOCOUTQ, &unacked); /* bytes that send(2) took and the peer's kernel has not acknowledged */
    getsockopt(c->fd, IPPROTO_TCP, TCP_INFO, &info, &length);
    printf("%s ok sent=%llu received=%llu unread=%d unacked=%d state=%s retransmits=%u\n", words[0],
           (unsigned long long) c->sent, (unsigned long long) c->received, unread, unacked,
           info.tcpi_state < 12 ? states[info.tcpi_state] : "?", info.tcpi_total_retrans);
    fflush(stdout);
}

static void command(char *line) {
    static const struct { const char *name; enum kind kind; } receiving[] = {
        {"accept", ACCEPT}, {"recv", RECV}, {"recv-until", RECV_UNTIL}, {"verify", VERIFY}, {"recv-until-eof", DRAIN},
        {"expect-eof", EXPECT_EOF}, {"expect-reset", EXPECT_RESET}, {"expect-quiet", QUIET}, {"echo", ECHO}};
    word_count = 0;
    for (char *word = strtok(line, " \r"); word != NULL && word_count < WORDS; word = strtok(NULL, " \r")) {
        words[word_count++] = word;
    }
    if (word_count == 0) {
        return;
    }
    int number_of = word_count > 2 ? atoi(words[2]) : -1;
    if (number_of < 0 || number_of >= CONNS) {
        complain("usage: TAG COMMAND CONNECTION ...");
        return;
    }
    struct conn *c = &conns[number_of];
    const char *name = words[1];
    bool opens = strcmp(name, "listen") == 0 || strcmp(name, "connect") == 0;
    if (opens == (c->fd >= 0)) {
        complain(opens ? "number in use" : "not open");
    } else if (opens) {
        command_open(c, name[0] == 'l');
    } else if ((strcmp(name, "send") == 0 || strcmp(name, "trickle") == 0) && word_count > 3) {
        command_send(c, words[3]);
    } else if (strcmp(name, "fin") == 0) {
        enqueue(&c->out, new_op(FIN));
    } else if (strcmp(name, "rst") == 0 || strcmp(name, "close") == 0) {
        command_close(c, name[0] == 'r');
    } else if (strcmp(name, "stat") == 0) {
        command_stat(c);
    } else {
        for (size_t i = 0; i < sizeof receiving / sizeof *receiving; i++) {
            if (strcmp(name, receiving[i].name) == 0) {
                command_receive(c, receiving[i].kind);
                return;
            }
        }
        complain("unknown command");
    }
}

/* Returns false at the end of the input. */
static bool read_commands(void) {
    static char buffer[LINE_BYTES];
    static size_t filled;
    ssize_t n = read(STDIN_FILENO, buffer + filled, sizeof buffer - 1 - filled);
    if (n <= 0) {
        return false;
    }
    filled += (size_t) n;
    char *start = buffer, *end;
    while ((end = memchr(start, '\n', filled - (size_t) (start - buffer))) != NULL) {
        *end = 0;
        command(start);
        start = end + 1;
    }
    filled -= (size_t) (start - buffer);
    memmove(buffer, start, filled);
    if (filled == sizeof buffer - 1) {
        printf("? err line too long\n");
        fflush(stdout);
        return false;
    }
    return true;
}

/* ---- The loop. */

/* Ends the command at the head if its time is over; else lowers *wake to when something is due. */
static void check_time(struct op **queue, long long *wake) {
    while (*queue != NULL && (*queue)->deadline <= now_ms) {
        if ((*queue)->kind == QUIET) {
            succeed(queue);
        } else {
            fail(queue, "timeout");
        }
    }
    if (*queue != NULL) {
        long long due = (*queue)->not_before > now_ms ? (*queue)->not_before : (*queue)->deadline;
        due = due < (*queue)->deadline ? due : (*queue)->deadline;
        *wake = due < *wake ? due : *wake;
    }
}

int main(void) {
    static struct pollfd polled[CONNS + 1];
    for (int i = 0; i < CONNS; i++) {
        conns[i].fd = -1;
    }
    for (;;) {
        now_ms = clock_ms();
        long long wake = now_ms + 60000;
        polled[0] = (struct pollfd) {.fd = STDIN_FILENO, .events = POLLIN};
        for (int i = 0; i < conns_used; i++) {
            struct conn *c = &conns[i];
            short events = 0;
            check_time(&c->out, &wake);
            check_time(&c->in, &wake);
            if (c->out != NULL && c->out->not_before <= now_ms) {
                events |= POLLOUT;
            }
            if (c->in != NULL && c->in->not_before <= now_ms) {
                wake = c->ended ? now_ms : wake; /* known already: no event will come, so step at once */
                events |= c->in->kind == ECHO && c->in->at < c->in->held ? POLLOUT : POLLIN;
            }
            /* poll(2) reports POLLHUP and POLLERR unasked, at once and for ever: a socket nobody waits on stays out. */
            polled[i + 1] = (struct pollfd) {.fd = events == 0 ? -1 : c->fd, .events = events};
        }
        int count = conns_used;
        if (poll(polled, (nfds_t) count + 1, wake > now_ms ? (int) (wake - now_ms) : 0) < 0 && errno != EINTR) {
            return 1;
        }
        now_ms = clock_ms();
        for (int i = 0; i < count; i++) {
            struct conn *c = &conns[i];
            bool failed = polled[i + 1].revents & (POLLERR | POLLHUP | POLLNVAL);
            if (c->out != NULL && (failed || polled[i + 1].revents & POLLOUT)) {
                step_out(c);
            }
            if (c->in != NULL && (failed || c->ended || polled[i + 1].revents != 0)) {
                step_in(c);
            }
        }
        if (polled[0].revents != 0 && !read_commands()) {
            return 0;
        }
    }
}
