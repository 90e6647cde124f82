/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The text of a container's /etc/resolv.conf; see resolv.conf(5). */
#include "start/resolv-conf.h"

#include <errno.h>

#include "basic/text.h"

#define BLANKS " \t\r\f\v"

/* Those of libpod's FilterResolvDNS. */
static const char *const public_servers[] = { "8.8.8.8", "8.8.4.4", "2001:4860:4860::8888", "2001:4860:4860::8844" };

typedef struct Resolver {
        StringList servers, search, options;
} Resolver;

static void resolver_done(Resolver *resolver) {
        string_list_done(&resolver->servers);
        string_list_done(&resolver->search);
        string_list_done(&resolver->options);
}

static int add_from(StringList *list, const StringList *words, size_t first, size_t end) {
        int r = 0;

        for (size_t i = first; i < end && i < words->count && r == 0; i++)
                r = string_list_add(list, words->items[i]);
        return r;
}

static int read_line(const char *line, size_t n, Resolver *resolver) {
        _cleanup_string_list_ StringList words = {};
        const char *keyword;

        if (string_list_add_split(&words, line, n, BLANKS) < 0)
                return -ENOMEM;
        if (words.count < 2)
                return 0;
        keyword = words.items[0];
        if (streq(keyword, "nameserver"))
                return add_from(&resolver->servers, &words, 1, 2);
        if (streq(keyword, "options"))
                return add_from(&resolver->options, &words, 1, words.count);
        if (!streq(keyword, "search") && !streq(keyword, "domain"))
                return 0;
        string_list_done(&resolver->search); /* the last one counts */
        return add_from(&resolver->search, &words, 1, streq(keyword, "domain") ? 2 : words.count);
}

static int read_base(const char *base, Resolver *resolver) {
        int r = 0;

        for (const char *line = base; *line && r == 0;) {
                size_t n = strcspn(line, "\n");

                r = read_line(line, n, resolver);
                line += n + (line[n] == '\n');
        }
        return r;
}

static bool is_loopback(const char *address) {
        return startswith(address, "127.") || streq(address, "::1");
}

static int filter_servers(StringList *servers) {
        _cleanup_string_list_ StringList kept = {};
        bool none_left;
        int r = 0;

        for (size_t i = 0; i < servers->count && r == 0; i++)
                if (!is_loopback(servers->items[i]))
                        r = string_list_add(&kept, servers->items[i]);
        none_left = kept.count == 0;
        for (size_t i = 0; none_left && i < ARRAY_SIZE(public_servers) && r == 0; i++)
                r = string_list_add(&kept, public_servers[i]);
        if (r < 0)
                return r;
        string_list_done(servers);
        *servers = kept;
        kept = (StringList) {};
        return 0;
}

static int replace(StringList *list, const StringList *by) {
        if (by->count == 0)
                return 0;
        string_list_done(list);
        return string_list_extend(list, by);
}

static void append_line(Text *text, const char *keyword, const StringList *words) {
        if (words->count == 0)
                return;
        text_append(text, keyword);
        for (size_t i = 0; i < words->count; i++)
                text_appendf(text, " %s", words->items[i]);
        text_append_char(text, '\n');
}

static int resolver_text(Resolver *resolver, char **ret) {
        _cleanup_text_ Text text = {};

        string_list_remove(&resolver->search, "."); /* podman's word for none */
        append_line(&text, "search", &resolver->search);
        for (size_t i = 0; i < resolver->servers.count; i++)
                text_appendf(&text, "nameserver %s\n", resolver->servers.items[i]);
        append_line(&text, "options", &resolver->options);
        return text_take(&text, ret);
}

int resolv_conf_text(const ResolvConfRequest *request, char **ret) {
        _cleanup_(resolver_done) Resolver resolver = {};
        int r;

        if (request->host_network && request->servers->count == 0 && request->search->count == 0 &&
            request->options->count == 0) {
                char *copy = strdup(request->base);

                if (!copy)
                        return -ENOMEM;
                *ret = copy;
                return 0;
        }
        if ((r = read_base(request->base, &resolver)) < 0 ||
            (!request->host_network && (r = filter_servers(&resolver.servers)) < 0) ||
            (r = replace(&resolver.servers, request->servers)) < 0 ||
            (r = replace(&resolver.search, request->search)) < 0 ||
            (r = replace(&resolver.options, request->options)) < 0)
                return r;
        return resolver_text(&resolver, ret);
}
