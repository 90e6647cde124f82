/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Value parsers: the root file system, volumes, tmpfs and device nodes. Mount= is in
 * mount-options.c. */
#include "config/value/value-internal.h"

#include <errno.h>

#include "basic/numbers.h"
#include "config/mount-mapping.h"

static int refuse_mapping(const ValueContext *context, const Location *where, const char *mapping) {
        return diagnose_error(context->diagnostics, where,
                              "\"idmap\" must be mappings such as uids=0-1000-1;gids=0-1000-1, not \"%s\"", mapping);
}

/* Rootfs= */

void done_rootfs(void *field) {
        RootFs *rootfs = field;

        free(rootfs->path);
        free(rootfs->idmap_mapping);
        *rootfs = (RootFs) {};
}

static int rootfs_option(const ValueContext *context, const Location *where, const char *option, RootFs *rootfs) {
        const char *mapping = startswith(option, "idmap=");

        if (streq(option, "O"))
                rootfs->overlay = true;
        else if (streq(option, "idmap"))
                rootfs->idmap = true;
        else if (mapping) {
                if (!mount_mapping_is_valid(mapping))
                        return refuse_mapping(context, where, mapping);
                rootfs->idmap = true;
                return value_replace(&rootfs->idmap_mapping, mapping);
        } else
                return diagnose_error(context->diagnostics, where,
                                      "unknown option \"%s\" of a root file system: O and idmap are known", option);
        return 0;
}

int parse_rootfs(const ValueContext *context, _unused_ const Key *key, const Entry *entry, void *field) {
        _cleanup_(done_rootfs) RootFs rootfs = {};
        _cleanup_free_ char *item = NULL, *path = NULL;
        const char *start;
        Location where;
        char *colon;
        int r;

        r = value_item(context, entry, &item, &start);
        if (r < 0)
                return r;
        where = entry_location(entry, (size_t) (start - entry->value));
        /* A colon before a further slash is part of the path. */
        while ((colon = strrchr(item, ':')) && !strchr(colon, '/')) {
                *colon = '\0';
                r = rootfs_option(context, &where, colon + 1, &rootfs);
                if (r < 0)
                        return r;
        }
        r = value_expand(context, entry, start, item, &path);
        if (r < 0)
                return r;
        r = value_path(context, &where, "a root file system", path, &rootfs.path);
        if (r < 0)
                return r;
        done_rootfs(field);
        *(RootFs *) field = rootfs;
        rootfs = (RootFs) {};
        return 0;
}

/* Volume= */

static void volume_mount_done(VolumeMount *volume) {
        free(volume->source);
        free(volume->destination);
        free(volume->idmap_mapping);
        free(volume->upper_directory);
        free(volume->work_directory);
        free(volume->subpath);
}

DEFINE_LIST_DONE(volumes, volume_mount_done)

static const struct VolumeSwitch {
        const char *name;
        size_t offset;
        TriState value;
} volume_switches[] = {
        { "ro", offsetof(VolumeMount, read_only), YES },   { "rw", offsetof(VolumeMount, read_only), NO },
        { "exec", offsetof(VolumeMount, exec), YES },      { "noexec", offsetof(VolumeMount, exec), NO },
        { "dev", offsetof(VolumeMount, dev), YES },        { "nodev", offsetof(VolumeMount, dev), NO },
        { "suid", offsetof(VolumeMount, suid), YES },      { "nosuid", offsetof(VolumeMount, suid), NO },
        { "rbind", offsetof(VolumeMount, recursive), YES }, { "bind", offsetof(VolumeMount, recursive), NO },
};

static const struct VolumeFlag {
        const char *name;
        size_t offset;
} volume_flags[] = {
        { "z", offsetof(VolumeMount, relabel_shared) }, { "Z", offsetof(VolumeMount, relabel_private) },
        { "U", offsetof(VolumeMount, chown) },          { "O", offsetof(VolumeMount, overlay) },
        { "copy", offsetof(VolumeMount, copy) },        { "nocopy", offsetof(VolumeMount, no_copy) },
        { "idmap", offsetof(VolumeMount, idmap) },      { "nocreate", offsetof(VolumeMount, no_create) },
};

static const char *const propagations[] = {
        [PROPAGATION_PRIVATE] = "private",       [PROPAGATION_RPRIVATE] = "rprivate",
        [PROPAGATION_SHARED] = "shared",         [PROPAGATION_RSHARED] = "rshared",
        [PROPAGATION_SLAVE] = "slave",           [PROPAGATION_RSLAVE] = "rslave",
        [PROPAGATION_UNBINDABLE] = "unbindable", [PROPAGATION_RUNBINDABLE] = "runbindable",
};

