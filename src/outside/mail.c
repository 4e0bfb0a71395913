/* mail.c - writes a mail that every reader understands, and hands it to a server
 * SPDX-License-Identifier: Apache-2.0 */
#include "outside/mail.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/utf8.h"
#include "outside/secret.h"

#include <curl/curl.h>
#include <errno.h>
#include <openssl/evp.h>
#include <string.h>
#include <time.h>

enum {
    ADDRESS_MAX = 254,    /* RFC 5321 4.5.3.1.3 less the brackets */
    BODY_LINE_BYTES = 57, /* 76 characters of base64 */
    WORD_BYTES = 39,      /* with "Subject: =?UTF-8?B?" and "?=" below 76 characters */
    SUBJECT_BYTES_MAX = 512,
    REFUSED_FOR_GOOD = 500, /* SMTP statuses from here on */
};

bool mail_address_valid(const char *text)
{
    const char *at = strchr(text, '@');
    if (!at || at == text || !at[1] || strchr(at + 1, '@') || strlen(text) > ADDRESS_MAX)
        return false;
    for (; *text; text++)
        if (*text <= ' ' || *text > '~' || strchr("()<>[]\\,;:\"", *text))
            return false;
    return true;
}

static void base64_append(const char *data, size_t len, struct buf *buf)
{
    unsigned char text[4 * ((BODY_LINE_BYTES + 2) / 3) + 1];
    int written = EVP_EncodeBlock(text, (const unsigned char *)data, (int)len);
    buf_append(buf, text, (size_t)written);
}

static bool is_plain(const char *text)
{
    for (const char *c = text; *c; c++)
        if (*c < ' ' || *c > '~')
            return false;
    return strlen(text) <= 60 && !strstr(text, "=?");
}

/* How many bytes of the text make whole characters that fit in `max`. */
static size_t characters_fit(const char *text, size_t len, size_t max)
{
    size_t fit = 0;
    while (fit < len) {
        uint32_t code;
        size_t step = utf8_decode((const uint8_t *)text + fit, len - fit, &code);
        step = step ? step : 1;
        if (fit + step > max)
            break;
        fit += step;
    }
    return fit;
}

/* Text that is not plain goes in encoded words of whole characters (RFC 2047 5). */
static void subject_append(const char *subject, struct buf *buf)
{
    struct buf clean;
    buf_init(&clean, SUBJECT_BYTES_MAX);
    utf8_append_visible(&clean, subject);
    const char *text = clean.data ? clean.data : "";
    size_t len = characters_fit(text, strlen(text), SUBJECT_BYTES_MAX);
    buf_text(buf, "Subject:");
    if (is_plain(text))
        buf_printf(buf, " %s\r\n", text);
    for (size_t at = 0; !is_plain(text) && at < len;) {
        size_t part = characters_fit(text + at, len - at, WORD_BYTES);
        buf_text(buf, at ? "\r\n =?UTF-8?B?" : " =?UTF-8?B?");
        base64_append(text + at, part, buf);
        buf_text(buf, at + part < len ? "?=" : "?=\r\n");
        at += part;
    }
    buf_done(&clean);
}

static void date_append(int64_t time_ns, struct buf *buf)
{
    static const char days[] = "SunMonTueWedThuFriSat";
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    time_t seconds = (time_t)(time_ns / NS_PER_S);
    struct tm tm;
    gmtime_r(&seconds, &tm);
    buf_printf(buf, "Date: %.3s, %d %.3s %d %02d:%02d:%02d +0000\r\n", days + 3 * tm.tm_wday,
               tm.tm_mday, months + 3 * tm.tm_mon, tm.tm_year + 1900, tm.tm_hour, tm.tm_min,
               tm.tm_sec);
}

