/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Facts written as JSON: a writer for each kind, and each fact by its line in facts.def. */
#include <errno.h>

#include "basic/json.h"
#include "basic/text.h"
#include "config/value/values.h"
#include "oci/fact-table.h"

typedef struct Writer {
        Json json;
        const char *problem; /* why the fact at hand cannot be said in JSON; NULL: it can */
} Writer;

static void write_members(Writer *writer, FactOwner owner, const void *source);

/* Names and texts of files, of the service and of the image's /etc/passwd may be any bytes. */
static const char *say(Writer *writer, const char *text) {
        if (utf8_is_valid(text, strlen(text)))
                return text;
        writer->problem = "is not UTF-8, and nothing else is JSON";
        return "";
}

/* A writer for each kind. `key` is NULL inside of arrays. */

static void write_string(Writer *writer, const char *key, const void *field) {
        const char *text = *(char *const *) field;

        if (text)
                json_add_string(&writer->json, key, say(writer, text));
        else
                json_add_null(&writer->json, key);
}

static void write_optional(Writer *writer, const char *key, const void *field) {
        write_string(writer, key, field);
}

static void write_context(Writer *writer, const char *key, const void *field) {
        write_string(writer, key, field);
}

/* The object that the text of a file is. */
static void write_file(Writer *writer, const char *key, const char *text) {
        _cleanup_json_object_ json_object *value = NULL;
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        int r = json_parse(text, strlen(text), NULL, &diagnostics, &value);

        if (r == 0 && json_object_is_type(value, json_type_object)) {
                json_add_value(&writer->json, key, TAKE_PTR(value));
                return;
        }
        if (r == -ENOMEM)
                writer->json.failed = true;
        writer->problem = "is no JSON object";
}

static void write_text(Writer *writer, const char *key, const void *field) {
        const char *text = *(char *const *) field;

        if (text)
                write_file(writer, key, text);
        else
                json_add_null(&writer->json, key);
}

static void write_bool(Writer *writer, const char *key, const void *field) {
        json_add_bool(&writer->json, key, *(const bool *) field);
}

static void write_uint32(Writer *writer, const char *key, const void *field) {
        json_add_unsigned(&writer->json, key, *(const uint32_t *) field);
}

static void write_uint64(Writer *writer, const char *key, const void *field) {
        json_add_unsigned(&writer->json, key, *(const uint64_t *) field);
}

static void write_mode(Writer *writer, const char *key, const void *field) {
        char text[16];

        (void) snprintf(text, sizeof(text), "%04o", (unsigned) *(const mode_t *) field);
        json_add_string(&writer->json, key, text);
}

static void write_device_type(Writer *writer, const char *key, const void *field) {
        const char text[] = { *(const char *) field, '\0' };

        json_add_string(&writer->json, key, text);
}

static void write_access(Writer *writer, const char *key, const void *field) {
        json_add_string(&writer->json, key, *(const FactAccess *) field);
}

/* Those of a newer kernel that have no name yet cannot be asked for either. */
static void write_capabilities(Writer *writer, const char *key, const void *field) {
        size_t count;
        const char *const *names = capability_names(&count);

        json_open_array(&writer->json, key);
        for (size_t i = 0; i < count; i++)
                if (*(const uint64_t *) field & UINT64_C(1) << i)
                        json_add_string(&writer->json, NULL, names[i]);
        json_close(&writer->json);
}

static void write_ids(Writer *writer, const char *key, const void *field) {
        const FactIds *ids = field;

        json_open_array(&writer->json, key);
        for (size_t i = 0; i < ids->count; i++)
                json_add_unsigned(&writer->json, NULL, ids->items[i]);
        json_close(&writer->json);
}

static void write_strings(Writer *writer, const char *key, const void *field) {
        const StringList *list = field;

        json_open_array(&writer->json, key);
        for (size_t i = 0; i < list->count; i++)
                json_add_string(&writer->json, NULL, say(writer, list->items[i]));
        json_close(&writer->json);
}

/* Of two with one name the last counts, here as where they are looked up. */
static void write_paths(Writer *writer, const char *key, const void *field) {
        const FactPathList *list = field;

        json_open_object(&writer->json, key);
        for (size_t i = 0; i < list->count; i++)
                json_add_string(&writer->json, say(writer, list->items[i].written),
                                say(writer, list->items[i].resolved));
        json_close(&writer->json);
}

