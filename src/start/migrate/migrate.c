/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From Quadlet to here, and back. */
#include "start/migrate/migrate.h"

#include <errno.h>
#include <unistd.h>

#include "basic/path.h"
#include "basic/text.h"
#include "start/migrate/migrate-data.h"
#include "start/migrate/migrate-files.h"
#include "start/migrate/migrate-units.h"

typedef struct Migration {
        MigratePlan *plan;
        const MigrateReporter *reporter;
} Migration;

static void say(const MigrateReporter *reporter, const char *format, ...) _printf_(2, 3);

static void say(const MigrateReporter *reporter, const char *format, ...) {
        _cleanup_text_ Text text = {};
        va_list arguments;

        va_start(arguments, format);
        text_vappendf(&text, format, arguments);
        va_end(arguments);
        if (!text.failed)
                reporter->say(text.data, reporter->pull.userdata);
}

/* Returns -EREPORTED. */
static int failed(const MigrateReporter *reporter, int error, const char *format, ...) _printf_(3, 4);

static int failed(const MigrateReporter *reporter, int error, const char *format, ...) {
        _cleanup_text_ Text text = {};
        va_list arguments;

        va_start(arguments, format);
        text_vappendf(&text, format, arguments);
        va_end(arguments);
        reporter->failed(error, text.failed ? "memory is short" : text.data, reporter->pull.userdata);
        return -EREPORTED;
}

/* Back */

static int find_home(char **ret) {
        _cleanup_string_list_ StringList search_path = {};
        int r = search_path_get(places_scope(), &search_path);

        if (r < 0)
                return r;
        *ret = strdup(search_path.count > 0 ? search_path.items[0] : place_path(PLACE_CONFIGURATION));
        return *ret ? 0 : -ENOMEM;
}

static int restore_files(const StringList *directories, const MigrateRecord *record,
                         const MigrateReporter *reporter) {
        _cleanup_free_ char *home = NULL, *what = NULL;
        int r = find_home(&home);

        if (r >= 0)
                r = migrate_files_restore(directories, home, &record->files, &record->copies, &what);
        if (r == -EEXIST)
                return failed(reporter, 0, "Both %s and the file it was renamed from are there: remove one of them",
                              what ?: "a file");
        if (r < 0)
                return failed(reporter, r, "Failed to go back with %s", what ?: "the files");
        r = migrate_systemctl("daemon-reload", NULL);
        return r < 0 ? failed(reporter, r, "Failed to have systemd read its files again") : 0;
}

/* What was interrupted in its start has failed then, and that is nobody's fault. */
static int stop_ours(const MigrateRecord *record, const MigrateReporter *reporter) {
        int r = migrate_systemctl("stop", &record->units);

        if (r >= 0)
                r = migrate_units_forget_failures(&record->units);
        return r < 0 ? failed(reporter, r == -EREMOTEIO ? 0 : r, "Failed to stop what was started") : 0;
}

/* Has Quadlet's files where they were, and starts its services again. */
static int go_back(const StringList *directories, const MigrateRecord *record, const MigrateReporter *reporter) {
        int r = restore_files(directories, record, reporter);

        if (r < 0)
                return r;
        for (size_t i = 0; i < record->services.count; i++)
                say(reporter, "Starting %s, which podman runs", record->services.items[i]);
        r = migrate_systemctl("start", &record->services);
        return r < 0 ? failed(reporter, r == -EREMOTEIO ? 0 : r, "Failed to start all that Quadlet has made") : 0;
}

/* What has been brought over, and what runs of it. */
static int find_ours(const StringList *directories, const StringList *only, const char *home, MigrateRecord *ret) {
        _cleanup_string_list_ StringList search_path = {}, copies = {};
        _cleanup_unit_states_ UnitStates states = {};
        _cleanup_sources_ Sources sources = {};
        int r;

        if ((r = string_list_add(&search_path, home)) < 0 ||
            (r = migrate_files_list(directories, home, only, &ret->files, &copies)) < 0 ||
            (r = unit_states_get("container*", 0, &states)) < 0 ||
            (r = sources_scan(&search_path, &sources, NULL)) < 0)
                return r;
        return migrate_units_find(&copies, &search_path, MIGRATE_OURS, &states, &sources, ret);
}

