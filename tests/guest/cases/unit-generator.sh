# What berth-generator makes of .container files, as systemd sees it. The containers here are only a sleep: starting
# real ones is for other cases.
# guests: nspawn

generator=/usr/lib/systemd/system-generators/berth-generator
# What other cases had generated is nothing to go by.
cursor=$(journal_cursor)

at_end 'systemctl stop "container@*.service" "front.service"
rm -rf /etc/berth /etc/systemd/system/container@.service.d /etc/systemd/system/extra.target "/etc/systemd/system/multi-user.target.wants/container@"*
systemctl daemon-reload'

put /etc/systemd/system/container@.service.d/no-helper.conf <<'END'
[Service]
Type=exec
ExecStartPre=
ExecStart=
ExecStart=/bin/sleep infinity
ExecStartPost=
ExecStopPost=
END
put /etc/systemd/system/extra.target <<'END'
[Unit]
Description=Nobody starts this
END
put /etc/berth/web.container <<'END'
[Unit]
Description=The web
After="my app.container"
[Container]
Rootfs=/srv/web
Exec=/bin/server
Volume=/srv/with "quotes" and \\:/data
StopSignal=SIGINT
ReloadSignal=HUP
ServiceName=front
[Service]
Environment="A=50%% of %p" B=$HOME
[Install]
WantedBy=multi-user.target
RequiredBy=extra.target
UpheldBy=extra.target
Alias=app@web.service
END
put "/etc/berth/my app.container" <<'END'
[Container]
Rootfs=/srv/my app
Exec=/bin/server
END
put /etc/berth/plain.container <<'END'
[Container]
Rootfs=/srv/plain
Exec=/bin/server
END
put /etc/berth/bad.container <<'END'
[Container]
Rotfs=/srv/bad
[Service]
Environment=STILL=here
END
put /etc/berth/job@.container <<'END'
[Container]
Rootfs=/srv/job
Exec=/bin/server
[Service]
Environment=JOB=%i
END
: >/etc/berth/masked.container
systemctl daemon-reload

# --- the drop-in

check "the unit is the template with a drop-in" \
    contains "$(unit_property container@web.service FragmentPath) $(unit_property container@web.service DropInPaths)" \
    '/lib/systemd/system/container@\.service .*/run/systemd/generator/container@web\.service\.d/10-berth\.conf'
check "Description= is the file's" unit_is container@web.service Description "The web"
check "SourcePath= names the file" unit_is container@web.service SourcePath /etc/berth/web.container
check "KillSignal= is StopSignal=" unit_is container@web.service KillSignal 2
check "Environment= keeps its specifiers and quotes" \
    contains "$(unit_property container@web.service Environment)" '^"A=50% of web" "?B=\\?\$HOME"?$'
check "a path with quotes and a backslash arrives" \
    contains "$(unit_property container@web.service RequiresMountsFor)" 'with .*quotes.* and \\'
check "a reference to a file becomes the unit" \
    contains "$(unit_property container@web.service After)" 'container@my\\+x20app\.service'
check "a file's name with a space has its unit" \
    unit_is 'container@my\x20app.service' SourcePath "/etc/berth/my app.container"
verify() { # UNIT
    SYSTEMD_UNIT_PATH=/run/systemd/generator:/run/systemd/generator.late: systemd-analyze verify --man=no "$1"
}
check "a bad file has its drop-in all the same" unit_is container@bad.service Environment STILL=here
for unit in web plain bad 'my\x20app'; do
    check "systemd-analyze verifies container@$unit.service" verify "container@$unit.service"
done
check "systemd had nothing to say about what was generated" \
    not contains "$(sync_journal; journalctl -q --after-cursor="$cursor" --no-pager _PID=1)" '/run/systemd/generator[^ ]*(\.conf|\.service):[0-9]'
generator_says() {
    sync_journal
    contains "$(journalctl -q -b --no-pager)" 'berth-generator.*/etc/berth/bad\.container:2:.*Rotfs'
}
check "the generator's diagnostics are in the journal" wait_for 30 generator_says

# --- [Install] and enabling

