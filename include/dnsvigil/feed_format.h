/* feed_format.h - the formats a list of names and addresses can be in
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

enum feed_format {
    FEED_AUTO, /* told from the content */
#define FEED_FORMAT(id, slug, kind, title, text) FEED_##id,
#include <dnsvigil/feed_formats.def>
#undef FEED_FORMAT
    FEED_FORMAT_COUNT,
};
