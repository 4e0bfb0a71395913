/* secret.c - secrets from files, and signatures made with them
 * SPDX-License-Identifier: Apache-2.0 */
#include "outside/secret.h"

#include "base/fd.h"
#include "base/folder.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

enum { MADE_BYTES = 32 };

static void hex_write(const uint8_t *bytes, size_t len, char *hex)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < len; i++) {
        hex[2 * i] = digits[bytes[i] >> 4];
        hex[2 * i + 1] = digits[bytes[i] & 15];
    }
    hex[2 * len] = 0;
}

static int failure(const char *path, struct error *error)
{
    int code = errno;
    return error_set(error, -code, "%s: %s", path, strerror(code));
}

static int take(int fd, const char *path, struct secret *secret, struct error *error)
{
    struct stat info;
    if (fstat(fd, &info) < 0)
        return failure(path, error);
    if (info.st_mode & 077)
        return error_set(error, -EPERM,
                         "%s: others than its owner may use it, and it holds a secret: chmod 600",
                         path);
    ssize_t len = read(fd, secret->text, sizeof(secret->text));
    if (len < 0)
        return failure(path, error);
    if (len > SECRET_MAX)
        return error_set(error, -EINVAL, "%s: longer than %d bytes", path, SECRET_MAX);
    while (len > 0 && strchr("\r\n", secret->text[len - 1]))
        len--;
    if (len == 0)
        return error_set(error, -EINVAL, "%s: empty, but a secret is expected", path);
    secret->text[len] = 0;
    secret->len = (size_t)len;
    return 0;
}

int secret_read(const char *path, struct secret *ret_secret, struct error *error)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return failure(path, error);
    int r = take(fd, path, ret_secret, error);
    close(fd);
    return r;
}

int secret_random_hex(size_t bytes, char *ret_hex, struct error *error)
{
    uint8_t random[MADE_BYTES];
    assert(bytes <= sizeof(random));
    if (getrandom(random, bytes, 0) != (ssize_t)bytes)
        return error_set(error, -EIO, "the system gives no random numbers");
    hex_write(random, bytes, ret_hex);
    return 0;
}

/* Written whole under another name first: two that make it at once end with the same one. */
static int make(const char *path, struct error *error)
{
    char text[2 * MADE_BYTES + 2], draft[4096];
    int r = secret_random_hex(MADE_BYTES, text, error);
    if (r < 0)
        return r;
    text[2 * MADE_BYTES] = '\n';
    folders_make(path);
    snprintf(draft, sizeof(draft), "%s.%d", path, (int)gettid());
    int fd = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return failure(draft, error);
    if (!fd_write_all(fd, text, 2 * MADE_BYTES + 1) || fsync(fd) < 0 ||
        (renameat2(AT_FDCWD, draft, AT_FDCWD, path, RENAME_NOREPLACE) < 0 && errno != EEXIST))
        r = failure(draft, error);
    OPENSSL_cleanse(text, sizeof(text));
    close(fd);
    unlink(draft);
    if (r == 0 && !folder_sync(path))
        r = failure(path, error);
    return r;
}

int secret_read_or_make(const char *path, struct secret *ret_secret, struct error *error)
{
    int r = secret_read(path, ret_secret, error);
    if (r != -ENOENT)
        return r;
    r = make(path, error);
    return r < 0 ? r : secret_read(path, ret_secret, error);
}

void secret_done(struct secret *secret)
{
    OPENSSL_cleanse(secret, sizeof(*secret));
}

void secret_sign(const struct secret *secret, const void *data, size_t len,
                 uint8_t ret_mac[static SECRET_MAC_BYTES])
{
    unsigned mac_len = 0;
    const uint8_t *done =
        HMAC(EVP_sha256(), secret->text, (int)secret->len, data, len, ret_mac, &mac_len);
    assert(done && mac_len == SECRET_MAC_BYTES);
}

void secret_sign_hex(const struct secret *secret, const void *data, size_t len,
                     char ret_hex[static SECRET_MAC_HEX + 1])
{
    uint8_t mac[SECRET_MAC_BYTES];
    secret_sign(secret, data, len, mac);
    hex_write(mac, sizeof(mac), ret_hex);
}
