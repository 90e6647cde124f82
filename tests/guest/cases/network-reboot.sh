# A boot: networks, addresses and ports are there again by themselves, with the subnets that were chosen before.
# guests: nspawn
# timeout: 120

everything() {
    echo "$(find /run/berth/networks -path '*/leases/*' | wc -l) $(ip -o link show type veth | grep -c ' master berth') $(nft list table inet berth | grep -o 'comment "container@' | wc -l)"
}

# The first three numbers of the subnet that was chosen.
prefix() { sed -n '/:/d; s/\.[0-9]*\/.*//p' /var/lib/berth/networks/lan; }

case $PHASE in
1)
    make_rootfs /srv/net
    add_programs /srv/net /usr/bin/socat
    mkdir -p /etc/berth
    printf '[Network]\nIPv6=yes\n' >/etc/berth/lan.network
    serving web $'Network=lan.network\nPublishPort=8080:80' $'[Install]\nWantedBy=multi-user.target'
    serving plain PublishPort=8081:80 $'[Install]\nWantedBy=multi-user.target'
    systemctl daemon-reload
    require "the network comes first, and gets a subnet" systemctl start container-network@lan
    serving static "Network=lan.network:ip=$(prefix).77" $'[Install]\nWantedBy=multi-user.target'
    systemctl daemon-reload
    require "three containers" systemctl start container@web container@static container@plain
    check "which answer" wait_for 10 answers web ask 127.0.0.1 8080
    check "one of everything for each" same "5 3 3" "$(everything)"
    cp /var/lib/berth/networks/lan /var/lib/berth/networks-lan-before
    cp /var/lib/berth/networks/default /var/lib/berth/networks-default-before
    reboot_guest
    ;;
2)
    check "after a boot they are up" wait_for 60 unit_is container@web ActiveState active
    check "all of them" wait_for 60 unit_is container@static ActiveState active
    check "also on the default network" wait_for 60 unit_is container@plain ActiveState active
    check "the subnets are what they were" cmp /var/lib/berth/networks/lan /var/lib/berth/networks-lan-before
    check "also of the default network" cmp /var/lib/berth/networks/default /var/lib/berth/networks-default-before
    check "the address that was given is the one" same "$(prefix).77" "$(address_of static | head -1)"
    check "ports lead there" wait_for 10 answers web ask 127.0.0.1 8080
    check "on the default network, too" wait_for 10 answers plain ask 127.0.0.1 8081
    check "neighbours find one another by name" contains "$(wait_for 10 inside static timeout 5 busybox nslookup web "$(prefix).1")" "$(address_of web | head -1)"
    check "one of everything for each" same "5 3 3" "$(everything)"
    systemctl stop 'container@*'
    # The kernel takes its time with interfaces whose namespace has gone.
    all_gone() { same "0 0 0" "$(everything)"; }
    check "nothing is left at the end" wait_for 20 all_gone
    rm -f /var/lib/berth/networks-*-before
    ;;
esac
