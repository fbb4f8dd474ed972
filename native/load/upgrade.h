/*
 * The WebSocket handshake (RFC 6455 section 4): SHA-1 (FIPS 180-4), base64, and the two heads.
 *
 * A key is 16 bytes of the client's choice. Ours say what the connection is for, so that an origin needs no options of
 * its own and finds its connection's other end again through any proxy: "LOAD", 6 random bytes, the service, its flags,
 * and the connection's number in 4 bytes. A key without "LOAD" asks for a plain echo.
 */
#ifndef LOAD_UPGRADE_H
#define LOAD_UPGRADE_H

#include "common.h"

#include <strings.h>

#define KEY_LENGTH 24
#define ACCEPT_LENGTH 28
#define HEAD_MAX 8192

enum service { SERVE_ECHO, SERVE_SINK, SERVE_SOURCE, SERVE_FAREWELL };
enum flags { FLAG_FRAMES = 1, FLAG_VERIFY = 2, FLAG_ABORT = 4 };

struct purpose {
    uint8_t service, flags;
    uint32_t number;
};

static void sha1_block(uint32_t h[5], const uint8_t *block) {
    uint32_t w[80], a = h[0], b = h[1], c = h[2], d = h[3], e = h[4];
    for (int i = 0; i < 16; i++) {
        memcpy(&w[i], block + 4 * i, 4);
        w[i] = __builtin_bswap32(w[i]);
    }
    for (int i = 16; i < 80; i++) {
        uint32_t x = w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16];
        w[i] = x << 1 | x >> 31;
    }
    for (int i = 0; i < 80; i++) {
        uint32_t f = i < 20 ? ((b & c) | (~b & d)) + 0x5a827999
                   : i < 40 ? (b ^ c ^ d) + 0x6ed9eba1
                   : i < 60 ? ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc
                            : (b ^ c ^ d) + 0xca62c1d6;
        uint32_t next = (a << 5 | a >> 27) + f + e + w[i];
        e = d;
        d = c;
        c = b << 30 | b >> 2;
        b = a;
        a = next;
    }
    h[0] += a;
    h[1] += b;
    h[2] += c;
    h[3] += d;
    h[4] += e;
}

static void base64(const uint8_t *in, int length, char *out) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (int i = 0; i < length; i += 3) {
        uint32_t bits = (uint32_t) in[i] << 16;
        bits |= i + 1 < length ? (uint32_t) in[i + 1] << 8 : 0;
        bits |= i + 2 < length ? in[i + 2] : 0;
        *out++ = digits[bits >> 18];
        *out++ = digits[bits >> 12 & 63];
        *out++ = i + 1 < length ? digits[bits >> 6 & 63] : '=';
        *out++ = i + 2 < length ? digits[bits & 63] : '=';
    }
}

static int base64_value(char c) {
    return c >= 'A' && c <= 'Z' ? c - 'A' : c >= 'a' && c <= 'z' ? c - 'a' + 26 : c >= '0' && c <= '9' ? c - '0' + 52
         : c == '+' ? 62 : c == '/' ? 63 : 0;
}

/* Sec-WebSocket-Accept: base64(SHA-1(key + GUID)). 24 + 36 bytes make two blocks with their padding. */
static void accept_of(const char *key, char *accept) {
    uint8_t text[128] = {0};
    uint32_t h[5] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
    memcpy(text, key, KEY_LENGTH);
    memcpy(text + KEY_LENGTH, "258EAFA5-E914-47DA-95CA-C5AB0DC85B11", 36);
    text[60] = 0x80;
    text[126] = 480 >> 8;
    text[127] = 480 & 255;
    sha1_block(h, text);
    sha1_block(h, text + 64);
    for (int i = 0; i < 5; i++) {
        h[i] = __builtin_bswap32(h[i]);
    }
    base64((const uint8_t *) h, 20, accept);
}

