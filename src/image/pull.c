/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Pulling. */
#include "image/pull.h"

#include <errno.h>
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include "basic/numbers.h"
#include "basic/text.h"
#include "image/take-over.h"

#define USEC_PER_SEC UINT64_C(1000000)

/* The pull of one reference. */
typedef struct Pull {
        const PullRequest *request;
        const PullReporter *reporter;
        const ImageReference *reference;
        char *name;     /* of the reference in the store */
        char *tag_name; /* of the further name, or NULL */
        bool keep_blobs;
        Store store;
        Download download;
        Fetch fetch;
        PullProgress progress;
} Pull;

static void pull_done(Pull *pull) {
        free(pull->name);
        free(pull->tag_name);
        download_done(&pull->download);
        store_done(&pull->store);
}

static void say(const PullReporter *reporter, const char *format, ...) _printf_(2, 3);

static void say(const PullReporter *reporter, const char *format, ...) {
        _cleanup_text_ Text text = {};
        va_list arguments;

        va_start(arguments, format);
        text_vappendf(&text, format, arguments);
        va_end(arguments);
        if (reporter->message && !text.failed)
                reporter->message(text.data, reporter->userdata);
}

static void say_diagnostics(const PullReporter *reporter, Diagnostics *diagnostics) {
        diagnostics_sort(diagnostics);
        for (size_t i = 0; i < diagnostics->count; i++) {
                _cleanup_free_ char *line = NULL;

                if (diagnostic_format(&diagnostics->items[i], &line) >= 0)
                        say(reporter, "%s", line);
        }
}

/* Says why it is of no use to try again. Returns -EREPORTED, or `r` when that is not so. */
static int give_up(const PullReporter *reporter, const ImageReference *reference, Failure failure, int r) {
        void (*tell)(const char *message, void *userdata) = reporter->hopeless ?: reporter->message;
        _cleanup_free_ char *message = failure_message(failure, reference);

        if (!message)
                return r;
        if (tell)
                tell(message, reporter->userdata);
        return -EREPORTED;
}

static void report(Pull *pull, const char *doing, uint64_t done, uint64_t total) {
        pull->progress = (PullProgress) { pull->reference->name, doing, done, total };
        if (pull->reporter->progress)
                pull->reporter->progress(&pull->progress, pull->reporter->userdata);
}

/* While skopeo copies. */
static void report_fetching(void *userdata) {
        Pull *pull = userdata;
        uint64_t total = pull->progress.total, done = download_size(&pull->download);

        /* A manifest or index lies there as well. */
        report(pull, "Fetching", total > 0 && done > total ? total : done, total);
}

/* The manifest that a name of the store leads to; NULL when there is none, or it is damaged. */
static int read_reference(const Pull *pull, const char *name, char **ret) {
        int r = store_read_reference(&pull->store, name, ret);

        if (r == -ENOENT || r == -EBADMSG) {
                *ret = NULL;
                return 0;
        }
        return r;
}

/* Whether the name leads to the manifest; else it is made to. Returns 1 when it was made, 0, or
 * -errno. */
static int write_reference(const Pull *pull, const char *name, const char *digest) {
        _cleanup_free_ char *current = NULL;
        int r;

        r = read_reference(pull, name, &current);
        if (r >= 0 && !(current && streq(current, digest)))
                r = store_write_reference(&pull->store, name, digest) ?: 1;
        return r;
}

static int write_references(const Pull *pull, const char *digest) {
        int one, other = 0;

        one = write_reference(pull, pull->name, digest);
        if (one >= 0 && pull->tag_name)
                other = write_reference(pull, pull->tag_name, digest);
        return other < 0 ? other : one | other;
}

static void report_unpacking(size_t layer, size_t count, void *userdata) {
        Pull *pull = userdata;
        _cleanup_free_ char *doing = text_format("Unpacking layer %zu of %zu", layer, count);

        if (doing)
                report(pull, doing, pull->progress.total, pull->progress.total);
}

/* All that was fetched becomes the store's, the reference last. */
static int take_over(Pull *pull, const Found *found) {
        const TakeOver take = { &pull->fetch, pull->keep_blobs, report_unpacking, pull };
        _cleanup_close_ int lock_fd = -EBADF;
        int r;

        r = store_lock(&pull->store, STORE_LOCK_SHARED, &lock_fd);
        if (r >= 0)
                r = take_over_image(&take, found);
        return r < 0 ? r : write_references(pull, found->digest);
}

