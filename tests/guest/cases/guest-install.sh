# What "make install" has put in place.
# guests: nspawn

for file in /usr/lib/systemd/system/container@.service /usr/lib/systemd/system-generators/berth-generator \
    /usr/libexec/berth-helper /usr/bin/berth /usr/share/bash-completion/completions/berth \
    /usr/share/man/man1/berth.1 /usr/share/man/man5/berth.container.5; do
    check "$file is there" test -s "$file"
done
for program in /usr/lib/systemd/system-generators/berth-generator /usr/libexec/berth-helper /usr/bin/berth; do
    check "$program can be executed" test -x "$program"
done
check "systemd accepts container@.service" systemd-analyze verify --man=no container@none.service
# What a start, or every boot, has to load; other libraries are there when they are needed.
check "the helper is linked with what every start needs alone" not contains "$(ldd /usr/libexec/berth-helper)" 'libsystemd|libmount|libselinux|libarchive'
check "the generator as well" not contains "$(ldd /usr/lib/systemd/system-generators/berth-generator)" 'libsystemd|libmount|libselinux|libarchive'

# How much of the machine a unit that runs no container could reach, as its man page says, in tenths; systemd's versions do not reckon quite the same.
while read -r unit most; do
    check "$unit is confined" systemd-analyze security --no-pager --threshold="$most" "$unit"
done <<'EOF'
berth-auto-update.service 37
berth-log.service 17
berth-network-reload.service 29
container-dns.service 28
container-image@none.service 37
container-network@none.service 29
container-notify@none.service 38
container-pod@none.service 52
container-pod-network@none.service 54
container-volume@none.service 74
EOF
