/* artefact_dnsdist.c - isolation as a Lua file of dnsdist: load it with dofile()
 * SPDX-License-Identifier: Apache-2.0
 *
 * It may be loaded again from the console: the rules that it added before go first, by their names.
 * They come before all others. */
#include "respond/artefact.h"

static void part_write(const struct artefact_input *input, bool names, struct buf *buf)
{
    for (size_t i = 0; i < input->count; i++) {
        const struct isolated *item = &input->items[i];
        if (item->is_name != names)
            continue;
        buf_text(buf, names ? "dnsvigil_names:add(newDNSName('" : "dnsvigil_clients:addMask('");
        if (names)
            artefact_name(buf, &item->name, "\\\\");
        else
            artefact_network(buf, &item->network);
        buf_text(buf, names ? "'))\n" : "')\n");
    }
}

int artefact_dnsdist(const struct artefact_input *input, struct buf *buf, struct error *error)
{
    (void)error;
    artefact_head(buf, "--", input);
    buf_text(buf, "if dnsvigil_clients then\n"
                  "    rmRule('dnsvigil-clients')\n"
                  "    rmRule('dnsvigil-names')\n"
                  "end\n"
                  "dnsvigil_clients = newNMG()\n"
                  "dnsvigil_names = newSuffixMatchNode()\n");
    part_write(input, false, buf);
    part_write(input, true, buf);
    buf_text(buf, "addAction(SuffixMatchNodeRule(dnsvigil_names), RCodeAction(DNSRCode.NXDOMAIN),\n"
                  "    {name = 'dnsvigil-names'})\n"
                  "mvRuleToTop()\n"
                  "addAction(NetmaskGroupRule(dnsvigil_clients), RCodeAction(DNSRCode.REFUSED),\n"
                  "    {name = 'dnsvigil-clients'})\n"
                  "mvRuleToTop()\n");
    return 0;
}
