/* log_source.c - a source that reads logs of DNS servers
 * SPDX-License-Identifier: Apache-2.0 */
#include "input/log_source.h"

#include "base/log.h"
#include "base/pulse.h"
#include "input/log_file.h"
#include "input/log_positions.h"

#include <dirent.h>
#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    POLL_MS = 250,
    IDLE_POLLS = 4,   /* after a second in which nothing came, -EAGAIN */
    GONE_POLLS = 240, /* a file that is not listed any more is let go after a minute */
    SAVE_READS = 64,  /* positions are kept after so many batches, and whenever it is quiet */
};

struct log_source {
    struct source source; /* first: a source is a log source */
    bool follow;
    char *path;
    char *positions; /* NULL: not kept */
    const struct log_format *format;
    struct log_zone zone;
    bool from_start;
    bool scanned; /* once: what appears from now on is new */
    int stop_fd;  /* readable once stopped */
    unsigned reads;
    unsigned idle;
    uint64_t total_bytes;
    size_t known_count; /* places of the run before that no file has been found for */
    struct log_place known[LOG_FILES_MAX];
    size_t count;
    struct log_file *files[LOG_FILES_MAX];
    bool listed[LOG_FILES_MAX];
    struct metrics metrics;
    struct log_queue queue;
};

static bool is_compressed(const char *path)
{
    static const char *const endings[] = {".gz", ".bz2", ".xz", ".zst", ".lz4"};
    struct log_text text = log_text_from(path);
    for (size_t i = 0; i < sizeof(endings) / sizeof(*endings); i++)
        if (log_text_ends(text, endings[i]))
            return true;
    return false;
}

/* What the run before knew of the file: then it is not looked for any more. */
static bool place_take(struct log_source *log, const struct log_file *file, uint64_t *ret_offset)
{
    for (size_t i = 0; i < log->known_count; i++) {
        if (!log_file_is(file, &log->known[i]))
            continue;
        *ret_offset = log->known[i].offset;
        log->known[i] = log->known[--log->known_count];
        return true;
    }
    return false;
}

/* Opens a file and goes to where reading begins: where the run before left it, else the beginning
 * of what is new, else the end. `known`: only a file that the run before knew. */
static int file_add(struct log_source *log, const char *path, bool known)
{
    uint64_t offset;
    if (log->count == LOG_FILES_MAX)
        return -EMFILE;
    struct log_file *file =
        log_file_open(path, log->format, &log->zone, &log->queue, &log->metrics);
    if (!file)
        return -errno;
    if (!place_take(log, file, &offset)) {
        if (known) {
            log_file_free(file);
            return -ESTALE;
        }
        offset = log->from_start || log->scanned ? 0 : log_file_size(file);
    }
    log_file_seek(file, offset);
    log->listed[log->count] = true;
    log->files[log->count++] = file;
    return 0;
}

/* The open file of this inode, now listed. */
static bool file_find(struct log_source *log, const struct stat *info)
{
    for (size_t i = 0; i < log->count; i++) {
        if (log->files[i]->inode != info->st_ino || log->files[i]->device != info->st_dev)
            continue;
        log->listed[i] = true;
        return true;
    }
    return false;
}

static int path_scan(struct log_source *log, const char *path)
{
    struct stat info;
    if (is_compressed(path) || stat(path, &info) != 0 ||
        !(S_ISREG(info.st_mode) || S_ISFIFO(info.st_mode)) || file_find(log, &info))
        return 0;
    return file_add(log, path, false);
}

/* Whether the run before knew a file of this inode. */
static bool is_known(const struct log_source *log, const struct stat *info)
{
    for (size_t i = 0; i < log->known_count; i++)
        if (log->known[i].inode == info->st_ino && log->known[i].device == info->st_dev)
            return true;
    return false;
}

/* Goes on with the files that the run before knew, whatever they are called by now: what was
 * renamed while nobody watched has lines left, and they come first. */
