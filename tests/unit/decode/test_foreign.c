/* test_foreign.c - other protocols are told by their first bytes, and near misses are not
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "decode/foreign.h"

#include <stdlib.h>
#include <string.h>

struct foreign_case {
    enum foreign foreign;
    size_t len; /* the bytes below are padded with 0x11 up to it */
    const char *bytes;
    size_t given;
};

#define CASE(id, len, bytes)                                                                       \
    {                                                                                              \
        FOREIGN_##id, len, bytes, sizeof(bytes) - 1                                                \
    }

static const struct foreign_case cases[] = {
    CASE(SSH, 20, "SSH-2.0-x\r\n"),
    CASE(NONE, 20, "SSH 2.0"),
    CASE(NONE, 3, "SSH"),
    CASE(HTTP, 40, "GET /index.html HTTP/1.1\r\n"),
    CASE(HTTP, 40, "HTTP/1.1 200 OK\r\n"),
    CASE(NONE, 40, "GETAWAY/"),
    CASE(SMTP, 20, "EHLO mail"),
    CASE(TLS, 200, "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"),
    CASE(TLS, 90, "\x16\x03\x03\x00\x5a\x02"),
    CASE(NONE, 200, "\x16\x03\x01\x02\x00\x0b"), /* a handshake record cannot open with this */
    CASE(NONE, 200, "\x16\x04\x01\x02\x00\x01"),
    CASE(NONE, 5, "\x16\x03\x01\x02\x00"),
    CASE(DTLS, 60, "\x16\xfe\xfd\x00\x00\x00\x00\x00\x00\x00\x00\x00\x2f\x01"),
    CASE(NONE, 60, "\x16\xfe\xfd\x00\x01\x00\x00\x00\x00\x00\x00\x00\x2f\x01"),
    CASE(QUIC, 1200, "\xc3\x00\x00\x00\x01\x08"),
    CASE(QUIC, 1200, "\xd3\x6b\x33\x43\xcf\x08"),
    CASE(NONE, 1200, "\xc3\x00\x00\x00\x02\x08"), /* no such version */
    CASE(NONE, 1200, "\xc3\x00\x00\x00\x01\x15"), /* an id too long */
    CASE(NONE, 1200, "\x43\x00\x00\x00\x01\x08"), /* a short header */
    CASE(STUN, 20, "\x00\x01\x00\x00\x21\x12\xa4\x42"),
    CASE(NONE, 20, "\x00\x01\x00\x08\x21\x12\xa4\x42"), /* longer than it is */
    CASE(NONE, 20, "\x00\x01\x00\x00\x21\x12\xa4\x43"),
    CASE(WIREGUARD, 148, "\x01\x00\x00\x00"),
    CASE(WIREGUARD, 92, "\x02\x00\x00\x00"),
    CASE(WIREGUARD, 64, "\x03\x00\x00\x00"),
    CASE(WIREGUARD, 32, "\x04\x00\x00\x00"),
    CASE(NONE, 147, "\x01\x00\x00\x00"),
    CASE(NONE, 148, "\x01\x00\x01\x00"),
    CASE(NONE, 33, "\x04\x00\x00\x00"),
    CASE(NONE, 148, "\x05\x00\x00\x00"),
    CASE(OPENVPN, 14, "\x38\x01\x02\x03\x04\x05\x06\x07\x08\x00\x00\x00\x00\x00"),
    CASE(OPENVPN, 42, "\x38\x01\x02\x03\x04\x05\x06\x07\x08"),
    CASE(OPENVPN, 26, "\x40\x01\x02\x03\x04\x05\x06\x07\x08"),
    CASE(OPENVPN, 400, "\x50\x01\x02\x03\x04\x05\x06\x07\x08"),
    CASE(NONE, 15, "\x38\x01\x02\x03\x04\x05\x06\x07\x08"),
    CASE(NONE, 14, "\x38\x00\x00\x00\x00\x05\x06\x07\x08"), /* no session */
    CASE(NONE, 14, "\x39\x01\x02\x03\x04\x05\x06\x07\x08"), /* another key */
    CASE(IODINE, 4, "\x10\xd1\x9e\x30"),
    CASE(NONE, 4, "\x10\xd1\x9f\x30"),
    CASE(DNSCRYPT, 300, "r6fnvWj8"),
    CASE(NONE, 300, "r6fnvWj9"),
    CASE(BITTORRENT, 68,
         "\x13"
         "BitTorrent protocol"),
    CASE(BITTORRENT, 90, "d1:ad2:id20:"),
    CASE(NONE, 68,
         "\x12"
         "BitTorrent protocol"),
    CASE(RDP, 19, "\x03\x00\x00\x13\x0e\xe0\x00\x00\x00\x00\x00"),
    CASE(NONE, 20, "\x03\x00\x00\x13\x0e\xe0\x00\x00\x00\x00\x00"),
    CASE(SMB, 90, "\0\0\0\x56\xfeSMB"),
    CASE(SMB, 90, "\0\0\0\x56\xffSMB"),
    CASE(NONE, 90, "\0\0\0\x56\xfdSMB"),
    CASE(NONE, 35, "\0\0\0\x1f\xfeSMB"),
    CASE(SOCKS, 24, "\5\1\0\5\1\0\3\013example.org"),
    CASE(NONE, 24, "\5\1\2\5\1\0\3\013example.org"),
    CASE(JSON_RPC, 80, "{\"id\":1,\"method\":\"login\"}"),
    CASE(JSON_RPC, 80, "{\"id\":1,\"jsonrpc\":\"2.0\",\"result\":{}}"),
    CASE(NONE, 80, "{\"id\":1,\"methods\":[]}"),
    CASE(EXECUTABLE, 300, "MZ\x90 This program cannot be run in DOS mode."),
    CASE(EXECUTABLE, 300, "\x01\x02\x00\x00MZ\x90 This program cannot be run in DOS mode."),
    CASE(NONE, 300, "MZ\x90 This program cannot be run in a window."),
    CASE(NONE, 12, "\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00"), /* DNS itself */
    CASE(NONE, 0, ""),
};

/* In a block of exactly its size, so that a checker of memory sees any byte read beyond. */
static void each_protocol_is_told_from_its_near_misses(void **state)
{
    (void)state;
    bool told[FOREIGN_COUNT] = {0};
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        uint8_t *data = malloc(cases[i].len ? cases[i].len : 1);
        memset(data, 0x11, cases[i].len);
        memcpy(data, cases[i].bytes, cases[i].given < cases[i].len ? cases[i].given : cases[i].len);
        enum foreign foreign = foreign_recognise(data, cases[i].len);
        if (foreign != cases[i].foreign)
            fail_msg("case %zu is \"%s\"", i, foreign_names[foreign]);
        told[foreign] = true;
        free(data);
    }
    for (unsigned i = 0; i < FOREIGN_COUNT; i++)
        if (!told[i])
            fail_msg("no case for %s", foreign_names[i]);
}

static void no_beginning_of_a_protocol_is_read_past_its_end(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
        for (size_t len = 1; len <= cases[i].given; len++) {
            uint8_t *data = malloc(len);
            memcpy(data, cases[i].bytes, len);
            assert_in_range(foreign_recognise(data, len), 0, FOREIGN_COUNT - 1);
            free(data);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_protocol_is_told_from_its_near_misses),
        cmocka_unit_test(no_beginning_of_a_protocol_is_read_past_its_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
