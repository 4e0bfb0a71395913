/* leases.c - reads lease files of DHCP servers: dnsmasq, ISC dhcpd and Kea
 * SPDX-License-Identifier: Apache-2.0
 *
 * dnsmasq   one line a lease: EXPIRY HARDWARE ADDRESS NAME CLIENT-ID; `*` for an unknown name, 0
 * for a lease without an end. It does not say when a lease began: it is taken to be as long as the
 * configuration says. dhcpd     blocks `lease ADDRESS { starts W Y/M/D H:M:S; ends …; hardware
 * ethernet …; client-hostname "…"; }`, appended as things happen; times in UTC, or `epoch SECONDS`.
 * Kea       a table with a heading (lease4 and lease6): address, hwaddr, valid_lifetime, expire,
 *           hostname among its columns. */
#include "base/clock.h"
#include "intel/book.h"

#include <stdlib.h>
#include <string.h>

enum { SECONDS_DIGITS_MAX = 15 };

static bool seconds_read(struct slice text, int64_t *ret_s)
{
    int64_t value = 0;
    if (text.len == 0 || text.len > SECONDS_DIGITS_MAX)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] < '0' || text.at[i] > '9')
            return false;
        value = value * 10 + (text.at[i] - '0');
    }
    *ret_s = value;
    return true;
}

/* dnsmasq */

static void dnsmasq_line(struct book *book, struct slice line, int64_t lease_s)
{
    struct slice expiry = slice_word(&line);
    struct book_tenure tenure = {.hardware = slice_word(&line)};
    tenure.addr = slice_word(&line);
    tenure.name = slice_word(&line);
    if (slice_equal(expiry, "duid")) /* the server's own identity */
        return;
    if (slice_equal(tenure.name, "*"))
        tenure.name.len = 0;
    if (!seconds_read(expiry, &tenure.end_s) || !tenure.addr.len) {
        book_refuse(book, "expected the time of expiry, hardware address, address and name");
        return;
    }
    tenure.start_s = tenure.end_s ? tenure.end_s - lease_s : INT64_MIN;
    if (tenure.end_s == 0)
        tenure.end_s = INT64_MAX;
    book_refuse(book, book_add_lease(book, &tenure));
}

/* ISC dhcpd */

struct dhcpd {
    struct book_tenure tenure; /* of the block that is read */
    unsigned depth;            /* of braces */
    bool is_lease;
    const char *reason; /* why the block cannot be used, or NULL */
};

/* `4 2026/11/21 21:00:00`, `epoch 1795296080` or `never` */
static const char *dhcpd_time(struct slice text, int64_t *ret_s)
{
    char utc[TIME_TEXT_MAX];
    struct slice first = slice_word(&text), date = slice_word(&text);
    int64_t ns;
    *ret_s = INT64_MAX;
    if (slice_equal(first, "never"))
        return NULL;
    if (slice_equal(first, "epoch"))
        return seconds_read(date, ret_s) ? NULL : "a time of the lease cannot be read";
    if (date.len != 10 || text.len != 8)
        return "a time of the lease cannot be read";
    memcpy(utc, date.at, 10);
    utc[4] = utc[4] == '/' ? '-' : 0;
    utc[7] = utc[7] == '/' ? '-' : 0;
    utc[10] = 'T';
    memcpy(utc + 11, text.at, 8);
    memcpy(utc + 19, "Z", 2);
    if (time_parse(utc, &ns) < 0)
        return "a time of the lease cannot be read";
    *ret_s = ns / NS_PER_S;
    return NULL;
}

static struct slice unquoted(struct slice text)
{
    bool quoted = text.len >= 2 && text.at[0] == '"' && text.at[text.len - 1] == '"';
    return quoted ? (struct slice){text.at + 1, text.len - 2} : text;
}

static void dhcpd_statement(struct dhcpd *dhcpd, struct slice line)
{
    struct book_tenure *tenure = &dhcpd->tenure;
    const char *reason = NULL;
    struct slice statement = slice_trim(slice_cut(&line, ';'));
    struct slice word = slice_word(&statement);
    if (slice_equal(word, "starts"))
        reason = dhcpd_time(statement, &tenure->start_s);
    else if (slice_equal(word, "ends"))
        reason = dhcpd_time(statement, &tenure->end_s);
    else if (slice_equal(word, "client-hostname"))
        tenure->name = unquoted(statement);
    else if (slice_equal(word, "hardware") && slice_word(&statement).len)
        tenure->hardware = statement;
    if (reason)
        dhcpd->reason = reason;
}