static void make_key(struct purpose purpose, char *key) {
    uint8_t bytes[16];
    uint64_t random = random_bits();
    uint32_t number = __builtin_bswap32(purpose.number);
    memcpy(bytes, "LOAD", 4);
    memcpy(bytes + 4, &random, 6);
    bytes[10] = purpose.service;
    bytes[11] = purpose.flags;
    memcpy(bytes + 12, &number, 4);
    base64(bytes, 16, key);
}

static struct purpose purpose_of(const char *key) {
    uint8_t bytes[18];
    for (int i = 0; i < 6; i++) {
        uint32_t bits = 0;
        for (int k = 0; k < 4; k++) {
            bits = bits << 6 | (uint32_t) base64_value(key[4 * i + k]);
        }
        bytes[3 * i] = (uint8_t) (bits >> 16);
        bytes[3 * i + 1] = (uint8_t) (bits >> 8);
        bytes[3 * i + 2] = (uint8_t) bits;
    }
    struct purpose purpose = {.service = SERVE_ECHO};
    if (memcmp(bytes, "LOAD", 4) == 0 && bytes[10] <= SERVE_FAREWELL) {
        purpose.service = bytes[10];
        purpose.flags = bytes[11];
        memcpy(&purpose.number, bytes + 12, 4);
        purpose.number = __builtin_bswap32(purpose.number);
    }
    return purpose;
}

/* The value of a header that must be exactly LENGTH bytes long; NULL when there is none such. NAME ends in a colon. */
static const char *header(const char *head, size_t size, const char *name, size_t length) {
    const char *end = head + size;
    size_t name_length = strlen(name);
    for (const char *line = memchr(head, '\n', size); line != NULL;
         line = memchr(line, '\n', (size_t) (end - line))) {
        line++;
        if ((size_t) (end - line) > name_length && strncasecmp(line, name, name_length) == 0) {
            const char *value = line + name_length;
            while (value < end && *value == ' ') {
                value++;
            }
            return (size_t) (end - value) > length && value[length] == '\r' ? value : NULL;
        }
    }
    return NULL;
}

/* The length of the head at the start of these bytes, its empty line included; 0 while it is incomplete. */
static size_t head_length(const char *bytes, size_t length) {
    const char *end = memmem(bytes, length, "\r\n\r\n", 4);
    return end == NULL ? 0 : (size_t) (end - bytes) + 4;
}

static char request_head[HEAD_MAX];
static size_t request_length, request_key_at;

static void make_request(const char *path, const char *host) {
    int length = snprintf(request_head, sizeof request_head,
                          "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                          "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %*s\r\n\r\n", path, host, KEY_LENGTH, "");
    if (length < 0 || (size_t) length >= sizeof request_head) {
        give_up("the path and the host are too long");
    }
    request_length = (size_t) length;
    request_key_at = request_length - 4 - KEY_LENGTH;
}

#define RESPONSE_START "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" \
                       "Sec-WebSocket-Accept: "

/* The 101 for a request; 0 when it asks for something else. ANSWER has room for 256 bytes. */
static size_t answer_to(const char *head, size_t length, char *answer, struct purpose *purpose) {
    const char *key = header(head, length, "Sec-WebSocket-Key:", KEY_LENGTH);
    if (key == NULL || memcmp(head, "GET ", 4) != 0) {
        return 0;
    }
    *purpose = purpose_of(key);
    size_t start = sizeof RESPONSE_START - 1;
    memcpy(answer, RESPONSE_START, start);
    accept_of(key, answer + start);
    memcpy(answer + start + ACCEPT_LENGTH, "\r\n\r\n", 4);
    return start + ACCEPT_LENGTH + 4;
}

static bool is_accepted(const char *head, size_t length, const char *key) {
    char expected[ACCEPT_LENGTH];
    const char *accept = header(head, length, "Sec-WebSocket-Accept:", ACCEPT_LENGTH);
    accept_of(key, expected);
    return length > 12 && memcmp(head, "HTTP/1.1 101", 12) == 0 && accept != NULL
        && memcmp(accept, expected, ACCEPT_LENGTH) == 0;
}

#endif
