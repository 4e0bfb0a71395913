/* book.c - what inventory and lease files say, checked, kept and looked up
 * SPDX-License-Identifier: Apache-2.0 */
#include "intel/book.h"

#include "base/utf8.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { LEASE_KEPT_S = 86400 };

static const char no_memory[] = "there is no memory or no room left for it";

void book_init(struct book *book, inventory_note_fn note, void *arg)
{
    *book = (struct book){.note = note, .arg = arg};
    buf_init(&book->text, BOOK_TEXT_BYTES_MAX);
    buf_append(&book->text, "", 1);
}

void book_done(struct book *book)
{
    buf_done(&book->text);
    free(book->hosts);
    free(book->leases);
    *book = (struct book){0};
}

void book_refuse(struct book *book, const char *reason)
{
    if (!reason)
        return;
    if (book->refused++ < BOOK_NOTES_MAX)
        book->note(book->arg, book->path, book->line, reason);
}

bool book_next_line(struct book *book, const char **at, const char *end, struct slice *ret_line)
{
    if (*at >= end)
        return false;
    const char *newline = memchr(*at, '\n', (size_t)(end - *at));
    *ret_line = (struct slice){*at, (size_t)((newline ? newline : end) - *at)};
    *at = newline ? newline + 1 : end;
    if (ret_line->len && ret_line->at[ret_line->len - 1] == '\r')
        ret_line->len--;
    book->line++;
    return true;
}

/* The array with room for one more item; NULL without memory or beyond `max`. Arrays grow by
 * doubling, whenever their count is a power of two. */
static void *grown(void *items, uint32_t count, uint32_t max, size_t item_bytes)
{
    bool full = (count & (count - 1)) == 0;
    if (count >= max)
        return NULL;
    return full ? realloc(items, (count ? 2 * (size_t)count : 1) * item_bytes) : items;
}

/* Keeps the text; false when it does not fit. */
static bool text_keep(struct book *book, struct slice text, uint32_t *ret_offset)
{
    *ret_offset = 0;
    if (text.len == 0)
        return true;
    *ret_offset = (uint32_t)book->text.len;
    buf_append(&book->text, text.at, text.len);
    buf_append(&book->text, "", 1);
    return !book->text.overflow;
}

/* Text that an alert can carry: valid UTF-8 without control characters. */
static bool is_plain(struct slice text)
{
    uint32_t code;
    for (size_t at = 0, len; at < text.len; at += len) {
        len = utf8_decode((const uint8_t *)text.at + at, text.len - at, &code);
        if (len == 0 || code < 0x20 || (code >= 0x7f && code < 0xa0))
            return false;
    }
    return true;
}

/* Also of no text. A final dot is taken, an empty label is not. */
static bool is_host_name(struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        bool empty_label = text.at[i] == '.' && (i == 0 || text.at[i - 1] == '.');
        if (empty_label || (!isalnum((unsigned char)text.at[i]) && !strchr("-_.", text.at[i])))
            return false;
    }
    return text.len <= BOOK_CELL_MAX;
}

static const char *cell_check(struct slice text)
{
    if (text.len > BOOK_CELL_MAX)
        return "a cell is longer than 255 bytes";
    return is_plain(text) ? NULL : "a cell is not UTF-8 text or has control characters";
}

/* Writes a key as it is compared: in lower case, without a final dot. */
static struct slice key_of(struct slice text, char lower[static BOOK_CELL_MAX + 1])
{
    size_t len = text.len && text.at[text.len - 1] == '.' ? text.len - 1 : text.len;
    for (size_t i = 0; i < len; i++)
        lower[i] = (char)tolower((unsigned char)text.at[i]);
    lower[len] = 0;
    return (struct slice){lower, len};
}

static bool is_hardware(struct slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if (i % 3 == 2 ? text.at[i] != ':' : !isxdigit((unsigned char)text.at[i]))
            return false;
    return text.len >= 17 && text.len % 3 == 2;
}

/* What an entry is about. */
static const char *match_read(struct book *book, struct slice match, struct book_host *host)
{
    char lower[BOOK_CELL_MAX + 1];
    if (match.len == 0)
        return "the entry does not say what it is about";
    if (prefix_parse(match.at, match.len, &host->block))
        return NULL;
    if (memchr(match.at, '/', match.len))
        return "the CIDR block has bits set below its length, or is none";
    if (!is_hardware(match) && !is_host_name(match))
        return "it is neither an address, a CIDR block, a host name nor a hardware address";
    return text_keep(book, key_of(match, lower), &host->key) ? NULL : no_memory;
}

