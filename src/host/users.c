/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Users and groups as the container's own /etc/passwd and /etc/group name them. */
#include "host/users.h"

#include <errno.h>
#include <limits.h>

#include "basic/numbers.h"
#include "basic/root.h"
#include "basic/text.h"
#include "config/value/values.h"

/* No ID: what chown(2) and setresuid(2) take for "leave it". */
#define ID_INVALID UINT32_MAX
#define FILE_LARGEST ((size_t) 16 * 1024 * 1024)

enum { NOBODY = 65534 };
enum { PASSWD_FIELDS = 7, GROUP_FIELDS = 4, MOST_FIELDS = 7 };

/* A number that can be an ID. Returns 0, -EINVAL for no number, -ERANGE for one that is too
 * large. */
static int parse_id(const char *text, uint32_t *ret) {
        uint64_t number;
        int r;

        r = text_to_unsigned(text, ID_INVALID - 1, &number);
        if (r < 0)
                return r;
        *ret = (uint32_t) number;
        return 0;
}

/* Cuts the line in `*text` off and splits it at colons in place. Returns the number of fields, 0
 * for a line that cannot be an entry, -1 at the end. */
static int next_entry(char **text, char *fields[MOST_FIELDS]) {
        char *line = *text, *end;
        int n = 0;

        if (!*line)
                return -1;
        end = strchrnul(line, '\n');
        *text = *end ? end + 1 : end;
        *end = '\0';
        for (char *field = line; field; n++) {
                char *colon = strchr(field, ':');

                if (n == MOST_FIELDS)
                        return 0;
                if (colon)
                        *colon++ = '\0';
                fields[n] = field;
                field = colon;
        }
        return n;
}

/* A missing file has no entries. */
static int read_database(int root_fd, const char *path, char **ret) {
        int r = root_read_file(root_fd, path, FILE_LARGEST, ret, NULL);

        if (r == -ENOENT || r == -ENOTDIR) {
                *ret = strdup("");
                return *ret ? 0 : -ENOMEM;
        }
        return r;
}

/* Whether an entry is the one of `wanted`: by name, or by number when `id` is valid. */
static bool is_entry_of(char *const fields[], const char *wanted, uint32_t id) {
        uint32_t entry_id;

        if (!*fields[0] || parse_id(fields[2], &entry_id) < 0)
                return false;
        return id == ID_INVALID ? streq(fields[0], wanted) : entry_id == id;
}

/* Looks `wanted`, a name or number, up in /etc/passwd. `ret_name` (may be NULL in the end) is the
 * name of the entry. */
static int find_user(int root_fd, const char *wanted, ContainerUser *user, char **ret_name) {
        _cleanup_free_ char *passwd = NULL;
        char *fields[MOST_FIELDS], *rest;
        uint32_t id = ID_INVALID;
        int n, r;

        r = parse_id(wanted, &id);
        if (r == -ERANGE)
                return r;
        r = read_database(root_fd, "/etc/passwd", &passwd);
        if (r < 0)
                return r;
        rest = passwd;
        while ((n = next_entry(&rest, fields)) >= 0) {
                uint32_t gid;

                if (n != PASSWD_FIELDS || !is_entry_of(fields, wanted, id) || parse_id(fields[3], &gid) < 0 ||
                    parse_id(fields[2], &user->uid) < 0)
                        continue;
                user->gid = gid;
                if (*fields[5] == '/') {
                        free(user->home);
                        user->home = strdup(fields[5]);
                }
                if (*fields[6]) {
                        free(user->shell);
                        user->shell = strdup(fields[6]);
                }
                *ret_name = strdup(fields[0]);
                return *ret_name && user->home && (user->shell || !*fields[6]) ? 0 : -ENOMEM;
        }
        if (id == ID_INVALID)
                return -ESRCH;
        user->uid = id;
        return 0;
}

