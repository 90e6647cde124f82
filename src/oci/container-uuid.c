/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "oci/container-uuid.h"

#include <errno.h>
#include <nettle/hmac.h>

#include "basic/dynamic.h"
#include "basic/text.h"

/* Nobody else uses the key for a message that begins like this. */
#define PURPOSE "berth container_uuid "

DYNAMIC_FUNCTION(nettle_hmac_sha256_set_key);
DYNAMIC_FUNCTION(nettle_hmac_sha256_update);
DYNAMIC_FUNCTION(nettle_hmac_sha256_digest);

int container_uuid_make(const char *machine_id, const char *name, char **ret) {
        static const DynamicSymbol symbols[] = {
                DYNAMIC_SYMBOL(nettle_hmac_sha256_set_key),
                DYNAMIC_SYMBOL(nettle_hmac_sha256_update),
                DYNAMIC_SYMBOL(nettle_hmac_sha256_digest),
        };
        struct hmac_sha256_ctx context;
        _cleanup_text_ Text text = {};
        uint8_t uuid[16];
        int r;

        r = dynamic_load("libnettle.so.8", symbols, ARRAY_SIZE(symbols), NULL);
        if (r < 0)
                return r;
        sym_nettle_hmac_sha256_set_key(&context, strlen(machine_id), (const uint8_t *) machine_id);
        sym_nettle_hmac_sha256_update(&context, strlen(PURPOSE), (const uint8_t *) PURPOSE);
        sym_nettle_hmac_sha256_update(&context, strlen(name), (const uint8_t *) name);
        sym_nettle_hmac_sha256_digest(&context, sizeof(uuid), uuid);
        uuid[6] = (uuid[6] & 0x0f) | 0x40;
        uuid[8] = (uuid[8] & 0x3f) | 0x80;
        for (size_t i = 0; i < sizeof(uuid); i++)
                text_appendf(&text, "%02x", uuid[i]);
        return text_take(&text, ret);
}
