# What networks need and this machine lacks is said when they start, and by check: libraries, the kernel's packet filter, CAP_NET_ADMIN.
# guests: nspawn
# timeout: 120

make_rootfs /srv/net
mkdir -p /etc/berth
printf '[Network]\nSubnet=10.123.44.0/24\n' >/etc/berth/lack.network
printf '[Network]\nDriver=macvlan\nSubnet=10.123.45.0/24\nOptions=parent=lackwire\n' >/etc/berth/lackslave.network
put /etc/berth/lacking.container <<'END_OF_FILE'
[Container]
Rootfs=/srv/net
Exec=/bin/sleep 1000
Network=lackslave.network
StopTimeout=1
END_OF_FILE
systemctl daemon-reload
require "a network whose interface is shared" systemctl start container-network@lackslave
check "nothing is lacking" not contains "$(berth check lack.network)" 'networks need'

# Without a library.
away() { # LIBRARY
    local path
    path=$(ldconfig -p | sed -n "s/^[[:space:]]*$1 .* => //p" | head -1)
    path=$(readlink -f "$path")
    mv "$path" "$path.away"
    library=$path
    at_end "[ ! -e $path.away ] || mv $path.away $path"
}
for library_and_package in "libmnl.so.0 libmnl0" "libnftables.so.1 libnftables1"; do
    read -r library package <<<"$library_and_package"
    away "$library"
    check "no network without $package" not systemctl start container-network@lack
    check "which is named" says container-network@lack "error: networks need $package, which is not installed: Debian has it in the package of that name"
    check "by check, too, as a warning" contains "$(berth check lack.network)" "lack.network: warning: networks need $package, which is not installed"
    if [ "$package" = libmnl0 ]; then
        check "also for one that shares an interface" contains "$(berth check lackslave.network)" "lackslave.network: warning: networks need libmnl0"
        check "a container on a network that is up does not start" not systemctl start container@lacking
        check "and says the same" says container@lacking 'error: networks need libmnl0, which is not installed'
    else
        check "for one that shares an interface nothing is lacking" not contains "$(berth check lackslave.network)" 'networks need'
    fi
    mv "$library.away" "$library"
done
check "it is up when they are there" systemctl start container-network@lack
systemctl stop container-network@lack

# Without what only the kernel has; a unit without such sockets sees as much as on a kernel without them.
put /run/systemd/system/container-network@lack.service.d/lack.conf <<'END_OF_FILE'
[Service]
RestrictAddressFamilies=
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
END_OF_FILE
at_end "rm -r /run/systemd/system/container-network@lack.service.d; systemctl daemon-reload"
systemctl daemon-reload
check "no network without nf_tables" not systemctl start container-network@lack
check "which is said" says container-network@lack 'error: networks need nf_tables, which the kernel does not have'
check "by check, too" contains "$(systemd-run -q --wait --pipe -p RestrictAddressFamilies=AF_UNIX berth check lack.network)" 'lack.network: warning: networks need nf_tables, which the kernel does not have'

# Without power over the network.
put /run/systemd/system/container-network@lack.service.d/lack.conf <<'END_OF_FILE'
[Service]
CapabilityBoundingSet=
END_OF_FILE
systemctl daemon-reload
check "no network without CAP_NET_ADMIN" not systemctl start container-network@lack
check "which is said (CAP_NET_ADMIN)" says container-network@lack 'error: networks need CAP_NET_ADMIN, which nobody can have here'
check "by check, too (CAP_NET_ADMIN)" contains "$(systemd-run -q --wait --pipe -p CapabilityBoundingSet=~CAP_NET_ADMIN berth check lack.network)" 'lack.network: warning: networks need CAP_NET_ADMIN'
check "who is not root, and may not ask the kernel, is told nothing that is not so" \
    not contains "$(setpriv --reuid nobody --regid nogroup --clear-groups berth check lack.network 2>&1)" 'networks need'
systemctl stop container-network@lackslave
