# berth volumes create, inspect, export and import: all that is in a volume comes back, or the volume is as it was.
# guests: nspawn
# timeout: 120

store=/var/lib/berth/volumes
at_end 'systemctl stop container@archived; rm -rf /etc/berth/archived.* /etc/berth/archived-*.volume "$store"/archived*; systemctl daemon-reload'
make_rootfs "$TMP/root"
says_of() { berth volumes "$@" 2>&1 || :; }

# --- create, inspect

check "create" berth volumes create archived archived-b
check "it is there, empty" same "0:0 755" "$(stat -c '%u:%g %a' $store/archived/_data)"
check "not again" same 'berth: The volume "archived" is there already' "$(says_of create archived)"
check "what can be no name" same 'berth: "../etc" is no volume'"'s name" "$(says_of create ../etc)"
printf '[Volume]\nVolumeName=archived-real\nUser=1234\nGroup=55\n' >/etc/berth/archived-c.volume
printf '[Volume]\nDevice=tmpfs\nType=tmpfs\n' >/etc/berth/archived-mem.volume
check "one of a file" berth volumes create archived-real
check "is whose that says" same 1234:55 "$(stat -c %u:%g $store/archived-real/_data)"
check "one that is mounted is its service's to make" contains "$(says_of create archived-mem)" 'systemctl start container-volume@archived-mem.service$'
check "inspect" contains "$(berth volumes inspect archived --json)" '"path": ?"/var/lib/berth/volumes/archived/_data"'
check "one that is not there" contains "$(says_of inspect archived-not)" 'There is no '

# --- export and import

data=$store/archived/_data
mkdir "$data/deep" "$data/.wh.deep" "$data/mounted"
echo content >"$data/file"
chown 7:8 "$data/file"
chmod 6751 "$data/file"
ln "$data/file" "$data/deep/same"
ln -s ../../../etc/shadow "$data/deep/link"
ln -s /etc "$data/out"
mkfifo "$data/pipe"
mknod "$data/null" c 1 3
truncate -s 1G "$data/holes"
printf begin | dd of="$data/holes" conv=notrunc status=none
printf end | dd of="$data/holes" bs=1M seek=512 conv=notrunc status=none
truncate -s 1M "$data/hole"
echo whiteout >"$data/.wh.file"
printf 'x' >"$data/"$'a name\twith\nlines'
setcap cap_net_raw+ep "$data/deep/same" 2>/dev/null || :
attributes=yes
setfattr -n user.comment -v there "$data/file" && setfattr -n user.comment -v dir "$data" || attributes=
acls=yes
command -v setfacl >/dev/null && setfacl -m u:99:rw "$data/file" && setfacl -m d:u:98:rx "$data/deep" || acls=
touch -h -d '2001-02-03 04:05:06.789' "$data/deep/link" "$data/file"
touch -d '2001-02-03 04:05:06.5' "$data/deep" "$data"
listing() { # DIRECTORY
    (cd "$1" && find . ! -type c ! -name mounted \( -type d -printf '%y %m %U:%G %T@ %p\n' -o -printf '%y %m %U:%G %s %l %T@ %p\n' \) | sort
     find . -type f -links +1 -printf 'links %n %p\n' | sort
     getfattr -dRh -m '^(user|security.capability|system.posix)' -e hex . 2>/dev/null)
}
mount -t tmpfs tmpfs "$data/mounted"
echo another >"$data/mounted/another"
check "export" berth volumes export -o "$TMP/whole.tar" archived
umount "$data/mounted"
check "it is for nobody else" same 600 "$(stat -c %a "$TMP/whole.tar")"
check "and as large as what is in it" test "$(stat -c %s "$TMP/whole.tar")" -lt 1000000
check "what is mounted there is not in it" not grep -q another "$TMP/whole.tar"
check "import" berth volumes import archived-b "$TMP/whole.tar"
check "all is there" same "$(listing "$data")" "$(listing $store/archived-b/_data)"
check "the holes, too" test "$(stat -c %b $store/archived-b/_data/holes)" -lt 2000
check "with what is between" same end "$(dd if=$store/archived-b/_data/holes bs=1M skip=512 count=1 status=none | tr -d '\0')"
check "but no devices" not test -e $store/archived-b/_data/null
[ -z "$attributes" ] || check "attributes" same there "$(getfattr --only-values -n user.comment $store/archived-b/_data/file)"
[ -z "$acls" ] || check "default ACLs" contains "$(getfacl -n $store/archived-b/_data/deep 2>&1)" '^default:user:98:r-x'
passed_on() { berth volumes export archived | gzip | berth volumes import archived-new -; }
check "through a pipe, packed, to one that was not there" passed_on
check "the same" same "$(listing "$data")" "$(listing $store/archived-new/_data)"
check "tar reads it" same "$(cd "$data" && find . ! -type c ! -name '*lines' ! -name mounted | sed 's,^\./,,; /^\.$/d' | sort)" \
    "$(tar tf "$TMP/whole.tar" | sed 's,^\./,,; s,/$,,; /^$/d; /lines/d' | sort)"

