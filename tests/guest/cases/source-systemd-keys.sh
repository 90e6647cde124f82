# What berth takes for systemd's own keys is what this systemd knows, section by section.
# guests: nspawn

# Of berth's list what even Debian 13's systemd does not know, because it came later. Who writes it has a newer one; an older one tells the journal
# itself. What it does know has no business here.
newer() { # SECTION
    case $1 in
    Unit)
        echo ConditionVersion AssertVersion                                     # 258
        echo ConditionKernelModuleLoaded AssertKernelModuleLoaded               # 258
        echo ConditionPathIsSocket AssertPathIsSocket                           # 260
        ;;
    Service)
        echo PrivateBPF BPFDelegate{Commands,Maps,Programs,Attachments}         # 258
        echo DelegateNamespaces                                                 # 258
        echo {Cache,Logs,State}Directory{Accounting,Quota}                      # 258
        echo ExecReloadPost                                                     # 259
        echo RefreshOnReload                                                    # 260
        ;;
    esac | tr ' ' '\n' | sort
}

/usr/lib/systemd/systemd --dump-configuration-items >"$TMP/items"
known_to_systemd() { # SECTION
    awk -v header="[$1]" '/^\[/ { inside = $0 == header; next } inside && /=/ { sub(/=.*/, ""); print }' "$TMP/items" | sort -u
}

# All words of berth's list, whatever their section: the program has them as its source, with a space between two.
words_of_berth() {
    grep -aoE '([A-Z][A-Za-z]+ ){4,}[A-Z][A-Za-z]+' /usr/bin/berth | tr ' ' '\n' | sort -u
}

# What "berth check" says of a file with the keys of standard input in the section.
check_keys() { # SECTION
    { printf '[Container]\nRootfs=/\nExec=/bin/true\n[%s]\n' "$1" && sed 's/$/=x/'; } >"$TMP/keys.container"
    berth check "$TMP/keys.container" 2>&1 || :
}

# Those of the keys that it calls unknown there, or misplaced.
refused_in() { # SECTION
    check_keys "$1" | sed -nE 's/.*: (systemd knows no "([A-Za-z]+)"|"([A-Za-z]+)" belongs) in \[.*/\2\3/p' | sort -u
}

check "the words of berth's list are found" [ "$(words_of_berth | wc -l)" -gt 400 ]
check "what no systemd knows is refused" same "Descriptoin
Rstart" "$(printf '%s\n' Descriptoin Description Rstart | refused_in Unit)"
check "what belongs in another section, too" same Restart "$(printf '%s\n' Restart Description | refused_in Unit)"
for section in Unit Service; do
    known_to_systemd $section >"$TMP/known"
    check "there are keys of [$section] to look at" [ "$(wc -l <"$TMP/known")" -gt 90 ]
    check "berth knows what systemd knows in [$section]" same "" "$(refused_in $section <"$TMP/known")"

    words_of_berth >"$TMP/words"
    refused_in $section <"$TMP/words" | comm -13 - "$TMP/words" >"$TMP/taken"
    check "what is said to be newer in [$section] is in berth's list" same "" "$(newer $section | comm -23 - "$TMP/taken")"
    check "and newer than this systemd" same "" "$(newer $section | comm -12 - "$TMP/known")"
    # Debian 12's knows nothing that Debian 13's does not.
    [ "$SUITE" = bookworm ] ||
        check "systemd knows what berth knows in [$section]" same "$(newer $section)" "$(comm -13 "$TMP/known" "$TMP/taken")"
done

installed=$(known_to_systemd Install)
check "berth knows where keys of [Install] belong" same "$installed" \
    "$(check_keys Container <<<"$installed" | sed -nE 's/.*"([A-Za-z]+)" belongs in \[Install\].*/\1/p' | sort)"
check "of those there, only Also= is without effect" same Also \
    "$(check_keys Install <<<"$installed" | sed -nE 's/.*: ([A-Za-z]+)= in \[Install\] has no effect/\1/p')"
