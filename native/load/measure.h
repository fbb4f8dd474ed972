/* The window: what the processes, the cores and the counters have come to at each of its edges, and the result. */
#ifndef LOAD_MEASURE_H
#define LOAD_MEASURE_H

#include "histogram.h"
#include "options.h"

#include <unistd.h>

struct edge {
    uint64_t at, proxy_cpu, load_cpu, busy, core_idle;
    struct counts counts;
};

static struct edge window_start, window_end;
static bool in_window;

/* Nanoseconds spent in cycles that found something to do. */
static uint64_t busy_ns;

static uint64_t cpu_ns(clockid_t clock) {
    struct timespec t;
    if (clock_gettime(clock, &t) != 0) {
        give_up("a watched process is gone");
    }
    return (uint64_t) t.tv_sec * NS_PER_S + (uint64_t) t.tv_nsec;
}

static uint64_t watched_cpu_ns(void) {
    uint64_t sum = 0;
    for (int i = 0; i < options.watched_count; i++) {
        clockid_t clock;
        if (clock_getcpuclockid(options.watched[i], &clock) != 0) {
            give_up("the watched process %d is gone", options.watched[i]);
        }
        sum += cpu_ns(clock);
    }
    return sum;
}

/* How long a core has been idle since boot, from its line in /proc/stat: user nice system idle iowait ... in ticks. */
static uint64_t core_idle_ns(long core) {
    char name[16], line[512];
    int length = snprintf(name, sizeof name, "cpu%ld ", core);
    FILE *stat = core < 0 ? NULL : fopen("/proc/stat", "re");
    unsigned long long idle = 0, waiting = 0;
    while (stat != NULL && fgets(line, sizeof line, stat) != NULL) {
        if (strncmp(line, name, (size_t) length) == 0) {
            sscanf(line + length, "%*u %*u %*u %llu %llu", &idle, &waiting);
            break;
        }
    }
    if (stat != NULL) {
        fclose(stat);
    }
    return (idle + waiting) * (NS_PER_S / (uint64_t) sysconf(_SC_CLK_TCK));
}

static struct edge take_edge(void) {
    struct edge e = {.proxy_cpu = watched_cpu_ns(), .core_idle = core_idle_ns(options.proxy_cpu)};
    e.load_cpu = cpu_ns(CLOCK_PROCESS_CPUTIME_ID);
    e.busy = busy_ns;
    e.counts = counts;
    e.at = now_ns();
    return e;
}

static void open_window(void) {
    window_start = take_edge();
    in_window = true;
    say("window");
}

static void close_window(void) {
    window_end = take_edge();
    in_window = false;
}

static double share(uint64_t part, uint64_t whole) {
    return whole == 0 ? 0 : part > whole ? 1 : (double) part / (double) whole;
}

static void print_result(void) {
    const struct edge *a = &window_start, *b = &window_end;
    uint64_t window = b->at - a->at;
    uint64_t idle = b->core_idle - a->core_idle;
#define DIFFERENCE(field) (unsigned long long) (b->field - a->field)
    printf("result {\"windowNs\":%llu,\"messages\":%llu,\"bytes\":%llu,\"handshakes\":%llu,\"closed\":%llu,",
           (unsigned long long) window, DIFFERENCE(counts.messages), DIFFERENCE(counts.bytes),
           DIFFERENCE(counts.handshakes), DIFFERENCE(counts.closed));
    printf("\"failures\":%llu,\"mismatches\":%llu,\"latency\":", (unsigned long long) counts.failures,
           (unsigned long long) counts.mismatches);
    print_latencies();
    printf(",\"proxyCpuNs\":%llu,\"proxyCoreBusy\":%.4f,\"loadCpuNs\":%llu,\"loadBusy\":%.4f}\n", DIFFERENCE(proxy_cpu),
           options.proxy_cpu < 0 ? 0 : 1 - share(idle, window), DIFFERENCE(load_cpu), share(b->busy - a->busy, window));
#undef DIFFERENCE
    fflush(stdout);
}

#endif
