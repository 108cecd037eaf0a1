# bash completion for wc-mr. Stands alone: bash-completion is not needed.

# Another job has options of its own, and other orders and formats: its help has them.
_wc_mr_job_options()
{
    "$1" "--job=$2" --help=all 2>/dev/null |
        sed -nE 's/^ +(-[[:alnum:]])?,? *(--[a-z0-9-]+=?)?.*/\1 \2/p'
}

_wc_mr_job_choices()
{
    "$1" "--job=$2" "--help=$3" 2>/dev/null |
        sed -nE "s/^ +--$3=[A-Z]+ +//; T; s/ descending| \(default\)|,//g; s/ or / /; p"
}

_wc_mr()
{
    local cur=${COMP_WORDS[COMP_CWORD]} prev='' candidates='' job='' i=2
    ((COMP_CWORD > 0)) && prev=${COMP_WORDS[COMP_CWORD - 1]}
    if [[ ${COMP_WORDS[1]-} == --job ]]; then
        [[ ${COMP_WORDS[2]-} == = ]] && i=3
        ((COMP_CWORD > i)) && job=${COMP_WORDS[i]}
        # What a letter is followed by is the job's to say, too.
        [[ $job && $prev == -? ]] && prev=
    fi
    # Bash cuts words at =, so --format=c arrives as three.
    if [[ $cur == = ]]; then
        cur=
    elif [[ $prev == = && $COMP_CWORD -gt 1 ]]; then
        prev=${COMP_WORDS[COMP_CWORD - 2]}
    elif [[ $prev == --counted || $prev == --stats || $prev == --help ]]; then
        # Its argument stands behind a = only.
        prev=
    fi
    COMPREPLY=()

    # After -- there are files only, which bash completes by itself.
    for ((i = 1; i < COMP_CWORD; i++)); do
        [[ ${COMP_WORDS[i]} == -- ]] && return
    done

    case $prev in
    --mapper | --combiner | --reducer) candidates="$(compgen -c -- "$cur")" ;;
    --job) candidates="$("${COMP_WORDS[0]}" --list-jobs 2>/dev/null | cut -d ' ' -f 1)" ;;
    --format) candidates='tsv csv jsonl colon uniq lines keys' ;;
    --counted) candidates='tsv uniq csv jsonl' ;;
    --cluster) candidates='hadoop spark' ;;
    --as) candidates='mapper combiner reducer' ;;
    --stats) candidates='json' ;;
    --help) candidates='all' ;;
    --progress) candidates='auto always never json' ;;
    --normalize) candidates='nfc nfkc' ;;
    --words) candidates='white uwhite letters unicode' ;;
    --sort) candidates='count word first' ;;
    --kernel) candidates='auto portable avx2 neon' ;;
    -m | --mappers | -r | --reducers) candidates="1 2 4 8 $(nproc 2>/dev/null)" ;;
    -S | --memory) candidates='25% 50% 256M 1G 4G' ;;
    --split-size) candidates='16M 64M 256M' ;;
    -n | --top) candidates='10 20 100' ;;
    -d | --delimiter | -f | --fields | --match) return ;;
    --min-count | --max-count | --min-length | --max-length) return ;;
    --min-documents | --max-documents) return ;;
    --max-attempts | --skip-bad-records | --task-timeout | --chaos) return ;;
    -T | --temp-dir | -O | --output-dir | --work-dir)
        compopt -o filenames 2>/dev/null
        mapfile -t COMPREPLY < <(compgen -d -- "$cur")
        return
        ;;
    --streaming-jar | --ship) return ;;
    -o | --output | --bad-records | --files0-from | --encoding | --exclude-from | --only-from | \
        --trace | --report)
        return
        ;;
    *)
        [[ $cur == -* ]] || return
        candidates='-d --delimiter= -f --fields= --header --quoted --words= --match= --ngrams=
            --normalize= --counted -z --zero-terminated -i --ignore-case
            -R --recursive --all --files0-from= --force-bytes --encoding=
            -n --top= --exclude-from= --only-from= --min-length= --max-length=
            --min-count= --max-count= --drop-numeric --sort= --reverse --format=
            --by-file --documents --min-documents= --max-documents= --percent --others
            -o --output= -O --output-dir= -m --mappers= -r --reducers= -S --memory= -T --temp-dir=
            --split-size= --compress --overwrite --ordered-parts --max-attempts= --skip-bad-records=
            --bad-records= --task-timeout= --work-dir= --resume
            --chaos= --stats -v --verbose --progress= --trace= --report= --kernel=
            --mapper= --combiner= --reducer= --as= --cluster= --dry-run --streaming-jar=
            --cluster-argument= --ship= --job= --list-jobs -h --help -V --version'
        [[ $job ]] && candidates=$(_wc_mr_job_options "${COMP_WORDS[0]}" "$job")
        ;;
    esac
    [[ $job && ($prev == --sort || $prev == --format) ]] &&
        candidates=$(_wc_mr_job_choices "${COMP_WORDS[0]}" "$job" "${prev#--}")
    mapfile -t COMPREPLY < <(compgen -W "$candidates" -- "$cur")
    [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *= ]] && compopt -o nospace 2>/dev/null
}

complete -o default -F _wc_mr wc-mr
