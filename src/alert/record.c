/* record.c - the native record: one table of keys drives both the writer and the strict reader
 * SPDX-License-Identifier: Apache-2.0 */
#include "alert/record.h"
#include "alert/render.h"
#include "alert/response.h"
#include "base/clock.h"

#include <dnsvigil/rrtype.h>

#include <errno.h>
#include <jansson.h>
#include <string.h>

struct shape;

/* One key of an object. `at` below is the address of the field: base + offset. */
struct field {
    const char *key;
    const struct kind *kind;
    uint16_t offset;
    uint16_t size;             /* of the whole field in bytes */
    bool required;             /* always written and asked for; else left out while unknown */
    const struct shape *shape; /* of the object or of each element */
    uint16_t presence; /* offset of the list's count or the object's flag, one byte; 0: none */
};

struct shape {
    const struct field *fields;
    size_t count;
    size_t bytes; /* distance from one element of a list to the next */
};

#define SHAPE(list, type)                                                                          \
    {                                                                                              \
        list, sizeof(list) / sizeof((list)[0]), sizeof(type)                                       \
    }

struct record {
    struct json *json;
    const struct alert *alert;
    enum language language;
};

/* How one sort of value is written and read. */
struct kind {
    bool (*known)(const struct field *field, const void *base);
    void (*write)(const struct record *record, const struct field *field, const void *base);
    /* False when the value is not one of this kind; NULL: derived, not read back. */
    bool (*read)(const json_t *value, const struct field *field, void *at);
    const char *expects;
    unsigned count; /* of a vocabulary */
    const char *(*name)(unsigned value);
};

static void shape_write(const struct record *record, const struct shape *shape, const void *base);
static int shape_read(const json_t *object, const struct shape *shape, void *base,
                      struct error *error);

static const void *field_at(const struct field *field, const void *base)
{
    return (const uint8_t *)base + field->offset;
}

static uint8_t presence_of(const struct field *field, const void *base)
{
    return ((const uint8_t *)base)[field->presence];
}

/* A field of zero bytes is unknown: an empty text, a zero time, a zero count. */
static bool known_nonzero(const struct field *field, const void *base)
{
    static const uint8_t zero[sizeof(uint64_t)];
    size_t len = field->size < sizeof(zero) ? field->size : sizeof(zero);
    const uint8_t *at = field_at(field, base);
    return field->size > sizeof(zero) ? *at != 0 : memcmp(at, zero, len) != 0;
}

static bool known_always(const struct field *field, const void *base)
{
    (void)field, (void)base;
    return true;
}

/* Texts. */

static void text_write(const struct record *record, const struct field *field, const void *base)
{
    json_text(record->json, field_at(field, base));
}

static bool text_read(const json_t *value, const struct field *field, void *at)
{
    size_t len = json_string_length(value);
    if (!json_is_string(value) || len >= field->size || strlen(json_string_value(value)) != len)
        return false;
    memcpy(at, json_string_value(value), len + 1);
    return true;
}

static const struct kind kind_text = {known_nonzero, text_write, text_read, "a text that fits"};

/* Lines of one text, '\n' between them, as a list. */

static void lines_write(const struct record *record, const struct field *field, const void *base)
{
    json_array_begin(record->json);
    for (const char *line = field_at(field, base); *line;) {
        size_t len = strcspn(line, "\n");
        json_text_len(record->json, line, len);
        line += len + (line[len] == '\n');
    }
    json_array_end(record->json);
}

static bool lines_read(const json_t *value, const struct field *field, void *at)
{
    char *text = at;
    size_t used = 0, i;
    const json_t *line;
    if (!json_is_array(value))
        return false;
    json_array_foreach(value, i, line)
    {
        struct field rest = {.size = (uint16_t)(field->size - used)};
        if (!text_read(line, &rest, text + used) || strchr(text + used, '\n'))
            return false;
        used += strlen(text + used);
        text[used++] = '\n';
    }
    text[used ? used - 1 : 0] = 0;
    return true;
}

static const struct kind kind_lines = {known_nonzero, lines_write, lines_read,
                                       "a list of lines that fit"};

/* Numbers. The field's size tells its width. */

