/* artefact.h - the kinds of files in which isolation is written for other programs
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

enum artefact {
#define ARTEFACT(id, slug, names, text) ARTEFACT_##id,
#include <dnsvigil/artefacts.def>
#undef ARTEFACT
    ARTEFACT_COUNT,
};