static int find_group(char *groups, const char *wanted, uint32_t *ret) {
        char *fields[MOST_FIELDS];
        uint32_t id = ID_INVALID;
        int n, r;

        r = parse_id(wanted, &id);
        if (r == -ERANGE)
                return r;
        if (r >= 0) {
                *ret = id;
                return 0;
        }
        while ((n = next_entry(&groups, fields)) >= 0)
                if (n == GROUP_FIELDS && is_entry_of(fields, wanted, ID_INVALID))
                        return parse_id(fields[2], ret);
        return -ESRCH;
}

static int add_group(ContainerUser *user, size_t *allocated, uint32_t gid) {
        int r;

        r = ARRAY_RESERVE(user->groups, *allocated, user->group_count + 1);
        if (r >= 0)
                user->groups[user->group_count++] = gid;
        return r;
}

static int compare_ids(const void *a, const void *b) {
        uint32_t x = *(const uint32_t *) a, y = *(const uint32_t *) b;

        return (x > y) - (x < y);
}

/* Ascending, each once. Only now, as a hostile file may name a million. */
static int settle_groups(ContainerUser *user) {
        size_t kept = 0;

        if (user->group_count > 1)
                qsort(user->groups, user->group_count, sizeof(*user->groups), compare_ids);
        for (size_t i = 0; i < user->group_count; i++)
                if (kept == 0 || user->groups[kept - 1] != user->groups[i])
                        user->groups[kept++] = user->groups[i];
        user->group_count = kept;
        return kept > NGROUPS_MAX ? -E2BIG : 0;
}

static bool is_member(char *members, const char *name) {
        for (char *member; (member = strsep(&members, ","));)
                if (streq(member, name))
                        return true;
        return false;
}

static int add_memberships(ContainerUser *user, size_t *allocated, char *groups, const char *name) {
        char *fields[MOST_FIELDS];
        int n, r;

        while ((n = next_entry(&groups, fields)) >= 0) {
                uint32_t gid;

                if (n != GROUP_FIELDS || parse_id(fields[2], &gid) < 0 || !is_member(fields[3], name))
                        continue;
                r = add_group(user, allocated, gid);
                if (r < 0)
                        return r;
        }
        return 0;
}

/* next_entry() cuts its text up, so each search gets a copy. */
static int find_group_in_copy(const char *groups, const char *wanted, uint32_t *ret) {
        _cleanup_free_ char *copy = strdup(groups);
        return copy ? find_group(copy, wanted, ret) : -ENOMEM;
}

static int find_groups(int root_fd, const UserRequest *request, const char *group, const char *name,
                       ContainerUser *user, const char **ret_missing) {
        _cleanup_free_ char *groups = NULL;
        size_t allocated = 0;
        int r;

        r = read_database(root_fd, "/etc/group", &groups);
        if (r < 0)
                return r;
        if (group) {
                r = find_group_in_copy(groups, group, &user->gid);
                if (r < 0) {
                        *ret_missing = group;
                        return r;
                }
        }
        for (size_t i = 0; request->group_add && i < request->group_add->count; i++) {
                uint32_t gid;

                r = find_group_in_copy(groups, request->group_add->items[i], &gid);
                if (r < 0) {
                        *ret_missing = request->group_add->items[i];
                        return r;
                }
                r = add_group(user, &allocated, gid);
                if (r < 0)
                        return r;
        }
        r = group || !name ? 0 : add_memberships(user, &allocated, groups, name);
        /* What is denied to the primary group shall be denied to a set-group-ID program that the
         * process runs, too (CVE-2022-2989). As with podman, not for root that nobody asked for. */
        if (r >= 0 && (request->user || group))
                r = add_group(user, &allocated, user->gid);
        return r < 0 ? r : settle_groups(user);
}

