/* Skipping bad records. */
#include "control/skip.h"

#include "base/error.h"
#include "base/event.h"
#include "base/message.h"
#include "control/conflict.h"
#include "write/quote.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- passing over ----------------------------------------------------------------------- */

static void tell(const struct mr_config *config, const struct mr_bad_record *r,
                 const struct mr_error *err)
{
    if (r->in_reduce)
        mr_event_say(config, MR_WARNING, "warning: a key and its values are passed over, in %s "
                                         "task %llu: %s", r->of_map ? "map" : "reduce",
                     (unsigned long long)r->task, err->text);
    else
        mr_event_say(config, MR_WARNING, "warning: a record is passed over: %s", err->text);
}

int mr_skip_record(struct mr_stages *all, const struct mr_bad_record *record,
                   struct mr_error *err)
{
    unsigned may = all->supervisor->config->skip_bad_records;
    if (may == 0)
        return 0;
    if (all->bad.count >= may) {
        mr_error_suffix(err, "; no more than %u may be passed over (--skip-bad-records)", may);
        mr_error_final(err);
        return 0;
    }
    struct mr_error failure;
    int added = mr_bad_add(&all->bad, record, &failure);
    if (added > 0 && all->store->kept && mr_manifest_add_bad(all->manifest, record, &failure) < 0)
        added = -1;
    if (added < 0)
        *err = failure;
    else if (added > 0)
        tell(all->supervisor->config, record, err);
    return added;
}

/* Says which key it is: by its excerpt, where it has one, as the key itself may be made for its
 * order alone. */
static void add_key(struct mr_error *err, const struct mr_mark *mark)
{
    const struct mr_fingerprint *key = &mark->key;
    const unsigned char *bytes = mark->excerpt_size > 0 ? mark->excerpt : key->bytes;
    uint64_t size = mark->excerpt_size > 0 ? mark->excerpt_size : key->size;
    int shown = size < MR_KEY_SHOWN ? (int)size : MR_KEY_SHOWN;
    mr_error_suffix(err, "%s the key '%.*s'%s",
                    mark->job_failed ? ", at" : ", in the job's reduce of", shown,
                    (const char *)bytes, (uint64_t)shown < size ? "..." : "");
}

int mr_skip_key(struct mr_stages *all, struct mr_mark *mark, bool of_map, uint64_t task,
                struct mr_error *err)
{
    const struct mr_fingerprint *key = &mark->key;
    struct mr_bad_record record = { .in_reduce = true, .of_map = of_map, .task = task,
                                    .key = *key, .excerpt = mark->excerpt,
                                    .excerpt_size = mark->excerpt_size };
    mr_message(record.why, sizeof record.why, "%s", err->text);
    if (!mark->job_failed || mark->chosen)
        add_key(err, mark);
    /* Other map tasks may find the same key meanwhile: then this attempt, too, does not count. */
    if (mark->chosen && mr_bad_has_key(&all->bad, key))
        return mark->known < all->bad.count;
    return mr_skip_record(all, &record, err);
}

int mr_skip_check(const struct mr_stages *all, struct mr_error *err)
{
    unsigned may = all->supervisor->config->skip_bad_records;
    if (all->bad.count <= may)
        return 0;
    mr_error_set(err, "cannot resume from '%s': %zu bad records were passed over, and now only %u "
                      "may be; give --skip-bad-records again", all->store->directory,
                 all->bad.count, may);
    return mr_error_final(err);
}

/* ---- the file --------------------------------------------------------------------------- */

int mr_skip_file_find(struct mr_skip_file *f, const struct mr_config *config,
                      const struct mr_sources *sources, const struct mr_output *output,
                      struct mr_error *err)
{
    *f = MR_SKIP_FILE_INIT;
    f->wanted = config->bad_records != NULL;
    if (!f->wanted)
        return 0;
    f->config = *config;
    f->config.output = config->bad_records;
    f->config.output_dir = NULL;
    f->config.top = 0;
    if (mr_output_find(&f->output, &f->config, err) < 0 ||
        mr_conflict_check(sources, &f->output, &f->config, err) < 0 ||
        mr_conflict_check_parts(&f->output, config, err) < 0)
        return -1;
    if (!mr_target_is_same(&f->output.target, &output->target))
        return 0;
    mr_error_set(err, "cannot write '%s': it is to be the output, and have the bad records "
                      "(--bad-records), too; choose another name for one of them",
                 config->bad_records);
    return mr_error_final(err);
}

