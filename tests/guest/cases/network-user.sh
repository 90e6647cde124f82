# Networks between a user's containers: bridges, names and published ports in one network namespace of the user's, which ends with the last of them.
# guests: nspawn
# timeout: 240

make_networked_user netty 1077
make_rootfs $home/root
mkdir $home/root/www
chown -R netty: $home/root
file() { # NAME KEYS
    put "$home/.config/berth/$1.container" <<END
[Container]
Rootfs=$home/root
Exec=/bin/sh -c "mkdir /tmp/www; echo I am $1 >/tmp/www/index.html; exec httpd -f -p 8080 -h /tmp/www"
Tmpfs=/tmp
StopTimeout=1
$2
END
}
network_says() { # EXTENDED-REGULAR-EXPRESSION
    journalctl --sync
    contains "$(journalctl -q -b --no-pager -o cat --after-cursor="$user_cursor" SYSLOG_IDENTIFIER=berth-helper)" "$1"
}
left() {
    find $run/bundles $run/networks $run/names -mindepth 1 -not -name '.*' -not -name aardvark.pid
}
nothing_left() {
    same "" "$(left)"
}
reaches_from_outside() { # URL TEXT
    same "$2" "$(outside timeout 5 busybox wget -q -O - "$1" 2>/dev/null)"
}

put $home/.config/berth/back.network <<<$'[Network]\nSubnet=10.77.1.0/24'
put $home/.config/berth/closed.network <<<$'[Network]\nSubnet=10.77.2.0/24\nInternal=yes'
file db 'Network=back.network:ip=10.77.1.9'
file web $'Network=back.network\nPublishPort=127.0.0.1:17780:8080'
file kept $'Network=back.network\nNetwork=closed.network\nUserNS=keep-id\nPublishPort=17781:8080'
file alone Network=closed.network
file plain Network=bridge
put $home/.config/berth/lan.network <<<$'[Network]\nDriver=macvlan\nOptions=parent=wire\nSubnet=192.0.2.0/24'
file lan Network=lan.network
file shut $'Network=closed.network\nPublishPort=17782:8080'
file low $'Network=back.network\nPublishPort=81:8080'
file once Network=back.network
sed -i 's/^Exec=.*/Exec=true/; $a [Service]\nType=oneshot' $home/.config/berth/once.container
chown -R netty: $home/.config
control daemon-reload
sed -i "s,^Rootfs=.*,&:O," $home/.config/berth/alone.container
before=$(ip -o link | wc -l)
require "containers on a user's networks start" control start container@db container@web container@kept container@alone
check "which no line calls a failure" not network_says 'Failed to'
check "nor one of the manager's" not contains \
    "$(journalctl -q -b --no-pager -o cat --after-cursor="$user_cursor" SYSLOG_IDENTIFIER=systemd _UID=1077)" 'Failed to'
