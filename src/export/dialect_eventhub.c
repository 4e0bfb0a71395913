/* dialect_eventhub.c - the flat message that really arrives on Event Hubs
 * SPDX-License-Identifier: Apache-2.0 */
#include "alert/render.h"
#include "export/azure.h"
#include "export/codes.h"

#include <string.h>

enum { TICK_DIGITS = 7 };

static void null_pair(struct json *json, const char *key)
{
    json_key(json, key);
    json_raw(json, "null", strlen("null"));
}

static void text_or_null(struct json *json, const char *key, const char *text)
{
    if (*text)
        json_pair(json, key, text);
    else
        null_pair(json, key);
}

static void origin(const struct dialect_context *context, const struct alert *alert,
                   struct json *json)
{
    json_pair(json, "VendorName", azure_vendor(context));
    json_pair(json, "AlertType", detector_rows[alert->detector].alert_type);
    json_pair(json, "ProductName", azure_product(context));
    fact_pair_time(json, "StartTimeUtc", alert->start_ns, TICK_DIGITS);
    fact_pair_time(json, "EndTimeUtc", alert->end_ns, TICK_DIGITS);
    fact_pair_time(json, "TimeGenerated", fact_generated_ns(alert), TICK_DIGITS);
    fact_pair_time(json, "ProcessingEndTime", fact_generated_ns(alert), TICK_DIGITS);
}

static void state(const struct alert *alert, struct json *json)
{
    json_pair(json, "Severity", severity_names[alert->severity][LANGUAGE_EN]);
    json_pair(json, "Status", azure_row_status(alert));
    null_pair(json, "ProviderAlertStatus");
    null_pair(json, "ConfidenceLevel");
    json_key(json, "ConfidenceScore");
    json_decimal(json, alert->confidence, 2);
    null_pair(json, "ConfidenceReasons");
    fact_pair_bool(json, "IsIncident", alert->is_incident);
    json_pair(json, "SystemAlertId", alert->id);
    text_or_null(json, "CorrelationKey", alert->correlation_key);
    json_pair(json, "Intent", tactic_codes[detector_rows[alert->detector].tactic].intent);
}

static void place(const struct dialect_context *context, const struct alert *alert,
                  struct json *json)
{
    json_pair(json, "WorkspaceId", azure_or(context->workspace_id, AZURE_ZERO_UUID));
    json_pair(json, "WorkspaceSubscriptionId", azure_or(context->subscription_id, AZURE_ZERO_UUID));
    json_pair(json, "WorkspaceResourceGroup", azure_or(context->resource_group, "default"));
    json_pair(json, "AgentId", fact_entity(alert));
}

static void resource_identifiers(const struct dialect_context *context, const struct alert *alert,
                                 struct json *json)
{
    json_key(json, "ResourceIdentifiers");
    json_array_begin(json);
    json_object_begin(json);
    json_pair(json, "$id", "2");
    place(context, alert, json);
    json_pair(json, "Type", "LogAnalytics");
    json_object_end(json);
    json_array_end(json);
}

static void words(const struct dialect_context *context, const struct alert *alert,
                  struct json *json)
{
    json_pair(json, "CompromisedEntity", fact_entity(alert));
    json_key(json, "AlertDisplayName");
    fact_words(json, alert_title, alert, context->language);
    json_key(json, "Description");
    fact_words(json, alert_description, alert, context->language);
}

static void details(const struct dialect_context *context, const struct alert *alert,
                    struct json *json)
{
    struct buf url;
    buf_init(&url, EXPORT_RECORD_MAX_BYTES);
    fact_alert_url(context, alert, &url);
    json_key(json, "Entities");
    azure_entities(alert, json);
    json_key(json, "ExtendedLinks");
    azure_extended_links(context, alert, json);
    resource_identifiers(context, alert, json);
    json_key(json, "RemediationSteps");
    fact_steps(json, context->language);
    json_key(json, "ExtendedProperties");
    azure_extended_properties(context, alert, json);
    json_key(json, "AlertUri");
    fact_take(json, &url);
}

void dialect_eventhub(const struct dialect_context *context, const struct alert *alert,
                      struct buf *buf)
{
    struct json json = json_writer(buf);
    json_object_begin(&json);
    origin(context, alert, &json);
    state(alert, &json);
    null_pair(&json, "AzureResourceId");
    place(context, alert, &json);
    words(context, alert, &json);
    details(context, alert, &json);
    azure_enrichment(context, &json);
    json_object_end(&json);
}
