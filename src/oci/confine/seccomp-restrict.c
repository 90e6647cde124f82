/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A filter of the OCI configuration, made narrower. Of two rules for one call the runtimes' library
 * takes the wider one, so what is taken away must be in none. */
#include "oci/confine/seccomp-restrict.h"

#include <errno.h>

#include "basic/json.h"

static bool allows(const char *action) {
        static const char *const allowing[] = { "SCMP_ACT_ALLOW", "SCMP_ACT_LOG", "SCMP_ACT_NOTIFY", "SCMP_ACT_TRACE" };

        for (size_t i = 0; i < ARRAY_SIZE(allowing); i++)
                if (streq(allowing[i], action))
                        return true;
        return false;
}

static const char *member(json_object *object, const char *name) {
        return json_object_get_string(json_object_object_get(object, name)) ?: "";
}

static bool is_open(json_object *filter) {
        return allows(member(filter, "defaultAction"));
}

static json_object *arguments_of(json_object *rule) {
        json_object *list = json_object_object_get(rule, "args");

        return list && json_object_array_length(list) > 0 ? list : NULL;
}

static bool has_name(json_object *rule, const char *name) {
        json_object *names = json_object_object_get(rule, "names");

        for (size_t i = 0; names && i < json_object_array_length(names); i++)
                if (streq(json_object_get_string(json_object_array_get_idx(names, i)), name))
                        return true;
        return false;
}

static int append(json_object *array, json_object *item) {
        if (item && json_object_array_add(array, item) >= 0)
                return 0;
        json_object_put(item);
        return -ENOMEM;
}

/* Makes `rules` the filter's own. */
static int replace_rules(json_object *filter, json_object *rules) {
        if (json_object_object_add(filter, "syscalls", rules) >= 0)
                return 0;
        json_object_put(rules);
        return -ENOMEM;
}

/* The member is there in every filter that this is used for. */
static json_object *rules_of(json_object *filter) {
        json_object *rules = json_object_object_get(filter, "syscalls");

        if (rules)
                return rules;
        rules = json_object_new_array();
        return rules && replace_rules(filter, rules) >= 0 ? rules : NULL;
}

/* A copy of the rule with the names for which `keep` is true, or NULL when there is none left:
 * `ret` is that. */
static int copy_rule(json_object *rule, bool (*keep)(const char *name, const void *userdata), const void *userdata,
                     json_object **ret) {
        _cleanup_json_object_ json_object *copy = NULL, *names = json_object_new_array();
        json_object *old = json_object_object_get(rule, "names");

        if (!names)
                return -ENOMEM;
        for (size_t i = 0; old && i < json_object_array_length(old); i++) {
                json_object *name = json_object_array_get_idx(old, i);

                if (keep(json_object_get_string(name), userdata) && append(names, json_object_get(name)) < 0)
                        return -ENOMEM;
        }
        *ret = NULL;
        if (json_object_array_length(names) == 0)
                return 0;
        if (json_object_deep_copy(rule, &copy, NULL) < 0 || json_object_object_add(copy, "names", names) < 0)
                return -ENOMEM;
        names = NULL;
        *ret = TAKE_PTR(copy);
        return 0;
}

static void add_action(Json *json, int error) {
        json_add_string(json, "action", error == 0 ? "SCMP_ACT_KILL_PROCESS" : "SCMP_ACT_ERRNO");
        if (error != 0)
                json_add_unsigned(json, "errnoRet", (unsigned) error);
}

static void add_condition(Json *json, const SeccompCondition *condition) {
        json_open_object(json, NULL);
        json_add_unsigned(json, "index", condition->index);
        json_add_unsigned(json, "value", condition->mask ? condition->mask : condition->value);
        if (condition->mask)
                json_add_unsigned(json, "valueTwo", condition->value);
        json_add_string(json, "op", condition->mask ? "SCMP_CMP_MASKED_EQ" : "SCMP_CMP_EQ");
        json_close(json);
}

static int add_refusals(json_object *rules, const SeccompRestriction *restriction) {
        for (size_t i = 0; i < restriction->refused_count; i++) {
                const SeccompCase *refused = &restriction->refused[i];
                _cleanup_json_ Json json = {};
                json_object *rule = NULL;

                json_open_object(&json, NULL);
                json_add_words(&json, "names", restriction->name);
                add_action(&json, restriction->error);
                if (refused->count > 0) {
                        json_open_array(&json, "args");
                        for (size_t j = 0; j < refused->count; j++)
                                add_condition(&json, &refused->conditions[j]);
                        json_close(&json);
                }
                json_close(&json);
                if (json_take(&json, &rule) < 0 || append(rules, rule) < 0)
                        return -ENOMEM;
        }
        return 0;
}

/* Whether a rule's own condition holds for all calls of ours: 1 when it does, 0 when it does for
 * none, -ENOTSUP when they must be looked at together, which one rule cannot. */
