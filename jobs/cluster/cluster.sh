# shellcheck shell=sh disable=SC2154  # variables are set before it
# Counts words on a cluster. What stands before it, wc-mr has made of its command line:
#
#   engine      hadoop or spark             program   the wc-mr that was called
#   ship        the one to be shipped       jar       Hadoop's streaming jar, if it was named
#   reducers    how many                    dry       not empty: only say what would be run
#   lines       not empty: lines end at LF alone
#   to          where the result goes on the cluster, if it does
#   overwrite   not empty: that may be there
#   roles, end, extra    options, quoted for the shell: of the processes on the cluster; of the last
#               step; and words for the engine's command
#   spark_py    the program for Spark
#   "$@"        the inputs, as the engine takes them
#
# The cluster's result are lines of JSON, which any bytes pass through; they are added up here.
set -eu

die() {
    printf 'wc-mr: %s\n' "$1" >&2
    exit 1
}

# Shows a command as the shell would take it.
show() {
    for word do
        case $word in
        *\'*) printf "'%s' " "$(printf %s "$word" | sed "s/'/'\\\\''/g")" ;;
        *[!A-Za-z0-9_./:=,@#%+-]* | '') printf "'%s' " "$word" ;;
        *) printf '%s ' "$word" ;;
        esac
    done
    echo
}

# Runs a command in a group of its own, where there is setsid, so that a signal that comes meanwhile
# is heard at once, and ends all of it.
child=
apart=$(command -v setsid || :)
run() {
    if [ -n "$dry" ]; then
        show "$@"
        return
    fi
    ${apart:+"$apart"} "$@" </dev/null &
    child=$!
    ended=0
    wait "$child" || ended=$?
    child=
    return "$ended"
}

# Ends the command that is being run, if one is; kills it when $left tenths of a second are over.
stop() {
    [ -n "$child" ] || return 0
    all=${apart:+-}$child
    kill -TERM "$all" 2>/dev/null || :
    while [ "$left" -gt 0 ] && kill -0 "$child" 2>/dev/null; do
        sleep 0.1 || :
        left=$((left - 1))
    done
    kill -KILL "$all" 2>/dev/null || :
    wait "$child" 2>/dev/null || :
    child=
}

# A command of the engine, whose words on standard output are no result.
run_there() {
    run "$@" >&3 || die "$engine failed: what it says stands above"
}

# find_command HOME NAME VARIABLE
find_command() {
    if [ -n "$1" ]; then
        echo "$1/bin/$2"
    elif [ -n "$dry" ] || command -v "$2" >/dev/null; then
        echo "$2"
    else
        die "there is no $2: put it in the PATH, or say where it is by ${3}"
    fi
}

# What is wrong with options is said before anything is started.
try() {
    status=0
    said=$(eval "\"\$program\" $1" 2>&1 >/dev/null </dev/null) || status=$?
    [ "$status" -eq 0 ] || printf '%s\n' "$said" >&2
    return "$status"
}
try "--as=mapper $roles"

