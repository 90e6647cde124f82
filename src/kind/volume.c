/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A .volume file as a value. */
#include "kind/volume.h"

#include <inttypes.h>

#include "config/key-parse.h"
#include "kind/helper-service.h"

static const SectionType section = SECTION_TYPE(FILE_VOLUME, Volume);

/* Containers would not see it: their mounts are each one's own. */
static void check_of_user(const Volume *volume, Diagnostics *diagnostics) {
        if (volume->device)
                diagnose_error(diagnostics, &volume->set.entry[KEY_Volume_Device]->where,
                               "a user's service manager cannot mount for a volume; mount it by a line of the "
                               "system's fstab(5), and use Volume= with its path");
}

void volume_check(const Volume *volume, Diagnostics *diagnostics) {
        static const KeyId not_of_images[] = { KEY_Volume_Device, KEY_Volume_User, KEY_Volume_Group, KEY_Volume_UID,
                                               KEY_Volume_GID };
        const struct {
                KeyId key;
                uint64_t value;
        } ids[] = { { KEY_Volume_UID, volume->uid }, { KEY_Volume_GID, volume->gid } };
        const KeysSet *set = &volume->set;
        const char *driver = volume->driver;

        if (volume->of_user)
                check_of_user(volume, diagnostics);
        check_helper_service(&volume->section, diagnostics);
        keys_need(set, KEY_Volume_Type, KEY_Volume_Device, diagnostics);
        keys_need(set, KEY_Volume_Options, KEY_Volume_Device, diagnostics);
        keys_exclude(set, KEY_Volume_User, KEY_Volume_UID, diagnostics);
        keys_exclude(set, KEY_Volume_Group, KEY_Volume_GID, diagnostics);
        for (size_t i = 0; i < ARRAY_SIZE(ids); i++)
                if (set->entry[ids[i].key] && ids[i].value >= UINT32_MAX)
                        diagnose_error(diagnostics, &set->entry[ids[i].key]->where,
                                       "\"%" PRIu64 "\" is too large for a user or group ID", ids[i].value);
        if (volume_is_image(volume)) {
                if (!section_is_given(&volume->section, KEY_Volume_Image))
                        keys_need(set, KEY_Volume_Driver, KEY_Volume_Image, diagnostics);
                for (size_t i = 0; i < ARRAY_SIZE(not_of_images); i++)
                        if (set->entry[not_of_images[i]])
                                diagnose_error(diagnostics, &set->entry[not_of_images[i]]->where,
                                               "\"%s\" does not go with Driver=image", keys[not_of_images[i]].name);
                return;
        }
        if (driver && !streq(driver, "local"))
                diagnose_error(diagnostics, &set->entry[KEY_Volume_Driver]->where,
                               "\"Driver\" must be local or image, not \"%s\"", driver);
        else if (volume->image)
                diagnose_warning(diagnostics, &set->entry[KEY_Volume_Image]->where,
                                 "\"Image\" has no effect without Driver=image");
}

int volume_load(UnitFile *unit, const SpecifierContext *context, Diagnostics *diagnostics, Volume **ret) {
        void *volume;
        int r = section_load(&section, unit, context, diagnostics, &volume);

        if (r < 0)
                return r;
        ((Volume *) volume)->of_user = context->scope == SCOPE_USER;
        *ret = volume;
        return 0;
}

const char *volume_name(const Volume *volume) {
        return volume->volume_name ?: volume->stem;
}

bool volume_is_image(const Volume *volume) {
        return volume->driver && streq(volume->driver, "image");
}

bool volume_has_owner(const Volume *volume) {
        const KeysSet *set = &volume->set;

        return volume->user || volume->group || set->entry[KEY_Volume_UID] || set->entry[KEY_Volume_GID];
}

void volume_free(Volume *volume) {
        section_free(&section, volume);
}
