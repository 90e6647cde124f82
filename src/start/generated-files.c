/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Files that a container gets without its image having them. */
#include "start/generated-files.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "basic/files.h"
#include "basic/path.h"
#include "basic/text.h"
#include "host/labels.h"
#include "host/mount-point.h"
#include "host/users.h"
#include "oci/oci-spec.h"
#include "start/hosts-file.h"
#include "start/namespaces.h"
#include "start/pod/pod-namespaces.h"
#include "start/resolv-conf.h"
#include "start/time-zone.h"

enum { HOST_FILE_MAX = 16 << 20 };

typedef struct Maker {
        const Container *container;
        int root_fd;
        const Facts *facts;
        Diagnostics *diagnostics;
} Maker;

/* Makes the bytes of one file. Returns 1, 0 when the container is to have none, -EREPORTED with a
 * diagnostic, or another -errno. */
typedef int (*Make)(const Maker *maker, char **ret, size_t *ret_size);

/* What a Make returns that has made a text, or failed to. */
static int made(int r, char *const *text, size_t *ret_size) {
        if (r < 0)
                return r;
        *ret_size = strlen(*text);
        return 1;
}

static bool is_on_network(const Container *container, NetworkKind kind) {
        return container->networks.count > 0 && container->networks.items[0].kind == kind;
}

static bool on_host_network(const Container *container) {
        return is_on_network(container, NETWORK_HOST);
}

/* A file of the machine's; a missing one is empty. */
static int read_host_file(const Maker *maker, const char *path, char **ret) {
        int r = read_file_at(AT_FDCWD, path, HOST_FILE_MAX, ret, NULL);

        if (r == -ENOENT) {
                *ret = strdup("");
                return *ret ? 0 : -ENOMEM;
        }
        if (r < 0 && r != -ENOMEM)
                return diagnose_error(maker->diagnostics, &(Location) { .file = path }, "%s", strerror(-r));
        return r;
}

/* Only where ip-netns(8) has them do namespaces have names: that of /proc/PID/ns/net is none. */
static bool is_named(const char *path) {
        const char *rest = startswith(path, "/run/netns/") ?: startswith(path, "/var/run/netns/");

        return rest && file_name_is_valid(rest);
}

/* A file that ip-netns(8) has for a network namespace with a name; else the machine's. */
static int read_network_file(const Maker *maker, const char *name, char **ret) {
        const Container *container = maker->container;
        _cleanup_free_ char *path = NULL, *host_path = text_format("/etc/%s", name);

        if (is_on_network(container, NETWORK_PATH) && is_named(container->networks.items[0].value))
                path = text_format("/etc/netns/%s/%s", path_basename(container->networks.items[0].value), name);
        else
                path = strdup(host_path ?: "");
        if (!host_path || !path)
                return -ENOMEM;
        return read_host_file(maker, access(path, F_OK) == 0 ? path : host_path, ret);
}

/* The machine's name is the machine's to resolve, where the container shares name and network. */
static int get_own_names(const Maker *maker, StringList *names) {
        const Container *container = maker->container;
        _cleanup_free_ char *host_name = NULL;
        bool host_network = on_host_network(container);
        int r;

        r = oci_spec_host_name(container, maker->facts, &host_name);
        if (r == 0 && !(host_network && streq(host_name, maker->facts->host_name)))
                r = string_list_add(names, host_name);
        if (r == 0 && container->container_name && !host_network)
                r = string_list_add(names, container->container_name);
        /* The host name is that of all in a pod. */
        if (r == 0 && is_on_network(container, NETWORK_POD))
                r = string_list_add(names, container->stem);
        return r;
}

static int make_hosts(const Maker *maker, char **ret, size_t *ret_size) {
        _cleanup_string_list_ StringList names = {};
        _cleanup_free_ char *base = NULL;
        int r;

        if (maker->container->image_hosts)
                return 0;
        if ((r = read_host_file(maker, "/etc/hosts", &base)) < 0 || (r = get_own_names(maker, &names)) < 0)
                return r;
        r = hosts_file_text(&(HostsRequest) {
                        .base = base,
                        .added = &maker->container->add_hosts,
                        /* On the machine's own network, that is the machine. */
                        .gateway = maker->facts->host_gateway ?: "127.0.0.1",
                        .host_names = maker->facts->host_gateway,
                        .own_addresses = &maker->facts->own_addresses,
                        .neighbours = &maker->facts->neighbours,
                        .own_names = names,
                }, ret);
        return made(r, ret, ret_size);
}

