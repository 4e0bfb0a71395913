/* test_mail.c - mails are read by everybody, and nobody's name can add a header to them
 * SPDX-License-Identifier: Apache-2.0 */
#include "outside/mail.h"

#include "base/clock.h"
#include "cmocka_all.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

static struct buf message;
static struct error error;

static int setup(void **state)
{
    (void)state;
    buf_init(&message, 1 << 20);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    buf_done(&message);
    return 0;
}

static struct mail mail_of(const char *subject, const char *text)
{
    return (struct mail){.from = "dns@example.net",
                         .to = "ana@example.test",
                         .subject = subject,
                         .text = text,
                         .id = "delivery.7",
                         .time_ns = 1767225600 * NS_PER_S};
}

static void build(const char *subject, const char *text)
{
    struct mail mail = mail_of(subject, text);
    buf_reset(&message);
    assert_int_equal(mail_build(&mail, &message, &error), 0);
}

/* Joins what the encoded words of the subject say (RFC 2047). */
static void subject_decode(char *ret, size_t max)
{
    const char *at = strstr(message.data, "Subject:"), *end = strstr(at, "\r\nDate:");
    size_t len = 0;
    assert_non_null(end);
    while ((at = strstr(at, "=?UTF-8?B?")) && at < end) {
        unsigned char bytes[80];
        const char *from = at + 10, *to = strstr(from, "?=");
        int got = EVP_DecodeBlock(bytes, (const unsigned char *)from, (int)(to - from));
        assert_true(got > 0 && to + 2 - at <= 75);
        got -= (to[-1] == '=') + (to[-2] == '=');
        assert_true(len + (size_t)got < max);
        memcpy(ret + len, bytes, (size_t)got);
        len += (size_t)got;
        at = to;
    }
    ret[len] = 0;
}

static void a_mail_has_what_it_must_have(void **state)
{
    (void)state;
    build("Was it you?", "Hello\nworld\n");
    static const char *const lines[] = {
        "From: dnsvigil <dns@example.net>\r\n",
        "To: <ana@example.test>\r\n",
        "Subject: Was it you?\r\n",
        "Date: Thu, 1 Jan 2026 00:00:00 +0000\r\n",
        "Message-ID: <delivery.7@example.net>\r\n",
        "Auto-Submitted: auto-generated\r\n",
        "MIME-Version: 1.0\r\n",
        "Content-Type: text/plain; charset=UTF-8\r\n",
        "\r\n\r\nSGVsbG8NCndvcmxkDQo=\r\n",
    };
    for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++)
        if (!strstr(message.data, lines[i]))
            fail_msg("%s is missing", lines[i]);
}

static void japanese_subjects_are_whole_characters_in_short_words(void **state)
{
    (void)state;
    static const char subject[] =
        "この活動は想定内ですか: 脅威インテリジェンスによって識別された疑わしいドメインとの通信";
    char read[512];
    build(subject, "");
    subject_decode(read, sizeof(read));
    assert_string_equal(read, subject);
}

static void no_line_is_longer_than_mail_may_have(void **state)
{
    (void)state;
    char text[8000];
    memset(text, 'x', sizeof(text));
    text[sizeof(text) - 1] = 0;
    build(text, text);
    for (const char *line = message.data, *end; (end = strstr(line, "\r\n")); line = end + 2)
        assert_true(end - line <= 78);
    assert_true(strlen(message.data) == message.len);
}

static void a_hostile_subject_stays_a_subject(void **state)
{
    (void)state;
    static const char *const subjects[] = {
        "x\r\nBcc: other@example.net", "x\nContent-Type: text/html",
        "x\r\n\r\n<script>",           "\xff\xfe",
        "=?UTF-8?B?DQpCY2M6IHg=?=",
    };
    for (size_t i = 0; i < sizeof(subjects) / sizeof(*subjects); i++) {
        build(subjects[i], "body");
        assert_null(strstr(message.data, "\r\nBcc:"));
        assert_null(strstr(message.data, "\nContent-Type: text/html"));
        const char *body = strstr(message.data, "\r\n\r\n");
        assert_string_equal(body, "\r\n\r\nYm9keQ==\r\n");
        assert_null(strstr(message.data, "?B?DQpCY2M6"));
    }
}

static void only_plain_addresses_are_written(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "ana",
        "@example.net",
        "ana@",
        "a@b@c",
        "a b@c.net",
        "a@b.net\r\nX: y",
        "<a@b.net>",
        "a@b.net,c@d.net",
        "\"a\"@b.net",
        "a@b.net\n",
        "あ@b.net",
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        struct mail mail = mail_of("x", "x");
        mail.to = bad[i];
        assert_int_equal(mail_build(&mail, &message, &error), -EINVAL);
        assert_false(mail_address_valid(bad[i]));
    }
    assert_true(mail_address_valid("ana.mueller+dns@mail.example.net"));
}

static void a_text_that_looks_like_protocol_is_only_text(void **state)
{
    (void)state;
    build("x", ".\r\nMAIL FROM:<x>\n.\n");
    assert_null(strstr(message.data, "MAIL FROM"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

static void further_recipients_stand_in_the_head_and_must_be_addresses(void **state)
{
    (void)state;
    static const char *const good[] = {"bo@example.test", "cy@example.test", NULL};
    static const char *const bad[] = {"bo@example.test", "x\r\nBcc: a@b", NULL};
    struct mail mail = mail_of("a", "b");
    mail.also = good;
    buf_reset(&message);
    assert_int_equal(mail_build(&mail, &message, &error), 0);
    assert_non_null(strstr(message.data, "\r\nTo: <ana@example.test>,\r\n <bo@example.test>,\r\n "
                                         "<cy@example.test>\r\nSubject:"));
    mail.also = bad;
    assert_int_equal(mail_build(&mail, &message, &error), -EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_mail_has_what_it_must_have),
        TEST(japanese_subjects_are_whole_characters_in_short_words),
        TEST(no_line_is_longer_than_mail_may_have),
        TEST(a_hostile_subject_stays_a_subject),
        TEST(only_plain_addresses_are_written),
        TEST(a_text_that_looks_like_protocol_is_only_text),
        TEST(further_recipients_stand_in_the_head_and_must_be_addresses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
