/*
 * Assembling: the value of a record that a job emits, put together from its pieces.
 *
 *     begin, add "see", add ", hear", end   ->   see, hear   ->   keep
 *
 * What grows larger than records hold is written out-of-line as it comes. A record of a result may
 * have a key of its own, which is then part of its value, behind a head that tells:
 *
 *     varint   0, or the size of its own key plus 1
 *     bytes    its own key, if it has one, and then its value
 */
#ifndef MR_STORE_ASSEMBLY_H
#define MR_STORE_ASSEMBLY_H

#include "base/context.h"
#include "store/keys.h"

struct mr_assembly {
    struct mr_context context;  /* of the job's function that emits; the first of all */
    bool headless;              /* records have no keys of their own, and their values no heads */
    uint32_t value_max;         /* bytes of a value that a record holds */
    struct mr_key_writer *keys; /* for what is larger */
    struct mr_buffer value;     /* while it is small */
    bool begun, out_of_line;    /* a record, and that its value has outgrown records */
    /* Keeps the value of a record that is complete. Returns 0 or -1. */
    int (*keep)(struct mr_assembly *a, const struct mr_value *value);
    /* Keeps lines, as mr_result_lines takes them; NULL: where that cannot be. */
    int (*keep_lines)(struct mr_assembly *a, const unsigned char *lines, size_t size);
};

/* Refuses what a job left undone when it returned. Returns 0 or -1. */
int mr_assembly_check(const struct mr_assembly *a);

/* Ends a record that has begun without keeping it. Returns 0 or -1. */
int mr_assembly_drop(struct mr_assembly *a);

void mr_assembly_release(struct mr_assembly *a);

#endif
