/* log.h - what a log format is to the readers of logs: functions over one line, giving records
 * SPDX-License-Identifier: Apache-2.0
 *
 * A format is a row in log_formats.def and a file log_<slug>.c with `log_<slug>_ops`. It never
 * reads or allocates beyond the call; it looks at one line and hands on what the line tells. What
 * follows is the same for all formats: log_rebuild() makes of a record the DNS messages it tells
 * of, so that nothing behind needs to know that they came out of a log. Each line is hostile:
 * whoever asks for a name writes to the log. One thread reads a log. */
#pragma once

#include "base/addr.h"
#include "base/arena.h"
#include "base/error.h"
#include "input/log_text.h"
#include "input/log_time.h"

#include <dnsvigil/packet.h>

enum {
    LOG_LINE_MAX = 64 * 1024, /* bytes of a line; a longer one is refused */
    LOG_ANSWERS_MAX = 64,     /* records of one response; further ones are left out */
    LOG_MESSAGE_MAX = 65535,  /* bytes of a message, as of one that travels over TCP */
    LOG_SERVER_PORT = 53,
};

/* What became of a line. The refusals are rows of log_refusals.def. */
enum log_verdict {
    LOG_TAKEN, /* it told something: records were handed on, or it waits for lines to come */
    LOG_OTHER, /* a line of the format that tells of no DNS message: a header, another event */
#define LOG_REFUSAL(id, slug, text) LOG_REFUSED_##id,
#include <dnsvigil/log_refusals.def>
#undef LOG_REFUSAL
    LOG_VERDICT_COUNT,
};

/* Slugs and texts of the verdicts, for counters and people. */
extern const char *const log_verdict_slugs[LOG_VERDICT_COUNT];
extern const char *const log_verdict_texts[LOG_VERDICT_COUNT];

enum log_halves { LOG_QUERY = 1 << 0, LOG_RESPONSE = 1 << 1 };

/* One resource record of a response. */
struct log_answer {
    struct log_text owner; /* empty: who owns it follows from the question and the CNAMEs before */
    struct log_text data;  /* in presentation format, as a zone file has it; RFC 3597's too */
    uint16_t type;         /* 0: what the data looks like, see log_answer_type() */
    uint32_t ttl;
};

/* Takes the next line, without its end, off the text. */
struct log_text log_line_take(struct log_text *text);

/* What a log tells of one query, its response, or both. Zeroed except for what is told: see
 * log_record_begin(). Texts are borrowed and valid during the call that hands the record on. */
struct log_record {
    int64_t time_ns;          /* of the query; of the response where that is all there is */
    int64_t response_time_ns; /* 0: the same */
    struct addr client;
    struct addr server;
    uint16_t client_port; /* 0 where it is not told */
    uint16_t server_port;
    uint8_t transport; /* enum transport */
    uint8_t halves;    /* enum log_halves, or-ed */
    uint8_t lacks;     /* enum packet_lacks; LACKS_WIRE is a matter of course */
    bool has_id;       /* otherwise one is made up, so that no two queries look like one repeated */
    uint16_t id;
    uint16_t query_flags;    /* enum dns_flag: RD, AD, CD */
    uint16_t response_flags; /* AA, TC, RD, RA, AD, CD; QR is a matter of course */
    uint16_t rcode;
    bool edns; /* there is an OPT record in the query */
    bool dnssec_ok;
    uint16_t qtype;
    uint16_t qclass;
    struct log_text qname; /* in presentation format, with or without the final dot; empty in a
                              response that does not tell it: there are no answers then */
    unsigned answer_count;
    struct log_answer answers[LOG_ANSWERS_MAX]; /* only the first answer_count are set */
};

/* Empties the record for a message over UDP to port 53, class IN, recursion desired and available.
 * The places of answers keep what they held. */
void log_record_begin(struct log_record *record, uint8_t halves, int64_t time_ns);

