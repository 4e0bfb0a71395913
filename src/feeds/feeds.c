/* feeds.c - lists that come by network: fetched when asked to, read in a jail, judged, and kept
 * SPDX-License-Identifier: Apache-2.0 */
#include "feeds/feeds.h"

#include "base/clock.h"
#include "feeds/difference.h"
#include "feeds/judge.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static const int64_t ns_per_hour = 3600 * NS_PER_S;

struct feeds {
    const struct config *config;
    struct suffix_list *suffix_list;
    struct intel_builder *builder; /* what others are checked against */
    int lock;                      /* -1: only looking */
};

/* One list on its way. */
struct work {
    struct feeds *feeds;
    const struct feed_update *update;
    struct feed_status *status;
    struct reading reading;
    struct mapping kept; /* the last good list; no data where there is none */
    struct compiled before;
    char path[PATH_MAX];
    bool is_suffixes;
};

bool feeds_are_suffixes(const struct config_feed *feed)
{
    return strcmp(feed->name, CONFIG_FEED_SUFFIXES) == 0;
}

void feeds_suffixes_path(const struct config *config, char path[static PATH_MAX])
{
    const struct config_feed_list *feeds = &config->feeds;
    shelf_path(config->state_dir, CONFIG_FEED_SUFFIXES, "dat", path);
    for (uint32_t i = 0; i < feeds->count; i++)
        if (feeds->items[i].enabled && feeds_are_suffixes(&feeds->items[i]) &&
            access(path, R_OK) == 0)
            return;
    snprintf(path, PATH_MAX, "%s", config->intel.public_suffix_list);
}

struct feed_config feeds_config_of(const struct config_feed *feed, const char *path)
{
    return (struct feed_config){
        .name = feed->name,
        .path = path,
        .category = (enum category)feed->category,
        .confidence = (uint8_t)feed->confidence,
        .format = (enum feed_format)feed->format,
        .column = feed->column[0] ? feed->column : NULL,
        .informational = feed->informational,
        .expiry_days = feed->expiry_days,
    };
}

int feeds_last_good(const struct config *config, const struct config_feed *feed,
                    struct intel_builder *builder, struct feed_report *ret_report,
                    struct error *error)
{
    char path[PATH_MAX];
    struct mapping list;
    *ret_report = (struct feed_report){.format = (enum feed_format)feed->format};
    shelf_path(config->state_dir, feed->name, "list", path);
    int code = shelf_map(path, &list, error);
    if (code != 0)
        return code;
    struct feed_config as = feeds_config_of(feed, path);
    as.fetched_ns = list.modified_ns;
    code = intel_builder_add_compiled(builder, &as, list.data, list.len, ret_report, error);
    shelf_unmap(&list);
    return code;
}

int64_t feeds_due_ns(const struct config_feed *feed, const struct feed_status *status)
{
    bool failed = status->error[0];
    if (status->asked_ns > status->tried_ns)
        return status->asked_ns;
    return status->tried_ns ? status->tried_ns + (failed ? 1 : feed->interval_hours) * ns_per_hour
                            : 0;
}

/* Popular domains count as soon as they are there: the last good ones of the network, or a file. A
 * list that cannot be read is told where lists are loaded. */
static void popular_add(struct feeds *feeds, const struct config_feed *feed)
{
    const struct feed_config as = feeds_config_of(feed, feed->path);
    struct feed_report report = {0};
    struct error error;
    if (feed->url[0])
        feeds_last_good(feeds->config, feed, feeds->builder, &report, &error);
    else
        intel_builder_add_feed(feeds->builder, &as, &report, &error);
}

static void popular_load(struct feeds *feeds)
{
    const struct config_feed_list *list = &feeds->config->feeds;
    for (uint32_t i = 0; i < list->count; i++)
        if (list->items[i].enabled && list->items[i].category == CATEGORY_POPULAR &&
            !feeds_are_suffixes(&list->items[i]))
            popular_add(feeds, &list->items[i]);
}

static int checks_load(struct feeds *feeds, struct error *error)
{
    const struct config *config = feeds->config;
    char path[PATH_MAX];
    struct feed_report report;
    feeds_suffixes_path(config, path);
    feeds->suffix_list = suffix_list_new(path, error);
    if (!feeds->suffix_list)
        return -ENOENT;
    feeds->builder = intel_builder_new(feeds->suffix_list);
    if (!feeds->builder)
        return error_set(error, -ENOMEM, "no memory for lists");
    int code = config->intel.seeds
                   ? intel_seed_add(feeds->builder, config->intel.seed_dir, &report, error)
                   : 0;
    if (code == 0)
        popular_load(feeds);
    return code;
}

