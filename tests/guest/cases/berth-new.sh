# berth new: a file for a container, made of what an image in the store says.
# guests: nspawn

make_rootfs "$TMP/tree"
make_image "$TMP/image:1" "$TMP/tree" -- --config.env=WORD=a --config.cmd=/bin/sh --config.cmd=-c --config.cmd='echo >/data/mark; exec sleep 1000' \
    --config.volume=/data --config.exposedports=80/tcp --config.user=nobody
reference=oci:$TMP/image:1
check "an image that is not there" contains "$(berth new box "$reference" 2>&1)" "The image is not in the store; berth pull $reference brings it there"
require "it is pulled" berth pull "$reference"
check "as text" contains "$(berth new --print box "$reference")" '^Volume=box-data:/data$'
check "which makes no file" not test -e /etc/berth/box.container
check "as a file" contains "$(berth new box "$reference" 2>&1)" 'Made /etc/berth/box\.container'
check "in which nothing is wrong" same "" "$(berth check box 2>&1)"
check "with comments" contains "$(cat /etc/berth/box.container)" '^# It runs as nobody, '
check "a port is a comment" contains "$(cat /etc/berth/box.container)" '^#PublishPort=80:80/tcp$'
check "one that is there is left alone" same "berth: /etc/berth/box.container is there already" "$(berth new box "$reference" 2>&1)"
sed -i 's/^User=.*//; s/^\[Container\]/&\nUser=root\nNetwork=none\nStopTimeout=1/' /etc/berth/box.container
systemctl daemon-reload
check "it starts" systemctl start container@box
wrote() { [ -e /var/lib/berth/volumes/box-data/_data/mark ]; }
check "with its volume" wait_for 10 wrote
systemctl stop container@box
check "a name that can be none" same 'berth: "a/b" can be no name of a container' "$(berth new a/b "$reference" 2>&1)"
