# berth wait: until containers have ended, and how.
# guests: nspawn
# timeout: 120

make_rootfs "$TMP/tree"
mkfifo "$TMP/tree/go-on" "$TMP/tree/first"
container() { # NAME SCRIPT [SECTIONS]
    put "/etc/berth/$1.container" <<EOF
[Container]
Rootfs=$TMP/tree
Network=none
StopTimeout=1
Exec=/bin/sh -c "$2"
${3:-}
EOF
}
container waited-seven 'read word </go-on; exit 7'
container waited-well 'read word </first'
container waited-killed 'sleep 1000 & wait'
container waited-again "test -e /tmp/there && exit 3; touch /tmp/there; exit 4" '[Service]
Restart=on-failure
RestartPreventExitStatus=3'
container waited-wrong true
sed -i 's/^Rootfs=.*/Rootfs=\/nowhere-at-all/' /etc/berth/waited-wrong.container
at_end 'systemctl stop "container@waited-*"; systemctl reset-failed "container@waited-*"; rm -f /etc/berth/waited-*; systemctl daemon-reload'
systemctl daemon-reload
output_is() { # EXPECTED FILE
    same "$1" "$(cat "$2")"
}

check "what was never started is over" same 0 "$(berth wait waited-seven)"
check "there is no such container" same 'berth: There is no container "waited-nobody" 1' \
    "$(berth wait waited-nobody 2>&1 | tr '\n' ' ')$(berth wait waited-nobody >/dev/null 2>&1 || echo $?)"
check "what is none" same 'berth: "waited.volume" is no name of a container' "$(berth wait waited.volume 2>&1 || :)"

systemctl start container@waited-seven container@waited-well container@waited-killed
berth wait waited-seven container@waited-well.service /etc/berth/waited-killed.container >"$TMP/out" 2>&1 &
waiting=$!
echo go >"$TMP/tree/first"
systemctl kill -s KILL --kill-whom=main container@waited-killed
wait_for 30 unit_is container@waited-killed.service ActiveState failed >/dev/null
check "while one of them runs it waits" kill -0 "$waiting"
echo go >"$TMP/tree/go-on"
is_over() { ! kill -0 "$waiting" 2>/dev/null; }
check "then it ends" wait_for 30 is_over
check "and has said how each ended" output_is $'7\n0\n137' "$TMP/out"
check "again, of one that has failed" same 7 "$(berth wait waited-seven)"

systemctl start container@waited-again || :
check "a restart is waited for" same 3 "$(berth wait waited-again)"
systemctl start container@waited-wrong 2>/dev/null || :
check "what could not be started" same 125 "$(berth wait waited-wrong)"
sed -i '/^Rootfs=/a Runtime=runc' /etc/berth/waited-wrong.container
systemctl daemon-reload
systemctl restart container@waited-wrong 2>/dev/null || :
check "with runc" same 125 "$(berth wait waited-wrong)"
systemctl start container@waited-well
berth wait waited-well >"$TMP/out" 2>&1 &
waiting=$!
systemctl daemon-reexec
echo go >"$TMP/tree/first"
check "systemd may execute itself anew meanwhile" wait_for 30 is_over
check "and is asked again" output_is 0 "$TMP/out"
