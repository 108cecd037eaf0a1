#!/bin/sh
# Fuzzes with clang's libFuzzer, AddressSanitizer and UndefinedBehaviorSanitizer, in build/fuzz.
#
#   sh tests/fuzz/fuzz.sh                     every target for an hour, as many at once as CPUs
#   sh tests/fuzz/fuzz.sh -t SECONDS TARGET...   these targets for so long; tokens, reader, ...
#   sh tests/fuzz/fuzz.sh --keep TARGET...    makes tests/fuzz/corpus/TARGET anew: a few small
#                                             inputs that reach as much code as all known ones,
#                                             and those that have a name
#
# Inputs that reach new code gather in build/fuzz/corpus/TARGET and are where the next run begins.
# Prints what was found and how to replay it, and last one line: N passed, M failed.
set -u
cd "$(dirname "$0")/../.." || exit 1
# shellcheck source=tests/needs.sh
. tests/needs.sh

seconds=3600 keep=
while [ $# -gt 0 ]; do
    case $1 in
    -t)
        [ $# -gt 1 ] || exit 2
        seconds=$2
        shift 2
        ;;
    --keep)
        keep=yes
        shift
        ;;
    -*)
        echo "usage: sh tests/fuzz/fuzz.sh [-t SECONDS] [--keep] [TARGET...]" >&2
        exit 2
        ;;
    *) break ;;
    esac
done
if [ $# -eq 0 ]; then
    # shellcheck disable=SC2046  # a list of words
    set -- $(for source in tests/fuzz/fuzz_*.c; do basename "$source" .c | sed 's/^fuzz_//'; done)
fi
needs build test fuzz

here=build/fuzz
fuzzer=$here/tests/fuzz/fuzz_
mkdir -p "$here/found"
if ! { cmake -S . -B "$here" -DBUILD_TESTING=ON -DWCMR_WERROR=ON -DCMAKE_C_COMPILER=clang \
    -DCMAKE_BUILD_TYPE=RelWithDebInfo -DCMAKE_C_FLAGS_RELWITHDEBINFO='-O1 -g1' \
    -DWCMR_SANITIZE=address,undefined,fuzzer-no-link &&
    cmake --build "$here" --parallel "$(nproc)" --target fuzzers; } >"$here/log" 2>&1; then
    tail -n 50 "$here/log"
    exit 1
fi

# The fuzzers' own words are wanted here, and errors in the memory that they are refused are not.
export ASAN_OPTIONS=allocator_may_return_null=1
unset UBSAN_OPTIONS

if [ -n "$keep" ]; then
    # By code reached alone: how often each piece of it ran would make this hundreds of files.
    for target; do
        mkdir -p "$here/corpus/$target" "$here/kept"
        rm -rf "$here/kept/$target"
        mkdir "$here/kept/$target"
        "$fuzzer$target" -set_cover_merge=1 -use_counters=0 -max_len=1000 "$here/kept/$target" \
            "tests/fuzz/corpus/$target" "$here/corpus/$target" >"$here/log" 2>&1 || {
            tail -n 50 "$here/log"
            exit 1
        }
        find "tests/fuzz/corpus/$target" -type f | grep -E '/[0-9a-f]{40}$' | xargs -r rm
        cp "$here/kept/$target"/* "tests/fuzz/corpus/$target"
    done
    exit 0
fi

# A decoder may ask for a window of 4 GB, of which it touches what it is given data for.
# shellcheck disable=SC2016  # expanded by the shell that xargs starts
for target; do echo "$target"; done | xargs -P "$(nproc)" -I TARGET sh -c '
    mkdir -p "$1/corpus/$3"
    "$2$3" -max_total_time="$4" -timeout=60 -malloc_limit_mb=8192 -artifact_prefix="$1/found/$3-" \
        "$1/corpus/$3" "tests/fuzz/corpus/$3" >"$1/found/$3.log" 2>&1
    echo $? >"$1/found/$3.status"' sh "$here" "$fuzzer" TARGET "$seconds"

passed=0 failed=0
for target; do
    if [ "$(cat "$here/found/$target.status")" = 0 ]; then
        passed=$((passed + 1))
        continue
    fi
    failed=$((failed + 1))
    echo "FAILED: fuzz_$target"
    grep -v '^#' "$here/found/$target.log" | tail -n 60
    found=$(sed -n 's/.*Test unit written to //p' "$here/found/$target.log" | tail -n 1)
    [ -s "$found" ] || continue
    echo "Replay it: $fuzzer$target $found"
    if [ "$(wc -c <"$found")" -le 4000 ]; then
        echo "Or elsewhere: base64 -d >found <<. && $fuzzer$target found"
        base64 "$found"
        echo .
    fi
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
