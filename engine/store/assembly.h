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

#include "store/keys.h"

struct mr_reducer {
    const char *job;            /* its name */
    size_t room;                /* bytes that the job may get of the system */
    bool headless;              /* records have no keys of their own, and their values no heads */
    uint32_t value_max;         /* bytes of a value that a record holds */
    struct mr_key_writer *keys; /* for what is larger */
    struct mr_buffer value;     /* while it is small */
    bool begun, out_of_line;    /* a record, and that its value has outgrown records */
    /* The names of the inputs, for mr_input_name; NULL: none are known. */
    const char *(*input_name)(const void *inputs, uint64_t source);
    const void *inputs;
    /* Keeps the value of a record that is complete. Returns 0 or -1. */
    int (*keep)(struct mr_reducer *out, const struct mr_value *value);
    struct mr_error *err;
};

/* Refuses what a job left undone when it returned. Returns 0 or -1. */
int mr_reducer_check(struct mr_reducer *out);

void mr_reducer_release(struct mr_reducer *out);

#endif
