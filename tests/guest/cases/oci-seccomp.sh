# System call filters, as the kernel enforces them.
# guests: nspawn
# timeout: 240

make_rootfs /srv/filtered

# Runs a script in a container with the given keys, and shows what was printed and how it ended.
filtered() { # KEYS SCRIPT
    put /etc/berth/filtered.container <<END
[Container]
Rootfs=/srv/filtered
Exec=/bin/sh /filtered.sh
$1

[Unit]
StartLimitIntervalSec=0

[Service]
Type=oneshot
END
    printf '%s\n' "$2" >/srv/filtered/filtered.sh
    systemctl daemon-reload
    local cursor
    cursor=$(journal_cursor)
    systemctl start container@filtered || :
    sync_journal
    journalctl -q -o cat --after-cursor="$cursor" -u container@filtered
    echo "status: $(unit_property container@filtered ExecMainStatus)"
}

# Calls that need no capability, so that it is the filter which answers: personality(PER_LINUX | ADDR_NO_RANDOMIZE), and with PER_LINUX32.
fixed='linux64 -R echo addresses are fixed'
old='linux32 uname -m'
mode='grep ^Seccomp: /proc/self/status'

for runtime in crun runc; do
    out=$(filtered "Runtime=$runtime" "$mode; $fixed; $old")
    check "$runtime: the default filter is on" contains "$out" '^Seccomp:	2$'
    check "$runtime: what it does not know is not implemented" contains "$out" 'Function not implemented$'
    check "$runtime: so it was not done" not contains "$out" 'addresses are fixed'
    check "$runtime: what it knows is done" contains "$out" '^i[3-6]86$|^arm|^ppc|^s390$'

    out=$(filtered "Runtime=$runtime"$'\nSeccompProfile=unconfined' "$fixed")
    check "$runtime: unconfined" contains "$out" '^addresses are fixed$'
    out=$(filtered "Runtime=$runtime"$'\nPrivileged=yes' "$fixed")
    check "$runtime: nor is there a filter with Privileged=" contains "$out" '^addresses are fixed$'

    # The kernel lets root of a new user namespace name it; the filter knows only of the container's bounding set.
    own='unshare -U -r -u sh -c "hostname new && hostname"'
    out=$(filtered "Runtime=$runtime" "$own")
    check "$runtime: a call that goes with a capability is refused without" contains "$out" 'Operation not permitted$'
    out=$(filtered "Runtime=$runtime"$'\nAddCapability=SYS_ADMIN' "$own")
    check "$runtime: and open with it" contains "$out" '^new$'
done

put /etc/berth/filtered.json <<'EOF'
{
  "defaultAction": "SCMP_ACT_ALLOW",
  "archMap": [{ "architecture": "SCMP_ARCH_X86_64", "subArchitectures": ["SCMP_ARCH_X86", "SCMP_ARCH_X32"] }],
  "syscalls": [
    { "names": ["no_such_call", "chmod", "fchmodat", "fchmodat2"], "action": "SCMP_ACT_ERRNO", "errno": "ENOSPC" },
    { "names": ["umount2"], "action": "SCMP_ACT_ERRNO", "errno": "EXDEV", "excludes": { "caps": ["CAP_SYS_ADMIN"] } },
    { "names": ["umount2"], "action": "SCMP_ACT_ERRNO", "errno": "ENOSR", "includes": { "caps": ["CAP_SYS_ADMIN"] } },
    { "names": ["personality"], "action": "SCMP_ACT_KILL_PROCESS", "args": [{ "index": 0, "value": 8, "op": "SCMP_CMP_EQ" }] }
  ]
}
EOF
for runtime in crun runc; do
    keys="Runtime=$runtime"$'\nSeccompProfile=/etc/berth/filtered.json'
    out=$(filtered "$keys" "chmod 700 /tmp; umount /proc; $fixed; exec $old")
    check "$runtime: a profile's errno" contains "$out" 'chmod: /tmp: No space left on device$'
    check "$runtime: and its rule for want of a capability" contains "$out" 'Invalid cross-device link$'
    check "$runtime: what it lets be is done" contains "$out" '^addresses are fixed$'
    check "$runtime: what it kills is killed" contains "$out" '^status: 31$'
    out=$(filtered "$keys"$'\nPrivileged=yes' "umount /proc")
    check "$runtime: a profile counts with Privileged=, too" contains "$out" 'Out of streams resources$'
done

# --- profiles that are none

refused() { # TITLE PROFILE-FILE EXTENDED-REGULAR-EXPRESSION
    local out
    out=$(filtered "SeccompProfile=$2" 'echo it ran')
    check "$1: refused" contains "$out" "$3"
    check "$1: nothing ran" not contains "$out" 'it ran'
}
echo '{ "defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{ "names": ["chmod"], "action": "deny" }] }' >/etc/berth/bad.json
printf '{\n  "defaultAction": SCMP_ACT_ALLOW\n}\n' >/etc/berth/syntax.json
mkfifo "$TMP/fifo"
truncate -s 2M "$TMP/large"
place='^/etc/berth/filtered.container:4:1: error: '
refused "a wrong member" /etc/berth/bad.json '^/etc/berth/bad.json: error: "syscalls\[0\].action" must be an action'
refused "wrong syntax" /etc/berth/syntax.json '^/etc/berth/syntax.json:2:[0-9]+: error: not valid JSON'
refused "no file" /etc/berth/missing.json "$place\"/etc/berth/missing.json\": No such file or directory"
refused "a directory" /etc/berth "$place\"/etc/berth\": Is a directory"
refused "a FIFO" "$TMP/fifo" "$place.*: not a regular file"
refused "a device" /dev/zero "$place.*: not a regular file"
refused "a large file" "$TMP/large" "$place.*: File too large"
