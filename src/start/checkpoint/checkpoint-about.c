/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is known of a checkpoint. */
#include "start/checkpoint/checkpoint-about.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/utsname.h>

#include "basic/json.h"
#include "basic/path.h"
#include "basic/text.h"
#include "host/criu.h"

/* As an archive says which form it has. */
#define FORMAT "berth-checkpoint-1"

/* What of an x86 CPU programs use by instructions of theirs: the C library and others look once,
 * when they start. The rest of the line is the kernel's. Elsewhere all of it is for programs. */
static const char *const x86_features[] = {
        "3dnow", "3dnowext", "abm", "adx", "aes", "amx_bf16", "amx_int8", "amx_tile", "avx", "avx2", "avx512_bf16",
        "avx512_bitalg", "avx512_fp16", "avx512_vbmi2", "avx512_vnni", "avx512_vp2intersect", "avx512_vpopcntdq",
        "avx512bw", "avx512cd", "avx512dq", "avx512er", "avx512f", "avx512ifma", "avx512pf", "avx512vbmi", "avx512vl",
        "avx_ifma", "avx_vnni", "bmi1", "bmi2", "cldemote", "clflush", "clflushopt", "clwb", "cmov", "cx16", "cx8",
        "erms", "f16c", "fma", "fma4", "fsgsbase", "fsrm", "fxsr", "gfni", "lahf_lm", "mmx", "mmxext", "movbe",
        "movdir64b", "movdiri", "ospke", "pclmulqdq", "pku", "pni", "popcnt", "rdpid", "rdrand", "rdseed", "rdtscp",
        "rtm", "serialize", "sha_ni", "sse", "sse2", "sse4_1", "sse4_2", "sse4a", "ssse3", "tbm", "tsc", "user_shstk",
        "vaes", "vpclmulqdq", "waitpkg", "xgetbv1", "xop", "xsave", "xsavec", "xsaveopt",
};

static bool is_for_programs(const char *feature, bool x86) {
        for (size_t i = 0; x86 && i < ARRAY_SIZE(x86_features); i++)
                if (streq(x86_features[i], feature))
                        return true;
        return !x86;
}

/* "flags : fpu vme …" of x86, "Features : fp asimd …" of ARM and others. */
static int take_features(char *line, StringList *ret) {
        bool x86 = startswith(line, "flags") != NULL;
        char *state = NULL, *text = strchr(line, ':');
        int r = 0;

        for (char *word = strtok_r(text + 1, " \n", &state); word && r >= 0; word = strtok_r(NULL, " \n", &state))
                if (is_for_programs(word, x86))
                        r = string_list_add(ret, word);
        string_list_unique(ret);
        return r;
}

static int read_features(StringList *ret) {
        FILE *file = fopen("/proc/cpuinfo", "re");
        char *line = NULL;
        size_t allocated = 0;
        int r = 0;

        if (!file)
                return -errno;
        /* All of them are the same. */
        while (getline(&line, &allocated, file) >= 0)
                if ((startswith(line, "flags") || startswith(line, "Features")) && strchr(line, ':')) {
                        r = take_features(line, ret);
                        break;
                }
        free(line);
        fclose(file);
        return r;
}

int checkpoint_about_machine(const char *runtime, CheckpointAbout *ret) {
        struct utsname name;

        if (uname(&name) < 0)
                return -errno;
        ret->architecture = strdup(name.machine);
        ret->kernel = strdup(name.release);
        ret->runtime = strdup(path_basename(runtime));
        if (!ret->architecture || !ret->kernel || !ret->runtime)
                return -ENOMEM;
        if (read_features(&ret->cpu) == -ENOMEM)
                return -ENOMEM;
        return criu_version(&ret->criu);
}

int checkpoint_about_text(const CheckpointAbout *about, char **ret) {
        _cleanup_json_object_ json_object *object = NULL;
        _cleanup_json_ Json json = {};
        int r;

        json_open_object(&json, NULL);
        json_add_string(&json, "format", FORMAT);
        json_add_string(&json, "berth", BERTH_VERSION);
        json_add_string(&json, "container", about->container);
        json_add_string(&json, "architecture", about->architecture);
        json_add_string(&json, "kernel", about->kernel);
        json_add_strings(&json, "cpu", &about->cpu);
        json_add_string(&json, "criu", about->criu);
        json_add_string(&json, "runtime", about->runtime);
        if (about->image)
                json_add_string(&json, "image", about->image);
        if (about->manifest)
                json_add_string(&json, "manifest", about->manifest);
        json_add_strings(&json, "volumes", &about->volumes);
        json_add_bool(&json, "tcpEstablished", about->tcp_established);
        json_add_bool(&json, "tcpClose", about->tcp_close);
        json_add_bool(&json, "fileLocks", about->file_locks);
        json_close(&json);
        r = json_take(&json, &object);
        return r < 0 ? r : json_to_text(object, ret);
}