work=$(mktemp -d "${TMPDIR:-/tmp}/wc-mr-XXXXXX")
made=
put=
old=
clean() {
    left=100
    trap 'left=0' HUP INT QUIT TERM # with a second signal, what is run is not waited for
    stop
    trap '' HUP INT QUIT TERM
    rm -rf "$work"
    trap - HUP INT QUIT TERM
    if [ -n "$made" ]; then "$hadoop" fs -rm -r -f "$made" >/dev/null 2>&1 || :; fi
    if [ -n "$put" ]; then "$hadoop" fs -rm -r -f "$put" >/dev/null 2>&1 || :; fi
    if [ -n "$old" ] && ! "$hadoop" fs -test -e "$to" >/dev/null 2>&1; then
        "$hadoop" fs -mv "$old" "$to" >/dev/null 2>&1 || :
    fi
}
trap clean EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 131' QUIT
trap 'exit 143' TERM
try "--counted=jsonl --dry-run $end /dev/null" # where its output cannot go, nothing is counted
name=${work##*/}
case $work in
*[!A-Za-z0-9_./-]*) die "no cluster takes the name of the directory '$work': set TMPDIR" ;;
esac
said=$(cp -- "$ship" "$work/$name" 2>&1) || die "cannot ship '$ship' (--ship): ${said##*: }"
chmod 755 "$work/$name"
cat >"$work/$name-role" <<END
# A role, with the options of the count.
case \$0 in */*) here=\${0%/*} ;; *) here=. ;; esac
role=\$1
shift
exec "\$here/$name" "--as=\$role" $roles "\$@"
END

# Sets jar; where nothing is run, a name stands for one that is not here.
find_jar() {
    for jar in "${HADOOP_HOME:-}"/share/hadoop/tools/lib/hadoop-streaming-[0-9]*.jar; do :; done
    if [ -f "$jar" ]; then return; fi
    jar='hadoop-streaming.jar'
    why='there is no streaming jar in HADOOP_HOME: name it by --streaming-jar'
    [ -n "$dry" ] || die "$why"
    printf 'wc-mr: %s\n' "$why" >&2
}

count_on_hadoop() {
    hadoop=$(find_command "${HADOOP_HOME:-}" hadoop HADOOP_HOME)
    if [ -n "$to" ] && [ -z "$overwrite$dry" ] && "$hadoop" fs -test -e "$to" >&3; then
        die "'$to' is there already; --overwrite replaces it"
    fi
    if [ -z "$jar" ]; then find_jar; fi
    set -- -files "$work/$name,$work/$name-role" "$@"
    if [ -n "$lines" ]; then
        set -- -D "textinputformat.record.delimiter=
" "$@"
    fi
    eval "set -- $extra \"\$@\""
    [ -n "$dry" ] || made=$name-counts
    run_there "$hadoop" jar "$jar" -D mapreduce.job.name=wc-mr \
        -D mapreduce.job.reduces="$reducers" -D mapreduce.map.output.compress=true "$@" \
        -output "$name-counts" -mapper "sh $name-role mapper" -combiner "sh $name-role combiner" \
        -reducer "sh $name-role reducer --format=jsonl"
    run_there "$hadoop" fs -getmerge "$name-counts" "$work/lines"
    # Hadoop ends each line with a tab; in one of JSON there is no other.
    run sh -c "tr -d '\\t' <'$work/lines' >'$work/counts'"
    rm -f "$work/lines"
}

count_on_spark() {
    submit=$(find_command "${SPARK_HOME:-}" spark-submit SPARK_HOME)
    printf '%s\n' "$spark_py" >"$work/$name.py"
    eval "set -- $extra --name wc-mr --files \"\$work/\$name,\$work/\$name-role\" \
        \"\$work/\$name.py\" \"\$name\" \"\$work/counts\" \"\$reducers\" \"\$lines\" \"\$@\""
    run_there "$submit" "$@"
}

# How the program is called there stands in no command of these.
if [ -n "$dry" ]; then sed -n "s/^exec/# $name-role:/p" "$work/$name-role"; fi

if [ -n "$dry" ]; then exec 3>&1; else exec 3>&2; fi
"count_on_$engine" "$@"
eval "run \"\$program\" --counted=jsonl $end \"\$work/counts\""

# The result gets its name on the cluster when it is whole; what was there before goes then.
if [ -n "$to" ]; then
    to=${to%/}
    [ -n "$dry" ] || put=$to._COPYING_.$name
    run_there "$hadoop" fs -put "$work/result" "$to._COPYING_.$name"
    before=
    if [ -n "$overwrite" ] && { [ -n "$dry" ] || "$hadoop" fs -test -e "$to" >&3; }; then
        before=$to._OLD_.$name
        [ -n "$dry" ] || old=$before # even where the command ends when it has moved it
        run_there "$hadoop" fs -mv "$to" "$before"
    fi
    run_there "$hadoop" fs -mv "$to._COPYING_.$name" "$to"
    put=
    old=
    if [ -n "$before" ]; then run_there "$hadoop" fs -rm -r -f "$before"; fi
fi
