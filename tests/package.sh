#!/bin/sh
# What is packed. The last commit is built and packed in a clone; then the archive of the source is,
# in another folder and without git: program, library and package must be the same bytes. And the
# package installs, and is removed without a trace; lintian, where it can be had, finds no error.
#
#   sh tests/package.sh      needs git, dpkg and fakeroot
#
# Prints what failed, and last one line: N passed, M failed[, K skipped].
set -u
cd "$(dirname "$0")/.." || exit 1
# shellcheck source=tests/needs.sh
. tests/needs.sh

if ! git rev-parse HEAD >/dev/null 2>&1; then
    echo "SKIPPED: no git"
    echo "0 passed, 0 failed, 1 skipped"
    exit 0
fi
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP
passed=0 failed=0 skipped=0

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
    zcat "$root/usr/share/doc/wc-mr/changelog.gz" | grep '^wc-mr ([0-9.]*) unstable; ' || return 1
    "$@" --purge wc-mr || return 1
    find "$root" ! -path "$root/var/*" | cmp - "$work/before"
}

# One that is as empty as can be: lintian that is set up wrongly would find nothing in that either.
is_seen_through() {
    mkdir -p "$work/bad/DEBIAN" || return 1
    printf 'Package: bad\nVersion: 1\nArchitecture: all\nMaintainer: x\nDescription: x\n' \
        >"$work/bad/DEBIAN/control"
    dpkg-deb --build "$work/bad" || return 1
    lintian --fail-on error "$work/bad.deb"
    [ $? -eq 2 ] # it has found errors; 1: it could not look
}

has_no_error() {
    lintian --fail-on error --info "$work/here/build/"*.deb
}

try "a clone is built and packed" packs_a_clone
try "an archive is, without git" packs_an_archive
try "both are the same bytes" are_the_same
try "the package installs, and is removed" installs
if (needs lint) >"$work/log" 2>&1; then
    try "lintian finds what is wrong" is_seen_through
    try "lintian finds no error in the package" has_no_error
else
    skipped=1
    echo "SKIPPED: lintian, which cannot be installed: $(tail -n 1 "$work/log")"
fi

if [ "$skipped" -gt 0 ]; then
    echo "$passed passed, $failed failed, $skipped skipped"
else
    echo "$passed passed, $failed failed"
fi
[ "$failed" -eq 0 ]
