/* artefact.c - what the writers of isolation share: order, names, comments, and their table
 * SPDX-License-Identifier: Apache-2.0 */
#include "respond/artefact.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

const struct artefact_row artefacts[ARTEFACT_COUNT] = {
#define ARTEFACT(id, slug, names, text) [ARTEFACT_##id] = {#slug, text, names, artefact_##slug},
#include <dnsvigil/artefacts.def>
#undef ARTEFACT
};

bool isolated_holds(const struct isolated *outer, const struct isolated *inner)
{
    if (outer->is_name != inner->is_name)
        return false;
    if (outer->is_name)
        return name_is_under(&inner->name, &outer->name);
    return outer->network.bits <= inner->network.bits &&
           prefix_contains(&outer->network, &inner->network.addr);
}

static int names_compare(const struct dns_name *a, const struct dns_name *b)
{
    size_t least = a->len < b->len ? a->len : b->len;
    int order = memcmp(a->wire, b->wire, least);
    return order ? order : (int)a->len - (int)b->len;
}

/* Addresses before names; of equal ones that which lasts longest comes first. */
static int isolated_compare(const void *a, const void *b)
{
    const struct isolated *x = a, *y = b;
    if (x->is_name != y->is_name)
        return x->is_name - y->is_name;
    int order = x->is_name ? names_compare(&x->name, &y->name)
                           : memcmp(&x->network, &y->network, sizeof(x->network));
    if (order)
        return order;
    return (x->until_ns < y->until_ns) - (x->until_ns > y->until_ns);
}

/* Whether another makes the one at `i` superfluous; of two that are equal, the first stays. */
static bool is_covered(const struct isolated *items, size_t count, size_t i)
{
    for (size_t j = 0; j < count; j++) {
        if (j == i || !isolated_holds(&items[j], &items[i]) ||
            items[j].until_ns < items[i].until_ns)
            continue;
        bool same = isolated_holds(&items[i], &items[j]) && items[j].until_ns == items[i].until_ns;
        if (!same || j < i)
            return true;
    }
    return false;
}

size_t isolated_prepare(struct isolated *items, size_t count)
{
    size_t kept = 0;
    qsort(items, count, sizeof(*items), isolated_compare);
    bool *covered = calloc(count ? count : 1, sizeof(*covered));
    for (size_t i = 0; covered && i < count; i++)
        covered[i] = is_covered(items, count, i);
    for (size_t i = 0; i < count; i++)
        if (!covered || !covered[i]) {
            if (kept != i)
                items[kept] = items[i];
            kept++;
        }
    free(covered);
    return kept;
}

bool isolated_parse(const char *text, struct isolated *ret_item)
{
    size_t len = strlen(text);
    memset(ret_item, 0, sizeof(*ret_item));
    if (prefix_parse(text, len, &ret_item->network))
        return true;
    ret_item->is_name = name_from_text(&ret_item->name, text, len);
    return ret_item->is_name;
}

static bool label_begins(const struct dns_name *name, unsigned label, const char *start)
{
    size_t len;
    const uint8_t *bytes = name_label(name, label, &len);
    return len >= strlen(start) && memcmp(bytes, start, strlen(start)) == 0;
}

bool isolated_name_is_plain(const struct dns_name *name)
{
    if (name->labels < 2 || label_begins(name, name->labels - 1u, "rpz-"))
        return false;
    for (unsigned i = 0; i < name->labels; i++)
        if (label_begins(name, i, "*") && name->wire[name->offset[i]] == 1)
            return false;
    return true;
}

void artefact_head(struct buf *buf, const char *mark, const struct artefact_input *input)
{
    buf_printf(buf,
               "%s Isolation by dnsvigil, number %" PRIu32 ": written anew at each change; do not "
               "edit.\n",
               mark, input->serial);
}

void artefact_name(struct buf *buf, const struct dns_name *name, const char *slash)
{
    for (unsigned i = 0; i < name->labels; i++) {
        size_t len;
        const uint8_t *label = name_label(name, i, &len);
        for (size_t j = 0; j < len; j++) {
            if (isalnum(label[j]) || label[j] == '-' || label[j] == '_')
                buf_char(buf, (char)label[j]);
            else
                buf_printf(buf, "%s%03u", slash, label[j]);
        }
        buf_char(buf, '.');
    }
}

void artefact_network(struct buf *buf, const struct prefix *network)
{
    char text[ADDR_TEXT_MAX];
    addr_format(&network->addr, text);
    bool v4 = addr_is_v4(&network->addr) && network->bits >= 96;
    buf_printf(buf, "%s/%u", text, network->bits - (v4 ? 96u : 0u));
}
