/* reading.c - has a fetched list read in the jail, and takes what comes out of there with care
 * SPDX-License-Identifier: Apache-2.0 */
#include "feeds/reading.h"

#include "base/fd.h"
#include "feeds/gunzip.h"
#include "feeds/unzip.h"
#include "intel/compiled.h"

#include <errno.h>
#include <libpsl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

enum { SUFFIXES_MIN = 1000, SUFFIXES_POPULAR_MAX = 100 };

static const struct jail_limits jail_limits = {
    .memory_bytes = (size_t)3 << 30, .cpu_s = 120, .wall_s = 300};

/* What the child writes first; `len` bytes of data follow. */
struct told {
    int32_t code;
    uint64_t len;
    struct feed_report report;
    struct error error;
};

struct job {
    struct intel_builder *builder; /* of lists; the child's own copy, by being another process */
    const struct feed_config *config;
    uint32_t lines_max;
    int fd;
    int (*read)(struct job *job, const char *text, size_t len, struct buf *data, struct told *told);
};

/* The text up to its line number `lines_max`. */
static size_t lines_cut(const char *text, size_t len, uint32_t lines_max)
{
    const char *at = text;
    for (uint32_t line = 0; line < lines_max; line++) {
        const char *end = memchr(at, '\n', len - (size_t)(at - text));
        if (!end)
            return len;
        at = end + 1;
    }
    return lines_max ? (size_t)(at - text) : len;
}

static int list_read(struct job *job, const char *text, size_t len, struct buf *data,
                     struct told *told)
{
    len = lines_cut(text, len, job->lines_max);
    int code =
        intel_builder_add_text(job->builder, job->config, text, len, &told->report, &told->error);
    if (code == 0 && !intel_builder_compile(job->builder, data))
        code = error_set(&told->error, -ENOMEM, "no memory for what was read");
    return code;
}

/* What every version of the list says. Not by its rule "*", which is there without any list. */
static bool are_suffixes(const psl_ctx_t *rules)
{
    static const char *const suffixes[] = {"com", "jp", "org", "co.jp", "co.uk"};
    const int how = PSL_TYPE_ICANN | PSL_TYPE_NO_STAR_RULE;
    for (size_t i = 0; i < sizeof(suffixes) / sizeof(*suffixes); i++)
        if (!psl_is_public_suffix2(rules, suffixes[i], how))
            return false;
    return psl_suffix_count(rules) >= SUFFIXES_MIN && !psl_is_public_suffix(rules, "example.com");
}

/* Both of its sections say where they end. */
static bool is_cut_off(const char *text, size_t len)
{
    static const char begin[] = "===BEGIN PRIVATE DOMAINS===", end[] = "===END PRIVATE DOMAINS===";
    return memmem(text, len, begin, strlen(begin)) && !memmem(text, len, end, strlen(end));
}

/* Counts popular names that are no suffixes so far and would be: as if it were a list of threats.
 */
static void suffixes_judge(struct job *job, const char *text, size_t len,
                           struct feed_report *ret_report)
{
    const struct feed_config as = {.name = "suffixes",
                                   .path = "suffixes",
                                   .category = CATEGORY_SUSPICIOUS,
                                   .format = FEED_PLAIN};
    struct error ignored;
    intel_builder_add_text(job->builder, &as, text, len, ret_report, &ignored);
}

static int suffixes_read(struct job *job, const char *text, size_t len, struct buf *data,
                         struct told *told)
{
    FILE *file = len ? fmemopen((void *)text, len, "r") : NULL;
    psl_ctx_t *rules = file ? psl_load_fp(file) : NULL;
    if (!rules || !are_suffixes(rules))
        return error_set(&told->error, -EINVAL, "is no public suffix list");
    if (is_cut_off(text, len))
        return error_set(&told->error, -EINVAL, "is cut off: its last section does not end");
    struct feed_report report = {0};
    suffixes_judge(job, text, len, &report);
    uint32_t popular = report.refused_by[REFUSAL_POPULAR];
    if (popular > SUFFIXES_POPULAR_MAX)
        return error_set(&told->error, -EINVAL,
                         "makes public suffixes of %u popular domains: hijacked, or another list",
                         popular);
    told->report.lines = report.lines;
    told->report.added = (uint32_t)psl_suffix_count(rules);
    buf_append(data, text, len);
    return data->overflow ? error_set(&told->error, -ENOMEM, "no memory for the list") : 0;
}

