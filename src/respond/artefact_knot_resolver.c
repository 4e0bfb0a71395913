/* artefact_knot_resolver.c - isolation as a Lua file of Knot Resolver 5: load it with dofile()
 * SPDX-License-Identifier: Apache-2.0
 *
 * It may be loaded again into a resolver that runs: the rules that it added before go first. They
 * come before all others, which might let a query through. */
#include "respond/artefact.h"

int artefact_knot_resolver(const struct artefact_input *input, struct buf *buf, struct error *error)
{
    (void)error;
    artefact_head(buf, "--", input);
    buf_text(buf, "modules.load('policy')\n"
                  "modules.load('view')\n"
                  "for _, id in ipairs(rawget(_G, 'dnsvigil_isolation') or {}) do\n"
                  "    policy.del(id)\n"
                  "end\n"
                  "rawset(_G, 'dnsvigil_isolation', {})\n"
                  "local function isolate(rule)\n"
                  "    table.insert(dnsvigil_isolation, policy.add(rule).id)\n"
                  "    table.insert(policy.rules, 1, table.remove(policy.rules))\n"
                  "end\n");
    for (size_t i = 0; i < input->count; i++) {
        const struct isolated *item = &input->items[i];
        buf_text(buf, item->is_name ? "isolate(policy.suffix(policy.DENY, {todname('"
                                    : "isolate(view.rule_src(policy.REFUSE, '");
        if (item->is_name)
            artefact_name(buf, &item->name, "\\\\");
        else
            artefact_network(buf, &item->network);
        buf_text(buf, item->is_name ? "')}))\n" : "'))\n");
    }
    return 0;
}
