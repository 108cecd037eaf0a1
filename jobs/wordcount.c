/*
 * wordcount: how often each word, or each field of a delimited file, stands in the input.
 *
 * The engine cuts, counts and sorts; here is what is about words: what separates them
 * (wordcount_map.c), which are the same but for case, and which are kept (word_rules.h).
 *
 *     "b,a\nb,½\n" cut at commas -> b 2, a 1, ½ 1 -> without what is numeric -> b 2, a 1
 */
#include "jobs.h"
#include "wordcount.h"

/* NOLINTNEXTLINE(readability-non-const-parameter): the type is struct mr_job's */
static int reduce(const void *state, struct mr_key *key, uint64_t *count,
                  struct mr_context *context)
{
    (void)context;
    return filter_keep(&((const struct wordcount *)state)->rules.filter, key, *count);
}

static void fit(const void *state, struct mr_job *job)
{
    const struct wordcount *w = state;
    wordcount_choose_map(w, job);
    job->rekey = wordcount_get_rekey(w);
    if (!filter_is_any(&w->rules.filter))
        job->reduce = NULL;
    job->least = w->rules.filter.min_count;
}

const struct mr_job job_wordcount = {
    .name = "wordcount",
    .summary = "how often each word, or each field of a table, stands in the input",
    .about = "Count every distinct word of the FILEs (plain or compressed; a directory: the\n"
             "files in it whose names do not begin with _ or .; - or none: standard input),\n"
             "on all CPUs, within a fixed memory. .csv and .tsv files are counted by fields.\n",
    .examples =
        "  wc-mr --words=letters -i book.txt words without punctuation and case\n"
        "  wc-mr -n 20 access.log.gz         the 20 most frequent words of a log\n"
        "  wc-mr --drop-numeric table.csv    fields of a CSV, numbers left out\n"
        "  wc-mr -f 2,4 table.csv            two fields of each line, together\n"
        "  wc-mr -d '\\n' names.txt           lines, as sort | uniq -c counts them\n"
        "  wc-mr -R -i --min-count=5 docs/   the files below, case ignored\n"
        "  zcat a.gz | wc-mr --format=csv -o counts.csv\n",
    .key_name = "word",
    .value_name = "count",
    .sum_name = "tokens",
    .options = wordcount_options,
    .state_size = sizeof(struct wordcount),
    .ready = wordcount_ready,
    .release = wordcount_release,
    .order = MR_BY_VALUE,
    .fit = fit,
    .identify = wordcount_identify,
    .records = wordcount_records,
    .map = wordcount_map,
    .reduce = reduce,
    .reduce_only_lowers = true,
};
