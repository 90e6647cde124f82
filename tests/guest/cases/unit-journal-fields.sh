# Fields of a container's lines in the journal, by which one can find them.
# guests: nspawn
# timeout: 120

make_rootfs /srv/fields
make_image /srv/layout:fields /srv/fields -- --config.cmd /bin/sh --config.cmd -c --config.cmd 'echo to out; echo to err >&2'
container() { # NAME KEYS
    put "/etc/berth/$1.container" <<EOT
[Container]
Network=none
Image=oci:/srv/layout:fields
$2

[Service]
Type=oneshot
EOT
}
container piped 'LogOpt="tag=a tag"'
container passed "LogDriver=passthrough"
container 'web@one' ""
systemctl daemon-reload
field() { # NAME FIELD [MATCH...]
    sync_journal
    journalctl -q -b --no-pager -o cat --output-fields="$2" "CONTAINER_NAME=$1" "${@:3}" | sort -u
}
for name in piped passed web@one; do
    check "$name: it is run" systemctl start "container@$name"
    lines() { same "$(printf 'to err\nto out')" "$(field "$name" MESSAGE _SYSTEMD_UNIT="container@$name.service" | grep '^to ')"; }
    check "$name: all its lines have its name" wait_for 20 lines
    check "$name: and its image" same oci:/srv/layout:fields "$(field "$name" IMAGE_NAME _SYSTEMD_UNIT="container@$name.service")"
done
check "and its ID" same piped "$(field piped CONTAINER_ID _SYSTEMD_UNIT=container@piped.service)"
check "which may be another than its name" same web+40one "$(field web@one CONTAINER_ID _SYSTEMD_UNIT=container@web@one.service)"
check "and its tag, where one is given" same 'a tag' "$(field piped CONTAINER_TAG _SYSTEMD_UNIT=container@piped.service)"
check "standard error is told apart from standard output" same "to err" "$(field piped MESSAGE PRIORITY=5 | grep '^to ')"
