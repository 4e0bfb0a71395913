/* test_users.c - users, sessions and tokens hold as long as they should, and every change is told
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include "base/clock.h"
#include "store/audit.h"
#include "store/sessions.h"
#include "store/tokens.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const struct session_limits limits = {1800 * NS_PER_S, 43200 * NS_PER_S};
static char folder[64];
static struct store *store;
static struct error error;

static int start(void **context)
{
    (void)context;
    char path[96];
    snprintf(folder, sizeof(folder), "/tmp/test_users_XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof(path), "%s/a.db", folder);
    const struct store_config config = {.checkpoint_pages = 1000, .busy_timeout_ms = 1000};
    return store_open(path, STORE_WRITE, &config, &store, &error);
}

static int finish(void **context)
{
    (void)context;
    char command[96];
    store_close(store, &error);
    snprintf(command, sizeof(command), "rm -r %s", folder);
    return system(command);
}

static void add(const char *name, enum role role)
{
    assert_int_equal(user_add(store, name, role, "hash", "cli:root", &error), 0);
}

static void the_last_administrator_stays(void **context)
{
    (void)context;
    const struct user_change less = {ROLE_VIEWER, -1, NULL}, off = {-1, 0, NULL};
    add("alice", ROLE_ADMIN);
    assert_int_equal(user_remove(store, "alice", "cli:root", &error), -EPERM);
    assert_int_equal(user_set(store, "alice", &less, "cli:root", &error), -EPERM);
    assert_int_equal(user_set(store, "alice", &off, "cli:root", &error), -EPERM);
    add("bob", ROLE_ADMIN);
    assert_int_equal(user_set(store, "alice", &less, "cli:root", &error), 0);
    assert_int_equal(user_remove(store, "bob", "cli:root", &error), -EPERM);
}

static void names_are_plain_and_given_once(void **context)
{
    (void)context;
    static const char *const bad[] = {"", "-x", ".x", "a b", "a/b", "\u00e4", "a\n"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
        assert_int_equal(user_add(store, bad[i], ROLE_VIEWER, "h", "cli:root", &error), -EINVAL);
    add("alice", ROLE_VIEWER);
    assert_int_equal(user_add(store, "alice", ROLE_ADMIN, "h", "cli:root", &error), -EEXIST);
}

static int session_role(const char *secret, const struct session_limits *within)
{
    struct identity who;
    int64_t used_ns;
    int r = session_find(store, secret, within, &who, &used_ns, &error);
    return r < 0 ? r : (int)who.role;
}

static void a_session_ends_with_time_and_with_its_user(void **context)
{
    (void)context;
    const struct session_limits idle = {-1, 43200 * NS_PER_S}, total = {1800 * NS_PER_S, -1};
    const struct user_change off = {-1, 0, NULL};
    add("alice", ROLE_ANALYST);
    assert_int_equal(session_add(store, "secret", "alice", "192.0.2.1", &limits, &error), 0);
    assert_int_equal(session_role("secret", &limits), ROLE_ANALYST);
    assert_int_equal(session_role("secreu", &limits), -ENOENT);
    assert_int_equal(session_role("secret", &idle), -ENOENT);
    assert_int_equal(session_role("secret", &total), -ENOENT);
    assert_int_equal(user_set(store, "alice", &off, "cli:root", &error), 0);
    assert_int_equal(session_role("secret", &limits), -ENOENT);
}

static int token_role(const char *secret)
{
    struct identity who;
    int64_t used_ns;
    int r = token_find(store, secret, &who, &used_ns, &error);
    return r < 0 ? r : (int)who.role;
}

static void a_token_gives_no_more_than_its_owner_has(void **context)
{
    (void)context;
    const struct user_change less = {ROLE_VIEWER, -1, NULL};
    struct token token = {"t", "alice", ROLE_ADMIN, 0, clock_now_ns() + 60 * NS_PER_S, 0};
    add("alice", ROLE_ANALYST);
    assert_int_equal(token_add(store, &token, "one", "cli:root", &error), -EPERM);
    token.role = ROLE_ANALYST;
    assert_int_equal(token_add(store, &token, "one", "cli:root", &error), 0);
    assert_int_equal(token_role("one"), ROLE_ANALYST);
    assert_int_equal(user_set(store, "alice", &less, "cli:root", &error), 0);
    assert_int_equal(token_role("one"), ROLE_VIEWER);
    assert_int_equal(user_remove(store, "alice", "cli:root", &error), 0);
    assert_int_equal(token_role("one"), -ENOENT);
}

static void a_token_that_has_expired_is_none(void **context)
{
    (void)context;
    const struct token token = {"t", "alice", ROLE_VIEWER, 0, clock_now_ns() - 1, 0};
    add("alice", ROLE_VIEWER);
    assert_int_equal(token_add(store, &token, "one", "cli:root", &error), 0);
    assert_int_equal(token_role("one"), -ENOENT);
}

/* An audit_fn. */
static int count_entry(void *context, uint64_t seq, const struct audit_entry *entry,
                       const uint8_t hash[static AUDIT_HASH_BYTES])
{
    (void)seq, (void)entry, (void)hash;
    ++*(unsigned *)context;
    return 0;
}