static void dhcpd_line(struct book *book, struct dhcpd *dhcpd, struct slice line)
{
    bool opens = line.at[line.len - 1] == '{', closes = slice_equal(line, "}");
    if (opens && dhcpd->depth++ == 0) {
        dhcpd->is_lease = slice_equal(slice_word(&line), "lease");
        dhcpd->tenure = (struct book_tenure){.addr = slice_word(&line), .end_s = INT64_MAX};
        dhcpd->reason = NULL;
        return;
    }
    if (!opens && !closes && dhcpd->depth == 1)
        dhcpd_statement(dhcpd, line);
    if (!closes || dhcpd->depth == 0 || --dhcpd->depth || !dhcpd->is_lease)
        return;
    if (dhcpd->tenure.name.len || dhcpd->tenure.hardware.len)
        book_refuse(book, dhcpd->reason ? dhcpd->reason : book_add_lease(book, &dhcpd->tenure));
}

/* Kea */

enum kea_cell { KEA_ADDRESS, KEA_HARDWARE, KEA_LIFETIME, KEA_EXPIRE, KEA_NAME, KEA_CELLS };

static const char *const kea_headings[KEA_CELLS] = {"address", "hwaddr", "valid_lifetime", "expire",
                                                    "hostname"};

struct kea {
    bool headed;
    unsigned column[KEA_CELLS];
};

static void kea_heading(struct book *book, struct kea *kea, struct slice line)
{
    unsigned found = 0;
    for (unsigned i = 0; line.len; i++) {
        struct slice cell = slice_cut(&line, ',');
        for (int j = 0; j < KEA_CELLS; j++) {
            if (!slice_equal(cell, kea_headings[j]))
                continue;
            kea->column[j] = i;
            found++;
        }
    }
    kea->headed = found == KEA_CELLS;
    if (!kea->headed)
        book_refuse(book, "columns of the heading are missing: address, hwaddr, valid_lifetime, "
                          "expire, hostname");
}

static void kea_line(struct book *book, struct kea *kea, struct slice line)
{
    struct slice of[KEA_CELLS] = {{"", 0}};
    int64_t lifetime_s;
    if (!kea->headed || slice_begins(line, "address,")) {
        kea_heading(book, kea, line);
        return;
    }
    for (unsigned i = 0; line.len; i++) {
        struct slice cell = slice_cut(&line, ',');
        for (int j = 0; j < KEA_CELLS; j++)
            if (kea->column[j] == i)
                of[j] = cell;
    }
    struct book_tenure tenure = {
        .addr = of[KEA_ADDRESS], .hardware = of[KEA_HARDWARE], .name = of[KEA_NAME]};
    if (!seconds_read(of[KEA_LIFETIME], &lifetime_s) ||
        !seconds_read(of[KEA_EXPIRE], &tenure.end_s)) {
        book_refuse(book, "the lifetime or the time of expiry cannot be read");
        return;
    }
    tenure.start_s = tenure.end_s - lifetime_s;
    if (lifetime_s > 0) /* 0: given back; the next lease tells who has the address */
        book_refuse(book, book_add_lease(book, &tenure));
}

/* All of them */

enum lease_form { LEASE_FORM_UNKNOWN, LEASE_FORM_DNSMASQ, LEASE_FORM_DHCPD, LEASE_FORM_KEA };

/* By the first line that says something. */
static enum lease_form form_of(struct slice line)
{
    static const char *const dhcpd_words[] = {
        "lease", "authoring-byte-order", "server-duid", "failover", "host", "default-duid"};
    struct slice word = slice_word(&line);
    int64_t number;
    if (slice_begins(word, "address,"))
        return LEASE_FORM_KEA;
    if (seconds_read(word, &number) || slice_equal(word, "duid"))
        return LEASE_FORM_DNSMASQ;
    for (size_t i = 0; i < sizeof(dhcpd_words) / sizeof(*dhcpd_words); i++)
        if (slice_equal(word, dhcpd_words[i]))
            return LEASE_FORM_DHCPD;
    return LEASE_FORM_UNKNOWN;
}

void leases_read(struct book *book, const char *data, size_t len, int64_t lease_s)
{
    enum lease_form form = LEASE_FORM_UNKNOWN;
    struct dhcpd dhcpd = {.depth = 0};
    struct kea kea = {.headed = false};
    const char *at = data;
    struct slice line;
    while (book_next_line(book, &at, data + len, &line)) {
        line = slice_trim(line);
        if (line.len == 0 || line.at[0] == '#')
            continue;
        if (form == LEASE_FORM_UNKNOWN)
            form = form_of(line);
        if (line.len > BOOK_LINE_MAX) {
            book_refuse(book, "the line is longer than 4096 bytes");
            continue;
        }
        switch (form) {
        case LEASE_FORM_DNSMASQ: dnsmasq_line(book, line, lease_s); break;
        case LEASE_FORM_DHCPD: dhcpd_line(book, &dhcpd, line); break;
        case LEASE_FORM_KEA: kea_line(book, &kea, line); break;
        default:
            book_refuse(book, "no lease file of dnsmasq, ISC dhcpd or Kea; nothing of it was read");
            return;
        }
    }
}