static int make_resolv_conf(const Maker *maker, char **ret, size_t *ret_size) {
        const Container *container = maker->container;
        ResolvConfRequest request = {
                .servers = container->dns.count > 0 ? &container->dns : &maker->facts->name_servers,
                .search = &container->dns_search,
                .options = &container->dns_options,
                .host_network = on_host_network(container),
        };
        _cleanup_free_ char *base = NULL;
        int r;

        if (container->image_resolv_conf || string_list_contains(&container->dns, "none"))
                return 0;
        /* There is nobody to ask on a loopback device, unless the file knows better. */
        if (!request.host_network && !is_on_network(container, NETWORK_PATH) &&
            maker->facts->own_addresses.count == 0 && request.servers->count == 0 && request.search->count == 0 &&
            request.options->count == 0)
                return 0;
        r = read_network_file(maker, "resolv.conf", &base);
        if (r < 0)
                return r;
        request.base = base;
        r = resolv_conf_text(&request, ret);
        return made(r, ret, ret_size);
}

static int make_host_name(const Maker *maker, char **ret, size_t *ret_size) {
        _cleanup_free_ char *host_name = NULL;
        int r = oci_spec_host_name(maker->container, maker->facts, &host_name);

        if (r < 0)
                return r;
        *ret = text_format("%s\n", host_name);
        return made(*ret ? 0 : -ENOMEM, ret, ret_size);
}

/* Podman's mark of a container, empty for an unprivileged one. */
/* `NAME="VALUE"`, where no value has a control character. */
static void append_about(Text *text, const char *name, const char *value) {
        text_appendf(text, "%s=\"", name);
        for (const char *p = value; *p; p++) {
                if (strchr("\"\\", *p))
                        text_append_char(text, '\\');
                text_append_char(text, *p);
        }
        text_append(text, "\"\n");
}

/* Tools inside look whether it is there. Only who sees all of the machine anyway is told more. */
static int make_container_mark(const Maker *maker, char **ret, size_t *ret_size) {
        const Container *container = maker->container;
        _cleanup_free_ char *id = container_id_for(container->stem);
        _cleanup_text_ Text text = {};

        if (!id)
                return -ENOMEM;
        if (container->privileged) {
                append_about(&text, "engine", "berth-" BERTH_VERSION);
                append_about(&text, "name", container->container_name ?: container->stem);
                append_about(&text, "id", id);
                append_about(&text, "image", container->image ?: "");
                text_appendf(&text, "rootless=%d\n", container->of_user);
        }
        return made(text_take(&text, ret), ret, ret_size);
}

static bool is_number(const char *text, size_t n) {
        return n > 0 && strspn(text, "0123456789") >= n;
}

/* The errors of both were reported when the user was looked up. */
static int added(int r, char *const *text, size_t *ret_size) {
        if (r <= 0)
                return r == -ENOMEM ? r : 0;
        return made(0, text, ret_size);
}

static int make_passwd(const Maker *maker, char **ret, size_t *ret_size) {
        const char *user = maker->container->user;

        if (!user || !is_number(user, strcspn(user, ":")))
                return 0;
        return added(users_add_user(maker->root_fd, maker->facts->uid, maker->facts->gid,
                                    maker->container->working_dir ?: "/", ret),
                     ret, ret_size);
}

static int make_group(const Maker *maker, char **ret, size_t *ret_size) {
        const Container *container = maker->container;
        const char *user = container->user, *group = container->group;

        if (!user)
                return 0;
        if (!group && strchr(user, ':'))
                group = strchr(user, ':') + 1;
        if (!group || !*group)
                group = is_number(user, strcspn(user, ":")) ? "0" : "";
        if (!is_number(group, strlen(group)))
                return 0;
        return added(users_add_group(maker->root_fd, maker->facts->gid, ret), ret, ret_size);
}

static int make_local_time(const Maker *maker, char **ret, size_t *ret_size) {
        const char *zone = maker->container->timezone;
        Location where = container_where(maker->container, KEY_Container_Timezone);
        int r;

        if (!zone)
                return 0;
        r = time_zone_read(zone, ret, ret_size);
        if (r == -ENOENT || r == -ENOTDIR || r == -EBADMSG)
                return diagnose_error(maker->diagnostics, &where,
                                      "this machine has no time zone \"%s\" in /usr/share/zoneinfo", zone);
        return r < 0 ? r : 1;
}

