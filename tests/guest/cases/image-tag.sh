# berth images tag: another name for an image of the store, by which a container finds it.
# guests: nspawn
# timeout: 120

says_of() { berth images "$@" 2>&1 || :; }
digest_of() { berth images --json | tr -d ' \n' | grep -o "\"name\":\"$1\",\"digest\":\"[^\"]*\"" | sed 's/.*"digest"://'; }
at_end 'systemctl stop container@tagged; rm -f /etc/berth/tagged.container; systemctl daemon-reload; berth rmi localhost/tagged:2 localhost/tagged:other "oci:$TMP/image:1" "oci:$TMP/image:2"'
make_rootfs "$TMP/tree"
make_image "$TMP/image:1" "$TMP/tree"
echo second >"$TMP/tree/etc/second"
make_image "$TMP/image:2" "$TMP/tree"
require "one is pulled" berth pull "oci:$TMP/image:1" "oci:$TMP/image:2"
check "each is known by its digest" contains "$(digest_of "oci:$TMP/image:1") $(digest_of "oci:$TMP/image:2")" '^"sha256:[0-9a-f]{64}" "sha256:[0-9a-f]{64}"$'
check "and they are two" not same "$(digest_of "oci:$TMP/image:1")" "$(digest_of "oci:$TMP/image:2")"
check "it gets a name" berth images tag "oci:$TMP/image:1" localhost/tagged
check "with the tag that is meant" same "$(digest_of "oci:$TMP/image:1")" "$(digest_of localhost/tagged:latest)"
check "another" berth images tag localhost/tagged:latest localhost/tagged:2
check "from what has it" berth images tag "oci:$TMP/image:2" localhost/tagged:other
check "to what did not" berth images tag localhost/tagged:other localhost/tagged:2
check "has it now" same "$(digest_of "oci:$TMP/image:2")" "$(digest_of localhost/tagged:2)"
check "one is taken away" berth rmi localhost/tagged:latest
check "the image stays by its others" contains "$(berth images)" "^oci:$TMP/image:1 "
put /etc/berth/tagged.container <<'END'
[Container]
Image=localhost/tagged:2
Network=none
StopTimeout=1
Exec=/bin/sh -c "trap 'exit 0' TERM; while :; do sleep 1000 & wait; done"
END
systemctl daemon-reload
check "a container finds it" systemctl start container@tagged
check "it is that" same second "$(berth exec tagged cat /etc/second)"
check "what is not there" same 'berth: There is no image localhost/not:1' "$(says_of tag localhost/not:1 localhost/tagged:3)"
check "has no name then" not contains "$(berth images)" 'localhost/tagged:3'
systemctl stop container@tagged
