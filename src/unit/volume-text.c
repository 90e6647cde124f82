/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From a Volume to what systemd reads. */
#include "unit/unit-text.h"

#include <errno.h>

#include "basic/path.h"
#include "unit/drop-in.h"
#include "unit/pull-units.h"

/* The device node that udev makes for a tag of mount(8): "LABEL=data". What would have to be
 * encoded for it is left alone. */
static int tag_path(const char *device, char **ret) {
        static const struct { const char *tag, *directory; } tags[] = {
                { "LABEL=", "label" }, { "UUID=", "uuid" }, { "PARTLABEL=", "partlabel" }, { "PARTUUID=", "partuuid" },
        };

        for (size_t i = 0; i < ARRAY_SIZE(tags); i++) {
                const char *value = startswith(device, tags[i].tag);

                if (!value || !*value ||
                    value[strspn(value, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.:_-")])
                        continue;
                *ret = text_format("/dev/disk/by-%s/%s", tags[i].directory, value);
                return *ret ? 1 : -ENOMEM;
        }
        return 0;
}

/* Only wanted: where no udev is, in a container, systemd knows of no device, and the mount is what
 * tells. */
static int add_device_node(UnitDropIn *drop_in, const char *path) {
        _cleanup_free_ char *escaped = unit_name_escape(path + 1),
                            *unit = escaped ? text_format("%s.device", escaped) : NULL;
        enum { LONGEST = 255 };

        if (!unit)
                return -ENOMEM;
        return strlen(unit) > LONGEST ? 0 : unit_drop_in_add_unit(&drop_in->wanted, unit);
}

static int add_device(UnitDropIn *drop_in, const Volume *volume) {
        _cleanup_free_ char *tagged = NULL, *path = NULL;
        Location where = section_where(&volume->section, KEY_Volume_Device);
        int r;

        r = tag_path(volume->device, &tagged);
        if (r < 0)
                return r;
        r = path_normalize(tagged ?: volume->device, &path);
        if (r < 0)
                return r == -ENOMEM ? r : 0;
        if (path_is_below(path, "/dev"))
                return streq(path, "/dev") ? 0 : add_device_node(drop_in, path);
        return unit_drop_in_add_path(drop_in, path, &where);
}

/* As systemd, for mount units, tells what is mounted from the network. */
static bool needs_network(const Volume *volume, Scope scope) {
        static const char *const types[] = { "9p",        "afs",    "ceph", "cifs",  "davfs", "gfs",  "gfs2",
                                             "glusterfs", "lustre", "ncp",  "ncpfs", "nfs",   "nfs4", "ocfs2",
                                             "orangefs",  "pvfs2",  "smb3", "smbfs", "sshfs" };
        const char *option = volume->options ? strstr(volume->options, "_netdev") : NULL;
        const char *type = volume->type ? startswith(volume->type, "fuse.") ?: volume->type : "";

        if (scope != SCOPE_SYSTEM || volume->default_dependencies == NO)
                return false;
        for (size_t i = 0; i < ARRAY_SIZE(types); i++)
                if (streq(type, types[i]))
                        return true;
        return option && (option == volume->options || option[-1] == ',') && strchr(",", option[strlen("_netdev")]);
}

/* Two files for one volume would each have its own idea of what is mounted there. */
static int claim_name(UnitDropIn *drop_in, const Volume *volume) {
        Location where = section_where(&volume->section, KEY_Volume_VolumeName);

        return unit_drop_in_claim(drop_in, "volume", volume_name(volume), &where);
}

int unit_text_volume(const Volume *volume, UnitDropIn *drop_in) {
        int r;

        if (needs_network(volume, drop_in->context->scope))
                text_append(&drop_in->unit, "Wants=network-online.target\nAfter=network-online.target\n");
        r = claim_name(drop_in, volume);
        if (r >= 0 && volume->device)
                r = add_device(drop_in, volume);
        return r >= 0 && volume_is_image(volume) ? unit_pull_add_volume(volume->image, drop_in) : r;
}