static int feeds_new(const struct config *config, bool locked, struct feeds **ret_feeds,
                     struct error *error)
{
    struct feeds *feeds = calloc(1, sizeof(*feeds));
    if (!feeds)
        return error_set(error, -ENOMEM, "no memory for feeds");
    *feeds = (struct feeds){.config = config, .lock = -1};
    fetch_init();
    int code = locked ? shelf_lock(config->state_dir, &feeds->lock, error) : 0;
    if (code == 0)
        code = checks_load(feeds, error);
    if (code == 0)
        *ret_feeds = feeds;
    else
        feeds_close(feeds);
    return code;
}

int feeds_open(const struct config *config, struct feeds **ret_feeds, struct error *error)
{
    return feeds_new(config, true, ret_feeds, error);
}

int feeds_open_to_look(const struct config *config, struct feeds **ret_feeds, struct error *error)
{
    return feeds_new(config, false, ret_feeds, error);
}

void feeds_close(struct feeds *feeds)
{
    if (!feeds)
        return;
    intel_builder_free(feeds->builder);
    suffix_list_free(feeds->suffix_list);
    if (feeds->lock >= 0)
        shelf_unlock(feeds->lock);
    free(feeds);
}

static int list_judge(struct feeds *feeds, const struct config_feed *feed, int fd,
                      struct reading *ret_reading, struct error *error)
{
    struct feed_config as = feeds_config_of(feed, "the list");
    int code = reading_list(feeds->builder, &as, feed->lines_max, fd, ret_reading, error);
    if (code != 0)
        return code;
    code = judge_report(&ret_reading->report, error);
    if (code != 0)
        reading_done(ret_reading);
    return code;
}

int feeds_try_file(struct feeds *feeds, const struct config_feed *feed, int fd,
                   struct reading *ret_reading, struct error *error)
{
    *ret_reading = (struct reading){0};
    return feeds_are_suffixes(feed) ? reading_suffixes(feeds->builder, fd, ret_reading, error)
                                    : list_judge(feeds, feed, fd, ret_reading, error);
}

/* Fetches into a new file in memory; on success *ret_fd is to be closed. */
static int list_fetch(const struct feed_update *update, const struct feed_status *held, int *ret_fd,
                      struct fetched *ret_fetched, struct error *error)
{
    const struct config_feed *feed = update->feed;
    const struct fetch_request request = {
        .url = feed->url,
        .etag = held ? held->etag : "",
        .modified = held ? held->modified : "",
        .headers_file = feed->headers_file,
        .proxy = feed->proxy,
        .allow_http = feed->allow_http,
        .allow_private = feed->allow_private,
    };
    int fd = memfd_create("dnsvigil-fetched", MFD_CLOEXEC);
    if (fd < 0)
        return error_set(error, -errno, "no memory for a list: %s", strerror(errno));
    int code = fetch(&request, &fetch_limits_default, fd, update->progress, update->arg,
                     ret_fetched, error);
    if (code == 0)
        *ret_fd = fd;
    else
        close(fd);
    return code;
}

int feeds_try(struct feeds *feeds, const struct feed_update *update, struct reading *ret_reading,
              struct error *error)
{
    struct fetched fetched;
    int fd = -1;
    *ret_reading = (struct reading){0};
    int code = list_fetch(update, NULL, &fd, &fetched, error);
    if (code != 0)
        return code;
    code = feeds_try_file(feeds, update->feed, fd, ret_reading, error);
    close(fd);
    return code;
}

/* Opens the last good list, if there is a whole one; one from elsewhere is not compared with. */
static void kept_open(struct work *work)
{
    struct error ignored;
    if (strcmp(work->status->url, work->update->feed->url) != 0 ||
        shelf_map(work->path, &work->kept, &ignored) != 0)
        return;
    if (!work->is_suffixes &&
        compiled_open(&work->before, work->kept.data, work->kept.len, &ignored) != 0)
        shelf_unmap(&work->kept);
}

