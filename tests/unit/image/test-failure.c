/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What skopeo says, and what is made of it. The words are skopeo's of Debian 12 and 13. */
#include "image/failure.h"

#include <errno.h>

#include "tests/unit/test.h"

START_TEST(words) {
        static const struct { const char *said; Failure failure;
        } cases[] = {
                { "time=\"…\" level=fatal msg=\"Error parsing image name \\\"docker://127.0.0.1:5000/none:1\\\": "
                  "reading manifest 1 in 127.0.0.1:5000/none: manifest unknown: manifest unknown\"",
                  FAILURE_NOT_THERE },
                { "reading manifest 1 in q.io/none: name unknown: repository name not known to registry",
                  FAILURE_NOT_THERE },
                { "reading manifest latest in docker.io/library/none: errors:\ndenied: requested access to the "
                  "resource is denied\nunauthorized: authentication required",
                  FAILURE_NOT_ALLOWED },
                { "unable to retrieve auth token: invalid username/password: unauthorized", FAILURE_NOT_ALLOWED },
                { "reading manifest 1 in q.io/a: received unexpected HTTP status: 403 (Forbidden)",
                  FAILURE_NOT_ALLOWED },
                { "pinging container registry 127.0.0.1:5001: Get \"https://127.0.0.1:5001/v2/\": x509: certificate "
                  "signed by unknown authority",
                  FAILURE_CERTIFICATE },
                { "pinging container registry q.io: Get \"https://q.io/v2/\": http: server gave HTTP response to HTTPS "
                  "client",
                  FAILURE_NO_TLS },
                { "pinging container registry no.example: Get \"https://no.example/v2/\": dial tcp: lookup no.example "
                  "on 127.0.0.1:53: no such host",
                  FAILURE_UNKNOWN_HOST },
                { "writing blob: write /var/lib/berth/downloads/x/blobs/sha256/y: no space left on device",
                  FAILURE_NO_SPACE },
                { "level=fatal msg=\"Source image rejected: Running image docker://q.io/a:1 is rejected by policy.\"",
                  FAILURE_REJECTED },
                { "Source image rejected: A signature was required, but no signature exists", FAILURE_REJECTED },
                { "Source image rejected: None of the signatures were accepted, reasons: Invalid GPG signature",
                  FAILURE_REJECTED },
                { "Source image rejected: Signature for identity \\\"q.io/b\\\" is not accepted", FAILURE_REJECTED },
                { "Source image rejected: Get \"https://sigs.q.io/a\": dial tcp: i/o timeout", FAILURE_OTHER },
                { "Error loading trust policy: open /etc/containers/policy.json: no such file or directory",
                  FAILURE_NO_POLICY },
                { "toomanyrequests: You have reached your unauthenticated pull rate limit. unauthorized",
                  FAILURE_OTHER },
                { "dial tcp 127.0.0.1:5000: connect: connection refused", FAILURE_OTHER },
                { "dial tcp: lookup q.io on [::1]:53: read udp: i/o timeout", FAILURE_OTHER },
                { "received unexpected HTTP status: 503 Service Unavailable", FAILURE_OTHER },
                { "", FAILURE_OTHER },
        };
        _cleanup_image_reference_ ImageReference reference = {}, local = {};
        char *message = NULL;

        ck_assert_int_eq(image_reference_parse("q.io/a:1", &reference, &message), 0);
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
                ck_assert_msg(failure_of_words(cases[i].said, &reference) == cases[i].failure, "%s", cases[i].said);
        ck_assert_int_eq(image_reference_parse("localhost/a:1", &local, &message), 0);
        ck_assert_int_eq(failure_of_words("dial tcp [::1]:443: connect: connection refused", &local),
                         FAILURE_NOBODY_HERE);
        ck_assert_int_eq(failure_of_errno(-ENOSPC), FAILURE_NO_SPACE);
        ck_assert_int_eq(failure_of_errno(-EIO), FAILURE_OTHER);
}
END_TEST

START_TEST(messages) {
        static const struct { Failure failure; const char *message;
        } cases[] = {
                { FAILURE_OTHER, NULL },
                { FAILURE_NOT_THERE,
                  "q.io:5000/a:1: q.io:5000 has no such image; look whether name and tag are right" },
                { FAILURE_NOT_ALLOWED,
                  "q.io:5000/a:1: q.io:5000 refuses it: either there is no such image, or credentials are missing or "
                  "wrong, see Creds= and AuthFile= in berth.image(5)" },
                { FAILURE_CERTIFICATE,
                  "q.io:5000/a:1: the certificate of q.io:5000 is not trusted; put its authority's into "
                  "/etc/containers/certs.d/q.io:5000, or see CertDir= and TLSVerify= in berth.image(5)" },
                { FAILURE_NO_TLS,
                  "q.io:5000/a:1: q.io:5000 has no TLS; if that is all right, see TLSVerify= in berth.image(5)" },
                { FAILURE_UNKNOWN_HOST,
                  "q.io:5000/a:1: there is no host of the name q.io; look whether it is right" },
                { FAILURE_REJECTED,
                  "q.io:5000/a:1: this machine's policy refuses it; it, or who has to sign the image, is in "
                  "/etc/containers/policy.json, see containers-policy.json(5)" },
                { FAILURE_NO_POLICY,
                  "q.io:5000/a:1: /etc/containers/policy.json, which says whose images are trusted, is missing or no "
                  "such file; see containers-policy.json(5)" },
                { FAILURE_NO_SPACE,
                  "q.io:5000/a:1: no space left on device for /var/lib/berth; berth df shows what takes how much, and "
                  "berth prune removes what nobody needs" },
                { FAILURE_NO_SKOPEO,
                  "q.io:5000/a:1: there is no skopeo(1), which fetches images; install the package skopeo" },
        };
        _cleanup_image_reference_ ImageReference reference = {}, local = {};
        _cleanup_free_ char *of_local = NULL;
        char *message = NULL;

        ck_assert_int_eq(image_reference_parse("q.io:5000/a:1", &reference, &message), 0);
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                _cleanup_free_ char *said = failure_message(cases[i].failure, &reference);

                ck_assert_pstr_eq(said, cases[i].message);
        }
        ck_assert_int_eq(image_reference_parse("localhost/a:1", &local, &message), 0);
        of_local = failure_message(FAILURE_NOBODY_HERE, &local);
        ck_assert_str_eq(of_local,
                         "localhost/a:1: this machine has no registry; what podman has built here must be copied "
                         "(skopeo copy containers-storage:localhost/a:1 oci:DIRECTORY:TAG), for "
                         "Image=oci:DIRECTORY:TAG");
}
END_TEST

int main(void) {
        Suite *suite = suite_create("failure");
        TCase *tests = tcase_create("failure");

        tcase_add_test(tests, words);
        tcase_add_test(tests, messages);
        suite_add_tcase(suite, tests);
        return test_run(suite);
}
