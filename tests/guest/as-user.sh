# Runs a case that is written for the system's manager as a user's: what is not the user's own in it becomes so. Sourced by a case, after lib.sh.
#  - systemctl, berth and journalctl of containers are those of the user's, by programs that are found first;
#  - the places of files, units and the store are the user's, as the text of the case and of lib.sh is changed before it runs;
#  - what is below /srv and $TMP belongs to the user before each command of systemctl's: an owner n of these is then who has that number in the user's containers.
#  - a volume that is to be idmapped is left out: no user's directory can be, which berth says.
# Checks that cannot be for a user are named in as-user.differences, with the reason.
# shellcheck shell=bash

as_user_prepare() { # NAME UID
    local bin=/run/as-user home=/home/$1 runtime=/run/user/$2 srv=/var/lib/berth/.as-user name
    mkdir -p "$bin" "$srv"
    # What other cases have in /srv stays root's.
    mount --bind "$srv" /srv
    at_end "umount -l /srv; rm -rf $srv"
    cat >$bin/own <<END
#!/bin/bash
# What root or another of the first 65,536 has becomes the user's, or the subordinate ID's that is this number inside.
find "\$@" -print0 2>/dev/null | exec perl -0 -MFcntl=:mode -MPOSIX= -ne '
    my (\$uid, \$gid, \$first) = ($2, $(id -g "$1"), $(sed -n "s/^$1:\([0-9]*\):.*/\1/p" /etc/subuid));
    sub inside { my (\$id, \$own) = @_; \$id == 0 ? \$own : \$id < 65536 && \$id != \$own ? \$first + \$id - 1 : -1 }
    chomp;
    my @st = lstat or next;
    my (\$u, \$g) = (inside(\$st[4], \$uid), inside(\$st[5], \$gid));
    next if \$u < 0 && \$g < 0;
    POSIX::lchown(\$u, \$g, \$_);
    chmod \$st[2] & 07777, \$_ unless S_ISLNK(\$st[2]);'
END
    cat >$bin/as-user <<END
#!/bin/bash
exec setpriv --reuid $1 --regid $1 --init-groups env PATH=/usr/local/bin:/usr/bin:/bin HOME=$home USER=$1 LOGNAME=$1 XDG_RUNTIME_DIR=$runtime "\$@"
END
    cat >$bin/systemctl <<END
#!/bin/bash
case " \$* " in
*" test-"* | *" user@"* | *" systemd-"* | *.socket*systemd*) exec /usr/bin/systemctl "\$@" ;;
esac
case "\$1" in
start | restart | try-restart | reload | enable | daemon-reload | --no-block) $bin/own /srv /run/berth-tests $home $runtime/names ;;
esac
exec $bin/as-user systemctl --user "\$@"
END
    cat >$bin/berth <<END
#!/bin/bash
$bin/own /srv /run/berth-tests $home
exec $bin/as-user berth --user "\$@"
END
    # What a case has the runtime do in its containers. From where root is, it would meet other IDs and control groups than in the user's namespace.
    for name in crun runc; do
        cat >"$bin/$name" <<END
#!/bin/bash
user=()
if [ "\$1 \$3" = "--root exec" ]; then
    shift 3
    [ "\$1" != --user ] || { user=(--user "\$2"); shift 2; }
    exec $bin/berth exec "\${user[@]}" "\$@"
fi
exec $bin/as-user /usr/bin/$name "\$@"
END
    done
    # What is root's in an image is so in a user's as well.
    echo "+$2 root:0" >$bin/owners
    # What is encrypted is so for the user.
    cat >$bin/systemd-creds <<END
#!/bin/bash
$bin/own $home/.config /run/berth-tests
exec $bin/as-user systemd-creds --user "\$@"
END
    # A unit of a user's is not a unit of the journal's reader.
    cat >$bin/journalctl <<'END'
#!/bin/bash
arguments=() matches=()
while [ $# -gt 0 ]; do
    case $1 in
    -u) shift; unit=$1 ;;
    --unit=*) unit=${1#*=} ;;
    -u*) unit=${1#-u} ;;
    *) arguments+=("$1"); shift; continue ;;
    esac
    shift
    case $unit in
    container* | berth-auto-update*)
        [ "${unit%.*}" != "$unit" ] || unit+=.service
        name=${unit#*@}
        matches+=(${matches:++} "USER_UNIT=$unit" + "_SYSTEMD_USER_UNIT=$unit")
        [[ $unit != container@* ]] || matches+=(+ "SYSLOG_IDENTIFIER=${name%.*}")
        # A process of a pod's, or a pull's, may have ended before the journal could see which unit it was of.
        [[ $unit != container-pod@* ]] || matches+=(+ SYSLOG_IDENTIFIER=berth-helper)
        [[ $unit != container-image@* ]] || matches+=(+ "SYSLOG_IDENTIFIER=${unit%.service}")
        ;;
    *) arguments+=(-u "$unit") ;;
    esac
