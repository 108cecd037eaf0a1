#!/bin/sh
# What is packed. The last commit is built and packed in a clone; then the archive of the source is,
# in another folder and without git: program, library and package must be the same bytes. And the
# package installs, and is removed without a trace.
#
#   sh tests/package.sh      needs git, dpkg and fakeroot
#
# Prints what failed, and last one line: N passed, M failed[, K skipped].
set -u
cd "$(dirname "$0")/.." || exit 1

if ! git rev-parse HEAD >/dev/null 2>&1; then
    echo "SKIPPED: no git"
    echo "0 passed, 0 failed, 1 skipped"
    exit 0
fi
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP
passed=0 failed=0

# try WHAT FUNCTION
try() {
    if "$2" >"$work/log" 2>&1; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED: $1"
        tail -n 40 "$work/log"
    fi
}

# pack DIR: builds a release without tests. What a compiler's cache knows would hide the folder.
pack() (
    export CCACHE_DISABLE=1
    cmake -S "$1" -B "$1/build" -DBUILD_TESTING=OFF -DCMAKE_BUILD_TYPE=Release &&
        cmake --build "$1/build" --parallel "$(nproc)" && cd "$1/build" && cpack
)

packs_a_clone() {
    git clone --quiet . "$work/here" && pack "$work/here"
}

packs_an_archive() {
    (cd "$work/here/build" && cpack --config CPackSourceConfig.cmake) &&
        mkdir -p "$work/quite/elsewhere" &&
        tar -xzf "$work/here/build/"wc-mr-*.tar.gz -C "$work/quite/elsewhere" &&
        mv "$work/quite/elsewhere/"wc-mr-* "$work/quite/elsewhere/wc-mr" &&
        pack "$work/quite/elsewhere/wc-mr"
}

are_the_same() {
    for file in wc-mr libmapreduce.a hadoop/bin/hadoop "$work/here/build/"*.deb; do
        file=${file#"$work/here/build/"}
        cmp "$work/here/build/$file" "$work/quite/elsewhere/wc-mr/build/$file" || return 1
    done
    commit=$("$work/here/build/wc-mr" --version | sed -n 's/^commit  *//p')
    git rev-parse HEAD | grep "^$commit" && [ "${#commit}" -eq 12 ]
}

# In a root of its own, where nothing else is; what it depends on is not asked for.
installs() {
    root=$work/root
    mkdir -p "$root/var/lib/dpkg/updates" "$root/var/lib/dpkg/info" || return 1
    : >"$root/var/lib/dpkg/status"
    find "$root" ! -path "$root/var/*" >"$work/before"
    set -- fakeroot dpkg "--root=$root" --force-depends --log=/dev/null
    "$@" --install "$work/here/build/"*.deb || return 1
    "$root/usr/bin/wc-mr" -n 1 README.md && gzip -t "$root/usr/share/man/man7/wc-mr-job.7.gz" &&
        "$root/usr/libexec/wc-mr/hadoop/bin/hadoop" version || return 1
    "$@" --purge wc-mr || return 1
    find "$root" ! -path "$root/var/*" | cmp - "$work/before"
}

try "a clone is built and packed" packs_a_clone
try "an archive is, without git" packs_an_archive
try "both are the same bytes" are_the_same
try "the package installs, and is removed" installs

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
