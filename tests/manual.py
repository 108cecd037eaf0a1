#!/usr/bin/env python3
"""A manual page, tried: its files are written and its commands run, and must print what it says.

    PATH=/usr/local/bin:$PATH python3 tests/manual.py jobs/wc-mr-job.7

An example (.EX to .EE) that begins with /* NAME: is the file NAME.c. Of any other, what follows $
is a command, and the lines up to the next one are what it prints. Compilers warn of nothing.
"""

import re
import subprocess
import sys
import tempfile

ESCAPES = {r"\-": "-", r"\e": "\\", r"\(aq": "'", r"\(ga": "`", r"\(ha": "^", r"\(ti": "~", r"\&": ""}
STRICT = "-std=c11 -Wall -Wextra -Wpedantic -Werror"


def plain(text):
    return re.sub(r"\\(\(..|.)", lambda match: ESCAPES[match[0]], text)


def run(command, wanted, where):
    strict = command.replace("cc ", f"${{CC:-cc}} {STRICT} ", 1) if command.startswith("cc ") else command
    got = subprocess.run(["sh", "-c", strict], cwd=where, stdout=subprocess.PIPE, timeout=60, text=True)
    if got.stdout != wanted or got.returncode != 0:
        sys.exit(f"$ {command}\nstatus {got.returncode}, and printed\n{got.stdout}where the manual has\n{wanted}")


def main(path):
    with open(path) as file, tempfile.TemporaryDirectory() as where:
        examples = [plain(text) for text in re.findall(r"(?ms)^\.EX\n(.*?)^\.EE$", file.read())]
        commands = 0
        for text in examples:
            if name := re.match(r"/\* (\w+): ", text):
                with open(f"{where}/{name[1]}.c", "w") as source:
                    source.write(text)
                continue
            for command, wanted in re.findall(r"(?m)^\$ (.*)\n((?:(?!\$ ).*\n)*)", text):
                run(command, wanted, where)
                commands += 1
        if commands == 0 or len(examples) < 2:
            sys.exit(f"{path}: nothing to try")
        print(f"{len(examples)} examples, {commands} commands")


if __name__ == "__main__":
    main(sys.argv[1])