typedef struct Generator {
        const char *name, *destination;
        Make make;
        unsigned key_count;
        KeyId keys[3]; /* those that ask for it */
} Generator;

static const Generator generators[] = {
        { "hosts", "/etc/hosts", make_hosts, 1, { KEY_Container_AddHost } },
        { "resolv.conf",
          "/etc/resolv.conf",
          make_resolv_conf,
          3,
          { KEY_Container_DNS, KEY_Container_DNSSearch, KEY_Container_DNSOption } },
        { "hostname", "/etc/hostname", make_host_name, 0, {} },
        { "containerenv", "/run/.containerenv", make_container_mark, 0, {} },
        { "passwd", "/etc/passwd", make_passwd, 0, {} },
        { "group", "/etc/group", make_group, 0, {} },
        { "localtime", "/etc/localtime", make_local_time, 1, { KEY_Container_Timezone } },
};

static int refuse_without_place(const Maker *maker, const Generator *generator) {
        for (unsigned i = 0; i < generator->key_count; i++) {
                KeyId key = generator->keys[i];
                Location where = container_where(maker->container, key);

                if (maker->container->set.entry[key])
                        return diagnose_error(maker->diagnostics, &where,
                                              "\"%s\" needs a %s, for which the root file system has no place",
                                              keys[key].name, generator->destination);
        }
        return 0;
}

/* A container on another's network, or its pod's, has the same hosts and the same name servers: the
 * other's files themselves. Returns 1 when `source` is such a one, 0 when there is none to have,
 * -ENOENT when the file is to be made. */
static int find_shared(const Maker *maker, const Generator *generator, char **ret) {
        const Container *container = maker->container;
        bool hosts = streq(generator->name, "hosts");

        if (!(is_on_network(container, NETWORK_CONTAINER) || is_on_network(container, NETWORK_POD)) ||
            !(hosts || streq(generator->name, "resolv.conf")))
                return -ENOENT;
        if (hosts ? container->image_hosts
                  : container->image_resolv_conf || string_list_contains(&container->dns, "none"))
                return 0;
        if (!hosts && container->dns.count + container->dns_search.count + container->dns_options.count > 0)
                return -ENOENT;
        return is_on_network(container, NETWORK_POD)
                               ? pod_find_file(container->networks.items[0].value, generator->name, ret)
                               : namespaces_find_file(container->networks.items[0].value, generator->name, ret);
}

static int share(const Maker *maker, const char *source, const char *path, StringList *bind_files) {
        _cleanup_free_ char *destination = NULL;
        int r = mount_point_find(maker->container, maker->root_fd, maker->facts, path, &destination);

        return r <= 0 ? r : string_list_addf(bind_files, "%s:%s", source, destination);
}

/* `data` is taken over. */
static int add_file(GeneratedFiles *files, const char *name, char *data, size_t size) {
        int r = ARRAY_RESERVE(files->items, files->allocated, files->count + 1);

        if (r < 0)
                free(data);
        else
                files->items[files->count++] = (GeneratedFile) { .name = name, .data = data, .size = size };
        return r;
}

/* What a container adds to the hosts of another, or of its pod, whose network it is on, and who
 * knows nothing of it. */
static int join_hosts(const Maker *maker, const char *path, GeneratedFiles *files) {
        const Container *container = maker->container;
        _cleanup_string_list_ StringList names = {};
        _cleanup_free_ char *base = NULL, *text = NULL, *copy = strdup(path);
        Location where = container_where(container, KEY_Container_AddHost);
        int r;

        r = copy ? read_host_file(maker, path, &base) : -ENOMEM;
        if (r >= 0)
                r = get_own_names(maker, &names);
        if (r < 0)
                return r;
        r = hosts_file_joined(&(HostsRequest) { .base = base, .added = &container->add_hosts, .own_names = names },
                              &text);
        if (r == -ENOKEY)
                return diagnose_error(maker->diagnostics, &where,
                                      "\"host-gateway\" has no address on the network of \"%s\"",
                                      container->networks.items[0].value);
        if (r < 0 || !*text)
                return r;
        r = add_file(files, "hosts", text, strlen(text));
        text = NULL;
        if (r >= 0)
                files->items[files->count - 1].append_to = TAKE_PTR(copy);
        return r;
}

