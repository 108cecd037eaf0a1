#!/bin/sh
# Static analysis: gcc's analyzer, clang-tidy (.clang-tidy says with what) and cppcheck over
# engine/ and jobs/, shellcheck over the scripts.
#
#   sh tests/static.sh
#
# Prints the findings, and last one line: N passed, M failed. One that passes is a tool with a
# file, or with all that it looks at together; and a tool that finds what is wrong with a few lines
# made to be found, for a tool that is set up wrongly finds nothing anywhere.
#
# What is a finding but no fault is silenced where it stands, with the reason: NOLINT for
# clang-tidy, cppcheck-suppress, shellcheck disable, and for gcc a pragma.
set -u
cd "$(dirname "$0")/.." || exit 1

flags="-D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -DWC_MR_VERSION=__FILE__ -DWC_MR_FROM_HERE=__FILE__ -Iengine -Ijobs"
flags="$flags $(pkg-config --cflags zlib libxxhash)"
flags="$flags -DWCMR_ZSTD -DWCMR_LZMA -DWCMR_BZIP2 -DWCMR_LZ4 -DWCMR_ISAL -DWCMR_PCRE2 -DWCMR_ICU -DWCMR_EXPAT"

# flags_of FILE: a kernel's wide instructions are its file's alone.
flags_of() {
    case $1 in
    *_avx2.c) echo "$flags -mavx2 -mbmi -mbmi2 -mlzcnt" ;;
    *_avx512.c) echo "$flags -mavx512f -mavx512dq -mbmi2 -mpopcnt" ;;
    *) echo "$flags" ;;
    esac
}

# ---- the tools, each with what it is to look at: status 0 when it finds nothing -----------------

# With optimization, or the C library does not say whose results must be looked at.
gcc_analyzer() {
    # shellcheck disable=SC2046  # a list of words
    gcc -std=c11 $(flags_of "$1") -O2 -D_FORTIFY_SOURCE=2 -fanalyzer -Wall -Wextra -Wconversion \
        -Wsign-conversion -Werror -c -o /dev/null "$1"
}

# A third of the usual number of states that the analyzer goes through of a function takes half as
# long; what lies further is left to gcc's.
clang_tidy() {
    # shellcheck disable=SC2046  # a list of words
    clang-tidy --quiet --warnings-as-errors='*' --config-file="$work/clang-tidy" "$1" -- \
        -std=c11 $(flags_of "$1") -Xclang -analyzer-config -Xclang max-nodes=75000
}

cppcheck_all() {
    level=
    if cppcheck --help | grep -q -e --check-level; then level=--check-level=exhaustive; fi
    # shellcheck disable=SC2086  # lists of words
    cppcheck --quiet --error-exitcode=1 --inline-suppr --std=c11 $level -j "$(nproc)" \
        --enable=warning,performance,portability --library=posix,gnu $flags "$@"
}

shellcheck_all() {
    shellcheck "$@"
}

# What clang-tidy is told: .clang-tidy, and that the result of what returns an error is looked at.
# Reporting an error gives -1 only for convenience; a close may come after a worse failure.
configure_tidy() {
    checked=$(grep -hE '^(static inline )?int mr_[a-z0-9_]+\(' engine/*/*.h engine/mapreduce.h |
        sed -E 's/^.*int (mr_[a-z0-9_]+).*/::\1/' | grep -vE '::mr_(error_.*|close)$' |
        sort -u | paste -s -d ';')
    cat .clang-tidy
    echo "CheckOptions:"
    echo "  - key: bugprone-unused-return-value.AllowCastToVoid"
    echo "    value: true"
    echo "  - key: bugprone-unused-return-value.CheckedFunctions"
    echo "    value: '$checked'"
}

# ---- what they must find ------------------------------------------------------------------------

plant() {
    cat >"$work/planted.c" <<'END'
#include <stdlib.h>
#include <unistd.h>
struct mr_error;
int mr_error_final(struct mr_error *err);
int mr_write_full(int fd, const void *from, size_t n);
int planted(int n, int fd, struct mr_error *err);
int planted(int n, int fd, struct mr_error *err)
{
    char *leaked = malloc(8);
    int *nowhere = NULL;
    if (leaked == NULL)
        return mr_error_final(err);
    if (n == 1)
        return -1;
    free(leaked);
    if (n == 2)
        *nowhere = 1;
    mr_write_full(fd, "", 1);
    read(fd, &n, sizeof n);
    return n;
}
END
    # shellcheck disable=SC2016  # what is to be found
    printf '#!/bin/sh\necho $1\n' >"$work/planted.sh"
}

# finds TOOL FILE WORDS...: the tool fails on the file and says all of the words.
finds() {
    said=$("$1" "$2" 2>&1) && { echo "it finds nothing where something is wrong"; return 1; }
    shift 2
    for words in "$@"; do
        case $said in
        *"$words"*) ;;
        *)
            echo "it does not find $words"
            return 1
            ;;
        esac
    done
}

gcc_finds() {
    finds gcc_analyzer "$work/planted.c" analyzer-malloc-leak analyzer-null-dereference \
        unused-result
}

tidy_finds() {
    finds clang_tidy "$work/planted.c" unix.Malloc core.NullDereference \
        bugprone-unused-return-value
}

cppcheck_finds() {
    finds cppcheck_all "$work/planted.c" memleak
}

shellcheck_finds() {
    finds shellcheck_all "$work/planted.sh" SC2086
}

# ---- all of it, side by side --------------------------------------------------------------------

# Run by xargs. What is said goes to a file of its own, as tools run side by side.
if [ "${1-}" = --one ]; then
    work=$2
    shift 2
    log=$(mktemp "$work/log.XXXXXX") || exit 1
    if "$@" >"$log" 2>&1; then
        mv "$log" "$log.passed"
    else
        echo "$* has failed" >>"$log"
    fi
    exit 0
fi

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP
plant
configure_tidy >"$work/clang-tidy"

{
    for source in engine/*/*.c jobs/*.c jobs/*/*.c; do
        echo "clang_tidy $source"
        echo "gcc_analyzer $source"
    done
    echo "cppcheck_all engine jobs"
    echo shellcheck_all .ci/run data/*.sh tests/*.sh jobs/completion/*.bash jobs/cluster/*.sh tests/cluster/*.sh
    printf '%s\n' gcc_finds tidy_finds cppcheck_finds shellcheck_finds
} >"$work/list"
xargs -L 1 -P "$(nproc)" sh "$0" --one "$work" <"$work/list"

find "$work" -name 'log.??????' -exec grep -hEv '^[0-9]+ warnings? generated' {} +
all=$(wc -l <"$work/list")
passed=$(find "$work" -name 'log.*.passed' | wc -l)
echo "$passed passed, $((all - passed)) failed"
[ "$passed" -eq "$all" ]
