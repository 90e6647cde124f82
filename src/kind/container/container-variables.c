/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Keys whose values are needed before a start, and have variables that only a start knows. */
#include "kind/container/container-variables.h"

/* They become settings of the unit, which is made at a daemon-reload. */
static const KeyId settings[] = {
        KEY_Container_HealthInterval,
        KEY_Container_LogDriver,  KEY_Container_LogOpt,     KEY_Container_Memory,      KEY_Container_PidsLimit,
        KEY_Container_ReloadSignal, KEY_Container_Runtime,  KEY_Container_Secret,      KEY_Container_StopSignal,
        KEY_Container_StopTimeout,
};

void container_check_variables(const Container *container, Diagnostics *diagnostics) {
        const Entry *image = container->set.open[KEY_Container_Image];

        for (size_t i = 0; i < ARRAY_SIZE(settings); i++) {
                const Entry *entry = container->set.open[settings[i]];

                if (entry)
                        diagnose_error(diagnostics, &entry->where,
                                       "\"%s\" is needed before a start, when the variables in \"%s\" are not known; "
                                       "only those are that Environment= in [Service] sets, without EnvironmentFile=",
                                       entry->key, entry->value);
        }
        if (image)
                diagnose_warning(diagnostics, &image->where,
                                 "nothing pulls \"%s\" before a start, as only that knows the variables in it; use "
                                 "berth pull, or set them by Environment= in [Service], without EnvironmentFile=",
                                 image->value);
}
