# HealthCmd= on real systemd: what becomes of a container that is well, and of one that is not.
# guests: nspawn
# timeout: 300

make_rootfs /srv/health
wait_well='while :; do sleep 1000 & wait; done'
container() { # NAME KEYS [SERVICE-KEYS]
    put "/etc/berth/$1.container" <<EOT
[Container]
Rootfs=/srv/health
Network=none
Tmpfs=/state
Exec=/bin/sh -c "trap 'exit 0' TERM; $wait_well"
$2

[Service]
${3:-}
EOT
}
inside() { # NAME COMMAND
    crun --root /run/berth/runtime exec "$1" /bin/sh -c "$2"
}
health() { # NAME
    cat "/run/berth/bundles/$1/health.json"
}
status_is() { # NAME STATUS
    contains "$(health "$1")" "\"Status\": \"$2\""
}
# One check, as the timer would have it.
check_now() { systemctl start "container-health@$1"; }
changes() { # NAME: what the journal has heard
    journalctl --sync
    journalctl -q -b --no-pager -o cat --output-fields=HEALTH_STATUS "CONTAINER_NAME=$1" | sort | uniq -c
}

for runtime in crun runc; do
    container "well-$runtime" "Runtime=$runtime
User=nobody
Environment=COLOUR=red
WorkingDir=/var/tmp
HealthCmd=echo as \$(id -u) in \$(pwd) with \$COLOUR; cat /proc/self/cgroup; test ! -e /state/down
HealthInterval=1s
HealthRetries=2"
done
container kill "HealthCmd=test ! -e /state/down
HealthInterval=1s
HealthRetries=1
HealthOnFailure=kill"
container stop "HealthCmd=CMD test ! -e /state/down
HealthInterval=1s
HealthRetries=1
HealthOnFailure=stop"
container restart 'HealthCmd=["/bin/sh", "-c", "test ! -e /state/down"]
HealthInterval=1s
HealthRetries=1
HealthOnFailure=restart'
container period "HealthCmd=false
HealthStartPeriod=1h
HealthRetries=1
HealthInterval=disable"
container slow "HealthCmd=sleep 3333 & setsid sleep 3333 & trap '' TERM; sleep 3333
HealthTimeout=1s
HealthRetries=1
HealthInterval=disable"
container long "HealthCmd=trap '' TERM; sleep 3334
HealthTimeout=1h"
container hostile 'HealthCmd=CMD-SHELL head -c 100000 /dev/zero | tr "\\000" "\\033"; (while :; do echo x; done) & exit 3
HealthMaxLogSize=20
HealthMaxLogCount=2
HealthInterval=disable'
container startup "HealthCmd=test -e /state/up
HealthStartupCmd=test -e /state/up
HealthStartupInterval=1s
HealthInterval=1s"
container never "HealthCmd=true
HealthStartupCmd=false
HealthStartupInterval=1s
HealthStartupRetries=2"
container told "HealthCmd=echo a result
HealthLogDestination=events_logger
HealthInterval=disable"
container unwatched "HealthCmd=none"
systemctl daemon-reload

for runtime in crun runc; do
    name=well-$runtime unit=container@well-$runtime
    systemctl start "$unit"
    check "$runtime: it is healthy when the check has succeeded" wait_for 30 status_is "$name" healthy
    check "$runtime: the list says so" contains "$(berth list --noheadings "$name")" ' healthy( |$)'
    check "$runtime: the check is run as the first process is" contains "$(health "$name")" 'as 65534 in /var/tmp with red'
    check "$runtime: in a control group below the container's" contains "$(health "$name")" '0::/berth-health'
    check "$runtime: the results have times and an exit status" contains "$(health "$name")" '"Start": "20.*Z"'
    check "$runtime: it is told once" becomes_like 20 '^ +1 healthy$' changes "$name"
    # Only who may write there can take it down: /state is root's.
    "$runtime" --root /run/berth/runtime exec --user 0:0 "$name" /bin/sh -c ': >/state/down'
    check "$runtime: it is unhealthy after the failures that it takes" wait_for 30 status_is "$name" unhealthy
    check "$runtime: without an action it goes on" unit_is "$unit" ActiveState active
    "$runtime" --root /run/berth/runtime exec --user 0:0 "$name" /bin/rm /state/down
    check "$runtime: one success makes it healthy again" wait_for 30 status_is "$name" healthy
    check "$runtime: that is told, too" becomes_like 20 '^ +2 healthy$' changes "$name"
    check "$runtime: in the unit's own journal" says "$unit" "^Container $name is unhealthy: checks in a row that have failed: 2, exit status of the last: 1$"
    check "$runtime: and not that checks are run" not contains "$(journal_of "container-health@$name")" 'Starting|Finished'
    systemctl stop "$unit"
    check "$runtime: the timer is gone with it" unit_is "container-health@$name.timer" ActiveState inactive
    check "$runtime: and the service" unit_is "container-health@$name.service" ActiveState inactive
    check "$runtime: a check does not start the container" not check_now "$name"
    check "$runtime: which is down still" unit_is "$unit" ActiveState inactive
