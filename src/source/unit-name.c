/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How files are called and which units they become. */
#include "source/unit-name.h"

#include <errno.h>
#include <limits.h>

#include "basic/path.h"
#include "basic/text.h"

enum { UNIT_NAME_LONGEST = 255 };

static const struct {
        const char *name;
        const char *section;
        const char *template;
        const char *quadlet;
} file_types[_FILE_TYPE_COUNT] = {
#define KIND(type, section, prefix, ending, unit, quadlet, ...) [FILE_##type] = { ending, #section, unit, quadlet },
#define KIND_KEYS(type, section, prefix, ending, unit, quadlet, ...)                                                   \
        [FILE_##type] = { ending, #section, unit, quadlet },
#define KIND_NAME(type, section, ending, unit, quadlet) [FILE_##type] = { ending, #section, unit, quadlet },
#include "source/kinds.def"
};

const char *file_type_name(FileType type) {
        return file_types[type].name;
}

FileType file_type_from_name(const char *name) {
        for (FileType type = 0; type < _FILE_TYPE_COUNT; type++)
                if (streq(name, file_types[type].name))
                        return type;
        return _FILE_TYPE_INVALID;
}

const char *file_type_section(FileType type) {
        return file_types[type].section;
}

const char *file_type_quadlet_suffix(FileType type) { return file_types[type].quadlet; }

bool stem_is_valid(const char *stem) {
        return file_name_is_valid(stem) && stem[0] != '.' && stem[0] != '@' && !text_has_control(stem) &&
               utf8_is_valid(stem, strlen(stem));
}

int stem_copy(const char *name, size_t n, char **ret) {
        _cleanup_free_ char *stem = strndup(name, n);

        if (!stem)
                return -ENOMEM;
        if (!stem_is_valid(stem))
                return -EINVAL;
        *ret = TAKE_PTR(stem);
        return 0;
}

int file_name_parse(const char *file_name, FileType *ret_type, char **ret_stem) {
        const char *dot = strrchr(file_name, '.');
        FileType type = dot ? file_type_from_name(dot + 1) : _FILE_TYPE_INVALID;
        int r;

        if (type == _FILE_TYPE_INVALID || !file_name_is_valid(file_name))
                return -EINVAL;
        r = stem_copy(file_name, (size_t) (dot - file_name), ret_stem);
        if (r >= 0)
                *ret_type = type;
        return r;
}

int stem_template(const char *stem, char **ret) {
        const char *at = strchr(stem, '@');
        char *template;

        if (!at || at[1] == '\0')
                return 0;
        template = strndup(stem, (size_t) (at + 1 - stem));
        if (!template)
                return -ENOMEM;
        *ret = template;
        return 1;
}

bool stem_is_template(const char *stem) {
        const char *at = strchr(stem, '@');
        return at && at[1] == '\0';
}

static bool is_alphanumeric(char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* systemd's VALID_CHARS_WITH_AT, without the backslash. */
static bool is_plain(char c) {
        return is_alphanumeric(c) || (c != '\0' && strchr(":-_.@", c));
}

static int hex_digit(char c) {
        static const char digits[] = "0123456789abcdef";
        const char *digit = c ? strchr(digits, c) : NULL;

        return digit ? (int) (digit - digits) : -1;
}

/* The byte that the escape "\xHH" at `s` means, or -1 when there is none. */
static int escaped_byte(const char *s) {
        int high, low;

        if (s[0] != '\\' || s[1] != 'x' || (high = hex_digit(s[2])) < 0 || (low = hex_digit(s[3])) < 0)
                return -1;
        return high << 4 | low;
}

/* Whether the escape at `s` is one that a user wrote, as against one that append_escaped()
 * makes. */
static bool is_written_escape(const char *s) {
        int byte = escaped_byte(s);
        return byte == '/' || (byte > 0 && is_plain((char) byte));
}

static void append_escaped(Text *text, const char *stem, char except) {
        for (const char *p = stem; *p; p++)
                if (is_plain(*p) || *p == except || is_written_escape(p))
                        text_append_char(text, *p);
                else
                        text_appendf(text, "\\x%02x", (unsigned char) *p);
}

char *stem_escape(const char *stem) {
        _cleanup_text_ Text text = {};
        char *escaped;

        append_escaped(&text, stem, '\0');
        return text_take(&text, &escaped) < 0 ? NULL : escaped;
}

static int unit_name(FileType type, const char *stem, char except, char **ret) {
        _cleanup_text_ Text text = {};

        text_appendf(&text, "%s@", file_types[type].template);
        append_escaped(&text, stem, except);
        text_append(&text, ".service");
        if (text.length > UNIT_NAME_LONGEST)
                return -EINVAL;
        return text_take(&text, ret);
}

int unit_name_for(FileType type, const char *stem, char **ret) {
        return unit_name(type, stem, '\0', ret);
}

int stem_from_instance(const char *instance, char **ret) {
        _cleanup_text_ Text text = {};
        _cleanup_free_ char *stem = NULL;
        int r;

        for (const char *p = instance; *p; p++) {
                int byte = is_written_escape(p) ? -1 : escaped_byte(p);

                if (byte == 0)
                        return -EINVAL;
                text_append_char(&text, byte < 0 ? *p : (char) byte);
                p += byte < 0 ? 0 : strlen("xHH");
        }
        r = text_take(&text, &stem);
        if (r < 0)
                return r;
        if (!stem_is_valid(stem))
                return -EINVAL;
        *ret = TAKE_PTR(stem);
        return 0;
}

char *unit_name_escape(const char *text) {
        _cleanup_text_ Text escaped = {};
        char *name;

        for (const char *p = text; *p; p++)
                if (*p == '/')
                        text_append_char(&escaped, '-');
                else if (is_alphanumeric(*p) || strchr(":_", *p) || (*p == '.' && p != text))
                        text_append_char(&escaped, *p);
                else
                        text_appendf(&escaped, "\\x%02x", (unsigned char) *p);
        return text_take(&escaped, &name) < 0 ? NULL : name;
}

int unit_name_parse(const char *unit_name, FileType *ret_type, char **ret_stem) {
        const char *at = strchr(unit_name, '@'), *suffix = endswith(unit_name, ".service");
        _cleanup_free_ char *instance = NULL;
        int r;

        if (!at || !suffix || suffix <= at)
                return -EINVAL;
        for (FileType type = 0; type < _FILE_TYPE_COUNT; type++) {
                if (strlen(file_types[type].template) != (size_t) (at - unit_name) ||
                    !startswith(unit_name, file_types[type].template))
                        continue;
                instance = strndup(at + 1, (size_t) (suffix - at - 1));
                if (!instance)
                        return -ENOMEM;
                r = stem_from_instance(instance, ret_stem);
                if (r >= 0)
                        *ret_type = type;
                return r;
        }
        return -EINVAL;
}

char *unit_name_unescape(const char *name) {
        _cleanup_text_ Text text = {};
        char *unescaped;

        for (const char *p = name; *p; p++) {
                int byte = escaped_byte(p);

                if (byte > 0) {
                        text_append_char(&text, (char) byte);
                        p += strlen("xHH");
                } else
                        text_append_char(&text, *p == '-' ? '/' : *p);
        }
        return text_take(&text, &unescaped) < 0 ? NULL : unescaped;
}

char *container_id_for(const char *stem) {
        _cleanup_text_ Text text = {};
        char *id;

        for (const char *p = stem; *p; p++)
                if (is_alphanumeric(*p) || strchr(p > stem ? "_.-" : "_.", *p))
                        text_append_char(&text, *p);
                else
                        text_appendf(&text, "+%02X", (unsigned char) *p);
        return text_take(&text, &id) < 0 ? NULL : id;
}

char *container_stem_for(const char *id) {
        _cleanup_text_ Text text = {};
        char *stem;

        for (const char *p = id; *p; p++) {
                unsigned byte;

                if (*p == '+' && sscanf(p + 1, "%2X", &byte) == 1 && p[1] && p[2]) {
                        text_append_char(&text, (char) byte);
                        p += 2;
                } else
                        text_append_char(&text, *p);
        }
        return text_take(&text, &stem) < 0 ? NULL : stem;
}

int unit_reference_translate(const char *reference, char **ret) {
        _cleanup_free_ char *stem = NULL;
        FileType type;
        int r;

        r = file_name_parse(reference, &type, &stem);
        if (r == -EINVAL)
                return 0;
        if (r < 0)
                return r;
        r = unit_name(type, stem, '%', ret);
        return r < 0 ? r : 1;
}
