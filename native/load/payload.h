/*
 * What is sent: slices of one table, so that nothing is copied or made while the load runs; and WebSocket frames around
 * them (RFC 6455 section 5).
 *
 * Byte P of connection C is table[(start(C) + P) % PATTERN]. PATTERN is prime and no size that anything counts in, so
 * a lost, doubled, moved or foreign byte is found at once.
 */
#ifndef LOAD_PAYLOAD_H
#define LOAD_PAYLOAD_H

#include "options.h"

#define PATTERN 65521u
#define SLICE_MAX PAYLOAD_MAX
#define FRAME_HEAD_MAX 14

static uint8_t pattern[PATTERN + SLICE_MAX];

static void make_pattern(void) {
    uint64_t x = 1;
    for (size_t i = 0; i < sizeof pattern; i++) {
        x = x * 6364136223846793005ull + 1442695040888963407ull;
        pattern[i] = i < PATTERN ? (uint8_t) (x >> 56) : pattern[i - PATTERN];
    }
}

static uint32_t pattern_start(uint32_t number) {
    return (uint32_t) ((uint64_t) number * 40503u % PATTERN);
}

/* Whether these bytes continue the pattern at PHASE, which moves past them. */
static bool continues_pattern(const uint8_t *bytes, size_t length, uint32_t *phase) {
    bool same = memcmp(bytes, pattern + *phase, length) == 0;
    *phase = (uint32_t) ((*phase + length) % PATTERN);
    return same;
}

static void xor_mask(uint8_t *out, const uint8_t *in, size_t length, uint32_t mask) {
    uint64_t wide = (uint64_t) mask << 32 | mask, x;
    for (; length >= 8; in += 8, out += 8, length -= 8) {
        memcpy(&x, in, 8);
        x ^= wide;
        memcpy(out, &x, 8);
    }
    for (; length > 0; length--, wide >>= 8) {
        *out++ = (uint8_t) (*in++ ^ wide);
    }
}

/* A binary frame's head; the mask is written and the mask bit set when there is one. Returns its length. */
static size_t frame_head(uint8_t *out, uint64_t length, const uint32_t *mask) {
    size_t at = 2;
    uint8_t masked = mask != NULL ? 0x80 : 0;
    out[0] = 0x82;
    if (length < 126) {
        out[1] = (uint8_t) (masked | length);
    } else {
        int wide = length < 65536 ? 2 : 8;
        out[1] = (uint8_t) (masked | (wide == 2 ? 126 : 127));
        for (int i = wide - 1; i >= 0; i--) {
            out[at++] = (uint8_t) (length >> (8 * i));
        }
    }
    if (mask != NULL) {
        memcpy(out + at, mask, 4);
        at += 4;
    }
    return at;
}

/* Where a reader is in a stream of frames. */
struct frame_reader {
    uint64_t left; /* bytes of the payload still to come */
    uint64_t length;
    uint32_t mask; /* turned so that its lowest byte is the next to use */
    uint8_t head[FRAME_HEAD_MAX], have;
};

/* Takes one byte of a head: true when it was the last one, and length, left and mask are set. */
static bool take_head_byte(struct frame_reader *r, uint8_t byte) {
    r->head[r->have++] = byte;
    if (r->have < 2) {
        return false;
    }
    int wide = (r->head[1] & 127) == 127 ? 8 : (r->head[1] & 127) == 126 ? 2 : 0;
    int masked = r->head[1] >> 7;
    if (r->have < 2 + wide + 4 * masked) {
        return false;
    }
    r->length = wide == 0 ? r->head[1] & 127u : 0;
    for (int i = 0; i < wide; i++) {
        r->length = r->length << 8 | r->head[2 + i];
    }
    r->mask = 0;
    if (masked) {
        memcpy(&r->mask, r->head + 2 + wide, 4);
    }
    counts.mismatches += r->head[0] != 0x82;
    r->left = r->length;
    r->have = 0;
    return true;
}

/*
 * Reads frames and writes their payloads to OUT, unmasked, each behind a fresh head when HEADS. OUT may be the same
 * memory from FRAME_HEAD_MAX bytes before IN on: a head grows no longer than the one it stands for, though this one may
 * have begun in an earlier piece. FRAMES counts those that ended here. Returns the bytes written.
 */
static size_t read_frames(struct frame_reader *r, const uint8_t *in, size_t length, uint8_t *out, bool heads,
                          uint32_t *frames) {
    uint8_t *start = out;
    const uint8_t *end = in + length;
    while (in < end) {
        if (r->left == 0) {
            if (!take_head_byte(r, *in++)) {
                continue;
            }
            out += heads ? frame_head(out, r->length, NULL) : 0;
        }
        size_t piece = r->left < (uint64_t) (end - in) ? (size_t) r->left : (size_t) (end - in);
        xor_mask(out, in, piece, r->mask);
        int turned = (int) (piece & 3) * 8;
        r->mask = turned == 0 ? r->mask : r->mask >> turned | r->mask << (32 - turned);
        in += piece;
        out += piece;
        r->left -= piece;
        *frames += r->left == 0;
    }
    return (size_t) (out - start);
}

#endif
