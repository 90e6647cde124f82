/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A file to begin with. */
#include "image/new-description.h"

#include <ctype.h>

#include "basic/words.h"

/* One line of a comment, whatever is in it. */
static void append_comment(Text *text, const char *line) {
        text_append(text, "# ");
        text_append_visible(text, line, strlen(line));
        text_append_char(text, '\n');
}

static void append_list(Text *text, const char *lead, const StringList *words) {
        _cleanup_text_ Text line = {};

        text_append(&line, lead);
        for (size_t i = 0; i < words->count; i++) {
                text_append_char(&line, ' ');
                word_append_quoted(&line, words->items[i], false, false);
        }
        text->failed |= line.failed;
        if (!line.failed)
                append_comment(text, line.data);
}

/* Of characters that mean nothing in a value, a unit file or a shell. */
static bool is_plain(const char *value) {
        for (const char *c = value; *c; c++)
                if (!isascii(*c) || (!isalnum(*c) && !strchr("/._-", *c)))
                        return false;
        return *value;
}

static void append_command(Text *text, const ImageConfig *config) {
        text_append_char(text, '\n');
        if (config->entrypoint.count > 0)
                append_list(text, "The image's entry point, which Entrypoint= replaces:", &config->entrypoint);
        if (config->command.count > 0)
                append_list(text, "Its command, which Exec= replaces:", &config->command);
        if (config->entrypoint.count == 0 && config->command.count == 0)
                append_comment(text, "The image does not say what is to be run, so this has to:");
        text_append(text, "#Exec=\n");
        if (config->user) {
                _cleanup_free_ char *line = text_format("It runs as %s, unless User= and Group= say otherwise.",
                                                        config->user);

                text->failed |= !line;
                append_comment(text, line ?: "");
        }
}

static void append_environment(Text *text, const ImageConfig *config) {
        if (config->environment.count == 0)
                return;
        text_append(text, "\n# The image's environment; Environment= comes over it.\n");
        for (size_t i = 0; i < config->environment.count; i++)
                append_comment(text, config->environment.items[i]);
        text_append(text, "#Environment=NAME=VALUE\n");
}

/* Which port of the machine leads there is not the image's to say. */
static void append_ports(Text *text, const ImageConfig *config) {
        if (config->exposed_ports.count == 0)
                return;
        text_append(text, "\n# What the image listens on. To be reached at a port of this machine, which comes "
                          "first:\n");
        for (size_t i = 0; i < config->exposed_ports.count; i++)
                if (is_plain(config->exposed_ports.items[i]))
                        text_appendf(text, "#PublishPort=%.*s:%s\n", (int) strcspn(config->exposed_ports.items[i], "/"),
                                     config->exposed_ports.items[i], config->exposed_ports.items[i]);
                else
                        append_comment(text, config->exposed_ports.items[i]);
}

/* "web-var-lib-data" for /var/lib/data. */
static void append_volume(Text *text, const char *stem, const char *path) {
        text_appendf(text, "Volume=%s", stem);
        for (const char *c = path; *c; c++)
                text_append_char(text, *c == '/' ? '-' : *c);
        text_appendf(text, ":%s\n", path);
}

static void append_volumes(Text *text, const char *stem, const ImageConfig *config) {
        if (config->volumes.count == 0)
                return;
        text_append(text, "\n# Where the image keeps data. In named volumes, which a restart leaves alone:\n");
        for (size_t i = 0; i < config->volumes.count; i++)
                if (is_plain(config->volumes.items[i]) && is_plain(stem))
                        append_volume(text, stem, config->volumes.items[i]);
                else
                        append_comment(text, config->volumes.items[i]);
}

static void append_health(Text *text, const ImageConfig *config) {
        if (config->health.test.count == 0 || streq(config->health.test.items[0], "NONE"))
                return;
        text_append_char(text, '\n');
        append_list(text, "The image has a health check, which HealthCmd= replaces, and HealthCmd=none ends:",
                    &config->health.test);
        text_append(text, "#HealthOnFailure=restart\n");
}

void new_description(const char *stem, const char *reference, const ImageConfig *config, Text *text) {
        text_appendf(text, "# See berth.container(5), or \"berth keys Container\", for all that can be said here.\n"
                           "[Unit]\nDescription=%s\n\n[Container]\nImage=",
                     stem);
        word_append_quoted(text, reference, true, true);
        text_append_char(text, '\n');
        append_command(text, config);
        append_environment(text, config);
        append_ports(text, config);
        append_volumes(text, stem, config);
        append_health(text, config);
        text_append(text, "\n[Service]\nRestart=on-failure\n\n[Install]\nWantedBy=multi-user.target\n");
}
