/*
 * load: the clients and the origin of the benchmark, in one process with one thread, or in several that share the work.
 *
 * Relaying one message costs a proxy one recv and one send, and the load the same at its two ends. So nothing else may
 * cost anything here: the loop spins and takes events in batches, interest is set once, payloads are slices of a table,
 * an answer is one recv and nobody asks for more.
 *
 *   --mode echo         messages there and back: closed loop, DEPTH in flight a connection, or open loop at RATE
 *   --mode bulk         writes of PAYLOAD bytes as fast as they are taken, one way or echoed
 *   --mode hold         tunnels that stand; a line on standard input, or its end, ends them
 *   --mode storm        PARALLEL handshakes in flight, each ended when its 101 is verified, HOLD tunnels beside them
 *   --mode disconnect   all tunnels ended at once; each takes until the origin has seen it
 *   --mode slow         HOLD readers that take READER-RATE bytes a second of an endless stream, echo beside them
 *
 * Standard output: listening, established N MS, held, window, result {json}; standard error: sentences about failures.
 * It ends with 1 when it could not measure, which includes 10 s in which nothing happened.
 */
#define _GNU_SOURCE
#include "load/modes.h"

#include <sched.h>
#include <signal.h>
#include <sys/random.h>

static void pin(long cpu) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET((size_t) cpu, &set);
    if (sched_setaffinity(0, sizeof set, &set) != 0) {
        give_up("cannot run on CPU %ld: %s", cpu, strerror(errno));
    }
}

/* Until standard input ends; looked at a hundred times a second when the loop spins. */
static void serve(void) {
    uint64_t look = 0;
    char line[256];
    tick = no_tick;
    for (;;) {
        turn();
        uint64_t now = now_ns();
        if (now >= look) {
            look = now + 10 * NS_PER_MS;
            if (stdin_has_something(0) && read(0, line, sizeof line) <= 0) {
                return;
            }
        }
    }
}

int main(int count, char **words) {
    parse_options(count, words);
    signal(SIGPIPE, SIG_IGN);
    if (options.load_cpu >= 0) {
        pin(options.load_cpu);
    }
    if (getrandom(&random_state, sizeof random_state, 0) != sizeof random_state || random_state == 0) {
        random_state = now_ns();
    }
    make_pattern();
    make_request(options.path, options.host);
    open_net();
    if (options.role != CLIENT) {
        for (uint32_t i = 0; i < options.origins.count; i++) {
            listen_on(options.origins.first + i);
        }
        say("listening");
    }
    if (options.role == ORIGIN) {
        serve();
        return 0;
    }
    establish();
    if (options.mode == HOLD) {
        hold();
    } else if (options.mode == DISCONNECT) {
        disconnect();
    } else {
        measure_traffic();
    }
    if (options.mode == BULK) {
        window_start.counts.messages = 0;
        window_end.counts.messages =
            (window_end.counts.bytes - window_start.counts.bytes) / (uint64_t) options.payload;
    }
    if (options.mode != STORM) {
        window_start.counts.handshakes = 0; /* all of them were before the window */
    }
    print_result();
    return 0;
}
