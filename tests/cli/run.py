#!/usr/bin/env python3
"""Runs the tests of this directory, some classes of them at a time. Prints what failed, then one line
with the numbers.

    python3 tests/cli/run.py [test_NAME.py...]
"""

import concurrent.futures
import os
import sys
import traceback
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
AT_ONCE = len(os.sched_getaffinity(0)) + 1  # one more than there are processors: many wait
sys.dont_write_bytecode = True
# The files that take longest begin first, so that all processes end together.
LONG = [
    "test_random.py",
    "test_programs.py",
    "test_hostile.py",
    "test_keeping_on.py",
    "test_compressed.py",
    "test_hadoop.py",
]


class Result(unittest.TestResult):
    def __init__(self):
        super().__init__()
        self.failed, self.text = set(), []

    def note(self, test, error):
        whole = getattr(test, "test_case", test)  # a part of a test belongs to its test
        self.failed.add(whole.id())
        kind, value, trace = error
        said = (
            str(value)
            if issubclass(kind, AssertionError)
            else "".join(traceback.format_exception(*error))
        )
        # What a test has drawn, it draws again with the seed of its module.
        seed = getattr(sys.modules.get(type(whole).__module__), "SEED", None)
        if seed is not None and "SEED=" not in test.id() + said:
            said += f"\nSEED={seed}"
        self.text.append(f"FAIL {test.id()}\n{said.rstrip()}\n")

    def addFailure(self, test, error):
        self.note(test, error)

    def addError(self, test, error):
        self.note(test, error)

    def addSubTest(self, test, part, error):
        if error is not None:
            self.note(part, error)

    def addUnexpectedSuccess(self, test):
        self.failed.add(test.id())
        self.text.append(f"FAIL {test.id()}\nit was expected to fail\n")


def each_test(suite):
    for part in suite:
        yield from each_test(part) if isinstance(part, unittest.TestSuite) else [part]


def classes(name):
    """The names of a file's classes of tests; the file's own where none can be loaded."""
    module = name[:-3]
    suite = unittest.defaultTestLoader.loadTestsFromName(module)
    found = {type(t).__name__ for t in each_test(suite) if type(t).__module__ == module}
    return [f"{module}.{one}" for one in sorted(found)] or [module]


def run(name):
    try:
        suite = unittest.defaultTestLoader.loadTestsFromName(name)
    except Exception:
        return 0, 1, 0, f"FAIL {name}\n{traceback.format_exc()}\n"
    result = Result()
    suite.run(result)
    if not result.testsRun:
        result.failed.add(name)
        result.text.append(f"FAIL {name}\nno tests in it\n")
    failed, skipped = len(result.failed), len(result.skipped)
    return max(0, result.testsRun - failed - skipped), failed, skipped, "\n".join(result.text)


def main():
    sys.path.insert(0, HERE)
    names = [os.path.basename(n) for n in sys.argv[1:]] or sorted(
        (n for n in os.listdir(HERE) if n.startswith("test_") and n.endswith(".py")),
        key=lambda n: (LONG.index(n) if n in LONG else len(LONG), n),
    )
    parts = [part for name in names for part in classes(name)]
    passed = failed = skipped = 0
    with concurrent.futures.ProcessPoolExecutor(AT_ONCE) as pool:
        for future in concurrent.futures.as_completed([pool.submit(run, part) for part in parts]):
            try:
                well, ill, left_out, text = future.result()
            except Exception as error:  # the process that ran the tests died
                well, ill, left_out, text = 0, 1, 0, f"FAIL a class of tests: {error!r}\n"
            passed, failed, skipped = passed + well, failed + ill, skipped + left_out
            if text:
                print(text, flush=True)
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
