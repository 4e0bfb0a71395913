/* azure.c - what the three shapes of an Azure alert have in common: vendor, places, entities
 * SPDX-License-Identifier: Apache-2.0 */
#include "export/azure.h"
#include "export/codes.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { NETBIOS_NAME_MAX = 15 };

const char *azure_vendor(const struct dialect_context *context)
{
    return context->compatible ? "Microsoft" : "dnsvigil";
}

const char *azure_product(const struct dialect_context *context)
{
    return context->compatible ? "Azure Security Center" : "dnsvigil";
}

const char *azure_or(const char *text, const char *otherwise)
{
    return text && *text ? text : otherwise;
}

const char *azure_row_status(const struct alert *alert)
{
    if (alert->status == ALERT_STATUS_ACTIVE)
        return "New";
    return alert_status_names[alert->status][LANGUAGE_EN];
}

void azure_extended_properties(const struct dialect_context *context, const struct alert *alert,
                               struct json *json)
{
    json_object_begin(json);
    fact_particulars(context, alert, FACT_CAMEL, json);
    json_object_end(json);
}

void azure_extended_links(const struct dialect_context *context, const struct alert *alert,
                          struct json *json)
{
    struct buf url;
    buf_init(&url, EXPORT_RECORD_MAX_BYTES);
    fact_type_url(context, alert, &url);
    json_array_begin(json);
    if (url.len > 0) {
        json_object_begin(json);
        fact_pair_take_opt(json, "Href", &url);
        json_pair(json, "Category", "reference");
        json_pair(json, "Label", "Alert reference");
        json_pair(json, "Type", "webLink");
        json_object_end(json);
    }
    json_array_end(json);
    buf_done(&url);
}

/* Numbers of the entities that others refer to; 0: not there. */
struct entity_ids {
    unsigned next;
    unsigned client;
    unsigned resolver;
};

static unsigned entity_begin(struct json *json, struct entity_ids *ids)
{
    char id[12];
    snprintf(id, sizeof(id), "%u", ids->next);
    json_object_begin(json);
    json_pair(json, "$id", id);
    return ids->next++;
}

static void entity_end(struct json *json, bool asset, const char *type)
{
    fact_pair_bool(json, "Asset", asset);
    json_pair(json, "Type", type);
    json_object_end(json);
}

static void reference_pair(struct json *json, const char *key, unsigned id)
{
    char text[12];
    snprintf(text, sizeof(text), "%u", id);
    if (!id)
        return;
    json_key(json, key);
    json_object_begin(json);
    json_pair(json, "$ref", text);
    json_object_end(json);
}

static void threat_intelligence(const struct alert *alert, const char *address, struct json *json)
{
    const struct alert_indicator *indicator = &alert->indicator;
    if (!alert->has_indicator || strcmp(indicator->matched, address) != 0)
        return;
    json_key(json, "ThreatIntelligence");
    json_array_begin(json);
    json_object_begin(json);
    json_pair(json, "ProviderName", indicator->feed);
    json_pair(json, "ThreatType", indicator->category);
    json_pair(json, "ThreatName", indicator->entry);
    json_key(json, "Confidence");
    json_decimal(json, indicator->confidence, 2);
    json_object_end(json);
    json_array_end(json);
}

static unsigned ip_write(const struct alert *alert, const char *address, struct entity_ids *ids,
                         struct json *json)
{
    unsigned id = entity_begin(json, ids);
    json_pair(json, "Address", address);
    threat_intelligence(alert, address, json);
    entity_end(json, false, "ip");
    return id;
}

static void host_write(const struct alert *alert, struct entity_ids *ids, struct json *json)
{
    const char *name = alert->entity_name;
    size_t len = strcspn(name, ".");
    char netbios[NETBIOS_NAME_MAX + 1] = "";
    if (!*name)
        return;
    for (size_t i = 0; i < len && i < NETBIOS_NAME_MAX; i++)
        netbios[i] = (char)toupper((unsigned char)name[i]);
    entity_begin(json, ids);
    json_pair(json, "DnsDomain", name[len] ? name + len + 1 : "");
    json_pair(json, "NTDomain", "");
    json_key(json, "HostName");
    json_text_len(json, name, len);
    json_pair(json, "NetBiosName", netbios);
    entity_end(json, true, "host");
}

static void dns_write(const struct alert *alert, struct entity_ids *ids, struct json *json)
{
    char addresses[FACT_ADDRESSES_MAX][ADDR_TEXT_MAX];
    unsigned count = fact_addresses(alert, addresses);
    if (!*fact_domain(alert))
        return;
    entity_begin(json, ids);
    json_pair(json, "DomainName", fact_domain(alert));
    json_key(json, "IpAdresses");
    json_array_begin(json);
    for (unsigned i = 0; i < count; i++)
        ip_write(alert, addresses[i], ids, json);
    json_array_end(json);
    reference_pair(json, "HostIpAddress", ids->client);
    reference_pair(json, "DnsServerIp", ids->resolver);
    entity_end(json, false, "dns");
}

void azure_entities(const struct alert *alert, struct json *json)
{
    struct entity_ids ids = {.next = AZURE_FIRST_ENTITY};
    json_array_begin(json);
    if (*alert->entity_ip)
        ids.client = ip_write(alert, alert->entity_ip, &ids, json);
    if (*alert->resolver_ip)
        ids.resolver = ip_write(alert, alert->resolver_ip, &ids, json);
    host_write(alert, &ids, json);
    dns_write(alert, &ids, json);
    json_array_end(json);
}

void azure_techniques(const struct alert *alert, bool sub, struct json *json)
{
    const char *ids = detector_rows[alert->detector].techniques;
    struct technique technique;
    json_array_begin(json);
    while (technique_next(&ids, &technique))
        if (!sub || technique.sub)
            json_text(json, sub ? technique.id : technique.parent);
    json_array_end(json);
}

void azure_enrichment(const struct dialect_context *context, struct json *json)
{
    if (!context->snapshot_interval)
        return;
    json_key(json, "securityEventDataEnrichment");
    json_object_begin(json);
    json_pair(json, "action", "Insert");
    json_pair(json, "apiVersion", AZURE_INTERFACE);
    fact_pair_bool(json, "isSnapshot", true);
    json_pair(json, "interval", context->snapshot_interval);
    json_object_end(json);
}
