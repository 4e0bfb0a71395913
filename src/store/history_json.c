/* history_json.c - a row of the history as JSON
 * SPDX-License-Identifier: Apache-2.0 */
#include "store/history.h"

#include "base/clock.h"

#include <dnsvigil/name.h>
#include <dnsvigil/rrtype.h>

static void time_pair(struct json *json, const char *key, int64_t time_ns)
{
    char text[TIME_TEXT_MAX];
    time_format(time_ns, text);
    json_pair(json, key, text);
}

static void addr_pair(struct json *json, const char *key, const struct addr *addr)
{
    static const struct addr unknown;
    char text[ADDR_TEXT_MAX] = "";
    if (!addr_equal(addr, &unknown))
        addr_format(addr, text);
    json_pair_opt(json, key, text);
}

static void answers_write(const struct history_row *row, struct json *json)
{
    struct cursor cursor = cursor_of(row->answers, row->answers_len);
    char text[NAME_TEXT_MAX];
    struct answer answer;
    json_key(json, "answers");
    json_array_begin(json);
    while (answers_next(&cursor, &answer)) {
        answer_text(&answer, text);
        json_text(json, text);
    }
    json_array_end(json);
}

void history_row_to_json(const struct history_row *row, struct json *json)
{
    char scratch[RRTYPE_TEXT_MAX], text[NAME_TEXT_MAX];
    struct dns_name name;
    history_name(row, &name);
    name_to_text(&name, 0, text);
    time_pair(json, "first", row->first_ns);
    time_pair(json, "last", row->last_ns);
    json_pair_int(json, "count", (int64_t)row->count);
    if (row->further)
        json_pair_int(json, "further", (int64_t)row->further);
    addr_pair(json, "entity", &row->entity);
    addr_pair(json, "resolver", &row->resolver);
    json_pair(json, "name", text);
    json_pair(json, "qtype", rrtype_name(row->qtype, scratch));
    if (row->rcode != HISTORY_NO_RCODE)
        json_pair(json, "rcode", rcode_name(row->rcode, scratch));
    answers_write(row, json);
}
