"""Jobs whose values are bytes (pairs.c): whatever the input, and however they are run, the result is
that of a few plain lines of Python.

SEED=N repeats a series, ROUND=K only that round of it, ROUNDS=N sets how many rounds are made.
"""

import gzip
import itertools
import json
import os
import pathlib
import random
import re
import unittest

import support
from support import CHECKING, MB, Case
from test_random import REFUSED

SEED = int(os.environ.get("SEED") or random.SystemRandom().randrange(1 << 32))
ROUNDS = int(os.environ.get("ROUNDS") or (10 if CHECKING else 40))
ONLY = os.environ.get("ROUND")
SLOW = bool(os.environ.get("SLOW"))
PAIRS = os.path.join(os.path.dirname(support.HOSTILE), "pairs")


# ---- the reference --------------------------------------------------------------------------


def pairs_of(contents):
    """The pairs that the inputs have, in their order."""
    for text in contents:
        lines = text.split(b"\n")
        for line in lines if lines[-1] else lines[:-1]:
            key, _, value = line.replace(b"\1", b"\n").partition(b"\t")
            yield key, value


def join(key, values):
    yield key, b"".join(value + b"|" for value in values)


def first(key, values):
    yield key, values[0]


def sizes(key, values):
    yield key, b"%d %d" % (len(values), sum(map(len, values)))


def swap(key, values):
    yield from ((value, key) for value in values)


def plain(key, values):
    yield from ((key, value) for value in values)


def some(key, values):
    kinds = [join, first, sizes, swap, lambda key, values: ()]
    yield from kinds[sum(key) % 5](key, values)


def cat(key, values):
    yield key, b"".join(values)


def total(key, values):
    yield key, b"%d" % sum(map(len, values))


def order(key, values):
    yield from join(key, sorted(values))


def set_(key, values):
    yield from join(key, sorted(set(values)))


def spread(key, values):
    digits = (b"%d|" % (n % 10) for value in values for n in range(int(value), 0, -1))
    yield key, b"".join(digits)


JOBS = {"pass": plain, "join": join, "first": first, "sizes": sizes, "swap": swap, "some": some,
        "whole": join, "spread": spread, "cat": cat, "total": total,
        "order": order, "set": set_}


def quoted(text):
    special = any(c in text for c in b',"\r\n')
    return b'"%s"' % text.replace(b'"', b'""') if special else text


def escaped(text):
    said = json.dumps(text.decode(errors="surrogateescape"), ensure_ascii=False)
    return said.encode(errors="backslashreplace")


FORMATS = {
    "tsv": lambda key, value: b"%s\t%s\n" % (key, value),
    "csv": lambda key, value: b"%s,%s\n" % (quoted(key), quoted(value)),
    "jsonl": lambda key, value: b'{"key":%s,"value":%s}\n' % (escaped(key), escaped(value)),
    "colon": lambda key, value: b"%s:%s\n" % (key, value),
    "lines": lambda key, value: b"%s\n" % value,
}


def result(contents, job="join", format="tsv", reverse=False, top=0):
    """The lines of the result."""
    grouped = {}
    for key, value in pairs_of(contents):
        grouped.setdefault(key, []).append(value)
    records = itertools.chain.from_iterable(
        JOBS[job](key, grouped[key]) for key in sorted(grouped, reverse=reverse)
    )
    return [FORMATS[format](*record) for record in itertools.islice(records, top or None)]


# ---- random inputs --------------------------------------------------------------------------

LETTERS = [b"ab", b"a", b"abc \\\"',;:|", "äöü€😀a".encode(), b"\0\2\x7f\x80\xc3\xa9\xff", None]


def some_bytes(rng, size):
    letters = rng.choice(LETTERS)
    made = rng.randbytes(size) if letters is None else bytes(rng.choices(letters, k=size))
    # What ends a key or line; and the byte that will be a newline is rare.
    made = made.replace(b"\n", b"x").replace(b"\t", b"y")
    return made if rng.random() < 0.3 else made.replace(b"\1", b"z")


def some_size(rng, most):
    """Mostly small; at times about where keys and values leave their records, or far beyond."""
    near = [0, 1, 8, 15, 16, 32, 64, 255, 1024, 2048, 4096, 16384, 65536, 200000]
    kind = rng.random()
    if kind < 0.7:
        size = rng.randint(0, 20)
    elif kind < 0.9:
        size = rng.randint(0, most)
    else:
        size = rng.choice(near) + rng.randint(-2, 2)
    return max(0, min(size, most))


