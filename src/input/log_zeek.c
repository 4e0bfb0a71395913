/* log_zeek.c - reads dns.log of Zeek, as tab-separated values or as JSON
 * SPDX-License-Identifier: Apache-2.0
 *
 * A line tells a query, and its response where there was one: `rtt` is the time between them. TSV
 * says in lines #separator, #set_separator, #empty_field, #unset_field and #fields how it is
 * written; without them the usual form is taken. Answers are texts without a type: addresses,
 * names, and texts that begin with their type (`TXT 5 hello`). */
#include "input/log_json.h"
#include "input/log_told.h"

#include "base/clock.h"

#include <dnsvigil/dns.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum zeek_field {
    ZEEK_TIME,
    ZEEK_CLIENT,
    ZEEK_CLIENT_PORT,
    ZEEK_SERVER,
    ZEEK_SERVER_PORT,
    ZEEK_PROTO,
    ZEEK_ID,
    ZEEK_RTT,
    ZEEK_QUERY,
    ZEEK_QCLASS,
    ZEEK_QTYPE,
    ZEEK_RCODE,
    ZEEK_AA,
    ZEEK_TC,
    ZEEK_RD,
    ZEEK_RA,
    ZEEK_ANSWERS,
    ZEEK_TTLS,
    ZEEK_FIELDS,
};

static const char *const field_names[ZEEK_FIELDS] = {
    "ts",       "id.orig_h", "id.orig_p", "id.resp_h", "id.resp_p", "proto",
    "trans_id", "rtt",       "query",     "qclass",    "qtype",     "rcode",
    "AA",       "TC",        "RD",        "RA",        "answers",   "TTLs",
};

/* The columns of a log without a heading. */
static const char usual_fields[] =
    "ts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\ttrans_id\trtt\tquery\tqclass\t"
    "qclass_name\tqtype\tqtype_name\trcode\trcode_name\tAA\tTC\tRD\tRA\tZ\tanswers\tTTLs\trejected";

enum { COLUMNS_MAX = 64, MARK_MAX = 16, COLUMN_NONE = 0 };

struct zeek {
    bool headed;
    char separator[MARK_MAX];
    char set_separator[MARK_MAX];
    char empty[MARK_MAX];
    char unset[MARK_MAX];
    uint8_t column[COLUMNS_MAX]; /* 1 + enum zeek_field, or COLUMN_NONE */
    struct log_told told;
};

/* What a line says; what it does not say is empty. */
struct zeek_row {
    struct log_text field[ZEEK_FIELDS];
    unsigned answer_count, ttl_count;
    struct log_text answers[LOG_ANSWERS_MAX], ttls[LOG_ANSWERS_MAX];
    bool more; /* answers than these */
};

static void mark_set(char mark[static MARK_MAX], struct log_text text)
{
    if (text.len)
        snprintf(mark, MARK_MAX, "%.*s", (int)text.len, text.at);
}

static void columns_set(struct zeek *zeek, struct log_text names, const char *separator)
{
    memset(zeek->column, COLUMN_NONE, sizeof(zeek->column));
    for (unsigned i = 0; i < COLUMNS_MAX && names.len; i++) {
        struct log_text name = log_text_until(&names, separator);
        for (int field = 0; field < ZEEK_FIELDS; field++)
            if (log_text_is(name, field_names[field]))
                zeek->column[i] = (uint8_t)(field + 1);
    }
    zeek->headed = true;
}

static void usual_set(struct zeek *zeek)
{
    mark_set(zeek->separator, log_text_from("\t"));
    mark_set(zeek->set_separator, log_text_from(","));
    mark_set(zeek->empty, log_text_from("(empty)"));
    mark_set(zeek->unset, log_text_from("-"));
    columns_set(zeek, log_text_from(usual_fields), "\t");
}

/* A line that begins with #. */
static void heading_read(struct zeek *zeek, struct log_text line)
{
    if (!zeek->headed)
        usual_set(zeek);
    if (log_text_skip(&line, "#separator ")) {
        zeek->told.used = 0;
        mark_set(zeek->separator, log_told_bytes(&zeek->told, line));
        return;
    }
    struct log_text name = log_text_until(&line, zeek->separator);
    if (log_text_is(name, "#set_separator"))
        mark_set(zeek->set_separator, line);
    else if (log_text_is(name, "#empty_field"))
        mark_set(zeek->empty, line);
    else if (log_text_is(name, "#unset_field"))
        mark_set(zeek->unset, line);
    else if (log_text_is(name, "#fields"))
        columns_set(zeek, line, zeek->separator);
}

/* Takes the next of the values that `separator` parts; the last one leaves *text empty. */
static bool value_next(struct log_text *text, const char *separator, struct log_text *ret)
{
    if (!text->at)
        return false;
    const char *end = text->at + text->len;
    *ret = log_text_until(text, separator);
    if (ret->at + ret->len == end)
        text->at = NULL;
    return true;
}

