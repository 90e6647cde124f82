# berth cp: out of containers and into them, running or not, as files and as archives; what is in them leads nowhere else.
# guests: nspawn
# timeout: 120

make_rootfs "$TMP/tree"
echo from-image >"$TMP/tree/etc/from"
mkdir -p "$TMP/tree/srv/data/below"
echo one >"$TMP/tree/srv/data/one"
echo two >"$TMP/tree/srv/data/below/two"
ln -s ../one "$TMP/tree/srv/data/below/link"
ln -s /etc "$TMP/tree/srv/way-out"
ln -s ../../../../../../etc "$TMP/tree/srv/way-up"
chmod 4755 "$TMP/tree/srv/data/one"
make_image "$TMP/image:1" "$TMP/tree"
container() { # NAME KEYS
    put "/etc/berth/$1.container" <<EOF
[Container]
Network=none
StopTimeout=1
Exec=/bin/sh -c "trap 'exit 0' TERM; while :; do sleep 1000 & wait; done"
$2
EOF
}
container copied-image "Image=oci:$TMP/image:1
Volume=$TMP/volume:/volume"
container copied-plain "Rootfs=$TMP/tree"
container copied-mapped "Rootfs=$TMP/tree:O
UIDMap=0:200000:65536
GIDMap=0:200000:65536"
mkdir -p "$TMP/volume" "$TMP/work"
echo kept >"$TMP/volume/kept"
at_end 'systemctl stop "container@copied-*"; rm -f /etc/berth/copied-* /etc/berth-cp-escaped; systemctl daemon-reload'
systemctl daemon-reload
cd "$TMP/work"
says_of() { berth "$@" 2>&1 || :; }

check "out of one that does not run" berth cp copied-plain:/srv/data/one plain-one
check "it is there" same one "$(cat plain-one)"
check "and is nobody's to become root by" same "755 0 0" "$(stat -c '%a %u %g' plain-one)"
check "into one that does not run" berth cp plain-one copied-plain:/srv/put
check "which has a directory for its root" same one "$(cat "$TMP/tree/srv/put")"
rm "$TMP/tree/srv/put"
require "they start" systemctl start container@copied-image container@copied-mapped
check "a directory" berth cp copied-image:/srv/data .
check "with all that is in it" same $'data\ndata/below\ndata/below/link\ndata/below/two\ndata/one' "$(find data | sort)"
check "a link is itself" same ../one "$(readlink data/below/link)"
check "under another name" berth cp container@copied-image.service:/srv/data other
check "has all, too" same two "$(cat other/below/two)"
check "what is in it" berth cp copied-image:/srv/data/. data
check "is put beside" same two "$(cat data/below/two)"
check "a volume's file" berth cp copied-image:/volume/kept .
check "is copied" same kept "$(cat kept)"
echo into >into
check "into one" berth cp into copied-image:/tmp
check "has been copied" same "into" "$(berth exec copied-image cat /tmp/into)"
check "a symlink in it is followed there" berth cp into copied-image:/srv/way-out/berth-cp-escaped
check "to its own /etc" same "into" "$(berth exec copied-image cat /etc/berth-cp-escaped)"
check "also one that goes up" berth cp into copied-image:/srv/way-up/berth-cp-escaped
check "and to nothing else" not test -e /etc/berth-cp-escaped
check "the source, too" berth cp copied-image:/srv/way-out/from leads
check "is inside" same from-image "$(cat leads)"
check "into a user namespace" berth cp data copied-mapped:/tmp
check "it is its root's" same "0 0" "$(berth exec copied-mapped stat -c '%u %g' /tmp/data/below/two)"
check "outside that is another" same 200000 "$(stat -c %u "/proc/$(main_pid container@copied-mapped)/root/tmp/data/below/two")"
archive() { berth cp copied-image:/srv/data - >archive.tar; }
check "an archive" archive
check "that tar reads" same $'data/\ndata/below/\ndata/below/link\ndata/below/two\ndata/one' "$(tar tf archive.tar | sort)"
gzip -k archive.tar
from_archive() { berth cp - copied-image:/var/tmp <archive.tar.gz; }
check "back, and packed" from_archive
check "it is there" same two "$(berth exec copied-image cat /var/tmp/data/below/two)"
check "nothing is left of the work" same "" "$(find "/proc/$(main_pid container@copied-image)/root/tmp" . -name '.berth-cp*')"
mkdir evil
ln -s / evil/door
tar cf evil.tar -C evil door
mkdir evil/also
rm evil/door
mkdir evil/door
echo x >evil/door/berth-cp-escaped
tar rf evil.tar -C evil door/berth-cp-escaped
from_evil() { berth cp - copied-image:/var/tmp <evil.tar; }
check "an archive that leads out" not from_evil
check "leads nowhere" not test -e "/proc/$(main_pid container@copied-image)/root/berth-cp-escaped"
berth exec copied-image mkfifo /tmp/pipe
check "a pipe is not waited for" timeout 20 berth cp copied-image:/tmp piped
check "and left out" not test -e piped/pipe
check "what there is not" same 'berth: copied-image:/nothing: No such file or directory' "$(says_of cp copied-image:/nothing .)"
check "nor a directory for it" same 'berth: copied-image:/no/thing: No such file or directory' "$(says_of cp into copied-image:/no/thing)"
check "a container that is none" same 'berth: There is no container "copied-not"' "$(says_of cp copied-not:/etc .)"
check "between files of the machine" contains "$(says_of cp into other)" "must be a container's"
systemctl stop container@copied-image
check "an image of one that does not run" berth cp copied-image:/etc/from again
check "is read" same from-image "$(cat again)"
check "it is not written to" contains "$(says_of cp into copied-image:/tmp)" 'does not run, and a start of it would not have'
