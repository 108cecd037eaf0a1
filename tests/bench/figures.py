"""What wc-mr is asked to reach: each figure, the commands that it compares, and whether it is met.

A ratio is how often as fast its first command is as its second, or, where at most so much is
asked, how much longer it takes.
"""
import os
import statistics
from dataclasses import dataclass

import measure

WC = "<stream>LC_ALL=C.UTF-8 wc -w"
TOP = "<wc_mr><cut> --top=10 <operand>"
FULL = "<wc_mr><cut> <operand>"
SORT = ("<stream><lines> | LC_ALL=C sort --parallel=2 -S 4G | uniq -c | "
        "LC_ALL=C sort -rn --parallel=2 -S 4G")
PIPED = "cat <files> | <wc_mr><cut> --top=10"


def with_options(options):
    return TOP.replace("<wc_mr>", f"<wc_mr> {options}")


ONE, TWO = with_options("-m 1"), with_options("-m 2")
ONE_EACH, TWO_EACH = with_options("-m 1 -r 1"), with_options("-m 2 -r 2")
WATCHED = with_options("--progress=json --stats=json --trace=<work>/trace --report=<work>/report")
LITTLE, MUCH = with_options("-S 256M"), with_options("-S 4G")


@dataclass(frozen=True)
class Figure:
    what: str
    input: str
    kind: str  # a way to reckon, from RECKONINGS
    asked: str
    commands: tuple


def faster(name, times, slow=WC, fast=TOP, than="wc -w"):
    return Figure(f"{name}: throughput, against {than}", name, "ratio", f">= {times}",
                  (slow, fast))


def longer(name, times, slow, fast, what):
    return Figure(f"{name}: time {what}", name, "ratio", f"<= {times}", (slow, fast))


FIGURES = [
    faster("prose", 6), faster("code", 3.5), faster("keys", 4), faster("csv", 5),
    faster("log", 5), faster("many", 3),
    *(figure for name in ("code", "keys") for figure in (
        faster(name, 15, SORT, FULL, "sort, both with all words sorted"),
        longer(name, 2, FULL, TOP, "of all words sorted, against --top=10"),
        longer(name, 1.5, LITTLE, MUCH, "with -S 256M, against 4G"),
        Figure(f"{name}: peak MB with -S 256M", name, "megabytes", "<= 268.4", (LITTLE,)))),
    *(figure for name in ("prose", "code", "keys") for figure in (
        faster(name, 1.8, ONE, TWO, "one mapper, with two"),
        faster(name, 1.8, ONE_EACH, TWO_EACH, "one mapper and reducer, with two of each"))),
    *(faster(name, 0.8, TOP, PIPED, "the file, from a pipe") for name in ("prose", "code", "keys")),
    longer("gzip", 0.3, TOP, "gzip -dc <operand> >/dev/null", "against gzip -dc"),
    longer("gzip", 0.6, "taskset -c 0 " + TOP, "taskset -c 0 gzip -dc <operand> >/dev/null",
           "against gzip -dc, both on one core"),
    faster("gzip", 1, "pigz -dc <operand> | <wc_mr> --top=10", TOP, "pigz -dc piped"),
    Figure("tiny: milliseconds with -m 8 -r 4", "tiny", "milliseconds", "< 10",
           (with_options("-m 8 -r 4"),)),
    Figure("tiny: milliseconds", "tiny", "milliseconds", "< 4", (TOP,)),
    Figure("tiny: milliseconds more when it is watched in all ways", "tiny", "more milliseconds",
           "< 2", (WATCHED, TOP)),
    longer("prose", 1.01, WATCHED, TOP, "when it is watched in all ways, against not at all"),
    Figure("prose: peak MB", "prose", "megabytes", "< 40", (TOP,)),
]

RECKONINGS = {
    "ratio": lambda costs: costs[0].wall / costs[1].wall,
    "processor time": lambda costs: costs[0].cpu / costs[1].cpu,
    "own time": lambda costs: costs[0].wall / (sum(cost.cpu for cost in costs[1:]) / 2),
    "milliseconds": lambda costs: costs[0].wall * 1e3,
    "more milliseconds": lambda costs: (costs[0].wall - costs[1].wall) * 1e3,
    "megabytes": lambda costs: costs[0].peak / 1e6,
}
RELATIONS = {">=": float.__ge__, "<=": float.__le__, "<": float.__lt__}

# Ten times the text, with the same memory: the speed may change by a tenth. MB/s over MB/s.
GROWTH_COMMAND = with_options("-S 1G")
GROWTH_INPUTS = ("prose", "code", "keys", "log", "csv", "skewed")
GROWTH = 10


def met(asked, reached):
    relation, limit = asked.split()
    return RELATIONS[relation](float(reached), float(limit))


def measured(bench, wanted, templates):
    """The median cost of each command on an input, the commands in turn; of one that fails, the
    cost of that run."""
    commands = {template: bench.field.command(template, wanted, 10) for template in templates}
    peaks = {template: bench.run(command, sample=True) for template, command in commands.items()}
    runs = {template: [] for template in templates}
    for _ in range(bench.runs):
        for template, command in commands.items():
            if not peaks[template].failure:
                runs[template].append(bench.run(command))
    return {template: median(peaks[template], runs[template]) for template in templates}


def median(first, runs):
    for cost in (first, *runs):
        if cost.failure:
            return cost
    return measure.Cost(statistics.median(cost.wall for cost in runs),
                        statistics.median(cost.cpu for cost in runs), first.peak, "")


def reach(bench, names, figures=FIGURES):
    """All figures of the inputs named, each command measured once."""
    for name in names:
        mine = [figure for figure in figures if figure.input == name]
        templates = dict.fromkeys(command for figure in mine for command in figure.commands)
        costs = measured(bench, bench.maker.ready(bench.inputs[name]), templates) if mine else {}
        for figure in mine:
            yield row(figure.what, figure.asked, RECKONINGS[figure.kind],
                      [costs[command] for command in figure.commands])


def row(what, asked, reckon, costs):
    failure = next((cost.failure for cost in costs if cost.failure), "")
    reached = None if failure else reckon(costs)
    return {"what": what, "asked": asked, "reached": reached, "failure": failure,
            "met": not failure and met(asked, reached)}


def growth(bench, names):
    """MB/s of ten times the text over that of the text, for each kind."""
    for name in names:
        if name in GROWTH_INPUTS:
            texts = [bench.maker_of(bench.size * times).ready(bench.inputs[name])
                     for times in (1, GROWTH)]
            more = os.path.getsize(texts[1].path) / os.path.getsize(texts[0].path)
            yield row(f"{name}: throughput of {GROWTH} times the text, -S 1G", ">= 0.9",
                      lambda costs, more=more: more * costs[0].wall / costs[1].wall,
                      [measured(bench, text, [GROWTH_COMMAND])[GROWTH_COMMAND]
                       for text in texts])
