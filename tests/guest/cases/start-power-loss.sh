# The power goes in the middle of something: what is on the disk then is whole or not there, and the machine boots clean.
# guests: qemu
# suites: bookworm
# timeout: 200

listing() { # DIRECTORY
    (cd "$1" && find . -printf '%y %m %U:%G %s %l %p\n' | sed -E 's/^(d.*) [0-9]+ ( [^ ]*)$/\1\2/' | sort)
}
forget() {
    rm -rf /var/lib/berth/images/*cut* /var/lib/berth/layers/sha256/* /var/lib/berth/blobs/sha256/*
}
pulled() {
    find /var/lib/berth/images -name '*cut*' 2>/dev/null | wc -l
}

case $PHASE in
1)
    make_rootfs /srv/cut
    mkdir -p /srv/cut/data
    cp -r /usr/share/doc/[a-c]* /srv/cut/data/
    head -c 3000000 /dev/urandom >/srv/cut/data/ballast
    make_image /srv/cut-layout:x /srv/cut
    put /etc/berth/cut.container <<'END'
[Container]
Image=oci:/srv/cut-layout:x
Exec=/bin/sh -c "trap 'exit 0' TERM; sleep 1000 & wait"
Volume=cut:/data
PublishPort=8080:80
StopTimeout=1
END
    systemctl daemon-reload
    unit=container-image@$(systemd-escape oci:/srv/cut-layout:x).service
    begin=${EPOCHREALTIME/./}
    require "the image is pulled" systemctl start "$unit"
    took=$(((${EPOCHREALTIME/./} - begin) / 1000))
    forget
    before_cut
    systemctl start --no-block "$unit"
    cut_power "$(between $((took / 4)) $((took * 3 / 4)))"
    ;;
2)
    check "after a loss of power while an image is pulled, the machine is up" systemctl is-system-running --wait
    check "nothing of the image, or all of it" berth fsck
    check "a start pulls it anew" systemctl start container@cut
    check "whole" berth fsck
    check "what was begun is gone" same "" "$(find /var/lib/berth/staging -mindepth 1)"
    check "nor is there anything under a temporary name" same "" "$(find /var/lib/berth/{images,trees,blobs,layers} -maxdepth 2 -name '.*')"
    systemctl stop container@cut container-volume@cut
    rm -rf /var/lib/berth/volumes/cut
    before_cut
    systemctl start --no-block container@cut
    # The power goes when the volume is being filled, or a little later.
    until [ -e /var/lib/berth/volumes/cut/.berth-filling ] || [ -e /var/lib/berth/volumes/cut/.berth-filled ]; do sleep 0.01; done
    cut_power "$(between 0 400)"
    ;;
3)
    check "after a loss of power while a volume is filled, the machine is up" systemctl is-system-running --wait
    check "nothing of the container is left" same "" "$(container_files)"
    echo "in the volume: $(ls -A /var/lib/berth/volumes/cut /var/lib/berth/volumes/cut/_data)"
    check "a start fills it" systemctl start container@cut
    check "with everything" same "$(listing /srv/cut/data)" "$(listing /var/lib/berth/volumes/cut/_data)"
    # What has been told to be done must be on the disk: an image pulled, a volume filled, a record of the container that runs.
    systemctl stop container@cut
    forget
    before_cut
    check "a pull that ends" berth pull oci:/srv/cut-layout:x
    systemctl start container@cut
    cat /var/lib/berth/networks/default >"$STATE/subnets"
    put /etc/berth/cut-pod.pod <<'END'
[Pod]
PublishPort=8081:80
UserNS=auto
END
    put /etc/berth/cut-member.container <<'END'
[Container]
Image=oci:/srv/cut-layout:x
Exec=/bin/sh -c "trap 'exit 0' TERM; sleep 1000 & wait"
Pod=cut-pod.pod
StopTimeout=1
END
    systemctl daemon-reload
    check "a pod is up" systemctl start container-pod@cut-pod container@cut-member
    # What a test writes is not what is to be found out.
    sync /etc/berth/cut-pod.pod /etc/berth/cut-member.container /etc/berth
    check "a subnet was chosen" grep -q '^10\.' "$STATE/subnets"
    sync "$STATE/subnets"
    cut_power 0
    ;;
4)
    check "after a loss of power with a container that runs, the machine is up" systemctl is-system-running --wait
    check "the image that was pulled is there" same 1 "$(pulled)"
    check "whole" berth fsck
    check "nothing of the container or of the pod is left" same "" "$(container_files)"
    check "nor of its network but the subnet that was chosen" same "" "$(find /run/berth/networks -mindepth 1 2>/dev/null)"
    check "it starts" systemctl start container@cut
    check "with the same subnet" same "$(cat "$STATE/subnets")" "$(cat /var/lib/berth/networks/default)"
    check "and its port" contains "$(nft list map inet berth ports4)" '8080 comment "container@cut.service"'
    check "with its volume" same "$(listing /srv/cut/data)" "$(listing /var/lib/berth/volumes/cut/_data)"
    check "the pod starts" systemctl start container-pod@cut-pod
    check "with its container" wait_for 30 unit_is container@cut-member ActiveState active
    check "at the first try" unit_is container@cut-member NRestarts 0
    check "and has its port" contains "$(nft list map inet berth ports4)" '8081 comment "container-pod@cut-pod.service"'
    systemctl stop container-pod@cut-pod container@cut
    check "and nothing is left" same "" "$(container_files)"
    systemctl stop container-volume@cut
    rm -rf /var/lib/berth/volumes/cut /srv/cut /srv/cut-layout
    forget
    ;;
esac
