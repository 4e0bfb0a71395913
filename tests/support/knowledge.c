/* knowledge.c - a configuration and lists for tests, from text in memory
 * SPDX-License-Identifier: Apache-2.0 */
#include "knowledge.h"

#include "intel/file.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

int knowledge_config(struct knowledge *knowledge, const char *name, const char *yaml,
                     struct error *error)
{
    struct config *config;
    int rc = config_load_text(name, yaml, strlen(yaml), &config, error);
    if (rc < 0)
        return rc;
    config_free(knowledge->config);
    knowledge->config = config;
    return 0;
}

int knowledge_open(struct knowledge *knowledge, struct error *error)
{
    *knowledge = (struct knowledge){
        .lists = {.suffixes = suffix_list_new(NULL, error), .profiles = profiles_new()}};
    if (!knowledge->lists.suffixes || !knowledge->lists.profiles)
        return -ENOENT;
    knowledge->builder = intel_builder_new(knowledge->lists.suffixes);
    if (!knowledge->builder)
        return error_set(error, -ENOMEM, "no memory for lists");
    return knowledge_config(knowledge, "default.yaml", "sensor: test\n", error);
}

int knowledge_seeds(struct knowledge *knowledge, const char *dir, struct error *error)
{
    struct feed_report report;
    return intel_seed_add(knowledge->builder, dir, &report, error);
}

int knowledge_feed(struct knowledge *knowledge, const struct feed_config *feed, const char *text,
                   struct error *error)
{
    struct feed_report report;
    int rc = intel_builder_add_text(knowledge->builder, feed, text, strlen(text), &report, error);
    if (rc < 0 || report.refused == 0)
        return rc;
    const struct feed_refused *first = &report.first_refused[0];
    return error_set(error, -EINVAL, "feed %s refuses '%s': %s", feed->name, first->text,
                     refusal_texts[first->reason]);
}

static void rule_refuse(void *arg, const struct rule_note *note)
{
    struct error *error = arg;
    if (note->fate == RULE_FATE_REFUSED || note->fate == RULE_FATE_FOREIGN)
        error_set(error, -EINVAL, "%s: line %u of the rules: %s: %s %s", note->file, note->line,
                  rule_fate_texts[note->fate], rule_refusal_texts[note->refusal], note->keyword);
}

int knowledge_rules(struct knowledge *knowledge, const char *name, const char *rules,
                    struct error *error)
{
    const struct rule_options options = {.informational = true};
    struct rule_builder *builder = rule_builder_new(&options, rule_refuse, error);
    error->text[0] = 0;
    int rc = builder ? rule_builder_add_text(builder, name, rules, strlen(rules), error)
                     : error_set(error, -ENOMEM, "no memory for rules");
    if (rc == 0)
        rc = rule_builder_finish(builder, &knowledge->lists.rules, error);
    rule_builder_free(builder);
    if (rc < 0 || error->text[0])
        return rc < 0 ? rc : -EINVAL;
    knowledge->lists.rule_index = rule_index_new(knowledge->lists.rules, error);
    return knowledge->lists.rule_index ? 0 : -ENOMEM;
}

int knowledge_own_rules(struct knowledge *knowledge, const char *seed_dir, struct error *error)
{
    char path[PATH_MAX];
    struct file file;
    snprintf(path, sizeof(path), "%s/../../rules/dnsvigil.rules", seed_dir);
    int rc = file_read(&file, path, RULE_FILE_BYTES_MAX, error);
    if (rc < 0)
        return rc;
    rc = knowledge_rules(knowledge, path, file.data, error);
    file_done(&file);
    return rc;
}

int knowledge_build(struct knowledge *knowledge, struct error *error)
{
    knowledge->lists.brands = brands_new(knowledge->config, error);
    if (!knowledge->lists.brands)
        return -EINVAL;
    knowledge->lists.intel = intel_build(knowledge->builder, error);
    return knowledge->lists.intel ? 0 : -ENOMEM;
}

void knowledge_close(struct knowledge *knowledge)
{
    intel_builder_free(knowledge->builder);
    lists_done(&knowledge->lists);
    config_free(knowledge->config);
    *knowledge = (struct knowledge){0};
}
