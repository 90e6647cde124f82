# OCI hooks: found in their directories, run at their stages, and with precreate altering the configuration.
# guests: nspawn

make_rootfs /srv/hooks
put /srv/note 755 <<'EOF_HOOK'
#!/bin/sh
# Notes the stage down; the state of the container comes on standard input.
cat >"/run/hooks.$1"
# Through whatever a container gets to see of the runtime it must not be able to change that for the next one.
chmod 755 "/proc/$PPID/exe" 2>"/run/hooks.$1.exe" || :
EOF_HOOK
put /srv/alter 755 <<'EOF_HOOK'
#!/bin/sh
sed 's/"container=berth"/"container=berth","ALTERED=yes"/'
EOF_HOOK
at_end 'rm -rf /etc/containers/oci /usr/share/containers/oci /run/hooks.*'
put /usr/share/containers/oci/hooks.d/10-note.json <<'EOF_JSON'
{ "version": "1.0.0", "hook": { "path": "/bin/false" }, "when": { "always": true }, "stages": ["createRuntime"] }
EOF_JSON
put /etc/containers/oci/hooks.d/10-note.json <<'EOF_JSON'
{
  "version": "1.0.0",
  "hook": { "path": "/srv/note", "args": ["note", "create"] },
  "when": { "annotations": { "^hook\\.me$": "^yes$" } },
  "stages": ["createRuntime"]
}
EOF_JSON
put /etc/containers/oci/hooks.d/20-stop.json <<'EOF_JSON'
{
  "version": "1.0.0",
  "hook": { "path": "/srv/note", "args": ["note", "stop"] },
  "when": { "commands": ["^/bin/sh$"], "annotations": { "^hook\\.me$": "." } },
  "stages": ["poststop"]
}
EOF_JSON
put /etc/containers/oci/hooks.d/30-alter.json <<'EOF_JSON'
{
  "version": "1.0.0", "hook": { "path": "/srv/alter", "timeout": 60 }, "when": { "annotations": { "^hook\\.me$": "." } }, "stages": ["precreate"]
}
EOF_JSON
put /srv/tell 755 <<'EOF_HOOK'
#!/bin/sh
echo "a hook says $1"
cat >"/run/hooks.$1"
EOF_HOOK
for stage in prestart poststart; do
    put "/etc/containers/oci/hooks.d/40-$stage.json" <<EOF_JSON
{
  "version": "1.0.0", "hook": { "path": "/srv/tell", "args": ["tell", "$stage"] }, "when": { "annotations": { "^hook\\\\.me\$": "." } },
  "stages": ["$stage"]
}
EOF_JSON
done
put /srv/slow.d/slow.json <<'EOF_JSON'
{
  "version": "1.0.0", "hook": { "path": "/usr/bin/sleep", "args": ["sleep", "1000"], "timeout": 1 }, "when": { "always": true },
  "stages": ["precreate"]
}
EOF_JSON
put /srv/bad.d/bad.json <<'EOF_JSON'
{
  "version": "1.0.0", "hook": { "path": "/bin/true" }, "when": { "always": true },
  "stages": ["sometime"]
}
EOF_JSON
for runtime in crun runc; do
    put "/etc/berth/hooked-$runtime.container" <<EOF_UNIT
[Container]
Rootfs=/srv/hooks
Exec=/bin/sh -c "env; echo end of it; exec sleep infinity"
Annotation=hook.me=yes
Runtime=$runtime
StopTimeout=0
EOF_UNIT
done
for name in slow bad missing; do
    put "/etc/berth/$name.container" <<EOF_UNIT
[Container]
Rootfs=/srv/hooks
Exec=/bin/true
OCIHooksDir=/srv/$name.d
EOF_UNIT
done
put /etc/berth/plain.container <<'EOF_UNIT'
[Container]
Rootfs=/srv/hooks
Exec=/bin/sh -c "env; echo end of it; exec sleep infinity"
StopTimeout=0
EOF_UNIT
systemctl daemon-reload
for runtime in crun runc; do
    unit=container@hooked-$runtime
    require "$runtime: it starts" systemctl start "$unit"
    require "$runtime: it runs" says "$unit" '^end of it$'
    check "$runtime: a precreate hook has altered the configuration" contains "$(journal_of "$unit")" '^ALTERED=yes$'
    check "$runtime: a hook in /etc takes the place of one in /usr, and gets the state" contains "$(cat /run/hooks.create)" '"ociVersion"'
    check "$runtime: a hook of the stage prestart has run, and may print" test -s /run/hooks.prestart
    check "$runtime: one of the stage poststart as well" wait_for 20 test -s /run/hooks.poststart
    [ "$runtime" != crun ] ||
        check "crun's program is on a read-only mount" contains "$(cat /run/hooks.create.exe)" 'Read-only file system'
    check "$runtime: none has run at the stop yet" not test -e /run/hooks.stop
    systemctl stop "$unit"
    check "$runtime: a hook runs after the stop" contains "$(cat /run/hooks.stop)" '"ociVersion"'
    rm -f /run/hooks.*
done
require "one that no hook is for starts" systemctl start container@plain
require "it runs" says container@plain '^end of it$'
check "nothing has been altered" not contains "$(journal_of container@plain)" ALTERED
check "no hook has run" not test -e /run/hooks.create
systemctl stop container@plain
check "a hook that takes too long fails the start" not systemctl start container@slow
check "and that is said" says container@slow '/usr/bin/sleep: error: the precreate hook did not end within 1 seconds'
check "it has been killed" wait_for 20 not pgrep -x sleep
check "a bad hook fails the start" not systemctl start container@bad
check "and that is said with its line" says container@bad '/srv/bad.d/bad.json:3: error: "stages" must be'
check "a directory that is missing fails the start" not systemctl start container@missing
check "and that is said with the key's line" says container@missing 'missing.container:4:1: error: the directory of hooks "/srv/missing.d": No such file'
check "nothing is left" same "" "$(container_files)"
