/* kafka_conf.h - the Kafka library's settings, made of an export's
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "config/config.h"

#include <librdkafka/rdkafka.h>

enum { KAFKA_SCOPE_MAX = 2100 };

/* Settings of a producer that never gives a record up by itself: it is its user who purges what
 * takes too long. Reads the password's file. NULL with a message. Free with
 * rd_kafka_conf_destroy(). */
rd_kafka_conf_t *kafka_conf_new(const struct config_export *config, struct error *error);

/* What a token is asked for: the configured scope or, at Event Hubs, the namespace. */
void kafka_scope(const struct config_export *config, char ret_scope[static KAFKA_SCOPE_MAX]);
