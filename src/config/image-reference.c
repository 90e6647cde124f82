/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What names an image. The grammar of registry references is that of distribution/reference; see
 * also containers-transports(5). */
#include "config/image-reference.h"

#include <errno.h>

#include "basic/path.h"
#include "basic/text.h"
#include "source/unit-name.h"

#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"

enum {
        INSTANCE_LONGEST = 255 - sizeof("container-image@.service") + 1, /* systemd's limit for a unit's name */
        TAG_LONGEST = 128,
        DIGEST_LENGTH = 64, /* of SHA-256, in hexadecimal */
};

static const struct {
        const char *prefix;
        ImageTransport transport;
} transports[] = {
        { "oci:", TRANSPORT_OCI },
        { "oci-archive:", TRANSPORT_OCI_ARCHIVE },
        { "docker-archive:", TRANSPORT_DOCKER_ARCHIVE },
};

/* Known to podman, and not to us. */
static const char *const foreign[] = { "containers-storage:", "dir:", "docker-daemon:", "ostree:", "sif:", "tarball:" };

static int refuse(char **ret_message, char *message) {
        *ret_message = message;
        return message ? -EINVAL : -ENOMEM;
}

size_t image_transport_prefix(const char *text) {
        for (size_t i = 0; i < ARRAY_SIZE(transports); i++)
                if (startswith(text, transports[i].prefix))
                        return strlen(transports[i].prefix);
        return 0;
}

bool image_is_file(const char *text) {
        return !strpbrk(text, "/:") && (endswith(text, ".image") || endswith(text, ".build"));
}

static bool is_span(const char *text, size_t n, const char *characters) {
        return n > 0 && strspn(text, characters) >= n;
}

/* [a-z0-9]+ with single ".", "_", "__" or any number of "-" in between. */
static bool component_is_valid(const char *s, size_t n) {
        const char *end = s + n;

        for (;;) {
                size_t word = strspn(s, LOWER DIGITS);

                if (word == 0 || word > (size_t) (end - s))
                        return false;
                s += word;
                if (s == end)
                        return true;
                if (*s == '-')
                        s += strspn(s, "-");
                else if (*s == '.')
                        s++;
                else if (*s == '_')
                        s += s[1] == '_' ? 2 : 1;
                else
                        return false;
                if (s >= end)
                        return false;
        }
}

static bool path_is_valid(const char *path) {
        for (;;) {
                size_t n = strcspn(path, "/");

                if (!component_is_valid(path, n))
                        return false;
                if (path[n] == '\0')
                        return true;
                path += n + 1;
        }
}

/* "docker.io", "localhost:5000", "[::1]:5000": a first component that is a host's name and not a
 * part of a path. */
static bool is_registry(const char *text, size_t n) {
        return memchr(text, '.', n) || memchr(text, ':', n) ||
               (n == strlen("localhost") && strncmp(text, "localhost", n) == 0);
}

static bool registry_is_valid(const char *text) {
        const char *port = text[0] == '[' ? strchr(text, ']') : text + strcspn(text, ":");
        size_t n;

        if (!port)
                return false;
        n = (size_t) (port - text);
        if (*port == ']') {
                if (!is_span(text + 1, n - 1, DIGITS "abcdefABCDEF:."))
                        return false;
                port++;
        } else if (!is_span(text, n, LOWER UPPER DIGITS ".-") || text[0] == '-' || text[0] == '.' || port[-1] == '-')
                return false;
        return *port == '\0' || (*port == ':' && is_span(port + 1, strlen(port + 1), DIGITS));
}

/* Cuts the digest, then the tag, off `text`. A colon before the last slash is a port's. */
static int cut_suffixes(char *text, ImageReference *reference) {
        char *at = strchr(text, '@'), *slash, *colon;

        if (at) {
                *at = '\0';
                reference->digest = strdup(at + 1);
                if (!reference->digest)
                        return -ENOMEM;
        }
        slash = strrchr(text, '/');
        colon = strrchr(text, ':');
        if (!colon || (slash && colon < slash))
                return 0;
        *colon = '\0';
        reference->tag = strdup(colon + 1);
        return reference->tag ? 0 : -ENOMEM;
}

int image_reference_short_name(const char *text, char **ret) {
        _cleanup_image_reference_ ImageReference suffixes = {};
        _cleanup_free_ char *name = strdup(text);
        const char *slash;
        int r;

        r = name ? cut_suffixes(name, &suffixes) : -ENOMEM;
        if (r < 0)
                return r;
        slash = strchr(name, '/');
        if (!path_is_valid(name) || (slash && is_registry(name, (size_t) (slash - name))))
                return 0;
        *ret = TAKE_PTR(name);
        return 1;
}

static int check_suffixes(const char *text, const ImageReference *reference, char **ret_message) {
        const char *hex = reference->digest ? startswith(reference->digest, "sha256:") : NULL;

        if (reference->digest &&
            (!hex || strlen(hex) != DIGEST_LENGTH || !is_span(hex, DIGEST_LENGTH, DIGITS "abcdef")))
                return refuse(ret_message, text_format("\"%s\" has no digest of the form sha256:… with 64 hexadecimal "
                                                       "digits behind \"@\"",
                                                       text));
        if (reference->tag && (!is_span(reference->tag, strlen(reference->tag), LOWER UPPER DIGITS "_.-") ||
                               strlen(reference->tag) > TAG_LONGEST || strchr(".-", reference->tag[0])))
                return refuse(ret_message, text_format("\"%s\" is no tag", reference->tag));
        return 0;
}

static int refuse_short(const char *path, const char *suffix, char **ret_message) {
        return refuse(ret_message, text_format("\"%s%s\" is a short name; did you mean \"docker.io/%s%s%s\"?",
                                               path, suffix, strchr(path, '/') ? "" : "library/", path, suffix));
}