static int holds(json_object *own, const SeccompCondition *condition) {
        uint64_t value = json_object_get_uint64(json_object_object_get(own, "value"));
        const char *operator= member(own, "op");

        if (condition->mask)
                return -ENOTSUP;
        if (streq(operator, "SCMP_CMP_EQ"))
                return condition->value == value;
        if (streq(operator, "SCMP_CMP_NE"))
                return condition->value != value;
        return -ENOTSUP;
}

/* Writes the conditions of both. Returns 1, 0 when they never hold together, or -errno. */
static int add_both(Json *json, json_object *own, const SeccompCase *ours) {
        for (size_t i = 0; own && i < json_object_array_length(own); i++) {
                json_object *item = json_object_array_get_idx(own, i);
                uint64_t index = json_object_get_uint64(json_object_object_get(item, "index"));
                int r = 1;

                for (size_t j = 0; j < ours->count && r > 0; j++)
                        if (ours->conditions[j].index == index) {
                                r = holds(item, &ours->conditions[j]);
                                item = NULL;
                        }
                if (r <= 0)
                        return r;
                if (item)
                        json_add_value(json, NULL, json_object_get(item));
        }
        for (size_t i = 0; i < ours->count; i++)
                add_condition(json, &ours->conditions[i]);
        return 1;
}

static bool has_argument(json_object *list, json_object *argument) {
        for (size_t i = 0; i < json_object_array_length(list); i++)
                if (json_object_equal(json_object_array_get_idx(list, i), argument))
                        return true;
        return false;
}

/* Whether one of the rules has no other conditions for the call than `rule` has: libseccomp refuses
 * what has no effect. */
static bool is_covered(json_object *rules, const char *name, json_object *rule) {
        json_object *all = arguments_of(rule);

        for (size_t i = 0; i < json_object_array_length(rules); i++) {
                json_object *other = json_object_array_get_idx(rules, i), *list = arguments_of(other);
                bool covered = has_name(other, name) && streq(member(other, "action"), member(rule, "action"));

                for (size_t j = 0; covered && list && j < json_object_array_length(list); j++)
                        covered = all && has_argument(all, json_object_array_get_idx(list, j));
                if (covered)
                        return true;
        }
        return false;
}

/* The allowing `rule` again, for one of the allowed cases. */
static int add_case(json_object *rules, json_object *rule, const char *name, const SeccompCase *allowed) {
        _cleanup_json_ Json json = {};
        json_object *number = json_object_object_get(rule, "errnoRet"), *added = NULL;
        int r;

        json_open_object(&json, NULL);
        json_add_words(&json, "names", name);
        json_add_string(&json, "action", member(rule, "action"));
        if (number)
                json_add_value(&json, "errnoRet", json_object_get(number));
        json_open_array(&json, "args");
        r = add_both(&json, arguments_of(rule), allowed);
        if (r <= 0)
                return r;
        json_close(&json);
        json_close(&json);
        r = json_take(&json, &added);
        if (r < 0)
                return r;
        if (!is_covered(rules, name, added))
                return append(rules, added);
        json_object_put(added);
        return 0;
}

static bool is_another(const char *name, const void *userdata) {
        return !streq(name, userdata);
}

/* The rules that allow the call do so in our cases alone. */
static int restrict_allowed(json_object *rules, json_object *rule, const SeccompRestriction *restriction) {
        json_object *rest;
        int r = copy_rule(rule, is_another, restriction->name, &rest);

        if (r >= 0 && rest)
                r = append(rules, rest);
        for (size_t i = 0; i < restriction->allowed_count && r >= 0; i++)
                r = add_case(rules, rule, restriction->name, &restriction->allowed[i]);
        return r;
}

int seccomp_restrict(json_object *filter, const SeccompRestriction *restriction) {
        _cleanup_json_object_ json_object *rules = json_object_new_array();
        json_object *old = rules_of(filter);
        bool refused = false, allowed = is_open(filter);
        int r = rules && old ? 0 : -ENOMEM;

        for (size_t i = 0; r >= 0 && i < json_object_array_length(old); i++) {
                json_object *rule = json_object_array_get_idx(old, i);
                bool named = has_name(rule, restriction->name);

                if (named && allows(member(rule, "action"))) {
                        r = restrict_allowed(rules, rule, restriction);
                        allowed = true;
                        continue;
                }
                refused |= named && !arguments_of(rule);
                r = append(rules, json_object_get(rule));
        }
        /* Also where all that is not named is refused: with the errno that says why. */
        if (r >= 0 && allowed && !refused)
                r = add_refusals(rules, restriction);
        return r < 0 ? r : replace_rules(filter, TAKE_PTR(rules));
}

static bool is_not_in(const char *name, const void *userdata) {
        return !string_list_contains(userdata, name);
}

