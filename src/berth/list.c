/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* berth list: the containers, and how they are. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "basic/log.h"
#include "basic/numbers.h"
#include "basic/text.h"
#include "berth/berth-verbs.h"
#include "berth/command/misuse.h"
#include "berth/command/output.h"
#include "berth/command/unit-argument.h"
#include "image/digest.h"
#include "source/unit-name.h"
#include "start/container-list.h"

enum {
        NAME, STATE, SUB_STATE, SINCE, IMAGE, DIGEST, NEWER, MEMORY, CPU, RESTARTS, HEALTH, ADDRESSES, PORTS, POD, UNIT,
        FILE_PATH, PROBLEM,
};

static const Column columns[] = {
        [NAME] = { "NAME", "name", COLUMN_WRAPS },
        [STATE] = { "STATE", "state", 0 },
        [SUB_STATE] = { NULL, "subState", 0 },
        [SINCE] = { "SINCE", "since", COLUMN_RIGHT },
        [IMAGE] = { "IMAGE", "image", COLUMN_WRAPS },
        [DIGEST] = { NULL, "imageDigest", 0 },
        [NEWER] = { NULL, "newerImage", 0 },
        [MEMORY] = { "MEMORY", "memory", COLUMN_RIGHT },
        [CPU] = { "CPU", "cpuNSec", COLUMN_RIGHT },
        [RESTARTS] = { "RESTARTS", "restarts", COLUMN_RIGHT },
        [HEALTH] = { "HEALTH", "health", COLUMN_SPARE },
        [ADDRESSES] = { "ADDRESSES", "addresses", COLUMN_WRAPS | COLUMN_SPARE },
        [PORTS] = { "PORTS", "ports", COLUMN_WRAPS | COLUMN_SPARE },
        [POD] = { NULL, "pod", 0 },
        [UNIT] = { NULL, "unit", 0 },
        [FILE_PATH] = { NULL, "file", 0 },
        [PROBLEM] = { NULL, "problem", 0 },
};

/* A span as people say it, in its largest unit: "45s", "3min", "2h", "9d". */
static char *span_text(uint64_t seconds) {
        static const struct {
                uint64_t seconds;
                const char *name;
        } units[] = { { 24 * 60 * 60, "d" }, { 60 * 60, "h" }, { 60, "min" }, { 1, "s" } };

        for (size_t i = 0; i < ARRAY_SIZE(units); i++)
                if (seconds >= units[i].seconds)
                        return text_format("%" PRIu64 "%s", seconds / units[i].seconds, units[i].name);
        return strdup("0s");
}

/* How long ago for people, in UTC by ISO 8601 for programs. */
static void set_since(Table *table, uint64_t usec, time_t now) {
        time_t then = (time_t) (usec / 1000000);
        _cleanup_free_ char *ago = span_text(now > then ? (uint64_t) (now - then) : 0), *iso = text_of_time(usec);

        if (!ago || !iso)
                table->failed = true;
        else
                table_set(table, SINCE, ago, json_object_new_string(iso));
}

static void set_cpu(Table *table, uint64_t nsec) {
        enum { SHORT_NSEC = 1000 * 1000 * 1000 };
        _cleanup_free_ char *text = nsec < SHORT_NSEC ? text_format("%" PRIu64 "ms", nsec / 1000000)
                                                      : span_text(nsec / SHORT_NSEC);

        if (!text)
                table->failed = true;
        else
                table_set(table, CPU, text, json_object_new_uint64(nsec));
}

static const char *state_of(const ContainerEntry *entry) {
        if (entry->masked)
                return "masked";
        if (!entry->unit_name)
                return stem_is_template(entry->stem) ? "template" : "inactive";
        if (entry->sleeps)
                return "sleeping";
        return entry->state ? entry->state->active : "inactive";
}

static Colour colour_of(const char *state) {
        static const struct {
                const char *state;
                Colour colour;
        } colours[] = {
                { "active", COLOUR_GOOD },          { "failed", COLOUR_BAD },           { "reloading", COLOUR_WARNING },
                { "activating", COLOUR_WARNING },   { "deactivating", COLOUR_WARNING },
        };

        for (size_t i = 0; i < ARRAY_SIZE(colours); i++)
                if (streq(state, colours[i].state))
                        return colours[i].colour;
        return COLOUR_FAINT;
}

static const char *problem_of(const ContainerEntry *entry) {
        return entry->wrong ? "there are errors in its files" : !entry->path ? "its file is gone" : NULL;
}

/* "active" of a container is most of the time "running" of its process, which says more. */
static void set_state(Table *table, const ContainerEntry *entry) {
        const char *state = state_of(entry), *sub = entry->state ? entry->state->sub : NULL;

        table_set(table, STATE, streq(state, "active") ? sub : state, json_object_new_string(state));
        table_set_colour(table, STATE, colour_of(state));
        table_set_text(table, SUB_STATE, sub);
}

