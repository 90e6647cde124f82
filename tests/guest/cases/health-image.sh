# Health checks that come with an image: known only at a start, and run by a timer that the start makes.
# guests: nspawn
# timeout: 300

make_rootfs /srv/checked
container() { # NAME TAG KEYS
    put "/etc/berth/$1.container" <<EOT
[Container]
Image=oci:/srv/layout:$2
Network=none
Tmpfs=/state
$3
EOT
}
health() { cat "/run/berth/bundles/$1/health.json"; }
status_is() { contains "$(health "$1")" "\"Status\": \"$2\""; }
inside() { crun --root /run/berth/runtime exec "$1" /bin/sh -c "$2"; }
units() { systemctl list-units --all --plain --no-legend 'container-health*'; }
no_units() { same "" "$(units)"; }

for tag in shell plain none; do
    make_image "/srv/layout:$tag" /srv/checked
done
add_healthcheck /srv/layout:shell '{"Test":["CMD-SHELL","echo by shell; test ! -e /state/down"],"Interval":300000000,"Retries":2}'
add_healthcheck /srv/layout:plain '{"Test":["CMD","/bin/sh","-c","echo by plain; test -e /state/up"],"Interval":3600000000000,"StartPeriod":3600000000000}'
add_healthcheck /srv/layout:none '{"Test":["NONE"]}'
mkdir /var/log/checks
for runtime in crun runc; do container "shell-$runtime" shell "Runtime=$runtime"; done
container faster plain "HealthInterval=300ms
HealthRetries=1
HealthStartPeriod=0
HealthLogDestination=/var/log/checks
HealthMaxLogCount=2"
container none none ""
container off shell "HealthCmd=none"
container own shell "HealthCmd=echo its own"
container hand shell "HealthInterval=disable"
container ready plain "Notify=healthy
HealthInterval=200ms"
container nothing none "Notify=healthy"
container nowhere shell "HealthLogDestination=/var/log/missing"
systemctl daemon-reload

for runtime in crun runc; do
    name=shell-$runtime unit=container@shell-$runtime
    systemctl start "$unit"
    check "$runtime: the image's check is run" wait_for 15 status_is "$name" healthy
    check "$runtime: by a shell" contains "$(health "$name")" 'by shell'
    check "$runtime: by a timer of its own" unit_is "container-health-image@$name.timer" ActiveState active
    "$runtime" --root /run/berth/runtime exec "$name" /bin/sh -c ': >/state/down'
    check "$runtime: again and again, as often as it says" wait_for 15 status_is "$name" unhealthy
    systemctl restart "$unit"
    check "$runtime: also after a restart" wait_for 15 status_is "$name" healthy
    check "$runtime: with one timer" same 1 "$(units | grep -c timer)"
    kill -KILL "$(main_pid "$unit")"
    check "$runtime: nothing of it is left after a crash" wait_for 15 no_units
    systemctl reset-failed
    systemctl start "$unit"
    check "$runtime: and it begins anew" wait_for 15 status_is "$name" healthy
    systemctl stop "$unit"
    check "$runtime: nothing of it is left after a stop" wait_for 15 no_units
done

systemctl start container@faster container@none container@off container@own container@hand
check "the file's keys win, one by one" wait_for 15 status_is faster unhealthy
inside faster ': >/state/up'
check "over the interval, too" wait_for 15 status_is faster healthy
check "results are kept in a directory that the file names" contains "$(cat /var/log/checks/faster-healthcheck.log)" 'by plain'
check "as many as it says" same 2 "$(grep -c ExitCode /var/log/checks/faster-healthcheck.log)"
check "an image may say that there is none" not test -e /run/berth/bundles/none/health.json
check "as may the file" not test -e /run/berth/bundles/off/health.json
its_own() { contains "$(health own)" "its own"; }
check "and the file may have another" wait_for 15 its_own
check "a check that is not repeated has no timer" unit_is container-health-image@hand.timer ActiveState inactive
check "and is run by hand" systemctl start container-health@hand
check "as the image has it" contains "$(health hand)" 'by shell'
systemctl start --no-block container@ready
is_running() { inside ready true; }
wait_for 15 is_running >/dev/null
check "Notify=healthy waits for the image's check" unit_is container@ready ActiveState activating
inside ready ': >/state/up'
check "and goes on with its success" wait_for 15 unit_is container@ready ActiveState active
check "Notify=healthy needs a check" not systemctl start container@nothing
check "which is told" says container@nothing '^/etc/berth/nothing.container:[0-9]+:[0-9]+: error: Notify=healthy needs a health check: the image has none, so set "HealthCmd"$'
check "a directory that is missing" not systemctl start container@nowhere
check "is told" says container@nowhere 'error: cannot write to the directory "/var/log/missing": No such file or directory$'

systemctl stop 'container@*'
check "no unit is left" wait_for 15 no_units
check "no file is left" same "" "$(container_files)"
