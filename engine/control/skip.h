/*
 * Skipping: the bad records (base/bad_records.h) that a run passes over, of all stages together: no
 * more than it may, each told of at once, noted in the manifest, and in the end written to a file
 * of their own, if one is asked for:
 *
 *     {"stage":"map","task":0,"file":"book.txt","offset":120,"bytes":5,"record":"what?",
 *      "reason":"killed by signal 11 ..."}                                       (in one line)
 *     {"stage":"reduce","task":1,"key":"the","key_bytes":3,"reason":"killed by signal 11 ..."}
 *
 * An attempt that runs record by record has the first bytes of the current one in its mark, as it
 * has of a key: so they are known of streams, too, and of what was decoded.
 */
#ifndef MR_CONTROL_SKIP_H
#define MR_CONTROL_SKIP_H

#include "control/stage.h"
#include "input/source.h"
#include "write/output.h"

/* Passes over a record at which an attempt has died, if that may be; err says how it died, and
 * where, and is added to where it may not. Returns 1, 0 where it is not, or -1. */
int mr_skip_record(struct mr_stages *all, const struct mr_bad_record *record,
                   struct mr_error *err);

/* The same for the key that is marked, in a reduce task or a map task, which err does not say. */
int mr_skip_key(struct mr_stages *all, struct mr_mark *mark, bool of_map, uint64_t task,
                struct mr_error *err);

/* Checks that an earlier run, which this one goes on with, has not passed over more than this one
 * may. Returns 0 or -1. */
int mr_skip_check(const struct mr_stages *all, struct mr_error *err);

/* The file; as an output is, it is found, opened, made, committed and closed (write/output.h).
 * Nothing is done where none is asked for. */
struct mr_skip_file {
    struct mr_config config; /* of which it is the output */
    struct mr_output output;
    bool wanted;
};

#define MR_SKIP_FILE_INIT ((struct mr_skip_file){ .output = MR_OUTPUT_INIT })

/* Finds out what it is, and that it is no input, and not the run's output. Returns 0 or -1; close
 * it in either case. */
int mr_skip_file_find(struct mr_skip_file *f, const struct mr_config *config,
                      const struct mr_sources *sources, const struct mr_output *output,
                      struct mr_error *err);

/* Writes what was passed over, in the order of the input and then of keys, and puts the file in its
 * place. Returns 0 or -1. */
int mr_skip_file_write(struct mr_skip_file *f, const struct mr_bad_records *bad,
                       const struct mr_sources *sources, struct mr_error *err);

#endif
