# Files that others than root can write to say nothing to the system's manager; to a user's, those of the user and root do.
# guests: nspawn
# timeout: 180

make_rootfs /srv/root
useradd -u 1000 -m alice
at_end 'userdel -rf alice; rm -rf /etc/berth/sub /etc/berth/*.d /usr/local/hooks /srv/env /etc/containers/oci/hooks.d/t.json'
good() { # FILE
    put "$1" <<'END'
[Container]
Rootfs=/srv/root
Exec=/bin/echo up
[Unit]
StartLimitIntervalSec=0
[Service]
Type=oneshot
END
}
# What a start says after this file was made so.
start() { # NAME
    local cursor
    systemctl daemon-reload
    cursor=$(journal_cursor)
    systemctl start "container@$1" 2>&1 || :
    sync_journal
    journalctl -q -o cat --after-cursor="$cursor"
}
refused() { # TITLE NAME PATTERN
    local out
    out=$(start "$2")
    check "$1 is refused by the start" contains "$(grep -v '^berth-generator' <<<"$out")" "$3"
    check "which runs nothing" not contains "$out" '^up$'
    check "and is reported by the generator" contains "$(/usr/lib/systemd/system-generators/berth-generator --dry-run 2>&1)" "$3"
}

good /etc/berth/one.container
check "a file of root's alone" contains "$(start one)" '^up$'
chmod 664 /etc/berth/one.container
check "and one that the group root can write to" contains "$(start one)" '^up$'
chown :1000 /etc/berth/one.container
refused "a file that a group can write to" one 'one.container: error: refused, as others than root can write to "/etc/berth/one.container" \(mode 0664\); use: chmod go-w /etc/berth/one.container'
chown 0:0 /etc/berth/one.container
chmod 646 /etc/berth/one.container
refused "a file that everybody can write to" one 'error: refused, as others than root can write to "/etc/berth/one.container" \(mode 0646\)'
chmod 644 /etc/berth/one.container
chown alice /etc/berth/one.container
refused "a user's file" one 'error: refused, as "/etc/berth/one.container" belongs to another user than root \(1000\)'
chown root /etc/berth/one.container
setfacl -m u:alice:rw /etc/berth/one.container 2>/dev/null && {
    refused "a file that an access control list opens" one 'error: refused, as others than root can write to'
    setfacl -b /etc/berth/one.container
}
good /home/alice/one.container
ln -sf /home/alice/one.container /etc/berth/one.container
refused "a link into a user's directory" one 'error: refused, as others than root can change what is in /home/alice, on the way to "/etc/berth/one.container"'
rm /etc/berth/one.container

good /etc/berth/sub/one.container
check "a subdirectory of root's" contains "$(start one)" '^up$'
chown alice /etc/berth/sub
refused "a file in a user's subdirectory" one 'one.container: error: refused, as others than root can change what is in /etc/berth/sub, on the way to "/etc/berth/sub/one.container"'
chown root /etc/berth/sub
chmod 777 /etc/berth/sub
refused "one in everybody's" one 'error: refused, as others than root can change what is in /etc/berth/sub'
rm -r /etc/berth/sub

good /etc/berth/one.container
printf '[Container]\nHostName=x\n' | put /etc/berth/one.container.d/x.conf 666
refused "a drop-in" one '/etc/berth/one.container.d/x.conf: error: refused, as others than root can write to'
chmod 644 /etc/berth/one.container.d/x.conf
chmod 777 /etc/berth/one.container.d
refused "a directory of drop-ins" one 'x.conf: error: refused, as others than root can change what is in /etc/berth/one.container.d'
rm -r /etc/berth/one.container.d

put /srv/env 644 <<<'A=b'
sed -i 's/^Exec.*/&\nEnvironmentFile=\/srv\/env/' /etc/berth/one.container
check "an environment file of root's" contains "$(start one)" '^up$'
chmod 666 /srv/env
out=$(start one)
check "an environment file that others can write to is refused, with the line that names it" contains "$out" \
    'one.container:4:17: error: refused, as others than root can write to "/srv/env" \(mode 0666\)'
check "and nothing runs" not contains "$out" '^up$'
sed -i 's/EnvironmentFile=/&-/' /etc/berth/one.container
check "also one that need not be there" contains "$(start one)" 'one.container:4:17: error: refused, as others than root can write to "/srv/env"'
good /etc/berth/one.container

printf '#!/bin/sh\n' | put /usr/local/hooks/program 755
put /usr/local/hooks/t.json 644 <<'END'
{ "version": "1.0.0", "hook": { "path": "/usr/local/hooks/program" }, "when": { "always": true }, "stages": ["poststop"] }
END
sed -i 's/^Exec.*/&\nOCIHooksDir=\/usr\/local\/hooks/' /etc/berth/one.container
check "a hook of root's" contains "$(start one)" '^up$'
chown alice /usr/local/hooks/t.json
check "a user's hook is refused" contains "$(start one)" '/usr/local/hooks/t.json: error: refused, as "/usr/local/hooks/t.json" belongs to another user than root'
chown root /usr/local/hooks/t.json
chmod 757 /usr/local/hooks/program
check "one of a program that others can write to" contains "$(start one)" 't.json: error: refused, as others than root can write to "/usr/local/hooks/program"'
chmod 755 /usr/local/hooks/program
chmod 777 /usr/local/hooks
check "one in a directory that others can write to" contains "$(start one)" 't.json: error: refused, as others than root can change what is in /usr/local/hooks'
chmod 755 /usr/local/hooks
good /etc/berth/one.container

echo '{"defaultAction":"SCMP_ACT_ALLOW"}' | put /srv/env 666
sed -i 's/^Exec.*/&\nSeccompProfile=\/srv\/env/' /etc/berth/one.container
check "a profile of system calls that others can write to is refused" contains "$(start one)" 'one.container:4:1: error: refused, as others than root can write to "/srv/env"'
good /etc/berth/one.container

# --- a user's manager

as_alice() { # COMMAND ARGUMENT...
    setpriv --reuid=1000 --regid=1000 --clear-groups env -i HOME=/home/alice PATH="$PATH" "$@"
}
good /home/alice/.config/berth/mine.container
chown -R alice: /home/alice/.config
chmod -R g+w /home/alice/.config/berth
generator=/usr/lib/systemd/user-generators/berth-generator
check "a user's own file, and the user's own group" not contains "$(as_alice $generator --dry-run 2>&1)" 'refused'
chown root:root /home/alice/.config/berth/mine.container
check "root's" not contains "$(as_alice $generator --dry-run 2>&1)" 'refused'
chown daemon /home/alice/.config/berth/mine.container
check "another user's is refused" contains "$(as_alice $generator --dry-run 2>&1)" 'mine.container: error: refused, as ".*" belongs to another user than root and you \(1\)'
chown alice /home/alice/.config/berth/mine.container
chmod 666 /home/alice/.config/berth/mine.container
check "everybody's is refused" contains "$(as_alice $generator --dry-run 2>&1)" 'mine.container: error: refused, as others than root and you can write to'
check "what a person names is checked, whoever can write to it" not contains "$(berth check /home/alice/.config/berth/mine.container 2>&1)" refused
