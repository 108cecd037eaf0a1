/*
 * Types of files that are known by their first bytes and not understood. Counted as they are, they
 * would give words that nobody wrote; so each is refused, with the command that makes it readable:
 *
 *     "ustar" at 257   ->  a tar archive   ->  tar -xOf 'a.tar' | wc-mr
 *     50 4B 03 04      ->  a zip archive   ->  unzip -p 'a.zip' | wc-mr
 *     "%PDF-"          ->  a PDF document  ->  pdftotext 'a.pdf' - | wc-mr
 *
 * They are those of a table, and codings (input/decode.h) that the program was built without. The
 * same for what a compressed file holds: no coding is decoded twice.
 *
 * So is what a name calls a coding's and bytes do not, unless it may be text, as of a file that was
 * decompressed on its way here:
 *
 *     x.gz   00 8B 08 00 ...   ->  damaged, no doubt
 *     e.gz   nothing           ->  never written: gzip itself would not take it
 *     y.gz   "the cat"         ->  the cat
 */
#ifndef MR_INPUT_FILE_TYPE_H
#define MR_INPUT_FILE_TYPE_H

#include "input/decode.h"
#include "input/source.h"

/* How many first bytes tell every type: a block of tar. */
enum { MR_FILE_TYPE_HEAD = 512 };

/* What begins so, as "a zip archive"; NULL: anything that is counted as it is, or decoded. */
const char *mr_file_type_name(const unsigned char *head, size_t size);

/* Refuses a source that begins so, unless it is to be counted whatever it is. head has the first
 * MR_FILE_TYPE_HEAD bytes, fewer if there are no more, of the source, or of what it holds, decoded
 * by outer (NULL: it is plain). Returns 0 or -1 (final). */
int mr_file_type_check(const struct mr_source *s, const unsigned char *head, size_t size,
                       const struct mr_coding *outer, struct mr_error *err);

#endif
