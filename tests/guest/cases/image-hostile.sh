# An image that says all that an image can say, as somebody would who wants the machine: what runs is a container like any other. And the units that
# take images apart are confined, and work all the same.
# guests: nspawn
# timeout: 300

R=127.0.0.1:5000
serve_registry 5000
put /etc/containers/registries.conf.d/berth-test.conf <<EOF
[[registry]]
location = "$R"
insecure = true
EOF
at_end 'rm -f /etc/containers/registries.conf.d/berth-test.conf'
unit_of() { printf 'container-image@%s.service' "$(systemd-escape "$1")"; } # REFERENCE

# --- the image: its layer by tar, its configuration, manifest and index by hand

make_rootfs /srv/hostile-base
mkdir -p /srv/hostile-base/data
ln -s /sys/fs /srv/hostile-base/linked
put /srv/hostile-base/bin/show 0755 <<'EOF'
#!/bin/sh
echo "seccomp $(grep ^Seccomp: /proc/self/status | tr -dc 0-9)"
trap 'exit 0' USR1 TERM
while :; do sleep 1000 & wait; done
EOF
L=/srv/hostile-layout
mkdir -p $L/blobs/sha256
echo '{"imageLayoutVersion":"1.0.0"}' >$L/oci-layout
# Puts a file among the blobs; prints what a descriptor says of it.
blob() { # FILE
    local digest
    digest=$(sha256sum <"$1" | cut -c1-64)
    cp "$1" "$L/blobs/sha256/$digest"
    printf '"digest":"sha256:%s","size":%d' "$digest" "$(stat -c %s "$1")"
}
tar -C /srv/hostile-base --sort=name --numeric-owner -cf "$TMP/layer" bin data etc linked # with no entry for its root
layer=$(blob "$TMP/layer")
diff=$(sha256sum <"$TMP/layer" | cut -c1-64)
case $(uname -m) in
x86_64) arch=amd64 ;;
aarch64) arch=arm64 ;;
*) arch=$(uname -m) ;;
esac
evil='"annotations":{"run.oci.handler":"krun","org.example.hook":"please","run.oci.hooks.stdout":"/srv/hostile-out"}'
hostile() { # TAG CONFIG
    printf '{"author":"run.oci.handler=krun","created":"2038-01-19T03:14:08Z","os":"linux","architecture":"%s","variant":"../../etc","os.features":["run.oci.x=/"],
 "history":[{"created_by":"run.oci.hooks.stdout=/srv/hostile-out","comment":"x"}],"rootfs":{"type":"layers","diff_ids":["sha256:%s"]},"config":%s}' \
        "$arch" "$diff" "$2" >"$TMP/config"
    printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",%s,"config":{"mediaType":"application/vnd.oci.image.config.v1+json",%s},
 "layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar",%s,%s}]}' "$evil" "$(blob "$TMP/config")" "$evil" "$layer" >"$TMP/manifest"
    printf '{"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json",%s,"annotations":{"org.opencontainers.image.ref.name":"%s"}}]}' \
        "$(blob "$TMP/manifest")" "$1" >$L/index.json
    skopeo copy -q --dest-tls-verify=false "oci:$L:$1" "docker://$R/hostile:$1"
}
hostile all '{"Entrypoint":["/bin/show"],"Cmd":["run.oci.hooks.stdout=/srv/hostile-out"],
    "Env":["PATH=/bin","LD_PRELOAD=/evil.so","NOTIFY_SOCKET=/run/systemd/notify","LISTEN_FDS=9","A"],
    "User":"0:0","WorkingDir":"/made/./here","StopSignal":"SIGUSR1",
    "Labels":{"run.oci.seccomp_bpf_data":"BgAAAAAA/38=","run.oci.hooks.stdout":"/srv/hostile-out","run.oci.hooks.stderr":"/srv/hostile-out",
        "run.oci.seccomp.receiver":"/srv/hostile-socket","run.oci.seccomp_fail_unknown_syscall":"1","run.oci.keep_original_groups":"1",
        "run.oci.mount_context_type":"context","io.container.manager":"evil","org.example.hook":"please","io.containers.autoupdate":"registry"},
    "Volumes":{"/data":{}},"ExposedPorts":{"22/tcp":{},"1-65535/udp":{}},
    "Healthcheck":{"Test":["CMD-SHELL","touch /srv/hostile-out"],"Interval":1000000000},"OnBuild":["RUN touch /srv/hostile-out"],
    "Shell":["/bin/touch","/srv/hostile-out"],"ArgsEscaped":true,"Domainname":"evil","Hostname":"evil","Tty":true,"OpenStdin":true}'
hostile proc '{"Entrypoint":["/bin/show"],"Volumes":{"/proc/self":{}}}'
hostile link '{"Entrypoint":["/bin/show"],"Volumes":{"/linked":{}}}'
hostile env "{\"Entrypoint\":[\"/bin/show\"],\"Env\":[$(seq -s, -f '"v%.0f="' 150000)]}"

# --- it runs as any other

