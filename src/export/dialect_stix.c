/* dialect_stix.c - a STIX 2.1 bundle: what indicates, what was observed, and that it was sighted
 * SPDX-License-Identifier: Apache-2.0
 *
 * All ids are made from the alert, so that the same alert always gives the same objects and a later
 * revision gives newer versions of them. */
#include "alert/render.h"
#include "base/clock.h"
#include "base/utf8.h"
#include "base/uuid5.h"
#include "export/codes.h"
#include "export/facts.h"

#include <stdio.h>
#include <string.h>

enum {
    MS_DIGITS = 3,
    STIX_ID_MAX = 32 + UUID_TEXT_MAX,
    COUNT_MAX = 999999999, /* of number_observed */
    OBSERVED_MAX = 2 + FACT_ADDRESSES_MAX,
};

/* Objects of ours: a random version 4 UUID, drawn once and fixed for good. */
static const uint8_t own_space[UUID_BYTES] = {0x8e, 0x2d, 0x41, 0xc7, 0x5b, 0x90, 0x4f, 0x36,
                                              0xa1, 0x6c, 0x3d, 0x77, 0x0e, 0x94, 0xbb, 0x12};
/* Observables of everybody (STIX 2.1 2.9). */
static const uint8_t shared_space[UUID_BYTES] = {0x00, 0xab, 0xed, 0xb4, 0xaa, 0x42, 0x46, 0x6c,
                                                 0x9c, 0x01, 0xfe, 0xd2, 0x33, 0x15, 0xa9, 0xb7};

static const int64_t identity_ns = 1767225600 * NS_PER_S; /* 2026-01-01: any fixed day will do */

struct observed {
    unsigned count;
    char ids[OBSERVED_MAX][STIX_ID_MAX];
};

struct bundle {
    const struct dialect_context *context;
    const struct alert *alert;
    struct json *json;
    struct observed observed;
    char identity[STIX_ID_MAX];
    char subject[STIX_ID_MAX]; /* what was sighted: the indicator, else the first technique */
};

static void id_make(const char *type, const char *about, const char *what, char id[STIX_ID_MAX])
{
    char uuid[UUID_TEXT_MAX];
    struct buf name;
    buf_init(&name, EXPORT_RECORD_MAX_BYTES);
    buf_printf(&name, "%s\n%s\n%s", type, about, what);
    uuid5(own_space, name.data, name.len, uuid);
    snprintf(id, STIX_ID_MAX, "%s--%s", type, uuid);
    buf_done(&name);
}

/* A string in canonical JSON (RFC 8785 3.2.2.2). */
static void canonical_append(struct buf *buf, const char *text)
{
    static const char named[] = "\bb\tt\nn\ff\rr\"\"\\\\";
    size_t len = strlen(text);
    for (size_t i = 0; i < len;) {
        uint32_t code = 0;
        size_t n = utf8_decode((const uint8_t *)text + i, len - i, &code);
        const char *name = named;
        while (n && *name && (uint8_t)*name != code)
            name += 2;
        if (!n)
            buf_text(buf, "\xef\xbf\xbd");
        else if (*name)
            buf_printf(buf, "\\%c", name[1]);
        else if (code < 0x20)
            buf_printf(buf, "\\u%04x", (unsigned)code);
        else
            buf_append(buf, text + i, n);
        i += n ? n : 1;
    }
}

/* An observable with a value. */
static void observe(struct bundle *bundle, const char *type, const char *value)
{
    char uuid[UUID_TEXT_MAX];
    char *id = bundle->observed.ids[bundle->observed.count++];
    struct buf canonical;
    buf_init(&canonical, EXPORT_RECORD_MAX_BYTES);
    buf_text(&canonical, "{\"value\":\"");
    canonical_append(&canonical, value);
    buf_text(&canonical, "\"}");
    uuid5(shared_space, canonical.data, canonical.len, uuid);
    buf_done(&canonical);
    snprintf(id, STIX_ID_MAX, "%s--%s", type, uuid);
    json_object_begin(bundle->json);
    json_pair(bundle->json, "type", type);
    json_pair(bundle->json, "spec_version", "2.1");
    json_pair(bundle->json, "id", id);
    json_pair(bundle->json, "value", value);
    json_object_end(bundle->json);
}

static void observe_address(struct bundle *bundle, const char *address)
{
    observe(bundle, fact_is_ipv6(address) ? "ipv6-addr" : "ipv4-addr", address);
}

static void observables(struct bundle *bundle)
{
    const struct alert *alert = bundle->alert;
    char addresses[FACT_ADDRESSES_MAX][ADDR_TEXT_MAX];
    unsigned count = fact_addresses(alert, addresses);
    if (*fact_domain(alert))
        observe(bundle, "domain-name", fact_domain(alert));
    if (*alert->entity_ip)
        observe_address(bundle, alert->entity_ip);
    for (unsigned i = 0; i < count; i++)
        if (strcmp(addresses[i], alert->entity_ip) != 0)
            observe_address(bundle, addresses[i]);
}

