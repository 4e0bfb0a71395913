/* knowledge.c - a configuration and lists for tests, from text in memory
 * SPDX-License-Identifier: Apache-2.0 */
#include "knowledge.h"

#include <errno.h>
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
