/* artefact_nftables.c - isolation as a script for `nft -f`: packets from and to machines are
 * dropped
 *
 * SPDX-License-Identifier: Apache-2.0
 *
 * A table of our own, taken away and made anew in one transaction of the kernel, so that undoing is
 * loading the script without the element. Each element has the time that is left to it and ends by
 * itself, also where nobody is there any more to load the next script. */
#include "respond/artefact.h"

#include "base/clock.h"

#include <inttypes.h>

/* Whole seconds, rounded up; an element must have some. */
static int64_t seconds_left(const struct isolated *item, int64_t now_ns)
{
    int64_t left_ns = item->until_ns - now_ns;
    return left_ns <= NS_PER_S ? 1 : (left_ns + NS_PER_S - 1) / NS_PER_S;
}

/* The kernel refuses overlaps: what outlasts the network it is in comes when that has ended. */
static bool is_within_another(const struct artefact_input *input, const struct isolated *item)
{
    for (size_t i = 0; i < input->count; i++)
        if (&input->items[i] != item && isolated_holds(&input->items[i], item))
            return true;
    return false;
}

static bool is_in(const struct artefact_input *input, const struct isolated *item, bool v4)
{
    bool is_v4 = addr_is_v4(&item->network.addr) && item->network.bits >= 96;
    return !item->is_name && is_v4 == v4 && !is_within_another(input, item);
}

static void set_write(const struct artefact_input *input, bool v4, struct buf *buf)
{
    const char *lead = "        elements = {\n";
    buf_printf(buf,
               "    set clients_v%c {\n        type ipv%c_addr\n        flags interval, timeout\n",
               v4 ? '4' : '6', v4 ? '4' : '6');
    for (size_t i = 0; i < input->count; i++) {
        if (!is_in(input, &input->items[i], v4))
            continue;
        buf_text(buf, lead);
        lead = "";
        buf_text(buf, "            ");
        artefact_network(buf, &input->items[i].network);
        buf_printf(buf, " timeout %" PRId64 "s,\n", seconds_left(&input->items[i], input->now_ns));
    }
    buf_text(buf, *lead ? "    }\n" : "        }\n    }\n");
}

int artefact_nftables(const struct artefact_input *input, struct buf *buf, struct error *error)
{
    (void)error;
    artefact_head(buf, "#", input);
    buf_text(buf, "table inet dnsvigil\n"
                  "delete table inet dnsvigil\n"
                  "table inet dnsvigil {\n");
    set_write(input, true, buf);
    set_write(input, false, buf);
    buf_text(buf, "    chain from_clients {\n"
                  "        type filter hook prerouting priority raw; policy accept;\n"
                  "        ip saddr @clients_v4 drop\n"
                  "        ip6 saddr @clients_v6 drop\n"
                  "    }\n"
                  "    chain to_clients {\n"
                  "        type filter hook postrouting priority 0; policy accept;\n"
                  "        ip daddr @clients_v4 drop\n"
                  "        ip6 daddr @clients_v6 drop\n"
                  "    }\n"
                  "}\n");
    return 0;
}