def keys_of(rng, count, most):
    begin = some_bytes(rng, some_size(rng, most // 2)) if rng.random() < 0.5 else b""
    keys = [begin * rng.randint(0, 1) + some_bytes(rng, some_size(rng, most)) for _ in range(count)]
    return keys + [b""]


def contents_of(rng):
    most = rng.choice([5, 40, 40, 300, 5000, 300000])
    keys = keys_of(rng, rng.choice([1, 3, 30, 300]), rng.choice([5, 40, most]))
    left = rng.choice([1000, 50000, 50000, 400000, 2000000])  # bytes in all
    contents = []
    for _ in range(rng.randint(1, 5)):
        lines, size = [], rng.randint(0, left)
        while size > 0:
            line = b"%s\t%s" % (rng.choice(keys), some_bytes(rng, some_size(rng, most)))
            lines.append(line[: line.index(b"\t")] if rng.random() < 0.05 else line)
            size -= len(line) + 5
        text = b"\n".join(lines) + b"\n" * rng.randint(0, 2)
        contents.append(b"x" + text if REFUSED.match(text) or text[:2] == b"\x1f\x8b" else text)
    return contents


class Pairs(Case):
    """Runs the jobs of pairs.c."""

    prefix = b"pairs: "

    def setUp(self):
        super().setUp()
        self.addCleanup(setattr, support, "PROGRAM", support.PROGRAM)
        support.PROGRAM = PAIRS

    def parts(self, name):
        names = sorted(os.listdir(self.path(name)))
        self.assertEqual(names.pop(0), "_SUCCESS")
        return [self.read(os.path.join(name, part)) for part in names]


class Random(Pairs):
    drawn = True

    def way_of(self, rng, streams, size):
        way = ["-m", rng.randint(1, 5), "-r", rng.choice([1, 1, 2, 3, 5, 40])]
        split = max(size // 200, rng.choice([1, 50, 3000, 100000, 10**8]))
        way += [f"--split-size={split}"]
        way += ["-S", rng.choice(["16M", "16M", "17M", "40M", "300M"])]
        way += ["--compress"] * (rng.random() < 0.3)
        if rng.random() < 0.15 and not streams:
            way += [f"--chaos={rng.randint(1, 1000)},30", "--max-attempts=1000"]
        if rng.random() < 0.15 and not streams:
            way += ["--work-dir", self.path("job")]
        return way

    def place(self, rng, contents):
        """Writes the inputs. Returns their operands and what standard input gives, if anything."""
        operands, stream = [], None
        for i, text in enumerate(contents):
            if stream is None and rng.random() < 0.25:
                stream = text
                operands.append("-")
                continue
            packed = gzip.compress(text, 1) if rng.random() < 0.2 else text
            operands.append(self.file(f"in/{i}", packed))
        return operands, stream

    def check_parts(self, parts, wanted, count):
        """Each part is in the order of all, and together they are all."""
        self.assertEqual(len(parts), count)
        lines = [part.splitlines(True) for part in parts]
        self.assertEqual(sorted(itertools.chain(*lines)), sorted(wanted))
        for part in lines:
            following = iter(wanted)
            self.assertTrue(all(line in following for line in part), "a part is not in order")

    def one(self, number):
        rng = random.Random(f"{SEED} {number}")
        contents = contents_of(rng)
        options = {
            "job": rng.choice(["join", "pass", "some", "some", "swap", "whole", "first", "sizes", "cat",
                               "total", "order", "order", "set", "set"]),
            "format": rng.choice(["tsv", "tsv", "csv", "jsonl", "lines", "colon"]),
            "reverse": rng.random() < 0.3,
            "top": rng.choice([0, 0, 0, 1, 20, 500]),
        }
        to = rng.choice(["pipe", "pipe", "file", "directory"])
        if to == "directory":  # where a line is to be a record
            options["format"] = "jsonl"
            options["top"] = 0
        operands, stream = self.place(rng, contents)
        way = self.way_of(rng, stream is not None, sum(map(len, contents)))
        given = [f"--do={options['job']}", f"--format={options['format']}"]
        given += ["-n", options["top"]] * bool(options["top"])
        given += ["--reverse"] * options["reverse"]
        given += {"pipe": [], "file": ["-o", self.path("out")],
                  "directory": ["-O", self.path("out.d")]}[to]
        wanted = result(contents, **options)
        largest = max(len(text) for pair in pairs_of(contents) for text in pair)
        if largest > 50000 and (options["job"] in ("whole", "swap", "some", "set") or stream is not None):
            way[way.index("-S") + 1] = "300M"  # to hold them in memory is what these ask for
        elif largest > 50000:
            way[1] = way[3] = 1  # a mapper must hold a record
        got = self.wc(*given, *way, *operands, input=stream)
        if to == "directory":
            self.check_parts(self.parts("out.d"), wanted, way[3])
        else:
            self.same(got.out if to == "pipe" else self.read("out"), b"".join(wanted))

    def test_random(self):
        for number in [int(ONLY)] if ONLY else range(ROUNDS):
            with self.subTest(f"SEED={SEED} ROUND={number}"):
                self.one(number)
            for name in os.listdir(self.work):
                path = self.path(name)
                support.shutil.rmtree(path) if os.path.isdir(path) else os.unlink(path)


class Shapes(Pairs):
    """Shapes of input that are hard in one way each."""

    def check(self, contents, *way, **options):
        paths = [self.file(f"in{i}", text) for i, text in enumerate(contents)]
        given = [f"--{'do' if name == 'job' else name}={value}" for name, value in options.items()]
        got = self.wc(*given, *way, *paths)
        self.same(got.out, b"".join(result(contents, **options)), f"{way} {options}")
        return got

    def test_nothing_and_empty_lines(self):
        self.check([b""])
        self.check([b"", b"\n", b"\n\n"], job="pass")
        self.check([b"\n" * 100000], "-S", "16M", "--split-size=1000", "-m", 2, job="join")

    def test_sizes_about_where_records_end(self):
        near = sorted({size + d for size in (14, 1024, 2048, 4096, 8192) for d in (-1, 0, 1, 2)})
        lines = b"".join(
            b"%s\t%s\n" % (b"k" * key, bytes([97 + i % 26]) * value)
            for i, key in enumerate(near) for value in near
        )
        for job, way in (("join", ["-S", "16M"]), ("pass", ["-S", "64M", "-r", 3]),
                         ("swap", ["-S", "16M", "--compress"])):
            self.check([lines, lines[::-1].replace(b"\t", b"x")], "-m", 2, "--split-size=300000",
                       *way, job=job)

    def test_one_key_with_many_values(self):
        count = 3000000 if SLOW else 300000
        lines = b"".join(b"key\t%d\n" % i for i in range(count))
        for job, way in (("join", ["-S", "16M", "-m", 4]), ("pass", ["-S", "16M", "--split-size=100000"]),
                         ("order", ["-S", "16M", "-m", 4]),
                         ("first", ["-S", "200M", "-m", 2])):
            self.check([lines], *way, job=job)

    def test_keys_of_one_hash(self):
        for kind, size in (("one-hash", 15), ("long-one-hash", 32), ("large-one-hash", 3000)):
            count = 300 if size == 3000 else 20000
            made = support.subprocess.run([support.HOSTILE, kind, str(count), str(size)],
                                          capture_output=True, check=True).stdout
            lines = made.replace(b"\t", b"x").splitlines(True)
            text = b"".join(line[:-1] + b"\t%d\n" % i for i, line in enumerate(lines * 2))
            self.check([text], "-S", "16M", "-m", 2, "-r", 2, job="join")

    def test_directories_files_and_streams_are_read_in_the_order_of_operands(self):
        texts = {name: b"k\t%s\n" % name.encode() * 3 for name in ("b", "a", "d/2", "d/1", "c")}
        for name, text in texts.items():
            self.file(name, text)
        for operands in itertools.permutations(["a", "-", "d", "b"]):
            names = [n for o in operands for n in {"d": ["d/1", "d/2"]}.get(o, [o])]
            contents = [b"k\tstdin\n" * 50 if n == "-" else texts[n] for n in names]
            got = self.wc("-m", 3, "--split-size=10", *operands, input=b"k\tstdin\n" * 50,
                          cwd=self.work)
            self.same(got.out, b"".join(result(contents)), operands)

    def test_two_pipes_between_files(self):
        streams = [b"".join(b"k\t%s%d\n" % (name, i) for i in range(40000)) for name in (b"p", b"q")]
        self.file("one", b"k\tone\n")
        self.file("two", b"k\ttwo\n")
        for i, text in enumerate(streams):
            os.mkfifo(self.path(f"fifo{i}"))
            fill = pathlib.Path(self.path(f"fifo{i}")).write_bytes
            support.threading.Thread(target=fill, args=(text,), daemon=True).start()
        got = self.wc("-m", 4, "-S", "16M", "two", "fifo1", "one", "fifo0", cwd=self.work)
        self.same(got.out, b"".join(result([b"k\ttwo\n", streams[1], b"k\tone\n", streams[0]])))


class Wrong(Pairs):
    def test_jobs_that_are_wrong_are_told_so(self):
        path = self.file("in", b"k\tv\n")
        for job, words in (
            ("number", b"mr_emit was called, but the job's values are bytes (mr_emit_value)"),
            ("unended", b"before a record of its result had ended (mr_result_end)"),
            ("fails", b"reduce task 0 (partition 1 of 1) failed 4 times"),
        ):
            self.assertIn(words, self.wc(f"--do={job}", path, status=1).err)

    def test_a_format_that_counts_is_refused(self):
        got = self.wc("--format=uniq", self.file("in", b"k\tv\n"), status=2)
        self.assertIn(b"--format=uniq is for counts, and the job", got.err)
        got = self.wc("--format=keys", self.file("in", b"k\tv\n"), status=2)
        self.assertIn(b"--format=keys is for counts, and the job", got.err)

    def test_what_is_too_large_to_be_held_is_told_with_the_memory_that_would_do(self):
        value, large = b"v" * (2 * MB - 100), b"\xffk" * MB
        for pair, reducers, what in (
            (b"k\t" + value, 1, rb"a value of 2097052 bytes .*, at the key 'k'"),
            (b"\n\1" * 200 + b"\t" + value, 3, rb"a value of 2097052 bytes .*, at the key '(\\n){40}.*'\.\.\."),
            (large + b"\tv", 3, rb"a key of 2097152 bytes .*, at the key '(\\377k){40}.*'\.\.\."),
        ):
            path = self.file("in", pair.replace(b"\n", b"\1") + b"\n")
            ways = ["--do=whole", "-m", "1", "-S"]
            got = self.wc(*ways, "16M", "-r", reducers, path, status=1)
            self.assertRegex(got.err, b"pairs: " + what + b"\n$")
            said = rb"is too large to be held in memory: --memory=(\d+)M would do(, or (\d+)M with --reducers=1)?, "
            memory, _, alone = re.search(said, got.err).groups()
            self.assertEqual(alone is None, reducers == 1)
            wanted = len(pair) + 2
            self.assertEqual(len(self.wc(*ways, memory.decode() + "M", "-r", reducers, path).out), wanted)
            if alone:
                got = self.wc(*ways, alone.decode() + "M", "-r", 1, path)
                self.assertEqual(len(got.out), wanted)
        self.assertEqual(len(self.wc("--do=join", "-S", "16M", "-m", 1, path).out), wanted)


class Memory(Pairs):
    """All processes together stay within -S."""

    def test_a_key_with_very_many_values(self):
        count = 10000000 if SLOW else 2000000
        path = self.file("in", b"key\t%d\n" % count)
        got = self.wc("--do=spread", "-S", "16M", path, digest=True, budget=16 * MB, timeout=600)
        self.assertEqual(got.length, 2 * count + 5)

    def test_a_value_much_larger_than_memory(self):
        size = (1 << 30) if SLOW else 40 * MB
        value = self.path("value")
        with open(value, "wb") as file:
            file.truncate(size)
        path = self.file("in", b"k\t%s\n" % os.fsencode(value) * 2)
        got = self.wc("--do=large", "-S", "16M", path, budget=16 * MB, timeout=600)
        self.assertEqual(got.out, b"k\t2 %d\n" % (2 * size))

    def test_a_result_much_larger_than_memory(self):
        line = b"k\t" + b"v" * 100000 + b"\n"
        count = 5000 if SLOW else 300
        path = self.file("in", line * count)
        for format in ("tsv", "csv", "jsonl"):
            got = self.wc("-S", "16M", "-m", 2, f"--format={format}", "-o", self.path("out"), path,
                          budget=16 * MB, timeout=600)
            wanted = result([line], format=format)[0]
            self.assertEqual(os.path.getsize(self.path("out")), len(wanted) + 100001 * (count - 1))
            self.assertEqual(got.out, b"")


if __name__ == "__main__":
    unittest.main()
