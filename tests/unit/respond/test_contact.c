/* test_contact.c - tokens cannot be forged, and a link answers only when its button is pressed
 * SPDX-License-Identifier: Apache-2.0 */
#include "respond/contact.h"

#include "alert_build.h"
#include "base/clock.h"
#include "cmocka_all.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[64];
static struct store *store;
static struct store_writer writer;
static struct config *config;
static struct alert alert;
static struct error error;
static struct buf html;

static const struct secret key = {.text = "0123456789", .len = 10};
static const struct contact_claim claim = {.inquiry_id = "00112233445566778899aabbccddeeff",
                                           .answer = CONTACT_EXPECTED,
                                           .expires_ns = 5000 * NS_PER_S};

static void a_token_says_what_it_was_made_of(void **state)
{
    (void)state;
    static const enum contact answers[] = {CONTACT_EXPECTED, CONTACT_NOT_EXPECTED,
                                           CONTACT_NOT_MINE};
    for (unsigned i = 0; i < 3; i++) {
        char token[CONTACT_TOKEN_MAX];
        struct contact_claim made = claim, read;
        made.answer = (uint8_t)answers[i];
        contact_token_make(&key, &made, token);
        assert_int_equal(contact_token_read(&key, token, 0, &read), CONTACT_VERDICT_GOOD);
        assert_string_equal(read.inquiry_id, made.inquiry_id);
        assert_int_equal(read.answer, made.answer);
        assert_int_equal(read.expires_ns, made.expires_ns);
    }
}

static void a_token_expires(void **state)
{
    (void)state;
    char token[CONTACT_TOKEN_MAX];
    struct contact_claim read;
    contact_token_make(&key, &claim, token);
    assert_int_equal(contact_token_read(&key, token, claim.expires_ns - 1, &read),
                     CONTACT_VERDICT_GOOD);
    assert_int_equal(contact_token_read(&key, token, claim.expires_ns, &read),
                     CONTACT_VERDICT_LATE);
}

/* Any other byte anywhere makes another inquiry, answer, time or signature of it. */
static void a_token_that_was_changed_anywhere_is_forged(void **state)
{
    (void)state;
    char token[CONTACT_TOKEN_MAX];
    struct contact_claim read;
    contact_token_make(&key, &claim, token);
    for (size_t i = 0; token[i]; i++) {
        static const char others[] = "0fenm.x\xff";
        for (size_t k = 0; others[k]; k++) {
            char kept = token[i];
            token[i] = others[k];
            if (kept != others[k])
                assert_int_equal(contact_token_read(&key, token, 0, &read), CONTACT_VERDICT_FORGED);
            token[i] = kept;
        }
    }
}

static void a_token_of_another_key_inquiry_answer_or_time_is_forged(void **state)
{
    (void)state;
    const struct secret other_key = {.text = "0123456780", .len = 10};
    struct contact_claim others[3] = {claim, claim, claim}, read;
    char token[CONTACT_TOKEN_MAX], other[CONTACT_TOKEN_MAX], mixed[2 * CONTACT_TOKEN_MAX];
    others[0].inquiry_id[0] = 'f';
    others[1].answer = CONTACT_NOT_EXPECTED;
    others[2].expires_ns *= 2;
    contact_token_make(&key, &claim, token);
    assert_int_equal(contact_token_read(&other_key, token, 0, &read), CONTACT_VERDICT_FORGED);
    for (unsigned i = 0; i < 3; i++) {
        contact_token_make(&key, &others[i], other);
        snprintf(mixed, sizeof(mixed), "%.*s%s", (int)(strrchr(other, '.') - other), other,
                 strrchr(token, '.'));
        assert_int_equal(contact_token_read(&key, mixed, 0, &read), CONTACT_VERDICT_FORGED);
    }
}

static void what_is_no_token_is_forged(void **state)
{
    (void)state;
    static const char *const cases[] = {"",
                                        ".",
                                        "....",
                                        "x",
                                        "../../etc/passwd",
                                        "%s%n",
                                        "00112233445566778899aabbccddeeff.e.1388."};
    char longest[5000];
    struct contact_claim read;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
        assert_int_equal(contact_token_read(&key, cases[i], 0, &read), CONTACT_VERDICT_FORGED);
    memset(longest, '.', sizeof(longest));
    longest[sizeof(longest) - 1] = 0;
    assert_int_equal(contact_token_read(&key, longest, 0, &read), CONTACT_VERDICT_FORGED);
}

/* With a store. */

static int setup(void **state)
{
    (void)state;
    char path[96], text[512];
    struct store_put_result result;
    const struct alert *const alerts[] = {&alert};
    snprintf(folder, sizeof(folder), "/tmp/contact-XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    int len = snprintf(text, sizeof(text),
                       "state_dir: %s\nmail: {url: 'smtp://mail.example.net', from: a@b.example}\n"
                       "response: {public_url: 'https://dns.example.net'}\n",
                       folder);
    struct store_config store_config = store_config_default;
    store_config.ballast_bytes = 0;
    snprintf(path, sizeof(path), "%s/alerts.db", folder);
    alert_build(&alert, 1);
    alert.contact = CONTACT_NONE;
    alert.compromised = false;
    int r = config_load_text("test", text, (size_t)len, &config, &error);
    if (r == 0)
        r = store_open(path, STORE_WRITE, &store_config, &store, &error);
    if (r == 0)
        r = store_put(store, alerts, 1, &result, &error);
    if (r < 0)
        fprintf(stderr, "%s\n", error.text);
    writer = store_writer_direct(store);
    buf_init(&html, 1 << 16);
    return r;
}

