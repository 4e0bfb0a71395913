/* pcapng.c - the block-structured capture format of Wireshark
 * SPDX-License-Identifier: Apache-2.0 */
#include "input/pcapng.h"

#include "base/clock.h"

#include <errno.h>

enum {
    BLOCK_HEADER_BYTES = 8, /* type and length; the length stands again at the end */
    BLOCK_BYTES_MIN = 12,
    BLOCK_SECTION = 0x0a0d0d0a, /* the same in both byte orders */
    BYTE_ORDER_MAGIC = 0x1a2b3c4d,
    OPTION_END = 0,
    OPTION_TSRESOL = 9,
    OPTION_TSOFFSET = 14,
    TSRESOL_DEFAULT = 6,
};

/* What stands between a block's header and its closing length. */
struct body {
    const uint8_t *data;
    uint32_t len;
};

/* One captured packet as its block describes it. */
struct packet_claim {
    uint32_t interface;
    uint32_t header_bytes; /* of the body, before the packet's bytes */
    uint32_t caplen;
    uint32_t wirelen;
    bool has_stamp;
    uint64_t stamp;
};

static enum piece bad(struct error *error, const char *reason)
{
    error_set(error, -EBADMSG, "%s", reason);
    return PIECE_BAD;
}

static int64_t clamp_time(__int128 time_ns)
{
    if (time_ns < 0)
        return 0;
    return time_ns > CAPTURE_TIME_MAX_NS ? CAPTURE_TIME_MAX_NS : (int64_t)time_ns;
}

static int64_t interface_time(const struct pcapng_interface *interface, uint64_t stamp)
{
    unsigned __int128 ns = (unsigned __int128)stamp * interface->multiplier >> interface->shift;
    if (interface->divisor > 1)
        ns /= interface->divisor;
    return clamp_time((__int128)ns + (__int128)interface->offset_s * NS_PER_S);
}

/* The resolution is 10^-n or, with the top bit set, 2^-n seconds. */
static void interface_resolution(struct pcapng_interface *interface, uint8_t tsresol)
{
    enum { NS_DIGITS = 9, U64_DIGITS = 19 };
    unsigned digits = tsresol & 0x7f;
    interface->multiplier = 1;
    interface->shift = 0;
    interface->divisor = 1;
    if (tsresol & 0x80) {
        interface->multiplier = NS_PER_S;
        interface->shift = (uint8_t)digits;
        return;
    }
    if (digits > NS_DIGITS + U64_DIGITS) { /* no 64-bit stamp comes to a nanosecond */
        interface->multiplier = 0;
        return;
    }
    for (unsigned i = digits; i < NS_DIGITS; i++)
        interface->multiplier *= 10;
    for (unsigned i = NS_DIGITS; i < digits; i++)
        interface->divisor *= 10;
}

/* Takes over the options that matter to us; false when one runs past the block. */
static bool interface_options(struct pcapng_interface *interface, const uint8_t *at, uint32_t len,
                              bool big_endian)
{
    while (len >= 4) {
        unsigned code = capture_u16(at, big_endian);
        uint32_t value_len = capture_u16(at + 2, big_endian);
        uint32_t padded_len = (value_len + 3) & ~3u;
        if (code == OPTION_END)
            return true;
        if (padded_len > len - 4)
            return false;
        if (code == OPTION_TSRESOL && value_len == 1)
            interface_resolution(interface, at[4]);
        if (code == OPTION_TSOFFSET && value_len == 8)
            interface->offset_s = (int64_t)capture_u64(at + 4, big_endian);
        at += 4 + padded_len;
        len -= 4 + padded_len;
    }
    return true;
}

static enum piece read_section(struct pcapng_state *pcapng, const struct body *body,
                               struct frame *ret_frame, struct error *error)
{
    (void)ret_frame;
    unsigned major = capture_u16(body->data + 4, pcapng->big_endian);
    if (major != 1) {
        error_set(error, -EBADMSG, "pcapng version %u: only 1 is known", major);
        return PIECE_BAD;
    }
    pcapng->in_section = true;
    pcapng->interface_count = 0;
    return PIECE_SKIP;
}

static enum piece read_interface(struct pcapng_state *pcapng, const struct body *body,
                                 struct frame *ret_frame, struct error *error)
{
    (void)ret_frame;
    if (pcapng->interface_count == PCAPNG_INTERFACES_MAX)
        return bad(error, "more than 4096 interfaces in one section");
    struct pcapng_interface *interface = &pcapng->interfaces[pcapng->interface_count];
    *interface = (struct pcapng_interface){
        .linktype = capture_u16(body->data, pcapng->big_endian),
        .snaplen = capture_u32(body->data + 4, pcapng->big_endian),
    };
    interface_resolution(interface, TSRESOL_DEFAULT);
    if (!interface_options(interface, body->data + 8, body->len - 8, pcapng->big_endian))
        return bad(error, "an option of an interface runs past its block");
    pcapng->interface_count++;
    return PIECE_SKIP;
}

static enum piece deliver(struct pcapng_state *pcapng, const struct body *body,
                          const struct packet_claim *claim, struct frame *ret_frame,
                          struct error *error)
{
    if (claim->interface >= pcapng->interface_count)
        return bad(error, "a packet of an interface that was not described");
    if (claim->caplen > CAPTURE_FRAME_MAX || claim->caplen > body->len - claim->header_bytes) {
        error_set(error, -EBADMSG, "packet length %u is impossible in a block with room for %u",
                  claim->caplen, body->len - claim->header_bytes);
        return PIECE_BAD;
    }
    const struct pcapng_interface *interface = &pcapng->interfaces[claim->interface];
    if (claim->has_stamp)
        pcapng->last_time_ns = interface_time(interface, claim->stamp);
    *ret_frame = (struct frame){
        .time_ns = pcapng->last_time_ns,
        .data = body->data + claim->header_bytes,
        .caplen = claim->caplen,
        .wirelen = capture_wirelen(claim->caplen, claim->wirelen),
        .linktype = interface->linktype,
    };
    return PIECE_FRAME;
}