/* Lines of a text end with CRLF before they are encoded (RFC 2045 6.8). */
static void body_append(const char *text, struct buf *buf)
{
    struct buf lines;
    buf_init(&lines, MAIL_BYTES_MAX);
    for (; *text; text++) {
        if (*text == '\n')
            buf_char(&lines, '\r');
        buf_char(&lines, *text);
    }
    for (size_t at = 0; at < lines.len; at += BODY_LINE_BYTES) {
        size_t left = lines.len - at;
        base64_append(lines.data + at, left < BODY_LINE_BYTES ? left : BODY_LINE_BYTES, buf);
        buf_text(buf, "\r\n");
    }
    buf->overflow |= lines.overflow;
    buf_done(&lines);
}

static bool addresses_valid(const struct mail *mail)
{
    bool valid = mail_address_valid(mail->from) && mail_address_valid(mail->to);
    for (const char *const *to = mail->also; valid && to && *to; to++)
        valid = mail_address_valid(*to);
    return valid;
}

static void addresses_append(const struct mail *mail, struct buf *buf)
{
    buf_printf(buf, "From: dnsvigil <%s>\r\nTo: <%s>", mail->from, mail->to);
    for (const char *const *to = mail->also; to && *to; to++)
        buf_printf(buf, ",\r\n <%s>", *to);
    buf_text(buf, "\r\n");
}

int mail_build(const struct mail *mail, struct buf *buf, struct error *error)
{
    if (!addresses_valid(mail))
        return error_set(error, -EINVAL, "the mail's sender or recipient is no mail address");
    addresses_append(mail, buf);
    subject_append(mail->subject, buf);
    date_append(mail->time_ns, buf);
    buf_printf(buf, "Message-ID: <%s@%s>\r\n", mail->id, strchr(mail->from, '@') + 1);
    buf_text(buf, "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
                  "Content-Type: text/plain; charset=UTF-8\r\n"
                  "Content-Transfer-Encoding: base64\r\n\r\n");
    body_append(mail->text, buf);
    return buf->overflow ? error_set(error, -EINVAL, "the mail is too long") : 0;
}

struct upload {
    const struct buf *message;
    size_t at;
    char reader[ADDRESS_MAX + 1]; /* whom the server is asked about; "": nobody just now */
    bool delayed;                 /* it wants one of them to wait */
};

static size_t on_read(char *data, size_t size, size_t count, void *arg)
{
    struct upload *upload = arg;
    size_t len = upload->message->len - upload->at;
    if (upload->delayed)
        return CURL_READFUNC_ABORT;
    len = len < size * count ? len : size * count;
    memcpy(data, upload->message->data + upload->at, len);
    upload->at += len;
    return len;
}

/* A reader whom the server does not know is left out and told: the others shall have their mail.
 * For one who has to wait all wait, so that nobody gets it twice. */
static void reply_take(struct upload *upload, const char *line, size_t len)
{
    if (!upload->reader[0] || len < 3)
        return;
    if (line[0] == '5')
        log_warning("the mail server takes nothing for <%s> (status %.3s)", upload->reader, line);
    upload->delayed |= line[0] == '4';
    upload->reader[0] = 0;
}

/* Listens to what is said about readers: only here it is said one by one. */
static int on_talk(CURL *curl, curl_infotype type, char *data, size_t size, void *arg)
{
    static const char begin[] = "RCPT TO:<";
    struct upload *upload = arg;
    size_t skip = strlen(begin);
    (void)curl;
    if (type == CURLINFO_HEADER_IN)
        reply_take(upload, data, size);
    if (type != CURLINFO_HEADER_OUT || size < skip || memcmp(data, begin, skip) != 0)
        return 0;
    const char *end = memchr(data, '>', size);
    size_t len = end ? (size_t)(end - data) - skip : 0;
    if (len > ADDRESS_MAX)
        len = ADDRESS_MAX;
    memcpy(upload->reader, data + skip, len);
    upload->reader[len] = 0;
    return 0;
}