/* A newer one is there when it has been pulled and the container has not been restarted since. */
static void set_image(Table *table, const ContainerEntry *entry) {
        _cleanup_free_ char *marked = entry->newer ? text_format("%s (newer: %.12s)", entry->image,
                                                                 digest_hex(entry->newer))
                                                   : NULL;

        table->failed |= entry->newer && !marked;
        table_set_text(table, IMAGE, entry->image);
        if (marked) {
                table_set(table, IMAGE, marked, json_object_new_string(entry->image));
                table_set_colour(table, IMAGE, COLOUR_WARNING);
        }
        table_set_text(table, DIGEST, entry->manifest);
        table_set_text(table, NEWER, entry->newer);
}

static void set_numbers(Table *table, const UnitState *state, time_t now) {
        if (state->since_usec > 0)
                set_since(table, state->since_usec, now);
        if (state->memory_bytes != UINT64_MAX)
                table_set_bytes(table, MEMORY, state->memory_bytes);
        if (state->cpu_nsec != UINT64_MAX)
                set_cpu(table, state->cpu_nsec);
        table_set_number(table, RESTARTS, state->restarts);
}

static Colour colour_of_health(const char *health) {
        return streq(health, "healthy")     ? COLOUR_GOOD
               : streq(health, "unhealthy") ? COLOUR_BAD
                                            : COLOUR_WARNING;
}

static void set_life(Table *table, const ContainerEntry *entry) {
        table_set_text(table, HEALTH, entry->health);
        if (entry->health)
                table_set_colour(table, HEALTH, colour_of_health(entry->health));
        table_set_list(table, ADDRESSES, &entry->addresses);
        table_set_list(table, PORTS, &entry->ports);
}

static void add_entry(Table *table, const ContainerEntry *entry, time_t now) {
        table_begin_row(table);
        table_set_text(table, NAME, entry->stem);
        set_state(table, entry);
        set_image(table, entry);
        if (entry->state)
                set_numbers(table, entry->state, now);
        set_life(table, entry);
        table_set_text(table, POD, entry->pod);
        table_set_text(table, UNIT, entry->unit_name);
        table_set_text(table, FILE_PATH, entry->path);
        table_set_text(table, PROBLEM, problem_of(entry));
        if (problem_of(entry))
                table_set_colour(table, NAME, COLOUR_BAD);
}

/* Choosing */

enum { ALL = _TABLE_OPTION_COUNT, RUNNING, FAILED, QUIET, WATCH, USER };

static bool matches(const ContainerEntry *entry, char **globs) {
        for (char **glob = globs; *glob; glob++)
                if (argument_matches(*glob, FILE_CONTAINER, entry->stem, entry->unit_name))
                        return true;
        return !*globs;
}

static bool is_wanted(const ContainerEntry *entry, const Call *call) {
        const char *state = state_of(entry);
        bool running = streq(state, "active") || streq(state, "reloading"), failed = streq(state, "failed");

        if (!matches(entry, call->arguments))
                return false;
        if (call->values[RUNNING] || call->values[FAILED])
                return (call->values[RUNNING] && running) || (call->values[FAILED] && failed);
        return call->values[ALL] || *call->arguments || (!entry->masked && !stem_is_template(entry->stem));
}

/* Pods, for people: those of one pod stand together, below it */

static const char *place_of(const ContainerEntry *entry) {
        return entry->pod ?: entry->stem;
}

static int compare_places(const void *x, const void *y) {
        const ContainerEntry *const *a = x, *const *b = y;
        int r = strcmp(place_of(*a), place_of(*b));

        return r != 0 ? r : strcmp((*a)->stem, (*b)->stem);
}

/* What the service manager does not know of is not up. */
static int add_pod(Table *table, const char *pod, const UnitStates *states, time_t now) {
        _cleanup_free_ char *unit_name = NULL;
        const UnitState *state;
        int r;

        r = unit_reference_translate(pod, &unit_name);
        if (r < 0)
                return r == -ENOMEM ? r : 0;
        state = unit_name ? unit_states_find(states, unit_name) : NULL;
        table_begin_row(table);
        table_set_text(table, NAME, pod);
        table_set_text(table, STATE, state ? state->active : "inactive");
        table_set_colour(table, STATE, colour_of(state ? state->active : "inactive"));
        if (state && state->since_usec > 0)
                set_since(table, state->since_usec, now);
        return 0;
}

