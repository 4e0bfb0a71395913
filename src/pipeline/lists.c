/* lists.c - loads the lists a configuration names into the snapshots that shards read
 * SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/lists.h"

#include "base/clock.h"
#include "base/log.h"
#include "feeds/feeds.h"
#include "pipeline/canary.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct loading {
    struct intel_builder *builder;
    lists_report_fn report;
    void *arg;
    struct lists *lists;
};

static int64_t file_time_ns(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 ? info.st_mtim.tv_sec * NS_PER_S + info.st_mtim.tv_nsec : 0;
}

static void refusals_note(struct lists_feed *feed, const struct feed_report *report)
{
    struct buf text;
    buf_init(&text, 4 * sizeof(feed->refusals));
    feed_refusals_write(report, &text);
    snprintf(feed->refusals, sizeof(feed->refusals), "%s", text.data ? text.data : "");
    buf_done(&text);
}

/* Files of one folder are told about as one list, as old as the oldest. */
static void feed_note(struct lists *lists, const char *name, const struct feed_report *report,
                      int64_t fetched_ns)
{
    struct lists_feed *feed = NULL;
    for (unsigned i = 0; i < lists->feed_count && !feed; i++)
        if (strcmp(lists->feeds[i].name, name) == 0)
            feed = &lists->feeds[i];
    if (!feed && lists->feed_count == LISTS_FEEDS_MAX)
        return;
    if (!feed) {
        feed = &lists->feeds[lists->feed_count++];
        *feed = (struct lists_feed){.fetched_ns = fetched_ns};
        snprintf(feed->name, sizeof(feed->name), "%s", name);
    }
    feed->entries += report->added;
    feed->refused += report->refused;
    if (report->refused && !feed->refusals[0])
        refusals_note(feed, report);
    if (fetched_ns < feed->fetched_ns)
        feed->fetched_ns = fetched_ns;
}

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
    if (r == 0)
        feed_note(loading->lists, "built in", &report, file_time_ns(dir));
    return loaded(loading, dir, &report, r, error);
}

static int feed_load(const struct loading *loading, const struct feed_config *feed,
                     struct error *error)
{
    struct feed_report report = {0};
    int r = intel_builder_add_feed(loading->builder, feed, &report, error);
    if (r == 0)
        feed_note(loading->lists, feed->name, &report,
                  feed->fetched_ns ? feed->fetched_ns : file_time_ns(feed->path));
    return loaded(loading, feed->name, &report, r, error);
}

/* Not what is hidden, nor what stands beside the events in a feed of MISP and names nobody. */
static int may_be_list(const struct dirent *entry)
{
    return entry->d_name[0] != '.' && strcmp(entry->d_name, "manifest.json") != 0 &&
           strcmp(entry->d_name, "hashes.csv") != 0;
}

/* One file of a folder. That a sound one says nothing of names is no reason to do without the
 * others: most events of MISP are about files. */
static int folder_file_load(const struct loading *loading, const struct config_feed *feed,
                            const char *name, unsigned *loaded_count, struct error *error)
{
    char path[PATH_MAX];
    snprintf(path, sizeof(path), "%s/%s", feed->path, name);
    const struct feed_config list = feeds_config_of(feed, path);
    int r = feed_load(loading, &list, error);
    *loaded_count += r == 0;
    if (r != -ENODATA)
        return r;
    log_warning("%s; left out", error->text);
    return 0;
}

/* Loads each file of the folder as a list of its own, in the order of their names. */
static int folder_load(const struct loading *loading, const struct config_feed *feed,
                       struct error *error)
{
    struct dirent **files;
    unsigned loaded_count = 0;
    int r = 0;
    int count = scandir(feed->path, &files, may_be_list, alphasort);
    for (int i = 0; i < count; i++) {
        if (r == 0)
            r = folder_file_load(loading, feed, files[i]->d_name, &loaded_count, error);
        free(files[i]);
    }
    if (count >= 0)
        free(files);
    if (r < 0 || loaded_count)
        return r;
    return error_set(error, -ENOENT, "%s: no list is in this folder, or it cannot be read",
                     feed->path);
}

static int64_t fetched_ns(const struct config *config, const struct config_feed *feed)
{
    struct feed_status status;
    status_load(config->state_dir, feed->name, &status);
    return status.fetched_ns;
}

