/* Bundles of values, and the table that finds them. */
#include "sort/bundles.h"

#include "base/error.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

enum {
    ROOM_MOST = 1 << 16,  /* bundles */
    ROOM_LEAST = 1 << 4,  /* with room for fewer, there are none; both are powers of two */
    SLOTS_EACH = 2,       /* slots of the table for each, a power of two */
    EARLY = 1 << 13,      /* records, after which one of 16 has met a bundle, */
    LATE = 1 << 14,       /* and after which every second one has, or it does not pay */
    AGAIN = 1 << 18,      /* after so many that is looked at anew */
    PIECE_LEAST = 8,      /* bytes of a piece */
    PIECE_MOST = 4 << 10  /* usually */
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
    b->piece_max = PIECE_MOST;
    b->decide_at = EARLY;
    if (b->closed)
        return 0;
    b->mask = SLOTS_EACH * b->room - 1;
    b->at = mr_memory_get(b->room * sizeof *b->at); /* each is to be one line of the cache */
    b->slots = calloc(b->mask + (size_t)1, sizeof *b->slots);
    return b->at && b->slots ? 0 : mr_error_memory(err, memory, "bundles of values");
}

void mr_bundles_release(struct mr_bundles *b)
{
    mr_memory_release(b->at, b->room * sizeof *b->at);
    free(b->slots);
    memset(b, 0, sizeof *b);
}

void mr_bundles_clear(struct mr_bundles *b)
{
    for (uint32_t i = 0; i < b->count; i++)
        b->slots[b->at[i].slot].number = 0;
    b->count = 0;
}

void mr_bundles_reopen(struct mr_bundles *b)
{
    b->closed = b->room == 0;
    b->records = b->met = 0;
    b->decide_at = AGAIN;
}

