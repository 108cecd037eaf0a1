"""What a map task costs: the same text cut into few pieces and into many.

Each number of tasks takes what the text takes, and a part that grows with the number; that part, by
the number, should be the same for all.
"""
from dataclasses import dataclass

import figures
from inputs import BY_NAME

SIZE = 0.1  # of prose: 44 MB
COUNTS = (10, 100, 1000, 10000, 43000, 100000)
COMMAND = "<wc_mr> -m 2 -r 2 --split-size={size}b --top=10 <operand>"


@dataclass
class Row:
    tasks: int
    wall: float
    cpu: float
    each: float  # microseconds of processor time for a task more than the fewest


def measured(bench):
    """A row for each number of tasks, the runs of each in turn."""
    wanted = bench.maker_of(SIZE * bench.size).ready(BY_NAME["prose"])
    counts = [count for count in COUNTS if count <= wanted.bytes]
    templates = {count: COMMAND.format(size=-(-wanted.bytes // count)) for count in counts}
    costs = figures.measured(bench, wanted, templates.values())
    first = costs[templates[counts[0]]]
    for count in counts:
        cost = costs[templates[count]]
        if cost.failure or first.failure:
            raise SystemExit(f"{cost.failure or first.failure}: {templates[count]}")
        more = count - counts[0]
        yield Row(count, cost.wall, cost.cpu, (cost.cpu - first.cpu) / more * 1e6 if more else 0)


def print_rows(rows):
    print("| map tasks | seconds | CPU seconds | CPU microseconds for each task more |")
    print("|---|---|---|---|")
    for row in rows:
        print(f"| {row.tasks:,} | {row.wall:.2f} | {row.cpu:.2f} "
              f"| {row.each:.0f} |" if row.each else
              f"| {row.tasks:,} | {row.wall:.2f} | {row.cpu:.2f} | |")