int value_volume_word(VolumeMount *volume, const char *option) {
        for (size_t i = 0; i < ARRAY_SIZE(volume_switches); i++)
                if (streq(option, volume_switches[i].name)) {
                        TriState *state = (TriState *) (void *) ((char *) volume + volume_switches[i].offset);
                        if (*state != UNSET)
                                return -EEXIST;
                        *state = volume_switches[i].value;
                        return 1;
                }
        for (size_t i = 0; i < ARRAY_SIZE(volume_flags); i++)
                if (streq(option, volume_flags[i].name)) {
                        bool *flag = (bool *) volume + volume_flags[i].offset;
                        *flag = true;
                        return (volume->relabel_shared && volume->relabel_private) || (volume->copy && volume->no_copy)
                                               ? -EEXIST
                                               : 1;
                }
        for (size_t i = PROPAGATION_PRIVATE; i < ARRAY_SIZE(propagations); i++)
                if (streq(option, propagations[i])) {
                        if (volume->propagation != PROPAGATION_UNSET)
                                return -EEXIST;
                        volume->propagation = (MountPropagation) i;
                        return 1;
                }
        return 0;
}

static const char *nearest_volume_option(const char *option) {
        Nearest nearest = { .wanted = option };

        for (size_t i = 0; i < ARRAY_SIZE(volume_switches); i++)
                nearest_consider(&nearest, volume_switches[i].name);
        for (size_t i = 0; i < ARRAY_SIZE(volume_flags); i++)
                nearest_consider(&nearest, volume_flags[i].name);
        for (size_t i = PROPAGATION_PRIVATE; i < ARRAY_SIZE(propagations); i++)
                nearest_consider(&nearest, propagations[i]);
        return nearest.name;
}

static int volume_option(const ValueContext *context, const char *option, VolumeMount *volume) {
        const char *value;
        int r;

        r = value_volume_word(volume, option);
        if (r == -EEXIST)
                return diagnose_error(context->diagnostics, &volume->where,
                                      "mount option \"%s\" contradicts an earlier one", option);
        if (r > 0)
                return 0;
        value = startswith(option, "idmap=");
        if (value) {
                if (!mount_mapping_is_valid(value))
                        return refuse_mapping(context, &volume->where, value);
                volume->idmap = true;
                return value_replace(&volume->idmap_mapping, value);
        }
        value = startswith(option, "upperdir=");
        if (value) {
                volume->upper_directory = x_free(volume->upper_directory);
                return value_path(context, &volume->where, "\"upperdir\"", value, &volume->upper_directory);
        }
        value = startswith(option, "workdir=");
        if (value) {
                volume->work_directory = x_free(volume->work_directory);
                return value_path(context, &volume->where, "\"workdir\"", value, &volume->work_directory);
        }
        return value_unknown(context, &volume->where, "mount option", option, nearest_volume_option(option));
}

static int volume_options(const ValueContext *context, const char *text, VolumeMount *volume) {
        _cleanup_string_list_ StringList options = {};
        int result = 0, r;

        r = value_split(text, ',', SIZE_MAX, &options);
        if (r < 0)
                return r;
        for (size_t i = 0; i < options.count; i++) {
                r = volume_option(context, options.items[i], volume);
                if (r == -ENOMEM)
                        return r;
                if (r < 0)
                        result = r;
        }
        return result;
}

/* Options that need or exclude others or a kind of source; podman refuses the same. */
static int volume_check(const ValueContext *context, const VolumeMount *volume) {
        if ((volume->upper_directory || volume->work_directory) &&
            !(volume->overlay && volume->upper_directory && volume->work_directory))
                return diagnose_error(context->diagnostics, &volume->where,
                                      "\"upperdir\" and \"workdir\" go together, and with \"O\"");
        if (volume->overlay &&
            (volume->read_only || volume->exec || volume->dev || volume->suid || volume->recursive ||
             volume->relabel_shared || volume->relabel_private || volume->idmap || volume->propagation))
                return diagnose_error(context->diagnostics, &volume->where,
                                      "mount option \"O\" goes with \"U\", \"upperdir\" and \"workdir\" only");
        if (volume->no_create && volume->kind != VOLUME_NAMED)
                return diagnose_error(context->diagnostics, &volume->where,
                                      "mount option \"nocreate\" is for named volumes only");
        return 0;
}

