/* rule_text.h - the texts of a message that signature rules look into
 * SPDX-License-Identifier: Apache-2.0
 *
 * A name is shown to rules as text: labels with dots between them, every byte as it stood on the
 * wire. The root has no text. Names of one message are read up to a limit. */
#pragma once

#include "intel/rule_kinds.h"
#include "intel/suffix.h"

#include <dnsvigil/dns.h>

enum {
    RULE_QUESTIONS_MAX = 8, /* of one message that are looked into */
    RULE_NAMES_MAX = 64,    /* of all kinds */
    RULE_TEXT_MAX = NAME_WIRE_MAX + RULE_TRANSFORMS_MAX,
};

/* One message as rules see it. */
struct rule_message {
    const struct dns_message *message; /* NULL: nothing is known but the question */
    const struct dns_name *question;   /* NULL: none that can be read */
    const uint8_t *payload;            /* for TCP with the two bytes of length before */
    size_t payload_len;
    uint16_t qtype;
    uint8_t kind; /* enum rule_kind */
    bool response;
    bool tcp;
    const struct addr *source;
    const struct addr *destination;
    uint16_t source_port;
    uint16_t destination_port;
};

/* Where names stand in the message; 0 stands for a question of which no message is known. */
struct rule_places {
    unsigned count;
    bool cut; /* there are more than RULE_NAMES_MAX */
    uint16_t at[RULE_NAMES_MAX];
};

/* All instances of a buffer of names (not PAYLOAD). */
void rule_places(const struct rule_message *message, enum rule_buffer_kind kind,
                 struct rule_places *ret_places);

/* The types of the first RULE_QUESTIONS_MAX questions; returns how many. */
unsigned rule_question_types(const struct rule_message *message,
                             uint16_t types[RULE_QUESTIONS_MAX]);

/* The text of the name at a place; returns its length, 0 for the root and for what is no name. */
size_t rule_name_text(const struct rule_message *message, uint16_t place,
                      uint8_t text[static RULE_TEXT_MAX]);

/* Applies the buffer's transforms in order; returns the new length. */
size_t rule_text_transform(const struct rule_buffer *buffer, struct suffix_cache *suffixes,
                           uint8_t text[static RULE_TEXT_MAX], size_t len);