static uint64_t unsigned_at(const void *at, size_t size)
{
    switch (size) {
    case sizeof(uint8_t): return *(const uint8_t *)at;
    case sizeof(uint32_t): return *(const uint32_t *)at;
    default: return *(const uint64_t *)at;
    }
}

static void unsigned_write(const struct record *record, const struct field *field, const void *base)
{
    json_int(record->json, (int64_t)unsigned_at(field_at(field, base), field->size));
}

static bool unsigned_read(const json_t *value, const struct field *field, void *at)
{
    json_int_t number = json_integer_value(value);
    if (!json_is_integer(value) || number < 0)
        return false;
    if (field->size < sizeof(uint64_t) && number >= (json_int_t)1 << 8 * field->size)
        return false;
    memcpy(at, &number, field->size); /* little endian: the low bytes come first */
    return true;
}

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "unsigned_read() copies low bytes");

static const struct kind kind_unsigned = {known_nonzero, unsigned_write, unsigned_read,
                                          "a whole number in range"};

static void double_write(const struct record *record, const struct field *field, const void *base)
{
    json_number(record->json, *(const double *)field_at(field, base));
}

static bool double_read(const json_t *value, const struct field *field, void *at)
{
    (void)field;
    *(double *)at = json_number_value(value);
    return json_is_number(value);
}

static const struct kind kind_double = {known_nonzero, double_write, double_read, "a number"};

static void flag_write(const struct record *record, const struct field *field, const void *base)
{
    json_bool(record->json, *(const bool *)field_at(field, base));
}

static bool flag_read(const json_t *value, const struct field *field, void *at)
{
    (void)field;
    *(bool *)at = json_is_true(value);
    return json_is_boolean(value);
}

/* Written only where it is true. */
static const struct kind kind_mark = {known_nonzero, flag_write, flag_read, "true or false"};
static const struct kind kind_flag = {known_always, flag_write, flag_read, "true or false"};

static void time_write(const struct record *record, const struct field *field, const void *base)
{
    char text[TIME_TEXT_MAX];
    time_format(*(const int64_t *)field_at(field, base), text);
    json_text(record->json, text);
}

static bool time_read(const json_t *value, const struct field *field, void *at)
{
    (void)field;
    return json_is_string(value) && time_parse(json_string_value(value), at) == 0;
}

static const struct kind kind_time = {known_nonzero, time_write, time_read,
                                      "a time as in 2026-01-31T23:59:59.123456Z"};

static void qtype_write(const struct record *record, const struct field *field, const void *base)
{
    char scratch[RRTYPE_TEXT_MAX];
    json_text(record->json, rrtype_name(*(const uint16_t *)field_at(field, base), scratch));
}

static bool qtype_read(const json_t *value, const struct field *field, void *at)
{
    (void)field;
    int type = json_is_string(value) ? rrtype_parse(json_string_value(value)) : -1;
    *(uint16_t *)at = (uint16_t)type;
    return type >= 0;
}

static const struct kind kind_qtype = {known_always, qtype_write, qtype_read, "a record type"};

static bool rcode_known(const struct field *field, const void *base)
{
    return *(const int32_t *)field_at(field, base) >= 0;
}

static void rcode_write(const struct record *record, const struct field *field, const void *base)
{
    char scratch[RRTYPE_TEXT_MAX];
    uint16_t rcode = (uint16_t) * (const int32_t *)field_at(field, base);
    json_text(record->json, rcode_name(rcode, scratch));
}

/* An absent rcode is read as NULL: there was no response. */
static bool rcode_read(const json_t *value, const struct field *field, void *at)
{
    (void)field;
    *(int32_t *)at = json_is_string(value) ? rcode_parse(json_string_value(value)) : -1;
    return !value || *(int32_t *)at >= 0;
}

static const struct kind kind_rcode = {rcode_known, rcode_write, rcode_read, "a response code"};

/* Words of a closed vocabulary, kept as their number. */

static void word_write(const struct record *record, const struct field *field, const void *base)
{
    json_text(record->json, field->kind->name(*(const uint8_t *)field_at(field, base)));
}

static bool word_read(const json_t *value, const struct field *field, void *at)
{
    for (unsigned i = 0; json_is_string(value) && i < field->kind->count; i++) {
        if (strcmp(field->kind->name(i), json_string_value(value)) == 0) {
            *(uint8_t *)at = (uint8_t)i;
            return true;
        }
    }
    return false;
}