/* The public suffix list was loaded before all others; until it was fetched, by its path. */
static int suffixes_note(const struct loading *loading, const struct config *config,
                         const struct config_feed *feed)
{
    struct feed_status status;
    status_load(config->state_dir, feed->name, &status);
    const struct feed_report report = {.added = status.entries, .lines = status.lines};
    if (status.fetched_ns)
        feed_note(loading->lists, feed->name, &report, status.fetched_ns);
    else
        log_warning("%s: was never fetched: `dnsvigil feeds update` does that", feed->name);
    loading->report(loading->arg, feed->name, &report,
                    status.fetched_ns ? NULL : "was never fetched");
    return 0;
}

/* A feed that is not there yet, or damaged on disk, must not keep the others from working. */
static int last_good_load(const struct loading *loading, const struct config *config,
                          const struct config_feed *feed, struct error *error)
{
    struct feed_report report;
    if (feeds_are_suffixes(feed))
        return suffixes_note(loading, config, feed);
    int r = feeds_last_good(config, feed, loading->builder, &report, error);
    loaded(loading, feed->name, &report, r, error);
    if (r == 0)
        feed_note(loading->lists, feed->name, &report, fetched_ns(config, feed));
    if (r == -ENOMEM)
        return r;
    if (r == -ENOENT)
        log_warning("%s: was never fetched: `dnsvigil feeds update` does that", feed->name);
    else if (r < 0)
        log_warning("%s: %s; `dnsvigil feeds update` fetches it anew", feed->name, error->text);
    return 0;
}

static int configured_feed_load(const struct loading *loading, const struct config *config,
                                const struct config_feed *feed, struct error *error)
{
    struct stat info;
    if (feed->url[0])
        return last_good_load(loading, config, feed, error);
    if (stat(feed->path, &info) == 0 && S_ISDIR(info.st_mode))
        return folder_load(loading, feed, error);
    const struct feed_config list = feeds_config_of(feed, feed->path);
    return feed_load(loading, &list, error);
}

/* Not reported: nobody asked for it, and nobody's traffic meets it. */
static int canary_load(const struct loading *loading, struct error *error)
{
    struct feed_report report = {0};
    return intel_builder_add_text(loading->builder, &canary_feed, canary_list, strlen(canary_list),
                                  &report, error);
}

