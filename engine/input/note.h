/*
 * Notes: what the job's begin_file leaves of each file's first record, for map to find in every
 * chunk of the file. They stand in memory that all processes share: files are begun before any is
 * mapped, streams by the process that feeds them.
 *
 *     a.csv   "name,age\n..."    begin_file: "age is field 2"    every chunk's note: 2
 */
#ifndef MR_INPUT_NOTE_H
#define MR_INPUT_NOTE_H

#include "input/source.h"

/* Makes room for all notes, if the job wants any, and begins all files. What is to be told of files
 * is told; of streams, by mr_notes_tell at the run's end. Returns 0 or -1. */
int mr_notes_make(struct mr_sources *s, const struct mr_job *job, const void *state,
                  const struct mr_config *config, struct mr_error *err);

/* Begins a stream with its first chunk, if the job wants that. Returns 0 or -1. */
int mr_notes_begin_stream(const struct mr_sources *s, const struct mr_source *source,
                          const struct mr_chunk *first, struct mr_error *err);

void mr_notes_tell(const struct mr_sources *s, const struct mr_config *config);

void mr_notes_free(struct mr_sources *s);

#endif