static const char *severity_name(unsigned value)
{
    return severity_names[value][LANGUAGE_EN];
}

static const char *status_name(unsigned value)
{
    return alert_status_names[value][LANGUAGE_EN];
}

static const char *disposition_name(unsigned value)
{
    return disposition_names[value][LANGUAGE_EN];
}

static const char *feedback_name(unsigned value)
{
    return feedback_names[value][LANGUAGE_EN];
}

static const char *contact_name(unsigned value)
{
    return contact_names[value][LANGUAGE_EN];
}

static const char *detector_name(unsigned value)
{
    return detector_rows[value].slug;
}

static const char *reason_name(unsigned value)
{
    return reason_rows[value].slug;
}

static const char *match_field_name(unsigned value)
{
    static const char *const names[MATCH_FIELD_COUNT] = {
        [MATCH_QNAME] = "qname", [MATCH_ADDRESS] = "address", [MATCH_CNAME] = "cname",
        [MATCH_NS] = "ns",       [MATCH_SOA] = "soa",
    };
    return names[value];
}

static const char *anomaly_name(unsigned value)
{
    return anomaly_rows[value].slug;
}

#define KIND_WORD(words_count, words_name)                                                         \
    {                                                                                              \
        known_nonzero, word_write, word_read, "a word of its vocabulary", words_count, words_name  \
    }

static const struct kind kind_severity = KIND_WORD(SEVERITY_COUNT, severity_name);
static const struct kind kind_status = KIND_WORD(ALERT_STATUS_COUNT, status_name);
static const struct kind kind_disposition = KIND_WORD(DISPOSITION_COUNT, disposition_name);
static const struct kind kind_feedback = KIND_WORD(FEEDBACK_COUNT, feedback_name);
static const struct kind kind_contact = KIND_WORD(CONTACT_COUNT, contact_name);
static const struct kind kind_detector = KIND_WORD(DETECTOR_COUNT, detector_name);
static const struct kind kind_reason = KIND_WORD(REASON_COUNT, reason_name);
static const struct kind kind_anomaly = KIND_WORD(ANOMALY_COUNT, anomaly_name);
static const struct kind kind_match_field = KIND_WORD(MATCH_FIELD_COUNT, match_field_name);

/* Objects and lists of objects. */

static bool object_known(const struct field *field, const void *base)
{
    if (field->presence)
        return presence_of(field, base) > 0;
    const void *at = field_at(field, base);
    for (size_t i = 0; i < field->shape->count; i++)
        if (field->shape->fields[i].kind->known(&field->shape->fields[i], at))
            return true;
    return false;
}

static void object_write(const struct record *record, const struct field *field, const void *base)
{
    shape_write(record, field->shape, field_at(field, base));
}

static const struct kind kind_object = {object_known, object_write, NULL, "an object"};

static void list_write(const struct record *record, const struct field *field, const void *base)
{
    const uint8_t *at = field_at(field, base);
    json_array_begin(record->json);
    for (unsigned i = 0; i < presence_of(field, base); i++)
        shape_write(record, field->shape, at + i * field->shape->bytes);
    json_array_end(record->json);
}

static const struct kind kind_list = {object_known, list_write, NULL, "a list of objects"};

/* Lists of numbers. */

static void numbers_write(const struct record *record, const struct field *field, const void *base)
{
    const double *numbers = field_at(field, base);
    json_array_begin(record->json);
    for (unsigned i = 0; i < presence_of(field, base); i++)
        json_number(record->json, numbers[i]);
    json_array_end(record->json);
}

static bool numbers_read(const json_t *value, const struct field *field, void *at)
{
    double *numbers = at;
    size_t i;
    const json_t *number;
    if (!json_is_array(value) || json_array_size(value) > field->size / sizeof(double))
        return false;
    json_array_foreach(value, i, number)
    {
        numbers[i] = json_number_value(number);
        if (!json_is_number(number))
            return false;
    }
    ((uint8_t *)at - field->offset)[field->presence] = (uint8_t)json_array_size(value);
    return true;
}

