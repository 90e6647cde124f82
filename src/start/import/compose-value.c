/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Values in files of compose. */
#include "start/import/compose-value.h"

const char *compose_text(const YamlNode *node, const char *word, Diagnostics *diagnostics) {
        if (node->kind != YAML_NODE_TEXT || yaml_is_null(node))
                diagnose_error(diagnostics, &node->where, "\"%s\" must be a text", word);
        else if (strpbrk(node->text, "\n\r"))
                diagnose_error(diagnostics, &node->where, "\"%s\" must be one line", word);
        else
                return node->text;
        return NULL;
}

const char *compose_item_text(const ComposeService *service, const YamlItem *item) {
        return compose_text(item->value, item->key, service->compose->diagnostics);
}

void compose_add_text(const ComposeService *service, const YamlItem *item, const char *key) {
        const char *text = compose_item_text(service, item);

        if (text)
                imported_set(service->file, IMPORTED_OWN, key, text);
}

int compose_bool(const YamlNode *node, const char *word, Diagnostics *diagnostics) {
        if (node->kind == YAML_NODE_TEXT && (streq(node->text, "true") || streq(node->text, "yes")))
                return 1;
        if (node->kind == YAML_NODE_TEXT && (streq(node->text, "false") || streq(node->text, "no")))
                return 0;
        return diagnose_error(diagnostics, &node->where, "\"%s\" must be true or false", word);
}

void compose_left_out(const Location *where, const char *word, const char *why, Diagnostics *diagnostics) {
        diagnose_warning(diagnostics, where, "\"%s\" has no equivalent and is left out%s%s", word, why ? ": " : "",
                         why ?: "");
}

bool compose_word_is(const char *word, const char *const list[]) {
        while (*list && !streq(word, *list))
                list++;
        return *list;
}

void compose_leave_out(const ComposeService *service, const YamlItem *item, const char *why) {
        compose_left_out(&item->key_where, item->key, why, service->compose->diagnostics);
}

void compose_refuse(const ComposeService *service, const YamlNode *node, const char *word, const char *what) {
        diagnose_error(service->compose->diagnostics, &node->where, "\"%s\" must be %s", word, what);
}
