/* What every part of load shares: the clock, the ways to speak and to give up, the counters. */
#ifndef LOAD_COMMON_H
#define LOAD_COMMON_H

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define NS_PER_MS 1000000ull
#define NS_PER_S 1000000000ull
#define SENTENCES_MAX 10

/* Of the whole run; the result is the difference between the window's edges, but for failures and mismatches. */
static struct counts {
    uint64_t messages, bytes, handshakes, closed, failures, mismatches;
} counts;

static uint64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t) t.tv_sec * NS_PER_S + (uint64_t) t.tv_nsec;
}

/* One line for whoever started us; flushed, for a pipe would keep it back. */
__attribute__((format(printf, 1, 2))) static void say(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    putchar('\n');
    fflush(stdout);
}

__attribute__((noreturn, format(printf, 1, 2))) static void give_up(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fputs("load: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    exit(1);
}

/* Every failure is counted; the first few are told, for thousands of the same sentence help nobody. */
__attribute__((format(printf, 1, 2))) static void failed(const char *format, ...) {
    counts.failures++;
    if (counts.failures > SENTENCES_MAX) {
        return;
    }
    va_list arguments;
    va_start(arguments, format);
    fputs("load: ", stderr);
    vfprintf(stderr, format, arguments);
    fputs(counts.failures == SENTENCES_MAX ? "; further failures are only counted\n" : "\n", stderr);
    va_end(arguments);
}

static void *allocated(void *memory) {
    if (memory == NULL) {
        give_up("out of memory");
    }
    return memory;
}

static uint64_t random_state = 0x9e3779b97f4a7c15ull;

/* xorshift64*: for keys and masks, which must differ, not withstand anyone. */
static uint64_t random_bits(void) {
    random_state ^= random_state >> 12;
    random_state ^= random_state << 25;
    random_state ^= random_state >> 27;
    return random_state * 0x2545f4914f6cdd1dull;
}

#endif