/* Keeps a list written with ';' between its words as lines. */
static const char *tags_keep(struct book *book, struct slice tags, uint32_t *ret_offset)
{
    char lines[BOOK_CELL_MAX + 1];
    size_t len = 0;
    while (tags.len) {
        struct slice tag = slice_trim(slice_cut(&tags, ';'));
        if (tag.len == 0)
            continue;
        if (len)
            lines[len++] = '\n';
        memcpy(lines + len, tag.at, tag.len);
        len += tag.len;
    }
    return text_keep(book, (struct slice){lines, len}, ret_offset) ? NULL : no_memory;
}

const char *book_add_host(struct book *book, const struct book_row *row)
{
    const struct slice *cells[] = {&row->match, &row->name, &row->owner, &row->email, &row->tags};
    struct book_host host = {0};
    for (size_t i = 0; i < sizeof(cells) / sizeof(*cells); i++) {
        const char *reason = cell_check(*cells[i]);
        if (reason)
            return reason;
    }
    const char *reason = match_read(book, row->match, &host);
    if (!reason)
        reason = tags_keep(book, row->tags, &host.tags);
    if (reason)
        return reason;
    if (!text_keep(book, row->name, &host.name) || !text_keep(book, row->owner, &host.owner) ||
        !text_keep(book, row->email, &host.email))
        return no_memory;
    struct book_host *hosts = grown(book->hosts, book->host_count, BOOK_HOSTS_MAX, sizeof(host));
    if (!hosts)
        return no_memory;
    host.order = book->host_count;
    book->hosts = hosts;
    book->hosts[book->host_count++] = host;
    return NULL;
}

static bool lease_push(struct book *book, const struct book_lease *lease)
{
    struct book_lease *leases =
        grown(book->leases, book->lease_count, BOOK_LEASES_MAX, sizeof(*lease));
    if (!leases)
        return false;
    book->leases = leases;
    book->leases[book->lease_count] = *lease;
    book->leases[book->lease_count].order = book->lease_count;
    book->lease_count++;
    return true;
}

const char *book_add_lease(struct book *book, const struct book_tenure *tenure)
{
    char lower[BOOK_CELL_MAX + 1];
    struct book_lease lease = {.start_s = tenure->start_s, .end_s = tenure->end_s};
    if (!addr_parse(tenure->addr.at, tenure->addr.len, &lease.addr))
        return "the address of the lease cannot be read";
    bool hardware = is_hardware(tenure->hardware) && tenure->hardware.len <= BOOK_CELL_MAX;
    struct slice name = tenure->name;
    bool good_name = is_host_name(name);
    if (!good_name)
        name.len = 0;
    else if (name.len && name.at[name.len - 1] == '.')
        name.len--;
    if (!text_keep(book, name, &lease.name) ||
        (hardware && !text_keep(book, key_of(tenure->hardware, lower), &lease.hardware)))
        return no_memory;
    if (!lease_push(book, &lease))
        return no_memory;
    return good_name ? NULL : "the host name is none, so the lease counts without it";
}

/* By address, then by start, then by order of reading. */
static int lease_order(const void *a, const void *b)
{
    const struct book_lease *x = a, *y = b;
    int by_addr = memcmp(x->addr.bytes, y->addr.bytes, sizeof(x->addr.bytes));
    if (by_addr)
        return by_addr;
    if (x->start_s != y->start_s)
        return x->start_s < y->start_s ? -1 : 1;
    return x->order < y->order ? -1 : x->order > y->order;
}

/* Of leases of one address that start together the last one read is what became of it. */
static void leases_supersede(struct book *book)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < book->lease_count; i++) {
        const struct book_lease *one = &book->leases[i], *next = one + 1;
        if (i + 1 < book->lease_count && addr_equal(&one->addr, &next->addr) &&
            one->start_s == next->start_s)
            continue;
        book->leases[kept++] = *one;
    }
    book->lease_count = kept;
}

static struct slice text_slice(const struct book *book, uint32_t offset)
{
    const char *text = book_text(book, offset);
    return (struct slice){text, strlen(text)};
}

