#!/bin/sh
# Builds wc-mr in build/ with warnings as errors and passes its tests, on a fresh machine too:
# what is missing is installed first.
#
#   sh tests/run.sh         release build: style, unit, command line, fault and install tests, and
#                           what the fuzzers have kept
#   sh tests/run.sh --ci    also: tests of large inputs (LARGE), static analysis, the portable
#                           kernel, a clang build, AddressSanitizer and
#                           UndefinedBehaviorSanitizer builds by gcc and clang, valgrind, packages,
#                           every fuzzer for 30 seconds, and the program for AArch64 under qemu,
#                           where that can be installed
#
# Prints what failed, with --ci how long each part took, and last one line: N passed, M failed.
# Status 0 only if none failed.
set -u
cd "$(dirname "$0")/.." || exit 1
# shellcheck source=tests/needs.sh
. tests/needs.sh

ci=
case ${1-} in
--ci) ci=yes ;;
'') ;;
*)
    echo "usage: sh tests/run.sh [--ci]" >&2
    exit 2
    ;;
esac

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP
log=$work/log
mkdir "$work/sanitizer"

passed=0 failed=0 skipped=0
sanitizer_words='ERROR: [A-Za-z]*Sanitizer|runtime error: '

# The sanitizers write here rather than to a standard error that a test may swallow; so an error
# in a worker that is quietly run again is seen too.
ASAN_OPTIONS=log_path=$work/sanitizer/log:allocator_may_return_null=1
UBSAN_OPTIONS=log_path=$work/sanitizer/log:print_stacktrace=1
export ASAN_OPTIONS UBSAN_OPTIONS

# What begins: only a person who waits wants to see how far it is.
progress() {
    echo "$(date +%s) $*" >>"$work/begun"
    if [ -t 2 ]; then echo "... $*" >&2; fi
}

# How long each of it took, the longest first; what takes no time is left out.
durations() {
    progress end
    awk 'what != "" && $1 > since { printf "%5d s  %s\n", $1 - since, what }
        { since = $1; $1 = ""; what = substr($0, 2) }' "$work/begun" | sort -rn
}

progress "what has to be installed"
if [ -n "$ci" ]; then
    export LARGE=1
    needs build test ci fuzz
else
    needs build test
fi

# Ninja, where it can be had, builds what is not begun with make: of many small programs that takes
# a quarter less of the time.
if (needs speed) >"$log" 2>&1; then export CMAKE_GENERATOR=Ninja; fi

# fail WHAT: counts one failure and shows the end of the log.
fail() {
    failed=$((failed + 1))
    echo "FAILED: $1"
    tail -n 100 "$log" | sed 's/^/    /'
}

# What hangs is ended where nobody is there to end it, if its own tests have not seen to that: each of
# these takes minutes, and on a machine under load ten times as long.
limited() {
    if [ -n "$ci" ]; then
        timeout -k 10 7200 "$@"
    else
        "$@"
    fi
}

