/* rules.c - `dnsvigil rules`: lists signature rules, explains one, tries files of them
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/rules.h"

#include "base/json.h"
#include "base/log.h"
#include "cli/actions.h"
#include "cli/cli.h"
#include "cli/output.h"
#include "cli/page.h"
#include "config/config.h"
#include "intel/rule_explain.h"
#include "pipeline/lists.h"

#include <dnsvigil/indicator.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_MAX_BYTES = 1 << 20 };

struct rules_options {
    const char *config;
    enum output_format format;
};

static const char *const categories[CATEGORY_COUNT] = {
#define CATEGORY(id, slug, days, text) slug,
#include <dnsvigil/categories.def>
#undef CATEGORY
};

static const struct option_row rows[] = {
    OPTION_CONFIG(struct rules_options, config),
    {"output", 'o', "FORMAT", "table or json (one object a line); default: table", option_format,
     offsetof(struct rules_options, format)},
};

static const struct option_table list_table = {
    .command = "rules list",
    .arguments = "[OPTION]...",
    .summary = "Lists the signature rules that are in use with this configuration.",
    .rows = rows,
    .count = sizeof(rows) / sizeof(*rows),
};

static const struct option_table explain_table = {
    .command = "rules explain",
    .arguments = "[OPTION]... SID",
    .summary = "Says in words what a rule in use looks for, how it is found and where it stands.",
    .rows = rows,
    .count = sizeof(rows) / sizeof(*rows),
};

static const char *severity_word(const struct rule *rule)
{
    return rule->severity < 0 ? "" : severity_names[rule->severity][LANGUAGE_EN];
}

static void rule_json(const struct rule_set *set, const struct rule *rule)
{
    struct buf line;
    struct json json = json_writer(&line);
    buf_init(&line, LINE_MAX_BYTES);
    json_object_begin(&json);
    json_pair_int(&json, "sid", rule->sid);
    json_pair_int(&json, "gid", rule->gid);
    json_pair_int(&json, "rev", rule->rev);
    json_pair(&json, "msg", rule->msg);
    json_pair_opt(&json, "severity", severity_word(rule));
    json_pair_opt(&json, "classtype", rule->classtype);
    json_pair(&json, "category", categories[rule->category]);
    json_pair_opt(&json, "tactics", rule->tactic);
    json_pair_opt(&json, "techniques", rule->techniques);
    json_pair(&json, "found_by", rule_shape_names[rule->shape]);
    json_pair(&json, "file", set->files[rule->file]);
    json_pair_int(&json, "line", rule->line);
    json_object_end(&json);
    puts(line.data);
    buf_done(&line);
}

static void rule_row(const struct page *page, const struct rule *rule)
{
    printf("%10" PRIu32 "  %-13s  %-7s  ", rule->sid, severity_word(rule),
           rule_shape_names[rule->shape]);
    page_wrap(page, 36, rule->msg);
}

/* Loads configuration and rules. Logs what went wrong; on CLI_EXIT_OK the caller frees both, and
 * *ret_rules may be NULL. */
static int rules_open(const char *path, struct config **ret_config, struct rule_set **ret_rules)
{
    struct error error;
    int r = config_load(path, ret_config, &error);
    if (r == 0) {
        r = lists_load_rules(*ret_config, NULL, NULL, ret_rules, &error);
        if (r < 0)
            config_free(*ret_config);
    }
    if (r < 0)
        log_error("%s", error.text);
    return r < 0 ? CLI_EXIT_CONFIG : CLI_EXIT_OK;
}

static int rules_list(int argc, char **argv)
{
    struct rules_options options = {0};
    struct config *config;
    struct rule_set *rules;
    int first, code;
    if (!options_parse(&list_table, argc, argv, &options, &first, &code))
        return code;
    if (first != argc)
        return options_usage_error(&list_table, "\"%s\" is not expected", argv[first]);
    code = rules_open(options.config, &config, &rules);
    if (code != CLI_EXIT_OK)
        return code;
    struct page page = page_on(stdout);
    bool json = options.format == OUTPUT_JSON;
    for (uint32_t i = 0; rules && i < rules->count; i++) {
        if (json)
            rule_json(rules, rules->rules[i]);
        else
            rule_row(&page, rules->rules[i]);
    }
    if (!json && rules)
        printf("%" PRIu32 " rules\n", rules->count);
    if (!rules)
        log_info("no rule is in use; rules.paths in the configuration names files of them");
    rule_set_free(rules);
    config_free(config);
    return CLI_EXIT_OK;
}