/* Whether so few records meet a bundle that it does not pay. */
static bool does_not_pay(struct mr_bundles *b)
{
    if (b->records < b->decide_at)
        return false;
    bool early = b->decide_at == EARLY;
    b->decide_at = (b->records / LATE + 1) * LATE;
    return b->met < b->records / (early ? 16 : 2);
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
static bool begin_piece(struct mr_bundle *bundle, struct mr_sort_buffer *buffer, size_t max,
                        size_t bytes)
{
    const size_t head = sizeof(struct piece), left = buffer->size - mr_sort_buffer_bytes(buffer);
    bool begun = bundle->first != MR_NO_PIECE;
    uint32_t place = (uint32_t)buffer->used;
    size_t room = begun ? 2 * (size_t)(bundle->limit - bundle->last) : PIECE_LEAST;
    room = room < max ? room : max;
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

/* Gives so many bytes behind the bundle's values, at *to, and keeps room behind them. How often the
 * last value has come is said before that, so it is no longer one that may come again. */
static enum mr_bundled extend(struct mr_bundle *bundle, struct mr_sort_buffer *buffer, size_t max,
                              size_t bytes, unsigned char **to)
{
    const size_t room = bytes + MR_REPEATS_SIZE;
    mr_bundle_say_repeats(bundle, buffer->region);
    bundle->value_size = MR_BUNDLES_MANY;
    if ((bundle->first == MR_NO_PIECE || bundle->limit - bundle->end < room) &&
        !begin_piece(bundle, buffer, max, room))
        return MR_NO_ROOM;
    *to = buffer->region + bundle->end;
    bundle->end += (uint32_t)bytes;
    return MR_BUNDLED;
}

static bool is_small(const struct mr_value *value)
{
    return !value->out_of_line && value->size <= MR_BUNDLES_FEW;
}

static uint64_t to_register(const struct mr_value *value)
{
    unsigned char bytes[MR_BUNDLES_FEW] = { 0 };
    if (value->size > 0)
        memcpy(bytes, value->bytes, value->size);
    return mr_bundles_register(bytes, value->size);
}

/* Holds the last value in the bundle itself, if it is small, as it may come again. */
static void hold_value(struct mr_bundle *bundle, const struct mr_value *value)
{
    if (!is_small(value))
        return;
    bundle->value_size = value->size;
    bundle->value = to_register(value);
}

/* Counts a value that is the bundle's last one again. Returns whether it is. */
static bool count_again(struct mr_bundle *bundle, const struct mr_value *value)
{
    if (!is_small(value) || value->size != bundle->value_size ||
        to_register(value) != bundle->value || bundle->repeats == MR_REPEATS_MOST)
        return false;
    bundle->repeats++;
    return true;
}

/* ---- the table -------------------------------------------------------------------------- */

/* Whether a bundle is that of a key. A short key stands in the bundle itself. */
static bool is_of(const struct mr_bundle *bundle, const struct mr_sort_buffer *buffer,
                  const struct mr_record *r)
{
    if (bundle->size != r->size)
        return false;
    if (r->size > MR_SHORT_KEY)
        return mr_same_long(buffer->region + bundle->key, r->key, r->size);
    struct mr_short word = mr_short_copy(r->key, r->size);
    return ((bundle->word.low ^ word.low) | (bundle->word.high ^ word.high)) == 0;
}

/* The slot that the key's bundle has, or may have. NULL: it cannot have one. */
static struct mr_bundle_slot *find(const struct mr_bundles *b, const struct mr_sort_buffer *buffer,
                                   const struct mr_record *r, uint64_t hash)
{
    for (uint32_t i = 0; i < MR_BUNDLES_LOOKS; i++) {
        struct mr_bundle_slot *slot = &b->slots[((uint32_t)hash + i) & b->mask];
        if (slot->number == 0)
            return slot;
        const struct mr_bundle *bundle = &b->at[slot->number - 1];
        if (slot->tag == (uint32_t)(hash >> 32) && is_of(bundle, buffer, r))
            return slot;
    }
    return NULL;
}

/* Makes a bundle without a value of a key that there is room for. */
static struct mr_bundle *make(struct mr_bundles *b, struct mr_sort_buffer *buffer,
                              const struct mr_record *r, uint64_t hash, struct mr_bundle_slot *slot)
{
    struct mr_record key = { r->key, r->size, false, b->count };
    struct mr_bundle *bundle = &b->at[b->count++];
    *bundle = (struct mr_bundle){ .word = r->size <= MR_SHORT_KEY ? mr_short_copy(r->key, r->size)
                                                                  : (struct mr_short){ 0, 0 },
                                  .key = (uint32_t)buffer->used, .size = r->size,
                                  .first = MR_NO_PIECE,
                                  .slot = (uint32_t)(slot - b->slots),
                                  .value_size = MR_BUNDLES_MANY };
    *slot = (struct mr_bundle_slot){ (uint32_t)(hash >> 32), b->count };
    memcpy(mr_sort_buffer_put(buffer, &key, mr_record_slice(&key)), r->key, r->size);
    return bundle;
}

/* Finds the record's bundle, or makes it, if it is one that is to get so many values, in so many
 * bytes. */
static enum mr_bundled find_or_make(struct mr_bundles *b, struct mr_sort_buffer *buffer,
                                    const struct mr_record *record, uint64_t hash, size_t bytes,
                                    uint64_t values, struct mr_bundle **bundle)
{
    b->closed = b->closed || does_not_pay(b);
    if (b->closed)
        return MR_NOT_BUNDLED;
    b->records += values;
    struct mr_bundle_slot *slot = find(b, buffer, record, hash);
    if (slot == NULL || (slot->number == 0 && b->count == b->room))
        return MR_NOT_BUNDLED;
    if (slot->number > 0) {
        b->met += values;
        *bundle = &b->at[slot->number - 1];
        return MR_BUNDLED;
    }
    b->met += values - 1;
    if (!mr_sort_buffer_has_room(buffer, (size_t)record->size + MR_KEY_SLACK +
                                             sizeof(struct piece) + bytes + MR_REPEATS_SIZE))
        return MR_NO_ROOM;
    *bundle = make(b, buffer, record, hash, slot);
    return MR_BUNDLED;
}

enum mr_bundled mr_bundles_add(struct mr_bundles *b, struct mr_sort_buffer *buffer,
                               const struct mr_record *record, uint64_t hash,
                               const struct mr_value *value, unsigned char **at)
{
    unsigned char head[MR_VARINT_MAX], *to;
    size_t size = (size_t)(mr_value_put_head(head, value) - head) + value->size;
    struct mr_bundle *bundle;
    enum mr_bundled bundled = find_or_make(b, buffer, record, hash, size, 1, &bundle);
    if (bundled != MR_BUNDLED)
        return bundled;
    if (count_again(bundle, value)) {
        *at = buffer->region + bundle->end - value->size;
        return MR_BUNDLED;
    }
    bundled = extend(bundle, buffer, b->piece_max, size, &to);
    if (bundled != MR_BUNDLED)
        return bundled;
    *at = mr_value_put(to, value) - value->size;
    hold_value(bundle, value);
    return MR_BUNDLED;
}

enum mr_bundled mr_bundles_add_list(struct mr_bundles *b, struct mr_sort_buffer *buffer,
                                    const struct mr_record *record, uint64_t hash,
                                    const struct mr_value *list, uint64_t count)
{
    unsigned char *to;
    struct mr_bundle *bundle;
    enum mr_bundled bundled = find_or_make(b, buffer, record, hash, list->size, count, &bundle);
    if (bundled == MR_BUNDLED)
        bundled = extend(bundle, buffer, b->piece_max, list->size, &to);
    if (bundled == MR_BUNDLED)
        memcpy(to, list->bytes, list->size);
    return bundled;
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
    struct mr_bundle *bundle = &b->at[e->value];
    mr_bundle_say_repeats(bundle, buffer->region);
    close_piece(bundle, buffer->region, MR_NO_PIECE);
    reader->region = buffer->region;
    reader->again = 0;
    mr_bundle_turn(reader, bundle->first);
}
