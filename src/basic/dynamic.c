/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Libraries that are loaded when they are first needed. */
#include "basic/dynamic.h"

#include <dlfcn.h>
#include <errno.h>

int dynamic_load(const char *library, const DynamicSymbol symbols[], size_t count, const char **ret_reason) {
        void *handle = dlopen(library, RTLD_LAZY | RTLD_LOCAL);

        for (size_t i = 0; handle && i < count; i++) {
                void *address = dlsym(handle, symbols[i].name);

                if (!address) {
                        handle = NULL;
                        break;
                }
                *symbols[i].address = address;
        }
        if (!handle) {
                if (ret_reason)
                        *ret_reason = dlerror();
                return -ENOPKG;
        }
        return 0;
}
