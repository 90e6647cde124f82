# berth edit: a file in an editor, checked before it counts, with what is needed afterwards.
# guests: nspawn

make_rootfs /srv/edit
put /etc/berth/edited.container <<'EOT'
[Container]
Rootfs=/srv/edit
Network=none
StopTimeout=1
Environment=WORD=first
Exec=/bin/sh -c "trap 'exit 0' TERM; while :; do sleep 1000 & wait; done"
EOT
systemctl daemon-reload
editor() { # SCRIPT
    printf '#!/bin/bash\n%s\n' "$1" | put "$TMP/editor" 755
}
edit() { SYSTEMD_EDITOR=$TMP/editor berth edit "$@" 2>&1 </dev/null; }
copies() { find /var/lib/berth/edits -type f; }
drop_in=/etc/berth/edited.container.d/override.conf

editor 'sed -i "2i [Container]\nEnvironment=WORD=second" "$1"'
check "what does not run needs no restart" same "berth: $drop_in is in place" "$(edit edited)"
require "it starts" systemctl start container@edited
word() { tr '\0' '\n' <"/proc/$(main_pid container@edited)/environ" | sed -n 's/^WORD=//p'; }
check "with what was typed" same second "$(word)"
editor 'sed -i s/second/third/ "$1"'
check "what runs needs one" same "berth: $drop_in is in place
berth: What is needed for it: systemctl restart container@edited.service" "$(edit edited)"
editor 'sed -i "2i # a comment" "$1"'
check "a comment needs nothing" same "berth: $drop_in is in place" "$(edit edited)"
editor 'printf "[Unit]\nDescription=Edited\n" >>"$1"'
check "the unit needs a reload" same "berth: /etc/berth/edited.container is in place
berth: What is needed for it: systemctl daemon-reload" "$(edit --full edited)"
editor 'sed -i s/third/fourth/ "$1"; sleep 4450'
edit edited >"$TMP/out" &
pid=$!
wait_for 20 pgrep -f '^sleep 4450' >/dev/null
check "the copy is nobody else's" same "700 root root" "$(stat -c '%a %U %G' /var/lib/berth/edits/*)"
pkill -HUP -x berth
wait "$pid" || true
check "a signal says where it is" contains "$(cat "$TMP/out")" "^berth: What was typed is in $(copies)\$"
check "there it is" same 1 "$(grep -c fourth "$(copies)")"
check "the file is as it was" same 1 "$(grep -c third "$drop_in")"
rm -r /var/lib/berth/edits
pkill -f '^sleep 4450' || true
mkdir -m 777 /etc/berth/open.container.d
put /etc/berth/open.container <<'EOT'
[Container]
Rootfs=/srv/edit
EOT
editor 'echo is run'
check "where others can write nothing is put" same \
    "berth: Others can write to /etc/berth/open.container.d: chmod go-w /etc/berth/open.container.d, or give it to who runs this" "$(edit open)"
rm -r /etc/berth/open.container*

# A terminal: the question after a mistake, and the offer.
open_terminal 100 24
editor 'if grep -q Exce "$1"; then sed -i s/^Exce=.*/Environment=WORD=fifth/ "$1"; else sed -i "s/^Environment.*/Exce=x/" "$1"; fi'
tmux send-keys "clear; SYSTEMD_EDITOR=$TMP/editor berth edit edited; echo over \$?" Enter
check "terminal: a mistake is asked about" wait_for 30 on_screen '\[e\]dit again, \[k\]eep it anyway, \[l\]eave'
check "terminal: and shown" on_screen 'unknown key "Exce"'
tmux send-keys e Enter
check "terminal: once it is right, what is needed is offered" wait_for 30 on_screen 'Do that now'
before=$(main_pid container@edited)
tmux send-keys y Enter
check "terminal: it is done" wait_for 60 on_screen '^over 0'
check "terminal: it is another process" not same "$before" "$(main_pid container@edited)"
check "terminal: with what was typed" same fifth "$(word)"
check "terminal: no copy is left" same "" "$(copies)"
tmux kill-server
systemctl stop container@edited
rm -r /etc/berth/edited.container* /var/lib/berth/edits
systemctl daemon-reload
