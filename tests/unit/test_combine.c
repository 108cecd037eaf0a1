/* The combine table: brings equal keys together where it can, loses none where it cannot. */
#include "mapping.h"
#include "store/partial.h"

TestSuite(combine, .init = make_store, .fini = remove_store);

static const struct mr_job words = { .name = "words", .records = white_records, .map = map_words };

/* Writes count words drawn from pairs into a text, half of them the first few; sets their values
 * to how often. */
static size_t draw_text(unsigned char *text, struct pairs *p, size_t count, size_t favourites)
{
    size_t size = 0;
    for (size_t i = 0; i < count; i++) {
        size_t n = draw_below(favourites && draw_below(2) ? favourites : p->count);
        struct pair *pair = &p->at[n];
        memcpy(text + size, pair->key, pair->size);
        size += pair->size;
        text[size++] = ' ';
        pair->value++;
    }
    return size;
}

static void drop_unseen(struct pairs *p)
{
    size_t kept = 0;
    for (size_t i = 0; i < p->count; i++)
        if (p->at[i].value > 0)
            p->at[kept++] = p->at[i];
        else
            free(p->at[i].key);
    p->count = kept;
}

/* Maps text; its words' sums must be wanted's. Returns how many records left the mapper. */
static uint64_t check_planned(const unsigned char *text, size_t size, struct pairs *wanted,
                              const struct mr_plan *plan)
{
    struct pairs got = { NULL, 0, 0 };
    struct mr_map_result r = map_file(&got, &words, &plan->map, write_file("input", text, size), 0);
    drop_unseen(wanted);
    combine_pairs(wanted, sum);
    combine_pairs(&got, sum);
    check_same_pairs(&got, wanted);
    free_pairs(&got);
    return r.records;
}

/* The same, planned for so many bytes. */
static uint64_t check_sums(const unsigned char *text, size_t size, struct pairs *wanted,
                           uint64_t planned)
{
    const struct mr_plan plan = make_plan(planned, 3);
    return check_planned(text, size, wanted, &plan);
}

static void make_words(struct pairs *p, size_t count, size_t longest)
{
    char key[64];
    for (size_t i = 0; i < count; i++) {
        int n = snprintf(key, sizeof key, "%zx", i * 7919);
        size_t size = (size_t)n + draw_below(longest - 8);
        memset(key + n, '-', size - (size_t)n);
        add_pair(p, key, size, 0);
    }
}

enum { TEXT = 10 << 20 };

static unsigned char text[TEXT];

Test(combine, few_words_leave_once_each)
{
    struct pairs p = { NULL, 0, 0 };
    make_words(&p, 50, 14);
    size_t size = draw_text(text, &p, 100000, 0);
    uint64_t records = check_sums(text, size, &p, 1 << 20);
    cr_assert_eq(records, 50);
    free_pairs(&p);
}

Test(combine, few_long_words_leave_once_each)
{
    struct pairs p = { NULL, 0, 0 };
    for (int i = 0; i < 50; i++) {
        char key[64];
        add_pair(&p, key, (size_t)snprintf(key, sizeof key, "a-rather-long-word-number-%d", i), 0);
    }
    size_t size = draw_text(text, &p, 50000, 0);
    uint64_t records = check_sums(text, size, &p, 1 << 20);
    cr_assert_eq(records, 50);
    free_pairs(&p);
}

Test(combine, more_words_than_it_holds_are_all_counted)
{
    struct pairs p = { NULL, 0, 0 };
    make_words(&p, 50000, 40);
    size_t size = draw_text(text, &p, 100000, 0);
    check_sums(text, size, &p, 1);
    free_pairs(&p);
}

Test(combine, frequent_words_stay_while_rare_ones_pass_through)
{
    struct pairs p = { NULL, 0, 0 };
    make_words(&p, 20000, 14);
    size_t size = draw_text(text, &p, 200000, 20);
    uint64_t tokens = 200000, records = check_sums(text, size, &p, 1);
    cr_assert_lt(records, tokens * 6 / 10, "%llu records leave", (unsigned long long)records);
    free_pairs(&p);
}

/* Appends a word to the text, and adds it to words. Returns the text's size. */
static size_t append(struct pairs *p, size_t size, const char *format, size_t number)
{
    int n = snprintf((char *)text + size, 32, format, number);
    add_pair(p, text + size, (size_t)n, 1);
    text[size + (size_t)n] = ' ';
    return size + (size_t)n + 1;
}

/* Numbers that all are new bypass the table, while the words between them, as long as these or
 * beginning with a digit as they do, are brought together. When the numbers come again and again,
 * this is noticed. */
