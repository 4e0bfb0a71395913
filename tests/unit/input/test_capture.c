/* test_capture.c - reading captures from files and pipes, whole, cut, damaged and mistaken
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include "capture_bytes.h"
#include "input/open.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

static struct capture_bytes bytes;
static struct error error;
static char folder[256];
static char path[300];

static int make_folder(void **unused)
{
    (void)unused;
    const char *parent = getenv("TMPDIR");
    snprintf(folder, sizeof(folder), "%s/dnsvigil-capture-XXXXXX", parent ? parent : "/tmp");
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof(path), "%s/file", folder);
    return 0;
}

static int remove_folder(void **unused)
{
    (void)unused;
    unlink(path);
    return rmdir(folder);
}

static int reset(void **unused)
{
    (void)unused;
    memset(&bytes, 0, sizeof(bytes));
    memset(&error, 0, sizeof(error));
    unlink(path);
    return 0;
}

static void write_file(const void *data, size_t len)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(data, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
}

/* What reading a source to its end gave: enough to tell two runs apart. */
struct reading {
    int last; /* what read() returned last */
    uint64_t frames;
    uint64_t sum; /* over times, lengths and bytes */
};

static void reading_add(struct reading *reading, const struct frame *frame)
{
    uint64_t sum = reading->sum;
    sum = sum * 31 + (uint64_t)frame->time_ns;
    sum = sum * 31 + frame->wirelen;
    sum = sum * 31 + frame->linktype;
    for (uint32_t i = 0; i < frame->caplen; i++)
        sum = sum * 31 + frame->data[i];
    reading->sum = sum;
    reading->frames++;
}

static struct reading read_source(struct source *source, size_t max)
{
    struct reading reading = {0};
    struct frame frames[64];
    while ((reading.last = source->ops->read(source, frames, max, &error)) > 0)
        for (int i = 0; i < reading.last; i++)
            reading_add(&reading, &frames[i]);
    return reading;
}

static struct reading read_path(const char *from, size_t max)
{
    struct source *source = input_open(from, &error);
    if (!source)
        return (struct reading){.last = -EBADMSG};
    struct reading reading = read_source(source, max);
    source->ops->close(source);
    return reading;
}

static bool is_edge(size_t len)
{
    for (size_t i = 0; i < bytes.edges; i++)
        if (bytes.edge[i] == len)
            return true;
    return false;
}

static void assert_cuts_deliver_complete_frames(void)
{
    for (size_t len = 0; len <= bytes.len; len++) {
        size_t complete = 0;
        while (complete < bytes.frames && bytes.frame_end[complete] <= len)
            complete++;
        write_file(bytes.data, len);
        struct reading reading = read_path(path, len % 2 ? 1 : 64);
        assert_int_equal(reading.frames, complete);
        assert_int_equal(reading.last, is_edge(len) ? 0 : -EBADMSG);
    }
}

static void put_small_pcap(uint32_t magic, size_t extra)
{
    put_pcap_header(&bytes, magic, 1);
    put_pcap_record(&bytes, 1700000000, 1, 61, 61, 0xb1, extra);
    put_pcap_record(&bytes, 1700000000, 2, 0, 0, 0xb2, extra);
    put_pcap_record(&bytes, 1700000001, 3, 90, 400, 0xb3, extra);
}

static void a_file_cut_at_any_byte_delivers_its_complete_frames(void **unused)
{
    put_small_pcap(0xa1b2c3d4, 0);
    assert_cuts_deliver_complete_frames();
    reset(unused);
    bytes.big_endian = true;
    put_small_pcap(0xa1b2cd34, 8);
    assert_cuts_deliver_complete_frames();
    reset(unused);
    put_every_block(&bytes);
    assert_cuts_deliver_complete_frames();
}

