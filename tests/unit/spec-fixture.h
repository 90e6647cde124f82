/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the tests of the OCI configuration share: a container with facts, and what is said of it. */
#pragma once

#include <errno.h>

#include "basic/json.h"
#include "kind/container/container-load.h"
#include "oci/example-facts.h"
#include "oci/oci-spec.h"
#include "tests/unit/test.h"

#define BASE "[Container]\nRootfs=/srv/web\nExec=/bin/app\n"

/* A container, facts of the example machine, and what is said about them. */
typedef struct Fixture {
        Container *container;
        Facts facts;
        Diagnostics diagnostics;
} Fixture;

static inline void fixture_done(Fixture *fixture) {
        container_free(fixture->container);
        facts_done(&fixture->facts);
        diagnostics_done(&fixture->diagnostics);
}
#define _cleanup_fixture_ _cleanup_(fixture_done)

static inline void load(Fixture *fixture, const char *text) {
        _cleanup_unit_file_ UnitFile unit = {};
        _cleanup_free_ char *said = NULL;

        ck_assert_int_eq(unit_file_read(&unit, text, strlen(text), "web.container", &fixture->diagnostics), 0);
        ck_assert_int_eq(container_load(&unit,
                                        &(SpecifierContext) {
                                                .stem = "web",
                                                .unit_name = "container@web.service",
                                                .path = "web.container",
                                                .lookup = facts_specifier,
                                        },
                                        &fixture->diagnostics, &fixture->container),
                         0);
        said = test_diagnostics(&fixture->diagnostics);
        ck_assert_str_eq(said, "");
        ck_assert_int_eq(facts_init_example(&fixture->facts, fixture->container), 0);
}

static inline void read_facts(Fixture *fixture, const char *text) {
        _cleanup_json_object_ json_object *json = NULL;

        ck_assert_int_eq(json_parse(text, strlen(text), "facts.json", &fixture->diagnostics, &json), 0);
        ck_assert_int_eq(facts_from_json(json, "facts.json", &fixture->facts, &fixture->diagnostics), 0);
}

/* That BASE with `lines` builds, saying `expected`. */
static inline void check_accepted(const char *lines, const char *facts, const char *expected) {
        _cleanup_free_ char *text = text_format("%s%s\n", BASE, lines), *said = NULL;
        _cleanup_json_object_ json_object *spec = NULL;
        _cleanup_fixture_ Fixture fixture = {};

        load(&fixture, text);
        read_facts(&fixture, facts);
        ck_assert_int_eq(oci_spec_build(fixture.container, &fixture.facts, &fixture.diagnostics, &spec), 0);
        ck_assert_ptr_nonnull(spec);
        said = test_diagnostics(&fixture.diagnostics);
        ck_assert_str_eq(said, expected);
}

/* That it does not, for which `expected` is the only message. */
static inline void check_refused(const char *lines, const char *facts, const char *expected) {
        _cleanup_free_ char *text = text_format("%s%s\n", BASE, lines), *said = NULL;
        _cleanup_json_object_ json_object *spec = NULL;
        _cleanup_fixture_ Fixture fixture = {};

        load(&fixture, text);
        read_facts(&fixture, facts);
        ck_assert_int_eq(oci_spec_build(fixture.container, &fixture.facts, &fixture.diagnostics, &spec), -EREPORTED);
        ck_assert_ptr_null(spec);
        said = test_diagnostics(&fixture.diagnostics);
        ck_assert_msg(strstr(said, expected) != NULL, "expected \"%s\" in \"%s\"", expected, said);
        ck_assert_uint_eq(fixture.diagnostics.count, 1);
}
