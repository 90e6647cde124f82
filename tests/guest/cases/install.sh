# What "make install" has put in place.
# guests: nspawn qemu

for file in /usr/lib/systemd/system/container@.service /usr/lib/systemd/system-generators/berth-generator \
    /usr/libexec/berth-helper /usr/bin/berth /usr/share/bash-completion/completions/berth \
    /usr/share/man/man1/berth.1 /usr/share/man/man5/berth.container.5; do
    check "$file is there" test -s "$file"
done
for program in /usr/lib/systemd/system-generators/berth-generator /usr/libexec/berth-helper /usr/bin/berth; do
    check "$program can be executed" test -x "$program"
done
check "systemd accepts container@.service" systemd-analyze verify --man=no container@none.service
