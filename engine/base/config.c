/* A run's configuration by itself. */
#include "base/config.h"

#include "base/error.h"

int mr_config_check(const struct mr_config *c, struct mr_error *err)
{
    if (c->overwrite && c->output_dir == NULL)
        return mr_error_set(err, "--overwrite is about an output directory (--output-dir); "
                                 "a file (--output) is replaced without it");
    if (c->ordered_parts && c->output_dir == NULL)
        return mr_error_set(err, "--ordered-parts is about an output directory (--output-dir); "
                                 "a file (--output) is in order without it");
    if (c->bad_records && c->skip_bad_records == 0)
        return mr_error_set(err, "--bad-records needs --skip-bad-records: without it none is "
                                 "passed over");
    if (c->resume && c->work_dir == NULL)
        return mr_error_set(err, "--resume needs --work-dir: the directory of the run to go on "
                                 "with");
    return 0;
}
