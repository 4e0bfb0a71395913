/* items.h - prints the items that the API answered: aligned columns, or one JSON object a line
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "cli/output.h"

#include <jansson.h>

/* Prints answer's "items", with the keys of `columns` (NULL ends them) as columns; what an item
 * does not have is "-". Machines get all keys. CSV is not made. */
void items_print(const json_t *answer, const char *const columns[], enum output_format format);
