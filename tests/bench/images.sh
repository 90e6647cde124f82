#!/bin/bash
# Measures images inside a guest: unpacking against umoci and tar on the same layers, and starts of many containers of one image. Ratios within one run count.
S=/var/lib/berth

milliseconds() { # COMMAND...
    local start
    start=$(date +%s%N)
    "$@" >/dev/null 2>&1
    echo $((($(date +%s%N) - start) / 1000000))
}

# A real system in two layers, and a small program over it.
mkdir -p /srv/bench-image/usr/local/bin /run/bench-images /etc/berth
cp /bin/busybox /srv/bench-image/usr/local/bin/
umoci init --layout /srv/layout
umoci new --image /srv/layout:system
for directories in "usr/lib bin lib" "usr/bin usr/sbin etc"; do
    # shellcheck disable=SC2086
    tar -C / --one-file-system --sort=name --numeric-owner -cf /run/bench-images/layer.tar $directories
    umoci raw add-layer --image /srv/layout:system /run/bench-images/layer.tar
done
tar -C /srv/bench-image --sort=name --numeric-owner -cf /run/bench-images/layer.tar .
umoci raw add-layer --image /srv/layout:system /run/bench-images/layer.tar
rm /run/bench-images/layer.tar
manifest=$(sed 's/.*"digest":"sha256:\([0-9a-f]*\)".*/\1/' /srv/layout/index.json)
layers=$(grep -o '"digest":"sha256:[0-9a-f]*"' "/srv/layout/blobs/sha256/$manifest" | tail -n +2 | grep -o '[0-9a-f]\{64\}')

with_tar() {
    local layer
    mkdir -p /srv/tar
    for layer in $layers; do gzip -dc "/srv/layout/blobs/sha256/$layer" | tar -C /srv/tar --numeric-owner --xattrs -xpf -; done
    sync -f /srv/tar
}
with_umoci() {
    umoci unpack --image /srv/layout:system /srv/umoci
    sync -f /srv/umoci
}
# The blobs are there already, as for the others.
with_berth() {
    berth pull oci:/srv/layout:system
}

berth pull oci:/srv/layout:system >/dev/null 2>&1
for ((i = 0; i < ${UNPACKS:-3}; i++)); do
    rm -rf /srv/tar /srv/umoci "$S"/layers/sha256/* "$S"/images/*
    sync
    milliseconds with_tar >>/run/bench-images/tar
    milliseconds with_umoci >>/run/bench-images/umoci
    milliseconds with_berth >>/run/bench-images/berth
done
printf 'unpacking %s compressed, medians: gzip and tar %s ms, umoci %s ms, berth pull %s ms\n' "$(du -shc /srv/layout/blobs | tail -n 1 | cut -f1)" \
    "$(median </run/bench-images/tar)" "$(median </run/bench-images/umoci)" "$(median </run/bench-images/berth)"
awk -v b="$(median </run/bench-images/berth)" -v u="$(median </run/bench-images/umoci)" -v t="$(median </run/bench-images/tar)" \
    'BEGIN {printf "berth against umoci: %.2f, against tar: %.2f\n", b / u, b / t}'

# Many of one image.
cat >/etc/berth/image@.container <<'EOF'
[Unit]
StartLimitIntervalSec=0

[Container]
Image=oci:/srv/layout:system
Network=none
Exec=/usr/local/bin/busybox sleep 1000
RunInit=yes
EOF
for ((i = 1; i <= 50; i++)); do ln -sf image@.container "/etc/berth/image@$i.container"; done
systemctl daemon-reload
for ((i = 1; i <= 50; i++)); do milliseconds systemctl start "container@image@$i"; done >/run/bench-images/starts
printf 'one after another: first start %s ms, 50th %s ms, median %s ms\n' "$(head -n 1 /run/bench-images/starts)" "$(tail -n 1 /run/bench-images/starts)" \
    "$(median </run/bench-images/starts)"
# shellcheck disable=SC2046
all() { systemctl "$1" $(seq -f 'container@image@%.0f' 50); }
all stop
printf '50 together: up in %s ms' "$(milliseconds all start)"
printf ' (%s of 50 active), down in %s ms\n' "$(systemctl list-units --state=active --no-legend 'container@image@*' | wc -l)" "$(milliseconds all stop)"