/* What may be said of it in a message is one line. */
static int take_text(json_object *object, const char *member, bool wanted, char **ret) {
        const char *text = json_get_string(object, member);

        if (!text)
                return wanted ? -EBADMSG : 0;
        if (text_has_control(text))
                return -EBADMSG;
        *ret = strdup(text);
        return *ret ? 0 : -ENOMEM;
}

static bool is_true(json_object *object, const char *member) {
        return json_object_get_boolean(json_object_object_get(object, member));
}

static int take_texts(json_object *object, CheckpointAbout *ret) {
        const struct {
                const char *member;
                bool wanted;
                char **text;
        } members[] = {
                { "container", true, &ret->container }, { "architecture", true, &ret->architecture },
                { "kernel", true, &ret->kernel },       { "criu", true, &ret->criu },
                { "runtime", true, &ret->runtime },     { "image", false, &ret->image },
                { "manifest", false, &ret->manifest },
        };
        int r = 0;

        for (size_t i = 0; i < ARRAY_SIZE(members) && r >= 0; i++)
                r = take_text(object, members[i].member, members[i].wanted, members[i].text);
        return r;
}

int checkpoint_about_parse(const char *text, size_t size, const char *name, Diagnostics *diagnostics,
                           CheckpointAbout *ret) {
        _cleanup_json_object_ json_object *object = NULL;
        const char *format;
        int r = json_parse(text, size, name, diagnostics, &object);

        if (r < 0)
                return r;
        format = json_get_string(object, "format");
        if (!format || !streq(format, FORMAT))
                return diagnose_error(diagnostics, NULL, "%s: this is no checkpoint that this version of berth knows",
                                      name);
        r = take_texts(object, ret);
        if (r >= 0)
                r = json_get_strings(object, "cpu", &ret->cpu);
        if (r >= 0)
                r = json_get_strings(object, "volumes", &ret->volumes);
        ret->tcp_established = is_true(object, "tcpEstablished");
        ret->tcp_close = is_true(object, "tcpClose");
        ret->file_locks = is_true(object, "fileLocks");
        if (r == -ENOENT || r == -EBADMSG)
                return diagnose_error(diagnostics, NULL, "%s: what it says of the checkpoint is not complete", name);
        return r;
}

/* Compares the first `parts` numbers of "6.12.1-arm64". */
static int compare_versions(const char *a, const char *b, unsigned parts) {
        for (unsigned i = 0; i < parts; i++) {
                char *a_end, *b_end;
                unsigned long x = strtoul(a, &a_end, 10), y = strtoul(b, &b_end, 10);

                if (x != y)
                        return x < y ? -1 : 1;
                a = a_end + (*a_end == '.');
                b = b_end + (*b_end == '.');
        }
        return 0;
}

static int check_cpu(const CheckpointAbout *about, const CheckpointAbout *here, Diagnostics *diagnostics) {
        enum { SHOWN_MAX = 5 };
        _cleanup_text_ Text missing = {};
        size_t count = 0;

        for (size_t i = 0; i < about->cpu.count && count < SHOWN_MAX; i++)
                if (!string_list_contains(&here->cpu, about->cpu.items[i]))
                        text_appendf(&missing, "%s%s", count++ > 0 ? ", " : "", about->cpu.items[i]);
        if (missing.failed)
                return -ENOMEM;
        return count == 0 ? 0
                          : diagnose_error(diagnostics, NULL,
                                           "its processes may use what the CPU of this machine does not have: %s",
                                           missing.data);
}

int checkpoint_about_check(const CheckpointAbout *about, const CheckpointAbout *here, Diagnostics *diagnostics) {
        int r = 0, cpu;

        if (!streq(about->architecture, here->architecture))
                return diagnose_error(diagnostics, NULL,
                                      "the checkpoint was taken on %s, and is of no use on this machine's %s",
                                      about->architecture, here->architecture);
        if (compare_versions(here->kernel, about->kernel, 2) < 0)
                r = diagnose_error(diagnostics, NULL,
                                   "the checkpoint was taken with Linux %s, and this is an older one, %s: it may not "
                                   "have what the processes have",
                                   about->kernel, here->kernel);
        if (compare_versions(here->criu, about->criu, 3) < 0)
                r = diagnose_error(diagnostics, NULL,
                                   "the checkpoint was written by CRIU %s, and an older one, %s, is installed here",
                                   about->criu, here->criu);
        if (!streq(about->runtime, here->runtime))
                r = diagnose_error(diagnostics, NULL,
                                   "the checkpoint was taken with %s, and the container has %s here; Runtime= in its "
                                   "file chooses another",
                                   about->runtime, here->runtime);
        cpu = check_cpu(about, here, diagnostics);
        return cpu < 0 ? cpu : r;
}

void checkpoint_about_done(CheckpointAbout *about) {
        free(about->container);
        free(about->architecture);
        free(about->kernel);
        string_list_done(&about->cpu);
        free(about->criu);
        free(about->runtime);
        free(about->image);
        free(about->manifest);
        free(about->configuration);
        string_list_done(&about->volumes);
        *about = (CheckpointAbout) {};
}
