# [Socket]: a container is started by the first that comes to its socket, which outlives it.
# guests: nspawn
# timeout: 120

make_rootfs /srv/socket
cat >/etc/berth/woken.container <<'EOT'
[Container]
Rootfs=/srv/socket
Network=none
Exec=/bin/sh -c "echo $$(head -n 1 <&3) for $$LISTEN_PID of $$LISTEN_FDS as $$LISTEN_FDNAMES"

[Socket]
ListenDatagram=/run/woken.sock
ListenStream=127.0.0.1:8081
FileDescriptorName=web

[Install]
WantedBy=sockets.target
EOT
cat >/etc/berth/fed.container <<'EOT'
[Container]
Rootfs=/srv/socket
Network=none
Exec=/bin/sh -c "echo $$(head -n 1 <&3) as $$LISTEN_FDNAMES"

[Socket]
ListenFIFO=/run/fed.fifo
FileDescriptorName=fifo
EOT
systemctl daemon-reload
tell() { # WORD
    echo "$1" | socat -u - UNIX-SENDTO:/run/woken.sock
}
check "the socket can be started" systemctl start container@woken.socket
check "that does not start the container" unit_is container@woken.service ActiveState inactive
tell first
check "what comes to it does, and is there for it" says container@woken '^first for 1 of 2 as web:web$'
check "it ends when it is done" wait_for 20 unit_is container@woken.service ActiveState inactive
check "without a failure" unit_is container@woken.service Result success
check "the socket goes on" unit_is container@woken.socket ActiveState active
tell second
check "and wakes it again" says container@woken '^second for 1 of 2 as web:web$'
systemctl start container@fed.socket
echo by-fifo >/run/fed.fifo
check "so does what comes by a FIFO" says container@fed '^by-fifo as fifo$'
wait_for 20 unit_is container@fed.service ActiveState inactive >/dev/null
systemctl stop container@fed.socket
rm -f /run/fed.fifo
check "it is enabled by its file" test -h /run/systemd/generator/sockets.target.wants/container@woken.socket
check "and can be by hand" systemctl enable container@woken.socket
check "as systemd does it" test -h /etc/systemd/system/sockets.target.wants/container@woken.socket
check "of which berth check has nothing to say" same "" "$(berth check woken)"
systemctl enable container@woken.service
check "but that the container is enabled as well" contains "$(berth check woken)" \
    '^/etc/berth/woken.container:7:1: warning: container@woken.service is enabled and so started at boot, .*: systemctl disable container@woken.service$'
systemctl disable container@woken.service
check "until it is no more" same "" "$(berth check woken)"
wait_for 20 unit_is container@woken.service ActiveState inactive >/dev/null
systemctl stop container@woken.socket
check "nothing is left" same "" "$(container_files)"

no_more_as_user # who is told why there is no Accept=yes

# Accept=yes: each connection has a container of its own, an instance of the template.
cat >/etc/berth/talk@.container <<'EOT'
[Container]
Rootfs=/srv/socket
Network=none
Exec=/bin/sh -c "while read word <&3; do echo $$word for $$LISTEN_PID of $$LISTEN_FDS as $$LISTEN_FDNAMES >&3; [ $$word != fail ] || exit 3; done"

[Socket]
ListenStream=/run/talk.sock
ListenStream=127.0.0.1:8082
Accept=yes
MaxConnections=2

[Install]
WantedBy=sockets.target
EOT
systemctl daemon-reload
check "with Accept=yes the template has a socket" systemctl start talk.socket
check "which its file enables" test -h /run/systemd/generator/sockets.target.wants/talk.socket
containers() {
    systemctl list-units --all --no-legend --plain 'container@talk@*.service' | wc -l
}
have() { # NUMBER
    same "$1" "$(containers)"
}
# Two at the same time, over a socket of each kind; what is written to them comes from a FIFO.
mkfifo "$TMP/unix.in" "$TMP/tcp.in"
socat unix-connect:/run/talk.sock stdio <"$TMP/unix.in" >"$TMP/unix.out" &
socat tcp:127.0.0.1:8082 stdio <"$TMP/tcp.in" >"$TMP/tcp.out" &
exec {in_unix}>"$TMP/unix.in" {in_tcp}>"$TMP/tcp.in"
check "each connection has its container" wait_for 30 have 2
echo one >&"$in_unix"
echo two >&"$in_tcp"
answered() { # FILE TEXT
    same "$2" "$(cat "$TMP/$1.out")"
}
check "one is served" wait_for 30 answered unix 'one for 1 of 1 as connection'
check "so is the other" wait_for 30 answered tcp 'two for 1 of 1 as connection'
check "nothing of ours stays with them" wait_for 20 no_process 'berth-helper hand-over'
check "more than MaxConnections= are not served" same "" "$(echo three | timeout 20 socat - unix-connect:/run/talk.sock || :)"
check "nor have a container" have 2
exec {in_unix}>&-
check "one that hangs up ends its container" wait_for 30 have 1
unit=$(systemctl list-units --no-legend --plain 'talk@*:8082-*.service' | sed 's/ .*//')
check "a connection can be ended by hand" systemctl stop "$unit"
check "with its container" wait_for 30 have 0
exec {in_tcp}>&-
check "and the peer is told" wait
check "a container that fails" same "fail for 1 of 1 as connection" "$(echo fail | timeout 30 socat -t 20 - unix-connect:/run/talk.sock)"
check "leaves nothing" wait_for 30 have 0
connections() { systemctl list-units --all --no-legend --plain "talk@*.service"; }
no_connection() { same "" "$(connections)"; }
check "nor does its connection" wait_for 30 no_connection
check "and says so" contains "$(sync_journal; journalctl -q -b -o cat)" 'container@talk@.*: Main process exited, code=exited, status=3'
check "the socket goes on" unit_is talk.socket ActiveState active
systemctl stop talk.socket
no_files() { same "" "$(container_files)"; }
check "no file is left of connections" wait_for 20 no_files
