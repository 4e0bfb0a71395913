/* feed_hosts.c - lists in the format of /etc/hosts: a blocking address and the names it stands for
 * SPDX-License-Identifier: Apache-2.0 */
#include "intel/feed.h"

#include "base/addr.h"

static const char *const blocking[] = {"0.0.0.0", "127.0.0.1", "::1", "::"};

/* Names for the machine itself and its network, which such lists carry for completeness. */
static const char *const own_names[] = {
    "localhost",
    "localhost.localdomain",
    "local",
    "broadcasthost",
    "loopback",
    "ip6-localhost",
    "ip6-loopback",
    "ip6-localnet",
    "ip6-allnodes",
    "ip6-allrouters",
    "ip6-allhosts",
    "ip6-mcastprefix",
    "0.0.0.0",
    "localhost4",
    "localhost6",
    "localhost4.localdomain4",
    "localhost6.localdomain6",
};

static bool is_one_of(struct slice text, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (slice_equal(text, list[i]))
            return true;
    return false;
}

bool feed_is_blocking(struct slice address)
{
    return is_one_of(address, blocking, sizeof(blocking) / sizeof(*blocking));
}

enum refusal feed_hosts_line(struct feed_lines *lines, struct slice line, struct feed_line *out)
{
    (void)lines;
    bool blocks = feed_is_blocking(slice_word(&line));
    line = slice_trim(slice_cut(&line, '#'));
    if (line.len == 0)
        return REFUSAL_NOT_A_NAME;
    while (line.len) {
        struct slice name = slice_word(&line);
        if (is_one_of(name, own_names, sizeof(own_names) / sizeof(*own_names)))
            continue;
        if (!blocks)
            return REFUSAL_NOT_BLOCKING;
        enum refusal refusal = feed_item_add(out, name, SCOPE_EXACT);
        if (refusal)
            return refusal;
    }
    return REFUSAL_NONE;
}

bool feed_hosts_like(struct slice line)
{
    struct addr ignored;
    struct slice address = slice_word(&line);
    return line.len && !feed_is_comment(line) && addr_parse(address.at, address.len, &ignored);
}