/* The next answer's place, zeroed, or NULL when there is no room: then the record lacks answers. */
struct log_answer *log_record_answer(struct log_record *record);

/* Takes a record; it and its texts are valid during the call. */
struct log_sink {
    enum log_verdict (*take)(void *arg, const struct log_record *record);
    void *arg;
};

static inline enum log_verdict log_give(const struct log_sink *sink,
                                        const struct log_record *record)
{
    return sink->take(sink->arg, record);
}

/* A format's view of the reader. `state` is its own: state_bytes, zeroed before the first line. */
struct log_context {
    struct log_clock clock; /* what turns times of the log into time, see log_time.h */
    void *state;
    struct log_sink sink;
    uint16_t next_id;         /* for messages whose id is not told: log_next_id() */
    struct log_record record; /* scratch: large, and needed for each line */
};

/* An id for a query whose id is not told; its response, if told on another line, has the same. */
static inline uint16_t log_next_id(struct log_context *context)
{
    return context->next_id++;
}

enum { LOG_SURE = 100 };

/* What log_<slug>.c holds. */
struct log_format_ops {
    size_t state_bytes;

    /* How surely a line is of this format: 0 for not at all to LOG_SURE. Without state: the lines
     * of a file are tried one by one, and formats compete. */
    unsigned (*recognise)(struct log_text line);

    /* Reads a line (without its end, at most LOG_LINE_MAX bytes) and gives context->sink any number
     * of records: a response that is told in the line of its query comes with it, as one record of
     * two halves. Returns what became of the line, the worst where it held several. */
    enum log_verdict (*read)(struct log_context *context, struct log_text line);

    /* Gives what waits for further lines: the input is over, or no line has come for some time.
     * NULL for formats in which each line stands by itself. */
    void (*flush)(struct log_context *context);

    /* What the format keeps outside its state (such as a parser's); NULL for nothing. */
    void (*done)(struct log_context *context);
};

/* A row of log_formats.def. */
struct log_format {
    const char *slug;  /* "bind" */
    const char *title; /* "BIND 9 query log" */
    uint8_t lacks; /* enum packet_lacks: what no line of it tells; so no record needs to say it */
    const struct log_format_ops *ops;
};

enum log_format_id {
#define LOG_FORMAT(id, slug, lacks, title) LOG_FORMAT_##id,
#include "input/log_formats.def"
#undef LOG_FORMAT
    LOG_FORMAT_COUNT,
};

extern const struct log_format log_formats[LOG_FORMAT_COUNT];

#define LOG_FORMAT(id, slug, lacks, title) extern const struct log_format_ops log_##slug##_ops;
#include "input/log_formats.def"
#undef LOG_FORMAT

/* The format of this slug, or NULL. */
const struct log_format *log_format_find(const char *slug);

/* The format that suits the lines of text[0..len) best, or NULL when none of them is of any. The
 * last line may be cut. */
const struct log_format *log_format_recognise(const char *text, size_t len);

/* Makes a record's messages: ret_packets[0] the query and ret_packets[1] the response, or the one
 * half there is; `id` is for both. Names are written out in full, and an answer that says no owner
 * has the question's or, behind a CNAME, that one's target. Bytes come from `arena`. Returns
 * LOG_TAKEN, or why not; data that cannot be put into wire format is left out of the message, which
 * then lacks answers. */
enum log_verdict log_rebuild(const struct log_record *record, uint16_t id, struct arena *arena,
                             struct packet ret_packets[static 2], unsigned *ret_count);

/* What the data of a record that says no type is, in an answer to this type of question: an
 * address, or else a name. */
uint16_t log_answer_type(uint16_t qtype, struct log_text data);

/* Writes record data from presentation format to at most `room` bytes at `to`; its length goes to
 * *ret_len. Text of TXT records may also stand without quotes, as it is. False for what is not data
 * of this type or of a type that is not read. */
bool log_rdata_write(uint16_t type, struct log_text data, uint8_t *to, size_t room,
                     size_t *ret_len);
