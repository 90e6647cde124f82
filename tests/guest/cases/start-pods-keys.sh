# What each key of [Pod] does to the machine and to the pod's containers, where start-pods does not show it.
# guests: nspawn
# timeout: 180

make_rootfs /srv/pod-keys
touch /srv/pod-keys/etc/{hosts,hostname,resolv.conf}
cp /etc/subuid "$TMP/subuid"
cp /etc/subgid "$TMP/subgid"
at_end 'systemctl stop "container-pod@*" container-network@keys; cp "$TMP/subuid" /etc/subuid; cp "$TMP/subgid" /etc/subgid; rm -rf /srv/pod-keys'
put /etc/berth/keys.network <<'END'
[Network]
Subnet=10.123.9.0/24
Subnet=fd00:129::/64
END
# A pod with two containers.
pod() { # NAME LINE...
    printf '%s\n' '[Pod]' "${@:2}" >"/etc/berth/$1.pod"
    local member
    for member in one two; do
        put "/etc/berth/$1-$member.container" <<END
[Container]
Rootfs=/srv/pod-keys:O
Exec=/bin/sh -c "trap 'exit 0' TERM; sleep infinity & wait"
Pod=$1.pod
StopTimeout=1
END
    done
    systemctl daemon-reload
}
up() { # NAME
    systemctl start "container-pod@$1" "container@$1-one" "container@$1-two"
}
in_root() { # NAME COMMAND...
    nsenter -t "$(main_pid "container@$1")" -m -n -u --root --wd=/ "${@:2}"
}
map() { # NAME uid|gid
    xargs <"/proc/$(main_pid "container@$1")/$2_map"
}

pod keyed Network=keys.network IP=10.123.9.77 IP6=fd00:129::77 NetworkAlias=further DNS=192.0.2.53 DNSOption=ndots:2 DNSSearch=example.test \
    ServiceName=keyed-by-name Label=colour=red 'PodmanArgs=--add-host=more:192.0.2.9' GlobalArgs=--log-level=debug
require "a pod with keys starts, by ServiceName=" systemctl start keyed-by-name.service
require "with its containers" up keyed
check "which is the pod's unit" unit_is container-pod@keyed ActiveState active
check "IP= and IP6= are the pod's addresses" same "10.123.9.77/24 fd00:129::77/64" \
    "$(inside keyed-one ip -o addr show scope global | awk '{ print $4 }' | sort | xargs)"
check "seen by each" same "$(inside keyed-one ip -o addr)" "$(inside keyed-two ip -o addr)"
check "DNS=, DNSOption= and DNSSearch= are in each resolv.conf" same "nameserver 192.0.2.53 options ndots:2 search example.test" \
    "$(in_root keyed-two /bin/cat /etc/resolv.conf | grep -v '^#' | sort | xargs)"
check "NetworkAlias= is a name for others" contains "$(wait_for 20 inside keyed-one timeout 5 busybox nslookup further 10.123.9.1)" '10\.123\.9\.77'
check "an option in PodmanArgs= is what its key is" contains "$(in_root keyed-one /bin/cat /etc/hosts)" '^192\.0\.2\.9	more$'
said=$(berth check 2>&1 || :)
check "with a word" contains "$said" 'keyed.pod:11:23: warning: "--add-host" in "PodmanArgs" is taken as AddHost=more:192.0.2.9'
check "as GlobalArgs= has no effect" contains "$said" 'keyed.pod:12:1: warning: "GlobalArgs" has no effect'
check "the pod's stop by that name" systemctl stop keyed-by-name.service
check "stops its containers" unit_is container@keyed-two ActiveState inactive

# What a pod has not, a PID namespace, its containers can have together: that of the one that is first.
pod pids-pod Network=none UserNS=auto
echo PidNS=pids-pod-one.container >>/etc/berth/pids-pod-two.container
systemctl daemon-reload
require "PidNS= with the name of another container of the pod" systemctl start container-pod@pids-pod
check "starts both" wait_for 20 unit_is container@pids-pod-two ActiveState active
check "in one namespace" same "$(readlink "/proc/$(main_pid container@pids-pod-one)/ns/pid")" "$(readlink "/proc/$(main_pid container@pids-pod-two)/ns/pid")"
check "with one map of IDs" same "$(map pids-pod-one uid)" "$(map pids-pod-two uid)"
systemctl stop container-pod@pids-pod
echo PidNS=shared >>/etc/berth/pids-pod.pod
check "as a key of the pod's it is an error" not systemctl start container-pod@pids-pod
check "with its place" says container-pod@pids-pod 'pids-pod.pod:4:1: error: "PidNS" belongs in \[Container\], not in \[Pod\]'
printf '[Pod]\nPodmanArgs=--share=ipc,net,uts,pid\n' >/etc/berth/pids-pod.pod
check "so is podman's option" not systemctl start container-pod@pids-pod
check "with what is to be used" says container-pod@pids-pod 'pids-pod.pod:2:12: error: there is no key for "--share" in "PodmanArgs"; use IpcNS=, UtsNS= and PidNS= in the .container files'
check "and nothing is left" becomes 20 "" container_files

# Ranges of IDs that a user does not have.
no_more_as_user
pod mapped-pod Network=none UIDMap=0:700000:5000 GIDMap=0:710000:6000
require "UIDMap= and GIDMap= start" up mapped-pod
check "they are each one's" same "0 700000 5000 / 0 710000 6000 / 0 700000 5000" "$(map mapped-pod-one uid) / $(map mapped-pod-one gid) / $(map mapped-pod-two uid)"
check "in one namespace" same "$(readlink "/proc/$(main_pid container@mapped-pod-one)/ns/user")" "$(readlink "/proc/$(main_pid container@mapped-pod-two)/ns/user")"
check "what one writes" nsenter -t "$(main_pid container@mapped-pod-one)" -U -m --root --wd=/ /bin/sh -c 'echo hello >/dev/shm/x; chmod 600 /dev/shm/x'
check "is the other's to read" same hello "$(nsenter -t "$(main_pid container@mapped-pod-two)" -U -m --root --wd=/ /bin/cat /dev/shm/x)"
systemctl stop container-pod@mapped-pod

echo pod-keys:800000:4096 >>/etc/subuid
echo pod-keys:900000:2048 >>/etc/subgid
pod sub-pod Network=none SubUIDMap=pod-keys SubGIDMap=pod-keys
require "SubUIDMap= and SubGIDMap= start" up sub-pod
check "by the entry of that name" same "0 800000 4096 / 0 900000 2048" "$(map sub-pod-two uid) / $(map sub-pod-two gid)"
systemctl stop container-pod@sub-pod
check "nor is anything of them" becomes 20 "" container_files
