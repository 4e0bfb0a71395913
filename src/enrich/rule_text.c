/* rule_text.c - the texts of a message that signature rules look into
 * SPDX-License-Identifier: Apache-2.0 */
#include "enrich/rule_text.h"

#include "intel/rule_endings.h"

#include <dnsvigil/detector.h>
#include <string.h>

enum { LABEL_MAX = 63, POINTER_BITS = 0xc0, QUESTION_FIXED_BYTES = 4, MX_PREFERENCE_BYTES = 2 };

static uint16_t be16(const uint8_t *at)
{
    return (uint16_t)(at[0] << 8 | at[1]);
}

static void place_add(struct rule_places *places, size_t at)
{
    if (places->count == RULE_NAMES_MAX)
        places->cut = true;
    else
        places->at[places->count++] = (uint16_t)at;
}

/* Moves *at behind the name there; false where the message ends before it does. */
static bool name_pass(const struct dns_message *message, size_t *at)
{
    while (*at < message->len) {
        uint8_t length = message->data[*at];
        *at += length > LABEL_MAX ? 2u : 1u + length;
        if (length == 0 || length > LABEL_MAX)
            return *at <= message->len;
    }
    return false;
}

/* Moves *at behind the question there and tells its type. */
static bool question_pass(const struct dns_message *message, size_t *at, uint16_t *ret_type)
{
    if (!name_pass(message, at) || message->len - *at < QUESTION_FIXED_BYTES)
        return false;
    *ret_type = be16(message->data + *at);
    *at += QUESTION_FIXED_BYTES;
    return true;
}

static unsigned questions_walk(const struct rule_message *message, uint16_t *types,
                               uint16_t *places)
{
    const struct dns_message *from = message->message;
    if (!message->question)
        return 0;
    types[0] = message->qtype;
    places[0] = from ? MESSAGE_HEADER_BYTES : 0;
    if (!from || from->counts[DNS_SECTION_QUESTION] < 2)
        return 1;
    size_t at = MESSAGE_HEADER_BYTES;
    unsigned count = 0;
    while (count < from->counts[DNS_SECTION_QUESTION] && count < RULE_QUESTIONS_MAX) {
        places[count] = (uint16_t)at;
        if (!question_pass(from, &at, &types[count]))
            break;
        count++;
    }
    return count;
}

unsigned rule_question_types(const struct rule_message *message, uint16_t types[RULE_QUESTIONS_MAX])
{
    uint16_t places[RULE_QUESTIONS_MAX];
    return questions_walk(message, types, places);
}

static void questions_place(const struct rule_message *message, struct rule_places *places)
{
    uint16_t types[RULE_QUESTIONS_MAX], at[RULE_QUESTIONS_MAX];
    unsigned count = questions_walk(message, types, at);
    for (unsigned i = 0; i < count; i++)
        place_add(places, at[i]);
}

static void owners_place(const struct rule_message *message, unsigned sections,
                         struct rule_places *places)
{
    const struct dns_message *from = message->message;
    for (unsigned i = 0; from && i < from->record_count; i++)
        if (sections >> from->records[i].section & 1)
            place_add(places, from->records[i].owner);
}

static void targets_place(const struct dns_message *message, struct rule_places *places)
{
    for (unsigned i = 0; i < message->record_count; i++) {
        const struct dns_record *record = &message->records[i];
        switch (record->type) {
        case DNS_TYPE_CNAME:
        case DNS_TYPE_PTR:
        case DNS_TYPE_NS:
        case DNS_TYPE_SOA: place_add(places, record->rdata); break;
        case DNS_TYPE_MX: place_add(places, record->rdata + MX_PREFERENCE_BYTES); break;
        default: break;
        }
    }
}