static bool numbers_known(const struct field *field, const void *base)
{
    return presence_of(field, base) > 0;
}

static const struct kind kind_numbers = {numbers_known, numbers_write, numbers_read,
                                         "a list of numbers that fits"};

/* Keys that follow from others: written for the reader's convenience. */

typedef void (*words_fn)(const struct alert *alert, enum language language, struct buf *buf);

static void words_write_in(const struct record *record, enum language language, words_fn words)
{
    struct buf buf;
    buf_init(&buf, ALERT_JSON_MAX_BYTES);
    words(record->alert, language, &buf);
    json_text_len(record->json, buf.data ? buf.data : "", buf.len);
    buf_done(&buf);
}

static void words_write(const struct record *record, words_fn words)
{
    words_write_in(record, record->language, words);
}

#define DERIVED(name)                                                                              \
    static void name##_write(const struct record *record, const struct field *, const void *);     \
    static const struct kind kind_##name = {known_always, name##_write, NULL, NULL};               \
    static void name##_write(const struct record *record,                                          \
                             const struct field *field __attribute__((unused)),                    \
                             const void *base __attribute__((unused)))

DERIVED(alert_type)
{
    json_text(record->json, detector_rows[record->alert->detector].alert_type);
}

DERIVED(title)
{
    words_write(record, alert_title);
}

DERIVED(description)
{
    words_write(record, alert_description);
}

DERIVED(summary)
{
    words_write(record, alert_summary);
}

DERIVED(benign_if)
{
    words_write(record, alert_benign_if);
}

DERIVED(anomaly_reference)
{
    json_text(record->json, anomaly_rows[record->alert->anomaly.code].reference);
}

DERIVED(anomaly_text)
{
    words_write_in(record, LANGUAGE_EN, alert_summary);
}

DERIVED(tactic)
{
    uint8_t tactic = detector_rows[record->alert->detector].tactic;
    json_text(record->json, tactic_names[tactic][LANGUAGE_EN]);
}

DERIVED(techniques)
{
    const char *id = detector_rows[record->alert->detector].techniques;
    json_array_begin(record->json);
    while (*id) {
        size_t len = strcspn(id, " ");
        json_text_len(record->json, id, len);
        id += len + (id[len] == ' ');
    }
    json_array_end(record->json);
}

static void compromised_words(const struct alert *alert, enum language language, struct buf *buf)
{
    (void)language;
    alert_compromised_entity(alert, buf);
}

DERIVED(compromised_entity)
{
    words_write(record, compromised_words);
}

static void response_step_write(struct json *json, enum response_step step)
{
    json_object_begin(json);
    json_pair(json, "id", response_steps[step].slug);
    json_pair(json, "text", response_steps[step].text[LANGUAGE_EN]);
    if (step == RESPONSE_STEP_MITIGATE) {
        json_key(json, "actions");
        json_array_begin(json);
        for (unsigned i = 0; i < RESPONSE_ACTION_COUNT; i++) {
            json_object_begin(json);
            json_pair(json, "id", response_actions[i].slug);
            json_pair(json, "text", response_actions[i].text[LANGUAGE_EN]);
            json_object_end(json);
        }
        json_array_end(json);
    }
    json_object_end(json);
}

DERIVED(steps)
{
    json_array_begin(record->json);
    for (unsigned i = 0; i < RESPONSE_STEP_COUNT; i++)
        response_step_write(record->json, i);
    json_array_end(record->json);
}

/* The keys, in the order they are written. */

#define FIELD(type, name, member, kind_, ...)                                                      \
    {                                                                                              \
        .key = name, .kind = &kind_, .offset = offsetof(type, member),                             \
        .size = sizeof(((type *)0)->member), __VA_ARGS__                                           \
    }
#define REQUIRED .required = true
#define DERIVE(name, kind_)                                                                        \
    {                                                                                              \
        .key = name, .kind = &kind_, .required = true                                              \
    }
/* An object whose members lie in the surrounding struct itself. */
#define GROUP(name, shape_, ...)                                                                   \
    {                                                                                              \
        .key = name, .kind = &kind_object, .shape = &shape_, __VA_ARGS__                           \
    }

