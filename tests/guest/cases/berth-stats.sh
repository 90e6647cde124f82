# berth stats: what containers use of the processor, memory, disks and networks.
# guests: nspawn
# timeout: 90

make_rootfs /srv/stats
put /etc/berth/busy.container <<'END'
[Container]
Rootfs=/srv/stats
Network=none
Exec=/bin/sh -c "trap 'exit 0' TERM; while :; do :; done"
END
put /etc/berth/idle.container <<'END'
[Container]
Rootfs=/srv/stats
Network=host
Exec=/bin/sh -c "trap 'exit 0' TERM; sleep 1000 & wait"
END
put /etc/berth/talker.container <<'END'
[Container]
Rootfs=/srv/stats
Network=talk.network
Exec=/bin/sh -c "trap 'exit 0' TERM; while :; do nc 10.99.2.1 1 2>/dev/null; sleep 0.1; done"
END
put /etc/berth/talk.network <<'END'
[Network]
Subnet=10.99.2.0/24
END
systemctl daemon-reload
check "none that runs" same "[]" "$(berth stats --no-stream --json 'no-*')"
require "they start" systemctl start container@busy container@idle container@talker
member() { berth stats --no-stream --json "$1" | tr -d '\n' | grep -o "\"$2\": [^,}]*" | sed 's/^[^:]*: //; s/ *$//'; } # NAME MEMBER
check "their names" same "busy idle talker" "$(berth stats --no-stream --noheadings | awk '{ print $1 }' | paste -sd ' ')"
check "by a pattern" same idle "$(berth top --no-stream --noheadings 'i*' | awk '{ print $1 }')"
percent() { member busy cpuPercent | grep -Eq '^[1-9][0-9]*\.[0-9]$'; }
check "what is busy uses the processor" wait_for 20 percent
check "its time is a number" contains "$(member busy cpuUSec)" '^[0-9]+$'
# Where the machine has the controller for us.
if [ "$(systemctl show -P MemoryCurrent container@idle)" != '[not set]' ]; then
    check "memory" contains "$(member idle memory)" '^[1-9][0-9]*$'
fi
check "without a limit that of the machine" same "$(awk '/^MemTotal/ { printf "%.0f", $2 * 1024 }' /proc/meminfo)" "$(member idle memoryLimit)"
check "the machine's own network is not counted" same "null null" "$(member idle receivedBytes) $(member idle sentBytes)"
check "without interfaces there is nothing" same "0 0" "$(member busy receivedBytes) $(member busy sentBytes)"
talks() { contains "$(member talker receivedBytes) $(member talker sentBytes)" '^[1-9][0-9]* [1-9][0-9]*$'; }
check "on a network of its own it is" wait_for 20 talks

script -qfc 'stty cols 100; TERM=xterm berth stats -i 1' "$TMP/watched" >/dev/null 2>&1 </dev/null &
watching=$!
watched() { [ "$(grep -ac '^busy ' "$TMP/watched")" -ge 2 ] && grep -aq $'\033\\[H\033\\[2J' "$TMP/watched"; }
check "it goes on, at the top of the terminal" wait_for 20 watched
kill $watching 2>/dev/null || :
wait $watching 2>/dev/null || :
check "a number that is none" same 'berth: --interval= must be a number of seconds, not "no"; see berth stats --help' "$(berth stats --interval=no 2>&1)"
