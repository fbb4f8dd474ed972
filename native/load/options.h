/* The command line: --name value pairs, addresses as A or A-B. */
#ifndef LOAD_OPTIONS_H
#define LOAD_OPTIONS_H

#include "common.h"

#include <arpa/inet.h>

#define WATCHED_MAX 64
#define PAYLOAD_MAX (1 << 20)

enum mode { ECHO, BULK, HOLD, STORM, DISCONNECT, SLOW };
enum role { BOTH, ORIGIN, CLIENT };

/* Consecutive IPv4 addresses, in host order. */
struct addresses {
    uint32_t first, count;
};

static struct options {
    long mode, role;
    bool through_proxy;
    struct sockaddr_in proxy;
    struct addresses origins, clients;
    long origin_port, connections, payload, depth, verify, oneway, hold, reader_rate, parallel;
    long warm_ms, window_ms, proxy_cpu, load_cpu, spin, abort, frames;
    double rate;
    const char *path, *host;
    int watched[WATCHED_MAX], watched_count;
} options = {
    .mode = -1, .connections = 1, .payload = 64, .depth = 1, .parallel = 64, .reader_rate = 1024, .window_ms = 1000,
    .proxy_cpu = -1, .load_cpu = -1, .spin = -1, .abort = -1, .path = "/", .host = "localhost"
};

static struct addresses parse_addresses(const char *name, const char *text) {
    char copy[64];
    snprintf(copy, sizeof copy, "%s", text);
    char *last = strchr(copy, '-');
    if (last != NULL) {
        *last++ = 0;
    }
    struct in_addr a, b;
    if (inet_pton(AF_INET, copy, &a) != 1 || inet_pton(AF_INET, last != NULL ? last : copy, &b) != 1
        || ntohl(b.s_addr) < ntohl(a.s_addr)) {
        give_up("%s: \"%s\" is neither an IPv4 address nor a range A-B", name, text);
    }
    return (struct addresses){ntohl(a.s_addr), ntohl(b.s_addr) - ntohl(a.s_addr) + 1};
}

static struct sockaddr_in parse_endpoint(const char *name, const char *text) {
    char copy[64];
    snprintf(copy, sizeof copy, "%s", text);
    char *port = strchr(copy, ':');
    struct sockaddr_in a = {.sin_family = AF_INET};
    if (port != NULL) {
        *port++ = 0;
        a.sin_port = htons((uint16_t) atoi(port));
    }
    if (port == NULL || inet_pton(AF_INET, copy, &a.sin_addr) != 1) {
        give_up("%s: \"%s\" is not ADDRESS:PORT", name, text);
    }
    return a;
}

static long parse_number(const char *name, const char *text, long min, long max) {
    char *end;
    errno = 0;
    long value = strtol(text, &end, 10);
    if (errno != 0 || end == text || *end != 0 || value < min || value > max) {
        give_up("%s: \"%s\" is not a number from %ld to %ld", name, text, min, max);
    }
    return value;
}

/* The place of a word in a list such as "echo|bulk|hold". */
static long parse_word(const char *name, const char *text, const char *words) {
    size_t length = strlen(text);
    long place = 0;
    for (const char *word = words; word != NULL; place++) {
        const char *bar = strchr(word, '|');
        if ((bar != NULL ? (size_t) (bar - word) : strlen(word)) == length && strncmp(word, text, length) == 0) {
            return place;
        }
        word = bar != NULL ? bar + 1 : NULL;
    }
    give_up("%s: \"%s\" is none of %s", name, text, words);
}

static void parse_watched(const char *name, const char *text) {
    for (const char *at = text; *at != 0;) {
        char *end;
        long pid = strtol(at, &end, 10);
        if (end == at || pid <= 0 || (*end != 0 && *end != ',') || options.watched_count == WATCHED_MAX) {
            give_up("%s: \"%s\" is not a list of at most %d process ids", name, text, WATCHED_MAX);
        }
        options.watched[options.watched_count++] = (int) pid;
        at = *end == ',' ? end + 1 : end;
    }
}

static void parse_options(int count, char **words) {
    static const struct {
        const char *name;
        long *value, min, max;
    } numbers[] = {
        {"--origin-port", &options.origin_port, 1, 65535},
        {"--connections", &options.connections, 0, 1000000},
        {"--payload", &options.payload, 1, PAYLOAD_MAX},
        {"--depth", &options.depth, 1, 4096},
        {"--verify", &options.verify, 0, 1},
        {"--hold", &options.hold, 0, 1000000},
        {"--reader-rate", &options.reader_rate, 1, 1L << 30},
        {"--parallel", &options.parallel, 1, 65536},
        {"--warm-ms", &options.warm_ms, 0, 3600000},
        {"--window-ms", &options.window_ms, 1, 3600000},
        {"--proxy-cpu", &options.proxy_cpu, 0, 1023},
        {"--load-cpu", &options.load_cpu, 0, 1023},
        {"--spin", &options.spin, 0, 1},
        {"--abort", &options.abort, 0, 1},
    };
    static const struct {
        const char *name;
        long *value;
        const char *words;
    } choices[] = {
        {"--mode", &options.mode, "echo|bulk|hold|storm|disconnect|slow"},
        {"--role", &options.role, "both|origin|client"},
        {"--framing", &options.frames, "raw|frames"},
        {"--direction", &options.oneway, "echo|oneway"},
    };
    for (int i = 1; i < count; i += 2) {
        const char *name = words[i], *text = i + 1 < count ? words[i + 1] : NULL;
        if (text == NULL) {
            give_up("%s: a value is missing", name);
        }
        bool known = true;
        if (strcmp(name, "--connect") == 0) {
            options.proxy = parse_endpoint(name, text);
            options.through_proxy = true;
        } else if (strcmp(name, "--origin-addresses") == 0) {
            options.origins = parse_addresses(name, text);
        } else if (strcmp(name, "--client-addresses") == 0) {
            options.clients = parse_addresses(name, text);
        } else if (strcmp(name, "--path") == 0) {
            options.path = text;
        } else if (strcmp(name, "--host") == 0) {
            options.host = text;
        } else if (strcmp(name, "--watch") == 0) {
            parse_watched(name, text);
        } else if (strcmp(name, "--rate") == 0) {
            options.rate = strtod(text, NULL);
        } else {
            known = false;
        }
        for (size_t k = 0; k < sizeof numbers / sizeof *numbers && !known; k++) {
            if (strcmp(name, numbers[k].name) == 0) {
                *numbers[k].value = parse_number(name, text, numbers[k].min, numbers[k].max);
                known = true;
            }
        }
        for (size_t k = 0; k < sizeof choices / sizeof *choices && !known; k++) {
            if (strcmp(name, choices[k].name) == 0) {
                *choices[k].value = parse_word(name, text, choices[k].words);
                known = true;
            }
        }
        if (!known) {
            give_up("%s: no such option", name);
        }
    }
    if (options.mode < 0 && options.role != ORIGIN) {
        give_up("--mode is missing");
    }
    bool origins_needed = options.role != CLIENT || !options.through_proxy;
    if (origins_needed && (options.origins.count == 0 || options.origin_port == 0)) {
        give_up("--origin-addresses and --origin-port are missing");
    }
    if (options.mode == STORM && options.abort < 0) {
        options.abort = 1;
    }
    if (options.spin < 0) {
        /* Origin and client apart usually share a core, and two that spin would take it from each other. */
        options.spin = options.role == BOTH;
    }
}

#endif