#define F(name, member, kind_, ...) FIELD(struct alert, name, member, kind_, __VA_ARGS__)
#define FEATURE(name, member, kind_, ...)                                                          \
    FIELD(struct alert_feature, name, member, kind_, __VA_ARGS__)
#define SAMPLE(name, member, kind_, ...)                                                           \
    FIELD(struct alert_sample, name, member, kind_, __VA_ARGS__)
#define ANOMALY(name, member, kind_, ...)                                                          \
    FIELD(struct alert_anomaly, name, member, kind_, __VA_ARGS__)
#define TUNNEL(name, member, kind_, ...)                                                           \
    FIELD(struct alert_tunnel, name, member, kind_, __VA_ARGS__)
#define POINT(name, member, kind_, ...) FIELD(struct alert_point, name, member, kind_, __VA_ARGS__)
#define RANDOM(name, member, kind_, ...)                                                           \
    FIELD(struct alert_random, name, member, kind_, __VA_ARGS__)
#define LOOKALIKE(name, member, kind_, ...)                                                        \
    FIELD(struct alert_lookalike, name, member, kind_, __VA_ARGS__)
#define BURST(name, member, kind_, ...) FIELD(struct alert_burst, name, member, kind_, __VA_ARGS__)
#define PIECE(name, member, kind_, ...) FIELD(struct alert_piece, name, member, kind_, __VA_ARGS__)
#define SIGNATURE(name, member, kind_, ...)                                                        \
    FIELD(struct alert_signature, name, member, kind_, __VA_ARGS__)
#define INDICATOR(name, member, kind_, ...)                                                        \
    FIELD(struct alert_indicator, name, member, kind_, __VA_ARGS__)

static const struct field entity_fields[] = {
    F("ip", entity_ip, kind_text, REQUIRED), F("name", entity_name, kind_text),
    F("owner", entity_owner, kind_text),     F("email", entity_email, kind_text),
    F("tags", entity_tags, kind_lines),
};
static const struct shape entity_shape = SHAPE(entity_fields, struct alert);

static const struct field resolver_fields[] = {
    F("ip", resolver_ip, kind_text),
};
static const struct shape resolver_shape = SHAPE(resolver_fields, struct alert);

static const struct field feature_fields[] = {
    FEATURE("name", name, kind_text, REQUIRED),
    FEATURE("value", value, kind_double, REQUIRED),
    FEATURE("threshold", threshold, kind_double, REQUIRED),
    FEATURE("unit", unit, kind_text),
};
static const struct shape feature_shape = SHAPE(feature_fields, struct alert_feature);

static const struct field sample_fields[] = {
    SAMPLE("time", time_ns, kind_time, REQUIRED), SAMPLE("qname", qname, kind_text, REQUIRED),
    SAMPLE("qtype", qtype, kind_qtype, REQUIRED), SAMPLE("rcode", rcode, kind_rcode),
    SAMPLE("answers", answers, kind_lines),
};
static const struct shape sample_shape = SHAPE(sample_fields, struct alert_sample);

static const struct field indicator_fields[] = {
    INDICATOR("feed", feed, kind_text, REQUIRED),
    INDICATOR("entry", entry, kind_text),
    INDICATOR("category", category, kind_text, REQUIRED),
    INDICATOR("confidence", confidence, kind_unsigned, REQUIRED),
    INDICATOR("matched", matched, kind_text),
    INDICATOR("field", field, kind_match_field, REQUIRED),
};
static const struct shape indicator_shape = SHAPE(indicator_fields, struct alert_indicator);

static const struct field anomaly_fields[] = {
    ANOMALY("code", code, kind_anomaly, REQUIRED),
    DERIVE("reference", kind_anomaly_reference),
    DERIVE("text", kind_anomaly_text),
    ANOMALY("protocol", protocol, kind_text),
    ANOMALY("side", side, kind_text, REQUIRED),
    ANOMALY("header", header, kind_text),
    ANOMALY("bytes", bytes, kind_unsigned, REQUIRED),
    ANOMALY("damage_at", damage_at, kind_unsigned),
    ANOMALY("start", start, kind_text),
};
static const struct shape anomaly_shape = SHAPE(anomaly_fields, struct alert_anomaly);