/* Whether the copy below `home` is one of the drop-ins of the files. */
static bool is_drop_in_of(const char *copy, const char *home, const StringList *directories, const StringList *files) {
        for (size_t i = 0; i < files->count; i++) {
                const char *name = migrate_relative(directories, files->items[i]),
                           *rest = path_is_below(copy, home) ? copy + strlen(home) + 1 : "";

                rest = name ? startswith(rest, name) : NULL;
                if (rest && startswith(rest, ".d/"))
                        return true;
        }
        return false;
}

/* Those of earlier migrations go as well. With some files alone their drop-ins do: another file may
 * need the rest. */
static int give_up_copies(MigrateRecord *record, const StringList *directories, const char *home,
                          const StringList *only) {
        _cleanup_string_list_ StringList kept = record->kept;
        int r = 0;

        record->kept = (StringList) {};
        for (size_t i = 0; r >= 0 && i < kept.count; i++) {
                bool goes = only->count == 0 || is_drop_in_of(kept.items[i], home, directories, only);

                r = string_list_add(goes ? &record->copies : &record->kept, kept.items[i]);
        }
        return r;
}

/* It is as before. What was copied may be copied again, until somebody relies on it. */
static int finish(MigrateRecord *record, const MigrateReporter *reporter) {
        int r = migrate_record_end(record, false);

        if (r >= 0)
                r = migrate_record_write(record);
        return r < 0 ? failed(reporter, r, "Failed to note down that it is as before") : 0;
}

int migrate_recover(const StringList *directories, const MigrateReporter *reporter) {
        _cleanup_migrate_record_ MigrateRecord record = {};
        int r = migrate_record_read(&record);

        if (r <= 0)
                return r < 0 ? failed(reporter, r, "Failed to read what an earlier migration has noted down") : 0;
        if (record.files.count == 0)
                return 0;
        say(reporter, "Going back to where an earlier migration has begun");
        r = stop_ours(&record, reporter);
        if (r >= 0)
                r = restore_files(directories, &record, reporter);
        return r < 0 ? r : 1;
}

int migrate_back(const StringList *directories, const StringList *only, const MigrateReporter *reporter) {
        _cleanup_migrate_record_ MigrateRecord record = {};
        _cleanup_free_ char *home = NULL;
        int r;

        r = migrate_record_read(&record);
        if (r >= 0)
                r = find_home(&home);
        if (r >= 0)
                r = find_ours(directories, only, home, &record);
        if (r >= 0)
                r = give_up_copies(&record, directories, home, only);
        if (r < 0)
                return failed(reporter, r, "Failed to find out what runs");
        /* Whoever ends this now finds the same again. */
        r = migrate_record_write(&record);
        if (r < 0)
                return failed(reporter, r, "Failed to note down what is to be done");
        r = stop_ours(&record, reporter);
        if (r >= 0)
                r = go_back(directories, &record, reporter);
        return r < 0 ? r : finish(&record, reporter);
}

/* There */

/* While Quadlet's services run: all that takes long and changes nothing of theirs. */
static int bring_what_stays(const Migration *migration) {
        const MigratePlan *plan = migration->plan;
        int r;

        for (size_t i = 0; i < plan->image_count; i++) {
                say(migration->reporter, "Image %s%s", pull_request_name(&plan->images[i]),
                    plan->images[i].source ? ", from podman's store" : "");
                r = migrate_image(&plan->images[i], &migration->reporter->pull);
                if (r < 0)
                        return failed(migration->reporter, r == -EREPORTED || r == -EREMOTEIO ? 0 : r,
                                      "Failed to bring over the image %s", pull_request_name(&plan->images[i]));
        }
        for (size_t i = 0; i < plan->secrets.count; i++) {
                r = migrate_secret(plan->secrets.items[i], plan->home);
                if (r < 0)
                        return failed(migration->reporter, r == -EREMOTEIO ? 0 : r,
                                      "Failed to bring over the secret \"%s\"; podman 4.7 and later show it",
                                      plan->secrets.items[i]);
                say(migration->reporter, "Secret %s, %s", plan->secrets.items[i],
                    r > 0 ? "encrypted" : "plain, as this machine cannot encrypt it");
        }
        r = migrate_check_space(plan);
        return r < 0 ? failed(migration->reporter, r, "Failed to find room for the volumes") : 0;
}

