"""The texts to count: what each is, and how it is made or found.

Made texts are kept in the work folder under a name with the size in it, and made once.
"""
import glob
import gzip
import os
import pathlib
import shlex
import shutil
import subprocess
import tarfile
from dataclasses import dataclass, replace

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
MEGABYTE = 10**6


@dataclass(frozen=True)
class Input:
    name: str
    about: str
    make: object = None  # called with the Maker and a path to write to
    megabytes: int = 0  # at --size 1
    suffix: str = ".txt"
    fields: bool = False  # cut at commas, rather than at white space
    memory: int = 0  # megabytes given to programs that take such an option; 0: plenty
    path: str = ""

    @property
    def rest(self):
        return "/*" if os.path.isdir(self.path) else ""

    @property
    def pattern(self):
        """For a program that expands patterns itself."""
        return self.path + self.rest

    @property
    def files(self):
        """For a shell, to be expanded."""
        return shlex.quote(self.path) + self.rest

    @property
    def stream(self):
        """What before a command gives it the text as its standard input."""
        if os.path.isdir(self.path):
            return f"cat {self.files} | "
        if self.path.endswith(".gz"):
            return f"gzip -dc {self.files} | "
        return f"<{self.files} "

    @property
    def bytes(self):
        """Of the text, not of what it is packed in."""
        if os.path.isdir(self.path):
            return sum(entry.stat().st_size for entry in os.scandir(self.path))
        if self.path.endswith(".gz"):
            with gzip.open(self.path) as file:
                return sum(map(len, iter(lambda: file.read(1 << 20), b"")))
        return os.path.getsize(self.path)


class Maker:
    def __init__(self, work, size):
        self.work, self.size = work, size

    def program(self, name, *libraries):
        """A C program of this folder, compiled when it is older than its source."""
        source, program = HERE / f"{name}.c", self.work / name
        if not program.exists() or program.stat().st_mtime < source.stat().st_mtime:
            subprocess.run([os.environ.get("CC", "cc"), "-O2", "-Wall", "-Wextra", "-o", program,
                            source, "-lm", *libraries], check=True)
        return program

    def job(self, name, wc_mr):
        """A job of this folder, with the engine's library from the folder of wc-mr."""
        built, program = pathlib.Path(wc_mr).resolve().parent, self.work / name
        libraries = subprocess.run(["pkg-config", "--libs", built / "wc-mr.pc"], check=True,
                                   stdout=subprocess.PIPE, text=True).stdout.split()
        subprocess.run([os.environ.get("CC", "cc"), "-O2", "-Wall", "-Wextra", "-o", program,
                        HERE / f"{name}.c", "-I", ROOT / "engine", "-L", built, *libraries],
                       check=True)
        return program

    def path(self, wanted):
        return self.work / "inputs" / f"{wanted.name}-{self.size:g}{wanted.suffix}"

    def ready(self, wanted):
        """The input with its path, made if it is not there."""
        if wanted.make is None:
            return wanted
        path = self.path(wanted)
        if not path.exists():
            print(f"making {path}", flush=True)
            path.parent.mkdir(parents=True, exist_ok=True)
            partial = path.with_name(path.name + ".partial")
            remove(partial)
            wanted.make(self, wanted, partial)
            partial.rename(path)
        return replace(wanted, path=str(path), memory=self.memory(wanted))

    def memory(self, wanted):
        """Less for less text; 16 MB is the least that wc-mr takes."""
        return wanted.memory and max(16, int(wanted.memory * self.size))


def remove(path):
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def generated(kind):
    def make(maker, wanted, path):
        megabytes = str(wanted.megabytes * maker.size)
        with open(path, "wb") as out:
            subprocess.run([maker.program("generate"), kind, megabytes], stdout=out, check=True)
    return make


def prose(maker, wanted, path):
    """The King James Bible as often as the size asks for, once at least."""
    if not shutil.which("bible"):
        print("note: no program `bible` (Debian's bible-kjv-text): prose is generated instead")
        generated("prose")(maker, wanted, path)
        return
    text = subprocess.run(["bible", "gen1:1-rev22:21"], stdout=subprocess.PIPE,
                          check=True).stdout.lstrip()
    with open(path, "wb") as out:
        for _ in range(max(1, round(wanted.megabytes * MEGABYTE * maker.size / len(text)))):
            out.write(text)


def code(maker, wanted, path):
    """C sources one after the other, from the start again if there are too few."""
    left = int(wanted.megabytes * MEGABYTE * maker.size)
    with open(path, "wb") as out:
        while left > 0:
            before = left
            for text in sources(maker):
                if is_plain(text):
                    out.write(text)
                    left -= len(text)
                if left <= 0:
                    break
            if left == before:
                raise SystemExit("no source code found to make the input `code` of")


def is_plain(text):
    """Whether all contestants, whatever they take for a character and for white space, see the
    same words in a text."""
    try:
        words = text.decode().split()
    except UnicodeDecodeError:
        return False
    return (len(words) == len(text.split()) and text.endswith(b"\n")
            and not any(byte in text for byte in (b"\0", b"\1", b"\r", b"\v", b"\f")))


