# Devices by the container device interface: what the files of /etc/cdi and /run/cdi say of them comes into the container, and root's files only.
# guests: nspawn
# timeout: 120

make_rootfs /srv/base
put "$TMP/hook" 0755 <<EOF
#!/bin/sh
cat >/dev/null
echo "\$1 \$THING" >>$TMP/hooked
EOF
mkdir -p /etc/cdi /run/cdi /opt/thing
at_end 'rm -rf /etc/cdi /run/cdi /opt/thing'
echo library >/opt/thing/library
put /etc/cdi/example.json 0644 <<EOF
{
  "cdiVersion": "0.5.0",
  "kind": "example.com/thing",
  "containerEdits": {
    "env": ["THING_DRIVER=7"],
    "mounts": [{ "hostPath": "/opt/thing", "containerPath": "/usr/lib/thing", "options": ["ro", "nosuid", "rbind"] }]
  },
  "devices": [
    { "name": "one", "containerEdits": {
      "env": ["THINGS=one"],
      "deviceNodes": [{ "path": "/dev/thing1", "hostPath": "/dev/full", "permissions": "rw" }],
      "hooks": [
        { "hookName": "createRuntime", "path": "$TMP/hook", "args": ["hook", "first"], "env": ["THING=one"] },
        { "hookName": "poststop", "path": "$TMP/hook", "args": ["hook", "last"], "env": ["THING=one"] }
      ],
      "additionalGids": [4321]
    } },
    { "name": "two", "containerEdits": { "deviceNodes": [{ "path": "/dev/thing2", "type": "c", "major": 1, "minor": 5, "fileMode": 432 }] } }
  ]
}
EOF
put /etc/berth/both.container <<'EOF'
[Container]
Rootfs=/srv/base
AddDevice=example.com/thing=one
AddDevice=example.com/thing=two -example.com/thing=three
Exec=/bin/sh -c 'echo $$THING_DRIVER $$THINGS; cat /usr/lib/thing/library; echo x >/dev/thing1; ls -l /dev/thing2; id -G; echo x 2>/dev/null >/usr/lib/thing/x || echo read-only'
EOF
put /etc/berth/missing.container <<'EOF'
[Container]
Rootfs=/srv/base
AddDevice=example.com/thing=nine
Exec=/bin/true
EOF
systemctl daemon-reload
systemctl start container@both
check "variables" says container@both '^7 one$'
check "mounts" says container@both '^library$'
check "nodes" says container@both 'No space left on device'
check "nodes without one on the machine" says container@both 'crw-rw---- .* 1, +5 .*/dev/thing2$'
check "groups" says container@both '(^| )4321( |$)'
check "options of mounts" says container@both '^read-only$'
gone() { unit_is container@both ActiveState inactive; }
wait_for 20 gone >/dev/null
hooked() { same "first one
last one" "$(cat "$TMP/hooked")"; }
check "hooks" wait_for 20 hooked
check "a device that is not there" not systemctl start container@missing
check "is said, with those that are" says container@missing 'missing.container:3:11: error: there is no device "example.com/thing=nine" in the files of /etc/cdi and /run/cdi, which have example.com/thing=one, example.com/thing=two$'
check "berth spec has all of it" contains "$(berth spec both | tr -d ' \n')" '"THING_DRIVER=7",.*"destination":"/usr/lib/thing","type":"bind","source":"/opt/thing","options":\["ro","nosuid","rbind"\]'
berth spec --dump-facts both 2>/dev/null >"$TMP/facts.json"
without_time() { grep -v "Created"; }
check "facts that are printed are the same when given back" same "$(berth spec both 2>/dev/null | without_time)" "$(berth spec --facts="$TMP/facts.json" both 2>/dev/null | without_time)"

# --- several files

sed 's/THINGS=one/THINGS=other/; s/THING_DRIVER=7/THING_DRIVER=8/' /etc/cdi/example.json >/run/cdi/example.json
systemctl start container@both
check "a file in /run/cdi wins" says container@both '^8 other$'
chmod o+w /run/cdi/example.json
out=$(berth spec both 2>&1 >"$TMP/spec")
check "one that others can write to is not used" contains "$(cat "$TMP/spec")" 'THINGS=one'
check "which is said" contains "$out" '/run/cdi/example.json: warning: refused, as others than root can write to "/run/cdi/example.json"'
rm /run/cdi/example.json
cp /etc/cdi/example.json /etc/cdi/twin.json
check "two of one directory are an error" contains "$(berth spec both 2>&1)" 'both.container:3:11: error: the device "example.com/thing=one" is both in /etc/cdi/example.json and in /etc/cdi/twin.json$'
echo '{ "cdiVersion": "0.5.0", "kind": "example.com/other", "devices": [{}] }' >/etc/cdi/twin.json
check "a file that is no good is a warning" contains "$(berth spec both 2>&1 >/dev/null)" '^berth: /etc/cdi/twin.json: warning: each of "devices" must have a "name", a text$'
echo '{ "cdiVersion": "0.6.0", "kind": "example.com/other", "devices": [{ "name": "x", "containerEdits": { "intelRdt": {} } }] }' >/etc/cdi/twin.json
sed 's/thing=nine/other=x/' /etc/berth/missing.container >/etc/berth/other.container
check "what cannot be done for a device is an error" contains "$(berth spec other 2>&1)" 'other.container:3:11: error: /etc/cdi/twin.json: "intelRdt" in "containerEdits" is not supported$'
rm /etc/cdi/*.json
check "without any file it is said who writes them" contains "$(berth spec missing 2>&1)" 'error: there is no device "example.com/thing=nine": neither /etc/cdi nor /run/cdi has a file with devices; its vendor.s tool writes one \(nvidia-ctk cdi generate\)$'

# --- YAML

put /etc/cdi/example.yaml 0644 <<'EOF'
---
cdiVersion: 0.5.0
kind: example.com/thing
devices:
- name: "nine"
  containerEdits:
    env:
    - THINGS=nine
    deviceNodes:
    - path: /dev/thing9
      hostPath: /dev/null
EOF
out=$(berth spec missing 2>&1) || :
if ldconfig -p | grep -q 'libyaml-0\.so\.2' && ! grep -q 'built without libyaml' <<<"$out"; then
    check "YAML is read" contains "$out" '"THINGS=nine"'
else
    check "without libyaml YAML is not read, which is said" contains "$out" '/etc/cdi/example.yaml: warning: it is YAML,.* JSON (does not|needs none)$'
fi
