/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* AppArmor: whether the profile of a container is there, and loading our own. */
#include "host/apparmor.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "basic/files.h"
#include "basic/process.h"
#include "basic/text.h"
#include "oci/facts.h"
#include "source/places.h"

/* There when AppArmor is on, and only then. */
#define PROFILES_LIST "/sys/kernel/security/apparmor/profiles"
#define DEFAULT_PROFILE_FILE SYSCONFDIR "/apparmor.d/" APPARMOR_DEFAULT_PROFILE

bool apparmor_list_has(char *text, const char *profile, const char **ret_nearest) {
        Nearest nearest = { .wanted = profile };

        for (char *line = text, *next; *line; line = next) {
                char *end = line + strcspn(line, "\n"), *mode;

                next = end + (*end == '\n');
                *end = '\0';
                mode = strrchr(line, '(');
                if (mode && mode > line && mode[-1] == ' ')
                        mode[-1] = '\0';
                if (streq(line, profile))
                        return true;
                nearest_consider(&nearest, line);
        }
        if (ret_nearest)
                *ret_nearest = nearest.name;
        return false;
}

/* The list may be longer than what files of /sys have as a rule. */
static int read_list(char **ret) {
        enum { LIST_MAX = 4 << 20 };
        _cleanup_close_ int fd = open(PROFILES_LIST, O_RDONLY | O_CLOEXEC);
        _cleanup_text_ Text text = {};
        char buffer[4096];
        ssize_t n;

        if (fd < 0)
                return -errno;
        while ((n = read(fd, buffer, sizeof(buffer))) > 0) {
                text_append_n(&text, buffer, (size_t) n);
                if (text.length > LIST_MAX)
                        return -EFBIG;
        }
        return n < 0 ? -errno : text_take(&text, ret);
}

/* Returns 1, or 0 with a warning. */
static int load_default(Diagnostics *diagnostics) {
        _cleanup_free_ char *parser = NULL;
        int r = process_find("apparmor_parser", &parser);

        if (r == -ENOMEM)
                return r;
        if (r < 0) {
                diagnose_warning(diagnostics, NULL,
                                 "AppArmor is on, but its profile %s is not loaded, and apparmor_parser not installed: "
                                 "the container runs unconfined",
                                 APPARMOR_DEFAULT_PROFILE);
                return 0;
        }
        r = process_run((const char *const[]) { parser, "--replace", "--quiet", DEFAULT_PROFILE_FILE, NULL }, NULL, 0);
        if (r == 0)
                return 1;
        diagnose_error(diagnostics, NULL, "the AppArmor profile %s cannot be loaded from %s", APPARMOR_DEFAULT_PROFILE,
                       DEFAULT_PROFILE_FILE);
        return r < 0 ? r : -EREPORTED;
}

int apparmor_gather(const Container *container, bool load, bool *ret, Diagnostics *diagnostics) {
        const char *profile = container->apparmor
                                              ?: container->privileged ? "unconfined"
                                                                       : APPARMOR_DEFAULT_PROFILE,
                   *nearest = NULL;
        Location where = container_where(container, KEY_Container_AppArmor);
        _cleanup_free_ char *list = NULL;
        int r;

        *ret = false;
        if (access(PROFILES_LIST, F_OK) < 0)
                return 0;
        /* Which profiles there are, the kernel tells root alone; podman, too, leaves it out. */
        if (places_scope() == SCOPE_USER && (!container->apparmor || streq(profile, "unconfined")))
                return 0;
        if (places_scope() == SCOPE_USER)
                return diagnose_error(diagnostics, &where,
                                      "\"AppArmor\" needs root; a user's container can only have \"unconfined\"");
        *ret = true;
        if (streq(profile, "unconfined"))
                return 0;
        r = read_list(&list);
        if (r < 0)
                return r;
        if (apparmor_list_has(list, profile, &nearest))
                return 0;
        if (streq(profile, APPARMOR_DEFAULT_PROFILE)) {
                r = load ? load_default(diagnostics) : 1;
                *ret = r > 0;
                return r < 0 ? r : 0;
        }
        if (nearest)
                return diagnose_error(diagnostics, &where,
                                      "AppArmor has no profile \"%s\" loaded; did you mean \"%s\"?", profile, nearest);
        return diagnose_error(diagnostics, &where, "AppArmor has no profile \"%s\" loaded", profile);
}
