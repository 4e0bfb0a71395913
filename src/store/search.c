/* search.c - what of an alert is kept beside it so that filters and searches find it by an index
 * SPDX-License-Identifier: Apache-2.0 */
#include "store/search.h"
#include "store/handle.h"

#include "alert/record.h"
#include "base/json.h"
#include "base/utf8.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { MATCH_TRIGRAMS_MAX = 16 };

/* Each character costs: what stands there already, as a domain does in a name below it, is found
 * there. */
static void lower_append(struct buf *buf, const char *text)
{
    if (!*text || (buf->data && strcasestr(buf->data, text)))
        return;
    for (; *text; text++)
        buf_char(buf, (char)tolower((unsigned char)*text));
    buf_char(buf, '\n');
}

/* What the answers say, without the names, times and types before it: each character costs. */
static void answers_append(struct buf *buf, const char *answers)
{
    enum { FIELDS_BEFORE_DATA = 4 };
    while (*answers) {
        size_t len = strcspn(answers, "\n"), at = 0;
        for (unsigned i = 0; i < FIELDS_BEFORE_DATA && at < len; i++)
            at += strcspn(answers + at, " \n") + 1;
        for (; at < len; at++)
            buf_char(buf, (char)tolower((unsigned char)answers[at]));
        buf_char(buf, '\n');
        answers += len + (answers[len] == '\n');
    }
}

void search_text(const struct alert *alert, struct buf *buf)
{
    const char *const texts[] = {
        alert->id,
        alert->entity_name,
        alert->entity_ip,
        alert->qname,
        alert->domain,
        alert->indicator.feed,
        alert->indicator.entry,
        alert->indicator.matched,
        alert->signature.msg,
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        lower_append(buf, texts[i]);
    for (unsigned i = 0; i < alert->sample_count; i++) {
        lower_append(buf, alert->samples[i].qname);
        answers_append(buf, alert->samples[i].answers);
    }
}

static void key_add(struct json *json, const char *kind, const char *text, size_t len)
{
    char key[ALERT_TEXT_MAX + 8];
    int key_len = snprintf(key, sizeof(key), "%s:%.*s", kind, (int)len, text);
    if (len > 0 && (size_t)key_len < sizeof(key))
        json_text_len(json, key, (size_t)key_len);
}

/* The words of answers in presentation form that are addresses. */
static void answers_add(struct json *json, const char *answers)
{
    for (const char *at = answers; *at;) {
        char text[ADDR_TEXT_MAX];
        struct addr addr;
        size_t len = strcspn(at, " \n");
        if (len < sizeof(text) && strcspn(at, ".:") < len && addr_parse(at, len, &addr)) {
            size_t text_len = addr_format(&addr, text);
            key_add(json, "ip", text, text_len);
        }
        at += len + (at[len] != 0);
    }
}

void search_keys(const struct alert *alert, struct buf *buf)
{
    struct json json = json_writer(buf);
    json_array_begin(&json);
    for (const char *tag = alert->entity_tags; *tag;) {
        size_t len = strcspn(tag, "\n");
        key_add(&json, "tag", tag, len);
        tag += len + (tag[len] == '\n');
    }
    key_add(&json, "ip", alert->entity_ip, strlen(alert->entity_ip));
    key_add(&json, "ip", alert->resolver_ip, strlen(alert->resolver_ip));
    for (unsigned i = 0; i < alert->sample_count; i++)
        answers_add(&json, alert->samples[i].answers);
    json_array_end(&json);
}

void search_reverse(const char *name, struct buf *buf)
{
    for (size_t i = strlen(name); i > 0; i--)
        buf_char(buf, name[i - 1]);
    buf_text(buf, "");
}

/* One trigram as a string of its own: whatever is in it is text and no operator. */
static void trigram_append(struct buf *buf, const char *text, size_t len)
{
    buf_text(buf, buf->len ? " AND \"" : "\"");
    for (size_t i = 0; i < len; i++) {
        buf_char(buf, text[i]);
        if (text[i] == '"')
            buf_char(buf, '"');
    }
    buf_char(buf, '"');
}

bool search_match(const char *text, struct buf *buf)
{
    size_t starts[ALERT_TEXT_MAX + 1], count = 0, at = 0, len = strlen(text);
    uint32_t code;
    while (at < len && count < ALERT_TEXT_MAX) {
        size_t step = utf8_decode((const uint8_t *)text + at, len - at, &code);
        if (step == 0)
            return false;
        starts[count++] = at;
        at += step;
    }
    starts[count] = at;
    if (count < 3)
        return false;
    size_t trigrams = count - 2;
    size_t every = (trigrams + MATCH_TRIGRAMS_MAX - 1) / MATCH_TRIGRAMS_MAX;
    for (size_t i = 0; i < trigrams; i += every)
        trigram_append(buf, text + starts[i], starts[i + 3] - starts[i]);
    return true;
}

/* The same for SQL, for the step of the schema that fills the tables from records. */

static void result_give(sqlite3_context *context, struct buf *buf)
{
    sqlite3_result_text(context, buf->data ? buf->data : "", (int)buf->len, SQLITE_TRANSIENT);
    buf_done(buf);
}

static void reverse_in_sql(sqlite3_context *context, int count, sqlite3_value **values)
{
    (void)count;
    struct buf buf;
    const char *name = (const char *)sqlite3_value_text(values[0]);
    buf_init(&buf, NAME_TEXT_MAX);
    search_reverse(name ? name : "", &buf);
    result_give(context, &buf);
}

static void from_record(sqlite3_context *context, sqlite3_value *record, size_t max_bytes,
                        void (*append)(const struct alert *alert, struct buf *buf))
{
    struct alert alert;
    struct error error;
    struct buf buf;
    const char *text = (const char *)sqlite3_value_text(record);
    size_t len = (size_t)sqlite3_value_bytes(record);
    if (!text || alert_from_json(text, len, &alert, &error) < 0) {
        sqlite3_result_error(context, text ? error.text : "an alert has no record", -1);
        return;
    }
    buf_init(&buf, max_bytes);
    append(&alert, &buf);
    result_give(context, &buf);
}

static void text_in_sql(sqlite3_context *context, int count, sqlite3_value **values)
{
    (void)count;
    from_record(context, values[0], SEARCH_TEXT_MAX_BYTES, search_text);
}

static void keys_in_sql(sqlite3_context *context, int count, sqlite3_value **values)
{
    (void)count;
    from_record(context, values[0], SEARCH_KEYS_MAX_BYTES, search_keys);
}

int search_functions_add(struct store *store, struct error *error)
{
    static const struct {
        const char *name;
        void (*call)(sqlite3_context *, int, sqlite3_value **);
    } functions[] = {
        {"name_reverse", reverse_in_sql},
        {"search_text", text_in_sql},
        {"search_keys", keys_in_sql},
    };
    int rc = SQLITE_OK;
    for (size_t i = 0; rc == SQLITE_OK && i < sizeof(functions) / sizeof(functions[0]); i++)
        rc = sqlite3_create_function(store->db, functions[i].name, 1,
                                     SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY, NULL,
                                     functions[i].call, NULL, NULL);
    return rc == SQLITE_OK ? 0 : store_failure(store, rc, "preparing its functions", error);
}
