/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where secrets are kept. */
#include "kind/secret-source.h"

#include <errno.h>
#include <unistd.h>

#include "basic/text.h"
#include "source/places.h"

int secret_source_find(const StringList *search_path, const char *name, char **ret_path, bool *ret_encrypted) {
        static const char *const endings[] = { ".cred", "" };
        const char *first = search_path->count > 0 ? search_path->items[0] : place_path(PLACE_CONFIGURATION);

        for (size_t i = 0; i < search_path->count; i++)
                for (size_t j = 0; j < ARRAY_SIZE(endings); j++) {
                        _cleanup_free_ char *path = text_format("%s/secrets/%s%s", search_path->items[i], name,
                                                                endings[j]);

                        if (!path)
                                return -ENOMEM;
                        if (access(path, F_OK) < 0)
                                continue;
                        *ret_path = TAKE_PTR(path);
                        *ret_encrypted = *endings[j];
                        return 0;
                }
        *ret_path = text_format("%s/secrets/%s", first, name);
        *ret_encrypted = false;
        return *ret_path ? 0 : -ENOMEM;
}
