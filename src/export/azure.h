/* azure.h - what the three shapes of an Azure alert have in common: vendor, places, entities
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "export/facts.h"

#define AZURE_ZERO_UUID "00000000-0000-0000-0000-000000000000"
#define AZURE_COMPONENT "DNS"
#define AZURE_INTERFACE "2022-01-01"

const char *azure_vendor(const struct dialect_context *context);
const char *azure_product(const struct dialect_context *context);

/* The text, or what stands for it where the context has none. */
const char *azure_or(const char *text, const char *otherwise);

/* "Active", or "New" for alerts nobody has looked at, as messages and rows have it. */
const char *azure_row_status(const struct alert *alert);

/* The values of these keys, as JSON. */
void azure_extended_properties(const struct dialect_context *context, const struct alert *alert,
                               struct json *json);
void azure_extended_links(const struct dialect_context *context, const struct alert *alert,
                          struct json *json);

enum { AZURE_FIRST_ENTITY = 3 }; /* smaller $id are taken by resource identifiers */

/* Entities in PascalCase, numbered by $id from AZURE_FIRST_ENTITY on; a $ref names one that stands
 * before it. `IpAdresses` is spelt as those who read it expect. */
void azure_entities(const struct alert *alert, struct json *json);

/* Techniques without their sub-techniques, or the sub-techniques alone, as a list. */
void azure_techniques(const struct alert *alert, bool sub, struct json *json);

/* {action, apiVersion, isSnapshot, interval}, for records of a snapshot. */
void azure_enrichment(const struct dialect_context *context, struct json *json);