done
exec /usr/bin/journalctl "${arguments[@]}" "${matches[@]}"
END
    chmod -R 755 $bin
    at_end "rm -rf $bin"
    as_user_uid=$2 as_user_home=$home as_user_runtime=$runtime as_user_slice=/user.slice/user-$2.slice/user@$2.service
}

# The case's checks are this case's, with the name before them.
run_as_user() { # CASE
    local file=$TMP/as-user.$1 limit
    mkdir -p "/run/berth-tests/$1" "$as_user_home"/.config/{berth,systemd/user}
    chmod 755 /run/berth-tests "/run/berth-tests/$1"
    {
        cat lib.sh
        cat <<'END'
check() { # TITLE COMMAND ARGUMENT...
    local title=$1 output status=0
    shift
    ! grep -qF -- "$CASE: $title: " /opt/berth-tests/as-user.differences || return 0
    output=$("$@" 2>&1 3>&-) || status=$?
    if [ "$status" -eq 0 ]; then
        echo "ok - as a user, $CASE: $title" >&3
        return
    fi
    {
        echo "not ok - as a user, $CASE: $title"
        printf '# status %d of: %s\n' "$status" "$*"
        [ -z "$output" ] || sed 's/^/#   /' <<<"$output"
    } >&3
    : >"$STATE/failed"
    : >"$TMP/failed"
}
# What has failed in a case before is no reason to end this one.
require() { # TITLE COMMAND ARGUMENT...
    check "$@"
    [ ! -e "$TMP/failed" ] || exit 0
}
END
        cat <<END
manager=$(unit_property "user@$as_user_uid.service" MainPID)
END
        cat <<'END'
# The manager keeps the namespace for as long as there is a network; it keeps those of pods as well, which have no bridges.
in_networks() { # COMMAND ARGUMENT...
    local fd
    for fd in $(find "/proc/$manager/fd" -lname 'net:*'); do
        if nsenter --net="$fd" ip -o link show type bridge | grep -q .; then
            nsenter --net="$fd" "$@"
            return
        fi
    done
}
END
        cat "cases/$1.sh"
    } | sed -e "s,/run/berth/,$as_user_runtime/berth/,g; s,/var/lib/berth/,$as_user_home/.local/share/berth/,g; s,/etc/berth\([^-a-z]\|\$\),$as_user_home/.config/berth\1,g" \
        -e "s,/run/systemd/generator,$as_user_runtime/systemd/generator,g; s,/etc/systemd/system,$as_user_home/.config/systemd/user,g" \
        -e "s,/run/systemd/system,$as_user_runtime/systemd/user,g; s,/run/\(hooks\.\|later-\|between\|door\|noticed\|pleased\|woken\.\|fed\.\|talk\.\|names\),$as_user_runtime/\1,g" \
        -e "s,/var/log/checks,$as_user_home/checks,g; s,_SYSTEMD_UNIT=\(\"*container\),USER_UNIT=\1,g; s,_TRANSPORT=stdout,_TRANSPORT=journal,g" \
        -e "s/IDMap=0:[12]00000:65536/IDMap=0:1:65536/; s,/system.slice/berth-log.service,$as_user_slice/app.slice/berth-log.service,g" \
        -e "s,^ *tar -C,& / --owner-map=/run/as-user/owners --group-map=/run/as-user/owners -C,; /^Volume=.*:idmap\$/d" \
        -e "s,/var/lib/containers/storage/,$as_user_home/.local/share/containers/storage/,g" \
        -e "s,/system.slice/system-container.slice,$as_user_slice/app.slice/app-container.slice,g" \
        -e "s,/sys/fs/cgroup/berth\.slice,/sys/fs/cgroup$as_user_slice/berth.slice,g" >"$file"
    limit=$(sed -n 's/^# timeout: *//p' "$file" | head -n 1)
    AS_USER=yes CASE=$1 PATH=/run/as-user:$PATH timeout -k 5 $((${limit:-60} * PATIENCE)) bash -eu "$file" </dev/null ||
        check "as a user, $1 comes to its end" false
    # As inside/run-cases does.
    as_user "${as_user_home##*/}" systemctl --user stop 'container@*' 2>/dev/null || :
    as_user "${as_user_home##*/}" systemctl --user stop 'container-*' 2>/dev/null || :
    rm -rf "$as_user_home/.config/berth" "$as_user_home/.config/systemd"
    # What berth finds there the next time is as if it had made it.
    /run/as-user/own "$as_user_runtime/berth"
    as_user "${as_user_home##*/}" systemctl --user daemon-reload
    as_user "${as_user_home##*/}" systemctl --user reset-failed
}
