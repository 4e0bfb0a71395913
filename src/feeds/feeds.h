/* feeds.h - lists that come by network: fetched when asked to, read in a jail, judged, and kept
 * SPDX-License-Identifier: Apache-2.0
 *
 * Nothing here runs by itself: somebody calls feeds_update(). A list that cannot be fetched or is
 * refused leaves the last good one in force, on disk and with its entries' time running on. The
 * public suffix list is kept in the same way: a feed by its name, whose text is kept as it came.
 *
 *     struct feeds *feeds;
 *     int r = feeds_open(config, &feeds, &error);
 *     r = feeds_update(feeds, &update, &status, &error);     for each feed
 *     feeds_close(feeds);
 *
 * Whoever loads lists calls feeds_last_good() and feeds_suffixes_path(). One thread a handle. */
#pragma once

#include "config/config.h"
#include "feeds/reading.h"
#include "feeds/status.h"

/* Whether the feed is the public suffix list, and not a list of indicators. */
bool feeds_are_suffixes(const struct config_feed *feed);

struct feeds;

/* Loads what lists are checked against (public suffixes, popular domains) and keeps other processes
 * from updating. `config` is borrowed. Negative errno: -EBUSY another process updates. */
int feeds_open(const struct config *config, struct feeds **ret_feeds, struct error *error);

/* The same to look at lists only: other processes may update meanwhile, feeds_update() may not. */
int feeds_open_to_look(const struct config *config, struct feeds **ret_feeds, struct error *error);
void feeds_close(struct feeds *feeds);

struct feed_update {
    const struct config_feed *feed; /* with a URL */
    bool force;                     /* accept a list that shrank or grew a lot */
    fetch_progress_fn progress;     /* may be NULL */
    void *arg;                      /* for `progress` */
};

/* Asks for a newer list and, if there is a good one, puts it in the place of the last. 0 when the
 * list is the newest now: changed_ns == tried_ns says whether it is a new one. Otherwise a negative
 * errno with the reason in `error`. *ret_status and *ret_report (may be NULL; zero when nothing was
 * read) are filled in either case. */
int feeds_update(struct feeds *feeds, const struct feed_update *update,
                 struct feed_status *ret_status, struct feed_report *ret_report,
                 struct error *error);

/* Fetches the list anew and has it read and judged, but keeps nothing. */
int feeds_try(struct feeds *feeds, const struct feed_update *update, struct reading *ret_reading,
              struct error *error);

/* Has a list from an open file read and judged, as if it came from `feed`. */
int feeds_try_file(struct feeds *feeds, const struct config_feed *feed, int fd,
                   struct reading *ret_reading, struct error *error);

/* When it is worth asking for a newer list; after a failure that is in an hour, where somebody has
 * asked since at once, as for one never fetched, of which it is 0. */
int64_t feeds_due_ns(const struct config_feed *feed, const struct feed_status *status);

/* How entries of a feed are to be taken that do not say it themselves. `path` is for messages. */
struct feed_config feeds_config_of(const struct config_feed *feed, const char *path);

/* Loads the last good list of the feed. -ENOENT: there is none yet; -EINVAL: it is damaged. */
int feeds_last_good(const struct config *config, const struct config_feed *feed,
                    struct intel_builder *builder, struct feed_report *ret_report,
                    struct error *error);

/* The public suffix list to use: the last good one, or else the configured path. */
void feeds_suffixes_path(const struct config *config, char path[static PATH_MAX]);
