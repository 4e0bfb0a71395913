/* open.c - opens a file or pipe of DNS traffic, whatever kind it is of
 * SPDX-License-Identifier: Apache-2.0 */
#include "input/open.h"

#include "input/capture.h"
#include "input/dnstap_file.h"
#include "input/framestream.h"
#include "input/log_source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    FIRST_BYTES = LOG_LINE_MAX, /* looked at to find out what a log is */
};

/* Files that people hand us instead of a capture, and what to do with them. */
static const struct foreign_row {
    uint8_t magic[CAPTURE_MAGIC_BYTES];
    uint8_t magic_len;
    const char *what;
    const char *unpack; /* the command that writes the capture in it to a pipe */
} foreign_rows[] = {
    {{0x1f, 0x8b}, 2, "compressed with gzip", "zcat"},
    {{0x28, 0xb5, 0x2f, 0xfd}, 4, "compressed with zstd", "zstdcat"},
    {{0xfd, '7', 'z', 'X'}, 4, "compressed with xz", "xzcat"},
    {{'B', 'Z', 'h'}, 3, "compressed with bzip2", "bzcat"},
    {{0x04, 0x22, 0x4d, 0x18}, 4, "compressed with lz4", "lz4cat"},
    {{'P', 'K', 0x03, 0x04}, 4, "a zip archive", "unzip -p"},
};

static const char what_is_read[] =
    "dnsvigil reads pcap and pcapng captures (tcpdump -w, tshark -w, dumpcap), dnstap in Frame "
    "Streams, and the logs of DNS servers that `dnsvigil sources` lists";

static bool is_stdin(const char *path)
{
    return strcmp(path, "-") == 0;
}

static int refuse_open(const char *path, int code, struct error *error)
{
    const char *advice = code == -ENOENT   ? "; check the path"
                         : code == -EACCES ? "; run as a user who may read it"
                                           : "";
    return error_set(error, code, "%s: cannot open: %s%s", path, strerror(-code), advice);
}

/* Checks what kind of thing the descriptor is; a regular file's size goes to *ret_total_bytes. */
static int check_kind(const char *path, int fd, uint64_t *ret_total_bytes, struct error *error)
{
    struct stat info;
    if (fstat(fd, &info) != 0)
        return refuse_open(path, -errno, error);
    if (S_ISDIR(info.st_mode))
        return error_set(error, -EISDIR, "%s: a folder; name a file in it", path);
    if (isatty(fd))
        return error_set(error, -EINVAL,
                         "%s: a terminal; pipe a capture or log into it, e.g. "
                         "tcpdump -w - port 53 | dnsvigil analyze -",
                         path);
    *ret_total_bytes = S_ISREG(info.st_mode) ? (uint64_t)info.st_size : 0;
    return 0;
}

static int open_descriptor(const char *path, uint64_t *ret_total_bytes, struct error *error)
{
    int fd = is_stdin(path) ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
                            : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return refuse_open(path, -errno, error);
    int r = check_kind(path, fd, ret_total_bytes, error);
    if (r < 0) {
        close(fd);
        return r;
    }
    return fd;
}

static int refuse_foreign(const char *path, const uint8_t *magic, struct error *error)
{
    for (size_t i = 0; i < sizeof(foreign_rows) / sizeof(foreign_rows[0]); i++) {
        const struct foreign_row *row = &foreign_rows[i];
        if (memcmp(magic, row->magic, row->magic_len) == 0)
            return error_set(error, -EBADMSG, "%s: %s: pipe it, e.g. %s %s | dnsvigil analyze -",
                             path, row->what, row->unpack, is_stdin(path) ? "FILE" : path);
    }
    return error_set(error, -EBADMSG,
                     "%s: not a capture: %s; other capture formats become pcap with "
                     "editcap -F pcap IN OUT",
                     path, what_is_read);
}

/* Waits for the first bytes. */
static int first_bytes(const char *path, struct byte_window *window, struct error *error)
{
    int r = byte_window_fill(window, CAPTURE_MAGIC_BYTES);
    if (r < 0)
        return error_set(error, r, "%s: reading failed: %s", path, strerror(-r));
    size_t len = byte_window_len(window);
    if (len == 0)
        return error_set(error, -EBADMSG, "%s: empty; %s", path, what_is_read);
    if (len < CAPTURE_MAGIC_BYTES)
        return error_set(error, -EBADMSG, "%s: only %zu bytes long, not a capture: %s", path, len,
                         what_is_read);
    return 0;
}

/* The format of a log by its first lines: more of them are waited for, as a pipe brings them. */
static const struct log_format *log_format_of(struct byte_window *window)
{
    size_t seen = 0;
    for (;;) {
        const char *text = (const char *)byte_window_at(window);
        size_t len = byte_window_len(window);
        const struct log_format *format = log_format_recognise(text, len);
        if (format || len == seen || len >= FIRST_BYTES || memchr(text, '\0', len))
            return format;
        seen = len;
        if (byte_window_fill(window, len + 1) < 0)
            return NULL;
    }
}

/* Takes the window over. */
static struct source *window_open(const char *path, struct byte_window *window,
                                  uint64_t total_bytes, struct error *error)
{
    static const struct log_zone local = {.kind = LOG_ZONE_LOCAL};
    struct source *source;
    const struct log_format *format = NULL;
    const uint8_t *magic = byte_window_at(window);
    if (capture_recognise(magic))
        source = capture_new(path, window, total_bytes);
    else if (framestream_recognise(magic))
        source = dnstap_file_new(path, window, total_bytes);
    else if ((format = log_format_of(window)))
        source = log_source_new(path, format, &local, window, total_bytes);
    else {
        refuse_foreign(path, byte_window_at(window), error);
        byte_window_done(window);
        return NULL;
    }
    if (!source)
        error_set(error, -ENOMEM, "%s: not enough memory to read it", path);
    return source;
}

struct source *input_open(const char *path, struct error *error)
{
    struct byte_window window;
    uint64_t total_bytes = 0;
    int fd = open_descriptor(path, &total_bytes, error);
    if (fd < 0)
        return NULL;
    if (!byte_window_init(&window, fd)) {
        close(fd);
        error_set(error, -ENOMEM, "%s: not enough memory to read it", path);
        return NULL;
    }
    if (first_bytes(path, &window, error) < 0) {
        byte_window_done(&window);
        return NULL;
    }
    return window_open(path, &window, total_bytes, error);
}