# After each program: what the sanitizers said anywhere, and the log of the program itself.
check_sanitizers() {
    for said in "$work"/sanitizer/*; do
        [ -e "$said" ] || continue
        cat "$said" >>"$log"
        rm -f "$said"
    done
    if grep -Eq "$sanitizer_words" "$log"; then
        fail "$1: a sanitizer found an error"
    fi
}

# build DIR CMAKE-ARGUMENT...
build() {
    progress "build $1"
    dir=$1
    shift
    if ! { cmake -S . -B "$dir" -DBUILD_TESTING=ON -DWCMR_WERROR=ON "$@" &&
        cmake --build "$dir" --parallel "$(nproc)"; } >"$log" 2>&1; then
        # The compiler's words, without the build's own progress.
        grep -Ev '^(\[ *[0-9]+(%|/[0-9]+)\]|-- )' "$log" >"$work/said"
        mv "$work/said" "$log"
        fail "build in $dir"
        return 1
    fi
}

# corpora DIR [EMULATOR]: each fuzzer over the inputs that were kept for it.
corpora() {
    progress "inputs kept for the fuzzers, $1"
    for source in tests/fuzz/fuzz_*.c; do
        name=$(basename "$source" .c)
        # shellcheck disable=SC2086  # none or one
        if limited ${2-} "$1/tests/fuzz/$name" "tests/fuzz/corpus/${name#fuzz_}" >"$log" 2>&1; then
            passed=$((passed + 1))
        else
            fail "$name in $1, with the last of these"
        fi
        check_sanitizers "$name in $1"
    done
}

# counted WHAT COMMAND...: a program whose last line says N passed, M failed[, K skipped].
counted() {
    what=$1
    shift
    progress "$what"
    limited "$@" >"$log" 2>&1
    status=$?
    counts=$(tail -n 1 "$log" | sed -n -E \
        's/^([0-9]+) passed, ([0-9]+) failed(, ([0-9]+) skipped)?$/\1 \2 0\4/p')
    if [ -z "$counts" ]; then
        fail "$what: status $status, and no count at the end"
    else
        good=${counts%% *} bad=${counts#* }
        skip=${bad#* } bad=${bad%% *}
        skip=${skip#0}
        passed=$((passed + good)) skipped=$((skipped + ${skip:-0}))
        if [ "$bad" -gt 0 ]; then
            fail "$bad of $what"
            failed=$((failed + bad - 1))
        elif [ "$status" -ne 0 ]; then
            fail "$what: status $status"
        elif [ $((good + ${skip:-0})) -eq 0 ]; then
            fail "$what: no test ran"
        fi
    fi
    check_sanitizers "$what"
}

unit() {
    counted "unit tests of $1" python3 tests/unit/run.py "$1"
}

# cli DIR [FILE...]: all command line tests, or those of some files.
cli() {
    what="command line tests of $1${WC_MR_KERNEL:+, $WC_MR_KERNEL kernel}" program=$PWD/$1/wc-mr
    shift
    counted "$what" env WC_MR="$program" python3 tests/cli/run.py "$@"
}

faults() {
    counted "fault tests of $1" env WC_MR="$PWD/$1/wc-mr" python3 tests/fault/run.py
}

# one NAME FUNCTION: a test that is a function of this script.
one() {
    progress "$1"
    "$2" >"$log" 2>&1
    status=$?
    if [ "$status" -eq 0 ]; then
        passed=$((passed + 1))
    else
        fail "$1"
    fi
}

installs() (
    set -e
    # shellcheck disable=SC2030  # for what is called here alone
    to=$work/installed
    cmake --install build --prefix "$to"
    "$to/bin/wc-mr" --version
    test -s "$to/share/man/man1/wc-mr.1"
    test -s "$to/share/man/man7/wc-mr-job.7"
    test -s "$to/share/zsh/site-functions/_wc-mr"
    test -s "$to/share/fish/vendor_completions.d/wc-mr.fish"
    bash -c 'source "$1" && complete -p wc-mr' - "$to/share/bash-completion/completions/wc-mr"
    PKG_CONFIG_PATH=$(dirname "$(find "$to" -name wc-mr.pc)")
    export PKG_CONFIG_PATH
    PATH="$to/bin:$PATH" python3 tests/manual.py "$to/share/man/man7/wc-mr-job.7"
    own_job
)

# The README's own job against what is installed: as a program, a static one, and loaded.
own_job() {
    cd "$work"
    # shellcheck disable=SC2016  # the marks of code are no commands
    sed -n '/^```c$/,/^```$/{/^```/d;p}' "$OLDPWD/README.md" >clients.c
    sed 's/^int main.*/MR_EXPORT_JOB(job);/' clients.c >loaded.c
    compile="${CC:-cc} -std=c11 -O2 -Wall -Wextra -Wpedantic -Werror"
    # shellcheck disable=SC2046  # lists of words
    {
        $compile clients.c -o clients $(pkg-config --cflags --libs wc-mr)
        $compile -static clients.c -o static $(pkg-config --cflags --static --libs wc-mr)
        $compile -shared -fPIC loaded.c -o clients.so $(pkg-config --cflags wc-mr)
    }
    printf '10.0.0.%s GET /\n' 7 1 7 3 7 >access.log
    printf 'nobody\n\n' >>access.log
    gzip -k access.log
    cut -d ' ' -f 1 access.log | LC_ALL=C sort | uniq -c >wanted
    # shellcheck disable=SC2031  # it is called where this was set
    for run in ./clients ./static "$to/bin/wc-mr --job=./clients.so"; do
        $run --sort=client --format=uniq access.log | cmp - wanted
        $run --sort=client --format=uniq -m 2 -r 3 --split-size=9b access.log.gz | cmp - wanted
        $run --help | grep 'how many lines have each first column'
    done
}

