"""What shells offer behind wc-mr: options, jobs, values, and the options of another job. Needs a bash,
and for their own tests a fish and a zsh."""

import os
import re
import shutil
import subprocess
import unittest

from support import KILLABLE, PROGRAM, SOON, Case

COMPLETION = os.path.join(os.path.dirname(__file__), "..", "..", "jobs", "completion")


def run_shell(*command, **environment):
    """Runs a shell, which runs the program. zsh continues what it waits for by signals, at which the
    helper that looks for leaks at the end of a checking build hangs."""
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=SOON,
                          env={**os.environ, **KILLABLE, **environment})


def options_of(case, *job):
    """The long options that the help has."""
    said = case.wc(*job, "--help=all").out.decode()
    return set(re.findall(r"(?m)^ +(?:-\w, )? *(--[a-z0-9-]+)", said))


@unittest.skipUnless(shutil.which("bash"), "there is no bash")
class Bash(Case):
    def offered(self, *words):
        """What is offered for the last of the words, which are cut at = as bash does."""
        script = ('source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _wc_mr 2>&1; '
                  'printf "%s\\n" "${COMPREPLY[@]}"')
        path = os.path.join(COMPLETION, "wc-mr.bash")
        got = run_shell("bash", "-c", script, "-", path, PROGRAM, *words)
        self.assertEqual(got.stderr, "")
        return got.stdout.split()

    def test_jobs_and_values(self):
        jobs = [line.split()[0] for line in self.wc("--list-jobs").out.decode().splitlines()]
        for words, wanted in (
                (["--job", "="], jobs), (["--job", ""], jobs), (["--job", "=", "so"], ["sort"]),
                (["--progress", "=", "j"], ["json"]), (["--sort", "="], ["count", "word", "first"]),
                (["--job", "=", "sort", "--sort", "="], ["count", "line", "first"]),
                (["--job", "=", "index", "--sort", "="], ["word"]), (["-n", "2"], ["20"]),
                (["--job", "=", "index", "--format", "="], ["tsv", "csv", "jsonl", "colon", "lines"]),
                (["--job", "sort", "--format", "u"], ["uniq"]),
                (["--job=sort", "-n", "2"], ["20"]), (["--job", "=", "sort", "-n", "2"], []),
                (["a", "--", "--s"], [])):
            self.assertEqual(self.offered(*words), wanted, words)

    def test_options_of_each_job(self):
        self.assertEqual(options_of(self) - {word.rstrip("=") for word in self.offered("-")}, set())
        for line in self.wc("--list-jobs").out.decode().splitlines()[1:]:
            job = line.split()[0]
            for words in (["--job", "=", job, "-"], ["--job", job, "-"]):
                offered = {word.rstrip("=") for word in self.offered(*words) if word.startswith("--")}
                self.assertEqual(offered, options_of(self, "--job=" + job), words)
        self.assertEqual(self.offered("--job", "=", "sort", "--k"), ["--key="])
        self.assertEqual(self.offered("--job", "=", "no such", "--k"), [])


@unittest.skipUnless(shutil.which("fish"), "there is no fish")
class Fish(Case):
    def offered(self, line):
        path = f"{os.path.dirname(PROGRAM)}:{os.environ['PATH']}"
        script = f"source {os.path.join(COMPLETION, 'wc-mr.fish')}; complete -C '{line}'"
        got = run_shell("fish", "--no-config", "-c", script, PATH=path, HOME=self.work)
        return [each.split("\t")[0] for each in got.stdout.splitlines()]

    def test_options_of_jobs(self):
        for line, wanted in (("wc-mr --job=so", ["--job=sort"]), ("wc-mr --job=sort --ke", ["--kernel", "--key"]),
                             ("wc-mr --ke", ["--kernel"]), ("wc-mr --job sum --val", ["--value"]),
                             ("wc-mr --progress=j", ["--progress=json"])):
            self.assertEqual(self.offered(line), wanted, line)

    def test_orders_and_formats_of_jobs(self):
        for line, wanted in (("wc-mr --sort=", ["count", "first", "word"]),
                             ("wc-mr --job=sort --sort=", ["count", "first", "line"]),
                             ("wc-mr --job index --sort=", ["word"]), ("wc-mr --job=sort --format=u", ["uniq"]),
                             ("wc-mr --job=index --format=", ["colon", "csv", "jsonl", "lines", "tsv"])):
            option = line.split()[-1].split("=")[0]
            self.assertEqual(sorted(self.offered(line)), [f"{option}={each}" for each in wanted], line)


@unittest.skipUnless(shutil.which("zsh"), "there is no zsh")
class Zsh(Case):
    def specified(self, *words):
        """What _arguments, which zsh's own completion has, is told of the options."""
        script = ('fpath=($1); shift; autoload -Uz _wc-mr; words=("$@"); CURRENT=$#; '
                  '_arguments() { print -rl -- "$@" }; _wc-mr')
        got = run_shell("zsh", "-f", "-c", script, "-", COMPLETION, PROGRAM, *words)
        self.assertEqual(got.stderr, "")
        return got.stdout.splitlines()

    def test_options_orders_and_formats_of_jobs(self):
        for line in self.wc("--list-jobs").out.decode().splitlines()[1:]:
            job = line.split()[0]
            for words in (["--job=" + job, "-"], ["--job", job, "-"]):
                named = {re.match("[-a-z0-9]*", each).group() for each in self.specified(*words)}
                self.assertEqual({each for each in named if each.startswith("--")},
                                 options_of(self, "--job=" + job), words)
        for job, option, wanted in (("sort", "sort", "count line first"), ("index", "sort", "word"),
                                    ("index", "format", "tsv csv jsonl colon lines")):
            found = [each for each in self.specified("--job=" + job, "-") if each.startswith(f"--{option}=")]
            self.assertEqual([each.split("]")[-1] for each in found], [f":value:({wanted})"])
        self.assertIn("--sort=[order]:order:(count word first)", self.specified("-"))
