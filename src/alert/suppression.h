/* suppression.h - rules that dismiss alerts nobody needs to look at, as they are stored
 * SPDX-License-Identifier: Apache-2.0
 *
 * A rule says which types of alert, and under which conditions (all must hold):
 *
 *     {"name": "lab-scanner", "alert_types": ["dark_web", "threat_intel"],
 *      "conditions": [{"field": "ip", "cidr": "192.0.2.0/24"},
 *                     {"field": "domain", "suffix": "example.com"}],
 *      "state": "enabled", "reason": "expected", "comment": "ticket 17",
 *      "expires": "2027-01-31T00:00:00Z"}
 *
 * A condition has one of "in" (a list, equal to one of them), "contains", "suffix" (of a name, on
 * the border of a label) and "cidr" (IPv4 or IPv6). Fields are the rows of suppression_fields.def.
 * Letters match in either case. A type that this version does not know is kept, for the day when
 * one does. Everything here is pure: no clock, no state; a rule may be read by any thread. */
#pragma once

#include "base/addr.h"
#include "base/error.h"
#include "base/json.h"

#include <dnsvigil/alert.h>

#include <jansson.h>

enum {
    SUPPRESSION_NAME_MAX = 50,
    SUPPRESSION_TYPES_MAX = 32,
    SUPPRESSION_TYPE_MAX = 63,
    SUPPRESSION_CONDITIONS_MAX = 16,
    SUPPRESSION_VALUES_MAX = 256,              /* in one "in" */
    SUPPRESSION_VALUE_MAX = NAME_TEXT_MAX - 1, /* a name with all its escapes */
    SUPPRESSION_COMMENT_MAX = 1000,
    SUPPRESSION_JSON_MAX_BYTES = 16 << 20,
};

enum suppression_field {
#define SUPPRESSION_FIELD(id, ...) SUPPRESSION_FIELD_##id,
#include "alert/suppression_fields.def"
#undef SUPPRESSION_FIELD
    SUPPRESSION_FIELD_COUNT,
};

enum suppression_operator {
    SUPPRESSION_IN,
    SUPPRESSION_CONTAINS,
    SUPPRESSION_SUFFIX,
    SUPPRESSION_CIDR,
    SUPPRESSION_OPERATOR_COUNT,
};

/* Expired follows from the time; only the other two are ever set. */
enum suppression_state {
    SUPPRESSION_ENABLED,
    SUPPRESSION_DISABLED,
    SUPPRESSION_EXPIRED,
    SUPPRESSION_STATE_COUNT,
};
extern const char *const suppression_state_names[SUPPRESSION_STATE_COUNT];

struct suppression_condition {
    uint8_t field; /* enum suppression_field */
    uint8_t how;   /* enum suppression_operator */
    uint16_t count;
    char **values;        /* canonical: addresses and names as they stand in alerts */
    struct prefix prefix; /* of a "cidr" */
};

struct suppression {
    char name[SUPPRESSION_NAME_MAX + 1];
    char comment[SUPPRESSION_COMMENT_MAX + 1];
    bool disabled;
    uint8_t reason;     /* enum disposition, which dismissed alerts get */
    int64_t expires_ns; /* 0: never */
    bool every_type;
    uint8_t type_count; /* else these: slugs or literal ids */
    char types[SUPPRESSION_TYPES_MAX][SUPPRESSION_TYPE_MAX + 1];
    uint8_t condition_count;
    struct suppression_condition conditions[SUPPRESSION_CONDITIONS_MAX];
};

/* Reads a rule. Strict: -EINVAL with a message that names the key and what is allowed. What the
 * store adds when it tells a rule ("created", "modified", "hits", "last_hit") may be there and is
 * not read. A "*" without any condition is refused: it would hide everything. Free the rule with
 * suppression_free(). */
int suppression_from_json(const json_t *object, struct suppression **ret_rule, struct error *error);
int suppression_parse(const char *text, size_t len, struct suppression **ret_rule,
                      struct error *error);
void suppression_free(struct suppression *rule);

/* Writes the rule's keys, without the braces around them, so that the caller may add others.
 * `state` is what to tell as its state. */
void suppression_to_json(const struct suppression *rule, enum suppression_state state,
                         struct json *json);

/* Whether the rule is for alerts of this type, whatever its conditions. */
bool suppression_covers(const struct suppression *rule, enum detector detector);

bool suppression_matches(const struct suppression *rule, const struct alert *alert);

/* The state at `now_ns`. An enabled rule whose time is up has expired. */
enum suppression_state suppression_state_at(const struct suppression *rule, int64_t now_ns);

bool suppression_name_valid(const char *name);

enum suppression_scope {
    SUPPRESSION_SCOPE_ENTITY = 1 << 0, /* alerts of this machine */
    SUPPRESSION_SCOPE_DOMAIN = 1 << 1, /* alerts about this domain */
    SUPPRESSION_SCOPE_BOTH = SUPPRESSION_SCOPE_ENTITY | SUPPRESSION_SCOPE_DOMAIN,
};

/* Proposes a rule for alerts like this one: its type, and its machine, its domain or both; of a
 * signature, that one only. `reason` as in struct suppression. It matches the alert. -EINVAL when
 * the alert has no such machine or domain. */
int suppression_from_alert(const struct alert *alert, enum suppression_scope scope,
                           enum disposition reason, struct suppression **ret_rule,
                           struct error *error);