void rule_places(const struct rule_message *message, enum rule_buffer_kind kind,
                 struct rule_places *ret_places)
{
    static const unsigned sections[RULE_BUFFER_COUNT] = {
        [RULE_BUFFER_ANSWER] = 1 << DNS_SECTION_ANSWER,
        [RULE_BUFFER_AUTHORITY] = 1 << DNS_SECTION_AUTHORITY,
        [RULE_BUFFER_ADDITIONAL] = 1 << DNS_SECTION_ADDITIONAL,
        [RULE_BUFFER_RESPONSE] = ~0u,
    };
    bool questions = kind == RULE_BUFFER_QUESTION ||
                     (kind == RULE_BUFFER_QUERY && !message->response) ||
                     (kind == RULE_BUFFER_RESPONSE && message->response);
    ret_places->count = 0;
    ret_places->cut = false;
    if (questions)
        questions_place(message, ret_places);
    if (kind == RULE_BUFFER_RESPONSE && !message->response)
        return;
    owners_place(message, sections[kind], ret_places);
    if (kind == RULE_BUFFER_RESPONSE && message->message)
        targets_place(message->message, ret_places);
}

/* The text of a name in wire form without pointers. */
static size_t question_text(const struct dns_name *name, uint8_t *text)
{
    if (name->labels == 0)
        return 0;
    size_t len = name->len - 2u;
    memcpy(text, name->wire + 1, len);
    for (unsigned i = 1; i < name->labels; i++)
        text[name->offset[i] - 1] = '.';
    return len;
}

/* Pointers must lead to before the run of labels they end, so the walk comes to an end. */
static size_t message_text(const struct dns_message *message, size_t at, uint8_t *text)
{
    size_t len = 0, run = at;
    while (at < message->len && message->data[at]) {
        size_t length = message->data[at];
        if ((length & POINTER_BITS) == POINTER_BITS && at + 1 < message->len) {
            size_t target = be16(message->data + at) & ~(POINTER_BITS << 8);
            if (target >= run)
                return 0;
            at = run = target;
            continue;
        }
        if (length > LABEL_MAX || length >= message->len - at || len + length + 3 > NAME_WIRE_MAX)
            return 0;
        if (len > 0)
            text[len++] = '.';
        memcpy(text + len, message->data + at + 1, length);
        len += length;
        at += 1 + length;
    }
    return at < message->len ? len : 0;
}

size_t rule_name_text(const struct rule_message *message, uint16_t place,
                      uint8_t text[static RULE_TEXT_MAX])
{
    return message->message ? message_text(message->message, place, text)
                            : question_text(message->question, text);
}

/* Where the registrable domain, or with `tld` the public suffix, begins in the text. Where there is
 * none, as under names for special use, the last label counts as a suffix. */
static size_t suffix_begin(struct suffix_cache *suffixes, const uint8_t *text, size_t len, bool tld)
{
    struct dns_name name;
    if (!name_of_text(&name, text, len))
        return 0;
    struct suffix_info info = suffix_lookup(suffixes, &name);
    bool is_suffix = info.suffix_class == SUFFIX_ICANN || info.suffix_class == SUFFIX_PRIVATE;
    int label = info.registrable;
    if (label < 0)
        label = is_suffix || name.labels < 2 ? -1 : name.labels - 2;
    label += tld;
    return label > 0 ? name.offset[label] : 0;
}

size_t rule_text_transform(const struct rule_buffer *buffer, struct suffix_cache *suffixes,
                           uint8_t text[static RULE_TEXT_MAX], size_t len)
{
    for (unsigned i = 0; i < buffer->transform_count; i++) {
        enum rule_transform transform = (enum rule_transform)buffer->transforms[i];
        if (transform == RULE_TRANSFORM_DOTPREFIX) {
            memmove(text + 1, text, len++);
            text[0] = '.';
        } else if (transform == RULE_TRANSFORM_LOWERCASE) {
            for (size_t j = 0; j < len; j++)
                text[j] = (uint8_t)(text[j] + (text[j] >= 'A' && text[j] <= 'Z' ? 32 : 0));
        } else {
            size_t begin = suffix_begin(suffixes, text, len, transform == RULE_TRANSFORM_TLD);
            len -= begin;
            memmove(text, text + begin, len);
        }
    }
    return len;
}
