/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* "%" specifiers of systemd.unit(5) in the values of berth's own sections. */
#include "source/specifiers.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "basic/files.h"
#include "basic/path.h"
#include "basic/text.h"
#include "source/unit-name.h"

static int take(char *text, char **ret) {
        if (!text)
                return -ENOMEM;
        *ret = text;
        return 0;
}

static int copy(const char *text, char **ret) {
        return text ? take(strdup(text), ret) : -ENXIO;
}

/* A value as os-release(5) has it: quoted as in a shell, without expansions. */
static int unquote_shell(const char *value, size_t n, char **ret) {
        _cleanup_text_ Text text = {};
        char quote = 0;

        for (size_t i = 0; i < n; i++)
                if (quote ? value[i] == quote : (value[i] == '"' || value[i] == '\''))
                        quote = quote ? 0 : value[i];
                else if (value[i] == '\\' && quote != '\'' && i + 1 < n)
                        text_append_char(&text, value[++i]);
                else
                        text_append_char(&text, value[i]);
        return text_take(&text, ret);
}

/* The value of `name` in a file of shell-like assignments; -ENOENT without file or assignment. */
static int read_assignment(const char *path, const char *name, char **ret) {
        _cleanup_free_ char *data = NULL, *found = NULL;
        int r;

        r = read_file_at(AT_FDCWD, path, (size_t) 64 * 1024, &data, NULL);
        if (r < 0)
                return r;
        for (const char *line = data; *line;) {
                size_t n = strcspn(line, "\n");
                const char *value = startswith(line, name);

                if (value && *value == '=') {
                        size_t length = (size_t) (line + n - value - 1);

                        while (length > 0 && isspace((unsigned char) value[length]))
                                length--;
                        found = x_free(found);
                        r = unquote_shell(value + 1, length, &found);
                        if (r < 0)
                                return r;
                }
                line += n + (line[n] == '\n');
        }
        if (!found)
                return -ENOENT;
        *ret = TAKE_PTR(found);
        return 0;
}

/* What os-release(5) does not set is `missing`. */
static int read_os_release(const char *name, const char *missing, char **ret) {
        const char *path = access("/etc/os-release", F_OK) == 0 ? "/etc/os-release" : "/usr/lib/os-release";
        int r = read_assignment(path, name, ret);

        return r == -ENOENT ? copy(missing, ret) : r;
}

/* A 128-bit ID, without the dashes that a UUID has. */
static int read_id(const char *path, char **ret) {
        _cleanup_free_ char *data = NULL;
        size_t n = 0;
        int r;

        r = read_virtual_file(path, &data);
        if (r < 0)
                return r == -ENOENT ? -ENXIO : r;
        for (const char *p = data; *p; p++)
                if (isxdigit((unsigned char) *p))
                        data[n++] = *p;
                else if (*p != '-')
                        return -ENXIO;
        data[n] = '\0';
        if (n != 32)
                return -ENXIO;
        *ret = TAKE_PTR(data);
        return 0;
}

/* The names of ConditionArchitecture= in systemd.unit(5) where they differ from the kernel's. */
static const char *architecture(const char *machine) {
        static const struct {
                const char *machine;
                const char *name;
        } names[] = {
                { "x86_64", "x86-64" },
                { "i386", "x86" },
                { "i486", "x86" },
                { "i586", "x86" },
                { "i686", "x86" },
                { "aarch64", "arm64" },
                { "aarch64_be", "arm64-be" },
                { "armv5tel", "arm" },
                { "armv6l", "arm" },
                { "armv7l", "arm" },
                { "armv8l", "arm" },
                { "ppc64le", "ppc64-le" },
                { "ppcle", "ppc-le" },
        };

        for (size_t i = 0; i < ARRAY_SIZE(names); i++)
                if (streq(names[i].machine, machine))
                        return names[i].name;
        return machine;
}

static int lookup_uname(char specifier, char **ret) {
        struct utsname name;
        int r;

        if (uname(&name) < 0)
                return -errno;
        switch (specifier) {
        case 'a':
                return copy(architecture(name.machine), ret);
        case 'v':
                return copy(name.release, ret);
        case 'H':
                return copy(name.nodename, ret);
        case 'q':
                r = read_assignment("/etc/machine-info", "PRETTY_HOSTNAME", ret);
                if (r != -ENOENT)
                        return r;
                break;
        }
        name.nodename[strcspn(name.nodename, ".")] = '\0';
        return copy(name.nodename, ret);
}

