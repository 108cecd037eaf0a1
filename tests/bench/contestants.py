"""Who is measured, and how each is run at its best.

In a command, <name> stands for
  <stream>   what before a command gives it the text: `<FILE `, `cat DIR/* | `, `gzip -dc FILE | `
  <files>    the names of all files, when the shell has expanded them
  <glob>     the file's name, or the pattern of many, not to be expanded by the shell
  <operand>  the file's name, or the folder's
  <lines>    the command that puts each word, or each field, on a line of its own
  <top>      how many words to write: 10 when it is timed, all when the answer is checked
  <memory>   what sort may use
  <budget>   wc-mr's option of the same meaning, empty where there is plenty
  <cut>, <awk>, <perl>, <comma>    how wc-mr, awk, Perl and the programs are told what to cut at
  <wc_mr>, <programs>, <python>, <work>    where these are, and what is made goes
"""
import re
import shlex
import shutil
import subprocess
from dataclasses import dataclass

TOP, ALL = 10, 2**31 - 1
PLENTY = "4G"

AWK = """<stream><which><awk> '{ for (i = 1; i <= NF; i++) n[$i]++ } \
END { for (w in n) print n[w] "\\t" w }' | <sorted>"""
SORTED = "LC_ALL=C sort -rn --parallel=2 -S <memory> | head -n <top>"
PROGRAM = "<python> <programs>/with_<which>.py <top> '<comma>' <glob>"


@dataclass(frozen=True)
class Contestant:
    name: str
    command: str
    form: str  # of its output: count-first, count-last, or the total's place in wc's
    install: str = ""  # the package system and the package
    version: str = ""  # a command that says it
    needs: str = ""  # the program that must be there, if not the name
    module: str = ""  # the Python module that it imports
    slow: bool = False  # runs less often
    words_only: bool = False  # cannot be told to cut at commas and keep empty fields
    fields_only: bool = False
    only: tuple = ()  # inputs, if not all

    @property
    def counts(self):
        return self.form.startswith("count")

    def takes(self, wanted):
        return not (self.words_only and wanted.fields or self.fields_only and not wanted.fields
                    or self.only and wanted.name not in self.only)


def tool(name, command, form="count-first", version=None, **rest):
    return Contestant(name, command, form, version=version or f"{name} --version", **rest)


def library(name, command, module, install=None, **rest):
    """A Python package."""
    return Contestant(name, command, "count-last", f"pip {install or module}", module=module,
                      **rest)


CONTESTANTS = [
    tool("wc-mr", "<wc_mr><budget><cut> --top=<top> <operand>", "count-last",
         version="<wc_mr> --version", needs="<wc_mr>"),
    tool("wc-mr -m 8 -r 4", "<wc_mr> -m 8 -r 4<cut> --top=<top> <operand>", "count-last",
         version="<wc_mr> --version", needs="<wc_mr>", only=("tiny",)),
    # In a UTF-8 locale: the C locale's is slower.
    tool("wc -w", "<stream>LC_ALL=C.UTF-8 wc -w", "total 0", version="wc --version", needs="wc"),
    tool("wc", "<stream>LC_ALL=C.UTF-8 wc", "total 1"),
    tool("sort | uniq -c", "<stream><lines> | LC_ALL=C sort --parallel=2 -S <memory> | uniq -c | "
         "<sorted>", version="sort --version", needs="sort"),
    tool("mawk", AWK.replace("<which>", "mawk"), version="mawk -W version 2>&1",
         install="apt mawk"),
    tool("gawk", AWK.replace("<which>", "gawk -b"), install="apt gawk", slow=True),
    tool("perl", """<stream>perl -ne 'chomp; $n{$_}++ for <perl>; """
         """END { print "$n{$_} $_\\n" for keys %n }' | <sorted>""",
         version="perl -e 'print $^V'", install="apt perl", slow=True),
    tool("datamash", "<stream><lines> | LC_ALL=C datamash --sort groupby 1 count 1 | "
         "LC_ALL=C sort -t $'\\t' -k 2,2nr | head -n <top>", "count-last", install="apt datamash",
         slow=True, words_only=True),
    tool("Miller", "<stream><lines> | mlr --inidx --ifs tab --onidx --ofs tab "
         "count-distinct -f 1 then sort -nr count then head -n <top>", "count-last",
         version="mlr --version", needs="mlr", install="apt miller", slow=True, words_only=True),
    tool("Miller (CSV)", "<stream>mlr --icsv --otsv --implicit-csv-header "
         "--headerless-csv-output reshape -r . -o k,v then "
         "count-distinct -f v then sort -nr count then head -n <top>", "count-last",
         version="mlr --version", needs="mlr", install="apt miller", slow=True, fields_only=True),
    tool("huniq", "<stream><lines> | huniq -c | <sorted>", install="cargo huniq"),
    tool("cuniq", "<stream><lines> | cuniq --report | <sorted>", install="cargo cuniq"),
    tool("hist", "<stream><lines> | hist --descending | head -n <top>", install="cargo hist-rs"),
    # Takes one column; skips empty lines, unless they are quoted; adds a row for the rest.
    tool("xan", """<stream><lines> | sed 's/^$/""/' | xan frequency -n --limit <top> | """
         "xan select value,count | xan fmt --tabs --quote-never | "
         "sed '1d; /^<rest>\\t/d; s/^<empty>\\t/\\t/'", "count-last", install="cargo xan",
         fields_only=True, slow=True),
    Contestant("Python Counter", "<stream><python> <programs>/with_counter.py <top> '<comma>'",
               "count-last", version="<python> --version", needs="<python>", slow=True),
    library("DuckDB", PROGRAM.replace("<which>", "duckdb"), "duckdb"),
    library("Polars", PROGRAM.replace("<which>", "polars"), "polars"),
    library("ClickHouse (chdb)", PROGRAM.replace("<which>", "clickhouse"), "chdb"),
    library("PySpark SQL local[*]", PROGRAM.replace("<which>", "pyspark_sql"), "pyspark",
            slow=True),
    library("PySpark local[*]", PROGRAM.replace("<which>", "pyspark"), "pyspark", slow=True),
    library("mrjob local", "<python> <programs>/with_mrjob.py -q -r local --delimiter '<comma>' "
            "<files> | LC_ALL=C sort -t $'\\t' -k 2,2nr -S <memory> | head -n <top>",
            # setuptools has distutils, which Python itself has no longer.
            "mrjob.job", install="mrjob==0.7.4 setuptools", slow=True),
]