static bool is_in(const char *name, const void *userdata) {
        return string_list_contains(userdata, name);
}

static int add_refused(json_object *rules, const StringList *names, int error) {
        _cleanup_json_ Json json = {};
        json_object *rule = NULL;
        int r;

        if (names->count == 0)
                return 0;
        json_open_object(&json, NULL);
        json_add_strings(&json, "names", names);
        add_action(&json, error);
        json_close(&json);
        r = json_take(&json, &rule);
        return r < 0 ? r : append(rules, rule);
}

/* Rules that refuse altogether have said it already, perhaps in a stronger way. */
static bool refuses(json_object *rules, const char *name) {
        for (size_t i = 0; i < json_object_array_length(rules); i++) {
                json_object *rule = json_object_array_get_idx(rules, i);

                if (!allows(member(rule, "action")) && !arguments_of(rule) && has_name(rule, name))
                        return true;
        }
        return false;
}

/* Its rule comes first: behind one for `socket` with conditions, libseccomp would take none for
 * `socketcall`, which is the same call for it. */
int seccomp_refuse(json_object *filter, const StringList *names, int error) {
        _cleanup_json_object_ json_object *rules = json_object_new_array();
        _cleanup_string_list_ StringList refused = {};
        json_object *old = rules_of(filter);
        int r = rules && old ? 0 : -ENOMEM;

        for (size_t i = 0; r >= 0 && i < names->count; i++)
                if (!refuses(old, names->items[i]))
                        r = string_list_add(&refused, names->items[i]);
        if (r >= 0)
                r = add_refused(rules, &refused, error);
        for (size_t i = 0; r >= 0 && i < json_object_array_length(old); i++) {
                json_object *rule = json_object_array_get_idx(old, i), *rest = rule;

                if (allows(member(rule, "action")) || arguments_of(rule))
                        r = copy_rule(rule, is_not_in, names, &rest);
                else
                        json_object_get(rule);
                if (r >= 0 && rest)
                        r = append(rules, rest);
        }
        return r < 0 ? r : replace_rules(filter, TAKE_PTR(rules));
}

/* The names that the rules allow and the list does not have. */
static int find_others(json_object *rules, const StringList *names, StringList *ret) {
        for (size_t i = 0; i < json_object_array_length(rules); i++) {
                json_object *rule = json_object_array_get_idx(rules, i), *own = json_object_object_get(rule, "names");

                for (size_t j = 0; own && j < json_object_array_length(own); j++) {
                        const char *name = json_object_get_string(json_object_array_get_idx(own, j));

                        if (is_in(name, names) || is_in(name, ret) || !allows(member(rule, "action")))
                                continue;
                        if (string_list_add(ret, name) < 0)
                                return -ENOMEM;
                }
        }
        return 0;
}

/* What the filter names none of is allowed: it becomes one that lists what is. */
static int turn_around(json_object *filter, const StringList *names, int error) {
        _cleanup_string_list_ StringList left = {};
        json_object *rules = rules_of(filter), *rule = NULL;
        _cleanup_json_ Json json = {};
        int r = rules ? 0 : -ENOMEM;

        for (size_t i = 0; r >= 0 && i < json_object_array_length(rules); i++) {
                json_object *own = json_object_array_get_idx(rules, i);

                for (size_t j = 0; j < names->count && arguments_of(own); j++)
                        if (has_name(own, names->items[j]))
                                return -ENOTSUP;
        }
        for (size_t i = 0; r >= 0 && i < names->count; i++)
                if (!refuses(rules, names->items[i]))
                        r = string_list_add(&left, names->items[i]);
        json_open_object(&json, NULL);
        json_add_strings(&json, "names", &left);
        json_add_string(&json, "action", "SCMP_ACT_ALLOW");
        json_close(&json);
        if (r >= 0)
                r = json_take(&json, &rule);
        if (r >= 0)
                r = append(rules, rule);
        if (r < 0)
                return r;
        json_object_object_del(filter, "defaultErrnoRet");
        if (json_object_object_add(filter, "defaultAction",
                                   json_object_new_string(error ? "SCMP_ACT_ERRNO" : "SCMP_ACT_KILL_PROCESS")) < 0 ||
            (error && json_object_object_add(filter, "defaultErrnoRet", json_object_new_int(error)) < 0))
                return -ENOMEM;
        return 0;
}

int seccomp_leave(json_object *filter, const StringList *names, int error) {
        _cleanup_string_list_ StringList others = {};
        json_object *rules = rules_of(filter);
        int r = rules ? 0 : -ENOMEM;

        if (r >= 0 && is_open(filter))
                return turn_around(filter, names, error);
        if (r >= 0)
                r = find_others(rules, names, &others);
        return r < 0 ? r : seccomp_refuse(filter, &others, error);
}
