/*
 * Scanning: from bytes to the positions that matter, 64 bytes at a time.
 *
 * A kernel turns 64 bytes into a mask with a bit for each byte that is in the set, and the
 * mask's bits into positions. For the words of "to be" with white space as the set:
 *
 *     bytes    t o _ b e _        mask    0 0 1 0 0 1
 *     edges    ^   ^ ^   ^        where a bit differs from the one before it: 0 2 3 5
 *
 * edges come in pairs, a word's start and its end. Fields want the set's bytes themselves:
 * for "a,,b\n" with , and LF as the set: 1 2 4.
 *
 * The algorithm stands once in scan_body.h; each kernel gives it the masks its way.
 */
#ifndef MR_MAP_SCAN_H
#define MR_MAP_SCAN_H

#include "mapreduce.h"

/* A set prepared for the kernels. */
struct mr_scan_set {
    unsigned char has[256];
    /* The set as two tables by low nibble: bit h of below[l] is byte 16h + l, of above[l] byte
     * 128 + 16h + l. One shuffle looks up 16 or 32 bytes in each (Langdale and Lemire,
     * "Parsing gigabytes of JSON per second", VLDB Journal 28, 2019, section 3.1.2). */
    unsigned char below[16], above[16];
    unsigned char bits[256][8]; /* those that each byte value has, by number, lowest first */
};

void mr_scan_set_init(struct mr_scan_set *set, const struct mr_byteset *bytes);

/* Slack that a kernel may write beyond the last position it reports. */
enum { MR_SCAN_SLACK = 8 };

struct mr_scan_kernel {
    const char *name;
    /* Writes to the positions, plus base, of the bytes of data[0, size) that are in the set.
     * Bytes up to the next multiple of 64 may be read. Returns how many. */
    size_t (*members)(const struct mr_scan_set *set, const unsigned char *data, size_t size,
                      uint32_t base, uint32_t *to);
    /* The same for the positions whose byte is in the set and the one before it is not, or the
     * other way round. *inside tells whether the byte before data is outside the set (1) or in
     * it (0), and is kept for the next call. */
    size_t (*edges)(const struct mr_scan_set *set, const unsigned char *data, size_t size,
                    uint32_t base, uint64_t *inside, uint32_t *to);
};

/* The kernel of a name ("portable", "avx2", "neon"), or the fastest of this machine for NULL, ""
 * and "auto". NULL with err filled in when there is none of that name here. */
const struct mr_scan_kernel *mr_scan_choose(const char *name, struct mr_error *err);

extern const struct mr_scan_kernel mr_scan_portable;
#ifdef __x86_64__
extern const struct mr_scan_kernel mr_scan_avx2;
#endif
#ifdef __aarch64__
extern const struct mr_scan_kernel mr_scan_neon;
#endif

#endif
