# What of root's power the parts of a start and of its end have, and that runtimes and hooks have all of it.
# guests: nspawn

tree=/var/lib/berth/privileges/tree
make_rootfs $tree
chmod 755 /var/lib/berth /var/lib/berth/privileges
at_end 'rm -rf /etc/containers/oci /run/powers.* /var/lib/berth/privileges'

# These note the capabilities of who runs them, and their own. By another name than crun, which is not run any more when its container has ended.
note='sed -n "s/^CapPrm:\t0*//p; s/^CapEff:\t0*//p" /proc/$PPID/status /proc/$$/status | tr "\n" " "'
put /srv/hook 755 <<EOF
#!/bin/sh
$note >/run/powers.hook
exec cat
EOF
put /srv/other 755 <<EOF
#!/bin/sh
case "\$*" in
*" create "*) $note >/run/powers.create ;;
*" delete "*) $note >/run/powers.delete ;;
esac
exec crun --cgroup-manager=cgroupfs "\$@"
EOF
put /etc/containers/oci/hooks.d/powers.json <<'EOF'
{
  "version": "1.0.0", "hook": { "path": "/srv/hook" }, "when": { "annotations": { "^look$": "." } }, "stages": ["precreate"]
}
EOF
script='mkdir -m 1777 /sticky; touch /sticky/file; chown -R 99 /sticky; mkdir -m 0 /closed; echo up; while :; do sleep 1000 & wait; done'
put /etc/berth/powers.container <<EOF
[Container]
Rootfs=$tree:O:idmap
UserNS=auto
Annotation=look=yes
Runtime=/srv/other
Exec=/bin/sh -c "trap 'exit 0' TERM; $script"
EOF
systemctl daemon-reload

all=$(sed -n 's/^CapPrm:\t0*//p' /proc/self/status)
prepare=882c14db run=882c14fb undo=100a

# The process that runs the verb for the container, once it waits for the lock on the IDs: it has opened what we have locked.
waits() { # VERB
    local process
    process=$(pgrep -f "/berth-helper $1 powers\$") || return 1
    find "/proc/$process/fd" -lname /run/berth/ids | grep -q . || return 1
    sed -n 's/^Cap\(Inh\|Prm\|Eff\):\t0*//p; s/^NoNewPrivs:\t/new privileges refused: /p' "/proc/$process/status" | tr '\n' ' '
}

mkdir -p -m 700 /run/berth/ids
exec 5</run/berth/ids
flock 5
systemctl start --no-block container@powers
check "prepare has what it needs, from its beginning" same " $prepare $prepare new privileges refused: 0 " "$(wait_for 30 waits prepare)"
flock -u 5
check "with that, it comes up" wait_for 30 unit_is container@powers ActiveState active
check "when config.json is written prepare has nothing any more, and a hook all" same "  $all $all " "$(cat /run/powers.hook)"
check "run has what it needs, and the runtime all" same "$run $run $all $all " "$(cat /run/powers.create)"
check "the container has made what only its users can remove" says container@powers '^up$'

flock 5
systemctl stop --no-block container@powers
check "cleanup has what it needs, and can gain no more, once the runtime has ended" \
    same " $undo $undo new privileges refused: 1 " "$(wait_for 30 waits cleanup)"
check "before that it is the same, and the runtime has all" same "$undo $undo $all $all " "$(cat /run/powers.delete)"
flock -u 5
check "with that, it removes all" wait_for 30 unit_is container@powers ActiveState inactive
check "nothing is left" same "" "$(container_files)"
exec 5<&-