/* Whether the store has just this under the reference. */
static int is_current(const Pull *pull, const char *digest) {
        _cleanup_free_ char *current = NULL;
        int r = read_reference(pull, pull->name, &current);

        return r < 0 ? r : current && streq(current, digest);
}

static int try_once(Pull *pull) {
        _cleanup_found_ Found found = {};
        int r;

        report(pull, "Asking", 0, 0);
        r = fetch_find(&pull->fetch, &found);
        if (r >= 0)
                r = is_current(pull, found.digest);
        if (r > 0)
                r = write_references(pull, found.digest);
        else if (r == 0) {
                report(pull, "Fetching", 0, fetch_total(&found));
                r = fetch_blobs(&pull->fetch, &found);
                if (r >= 0)
                        r = take_over(pull, &found);
        }
        if (r >= 0)
                (void) download_remove(&pull->download);
        else if (pull->fetch.failure == FAILURE_OTHER)
                pull->fetch.failure = failure_of_errno(r);
        return r;
}

static void sleep_usec(uint64_t usec) {
        struct timespec rest = { .tv_sec = (time_t) (usec / USEC_PER_SEC),
                                 .tv_nsec = (long) (usec % USEC_PER_SEC * 1000) };

        while (nanosleep(&rest, &rest) < 0 && errno == EINTR)
                ;
}

/* The registry, or the way to it, may be better in a while. A full disk and the like will not. */
static bool is_worth_another_try(const Pull *pull, int r) {
        return (r == -EREMOTEIO || r == -EREPORTED) && pull->fetch.failure == FAILURE_OTHER;
}

static int try_often(Pull *pull) {
        uint64_t delay = pull->request->retry_delay_usec == USEC_INFINITY ? USEC_PER_SEC
                                                                          : pull->request->retry_delay_usec;

        for (unsigned tried = 0;; tried++) {
                _cleanup_diagnostics_ Diagnostics diagnostics = {};
                int r;

                pull->fetch.diagnostics = &diagnostics;
                pull->fetch.failure = FAILURE_OTHER;
                r = try_once(pull);
                pull->fetch.diagnostics = NULL;
                say_diagnostics(pull->reporter, &diagnostics);
                if (!is_worth_another_try(pull, r) || tried >= pull->request->retries ||
                    pull->reference->transport != TRANSPORT_REGISTRY || pull->request->source)
                        return r;
                say(pull->reporter, "Trying to pull %s again in %.1f s", pull->reference->name,
                    (double) delay / (double) USEC_PER_SEC);
                sleep_usec(delay);
                if (pull->request->retry_delay_usec == USEC_INFINITY && delay < 60 * USEC_PER_SEC)
                        delay *= 2;
        }
}

/* What the policy says without asking. Returns 1 when it is done (`ret` is the result), 0 when the
 * source must be asked, or -errno. */
static int settle_by_policy(const Pull *pull, int *ret) {
        _cleanup_free_ char *digest = NULL;
        PullPolicy policy = pull->request->policy;
        int r;

        if (policy != PULL_MISSING && policy != PULL_NEVER)
                return 0;
        r = read_reference(pull, pull->name, &digest);
        if (r < 0)
                return r;
        if (!digest && policy == PULL_MISSING)
                return 0;
        *ret = digest ? write_references(pull, digest) : -ENODATA;
        return 1;
}

static int write_secrets(Pull *pull) {
        const PullRequest *request = pull->request;
        int r = 0;

        if (request->credentials && pull->reference->registry)
                r = download_write_credentials(&pull->download, pull->reference->registry, request->credentials);
        if (r >= 0 && request->decryption_key)
                r = download_write_decryption_key(&pull->download, request->decryption_key);
        return r;
}

/* With an image that is there, it is enough to have asked whether there is a newer one. */
static int forgive(const Pull *pull, int error) {
        _cleanup_free_ char *digest = NULL;

        if (pull->request->policy != PULL_NEWER || read_reference(pull, pull->name, &digest) < 0 || !digest)
                return error;
        say(pull->reporter, "%s could not be looked for; the one that is there will do", pull->reference->name);
        return write_references(pull, digest);
}

