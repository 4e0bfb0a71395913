/* log_file.c - one file of a log: read forward while it grows, and known again after a restart
 * SPDX-License-Identifier: Apache-2.0 */
#include "input/log_file.h"

#include "base/clock.h"
#include "base/hash.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* What the operating system knows of the file. */
static void file_identify(struct log_file *file, struct log_clock *clock)
{
    struct stat info;
    if (fstat(file->window.fd, &info) != 0)
        return;
    file->device = info.st_dev;
    file->inode = info.st_ino;
    file->regular = S_ISREG(info.st_mode);
    clock->written_ns = file->regular ? info.st_mtim.tv_sec * NS_PER_S : clock_now_ns();
}

struct log_file *log_file_new(struct byte_window *window, const struct log_format *format,
                              const struct log_zone *zone, struct log_queue *queue,
                              struct metrics *metrics)
{
    struct log_clock clock = {.zone = *zone};
    struct log_file *file = calloc(1, sizeof(*file));
    if (!file) {
        byte_window_done(window);
        return NULL;
    }
    file->window = *window;
    *window = (struct byte_window){.fd = -1};
    file_identify(file, &clock);
    if (!log_reader_init(&file->reader, format, &clock, queue, metrics)) {
        log_file_free(file);
        return NULL;
    }
    metrics->value[METRIC_LOG_FILES]++;
    return file;
}

void log_file_free(struct log_file *file)
{
    if (!file)
        return;
    log_reader_done(&file->reader);
    byte_window_done(&file->window);
    free(file);
}

struct log_file *log_file_open(const char *path, const struct log_format *format,
                               const struct log_zone *zone, struct log_queue *queue,
                               struct metrics *metrics)
{
    struct byte_window window;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return NULL;
    if (!byte_window_init(&window, fd)) {
        close(fd);
        errno = ENOMEM;
        return NULL;
    }
    return log_file_new(&window, format, zone, queue, metrics);
}

uint64_t log_file_size(const struct log_file *file)
{
    struct stat info;
    return fstat(file->window.fd, &info) == 0 ? (uint64_t)info.st_size : 0;
}

/* The header lines at the front of text[0..len). */
static size_t header_len(const char *text, size_t len)
{
    size_t at = 0;
    while (at < len && text[at] == '#') {
        const char *end = memchr(text + at, '\n', len - at);
        if (!end)
            break;
        at = (size_t)(end - text) + 1;
    }
    return at;
}

/* Reads the beginning of the file for what the rest needs: its format and its header. */
static void beginning_read(struct log_file *file)
{
    char *text = malloc(LOG_LINE_MAX);
    ssize_t len = text ? pread(file->window.fd, text, LOG_LINE_MAX, 0) : -1;
    if (len > 0) {
        const struct log_format *format = file->reader.format;
        if (!format)
            format = log_format_recognise(text, (size_t)len);
        if (format)
            log_reader_set_format(&file->reader, format);
        file->reader.skip_messages = true;
        log_reader_read(&file->reader, text, header_len(text, (size_t)len), true);
        file->reader.skip_messages = false;
    }
    free(text);
}

void log_file_seek(struct log_file *file, uint64_t offset)
{
    char before = '\n';
    if (!file->regular || offset == 0)
        return;
    beginning_read(file);
    if (lseek(file->window.fd, (off_t)offset, SEEK_SET) < 0)
        return;
    file->window.offset = file->done = offset;
    if (pread(file->window.fd, &before, 1, (off_t)offset - 1) == 1)
        file->reader.in_long_line = before != '\n';
}

/* It was cut to nothing or written anew under the same name: what is there now is all new. */
static void file_restart(struct log_file *file)
{
    struct byte_window *window = &file->window;
    file->reader.metrics->value[METRIC_LOG_TRUNCATED]++;
    file->reader.in_long_line = false;
    byte_window_consume(window, byte_window_len(window));
    if (lseek(window->fd, 0, SEEK_SET) == 0)
        window->offset = file->done = 0;
}

int log_file_read(struct log_file *file, bool end)
{
    struct byte_window *window = &file->window;
    size_t had = byte_window_len(window);
    int r = byte_window_fill(window, had <= LOG_LINE_MAX ? had + 1 : had);
    if (r < 0 && r != -EAGAIN)
        return r;
    size_t len = byte_window_len(window);
    bool over = len == had && had <= LOG_LINE_MAX;
    size_t consumed =
        log_reader_read(&file->reader, (const char *)byte_window_at(window), len, end && over);
    byte_window_consume(window, consumed);
    if (consumed || !over)
        return 1;
    if (file->regular && !end && log_file_size(file) < window->offset) {
        file_restart(file);
        return 1;
    }
    return 0;
}

static uint64_t mark_of(const struct log_file *file, uint64_t offset)
{
    char bytes[LOG_MARK_BYTES];
    size_t want = offset < sizeof(bytes) ? (size_t)offset : sizeof(bytes);
    ssize_t len = pread(file->window.fd, bytes, want, 0);
    return len == (ssize_t)want ? hash_bytes(bytes, want, HASH_FIXED_SEED) : 0;
}

struct log_place log_file_place(const struct log_file *file)
{
    return (struct log_place){
        .device = file->device,
        .inode = file->inode,
        .offset = file->done,
        .mark = mark_of(file, file->done),
    };
}

bool log_file_is(const struct log_file *file, const struct log_place *place)
{
    return file->device == place->device && file->inode == place->inode &&
           log_file_size(file) >= place->offset && mark_of(file, place->offset) == place->mark;
}