static int volume_source(const ValueContext *context, const char *source, VolumeMount *volume) {
        _cleanup_free_ char *stem = NULL;
        int r;

        if (source[0] == '/' || source[0] == '.') {
                volume->kind = VOLUME_HOST_PATH;
                return value_relative_path(context, &volume->where, "the source of a volume", source, &volume->source);
        }
        r = value_reference(context, &volume->where, source, ".volume", &stem);
        if (r < 0)
                return r;
        if (r == 0 && !value_name_is_valid(source))
                return diagnose_error(context->diagnostics, &volume->where,
                                "\"%s\" is neither a volume's name nor a path that begins with \"/\" or \".\"", source);
        volume->kind = r > 0 ? VOLUME_FILE : VOLUME_NAMED;
        return value_replace(&volume->source, source);
}

int parse_volumes(const ValueContext *context, _unused_ const Key *key, const Entry *entry, void *field) {
        _cleanup_(volume_mount_done) VolumeMount volume = { .kind = VOLUME_ANONYMOUS };
        _cleanup_string_list_ StringList parts = {};
        _cleanup_free_ char *item = NULL;
        VolumeMountList *list = field;
        const char *start;
        int r;

        r = value_item(context, entry, &item, &start);
        if (r < 0)
                return r;
        r = value_split_expanded(context, entry, start, item, ':', 3, &parts);
        if (r < 0)
                return r;
        volume.where = entry_location(entry, (size_t) (start - entry->value));
        if (parts.count > 1) {
                r = volume_source(context, parts.items[0], &volume);
                if (r < 0)
                        return r;
        }
        r = value_path(context, &volume.where, "the destination of a volume", parts.items[parts.count > 1],
                       &volume.destination);
        if (r < 0)
                return r;
        if (parts.count > 2) {
                r = volume_options(context, parts.items[2], &volume);
                if (r < 0)
                        return r;
        }
        r = volume_check(context, &volume);
        return r < 0 ? r : LIST_TAKE(list, volume);
}

/* Tmpfs= */

static void tmpfs_mount_done(TmpfsMount *tmpfs) {
        free(tmpfs->destination);
        string_list_done(&tmpfs->options);
}

DEFINE_LIST_DONE(tmpfs, tmpfs_mount_done)

/* A size as the kernel's tmpfs reads it: "64m", "50%". */
static bool tmpfs_size_is_valid(const char *text) {
        size_t n = strspn(text, "0123456789");

        return n > 0 && (!text[n] || (strchr("kKmMgGtT%", text[n]) && !text[n + 1]));
}

static bool tmpfs_option_is_valid(const char *option) {
        static const char *const flags[] = {
                "ro",          "rw",         "exec",        "noexec",        "suid",     "nosuid",
                "dev",         "nodev",      "atime",       "noatime",       "diratime", "nodiratime",
                "relatime",    "norelatime", "strictatime", "nostrictatime", "sync",     "async",
                "dirsync",     "tmpcopyup",  "notmpcopyup", "noswap",        "U",        "private",
                "rprivate",    "shared",     "rshared",     "slave",         "rslave",   "unbindable",
                "runbindable",
        };
        const char *value;
        uint64_t number;
        mode_t mode;

        for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
                if (streq(option, flags[i]))
                        return true;
        if ((value = startswith(option, "size=")) || (value = startswith(option, "nr_blocks=")) ||
            (value = startswith(option, "nr_inodes=")))
                return tmpfs_size_is_valid(value);
        if ((value = startswith(option, "uid=")) || (value = startswith(option, "gid=")))
                return text_to_unsigned(value, UINT32_MAX - 1, &number) >= 0;
        if ((value = startswith(option, "mode=")))
                return text_to_mode(value, &mode) >= 0;
        return (startswith(option, "huge=") || startswith(option, "mpol=")) && option[5];
}

static int tmpfs_options(const ValueContext *context, const char *text, TmpfsMount *tmpfs) {
        _cleanup_string_list_ StringList options = {};
        int r;

        r = value_split(text, ',', SIZE_MAX, &options);
        for (size_t i = 0; i < options.count && r >= 0; i++) {
                const char *option = options.items[i];

                if (!tmpfs_option_is_valid(option))
                        return diagnose_error(context->diagnostics, &tmpfs->where,
                                              "\"%s\" is no mount option of a tmpfs", option);
                if (value_option_conflicts(&tmpfs->options, option))
                        return diagnose_error(context->diagnostics, &tmpfs->where,
                                              "mount option \"%s\" contradicts an earlier one", option);
                r = string_list_add(&tmpfs->options, option);
        }
        return r;
}