/* User and password stand in two lines. */
static int login_set(CURL *curl, const char *path, struct error *error)
{
    struct secret secret;
    if (!path[0])
        return 0;
    int r = secret_read(path, &secret, error);
    char *line_end = r == 0 ? strchr(secret.text, '\n') : NULL;
    if (r == 0 && !line_end)
        r = error_set(error, -EINVAL, "%s: a line with the user and one with the password expected",
                      path);
    if (r == 0) {
        *line_end = 0;
        if (line_end > secret.text && line_end[-1] == '\r')
            line_end[-1] = 0;
        curl_easy_setopt(curl, CURLOPT_USERNAME, secret.text);
        curl_easy_setopt(curl, CURLOPT_PASSWORD, line_end + 1);
    }
    secret_done(&secret);
    return r;
}

static void transfer_set(CURL *curl, const struct config_mail *config, struct upload *upload,
                         char *message)
{
    curl_easy_setopt(curl, CURLOPT_URL, config->url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(curl, CURLOPT_USE_SSL, config->allow_plain ? CURLUSESSL_TRY : CURLUSESSL_ALL);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)config->timeout_s);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, message);
    curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(curl, CURLOPT_READFUNCTION, on_read);
    curl_easy_setopt(curl, CURLOPT_READDATA, upload);
    curl_easy_setopt(curl, CURLOPT_DEBUGFUNCTION, on_talk);
    curl_easy_setopt(curl, CURLOPT_DEBUGDATA, upload);
    curl_easy_setopt(curl, CURLOPT_VERBOSE, 1L);
    curl_easy_setopt(curl, CURLOPT_MAIL_RCPT_ALLLOWFAILS, 1L);
    if (config->ca_file[0])
        curl_easy_setopt(curl, CURLOPT_CAINFO, config->ca_file);
}

static int transfer_run(CURL *curl, struct upload *upload, const char *message, struct error *error)
{
    long status = 0;
    CURLcode code = curl_easy_perform(curl);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    if (code == CURLE_OK && upload->at == upload->message->len)
        return 0;
    if (upload->delayed)
        return error_set(error, -EIO, "the mail server wants a reader's mail later");
    bool for_good = (code == CURLE_SEND_ERROR || code == CURLE_WEIRD_SERVER_REPLY) &&
                    status >= REFUSED_FOR_GOOD;
    return error_set(error, for_good ? -EINVAL : -EIO,
                     "the mail server did not take it (its last status: %ld): %s", status,
                     message[0] ? message : curl_easy_strerror(code));
}

static struct curl_slist *recipients_make(const struct mail *mail)
{
    struct curl_slist *list = curl_slist_append(NULL, mail->to);
    for (const char *const *to = mail->also; list && to && *to; to++) {
        struct curl_slist *longer = curl_slist_append(list, *to);
        if (!longer)
            curl_slist_free_all(list);
        list = longer;
    }
    return list;
}

static int message_send(const struct config_mail *config, const struct mail *mail,
                        const struct buf *message, struct error *error)
{
    char text[CURL_ERROR_SIZE] = "";
    struct upload upload = {.message = message};
    struct curl_slist *to = recipients_make(mail);
    CURL *curl = curl_easy_init();
    int r = to && curl ? login_set(curl, config->credentials_file, error)
                       : error_set(error, -ENOMEM, "no memory for a mail");
    if (r == 0) {
        transfer_set(curl, config, &upload, text);
        curl_easy_setopt(curl, CURLOPT_MAIL_FROM, mail->from);
        curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, to);
        r = transfer_run(curl, &upload, text, error);
    }
    curl_easy_cleanup(curl);
    curl_slist_free_all(to);
    return r;
}

int mail_send(const struct config_mail *config, const struct mail *mail, struct error *error)
{
    struct buf message;
    if (!config->url[0])
        return error_set(error, -EINVAL, "no mail server is configured: see mail.url");
    buf_init(&message, 2 * MAIL_BYTES_MAX);
    int r = mail_build(mail, &message, error);
    if (r == 0)
        r = message_send(config, mail, &message, error);
    buf_done(&message);
    return r;
}