static bool is_listed_before(const FactPathList *list, size_t index) {
        for (size_t i = 0; i < index; i++)
                if (streq(list->items[i].written, list->items[index].written))
                        return true;
        return false;
}

/* Each pattern with all that it matches, in order. */
static void write_globs(Writer *writer, const char *key, const void *field) {
        const FactPathList *list = field;

        json_open_object(&writer->json, key);
        for (size_t i = 0; i < list->count; i++) {
                const char *pattern = list->items[i].written;

                if (is_listed_before(list, i))
                        continue;
                json_open_array(&writer->json, say(writer, pattern));
                for (size_t j = i; j < list->count; j++)
                        if (streq(list->items[j].written, pattern))
                                json_add_string(&writer->json, NULL, say(writer, list->items[j].resolved));
                json_close(&writer->json);
        }
        json_close(&writer->json);
}

static void write_hooks(Writer *writer, const char *key, const void *field) {
        const FactPathList *list = field;

        json_open_object(&writer->json, key);
        for (size_t i = 0; i < list->count; i++)
                write_file(writer, say(writer, list->items[i].written), list->items[i].resolved);
        json_close(&writer->json);
}

static void write_id_map(Writer *writer, const char *key, const void *field) {
        const IdMap *map = field;

        json_open_array(&writer->json, key);
        for (size_t i = 0; i < map->count; i++) {
                const IdMapping *mapping = &map->items[i];
                char text[40];

                (void) snprintf(text, sizeof(text), "%u:%u:%u", mapping->inside, mapping->outside, mapping->count);
                json_add_string(&writer->json, NULL, text);
        }
        json_close(&writer->json);
}

static void write_namespaces(Writer *writer, const char *key, const void *field) {
        char *const *paths = *(const FactNamespaces *) field;

        json_open_object(&writer->json, key);
        for (OciNamespace i = 0; i < _OCI_NAMESPACE_COUNT; i++)
                write_optional(writer, namespace_type(i), &paths[i]);
        json_close(&writer->json);
}

static void write_devices(Writer *writer, const char *key, const void *field) {
        const FactDeviceList *list = field;

        json_open_array(&writer->json, key);
        for (size_t i = 0; i < list->count; i++) {
                json_open_object(&writer->json, NULL);
                write_members(writer, OWNER_DEVICE, &list->items[i]);
                json_close(&writer->json);
        }
        json_close(&writer->json);
}

static void write_labels(Writer *writer, const char *key, const void *field) {
        const FactLabels *labels = field;

        if (!labels->process) {
                json_add_null(&writer->json, key);
                return;
        }
        json_open_object(&writer->json, key);
        write_members(writer, OWNER_LABELS, labels);
        json_close(&writer->json);
}

static void write_fact(Writer *writer, const Fact *fact, const void *source) {
        static void (*const write[_FACT_KIND_COUNT])(Writer *writer, const char *key, const void *field) = {
#define KIND(name, ctype, done, json) [FACT_KIND_##name] = write_##name,
                FACT_KINDS(KIND)
#undef KIND
        };

        write[fact->kind](writer, fact->name, (const char *) source + fact->offset);
}

static void write_members(Writer *writer, FactOwner owner, const void *source) {
        for (const Fact *fact = fact_table; fact->name; fact++)
                if (fact->owner == owner)
                        write_fact(writer, fact, source);
}

static int write_facts(Writer *writer, const Facts *facts, Diagnostics *diagnostics) {
        int result = 0;

        json_open_object(&writer->json, NULL);
        for (const Fact *fact = fact_table; fact->name; fact++) {
                if (fact->owner != OWNER_FACTS)
                        continue;
                writer->problem = NULL;
                write_fact(writer, fact, facts);
                if (writer->problem)
                        result = diagnose_error(diagnostics, NULL, "the fact \"%s\" %s", fact->name, writer->problem);
        }
        json_close(&writer->json);
        return writer->json.failed ? -ENOMEM : result;
}

int facts_to_json(const Facts *facts, Diagnostics *diagnostics, json_object **ret) {
        Writer writer = {};
        int r = write_facts(&writer, facts, diagnostics);

        if (r == 0)
                r = json_take(&writer.json, ret);
        json_done(&writer.json);
        return r;
}
