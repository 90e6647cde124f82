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
check "it is enabled by its file" test -h /run/systemd/generator/sockets.target.wants/container@woken.socket
check "and can be by hand" systemctl enable container@woken.socket
check "as systemd does it" test -h /etc/systemd/system/sockets.target.wants/container@woken.socket
wait_for 20 unit_is container@woken.service ActiveState inactive >/dev/null
systemctl stop container@woken.socket
check "nothing is left" same "" "$(container_files)"