static void common(struct json *json, const char *type, const char *id, int64_t created_ns,
                   int64_t modified_ns)
{
    json_object_begin(json);
    json_pair(json, "type", type);
    json_pair(json, "spec_version", "2.1");
    json_pair(json, "id", id);
    fact_pair_time(json, "created", created_ns, MS_DIGITS);
    fact_pair_time(json, "modified", modified_ns, MS_DIGITS);
}

/* Every revision is a newer version, also one by which only the state of the alert has changed. */
static void versioned(struct bundle *bundle, const char *type, const char *id)
{
    const struct alert *alert = bundle->alert;
    int64_t changed_ns = fact_generated_ns(alert);
    int64_t since_ns = changed_ns > alert->start_ns ? changed_ns : alert->start_ns;
    int64_t revisions = alert->revision > 0 ? alert->revision - 1 : 0;
    common(bundle->json, type, id, alert->start_ns, since_ns + revisions * NS_PER_MS);
    json_pair(bundle->json, "created_by_ref", bundle->identity);
}

static void label(struct json *json, const char *key, const char *value)
{
    struct buf text;
    buf_init(&text, ALERT_TEXT_MAX);
    if (!*value)
        return;
    buf_printf(&text, "%s:%s", key, value);
    fact_take(json, &text);
}

static void labels(struct bundle *bundle)
{
    const struct alert *alert = bundle->alert;
    struct json *json = bundle->json;
    json_key(json, "labels");
    json_array_begin(json);
    label(json, "alert-type", detector_rows[alert->detector].alert_type);
    label(json, "severity", severity_codes[alert->severity].cim);
    label(json, "status", alert_status_names[alert->status][LANGUAGE_EN]);
    label(json, "disposition", disposition_names[alert->disposition][LANGUAGE_EN]);
    label(json, "sample", alert->sample ? "true" : "");
    label(json, "retroactive", alert->retroactive ? "true" : "");
    label(json, "truncated", bundle->context->truncated ? "true" : "");
    json_array_end(json);
}

static void identity(struct bundle *bundle)
{
    struct json *json = bundle->json;
    id_make("identity", "dnsvigil", "", bundle->identity);
    common(json, "identity", bundle->identity, identity_ns, identity_ns);
    json_pair(json, "name", "dnsvigil");
    json_pair(json, "identity_class", "system");
    json_object_end(json);
}

static void pattern(const char *domain, struct json *json)
{
    struct buf text;
    buf_init(&text, 4 * NAME_TEXT_MAX);
    buf_text(&text, "[domain-name:value = '");
    for (const char *c = domain; *c; c++) {
        if (*c == '\'' || *c == '\\')
            buf_char(&text, '\\');
        buf_char(&text, *c);
    }
    buf_text(&text, "']");
    json_key(json, "pattern");
    fact_take(json, &text);
    json_pair(json, "pattern_type", "stix");
}

static void reference(struct bundle *bundle)
{
    struct json *json = bundle->json;
    struct buf url;
    buf_init(&url, EXPORT_RECORD_MAX_BYTES);
    fact_alert_url(bundle->context, bundle->alert, &url);
    json_key(json, "external_references");
    json_array_begin(json);
    json_object_begin(json);
    json_pair(json, "source_name", "dnsvigil");
    json_pair(json, "external_id", bundle->alert->id);
    fact_pair_take_opt(json, "url", &url);
    json_object_end(json);
    json_array_end(json);
}

static void kill_chain(const struct alert *alert, struct json *json)
{
    json_key(json, "kill_chain_phases");
    json_array_begin(json);
    json_object_begin(json);
    json_pair(json, "kill_chain_name", "mitre-attack");
    json_pair(json, "phase_name", tactic_codes[detector_rows[alert->detector].tactic].phase);
    json_object_end(json);
    json_array_end(json);
}

static void indicator(struct bundle *bundle)
{
    const struct alert *alert = bundle->alert;
    struct json *json = bundle->json;
    enum language language = bundle->context->language;
    if (!*fact_domain(alert))
        return;
    id_make("indicator", alert->id, "", bundle->subject);
    versioned(bundle, "indicator", bundle->subject);
    json_key(json, "name");
    fact_words(json, alert_title, alert, language);
    json_key(json, "description");
    fact_words(json, alert_description, alert, language);
    json_pair(json, "lang", language == LANGUAGE_JA ? "ja" : "en");
    json_key(json, "indicator_types");
    json_array_begin(json);
    json_text(json, alert->has_indicator ? "malicious-activity" : "anomalous-activity");
    json_array_end(json);
    pattern(fact_domain(alert), json);
    fact_pair_time(json, "valid_from", alert->start_ns, MS_DIGITS);
    json_pair_int(json, "confidence", alert->confidence);
    kill_chain(alert, json);
    labels(bundle);
    reference(bundle);
    json_object_end(json);
}

