# shellcheck shell=sh
# Sourced by data/demo.sh and tests/run.sh: installs what is missing to build and to test.
#
#   needs build test    leaves when the groups' packages are there; otherwise says what is
#                       missing and ends the script with status 1
#
# What is there is found by trying it, not by asking the package manager, so that a compiler or a
# library from elsewhere counts, and a machine without a network but with all packages works.

have() {
    command -v "$1" >/dev/null 2>&1
}

have_header() {
    printf '#include <%s>\n' "$1" | "${CC:-cc}" -E -x c - >/dev/null 2>&1
}

have_library() {
    pkg-config --exists "$1" 2>/dev/null
}

# links COMPILER FLAG: whether it makes a program with this flag.
links() {
    printf 'int main(void) { return 0; }\n' | "$1" -x c - -o /dev/null "$2" >/dev/null 2>&1
}

# want PACKAGE TEST...: PACKAGE goes on the list of what is missing unless TEST succeeds.
want() {
    package=$1
    shift
    "$@" || missing="$missing $package"
}

find_missing() {
    missing=
    for group in "$@"; do
        case $group in
        build)
            want gcc have "${CC:-cc}"
            want libc6-dev have_header stdio.h
            want make have make
            want cmake have cmake
            want pkg-config have pkg-config
            want zlib1g-dev have_library zlib
            want libxxhash-dev have_library libxxhash
            want libunistring-dev have_header unicase.h
            want libpcre2-dev have_library libpcre2-8
            want libicu-dev have_library icu-uc
            want libexpat1-dev have_library expat
            want libzstd-dev have_library libzstd
            want liblzma-dev have_library liblzma
            want libbz2-dev have_header bzlib.h
            want liblz4-dev have_library liblz4
            want libisal-dev have_header isa-l/igzip_lib.h
            ;;
        test)
            want libcriterion-dev have_library criterion
            want python3 have python3
            want zstd have zstd
            want lz4 have lz4
            ;;
        ci)
            want gcc have gcc
            want valgrind have valgrind
            want clang-tidy have clang-tidy
            want cppcheck have cppcheck
            want shellcheck have shellcheck
            want git have git
            want dpkg-dev have dpkg-shlibdeps
            want fakeroot have fakeroot
            ;;
        speed)
            want ninja-build have ninja
            ;;
        lint)
            want lintian have lintian
            ;;
        fuzz)
            want clang have clang
            # Where clang comes without its sanitizers, they are in a package of its version.
            if have clang; then
                version=$(clang -dumpversion)
                want "libclang-rt-${version%%.*}-dev" links clang -fsanitize=address,undefined
            fi
            ;;
        cross)
            want gcc-aarch64-linux-gnu have aarch64-linux-gnu-gcc
            want qemu-user have qemu-aarch64
            want zlib1g-dev:arm64 links aarch64-linux-gnu-gcc -lz
            want libxxhash-dev:arm64 links aarch64-linux-gnu-gcc -lxxhash
            want libunistring-dev:arm64 links aarch64-linux-gnu-gcc -lunistring
            ;;
        esac
    done
    missing=${missing# }
}

install_missing() {
    if [ "$(uname -s)" != Linux ]; then
        echo "wc-mr runs on Linux only, and this is $(uname -s)." >&2
        exit 1
    fi
    if ! have apt-get; then
        cat >&2 <<EOF
These are missing, by their names on Debian: $missing
This script installs on Debian and Ubuntu only. Please install with this system's package manager
  to build: a C compiler, make, cmake 3.18 or newer, pkg-config, and with their headers zlib,
            xxHash, GNU libunistring, PCRE2, expat, zstd, liblzma, bzip2, lz4 and ISA-L
  to test:  Criterion (libcriterion) and Python 3; with --ci clang, its sanitizers,
            valgrind, clang-tidy, cppcheck and shellcheck
and run it again.
EOF
        exit 1
    fi
    as_root=
    if [ "$(id -u)" -ne 0 ]; then
        if ! have sudo; then
            echo "Missing packages, and no sudo to install them. As root, please run:" >&2
            echo "  apt-get install $missing" >&2
            exit 1
        fi
        as_root=sudo
    fi
    echo "Installing $missing" >&2
    apt_log=$(mktemp) || exit 1
    added=
    case $missing in
    *:arm64*)
        if ! dpkg --print-foreign-architectures | grep -qx arm64; then
            $as_root dpkg --add-architecture arm64 || exit 1
            added=yes
        fi
        ;;
    esac
    # An update that fails on one source alone is no reason to stop: the install decides.
    $as_root apt-get -q update >"$apt_log" 2>&1
    # --no-remove: a foreign library must not push out one of this machine's.
    # shellcheck disable=SC2086  # a list of words
    if ! $as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 \
        install --no-install-recommends --no-remove $missing >>"$apt_log" 2>&1 </dev/null; then
        tail -n 30 "$apt_log" >&2
        rm -f "$apt_log"
        # Where its packages are not to be had, later updates would fail for it.
        if [ -n "$added" ]; then $as_root dpkg --remove-architecture arm64; fi
        echo "apt-get could not install: $missing" >&2
        exit 1
    fi
    rm -f "$apt_log"
}

needs() {
    find_missing "$@"
    [ -n "$missing" ] || return 0
    install_missing
    # Once more: what clang lacks is only seen when clang is there.
    find_missing "$@"
    [ -n "$missing" ] || return 0
    install_missing
    find_missing "$@"
    if [ -n "$missing" ]; then
        echo "Still missing after installing: $missing" >&2
        exit 1
    fi
}