static int add_tree(Table *table, const ContainerEntry **entries, size_t count, const UnitStates *pods, time_t now) {
        const char *pod = NULL;
        int r = 0;

        if (count > 1)
                qsort(entries, count, sizeof(*entries), compare_places);
        for (size_t i = 0; r >= 0 && i < count; i++) {
                _cleanup_free_ char *name = text_format("  %s", entries[i]->stem);

                if (!name)
                        return -ENOMEM;
                if (entries[i]->pod && !streq_null(pod, entries[i]->pod))
                        r = add_pod(table, entries[i]->pod, pods, now);
                pod = entries[i]->pod;
                add_entry(table, entries[i], now);
                if (pod)
                        table_set(table, NAME, name, json_object_new_string(entries[i]->stem));
                if (problem_of(entries[i]))
                        table_set_colour(table, NAME, COLOUR_BAD);
        }
        return r;
}

static bool any_has_pod(const ContainerEntry **entries, size_t count) {
        for (size_t i = 0; i < count; i++)
                if (entries[i]->pod)
                        return true;
        return false;
}

/* Of what no container has there is no column for people. */
static void hide_unused(Table *table, const ContainerEntry **entries, size_t count) {
        bool health = false, addresses = false, ports = false;

        for (size_t i = 0; i < count; i++) {
                health |= entries[i]->health != NULL;
                addresses |= entries[i]->addresses.count > 0;
                ports |= entries[i]->ports.count > 0;
        }
        if (!health)
                table_hide(table, HEALTH);
        if (!addresses)
                table_hide(table, ADDRESSES);
        if (!ports)
                table_hide(table, PORTS);
}

static int print_table(const ContainerEntry **entries, size_t count, const Call *call) {
        _cleanup_unit_states_ UnitStates pods = {};
        _cleanup_table_ Table table = TABLE_INIT(columns);
        time_t now = time(NULL);
        int r = 0;

        if (call->values[TABLE_JSON])
                for (size_t i = 0; i < count; i++)
                        add_entry(&table, entries[i], now);
        else {
                hide_unused(&table, entries, count);
                /* That it could not be asked has been said. */
                if (any_has_pod(entries, count))
                        (void) unit_states_get("container-pod@*.service", UNIT_SINCE, &pods);
                r = add_tree(&table, entries, count, &pods, now);
        }
        return r < 0 ? r : table_print(&table, call);
}

static int print(const ContainerEntries *entries, const Call *call) {
        _cleanup_free_ const ContainerEntry **wanted = calloc(entries->count + 1, sizeof(*wanted));
        size_t count = 0;

        if (!wanted)
                return -ENOMEM;
        for (size_t i = 0; i < entries->count; i++)
                if (is_wanted(&entries->items[i], call))
                        wanted[count++] = &entries->items[i];
        for (size_t i = 0; call->values[QUIET] && i < count; i++)
                output_line(wanted[i]->stem);
        return call->values[QUIET] ? 0 : print_table(wanted, count, call);
}

static int show(const Call *call) {
        _cleanup_container_entries_ ContainerEntries entries = {};
        int error = 0, r;

        r = container_entries_get(places_scope(), !call->values[QUIET], &entries, &error);
        if (r > 0)
                log_warning_errno(error, "Failed to ask the service manager, so states are not known: %m");
        if (r >= 0)
                r = print(&entries, call);
        if (r < 0)
                return log_error_errno(r, "Failed to list the containers: %m");
        return error;
}

static int run(const Call *call) {
        enum { SECONDS_MOST = 24 * 60 * 60 };
        const char *watch = call->values[WATCH];
        uint64_t seconds = 2;
        int r;

        if (watch && *watch && (text_to_unsigned(watch, SECONDS_MOST, &seconds) < 0 || seconds == 0))
                return command_misused(call, "--watch= must be a number of seconds, not \"%s\"", watch);
        r = call->values[USER] ? places_choose(SCOPE_USER) : 0;
        if (r < 0)
                log_error_errno(r, "Failed to find the user's directories: %m");
        else
                do
                        r = show(call);
                while (r >= 0 && watch && output_next_round((unsigned) seconds));
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

const Verb verb_list = {
        .name = "list",
        .aliases = (const char *const[]) { "ls", "ps", NULL },
        .synopsis = "[OPTION…] [GLOB]…",
        .summary = "List containers and how they are",
        .help = "List the containers that there are files for, or those whose names match: state and since when, "
                "image, memory and processor time, how often each was restarted by itself, health, addresses and "
                "ports.",
        .options = (const Option[]) {
                TABLE_OPTIONS,
                [ALL] = { .name = "all", .letter = 'a', .help = "Templates and masked files, too" },
                [RUNNING] = { .name = "running", .help = "Only those that run" },
                [FAILED] = { .name = "failed", .help = "Only those that have failed" },
                [QUIET] = { .name = "quiet", .letter = 'q', .help = "Print nothing but names" },
                [WATCH] = { .name = "watch", .argument = "[SECONDS]",
                            .help = "Show it again and again, every two seconds, or as many as given" },
                [USER] = { .name = "user", .help = "Those of the user's service manager" },
                {},
        },
        .most = ANY_NUMBER,
        .pages = true,
        .run = run,
};