static int generate(const Maker *maker, const Generator *generator, const char *bundle_path, StringList *bind_files,
                    GeneratedFiles *files) {
        _cleanup_free_ char *data = NULL, *destination = NULL, *shared = NULL;
        size_t size;
        int r;

        r = find_shared(maker, generator, &shared);
        if (r > 0 && generator->make == make_hosts) {
                int s = join_hosts(maker, shared, files);

                if (s < 0)
                        return s;
        }
        if (r != -ENOENT)
                return r <= 0 ? r : share(maker, shared, generator->destination, bind_files);
        r = generator->make(maker, &data, &size);
        if (r <= 0)
                return r;
        r = mount_point_find(maker->container, maker->root_fd, maker->facts, generator->destination, &destination);
        if (r <= 0)
                return r < 0 ? r : refuse_without_place(maker, generator);
        r = string_list_addf(bind_files, "%s/%s:%s", bundle_path, generator->name, destination);
        return r < 0 ? r : add_file(files, generator->name, TAKE_PTR(data), size);
}

int generated_files_make(const Container *container, int root_fd, const char *bundle_path, Facts *facts,
                         GeneratedFiles *ret, Diagnostics *diagnostics) {
        const Maker maker = { .container = container, .root_fd = root_fd, .facts = facts, .diagnostics = diagnostics };
        int result = 0;

        for (size_t i = 0; i < ARRAY_SIZE(generators); i++) {
                int r = generate(&maker, &generators[i], bundle_path, &facts->bind_files, ret);

                if (r < 0 && r != -EREPORTED)
                        return r;
                if (r < 0)
                        result = r;
        }
        return result;
}

int generated_files_make_of_pod(const Container *container, const Facts *facts, GeneratedFiles *ret,
                                Diagnostics *diagnostics) {
        const Maker maker = { .container = container, .root_fd = -EBADF, .facts = facts, .diagnostics = diagnostics };
        static const struct {
                const char *name;
                Make make;
        } shared[] = {
                { "hosts", make_hosts },
                { "resolv.conf", make_resolv_conf },
                { "hostname", make_host_name },
        };
        int r = 0;

        for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(shared); i++) {
                char *data = NULL;
                size_t size;

                r = shared[i].make(&maker, &data, &size);
                if (r > 0)
                        r = add_file(ret, shared[i].name, data, size);
        }
        return r < 0 ? r : 0;
}

static int label_file(int bundle_fd, const char *name, const char *label) {
        _cleanup_close_ int fd = openat(bundle_fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);

        return fd < 0 ? -errno : labels_set(fd, label);
}

/* In one piece, so that two that come at once do not mix. */
static int append_file(const GeneratedFile *file) {
        _cleanup_close_ int fd = open(file->append_to, O_WRONLY | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
        struct stat st;

        if (fd < 0 || fstat(fd, &st) < 0)
                return errno == ENOENT ? 0 : -errno; /* the other has just ended */
        return S_ISREG(st.st_mode) ? write_all(fd, file->data, file->size) : 0;
}

int generated_files_write(const GeneratedFiles *files, const Facts *facts, int bundle_fd, const char *label) {
        uint32_t uid = 0, gid = 0;

        (void) facts_uid_outside(facts, 0, &uid);
        (void) facts_gid_outside(facts, 0, &gid);
        for (size_t i = 0; i < files->count; i++) {
                const GeneratedFile *file = &files->items[i];
                int r = file->append_to ? append_file(file) : 0;

                if (r < 0)
                        return r;
                if (file->append_to)
                        continue;
                r = write_file_atomic_at(bundle_fd, file->name, file->data, file->size, 0644);

                if (r < 0)
                        return r;
                if ((uid != 0 || gid != 0) && fchownat(bundle_fd, file->name, uid, gid, AT_SYMLINK_NOFOLLOW) < 0)
                        return -errno;
                if (fchmodat(bundle_fd, file->name, 0644, 0) < 0)
                        return -errno;
                r = label ? label_file(bundle_fd, file->name, label) : 0;
                if (r < 0)
                        return r;
        }
        return 0;
}

void generated_files_done(GeneratedFiles *files) {
        for (size_t i = 0; i < files->count; i++) {
                free(files->items[i].data);
                free(files->items[i].append_to);
        }
        free(files->items);
        *files = (GeneratedFiles) {};
}
