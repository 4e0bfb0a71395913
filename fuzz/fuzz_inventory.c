/* fuzz_inventory.c - any bytes as a lease file and as a table of machines, and what they then say
 * SPDX-License-Identifier: Apache-2.0
 *
 * Clients choose the host names that stand in lease files. */
#include "intel/book.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum { LEASE_S = 3600 };

/* An inventory_note_fn. */
static void refusal_check(void *arg, const char *path, unsigned line, const char *reason)
{
    (void)arg, (void)path;
    assert(line && reason[0]);
}

/* A lease, or a later one that takes its place, is found from its begin on and not past its end. */
static void leases_ask(const struct book *book)
{
    for (uint32_t i = 0; i < book->lease_count; i++) {
        const struct book_lease *lease = &book->leases[i];
        const struct book_lease *found = book_lease_at(book, &lease->addr, lease->start_s);
        if (lease->start_s < lease->end_s)
            assert(found && found->start_s == lease->start_s);
        assert(strlen(book_text(book, lease->name)) <= BOOK_CELL_MAX);
        if (lease->end_s == INT64_MAX)
            continue;
        found = book_lease_at(book, &lease->addr, lease->end_s + 1);
        assert(!found || found->end_s > lease->end_s);
    }
}

/* Each entry is found by what it is about, or one read before it or about a smaller block is. */
static void hosts_ask(const struct book *book)
{
    for (uint32_t i = 0; i < book->host_count; i++) {
        const struct book_host *host = &book->hosts[i];
        const char *key = book_text(book, host->key);
        const struct book_host *found =
            host->key ? book_host_by_key(book, key, strlen(key))
                      : book_host_by_addr(book, &host->block.addr, host->block.bits);
        assert(found);
        assert(found->order <= host->order || found->block.bits > host->block.bits);
        assert(strlen(book_text(book, host->name)) <= BOOK_CELL_MAX);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct book book;
    for (int table = 0; table < 2; table++) {
        book_init(&book, refusal_check, NULL);
        if (table)
            inventory_table_read(&book, (const char *)data, len);
        else
            leases_read(&book, (const char *)data, len, LEASE_S);
        book_finish(&book);
        leases_ask(&book);
        hosts_ask(&book);
        book_done(&book);
    }
    return 0;
}