/* Whether the list may take the place of the last one, and what would change. */
static int change_judge(const struct work *work, struct difference *ret_difference,
                        struct error *error)
{
    uint32_t entries = work->is_suffixes ? work->status->entries
                                         : work->before.name_count + work->before.block_count;
    const struct feed_report *report = &work->reading.report;
    int code =
        work->kept.data && !work->update->force ? judge_size(entries, report->added, error) : 0;
    *ret_difference = (struct difference){.added = report->added};
    if (code != 0 || work->is_suffixes)
        return code;
    struct compiled after;
    code = compiled_open(&after, work->reading.data, work->reading.len, error);
    if (code == 0 && !difference_of(work->kept.data ? &work->before : NULL, &after, ret_difference))
        code = error_set(error, -ENOMEM, "no memory to compare it with the last one");
    return code;
}

static void refusals_fill(struct feed_status *status, const struct feed_report *report)
{
    struct buf text;
    buf_init(&text, 4 * sizeof(status->refusals));
    feed_refusals_write(report, &text);
    snprintf(status->refusals, sizeof(status->refusals), "%s", text.data ? text.data : "");
    buf_done(&text);
}

static void status_fill(struct work *work, const struct fetched *fetched,
                        const struct difference *difference)
{
    struct feed_status *status = work->status;
    const struct feed_report *report = &work->reading.report;
    snprintf(status->url, sizeof(status->url), "%s", work->update->feed->url);
    memcpy(status->etag, fetched->etag, sizeof(status->etag));
    memcpy(status->modified, fetched->modified, sizeof(status->modified));
    status->changed_ns = status->tried_ns;
    status->entries = report->added;
    status->added = difference->added;
    status->removed = difference->removed;
    status->lines = report->lines;
    status->duplicates = report->duplicates;
    status->skipped = report->skipped;
    status->refused = report->refused;
    refusals_fill(status, report);
    snprintf(status->format, sizeof(status->format), "%s",
             work->is_suffixes ? "" : feed_formats[report->format].slug);
}

/* Has what was fetched read and judged, and keeps it. */
static int list_take(struct work *work, int fd, const struct fetched *fetched, struct error *error)
{
    struct feed_status *status = work->status;
    struct difference difference;
    int code = feeds_try_file(work->feeds, work->update->feed, fd, &work->reading, error);
    snprintf(status->sandbox, sizeof(status->sandbox), "%s", sandbox_names[work->reading.level]);
    if (code == 0)
        code = change_judge(work, &difference, error);
    if (code == 0)
        code =
            shelf_put(work->path, work->reading.data, work->reading.len, status->tried_ns, error);
    if (code == 0)
        status_fill(work, fetched, &difference);
    return code;
}

static int list_update(struct work *work, struct error *error)
{
    struct fetched fetched;
    int fd = -1;
    const struct feed_status *held = work->kept.data ? work->status : NULL;
    int code = list_fetch(work->update, held, &fd, &fetched, error);
    if (code != 0)
        return code;
    code = fetched.unchanged ? shelf_touch(work->path, work->status->tried_ns, error)
                             : list_take(work, fd, &fetched, error);
    close(fd);
    if (code == 0)
        work->status->fetched_ns = work->status->tried_ns;
    return code;
}

int feeds_update(struct feeds *feeds, const struct feed_update *update,
                 struct feed_status *ret_status, struct feed_report *ret_report,
                 struct error *error)
{
    struct work work = {.feeds = feeds,
                        .update = update,
                        .status = ret_status,
                        .is_suffixes = feeds_are_suffixes(update->feed)};
    const char *state_dir = feeds->config->state_dir;
    const char *name = update->feed->name;
    struct error unsaved;
    shelf_path(state_dir, name, work.is_suffixes ? "dat" : "list", work.path);
    status_load(state_dir, name, ret_status);
    ret_status->tried_ns = clock_now_ns();
    kept_open(&work);
    int code = list_update(&work, error);
    if (ret_report)
        *ret_report = work.reading.report;
    reading_done(&work.reading);
    shelf_unmap(&work.kept);
    snprintf(ret_status->error, sizeof(ret_status->error), "%s", code == 0 ? "" : error->text);
    if (status_save(state_dir, name, ret_status, &unsaved) != 0 && code == 0)
        code = error_set(error, -EIO, "%s", unsaved.text);
    return code;
}