/* Says whether compressed layers are to stay after they have been unpacked. */
static bool keeps_blobs(void) {
        const char *text = getenv(KEEP_BLOBS_VARIABLE);
        bool keep = false;

        return text && text_to_bool(text, &keep) >= 0 && keep;
}

static int open_pull(Pull *pull, const char *tag) {
        int r;

        pull->keep_blobs = keeps_blobs();

        pull->name = image_instance(pull->reference->name);
        pull->tag_name = tag ? image_instance(tag) : NULL;
        if (!pull->name || (tag && !pull->tag_name))
                return -ENOMEM;
        r = store_open(NULL, &pull->store);
        pull->fetch = (Fetch) {
                .request = pull->request,
                .reference = pull->reference,
                .store = &pull->store,
                .download = &pull->download,
                .tick = report_fetching,
                .userdata = pull,
        };
        return r;
}

static int pull_reference(const PullRequest *request, const ImageReference *reference, const char *tag,
                          const PullReporter *reporter) {
        _cleanup_(pull_done) Pull pull = {
                .request = request,
                .reporter = reporter,
                .reference = reference,
                .store = STORE_INIT,
                .download = DOWNLOAD_INIT,
        };
        int r, result = 0;

        r = open_pull(&pull, tag);
        if (r >= 0)
                r = settle_by_policy(&pull, &result);
        if (r > 0)
                return result;
        if (r >= 0)
                r = download_open(pull.name, &pull.download);
        /* Whoever had the lock may have pulled it. */
        if (r >= 0)
                r = settle_by_policy(&pull, &result);
        if (r > 0)
                return result;
        if (r >= 0)
                r = write_secrets(&pull);
        if (r < 0)
                return give_up(reporter, reference, failure_of_errno(r), r);
        r = try_often(&pull);
        if (r >= 0)
                return r;
        r = give_up(reporter, reference, pull.fetch.failure, r);
        return r == -EREMOTEIO || r == -EREPORTED ? forgive(&pull, r) : r;
}

/* Asks the source something. */
static int ask(const PullRequest *request, const ImageReference *reference, const PullReporter *reporter,
               int (*question)(Fetch *fetch, void *answer), void *answer) {
        _cleanup_(pull_done) Pull pull = {
                .request = request,
                .reporter = reporter,
                .reference = reference,
                .store = STORE_INIT,
                .download = DOWNLOAD_INIT,
        };
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        int r;

        r = open_pull(&pull, NULL);
        if (r >= 0)
                r = download_open(pull.name, &pull.download);
        if (r >= 0)
                r = write_secrets(&pull);
        if (r < 0)
                return r;
        pull.fetch.diagnostics = &diagnostics;
        r = question(&pull.fetch, answer);
        say_diagnostics(reporter, &diagnostics);
        return r < 0 ? give_up(reporter, reference, pull.fetch.failure, r) : r;
}

static int ask_tags(Fetch *fetch, void *answer) {
        return fetch_tags(fetch, answer);
}

static int ask_digest(Fetch *fetch, void *answer) {
        _cleanup_found_ Found found = {};
        int r = fetch_find(fetch, &found);

        if (r < 0)
                return r;
        *(char **) answer = strdup(found.digest);
        return *(char **) answer ? 0 : -ENOMEM;
}

int pull_look(const PullRequest *request, const PullReporter *reporter, char **ret_digest) {
        return ask(request, &request->reference, reporter, ask_digest, ret_digest);
}

/* One that fails does not keep the others from being pulled. */
static int pull_all_tags(const PullRequest *request, const ImageReference *wanted, const PullReporter *reporter) {
        _cleanup_string_list_ StringList tags = {};
        int r, changed = 0, first = 0;

        r = ask(request, wanted, reporter, ask_tags, &tags);
        if (r < 0)
                return r;
        for (size_t i = 0; i < tags.count; i++) {
                _cleanup_free_ char *text = text_format("%s:%s", wanted->repository, tags.items[i]),
                                    *message = NULL;
                _cleanup_image_reference_ ImageReference reference = {};

                r = text ? image_reference_parse(text, &reference, &message) : -ENOMEM;
                if (r >= 0)
                        r = pull_reference(request, &reference,
                                           streq_null(tags.items[i], wanted->tag) ? request->tag : NULL,
                                           reporter);
                if (message)
                        say(reporter, "%s", message);
                if (r < 0 && first == 0)
                        first = r;
                changed |= r > 0;
        }
        return first < 0 ? first : changed;
}