void book_keep_leases(struct book *book, const struct book *before)
{
    int64_t newest_s = INT64_MIN + LEASE_KEPT_S;
    for (uint32_t i = 0; i < before->lease_count; i++)
        if (before->leases[i].start_s > newest_s)
            newest_s = before->leases[i].start_s;
    for (uint32_t i = 0; i < before->lease_count; i++) {
        struct book_lease lease = before->leases[i];
        if (lease.end_s < newest_s - LEASE_KEPT_S)
            continue;
        if (!text_keep(book, text_slice(before, lease.name), &lease.name) ||
            !text_keep(book, text_slice(before, lease.hardware), &lease.hardware) ||
            !lease_push(book, &lease))
            return;
    }
}

/* Entries by key first, in the order of keys; then blocks, the smallest first, by address. */
static int host_compare(const struct book_host *x, const struct book_host *y,
                        const struct book *book)
{
    if (!x->key != !y->key)
        return x->key ? -1 : 1;
    if (x->key)
        return strcmp(book_text(book, x->key), book_text(book, y->key));
    if (x->block.bits != y->block.bits)
        return x->block.bits > y->block.bits ? -1 : 1;
    return memcmp(x->block.addr.bytes, y->block.addr.bytes, sizeof(x->block.addr.bytes));
}

/* Of two entries about the same the one read first stands first and is found. */
static int host_order(const void *a, const void *b, void *book)
{
    const struct book_host *x = a, *y = b;
    int order = host_compare(x, y, book);
    return order ? order : x->order < y->order ? -1 : x->order > y->order;
}

void book_finish(struct book *book)
{
    if (book->lease_count)
        qsort(book->leases, book->lease_count, sizeof(*book->leases), lease_order);
    leases_supersede(book);
    if (book->host_count)
        qsort_r(book->hosts, book->host_count, sizeof(*book->hosts), host_order, book);
    while (book->key_count < book->host_count && book->hosts[book->key_count].key)
        book->key_count++;
}

const struct book_host *book_host_by_key(const struct book *book, const char *text, size_t len)
{
    char key[BOOK_CELL_MAX + 1];
    uint32_t from = 0, to = book->key_count;
    if (len > BOOK_CELL_MAX)
        return NULL;
    key_of((struct slice){text, len}, key);
    while (from < to) {
        uint32_t middle = from + (to - from) / 2;
        if (strcmp(book_text(book, book->hosts[middle].key), key) < 0)
            from = middle + 1;
        else
            to = middle;
    }
    if (from == book->key_count || strcmp(book_text(book, book->hosts[from].key), key) != 0)
        return NULL;
    return &book->hosts[from];
}

/* The first entry from `from` on that does not sort before the block. */
static uint32_t block_seek(const struct book *book, uint32_t from, const struct book_host *wanted)
{
    uint32_t to = book->host_count;
    while (from < to) {
        uint32_t middle = from + (to - from) / 2;
        if (host_compare(&book->hosts[middle], wanted, book) < 0)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

const struct book_host *book_host_by_addr(const struct book *book, const struct addr *addr,
                                          unsigned bits_min)
{
    uint32_t at = book->key_count;
    while (at < book->host_count && book->hosts[at].block.bits >= bits_min) {
        struct book_host wanted = {.block.bits = book->hosts[at].block.bits};
        wanted.block.addr = addr_mask(addr, wanted.block.bits);
        at = block_seek(book, at, &wanted);
        if (at < book->host_count && host_compare(&book->hosts[at], &wanted, book) == 0)
            return &book->hosts[at];
        if (wanted.block.bits == 0)
            break;
        /* On to the first of the next shorter length. */
        wanted.block = (struct prefix){.bits = (uint8_t)(wanted.block.bits - 1)};
        at = block_seek(book, at, &wanted);
    }
    return NULL;
}

const struct book_lease *book_lease_at(const struct book *book, const struct addr *addr,
                                       int64_t time_s)
{
    const struct book_lease wanted = {.addr = *addr, .start_s = time_s, .order = UINT32_MAX};
    uint32_t from = 0, to = book->lease_count;
    while (from < to) {
        uint32_t middle = from + (to - from) / 2;
        if (lease_order(&book->leases[middle], &wanted) < 0)
            from = middle + 1;
        else
            to = middle;
    }
    if (from == 0)
        return NULL;
    const struct book_lease *lease = &book->leases[from - 1];
    return addr_equal(&lease->addr, addr) && lease->end_s >= time_s ? lease : NULL;
}
