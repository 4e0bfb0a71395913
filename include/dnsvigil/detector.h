/* detector.h - the catalogue of detectors and what one of them says about a transaction
 * SPDX-License-Identifier: Apache-2.0
 *
 * A detector is a row in detectors.def and a file in src/detect/. The row is everything the outside
 * knows; the file holds one pure function. A row marked AVAILABLE without its function does not
 * link; a function without its row does not compile (see DETECTOR_FUNCTION). */
#pragma once

#include <dnsvigil/indicator.h>
#include <dnsvigil/terms.h>
#include <dnsvigil/transaction.h>

enum detector {
#define DETECTOR(id, slug, ...) DETECTOR_##id,
#include <dnsvigil/detectors.def>
#undef DETECTOR
    DETECTOR_COUNT,
};

/* Why a detector fired, one row in reasons.def for each kind of evidence. */
enum reason {
#define REASON(id, slug, ...) REASON_##id,
#include <dnsvigil/reasons.def>
#undef REASON
    REASON_COUNT,
};

/* What a detector needs to see to be able to fire. */
enum detector_wants {
    WANTS_QUESTION = 1 << 0,
    WANTS_ANSWERS = 1 << 1,
    WANTS_RAW = 1 << 2, /* the message bytes */
};

/* How sure a finding must be before it is raised: the one knob of every detector. */
enum confidence_knob { KNOB_LOW, KNOB_MEDIUM, KNOB_HIGH, KNOB_COUNT };
extern const uint8_t confidence_floor[KNOB_COUNT];

enum suffix_class {
    SUFFIX_NONE,        /* single label or root: no registrable domain */
    SUFFIX_ICANN,       /* a delegated public suffix */
    SUFFIX_PRIVATE,     /* a private-section suffix (github.io): tenants register below it */
    SUFFIX_SPECIAL_USE, /* RFC 6761 and friends: onion, local, home.arpa, test … */
    SUFFIX_REVERSE,     /* in-addr.arpa, ip6.arpa */
    SUFFIX_UNDELEGATED, /* a top-level domain that does not exist */
    SUFFIX_CLASS_COUNT,
};
extern const char *const suffix_class_names[SUFFIX_CLASS_COUNT];

enum { HITS_MAX = 16 };

/* How much of the past is known when a domain is called new. */
enum history {
    HISTORY_INPUT,   /* none: it is a file, and new is what that shows for the first time */
    HISTORY_SHORT,   /* of this network, for too short a time to say what is new */
    HISTORY_NETWORK, /* of this network, for long enough */
    HISTORY_COUNT,
};
extern const char *const history_slugs[HISTORY_COUNT]; /* "" where nothing can be called new */

struct anomaly_measure;
struct burst_measure;
struct config;
struct domain;
struct lookalike;
struct signature_measure;
struct tunnel_measure;

/* How random a label looks: see lexical.h of the enrich room. */
struct lexical {
    bool known;         /* a score was worked out */
    float score;        /* log-odds; higher is more like a generated name */
    float benign_share; /* share of benign names that score as high: the false-positive rate */
};

/* What a name has been looked through for in vain. */
enum name_lacks {
    NAME_LACKS_PROFILE = 1 << 0,  /* a suffix or label that a profile is about */
    NAME_LACKS_LIKENESS = 1 << 1, /* to a brand */
    NAME_LACKS_MINING = 1 << 2,   /* letters that mining pools are named with */
    NAME_LACKS_ENTRY = 1 << 3,    /* of a list of names, whatever its category and age */
    NAME_LACKS_ALL = (1 << 4) - 1,
};

/* What the enrich and meter rooms add to a transaction. */
struct enrichment {
    struct addr entity;      /* who asked: never a forwarder where the asker is known behind it */
    uint64_t entity_hash;    /* of it, with the seed of this process … */
    uint64_t entity_fixed;   /* … and with HASH_FIXED_SEED: enrich_entity() sets all three */
    uint64_t domain_fixed;   /* name_hash_fixed() of the registrable domain, where there is one */
    int64_t judged_ns;       /* event time of the judgement; later than the transaction's own where
                                a decision was waited for, 0 where it is the same */
    bool entity_is_resolver; /* only a configured resolver is visible: nobody to blame */
    uint8_t suffix_class;    /* enum suffix_class of the question */
    int16_t registrable;     /* first label of the registrable domain, -1 for none */
    bool popular;            /* the registrable domain is on the popular list */
    bool allowed;            /* an allow entry covers the question */
    uint8_t popularity;      /* log2 of the registrable domain's rank, 1 and up; 0: unknown */
    uint8_t profile;         /* enum profile_class of the question (profile.h); 0: none */
    uint8_t profile_label;   /* where the suffix or label begins that has the profile */
    uint8_t lacks;           /* bits of enum name_lacks, as far as they are known */
    uint16_t exempt;         /* bit n: detector n leaves the question alone: profile_exempts() */
    struct lexical lexical;  /* of the registrable label */
    float strangers; /* domains of which nobody knows anything, like this one, but with names
                        like most, that the entity reached within an hour or so; 1 at least
                        for such a domain itself, 0: this is none */
    uint8_t history; /* enum history */
    uint8_t hit_count;
    struct indicator_hit hits[HITS_MAX]; /* most specific first, question before answers */

