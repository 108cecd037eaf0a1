"""What counting words, fields and lists with options is to reach: against plain counting, and
against who else does the same, two processes each."""
import shlex
import shutil
import subprocess

import figures
from figures import Figure

DUCKDB = "<python> <programs>/column_with_duckdb.py 1 <operand>"
XAN = "xan frequency -n -s 0 -l 10 -t 2 <operand>"
MERGE = ("LC_ALL=C sort -m <operand>/* | mawk -F'\\t' '$1 != w { if (NR > 1) print w FS n; "
         "w = $1; n = 0 } { n += $2 } END { print w FS n }' | "
         "LC_ALL=C sort --parallel=2 -S 4G -t '\t' -k 2,2nr -k 1,1")
MATCHES = ("LC_ALL=C grep -oP '\\w+' <operand> | LC_ALL=C sort --parallel=2 -S 4G | uniq -c | "
           "LC_ALL=C sort -rn --parallel=2 -S 4G")
PAIRS = ("mawk '{ for (i = 1; i < NF; i++) n[$i \" \" $(i + 1)]++ } "
         "END { for (w in n) print n[w] \"\\t\" w }' <operand> | "
         "LC_ALL=C sort -rn --parallel=2 -S 4G")


def count(options, top="--top=10"):
    return f"<wc_mr> -m 2 -r 2 {options} {top} <operand>".replace("  ", " ")


def against(name, times, slow, fast, what):
    return Figure(f"{name}: throughput of {what}", name, "ratio", f">= {times}", (slow, fast))


def words(name, kind, times):
    return against(name, times, count(""), count(f"--words={kind}"),
                   f"--words={kind}, against plain words")


FIGURES = [
    *(words(name, kind, times) for name in ("prose", "code")
      for kind, times in (("letters", 0.8), ("uwhite", 0.9))),
    words("prose", "unicode", 0.5),
    against("chinese", 1.8, "<icu_words> <operand>", count("--words=unicode"),
            "--words=unicode, against a loop over ICU in one thread"),
    against("prose", 5, MATCHES, count("--match='\\w+'"), "--match, against grep -oP with sort"),
    against("prose", 10, PAIRS, count("--ngrams=2", ""), "--ngrams=2, against mawk with sort"),
    against("csv", 1, count("-d ,"), count("-f 1"), "-f 1, against all fields"),
    against("csv", 0.6, count("-f 1"), count("--quoted -f 1"), "--quoted -f 1, against -f 1"),
    *(against("csv", times, other, count(f"{quoted}-f 1"), f"{quoted}-f 1, against {name}")
      for times, other, name in ((3, DUCKDB, "DuckDB"), (5, XAN, "xan"))
      if name != "xan" or shutil.which("xan")
      for quoted in ("", "--quoted ")),
    Figure("zstd: time against zstd -dc", "zstd", "ratio", "<= 1.1",
           (count(""), "zstd -dc <operand> >/dev/null")),
    against("lists", 5, MERGE, count("--counted", "").replace("<operand>", "<operand>/*"),
            "--counted, against sort -m, mawk and sort"),
]

NEEDS = ("mawk", "duckdb")


def reach(bench, names):
    """All figures, or those of the inputs named."""
    every = dict.fromkeys(figure.input for figure in FIGURES)
    try:
        program = bench.maker.program("icu_words", "-licuuc")
        bench.field.places["icu_words"] = shlex.quote(str(program))
    except subprocess.CalledProcessError:
        print("note: without ICU's development files (Debian's libicu-dev) nothing is told of it")
    return figures.reach(bench, [name for name in every if not names or name in names], FIGURES)
