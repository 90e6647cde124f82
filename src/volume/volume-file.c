/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the file of a volume says of its content. */
#include "volume/volume-file.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include "basic/numbers.h"
#include "kind/container/container-security.h"
#include "kind/load.h"
#include "source/places.h"
#include "source/sources.h"
#include "volume/volume-origin.h"

/* A number, or a name of this machine. Returns 0, -ESRCH, or another -errno. */
static int find_user(const char *name, uid_t *ret) {
        struct passwd *entry;
        uint64_t number;

        if (text_to_unsigned(name, UINT32_MAX - 1, &number) == 0) {
                *ret = (uid_t) number;
                return 0;
        }
        entry = getpwnam(name);
        if (!entry)
                return -ESRCH;
        *ret = entry->pw_uid;
        return 0;
}

static int find_group(const char *name, gid_t *ret) {
        struct group *entry;
        uint64_t number;

        if (text_to_unsigned(name, UINT32_MAX - 1, &number) == 0) {
                *ret = (gid_t) number;
                return 0;
        }
        entry = getgrnam(name);
        if (!entry)
                return -ESRCH;
        *ret = entry->gr_gid;
        return 0;
}

static int find_owner(const Volume *volume, VolumeOwner *ret, Diagnostics *diagnostics) {
        VolumeOwner owner = { .uid = (uid_t) volume->uid, .gid = (gid_t) volume->gid };
        Location where;

        if (volume->user && find_user(volume->user, &owner.uid) < 0) {
                where = section_where(&volume->section, KEY_Volume_User);
                return diagnose_error(diagnostics, &where, "this machine has no user \"%s\"", volume->user);
        }
        if (volume->group && find_group(volume->group, &owner.gid) < 0) {
                where = section_where(&volume->section, KEY_Volume_Group);
                return diagnose_error(diagnostics, &where, "this machine has no group \"%s\"", volume->group);
        }
        *ret = owner;
        return 0;
}

int volume_file_make(const Volume *volume, const LockedVolume *locked, Diagnostics *diagnostics) {
        _cleanup_close_ int fd = volume_open_data(locked);
        VolumeOwner owner;
        int r;

        if (fd >= 0)
                return 0;
        if (!volume || !volume_has_owner(volume))
                return volume_make(locked, NULL);
        r = find_owner(volume, &owner, diagnostics);
        return r < 0 ? r : volume_make(locked, &owner);
}

/* A directory of the machine's may be one that nobody is to give away. */
static int check_origin(const Volume *volume, const LockedVolume *locked, const VolumeOwner *owner,
                        Diagnostics *diagnostics) {
        Location where = section_where(&volume->section, KEY_Volume_Device);
        _cleanup_volume_origin_ VolumeOrigin origin = {};
        int r = volume_origin_find(locked->data_path, &origin);

        if (r < 0 || !origin.path)
                return r;
        if (path_keeps_owner(origin.path))
                return diagnose_error(diagnostics, &where,
                                      "the owner of \"%s\" is the system's to decide: it takes no \"User\" or "
                                      "\"Group\"",
                                      origin.path);
        if (origin.may_be_chosen && (owner->uid != 0 || owner->gid != 0))
                return volume_origin_diagnose_chosen(&where, "\"User\"", origin.path, diagnostics);
        return 0;
}

int volume_file_own(const Volume *volume, const LockedVolume *locked, Diagnostics *diagnostics) {
        _cleanup_close_ int fd = -EBADF;
        VolumeOwner owner;
        int r;

        if (!volume_has_owner(volume))
                return 0;
        r = find_owner(volume, &owner, diagnostics);
        if (r < 0)
                return r;
        r = check_origin(volume, locked, &owner, diagnostics);
        if (r < 0)
                return r;
        fd = volume_open_data(locked);
        if (fd < 0)
                return fd;
        return fchown(fd, owner.uid, owner.gid) < 0 ? -errno : 0;
}

int volume_file_check_plain(const char *name, const Location *where, Diagnostics *diagnostics) {
        const SpecifierContext machine = { .scope = places_scope() };
        _cleanup_sources_ Sources sources = {};
        int r = sources_scan_scope(places_scope(), &sources, NULL);

        for (size_t i = 0; r >= 0 && i < sources.count; i++) {
                _cleanup_diagnostics_ Diagnostics elsewhere = {};
                const Source *source = &sources.items[i];
                _cleanup_volume_ Volume *volume = NULL;

                if (source->type != FILE_VOLUME || source->masked || stem_is_template(source->stem))
                        continue;
                r = volume_read(source, &machine, &elsewhere, &volume);
                if (r == -EREPORTED) /* its own start will say so */
                        r = 0;
                if (volume && streq(volume_name(volume), name))
                        return diagnose_error(diagnostics, where,
                                              "the volume \"%s\" is that of %s: use Volume=%s.volume:…", name,
                                              source->path, source->stem);
        }
        return r;
}