static void a_cut_is_told_with_file_and_offset_again_and_again(void **unused)
{
    (void)unused;
    char expected[512];
    struct frame frames[4];
    put_small_pcap(0xa1b2c3d4, 0);
    write_file(bytes.data, bytes.len - 1);
    snprintf(expected, sizeof(expected),
             "%s: byte 117: cut inside a record: 105 of at least 106 bytes are there; "
             "everything before was read",
             path);
    struct source *source = input_open(path, &error);
    assert_non_null(source);
    assert_int_equal(source->ops->read(source, frames, 4, &error), 2);
    for (int again = 0; again < 3; again++) {
        memset(&error, 0, sizeof(error));
        assert_int_equal(source->ops->read(source, frames, 4, &error), -EBADMSG);
        assert_string_equal(error.text, expected);
    }
    source->ops->close(source);
}

static void damage_is_told_after_the_frames_before_it(void **unused)
{
    (void)unused;
    char expected[512];
    put_small_pcap(0xa1b2c3d4, 0);
    put_pcap_record(&bytes, 1, 1, 4, 4, 0, 0);
    memset(bytes.data + bytes.len - 4 - 8, 0xff, 4);
    write_file(bytes.data, bytes.len);
    snprintf(expected, sizeof(expected),
             "%s: byte 223: record length 4294967295 is impossible (at most 262144)", path);
    struct reading reading = read_path(path, 64);
    assert_int_equal(reading.frames, 3);
    assert_int_equal(reading.last, -EBADMSG);
    assert_string_equal(error.text, expected);
}

enum { HUGE_BYTES = 3 << 20 };

/* Appends to the file an unknown block too large for the window and a frame after it, or only the
 * front of such a block. */
static void append_huge_block(bool cut)
{
    struct stat info;
    bytes.len = bytes.frames = bytes.edges = 0;
    put32(&bytes, 0x0bad);
    put32(&bytes, HUGE_BYTES);
    put_fill(&bytes, 0x55, 1000);
    int fd = open(path, O_WRONLY | O_APPEND);
    assert_int_equal(fstat(fd, &info), 0);
    assert_int_equal(write(fd, bytes.data, bytes.len), bytes.len);
    if (!cut) {
        assert_int_equal(ftruncate(fd, info.st_size + HUGE_BYTES), 0);
        bytes.len = 0;
        put_enhanced(&bytes, 0, 7000000, 9, 9, 0x77);
        assert_int_equal(write(fd, bytes.data, bytes.len), bytes.len);
    }
    close(fd);
}

static void unknown_blocks_larger_than_memory_are_skipped(void **unused)
{
    (void)unused;
    put_section(&bytes);
    put_interface(&bytes, 1, 0);
    put_enhanced(&bytes, 0, 5000000, 9, 9, 0x77);
    write_file(bytes.data, bytes.len);
    append_huge_block(false);
    append_huge_block(false);
    struct reading reading = read_path(path, 64);
    assert_int_equal(reading.frames, 3);
    assert_int_equal(reading.last, 0);

    append_huge_block(true);
    reading = read_path(path, 64);
    assert_int_equal(reading.frames, 3);
    assert_int_equal(reading.last, -EBADMSG);
    assert_non_null(
        strstr(error.text, "byte 6291636: cut inside a record: 1008 of at least 3145728"));
}

/* About 3 MiB of frames of all lengths: many of them lie across the edge of the window. */
static void write_long_file(void)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    put_pcap_header(&bytes, 0xa1b2c3d4, 1);
    for (uint32_t i = 0; i < 300; i++) {
        uint32_t len = i % 7 ? i * 37 % 1500 : 65000 + i % 512;
        put_pcap_record(&bytes, i, i, len, len, (uint8_t)i, 0);
        assert_int_equal(fwrite(bytes.data, 1, bytes.len, file), bytes.len);
        bytes.len = bytes.frames = bytes.edges = 0;
    }
    assert_int_equal(fclose(file), 0);
}

/* Copies the file into a pipe in pieces of odd lengths. */
static void *feed_pipe(void *arg)
{
    int to = *(int *)arg;
    int from = open(path, O_RDONLY);
    static char chunk[9973];
    for (size_t i = 1;; i++) {
        ssize_t got = read(from, chunk, 1 + i * 101 % sizeof(chunk));
        if (got <= 0 || write(to, chunk, (size_t)got) != got)
            break;
    }
    close(from);
    close(to);
    return NULL;
}