Test(combine, short_words_of_a_kind_of_which_hardly_any_comes_twice_bypass_the_table)
{
    enum { NEW = 60000, AGAIN = 800000, FEW = 30, TURN = 1 << 19 }; /* of being watched */
    struct pairs p = { NULL, 0, 0 };
    size_t size = 0;
    struct mr_plan plan = make_plan(1, 3);
    unsigned char *seed = (unsigned char *)&plan.map.seed; /* it decides what is evicted */
    for (size_t i = 0; i < sizeof plan.map.seed; i++)
        seed[i] = (unsigned char)(i * 167 + 13);
    for (size_t i = 0; i < NEW; i++) {
        size = append(&p, size, "%zu", 1000000 + i * 7);
        size = append(&p, size, i % 2 ? "word-%02zu" : "%02zu-3", i % FEW);
    }
    uint64_t records = check_planned(text, size, &p, &plan);
    check_for(records < NEW + NEW / 10, "%llu records leave", (unsigned long long)records);
    for (size_t i = 0; i < AGAIN; i++)
        size = append(&p, size, "%zu", 1000000 + i % FEW);
    records = check_planned(text, size, &p, &plan);
    check_for(records < NEW + NEW / 10 + TURN, "%llu records leave", (unsigned long long)records);
    free_pairs(&p);
}

/* Long words that all are new bypass the table. When a few come again and again, this is noticed,
 * and what is left of them is brought together. */
Test(combine, long_words_of_which_hardly_any_comes_twice_bypass_the_table_for_a_while)
{
    enum { WATCHED = 1 << 14, TURN = 32 * WATCHED, FEW = 30 };
    struct pairs p = { NULL, 0, 0 };
    size_t size = 0;
    for (size_t i = 0; i < WATCHED; i++)
        size = append(&p, size, "%016zu", 1000 + i);
    for (size_t i = 0; i < TURN; i++)
        size = append(&p, size, "%016zu", i % FEW);
    uint64_t records = check_sums(text, size, &p, 1);
    check_for(records > TURN / 2 && records < WATCHED + TURN - WATCHED / 2,
              "%llu records leave", (unsigned long long)records);
    free_pairs(&p);
}

static void check_colliding(size_t word_size)
{
    struct pairs p = { NULL, 0, 0 };
    struct mr_seed seed;
    mr_seed_draw(&seed); /* as the plan does */
    make_colliding(&p, 20, word_size, &seed);
    size_t size = draw_text(text, &p, 20000, 5);
    check_sums(text, size, &p, 1 << 20);
    free_pairs(&p);
}

Test(combine, short_words_with_colliding_hashes_are_told_apart)
{
    check_colliding(12);
}

Test(combine, long_words_with_colliding_hashes_are_told_apart)
{
    check_colliding(30);
}

Test(combine, words_that_differ_only_in_length_or_nuls_are_told_apart)
{
    struct pairs p = { NULL, 0, 0 };
    unsigned char key[40] = { 0 };
    for (size_t size = 1; size <= 40; size++) {
        add_pair(&p, key, size, 0); /* nothing but NULs */
        key[0] = 'a';
        add_pair(&p, key, size, 0);
        key[0] = 0;
    }
    p.at[1].size = 1;
    size_t size = draw_text(text, &p, 20000, 0);
    check_sums(text, size, &p, 1 << 20);
    free_pairs(&p);
}

Test(combine, long_words_seen_once_each_are_all_counted)
{
    struct pairs p = { NULL, 0, 0 };
    size_t size = 0;
    for (int i = 0; i < 60000; i++) {
        int n = sprintf((char *)text + size, "a-word-that-comes-%d", i);
        add_pair(&p, text + size, (size_t)n, 1);
        size += (size_t)n;
        text[size++] = ' ';
    }
    /* And after so many strangers, one that comes often. */
    static const char often[] = "this-word-comes-often ";
    for (int i = 0; i < 60000; i++, size += sizeof often - 1)
        memcpy(text + size, often, sizeof often - 1);
    add_pair(&p, often, sizeof often - 2, 60000);
    check_sums(text, size, &p, 1 << 20);
    free_pairs(&p);
}

/* Emits words one by one, each with a value. */
static int map_values(const void *state, const struct mr_chunk *chunk, struct mr_context *out)
{
    (void)state;
    for (size_t at = 0, end; at < chunk->size; at = end + 1) {
        for (end = at; end < chunk->size && chunk->data[end] != ' '; end++)
            ;
        if (mr_emit(out, chunk->data + at, end - at, 3) < 0)
            return -1;
    }
    return 0;
}