/* Popular domains come first: the other lists are checked against them. */
static int configured_load(const struct loading *loading, const struct config *config,
                           struct error *error)
{
    for (int popular = 1; popular >= 0; popular--) {
        for (uint32_t i = 0; i < config->feeds.count; i++) {
            const struct config_feed *feed = &config->feeds.items[i];
            if (!feed->enabled || (feed->category == CATEGORY_POPULAR) != popular)
                continue;
            int r = configured_feed_load(loading, config, feed, error);
            if (r < 0)
                return r;
        }
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
    if (r == 0)
        r = canary_load(loading, error);
    if (r < 0)
        return r;
    lists->intel = intel_build(loading->builder, error);
    if (!lists->intel)
        return -ENOMEM;
    if (intel_count(lists->intel) <= CANARY_ENTRIES)
        return error_set(error, -ENODATA,
                         "no list has an entry, so nothing could ever be found: switch "
                         "intel.seeds on or name a feed");
    return 0;
}

/* Whether there are rules that came with the program; without them, it can do what others ask. */
static bool own_rules_are_there(const struct config_rules *rules)
{
    if (!rules->own)
        return false;
    if (access(rules->own_dir, R_OK) == 0)
        return true;
    log_warning("%s: the program's own rules are not there (%s): install them, name their place "
                "under rules.own_dir, or set rules.own to false",
                rules->own_dir, strerror(errno));
    return false;
}

/* Reads the rules that come with the program, where they are installed, and those configured. */
static int rules_add(const struct config *config, struct rule_builder *builder, struct error *error)
{
    int r = own_rules_are_there(&config->rules)
                ? rule_builder_add_path(builder, config->rules.own_dir, error)
                : 0;
    for (uint32_t i = 0; r == 0 && i < config->rules.paths.count; i++)
        r = rule_builder_add_path(builder, config->rules.paths.items[i].text, error);
    return r;
}

int lists_load_rules(const struct config *config, rule_note_fn note, void *arg,
                     struct rule_set **ret_rules, struct error *error)
{
    const struct config_rules *rules = &config->rules;
    struct rule_variable *variables = calloc(rules->variables.count + 1u, sizeof(*variables));
    for (uint32_t i = 0; variables && i < rules->variables.count; i++)
        variables[i] =
            (struct rule_variable){rules->variables.items[i].name, rules->variables.items[i].value};
    const struct rule_options options = {
        .variables = variables,
        .variable_count = rules->variables.count,
        .disabled = rules->disabled.items,
        .disabled_count = rules->disabled.count,
        .informational = rules->informational,
    };
    struct rule_builder *builder = variables ? rule_builder_new(&options, note, arg) : NULL;
    struct rule_set *set = NULL;
    int r = builder ? rules_add(config, builder, error)
                    : error_set(error, -ENOMEM, "no memory for rules");
    if (r == 0)
        r = rule_builder_finish(builder, &set, error);
    rule_builder_free(builder);
    free(variables);
    if (r < 0)
        return r;
    if (set->count == 0) {
        rule_set_free(set);
        set = NULL;
    }
    *ret_rules = set;
    return 0;
}

enum { REFUSED_SHOWN_MAX = 5 };

/* A rule_note_fn that logs the first refused rules; the number of all goes to `arg`. */
static void refused_log(void *arg, const struct rule_note *one)
{
    uint32_t *refused = arg;
    if (one->fate == RULE_FATE_REFUSED && (*refused)++ < REFUSED_SHOWN_MAX)
        log_warning("%s:%u: rule %u refused: %s%s%s", one->file, one->line, one->sid,
                    rule_refusal_texts[one->refusal], *one->keyword ? ": " : "", one->keyword);
}

static int rules_load(const struct config *config, struct lists *lists, struct error *error)
{
    int r = lists_load_rules(config, refused_log, &lists->rules_refused, &lists->rules, error);
    if (lists->rules_refused > REFUSED_SHOWN_MAX)
        log_warning("%u rules refused in all; `dnsvigil rules test FILE` tells why",
                    lists->rules_refused);
    if (r < 0 || !lists->rules)
        return r;
    lists->rule_index = rule_index_new(lists->rules, error);
    return lists->rule_index ? 0 : -ENOMEM;
}

/* An inventory_note_fn. */
static void inventory_log(void *arg, const char *path, unsigned line, const char *reason)
{
    (void)arg;
    if (line)
        log_warning("%s:%u: refused: %s", path, line, reason);
    else
        log_warning("inventory: %s", reason);
}

static int inventory_load(const struct config *config, struct lists *lists, struct error *error)
{
    lists->inventory = inventory_new(&config->inventory, inventory_log, NULL);
    if (!lists->inventory)
        return error_set(error, -ENOMEM, "no memory for the inventory");
    return 0;
}

int lists_load(const struct config *config, const struct feed_config *extra, size_t extra_count,
               lists_report_fn report, void *arg, struct lists *ret_lists, struct error *error)
{
    struct lists lists = {0};
    struct error warning = {{0}};
    char suffixes[PATH_MAX];
    feeds_suffixes_path(config, suffixes);
    lists.suffixes = suffix_list_new(suffixes, &warning);
    if (!lists.suffixes)
        return error_set(error, -ENOENT, "%s", warning.text);
    if (warning.text[0])
        log_warning("%s", warning.text);
    struct loading loading = {.builder = intel_builder_new(lists.suffixes),
                              .report = report,
                              .arg = arg,
                              .lists = &lists};
    int r = loading.builder ? intel_load(config, extra, extra_count, &loading, &lists, error)
                            : error_set(error, -ENOMEM, "no memory for the lists");
    intel_builder_free(loading.builder);
    if (r == 0)
        r = rules_load(config, &lists, error);
    if (r == 0)
        r = inventory_load(config, &lists, error);
    if (r < 0) {
        lists_done(&lists);
        return r;
    }
    *ret_lists = lists;
    return 0;
}

void lists_done(struct lists *lists)
{
    inventory_free(lists->inventory);
    rule_index_free(lists->rule_index);
    rule_set_free(lists->rules);
    intel_free(lists->intel);
    profiles_free(lists->profiles);
    brands_free(lists->brands);
    suffix_list_free(lists->suffixes);
    *lists = (struct lists){0};
}
