"""What the other jobs are to reach, each against who does the same best: sort, DuckDB, a Python
dict, mawk, grep -P."""
import shlex

import figures
from figures import Figure

TWO = "--mappers=2 --reducers=2"
SORT = "LC_ALL=C sort --parallel=2 -S 4G <operand>"
WC_SORT = f"<wc_mr> --job=sort {TWO} --memory=4G <operand>"
DUCKDB = "<python> <programs>/jobs_with_duckdb.py"
MAWK_INDEX = ("mawk -f <programs>/index.awk <operand> | LC_ALL=C sort --parallel=2 -S 4G -s "
              "-t $'\\t' -k1,1 | mawk -f <programs>/index_lists.awk")
FEW, MANY = "3", "1"  # columns of csv: the town, of 8; the order, of as many as there are lines
RARE, COMMON = "Zerubbabel", "the"  # words of prose


def against(name, times, slow, fast, what):
    return Figure(f"{name}: throughput of {what}", name, "ratio", f">= {times}", (slow, fast))


def sums(key):
    return against("csv", 1, f"{DUCKDB} sum {key} <operand>",
                   f"<wc_mr> --job=sum {TWO} -k {key} -v 6 <operand>",
                   f"sum by column {key}, against DuckDB")


def greps(word, times):
    return against("prose", times, f"LC_ALL=C grep -aP {word} <operand>",
                   f"<wc_mr> --job=grep {TWO} {word} <operand>",
                   f"grep of '{word}', against grep -aP")


FIGURES = [
    *(against(name, 2, SORT, WC_SORT, "sort, against sort")
      for name in ("prose", "code", "keys", "log")),
    sums(FEW), sums(MANY),
    against("join", 1, f"{DUCKDB} join <operand>/sales.csv <operand>/buyers.csv",
            f"<wc_mr> --job=join {TWO} -t , <operand>/sales.csv <operand>/buyers.csv",
            "join, against DuckDB"),
    against("sources", 10, "<python> <programs>/index.py <operand>",
            f"<wc_mr> --job=index {TWO} <operand>", "index, against a Python dict"),
    against("sources", 3, MAWK_INDEX,
            f"<wc_mr> --job=index {TWO} <operand>", "index, against mawk and sort"),
    greps(RARE, 2), greps(COMMON, 1),
    Figure("keys: time of values in order, against numbers", "keys", "ratio", "<= 3",
           (f"<values> bytes {TWO} -o /dev/null <operand>",
            f"<values> numbers {TWO} -o /dev/null <operand>")),
]

NEEDS = ("mawk", "duckdb")


def reach(bench, names):
    """All figures, or those of the inputs named."""
    every = dict.fromkeys(figure.input for figure in FIGURES)
    bench.field.places["values"] = shlex.quote(str(bench.maker.job("values", bench.wc_mr)))
    return figures.reach(bench, [name for name in every if not names or name in names], FIGURES)
