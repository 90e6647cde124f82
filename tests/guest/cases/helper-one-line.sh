# The unit with an empty ExecStartPre=, whose ExecStart= does it all: the cases of a life, of races, of kills and of another runtime once more.
# guests: nspawn
# suites: bookworm
# timeout: 500

put /etc/systemd/system/container@.service.d/one-line.conf <<'EOF'
[Service]
ExecStartPre=
EOF
systemctl daemon-reload
for name in helper-lifecycle helper-races start-kills host-runc; do
    CASE=$name bash -eu -c '. ./lib.sh; . "cases/$CASE.sh"' </dev/null || check "$name comes to its end" false
    check "$name started without ExecStartPre=" same "" "$(systemctl show -p ExecStartPre --value container@hello)"
done
