/* sink_file.c - alerts into a file, a record a line, that is rotated by size
 * and by time
 *
 * SPDX-License-Identifier: Apache-2.0
 *
 * Records count as taken once the file is on the disk (fdatasync). A file that
 * is full is renamed to PATH.20260131T235959Z, compressed to .gz, and the
 * oldest beyond the number to keep are removed. What another program renames or
 * removes is missed at the next record, and a new file begun: logrotate needs
 * no signal. */
#include "export/sinks.h"

#include "base/clock.h"
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

enum { MODE = 0640, CHUNK_BYTES = 64 * 1024, OLD_PATH_MAX = 4096 + 64 };

struct sink_file {
    struct sink sink;
    int fd; /* -1: not open */
    off_t size;
    int64_t begun_ns; /* by the clock, when the file was begun */
};

static struct sink_file *of(struct sink *sink)
{
    return (struct sink_file *)sink;
}

static void file_forget(struct sink_file *file)
{
    if (file->fd >= 0)
        close(file->fd);
    file->fd = -1;
}

/* Whether what is open is still what stands at the path. */
static bool is_in_place(const struct sink_file *file)
{
    struct stat open, there;
    return fstat(file->fd, &open) == 0 && stat(file->sink.config->path, &there) == 0 &&
           open.st_dev == there.st_dev && open.st_ino == there.st_ino;
}

static int write_all(int fd, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t written = write(fd, bytes, len);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return -errno;
        bytes += written;
        len -= (size_t)written;
    }
    return 0;
}

static int head_write(struct sink_file *file)
{
    struct buf head;
    int r = 0;
    if (!file->sink.dialect->head)
        return 0;
    buf_init(&head, CHUNK_BYTES);
    file->sink.dialect->head(&head);
    r = write_all(file->fd, head.data, head.len);
    file->size += r == 0 ? (off_t)head.len : 0;
    buf_done(&head);
    return r;
}

/* A line that a crash left half is ended, so that it spoils nothing but itself:
 * its record comes again. */
static int tail_mend(struct sink_file *file)
{
    char last;
    if (pread(file->fd, &last, 1, file->size - 1) != 1 || last == '\n')
        return 0;
    file->size++;
    return write_all(file->fd, "\n", 1);
}

/* When a file was made; where the file system does not know, when it was last written to. */
static int64_t begun_at(const struct statx *status)
{
    const struct statx_timestamp *at =
        status->stx_mask & STATX_BTIME ? &status->stx_btime : &status->stx_mtime;
    return at->tv_sec * NS_PER_S + at->tv_nsec;
}

static int file_open(struct sink_file *file)
{
    struct statx status;
    if (file->fd >= 0 && is_in_place(file))
        return 0;
    file_forget(file);
    file->fd = open(file->sink.config->path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, MODE);
    if (file->fd < 0 ||
        statx(file->fd, "", AT_EMPTY_PATH, STATX_BTIME | STATX_MTIME | STATX_SIZE, &status) < 0)
        return -errno;
    file->size = (off_t)status.stx_size;
    file->begun_ns = begun_at(&status);
    return file->size ? tail_mend(file) : head_write(file);
}

/* The name an old file gets; a second one within the same second gets a number.
 */
static void old_name(const struct sink_file *file, char *path)
{
    time_t now = (time_t)(clock_now_ns() / NS_PER_S);
    char stamp[32];
    struct tm tm;
    strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%SZ", gmtime_r(&now, &tm));
    snprintf(path, OLD_PATH_MAX, "%s.%s", file->sink.config->path, stamp);
    for (unsigned i = 1; access(path, F_OK) == 0; i++)
        snprintf(path, OLD_PATH_MAX, "%s.%s.%03u", file->sink.config->path, stamp, i);
}

static bool copy_compressed(int fd, gzFile out)
{
    static const size_t max = CHUNK_BYTES;
    char *chunk = malloc(max);
    ssize_t got = -1;
    while (chunk && (got = read(fd, chunk, max)) > 0)
        if (gzwrite(out, chunk, (unsigned)got) != got) {
            got = -1;
            break;
        }
    free(chunk);
    return got == 0;
}