    /* What the meters say once they have counted this transaction; NULL where they say nothing. */
    const struct tunnel_measure *tunnel;
    const struct burst_measure *burst;
    const struct anomaly_measure *anomaly;
    const struct lookalike *lookalike;
    const struct signature_measure *signature;
    const struct domain *domain; /* of the registrable domain */
    const struct config *config; /* thresholds; never NULL in the pipeline */
};

enum { FEATURES_MAX = 6 };

/* One number that took part in the decision. Names and units are literals. */
struct feature {
    const char *name;
    double value;
    double threshold;
    const char *unit; /* "" for a plain number */
};

struct finding {
    uint8_t detector;   /* enum detector */
    uint8_t reason;     /* enum reason */
    uint8_t confidence; /* 0-100 */
    int8_t severity;    /* enum severity, or -1 for the detector's own */
    int8_t hit;         /* index into enrichment.hits, or -1 */
    int16_t label;      /* the alert is about the question from this label on; -1: the registrable
                           domain, or the whole name where there is none */
    uint64_t story;     /* findings of one detector and entity with the same one are one alert; 0:
                           those about the same domain are */
    uint32_t more;      /* how many domains beyond those told one by one there are by now, this
                           finding's among them; 0: it is told by itself */
    uint8_t feature_count;
    struct feature features[FEATURES_MAX];
};

/* Pure: reads the transaction and its enrichment and returns whether it fires. Then it has set
 * reason and confidence of *finding and what else it knows; the caller has set detector, severity,
 * hit and label to "none", story, more and feature_count to 0. No clock, no state, no allocation.
 * Called by the shard's thread. */
typedef bool (*detect_fn)(const struct transaction *transaction,
                          const struct enrichment *enrichment, struct finding *finding);

struct detector_row {
    const char *slug;
    const char *alert_type; /* the literal public id */
    detect_fn detect;       /* NULL: not yet available */
    const char *title[LANGUAGE_COUNT];
    const char *description[LANGUAGE_COUNT]; /* template with %{CompromisedEntity} */
    const char *looks_for[LANGUAGE_COUNT];   /* for `describe` */
    const char *clear[LANGUAGE_COUNT];       /* for `explain`: why a name is not its business */
    uint8_t severity;                        /* enum severity, reference profile */
    uint8_t severity_strict;                 /* strict profile */
    uint8_t tactic;                          /* enum tactic */
    uint8_t wants;                           /* enum detector_wants, or-ed */
    const char *techniques;                  /* ATT&CK ids separated by spaces */
};

extern const struct detector_row detector_rows[DETECTOR_COUNT];

struct reason_row {
    const char *slug;
    uint8_t detector;
    const char *summary[LANGUAGE_COUNT];   /* template, see alert_render() */
    const char *benign_if[LANGUAGE_COUNT]; /* template */
};

extern const struct reason_row reason_rows[REASON_COUNT];

/* The detector with this slug or literal alert type, or -1. */
int detector_parse(const char *text);

/* Opens a detector's function: it exists only where detectors.def has an AVAILABLE row. */
#define DETECTOR_FUNCTION(id, slug)                                                                \
    _Static_assert(DETECTOR_AVAILABLE_##id, "detectors.def marks this detector as planned");       \
    bool detect_##slug(const struct transaction *transaction, const struct enrichment *enrichment, \
                       struct finding *finding)

enum {
#define AVAILABLE                            1
#define PLANNED                              0
#define DETECTOR(id, slug, type, state, ...) DETECTOR_AVAILABLE_##id = state,
#include <dnsvigil/detectors.def>
#undef DETECTOR
#undef AVAILABLE
#undef PLANNED
};
#define DETECT_AVAILABLE(slug)                                                                     \
    bool detect_##slug(const struct transaction *, const struct enrichment *, struct finding *);
#define DETECT_PLANNED(slug)
#define DETECTOR(id, slug, type, state, ...) DETECT_##state(slug)
#include <dnsvigil/detectors.def>
#undef DETECTOR
#undef DETECT_AVAILABLE
#undef DETECT_PLANNED