put /srv/hook 0755 <<'EOF'
#!/bin/sh
touch /srv/hostile-out
EOF
put "$TMP/hooks/label.json" <<'EOF'
{"version": "1.0.0", "hook": {"path": "/srv/hook"}, "when": {"annotations": {"hook$|^run.oci|evil|autoupdate": "."}}, "stages": ["prestart"]}
EOF
put "$TMP/hooks/signal.json" <<'EOF'
{"version": "1.0.0", "hook": {"path": "/srv/hook"}, "when": {"annotations": {"stopSignal$": "10"}}, "stages": ["prestart"]}
EOF
put /etc/berth/hostile.container <<EOF
[Container]
Image=$R/hostile:all
OCIHooksDir=$TMP/hooks
Annotation=org.example.mine=yes
Label=of.the.file=kept
Volume=hostile-data:/data
StopTimeout=5
EOF
for tag in proc link env; do
    printf '[Container]\nImage=%s/hostile:%s\n' $R $tag >"/etc/berth/hostile-$tag.container"
done
systemctl daemon-reload
rm -f /srv/hostile-out
require "the image of all fields" systemctl start container@hostile
bundle=/run/berth/bundles/hostile
config=$(cat $bundle/config.json)
about=$(tr -d ' \n' <$bundle/about.json)
check "has its system call filter" says container@hostile '^seccomp 2$'
check "only the file's annotations, ours, and the number of its signal" contains "$config" '"annotations":\{"io.container.manager":"berth","io.kubernetes.cri-o.Created":"[^"]*","org.example.mine":"yes","org.opencontainers.image.stopSignal":"10"\}'
check "no hook is run for it" not contains "$config" '"hooks"'
check "none of its labels is anywhere in the configuration" not contains "$config" 'run\.oci\.(seccomp|mount|keep|handler)|org\.example\.hook|autoupdate'
check "they are kept beside that" contains "$about" '"of.the.file":"kept","org.example.hook":"please"'
check "with its ports" contains "$about" '"exposedPorts":\["1-65535/udp","22/tcp"\]'
check "nobody but root may read it" same 600 "$(stat -c %a $bundle/about.json)"
check "no terminal, no other host name" contains "$config" '"terminal":false.*"hostname":"hostile"'
check "it stops by its own signal" systemctl stop container@hostile
check "and well" same success "$(systemctl show -P Result container@hostile)"
check "nothing of the machine was touched" not test -e /srv/hostile-out
check "a volume in /proc is refused" not systemctl start container@hostile-proc
check "and named" says container@hostile-proc "hostile-proc.container:2:1: error: the image's configuration is broken: \"Volumes\" is not made of paths outside of /proc, /sys and /dev\$"
check "so is one that a symlink leads there" not systemctl start container@hostile-link
check "and named, too" says container@hostile-link 'hostile-link.container:2:1: error: the image.s volume "/linked" is a symlink to /sys/fs$'
check "more variables than a program can have" not systemctl start container@hostile-env
check "are an error, too" says container@hostile-env 'hostile-env.container:2:1: error: the image.s configuration is broken: "Env" is not at most 1 MiB of text$'

# --- fsck leaves an image alone that is whole

check "fsck finds nothing wrong" berth fsck
check "and the image is still there" test -e "/var/lib/berth/images/$(systemd-escape "$R/hostile:all")"

# --- the units' confinement

# Whether systemd-analyze(1) says that the unit is exposed by at most so many tenths.
below() { # UNIT TENTHS
    local found
    found=$(systemd-analyze security --no-pager "$1" 2>/dev/null | sed -n 's/.*verall exposure level for .*: \([0-9]*\)\.\([0-9]\).*/\1\2/p')
    [ -n "$found" ] && [ "$found" -le "$2" ] || { echo "exposure $found, not at most $2"; return 1; }
}
unit=$(unit_of "$R/hostile:all")
check "a pull can do little else" below "$unit" 40
check "nor can an update" below berth-auto-update.service 40
check "a network's unit knows networks alone" below container-network@x.service 30
check "so does what tells names" below container-dns.service 30
check "what takes output to the journal nothing but that" below berth-log.service 20
check "a volume's unit less than all" below container-volume@x.service 75
for property in ProtectSystem=strict NoNewPrivileges=yes PrivateTmp=yes ProtectHome=read-only MemoryMax=1073741824 TasksMax=256; do
    check "a pull has $property" same "$property" "$(systemctl show -p "${property%%=*}" "$unit")"
done
put /etc/systemd/system/container-image@.service.d/test.conf <<'EOF'
[Service]
ExecStartPre=/bin/sh -c 'if touch /etc/written /usr/written /root/written 2>/dev/null; then echo written; else echo kept out; fi'
EOF
at_end 'rm -rf /etc/systemd/system/container-image@.service.d'
rm -f "/var/lib/berth/images/$(systemd-escape "$R/hostile:proc")"
systemctl daemon-reload
check "it pulls once more" systemctl start "$(unit_of "$R/hostile:proc")"
check "and writes nothing but the store" says "$(unit_of "$R/hostile:proc")" '^kept out$'
