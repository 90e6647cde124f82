/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Failures of a pull that will not go away by trying again. */
#include "image/failure.h"

#include <errno.h>

#include "basic/text.h"
#include "source/places.h"

/* The first that is found counts. */
static const struct {
        const char *words;
        Failure failure;
} known[] = {
        { "toomanyrequests", FAILURE_OTHER },
        /* Signatures may also be impossible to fetch at the moment, so "Source image rejected" does
         * not say enough. */
        { "is rejected by policy", FAILURE_REJECTED },
        { "A signature was required, but no signature exists", FAILURE_REJECTED },
        { "None of the signatures were accepted", FAILURE_REJECTED },
        { "Source image rejected: Signature ", FAILURE_REJECTED },
        { "Source image rejected: Invalid GPG signature", FAILURE_REJECTED },
        { "Source image rejected: cryptographic signature verification failed", FAILURE_REJECTED },
        /* Where root keeps signatures no user may look. */
        { "Source image rejected: open ", FAILURE_REJECTED },
        { "Error loading trust policy", FAILURE_NO_POLICY },
        { "no space left on device", FAILURE_NO_SPACE },
        { "disk quota exceeded", FAILURE_NO_SPACE },
        { "no such host", FAILURE_UNKNOWN_HOST },
        { "server gave HTTP response to HTTPS client", FAILURE_NO_TLS },
        { "x509: ", FAILURE_CERTIFICATE },
        { "tls: failed to verify certificate", FAILURE_CERTIFICATE },
        { "manifest unknown", FAILURE_NOT_THERE },
        { "name unknown", FAILURE_NOT_THERE },
        { "repository name not known to registry", FAILURE_NOT_THERE },
        { "404 (Not Found)", FAILURE_NOT_THERE },
        { "StatusCode: 404", FAILURE_NOT_THERE },
        { "unauthorized", FAILURE_NOT_ALLOWED },
        { "authentication required", FAILURE_NOT_ALLOWED },
        { "invalid username/password", FAILURE_NOT_ALLOWED },
        { "access to the resource is denied", FAILURE_NOT_ALLOWED },
        { "401 (Unauthorized)", FAILURE_NOT_ALLOWED },
        { "403 (Forbidden)", FAILURE_NOT_ALLOWED },
        { "StatusCode: 403", FAILURE_NOT_ALLOWED },
};

Failure failure_of_words(const char *said, const ImageReference *reference) {
        /* "localhost/app" is podman's way to call what was built here. */
        if (streq_null(reference->registry, "localhost") && strstr(said, "connection refused"))
                return FAILURE_NOBODY_HERE;
        for (size_t i = 0; i < ARRAY_SIZE(known); i++)
                if (strstr(said, known[i].words))
                        return known[i].failure;
        return FAILURE_OTHER;
}

Failure failure_of_errno(int error) {
        return error == -ENOSPC || error == -EDQUOT ? FAILURE_NO_SPACE : FAILURE_OTHER;
}

char *failure_message(Failure failure, const ImageReference *reference) {
        const char *name = reference->name, *registry = reference->registry ?: "this machine";

        switch (failure) {
        case FAILURE_NOT_THERE:
                return text_format("%s: %s has no such image; look whether name and tag are right", name, registry);
        case FAILURE_NOT_ALLOWED:
                return text_format("%s: %s refuses it: either there is no such image, or credentials are missing or "
                                   "wrong, see Creds= and AuthFile= in berth.image(5)",
                                   name, registry);
        case FAILURE_CERTIFICATE:
                return text_format("%s: the certificate of %s is not trusted; put its authority's into "
                                   "/etc/containers/certs.d/%s, or see CertDir= and TLSVerify= in berth.image(5)",
                                   name, registry, registry);
        case FAILURE_NO_TLS:
                return text_format("%s: %s has no TLS; if that is all right, see TLSVerify= in berth.image(5)", name,
                                   registry);
        case FAILURE_UNKNOWN_HOST:
                return text_format("%s: there is no host of the name %.*s; look whether it is right", name,
                                   (int) strcspn(registry, ":"), registry);
        case FAILURE_NOBODY_HERE:
                return text_format("%s: this machine has no registry; what podman has built here must be copied "
                                   "(skopeo copy containers-storage:%s oci:DIRECTORY:TAG), for Image=oci:DIRECTORY:TAG",
                                   name, name);
        case FAILURE_REJECTED:
                return text_format("%s: this machine's policy refuses it; it, or who has to sign the image, is in "
                                   "/etc/containers/policy.json, see containers-policy.json(5)",
                                   name);
        case FAILURE_NO_POLICY:
                return text_format("%s: /etc/containers/policy.json, which says whose images are trusted, is missing "
                                   "or no such file; see containers-policy.json(5)",
                                   name);
        case FAILURE_NO_SPACE:
                return text_format("%s: no space left on device for %s; berth df shows what takes how much, and "
                                   "berth prune removes what nobody needs",
                                   name, place_path(PLACE_STATE));
        case FAILURE_NO_SKOPEO:
                return text_format("%s: there is no skopeo(1), which fetches images; install the package skopeo", name);
        case FAILURE_OTHER:
                break;
        }
        return NULL;
}