# The program for another processor, with its scan kernel, under an emulator. Its libraries are
# those of a foreign architecture, which not every machine can install.
aarch64() {
    progress "what AArch64 needs"
    if ! (needs cross) >"$log" 2>&1; then
        echo "SKIPPED: AArch64: $(tail -n 1 "$log")"
        skipped=$((skipped + 1))
        return
    fi
    build build/aarch64 -DCMAKE_BUILD_TYPE=Release \
        -DCMAKE_TOOLCHAIN_FILE="$PWD/tests/aarch64.cmake" || return
    export WC_MR_KERNEL=neon
    corpora build/aarch64 qemu-aarch64
    printf '#!/bin/sh\nexec qemu-aarch64 "%s/build/aarch64/wc-mr" "$@"\n' "$PWD" >"$work/wc-mr"
    chmod +x "$work/wc-mr"
    counted "command line tests for AArch64" env WC_MR="$work/wc-mr" ROUNDS=30 \
        python3 tests/cli/run.py test_golden.py test_random.py test_uniq.py
    unset WC_MR_KERNEL
}

# What a compiler or a scan kernel has a part in: how bytes are cut, counted and put in order. All
# other tests, of processes and files, are run on one build by gcc and on clang's with sanitizers.
of_bytes='test_fields.py test_golden.py test_match.py test_random.py test_uniq.py test_values.py
    test_words.py'

example='data/stormofswords.csv -m 8 -r 4 --drop-numeric --top=10 --format=colon'

valgrind_example() (
    # shellcheck disable=SC2086  # a list of words
    {
        build/wc-mr $example >"$work/plain" || exit 1
        valgrind -q --leak-check=full --errors-for-leak-kinds=definite \
            --log-file="$work/valgrind.%p" build/wc-mr $example >"$work/checked" || exit 1
    }
    cmp "$work/plain" "$work/checked" || exit 1
    # Every process has a log of its own: a worker's errors count as much as the supervisor's.
    cat "$work"/valgrind.*
    for said in "$work"/valgrind.*; do
        [ ! -s "$said" ] || exit 1
    done
)

# With gcc's sanitizers, which look for leaks too: what else they would find, clang's find.
tests_with_gcc() {
    unit build/asan-gcc
    # shellcheck disable=SC2086  # a list of words
    cli build/asan-gcc $of_bytes
}

# With clang's, which look for leaks only where calls fail: to search for them at the end of each
# process took half of the time of all other tests, most of it in the sanitizer's own variables.
tests_with_clang() {
    all=$ASAN_OPTIONS
    ASAN_OPTIONS=$all:detect_leaks=0
    unit build/asan-clang
    cli build/asan-clang
    ASAN_OPTIONS=$all
    faults build/asan-clang
}

if [ -n "$ci" ]; then
    counted "static analysis" sh tests/static.sh
fi

if build build -DCMAKE_BUILD_TYPE=Release; then
    counted "style" env WC_MR="$PWD/build/wc-mr" python3 tests/style.py
    unit build
    corpora build
    cli build
    faults build
    one "install" installs
    if [ -n "$ci" ]; then
        export WC_MR_KERNEL=portable
        # shellcheck disable=SC2086  # a list of words
        cli build $of_bytes
        unset WC_MR_KERNEL
        one "the example under valgrind" valgrind_example
    fi
fi

if [ -n "$ci" ]; then
    if build build/clang -DCMAKE_BUILD_TYPE=Release -DCMAKE_C_COMPILER=clang; then
        unit build/clang
        corpora build/clang
        # shellcheck disable=SC2086
        cli build/clang $of_bytes
    fi
    for compiler in gcc clang; do
        if build "build/asan-$compiler" -DCMAKE_C_COMPILER="$compiler" \
            -DCMAKE_BUILD_TYPE=RelWithDebInfo -DCMAKE_C_FLAGS_RELWITHDEBINFO='-O1 -g1' \
            -DWCMR_SANITIZE=address,undefined; then
            corpora "build/asan-$compiler"
            "tests_with_$compiler"
        fi
    done
    counted "packages" sh tests/package.sh
    counted "fuzzers" sh tests/fuzz/fuzz.sh -t 30
    aarch64
fi

if [ -n "$ci" ]; then
    durations
fi
if [ "$skipped" -gt 0 ]; then
    echo "$passed passed, $failed failed, $skipped skipped"
else
    echo "$passed passed, $failed failed"
fi
[ "$failed" -eq 0 ]
