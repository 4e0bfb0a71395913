/* foreign.c - recognises other protocols by how their first bytes look
 * SPDX-License-Identifier: Apache-2.0 */
#include "decode/foreign.h"

#include <string.h>

/* Fixed bytes at the very start. */
static const struct {
    enum foreign foreign;
    uint8_t len;
    const char *bytes;
} openings[] = {
#define OPENING(id, text)                                                                          \
    {                                                                                              \
        FOREIGN_##id, sizeof(text) - 1, text                                                       \
    }
    OPENING(SSH, "SSH-"),
    OPENING(HTTP, "GET /"),
    OPENING(HTTP, "POST /"),
    OPENING(HTTP, "HEAD /"),
    OPENING(HTTP, "PUT /"),
    OPENING(HTTP, "OPTIONS "),
    OPENING(HTTP, "CONNECT "),
    OPENING(HTTP, "HTTP/1."),
    OPENING(HTTP, "PRI * HTTP/2"),
    OPENING(IODINE, "\x10\xd1\x9e"),
    OPENING(DNSCRYPT, "r6fnvWj8"),
    OPENING(BITTORRENT, "\x13"
                        "BitTorrent protocol"),
    OPENING(BITTORRENT, "d1:ad2:id20:"),
    OPENING(BITTORRENT, "d1:rd2:id20:"),
    OPENING(SOCKS, "\5\1\0\5\1\0"), /* RFC 1928: no password, and at once what to connect to */
    OPENING(SMTP, "EHLO "),
    OPENING(SMTP, "HELO "),
#undef OPENING
};

static uint32_t be16(const uint8_t *at)
{
    return (uint32_t)at[0] << 8 | at[1];
}

static uint32_t be32(const uint8_t *at)
{
    return be16(at) << 16 | be16(at + 2);
}

/* A handshake record with a hello of either side (RFC 8446 5.1). */
static bool is_tls(const uint8_t *data, size_t len)
{
    return len >= 6 && data[0] == 22 && data[1] == 3 && data[2] <= 4 && be16(data + 3) >= 4 &&
           (data[5] == 1 || data[5] == 2);
}

/* RFC 9147 4: version 1.0 or 1.2 in one's complement, epoch 0. */
static bool is_dtls(const uint8_t *data, size_t len)
{
    return len >= 14 && data[0] == 22 && data[1] == 0xfe && data[2] >= 0xfd && be16(data + 3) == 0;
}

/* A long header: fixed bit, a version that was ever in use, a connection id of at most 20 bytes
 * (RFC 9000 17.2, RFC 9369). */
static bool is_quic(const uint8_t *data, size_t len)
{
    if (len < 7 || (data[0] & 0xc0) != 0xc0 || data[5] > 20)
        return false;
    uint32_t version = be32(data + 1);
    return version == 1 || version == 0x6b3343cf || version >> 8 == 0xff0000;
}

/* RFC 8489 5: the magic cookie, and a length that is the message's. */
static bool is_stun(const uint8_t *data, size_t len)
{
    return len >= 20 && (data[0] & 0xc0) == 0 && be32(data + 4) == 0x2112a442 &&
           be16(data + 2) % 4 == 0 && be16(data + 2) + 20 <= len;
}

/* A type, three zero bytes and the length that belongs to the type; data is padded to 16. */
static bool is_wireguard(const uint8_t *data, size_t len)
{
    static const uint8_t lengths[] = {[1] = 148, [2] = 92, [3] = 64};
    if (len < 32 || data[1] || data[2] || data[3] || data[0] < 1 || data[0] > 4)
        return false;
    return data[0] == 4 ? len % 16 == 0 : len == lengths[data[0]];
}

/* A hard reset, which opens every session: opcode 7, 8 or 10 with key 0, a session id, and packet
 * number 0; a message code, time stamp and packet number stand between where it is wrapped. */
static bool is_openvpn(const uint8_t *data, size_t len)
{
    static const uint8_t wrappings[] = {0, 16 + 8, 20 + 8, 32 + 8, 64 + 8};
    enum { CLIENT = 14, SERVER = 26 };
    if (len < CLIENT || (data[0] != 7 << 3 && data[0] != 8 << 3 && data[0] != 10 << 3))
        return false;
    if (be32(data + 1) == 0 || be32(data + 5) == 0)
        return false;
    if (data[0] == 10 << 3)
        return len > CLIENT + 256;
    for (size_t i = 0; i < sizeof(wrappings); i++)
        if (len == CLIENT + (size_t)wrappings[i] || len == SERVER + (size_t)wrappings[i])
            return true;
    return false;
}

/* A connection request in TPKT (X.224 over RFC 1006). */
static bool is_rdp(const uint8_t *data, size_t len)
{
    return len >= 11 && data[0] == 3 && data[1] == 0 && be16(data + 2) == len && data[5] == 0xe0;
}

/* A block of SMB behind its length (RFC 1002 4.3.1). */
static bool is_smb(const uint8_t *data, size_t len)
{
    return len >= 36 && data[0] == 0 && data[1] == 0 && (data[4] == 0xfe || data[4] == 0xff) &&
           memcmp(data + 5, "SMB", 3) == 0;
}

/* An object that names a method, or answers one. */
static bool is_json_rpc(const uint8_t *data, size_t len)
{
    size_t front = len < 256 ? len : 256;
    return len > 0 && data[0] == '{' &&
           (memmem(data, front, "\"method\"", 8) || memmem(data, front, "\"jsonrpc\"", 9));
}

/* A DOS header, bare or behind a length of four bytes, whose stub says what it is. */
static bool is_executable(const uint8_t *data, size_t len)
{
    static const char stub[] = "DOS mode";
    for (size_t skip = 0; skip <= 4; skip += 4)
        if (len > skip + 64 && memcmp(data + skip, "MZ", 2) == 0)
            return memmem(data + skip, len - skip < 256 ? len - skip : 256, stub,
                          sizeof(stub) - 1) != NULL;
    return false;
}

static const struct {
    enum foreign foreign;
    bool (*is)(const uint8_t *data, size_t len);
} shapes[] = {
    {FOREIGN_TLS, is_tls},           {FOREIGN_DTLS, is_dtls},
    {FOREIGN_QUIC, is_quic},         {FOREIGN_STUN, is_stun},
    {FOREIGN_OPENVPN, is_openvpn},   {FOREIGN_WIREGUARD, is_wireguard},
    {FOREIGN_RDP, is_rdp},           {FOREIGN_SMB, is_smb},
    {FOREIGN_JSON_RPC, is_json_rpc}, {FOREIGN_EXECUTABLE, is_executable},
};

enum foreign foreign_recognise(const uint8_t *data, size_t len)
{
    for (size_t i = 0; i < sizeof(openings) / sizeof(*openings); i++)
        if (len >= openings[i].len && memcmp(data, openings[i].bytes, openings[i].len) == 0)
            return openings[i].foreign;
    for (size_t i = 0; i < sizeof(shapes) / sizeof(*shapes); i++)
        if (shapes[i].is(data, len))
            return shapes[i].foreign;
    return FOREIGN_NONE;
}