/* Reads the file through standard input, as a pipe. */
static struct reading read_stdin_pipe(size_t max)
{
    int ends[2];
    pthread_t feeder;
    int saved = dup(STDIN_FILENO);
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(pthread_create(&feeder, NULL, feed_pipe, &ends[1]), 0);
    dup2(ends[0], STDIN_FILENO);
    close(ends[0]);
    struct reading reading = read_path("-", max);
    dup2(saved, STDIN_FILENO);
    close(saved);
    pthread_join(feeder, NULL);
    return reading;
}

static void a_pipe_gives_what_the_file_gives(void **unused)
{
    (void)unused;
    write_long_file();
    struct reading file = read_path(path, 64);
    assert_int_equal(file.last, 0);
    assert_true(file.frames > 100);
    static const size_t batches[] = {1, 3, 64};
    for (size_t i = 0; i < 3; i++) {
        struct reading pipe = read_stdin_pipe(batches[i]);
        assert_int_equal(pipe.last, 0);
        assert_int_equal(pipe.frames, file.frames);
        assert_int_equal(pipe.sum, file.sum);
        assert_int_equal(read_path(path, batches[i]).sum, file.sum);
    }
}

static void a_file_that_shrinks_while_it_is_read_ends(void **unused)
{
    (void)unused;
    struct frame frame;
    write_long_file();
    struct source *source = input_open(path, &error);
    assert_non_null(source);
    assert_int_equal(source->ops->read(source, &frame, 1, &error), 1);
    assert_int_equal(truncate(path, (2 << 20) + 1), 0);
    struct reading reading = read_source(source, 64);
    assert_int_equal(reading.last, -EBADMSG);
    assert_true(reading.frames > 50);
    source->ops->close(source);
}

static void position_runs_from_nothing_to_the_whole_file(void **unused)
{
    (void)unused;
    uint64_t done, total;
    put_small_pcap(0xa1b2c3d4, 0);
    write_file(bytes.data, bytes.len);
    struct source *source = input_open(path, &error);
    assert_non_null(source);
    source->ops->position(source, &done, &total);
    assert_int_equal(done, 0);
    assert_int_equal(total, bytes.len);
    struct frame frame;
    assert_int_equal(source->ops->read(source, &frame, 1, &error), 1);
    source->ops->position(source, &done, &total);
    assert_int_equal(done, bytes.frame_end[0]);
    read_source(source, 64);
    source->ops->position(source, &done, &total);
    assert_int_equal(done, bytes.len);
    source->ops->close(source);
}

static void what_is_no_capture_is_refused_with_advice(void **unused)
{
    (void)unused;
    static const struct {
        const char *content;
        size_t len;
        const char *says;
    } cases[] = {
        {"", 0, ": empty; dnsvigil reads pcap and pcapng captures"},
        {"\n\r\r", 3, ": only 3 bytes long, not a capture: dnsvigil reads pcap and pcapng"},
        {"www.example.com A\n", 18, ": not a capture: dnsvigil reads pcap and pcapng"},
        {"\x1f\x8b\x08\x00", 4, ": compressed with gzip: pipe it, e.g. zcat "},
        {"\x28\xb5\x2f\xfd", 4, ": compressed with zstd: pipe it, e.g. zstdcat "},
        {"\xfd"
         "7zXZ",
         5, ": compressed with xz: pipe it, e.g. xzcat "},
        {"BZh91AY", 7, ": compressed with bzip2: pipe it, e.g. bzcat "},
        {"\x04\x22\x4d\x18", 4, ": compressed with lz4: pipe it, e.g. lz4cat "},
        {"PK\x03\x04", 4, ": a zip archive: pipe it, e.g. unzip -p "},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        write_file(cases[i].content, cases[i].len);
        assert_null(input_open(path, &error));
        assert_int_equal(strncmp(error.text, path, strlen(path)), 0);
        assert_non_null(strstr(error.text, cases[i].says));
    }
}

