/* sink_file.c - alerts into a file, a record a line, that is rotated by size
 * and by time
 *
 * SPDX-License-Identifier: Apache-2.0
 *
 * Records count as taken once the file is on the disk (fdatasync). A file that
 * is full is renamed to PATH.20260131T235959Z, compressed to .gz, and the
 * oldest beyond the number to keep are removed. What another program renames,
 * removes or empties is missed at the next record, and a new file begun:
 * logrotate needs no signal. */
#include "export/sinks.h"

#include "base/clock.h"
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

enum {
    MODE = 0640,
    CHUNK_BYTES = 64 * 1024,
    OLD_PATH_MAX = 4096 + 64,
    LOCK_TRIES = 50,
    LOCK_NAP_MS = 10,
};

static const int64_t HOUR_NS = 3600 * NS_PER_S;

struct sink_file {
    struct sink sink;
    int fd; /* -1: not open */
    off_t size;
    int64_t begun_ns;      /* by the clock, when the file was begun */
    int64_t kept_until_ns; /* by the clock: it could not be renamed and is not tried before */
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

/* Whether what is open is still what stands at the path, and as long as we left it. */
static bool is_in_place(const struct sink_file *file)
{
    struct stat open, there;
    return fstat(file->fd, &open) == 0 && stat(file->sink.config->path, &there) == 0 &&
           open.st_dev == there.st_dev && open.st_ino == there.st_ino && open.st_size == file->size;
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

/* Where the last line ends that is whole; 0: nowhere within as many bytes as a record has. */
static off_t last_line_end(const struct sink_file *file)
{
    char chunk[4096];
    off_t stop = file->size > EXPORT_RECORD_MAX_BYTES ? file->size - EXPORT_RECORD_MAX_BYTES : 0;
    for (off_t end = file->size; end > stop;) {
        size_t len = end - stop < (off_t)sizeof(chunk) ? (size_t)(end - stop) : sizeof(chunk);
        end -= (off_t)len;
        if (pread(file->fd, chunk, len, end) != (ssize_t)len)
            return 0;
        const char *last = memrchr(chunk, '\n', len);
        if (last)
            return end + (last - chunk) + 1;
    }
    return 0;
}

/* A line that a crash left half is taken back: its record was not taken and comes again. What is no
 * such line was not written here and is only ended. */
static int tail_mend(struct sink_file *file)
{
    off_t end = last_line_end(file);
    if (end == file->size)
        return 0;
    if (end > 0) {
        file->size = end;
        return ftruncate(file->fd, end) < 0 ? -errno : 0;
    }
    file->size++;
    return write_all(file->fd, "\n", 1);
}

/* Of a new name on the disk, too: the file alone may be there without it. */
static void folder_sync(const char *path)
{
    char folder[OLD_PATH_MAX];
    snprintf(folder, sizeof(folder), "%s", path);
    char *slash = strrchr(folder, '/');
    if (slash)
        slash[slash == folder] = 0;
    int fd = open(slash ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        fsync(fd);
        close(fd);
    }
}

/* When a file was made; where the file system does not know, when it was last written to. */
static int64_t begun_at(const struct statx *status)
{
    const struct statx_timestamp *at =
        status->stx_mask & STATX_BTIME ? &status->stx_btime : &status->stx_mtime;
    return at->tv_sec * NS_PER_S + at->tv_nsec;
}

/* One writes at a time: another one would have what it has written taken back with ours. */
static int file_lock(const struct sink_file *file)
{
    const struct timespec moment = {.tv_nsec = LOCK_NAP_MS * NS_PER_MS};
    for (unsigned i = 0; i < LOCK_TRIES; i++) {
        if (flock(file->fd, LOCK_EX | LOCK_NB) == 0)
            return 0;
        nanosleep(&moment, NULL);
    }
    return -EBUSY;
}

static int file_claim(struct sink_file *file)
{
    struct statx status;
    int r = file_lock(file);
    if (r < 0)
        return r;
    if (statx(file->fd, "", AT_EMPTY_PATH, STATX_TYPE | STATX_BTIME | STATX_MTIME | STATX_SIZE,
              &status) < 0)
        return -errno;
    if (!S_ISREG(status.stx_mode))
        return -EMEDIUMTYPE;
    file->size = (off_t)status.stx_size;
    file->begun_ns = begun_at(&status);
    return 0;
}

static int file_open(struct sink_file *file)
{
    if (file->fd >= 0 && file_lock(file) == 0 && is_in_place(file))
        return 0;
    file_forget(file);
    file->fd =
        open(file->sink.config->path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK, MODE);
    int r = file->fd < 0 ? -errno : file_claim(file);
    if (r < 0) {
        file_forget(file);
        return r;
    }
    if (file->size > 0)
        return tail_mend(file);
    folder_sync(file->sink.config->path);
    return head_write(file);
}

static bool is_old_name_taken(const char *path)
{
    char packed[OLD_PATH_MAX + 8];
    snprintf(packed, sizeof(packed), "%s.gz", path);
    return access(path, F_OK) == 0 || access(packed, F_OK) == 0;
}

/* The name an old file gets; a second one within the same second gets a number. */
static void old_name(const struct sink_file *file, char *path)
{
    time_t now = (time_t)(clock_now_ns() / NS_PER_S);
    char stamp[32];
    struct tm tm;
    strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%SZ", gmtime_r(&now, &tm));
    snprintf(path, OLD_PATH_MAX, "%s.%s", file->sink.config->path, stamp);
    for (unsigned i = 1; is_old_name_taken(path); i++)
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

/* Writes the file PACKED with what is in PATH, onto the disk. */
static bool pack_into(const char *path, const char *packed)
{
    int in = open(path, O_RDONLY | O_CLOEXEC);
    int fd = open(packed, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, MODE);
    int copy = fd >= 0 ? dup(fd) : -1; /* gzclose() closes its own */
    gzFile out = copy >= 0 ? gzdopen(copy, "wb") : NULL;
    bool good = in >= 0 && out && copy_compressed(in, out);
    if (out)
        good &= gzclose(out) == Z_OK;
    else if (copy >= 0)
        close(copy);
    good = good && fsync(fd) == 0;
    if (fd >= 0)
        close(fd);
    if (in >= 0)
        close(in);
    return good;
}

/* PATH becomes PATH.gz, which has its name only once it is whole; where that fails PATH stays. */
static void compress_file(const char *path)
{
    char part[OLD_PATH_MAX + 16], packed[OLD_PATH_MAX + 8];
    snprintf(packed, sizeof(packed), "%s.gz", path);
    snprintf(part, sizeof(part), "%s.part", packed);
    if (pack_into(path, part) && rename(part, packed) == 0) {
        unlink(path);
        return;
    }
    unlink(part);
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
    static const char stamp[] = ".[0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9]T"
                                "[0-9][0-9][0-9][0-9][0-9][0-9]Z*";
    char pattern[2 * OLD_PATH_MAX];
    glob_t found;
    unsigned keep = file->sink.config->keep_files;
    if (!keep || escape_glob(file->sink.config->path, pattern, sizeof(pattern) - sizeof(stamp)) < 0)
        return;
    strcat(pattern, stamp);
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
        log_warning("%s: cannot be renamed: %s; it grows on for an hour", file->sink.config->path,
                    strerror(errno));
        file->kept_until_ns = clock_now_ns() + HOUR_NS;
        return;
    }
    if (file->sink.config->compress)
        compress_file(old);
    old_remove(file);
}

static bool is_due(const struct sink_file *file, int64_t now_ns)
{
    const struct config_export *config = file->sink.config;
    bool full = config->rotate_mib && file->size >= (off_t)config->rotate_mib << 20;
    bool old = config->rotate_hours && now_ns - file->begun_ns >= config->rotate_hours * HOUR_NS;
    return file->fd >= 0 && file->size > 0 && (full || old) && now_ns >= file->kept_until_ns;
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
    if (r == 0 && !is_in_place(file))
        return -ESTALE; /* moved away meanwhile, and perhaps read to its end before we wrote */
    if (r < 0 && file->fd >= 0 && ftruncate(file->fd, before) == 0)
        file->size = before;
    return r;
}

static const char *why(int r)
{
    switch (-r) {
    case EMEDIUMTYPE: return "is not a plain file";
    case EBUSY: return "is written by another export or program";
    case ESTALE: return "was moved away while we wrote; it is written anew";
    default: return strerror(-r);
    }
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
                     why(r));
    }
    if (r < 0)
        file_forget(file);
    else
        flock(file->fd, LOCK_UN);
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
