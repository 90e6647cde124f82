# SELinux, enforcing, keeps users' containers apart: from each other, from those of another user, and from the user's own files.
# guests: qemu@trixie
# timeout: 180

# Other cases of this boot have denials of their own.
cursor=$(journal_cursor)
make_user anna 1031
make_user berta 1032
# As the policy's module has it, and useradd(8).
label_berth
for user in anna berta; do
    make_rootfs "/home/$user/root"
    add_programs "/home/$user/root" /usr/bin/systemd-notify
    add_try "/home/$user/root"
    mkdir -p "/home/$user/data/deep" "/home/$user/plain" "/home/$user/mixed"
    echo data | tee "/home/$user/data/file" "/home/$user/data/deep/file" "/home/$user/plain/file" "/home/$user/mixed/file" >/dev/null
    chmod 777 "/home/$user"/{data,data/file}
    chmod 711 "/home/$user"
done
describe() { # USER NAME TRIES LINE...
    put "/home/$1/.config/berth/$2.container" <<END
[Container]
Rootfs=/home/$1/root:O
Network=none
Exec=${3:+/bin/try }$3
$(printf '%s\n' "${@:4}")
END
}
of() { # USER COMMAND ARGUMENT...
    as_user "$1" systemctl --user "${@:2}"
}
tells() { # USER NAME EXTENDED-REGULAR-EXPRESSION
    heard() { contains "$(told "$1" "$2")" "$3"; }
    wait_for 6 heard "$@"
}

describe anna web "read /data/deep/file write /data/new write /root/file write /dev/shm/file write /tmp/file read /etc/hosts write /dev/stdout write /proc/self/fd/1 write /named/file read /plain/file" \
    Volume=/home/anna/data:/data:Z Volume=/home/anna/plain:/plain Volume=named:/named Tmpfs=/tmp "HealthCmd=echo well" HealthInterval=1h
describe anna other "read /data/file write /data/other write /root/file" Volume=/home/anna/data:/data
describe anna disabled "read /plain/file" Volume=/home/anna/plain:/plain SecurityLabelDisable=yes
describe anna level "read /data/file" Volume=/home/anna/data:/data SecurityLabelLevel=s0:c1,c2
describe anna apart "write /dev/shm/file" UserNS=auto
describe anna bad-type "read /data/file" SecurityLabelType=no_such_type_t
describe anna mixed "read /data/file" Volume=/home/anna/mixed:/data:Z
describe anna system "read /data/file" Volume=/usr/share/doc:/data:z
describe anna notify "" Notify=yes "Exec=/bin/sh -c \"systemd-notify --ready --status='up, enforcing'; exec sleep 1000\"" "[Service]" TimeoutStartSec="${PATIENCE}0"
describe anna stream "" Exec=/bin/true "[Socket]" ListenStream=%t/stream.sock
describe anna fifo "" 'Exec=/bin/sh -c "head -n 1 <&3"' "[Socket]" ListenFIFO=%t/fifo.fifo
describe berta web "write /root/file read /data/file write /data/other" Volume=/home/anna/data:/data
# A shell of anna's has her label; this one is as little hers as an init script's.
put /home/anna/.config/systemd/user/shell.service <<'END'
[Service]
Type=oneshot
ExecStart=/bin/sh -c 'echo "from outside" | berth exec -i web sh -c "cat /proc/self/attr/current; echo; cat; echo said >&2" >exec 2>&1; berth exec web sh -c "echo by name >/dev/stdout" >>exec 2>&1'
ExecStart=systemctl --user start container-health@web.service
ExecStart=/bin/sh -c 'echo "from outside" | berth run --rm -i --network none --rootfs /home/anna/root:O sh -c "cat; echo by name >/dev/stdout; echo said >&2" >run 2>&1'
END
for user in anna berta; do
    chown -R "$user:" "/home/$user"/{root,data,plain,mixed,.config}
    of "$user" daemon-reload
    restorecon -RF "/home/$user"
done
chown root: /home/anna/mixed/file

# A process of a confined login, which goes on when it is confined.
put /run/confined 755 <<'END'
#!/bin/sh
exec >/tmp/confined 2>&1
trap 'go=yes' USR1
echo "ready $$"
while [ -z "${go-}" ]; do sleep 0.1; done
berth images
echo over
END
as_user berta runcon user_u:user_r:user_t:s0 /run/confined 3>&- &
at_end 'setenforce 0; rm -f /tmp/confined /run/confined'
wait_for 20 grep -q '^ready ' /tmp/confined
setenforce 1
for name in web other disabled level apart bad-type mixed system notify; do
    of anna start "container@$name" || :
done
of berta start container@web || :
of anna start shell || :
of anna start container@fifo.socket container@stream.service
echo "by a fifo" >/run/user/1031/fifo.fifo || :
kill -USR1 "$(sed -n 's/^ready //p' /tmp/confined)"
wait_for 20 grep -qx over /tmp/confined || :
setenforce 0

