# berth inspect: a container before and while it runs, its volume, network and image; as text, as JSON, and one value of it.
# guests: nspawn
# timeout: 120

make_rootfs "$TMP/tree"
make_image "$TMP/image:1" "$TMP/tree" -- --config.env=WORD=a --config.cmd=/bin/sh
put /etc/berth/box.container <<END
[Container]
Image=oci:$TMP/image:1
Exec=/bin/sh -c "trap 'exit 0' TERM; sleep 1000 & wait"
Volume=box.volume:/data
Network=box.network:alias=crate
PublishPort=127.0.0.1:18080:80
Label=of=mine
Label=org.example.role=tested
Label=spec=shown
StopTimeout=1
HealthCmd=/bin/true
[Service]
MemoryMax=64M
END
put /etc/berth/box.container.d/name.conf <<'END'
[Container]
HostName=boxed
END
put /etc/berth/box.volume <<'END'
[Volume]
VolumeName=boxes
Label=size=small
END
put /etc/berth/box.network <<'END'
[Network]
Subnet=10.99.1.0/24
END
systemctl daemon-reload
value() { berth inspect --format="$2" "$1"; } # NAME PATH

check "before a start, nothing but what is known" not contains "$(berth inspect box)" '^(health|limits|networks):$'
check "before a start" same "inactive  " "$(value box.container unit.state) $(value box.container unit.mainPid) $(value box.container spec)"
check "its file and drop-in" same "/etc/berth/box.container /etc/berth/box.container.d/name.conf" "$(value box file) $(value box dropIns.0)"
require "it starts" systemctl start container@box
check "its state" same "active running" "$(value container@box.service unit.state) $(value box unit.subState)"
check "its first process" same "$(systemctl show -P MainPID container@box)" "$(value box unit.mainPid)"
check "its image" same "oci:$TMP/image:1" "$(value box image.name)"
check "its digest is the image's" same "$(value box image.digest)" "$(value "oci:$TMP/image:1" digest)"
check "labels" same mine "$(value box about.labels.of)"
check "its network" same "10.99.1.2/24 crate" "$(value box networks.0.addresses.0) $(value box networks.0.aliases.0)"
check "its ports" contains "$(value box networks.0.ports.0)" '^127\.0\.0\.1:18080:80/tcp$'
check "its OCI configuration" same boxed "$(value box spec.hostname)"
healthy() { [ "$(value box health.Status)" = healthy ]; }
check "its health" wait_for 40 healthy
limits() { value box limits; }
if [ -e "/sys/fs/cgroup/system.slice/memory.max" ]; then
    check "its limits" contains "$(limits)" '"memory\.max": "67108864"'
fi
check "a member whose name has dots" same "$(value box limits | grep -c memory.max)" "$(value box 'limits.memory\.max' 2>/dev/null | grep -c .)"
for path in unit.state unit.mainPid image.digest networks.0.addresses.0 health.Status 'about.labels.org\.example\.role' spec.process.args; do
    check "an example of berth(1): $path" contains "$(value box "$path")" '[^ ]'
done
check "that one is" same tested "$(value box 'about.labels.org\.example\.role')"
check "of several, each on a line" same "box boxes" "$(berth inspect -f name box boxes | tr '\n' ' ' | sed 's/ $//')"
check "its volume, by its own name and its file's" same "small small" "$(value boxes labels.size) $(value box.volume labels.size)"
check "who uses the volume" same "box box" "$(value boxes usedBy.0) $(value boxes containers.0)"
check "who is on the network" same "box 10.99.1.2/24" "$(value box.network containers.0.name) $(value box.network containers.0.addresses.0)"
check "what the image says" same "WORD=a" "$(value "oci:$TMP/image:1" config.config.Env.0)"
check "who runs the image" same box "$(value "oci:$TMP/image:1" containers.0)"
check "as text" contains "$(berth inspect box)" '^  state: active$'
check "with lists" contains "$(berth inspect box)" '^      - 10\.99\.1\.2/24$'
check "a label of that name is shown" contains "$(berth inspect box)" '^    spec: shown$'
check "without what is for programs" not contains "$(berth inspect box)" ociVersion
check "as JSON, several" same 2 "$(berth inspect --json box boxes | grep -c '^    "kind"')"
for schema in list network images df volumes port; do
    check "$schema: JSON is kept" keep_json "$schema" berth "$schema" --json