done

systemctl start container@kill container@stop container@restart
for name in kill stop restart; do wait_for 30 status_is "$name" healthy >/dev/null; done
first=$(main_pid container@restart)
for name in kill stop restart; do inside "$name" ': >/state/down'; done
check "kill: the main process is killed" wait_for 30 unit_is container@kill Result signal
check "stop: the unit is stopped" wait_for 30 unit_is container@stop ActiveState inactive
check "stop: as by anybody" unit_is container@stop Result success
restarted() { [ "$(main_pid container@restart)" != "$first" ] && status_is restart healthy; }
check "restart: it is started anew, and healthy" wait_for 60 restarted
check "restart: and is checked again" wait_for 30 unit_is container-health@restart.timer ActiveState active
check "each is told" says container@restart '^Container restart is restarted, as its health check fails$'
check "nothing of the checks is left of what was killed" wait_for 20 unit_is container-health@kill.timer ActiveState inactive
main=$(main_pid container@restart)
kill -KILL "$main"
check "nor after a crash" wait_for 30 unit_is container-health@restart.timer ActiveState inactive
systemctl reset-failed
check "there is no failed unit of theirs" same "" "$(systemctl list-units --all --plain --no-legend --state=failed 'container-health@*')"

systemctl start container@period container@slow container@hostile container@told container@unwatched
check "disable: there is no timer" unit_is container-health@period.timer ActiveState inactive
check_now period
check "start period: a failure does not count" status_is period starting
check "start period: it is the command's" not contains "$(health period)" 'fail startup'
check "start period: but is kept" contains "$(health period)" '"ExitCode": 1'
check_now slow
check "time-out: it counts as a failure" status_is slow unhealthy
check "time-out: and is shown as one" contains "$(health slow)" '"ExitCode": -1'
check "time-out: all of the check's processes are killed" wait_for 20 no_process '^sleep 3333'
check "time-out: the container is not" unit_is container@slow ActiveState active
for _ in 1 2 3; do check_now hostile; done
check "output: no more results than asked for" same 2 "$(health hostile | grep -c '"ExitCode": 3')"
check "output: nor bytes of each, and none that a terminal obeys" contains "$(health hostile)" '"Output": "(\\\\x1b){20}"'
rm -r "/run/berth/bundles/hostile/health.json" && mkdir "/run/berth/bundles/hostile/health.json"
check "it tells the journal what it could not do" not check_now hostile
check "though it has no connection to it but then" says container-health@hostile '^Failed to write down the health of hostile: '
rmdir "/run/berth/bundles/hostile/health.json"
nothing_left() { [ ! -e "/sys/fs/cgroup$(unit_property container@hostile ControlGroup)/container/berth-health" ]; }
check "output: what the check has left behind is killed" wait_for 20 nothing_left
check_now told
check "events_logger: each result is told" says container@told '^a result$'
check "none: there is nothing to run" not check_now unwatched

systemctl start container@startup container@never
check "startup check: until it has passed the container starts" status_is startup starting
inside startup ': >/state/up'
check "startup check: then it is checked as ever" wait_for 30 status_is startup healthy
check "startup check: its failures restart" says container@never '^Container never is restarted, as its startup check fails$'
systemctl stop container@never

# systemd would forget it at a reload.
timer_of() { unit_property "container-health@$1.timer" TimersMonotonic; }
container rare "HealthCmd=true
HealthInterval=77min"
systemctl daemon-reload
systemctl start container@rare
rm /etc/berth/rare.container
systemctl daemon-reload
check "without its file it is checked as often as before" contains "$(timer_of rare)" 'OnUnitInactiveUSec=1h 17min'
systemctl stop container@rare
systemctl daemon-reload
check "until it has ended" not contains "$(timer_of rare)" '1h 17min'

systemctl start container@long
running() { pgrep -f 'sleep 3334' >/dev/null; }
check "a check that runs" wait_for 30 running
check "does not keep a restart waiting" timeout 60 systemctl restart container@long
check "and begins anew" wait_for 30 running
systemctl stop container@long
check "it ends with the container" wait_for 20 no_process '^sleep 3334'

systemctl stop 'container@*'
check "no unit of theirs is left" same "" "$(systemctl list-units --plain --no-legend 'container-health@*')"
check "nor anything else" same "" "$(container_files)"
