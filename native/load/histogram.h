/*
 * Latencies in nanoseconds, log-linear: exact below 2048, then 1024 steps to every doubling, so that a bucket is never
 * wider than a thousandth of its value. Past 60 s values are counted as 60 s.
 */
#ifndef LOAD_HISTOGRAM_H
#define LOAD_HISTOGRAM_H

#include "common.h"

#define LATENCY_MAX (60 * NS_PER_S)
#define LATENCY_BUCKETS (2048 + 25 * 1024) /* 60 s has 36 bits: 36 - 11 doublings past the exact ones. */

static uint64_t latencies[LATENCY_BUCKETS];

static void record_latency(uint64_t ns) {
    ns = ns > LATENCY_MAX ? LATENCY_MAX : ns;
    if (ns < 2048) {
        latencies[ns]++;
        return;
    }
    int shift = 63 - __builtin_clzll(ns) - 10;
    latencies[2048 + (shift - 1) * 1024 + (ns >> shift) - 1024]++;
}

/* The greatest value that falls into a bucket. */
static uint64_t latency_of(int bucket) {
    if (bucket < 2048) {
        return (uint64_t) bucket;
    }
    int shift = (bucket - 2048) / 1024 + 1;
    uint64_t step = (uint64_t) (bucket - 2048) % 1024 + 1024;
    return ((step + 1) << shift) - 1;
}

static void print_latencies(void) {
    const char *comma = "";
    putchar('[');
    for (int i = 0; i < LATENCY_BUCKETS; i++) {
        if (latencies[i] > 0) {
            printf("%s[%llu,%llu]", comma, (unsigned long long) latency_of(i), (unsigned long long) latencies[i]);
            comma = ",";
        }
    }
    putchar(']');
}

#endif