own=$(told anna web | sed -n 's/^label: //p')
check "a user's container has a label of its own" contains "$own" '^system_u:system_r:container_t:s0:c[0-9]+,c[0-9]+$'
level=${own#*container_t:}
check "it holds that level, among the user's" same web "$(readlink "/run/user/1031/berth/levels/$level")"
said=$(told anna web)
for try in 'read /data/deep/file' 'write /data/new' 'write /root/file' 'write /dev/shm/file' 'write /tmp/file' 'read /etc/hosts' 'write /dev/stdout' \
    'write /proc/self/fd/1' 'write /named/file'; do
    check "it may: $try" contains "$said" "^$try: done"
done
check "but not read what of the user's has no label for it" contains "$said" '^read /plain/file: refused'
file=system_u:object_r:container_file_t:$level
check "Z labels a volume, and all that is in it" same "$file $file" "$(label /home/anna/data) $(label /home/anna/data/deep/file)"
check "a named volume is every container's" same system_u:object_r:container_file_t:s0 "$(label /home/anna/.local/share/berth/volumes/named/_data)"
check "and stays it, whatever relabels the user's files" same "" "$(restorecon -nvR /home/anna/.local/share/berth/volumes/named/_data)"
said=$(told anna other)
check "another one of the user's has another label" not contains "$said" "^label: $own\$"
check "and the same type" contains "$said" '^label: system_u:system_r:container_t:s0:c[0-9]+,c[0-9]+$'
check "it cannot read the first one's volume" contains "$said" '^read /data/file: refused'
check "nor write to it" contains "$said" '^write /data/other: refused'
check "but to its own files" contains "$said" '^write /root/file: done'
said=$(told berta web)
check "another user's of the same name has another label" not contains "$said" "^label: $own\$"
check "and the same type" contains "$said" '^label: system_u:system_r:container_t:s0:c[0-9]+,c[0-9]+$'
check "it cannot read what everybody may but for the label" contains "$said" '^read /data/file: refused'
check "nor write to it" contains "$said" '^write /data/other: refused'
check "but to its own files" contains "$said" '^write /root/file: done'
check "SecurityLabelDisable= runs as spc_t" tells anna disabled '^label: system_u:system_r:spc_t:s0$'
check "and reaches the user's files" tells anna disabled '^read /plain/file: done'
check "SecurityLabelLevel= is the level" tells anna level '^label: system_u:system_r:container_t:s0:c1,c2$'
check "with which the volume of another is out of reach" tells anna level '^read /data/file: refused'
check "UserNS=auto has a label, too" tells anna apart '^label: system_u:system_r:container_t:s0:c'
check "and its files" tells anna apart '^write /dev/shm/file: done'
check "what is run in it has its label" grep -qaF "$own" /home/anna/exec
check "and can read and write, by name as well" same 3 "$(grep -cxaE 'from outside|said|by name' /home/anna/exec)"
check "so can what berth run runs" same 3 "$(grep -cxaE 'from outside|said|by name' /home/anna/run)"
check "a health check is heard" grep -q '"Output": *"well' /run/user/1031/berth/bundles/web/health.json
check "a payload says that it is up" same active "$(of anna show --value -p ActiveState container@notify)"
check "and how it is" same 'up, enforcing' "$(of anna show --value -p StatusText container@notify)"
check "a socket of the login's categories is none that it can use, which its start says" tells anna stream \
    '/stream.container:7:1: warning: SELinux.s policy does not let the container use the socket, see SELINUX in berth.container\(5\)$'
check "what comes to a FIFO of [Socket] is for the container" tells anna fifo '^by a fifo$'
check "a confined login is told that it can have none" grep -qx "berth: Failed to make a user namespace for .*: the policy of a security module does not let this user make user namespaces; for SELinux see SELINUX in berth.container(5)" /tmp/confined
check "nothing else was denied" same "" "$(journalctl -b -q -o cat --after-cursor="$cursor" | grep 'avc: .*denied.*permissive=0' | grep -v -e 'comm="cat"' -e 'scontext=user_u:' | grep -vE '\{ write \} .* comm="try" name="other"')"

check "an unknown type is an error, with its place" tells anna bad-type \
    '/bad-type.container:5:1: error: SELinux.s policy has no type "no_such_type_t" for this'
check "what is not the user's is not relabelled" tells anna mixed \
    '/mixed.container:5:8: error: cannot relabel "/home/anna/mixed": '
check "and has the label it had" not contains "$(label /home/anna/mixed/file)" container_file
check "nor is what is the system's" tells anna system '/system.container:5:8: error: "/usr/share/doc" is the system.s, and is not relabelled for a container'

# With the label that a program has by default, the socket gets that of all that the user's manager starts.
of anna stop container@notify
chcon -t bin_t /usr/libexec/berth-notify
at_end 'restorecon /usr/libexec/berth-notify'
setenforce 1
of anna start --no-block container@notify
check "a container that may not speak is started" wait_for 60 pgrep -u anna -fx 'sleep 1000'
setenforce 0
check "with a warning" tells anna notify \
    '/notify.container:5:1: warning: SELinux.s policy does not let the container tell systemd anything: '
of anna stop 'container@*'
of berta stop 'container@*'
check "no level is left" becomes 60 "" ls /run/user/1031/berth/levels