/* Both packet blocks with a time stamp differ only in how they begin. */
static enum piece read_stamped(struct pcapng_state *pcapng, const struct body *body,
                               uint32_t interface, struct frame *ret_frame, struct error *error)
{
    bool big_endian = pcapng->big_endian;
    struct packet_claim claim = {
        .interface = interface,
        .header_bytes = 20,
        .caplen = capture_u32(body->data + 12, big_endian),
        .wirelen = capture_u32(body->data + 16, big_endian),
        .has_stamp = true,
        .stamp = (uint64_t)capture_u32(body->data + 4, big_endian) << 32 |
                 capture_u32(body->data + 8, big_endian),
    };
    return deliver(pcapng, body, &claim, ret_frame, error);
}

static enum piece read_enhanced(struct pcapng_state *pcapng, const struct body *body,
                                struct frame *ret_frame, struct error *error)
{
    uint32_t interface = capture_u32(body->data, pcapng->big_endian);
    return read_stamped(pcapng, body, interface, ret_frame, error);
}

static enum piece read_obsolete(struct pcapng_state *pcapng, const struct body *body,
                                struct frame *ret_frame, struct error *error)
{
    uint32_t interface = capture_u16(body->data, pcapng->big_endian);
    return read_stamped(pcapng, body, interface, ret_frame, error);
}

/* Always of the first interface; how much was captured follows from that one's snaplen. */
static enum piece read_simple(struct pcapng_state *pcapng, const struct body *body,
                              struct frame *ret_frame, struct error *error)
{
    uint32_t wirelen = capture_u32(body->data, pcapng->big_endian);
    uint32_t snaplen = pcapng->interface_count ? pcapng->interfaces[0].snaplen : 0;
    struct packet_claim claim = {
        .header_bytes = 4,
        .caplen = snaplen && snaplen < wirelen ? snaplen : wirelen,
        .wirelen = wirelen,
    };
    return deliver(pcapng, body, &claim, ret_frame, error);
}

/* The blocks we read; all others are skipped. */
static const struct block_row {
    uint32_t type;
    uint32_t body_bytes_min;
    enum piece (*read)(struct pcapng_state *pcapng, const struct body *body,
                       struct frame *ret_frame, struct error *error);
} block_rows[] = {
    {6, 20, read_enhanced},
    {3, 4, read_simple},
    {2, 20, read_obsolete},
    {1, 8, read_interface},
    {BLOCK_SECTION, 16, read_section},
};

static const struct block_row *block_row_of(uint32_t type)
{
    for (size_t i = 0; i < sizeof(block_rows) / sizeof(block_rows[0]); i++)
        if (block_rows[i].type == type)
            return &block_rows[i];
    return NULL;
}

/* A section header says in which byte order everything up to the next one is, its own length
 * included. */
static bool enter_byte_order(struct pcapng_state *pcapng, const uint8_t *magic)
{
    bool big_endian = capture_u32(magic, true) == BYTE_ORDER_MAGIC;
    if (!big_endian && capture_u32(magic, false) != BYTE_ORDER_MAGIC)
        return false;
    pcapng->big_endian = big_endian;
    return true;
}

static enum piece pcapng_next(void *state, const uint8_t *data, size_t len, uint64_t *ret_len,
                              struct frame *ret_frame, struct error *error)
{
    struct pcapng_state *pcapng = state;
    *ret_len = BLOCK_BYTES_MIN;
    if (len < BLOCK_BYTES_MIN)
        return PIECE_MORE;
    bool is_section = capture_u32(data, true) == BLOCK_SECTION;
    if (is_section && !enter_byte_order(pcapng, data + BLOCK_HEADER_BYTES))
        return bad(error, "a section without byte-order magic");
    if (!is_section && !pcapng->in_section)
        return bad(error, "a block before the first section header");

    uint32_t total = capture_u32(data + 4, pcapng->big_endian);
    if (total < BLOCK_BYTES_MIN || total % 4) {
        error_set(error, -EBADMSG, "block length %u is impossible (at least %d, a multiple of 4)",
                  total, BLOCK_BYTES_MIN);
        return PIECE_BAD;
    }
    *ret_len = total;
    const struct block_row *row = block_row_of(capture_u32(data, pcapng->big_endian));
    if (total > CAPTURE_RECORD_MAX && !row)
        return PIECE_SKIP;
    if (total > CAPTURE_RECORD_MAX) {
        error_set(error, -EBADMSG, "block length %u is impossible for its type (at most %d)", total,
                  CAPTURE_RECORD_MAX);
        return PIECE_BAD;
    }
    if (len < total)
        return PIECE_MORE;
    if (capture_u32(data + total - 4, pcapng->big_endian) != total)
        return bad(error, "a block whose two lengths differ");
    if (!row)
        return PIECE_SKIP;
    struct body body = {data + BLOCK_HEADER_BYTES, total - BLOCK_BYTES_MIN};
    if (body.len < row->body_bytes_min)
        return bad(error, "a block too short for its type");
    return row->read(pcapng, &body, ret_frame, error);
}

static bool pcapng_recognise(const uint8_t magic[CAPTURE_MAGIC_BYTES])
{
    return capture_u32(magic, true) == BLOCK_SECTION;
}

const struct capture_format pcapng_format = {"pcapng", pcapng_recognise, pcapng_next};
