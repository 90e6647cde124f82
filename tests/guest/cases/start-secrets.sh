# Secrets: systemd's credentials in the container, plain and encrypted, as files and in the environment.
# guests: nspawn
# timeout: 180

make_rootfs /srv/secrets
mkdir -p /etc/berth/secrets
chmod 0700 /etc/berth/secrets
printf 'plain text' >/etc/berth/secrets/plain
printf 'in the environment' >/etc/berth/secrets/token
printf 'bytes \000\377' >/etc/berth/secrets/bytes
has_creds=yes
printf 'once encrypted' >"$TMP/clear"
systemd-creds encrypt --with-key=host --name=sealed "$TMP/clear" /etc/berth/secrets/sealed.cred || has_creds=no
check "systemd-creds encrypts with the host's key" same yes "$has_creds"

put /etc/berth/keeper.container <<'EOF'
[Container]
Rootfs=/srv/secrets
Exec=/bin/sh -c 'cat /run/secrets/plain; echo; cat /run/secrets/sealed; echo; cat /etc/key; echo; echo "env: $TOKEN"; stat -c "%%n %%u:%%g %%a %%s" /run/secrets/* /etc/key; grep -E " /run/secrets/plain " /proc/mounts; echo x >/run/secrets/plain || echo unwritable; echo done; exec sleep 1000'
Environment=TOKEN=default
Secret=plain sealed
Secret=bytes,mode=0400,uid=65534,gid=7
Secret=plain,target=/etc/key
Secret=token,type=env,target=TOKEN

[Service]
TimeoutStopSec=1
EOF
for name in missing late bytes broken; do
    put "/etc/berth/$name.container" <<EOF
[Container]
Rootfs=/srv/secrets
Exec=/bin/sh -c 'echo it ran'
$(case $name in
    missing) echo 'Secret=none-such' ;;
    bytes) echo 'Secret=bytes,type=env' ;;
    broken) echo 'Secret=broken' ;;
    esac)
EOF
done
echo "this was never encrypted" >/etc/berth/secrets/broken.cred
systemctl daemon-reload

require "a container with secrets starts" systemctl start container@keeper
check "it gets to the end" says container@keeper '^done$'
out=$(journal_of container@keeper)
check "a plain one" contains "$out" '^plain text$'
check "an encrypted one" contains "$out" '^once encrypted$'
check "one in the environment wins over Environment=" contains "$out" '^env: in the environment$'
check "all may read by default" contains "$out" '^/run/secrets/plain 0:0 444 10$'
check "owner and mode" contains "$out" '^/run/secrets/bytes 65534:7 400 8$'
check "a target of its own" contains "$out" '^/etc/key 0:0 444 10$'
check "they are read-only, without programs" contains "$out" ' /run/secrets/plain [^ ]+ ro,nosuid,nodev,noexec'
check "truly" contains "$out" '^unwritable$'
check "the mount is not to be seen outside" not grep -q berth/bundles/keeper/secrets /proc/self/mountinfo
check "and the bundle has none as a file" same "" "$(grep -rl 'plain text' /run/berth 2>/dev/null || :)"
check "the bundle is root's alone" same "700 600" "$(stat -c %a /run/berth/bundles/keeper /run/berth/bundles/keeper/config.json | xargs)"
spec=$(berth spec keeper)
check "berth spec shows a mask" contains "$spec" '"TOKEN=\*+"'
check "and no secret" not contains "$spec" 'in the environment|plain text'

# A changed secret is read at the next start, and nothing outlives the unit.
printf 'new text' >/etc/berth/secrets/plain
systemctl restart container@keeper
check "a changed secret is read at the next start" says container@keeper '^new text$'
systemctl stop container@keeper
check "no credentials stay" not test -e /run/credentials/container@keeper.service
check "nothing is left" same "" "$(container_files)"
check "no secret is left in /run" same "" "$(grep -rls 'new text' /run/berth /run/credentials || :)"
check "nor in the root file system" same "0" "$(stat -c %s /srv/secrets/run/secrets/plain)"

check "a missing secret fails the start" not systemctl start container@missing
check "with its place" says container@missing 'missing.container:4:8: error: there is no secret "none-such": it needs a file /etc/berth/secrets/none-such, or none-such.cred and'
printf 'now here' >/etc/berth/secrets/none-such
check "once it is there the start works" systemctl start container@missing
echo "Secret=plain" >>/etc/berth/late.container
check "a secret that systemd does not know of fails the start" not systemctl start container@late
check "and says what to do" says container@late 'late.container:5:8: error: the unit has no credential "plain" yet: it needs systemctl daemon-reload'
systemctl daemon-reload
check "after which it works" systemctl start container@late
check "bytes are no variable" not systemctl start container@bytes
check "with the reason" says container@bytes 'bytes.container:4:8: error: the secret "bytes" is no text that an environment variable could have'
check "what cannot be decrypted fails the start" not systemctl start container@broken
check "no secret was ever in the journal but by the payload's word" same "0" \
    "$(journalctl -q -b -o json | grep -v '"_COMM":"(cat|sh)"' | grep -v '"SYSLOG_IDENTIFIER":"keeper"' | grep -c 'plain text' || :)"
