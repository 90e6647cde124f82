# What a set-user-ID program or a device node in a volume is good for, and who the process belongs to.
# guests: nspawn
# timeout: 120

make_rootfs /srv/root
at_end 'systemctl stop "container@*" "container-volume@*" 2>/dev/null; rm -rf /var/lib/berth/volumes/*; umount /srv/flags /srv/plain 2>/dev/null'
put /etc/berth/look.container <<'END'
[Container]
Rootfs=/srv/root
[Service]
Type=oneshot
END
systemctl daemon-reload
mounted() { # VOLUME
    look_in /srv/root "Volume=$1" 'grep " /data " /proc/self/mountinfo'
}
mkdir -p /srv/flags /srv/plain
mount -t tmpfs -o nosuid,nodev,noexec,mode=755 tmpfs /srv/flags
mount -t tmpfs -o mode=755 tmpfs /srv/plain
for runtime in crun runc; do
    sed -i '/^Runtime=/d' /etc/berth/look.container
    for options in '' :ro :rw :bind :O; do
        check "a bind mount keeps what its source's mount has ($runtime, \"$options\")" contains \
            "$(look_in /srv/root "Runtime=$runtime"$'\n'"Volume=/srv/flags:/data$options" 'grep " /data " /proc/self/mountinfo')" ' /data r[wo],nosuid,nodev,noexec'
    done
done
check "exec is said" contains "$(mounted /srv/flags:/data:exec)" ' /data rw,nosuid,nodev,relatime'
check "suid and dev are said" contains "$(mounted /srv/flags:/data:suid,dev)" ' /data rw,noexec,relatime'
check "nothing is made up" contains "$(mounted /srv/plain:/data)" ' /data rw,relatime'
check "a named volume is nosuid,nodev" contains "$(mounted named:/data)" ' /data rw,nosuid,nodev,relatime'
check "and read-only" contains "$(mounted named:/data:ro)" ' /data ro,nosuid,nodev,relatime'
check "unless suid is said" contains "$(mounted named:/data:suid)" ' /data rw,nodev,relatime'
check "or dev" contains "$(mounted named:/data:dev)" ' /data rw,nosuid,relatime'
check "an anonymous one as well" contains "$(mounted /data)" ' /data rw,nosuid,nodev,relatime'
printf '[Volume]\nDevice=tmpfs\nType=tmpfs\nOptions=noexec\n' >/etc/berth/memory.volume
systemctl daemon-reload
check "one that is mounted keeps what its file says" contains "$(
    systemctl start container-volume@memory; mounted memory.volume:/data)" ' /data rw,nosuid,nodev,noexec,relatime'

# --- groups

printf 'app:x:1000:1000:app:/:/bin/sh\n' >>/srv/root/etc/passwd
printf 'app:x:1000:\naudio:x:29:app,root\n' >>/srv/root/etc/group
groups() { # KEYS
    look_in /srv/root "$1" 'grep Groups: /proc/self/status'
}
for runtime in crun runc; do
    check "User=NAME ($runtime)" contains "$(groups "User=app"$'\n'"Runtime=$runtime")" '^Groups:.29 1000 ?$'
    check "User=NAME:GROUP" contains "$(groups "User=app:33"$'\n'"Runtime=$runtime")" '^Groups:.33 ?$'
    check "User=NUMBER" contains "$(groups "User=1234"$'\n'"Runtime=$runtime")" '^Groups:.0 ?$'
    check "User=NUMBER:NUMBER" contains "$(groups "User=1234:5678"$'\n'"Runtime=$runtime")" '^Groups:.5678 ?$'
    check "GroupAdd=" contains "$(groups "User=1234:33"$'\nGroupAdd=44\n'"Runtime=$runtime")" '^Groups:.33 44 ?$'
    check "root's are those of the root file system" contains "$(groups "Runtime=$runtime")" '^Groups:.29 ?$'
done

# --- an image's volumes

make_image /srv/volume-flags:v /srv/root -- --config.user 1000:29 --config.volume /newvol
put /etc/berth/image.container <<'END'
[Container]
Image=oci:/srv/volume-flags:v
Exec=/bin/sh -c 'ls -ldn /newvol; touch /newvol/x && echo written'
[Service]
Type=oneshot
END
systemctl daemon-reload
systemctl start container@image
check "an image's volume belongs to its user" says container@image ' 1000 +29 .*/newvol$'
check "who can write there" says container@image '^written$'
