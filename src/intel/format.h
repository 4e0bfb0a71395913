/* format.h - reads a list in any format from memory and hands its indicators to a sink, one by one
 * SPDX-License-Identifier: Apache-2.0
 *
 * Every byte is hostile. Reading takes memory that does not grow with the list, reads no clock and
 * keeps nothing between calls: one thread a call, any number at once.
 *
 * Whoever loads lists into a snapshot calls intel_builder_add_feed() (builder.h), which is a sink
 * with the checks of guard.h behind it. Call feed_read() to look at a list without loading it. */
#pragma once

#include "base/buf.h"
#include "base/error.h"
#include "intel/slice.h"

#include <dnsvigil/feed_format.h>
#include <dnsvigil/indicator.h>

enum refusal {
    REFUSAL_NONE,
#define REFUSAL(id, slug, text) REFUSAL_##id,
#include "intel/refusals.def"
#undef REFUSAL
    REFUSAL_COUNT,
};

extern const char *const refusal_slugs[REFUSAL_COUNT];
extern const char *const refusal_texts[REFUSAL_COUNT];

/* Limits of one list. Past a limit on the whole list nothing of it is used; what is too long within
 * it is refused by itself. */
enum {
    FEED_BYTES_MAX = 256 << 20,
    FEED_LINES_MAX = 5000000, /* lines, or entries of a JSON list */
    FEED_LINE_MAX = 4096,     /* bytes of one line */
    FEED_ENTRY_MAX =
        1 << 20,         /* bytes of one entry of a JSON list: a STIX object, a MISP attribute */
    FEED_DEPTH_MAX = 64, /* brackets within brackets, in JSON */
    FIRST_REFUSED_MAX = 16,
};

/* How a format is shown and what its parts are called. */
struct feed_format_info {
    const char *slug;
    const char *title;
    const char *text; /* what an entry looks like */
    const char *unit; /* "line", or "entry" in JSON, which need not have lines */
};

/* Also has a row for FEED_AUTO. */
extern const struct feed_format_info feed_formats[FEED_FORMAT_COUNT];

/* The format with this slug ("auto" too), or -1. */
int feed_format_parse(struct slice slug);

/* One name, address or block that a list names. All slices are valid during the call only. */
struct feed_indicator {
    struct slice host;  /* as the list writes it: not yet checked, any bytes */
    struct slice line;  /* the line or JSON value it stands in, for evidence; never empty */
    uint8_t scope;      /* enum scope, if it is a name */
    bool page;          /* it was a URL with a path */
    int category;       /* enum category, or -1: the feed's */
    int confidence;     /* 0-100, or -1: the feed's */
    int64_t expires_ns; /* since 1970, from the list itself; 0: as the feed has it */
};

struct feed_refused {
    uint32_t line; /* 1 is the first; counts entries where the format's unit is that */
    enum refusal reason;
    char text[64]; /* its beginning, any bytes but NUL */
};

/* How a list fared. lines >= 1 indicators each; `added` and `duplicates` are told by the sink. */
struct feed_report {
    enum feed_format format; /* the one used, or FEED_AUTO when none was found */
    uint32_t lines;          /* looked at, those that say nothing included */
    uint32_t added;
    uint32_t duplicates; /* same name, scope and category earlier in this list */
    uint32_t skipped;    /* their source gives them for information, not for detection */
    uint32_t refused;
    uint32_t refused_by[REFUSAL_COUNT];
    struct feed_refused first_refused[FIRST_REFUSED_MAX]; /* min(refused, FIRST_REFUSED_MAX) */
};

/* Counts what report->lines ended with as refused and keeps its beginning. */
void feed_refuse(struct feed_report *report, enum refusal reason, struct slice line);

/* Appends the first lines that were refused, and why, with a semicolon between. */
void feed_refusals_write(const struct feed_report *report, struct buf *buf);

/* Takes one indicator. A reason refuses it, and is counted; REFUSAL_FULL ends the reading. */
typedef enum refusal (*feed_sink_fn)(void *arg, const struct feed_indicator *indicator);

struct feed_source {
    const char *path;        /* or another name of it, for messages */
    enum feed_format format; /* FEED_AUTO: told from the content */
    /* Of a CSV or TSV table: a heading, or a number from 1. NULL or "": the first whose heading
     * says name, address or URL, or whose first value is one. */
    const char *column;
    bool informational; /* take what is given for information only, which is skipped otherwise */
    feed_sink_fn sink;
    void *arg; /* for `sink` */
};

/* Reads data[0..len). 0, or a negative errno with the reason in `error`:
 *   -EFBIG   larger than FEED_BYTES_MAX, or more lines than FEED_LINES_MAX;
 *   -EINVAL  no list at all (compressed, binary, UTF-16, an HTML page, nothing), JSON that is
 * broken or cut off, a format that is not the named one, none of the known ones (the message says
 * which were tried), or no column of that name; -ENOMEM  no memory, or the sink said REFUSAL_FULL.
 * The sink may have been called before an error shows: whoever stores must be able to take back.
 * That a list was read without any usable line is for the caller to judge, from *ret_report, which
 * is filled in either case. */
int feed_read(const struct feed_source *source, const char *data, size_t len,
              struct feed_report *ret_report, struct error *error);
