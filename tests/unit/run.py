#!/usr/bin/env python3
"""Runs the unit tests of a build, some programs at a time. Prints what failed, then one line with the
numbers.

    python3 tests/unit/run.py BUILD [test_NAME...]
"""

import concurrent.futures
import glob
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
AT_ONCE = len(os.sched_getaffinity(0)) + 1  # one more than there are processors: many wait
# Those that take longest begin first, so that the last ones end together.
LONG = [
    "test_supervisor",
    "test_direct",
    "test_job",
    "test_schedule",
    "test_part_writer",
    "test_handover",
]
LIMIT = 1800  # seconds, where nobody is there to end one that hangs


def counts(tap):
    """How many tests of a program passed, failed and were skipped, by the TAP that it wrote."""
    lines = tap.splitlines()
    skipped = sum(bool(re.match(r"ok .*# *skip", line, re.I)) for line in lines)
    passed = sum(line.startswith("ok") for line in lines) - skipped
    return passed, sum(line.startswith("not ok") for line in lines), skipped


def run(build, name):
    program = os.path.join(build, "tests", "unit", name)
    with tempfile.NamedTemporaryFile(suffix=".tap") as tap:
        try:
            done = subprocess.run(
                [program, f"--tap={tap.name}"],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=LIMIT,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            return 0, 1, 0, f"FAIL {name}: {error}\n"
        passed, failed, skipped = counts(tap.read().decode(errors="replace"))
    why = "status %d" % done.returncode if done.returncode else "no test ran"
    if failed == 0 and (done.returncode or passed + skipped == 0):
        failed = 1
    text = f"FAIL {name}: {why}\n{done.stdout.decode(errors='replace')}\n" if failed else ""
    return passed, failed, skipped, text


def main():
    build = os.path.abspath(sys.argv[1])
    names = sys.argv[2:] or [
        os.path.basename(path)[:-2] for path in glob.glob(os.path.join(HERE, "test_*.c"))
    ]
    names.sort(key=lambda name: (LONG.index(name) if name in LONG else len(LONG), name))
    total = [0, 0, 0]
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        for *numbers, text in pool.map(lambda name: run(build, name), names):
            total = [a + b for a, b in zip(total, numbers)]
            if text:
                print(text, flush=True)
    passed, failed, skipped = total
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