/* Each line of the text as a paragraph, the first beside the label. */
static void page_lines(const struct page *page, const char *label, struct buf *text)
{
    char *rest = text->data;
    for (char *line; (line = strsep(&rest, "\n"));) {
        if (*line)
            page_pair(page, label, line);
        label = "";
    }
}

static void pairs_print(const struct page *page, const char *label, const char *between,
                        const struct rule_pair *pairs, unsigned count)
{
    struct buf line;
    buf_init(&line, LINE_MAX_BYTES);
    for (unsigned i = 0; i < count; i++)
        buf_printf(&line, "%s%s%s%s", i ? ", " : "", pairs[i].key, between, pairs[i].value);
    if (line.len)
        page_pair(page, label, line.data);
    buf_done(&line);
}

static void rule_page(const struct rule_set *set, const struct rule *rule)
{
    static const char *const actions[] = {"alert", "drop", "reject", "pass"};
    struct page page = page_on(stdout);
    struct buf text;
    buf_init(&text, LINE_MAX_BYTES);
    page_heading(&page, rule->msg);
    buf_printf(&text, "%" PRIu32 ", revision %" PRIu32 ", %s", rule->sid, rule->rev,
               actions[rule->action]);
    page_pair(&page, "rule", text.data);
    buf_reset(&text);
    buf_printf(&text, "%s:%" PRIu32, set->files[rule->file], rule->line);
    page_pair(&page, "stands in", text.data);
    page_pair(&page, "severity", severity_word(rule));
    page_pair(&page, "class", rule->classtype);
    page_pair(&page, "category", categories[rule->category]);
    page_pair(&page, "techniques", rule->techniques);
    buf_reset(&text);
    rule_explain(set, rule, &text);
    page_lines(&page, "holds for", &text);
    buf_reset(&text);
    rule_explain_shape(rule, &text);
    page_pair(&page, "is found", text.data);
    pairs_print(&page, "references", ",", rule->references, rule->reference_count);
    pairs_print(&page, "metadata", " ", rule->metadata, rule->metadata_count);
    buf_done(&text);
}

static int rule_print(const struct rule_set *rules, const char *sid, enum output_format format)
{
    uint64_t number;
    const struct rule *rule = rules && option_count(sid, &number) && number <= UINT32_MAX
                                  ? rule_find(rules, (uint32_t)number)
                                  : NULL;
    if (!rule) {
        log_error("no rule in use has the sid %s; `dnsvigil rules list` shows them", sid);
        return CLI_EXIT_FAILED;
    }
    if (format == OUTPUT_JSON)
        rule_json(rules, rule);
    else
        rule_page(rules, rule);
    return CLI_EXIT_OK;
}

static int rules_explain(int argc, char **argv)
{
    struct rules_options options = {0};
    struct config *config;
    struct rule_set *rules;
    int first, code;
    if (!options_parse(&explain_table, argc, argv, &options, &first, &code))
        return code;
    if (first + 1 != argc)
        return options_usage_error(&explain_table, "give the sid of one rule");
    code = rules_open(options.config, &config, &rules);
    if (code != CLI_EXIT_OK)
        return code;
    code = rule_print(rules, argv[first], options.format);
    rule_set_free(rules);
    config_free(config);
    return code;
}

static const struct action actions[] = {
    {"list", rules_list, &list_table},
    {"test", rules_test, &rules_test_table},
    {"explain", rules_explain, &explain_table},
};

int command_rules(int argc, char **argv)
{
    return actions_run(actions, sizeof(actions) / sizeof(*actions), argc, argv);
}