done
check "inspect: JSON is kept" keep_json inspect berth inspect --json box boxes box.network "oci:$TMP/image:1"
check "network inspect: JSON is kept" keep_json network berth network --json inspect box.network
check "stats: JSON is kept" keep_json stats berth stats --no-stream --json
check "what is not there" same 'berth: There is no container, pod, image, volume or network "crate"' "$(berth inspect crate 2>&1)"
check "one of two is an error, the other is shown" same 'berth: There is no container, pod, image, volume or network "crate"
container' "$(berth inspect -f kind crate box 2>&1)"
check "a value that is not there" same 'berth: box: --format=unit.colour: column 6: there is no "colour" in "unit"' "$(berth inspect -f unit.colour box 2>&1)"
systemctl stop container@box
check "after the stop it is as before" same "inactive  " "$(value box unit.state) $(value box unit.mainPid) $(value box spec)"

# --- a pod

make_rootfs /srv/inspected
put /etc/berth/hold.pod <<'END'
[Pod]
PodName=held
Network=box.network
PublishPort=127.0.0.1:18081:80
END
put /etc/berth/hold.pod.d/name.conf <<'END'
[Pod]
HostName=holding
END
for name in hold-one hold-two; do
    put /etc/berth/$name.container <<'END'
[Container]
Rootfs=/srv/inspected
Exec=/bin/sleep infinity
Pod=hold.pod
StopTimeout=1
END
done
printf 'StartWithPod=no\n' >>/etc/berth/hold-two.container
at_end 'systemctl stop container-pod@hold; rm -rf /srv/inspected'
systemctl daemon-reload
check "a pod that is not up" same "pod hold held inactive  " "$(value hold kind) $(value hold.pod name) $(value hold.pod podName) $(value hold unit.state) $(value hold bundle) $(value hold networks.0 2>/dev/null)"
check "its files" same "/etc/berth/hold.pod /etc/berth/hold.pod.d/name.conf" "$(value hold file) $(value hold dropIns.0)"
check "who would be in" same "hold-one inactive hold-two" "$(value hold containers.0.name) $(value hold containers.0.state) $(value hold containers.1.name)"
require "it goes up" systemctl start container-pod@hold
check "by its unit's name" same "active berth-hold.slice" "$(value container-pod@hold.service unit.state) $(value hold slice)"
check "with its network" contains "$(value hold networks.0.addresses.0) $(value hold networks.0.ports.0)" '^10\.99\.1\.[0-9]+/24 127\.0\.0\.1:18081:80/tcp$'
who_is_in() { same "hold-one container@hold-one.service active running" "$(for member in name unit state subState; do value hold containers.0.$member; done | xargs)"; }
check "who is in" wait_for 20 who_is_in
check "and who is not" same "hold-two inactive" "$(value hold containers.1.name) $(value hold containers.1.state)"
check "pod: JSON is kept" keep_json inspect berth inspect --json hold
check "as text" contains "$(berth inspect hold.pod)" '^  - name: hold-one$'
printf '[Pod]\nNonsense=1\n' >/etc/berth/hold.pod.d/name.conf
check "one with errors in its files" same "true active" "$(value hold faulty) $(value hold unit.state)"
rm -r /etc/berth/hold.pod /etc/berth/hold.pod.d
check "one whose file is gone" same "active hold-one" "$(value hold unit.state) $(value hold containers.0.name)"
check "one that is not there" same 'berth: There is no pod "none.pod"' "$(berth inspect none.pod 2>&1)"
