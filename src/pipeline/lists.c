/* lists.c - loads the lists a configuration names into the snapshots that shards read
 * SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/lists.h"

#include "base/log.h"

#include <errno.h>

struct loading {
    struct intel_builder *builder;
    lists_report_fn report;
    void *arg;
};

static int loaded(const struct loading *loading, const char *name, const struct feed_report *report,
                  int r, const struct error *error)
{
    loading->report(loading->arg, name, report, r < 0 ? error->text : NULL);
    return r;
}

static int seeds_load(const struct loading *loading, const struct config *config,
                      struct error *error)
{
    const char *dir = config->intel.seed_dir;
    struct feed_report report = {0};
    int r = intel_seed_add(loading->builder, dir, &report, error);
    return loaded(loading, dir, &report, r, error);
}

static int feed_load(const struct loading *loading, const struct feed_config *feed,
                     struct error *error)
{
    struct feed_report report = {0};
    int r = intel_builder_add_feed(loading->builder, feed, &report, error);
    return loaded(loading, feed->name, &report, r, error);
}

static int configured_load(const struct loading *loading, const struct config *config,
                           struct error *error)
{
    for (uint32_t i = 0; i < config->feeds.count; i++) {
        const struct config_feed *feed = &config->feeds.items[i];
        const struct feed_config as_feed = {
            .name = feed->name,
            .path = feed->path,
            .category = (enum category)feed->category,
            .confidence = (uint8_t)feed->confidence,
            .format = (enum feed_format)feed->format,
            .expiry_days = feed->expiry_days,
        };
        int r = feed_load(loading, &as_feed, error);
        if (r < 0)
            return r;
    }
    return 0;
}

static int all_load(const struct loading *loading, const struct config *config,
                    const struct feed_config *extra, size_t extra_count, struct error *error)
{
    int r = config->intel.seeds ? seeds_load(loading, config, error) : 0;
    if (r == 0)
        r = configured_load(loading, config, error);
    for (size_t i = 0; r == 0 && i < extra_count; i++)
        r = feed_load(loading, &extra[i], error);
    return r;
}

static int profiles_load(const struct config *config, const struct loading *loading,
                         struct lists *lists, struct error *error)
{
    struct feed_report report = {0};
    const char *path = config->intel.profiles;
    lists->profiles = profiles_new();
    if (!lists->profiles)
        return error_set(error, -ENOMEM, "no memory for the profiles");
    if (!path[0])
        return 0;
    int r = profiles_read_file(lists->profiles, path, &report, error);
    return loaded(loading, path, &report, r, error);
}

static int intel_load(const struct config *config, const struct feed_config *extra,
                      size_t extra_count, const struct loading *loading, struct lists *lists,
                      struct error *error)
{
    lists->brands = brands_new(config, error);
    int r = lists->brands ? profiles_load(config, loading, lists, error) : -EINVAL;
    if (r == 0)
        r = all_load(loading, config, extra, extra_count, error);
    if (r < 0)
        return r;
    lists->intel = intel_build(loading->builder, error);
    if (!lists->intel)
        return -ENOMEM;
    if (intel_count(lists->intel) == 0)
        return error_set(error, -ENODATA,
                         "no list has an entry, so nothing could ever be found: switch "
                         "intel.seeds on or name a feed");
    return 0;
}

int lists_load(const struct config *config, const struct feed_config *extra, size_t extra_count,
               lists_report_fn report, void *arg, struct lists *ret_lists, struct error *error)
{
    struct lists lists = {0};
    struct error warning = {{0}};
    lists.suffixes = suffix_list_new(config->intel.public_suffix_list, &warning);
    if (!lists.suffixes)
        return error_set(error, -ENOENT, "%s", warning.text);
    if (warning.text[0])
        log_warning("%s", warning.text);
    struct loading loading = {
        .builder = intel_builder_new(lists.suffixes), .report = report, .arg = arg};
    int r = loading.builder ? intel_load(config, extra, extra_count, &loading, &lists, error)
                            : error_set(error, -ENOMEM, "no memory for the lists");
    intel_builder_free(loading.builder);
    if (r < 0) {
        lists_done(&lists);
        return r;
    }
    *ret_lists = lists;
    return 0;
}

void lists_done(struct lists *lists)
{
    intel_unref(lists->intel);
    profiles_free(lists->profiles);
    brands_free(lists->brands);
    suffix_list_free(lists->suffixes);
    *lists = (struct lists){0};
}