static void a_user_is_spoken_to_in_the_language_he_chose(void **context)
{
    (void)context;
    struct user user;
    char hash[128];
    add("alice", ROLE_VIEWER);
    assert_int_equal(user_find(store, "alice", &user, hash, &error), 0);
    assert_string_equal(user.language, "");
    assert_int_equal(user_language_set(store, "alice", "ja", "user:alice", &error), 0);
    assert_int_equal(user_language_set(store, "alice", "fr", "user:alice", &error), -EINVAL);
    assert_int_equal(user_language_set(store, "bob", "ja", "user:bob", &error), -ENOENT);
    assert_int_equal(user_find(store, "alice", &user, hash, &error), 0);
    assert_string_equal(user.language, "ja");
}

static void every_change_is_in_the_trail(void **context)
{
    (void)context;
    unsigned count = 0;
    const struct audit_filter filter = {.object = "user/alice"};
    const struct user_change password = {-1, -1, "other"};
    add("alice", ROLE_VIEWER);
    assert_int_equal(user_set(store, "alice", &password, "cli:root", &error), 0);
    assert_int_equal(user_language_set(store, "alice", "ja", "user:alice", &error), 0);
    assert_int_equal(user_language_set(store, "alice", "ja", "user:alice", &error), 0);
    assert_int_equal(session_add(store, "s", "alice", "192.0.2.1", &limits, &error), 0);
    assert_int_equal(session_remove(store, "s", "user:alice", &error), 0);
    assert_int_equal(user_remove(store, "alice", "cli:root", &error), 0);
    assert_int_equal(audit_list(store, &filter, count_entry, &count, &error), 0);
    assert_int_equal(count, 6); /* the same language once more changes nothing */
}

struct logins {
    char ids[2][SESSION_ID_MAX];
    unsigned count;
};

/* A session_fn. */
static int login_note(void *context, const struct session *session)
{
    struct logins *logins = context;
    assert_true(logins->count < 2);
    strcpy(logins->ids[logins->count++], session->id);
    return 0;
}

static struct logins logins_of(const char *user)
{
    struct logins logins = {.count = 0};
    assert_int_equal(sessions_list(store, user, &limits, login_note, &logins, &error), 0);
    return logins;
}

static void a_session_is_listed_and_ended_by_its_id(void **context)
{
    (void)context;
    char id[SESSION_ID_MAX];
    const struct session_limits over = {-1, -1};
    struct logins none = {.count = 0};
    add("alice", ROLE_ANALYST);
    add("bob", ROLE_ADMIN);
    assert_int_equal(session_add(store, "secret", "alice", "192.0.2.1", &limits, &error), 0);
    assert_int_equal(session_add(store, "other", "bob", "192.0.2.2", &limits, &error), 0);
    session_id("secret", id);
    assert_int_equal(logins_of(NULL).count, 2);
    assert_int_equal(logins_of("alice").count, 1);
    assert_string_equal(logins_of("alice").ids[0], id);
    assert_int_equal(sessions_list(store, NULL, &over, login_note, &none, &error), 0);
    assert_int_equal(none.count, 0);
    assert_int_equal(session_end(store, id, "bob", "user:bob", &error), -ENOENT);
    assert_int_equal(session_role("secret", &limits), ROLE_ANALYST);
    assert_int_equal(session_end(store, id, NULL, "user:bob", &error), 0);
    assert_int_equal(session_role("secret", &limits), -ENOENT);
    assert_int_equal(session_role("other", &limits), ROLE_ADMIN);
    assert_int_equal(session_end(store, id, NULL, "user:bob", &error), -ENOENT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, finish)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_last_administrator_stays),
        TEST(names_are_plain_and_given_once),
        TEST(a_session_ends_with_time_and_with_its_user),
        TEST(a_session_is_listed_and_ended_by_its_id),
        TEST(a_token_gives_no_more_than_its_owner_has),
        TEST(a_token_that_has_expired_is_none),
        TEST(a_user_is_spoken_to_in_the_language_he_chose),
        TEST(every_change_is_in_the_trail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