static unsigned set_split(const struct zeek *zeek, struct log_text set,
                          struct log_text values[static LOG_ANSWERS_MAX], bool *ret_more)
{
    unsigned count = 0;
    *ret_more = false;
    if (set.len == 0)
        return 0;
    while (count < LOG_ANSWERS_MAX && value_next(&set, zeek->set_separator, &values[count]))
        count++;
    *ret_more = set.at != NULL;
    return count;
}

static void tsv_split(const struct zeek *zeek, struct log_text line, struct zeek_row *row)
{
    struct log_text value;
    bool more;
    for (unsigned i = 0; i < COLUMNS_MAX && value_next(&line, zeek->separator, &value); i++) {
        if (zeek->column[i] == COLUMN_NONE || log_text_is(value, zeek->unset) ||
            log_text_is(value, zeek->empty))
            continue;
        row->field[zeek->column[i] - 1] = value;
    }
    row->answer_count = set_split(zeek, row->field[ZEEK_ANSWERS], row->answers, &row->more);
    row->ttl_count = set_split(zeek, row->field[ZEEK_TTLS], row->ttls, &more);
}

static struct log_text value_text(struct zeek *zeek, const json_t *value)
{
    if (json_is_string(value))
        return log_json_string(value);
    if (json_is_boolean(value))
        return log_text_from(json_is_true(value) ? "T" : "F");
    if (json_is_integer(value))
        return log_told_print(&zeek->told, "%lld", (long long)json_integer_value(value));
    if (json_is_real(value))
        return log_told_print(&zeek->told, "%.6f", json_real_value(value));
    return log_text_of("", 0);
}

static unsigned array_split(struct zeek *zeek, const json_t *array,
                            struct log_text values[static LOG_ANSWERS_MAX])
{
    unsigned count = 0;
    for (; count < LOG_ANSWERS_MAX && count < json_array_size(array); count++)
        values[count] = value_text(zeek, json_array_get(array, count));
    return count;
}

static void json_split(struct zeek *zeek, const json_t *root, struct zeek_row *row)
{
    for (int field = 0; field < ZEEK_ANSWERS; field++)
        row->field[field] = value_text(zeek, json_object_get(root, field_names[field]));
    const json_t *answers = json_object_get(root, "answers");
    row->answer_count = array_split(zeek, answers, row->answers);
    row->more = json_array_size(answers) > row->answer_count;
    row->ttl_count = array_split(zeek, json_object_get(root, "TTLs"), row->ttls);
}

/* Seconds with a fraction, as in rtt and TTLs. */
static bool seconds_read(struct log_text text, int64_t *ret_ns)
{
    static const double seconds_max = 4294967295.0;
    char digits[32], *end;
    if (text.len == 0 || text.len >= sizeof(digits))
        return false;
    memcpy(digits, text.at, text.len);
    digits[text.len] = '\0';
    double seconds = strtod(digits, &end);
    if (*end || !(seconds >= 0) || seconds > seconds_max)
        return false;
    *ret_ns = llround(seconds * 1e6) * NS_PER_US;
    return true;
}

/* `TXT 5 hello TXT 5 world`: the length tells where a string ends. */
static struct log_text strings_read(struct log_told *told, struct log_text text, const char *type)
{
    struct log_text all = log_text_of("", 0);
    text = log_told_bytes(told, text);
    while (log_text_skip(&text, type)) {
        uint64_t len;
        if (!log_text_number(log_text_until(&text, " "), UINT16_MAX, &len))
            break;
        if (len > text.len)
            len = text.len;
        struct log_text one = log_told_string(told, log_text_of(text.at, len));
        all = all.len
                  ? log_told_print(told, "%.*s %.*s", (int)all.len, all.at, (int)one.len, one.at)
                  : one;
        text = log_text_of(text.at + len, text.len - len);
        log_text_skip(&text, " ");
    }
    return all;
}

static void answer_read(struct zeek *zeek, struct log_text text, struct log_record *record,
                        struct log_answer *answer)
{
    struct addr addr;
    if (log_text_begins(text, "TXT ") || log_text_begins(text, "SPF ")) {
        answer->type = DNS_TYPE_TXT;
        answer->data = strings_read(&zeek->told, text, text.at[0] == 'T' ? "TXT " : "SPF ");
        return;
    }
    bool host = log_text_addr(text, &addr);
    bool asked = record->qtype == DNS_TYPE_MX || record->qtype == DNS_TYPE_SRV ||
                 record->qtype == DNS_TYPE_SOA;
    answer->type = host || !asked ? 0 : record->qtype;
    /* What is neither an address nor a name begins with the name of its type, or says nothing. */
    if (host)
        answer->data = text;
    else if (!memchr(text.at, ' ', text.len))
        answer->data = log_told_data(&zeek->told, asked ? record->qtype : DNS_TYPE_CNAME, text);
}

static void response_read(struct zeek *zeek, const struct zeek_row *row, struct log_record *record)
{
    int64_t ttl_ns;
    for (unsigned i = 0; i < row->answer_count; i++) {
        struct log_answer *answer = log_record_answer(record);
        answer_read(zeek, row->answers[i], record, answer);
        if (i < row->ttl_count && seconds_read(row->ttls[i], &ttl_ns))
            answer->ttl = (uint32_t)(ttl_ns / NS_PER_S);
    }
    if (row->more)
        record->lacks |= LACKS_ANSWERS;
}