static void known_resume(struct log_source *log)
{
    char folder[PATH_MAX], path[PATH_MAX + NAME_MAX + 2];
    const char *slash = strrchr(log->path, '/');
    snprintf(folder, sizeof(folder), "%.*s", slash ? (int)(slash - log->path + 1) : 2,
             slash ? log->path : "./");
    DIR *dir = opendir(folder);
    for (struct dirent *entry; dir && log->known_count && (entry = readdir(dir));) {
        struct stat info;
        snprintf(path, sizeof(path), "%s%s", folder, entry->d_name);
        if (!is_compressed(path) && stat(path, &info) == 0 && S_ISREG(info.st_mode) &&
            is_known(log, &info))
            file_add(log, path, true);
    }
    if (dir)
        closedir(dir);
}

static void file_drop(struct log_source *log, size_t i)
{
    log_file_free(log->files[i]);
    log->count--;
    log->files[i] = log->files[log->count];
    log->listed[i] = log->listed[log->count];
}

/* Looks which files there are. 0, or why one that is new could not be opened. */
static int files_scan(struct log_source *log)
{
    glob_t found;
    int code = 0;
    memset(log->listed, 0, sizeof(log->listed));
    if (glob(log->path, 0, NULL, &found) == 0) {
        for (size_t i = 0; i < found.gl_pathc; i++) {
            int r = path_scan(log, found.gl_pathv[i]);
            code = r < 0 ? r : code;
        }
        globfree(&found);
    }
    log->scanned = true;
    for (size_t i = log->count; i-- > 0;)
        if (!log->listed[i] && log->files[i]->idle >= GONE_POLLS)
            file_drop(log, i);
    return code;
}

/* What was read so far has been handed on and dealt with. */
static void places_settle(struct log_source *log)
{
    for (size_t i = 0; i < log->count; i++)
        log->files[i]->done = log->files[i]->window.offset;
}

static void places_save(struct log_source *log)
{
    struct log_place places[LOG_FILES_MAX];
    struct error error;
    size_t count = 0;
    log->reads = 0;
    if (!log->positions)
        return;
    for (size_t i = 0; i < log->count; i++)
        if (log->files[i]->regular)
            places[count++] = log_file_place(log->files[i]);
    if (log_positions_write(log->positions, places, count, &error) < 0)
        log_warning("%s", error.text);
}

/* Reads of each file in turn what has come. 1 when something had, 0 when not, negative errno. */
static int files_read(struct log_source *log, struct error *error)
{
    int some = 0;
    for (size_t i = 0; i < log->count; i++) {
        struct log_file *file = log->files[i];
        int r = log_file_read(file, !log->follow);
        if (r == -EINTR)
            return r;
        if (r < 0)
            return error_set(error, r, "%s: reading failed: %s", log->source.label, strerror(-r));
        file->idle = r ? 0 : file->idle + 1;
        some |= r;
    }
    return some;
}

static void files_flush(struct log_source *log)
{
    for (size_t i = 0; i < log->count; i++)
        log_reader_flush(&log->files[i]->reader);
}

static bool is_stopped(const struct log_source *log, int wait_ms)
{
    struct pollfd stop = {.fd = log->stop_fd, .events = POLLIN};
    return poll(&stop, 1, wait_ms) > 0;
}

/* Nothing has come. 1 when there may be more, 0 at the end, -EAGAIN after a second. */
static int wait_for_more(struct log_source *log)
{
    if (!log->follow) {
        files_flush(log);
        return 0;
    }
    if (is_stopped(log, POLL_MS))
        return 0;
    files_scan(log);
    if (++log->idle < IDLE_POLLS)
        return 1;
    log->idle = 0;
    files_flush(log);
    places_save(log);
    return -EAGAIN;
}

/* Reads until there is something in the queue. 1, or what wait_for_more() says of its end. */
static int queue_fill(struct log_source *log, struct error *error)
{
    if (log->follow && is_stopped(log, 0))
        return 0;
    for (;;) {
        pulse_beat();
        int r = files_read(log, error);
        if (r < 0)
            return r;
        if (log->queue.end > 0)
            return 1;
        places_settle(log);
        if (r == 0) {
            r = wait_for_more(log);
            if (r != 1)
                return log->queue.end > 0 ? 1 : r;
        }
    }
}

