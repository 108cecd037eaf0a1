/*
 * Compressed input: a coded source as the bytes it holds.
 *
 * A coding (gzip, zstd, ...) is known by its first bytes. What it makes are members, or frames, or
 * streams, as each calls them: any number of them in a row are one stream of bytes. Zeros behind
 * the last are ignored where the coding's own program does so; anything else wrong is an error that
 * says where:
 *
 *     zstd("a b") zstd(" c")   ->  "a b c"
 *     zstd("a b") "garbage"    ->  "a b", then: something other than zstd data at byte 16
 *
 * The decoder (decode.c) has what all codings share: where bytes come from, members, ends, errors.
 * A coding is a table of functions that turns bytes into bytes, in a file of its own.
 */
#ifndef MR_INPUT_DECODE_H
#define MR_INPUT_DECODE_H

#include "input/intake.h"

/* ---- a coding --------------------------------------------------------------------------- */

/* What is to be decoded, and room for what comes of it. A step moves both on. */
struct mr_window {
    unsigned char *in, *out;
    size_t in_size, out_size;
};

enum mr_step {
    MR_STEP_ON,     /* some bytes were taken or given; none where more are needed */
    MR_STEP_END,    /* the member is complete */
    MR_STEP_BAD,    /* the bytes are wrong */
    MR_STEP_MEMORY, /* there is too little memory */
};

/* A member, as far as one can tell without decoding it. */
struct mr_member {
    uint64_t size, holds; /* its bytes, and those of what it is decoded to */
};

struct mr_members; /* on the way from one to the next: input/members.h */
struct mr_coded_blocks;  /* how parts of a member are decoded: input/coded_blocks.h */

struct mr_coding {
    const char *name;     /* "zstd" */
    const char *kind;     /* "a zstd file" */
    const char *command;  /* what decodes a file, without its name, or a pipe: "zstdcat" */
    const char *magic;    /* the first bytes of a member */
    size_t magic_size;
    bool (*is)(const unsigned char *head, size_t size); /* ... and what else; NULL: nothing */
    const char *ending;   /* of its files' names; NULL: none is known */
    unsigned zeros; /* behind the last member, they are ignored: any number (1), a multiple of this
                       one, behind which there may be more members; 0: never */

    /* The rest is NULL where the program was built without the coding's library. Makes the state of
     * a decoder, which is used for all members; NULL when memory is out. */
    void *(*open)(void);
    /* Begins a member. Returns 0, or -1 when memory is out. */
    int (*begin)(void *state);
    /* Decodes some bytes; *what is what is wrong with them. */
    enum mr_step (*step)(void *state, struct mr_window *w, const char **what);
    /* The memory it has got, where that is much and the input's choice; else NULL. */
    uint64_t (*memory)(const void *state);
    void (*close)(void *state);

    /* Whether what begins so is of those that have one behind them that holds nothing, the last of
     * the file. NULL: there are none such. */
    bool (*ends_empty)(const unsigned char *head, size_t size);

    /* Finds out of the member at m->at how large it is, without decoding it. Returns 1, 0 where the
     * file does not say, or -1. NULL: none of this coding does. */
    int (*measure)(struct mr_members *m, struct mr_error *err);

    /* What stands in the place of members where a file is cut; NULL: they do. */
    const struct mr_coded_blocks *blocks;
};

extern const struct mr_coding mr_gzip, mr_zstd, mr_xz, mr_lzma, mr_bzip2, mr_lz4, mr_skippable;

/* By so many first bytes every coding is known; a member's first step has as many, if there are. */
enum { MR_CODING_HEAD = 18 };

/* What begins so; NULL: nothing that is a coding. */
const struct mr_coding *mr_coding_find(const unsigned char *head, size_t size);

/* What a name says by its end, in whatever case; NULL: nothing. */
const struct mr_coding *mr_coding_by_name(const char *path);

/* Whether a member of one may follow a member of the other. */
bool mr_coding_follows(const struct mr_coding *next, const struct mr_coding *before);

/* ---- the decoder ------------------------------------------------------------------------ */

struct mr_decoder;

/* What is to be decoded. */
struct mr_coded {
    const struct mr_coding *coding; /* which this program has */
    mr_coded_source *source;
    void *arg;
    const char *name;    /* for messages */
    uint64_t memory_max; /* what a member takes of memory to be decoded; 0: any amount */
    /* Where in the file the byte stands that comes from the source behind so many; NULL: there. */
    uint64_t (*place)(const void *arg, uint64_t given);
};

/* Starts to decode what was taken from the source already, size bytes (MR_INTAKE_ROOM at
 * most), and then the rest of it. Returns NULL when memory is out. */
struct mr_decoder *mr_decoder_open(const struct mr_coded *coded, const unsigned char *taken,
                                   size_t size);

/* Of members in the midst of a source, before they are read: the first stands at `from`; those
 * before the member at `to` must end there, and hold so much. Where `to` is 0, all is read. */
void mr_decoder_expect(struct mr_decoder *d, uint64_t from, uint64_t to, uint64_t holds);

/* Decodes up to size bytes, fewer only at the end. Returns the bytes or -1. */
ssize_t mr_decoder_read(struct mr_decoder *d, unsigned char *to, size_t size,
                        struct mr_error *err);

/* What the source is coded by. */
const struct mr_coding *mr_decoder_coding(const struct mr_decoder *d);

void mr_decoder_close(struct mr_decoder *d);

#endif
