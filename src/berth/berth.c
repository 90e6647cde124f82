/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* berth: the user's command. */
#include <stdio.h>
#include <stdlib.h>

#include "basic/log.h"
#include "basic/text.h"
#include "berth/auto-update.h"
#include "berth/check.h"
#include "berth/keys-list.h"
#include "berth/pull-images.h"
#include "berth/spec.h"
#include "berth/store-commands.h"
#include "berth/volumes-list.h"

static const struct {
        const char *name;
        int (*run)(int argc, char **argv);
        const char *help;
} verbs[] = {
        { "auto-update", verb_auto_update, "Bring containers to newer images" },
        { "check", verb_check, "Report everything that is wrong in the files" },
        { "keys", verb_keys, "Print what may stand in the files" },
        { "pull", verb_pull_command, "Fetch images into the store" },
        { "images", verb_images, "List the images in the store" },
        { "rmi", verb_rmi, "Remove images" },
        { "prune", verb_prune, "Remove what no file and no container needs" },
        { "fsck", verb_fsck, "Verify the store, and drop what is broken" },
        { "spec", verb_spec, "Print the OCI configuration that a start would use" },
        { "volumes", verb_volumes, "List volumes, and remove some" },
};

static int usage(FILE *stream) {
        fputs("Usage: berth COMMAND [OPTION…] [ARGUMENT…]\n\nCommands:\n", stream);
        for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
                fprintf(stream, "  %-11s %s\n", verbs[i].name, verbs[i].help);
        fputs("\nOptions:\n"
              "  --help     Show this text; after a command, that command's\n"
              "  --version  Show the version\n"
              "\n"
              "Containers are services: systemctl start container@NAME. See berth(1).\n",
              stream);
        return stream == stdout ? EXIT_SUCCESS : 2;
}

static int unknown(const char *command) {
        Nearest nearest = { .wanted = command };

        for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
                nearest_consider(&nearest, verbs[i].name);
        if (nearest.name)
                log_error("Unknown command \"%s\"; did you mean \"%s\"?", command, nearest.name);
        else
                log_error("Unknown command \"%s\"; see berth --help", command);
        return 2;
}

int main(int argc, char **argv) {
        log_open("berth");
        if (argc < 2)
                return usage(stderr);
        if (streq(argv[1], "--help") || streq(argv[1], "help"))
                return usage(stdout);
        if (streq(argv[1], "--version")) {
                puts("berth " BERTH_VERSION);
                return EXIT_SUCCESS;
        }
        for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
                if (streq(argv[1], verbs[i].name))
                        return verbs[i].run(argc - 1, argv + 1);
        return unknown(argv[1]);
}