# --- what is refused, and leaves the volume as it was

mkdir "$TMP/evil"
before=$(listing $store/archived-b/_data; stat -c %i $store/archived-b/_data)
unchanged() { same "$before" "$(listing $store/archived-b/_data; stat -c %i $store/archived-b/_data)" && same "_data copied owned" "$(ls $store/archived-b -A | xargs)"; }
check "one that is not empty" contains "$(says_of import archived-b "$TMP/whole.tar")" 'it is not empty; use --replace '
check "stays" unchanged
ln -s / "$TMP/evil/door"
tar cf "$TMP/evil.tar" -C "$TMP/evil" door
rm "$TMP/evil/door"
mkdir "$TMP/evil/door"
echo x >"$TMP/evil/door/berth-archives-escaped"
tar rf "$TMP/evil.tar" -C "$TMP/evil" door/berth-archives-escaped
check "through a symlink of its own" contains "$(says_of import --replace archived-b "$TMP/evil.tar")" \
    'entry "door/berth-archives-escaped"; the volume "archived-b" is as it was$'
check "leads nowhere" not test -e /berth-archives-escaped
check "and leaves all" unchanged
tar cPf "$TMP/up.tar" -C "$TMP/evil/door" ../door/../../evil/door/berth-archives-escaped
check "by .." contains "$(says_of import --replace archived-b "$TMP/up.tar")" 'names what is outside: entry "'
check "leaves all" unchanged
head -c 3000 "$TMP/whole.tar" >"$TMP/half.tar"
check "half of one" contains "$(says_of import --replace archived-b "$TMP/half.tar")" 'is as it was'
check "leaves all, too" unchanged
echo no archive >"$TMP/text"
check "none" contains "$(says_of import --replace archived-b "$TMP/text")" 'is as it was'
check "leaves that, too" unchanged
# Killed while the archive goes on.
mkfifo "$TMP/slow"
head -c 3000000 /dev/zero >"$TMP/filler"
tar cf "$TMP/filler.tar" -C "$TMP" filler
berth volumes import --replace archived-b "$TMP/slow" &
importing=$!
exec 9>"$TMP/slow"
head -c 2000000 "$TMP/filler.tar" >&9
check "half of it is beside the content" wait_for 20 test -e $store/archived-b/.new/filler
check "which is nobody's leftover" not contains "$(berth prune --dry-run)" 'archived-b'
kill -KILL "$importing"
wait "$importing" || :
exec 9>&-
check "but when that is killed" contains "$(berth prune --dry-run)" '^would remove what an interrupted import into the volume archived-b has left$'
check "which removes nothing" test -e $store/archived-b/.new/filler
check "killed" same "$before" "$(listing $store/archived-b/_data; stat -c %i $store/archived-b/_data)"
mkdir "$TMP/other"
echo other >"$TMP/other/one"
tar cf "$TMP/other.tar" -C "$TMP/other" .
check "in place of what there was" berth volumes import --replace archived-b "$TMP/other.tar"
check "which has gone" same one "$(ls -A $store/archived-b/_data)"
check "as has what was left" same "_data copied owned" "$(ls -A $store/archived-b | xargs)"

mkdir -p $store/archived-b/.new/half $store/.removed77/old
check "what is left is pruned" contains "$(berth prune)" '^removed what an interrupted import into the volume archived-b has left$'
check "also of a volume that was removed" not test -e $store/.removed77
check "and no more" same "_data copied owned" "$(ls -A $store/archived-b | xargs)"

# --- in use

put /etc/berth/archived.container <<END
[Container]
Rootfs=$TMP/root
Network=none
Volume=archived-b:/data
StopTimeout=1
Exec=/bin/sh -c "trap 'exit 0' TERM; while :; do sleep 1000 & wait; done"
END
systemctl daemon-reload
require "it starts with what was imported" systemctl start container@archived
check "and has it" same other "$(berth exec archived cat /data/one)"
check "import to one that a container has" same 'berth: Nothing is imported to the volume "archived-b": the container archived has it; stop that first' \
    "$(says_of import --replace archived-b "$TMP/other.tar")"
check "export of one" contains "$(berth volumes export -o "$TMP/used.tar" archived-b 2>&1)" 'The container archived has the volume "archived-b": '
check "is done" contains "$(tar tf "$TMP/used.tar")" '^\./one$'
systemctl stop container@archived
mount -t tmpfs tmpfs $store/archived-new/_data
check "import to what is mounted" contains "$(says_of import --replace archived-new "$TMP/other.tar")" 'something is mounted on it$'
umount $store/archived-new/_data
check "export of none" same 'berth: There is no volume "archived-not"' "$(says_of export archived-not -o "$TMP/none")"
check "leaves no file" same "" "$(find "$TMP" -name 'none*')"
