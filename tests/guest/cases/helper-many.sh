# A hundred containers in one call.
# guests: nspawn
# timeout: 240

make_rootfs /srv/many
units=()
for ((i = 0; i < 100; i++)); do
    put "/etc/berth/many/n$i.container" <<'EOF'
[Container]
Rootfs=/srv/many
Exec=/bin/sh -c "trap 'exit 0' TERM; while :; do sleep 1000 & wait; done"
EOF
    units+=("container@n$i.service")
done
systemctl daemon-reload
check "a hundred start in one call" systemctl start "${units[@]}"
check "a hundred are active" same 100 "$(systemctl list-units --no-legend --state=active 'container@n*' | wc -l)"
check "nothing of ours is resident" wait_for 20 no_process 'berth-helper|crun'
check "a hundred stop in one call" systemctl stop "${units[@]}"
check "none is left" same 0 "$(systemctl list-units --no-legend 'container@n*' | wc -l)"
check "no bundle is left" same "" "$(container_files)"
