/* schema.c - the tables made from schema.def, and the words that keys may have as values
 * SPDX-License-Identifier: Apache-2.0 */
#include "config/schema.h"

#include <assert.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static const struct config_key detectors_keys[DETECTOR_COUNT];

#define SECTION_BEGIN(section) static const struct config_key section##_keys[] = {
#define KEY(section, key, type, initial, min, max, unit, text)                                     \
    {#key, CONFIG_##type, offsetof(struct section, key), min, max, initial, unit, text, NULL},
#define CHILD(section, key, child, text)                                                           \
    {#key, CONFIG_SECTION, offsetof(struct section, key), 0, 0, "", "", text, &child##_section},
#define CHILDREN(section, key, child, max, text)                                                   \
    {#key, CONFIG_SECTION_LIST, offsetof(struct section, key), 0, max, "", "",                     \
     text, &child##_section},
#define SECTION_END(section) SECTION_END_CHECKED(section, NULL)
#define SECTION_END_CHECKED(section, check)                                                        \
    }                                                                                              \
    ;                                                                                              \
    static const struct config_section section##_section = {section##_keys, COUNT(section##_keys), \
                                                            sizeof(struct section), NULL, check};
#define LIST_OF(child)
#define ONE_PER_DETECTOR(section, child)                                                           \
    static const struct config_section section##_section = {                                       \
        detectors_keys, DETECTOR_COUNT, sizeof(struct section), "<detector>", NULL};
#include "config/schema.def"

static const struct config_key detectors_keys[DETECTOR_COUNT] = {
#define DETECTOR(id, slug, ...)                                                                    \
    {#slug, CONFIG_SECTION,          DETECTOR_##id * sizeof(struct config_detector), 0, 0, "", "", \
     "",    &config_detector_section},
#include <dnsvigil/detectors.def>
#undef DETECTOR
};

const struct config_section *const config_schema = &config_section;

static const struct config_word confidence_words[] = {
    {"low", KNOB_LOW}, {"medium", KNOB_MEDIUM}, {"high", KNOB_HIGH}, {NULL, 0}};

static const struct config_word severity_words[] = {{"profile", CONFIG_SEVERITY_PROFILE},
#define SEVERITY(id, en, ja) {en, SEVERITY_##id},
#include <dnsvigil/terms.def>
#undef SEVERITY
                                                    {NULL, 0}};

static const struct config_word profile_words[] = {
    {"reference", CONFIG_PROFILE_REFERENCE}, {"strict", CONFIG_PROFILE_STRICT}, {NULL, 0}};

static const struct config_word category_words[] = {
#define CATEGORY(id, slug, days, text) {slug, CATEGORY_##id},
#include <dnsvigil/categories.def>
#undef CATEGORY
    {NULL, 0}};

static const struct config_word format_words[] = {{"auto", FEED_AUTO},
#define FEED_FORMAT(id, slug, kind, title, text) {slug, FEED_##id},
#include <dnsvigil/feed_formats.def>
#undef FEED_FORMAT
                                                  {NULL, 0}};

static const struct config_word source_type_words[] = {
#define SOURCE_TYPE(id, slug, open, key, text) {slug, SOURCE_TYPE_##id},
#include <dnsvigil/source_types.def>
#undef SOURCE_TYPE
    {NULL, 0}};

static const struct config_word sink_type_words[] = {
#define SINK_TYPE(id, slug, open, key, text) {slug, SINK_TYPE_##id},
#include <dnsvigil/sink_types.def>
#undef SINK_TYPE
    {NULL, 0}};

static const struct config_word artefact_words[] = {
#define ARTEFACT(id, slug, names, text) {#slug, ARTEFACT_##id},
#include <dnsvigil/artefacts.def>
#undef ARTEFACT
    {NULL, 0}};

static const struct config_word transport_words[] = {{"udp", CONFIG_TRANSPORT_UDP},
                                                     {"tcp", CONFIG_TRANSPORT_TCP},
                                                     {"tls", CONFIG_TRANSPORT_TLS},
                                                     {NULL, 0}};

static const struct config_word facility_words[] = {
#define FACILITY(code, slug) {#slug, code},
#include "config/facilities.def"
#undef FACILITY
    {NULL, 0}};

static const struct config_word framing_words[] = {
    {"octets", CONFIG_FRAMING_OCTETS}, {"newline", CONFIG_FRAMING_NEWLINE}, {NULL, 0}};

static const struct config_word sasl_words[] = {{"none", CONFIG_SASL_NONE},
                                                {"plain", CONFIG_SASL_PLAIN},
                                                {"oauth", CONFIG_SASL_OAUTH},
                                                {NULL, 0}};

static const struct config_word language_words[] = {
    {"en", LANGUAGE_EN}, {"ja", LANGUAGE_JA}, {NULL, 0}};

const struct config_word *config_words(enum config_type type)
{
    switch (type) {
    case CONFIG_CONFIDENCE: return confidence_words;
    case CONFIG_SEVERITY: return severity_words;
    case CONFIG_PROFILE: return profile_words;
    case CONFIG_CATEGORY: return category_words;
    case CONFIG_FORMAT: return format_words;
    case CONFIG_SOURCE_TYPE: return source_type_words;
    case CONFIG_SINK_TYPE: return sink_type_words;
    case CONFIG_TRANSPORT: return transport_words;
    case CONFIG_FACILITY: return facility_words;
    case CONFIG_FRAMING: return framing_words;
    case CONFIG_SASL: return sasl_words;
    case CONFIG_LANGUAGE: return language_words;
    case CONFIG_ARTEFACT: return artefact_words;
    default: return NULL;
    }
}

const struct config_key *config_key_find(const char *path, const void **base)
{
    const struct config_section *section = config_schema;
    for (;;) {
        size_t len = strcspn(path, ".");
        uint32_t i = 0;
        while (i < section->key_count && (strncmp(section->keys[i].name, path, len) != 0 ||
                                          section->keys[i].name[len] != '\0'))
            i++;
        assert(i < section->key_count); /* there is no such key */
        if (path[len] == '\0')
            return &section->keys[i];
        *base = (const char *)*base + section->keys[i].offset;
        section = section->keys[i].child;
        path += len + 1;
    }
}
