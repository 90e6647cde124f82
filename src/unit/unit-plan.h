/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What becomes of files of every kind: the one way from a file to what systemd reads, and to what
 * is wrong with it, for the generator and for those who only ask. */
#pragma once

#include "kind/container/container-controllers.h"
#include "kind/file-subnets.h"
#include "kind/network-names.h"
#include "source/sources.h"
#include "unit/unit-outputs.h"

/* Whoever makes one sets the first members; the rest is zero. */
typedef struct UnitPlan {
        Scope scope;
        bool judge_templates; /* as their default instance, or some; else instances alone are judged */
        bool advise; /* also say what nobody needs to know at a boot */
        /* Returns what the machine lacks for CheckpointOnStop= of a container, see
         * container_check_criu(). NULL: that is not judged. */
        int (*find_criu)(const Container *container);
        const Controllers *controllers; /* of a user's service manager, to advise of limits; may be NULL */
        StringList search_path;
        Sources sources;      /* what references may be to */
        NetworkNames network_names;
        FileSubnets subnets;
        StringList instances; /* of templates, "web@a.container": those that files refer to are added */
        StringList paths;     /* absolute ones of files, which the outputs borrow */
        UnitOutputs outputs;
        Diagnostics diagnostics;
        size_t bytes; /* of what was read */
} UnitPlan;

/* Reads one file with its drop-ins, judges it, and adds what it becomes to the outputs, for a
 * masked file the link that masks its unit. `source` must stay. What is wrong goes to the
 * diagnostics. Returns 0, or -errno when it could not be done. */
int unit_plan_add(UnitPlan *plan, const Source *source);

void unit_plan_done(UnitPlan *plan);
#define _cleanup_unit_plan_ _cleanup_(unit_plan_done)