WORDS = {"lines": "LC_ALL=C tr -s '[:space:]' '\\n'", "cut": "", "awk": "", "perl": "split",
         "comma": ""}
FIELDS = {"lines": "LC_ALL=C tr , '\\n'", "cut": " -d ,", "awk": " -F,",
          "perl": "split /,/, $_, -1", "comma": ","}


class Field:
    """Where contestants are looked for, installed and run."""

    def __init__(self, work, wc_mr, programs):
        self.work = work
        self.places = {"wc_mr": shlex.quote(wc_mr), "programs": shlex.quote(str(programs)),
                       "python": self.python(), "work": shlex.quote(str(work))}

    def python(self):
        own = self.work / "venv/bin/python"
        return str(own) if own.exists() else shutil.which("python3")

    def command(self, template, wanted, top):
        memory = f"{wanted.memory}M" if wanted.memory else ""
        values = dict(FIELDS if wanted.fields else WORDS, **self.places, sorted=SORTED,
                      stream=wanted.stream,
                      files=wanted.files, glob=shlex.quote(wanted.pattern),
                      operand=shlex.quote(wanted.path), top=str(top),
                      memory=memory or PLENTY, budget=memory and f" -S {memory}")
        return fill(template, values)

    def found(self, contestant, path):
        if contestant.module:
            return subprocess.run([self.python(), "-c", f"import {contestant.module}"],
                                  capture_output=True, check=False).returncode == 0
        return shutil.which(fill(contestant.needs or contestant.name, self.places), path=path)

    def version(self, contestant, env):
        if contestant.module:
            command = f"{self.python()} -c 'import importlib.metadata as m; " \
                      f"print(m.version(\"{contestant.module.split('.')[0]}\"))'"
        else:
            command = fill(contestant.version, self.places)
        said = subprocess.run(command, shell=True, env=env, capture_output=True, text=True,
                              errors="replace", check=False).stdout
        return said.strip().split("\n")[0]

    def install(self, contestant):
        system, _, package = contestant.install.partition(" ")
        for step in INSTALLERS[system]:
            subprocess.run(step.format(work=shlex.quote(str(self.work)), package=package),
                           shell=True, check=False)
        self.places["python"] = self.python()


INSTALLERS = {
    "apt": ["apt-get install -q -y --no-install-recommends {package}"],
    "pip": ["test -e {work}/venv || python3 -m venv {work}/venv",
            "{work}/venv/bin/pip install -q {package}"],
    "cargo": ["cargo install -q --locked --root {work}/cargo {package}"],
}


def fill(template, values):
    """Replaces the <name>s that have values, also those within what they stand for."""
    while True:
        filled = re.sub(r"<([a-z_]+)>", lambda match: values.get(match.group(1), match.group()),
                        template)
        if filled == template:
            return filled
        template = filled
