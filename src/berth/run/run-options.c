/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The options of berth run. */
#include "berth/run/run-options.h"

/* What keys.def says of each key, for the option that stands for it. */
#define KEY(section, name, type, field, flags, argument, help)                                                         \
        _unused_ static const char argument_##section##_##name[] = argument, help_##section##_##name[] = help;
#include "config/keys.def"
#undef KEY

/* What podman needs a process of its own for, or has other words for: REFUSED("name", takes,
 * 'letter', "what to do instead"). */
#define REFUSED_OPTIONS                                                                                                \
        REFUSED("attach", "STREAM", 'a', "what it writes is shown, and -i passes standard input on")                   \
        REFUSED("cidfile", "FILE", 0, "--name=NAME says what it is called, and -d prints it")                          \
        REFUSED("detach-keys", "KEYS", 0, "start it with -d; berth logs -f NAME shows what it writes")                 \
        REFUSED("link", "NAME", 0, "containers of one network find each other by name: --network=NAME.network")        \
        REFUSED("log-level", "LEVEL", 0, "berth logs NAME shows what there is to be said")                             \
        REFUSED("pidfile", "FILE", 0, "systemctl show -P MainPID container@NAME says which process it is")             \
        REFUSED("quiet", NULL, 'q', "2>/dev/null hides what a pull says")                                              \
        REFUSED("replace", "[BOOL]", 0, "berth stop NAME, and remove its file")             \
        REFUSED("sig-proxy", "[BOOL]", 0, "signals always go to the container's first process")                        \
        REFUSED("volumes-from", "NAME", 0, "-v with the same volumes")

/* What an option takes, by its kind in podman-options.def. */
#define TAKES_VALUE(argument) argument
#define TAKES_VALUES(argument) argument
#define TAKES_ENTRYPOINT(argument) argument
#define TAKES_SDNOTIFY(argument) "container|conmon|healthy|ignore"
#define TAKES_GPUS(argument) "all|DEVICE"
#define TAKES_SWITCH(argument) "[BOOL]"

/* "-h" is --help's. */
#define LETTER(short_name) ((short_name) == 'h' ? 0 : (short_name))

#define OPTION_Container(option, short_name, kind, key)                                                                \
        { .name = (option) + 2,                                                                                        \
          .letter = LETTER(short_name),                                                                                \
          .argument = TAKES_##kind(argument_Container_##key),                                                          \
          .help = help_Container_##key,                                                                                \
          .repeats = true },
#define OPTION_Volume(...)
#define OPTION_Network(...)
#define OPTION_Image(...)
#define OPTION_Pod(...)

/* A limit becomes a setting of [Service]. Of what else stands in another place the option is known,
 * so that it can be said where. */
#define ELSEWHERE_LIMIT "VALUE", .help = "A limit, as a setting of the unit"
#define ELSEWHERE_SECURITY "OPTION", .help = "Labels, a profile of AppArmor or seccomp, masks, no-new-privileges"
#define ELSEWHERE_VALUE "VALUE"
#define ELSEWHERE_SWITCH "[BOOL]"
#define ELSEWHERE_Container(option, short_name, kind, where)                                                           \
        { .name = (option) + 2, .letter = LETTER(short_name), .repeats = true, .argument = ELSEWHERE_##kind },
#define ELSEWHERE_Volume(...)
#define ELSEWHERE_Pod(...)

const Option run_options[] = {
        [RUN_DETACH] = { .name = "detach", .letter = 'd', .help = "Do not wait for its end, and print its name" },
        [RUN_INTERACTIVE] = { .name = "interactive", .letter = 'i', .help = "Standard input is the container's, too" },
        [RUN_TTY] = { .name = "tty", .letter = 't', .help = "Give it a terminal, with this one behind it" },
        [RUN_RM] = { .name = "rm", .help = "When it has ended, nothing is left of it" },
        [RUN_PRINT] = { .name = "print", .help = "Print the container's file, and run nothing" },
        [RUN_ROOTFS] = { .name = "rootfs", .help = "IMAGE is a directory with a root file system" },
        [RUN_NO_HEALTHCHECK] = { .name = "no-healthcheck", .help = "Without the image's health check" },
#define OPTION(section, ...) OPTION_##section(__VA_ARGS__)
#define ELSEWHERE(section, ...) ELSEWHERE_##section(__VA_ARGS__)
#define ANYWAY(section, ...)
#include "config/podman-options.def"
#define REFUSED(option, takes, short_name, words)                                                                      \
        { .name = (option), .argument = (takes), .letter = (short_name), .repeats = true },
        REFUSED_OPTIONS
#undef REFUSED
        {},
};

_Static_assert(ARRAY_SIZE(run_options) <= OPTIONS_MAX, "a call has room for all of them");

size_t run_option_find(const char *name) {
        size_t i = 0;

        while (!streq(run_options[i].name, name))
                i++;
        return i;
}

const char *run_option_instead(const Option *option) {
#define REFUSED(option, takes, short_name, words) { option, words },
        static const struct {
                const char *name, *words;
        } refused[] = { REFUSED_OPTIONS };
#undef REFUSED

        for (size_t i = 0; i < ARRAY_SIZE(refused); i++)
                if (streq(refused[i].name, option->name))
                        return refused[i].words;
        return NULL;
}