static int add_tmpfs(const ValueContext *context, _unused_ const Key *key, const char *word, const Location *where,
                     void *field) {
        _cleanup_(tmpfs_mount_done) TmpfsMount tmpfs = { .where = *where };
        _cleanup_string_list_ StringList parts = {};
        TmpfsMountList *list = field;
        int r;

        r = value_split(word, ':', 2, &parts);
        if (r < 0)
                return r;
        r = value_path(context, where, "the destination of a tmpfs", parts.items[0], &tmpfs.destination);
        if (r >= 0 && parts.count > 1)
                r = tmpfs_options(context, parts.items[1], &tmpfs);
        return r < 0 ? r : LIST_TAKE(list, tmpfs);
}

int parse_tmpfs(const ValueContext *context, const Key *key, const Entry *entry, void *field) {
        return value_each_word(context, key, entry, add_tmpfs, field);
}

/* AddDevice= */

static void device_done(Device *device) {
        free(device->source);
        free(device->destination);
}

DEFINE_LIST_DONE(devices, device_done)

static bool device_access_is_valid(const char *access) {
        size_t n = strlen(access);

        return n > 0 && n <= 3 && access[strspn(access, "rwm")] == '\0' &&
               (n < 2 || strchr(access + 1, access[0]) == NULL) && (n < 3 || access[1] != access[2]);
}

/* "vendor.com/class=name", the container device interface's qualified names */
static bool is_cdi_name(const char *text) {
        const char *slash = strchr(text, '/'), *equals = slash ? strchr(slash, '=') : NULL;

        return slash > text && equals && equals > slash + 1 && equals[1] && !strchr(equals, ':');
}

static int add_device(const ValueContext *context, _unused_ const Key *key, const char *word, const Location *where,
                      void *field) {
        _cleanup_(device_done) Device device = { .where = *where, .access = "rwm" };
        _cleanup_string_list_ StringList parts = {};
        const char *destination, *access = NULL;
        DeviceList *list = field;
        int r;

        device.optional = word[0] == '-';
        word += device.optional;
        if (word[0] != '/' && is_cdi_name(word)) {
                device.is_cdi = true;
                r = value_replace(&device.source, word);
                return r < 0 ? r : LIST_TAKE(list, device);
        }
        r = value_split(word, ':', 3, &parts);
        if (r < 0)
                return r;
        destination = parts.items[0];
        if (parts.count == 3)
                access = parts.items[2];
        if (parts.count == 2 && parts.items[1][0] != '/')
                access = parts.items[1];
        else if (parts.count > 1)
                destination = parts.items[1];
        if (access && !device_access_is_valid(access))
                return diagnose_error(context->diagnostics, where,
                                      "the access to a device must be of \"rwm\", not \"%s\"", access);
        r = value_path(context, where, "a device", parts.items[0], &device.source);
        if (r >= 0)
                r = value_path(context, where, "the destination of a device", destination, &device.destination);
        if (r < 0)
                return r;
        if (access)
                memcpy(device.access, access, strlen(access) + 1);
        return LIST_TAKE(list, device);
}

/* A number, or "*" for all. */
static bool device_number_is_valid(const char *text, size_t n) {
        uint64_t number;
        _cleanup_free_ char *copy = strndup(text, n);

        return (n == 1 && *text == '*') || (copy && text_to_unsigned(copy, UINT32_MAX, &number) >= 0);
}

static bool device_rule_is_valid(const StringList *words) {
        const char *numbers = words->count == 3 ? words->items[1] : "", *colon = strchr(numbers, ':');

        return colon && strlen(words->items[0]) == 1 && strchr("abc", words->items[0][0]) &&
               device_number_is_valid(numbers, (size_t) (colon - numbers)) &&
               device_number_is_valid(colon + 1, strlen(colon + 1)) && device_access_is_valid(words->items[2]);
}

int parse_device_rules(const ValueContext *context, const Key *key, const Entry *entry, void *field) {
        _cleanup_string_list_ StringList words = {};
        _cleanup_free_ char *item = NULL, *text = NULL;
        const char *start;
        Location where;
        int r;

        r = value_item(context, entry, &item, &start);
        if (r >= 0)
                r = value_expand(context, entry, start, item, &text);
        if (r >= 0)
                r = string_list_add_split(&words, text, strlen(text), " \t");
        if (r < 0)
                return r;
        where = entry_location(entry, (size_t) (start - entry->value));
        if (!device_rule_is_valid(&words))
                return value_refuse(context, key, &where,
                                    "a rule such as \"c 226:* rwm\": a, b or c, the numbers, and what is allowed",
                                    text);
        return string_list_addf(field, "%s %s %s", words.items[0], words.items[1], words.items[2]);
}

int parse_devices(const ValueContext *context, const Key *key, const Entry *entry, void *field) {
        return value_each_word(context, key, entry, add_device, field);
}
