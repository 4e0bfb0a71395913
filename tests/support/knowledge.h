/* knowledge.h - a configuration and lists for tests, from text in memory
 * SPDX-License-Identifier: Apache-2.0
 *
 *     knowledge_open(&k, &error);
 *     knowledge_config(&k, "test.yaml", "resolvers: [192.0.2.53]\n", &error);
 *     knowledge_feed(&k, &(struct feed_config){.name = "evil", .category = CATEGORY_C2,
 *                                              .confidence = 80}, "evil-domain.net\n", &error);
 *     knowledge_build(&k, &error);
 *     ... k.config, k.intel, k.suffixes ...
 *     knowledge_close(&k);
 *
 * All but the last return 0 or a negative errno with a message. The public suffix list is the
 * system's. */
#pragma once

#include "config/config.h"
#include "pipeline/lists.h"

struct knowledge {
    struct config *config;
    struct intel_builder *builder;
    struct lists lists; /* intel and brands are NULL until knowledge_build() */
};

/* Starts with the default configuration and no lists. */
int knowledge_open(struct knowledge *knowledge, struct error *error);

/* Replaces the configuration. */
int knowledge_config(struct knowledge *knowledge, const char *name, const char *yaml,
                     struct error *error);

/* The lists that come with the program, from the source tree's data/intel; before other lists. */
int knowledge_seeds(struct knowledge *knowledge, const char *dir, struct error *error);

/* One more list. A refused line is an error: a test means what it says. */
int knowledge_feed(struct knowledge *knowledge, const struct feed_config *feed, const char *text,
                   struct error *error);

/* Signature rules, one a line. A rule that is refused is an error. */
int knowledge_rules(struct knowledge *knowledge, const char *name, const char *rules,
                    struct error *error);

/* Those of rules/dnsvigil.rules, which is found from the folder of the seed lists. */
int knowledge_own_rules(struct knowledge *knowledge, const char *seed_dir, struct error *error);

int knowledge_build(struct knowledge *knowledge, struct error *error);

/* Frees all; takes a half-built one, too. */
void knowledge_close(struct knowledge *knowledge);