static int pull_from(const PullRequest *request, const ImageReference *reference, const PullReporter *reporter) {
        if (request->all_tags && reference->transport == TRANSPORT_REGISTRY && request->policy != PULL_NEVER)
                return pull_all_tags(request, reference, reporter);
        return pull_reference(request, reference, request->tag, reporter);
}

/* What is said of one candidate is kept until it is known whether another one has it. */
typedef struct Kept {
        const PullReporter *reporter;
        StringList messages;
        size_t hopeless; /* how many have said that they are, */
        char *last;      /* and what the last of them said, which is no message yet */
} Kept;

static void kept_done(Kept *kept) {
        string_list_done(&kept->messages);
        free(kept->last);
}

static void keep_progress(const PullProgress *progress, void *userdata) {
        const Kept *kept = userdata;

        if (kept->reporter->progress)
                kept->reporter->progress(progress, kept->reporter->userdata);
}

/* Memory that is short makes a message less. */
static void keep_message(const char *message, void *userdata) {
        Kept *kept = userdata;

        (void) string_list_add(&kept->messages, message);
}

static void keep_hopeless(const char *message, void *userdata) {
        Kept *kept = userdata;

        if (kept->last)
                (void) string_list_add(&kept->messages, kept->last);
        free(kept->last);
        kept->last = strdup(message);
        kept->hopeless++;
}

static void tell(const PullReporter *reporter, void (*how)(const char *message, void *userdata), const char *message) {
        if (how && message)
                how(message, reporter->userdata);
}

static void say_taken(const Kept *kept, const PullRequest *request, const ImageReference *taken) {
        const PullReporter *reporter = kept->reporter;
        _cleanup_free_ char *line = text_format("\"%s\" is taken from %s", request->candidates.name, taken->name);

        for (size_t i = 0; i < kept->messages.count; i++)
                tell(reporter, reporter->note, kept->messages.items[i]);
        tell(reporter, reporter->note, kept->last);
        tell(reporter, reporter->note, line);
}

/* It is of no use to try again when none of them is. */
static void say_failed(const Kept *kept, const PullRequest *request) {
        const PullReporter *reporter = kept->reporter;
        bool hopeless = kept->hopeless == request->candidates.count;

        for (size_t i = 0; i < kept->messages.count; i++)
                tell(reporter, reporter->message, kept->messages.items[i]);
        tell(reporter, hopeless && reporter->hopeless ? reporter->hopeless : reporter->message, kept->last);
}

/* Whether the store has one, for who does not want to ask. Returns 1, 0, or -errno. */
static int has_candidate(const PullRequest *request, const PullReporter *reporter) {
        PullRequest look = *request; /* borrows all of it */
        int r = -ENODATA;

        if (request->policy != PULL_MISSING)
                return 0;
        look.policy = PULL_NEVER;
        for (size_t i = 0; r == -ENODATA && i < request->candidates.count; i++)
                r = pull_from(&look, &request->candidates.items[i], reporter);
        return r == -ENODATA ? 0 : r < 0 ? r : 1;
}

static int pull_first(const PullRequest *request, const PullReporter *reporter) {
        _cleanup_(kept_done) Kept kept = { .reporter = reporter };
        const PullReporter keeper = {
                .progress = keep_progress,
                .message = keep_message,
                .hopeless = keep_hopeless,
                .userdata = &kept,
        };
        int r, first = 0;

        r = has_candidate(request, reporter);
        if (r != 0)
                return r < 0 ? r : 0;
        for (size_t i = 0; i < request->candidates.count; i++) {
                r = pull_from(request, &request->candidates.items[i], &keeper);
                if (r >= 0) {
                        say_taken(&kept, request, &request->candidates.items[i]);
                        return r;
                }
                /* That it was reported ends other tries, when one of them may be of use. */
                if (first == 0 || first == -EREPORTED)
                        first = r;
        }
        say_failed(&kept, request);
        return first;
}

int pull(const PullRequest *request, const PullReporter *reporter) {
        return request->candidates.count > 0 ? pull_first(request, reporter) :
                                               pull_from(request, &request->reference, reporter);
}
