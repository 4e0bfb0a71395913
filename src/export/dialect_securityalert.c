/* dialect_securityalert.c - a row with the columns of Log Analytics' SecurityAlert table
 * SPDX-License-Identifier: Apache-2.0 */
#include "alert/render.h"
#include "export/azure.h"
#include "export/codes.h"

enum { TICK_DIGITS = 7 };

/* A column of text that holds JSON: begin, write through the returned writer, end. */
struct nested {
    struct buf text;
    struct json json;
};

static struct json *nested_begin(struct nested *nested)
{
    buf_init(&nested->text, EXPORT_RECORD_MAX_BYTES);
    nested->json = json_writer(&nested->text);
    return &nested->json;
}

static void nested_end(struct nested *nested, const char *key, struct json *json)
{
    json_key(json, key);
    fact_take(json, &nested->text);
}

static void words(const struct dialect_context *context, const struct alert *alert,
                  struct json *json)
{
    json_key(json, "DisplayName");
    fact_words(json, alert_title, alert, context->language);
    json_key(json, "AlertName");
    fact_words(json, alert_title, alert, context->language);
    json_pair(json, "AlertSeverity", severity_names[alert->severity][LANGUAGE_EN]);
    json_key(json, "Description");
    fact_words(json, alert_description, alert, context->language);
}

static void identity(const struct dialect_context *context, const struct alert *alert,
                     struct json *json)
{
    json_pair(json, "ProviderName", azure_product(context));
    json_pair(json, "VendorName", azure_vendor(context));
    json_pair(json, "VendorOriginalId", fact_guid(alert));
    json_pair(json, "SystemAlertId", alert->id);
    json_pair(json, "ResourceId", "");
    json_pair(json, "SourceComputerId", "");
    json_pair(json, "AlertType", detector_rows[alert->detector].alert_type);
    json_pair(json, "ConfidenceLevel", "");
    json_key(json, "ConfidenceScore");
    json_decimal(json, alert->confidence, 2);
    fact_pair_bool(json, "IsIncident", alert->is_incident);
}

static void times(const struct alert *alert, struct json *json)
{
    fact_pair_time(json, "StartTime", alert->start_ns, TICK_DIGITS);
    fact_pair_time(json, "EndTime", alert->end_ns, TICK_DIGITS);
    fact_pair_time(json, "ProcessingEndTime", fact_generated_ns(alert), TICK_DIGITS);
}

static void nested_columns(const struct dialect_context *context, const struct alert *alert,
                           struct json *json)
{
    struct nested nested;
    fact_steps(nested_begin(&nested), context->language);
    nested_end(&nested, "RemediationSteps", json);
    azure_extended_properties(context, alert, nested_begin(&nested));
    nested_end(&nested, "ExtendedProperties", json);
    azure_entities(alert, nested_begin(&nested));
    nested_end(&nested, "Entities", json);
    azure_extended_links(context, alert, nested_begin(&nested));
    nested_end(&nested, "ExtendedLinks", json);
    azure_techniques(alert, false, nested_begin(&nested));
    nested_end(&nested, "Techniques", json);
    azure_techniques(alert, true, nested_begin(&nested));
    nested_end(&nested, "SubTechniques", json);
}

static void origin(const struct dialect_context *context, const struct alert *alert,
                   struct json *json)
{
    struct buf url;
    buf_init(&url, EXPORT_RECORD_MAX_BYTES);
    fact_alert_url(context, alert, &url);
    json_pair(json, "SourceSystem", "Detection");
    json_pair(json, "WorkspaceSubscriptionId", azure_or(context->subscription_id, AZURE_ZERO_UUID));
    json_pair(json, "WorkspaceResourceGroup", azure_or(context->resource_group, "default"));
    json_pair(json, "ProductName", azure_product(context));
    json_pair(json, "ProductComponentName", AZURE_COMPONENT);
    json_key(json, "AlertLink");
    fact_take(json, &url);
}

void dialect_securityalert(const struct dialect_context *context, const struct alert *alert,
                           struct buf *buf)
{
    struct json json = json_writer(buf);
    json_object_begin(&json);
    fact_pair_time(&json, "TimeGenerated", fact_generated_ns(alert), TICK_DIGITS);
    words(context, alert, &json);
    identity(context, alert, &json);
    times(alert, &json);
    nested_columns(context, alert, &json);
    origin(context, alert, &json);
    json_pair(&json, "Status", azure_row_status(alert));
    json_pair(&json, "CompromisedEntity", fact_entity(alert));
    json_pair(&json, "Tactics", tactic_codes[detector_rows[alert->detector].tactic].intent);
    json_pair(&json, "Type", "SecurityAlert");
    json_object_end(&json);
}
