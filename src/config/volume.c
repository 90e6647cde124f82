/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A .volume file as a value. */
#include "config/volume.h"

static const SectionType section = SECTION_TYPE(FILE_VOLUME, Volume);

static void check(const Volume *volume, Diagnostics *diagnostics) {
        const KeysSet *set = &volume->set;
        const char *driver = volume->driver;

        keys_need(set, KEY_Volume_Type, KEY_Volume_Device, diagnostics);
        if (!driver || streq(driver, "local"))
                return;
        if (streq(driver, "image"))
                keys_need(set, KEY_Volume_Driver, KEY_Volume_Image, diagnostics);
        else
                diagnose_error(diagnostics, &set->entry[KEY_Volume_Driver]->where, "\"Driver\" must be local or image, not \"%s\"", driver);
}

int volume_load(UnitFile *unit, const SpecifierContext *context, Diagnostics *diagnostics, Volume **ret) {
        void *volume;
        int r = section_load(&section, unit, context, diagnostics, &volume);

        if (r < 0)
                return r;
        check(volume, diagnostics);
        *ret = volume;
        return 0;
}

void volume_free(Volume *volume) {
        section_free(&section, volume);
}
