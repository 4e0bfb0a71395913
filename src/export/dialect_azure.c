/* dialect_azure.c - the alert resource of Azure's REST interface, version 2022-01-01
 * SPDX-License-Identifier: Apache-2.0 */
#include "alert/render.h"
#include "export/azure.h"
#include "export/codes.h"

#include <dnsvigil/rrtype.h>

#include <string.h>

enum { TICK_DIGITS = 7 };

static void resource_id(const struct dialect_context *context, const struct alert *alert,
                        struct json *json)
{
    struct buf id;
    buf_init(&id, EXPORT_RECORD_MAX_BYTES);
    buf_printf(&id,
               "/subscriptions/%s/resourceGroups/%s/providers/Microsoft.Security/locations/%s"
               "/alerts/%s",
               azure_or(context->subscription_id, AZURE_ZERO_UUID),
               azure_or(context->resource_group, "default"), azure_or(context->location, "local"),
               alert->id);
    fact_pair_take_opt(json, "id", &id);
}

static void resource_identifiers(const struct dialect_context *context, const struct alert *alert,
                                 struct json *json)
{
    json_key(json, "resourceIdentifiers");
    json_array_begin(json);
    json_object_begin(json);
    json_pair(json, "type", "LogAnalytics");
    json_pair(json, "workspaceId", azure_or(context->workspace_id, AZURE_ZERO_UUID));
    json_pair(json, "workspaceSubscriptionId", azure_or(context->subscription_id, AZURE_ZERO_UUID));
    json_pair(json, "workspaceResourceGroup", azure_or(context->resource_group, "default"));
    json_pair(json, "agentId", fact_entity(alert));
    json_object_end(json);
    json_array_end(json);
}

static void ip_object(const char *address, struct json *json)
{
    json_object_begin(json);
    json_pair(json, "type", "ip");
    json_pair(json, "address", address);
    json_object_end(json);
}

static void ip_pair(struct json *json, const char *key, const char *address)
{
    if (!*address)
        return;
    json_key(json, key);
    ip_object(address, json);
}

static void dns_entity(const struct alert *alert, struct json *json)
{
    char addresses[FACT_ADDRESSES_MAX][ADDR_TEXT_MAX];
    unsigned count = fact_addresses(alert, addresses);
    if (!*fact_domain(alert))
        return;
    json_object_begin(json);
    json_pair(json, "type", "dns");
    json_pair(json, "domainName", fact_domain(alert));
    json_key(json, "ipAddresses");
    json_array_begin(json);
    for (unsigned i = 0; i < count; i++)
        ip_object(addresses[i], json);
    json_array_end(json);
    ip_pair(json, "hostIpAddress", alert->entity_ip);
    ip_pair(json, "dnsServerIp", alert->resolver_ip);
    json_object_end(json);
}

static void indicator_write(const struct alert_indicator *indicator, struct json *json)
{
    json_key(json, "threatIntelligence");
    json_array_begin(json);
    json_object_begin(json);
    json_pair(json, "providerName", indicator->feed);
    json_pair(json, "threatType", indicator->category);
    json_pair(json, "threatName", indicator->entry);
    json_key(json, "confidence");
    json_decimal(json, indicator->confidence, 2);
    json_object_end(json);
    json_array_end(json);
}

/* The client, and the address that a list knows. */
static void ip_entities(const struct alert *alert, struct json *json)
{
    if (*alert->entity_ip)
        ip_object(alert->entity_ip, json);
    if (!alert->has_indicator || alert->indicator.field != MATCH_ADDRESS)
        return;
    json_object_begin(json);
    json_pair(json, "type", "ip");
    json_pair(json, "address", alert->indicator.matched);
    indicator_write(&alert->indicator, json);
    json_object_end(json);
}

static void host_entity(const struct alert *alert, struct json *json)
{
    if (!*alert->entity_name)
        return;
    json_object_begin(json);
    json_pair(json, "type", "host");
    json_pair(json, "hostName", alert->entity_name);
    json_object_end(json);
}

static void evidence_row(const struct alert_sample *sample, struct json *json)
{
    char scratch[RRTYPE_TEXT_MAX];
    json_array_begin(json);
    fact_time(json, sample->time_ns, TICK_DIGITS);
    json_text(json, sample->qname);
    json_text(json, rrtype_name(sample->qtype, scratch));
    json_text(json, sample->rcode < 0 ? "" : rcode_name((uint16_t)sample->rcode, scratch));
    json_text(json, sample->answers);
    json_array_end(json);
}

