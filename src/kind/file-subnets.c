/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What all .network files say in Subnet=. */
#include "kind/file-subnets.h"

#include <errno.h>

#include "basic/text.h"
#include "basic/words.h"

static int add(FileSubnets *subnets, const FileSubnet *subnet) {
        int r = ARRAY_RESERVE(subnets->items, subnets->allocated, subnets->count + 1);

        if (r >= 0)
                r = string_list_add(&subnets->texts, subnet->where.file);
        if (r < 0)
                return r;
        subnets->items[subnets->count] = *subnet;
        subnets->items[subnets->count++].where.file = subnets->texts.items[subnets->texts.count - 1];
        return 0;
}

/* What is no subnet is reported with the file's own errors. */
static int add_words(FileSubnets *subnets, FileSubnet subnet, const Entry *entry) {
        const char *rest = entry->value, *start;

        for (;;) {
                _cleanup_free_ char *word = NULL;
                int r = word_extract(&rest, &word, &start);

                if (r <= 0)
                        return r == -ENOMEM ? r : 0;
                if (ip_prefix_parse(word, &subnet.subnet) < 0)
                        continue;
                subnet.where = entry_location(entry, (size_t) (start - entry->value));
                r = add(subnets, &subnet);
                if (r < 0)
                        return r;
        }
}

static bool is_key(const Entry *entry, const char *key) {
        return streq(entry->section, "Network") && streq(entry->key, key);
}

static bool is_shared(const UnitFile *unit) {
        bool shared = false;

        for (size_t i = 0; i < unit->count; i++)
                if (is_key(&unit->entries[i], "Driver"))
                        shared = *unit->entries[i].value && !streq(unit->entries[i].value, "bridge");
        for (size_t i = 0; i < unit->count; i++)
                shared |= is_key(&unit->entries[i], "Options") && strstr(unit->entries[i].value, "mode=unmanaged");
        return shared;
}

static int add_file(FileSubnets *subnets, const Source *source) {
        _cleanup_diagnostics_ Diagnostics unseen = {};
        _cleanup_unit_file_ UnitFile unit = {};
        size_t before = subnets->count;
        FileSubnet subnet = {};
        int r = source_read(source, &unit, &unseen);

        if (r >= 0)
                r = string_list_add(&subnets->texts, source->stem);
        if (r < 0)
                return r;
        subnet.stem = subnets->texts.items[subnets->texts.count - 1];
        subnet.shared = is_shared(&unit);
        for (size_t i = 0; r >= 0 && i < unit.count; i++) {
                if (!is_key(&unit.entries[i], "Subnet"))
                        continue;
                if (!*unit.entries[i].value)
                        subnets->count = before;
                r = add_words(subnets, subnet, &unit.entries[i]);
        }
        return r;
}

int file_subnets_read(FileSubnets *subnets, const Sources *sources) {
        int r = 0;

        for (size_t i = 0; r >= 0 && !subnets->read && i < sources->count; i++) {
                const Source *source = &sources->items[i];

                if (source->type == FILE_NETWORK && !source->masked && !stem_is_template(source->stem))
                        r = add_file(subnets, source);
        }
        subnets->read = true;
        return r;
}

static int report(const FileSubnet *own, const FileSubnet *other, Diagnostics *diagnostics) {
        char text[IP_PREFIX_TEXT], other_text[IP_PREFIX_TEXT];

        return diagnose_error(diagnostics, &own->where, "the subnet %s overlaps %s of %s:%u",
                              ip_prefix_format(&own->subnet, text), ip_prefix_format(&other->subnet, other_text),
                              other->where.file, other->where.line);
}

int file_subnets_check(const FileSubnets *subnets, const char *stem, Diagnostics *diagnostics) {
        int r = 0;

        for (size_t i = 0; i < subnets->count; i++) {
                const FileSubnet *own = &subnets->items[i];

                if (!streq(own->stem, stem) || own->shared)
                        continue;
                for (size_t j = 0; j < i; j++) {
                        const FileSubnet *other = &subnets->items[j];

                        if (!streq(other->stem, stem) && !other->shared &&
                            ip_prefix_overlaps(&own->subnet, &other->subnet))
                                r = report(own, other, diagnostics);
                }
        }
        return r;
}

void file_subnets_done(FileSubnets *subnets) {
        free(subnets->items);
        string_list_done(&subnets->texts);
}