static void relationship(struct bundle *bundle, const char *target)
{
    char id[STIX_ID_MAX];
    id_make("relationship", bundle->alert->id, target, id);
    versioned(bundle, "relationship", id);
    json_pair(bundle->json, "relationship_type", "indicates");
    json_pair(bundle->json, "source_ref", bundle->subject);
    json_pair(bundle->json, "target_ref", target);
    json_object_end(bundle->json);
}

static void attack_pattern(struct json *json, const struct technique *technique, const char *id)
{
    common(json, "attack-pattern", id, identity_ns, identity_ns);
    json_pair(json, "name", *technique->name ? technique->name : technique->id);
    json_key(json, "external_references");
    json_array_begin(json);
    json_object_begin(json);
    json_pair(json, "source_name", "mitre-attack");
    json_pair(json, "external_id", technique->id);
    json_object_end(json);
    json_array_end(json);
    json_object_end(json);
}

static void attack_patterns(struct bundle *bundle)
{
    const char *ids = detector_rows[bundle->alert->detector].techniques;
    bool indicated = *bundle->subject;
    struct technique technique;
    while (technique_next(&ids, &technique)) {
        char id[STIX_ID_MAX];
        id_make("attack-pattern", technique.id, "", id);
        attack_pattern(bundle->json, &technique, id);
        if (indicated)
            relationship(bundle, id);
        else if (!*bundle->subject)
            memcpy(bundle->subject, id, sizeof(id));
    }
}

static int64_t observed_count(const struct alert *alert)
{
    if (alert->count == 0)
        return 1;
    return alert->count > COUNT_MAX ? COUNT_MAX : (int64_t)alert->count;
}

static int64_t last_ns(const struct alert *alert)
{
    return alert->end_ns > alert->start_ns ? alert->end_ns : alert->start_ns;
}

static void observed_data(struct bundle *bundle, const char *id)
{
    struct json *json = bundle->json;
    versioned(bundle, "observed-data", id);
    fact_pair_time(json, "first_observed", bundle->alert->start_ns, MS_DIGITS);
    fact_pair_time(json, "last_observed", last_ns(bundle->alert), MS_DIGITS);
    json_pair_int(json, "number_observed", observed_count(bundle->alert));
    json_key(json, "object_refs");
    json_array_begin(json);
    for (unsigned i = 0; i < bundle->observed.count; i++)
        json_text(json, bundle->observed.ids[i]);
    json_array_end(json);
    json_object_end(json);
}

static void reference_list(struct json *json, const char *key, const char *id)
{
    json_key(json, key);
    json_array_begin(json);
    json_text(json, id);
    json_array_end(json);
}

static void sighting(struct bundle *bundle)
{
    const struct alert *alert = bundle->alert;
    struct json *json = bundle->json;
    char id[STIX_ID_MAX], data_id[STIX_ID_MAX];
    id_make("observed-data", alert->id, "", data_id);
    id_make("sighting", alert->id, "", id);
    if (bundle->observed.count > 0)
        observed_data(bundle, data_id);
    versioned(bundle, "sighting", id);
    json_key(json, "description");
    fact_words(json, alert_summary, alert, bundle->context->language);
    fact_pair_time(json, "first_seen", alert->start_ns, MS_DIGITS);
    fact_pair_time(json, "last_seen", last_ns(alert), MS_DIGITS);
    json_pair_int(json, "count", observed_count(alert));
    json_pair(json, "sighting_of_ref", bundle->subject);
    if (bundle->observed.count > 0)
        reference_list(json, "observed_data_refs", data_id);
    reference_list(json, "where_sighted_refs", bundle->identity);
    labels(bundle);
    json_object_end(json);
}

void dialect_stix(const struct dialect_context *context, const struct alert *alert, struct buf *buf)
{
    char id[STIX_ID_MAX], revision[16];
    struct json json = json_writer(buf);
    struct bundle bundle = {.context = context, .alert = alert, .json = &json};
    snprintf(revision, sizeof(revision), "%u", (unsigned)alert->revision);
    id_make("bundle", alert->id, revision, id);
    json_object_begin(&json);
    json_pair(&json, "type", "bundle");
    json_pair(&json, "id", id);
    json_key(&json, "objects");
    json_array_begin(&json);
    identity(&bundle);
    observables(&bundle);
    indicator(&bundle);
    attack_patterns(&bundle);
    sighting(&bundle);
    json_array_end(&json);
    json_object_end(&json);
}
