#!/usr/bin/env python3
"""Measures wc-mr against whatever else counts words on this machine.

    python3 tests/bench/bench.py [--quick] [OPTION]... [FILE]...

See README.md in this folder.
"""
import argparse
import dataclasses
import glob
import os
import pathlib
import re
import shlex
import shutil
import statistics
import subprocess
import sys
from collections import Counter

import chart
import contestants
import figures
import inputs
import jobs
import measure
import options as counting
import report
import streams
import tasks

HERE = pathlib.Path(__file__).resolve().parent
SLOW_RUNS = 2
HERO = "wc-mr"


class Bench:
    def __init__(self, options):
        self.runs, self.limit, self.size = options.runs, options.limit, options.size
        self.slow_limit = options.slow_limit
        self.work = pathlib.Path(options.work).resolve()
        self.work.mkdir(parents=True, exist_ok=True)
        self.maker = self.maker_of(self.size)
        self.env = dict(os.environ, LC_ALL="C", PATH=self.path())
        self.wc_mr = options.wc_mr
        self.field = contestants.Field(self.work, options.wc_mr, HERE / "programs")
        self.inputs = inputs.BY_NAME

    def maker_of(self, size):
        return inputs.Maker(self.work, size)

    def path(self):
        """What was installed here goes before what the machine has."""
        return os.pathsep.join([str(self.work / "cargo/bin"), str(self.work / "venv/bin"),
                                os.environ["PATH"]])

    def run(self, command, sample=False, limit=None):
        return measure.run(command, str(self.work / "output"), limit or self.limit, self.env,
                           sample)

    def limit_of(self, contestant):
        return self.slow_limit if contestant.slow else self.limit

    def runs_of(self, contestant):
        return min(self.runs, SLOW_RUNS) if contestant.slow else self.runs

    # One input

    def contest(self, wanted, present):
        """The rows of all who take this input. First everyone's answer, then a warm-up that is
        looked at for memory, then the timed runs, one of each in turn."""
        wanted = self.maker.ready(wanted)
        size = wanted.bytes
        takers = [one for one in present if one.takes(wanted)]
        rows = {one: self.start(one, wanted, size) for one in takers}
        judge(rows)
        for turn in range(self.runs):
            for one, row in rows.items():
                if not row["failure"] and turn < self.runs_of(one):
                    self.time(one, row)
        for row in rows.values():
            finish(row)
        return list(rows.values())

    def start(self, contestant, wanted, size):
        row = {"input": wanted.name, "contestant": contestant.name, "bytes": size,
               "command": self.field.command(contestant.command, wanted, contestants.TOP),
               "walls": [], "cpus": [], "failure": "", "answer": ""}
        row["answer"] = self.answer(contestant, wanted, row)
        if not row["failure"]:
            cost = self.run(row["command"], sample=True, limit=self.limit_of(contestant))
            row["failure"], row["peak"] = cost.failure, cost.peak
        return row

    def answer(self, contestant, wanted, row):
        """`words distinct digest` of the whole count; from wc the number of words only, and
        nothing where its words are not what is counted."""
        if not contestant.counts and wanted.fields:
            return ""
        command = self.field.command(contestant.command, wanted, contestants.ALL)
        if contestant.counts:
            kind = "fields" if wanted.fields else "words"
            digest = shlex.quote(str(self.maker.program("digest")))
            command = f"set -o pipefail; {command} | {digest} {contestant.form} {kind}"
        cost = self.run(command, limit=self.limit_of(contestant))
        row["failure"] = cost.failure
        said = (self.work / "output").read_text().split()
        if cost.failure:
            return ""
        return " ".join(said) if contestant.counts else said[int(contestant.form.split()[1])]

    def time(self, contestant, row):
        cost = self.run(row["command"], limit=self.limit_of(contestant))
        row["failure"] = cost.failure
        row["walls"].append(cost.wall)
        row["cpus"].append(cost.cpu)

    # Once for all

    def instructions(self):
        """What a small text costs in instructions, which no other process can change."""
        if not shutil.which("valgrind"):
            print("skipped: instructions; to have them: apt-get install valgrind")
            return {}
        wanted = self.maker_of(0).ready(inputs.BY_NAME["prose"])
        counted = {}
        for kernel in ("portable", "auto"):
            template = f"<wc_mr> -m 1 -r 1 --kernel={kernel} --top=10 <operand>"
            command = self.field.command(template, wanted, contestants.TOP)
            counted[kernel] = self.callgrind(command)
            print(f"instructions, kernel {kernel}: {counted[kernel]:,}, "
                  f"{counted[kernel] / wanted.bytes:.2f} a byte: {command}")
        return {"bytes": wanted.bytes, "kernels": counted}

    def callgrind(self, command):
        """The sum over all processes, each of which leaves a file of its own."""
        for stale in glob.glob(str(self.work / "callgrind.*")):
            os.unlink(stale)
        subprocess.run(["valgrind", "-q", "--tool=callgrind",
                        f"--callgrind-out-file={self.work}/callgrind.%p", *shlex.split(command)],
                       stdout=subprocess.DEVNULL, env=self.env, check=True)
        return sum(int(total) for path in glob.glob(str(self.work / "callgrind.*"))
                   for total in re.findall(r"^totals: (\d+)", pathlib.Path(path).read_text(), re.M))


