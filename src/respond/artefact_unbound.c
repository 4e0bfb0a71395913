/* artefact_unbound.c - isolation as an include file of unbound.conf(5)
 * SPDX-License-Identifier: Apache-2.0 */
#include "respond/artefact.h"

int artefact_unbound(const struct artefact_input *input, struct buf *buf, struct error *error)
{
    (void)error;
    artefact_head(buf, "#", input);
    buf_text(buf, "server:\n");
    for (size_t i = 0; i < input->count; i++) {
        const struct isolated *item = &input->items[i];
        buf_text(buf, item->is_name ? "    local-zone: \"" : "    access-control: ");
        if (item->is_name)
            artefact_name(buf, &item->name, "\\");
        else
            artefact_network(buf, &item->network);
        buf_text(buf, item->is_name ? "\" always_nxdomain\n" : " refuse\n");
    }
    return 0;
}