static uint16_t flag_of(const struct zeek_row *row, enum zeek_field field, enum dns_flag flag)
{
    return log_text_is(row->field[field], "T") ? (uint16_t)flag : 0;
}

static bool number_of(const struct zeek_row *row, enum zeek_field field, uint16_t *ret)
{
    uint64_t value;
    if (!log_text_number(row->field[field], UINT16_MAX, &value))
        return false;
    *ret = (uint16_t)value;
    return true;
}

static enum log_verdict ends_read(const struct zeek_row *row, struct log_record *record)
{
    if (!log_text_addr(row->field[ZEEK_CLIENT], &record->client) ||
        !log_text_addr(row->field[ZEEK_SERVER], &record->server) ||
        !number_of(row, ZEEK_CLIENT_PORT, &record->client_port) ||
        !number_of(row, ZEEK_SERVER_PORT, &record->server_port))
        return LOG_REFUSED_ADDRESS;
    record->transport = log_json_transport(row->field[ZEEK_PROTO]);
    return LOG_TAKEN;
}

/* A response whose query was missed has no type: that of its last record will have been asked for.
 */
static bool qtype_guess(const struct zeek_row *row, struct log_record *record)
{
    struct addr addr;
    if (row->answer_count == 0 || row->field[ZEEK_RCODE].len == 0)
        return false;
    struct log_text last = row->answers[row->answer_count - 1];
    record->halves = 0;
    record->qtype = log_answer_type(DNS_TYPE_A, last);
    return log_text_addr(last, &addr);
}

static enum log_verdict row_tell(struct log_context *context, const struct zeek_row *row)
{
    struct zeek *zeek = context->state;
    struct log_record *record = &context->record;
    struct log_text time = row->field[ZEEK_TIME];
    int64_t time_ns, rtt_ns;
    if (!log_time_read(&context->clock, &time, &time_ns))
        return time.len ? LOG_REFUSED_TIME : LOG_REFUSED_CUT;
    log_record_begin(record, LOG_QUERY, time_ns);
    enum log_verdict verdict = ends_read(row, record);
    if (verdict != LOG_TAKEN || row->field[ZEEK_QUERY].len == 0)
        return verdict != LOG_TAKEN ? verdict : LOG_OTHER;
    record->has_id = number_of(row, ZEEK_ID, &record->id);
    record->qname = log_told_name(&zeek->told, row->field[ZEEK_QUERY]);
    record->query_flags = flag_of(row, ZEEK_RD, DNS_FLAG_RD);
    if (row->field[ZEEK_QTYPE].len == 0 && !qtype_guess(row, record))
        return LOG_OTHER;
    if (row->field[ZEEK_QTYPE].len && !number_of(row, ZEEK_QTYPE, &record->qtype))
        return LOG_REFUSED_TYPE;
    number_of(row, ZEEK_QCLASS, &record->qclass);
    if (number_of(row, ZEEK_RCODE, &record->rcode)) {
        record->halves |= LOG_RESPONSE;
        record->response_flags = record->query_flags | flag_of(row, ZEEK_AA, DNS_FLAG_AA) |
                                 flag_of(row, ZEEK_TC, DNS_FLAG_TC) |
                                 flag_of(row, ZEEK_RA, DNS_FLAG_RA);
        if (seconds_read(row->field[ZEEK_RTT], &rtt_ns))
            record->response_time_ns = time_ns + rtt_ns;
        response_read(zeek, row, record);
    }
    return log_give(&context->sink, record);
}

static enum log_verdict json_read(struct log_context *context, struct log_text line)
{
    struct zeek_row row = {.answer_count = 0};
    json_t *root = log_json_read(line);
    if (!root)
        return LOG_REFUSED_FORM;
    json_split(context->state, root, &row);
    enum log_verdict verdict = row_tell(context, &row);
    json_decref(root);
    return verdict;
}

static enum log_verdict zeek_read(struct log_context *context, struct log_text line)
{
    struct zeek *zeek = context->state;
    struct zeek_row row;
    zeek->told.used = 0;
    if (log_text_begins(line, "{"))
        return json_read(context, line);
    if (log_text_begins(line, "#")) {
        heading_read(zeek, line);
        return LOG_OTHER;
    }
    if (!zeek->headed)
        usual_set(zeek);
    memset(row.field, 0, sizeof(row.field));
    tsv_split(zeek, line, &row);
    return row_tell(context, &row);
}

static unsigned zeek_recognise(struct log_text line)
{
    bool heading = log_text_begins(line, "#separator \\x") || log_text_begins(line, "#fields");
    bool object = log_json_has(line, "\"id.orig_h\"") && log_json_has(line, "\"uid\"");
    return heading || object ? LOG_SURE : 0;
}

const struct log_format_ops log_zeek_ops = {
    .state_bytes = sizeof(struct zeek),
    .recognise = zeek_recognise,
    .read = zeek_read,
};