static const struct field point_fields[] = {
    POINT("time", time_ns, kind_time, REQUIRED),
    POINT("bytes_up", bytes_up, kind_double, REQUIRED),
    POINT("bytes_down", bytes_down, kind_double, REQUIRED),
};
static const struct shape point_shape = SHAPE(point_fields, struct alert_point);

static const struct field tunnel_fields[] = {
    TUNNEL("bytes_up", bytes_up, kind_double, REQUIRED),
    TUNNEL("bytes_down", bytes_down, kind_double, REQUIRED),
    TUNNEL("queries", queries, kind_unsigned, REQUIRED),
    TUNNEL("unique_names", unique_names, kind_unsigned, REQUIRED),
    TUNNEL("first_seen", first_ns, kind_time),
    TUNNEL("rate", bytes_per_s, kind_double),
    TUNNEL("interval_s", interval_s, kind_double),
    TUNNEL("qtype", qtype, kind_qtype, REQUIRED),
    TUNNEL("label_max", label_max, kind_unsigned),
    TUNNEL("encoding", encoding, kind_text),
    TUNNEL("tool", tool, kind_text),
    TUNNEL("decoded", decoded, kind_text),
    TUNNEL("points", points, kind_list, .shape = &point_shape,
           .presence = offsetof(struct alert_tunnel, point_count)),
};
static const struct shape tunnel_shape = SHAPE(tunnel_fields, struct alert_tunnel);

static const struct field piece_fields[] = {
    PIECE("text", text, kind_text, REQUIRED),
    PIECE("weight", weight, kind_double, REQUIRED),
};
static const struct shape piece_shape = SHAPE(piece_fields, struct alert_piece);

static const struct field random_fields[] = {
    RANDOM("score", score, kind_double, REQUIRED),
    RANDOM("benign_share", benign_share, kind_double, REQUIRED),
    RANDOM("more_domains", more_domains, kind_unsigned),
    RANDOM("pieces", pieces, kind_list, .shape = &piece_shape,
           .presence = offsetof(struct alert_random, piece_count)),
};
static const struct shape random_shape = SHAPE(random_fields, struct alert_random);

static const struct field burst_fields[] = {
    BURST("names", names, kind_unsigned, REQUIRED),
    BURST("nxdomain_share", nxdomain_share, kind_double, REQUIRED),
    BURST("window_s", window_s, kind_double, REQUIRED),
    BURST("mean_score", mean_score, kind_double, REQUIRED),
    BURST("length_stddev", length_stddev, kind_double, REQUIRED),
    BURST("tlds", tlds, kind_unsigned, REQUIRED),
    BURST("samples", samples, kind_lines, REQUIRED),
    BURST("scores", scores, kind_numbers, .presence = offsetof(struct alert_burst, score_count)),
    BURST("resolved", resolved, kind_lines),
};
static const struct shape burst_shape = SHAPE(burst_fields, struct alert_burst);

static const struct field lookalike_fields[] = {
    LOOKALIKE("brand", brand, kind_text),
    LOOKALIKE("technique", technique, kind_text, REQUIRED),
    LOOKALIKE("skeleton", skeleton, kind_text, REQUIRED),
    LOOKALIKE("distance", distance, kind_unsigned, REQUIRED),
    LOOKALIKE("signs", signs, kind_lines),
};
static const struct shape lookalike_shape = SHAPE(lookalike_fields, struct alert_lookalike);

static const struct field signature_fields[] = {
    SIGNATURE("gid", gid, kind_unsigned, REQUIRED),
    SIGNATURE("sid", sid, kind_unsigned, REQUIRED),
    SIGNATURE("rev", rev, kind_unsigned, REQUIRED),
    SIGNATURE("msg", msg, kind_text),
    SIGNATURE("classtype", classtype, kind_text),
    SIGNATURE("place", place, kind_text, REQUIRED),
    SIGNATURE("text", text, kind_text),
    SIGNATURE("side", side, kind_text, REQUIRED),
    SIGNATURE("matched", matched, kind_lines),
    SIGNATURE("references", references, kind_lines),
    SIGNATURE("tactics", tactics, kind_lines),
    SIGNATURE("techniques", techniques, kind_lines),
    SIGNATURE("others", others, kind_lines),
};
static const struct shape signature_shape = SHAPE(signature_fields, struct alert_signature);