/* In the order of the input, then of keys. */
static int compare(const void *left, const void *right)
{
    const struct mr_bad_record *a = left, *b = right;
    if (a->in_reduce != b->in_reduce)
        return a->in_reduce ? 1 : -1;
    if (!a->in_reduce) {
        if (a->span.source != b->span.source)
            return a->span.source < b->span.source ? -1 : 1;
        return a->span.offset < b->span.offset ? -1 : a->span.offset > b->span.offset;
    }
    uint32_t common = a->key.shown < b->key.shown ? a->key.shown : b->key.shown;
    int order = memcmp(a->key.bytes, b->key.bytes, common);
    if (order != 0 || a->key.size == b->key.size)
        return order;
    return a->key.size < b->key.size ? -1 : 1;
}

/* Adds a name and a string. Returns 0 or -1. */
static int add_string(struct mr_buffer *b, const char *name, const void *bytes, size_t size)
{
    char head[64];
    int n = snprintf(head, sizeof head, ",\"%s\":\"", name);
    unsigned char *to = mr_buffer_add(b, head, (size_t)n) < 0
                            ? NULL
                            : mr_buffer_reserve(b, size * MR_JSON_GROWTH + 1);
    if (to == NULL)
        return -1;
    to = mr_put_json(to, bytes, size);
    *to++ = '"';
    b->size = (size_t)(to - b->at);
    return 0;
}

static int add_number(struct mr_buffer *b, const char *name, uint64_t number)
{
    char text[64];
    int n = snprintf(text, sizeof text, ",\"%s\":%llu", name, (unsigned long long)number);
    return mr_buffer_add(b, text, (size_t)n);
}

/* How many bytes a key has, as it is shown. */
static uint64_t size_of_key(const struct mr_bad_record *r)
{
    return r->excerpt_size > 0 && r->excerpt_size < MR_EXCERPT_MAX ? r->excerpt_size : r->key.size;
}

static int add_where(struct mr_buffer *b, const struct mr_bad_record *r,
                     const struct mr_sources *sources)
{
    if (r->in_reduce)
        return add_string(b, "key", r->excerpt, r->excerpt_size) < 0 ||
                       add_number(b, "key_bytes", size_of_key(r)) < 0
                   ? -1
                   : 0;
    const char *path = sources->at[r->span.source].path;
    if (path == NULL)
        path = "-";
    if (add_string(b, "file", path, strlen(path)) < 0 ||
        add_number(b, "offset", r->span.offset) < 0 || add_number(b, "bytes", r->span.size) < 0)
        return -1;
    return r->excerpt_size > 0 ? add_string(b, "record", r->excerpt, r->excerpt_size) : 0;
}

static int add_line(struct mr_buffer *b, const struct mr_bad_record *r,
                    const struct mr_sources *sources)
{
    bool reduce = r->in_reduce && !r->of_map;
    const char *head = reduce ? "{\"stage\":\"reduce\"" : "{\"stage\":\"map\"";
    return mr_buffer_add(b, head, strlen(head)) < 0 || add_number(b, "task", r->task) < 0 ||
                   add_where(b, r, sources) < 0 ||
                   add_string(b, "reason", r->why, strlen(r->why)) < 0 ||
                   mr_buffer_add(b, "}\n", 2) < 0
               ? -1
               : 0;
}

int mr_skip_file_write(struct mr_skip_file *f, const struct mr_bad_records *bad,
                       const struct mr_sources *sources, struct mr_error *err)
{
    struct mr_buffer text = MR_BUFFER_INIT;
    int result = 0;
    if (!f->wanted)
        return 0;
    if (bad->count > 1)
        qsort(bad->records, bad->count, sizeof *bad->records, compare);
    for (size_t i = 0; result == 0 && i < bad->count; i++)
        if (add_line(&text, &bad->records[i], sources) < 0)
            result = mr_error_memory(err, text.size, "the bad records");
    if (result == 0)
        result = mr_output_reserve(&f->output, text.size, err);
    if (result == 0 && text.size > 0)
        result = mr_output_write(&f->output, 0, 0, text.at, text.size, err);
    if (result == 0)
        result = mr_output_end(&f->output, 0, 0, text.size, err);
    if (result == 0)
        result = mr_output_commit(&f->output, err);
    mr_buffer_free(&text);
    return result;
}