int users_lookup(int root_fd, const UserRequest *request, ContainerUser *ret, const char **ret_missing) {
        _cleanup_container_user_ ContainerUser user = { .home = strdup("/") };
        const char *wanted = request->user ? request->user : "0", *colon = strchr(wanted, ':');
        _cleanup_free_ char *user_part = NULL, *name = NULL;
        const char *group = request->group;
        int r;

        if (!user.home)
                return -ENOMEM;
        user_part = strndup(wanted, colon ? (size_t) (colon - wanted) : strlen(wanted));
        if (!user_part)
                return -ENOMEM;
        if (colon && colon[1])
                group = colon + 1;
        r = find_user(root_fd, *user_part ? user_part : "0", &user, &name);
        if (r < 0) {
                *ret_missing = wanted;
                return r;
        }
        r = find_groups(root_fd, request, group, name, &user, ret_missing);
        if (r < 0)
                return r;
        *ret = user;
        user = (ContainerUser) {};
        return 0;
}

/* Reads a database, and whether it has no entry of `id`. Returns 1 then, with its text and a
 * newline at the end. */
static int read_without(int root_fd, const char *path, int field_count, uint32_t id, char **ret) {
        _cleanup_free_ char *text = NULL, *copy = NULL;
        char *fields[MOST_FIELDS], *rest;
        int n, r;

        r = read_database(root_fd, path, &text);
        if (r < 0)
                return r;
        copy = text_format("%s%s", text, *text && !endswith(text, "\n") ? "\n" : "");
        if (!copy)
                return -ENOMEM;
        rest = text;
        while ((n = next_entry(&rest, fields)) >= 0)
                if (n == field_count && is_entry_of(fields, "", id))
                        return 0;
        *ret = TAKE_PTR(copy);
        return 1;
}

int users_add_user(int root_fd, uint32_t uid, uint32_t gid, const char *home, char **ret) {
        _cleanup_free_ char *text = NULL;
        int r;

        r = read_without(root_fd, "/etc/passwd", PASSWD_FIELDS, uid, &text);
        if (r <= 0)
                return r;
        *ret = text_format("%s%u:*:%u:%u:container user:%s:/bin/sh\n", text, uid, uid, gid,
                           strpbrk(home, ":\n") ? "/" : home);
        return *ret ? 1 : -ENOMEM;
}

int users_add_group(int root_fd, uint32_t gid, char **ret) {
        _cleanup_free_ char *text = NULL;
        int r;

        r = read_without(root_fd, "/etc/group", GROUP_FIELDS, gid, &text);
        if (r <= 0)
                return r;
        *ret = text_format("%s%u:*:%u:\n", text, gid, gid);
        return *ret ? 1 : -ENOMEM;
}

/* The IDs of an entry are the fields from the third on: one in a group's, two in a user's. */
static int add_highest(int root_fd, const char *path, int field_count, int id_count, uint32_t *highest) {
        _cleanup_free_ char *text = NULL;
        char *fields[MOST_FIELDS], *rest;
        int n, r;

        r = read_database(root_fd, path, &text);
        if (r < 0)
                return r;
        rest = text;
        while ((n = next_entry(&rest, fields)) >= 0) {
                if (n != field_count || streq(fields[0], "nobody") || streq(fields[0], "nogroup"))
                        continue;
                for (int i = 2; i < 2 + id_count; i++) {
                        uint32_t id;

                        if (parse_id(fields[i], &id) == 0 && id != NOBODY && id > *highest)
                                *highest = id;
                }
        }
        return 0;
}

int users_highest_id(int root_fd, uint32_t *highest) {
        uint32_t found = *highest;
        int r;

        if ((r = add_highest(root_fd, "/etc/passwd", PASSWD_FIELDS, 2, &found)) < 0 ||
            (r = add_highest(root_fd, "/etc/group", GROUP_FIELDS, 1, &found)) < 0)
                return r;
        *highest = found;
        return 0;
}

void container_user_done(ContainerUser *user) {
        user->groups = x_free(user->groups);
        user->group_count = 0;
        user->home = x_free(user->home);
        user->shell = x_free(user->shell);
}