static const struct field evidence_fields[] = {
    DERIVE("summary", kind_summary),
    F("reason", reason, kind_reason, REQUIRED),
    F("confidence", confidence, kind_unsigned, REQUIRED),
    F("features", features, kind_list, .shape = &feature_shape,
      .presence = offsetof(struct alert, feature_count)),
    F("samples", samples, kind_list, .shape = &sample_shape,
      .presence = offsetof(struct alert, sample_count)),
    F("indicator", indicator, kind_object, .shape = &indicator_shape,
      .presence = offsetof(struct alert, has_indicator)),
    F("anomaly", anomaly, kind_object, .shape = &anomaly_shape,
      .presence = offsetof(struct alert, has_anomaly)),
    F("tunnel", tunnel, kind_object, .shape = &tunnel_shape,
      .presence = offsetof(struct alert, has_tunnel)),
    F("lookalike", lookalike, kind_object, .shape = &lookalike_shape,
      .presence = offsetof(struct alert, has_lookalike)),
    F("random", random, kind_object, .shape = &random_shape,
      .presence = offsetof(struct alert, has_random)),
    F("burst", burst, kind_object, .shape = &burst_shape,
      .presence = offsetof(struct alert, has_burst)),
    F("rule", signature, kind_object, .shape = &signature_shape,
      .presence = offsetof(struct alert, has_signature)),
    DERIVE("benign_if", kind_benign_if),
};
static const struct shape evidence_shape = SHAPE(evidence_fields, struct alert);

static const struct field prevalence_fields[] = {
    F("clients", prevalence_clients, kind_unsigned),
    F("first_seen", prevalence_first_ns, kind_time),
    F("last_seen", prevalence_last_ns, kind_time),
    F("new_in", prevalence_new_in, kind_text),
};
static const struct shape prevalence_shape = SHAPE(prevalence_fields, struct alert);

static const struct field feedback_fields[] = {
    F("value", feedback, kind_feedback),
    F("reason", feedback_reason, kind_text),
};
static const struct shape feedback_shape = SHAPE(feedback_fields, struct alert);

static const struct field contact_fields[] = {
    F("state", contact, kind_contact),
};
static const struct shape contact_shape = SHAPE(contact_fields, struct alert);

#define ACTION(name, member, kind_, ...)                                                           \
    FIELD(struct alert_action, name, member, kind_, __VA_ARGS__)
static const struct field action_fields[] = {
    ACTION("id", id, kind_text, REQUIRED),
    ACTION("state", state, kind_text, REQUIRED),
    ACTION("by", by, kind_text),
    ACTION("at", at_ns, kind_time),
};
static const struct shape action_shape = SHAPE(action_fields, struct alert_action);

static const struct field response_fields[] = {
    DERIVE("steps", kind_steps),
    GROUP("contact", contact_shape),
    F("compromised", compromised, kind_mark),
    F("actions", actions, kind_list, .shape = &action_shape,
      .presence = offsetof(struct alert, action_count)),
};
static const struct shape response_shape = SHAPE(response_fields, struct alert);

static const struct field alert_fields[] = {
    F("id", id, kind_text, REQUIRED),
    F("revision", revision, kind_unsigned, REQUIRED),
    DERIVE("alert_type", kind_alert_type),
    F("detector", detector, kind_detector, REQUIRED),
    DERIVE("title", kind_title),
    DERIVE("description", kind_description),
    F("severity", severity, kind_severity, REQUIRED),
    DERIVE("tactic", kind_tactic),
    DERIVE("techniques", kind_techniques),
    F("status", status, kind_status, REQUIRED),
    F("disposition", disposition, kind_disposition),
    F("assignee", assignee, kind_text),
    F("suppressed_by", suppressed_by, kind_text),
    GROUP("feedback", feedback_shape),
    F("incidents", incident_id, kind_lines),
    F("sample", sample, kind_mark),
    F("preview", preview, kind_flag, REQUIRED),
    F("start", start_ns, kind_time, REQUIRED),
    F("end", end_ns, kind_time, REQUIRED),
    F("generated", generated_ns, kind_time),
    F("count", count, kind_unsigned, REQUIRED),
    F("sensor", sensor, kind_text),
    DERIVE("compromised_entity", kind_compromised_entity),
    GROUP("entity", entity_shape, REQUIRED),
    GROUP("resolver", resolver_shape),
    F("domain", domain, kind_text),
    F("qname", qname, kind_text),
    GROUP("evidence", evidence_shape, REQUIRED),
    GROUP("prevalence", prevalence_shape),
    F("is_incident", is_incident, kind_flag, REQUIRED),
    F("correlation_key", correlation_key, kind_text),
    F("retroactive", retroactive, kind_flag, REQUIRED),
    GROUP("response", response_shape, REQUIRED),
};
static const struct shape alert_shape = SHAPE(alert_fields, struct alert);

