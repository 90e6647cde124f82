/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What systemd has in its queue for a unit. */
#include <errno.h>

#include "basic/dynamic.h"
#include "host/manager.h"
#include "host/unit.h"

DYNAMIC_FUNCTION(sd_bus_path_encode);
DYNAMIC_FUNCTION(sd_bus_get_property);
DYNAMIC_FUNCTION(sd_bus_get_property_string);
DYNAMIC_FUNCTION(sd_bus_message_read);
DYNAMIC_FUNCTION(sd_bus_message_unref);

static int load_bus(void) {
        static const DynamicSymbol symbols[] = {
                DYNAMIC_SYMBOL(sd_bus_path_encode),         DYNAMIC_SYMBOL(sd_bus_get_property),
                DYNAMIC_SYMBOL(sd_bus_get_property_string), DYNAMIC_SYMBOL(sd_bus_message_read),
                DYNAMIC_SYMBOL(sd_bus_message_unref),
        };
        return dynamic_load(SYSTEMD_LIBRARY, symbols, ARRAY_SIZE(symbols), NULL);
}

typedef struct Question {
        const char *unit_name;
        char *type; /* of the job; NULL: there is none */
} Question;

/* The job may be done before it is asked for. */
static int get_type(sd_bus *bus, const char *job, char **ret) {
        int r = sym_sd_bus_get_property_string(bus, SYSTEMD_SERVICE, job, SYSTEMD_SERVICE ".Job", "JobType", NULL,
                                               ret);

        return r == -EBADR || r == -ENOENT ? 0 : r;
}

static int ask(sd_bus *bus, void *userdata) {
        _cleanup_free_ char *path = NULL;
        sd_bus_message *reply = NULL;
        Question *question = userdata;
        uint32_t id = 0;
        const char *job;
        int r;

        question->type = x_free(question->type);
        r = load_bus();
        if (r >= 0)
                r = sym_sd_bus_path_encode(SYSTEMD_PATH "/unit", question->unit_name, &path);
        if (r >= 0)
                r = sym_sd_bus_get_property(bus, SYSTEMD_SERVICE, path, SYSTEMD_SERVICE ".Unit", "Job", NULL, &reply,
                                            "(uo)");
        if (r < 0)
                return r;
        r = sym_sd_bus_message_read(reply, "(uo)", &id, &job);
        if (r >= 0 && id != 0)
                r = get_type(bus, job, &question->type);
        sym_sd_bus_message_unref(reply);
        return r < 0 ? r : 0;
}

int unit_get_job(const char *unit_name, char **ret) {
        Question question = { .unit_name = unit_name };
        int r = manager_ask(ask, &question);

        if (r < 0) {
                free(question.type);
                return r;
        }
        *ret = question.type;
        return question.type ? 1 : 0;
}
