/* Bundles of values, and the table that finds them. */
#include "reduce/bundles.h"

#include "base/error.h"
#include "partition/hash.h"

#include <stdlib.h>
#include <string.h>

enum {
    ROOM_MOST = 1 << 14,  /* bundles */
    ROOM_LEAST = 1 << 4,  /* with room for fewer, there are none; both are powers of two */
    SLOTS_EACH = 2,       /* slots of the table for each, a power of two */
    LOOKS = 8,            /* slots that are looked at: keys can be made to meet there */
    EARLY = 1 << 13,      /* records, after which one of 16 has met a bundle, */
    LATE = 1 << 14,       /* and after which every second one has, or it does not pay */
    PIECE_LEAST = 8,      /* bytes of a piece */
    PIECE_MOST = 4 << 10  /* and more than that only for one value */
};

struct mr_bundle_slot {
    uint32_t tag;    /* of the key's hash */
    uint32_t number; /* the bundle's, counted from 1; 0: free */
};

/* All places are in the buffer's region. */
struct mr_bundle {
    uint32_t key, size; /* where it stands, and its bytes */
    uint32_t first;     /* piece */
    uint32_t last;      /* piece: it is open, so that more values go there, */
    uint32_t end, limit; /* and so far they do, or may go */
    uint32_t slot;
};

/* What a piece begins with; values follow. */
struct piece {
    uint32_t next; /* piece */
    uint32_t size; /* of its values */
    /* Neither is known while it is open. */
};

/* ---- memory ----------------------------------------------------------------------------- */

static const size_t bundle_size = sizeof(struct mr_bundle) +
                                  SLOTS_EACH * sizeof(struct mr_bundle_slot);

size_t mr_bundles_memory(size_t memory)
{
    size_t room = ROOM_MOST;
    while (room >= ROOM_LEAST && room * bundle_size > memory)
        room /= 2;
    return room >= ROOM_LEAST ? room * bundle_size : 0;
}

int mr_bundles_init(struct mr_bundles *b, size_t memory, struct mr_error *err)
{
    memset(b, 0, sizeof *b);
    b->room = (uint32_t)(memory / bundle_size);
    b->closed = b->room == 0;
    if (b->closed)
        return 0;
    b->mask = SLOTS_EACH * b->room - 1;
    b->at = malloc(b->room * sizeof *b->at);
    b->slots = calloc(b->mask + (size_t)1, sizeof *b->slots);
    return b->at && b->slots ? 0 : mr_error_memory(err, memory, "bundles of values");
}

void mr_bundles_release(struct mr_bundles *b)
{
    free(b->at);
    free(b->slots);
    memset(b, 0, sizeof *b);
}

void mr_bundles_clear(struct mr_bundles *b)
{
    for (uint32_t i = 0; i < b->count; i++)
        b->slots[b->at[i].slot].number = 0;
    b->count = 0;
}

/* Whether so few records meet a bundle that it does not pay. */
static bool does_not_pay(const struct mr_bundles *b)
{
    return (b->records == EARLY && b->met < EARLY / 16) ||
           (b->records % LATE == 0 && b->met < b->records / 2);
}

/* ---- pieces ----------------------------------------------------------------------------- */

/* Closes the open piece of a bundle. Pieces stand at any address, and so are copied. */
static void close_piece(const struct mr_bundle *bundle, unsigned char *region, uint32_t next)
{
    struct piece p = { next, 0 };
    p.size = bundle->end - bundle->last - (uint32_t)sizeof p;
    memcpy(region + bundle->last, &p, sizeof p);
}

/* Begins a piece for at least so many bytes of values. Returns whether there is room. */
static bool begin_piece(struct mr_bundle *bundle, struct mr_sort_buffer *buffer, size_t bytes)
{
    const size_t head = sizeof(struct piece), left = buffer->size - mr_sort_buffer_bytes(buffer);
    bool begun = bundle->first != MR_NO_PIECE;
    uint32_t place = (uint32_t)buffer->used;
    size_t room = begun ? 2 * (size_t)(bundle->limit - bundle->last) : PIECE_LEAST;
    room = room < PIECE_MOST ? room : PIECE_MOST;
    if (room < bytes || head + room > left)
        room = bytes;
    if (head + room > left)
        return false;
    if (begun)
        close_piece(bundle, buffer->region, place);
    else
        bundle->first = place;
    bundle->last = place;
    bundle->end = place + (uint32_t)head;
    bundle->limit = bundle->end + (uint32_t)room;
    buffer->used = bundle->limit;
    return true;
}

static enum mr_bundled add_value(struct mr_bundle *bundle, struct mr_sort_buffer *buffer,
                                 const struct mr_value *value, unsigned char **at)
{
    unsigned char head[MR_VARINT_MAX];
    size_t size = (size_t)(mr_value_put_head(head, value) - head) + value->size;
    if ((bundle->first == MR_NO_PIECE || bundle->limit - bundle->end < size) &&
        !begin_piece(bundle, buffer, size))
        return MR_NO_ROOM;
    unsigned char *end = mr_value_put(buffer->region + bundle->end, value);
    bundle->end = (uint32_t)(end - buffer->region);
    *at = end - value->size;
    return MR_BUNDLED;
}

