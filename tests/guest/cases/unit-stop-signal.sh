# The stop signal that an image wants: sent by a command of ours until systemd knows it, and by systemd itself from then on.
# guests: nspawn
# timeout: 120

make_rootfs /srv/stop-root
make_image /srv/stop-layout:usr1 /srv/stop-root -- --config.stopsignal SIGUSR1
make_image /srv/stop-layout:usr2 /srv/stop-root -- --config.stopsignal SIGUSR2
put /etc/berth/asked.container <<'EOF'
[Container]
Image=oci:/srv/stop-layout:usr1
Network=none
Exec=/bin/sh -c "for s in TERM USR1 USR2; do trap \"echo told $$s; exit 0\" $$s; done; echo up; while :; do sleep 1000 & wait; done"
EOF
systemctl daemon-reload
stop_commands() {
    systemctl show -p ExecStop --value container@asked
}
# Starts and stops it, and shows what it was told.
told() {
    local cursor
    cursor=$(journal_cursor)
    systemctl start container@asked
    wait_for 20 bash -c "journalctl --sync; journalctl -q -o cat --after-cursor='$cursor' -u container@asked | grep -x up" >/dev/null
    systemctl stop container@asked
    sync_journal
    journalctl -q -o cat --after-cursor="$cursor" -u container@asked | grep -E '^told|wants to be stopped' || :
}

check "before the first start there is a command that will know" contains "$(stop_commands)" 'berth-helper stop'
check "the image's signal is sent" same "told USR1" "$(told)"
systemctl daemon-reload
check "systemd knows the signal after a reload" unit_is container@asked KillSignal 10
check "and needs no command any more" same "" "$(stop_commands)"
check "the image's signal is sent again" same "told USR1" "$(told)"
for _ in 1 2 3 4 5 6 7 8 9 10; do
    systemctl start container@asked
    systemctl stop container@asked
done
check "also at once after a start" unit_is container@asked Result success

berth pull oci:/srv/stop-layout:usr2 >/dev/null
sed -i s/usr1/usr2/ /etc/berth/asked.container
check "of another image it is said when systemd does not know its signal" contains "$(told)" 'wants to be stopped by signal 12 now'
systemctl daemon-reload
check "and after a reload systemd does" same "told USR2" "$(told)"
sed -i s/usr2/usr1/ /etc/berth/asked.container
systemctl daemon-reload
check "what is known of one image is not taken for another" contains "$(stop_commands)" 'berth-helper stop'
check "whose signal is sent" same "told USR1" "$(told)"
berth rmi oci:/srv/stop-layout:usr1 oci:/srv/stop-layout:usr2 >/dev/null || :