/* From here on the next migration knows what ran, and which volumes hold nothing but copies. */
static int note_down(MigratePlan *plan) {
        MigrateRecord *record = &plan->record;
        int r = 0;

        for (size_t i = 0; r >= 0 && i < plan->running.services.count; i++)
                r = migrate_record_add(record, plan->running.services.items[i], plan->running.units.items[i]);
        for (size_t i = 0; r >= 0 && i < plan->volume_count; i++)
                if (!string_list_contains(&record->volumes, plan->volumes[i].name))
                        r = string_list_add(&record->volumes, plan->volumes[i].name);
        for (size_t i = 0; r >= 0 && i < plan->file_count; i++)
                if (plan->files[i].is_unit)
                        r = string_list_add(&record->files, plan->files[i].from);
                else if (access(plan->files[i].to, F_OK) < 0)
                        r = string_list_add(&record->copies, plan->files[i].to);
        return r < 0 ? r : migrate_record_write(record);
}

static int copy_volumes(const Migration *migration) {
        const MigratePlan *plan = migration->plan;

        for (size_t i = 0; i < plan->volume_count; i++) {
                MigrateVolume *volume = &plan->volumes[i];
                int r;

                say(migration->reporter, "Volume %s, from podman's %s", volume->name, volume->podman_name);
                r = migrate_volume(volume);
                if (r == -ELOOP)
                        return failed(migration->reporter, 0,
                                      "The volume %s cannot be copied: its directories are nested too deep",
                                      volume->podman_name);
                if (r < 0)
                        return failed(migration->reporter, r, "Failed to copy the volume %s", volume->podman_name);
        }
        return 0;
}

static int put_files(const Migration *migration) {
        const char *what = "the files";
        int r = migrate_files_put(migration->plan, &what);

        if (r < 0)
                return failed(migration->reporter, r, "Failed to bring over %s", what);
        r = migrate_systemctl("daemon-reload", NULL);
        return r < 0 ? failed(migration->reporter, r, "Failed to have systemd read its files again") : 0;
}

static int start_ours(const Migration *migration) {
        const MigrateRecord *record = &migration->plan->record;
        const char *what = "a unit";
        int r;

        for (size_t i = 0; i < record->units.count; i++)
                say(migration->reporter, "Starting %s in place of %s", record->units.items[i],
                    record->services.items[i]);
        r = migrate_systemctl("start", &record->units);
        if (r < 0)
                return failed(migration->reporter, r == -EREMOTEIO ? 0 : r, "Failed to start all of it");
        r = migrate_units_wait(&record->units, &what);
        return r < 0 ? failed(migration->reporter, r == -EREMOTEIO ? 0 : r, "%s has failed, or is not healthy", what)
                     : 0;
}

static int switch_over(const Migration *migration) {
        int r = migrate_systemctl("stop", &migration->plan->running.services);

        if (r < 0)
                return failed(migration->reporter, r == -EREMOTEIO ? 0 : r, "Failed to stop what Quadlet has made");
        r = copy_volumes(migration);
        if (r >= 0)
                r = put_files(migration);
        return r < 0 ? r : start_ours(migration);
}

static int give_up(const Migration *migration) {
        MigrateRecord *record = &migration->plan->record;
        int r;

        say(migration->reporter, "Going back");
        /* What has failed is to be looked at. */
        r = migrate_systemctl("stop", &record->units);
        if (r < 0)
                return failed(migration->reporter, r, "Failed to stop what was started");
        r = go_back(&migration->plan->directories, record, migration->reporter);
        if (r >= 0)
                r = finish(record, migration->reporter);
        return r < 0 ? r : -EREPORTED;
}

int migrate_run(MigratePlan *plan, const MigrateReporter *reporter) {
        const Migration migration = { plan, reporter };
        int r;

        r = bring_what_stays(&migration);
        if (r < 0)
                return r;
        r = note_down(plan);
        if (r < 0)
                return failed(reporter, r, "Failed to note down what is to be done");
        r = switch_over(&migration);
        if (r < 0)
                return give_up(&migration);
        r = migrate_record_end(&plan->record, true);
        if (r >= 0)
                r = migrate_record_write(&plan->record);
        return r < 0 ? failed(reporter, r, "Failed to note down that it is done") : 0;
}
