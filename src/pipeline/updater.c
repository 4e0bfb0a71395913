/* updater.c - a process beside the running program that keeps its lists new
 * SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/updater.h"

#include "base/clock.h"
#include "base/log.h"
#include "feeds/feeds.h"
#include "pipeline/sandbox.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATIENCE = 10 }; /* periods to wait after a failure, which may go on for long */

/* What the process goes by. */
struct updating {
    const char *config_path;
    unsigned period_s;
    pid_t program;
    int64_t seen; /* sum of the times at which lists last changed */
};

static bool is_fetched(const struct config_feed *feed)
{
    return feed->enabled && feed->url[0];
}

static bool fetches_anything(const struct config *config)
{
    if (!config->intel.updates)
        return false;
    for (uint32_t i = 0; i < config->feeds.count; i++)
        if (is_fetched(&config->feeds.items[i]))
            return true;
    return false;
}

/* Changes whenever any list does, whoever changed it. */
static int64_t changes_sum(const struct config *config)
{
    struct feed_status status;
    int64_t sum = 0;
    for (uint32_t i = 0; i < config->feeds.count; i++) {
        if (!is_fetched(&config->feeds.items[i]))
            continue;
        status_load(config->state_dir, config->feeds.items[i].name, &status);
        sum = (int64_t)((uint64_t)sum + (uint64_t)status.changed_ns);
    }
    return sum;
}

/* 0 as well when it is not due. */
static int feed_fetch(struct feeds *feeds, const struct config *config,
                      const struct config_feed *feed)
{
    const struct feed_update update = {.feed = feed};
    struct feed_status status;
    struct error error;
    status_load(config->state_dir, feed->name, &status);
    if (feeds_due_ns(feed, &status) > clock_now_ns())
        return 0;
    int r = feeds_update(feeds, &update, &status, NULL, &error);
    if (r < 0)
        log_warning("%s: %s; the last good list stays", feed->name, error.text);
    else if (status.changed_ns == status.tried_ns)
        log_info("%s: %u entries, %u added, %u removed", feed->name, status.entries, status.added,
                 status.removed);
    return r;
}

/* Fetches what is due, one after the other. How many failed, or a negative errno when none could be
 * tried. */
static int feeds_fetch(const struct config *config, struct error *error)
{
    struct feeds *feeds;
    int failed = 0;
    int r = feeds_open(config, &feeds, error);
    if (r < 0)
        return r;
    for (uint32_t i = 0; i < config->feeds.count; i++)
        if (is_fetched(&config->feeds.items[i]))
            failed += feed_fetch(feeds, config, &config->feeds.items[i]) < 0;
    feeds_close(feeds);
    return failed;
}

/* Whether somebody wants a list that has not been tried since. */
static bool is_asked(const struct updating *updating)
{
    struct config *config;
    struct error error;
    bool asked = false;
    if (config_load(updating->config_path, &config, &error) < 0)
        return false;
    for (uint32_t i = 0; i < config->feeds.count && !asked; i++) {
        struct feed_status status;
        status_load(config->state_dir, config->feeds.items[i].name, &status);
        asked = is_fetched(&config->feeds.items[i]) && status.asked_ns > status.tried_ns;
    }
    config_free(config);
    return asked;
}

/* Until the next look is due. */
static void rest(const struct updating *updating, bool well)
{
    unsigned periods = well ? 1 : PATIENCE;
    do
        sleep(updating->period_s);
    while (--periods > 0 && !is_asked(updating));
}

/* One look at the feeds; whether all is well. */
static bool look(struct updating *updating)
{
    struct config *config;
    struct error error;
    if (config_load(updating->config_path, &config, &error) < 0)
        return false; /* the program says so when it is told to read it */
    int r = fetches_anything(config) ? feeds_fetch(config, &error) : 0;
    if (r < 0 && r != -EBUSY) /* somebody at the keyboard is fetching */
        log_warning("%s", error.text);
    int64_t sum = changes_sum(config);
    if (sum != updating->seen)
        kill(updating->program, SIGHUP);
    updating->seen = sum;
    config_free(config);
    return r == 0;
}

static void signals_restore(void)
{
    sigset_t none;
    sigemptyset(&none);
    signal(SIGTERM, SIG_DFL);
    signal(SIGHUP, SIG_IGN); /* of a terminal; the program's own is not for us */
    sigprocmask(SIG_SETMASK, &none, NULL);
}

/* A list is replaced whole or not at all, so it may be ended at any time. */
_Noreturn static void update_forever(struct updating *updating, const struct config *config)
{
    struct error error;
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    prctl(PR_SET_NAME, "dnsvigil-feeds");
    signals_restore();
    if (getppid() != updating->program)
        _exit(0);
    if (sandbox_drop(config, &error) < 0) {
        log_error("feeds are not kept new: %s", error.text);
        _exit(1);
    }
    for (;;)
        rest(updating, look(updating));
}

int updater_start(const char *config_path, unsigned period_s, struct updater *ret_updater,
                  struct error *error)
{
    struct updating updating = {config_path, period_s, getpid(), 0};
    struct config *config;
    struct error refused;
    *ret_updater = (struct updater){0};
    if (config_load(config_path, &config, &refused) < 0)
        return 0;
    if (fetches_anything(config)) {
        updating.seen = changes_sum(config);
        ret_updater->pid = fork();
        if (ret_updater->pid == 0)
            update_forever(&updating, config);
    }
    int failure = errno;
    config_free(config);
    return ret_updater->pid >= 0
               ? 0
               : error_set(error, -failure, "no process to fetch feeds: %s", strerror(failure));
}

void updater_stop(struct updater *updater)
{
    if (updater->pid <= 0)
        return;
    kill(updater->pid, SIGTERM);
    while (waitpid(updater->pid, NULL, 0) < 0 && errno == EINTR)
        ;
    *updater = (struct updater){0};
}
