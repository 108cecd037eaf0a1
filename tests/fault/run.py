#!/usr/bin/env python3
"""Runs the tests of this directory as tests/cli/run.py runs its own.

    python3 tests/fault/run.py [test_NAME.py...]
    SLOW=1 python3 tests/fault/run.py               all of it: hours
"""

import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(os.path.dirname(HERE), "cli"), HERE]

import run  # noqa: E402  (that of tests/cli)

if __name__ == "__main__":
    run.HERE = HERE
    run.LONG = ["test_sites.py"]
    sys.exit(run.main())
