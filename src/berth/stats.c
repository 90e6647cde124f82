/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* berth stats: what containers use, again and again. */
#include <errno.h>
#include <inttypes.h>
#include <time.h>
#include <unistd.h>

#include "basic/log.h"
#include "basic/numbers.h"
#include "basic/text.h"
#include "berth/berth-verbs.h"
#include "berth/command/misuse.h"
#include "berth/command/output.h"
#include "berth/command/unit-argument.h"
#include "host/unit/unit-list.h"
#include "host/unit/unit-usage.h"
#include "source/places.h"
#include "source/unit-name.h"

enum { NAME, CPU, CPU_TIME, MEMORY, LIMIT, SHARE, READ, WRITTEN, RECEIVED, SENT, TASKS };

static const Column columns[] = {
        [NAME] = { "NAME", "name", COLUMN_WRAPS },
        [CPU] = { "CPU%", "cpuPercent", COLUMN_RIGHT },
        [CPU_TIME] = { NULL, "cpuUSec", 0 },
        [MEMORY] = { "MEMORY", "memory", COLUMN_RIGHT },
        [LIMIT] = { "LIMIT", "memoryLimit", COLUMN_RIGHT | COLUMN_SPARE },
        [SHARE] = { "MEM%", "memoryPercent", COLUMN_RIGHT | COLUMN_SPARE },
        [READ] = { "READ", "readBytes", COLUMN_RIGHT },
        [WRITTEN] = { "WRITTEN", "writtenBytes", COLUMN_RIGHT },
        [RECEIVED] = { "RECEIVED", "receivedBytes", COLUMN_RIGHT },
        [SENT] = { "SENT", "sentBytes", COLUMN_RIGHT },
        [TASKS] = { "TASKS", "tasks", COLUMN_RIGHT },
};

/* One container at one time. */
typedef struct Sample {
        char *stem;
        UnitUsage usage;
        uint64_t at_usec; /* of the monotonic clock */
} Sample;

typedef struct Samples {
        Sample *items; /* by the units' names */
        size_t count, allocated;
} Samples;

static void samples_done(Samples *samples) {
        for (size_t i = 0; i < samples->count; i++)
                free(samples->items[i].stem);
        samples->items = x_free(samples->items);
        samples->count = samples->allocated = 0;
}

static uint64_t monotonic_usec(void) {
        struct timespec now = {};

        (void) clock_gettime(CLOCK_MONOTONIC, &now);
        return (uint64_t) now.tv_sec * 1000000 + (uint64_t) now.tv_nsec / 1000;
}

/* Taking them */

static bool is_wanted(const UnitState *state, const char *stem, char **globs) {
        for (char **glob = globs; *glob; glob++)
                if (argument_matches(*glob, FILE_CONTAINER, stem, state->name))
                        return true;
        return !*globs;
}

static int take_sample(Samples *samples, const UnitState *state, char **globs) {
        _cleanup_free_ char *stem = NULL;
        Sample *sample;
        FileType type;
        int r;

        if (!state->control_group || !*state->control_group)
                return 0;
        r = unit_name_parse(state->name, &type, &stem);
        if (r < 0 || type != FILE_CONTAINER || !is_wanted(state, stem, globs))
                return r == -ENOMEM ? r : 0;
        if (ARRAY_RESERVE(samples->items, samples->allocated, samples->count + 1) < 0)
                return -ENOMEM;
        sample = &samples->items[samples->count];
        sample->at_usec = monotonic_usec();
        r = unit_usage_read(state->control_group, (pid_t) state->main_pid, &sample->usage);
        if (r < 0)
                return r;
        sample->stem = TAKE_PTR(stem);
        samples->count++;
        return 0;
}

static int take_samples(char **globs, Samples *ret) {
        _cleanup_unit_states_ UnitStates states = {};
        int r;

        samples_done(ret);
        r = unit_states_get("container@*.service", UNIT_PROCESSES, &states);
        for (size_t i = 0; i < states.count && r >= 0; i++)
                r = take_sample(ret, &states.items[i], globs);
        return r < 0 ? log_error_errno(r, "Failed to ask the service manager: %m") : 0;
}

/* Showing them */

static const Sample *find_sample(const Samples *samples, const char *stem) {
        for (size_t i = 0; i < samples->count; i++)
                if (streq(samples->items[i].stem, stem))
                        return &samples->items[i];
        return NULL;
}