/* Root is not looked up, as in systemd: nothing before user lookups work may depend on them. */
static int lookup_root(char specifier, char **ret) {
        switch (specifier) {
        case 'u':
        case 'g':
                return copy("root", ret);
        case 'U':
        case 'G':
                return copy("0", ret);
        case 'h':
                return copy("/root", ret);
        default:
                return copy(access("/bin/bash", X_OK) == 0 ? "/bin/bash" : "/bin/sh", ret);
        }
}

static int lookup_user(char specifier, char **ret) {
        const char *variable = specifier == 's' ? getenv("SHELL") : NULL;
        const struct passwd *user;
        const struct group *group;

        if (specifier == 'h')
                return user_home(ret);
        if (specifier == 'U')
                return take(text_format("%lu", (unsigned long) getuid()), ret);
        if (specifier == 'G')
                return take(text_format("%lu", (unsigned long) getgid()), ret);
        if (specifier == 'g') {
                group = getgrgid(getgid());
                return copy(group ? group->gr_name : NULL, ret);
        }
        if (variable && *variable == '/')
                return copy(variable, ret);
        user = getpwuid(getuid());
        if (!user)
                return -ENXIO;
        return copy(specifier == 's' ? user->pw_shell : user->pw_name, ret);
}

/* Of file-hierarchy(7), and for a user's manager of the XDG base directories. */
static const struct {
        char specifier;
        BaseDirectory directory;
} directories[] = {
        { 't', BASE_RUNTIME }, { 'S', BASE_STATE },         { 'C', BASE_CACHE },
        { 'L', BASE_LOGS },    { 'E', BASE_CONFIGURATION }, { 'D', BASE_DATA },
};

static int lookup_temporary(const char *otherwise, char **ret) {
        static const char *const variables[] = { "TMPDIR", "TEMP", "TMP" };

        for (size_t i = 0; i < ARRAY_SIZE(variables); i++) {
                const char *value = getenv(variables[i]);
                if (value && *value == '/')
                        return copy(value, ret);
        }
        return copy(otherwise, ret);
}

int specifiers_lookup_machine(void *userdata, char specifier, char **ret) {
        Scope scope = userdata ? *(const Scope *) userdata : SCOPE_SYSTEM;

        switch (specifier) {
        case 'a':
        case 'v':
        case 'H':
        case 'l':
        case 'q':
                return lookup_uname(specifier, ret);
        case 'b':
                return read_id("/proc/sys/kernel/random/boot_id", ret);
        case 'm':
                return read_id("/etc/machine-id", ret);
        case 'A':
                return read_os_release("IMAGE_VERSION", "", ret);
        case 'B':
                return read_os_release("BUILD_ID", "", ret);
        case 'M':
                return read_os_release("IMAGE_ID", "", ret);
        case 'o':
                return read_os_release("ID", "linux", ret);
        case 'w':
                return read_os_release("VERSION_ID", "", ret);
        case 'W':
                return read_os_release("VARIANT_ID", "", ret);
        case 'u':
        case 'U':
        case 'g':
        case 'G':
        case 'h':
        case 's':
                return scope == SCOPE_SYSTEM ? lookup_root(specifier, ret) : lookup_user(specifier, ret);
        case 'T':
                return lookup_temporary("/tmp", ret);
        case 'V':
                return lookup_temporary("/var/tmp", ret);
        }
        for (size_t i = 0; i < ARRAY_SIZE(directories); i++)
                if (directories[i].specifier == specifier)
                        return base_directory_of_user(directories[i].directory, ret);
        return -EINVAL;
}

static int lookup(const SpecifierContext *context, char specifier, char **ret) {
        Scope scope = context->scope;

        if (scope == SCOPE_SYSTEM) {
                /* No matter of the machine: what its manager's environment says is not what the
                 * helper's says. */
                for (size_t i = 0; i < ARRAY_SIZE(directories); i++)
                        if (directories[i].specifier == specifier)
                                return copy(base_directory_of_system(directories[i].directory), ret);
                if (specifier == 'T' || specifier == 'V')
                        return copy(specifier == 'T' ? "/tmp" : "/var/tmp", ret);
        }
        if (context->lookup)
                return context->lookup(context->userdata, specifier, ret);
        return specifiers_lookup_machine(&scope, specifier, ret);
}

