/* Texts that come in parts are put together, up to what is before a gap, or refused. */
#include "text/whole_texts.h"

#include "base/context.h"
#include "support.h"

static char taken[100];

static int take_words(const void *arg, struct batch *b, const uint32_t *at, size_t count)
{
    (void)arg;
    check(count == 1);
    snprintf(taken + strlen(taken), sizeof taken - strlen(taken), "[%.*s]", (int)(at[1] - at[0]),
             (const char *)b->chunk + at[0]);
    return 0;
}

static struct mr_context context(size_t memory)
{
    return (struct mr_context){ .memory = memory, .err = &err };
}

static int put(struct whole_texts *t, struct mr_context *out, const char *part, bool last)
{
    return t->sink.take_part(&t->sink, out, (const unsigned char *)part, strlen(part), last);
}

Test(whole_texts, what_is_before_the_last_gap_is_taken_with_each_part)
{
    static struct whole_texts t;
    struct mr_context out = context(100);
    whole_texts_init(&t, take_words, NULL, true, NULL);
    must(put(&t, &out, "to be o", false));
    must(put(&t, &out, "r", false));
    must(put(&t, &out, " no", false));
    must(put(&t, &out, "t", true));
    cr_assert_str_eq(taken, "[to be][ or][ not]");
    free(t.text.at);
}

Test(whole_texts, without_a_gap_one_has_a_bound)
{
    static struct whole_texts t;
    struct mr_context out = context(4);
    t.batch.file = "f";
    whole_texts_init(&t, take_words, NULL, true, NULL);
    must(put(&t, &out, "abc", false));
    check(put(&t, &out, "de", false) < 0);
    check(strstr(err.text, "'f' has a text of more than 4 bytes without white space") != NULL);
    check(strstr(err.text, "--memory") != NULL);
    free(t.text.at);
}

/* Where words stand is told in 32 bits. */
Test(whole_texts, with_much_memory_too)
{
    static struct whole_texts t;
    struct mr_context out = context(SIZE_MAX);
    t.batch.file = "f";
    whole_texts_init(&t, take_words, NULL, true, NULL);
    t.text.size = INT32_MAX;
    check(put(&t, &out, "a", false) < 0);
    check(strstr(err.text, "'f' has a text of more than 2147483647 bytes") != NULL);
    check(strstr(err.text, "--memory") == NULL);
}
