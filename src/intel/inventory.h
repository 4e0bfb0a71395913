/* inventory.h - who is behind an address: names, owners and tags from inventory and lease files
 * SPDX-License-Identifier: Apache-2.0
 *
 * An inventory says what machines are called and whose they are, by address, CIDR block, host name
 * or hardware address. Lease files of DHCP servers say which machine had an address when: they are
 * read with the times in them and asked with the time of the event, so that an address that went
 * from one machine to another blames the right one. docs/inventory.md describes the files.
 *
 * One thread owns an inventory: the one that hands alerts on. It is asked once for each alert and
 * never for a packet. Memory is bounded by the limits of book.h. */
#pragma once

#include "base/error.h"
#include "config/config.h"

#include <dnsvigil/alert.h>

struct inventory;

/* Tells of one of the first lines of a file that were refused, or (line 0) that the file cannot be
 * read; the reason then names it. */
typedef void (*inventory_note_fn)(void *arg, const char *path, unsigned line, const char *reason);

/* Reads all files that the configuration names. It must outlive the inventory. A file that is not
 * there (yet) is told to `note` and tried again by inventory_refresh(). NULL without memory. */
struct inventory *inventory_new(const struct config_inventory *config, inventory_note_fn note,
                                void *arg);
void inventory_free(struct inventory *inventory);

/* Reads the files again if one of them has changed, and tells whether it did. A file that cannot be
 * read any more keeps what it said before. Costs a stat() for each file. */
bool inventory_refresh(struct inventory *inventory);

/* Fills in what is known of the alert's entity at the time it starts. Takes a NULL inventory. */
void inventory_describe(const struct inventory *inventory, struct alert *alert);

struct inventory_count {
    uint32_t hosts, leases, refused;
};

struct inventory_count inventory_count(const struct inventory *inventory);
