/* test_transcript.c - a transaction's line is read back as the messages it was made of
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "log_tell.h"
#include "message_build.h"

#include "base/arena.h"
#include "decode/message.h"
#include "pipeline/transcript.h"

#include <stdlib.h>
#include <string.h>

static struct arena arena;
static struct dns_message query, response;
static struct message_build builds[2];

static struct addr addr_of(const char *text)
{
    struct addr addr;
    assert_true(addr_parse(text, strlen(text), &addr));
    return addr;
}

static void decode(struct message_build *build, struct dns_message *ret)
{
    message_decode(ret, build->data, (uint32_t)build->len, &arena);
}

/* A question for TXT with an answer of two records. */
static struct transaction transaction_of(void)
{
    arena_reset(&arena);
    build_query(&builds[0], 7, "a\\.b.example.net", DNS_TYPE_TXT);
    build_response(&builds[1], 7, "a\\.b.example.net", DNS_TYPE_TXT, 0);
    build_record(&builds[1], DNS_SECTION_ANSWER, "a\\.b.example.net", DNS_TYPE_CNAME, 60,
                 "c.example.org");
    build_record(&builds[1], DNS_SECTION_ANSWER, "c.example.org", DNS_TYPE_TXT, 60,
                 "\"say \\\"hi\\\"\"");
    decode(&builds[0], &query);
    decode(&builds[1], &response);
    return (struct transaction){
        .time_ns = 1795255200123456000,
        .response_time_ns = 1795255200223456000,
        .client = addr_of("192.0.2.7"),
        .server = addr_of("2001:db8::53"),
        .client_port = 4000,
        .server_port = 53,
        .transport = TRANSPORT_TCP,
        .qtype = DNS_TYPE_TXT,
        .qclass = 1,
        .question = &response.question,
        .query = &query,
        .response = &response,
    };
}

static const char *told(const struct transaction *transaction)
{
    struct buf line;
    buf_init(&line, TRANSCRIPT_LINE_MAX);
    assert_true(transcript_line(transaction, &line));
    buf_char(&line, '\n');
    const char *text = log_tell("transactions", line.data);
    buf_done(&line);
    return text;
}

static void must_say(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("no \"%s\" in\n%s", part, text);
}

static void a_line_is_read_back_with_both_messages(void **state)
{
    (void)state;
    const struct transaction transaction = transaction_of();
    const char *text = told(&transaction);
    must_say(text, "2026-11-21T10:00:00.123456Z tcp 192.0.2.7#4000 > 2001:db8::53#53 id 7 query "
                   "a\\.b.example.net IN TXT");
    must_say(text, "2026-11-21T10:00:00.223456Z tcp 2001:db8::53#53 > 192.0.2.7#4000 id 7 response "
                   "NOERROR a\\.b.example.net IN TXT");
    must_say(text, " | a\\.b.example.net 60 CNAME c.example.org");
    must_say(text, " | c.example.org 60 TXT \"say \\\"hi\\\"\"");
}

static void either_half_may_stand_alone(void **state)
{
    (void)state;
    struct transaction transaction = transaction_of();
    transaction.response = NULL;
    const char *text = told(&transaction);
    must_say(text, " query ");
    assert_null(strstr(text, " response"));
    transaction = transaction_of();
    transaction.query = NULL;
    text = told(&transaction);
    must_say(text, " response NOERROR");
    assert_null(strstr(text, " query "));
}

static void what_cannot_be_told_is_left_out(void **state)
{
    (void)state;
    struct buf line;
    struct transaction transaction = transaction_of();
    buf_init(&line, TRANSCRIPT_LINE_MAX);
    transaction.question = NULL;
    assert_false(transcript_line(&transaction, &line));
    transaction = transaction_of();
    response.malformed = 1;
    assert_false(transcript_line(&transaction, &line));
    transaction = transaction_of();
    query.opcode = 5;
    assert_false(transcript_line(&transaction, &line));
    buf_done(&line);
}

static int room_make(void **state)
{
    (void)state;
    return arena_init(&arena, 4 * MESSAGE_ARENA_BYTES) ? 0 : -1;
}

static int room_free(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_is_read_back_with_both_messages),
        cmocka_unit_test(either_half_may_stand_alone),
        cmocka_unit_test(what_cannot_be_told_is_left_out),
    };
    return cmocka_run_group_tests(tests, room_make, room_free);
}
