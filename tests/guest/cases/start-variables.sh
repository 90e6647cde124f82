# Variables in the values of [Container]: those of the service, as in a command line of systemd's.
# guests: nspawn

make_rootfs /srv/variables
mkdir -p /srv/variable-data
echo "from the volume" >/srv/variable-data/text
put /run/variables.env <<'EOF_ENV'
FROM_FILE=file
WORDS="two words"
EOF_ENV
systemctl set-environment PASSED=passed
at_end 'systemctl unset-environment PASSED'
put /etc/berth/variables.container <<'EOF_UNIT'
[Container]
Rootfs=/srv/variables
HostName=${V}
Environment=A=${V} B=${FROM_FILE} C=${PASSED} D=5$$ E=${UNSET}
Volume=${VOLUMES_DIR}:/data
Exec=/bin/sh -c 'echo A=$$A B=$$B C=$$C D=$$D E=$$E host=$(hostname) $(cat /data/text); for w; do echo "word $w"; done' sh $WORDS ${WORDS} $UNSET

[Service]
Type=oneshot
Environment=V=one VOLUMES_DIR=/srv/variable-data
EnvironmentFile=/run/variables.env
PassEnvironment=PASSED
EOF_UNIT
put /etc/berth/reload-variables.container <<'EOF_UNIT'
[Container]
Rootfs=/srv/variables
Exec=/bin/sh -c "trap 'exit 0' TERM; while :; do sleep 0.1; done"
ReloadCmd=/bin/sh -c "echo reloaded ${V} > /dev/shm/reloaded; cat /dev/shm/reloaded"

[Service]
Environment=V=one
EOF_UNIT
systemctl daemon-reload
check "a start with variables" systemctl start container@variables
check "values and words are those of the service" says container@variables 'A=one B=file C=passed D=5\$ E= host=one from the volume'
check "a variable of two words" says container@variables '^word two$'
check "and its second" says container@variables '^word words$'
check "one word with braces" says container@variables '^word two words$'
check "what is not set is said" says container@variables 'warning: "\$\{UNSET\}" is not set'
check "no mount of a text is waited for" not contains "$(systemctl show -p RequiresMountsFor container@variables)" '\$'
systemctl start container@reload-variables
check "a reload with variables" systemctl reload container@reload-variables
check "has them" says container@reload-variables '^reloaded one$'
systemctl stop container@reload-variables
