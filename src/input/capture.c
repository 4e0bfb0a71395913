/* capture.c - a source that reads capture files and pipes
 * SPDX-License-Identifier: Apache-2.0 */
#include "input/capture.h"

#include "input/byte_window.h"
#include "input/dnstap_file.h"
#include "input/framestream.h"
#include "input/pcap.h"
#include "input/pcapng.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

_Static_assert((int)CAPTURE_RECORD_MAX <= (int)BYTE_WINDOW_BYTES,
               "a record must fit in the window");

struct capture {
    struct source source; /* first: a source is a capture */
    struct byte_window window;
    uint64_t total_bytes; /* 0 for a pipe */
    uint64_t last_offset; /* where the piece consumed last began */
    const struct capture_format *format;
    union {
        struct pcap_state pcap;
        struct pcapng_state pcapng;
    } state;
};

static const struct capture_format *const formats[] = {&pcap_format, &pcapng_format};

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
    "dnsvigil reads pcap and pcapng captures (tcpdump -w, tshark -w, dumpcap) and dnstap in Frame "
    "Streams";

static bool is_stdin(const char *path)
{
    return strcmp(path, "-") == 0;
}

static int damaged(const struct capture *capture, uint64_t offset, struct error *error)
{
    error_prefix(error, "%s: byte %" PRIu64 ": ", capture->source.label, offset);
    return -EBADMSG;
}

/* The input is over: at the edge of a piece all is well, inside one it was cut. */
static int capture_end(const struct capture *capture, uint64_t need, struct error *error)
{
    const struct byte_window *window = &capture->window;
    uint64_t start = window->owed ? capture->last_offset : window->offset;
    uint64_t piece_bytes = window->owed ? window->offset - start : need;
    uint64_t have = byte_window_received(window) - start;
    if (have == 0)
        return 0;
    error_set(error, -EBADMSG,
              "cut inside a record: %" PRIu64 " of at least %" PRIu64
              " bytes are there; everything before was read",
              have, piece_bytes);
    return damaged(capture, start, error);
}

/* Brings `need` bytes into view. 1 when they are there, 0 at a clean end, else a negative errno. */
static int capture_fill(struct capture *capture, uint64_t need, struct error *error)
{
    struct byte_window *window = &capture->window;
    int r = byte_window_fill(window, need);
    if (r < 0)
        return error_set(error, r, "%s: byte %" PRIu64 ": reading failed: %s",
                         capture->source.label, window->offset, strerror(-r));
    if (byte_window_len(window) < need)
        return capture_end(capture, need, error);
    return 1;
}

static int capture_read(struct source *source, struct frame *frames, size_t max,
                        struct error *error)
{
    struct capture *capture = (struct capture *)source;
    struct byte_window *window = &capture->window;
    size_t count = 0;
    while (count < max) {
        uint64_t len;
        enum piece piece =
            capture->format->next(&capture->state, byte_window_at(window), byte_window_len(window),
                                  &len, &frames[count], error);
        /* Filling moves the bytes of the frames found so far, and damage comes after them. */
        if (count && (piece == PIECE_MORE || piece == PIECE_BAD))
            break;
        if (piece == PIECE_BAD)
            return damaged(capture, window->offset, error);
        if (piece == PIECE_MORE) {
            int r = capture_fill(capture, len, error);
            if (r <= 0)
                return r;
            continue;
        }
        capture->last_offset = window->offset;
        byte_window_consume(window, len);
        count += piece == PIECE_FRAME;
    }
    return (int)count;
}

static void capture_position(const struct source *source, uint64_t *ret_done, uint64_t *ret_total)
{
    const struct capture *capture = (const struct capture *)source;
    *ret_done = capture->window.offset - capture->window.owed;
    *ret_total = capture->total_bytes;
}

static void capture_close(struct source *source)
{
    struct capture *capture = (struct capture *)source;
    byte_window_done(&capture->window);
    free(capture);
}

static const struct source_ops capture_ops = {
    .name = "capture",
    .read = capture_read,
    .position = capture_position,
    .close = capture_close,
};

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
        return error_set(error, -EISDIR, "%s: a folder; name a capture file in it", path);
    if (isatty(fd))
        return error_set(error, -EINVAL,
                         "%s: a terminal; pipe a capture into it, e.g. "
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

static int refuse_foreign(const struct capture *capture, struct error *error)
{
    const char *path = capture->source.label;
    const uint8_t *magic = byte_window_at(&capture->window);
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

/* Finds the format by the first bytes; dnstap leaves it NULL. */
static int capture_identify(struct capture *capture, struct error *error)
{
    const char *path = capture->source.label;
    int r = byte_window_fill(&capture->window, CAPTURE_MAGIC_BYTES);
    if (r < 0)
        return error_set(error, r, "%s: reading failed: %s", path, strerror(-r));
    size_t len = byte_window_len(&capture->window);
    if (len == 0)
        return error_set(error, -EBADMSG, "%s: empty; %s", path, what_is_read);
    if (len < CAPTURE_MAGIC_BYTES)
        return error_set(error, -EBADMSG, "%s: only %zu bytes long, not a capture: %s", path, len,
                         what_is_read);
    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
        if (formats[i]->recognise(byte_window_at(&capture->window)))
            capture->format = formats[i];
    bool known = capture->format || framestream_recognise(byte_window_at(&capture->window));
    return known ? 0 : refuse_foreign(capture, error);
}

/* The first bytes are those of dnstap: another source takes the window over. */
static struct source *capture_to_dnstap(struct capture *capture, struct error *error)
{
    struct source *source =
        dnstap_file_new(capture->source.label, &capture->window, capture->total_bytes);
    if (!source)
        error_set(error, -ENOMEM, "%s: not enough memory to read it", capture->source.label);
    free(capture);
    return source;
}

/* Takes the descriptor over in any case. */
static struct capture *capture_new(const char *path, int fd)
{
    struct capture *capture = calloc(1, sizeof(*capture));
    if (!capture || !byte_window_init(&capture->window, fd)) {
        close(fd);
        free(capture);
        return NULL;
    }
    capture->source.ops = &capture_ops;
    snprintf(capture->source.label, sizeof(capture->source.label), "%s", path);
    return capture;
}

struct source *capture_open(const char *path, struct error *error)
{
    uint64_t total_bytes = 0;
    int fd = open_descriptor(path, &total_bytes, error);
    if (fd < 0)
        return NULL;
    struct capture *capture = capture_new(path, fd);
    if (!capture) {
        error_set(error, -ENOMEM, "%s: not enough memory to read it", path);
        return NULL;
    }
    capture->total_bytes = total_bytes;
    if (capture_identify(capture, error) < 0) {
        capture_close(&capture->source);
        return NULL;
    }
    return capture->format ? &capture->source : capture_to_dnstap(capture, error);
}