/* PATH becomes PATH.gz; where that fails PATH stays as it is. */
static void compress_file(const char *path)
{
    char packed[OLD_PATH_MAX + 8];
    snprintf(packed, sizeof(packed), "%s.gz", path);
    int in = open(path, O_RDONLY | O_CLOEXEC);
    int fd = open(packed, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, MODE);
    gzFile out = fd >= 0 ? gzdopen(fd, "wb") : NULL;
    bool good = in >= 0 && out && copy_compressed(in, out) && gzflush(out, Z_FINISH) == Z_OK &&
                fsync(fd) == 0;
    if (out)
        good &= gzclose(out) == Z_OK;
    else if (fd >= 0)
        close(fd);
    if (in >= 0)
        close(in);
    if (good || fd >= 0)
        unlink(good ? path : packed);
    if (!good)
        log_warning("%s: cannot be compressed and stays as it is", path);
}

static int escape_glob(const char *path, char *pattern, size_t size)
{
    size_t used = 0;
    for (; *path && used + 4 < size; path++) {
        if (strchr("*?[\\", *path))
            pattern[used++] = '\\';
        pattern[used++] = *path;
    }
    pattern[used] = 0;
    return *path ? -ENAMETOOLONG : 0;
}

/* Names sort by time, so the first ones are the oldest. */
static void old_remove(const struct sink_file *file)
{
    char pattern[2 * OLD_PATH_MAX];
    glob_t found;
    unsigned keep = file->sink.config->keep_files;
    if (!keep || escape_glob(file->sink.config->path, pattern, sizeof(pattern) - 32) < 0)
        return;
    strcat(pattern, ".[0-9]*T[0-9]*Z*");
    if (glob(pattern, 0, NULL, &found) != 0)
        return;
    for (size_t i = 0; i + keep < found.gl_pathc; i++)
        unlink(found.gl_pathv[i]);
    globfree(&found);
}

static void rotate(struct sink_file *file)
{
    char old[OLD_PATH_MAX];
    old_name(file, old);
    file_forget(file);
    if (rename(file->sink.config->path, old) < 0) {
        log_warning("%s: cannot be renamed: %s", file->sink.config->path, strerror(errno));
        return;
    }
    if (file->sink.config->compress)
        compress_file(old);
    old_remove(file);
}

static bool is_due(const struct sink_file *file, int64_t now_ns)
{
    const struct config_export *config = file->sink.config;
    const int64_t hour_ns = 3600 * NS_PER_S;
    bool full = config->rotate_mib && file->size >= (off_t)config->rotate_mib << 20;
    bool old = config->rotate_hours && now_ns - file->begun_ns >= config->rotate_hours * hour_ns;
    return file->fd >= 0 && file->size > 0 && (full || old);
}

static void tick(struct sink *sink, int64_t now_ns)
{
    if (is_due(of(sink), now_ns))
        rotate(of(sink));
}

static int record_write(struct sink_file *file, const struct sink_record *record)
{
    const char *end = file->sink.dialect->line_end;
    int r = write_all(file->fd, record->bytes, record->len);
    if (r == 0)
        r = write_all(file->fd, end, strlen(end));
    file->size += (off_t)(record->len + strlen(end));
    return r;
}

/* What a failure has left of a line is taken back. */
static int records_write(struct sink_file *file, const struct sink_record *records, size_t count)
{
    int r = file_open(file);
    off_t before = file->size;
    for (size_t i = 0; r == 0 && i < count; i++)
        r = record_write(file, &records[i]);
    if (r == 0 && fdatasync(file->fd) < 0)
        r = -errno;
    if (r < 0 && file->fd >= 0 && ftruncate(file->fd, before) == 0)
        file->size = before;
    return r;
}

static void file_send(struct sink *sink, const struct sink_record *records, size_t count,
                      struct sink_answer *answers, unsigned *ret_wait_s)
{
    struct sink_file *file = of(sink);
    (void)ret_wait_s;
    tick(sink, clock_now_ns());
    int r = records_write(file, records, count);
    for (size_t i = 0; i < count; i++) {
        answers[i].verdict = r == 0 ? SINK_TAKEN : SINK_AGAIN;
        if (r < 0)
            snprintf(answers[i].reason, sizeof(answers[i].reason), "%.150s: %s", sink->config->path,
                     strerror(-r));
    }
    if (r < 0)
        file_forget(file);
}

static void file_close(struct sink *sink)
{
    file_forget(of(sink));
    free(sink);
}

static const struct sink_ops ops = {.send = file_send, .tick = tick, .close = file_close};

struct sink *sink_open_file(const struct config_export *config, struct error *error)
{
    struct sink_file *file = calloc(1, sizeof(*file));
    if (!file) {
        error_set(error, -ENOMEM, "no memory for export %s", config->name);
        return NULL;
    }
    file->sink.ops = &ops;
    file->fd = -1;
    return &file->sink;
}
