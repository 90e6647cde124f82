# Cases that are written for the system's manager once more as an unprivileged user's, with linger: see as-user.sh. With --long some more;
# README.md has the others.
# guests: nspawn
# timeout: 600

. ./as-user.sh
cases=(start-rootfs start-variables start-hooks start-systemd-inside berth-new berth-wait volume-archives)
# systemd encrypts for users from version 256 on.
[ "$SUITE" = bookworm ] || cases+=(start-secrets)
# Longer ones, of which most show a second time what a user's own cases show.
[ "$LONG" != yes ] || cases+=(start-files start-sandboxing start-broad start-kills start-pods-keys start-pods-kills oci-mounts oci-inside oci-seccomp
    health-checks health-image health-kills health-startup helper-many helper-prepare helper-reload host-runc
    berth-auto-update berth-check berth-cp berth-diff berth-edit berth-exec berth-inspect berth-list berth-run berth-stats
    image-hostile image-images image-kills image-pulling image-registry image-store image-tag source-systemd-keys
    unit-any-service unit-instances unit-journal-fields unit-names unit-sockets unit-stop-signal)
make_networked_user somebody 59990
as_user_prepare somebody 59990
for name in "${cases[@]}"; do
    run_as_user "$name"
done
