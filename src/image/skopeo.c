/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* skopeo(1). Nothing secret is on its command line, which everybody can read: credentials and
 * passphrases are in files. */
#include "image/skopeo.h"

#include <errno.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "basic/files.h"
#include "basic/process.h"

#define SKOPEO "skopeo"

enum {
        ANSWER_MAX = 16 << 20, /* containers/image takes manifests of 4 MiB at most */
        SAID_MAX = 64 << 10,   /* of what goes wrong it says a line or two */
        TICK_MILLISECONDS = 250,
};

/* A command line: words of ours and values of others, put together as "--name=value" so that no
 * value can be an option. */
static int add_option(StringList *argv, const char *name, const char *value) {
        return value ? string_list_addf(argv, "%s=%s", name, value) : 0;
}

static int begin(const SkopeoOptions *options, const char *temporary, const char *verb, StringList *argv) {
        int r;

        if ((r = string_list_add(argv, SKOPEO)) < 0 ||
            (r = add_option(argv, "--override-os", options->os)) < 0 ||
            (r = add_option(argv, "--override-arch", options->architecture)) < 0 ||
            (r = add_option(argv, "--override-variant", options->variant)) < 0 ||
            (r = add_option(argv, "--tmpdir", temporary)) < 0)
                return r;
        return string_list_add(argv, verb);
}

static int add_access(const SkopeoOptions *options, const char *tls_verify, const char *certificates,
                      StringList *argv) {
        int r;

        if ((r = add_option(argv, "--authfile", options->auth_file)) < 0 ||
            (r = add_option(argv, certificates, options->certificate_directory)) < 0)
                return r;
        return options->tls_verify == UNSET
                               ? 0
                               : add_option(argv, tls_verify, options->tls_verify == YES ? "true" : "false");
}

/* Waits for the process, with a tick now and then. */
static int wait_ticking(pid_t pid, SkopeoTick tick, void *userdata) {
        _cleanup_close_ int fd = (int) syscall(SYS_pidfd_open, pid, 0);
        struct pollfd poll_fd = { .fd = fd, .events = POLLIN };

        while (fd >= 0 && tick && poll(&poll_fd, 1, TICK_MILLISECONDS) == 0)
                tick(userdata);
        return process_wait(pid);
}

/* Hands on what was said, and gives its beginning. */
static int hand_on(int said_fd, char **ret) {
        _cleanup_free_ char *said = calloc(1, SAID_MAX + 1);
        ssize_t n;

        if (!said)
                return -ENOMEM;
        if (lseek(said_fd, 0, SEEK_SET) < 0)
                return -errno;
        n = read(said_fd, said, SAID_MAX);
        if (n < 0)
                return -errno;
        (void) write_all(STDERR_FILENO, said, (size_t) n);
        *ret = TAKE_PTR(said);
        return 0;
}

static int run(const StringList *argv, int answer_fd, SkopeoTick tick, void *userdata, char **ret_said) {
        _cleanup_close_ int said_fd = memfd_create("said", MFD_CLOEXEC);
        _cleanup_free_ char *said = NULL;
        int r, status;
        pid_t pid;

        if (said_fd < 0)
                return -errno;
        r = process_spawn((const char *const *) argv->items, NULL, 0, answer_fd, said_fd, &pid);
        if (r < 0)
                return r;
        status = wait_ticking(pid, tick, userdata);
        if (status < 0)
                return status;
        r = hand_on(said_fd, &said);
        if (r < 0 || status == 0)
                return r;
        *ret_said = TAKE_PTR(said);
        return -EREMOTEIO;
}

static int ask(const StringList *argv, char **ret, size_t *ret_size, char **ret_said) {
        _cleanup_close_ int fd = memfd_create("answer", MFD_CLOEXEC);
        int r;

        if (fd < 0)
                return -errno;
        r = run(argv, fd, NULL, NULL, ret_said);
        if (r < 0)
                return r;
        return lseek(fd, 0, SEEK_SET) < 0 ? -errno : read_fd(fd, ANSWER_MAX, ret, ret_size);
}

int skopeo_inspect(const SkopeoOptions *options, const char *image, bool config, char **ret, size_t *ret_size,
                   char **ret_said) {
        _cleanup_string_list_ StringList argv = {};
        int r;

        if ((r = begin(options, NULL, "inspect", &argv)) < 0 ||
            (r = add_access(options, "--tls-verify", "--cert-dir", &argv)) < 0 ||
            (r = string_list_add(&argv, "--raw")) < 0 ||
            (r = config ? string_list_add(&argv, "--config") : 0) < 0 ||
            (r = string_list_add(&argv, image)) < 0)
                return r;
        return ask(&argv, ret, ret_size, ret_said);
}

int skopeo_list_tags(const SkopeoOptions *options, const char *repository, char **ret, size_t *ret_size,
                     char **ret_said) {
        _cleanup_string_list_ StringList argv = {};
        int r;

        if ((r = begin(options, NULL, "list-tags", &argv)) < 0 ||
            (r = add_access(options, "--tls-verify", "--cert-dir", &argv)) < 0 ||
            (r = string_list_add(&argv, repository)) < 0)
                return r;
        return ask(&argv, ret, ret_size, ret_said);
}

int skopeo_copy(const SkopeoOptions *options, const char *source, const char *destination, const char *shared_blobs,
                const char *temporary, SkopeoTick tick, void *userdata, char **ret_said) {
        _cleanup_string_list_ StringList argv = {};
        int r;

        /* Signatures are checked, as policy.json(5) wants, and not kept. */
        if ((r = begin(options, temporary, "copy", &argv)) < 0 ||
            (r = add_access(options, "--src-tls-verify", "--src-cert-dir", &argv)) < 0 ||
            (r = string_list_add(&argv, "--quiet")) < 0 ||
            (r = string_list_add(&argv, "--remove-signatures")) < 0 ||
            (r = add_option(&argv, "--dest-shared-blob-dir", shared_blobs)) < 0 ||
            (r = add_option(&argv, "--decryption-key", options->decryption_key)) < 0 ||
            (r = string_list_add(&argv, source)) < 0 ||
            (r = string_list_add(&argv, destination)) < 0)
                return r;
        return run(&argv, -EBADF, tick, userdata, ret_said);
}