static int teardown(void **state)
{
    (void)state;
    char command[128];
    buf_done(&html);
    store_close(store, &error);
    config_free(config);
    snprintf(command, sizeof(command), "rm -r %s", folder);
    return system(command);
}

static void ask(void)
{
    int r = contact_ask(config, &writer, &alert, NULL, "user:kim", 1000 * NS_PER_S, &error);
    if (r < 0)
        fail_msg("%s", error.text);
}

static struct inquiry asked(void)
{
    struct inquiry all[INQUIRY_LISTED_MAX];
    size_t count;
    assert_int_equal(inquiries_of(store, alert.id, all, &count, &error), 0);
    assert_int_equal(count, 1);
    return all[0];
}

static struct alert stored(void)
{
    struct alert now;
    assert_int_equal(store_get(store, alert.id, &now, &error), 0);
    return now;
}

/* The token that the mail's link for this answer has. */
static void token_from_mail(const char *label, char token[CONTACT_TOKEN_MAX])
{
    struct secret made;
    struct buf subject, text;
    struct inquiry inquiry = asked();
    buf_init(&subject, 4096);
    buf_init(&text, 1 << 16);
    assert_int_equal(contact_key_read(config, &made, &error), 0);
    contact_mail(config, &made, &inquiry, &alert, &subject, &text);
    const char *link = strstr(text.data, label);
    assert_non_null(link);
    link = strstr(link, "https://dns.example.net" CONTACT_PATH);
    assert_non_null(link);
    link += strlen("https://dns.example.net" CONTACT_PATH);
    snprintf(token, CONTACT_TOKEN_MAX, "%.*s", (int)strcspn(link, "\n"), link);
    assert_non_null(strstr(subject.data, "Was this expected?"));
    buf_done(&subject);
    buf_done(&text);
}

static int page(const char *token, bool post, int64_t now_ns)
{
    buf_reset(&html);
    return contact_page(config, store, &writer, token, post,
                        (enum language)config->contact.language, now_ns, &html);
}

static void looking_at_a_link_changes_nothing_and_its_button_does(void **state)
{
    (void)state;
    char token[CONTACT_TOKEN_MAX];
    int64_t now_ns = 1001 * NS_PER_S;
    ask();
    assert_int_equal(stored().contact, CONTACT_ASKED);
    token_from_mail("Yes, I expected it", token);
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(page(token, false, now_ns), 200);
    assert_non_null(strstr(html.data, "<form method=\"post\">"));
    assert_int_equal(stored().contact, CONTACT_ASKED);
    assert_int_equal(page(token, true, now_ns), 200);
    assert_int_equal(stored().status, ALERT_STATUS_DISMISSED);
    assert_int_equal(stored().disposition, DISPOSITION_EXPECTED);
    assert_string_equal(asked().answered_by, "owner:ana@example.test");
}

static void a_second_a_late_and_a_forged_answer_are_refused_plainly(void **state)
{
    (void)state;
    char yes[CONTACT_TOKEN_MAX], no[CONTACT_TOKEN_MAX];
    ask();
    token_from_mail("Yes, I expected it", yes);
    token_from_mail("No, I did not expect it", no);
    assert_int_equal(page(no, true, asked().expires_ns), 410);
    assert_non_null(strstr(html.data, "is over"));
    assert_int_equal(page("nonsense", true, 0), 403);
    assert_int_equal(stored().contact, CONTACT_ASKED);
    assert_int_equal(page(no, true, 1001 * NS_PER_S), 200);
    assert_true(stored().compromised);
    assert_int_equal(page(yes, true, 1001 * NS_PER_S), 410);
    assert_non_null(strstr(html.data, "answered already"));
    assert_int_equal(stored().contact, CONTACT_NOT_EXPECTED);
}

static void hostile_names_do_nothing_on_the_page(void **state)
{
    (void)state;
    char token[CONTACT_TOKEN_MAX];
    struct store_put_result result;
    const struct alert *const alerts[] = {&alert};
    snprintf(alert.entity_name, sizeof(alert.entity_name), "</pre><script>alert(1)</script>\"'&");
    alert.count++;
    assert_int_equal(store_put(store, alerts, 1, &result, &error), 0);
    ask();
    token_from_mail("This machine is not mine", token);
    assert_int_equal(page(token, false, 1001 * NS_PER_S), 200);
    assert_null(strstr(html.data, "<script"));
    assert_non_null(strstr(html.data, "&lt;script&gt;"));
}

static void an_owner_without_a_good_address_is_not_asked(void **state)
{
    (void)state;
    assert_int_equal(
        contact_ask(config, &writer, &alert, "a@b.example\nBcc: c@d.example", "x", 0, &error),
        -EINVAL);
    alert.entity_email[0] = 0;
    assert_int_equal(contact_ask(config, &writer, &alert, NULL, "x", 0, &error), -EINVAL);
    assert_non_null(strstr(error.text, "address"));
    assert_int_equal(stored().contact, CONTACT_NONE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_token_says_what_it_was_made_of),
        cmocka_unit_test(a_token_expires),
        cmocka_unit_test(a_token_that_was_changed_anywhere_is_forged),
        cmocka_unit_test(a_token_of_another_key_inquiry_answer_or_time_is_forged),
        cmocka_unit_test(what_is_no_token_is_forged),
        TEST(looking_at_a_link_changes_nothing_and_its_button_does),
        TEST(a_second_a_late_and_a_forged_answer_are_refused_plainly),
        TEST(hostile_names_do_nothing_on_the_page),
        TEST(an_owner_without_a_good_address_is_not_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
