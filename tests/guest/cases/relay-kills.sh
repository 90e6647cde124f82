# The relay is killed, restarted and sent away while a hundred containers write, and journald restarts: no line is lost, doubled, cut or out of its order.
# guests: nspawn
# timeout: 300

containers=100 count=500
make_rootfs /srv/x
put /srv/x/bin/writer 755 <<'EOF2'
#!/bin/sh
i=0
while [ $i -lt $2 ]; do
    i=$((i + 1))
    echo "line $i of $1 is long enough to be cut somewhere in the middle, if it were ................................ end"
    [ $((i % 10)) -ne 0 ] || usleep 200000
done
exec sleep 100000
EOF2
units=()
for ((i = 0; i < containers; i++)); do
    put "/etc/berth/w$i.container" <<EOF2
[Container]
Rootfs=/srv/x
Network=none
Exec=/bin/writer w$i $count
StopTimeout=1
EOF2
    units+=("container@w$i.service")
done
put /etc/systemd/journald.conf.d/many.conf <<'EOF2'
[Journal]
RateLimitBurst=0
EOF2
at_end 'rm -f /etc/systemd/journald.conf.d/many.conf; systemctl restart systemd-journald'
systemctl restart systemd-journald
systemctl daemon-reload

# While they start as well.
systemctl start --no-block "${units[@]}"
for ((kills = 0; kills < 36; kills++)); do
    case $((kills % 12)) in
    5) systemctl restart berth-log.service ;;
    8) systemctl restart systemd-journald.service ;;
    *) systemctl kill -s KILL berth-log.service 2>/dev/null || : ;;
    esac
    sleep "0.$((RANDOM % 4))$((RANDOM % 10))"
done
written() {
    journalctl -q -b -o cat _TRANSPORT=stdout | grep -c "^line $count of "
}
all_written() {
    sync_journal
    same "$containers" "$(written)"
}
check "all have come to their last line" wait_for 120 all_written
check "there were kills" test "$(journalctl -q -b -o cat -u berth-log.service | grep -c 'code=killed, status=9')" -ge 10

wrong=
for ((i = 0; i < containers; i++)); do
    journalctl -q -b -o cat "_SYSTEMD_UNIT=container@w$i.service" _TRANSPORT=stdout | grep -v '^warning: this system does not let' >"$TMP/got"
    seq -f "line %.0f of w$i is long enough to be cut somewhere in the middle, if it were ................................ end" "$count" >"$TMP/expected"
    cmp -s "$TMP/got" "$TMP/expected" || wrong+="w$i: $(diff "$TMP/expected" "$TMP/got" | head -n 4)"$'\n'
done
check "no line is lost, doubled, cut or out of order" same "" "$wrong"
check "none of the writers has ended" same "$containers" "$(systemctl list-units --no-legend --state=active 'container@w*' | wc -l)"
relay=$(main_pid berth-log.service)
check "less than a megabyte for a hundred" test "$(sed -n 's/^Pss: *\([0-9]*\) kB/\1/p' "/proc/$relay/smaps_rollup")" -lt 1024
systemctl stop "${units[@]}"
check "nothing stays in the store" wait_for 30 unit_is berth-log.service NFileDescriptorStore 3
check "the relay has said nothing" same "" "$(journalctl -q -b -o cat _SYSTEMD_UNIT=berth-log.service _TRANSPORT=stdout)"
