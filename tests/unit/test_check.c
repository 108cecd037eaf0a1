/* What a program of one's own can do wrong before anything is run, and what it is told. */
#include "support.h"

TestSuite(check);

static int map(const void *state, const struct mr_chunk *chunk, struct mr_context *out)
{
    (void)state, (void)chunk;
    return mr_emit(out, "x", 1, 1);
}

static int reduce_values(const void *state, struct mr_key *key, struct mr_value_list *values,
                         struct mr_context *out)
{
    (void)state, (void)key, (void)values, (void)out;
    return 0;
}

static int reduce_pairs(const void *state, const struct mr_pair *pairs, size_t count,
                        struct mr_context *out)
{
    (void)state, (void)pairs, (void)count, (void)out;
    return 0;
}

static uint64_t combine(uint64_t a, uint64_t b)
{
    return a + b;
}

static int take(void *arg, struct mr_key *key, uint64_t number, struct mr_key *value,
                struct mr_error *failure)
{
    (void)arg, (void)key, (void)number, (void)value, (void)failure;
    return 0;
}

static const char *const one[] = { "/dev/null" };
static const struct mr_job job = { .name = "mine", .map = map };

static int run(const struct mr_job *which, struct mr_config config)
{
    if (config.inputs == NULL && config.input_count == 0) {
        config.inputs = one;
        config.input_count = 1;
    }
    if (config.output_dir == NULL)
        config.output = "/dev/null";
    return mr_run(which, NULL, &config, NULL, &err);
}

Test(check, a_report_need_not_be_asked_for)
{
    must(run(&job, (struct mr_config){ .format = MR_TSV }));
}

Test(check, a_configuration_that_cannot_be_is_refused_by_the_field)
{
    static const char *const hole[] = { "/dev/null", NULL };
    const struct mr_config none = { .output = "/dev/null" };
    must_fail(mr_run(&job, NULL, &none, NULL, &err), "no input: mr_config.inputs has the names, "
                                                     "mr_config.input_count how many");
    must_fail(run(&job, (struct mr_config){ .input_count = 3 }), "in mr_config.inputs is NULL");
    must_fail(run(&job, (struct mr_config){ .inputs = hole, .input_count = 2 }),
              "mr_config.input_count is 2, and name 1 in mr_config.inputs is NULL");
    must_fail(run(&job, (struct mr_config){ .format = (enum mr_format)77 }),
              "mr_config.format is 77, which is no enum mr_format");
    must_fail(run(&job, (struct mr_config){ .format = MR_FORMATS }), "mr_config.format is ");
    must_fail(run(&job, (struct mr_config){ .order = (enum mr_order)77 }),
              "mr_config.order is 77, which is no enum mr_order");
    must_fail(run(&job, (struct mr_config){ .order = (enum mr_order)-1 }), "mr_config.order is -1");
    must_fail(run(&job, (struct mr_config){ .resume = true }),
              "mr_config.resume needs mr_config.work_dir");
    must_fail(run(&job, (struct mr_config){ .chaos_percent = 101 }),
              "mr_config.chaos_percent is 101 percent");
    const struct mr_config both = { .inputs = one, .input_count = 1, .output = "/dev/null",
                                    .output_dir = "/dev/null/parts" };
    must_fail(run(&job, (struct mr_config){ .result = take, .percent = true }),
              "mr_config.percent is for an output's text, and mr_config.result is handed");
    must_fail(run(&job, (struct mr_config){ .result = take, .others = true }),
              "mr_config.others is for an output's text, and mr_config.result is handed");
    must_fail(run(&job, (struct mr_config){ .result = take, .by_file = true }),
              "mr_config.by_file is for an output's text, and mr_config.result is handed");
    must_fail(mr_run(&job, NULL, &both, NULL, &err),
              "mr_config.output and mr_config.output_dir cannot go together");
    check(err.final);
}

Test(check, so_is_one_that_the_plan_refuses)
{
    must_fail(run(&job, (struct mr_config){ .mappers = 5000 }), "(mr_config.mappers): at most");
    must_fail(run(&job, (struct mr_config){ .reducers = 5000 }), "(mr_config.reducers): at most");
    must_fail(run(&job, (struct mr_config){ .memory = 1 }), "(mr_config.memory): at least");
    must_fail(run(&job, (struct mr_config){ .kernel = "mmx" }), "'mmx' (mr_config.kernel)");
    must_fail(run(&job, (struct mr_config){ .memory = 1, .by_options = true }),
              "(--memory): at least");
}

static int reduce(const void *state, struct mr_key *key, struct mr_value_list *values,
                  struct mr_context *out)
{
    (void)state, (void)key, (void)values, (void)out;
    return 0;
}

static void make_internal(const void *state, struct mr_job *fitted)
{
    (void)state;
    fitted->internal_values = true;
}

Test(check, so_is_what_the_job_fitted_to_its_options_does_not_make)
{
    struct mr_job bytes = { .name = "mine", .map = map, .values = MR_BYTES, .fit = make_internal,
                            .reduce_values = reduce };
    must_fail(run(&bytes, (struct mr_config){ .no_reduce = true }),
              "the job 'mine' needs reducers (mr_config.reducers): what its map emits is no result");
    must_fail(run(&bytes, (struct mr_config){ .format = MR_UNIQ }),
              "mr_config.format=uniq is for counts, and the job 'mine' makes none");
    must_fail(run(&bytes, (struct mr_config){ .format = MR_KEYS }),
              "mr_config.format=keys is for counts, and the job 'mine' makes none");
    bytes.values = MR_NUMBERS;
    must_fail(run(&bytes, (struct mr_config){ .format = MR_UNIQ, .by_options = true }),
              "--format=uniq is for counts, and the job 'mine' makes none");
}

Test(check, a_job_that_cannot_be_is_refused)
{
    struct mr_config config = { .format = MR_TSV };
    const struct mr_job nameless = { .map = map }, mapless = { .name = "mine" };
    const struct mr_job stateless = { .name = "mine", .map = map, .state_size = 8 };
    must_fail(run(&nameless, config), "has no name");
    must_fail(run(&mapless, config), "the job 'mine' has no map");
    must_fail(run(&stateless, config), "the job 'mine' has a state (state_size)");
    const struct mr_job numbers = { .name = "mine", .map = map, .combine_values = reduce_values };
    const struct mr_job bytes = { .name = "mine", .map = map, .values = MR_BYTES,
                                  .combine = combine };
    const struct mr_job neither = { .name = "mine", .map = map, .values = (enum mr_values)7 };
    const struct mr_job in_pairs = { .name = "mine", .map = map, .values = MR_BYTES,
                                     .reduce_values = reduce_values, .reduce_pairs = reduce_pairs };
    const struct mr_job pairs_alone = { .name = "mine", .map = map, .values = MR_BYTES,
                                        .in_sequence = true, .reduce_pairs = reduce_pairs };
    const struct mr_job pairs_of_numbers = { .name = "mine", .map = map, .in_sequence = true,
                                             .reduce_values = reduce_values,
                                             .reduce_pairs = reduce_pairs };
    must_fail(run(&in_pairs, config), "the job 'mine' has reduce_pairs, and is not in_sequence");
    must_fail(run(&pairs_alone, config), "the job 'mine' has reduce_pairs, and no reduce_values");
    must_fail(run(&pairs_of_numbers, config),
              "the job 'mine' has reduce_pairs, and its values are MR_NUMBERS");
    must_fail(run(&numbers, config), "its values are MR_NUMBERS");
    must_fail(run(&bytes, config), "its values are MR_BYTES");
    must_fail(run(&neither, config), "7 as its values, which is no enum mr_values");
}