static void supporting_evidence(const struct alert *alert, struct json *json)
{
    static const char *const columns[] = {"time", "qname", "qtype", "rcode", "answer"};
    if (alert->sample_count == 0)
        return;
    json_key(json, "supportingEvidence");
    json_object_begin(json);
    json_pair(json, "type", "tabularEvidences");
    json_pair(json, "title", "DNS transactions");
    json_key(json, "columns");
    json_array_begin(json);
    for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
        json_text(json, columns[i]);
    json_array_end(json);
    json_key(json, "rows");
    json_array_begin(json);
    for (unsigned i = 0; i < alert->sample_count; i++)
        evidence_row(&alert->samples[i], json);
    json_array_end(json);
    json_object_end(json);
}

static void classification(const struct dialect_context *context, const struct alert *alert,
                           struct json *json)
{
    const struct detector_row *row = &detector_rows[alert->detector];
    json_pair(json, "version", AZURE_INTERFACE);
    json_pair(json, "alertType", row->alert_type);
    json_pair(json, "systemAlertId", alert->id);
    json_pair(json, "productComponentName", AZURE_COMPONENT);
    json_key(json, "alertDisplayName");
    fact_words(json, alert_title, alert, context->language);
    json_key(json, "description");
    fact_words(json, alert_description, alert, context->language);
    json_pair(json, "severity", severity_names[alert->severity][LANGUAGE_EN]);
    json_pair(json, "intent", tactic_codes[row->tactic].intent);
    json_pair(json, "status", alert_status_names[alert->status][LANGUAGE_EN]);
    json_key(json, "techniques");
    azure_techniques(alert, false, json);
    json_key(json, "subTechniques");
    azure_techniques(alert, true, json);
}

static void times(const struct alert *alert, struct json *json)
{
    fact_pair_time(json, "startTimeUtc", alert->start_ns, TICK_DIGITS);
    fact_pair_time(json, "endTimeUtc", alert->end_ns, TICK_DIGITS);
    fact_pair_time(json, "timeGeneratedUtc", fact_generated_ns(alert), TICK_DIGITS);
    fact_pair_time(json, "processingEndTimeUtc", fact_generated_ns(alert), TICK_DIGITS);
}

static void origin(const struct dialect_context *context, const struct alert *alert,
                   struct json *json)
{
    struct buf url;
    buf_init(&url, EXPORT_RECORD_MAX_BYTES);
    fact_alert_url(context, alert, &url);
    json_pair(json, "vendorName", azure_vendor(context));
    json_pair(json, "productName", azure_product(context));
    fact_pair_take_opt(json, "alertUri", &url);
    json_key(json, "extendedLinks");
    azure_extended_links(context, alert, json);
    json_key(json, "remediationSteps");
    fact_steps(json, context->language);
}

static void entities(const struct alert *alert, struct json *json)
{
    json_key(json, "entities");
    json_array_begin(json);
    dns_entity(alert, json);
    ip_entities(alert, json);
    host_entity(alert, json);
    json_array_end(json);
}

static void properties(const struct dialect_context *context, const struct alert *alert,
                       struct json *json)
{
    json_object_begin(json);
    classification(context, alert, json);
    times(alert, json);
    resource_identifiers(context, alert, json);
    origin(context, alert, json);
    json_pair(json, "compromisedEntity", fact_entity(alert));
    json_pair_opt(json, "correlationKey", alert->correlation_key);
    fact_pair_bool(json, "isIncident", alert->is_incident);
    entities(alert, json);
    json_key(json, "extendedProperties");
    azure_extended_properties(context, alert, json);
    supporting_evidence(alert, json);
    json_object_end(json);
}

void dialect_azure(const struct dialect_context *context, const struct alert *alert,
                   struct buf *buf)
{
    struct json json = json_writer(buf);
    json_object_begin(&json);
    resource_id(context, alert, &json);
    json_pair(&json, "name", alert->id);
    json_pair(&json, "type", "Microsoft.Security/Locations/alerts");
    json_key(&json, "properties");
    properties(context, alert, &json);
    azure_enrichment(context, &json);
    json_object_end(&json);
}