def judge(rows):
    """Says of each row's answer whether it is that of the most contestants. wc may be told from
    the rest by its number of words only."""
    counts = Counter(row["answer"] for one, row in rows.items() if one.counts and row["answer"])
    if not counts:
        return
    common = counts.most_common(1)[0][0]
    for one, row in rows.items():
        if row["answer"]:
            right = common if one.counts else common.split()[0]
            row["agrees"] = row["answer"] == right
            row["answer"] = "agrees" if row["agrees"] else \
                f"DIFFERS: {row['answer']}, and most have {right}"


def finish(row):
    if not row["failure"]:
        row["wall"] = statistics.median(row["walls"])
        row["cpu"] = statistics.median(row["cpus"])
        row["speed"] = row["bytes"] / 1e6 / row["wall"]


def present(bench, wanted, install):
    """The contestants that can be run, those that are missing installed if asked for, and a line
    on each that cannot."""
    found = []
    for one in contestants.CONTESTANTS:
        if wanted and not any(one.name.lower().startswith(name) for name in wanted):
            continue
        if not bench.field.found(one, bench.env["PATH"]) and install and one.install:
            print(f"installing {one.install.partition(' ')[2]}", flush=True)
            bench.field.install(one)
        if bench.field.found(one, bench.env["PATH"]):
            found.append(one)
        else:
            print(f"skipped: {one.name}; to have it: {hint(one)}")
    return found


def hint(contestant):
    system, _, package = contestant.install.partition(" ")
    return {"apt": f"apt-get install {package}",
            "pip": f"pip install {package}, or --install",
            "cargo": f"cargo install {package}, or --install"}.get(system, "build it first")


def chosen_inputs(options):
    if options.files:
        return [inputs.own(path) for path in options.files]
    wanted = options.only or [wanted.name for wanted in inputs.INPUTS]
    for name in wanted:
        if name not in inputs.BY_NAME:
            raise SystemExit(f"no input {name}: there are {', '.join(inputs.BY_NAME)}")
    return [inputs.BY_NAME[name] for name in wanted]


def comma_list(text):
    return [word.strip().lower() for word in text.split(",")]