/* ---- the table -------------------------------------------------------------------------- */

/* The slot that the key's bundle has, or may have. NULL: it cannot have one. */
static struct mr_bundle_slot *find(const struct mr_bundles *b, const struct mr_sort_buffer *buffer,
                                   const struct mr_record *r, uint64_t hash)
{
    for (uint32_t i = 0; i < LOOKS; i++) {
        struct mr_bundle_slot *slot = &b->slots[((uint32_t)hash + i) & b->mask];
        if (slot->number == 0)
            return slot;
        const struct mr_bundle *bundle = &b->at[slot->number - 1];
        if (slot->tag == (uint32_t)(hash >> 32) && bundle->size == r->size &&
            mr_same_bytes(buffer->region + bundle->key, r->key, r->size))
            return slot;
    }
    return NULL;
}

/* Most are where they are looked for first. */
static const struct mr_bundle *expected(const struct mr_bundles *b, uint64_t hash)
{
    uint32_t number = b->closed ? 0 : b->slots[(uint32_t)hash & b->mask].number;
    return number > 0 ? &b->at[number - 1] : NULL;
}

void mr_bundles_expect_slot(const struct mr_bundles *b, uint64_t hash)
{
    if (!b->closed)
        __builtin_prefetch(&b->slots[(uint32_t)hash & b->mask]);
}

void mr_bundles_expect_bundle(const struct mr_bundles *b, uint64_t hash)
{
    const struct mr_bundle *bundle = expected(b, hash);
    if (bundle != NULL)
        __builtin_prefetch(bundle, 1);
}

void mr_bundles_expect_value(const struct mr_bundles *b, const struct mr_sort_buffer *buffer,
                             uint64_t hash)
{
    const struct mr_bundle *bundle = expected(b, hash);
    if (bundle == NULL)
        return;
    __builtin_prefetch(buffer->region + bundle->key);
    __builtin_prefetch(buffer->region + bundle->end, 1);
}

/* Makes a bundle without a value of a key that there is room for. */
static struct mr_bundle *make(struct mr_bundles *b, struct mr_sort_buffer *buffer,
                              const struct mr_record *r, uint64_t hash, struct mr_bundle_slot *slot)
{
    struct mr_record key = { r->key, r->size, false, b->count };
    struct mr_bundle *bundle = &b->at[b->count++];
    *bundle = (struct mr_bundle){ .key = (uint32_t)buffer->used, .size = r->size,
                                  .first = MR_NO_PIECE,
                                  .slot = (uint32_t)(slot - b->slots) };
    *slot = (struct mr_bundle_slot){ (uint32_t)(hash >> 32), b->count };
    memcpy(mr_sort_buffer_put(buffer, &key, mr_record_slice(&key)), r->key, r->size);
    return bundle;
}

enum mr_bundled mr_bundles_add(struct mr_bundles *b, struct mr_sort_buffer *buffer,
                               const struct mr_record *record, uint64_t hash,
                               const struct mr_value *value, unsigned char **at)
{
    b->closed = b->closed || (b->records > 0 && does_not_pay(b));
    if (b->closed)
        return MR_NOT_BUNDLED;
    b->records++;
    struct mr_bundle_slot *slot = find(b, buffer, record, hash);
    if (slot == NULL || (slot->number == 0 && b->count == b->room))
        return MR_NOT_BUNDLED;
    if (slot->number > 0) {
        b->met++;
        return add_value(&b->at[slot->number - 1], buffer, value, at);
    }
    size_t bytes = (size_t)record->size + MR_KEY_SLACK + sizeof(struct piece) + MR_VALUE_HEAD_MAX +
                   value->size;
    if (!mr_sort_buffer_has_room(buffer, bytes))
        return MR_NO_ROOM;
    return add_value(make(b, buffer, record, hash, slot), buffer, value, at);
}

/* ---- reading ---------------------------------------------------------------------------- */

void mr_bundle_turn(struct mr_bundle_reader *reader, uint32_t place)
{
    struct piece p;
    memcpy(&p, reader->region + place, sizeof p);
    reader->at = reader->region + place + sizeof p;
    reader->end = reader->at + p.size;
    reader->next = p.next;
    if (p.next != MR_NO_PIECE)
        __builtin_prefetch(reader->region + p.next);
}

void mr_bundle_open(const struct mr_bundles *b, const struct mr_sort_buffer *buffer,
                    const struct mr_entry *e, struct mr_bundle_reader *reader)
{
    const struct mr_bundle *bundle = &b->at[e->value];
    close_piece(bundle, buffer->region, MR_NO_PIECE);
    reader->region = buffer->region;
    mr_bundle_turn(reader, bundle->first);
}