static void set_percent(Table *table, size_t column, double percent) {
        _cleanup_free_ char *text = text_format("%.1f", percent);

        table->failed |= !text;
        if (text)
                table_set(table, column, text, json_object_new_double_s(percent, text));
}

static void set_bytes(Table *table, size_t column, uint64_t bytes) {
        if (bytes != UINT64_MAX)
                table_set_bytes(table, column, bytes);
}

/* Of one processor, since the sample before; a restart begins anew. */
static void set_cpu(Table *table, const Sample *sample, const Sample *before) {
        uint64_t used = sample->usage.cpu_usec;

        if (used == UINT64_MAX)
                return;
        table_set_number(table, CPU_TIME, used);
        if (before && before->usage.cpu_usec <= used && before->at_usec < sample->at_usec)
                set_percent(table, CPU,
                            100.0 * (double) (used - before->usage.cpu_usec) /
                                    (double) (sample->at_usec - before->at_usec));
}

static void add_sample(Table *table, const Sample *sample, const Sample *before) {
        const UnitUsage *usage = &sample->usage;

        table_begin_row(table);
        table_set_text(table, NAME, sample->stem);
        set_cpu(table, sample, before);
        set_bytes(table, MEMORY, usage->memory_bytes);
        set_bytes(table, LIMIT, usage->memory_limit);
        if (usage->memory_bytes != UINT64_MAX && usage->memory_limit != UINT64_MAX && usage->memory_limit > 0)
                set_percent(table, SHARE, 100.0 * (double) usage->memory_bytes / (double) usage->memory_limit);
        set_bytes(table, READ, usage->read_bytes);
        set_bytes(table, WRITTEN, usage->written_bytes);
        set_bytes(table, RECEIVED, usage->received_bytes);
        set_bytes(table, SENT, usage->sent_bytes);
        if (usage->tasks != UINT64_MAX)
                table_set_number(table, TASKS, usage->tasks);
}

static int print(const Call *call, const Samples *now, const Samples *before) {
        _cleanup_table_ Table table = TABLE_INIT(columns);

        for (size_t i = 0; i < now->count; i++)
                add_sample(&table, &now->items[i], find_sample(before, now->items[i].stem));
        return table_print(&table, call);
}

enum { ONCE_ONLY = _TABLE_OPTION_COUNT, INTERVAL, USER };

static int show(const Call *call, unsigned seconds) {
        _cleanup_(samples_done) Samples before = {}, now = {};
        int r;

        r = take_samples(call->arguments, &before);
        if (r < 0)
                return r;
        /* What is used of the processor is known between two looks. */
        (void) sleep(call->values[ONCE_ONLY] ? 1 : seconds);
        do {
                Samples other = before;

                r = take_samples(call->arguments, &now);
                if (r >= 0)
                        r = print(call, &now, &before);
                before = now;
                now = other;
        } while (r >= 0 && !call->values[ONCE_ONLY] && output_next_round(seconds));
        return r;
}

static int run(const Call *call) {
        enum { SECONDS_MOST = 24 * 60 * 60 };
        const char *interval = call->values[INTERVAL];
        uint64_t seconds = 2;
        int r;

        if (interval && (text_to_unsigned(interval, SECONDS_MOST, &seconds) < 0 || seconds == 0))
                return command_misused(call, "--interval= must be a number of seconds, not \"%s\"", interval);
        r = call->values[USER] ? places_choose(SCOPE_USER) : 0;
        if (r < 0)
                log_error_errno(r, "Failed to find the user's directories: %m");
        else
                r = show(call, (unsigned) seconds);
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

const Verb verb_stats = {
        .name = "stats",
        .aliases = (const char *const[]) { "top", NULL },
        .synopsis = "[OPTION…] [GLOB]…",
        .summary = "Show what running containers use",
        .help = "Show what running containers use, or those whose names match, again and again: the processor, in "
                "hundredths of one, memory and its limit, what was read from and written to disks and received from "
                "and sent to networks since the start, and processes.",
        .options = (const Option[]) {
                TABLE_OPTIONS,
                [ONCE_ONLY] = { .name = "no-stream", .help = "Show it once, after a second" },
                [INTERVAL] = { .name = "interval", .argument = "SECONDS", .letter = 'i',
                               .help = "How long to wait between two times; 2" },
                [USER] = { .name = "user", .help = "Those of the user's service manager" },
                {},
        },
        .most = ANY_NUMBER,
        .run = run,
};