check "one has the address of its file" contains "$(inside db ip -4 -o addr show eth0)" '10\.77\.1\.9/24'
check "another is shown with its port" same 127.0.0.1:17780:8080/tcp "$(user berth inspect --format=networks.0.ports.0 web)"
check "and what comes over the network is counted" contains "$(user berth stats --no-stream --json web)" '"receivedBytes": [0-9]'
check "the machine has no interface more" same "$before" "$(ip -o link | wc -l)"
check "they reach one another" wait_for 20 fetches web http://10.77.1.9:8080/ 'I am db'
check "by name as well" wait_for 20 fetches web http://db:8080/ 'I am db'
check "in a user namespace of its own, too" wait_for 20 fetches kept http://db:8080/ 'I am db'
check "a published port is reached" wait_for 20 reaches http://127.0.0.1:17780/ 'I am web'
check "on the address of its file alone" not reaches http://192.0.2.1:17780/ 'I am web'
check "that of a container with a user namespace as well" wait_for 20 reaches http://127.0.0.1:17781/ 'I am kept'
check "and from outside" wait_for 20 reaches_from_outside http://192.0.2.1:17781/ 'I am kept'
check "another network is not reached" not fetches db http://alone:8080/ 'I am alone'
check "one on two networks is on both" wait_for 20 fetches kept http://alone:8080/ 'I am alone'
check "who is on a network is shown" contains "$(user berth --user network inspect back)" '^db +eth0 +10\.77\.1\.9'
check "a file is copied out" user berth --user cp db:/tmp/www/index.html $home/copy
check "as the user's" same "1077 I am db" "$(stat -c %u $home/copy) $(cat $home/copy)"
check "and into a container with a user namespace" user berth --user cp $home/copy kept:/tmp/copy
check "as its root's" same "0 I am db" "$(inside kept sh -c 'stat -c %u /tmp/copy; cat /tmp/copy' | tr '\n' ' ' | sed 's/ $//')"
inside alone sh -c 'echo new >/added'
check "what one has changed is shown" contains "$(user berth --user diff alone)" '^A /added$'
outside busybox httpd -p 192.0.2.2:8077 -h /etc &
at_end "kill $!"
check "there is a way out" wait_for 20 inside db timeout 5 wget -q -O /dev/null http://192.0.2.2:8077/passwd
check "not of an internal network" not inside alone timeout 3 wget -q -O /dev/null http://192.0.2.2:8077/passwd
require "Network=bridge" control start container@plain
check "is the network of all users' files" state_is container-network@default ActiveState active
check "a container on it answers" wait_for 20 fetches plain http://127.0.0.1:8080/ 'I am plain'
check "the machine's interfaces are not to be had" not control start container@lan
check "which is said" wait_for 20 network_says "a user's network cannot be on an interface of the machine"
check "a port on an internal network is refused" not control start container@shut
check "with the reason" wait_for 20 user_says shut 'leads out as well; use a further network'
check "and one that users may not have" not control start container@low
check "with a way out" wait_for 20 user_says low 'ip_unprivileged_port_start'
kill -KILL "$(control show --value -p MainPID container-networks)"
check "when pasta is killed, it is started again" wait_for 20 state_is container-networks NRestarts 1
check "with what was there" wait_for 20 inside db timeout 5 wget -q -O /dev/null http://192.0.2.2:8077/passwd
check "and names" wait_for 20 fetches web http://db:8080/ 'I am db'
control stop container@web container@kept container@alone container@plain
check "a network ends with the last on it" wait_for 20 state_is container-network@closed ActiveState inactive
check "others stay" state_is container-network@back ActiveState active
control stop container@db
check "and all of them with the last one" wait_for 20 state_is container-networks ActiveState inactive
sed -i '1i [Unit]\nStartLimitIntervalSec=0\n' $home/.config/berth/once.container
control daemon-reload
for ((started = 0; started < 8; started++)); do control start container@once || break; done
check "they come and go as often as it takes" same 8 "$started"
check "and are over each time" wait_for 20 state_is container-networks ActiveState inactive
mv /usr/bin/pasta /usr/bin/pasta.away
at_end 'mv /usr/bin/pasta.away /usr/bin/pasta 2>/dev/null'
check "without pasta none starts" not control start container@once
check "and that is said" wait_for 20 network_says "Networks of a user's containers need pasta, which is not installed: Debian has it in the package passt"
check "once" same "78 0 failed" "$(for property in ExecMainStatus NRestarts ActiveState; do control show --value -p $property container-networks; done | xargs)"
mv /usr/bin/pasta.away /usr/bin/pasta
check "with it one does" control start container@once
check "and they are over" wait_for 20 state_is container-networks ActiveState inactive
# What a network has asked for that is gone by then.
check "without a network no name server starts" not control start --job-mode=ignore-requirements container-dns
check "nor does what it needs" state_is container-networks ActiveState inactive
check "no process is left" wait_for 20 not pgrep -u netty -f 'pasta|httpd|aardvark|berth'
check "and no file" wait_for 20 nothing_left