def sources(maker):
    """Linux's, from Debian's package; else what lies about."""
    archive = linux_source(maker)
    return tar_sources(archive) if archive else installed_sources()


def linux_source(maker):
    """The path of Debian's archive of Linux's source, fetched once where apt can."""
    installed = glob.glob("/usr/src/linux-source-*.tar.xz")
    if installed:
        return installed[-1]
    folder = maker.work / "linux-source"
    if not list(folder.glob("*.tar.xz")) and shutil.which("apt-get"):
        folder.mkdir(parents=True, exist_ok=True)
        said = subprocess.run(["apt-cache", "depends", "linux-source"], capture_output=True,
                              text=True, check=False).stdout
        package = next((word for word in said.split() if word.startswith("linux-source-")), "")
        subprocess.run(["apt-get", "-q", "download", package], cwd=folder, check=False)
        for deb in folder.glob("*.deb"):
            subprocess.run(["sh", "-c", 'dpkg-deb --fsys-tarfile "$1" | tar -x --wildcards '
                            '--transform "s|.*/||" "*.tar.xz" && rm "$1"', "sh", deb.name],
                           cwd=folder, check=False)
    return next(iter(folder.glob("*.tar.xz")), None)


def tar_sources(archive):
    with tarfile.open(archive, "r|xz") as tar:
        for member in tar:
            if member.isfile() and member.name.endswith((".c", ".h")):
                yield tar.extractfile(member).read()


def installed_sources():
    for top in ("/usr/include", "/usr/lib", "/usr/local", "/usr/share"):
        for path in sorted(pathlib.Path(top).rglob("*")):
            if path.suffix in {".c", ".h", ".hpp", ".py", ".go", ".rs", ".js"} and path.is_file():
                yield path.read_bytes()


def gzipped_prose(maker, _, path):
    with open(maker.ready(BY_NAME["prose"]).path, "rb") as text, open(path, "wb") as out:
        subprocess.run(["gzip", "-c"], stdin=text, stdout=out, check=True)


def zstd_prose(maker, _, path):
    text = maker.ready(BY_NAME["prose"]).path
    subprocess.run(["zstd", "-q", "-o", path, text], check=True)


def two_lists(maker, wanted, path):
    """Counts of words, in the order of these; half of them are in both."""
    path.mkdir()
    for name in ("1", "2"):
        with open(path / f"{name}.tsv", "wb") as out:
            subprocess.run([maker.program("generate"), "counts",
                            str(wanted.megabytes * maker.size / 2), name], stdout=out, check=True)


def many_files(maker, wanted, path):
    path.mkdir()
    with open(maker.ready(BY_NAME["prose"]).path, "rb") as text:
        for number in range(max(100, int(10000 * maker.size))):
            lines = text.readlines(int(wanted.megabytes * MEGABYTE / 10000))
            (path / f"{number:05}.txt").write_bytes(b"".join(lines))


def two_tables(maker, wanted, path):
    """The sales, and for every second one its buyer."""
    path.mkdir()
    generated("csv")(maker, wanted, path / "sales.csv")
    lines = replace(wanted, megabytes=wanted.megabytes * 0.15)
    generated("buyers")(maker, lines, path / "buyers.csv")


INPUTS = [
    Input("prose", "the King James Bible 100 times", prose, 440),
    Input("code", "C source files of Linux", code, 1100),
    Input("keys", "long paths, alike at the start, nearly all distinct", generated("keys"), 500),
    Input("log", "a web server's access log", generated("log"), 500),
    Input("csv", "a table of sales, fields cut at commas", generated("csv"), 500, ".csv", True),
    Input("gzip", "prose, compressed", gzipped_prose, 440, ".txt.gz"),
    Input("many", "10,000 files of 10 kB prose", many_files, 100, ""),
    Input("tiny", "the example, 5.5 kB", fields=True, path=str(ROOT / "data/stormofswords.csv")),
    Input("skewed", "words by Zipf's law, of 100 million", generated("skewed"), 500),
    Input("beyond", "as keys, several times the memory given", generated("keys"), 1500,
          memory=256),
]
# For the other jobs, and for options, alone.
JOB_INPUTS = [
    Input("sources", "C source files of Linux", code, 60),
    Input("join", "sales, and every second one's buyer", two_tables, 500, "", True),
    Input("chinese", "text without blanks", generated("chinese"), 100),
    Input("zstd", "prose, compressed", zstd_prose, 440, ".txt.zst"),
    Input("lists", "two lists of words with counts", two_lists, 260, ""),
]
BY_NAME = {wanted.name: wanted for wanted in INPUTS + JOB_INPUTS}


def own(path):
    """A user's file as an input."""
    if not os.path.exists(path):
        raise SystemExit(f"{path}: no such file")
    plain = path.removesuffix(".gz")
    return Input(os.path.basename(path), f"{path}", fields=plain.lower().endswith(".csv"),
                 path=os.path.abspath(path))