static void shape_write(const struct record *record, const struct shape *shape, const void *base)
{
    json_object_begin(record->json);
    for (size_t i = 0; i < shape->count; i++) {
        const struct field *field = &shape->fields[i];
        if (!field->required && !field->kind->known(field, base))
            continue;
        json_key(record->json, field->key);
        field->kind->write(record, field, base);
    }
    json_object_end(record->json);
}

void alert_to_json(const struct alert *alert, enum language language, struct json *json)
{
    struct record record = {.json = json, .alert = alert, .language = language};
    shape_write(&record, &alert_shape, alert);
}

static int list_read(const json_t *list, const struct field *field, uint8_t *base,
                     struct error *error)
{
    size_t i, max = field->size / field->shape->bytes;
    const json_t *element;
    if (!json_is_array(list) || json_array_size(list) > max)
        return error_set(error, -EBADMSG, ": not a list of at most %zu objects", max);
    json_array_foreach(list, i, element)
    {
        void *at = base + field->offset + i * field->shape->bytes;
        int r = shape_read(element, field->shape, at, error);
        if (r < 0) {
            error_prefix(error, "[%zu]", i);
            return r;
        }
    }
    base[field->presence] = (uint8_t)json_array_size(list);
    return 0;
}

static int field_read(const json_t *value, const struct field *field, uint8_t *base,
                      struct error *error)
{
    if (field->kind == &kind_list)
        return list_read(value, field, base, error);
    if (field->kind == &kind_object) {
        if (field->presence)
            base[field->presence] = true;
        return shape_read(value, field->shape, base + field->offset, error);
    }
    if (field->kind->read && !field->kind->read(value, field, base + field->offset))
        return error_set(error, -EBADMSG, ": not %s", field->kind->expects);
    return 0;
}

static bool shape_has(const struct shape *shape, const char *key)
{
    for (size_t i = 0; i < shape->count; i++)
        if (strcmp(shape->fields[i].key, key) == 0)
            return true;
    return false;
}

static int unknown_key_check(const json_t *object, const struct shape *shape, struct error *error)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)object, key, value)
    {
        if (!shape_has(shape, key))
            return error_set(error, -EBADMSG, ".%s: not a key of this record", key);
    }
    return 0;
}

static int shape_read(const json_t *object, const struct shape *shape, void *base,
                      struct error *error)
{
    if (!json_is_object(object))
        return error_set(error, -EBADMSG, ": not an object");
    int r = unknown_key_check(object, shape, error);
    for (size_t i = 0; r == 0 && i < shape->count; i++) {
        const struct field *field = &shape->fields[i];
        const json_t *value = json_object_get(object, field->key);
        if (!value && field->required)
            return error_set(error, -EBADMSG, ".%s: missing", field->key);
        if (!value && field->kind != &kind_rcode)
            continue;
        r = field_read(value, field, base, error);
        if (r < 0)
            error_prefix(error, ".%s", field->key);
    }
    return r;
}

int alert_from_json(const char *text, size_t len, struct alert *ret_alert, struct error *error)
{
    json_error_t where;
    json_t *root = json_loadb(text, len, JSON_REJECT_DUPLICATES, &where);
    if (!root)
        return error_set(error, -EBADMSG, "alert record: %s at byte %d", where.text,
                         where.position);
    struct alert alert = {0};
    int r = shape_read(root, &alert_shape, &alert, error);
    json_decref(root);
    if (r < 0) {
        error_prefix(error, "alert record");
        return r;
    }
    *ret_alert = alert;
    return 0;
}
