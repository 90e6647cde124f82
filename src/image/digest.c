/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SHA-256 digests. nettle is what libarchive itself needs, so it is there wherever a layer can be
 * unpacked. */
#include "image/digest.h"

#include <errno.h>
#include <nettle/sha2.h>
#include <unistd.h>

#include "basic/dynamic.h"

DYNAMIC_NOTE(nettle, "libnettle.so.8", "images", "recommended", "Checking digests of images");
DYNAMIC_FUNCTION(nettle_sha256_init);
DYNAMIC_FUNCTION(nettle_sha256_update);
DYNAMIC_FUNCTION(nettle_sha256_digest);

struct Digester {
        struct sha256_ctx context;
};

bool digest_is_valid(const char *text) {
        const char *hex = startswith(text, DIGEST_PREFIX);

        return hex && strlen(hex) == 2 * SHA256_DIGEST_SIZE &&
               strspn(hex, "0123456789abcdef") == 2 * SHA256_DIGEST_SIZE;
}

const char *digest_hex(const char *digest) {
        return digest + strlen(DIGEST_PREFIX);
}

int digester_new(Digester **ret) {
        static const DynamicSymbol symbols[] = {
                DYNAMIC_SYMBOL(nettle_sha256_init),
                DYNAMIC_SYMBOL(nettle_sha256_update),
                DYNAMIC_SYMBOL(nettle_sha256_digest),
        };
        Digester *digester;
        int r;

        r = dynamic_load("libnettle.so.8", symbols, ARRAY_SIZE(symbols), NULL);
        if (r < 0)
                return r;
        digester = malloc(sizeof(*digester));
        if (!digester)
                return -ENOMEM;
        sym_nettle_sha256_init(&digester->context);
        *ret = digester;
        return 0;
}

void digester_update(Digester *digester, const void *data, size_t size) {
        sym_nettle_sha256_update(&digester->context, size, data);
}

void digester_finish(Digester *digester, char ret[DIGEST_TEXT_SIZE]) {
        static const char digits[] = "0123456789abcdef";
        uint8_t bytes[SHA256_DIGEST_SIZE];
        char *p = ret + strlen(DIGEST_PREFIX);

        sym_nettle_sha256_digest(&digester->context, sizeof(bytes), bytes);
        memcpy(ret, DIGEST_PREFIX, strlen(DIGEST_PREFIX));
        for (size_t i = 0; i < sizeof(bytes); i++) {
                *p++ = digits[bytes[i] >> 4];
                *p++ = digits[bytes[i] & 15];
        }
        *p = '\0';
}

void digester_free(Digester *digester) {
        free(digester);
}

int digest_of_fd(int fd, char ret[DIGEST_TEXT_SIZE], uint64_t *ret_size) {
        enum { BUFFER_SIZE = 256 * 1024 };
        _cleanup_digester_ Digester *digester = NULL;
        _cleanup_free_ char *buffer = malloc(BUFFER_SIZE);
        uint64_t size = 0;
        int r;

        if (!buffer)
                return -ENOMEM;
        r = digester_new(&digester);
        if (r < 0)
                return r;
        for (;;) {
                ssize_t n = read(fd, buffer, BUFFER_SIZE);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return -errno;
                if (n == 0)
                        break;
                digester_update(digester, buffer, (size_t) n);
                size += (uint64_t) n;
        }
        digester_finish(digester, ret);
        if (ret_size)
                *ret_size = size;
        return 0;
}

int digest_of_bytes(const void *data, size_t size, char ret[DIGEST_TEXT_SIZE]) {
        _cleanup_digester_ Digester *digester = NULL;
        int r;

        r = digester_new(&digester);
        if (r < 0)
                return r;
        digester_update(digester, data, size);
        digester_finish(digester, ret);
        return 0;
}
