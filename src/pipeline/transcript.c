/* transcript.c - transactions as lines of our own log, for other programs and to be analysed again
 * SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/transcript.h"

#include "base/clock.h"
#include "base/json.h"
#include "decode/rdata.h"

#include <dnsvigil/name.h>

#include <string.h>

enum { DATA_BYTES_MAX = 3 * UINT16_MAX, TEXT_RDATA_MAX = RDATA_SHOWN_MAX / 4 };

static void time_write(struct json *json, const char *key, int64_t time_ns)
{
    char text[TIME_TEXT_MAX];
    time_format(time_ns, text);
    json_pair(json, key, text);
}

static void end_write(struct json *json, const char *address, const char *port,
                      const struct addr *addr, uint16_t number)
{
    char text[ADDR_TEXT_MAX];
    addr_format(addr, text);
    json_pair(json, address, text);
    json_pair_int(json, port, number);
}

static void flags_write(struct json *json, const char *key, uint16_t flags)
{
    static const struct {
        const char *name;
        uint16_t flag;
    } rows[] = {{"AA", DNS_FLAG_AA}, {"TC", DNS_FLAG_TC}, {"RD", DNS_FLAG_RD},
                {"RA", DNS_FLAG_RA}, {"AD", DNS_FLAG_AD}, {"CD", DNS_FLAG_CD}};
    json_key(json, key);
    json_array_begin(json);
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        if (flags & rows[i].flag)
            json_text(json, rows[i].name);
    json_array_end(json);
}

/* \# LENGTH HEX (RFC 3597 5) */
static void generic_write(const struct dns_message *message, const struct dns_record *record,
                          struct buf *data)
{
    buf_printf(data, "\\# %u ", record->rdata_len);
    for (unsigned i = 0; i < record->rdata_len; i++)
        buf_printf(data, "%02x", message->data[record->rdata + i]);
}

/* Whether the reader understands the data in words; it is given in full then. */
static bool is_readable(const struct dns_record *record)
{
    static const char readable[] = {RDATA_IPV4, RDATA_IPV6, RDATA_NAME,    RDATA_U8,
                                    RDATA_U16,  RDATA_U32,  RDATA_STRINGS, '\0'};
    const char *layout = rrtype_layout(record->type);
    return *layout && layout[strspn(layout, readable)] == '\0' &&
           (record->rdata_len <= TEXT_RDATA_MAX || strchr(layout, RDATA_NAME));
}

static void record_write(struct json *json, const struct dns_message *message,
                         const struct dns_record *record, struct buf *data)
{
    const struct rdata_field owner = {.code = RDATA_NAME, .at = record->owner};
    char name[NAME_TEXT_MAX], type[RRTYPE_TEXT_MAX];
    struct dns_name read;
    buf_reset(data);
    if (is_readable(record))
        record_to_text(message, record, data);
    else
        generic_write(message, record, data);
    json_object_begin(json);
    if (rdata_name(message, &owner, &read)) {
        name_to_text(&read, 0, name);
        json_pair(json, "name", name);
    }
    json_pair(json, "type", rrtype_name(record->type, type));
    json_pair_int(json, "ttl", record->ttl);
    json_pair(json, "data", data->data);
    json_object_end(json);
}

static void answers_write(struct json *json, const struct dns_message *response)
{
    struct buf data;
    buf_init(&data, DATA_BYTES_MAX);
    json_key(json, "answers");
    json_array_begin(json);
    for (unsigned i = 0; i < response->record_count; i++)
        if (response->records[i].section == DNS_SECTION_ANSWER)
            record_write(json, response, &response->records[i], &data);
    json_array_end(json);
    buf_done(&data);
}

static void response_write(struct json *json, const struct transaction *transaction)
{
    char rcode[RRTYPE_TEXT_MAX];
    if (transaction->query)
        time_write(json, "response_time", transaction->response_time_ns);
    flags_write(json, "flags", transaction->response->flags);
    if (!(transaction->lacks & LACKS_RCODE))
        json_pair(json, "rcode", rcode_name(transaction->rcode, rcode));
    if (!(transaction->lacks & LACKS_ANSWERS))
        answers_write(json, transaction->response);
}

static void question_write(struct json *json, const struct transaction *transaction)
{
    char name[NAME_TEXT_MAX], scratch[RRTYPE_TEXT_MAX];
    name_to_text(transaction->question, 0, name);
    json_pair(json, "qname", name);
    json_pair(json, "qtype", rrtype_name(transaction->qtype, scratch));
    json_pair(json, "qclass", rrclass_name(transaction->qclass, scratch));
}

static bool is_told(const struct dns_message *message)
{
    return !message || (message->malformed == MALFORMED_NONE && message->opcode == 0);
}

bool transcript_line(const struct transaction *transaction, struct buf *line)
{
    const struct dns_message *query = transaction->query, *response = transaction->response;
    struct json json = json_writer(line);
    if (!transaction->question || !is_told(query) || !is_told(response))
        return false;
    json_object_begin(&json);
    json_pair(&json, "kind", !response ? "query" : !query ? "response" : "transaction");
    time_write(&json, "time", transaction->time_ns);
    end_write(&json, "client", "client_port", &transaction->client, transaction->client_port);
    end_write(&json, "server", "server_port", &transaction->server, transaction->server_port);
    json_pair(&json, "transport", transaction->transport == TRANSPORT_TCP ? "tcp" : "udp");
    json_pair_int(&json, "id", (query ? query : response)->id);
    question_write(&json, transaction);
    json_key(&json, "edns");
    json_bool(&json, (query ? query : response)->edns.present);
    if (query)
        flags_write(&json, "query_flags", query->flags);
    if (response)
        response_write(&json, transaction);
    json_object_end(&json);
    return !line->overflow;
}
