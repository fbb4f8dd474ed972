/* The bytes that socketlab sends and expects, and addresses as text. Included once, by queues.h. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/*
 * splitmix64's finisher over the index of an 8-byte word; byte p is byte p % 8 of word p / 8, lowest first.
 * io.longshore.lab.BytePattern computes the same bytes.
 */
static unsigned char pattern_at(uint64_t seed, uint64_t position) {
    uint64_t z = (position >> 3) + seed * 0x9e3779b97f4a7c15ULL;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    z ^= z >> 31;
    return (unsigned char) (z >> (8 * (position & 7)));
}

static void print_hex(const unsigned char *bytes, size_t length) {
    for (size_t i = 0; i < length; i++) {
        printf("%02x", bytes[i]);
    }
}

/* Returns the number of bytes, or -1 if the text is no hex or too long. */
static long parse_hex(const char *text, unsigned char *to, size_t room) {
    size_t digits = strlen(text);
    if (digits % 2 != 0 || digits / 2 > room || strspn(text, "0123456789abcdefABCDEF") != digits) {
        return -1;
    }
    for (size_t i = 0; i < digits / 2; i++) {
        char pair[3] = {text[2 * i], text[2 * i + 1], 0};
        to[i] = (unsigned char) strtoul(pair, NULL, 16);
    }
    return (long) (digits / 2);
}

/* Appends " ADDRESS PORT" of this end, or of the other. */
static void print_address(int fd, bool peer) {
    struct sockaddr_storage a;
    socklen_t length = sizeof a;
    char text[INET6_ADDRSTRLEN] = "?";
    int port = 0;
    struct sockaddr *any = (struct sockaddr *) &a;
    if ((peer ? getpeername(fd, any, &length) : getsockname(fd, any, &length)) == 0) {
        bool v4 = a.ss_family == AF_INET;
        struct sockaddr_in *a4 = (struct sockaddr_in *) &a;
        struct sockaddr_in6 *a6 = (struct sockaddr_in6 *) &a;
        inet_ntop(a.ss_family, v4 ? (void *) &a4->sin_addr : (void *) &a6->sin6_addr, text, sizeof text);
        port = ntohs(v4 ? a4->sin_port : a6->sin6_port);
    }
    printf(" %s %d", text, port);
}

static bool parse_address(const char *text, int port, struct sockaddr_storage *a, socklen_t *length) {
    memset(a, 0, sizeof *a);
    struct sockaddr_in *a4 = (struct sockaddr_in *) a;
    struct sockaddr_in6 *a6 = (struct sockaddr_in6 *) a;
    if (inet_pton(AF_INET, text, &a4->sin_addr) == 1) {
        a4->sin_family = AF_INET;
        a4->sin_port = htons((uint16_t) port);
        *length = sizeof *a4;
        return true;
    }
    a6->sin6_family = AF_INET6;
    a6->sin6_port = htons((uint16_t) port);
    *length = sizeof *a6;
    return inet_pton(AF_INET6, text, &a6->sin6_addr) == 1;
}