def parse():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    add = parser.add_argument
    add("files", nargs="*", metavar="FILE", help="your own texts, in place of the made ones")
    add("--quick", action="store_true", help="small inputs, one run: --size 0.02 --runs 1")
    add("--only", type=comma_list, metavar="INPUT,...", help=f"of {', '.join(inputs.BY_NAME)}")
    add("--contestants", type=comma_list, metavar="NAME,...", help="those whose names begin so")
    add("--runs", type=int, help=f"timed runs of each, {SLOW_RUNS} at most of slow ones (5)")
    add("--size", type=float, help="of the inputs, 1 being 440 MB to 1.5 GB each (1)")
    add("--work", default="/tmp/wc-mr-bench", metavar="DIR",
        help="for inputs and installs (%(default)s)")
    add("--wc-mr", default=os.environ.get("WC_MR", str(HERE.parent.parent / "build/wc-mr")),
        metavar="PROGRAM", help="the program to measure ($WC_MR, else build/wc-mr)")
    add("--limit", type=float, default=600, metavar="SECONDS", help="for a run (%(default)s)")
    add("--slow-limit", type=float, default=300, metavar="SECONDS",
        help="for a run of a slow one (%(default)s)")
    add("--install", action="store_true", help="install what is missing and can be had, "
        "Python's and Rust's packages into DIR, Debian's into the system")
    add("--figures", action="store_true", help="wc-mr's own figures, in place of the contest")
    add("--jobs", action="store_true", help="what the other jobs are to reach, in place of the "
        "contest")
    add("--options", action="store_true", help="what counting with options is to reach, in place "
        "of the contest")
    add("--streams", action="store_true", help="what programs as mappers and reducers are to "
        "reach, in place of the contest")
    add("--growth", action="store_true", help="speed at ten times the size (10 GB each at "
        "--size 2), in place of the contest")
    add("--tasks", action="store_true", help="seconds by the number of map tasks, in place of the "
        "contest")
    add("--instructions", action="store_true", help="instruction counts, in place of the contest")
    add("--json", metavar="FILE", help="the results (in DIR, named for what was measured)")
    add("--svg", metavar="FILE", help="a bar chart")
    options = parser.parse_args()
    options.runs = options.runs or (1 if options.quick else 5)
    options.size = options.size or (0.02 if options.quick else 1)
    options.wc_mr = os.path.abspath(options.wc_mr)
    options.special = [name for name in ("figures", "jobs", "options", "streams", "growth",
                                           "tasks", "instructions")
                       if getattr(options, name)]
    # results.json of this folder is written only by whoever asks for that.
    options.json = options.json or \
        os.path.join(options.work, "-".join(options.special or ["contest"]) + ".json")
    return options


def contest(bench, options):
    everyone = present(bench, options.contestants, options.install)
    rows = []
    for wanted in chosen_inputs(options):
        mine = bench.contest(wanted, everyone)
        report.add_ratios(mine, HERO)
        report.print_input(wanted, mine)
        rows += mine
    versions = {one.name: bench.field.version(one, bench.env) for one in everyone}
    return {"contestants": versions, "rows": rows}


def main():
    options = parse()
    measure.adopt_orphans()
    bench = Bench(options)
    results = {"machine": report.machine(), "size": options.size, "runs": options.runs}
    names = [wanted.name for wanted in chosen_inputs(options)]
    if options.instructions:
        results["instructions"] = bench.instructions()
    if options.tasks:
        rows = list(tasks.measured(bench))
        tasks.print_rows(rows)
        results["tasks"] = [dataclasses.asdict(row) for row in rows]
    if options.figures or options.jobs or options.options or options.streams or options.growth:
        for name, others in (("jobs", jobs), ("options", counting), ("streams", streams)):
            if name in options.special:
                present(bench, others.NEEDS, options.install)
        results["figures"] = [
            *(figures.reach(bench, names) if options.figures else ()),
            *(jobs.reach(bench, options.only) if options.jobs else ()),
            *(counting.reach(bench, options.only) if options.options else ()),
            *(streams.reach(bench, options.only) if options.streams else ()),
            *(figures.growth(bench, names) if options.growth else ())]
        report.print_figures(results["figures"])
    if not options.special:
        results.update(contest(bench, options))
        if options.svg:
            pathlib.Path(options.svg).write_text(chart.chart(results["rows"]))
    report.write_json(options.json, results)
    # An answer of wc-mr that is not everyone's is a failure, whatever its speed.
    return int(any(row["contestant"].startswith(HERO) and not row.get("agrees", True)
                   for row in results.get("rows", ())))


if __name__ == "__main__":
    sys.exit(main())