Test(combine, short_words_seen_once_each_bypass_it_until_one_comes_often)
{
    static const struct mr_job values = { .name = "values", .records = white_records,
                                          .map = map_values };
    enum { ONCE = 50000, OFTEN = 400000 };
    struct mr_plan plan = make_plan(1 << 20, 3);
    struct pairs p = { NULL, 0, 0 }, got = { NULL, 0, 0 };
    size_t size = 0;
    for (int i = 0; i < ONCE; i++) {
        int n = sprintf((char *)text + size, "once-%d", i);
        add_pair(&p, text + size, (size_t)n, 3);
        size += (size_t)n;
        text[size++] = ' ';
    }
    for (int i = 0; i < OFTEN; i++, size += 6)
        memcpy(text + size, "often ", 6);
    add_pair(&p, "often", 5, 3 * OFTEN);
    struct mr_map_result r = map_file(&got, &values, &plan.map, write_file("input", text, size), 0);
    cr_assert_lt(r.records, ONCE + OFTEN / 2, "%llu records leave", (unsigned long long)r.records);
    combine_pairs(&got, sum);
    combine_pairs(&p, sum);
    check_same_pairs(&got, &p);
    free_pairs(&got);
    free_pairs(&p);
}

/* ---- places ----------------------------------------------------------------------------- */

/* Brings a part of a key together with what is wanted of it: its first place has to come. */
static void take_part(struct pairs *places, struct pairs *sums, const struct mr_record *r,
                      const struct mr_value *value)
{
    struct mr_partial part;
    check(!r->out_of_line && mr_partial_get(value, &part));
    add_pair(places, r->key, r->size, part.place);
    add_pair(sums, r->key, r->size, part.number);
}

static void read_parts(struct pairs *places, struct pairs *sums, const struct mr_spool *spool,
                       const struct mr_map_plan *plan)
{
    struct mr_block_reader reader;
    unsigned char *room = malloc(plan->key_max + (size_t)MR_BLOCK_SLACK);
    mr_block_reader_init(&reader, store, plan->bucket_payload + plan->buckets * 12);
    for (uint32_t b = 0; b < plan->buckets; b++) {
        struct mr_block_link link;
        struct mr_block block;
        must(mr_shuffle_table(&reader, spool, 0, plan->buckets, b, 1, &link, &err));
        for (; link.offset != 0; link = block.before) {
            must(mr_block_read(&reader, spool, 0, MR_BLOCK_RECORDS, b, link, &block, &err));
            const unsigned char *at = block.payload, *end = at + block.size;
            struct mr_whole_key whole = { NULL, 0 };
            while (at < end) {
                struct mr_record r;
                struct mr_value value;
                at = mr_shuffle_get(at, end, &whole, room, plan->key_max, &r);
                check(at != NULL && (at = mr_value_get(at, end, &value)) != NULL);
                take_part(places, sums, &r, &value);
            }
        }
    }
    free(room);
    mr_block_reader_release(&reader);
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* Maps a text whose words are in order in wanted; their places are the wanted values. */
static void check_places(size_t size, struct pairs *wanted, uint64_t planned)
{
    struct mr_plan plan = make_plan(planned, 3);
    struct pairs places = { NULL, 0, 0 }, sums = places, words_of_it = places;
    const char *path = write_file("input", text, size);
    struct mr_sources sources;
    struct mr_config config = { .inputs = &path, .input_count = 1 };
    struct mr_map_result result;
    struct mr_spool spool;
    _Atomic uint64_t progress = 0;
    plan.map.by_place = true;
    must(mr_sources_find(&sources, &words, NULL, &config, &err));
    struct mr_piece piece = { &sources.at[0], 0, UINT64_MAX, 0, 0 };
    struct mr_map_input input = { .pieces = &piece, .count = 1 };
    mr_spool_create(&spool, store, "map", 0);
    must(mr_map_run(&words, NULL, &plan.map, &input, 0, &spool, store, &result, &progress, &err));
    must(mr_spool_commit(&spool, store, &err));
    read_parts(&places, &sums, &spool, &plan.map);
    plain_words(&words_of_it, text, size);
    combine_pairs(&words_of_it, sum);
    combine_pairs(&sums, sum);
    check_same_pairs(&sums, &words_of_it);
    combine_pairs(&places, least);
    combine_pairs(wanted, least);
    check_same_pairs(&places, wanted);
    mr_spool_drop(&spool, store);
    mr_sources_free(&sources);
    free_pairs(&words_of_it);
    free_pairs(&sums);
    free_pairs(&places);
}

Test(combine, of_each_word_the_place_of_its_first_token_leaves)
{
    for (int round = 0; round < 6; round++) {
        struct pairs p = { NULL, 0, 0 }, wanted = { NULL, 0, 0 };
        make_words(&p, round % 3 ? 20000 : 60, round % 2 ? 14 : 60);
        size_t size = draw_text(text, &p, 60000, round < 3 ? 0 : 50);
        plain_words(&wanted, text, size);
        for (size_t i = 0; i < wanted.count; i++)
            wanted.at[i].value = i;
        check_places(size, &wanted, round % 2 ? 1 : 1 << 20);
        free_pairs(&wanted);
        free_pairs(&p);
    }
}