/* "/" and the path that `name` is the escaped form of. */
static int unescape_path(const char *name, char **ret) {
        _cleanup_free_ char *path = unit_name_unescape(name), *absolute = NULL;
        int r;

        if (!path)
                return -ENOMEM;
        r = take(path_join("/", path), &absolute);
        if (r < 0)
                return r;
        r = path_normalize(absolute, ret);
        return r == -ENOMEM ? r : r < 0 ? -ENXIO : 0;
}

/* Those that name the unit by its file. Returns 1, 0 when `specifier` is none of them, or
 * -errno. */
static int expand_name(const SpecifierContext *context, char specifier, char **ret) {
        _cleanup_free_ char *name = NULL;
        char *at, *part, *dash;
        const char *instance;

        if (!strchr("NpPjJiIf", specifier))
                return 0;
        name = stem_escape(context->stem);
        if (!name)
                return -ENOMEM;
        if (specifier == 'N') {
                *ret = TAKE_PTR(name);
                return 1;
        }
        at = strchr(name, '@');
        instance = at ? at + 1 : "";
        if (at)
                *at = '\0';
        if (specifier == 'f') {
                int r = unescape_path(*instance ? instance : name, ret);
                return r < 0 ? r : 1;
        }
        dash = strrchr(name, '-');
        switch (tolower((unsigned char) specifier)) {
        case 'i':
                part = strdup(instance);
                break;
        case 'j':
                part = strdup(dash ? dash + 1 : name);
                break;
        default:
                part = TAKE_PTR(name);
                break;
        }
        if (part && isupper((unsigned char) specifier)) {
                char *unescaped = unit_name_unescape(part);
                free(part);
                part = unescaped;
        }
        if (!part)
                return -ENOMEM;
        *ret = part;
        return 1;
}

static int expand_credentials(const SpecifierContext *context, char **ret) {
        _cleanup_free_ char *runtime = NULL, *parent = NULL;
        int r = lookup(context, 't', &runtime);

        if (r >= 0)
                r = take(path_join(runtime, "credentials"), &parent);
        return r < 0 ? r : take(path_join(parent, context->unit_name), ret);
}

static int expand_one(const SpecifierContext *context, char specifier, char **ret) {
        int r;

        switch (specifier) {
        case '\0':
                return -EINVAL;
        case '%':
                return copy("%", ret);
        case 'n':
                return copy(context->unit_name, ret);
        case 'y':
                return copy(context->path, ret);
        case 'Y':
                return context->path ? take(path_dirname(context->path), ret) : -ENXIO;
        case 'd':
                return expand_credentials(context, ret);
        }
        r = expand_name(context, specifier, ret);
        return r != 0 ? r : lookup(context, specifier, ret);
}

int specifiers_expand(const SpecifierContext *context, const char *text, char **ret, size_t *ret_offset) {
        _cleanup_text_ Text expanded = {};

        for (const char *p = text; *p;) {
                _cleanup_free_ char *value = NULL;
                size_t n = strcspn(p, "%");
                int r;

                text_append_n(&expanded, p, n);
                p += n;
                if (!*p)
                        break;
                r = expand_one(context, p[1], &value);
                if (r < 0) {
                        if (ret_offset)
                                *ret_offset = (size_t) (p - text);
                        return r;
                }
                text_append(&expanded, value);
                p += 2;
        }
        return text_take(&expanded, ret);
}

static void append_doubled(Text *text, const char *value) {
        for (const char *p = value; *p; p++) {
                if (*p == '%')
                        text_append_char(text, '%');
                text_append_char(text, *p);
        }
}

int specifiers_expand_names(const SpecifierContext *context, const char *text, char **ret) {
        _cleanup_text_ Text expanded = {};

        for (const char *p = text; *p;) {
                _cleanup_free_ char *value = NULL;
                size_t plain = strcspn(p, "%"), pair;
                int r = 0;

                text_append_n(&expanded, p, plain);
                p += plain;
                pair = *p && p[1] ? 2 : *p ? 1 : 0;
                /* The file's path is no name: what systemd has for %f is the real unit's. */
                if (pair == 2 && p[1] != 'f')
                        r = expand_name(context, p[1], &value);
                if (r < 0)
                        return r;
                if (r > 0)
                        append_doubled(&expanded, value);
                else
                        text_append_n(&expanded, p, pair);
                p += pair;
        }
        return text_take(&expanded, ret);
}
