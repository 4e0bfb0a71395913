/* checks.c - what the keys of a section must hold together, and the catalogue of feeds
 * SPDX-License-Identifier: Apache-2.0 */
#include "config/schema.h"

#include <dnsvigil/indicator.h>

#include <ctype.h>
#include <string.h>
#include <strings.h>

/* data/feeds/feeds.yaml, made into an array by the build. */
extern const unsigned char feeds_file[];
extern const unsigned long feeds_file_len;

const char *config_catalogue_text(size_t *ret_len)
{
    *ret_len = feeds_file_len;
    return (const char *)feeds_file;
}

static bool begins(const char *text, const char *prefix)
{
    return strncasecmp(text, prefix, strlen(prefix)) == 0;
}

const char *config_check_feed(const void *base)
{
    const struct config_feed *feed = base;
    if (feed->path[0] && strcmp(feed->name, CONFIG_FEED_SUFFIXES) == 0)
        return "this name is taken by the list of publicsuffix.org, whose path is "
               "intel.public_suffix_list";
    if (!feed->url[0] == !feed->path[0])
        return "a feed has either a url or a path";
    if (feed->path[0])
        return NULL;
    if (feed->category == CATEGORY_ALLOW)
        return "category allow is for your own lists: download it yourself and name its path";
    if (begins(feed->url, "http://") && !feed->allow_http)
        return "a url without encryption needs allow_http: true, for anybody on the way could "
               "change the list";
    if (!begins(feed->url, "https://") && !begins(feed->url, "http://"))
        return "a url begins with https:// (or http://)";
    return NULL;
}

const char *config_check_source(const void *base)
{
    const struct config_source *source = base;
    switch ((enum source_type)source->type) {
#define SOURCE_TYPE(id, slug, open, key, text)                                                     \
    case SOURCE_TYPE_##id:                                                                         \
        return source->key[0] ? NULL : "a source of type " slug " needs " #key;
#include <dnsvigil/source_types.def>
#undef SOURCE_TYPE
    case SOURCE_TYPE_COUNT: break;
    }
    return NULL;
}

static bool made_of(const char *text, const char *others)
{
    for (; *text; text++)
        if (!isalnum((unsigned char)*text) && !strchr(others, *text))
            return false;
    return true;
}

static const char *check_url(const char *url, bool allow_http)
{
    if (begins(url, "https://"))
        return NULL;
    if (!begins(url, "http://"))
        return "a url begins with https:// (or http://)";
    return allow_http ? NULL : "a url without encryption needs allow_http: true";
}

static const char *check_login(const struct config_export *export)
{
    if (export->sasl == CONFIG_SASL_PLAIN && !export->password_file[0])
        return "sasl plain needs password_file";
    if (export->sasl == CONFIG_SASL_PLAIN && !export->username[0] && !export->event_hubs)
        return "sasl plain needs username";
    if (export->sasl != CONFIG_SASL_OAUTH)
        return NULL;
    if (!export->token_url[0] || !export->client_id[0] || !export->client_secret_file[0])
        return "sasl oauth needs token_url, client_id and client_secret_file";
    return check_url(export->token_url, export->allow_http);
}

static const char *check_kafka(const struct config_export *export)
{
    if (!export->topic[0])
        return "an export of type kafka needs topic";
    if (export->event_hubs && !export->tls)
        return "Event Hubs are not reached without tls";
    if (export->event_hubs && export->sasl == CONFIG_SASL_NONE)
        return "Event Hubs need sasl: plain, with a connection string in password_file, or oauth";
    return check_login(export);
}

static const char *check_azure_logs(const struct config_export *export)
{
    if (!export->token_url[0] || !export->client_id[0] || !export->client_secret_file[0])
        return "an export of type azure_logs needs token_url, client_id and client_secret_file";
    if (!export->rule_id[0])
        return "an export of type azure_logs needs rule_id";
    return check_url(export->url, export->allow_http);
}

/* One address as mail programs take it: no blanks, brackets, quotes or controls. */
static bool is_address(const char *text)
{
    const char *at = strchr(text, '@');
    if (!at || at == text || !at[1] || strchr(at + 1, '@'))
        return false;
    for (; *text; text++)
        if (*text <= ' ' || *text > '~' || strchr("()<>[]\\,;:\"", *text))
            return false;
    return true;
}

static const char *check_mail_server(const char *url, const char *from)
{
    if (!begins(url, "smtp://") && !begins(url, "smtps://"))
        return "a mail server's url begins with smtps:// or smtp://";
    return is_address(from) ? NULL : "from is the address our mail comes from, name@domain";
}