static void what_cannot_be_opened_is_refused_with_advice(void **unused)
{
    (void)unused;
    assert_null(input_open(path, &error));
    assert_non_null(strstr(error.text, "/file: cannot open: No such file or directory; check the"));
    assert_null(input_open(folder, &error));
    assert_non_null(strstr(error.text, ": a folder; name a file in it"));
    assert_null(input_open("/dev/null", &error));
    assert_non_null(strstr(error.text, "/dev/null: empty"));
}

static void wake(int signal)
{
    (void)signal;
}

static void a_signal_interrupts_waiting_and_reading_can_go_on(void **unused)
{
    (void)unused;
    int ends[2];
    struct frame frames[4];
    put_small_pcap(0xa1b2c3d4, 0);
    assert_int_equal(mkfifo(path, 0600), 0);
    ends[1] = open(path, O_RDWR);
    assert_int_equal(write(ends[1], bytes.data, bytes.frame_end[0] + 7), bytes.frame_end[0] + 7);
    struct source *source = input_open(path, &error);
    assert_non_null(source);
    assert_int_equal(source->ops->read(source, frames, 4, &error), 1);

    /* A timer that repeats: whichever signal comes while read() waits is the one that counts. */
    struct sigaction action = {.sa_handler = wake};
    struct itimerval often = {{0, 5000}, {0, 5000}}, never = {0};
    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &often, NULL);
    int r = source->ops->read(source, frames, 4, &error);
    setitimer(ITIMER_REAL, &never, NULL);
    assert_int_equal(r, -EINTR);

    size_t rest = bytes.len - bytes.frame_end[0] - 7;
    assert_int_equal(write(ends[1], bytes.data + bytes.frame_end[0] + 7, rest), rest);
    assert_int_equal(source->ops->read(source, frames, 4, &error), 2);
    close(ends[1]);
    assert_int_equal(source->ops->read(source, frames, 4, &error), 0);
    source->ops->close(source);
}

static unsigned real_captures;

static int read_real_capture(const char *name, const struct stat *info, int kind, struct FTW *ftw)
{
    (void)info;
    (void)ftw;
    if (kind != FTW_F || !strstr(name, ".pcap"))
        return 0;
    struct reading reading = read_path(name, 64);
    if (reading.last != 0)
        print_error("%s: %s\n", name, error.text);
    real_captures++;
    return reading.last != 0 || reading.frames == 0;
}

static void real_captures_are_read_to_their_end(void **unused)
{
    (void)unused;
    char pcaps[512];
    const char *data = getenv("DNSVIGIL_DATA");
    if (!data) {
        print_message("skipped: DNSVIGIL_DATA does not name the folder of real captures\n");
        skip();
    }
    snprintf(pcaps, sizeof(pcaps), "%s/pcap", data);
    assert_int_equal(nftw(pcaps, read_real_capture, 16, FTW_PHYS), 0);
    assert_true(real_captures > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_file_cut_at_any_byte_delivers_its_complete_frames, reset),
        cmocka_unit_test_setup(a_cut_is_told_with_file_and_offset_again_and_again, reset),
        cmocka_unit_test_setup(damage_is_told_after_the_frames_before_it, reset),
        cmocka_unit_test_setup(unknown_blocks_larger_than_memory_are_skipped, reset),
        cmocka_unit_test_setup(a_pipe_gives_what_the_file_gives, reset),
        cmocka_unit_test_setup(a_file_that_shrinks_while_it_is_read_ends, reset),
        cmocka_unit_test_setup(position_runs_from_nothing_to_the_whole_file, reset),
        cmocka_unit_test_setup(what_is_no_capture_is_refused_with_advice, reset),
        cmocka_unit_test_setup(what_cannot_be_opened_is_refused_with_advice, reset),
        cmocka_unit_test_setup(a_signal_interrupts_waiting_and_reading_can_go_on, reset),
        cmocka_unit_test_setup(real_captures_are_read_to_their_end, reset),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
