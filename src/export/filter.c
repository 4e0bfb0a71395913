/* filter.c - which alerts an export takes, and what its records say besides them
 * SPDX-License-Identifier: Apache-2.0 */
#include "export/filter.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct export_filter {
    const struct config_export *config;
    struct ruleset *rules; /* NULL: none */
};

/* The shape that rule sets have on the wire. */
static json_t *rule_json(const struct config_rule *rule)
{
    return json_pack("{s:s, s:s, s:s, s:s}", "propertyJPath", rule->property, "propertyType",
                     rule->type, "operator", rule->operator, "expectedValue", rule->value);
}

static json_t *rules_json(const struct config_rule_list *rules)
{
    json_t *list = json_array();
    for (uint32_t i = 0; i < rules->count; i++)
        json_array_append_new(list, rule_json(&rules->items[i]));
    return list;
}

static json_t *sets_json(const struct config_rule_set_list *sets)
{
    json_t *list = json_array();
    for (uint32_t i = 0; i < sets->count; i++)
        json_array_append_new(list, json_pack("{s:o}", "rules", rules_json(&sets->items[i].rules)));
    return list;
}

int export_filter_new(const struct config_export *config, struct export_filter **ret_filter,
                      struct error *error)
{
    int r = 0;
    struct export_filter *filter = calloc(1, sizeof(*filter));
    if (!filter)
        return error_set(error, -ENOMEM, "no memory for export %s", config->name);
    filter->config = config;
    if (config->rule_sets.count) {
        json_t *sets = sets_json(&config->rule_sets);
        r = ruleset_new(sets, &filter->rules, error);
        json_decref(sets);
    }
    if (r < 0) {
        error_prefix(error, "export %s: rule_sets: ", config->name);
        export_filter_free(filter);
        return r;
    }
    *ret_filter = filter;
    return 0;
}

void export_filter_free(struct export_filter *filter)
{
    if (!filter)
        return;
    ruleset_free(filter->rules);
    free(filter);
}

static bool is_listed(const struct config_export *config, const struct alert *alert)
{
    const char *slug = detector_rows[alert->detector].slug;
    for (uint32_t i = 0; i < config->types.count; i++)
        if (strcmp(config->types.items[i].text, slug) == 0)
            return true;
    return config->types.count == 0;
}

bool export_filter_takes(const struct export_filter *filter, const struct alert *alert)
{
    const struct config_export *config = filter->config;
    return alert->severity >= config->severity_min && is_listed(config, alert) &&
           (!alert->suppressed_by[0] || config->suppressed) &&
           ruleset_matches(filter->rules, alert) != 0;
}

/* NULL for what is not configured. */
static const char *if_set(const char *text)
{
    return text && text[0] ? text : NULL;
}

struct dialect_context export_context(const struct config_export *config, const char *console_url)
{
    return (struct dialect_context){
        .language = (enum language)config->language,
        .compatible = config->compatible,
        .limit_bytes = config->record_bytes_max,
        .console_url = if_set(console_url),
        .subscription_id = if_set(config->subscription_id),
        .workspace_id = if_set(config->workspace_id),
        .tenant_id = if_set(config->tenant_id),
        .resource_group = if_set(config->resource_group),
        .location = if_set(config->location),
    };
}