/* `name` is the reference without tag and digest, `text` with them. */
static int set_repository(const char *text, const char *name, ImageReference *reference, char **ret_message) {
        const char *slash = strchr(name, '/');
        size_t n = slash ? (size_t) (slash - name) : 0;

        if (!slash || !is_registry(name, n)) {
                if (path_is_valid(name))
                        return refuse_short(name, text + strlen(name), ret_message);
                return refuse(ret_message, text_format("\"%s\" is no reference to an image", text));
        }
        reference->registry = strndup(name, n);
        if (!reference->registry)
                return -ENOMEM;
        if (!registry_is_valid(reference->registry))
                return refuse(ret_message, text_format("\"%s\" is no registry", reference->registry));
        if (streq(reference->registry, "index.docker.io"))
                memcpy(reference->registry, "docker.io", sizeof("docker.io"));
        if (strpbrk(slash, UPPER))
                return refuse(ret_message, text_format("\"%s\": the name of an image has no capital letters", text));
        if (!path_is_valid(slash + 1))
                return refuse(ret_message, text_format("\"%s\" is no reference to an image", text));
        reference->repository = text_format(
                        "%s/%s%s", reference->registry,
                        streq(reference->registry, "docker.io") && !strchr(slash + 1, '/') ? "library/" : "",
                        slash + 1);
        return reference->repository ? 0 : -ENOMEM;
}

static int parse_registry(const char *text, ImageReference *reference, char **ret_message) {
        _cleanup_free_ char *name = strdup(text);
        int r;

        if (!name)
                return -ENOMEM;
        r = cut_suffixes(name, reference);
        if (r >= 0)
                r = check_suffixes(text, reference, ret_message);
        if (r >= 0)
                r = set_repository(text, name, reference, ret_message);
        if (r < 0)
                return r;
        if (reference->digest)
                reference->tag = x_free(reference->tag);
        else if (!reference->tag && !(reference->tag = strdup("latest")))
                return -ENOMEM;
        reference->name = reference->digest ? text_format("%s@%s", reference->repository, reference->digest) :
                                              text_format("%s:%s", reference->repository, reference->tag);
        return reference->name ? 0 : -ENOMEM;
}

/* A path may have no colon: that begins what is behind it, for skopeo as well. */
static int parse_local(const char *text, size_t prefix, ImageReference *reference, char **ret_message) {
        size_t n = strcspn(text + prefix, ":");
        const char *selector = text[prefix + n] ? text + prefix + n + 1 : NULL;
        _cleanup_free_ char *path = strndup(text + prefix, n);
        int r;

        if (!path)
                return -ENOMEM;
        r = path_normalize(path, &reference->path);
        if (r == -ENOMEM)
                return r;
        if (r < 0)
                return refuse(ret_message, text_format("\"%s\" has no absolute path without \"..\" behind \"%.*s\"",
                                                       text, (int) prefix, text));
        if (selector && !*selector)
                return refuse(ret_message, text_format("\"%s\" ends with a colon", text));
        if (selector && !(reference->selector = strdup(selector)))
                return -ENOMEM;
        reference->name = text_format("%.*s%s%s%s", (int) prefix, text, reference->path, selector ? ":" : "",
                                      selector ?: "");
        return reference->name ? 0 : -ENOMEM;
}

static int check_length(const char *text, const ImageReference *reference, char **ret_message) {
        _cleanup_free_ char *instance = image_instance(reference->name);

        if (!instance)
                return -ENOMEM;
        if (strlen(instance) <= INSTANCE_LONGEST)
                return 0;
        return refuse(ret_message, text_format("\"%s\" is too long for the name of the unit that pulls it", text));
}

int image_reference_parse(const char *text, ImageReference *ret, char **ret_message) {
        _cleanup_image_reference_ ImageReference reference = {};
        size_t prefix = image_transport_prefix(text);
        int r;

        for (const unsigned char *p = (const unsigned char *) text; *p; p++)
                if (*p <= ' ' || *p == 0x7f)
                        return refuse(ret_message,
                                      text_format("\"%s\" is no reference to an image: it has white space in it",
                                                  text));
        for (size_t i = 0; i < ARRAY_SIZE(foreign); i++)
                if (startswith(text, foreign[i]))
                        return refuse(ret_message, text_format("images of \"%s\" are not supported", foreign[i]));
        for (size_t i = 0; i < ARRAY_SIZE(transports); i++)
                if (startswith(text, transports[i].prefix))
                        reference.transport = transports[i].transport;
        if (prefix > 0)
                r = parse_local(text, prefix, &reference, ret_message);
        else
                r = parse_registry(startswith(text, "docker://") ?: text, &reference, ret_message);
        if (r >= 0)
                r = check_length(text, &reference, ret_message);
        if (r < 0)
                return r;
        *ret = reference;
        reference = (ImageReference) {};
        return 0;
}

char *image_instance(const char *name) {
        return unit_name_escape(name);
}

int image_unit_name(const char *image, char **ret) {
        _cleanup_free_ char *instance = NULL;
        int r;

        if (image_is_file(image)) {
                r = unit_reference_translate(image, ret);
                return r < 0 ? r : 0;
        }
        instance = image_instance(image);
        *ret = instance ? text_format("container-image@%s.service", instance) : NULL;
        return *ret ? 0 : -ENOMEM;
}

void image_reference_done(ImageReference *reference) {
        reference->name = x_free(reference->name);
        reference->registry = x_free(reference->registry);
        reference->repository = x_free(reference->repository);
        reference->tag = x_free(reference->tag);
        reference->digest = x_free(reference->digest);
        reference->path = x_free(reference->path);
        reference->selector = x_free(reference->selector);
}
