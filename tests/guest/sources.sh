# For what compiles berth in a suite's build tree: where it does so, and the sources, copied so that the checkout stays as it is.
# Sourced with $suite set, after host.sh; it takes the lock of the directory $work.
# shellcheck shell=bash disable=SC2034,SC2154

layer=$("$GUEST/tree" build "$suite")
base=$("$GUEST/tree" base "$suite")
work=$CACHE/berth/$suite.$(sha256sum <<<"$SOURCE" | cut -c1-12)

mkdir -p "$work/source"
exec 9>"$work/lock"
flock 9

# In a checkout what git knows of, or would; in an unpacked release everything.
list_sources() {
    cd "$SOURCE"
    if [ -e .git ]; then
        git -c safe.directory='*' ls-files -z --cached --others --exclude-standard
    else
        find . -name build -prune -o -type f -print0
    fi
}

# Copies with the times that make goes by, and removes what is no source any more.
copy_sources() {
    list_sources | sort -zu >"$work/list.new"
    if [ -e "$work/list" ]; then
        comm -z -23 "$work/list" "$work/list.new" | (cd "$work/source" && xargs -0r rm -f --)
    fi
    # A file may be gone since it was listed, or be deleted and not committed.
    tar -C "$SOURCE" --null --no-recursion --ignore-failed-read --files-from="$work/list.new" -c 2>/dev/null |
        tar -C "$work/source" -x
    mv "$work/list.new" "$work/list"
}
copy_sources
