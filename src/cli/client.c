/* client.c - asks the API: of the daemon over its unix socket, or in this process where none runs
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/client.h"

#include "api/gate.h"
#include "api/server.h"
#include "respond/isolator.h"

#include <curl/curl.h>
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { REQUEST_S = 60 };

struct client {
    const struct config *config;
    char *socket;
    CURL *curl; /* NULL: in this process */
    struct store *store;
    struct gate gate;
    bool has_gate;
    struct api api;
    struct identity who;
};

/* 0: somebody answers there. -ENOENT: nobody. */
static int socket_try(const char *path, struct error *error)
{
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof(addr.sun_path))
        return -ENOENT;
    strcpy(addr.sun_path, path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return error_set(error, -errno, "cannot make a socket: %s", strerror(errno));
    int r = connect(fd, (struct sockaddr *)&addr, sizeof(addr)) == 0 ? 0 : -errno;
    close(fd);
    if (r == 0 || r == -ENOENT || r == -ECONNREFUSED || r == -ENOTDIR)
        return r == 0 ? 0 : -ENOENT;
    return error_set(error, r,
                     "%s: %s; ask as root, as the service's user, or as one of "
                     "api.socket_admins who is in the group of the socket",
                     path, strerror(-r));
}

static int remote_open(struct client *client, struct error *error)
{
    client->curl = curl_easy_init();
    return client->curl ? 0 : error_set(error, -ENOMEM, "no memory for a request");
}

static void identity_fill(struct identity *who)
{
    const struct passwd *user = getpwuid(geteuid());
    who->role = ROLE_ADMIN;
    if (user)
        snprintf(who->name, sizeof(who->name), "cli:%s", user->pw_name);
    else
        snprintf(who->name, sizeof(who->name), "cli:%u", (unsigned)geteuid());
}

static int local_open(struct client *client, const char *path, struct error *error)
{
    const struct store_config config = {
        .ballast_bytes = (uint64_t)client->config->store.ballast_mib << 20,
        .checkpoint_pages = store_config_default.checkpoint_pages,
        .busy_timeout_ms = store_config_default.busy_timeout_ms,
    };
    client->has_gate = gate_init(&client->gate);
    if (!client->has_gate)
        return error_set(error, -ENOMEM, "no memory for a request");
    int r = store_open(path, STORE_WRITE, &config, &client->store, error);
    if (r < 0)
        return r;
    identity_fill(&client->who);
    client->api = (struct api){
        .config = client->config,
        .start = client->config,
        .read = client->store,
        .writer = store_writer_direct(client->store),
        .gate = &client->gate,
    };
    return isolator_open(client->config, job_runner_direct(), &client->api.isolator, error);
}

int client_open(const struct config *config, const char *store, struct client **ret_client,
                struct error *error)
{
    struct client *client = calloc(1, sizeof(*client));
    if (!client)
        return error_set(error, -ENOMEM, "no memory for a request");
    client->config = config;
    client->socket = api_socket_path(config);
    int r = client->socket ? 0 : error_set(error, -ENOMEM, "no memory for a request");
    if (r == 0)
        r = store ? -ENOENT : socket_try(client->socket, error);
    if (r == 0)
        r = remote_open(client, error);
    else if (r == -ENOENT)
        r = local_open(client, store ? store : config->store.path, error);
    if (r < 0) {
        client_close(client);
        return r;
    }
    *ret_client = client;
    return 0;
}

void client_close(struct client *client)
{
    struct error error;
    if (!client)
        return;
    curl_easy_cleanup(client->curl);
    isolator_close(client->api.isolator);
    store_close(client->store, &error);
    if (client->has_gate)
        gate_done(&client->gate);
    free(client->socket);
    free(client);
}

bool client_is_remote(const struct client *client)
{
    return client->curl != NULL;
}

/* A curl write function. */
static size_t answer_take(char *data, size_t one, size_t len, void *arg)
{
    struct buf *answer = arg;
    (void)one;
    buf_append(answer, data, len);
    return answer->overflow ? 0 : len;
}

static int remote_ask(struct client *client, enum http_method method, const char *path,
                      const char *body, struct buf *answer, int *ret_status, struct error *error)
{
    CURL *curl = client->curl;
    char url[API_QUERY_MAX + 64];
    long status = 0;
    snprintf(url, sizeof(url), "http://localhost%s", path);
    struct curl_slist *fields = curl_slist_append(NULL, "Content-Type: application/json");
    curl_easy_reset(curl);
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, client->socket);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)REQUEST_S);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, http_methods[method]);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, answer_take);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, answer);
    if (body) {
        curl_easy_setopt(curl, CURLOPT_HTTPHEADER, fields);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
    }
    CURLcode code = curl_easy_perform(curl);
    curl_slist_free_all(fields);
    if (code != CURLE_OK)
        return error_set(error, -EIO, "%s: the service does not answer: %s", client->socket,
                         curl_easy_strerror(code));
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    *ret_status = (int)status;
    return 0;
}

static void local_ask(struct client *client, enum http_method method, const char *path,
                      const char *body, struct buf *answer, int *ret_status)
{
    struct http_answer made;
    const char *query = strchr(path, '?');
    char *only_path = strndup(path, query ? (size_t)(query - path) : strlen(path));
    struct api_request request = {
        .method = method,
        .path = only_path ? only_path : "",
        .query = query ? query + 1 : NULL,
        .body_text = body,
        .body_len = body ? strlen(body) : 0,
        .who = client->who,
        .address = "local",
    };
    http_answer_init(&made);
    api_dispatch(&client->api, &request, &made);
    *ret_status = made.body.overflow ? 500 : made.code;
    buf_append(answer, made.body.data, made.body.len);
    http_answer_done(&made);
    free(only_path);
}

/* What was answered as JSON; text of another kind is none. */
static json_t *answer_read(const struct buf *answer)
{
    return answer->len ? json_loadb(answer->data, answer->len, 0, NULL) : NULL;
}

int client_request(struct client *client, enum http_method method, const char *path,
                   const json_t *body, int *ret_status, json_t **ret_json, struct error *error)
{
    struct buf answer;
    char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
    int r = 0;
    if (body && !text)
        return error_set(error, -ENOMEM, "no memory for a request");
    buf_init(&answer, HTTP_ANSWER_BYTES_MAX);
    if (client->curl)
        r = remote_ask(client, method, path, text, &answer, ret_status, error);
    else
        local_ask(client, method, path, text, &answer, ret_status);
    if (r == 0)
        *ret_json = answer_read(&answer);
    buf_done(&answer);
    free(text);
    return r;
}

int client_call(struct client *client, enum http_method method, const char *path,
                const json_t *body, json_t **ret_json, struct error *error)
{
    int status;
    json_t *json = NULL;
    int r = client_request(client, method, path, body, &status, &json, error);
    if (r == 0 && status >= 400) {
        const char *message =
            json_string_value(json_object_get(json_object_get(json, "error"), "message"));
        r = error_set(error, -EPROTO, "%s", message ? message : "the request was refused");
    }
    if (r < 0 || !ret_json)
        json_decref(json);
    else
        *ret_json = json;
    return r;
}

void client_segment(struct buf *path, const char *text)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    for (; *text; text++) {
        if (strchr(plain, *text))
            buf_char(path, *text);
        else
            buf_printf(path, "%%%02X", (unsigned char)*text);
    }
}
