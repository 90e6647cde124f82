/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "start/user/user-credential.h"

#include <ctype.h>
#include <errno.h>
#include <nettle/base64.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include "basic/dynamic.h"
#include "basic/json.h"

#define CREDENTIALS_SOCKET "/run/systemd/io.systemd.Credentials"

enum {
        ANSWER_MAX = 2 << 20, /* a credential of systemd's limit, 1 MiB, in Base64 */
        TIMEOUT_SEC = 60,
};

/* The call as Varlink has it: JSON, which a NUL ends. */
static int write_call(const char *name, const char *encrypted, size_t size, char **ret) {
        _cleanup_text_ Text blob = {};
        _cleanup_free_ char *base64 = NULL;
        _cleanup_json_ Json json = {};
        _cleanup_json_object_ json_object *call = NULL;
        int r;

        for (size_t i = 0; i < size; i++)
                if (!isspace((unsigned char) encrypted[i]))
                        text_append_char(&blob, encrypted[i]);
        r = text_take(&blob, &base64);
        if (r < 0)
                return r;
        json_open_object(&json, NULL);
        json_add_string(&json, "method", "io.systemd.Credentials.Decrypt");
        json_open_object(&json, "parameters");
        json_add_string(&json, "name", name);
        json_add_string(&json, "blob", base64);
        json_add_string(&json, "scope", "user");
        json_close(&json);
        json_close(&json);
        r = json_take(&json, &call);
        return r < 0 ? r : json_to_text(call, ret);
}

static int connect_service(int *ret) {
        static const struct timeval timeout = { .tv_sec = TIMEOUT_SEC };
        static const struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = CREDENTIALS_SOCKET };
        _cleanup_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

        if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout)) < 0 ||
            setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout)) < 0)
                return -errno;
        if (connect(fd, (const struct sockaddr *) &address, sizeof(address)) < 0)
                return errno == ENOENT || errno == ECONNREFUSED ? -EOPNOTSUPP : -errno;
        *ret = TAKE_FD(fd);
        return 0;
}

/* Sends the call and reads up to the answer's NUL. */
static int exchange(int fd, const char *call, char *answer, size_t *ret_size) {
        size_t left = strlen(call) + 1, size = 0;

        while (left > 0) {
                ssize_t n = send(fd, call, left, MSG_NOSIGNAL);

                if (n < 0)
                        return errno == EAGAIN ? -ETIMEDOUT : -errno;
                call += n;
                left -= (size_t) n;
        }
        while (size == 0 || answer[size - 1] != '\0') {
                ssize_t n = size < ANSWER_MAX ? recv(fd, answer + size, ANSWER_MAX - size, 0) : 0;

                if (n < 0)
                        return errno == EAGAIN ? -ETIMEDOUT : -errno;
                if (n == 0)
                        return size < ANSWER_MAX ? -ECONNRESET : -EFBIG;
                size += (size_t) n;
        }
        *ret_size = size - 1;
        return 0;
}

DYNAMIC_FUNCTION(nettle_base64_decode_init);
DYNAMIC_FUNCTION(nettle_base64_decode_update);
DYNAMIC_FUNCTION(nettle_base64_decode_final);

static int load(void) {
        static const DynamicSymbol symbols[] = {
                DYNAMIC_SYMBOL(nettle_base64_decode_init),
                DYNAMIC_SYMBOL(nettle_base64_decode_update),
                DYNAMIC_SYMBOL(nettle_base64_decode_final),
        };

        return dynamic_load("libnettle.so.8", symbols, ARRAY_SIZE(symbols), NULL);
}

static int decode(const char *base64, char **ret, size_t *ret_size) {
        struct base64_decode_ctx context;
        size_t length = strlen(base64), size = BASE64_DECODE_LENGTH(length);
        char *data;
        int r = load();

        if (r < 0)
                return r;
        data = malloc(size + 1);
        if (!data)
                return -ENOMEM;
        sym_nettle_base64_decode_init(&context);
        if (!sym_nettle_base64_decode_update(&context, &size, (uint8_t *) data, length, base64) ||
            !sym_nettle_base64_decode_final(&context)) {
                explicit_bzero(data, BASE64_DECODE_LENGTH(length));
                free(data);
                return -EPROTO;
        }
        data[size] = '\0';
        *ret = data;
        *ret_size = size;
        return 0;
}

/* json-c's copy is not wiped: it goes with this process, which ends with the start. */
static int read_answer(const char *answer, size_t size, char **ret, size_t *ret_size, char **ret_refusal) {
        _cleanup_json_object_ json_object *object = NULL;
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        json_object *parameters;
        const char *data, *error;
        int r = json_parse(answer, size, "io.systemd.Credentials", &diagnostics, &object);

        if (r < 0)
                return r == -EREPORTED ? -EPROTO : r;
        error = json_get_string(object, "error");
        if (error) {
                *ret_refusal = strdup(error);
                return *ret_refusal ? -EBADMSG : -ENOMEM;
        }
        parameters = json_object_object_get(object, "parameters");
        data = parameters ? json_get_string(parameters, "data") : NULL;
        return data ? decode(data, ret, ret_size) : -EPROTO;
}

int user_credential_decrypt(const char *name, const char *encrypted, size_t size, char **ret, size_t *ret_size,
                            char **ret_refusal) {
        _cleanup_free_ char *call = NULL, *answer = NULL;
        _cleanup_close_ int fd = -EBADF;
        size_t answer_size;
        int r = connect_service(&fd);

        if (r == 0)
                r = write_call(name, encrypted, size, &call);
        if (r < 0)
                return r;
        answer = malloc(ANSWER_MAX);
        if (!answer)
                return -ENOMEM;
        r = exchange(fd, call, answer, &answer_size);
        if (r == 0) {
                r = read_answer(answer, answer_size, ret, ret_size, ret_refusal);
                explicit_bzero(answer, answer_size);
        }
        return r;
}