check "WantedBy= is carried out" contains "$(unit_property multi-user.target Wants)" container@web.service
check "RequiredBy= is carried out" contains "$(unit_property extra.target Requires)" container@web.service
check "UpheldBy= is carried out" contains "$(unit_property extra.target Upholds)" container@web.service
check "a file with [Install] counts as enabled" contains "$(systemctl is-enabled container@web || :)" '^enabled'
check "one without does not" same disabled "$(systemctl is-enabled container@plain || :)"
check "systemctl enable works" systemctl enable container@plain
check "systemctl enable lasts" same enabled "$(systemctl is-enabled container@plain)"
check "systemctl disable works" systemctl disable container@plain
check "the file is disabled again" same disabled "$(systemctl is-enabled container@plain || :)"
check "a file without [Install] is not wanted" not contains "$(unit_property multi-user.target Wants)" container@plain

check "an instance of a template can be enabled" systemctl enable container@job@one
check "an enabled instance has its drop-in" unit_is container@job@one.service Environment JOB=one
check "another instance has none" unit_is container@job@two.service Environment ""
check "an instance can be disabled" systemctl disable container@job@one

# --- masks

check "a masked file masks its unit" unit_is container@masked.service LoadState masked
check "a masked unit cannot be started" not systemctl start container@masked.service
ln -sf /dev/null /etc/berth/plain.container
systemctl daemon-reload
check "a link to /dev/null masks too" unit_is container@plain.service LoadState masked

# --- other names

started() { # UNIT
    unit_is "$1" ActiveState active
}
stopped() {
    unit_is "$1" ActiveState inactive
}

check "app@web.service is container@web.service" unit_is app@web.service Id container@web.service
check "front.service starts" systemctl start front.service
check "its start starts the container" started container@web.service
check "front.service is up" wait_for 30 started front.service
before=$(main_pid container@web.service)
check "front.service restarts" systemctl restart front.service
check "its restart restarts the container" not same "$before" "$(main_pid container@web.service)"
check "front.service reloads" systemctl reload front.service
check "its reload reloads the container, by a signal that ends a sleep" wait_for 30 stopped container@web.service
check "front.service goes down with the container" wait_for 30 stopped front.service
check "the container starts by its own name" systemctl start container@web.service
check "front.service comes up with it" wait_for 30 started front.service
check "front.service stops" systemctl stop front.service
check "its stop stops the container" wait_for 30 stopped container@web.service
check "systemd-analyze verifies front.service" verify front.service

# --- at once, and for users

mkdir "$TMP/units"
generate_at_once() {
    local i pids=() failed=0
    for i in {1..24}; do
        "$generator" "$TMP/units" "$TMP/units" "$TMP/units" 2>/dev/null &
        pids+=($!)
    done
    for i in "${pids[@]}"; do
        wait "$i" || failed=1
    done
    return "$failed"
}
check "generators at once all succeed" generate_at_once
same_files() {
    local file place
    while read -r file; do
        [ -e "/run/systemd/generator/$file" ] || [ -L "/run/systemd/generator/$file" ] && place=generator || place=generator.late
        diff --no-dereference "$TMP/units/$file" "/run/systemd/$place/$file" || return 1
    done
}
made=$(cd "$TMP/units" && find . ! -type d)
check "they made the drop-ins and links" contains "$made" 'container@bad\.service\.d/10-berth\.conf'
check "what they made is what systemd has" same_files <<<"$made"
check "nothing is left under a temporary name" same "" "$(find "$TMP/units" -name '.#*')"

put "$TMP/config/berth/mine.container" <<'END'
[Container]
Rootfs=/home/user/mine
Exec=/bin/server
[Install]
WantedBy=default.target
END
mkdir "$TMP/user"
check "the user generator runs" env SYSTEMD_SCOPE=user XDG_CONFIG_HOME="$TMP/config" \
    "$generator" "$TMP/user" "$TMP/user" "$TMP/user"
check "it reads the user's files" grep -qx "SourcePath=$TMP/config/berth/mine.container" \
    "$TMP/user/container@mine.service.d/10-berth.conf"
check "it does not read the system's" not test -e "$TMP/user/container@web.service.d"
check "it makes the user's links" test -L "$TMP/user/default.target.wants/container@mine.service"