static int body_read(struct job *job, struct buf *data, struct told *told)
{
    struct mapping body;
    struct buf text;
    int code = shelf_map_fd(job->fd, "the list", &body, &told->error);
    if (code != 0)
        return code;
    bool gzip = gunzip_is_packed(body.data, body.len);
    if (!gzip && !unzip_is_packed(body.data, body.len))
        return job->read(job, body.data, body.len, data, told);
    buf_init(&text, FEED_BYTES_MAX);
    code = (gzip ? gunzip : unzip)(body.data, body.len, &text, &told->error);
    return code != 0 ? code : job->read(job, text.data, text.len, data, told);
}

/* A jail_fn. Frees nothing: the process ends. */
static void job_work(void *arg, int out_fd)
{
    struct job *job = arg;
    struct told told = {0};
    struct buf data;
    buf_init(&data, COMPILED_BYTES_MAX);
    told.code = body_read(job, &data, &told);
    told.len = told.code == 0 ? data.len : 0;
    if (fd_write_all(out_fd, &told, sizeof(told)))
        fd_write_all(out_fd, data.data, told.len);
}

/* Makes the report safe to use, whatever wrote it. */
static bool report_check(struct feed_report *report)
{
    if ((unsigned)report->format >= FEED_FORMAT_COUNT)
        return false;
    for (unsigned i = 0; i < FIRST_REFUSED_MAX; i++) {
        struct feed_refused *refused = report->first_refused + i;
        refused->text[sizeof(refused->text) - 1] = 0;
        if ((unsigned)refused->reason >= REFUSAL_COUNT)
            return false;
    }
    return true;
}

static int told_take(struct reading *reading, struct error *error)
{
    struct told told;
    if (reading->mapping.len < sizeof(told))
        return error_set(error, -EBADMSG, "its reader ended without a result: out of memory?");
    memcpy(&told, reading->mapping.data, sizeof(told));
    told.error.text[sizeof(told.error.text) - 1] = 0;
    if (!report_check(&told.report) || told.code > 0 ||
        told.len != reading->mapping.len - sizeof(told))
        return error_set(error, -EBADMSG, "its reader told nonsense");
    reading->report = told.report;
    reading->data = (const char *)reading->mapping.data + sizeof(told);
    reading->len = told.len;
    return told.code == 0 ? 0 : error_set(error, told.code, "%s", told.error.text);
}

static int job_run(struct job *job, struct reading *ret_reading, struct error *error)
{
    *ret_reading = (struct reading){0};
    int out = memfd_create("dnsvigil-list", MFD_CLOEXEC);
    if (out < 0)
        return error_set(error, -errno, "no memory for a list: %s", strerror(errno));
    int code = jail_run(&jail_limits, job_work, job, job->fd, out, &ret_reading->level, error);
    if (code == 0)
        code = shelf_map_fd(out, "the result of reading", &ret_reading->mapping, error);
    close(out);
    if (code == 0)
        code = told_take(ret_reading, error);
    if (code != 0)
        shelf_unmap(&ret_reading->mapping);
    return code;
}

/* Whether every record is one, so that nothing damaged is ever kept. */
static bool records_check(const struct compiled *compiled)
{
    struct compiled_walk walks[] = {compiled_names(compiled), compiled_blocks(compiled)};
    struct record record;
    for (size_t i = 0; i < sizeof(walks) / sizeof(*walks); i++) {
        int got;
        while ((got = compiled_next(&walks[i], &record)) > 0)
            ;
        if (got < 0)
            return false;
    }
    return true;
}

int reading_list(const struct intel_builder *builder, const struct feed_config *config,
                 uint32_t lines_max, int fd, struct reading *ret_reading, struct error *error)
{
    struct job job = {.builder = (struct intel_builder *)builder,
                      .config = config,
                      .lines_max = lines_max,
                      .fd = fd,
                      .read = list_read};
    struct compiled compiled;
    int code = job_run(&job, ret_reading, error);
    if (code != 0)
        return code;
    code = compiled_open(&compiled, ret_reading->data, ret_reading->len, error);
    if (code == 0 && !records_check(&compiled))
        code = error_set(error, -EBADMSG, "its reader told nonsense");
    if (code != 0) {
        reading_done(ret_reading);
        return code;
    }
    ret_reading->report.added = compiled.name_count + compiled.block_count;
    return 0;
}

int reading_suffixes(const struct intel_builder *builder, int fd, struct reading *ret_reading,
                     struct error *error)
{
    struct job job = {.builder = (struct intel_builder *)builder, .fd = fd, .read = suffixes_read};
    return job_run(&job, ret_reading, error);
}

void reading_done(struct reading *reading)
{
    shelf_unmap(&reading->mapping);
    reading->data = NULL;
    reading->len = 0;
}
