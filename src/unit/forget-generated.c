/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the generator has made of a file that is gone. */
#include "unit/forget-generated.h"

#include <fcntl.h>
#include <unistd.h>

#include "basic/files.h"
#include "basic/path.h"
#include "source/places.h"
#include "source/unit-name.h"
#include "unit/unit-outputs.h"

enum { GENERATED_MAX = 1024 * 1024 };

/* Removes what our generator has made of that file, and nobody else. */
static void remove_file(const char *generated, const char *path) {
        _cleanup_free_ char *text = NULL;
        _cleanup_text_ Text head = {};
        size_t length;

        unit_output_append_header(&head, path, NULL);
        if (head.failed || read_file_at(AT_FDCWD, generated, GENERATED_MAX, &text, NULL) < 0)
                return;
        length = strcspn(head.data, "\n");
        if (strncmp(text, head.data, length) == 0 && (text[length] == '\n' || text[length] == ':'))
                (void) unlink(generated);
}

/* A drop-in of the unit, and its directory. */
static void remove_drop_in(const char *unit, const char *path) {
        _cleanup_free_ char *directory = text_format("%s/%s.d", place_path(PLACE_GENERATED), unit);
        _cleanup_free_ char *file = directory ? path_join(directory, UNIT_DROP_IN_NAME) : NULL;

        if (!file)
                return;
        remove_file(file, path);
        (void) rmdir(directory);
}

void generated_forget(const char *stem, const char *path) {
        _cleanup_free_ char *instance = stem_escape(stem);
        _cleanup_free_ char *unit = NULL, *timer = NULL, *companion = NULL;

        if (!instance)
                return;
        unit = text_format("container@%s.service", instance);
        timer = text_format("container-health@%s.timer", instance);
        companion = text_format("%s.late/%s.service", place_path(PLACE_GENERATED), instance);
        if (unit)
                remove_drop_in(unit, path);
        if (timer)
                remove_drop_in(timer, path);
        if (companion)
                remove_file(companion, path);
}