static const char *check_mails(const struct config_export *export)
{
    for (uint32_t i = 0; i < export->emails.count; i++)
        if (!is_address(export->emails.items[i].text))
            return "emails are addresses, name@domain";
    return export->emails.count ? check_mail_server(export->url, export->from)
                                : "an export of type mail needs emails";
}

static const char *check_kind(const struct config_export *export)
{
    switch ((enum sink_type) export->type) {
    case SINK_TYPE_KAFKA: return check_kafka(export);
    case SINK_TYPE_AZURE_LOGS: return check_azure_logs(export);
    case SINK_TYPE_SPLUNK:
    case SINK_TYPE_ELASTICSEARCH:
    case SINK_TYPE_OTLP:
    case SINK_TYPE_WEBHOOK: return check_url(export->url, export->allow_http);
    case SINK_TYPE_MAIL: return check_mails(export);
    default: return NULL;
    }
}

static const char *check_choice(int8_t severity_min, const struct config_names *types)
{
    if (severity_min == CONFIG_SEVERITY_PROFILE)
        return "severity_min is one of informational, low, medium, high";
    for (uint32_t i = 0; i < types->count; i++)
        if (detector_parse(types->items[i].text) < 0)
            return "types are slugs of detectors; `dnsvigil describe detectors` lists them";
    return NULL;
}

const char *config_check_export(const void *base)
{
    const struct config_export *export = base;
    if (!made_of(export->name, "-_."))
        return "a name is of letters, digits, -, _ and dots";
    if (!export->streaming && !export->snapshot_hours)
        return "an export that neither streams nor takes snapshots would send nothing";
    if (!export->tls_certificate[0] != !export->tls_key[0])
        return "tls_certificate and tls_key go together";
    switch ((enum sink_type) export->type) {
#define SINK_TYPE(id, slug, open, key, text)                                                       \
    case SINK_TYPE_##id:                                                                           \
        if (!export->key[0])                                                                       \
            return "an export of type " slug " needs " #key;                                       \
        break;
#include <dnsvigil/sink_types.def>
#undef SINK_TYPE
    case SINK_TYPE_COUNT: break;
    }
    const char *wrong = check_choice(export->severity_min, &export->types);
    return wrong ? wrong : check_kind(export);
}

const char *config_check_isolation_target(const void *base)
{
    const struct config_isolation_target *target = base;
    if (!made_of(target->name, "-_"))
        return "a name is of letters, digits, - and _";
    if (!made_of(target->zone, "-_."))
        return "a zone is of letters, digits, -, _ and dots";
    if (target->command.count && target->command.items[0].text[0] != '/')
        return "a command begins with the absolute path of the program: nobody looks it up";
    return NULL;
}

const char *config_check_api(const void *base)
{
    const struct config_api *api = base;
    if (!api->tls_certificate[0] != !api->tls_key[0])
        return "tls_certificate and tls_key go together";
    return NULL;
}

const char *config_check_mail(const void *base)
{
    const struct config_mail *mail = base;
    if (!mail->url[0])
        return NULL;
    return check_mail_server(mail->url, mail->from);
}

const char *config_check_webhook(const void *base)
{
    const struct config_webhook *webhook = base;
    return webhook->url[0] ? check_url(webhook->url, webhook->allow_http) : NULL;
}

const char *config_check_response(const void *base)
{
    const struct config_response *response = base;
    const char *url = response->public_url;
    if (url[0] && !begins(url, "https://") && !begins(url, "http://"))
        return "public_url begins with https:// (or http://)";
    return url[0] && url[strlen(url) - 1] == '/' ? "public_url ends without a /" : NULL;
}

const char *config_check_person(const void *base)
{
    const struct config_person *person = base;
    return is_address(person->email) ? NULL : "email is one address, name@domain";
}

const char *config_check_notification(const void *base)
{
    const struct config_notification *notification = base;
    for (uint32_t i = 0; i < notification->emails.count; i++)
        if (!is_address(notification->emails.items[i].text))
            return "emails are addresses, name@domain";
    return check_choice(notification->severity_min, &notification->types);
}

const char *config_check_automation(const void *base)
{
    const struct config_automation *rule = base;
    if (!made_of(rule->name, "-_"))
        return "a name is of letters, digits, - and _";
    if (!rule->command.count == !rule->webhook.url[0])
        return "it has either a command or a webhook";
    if (rule->command.count && rule->command.items[0].text[0] != '/')
        return "a command begins with the absolute path of the program: nobody looks it up";
    return check_choice(rule->severity_min, &rule->types);
}
