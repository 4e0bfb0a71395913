/* checks.c - what the keys of a section must hold together, and the catalogue of feeds
 * SPDX-License-Identifier: Apache-2.0 */
#include "config/schema.h"

#include <dnsvigil/indicator.h>

#include <string.h>
#include <strings.h>

/* data/feeds/feeds.yaml, made into an array by the build. */
extern const unsigned char feeds_file[];
extern const unsigned long feeds_file_len;

const char *config_catalogue_text(size_t *ret_len)
{
    *ret_len = feeds_file_len;
    return (const char *)feeds_file;
}

static bool begins(const char *text, const char *prefix)
{
    return strncasecmp(text, prefix, strlen(prefix)) == 0;
}

const char *config_check_feed(const void *base)
{
    const struct config_feed *feed = base;
    if (strcmp(feed->name, CONFIG_FEED_SUFFIXES) == 0)
        return "the name " CONFIG_FEED_SUFFIXES " is taken: see intel.public_suffix_url";
    if (!feed->url[0] == !feed->path[0])
        return "a feed has either a url or a path";
    if (feed->path[0])
        return NULL;
    if (feed->category == CATEGORY_ALLOW)
        return "category allow is for your own lists: download it yourself and name its path";
    if (begins(feed->url, "http://") && !feed->allow_http)
        return "a url without encryption needs allow_http: true, for anybody on the way could "
               "change the list";
    if (!begins(feed->url, "https://") && !begins(feed->url, "http://"))
        return "a url begins with https:// (or http://)";
    return NULL;
}

const char *config_check_source(const void *base)
{
    const struct config_source *source = base;
    switch ((enum source_type)source->type) {
#define SOURCE_TYPE(id, slug, open, key, text)                                                     \
    case SOURCE_TYPE_##id:                                                                         \
        return source->key[0] ? NULL : "a source of type " slug " needs " #key;
#include <dnsvigil/source_types.def>
#undef SOURCE_TYPE
    case SOURCE_TYPE_COUNT: break;
    }
    return NULL;
}
