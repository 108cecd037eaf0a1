/* Options become fields, and nothing else changes. */
#include "control/config_fields.h"
#include "support.h"

static void check_text(const char *before, const char *after)
{
    char text[256];
    snprintf(text, sizeof text, "%s", before);
    mr_config_fields_name(text, sizeof text);
    check_for(strcmp(text, after) == 0, "'%s' became '%s', not '%s'", before, text, after);
}

Test(config_fields, options_become_fields)
{
    check_text("", "");
    check_text("--memory", "mr_config.memory");
    check_text("(--work-dir); or --output-dir, --sort", "(mr_config.work_dir); or "
                                                        "mr_config.output_dir, mr_config.order");
    check_text("--files0-from.", "mr_config.input_list.");
}

Test(config_fields, what_is_none_of_the_engines_stays)
{
    check_text("--pattern -- --- -m --memory-of --outputs", "--pattern -- --- -m --memory-of "
                                                            "--outputs");
}

Test(config_fields, names_in_quotes_stay)
{
    check_text("'--memory' --memory '--top'", "'--memory' mr_config.memory '--top'");
    check_text("'a\\'--memory' --top", "'a\\'--memory' mr_config.top");
    check_text("'a\\\\' --top '--top", "'a\\\\' mr_config.top 'mr_config.top");
}

Test(config_fields, a_text_that_grows_is_cut_off_at_its_end)
{
    for (size_t room = 1; room < 40; room++) {
        char text[64] = "", whole[64] = "ab mr_config.top mr_config.top";
        snprintf(text, room, "ab --top --top");
        size_t before = strlen(text);
        mr_config_fields_name(text, room);
        check(strlen(text) < room && strlen(text) >= (before < 3 ? before : 3));
        if (before == strlen("ab --top --top"))
            check(strncmp(text, whole, strlen(text)) == 0);
    }
}
