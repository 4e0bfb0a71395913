/* book.h - what inventory and lease files say, collected while they are read and sorted to be asked
 * SPDX-License-Identifier: Apache-2.0
 *
 * Texts are kept once each, as offsets into `text`; offset 0 is the empty text. What a file says is
 * checked here, whichever form it was written in: clients choose the host names in lease files. */
#pragma once

#include "base/addr.h"
#include "base/buf.h"
#include "intel/inventory.h"
#include "intel/slice.h"

#include <stdint.h>

enum {
    BOOK_TEXT_BYTES_MAX = 64 << 20,
    BOOK_HOSTS_MAX = 1 << 18,
    BOOK_LEASES_MAX = 1 << 20,
    BOOK_LINE_MAX = 4096,
    BOOK_NOTES_MAX = 5,  /* refused lines of a file that are told; all are counted */
    BOOK_CELL_MAX = 255, /* bytes of a name, an owner, an address, or all tags together */
};

/* One entry of an inventory. */
struct book_host {
    struct prefix block;               /* what it is about, where `key` is 0 */
    uint32_t key;                      /* a host name or hardware address in lower case */
    uint32_t name, owner, email, tags; /* tags: one a line */
    uint32_t order;                    /* of reading: of two about the same the first counts */
};

/* An address in somebody's hands for some time. */
struct book_lease {
    struct addr addr;
    int64_t start_s; /* since 1970 UTC */
    int64_t end_s;   /* INT64_MAX: for good */
    uint32_t order;  /* of reading: of two that start together the later one counts */
    uint32_t name, hardware;
};

struct book {
    struct buf text;
    struct book_host *hosts;
    uint32_t host_count;
    uint32_t key_count; /* of these, those with a key: they stand first once sorted */
    struct book_lease *leases;
    uint32_t lease_count;
    uint32_t refused; /* lines */
    const char *path; /* of the file that is read, and where in it */
    unsigned line;
    inventory_note_fn note;
    void *arg;
};

/* An entry as it is written; tags are separated by ';'. */
struct book_row {
    struct slice match, name, owner, email, tags;
};

/* A lease as it is written. */
struct book_tenure {
    struct slice addr, name, hardware; /* the last two may be empty */
    int64_t start_s, end_s;
};

void book_init(struct book *book, inventory_note_fn note, void *arg);
void book_done(struct book *book);

/* Counts the line as refused and tells of it, unless `reason` is NULL. */
void book_refuse(struct book *book, const char *reason);

/* Add one; NULL, or why it cannot be used. A lease is used without a host name that is none: a
 * client that asks for one must not thereby be taken for who had the address before. */
const char *book_add_host(struct book *book, const struct book_row *row);
const char *book_add_lease(struct book *book, const struct book_tenure *tenure);

/* Adds the leases of an earlier book, for questions about the time before a file was last written:
 * DHCP servers forget. Leases that ended a day before the newest one began are let go. Call before
 * the files are read: what they say of the same lease counts. */
void book_keep_leases(struct book *book, const struct book *before);

/* Sorts; call once, after the last addition. */
void book_finish(struct book *book);

/* The entry for a host name or a hardware address (in any case), or for the smallest block around
 * an address of at least `bits_min` bits; NULL without. */
const struct book_host *book_host_by_key(const struct book *book, const char *key, size_t len);
const struct book_host *book_host_by_addr(const struct book *book, const struct addr *addr,
                                          unsigned bits_min);

/* The lease that holds at that time: the last one that began before, if it has not ended. */
const struct book_lease *book_lease_at(const struct book *book, const struct addr *addr,
                                       int64_t time_s);

static inline const char *book_text(const struct book *book, uint32_t offset)
{
    return book->text.data ? book->text.data + offset : "";
}

/* Readers of files, in inventory_table.c and leases_*.c: what they cannot use they refuse line by
 * line. */
void inventory_table_read(struct book *book, const char *data, size_t len);
void leases_read(struct book *book, const char *data, size_t len, int64_t lease_s);

/* Takes the next line off [*at, end), without its LF or CRLF, and counts it. False at the end. */
bool book_next_line(struct book *book, const char **at, const char *end, struct slice *ret_line);