static int log_read_messages(struct source *source, struct packet *packets, size_t max,
                             struct error *error)
{
    struct log_source *log = (struct log_source *)source;
    if (log->queue.begin == log->queue.end) {
        places_settle(log);
        log_queue_reset(&log->queue);
        if (++log->reads >= SAVE_READS)
            places_save(log);
        int r = queue_fill(log, error);
        if (r <= 0)
            return r;
        log->idle = 0;
    }
    return (int)log_queue_take(&log->queue, packets, max);
}

static void log_stop(struct source *source)
{
    struct log_source *log = (struct log_source *)source;
    if (log->stop_fd >= 0)
        eventfd_write(log->stop_fd, 1);
}

static const struct metrics *log_metrics(const struct source *source)
{
    return &((const struct log_source *)source)->metrics;
}

static void log_position(const struct source *source, uint64_t *ret_done, uint64_t *ret_total)
{
    const struct log_source *log = (const struct log_source *)source;
    *ret_done = 0;
    for (size_t i = 0; i < log->count; i++)
        *ret_done += log->files[i]->window.offset;
    *ret_total = log->total_bytes;
}

static void log_close(struct source *source)
{
    struct log_source *log = (struct log_source *)source;
    if (log->queue.begin == log->queue.end)
        places_settle(log);
    if (log->scanned)
        places_save(log);
    while (log->count)
        file_drop(log, 0);
    if (log->stop_fd >= 0)
        close(log->stop_fd);
    log_queue_done(&log->queue);
    free(log->path);
    free(log->positions);
    free(log);
}

static const struct source_ops log_ops = {
    .name = "log",
    .read_messages = log_read_messages,
    .stop = log_stop,
    .metrics = log_metrics,
    .position = log_position,
    .close = log_close,
};

static struct log_source *log_source_alloc(const char *label)
{
    struct log_source *log = calloc(1, sizeof(*log));
    if (!log)
        return NULL;
    log->source.ops = &log_ops;
    log->stop_fd = -1;
    snprintf(log->source.label, sizeof(log->source.label), "%s", label);
    if (log_queue_init(&log->queue))
        return log;
    free(log);
    return NULL;
}

struct source *log_source_new(const char *label, const struct log_format *format,
                              const struct log_zone *zone, struct byte_window *window,
                              uint64_t total_bytes)
{
    struct log_source *log = log_source_alloc(label);
    if (!log) {
        byte_window_done(window);
        return NULL;
    }
    log->total_bytes = total_bytes;
    log->files[0] = log_file_new(window, format, zone, &log->queue, &log->metrics);
    if (!log->files[0]) {
        log_close(&log->source);
        return NULL;
    }
    log->count = 1;
    return &log->source;
}

static int follow_open(struct log_source *log, const struct log_source_config *config,
                       struct error *error)
{
    log->follow = true;
    log->format = config->format;
    log->zone = config->zone;
    log->from_start = config->from_start;
    log->path = strdup(config->path);
    log->positions = config->positions ? strdup(config->positions) : NULL;
    log->stop_fd = eventfd(0, EFD_CLOEXEC);
    if (!log->path || (config->positions && !log->positions) || log->stop_fd < 0)
        return error_set(error, -ENOMEM, "%s: not enough memory to follow it", config->path);
    if (log->positions &&
        log_positions_read(log->positions, log->known, LOG_FILES_MAX, &log->known_count, error) < 0)
        return -EBADMSG;
    log->scanned = log->known_count > 0;
    known_resume(log);
    int r = files_scan(log);
    log->known_count = 0;
    if (r < 0)
        return error_set(error, r, "%s: cannot open: %s%s", config->path, strerror(-r),
                         r == -EACCES ? "; run as a user who may read it" : "");
    if (log->count == 0)
        log_warning("%s: not there yet; waiting for it", config->path);
    return 0;
}

struct source *log_source_follow(const struct log_source_config *config, struct error *error)
{
    struct log_source *log = log_source_alloc(config->path);
    if (!log) {
        error_set(error, -ENOMEM, "%s: not enough memory to follow it", config->path);
        return NULL;
    }
    if (follow_open(log, config, error) == 0)
        return &log->source;
    log->scanned = false; /* nothing was read: what was kept stays */
    log_close(&log->source);
    return NULL;
}
