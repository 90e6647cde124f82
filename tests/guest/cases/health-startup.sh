# Notify=healthy: a unit is up when its health check has succeeded, and fails when it never does.
# guests: nspawn
# timeout: 300

make_rootfs /srv/healthy
container() { # NAME KEYS [SERVICE-KEYS]
    put "/etc/berth/$1.container" <<EOT
[Container]
Rootfs=/srv/healthy
Network=none
Tmpfs=/state
Exec=/bin/sh -c "trap 'exit 0' TERM; while :; do sleep 1000 & wait; done"
Notify=healthy
$2

[Service]
${3:-}
EOT
}
inside() { # NAME COMMAND
    crun --root /run/berth/runtime exec "$1" /bin/sh -c "$2"
}

for runtime in crun runc; do
    container "waits-$runtime" "Runtime=$runtime
HealthCmd=test -e /state/up
HealthRetries=100
HealthInterval=200ms" "ExecStartPost=/bin/touch /run/later-$runtime"
    put "/etc/systemd/system/after-$runtime.service" <<EOT
[Unit]
Requires=container@waits-$runtime.service
After=container@waits-$runtime.service
[Service]
Type=oneshot
ExecStart=/bin/true
RemainAfterExit=yes
EOT
done
container fails "HealthCmd=false
HealthRetries=2
HealthInterval=100ms
HealthOnFailure=restart"
container startup "HealthCmd=true
HealthStartupCmd=false
HealthStartupInterval=100ms
HealthStartupRetries=2"
# The second one takes too long: that is a failure, after which two in a row are needed again.
container counts "HealthCmd=true
HealthStartupCmd=echo >>/state/tries; test \$(wc -l </state/tries) -ne 2 || sleep 1000
HealthStartupInterval=50ms
HealthStartupTimeout=2s
HealthStartupSuccess=2"
container late "HealthCmd=false
HealthRetries=1000
HealthInterval=100ms" "TimeoutStartSec=3"
container stopped "HealthCmd=false
HealthRetries=1000"
container dies "HealthCmd=false
HealthRetries=1000
HealthInterval=1h
Exec=/bin/sh -c 'sleep 1; exit 7'"
systemctl daemon-reload

for runtime in crun runc; do
    unit=container@waits-$runtime
    systemctl start --no-block "after-$runtime"
    checked() { contains "$(cat "/run/berth/bundles/waits-$runtime/health.json")" '"ExitCode": 1'; }
    check "$runtime: the check is run while the unit is started" wait_for 30 checked
    check "$runtime: which goes on" unit_is "$unit" ActiveState activating
    check "$runtime: and is said" wait_for 20 unit_is "$unit" StatusText 'Waiting for the first success of the health check'
    check "$runtime: what comes after it waits" unit_is "after-$runtime" ActiveState inactive
    check "$runtime: as do the file's own commands" not test -e "/run/later-$runtime"
    "$runtime" --root /run/berth/runtime exec "waits-$runtime" /bin/sh -c ': >/state/up'
    check "$runtime: with a success it is up" wait_for 30 unit_is "$unit" ActiveState active
    check "$runtime: nothing is waited for any more" wait_for 20 unit_is "$unit" StatusText ''
    check "$runtime: what comes after it is started" wait_for 30 unit_is "after-$runtime" ActiveState active
    check "$runtime: and the file's own commands" test -e "/run/later-$runtime"
    check "$runtime: nothing of ours stays" wait_for 20 no_process 'berth-helper await'
    check "$runtime: its checks go on" wait_for 30 unit_is "container-health@waits-$runtime.timer" ActiveState active
    systemctl stop "after-$runtime" "$unit"
done

check "a check that fails as often as it may fails the start" not systemctl start container@fails
check "with that as the unit's result" unit_is container@fails Result exit-code
check "it is told" says container@fails '^Container fails cannot be started: its health check fails$'
check "so does a startup check" not systemctl start container@startup
check "which is told, too" says container@startup '^Container startup cannot be started: its startup check fails$'
check "a startup check that succeeds often enough ends the start" systemctl start container@counts
check "which begins to count anew when its time was over" test "$(inside counts 'wc -l </state/tries')" -ge 4
systemctl stop container@counts
check "TimeoutStartSec= counts" not systemctl start container@late
check "and is the result" unit_is container@late Result timeout
check "a container that ends before fails the start" not systemctl start container@dies
check "with its own result" unit_is container@dies ExecMainStatus 7
systemctl start --no-block container@stopped
waiting() { pgrep -f 'await-healthy stopped' >/dev/null; }
check "a start that waits" wait_for 30 waiting
check "can be stopped" timeout 30 systemctl stop container@stopped
check "which is no failure" unit_is container@stopped Result success
# The signal that a stop sends goes to what waits, too.
container asked "HealthCmd=false
HealthRetries=1000
StopSignal=SIGQUIT
Exec=/bin/sh -c 'trap \"exit 0\" QUIT; while :; do sleep 1000 & wait; done'"
# It ends by that in its check already, which fails with it.
container checked "HealthCmd=sleep 1000
HealthRetries=1"
systemctl daemon-reload
for name in asked checked; do
    systemctl start --no-block "container@$name"
    check "$name: a start that waits" wait_for 30 unit_is "container@$name" StatusText 'Waiting for the first success of the health check'
    check "$name: can be stopped" timeout 30 systemctl stop "container@$name"
    check "$name: which is no failure" unit_is "container@$name" Result success
done
systemctl reset-failed
check "no process is left" wait_for 20 no_process 'await-healthy|sleep 1000'
check "no file is left" same "" "$(container_files)"
