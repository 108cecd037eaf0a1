"""Random inputs, random options, every way of running: the bytes that come out are the reference's.

SEED=N repeats a series, ROUND=K only that round of it, ROUNDS=N sets how many small rounds are
made.
"""

import collections
import gzip
import json
import os
import random
import re
import shutil
import subprocess
import sys
import unittest

import bgzf
import reference
from support import CHECKING, KILLABLE, LARGE, Case, is_built_with, large, options_of

SEED = int(os.environ.get("SEED") or random.SystemRandom().randrange(1 << 32))
ROUNDS = int(os.environ.get("ROUNDS") or (300 if LARGE and not CHECKING else 150))
ONLY = os.environ.get("ROUND")

# Characters whose folding, numeric value or length is special, and bytes that are no UTF-8: a byte
# that never occurs, a beginning without its end, an overlong form, half a surrogate pair, a
# character beyond the last, a lone continuation.
CHARACTERS = [
    c.encode()
    for c in "aAbBkK\u212asS\u017f\u00df\u1e9eΣσςİiıI\u023a\u2c65ᾈᾀÅ\u212båÉéǅǆﬀᏸꭰᎠ"
    "''--’’‐—“_\u203f\u0301\u0300\u200dⒶा\u1680\u2009"
    "\U00010400\U00010428½²四Ⅷⅷ٣7\u0660十\u3000\u00a0\u2028\u0085\ufeff"
] + [
    b"\xff",
    b"\xc3",
    b"\xe2\x82",
    b"\xc0\xaf",
    b"\xed\xa0\x80",
    b"\xf4\x90\x80\x80",
    b"\xa9",
    b"\xf0\x9f\x98",
]
WORDS = [
    w.encode()
    for w in (
        "the of and to in a that it is was I for on you he be with as by at have are this not but "
        "had his they from she which or we an there her were one do been all their has would will "
        "what if can when so no said who more about up them some could him into its then two out "
        "time extraordinarily antidisestablishmentarianism 1 12 1984 ½ naïve Ελλάς İstanbul"
    ).split()
]

# How files begin that are refused, unless they are to be counted as they are.
REFUSED = re.compile(
    rb"\xff\xfe|\xfe\xff|\0\0\xfe\xff|\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18|\x1f[\x1e\x9d\xa0]"
    rb"|\x04\x22\x4d\x18|\x02\x21\x4c\x18|\x5d.{12}\0|PK[\3\5\7]"
)
# What no text begins with, so that it is refused where a name says that it is compressed.
NO_TEXT = re.compile(rb"[\0-\7\x0e-\x19]")


def few(rng, size):
    return bytes(
        rng.choices(rng.choice([b"ab ", b"a\n", b"abc \n", b"aA,\r\n", b"xy\t\n "]), k=size)
    )


def any_bytes(rng, size):
    # Without the two bytes that would make it gzip; some as if it were something else.
    begin = rng.choice([b"", b"", b"", b"", b"\xff\xfe", b"\xfe\xff", b"\x1f\x9d", b"PK\3\4"])
    return (begin + rng.randbytes(size))[:size].replace(b"\x1f\x8b", b"\x1f\x1f")


def characters(rng, size):
    some = rng.sample(CHARACTERS, rng.randint(2, len(CHARACTERS)))
    made = b"".join(rng.choices(some + [b" ", b",", b"\n"] * rng.randint(1, 6), k=size))
    return made[:size] if rng.random() < 0.5 else made


def separators(rng, size):
    return bytes(rng.choices(b" \t\n\v\f\r,,\r\r\n\nab\0\x1c\x1f", k=size))


def zipf(rng, size):
    text = b"".join(
        WORDS[min(int(rng.paretovariate(0.6)) - 1, len(WORDS) - 1)]
        + rng.choice([b" ", b" ", b" ", b", ", b"\n", b".\n", b"\r\n"])
        for _ in range(size // 5 + 1)
    )
    return text[:size]


def rows(rng, size):
    made = bytearray()
    end = rng.choice([b"\n", b"\r\n", b"\r"])
    while len(made) < size:
        made += (
            b",".join(
                (
                    b"%d" % rng.randint(0, 30)
                    if rng.random() < 0.3
                    else rng.choice(
                        [b"", b"", b'"q"', "é½".encode(), b" x", b"Name", b"NAME", "二".encode()]
                    )
                )
                for _ in range(rng.randint(1, 5))
            )
            + end
        )
    return bytes(made) if rng.random() < 0.5 else bytes(made[:size])


def long_tokens(rng, size):
    """Tokens of up to 20,000 bytes and at times ten times that, some the same, some the same but
    for their last byte."""
    made, last = [], b"x"
    for _ in range(rng.randint(1, 5)):
        if rng.random() < 0.5:
            last = (
                bytes([rng.randint(33, 255)]) * rng.choice([200000] + [rng.randint(1, 20000)] * 9)
                + b"!"
            )
        made.append(last if rng.random() < 0.5 else last[:-1] + bytes([rng.randint(33, 255)]))
    return rng.choice([b" ", b"\n", b",", b",\r\n"]).join(made)


def quoted_rows(rng, size):
    """Fields in quotes, that have quotes, and that only seem to, with any line ends in them."""
    fields = [b'"a, b"', b'"a\nb c"', b'""', b'"x ""y"" z"', b'"', b'a"b', b' "a"', b'"k"l', b"m",
              b'"\r\n"', b'"\r,x"', "“é”".encode(), b"12", b""]  # fmt: skip
    made = bytearray()
    while len(made) < size:
        made += rng.choice(fields) + rng.choice([b",", b",", b"\n", b"\r\n", b"\r", b"\t"])
    return bytes(made)


MAKERS = [few, few, any_bytes, characters, characters, separators, zipf, zipf, rows, long_tokens,
          quoted_rows]  # fmt: skip

# Of ASCII alone, which mean the same to Python.
MATCHES = [rb"[a-z]+", rb"\w+", rb"^[a-z]*,", rb"([a-z])[a-z]*$", rb"[ ,]\b", rb"a(?=b)|b", rb"(x)|a",
           rb"[A-Za-z][ ,]+[a-z]+", rb"(?i)THE?", rb"(?=([a-z]{2}))"]  # fmt: skip


def in_blocks(rng, data):
    """Streams of xz, in blocks."""
    cut = rng.choice([0, rng.randint(0, len(data))])
    size = rng.choice([1 + len(data) // 20, 60000])
    pack = ["xz", "-0c", f"--block-size={max(size, 10)}", "-C", rng.choice(["crc32", "sha256"])]
    return b"".join(subprocess.run(pack, input=part, capture_output=True, check=True).stdout
                    for part in (data[:cut], data[cut:]))


def has_xz():
    """Whether there are blocks, and the program reads them."""
    return shutil.which("xz") and is_built_with("xz")


def members(rng, data):
    """gzip in one or several members, some of which may be empty, or as bgzip has it; or xz."""
    if rng.random() < 0.2 and has_xz():
        return in_blocks(rng, data)
    if rng.random() < 0.3:
        return bgzf.compress(data, rng.choice([1 + len(data) // 20, 60000]))
    cuts = sorted(rng.randint(0, len(data)) for _ in range(rng.choice([0, 0, 1, 3])))
    return b"".join(
        gzip.compress(data[a:b], rng.choice([0, 1, 9]))
        for a, b in zip([0] + cuts, cuts + [len(data)])
    )


def meaning(rng):
    """Options that decide what is printed."""
    options = {}
    if rng.random() < 0.5:
        options["delimiter"] = rng.choice(
            [b",", b",", b"", b"\t", b" ", b"a", b"\n", b"\r", b"\0", b"\xa9", b"\\"]
            + [b", ", b"aa", b"\xc3\xa9"]
        )
    if rng.random() < 0.3 and options.get("delimiter") != b"\xa9":
        options["words"] = rng.choice(["white", "uwhite", "uwhite", "letters", "letters"])
    for name, chance, value in (
        ("zero_terminated", 0.1, True),
        ("quoted", 0.15, True),
        ("header", 0.1, True),
        ("match", 0.1, rng.choice(MATCHES).decode()),
        ("fields", 0.1, rng.choice(["1", "2", "1,3", "2-", "-2"])),
        ("ngrams", 0.15, rng.choice([1, 2, 2, 3])),
        ("normalize", 0.1, rng.choice(["nfc", "nfkc"])),
        ("ignore_case", 0.3, True),
        ("drop_numeric", 0.3, True),
        ("reverse", 0.25, True),
        ("sort", 0.4, rng.choice(["word", "first"])),
        ("min_count", 0.2, rng.randint(1, 4)),
        ("max_count", 0.1, rng.randint(0, 4)),
        ("min_length", 0.1, rng.randint(0, 3)),
        ("max_length", 0.1, rng.choice([0, 1, 2, 3, 5, 1000, 100000])),
        ("top", 0.3, rng.choice([0, 1, 2, 3, 10, 100000])),
        ("by_file", 0.15, True),
        ("documents", 0.2, True),
        ("min_documents", 0.3, rng.randint(1, 3)),
        ("max_documents", 0.2, rng.randint(1, 3)),
        ("percent", 0.2, True),
        ("others", 0.2, True),
        ("format", 0.5, rng.choice(sorted(reference.FORMATS))),
    ):
        if rng.random() < chance:
            options[name] = value
    for what in ("count", "length"):  # limits that no word can keep to are refused
        if options.get(f"min_{what}", 0) > options.get(f"max_{what}", 9):
            options.pop(f"min_{what}")
    if "quoted" in options:
        options.pop("zero_terminated", None)
        if options.get("delimiter", b",") not in (b",", b"\t", b" ", b"a", b"\xa9", b"\\"):
            options.pop("delimiter")
    if "match" in options:
        options.pop("words", None)
    if options.get("format") in ("lines", "keys"):
        options.pop("percent", None)
        options.pop("documents", None)
    if options.get("format") == "lines":
        options.pop("by_file", None)
    if "by_file" in options:
        options.pop("documents", None)
    if "documents" not in options or options.get("min_documents", 1) > options.get("max_documents", 3):
        options.pop("min_documents", None)
    if "documents" not in options:
        options.pop("max_documents", None)
    return options


def is_closed(name, data, options):
    """Whether no field's quote is open at the end."""
    cut = reference.delimiter_of(name, options.get("delimiter")) or b","
    return reference.rows_of(data + b"\n.", cut)[-1] == [b"."]


def without_what_is_refused(contents, options):
    """Without the options for which the contents would be refused."""
    if "quoted" in options and not all(is_closed(name, data, options) for name, data in contents):
        del options["quoted"]
    most = {False: 60000, True: 1000000}  # of a stream and of a file, which a header may have
    if "header" in options and any(len(data) > most[bool(name)] for name, data in contents):
        del options["header"]
    if "match" in options and (
        not is_built_with("PCRE2") or any(len(data) > 60000 for _, data in contents)
    ):
        del options["match"]  # or a line of it may be more than a mapper has memory for
    if "match" in options and not {"fields", "header", "quoted"} & options.keys():
        options.pop("delimiter", None)
    return options


def word_list(rng, contents, options):
    """A file of words, most of them in the input, for the options that take one."""
    data = b"".join(data for _, data in contents[:3])[:300000]
    cut = (options.get("delimiter") or None, options.get("words"))
    words = reference.tokens(data, *cut) or [b"x"]
    # Not at its beginning, where some bytes would make it another kind of file.
    some = [b"no such word"] + rng.sample(words, min(len(words), rng.choice([0, 1, 3, 20])))
    if options.get("ignore_case"):
        some = [rng.choice([word, word.upper(), word.lower()]) for word in some]
    return rng.choice([b"\n", b"\r\n"]).join(some) + rng.choice([b"", b"\n"])


def manner(rng, size):
    """Options that must not change what is printed. Splits are not made more than a few hundred, to
    be quick."""
    made = []
    if rng.random() < 0.8:
        made += ["-m", rng.choice([1, 2, 3, 8])]
    if rng.random() < 0.8:
        made += ["-r", rng.choice([1, 2, 3, 7, 16])]
    if rng.random() < 0.7:
        least = size // 300 + 1
        made.append(
            f"--split-size={max(least, rng.choice([1, 2, 3, 4, 5, 7, 8, 16, 31, 64, 1000, 9000]))}b"
        )
    if rng.random() < 0.4:
        made += ["-S", "16M"]
    if rng.random() < 0.3:
        made.append("--compress")
    if rng.random() < 0.3:
        made.append("--kernel=portable")
    if rng.random() < 0.15:
        made.append(f"--chaos={rng.getrandbits(64)},{rng.choice([5, 20, 60, 100])}")
    if rng.random() < 0.1:
        made.append(f"--task-timeout={rng.choice([0, 60, 1000])}")
    if rng.random() < 0.1:
        made.append("--force-bytes")
    if rng.random() < 0.05:
        made.append("--all")
    return made


class Random(Case):
    drawn = True

    @classmethod
    def setUpClass(cls):
        # Said on failure too; here for who runs this file alone.
        if __name__ == "__main__":
            print(f"SEED={SEED}", file=sys.stderr)

    def differ(self, rng, series, contents, options, how, packed=None):
        """contents are names and bytes, the one without a name going to standard input. packed is
        what the files hold if that is not the same."""
        options = without_what_is_refused(contents, options)
        paths, stdin = [], None
        for name, data in packed or contents:
            if name:
                paths.append(self.file(name, data))
            else:
                paths.append("-")
                stdin = data
        named = [(p if p != "-" else "", data) for p, (_, data) in zip(paths, contents)]
        if stdin is not None and len(paths) == 1 and rng.random() < 0.5:
            paths = []
        if stdin is None and rng.random() < 0.15:
            how = how + ["--work-dir", self.path("kept"), *rng.choice([[], ["--resume"]])]
        if any(REFUSED.match(data) for _, data in contents) or any(
            name.endswith(".gz") and not data.startswith(b"\x1f\x8b")
            and (NO_TEXT.search(data[:512]) or data in (b"", b"\x1f"))
            for name, data in packed or contents
        ):
            how = how + ["--force-bytes"]
        lists = {}
        for name in ("exclude_from", "only_from"):
            if rng.random() < 0.1:
                options[name] = word_list(rng, contents, options)
                lists[name] = self.file(name, options[name])
        arguments = [os.fsencode(str(a)) for a in how] + options_of({**options, **lists})
        wanted = reference.output(named, **options)
        small = "; ".join(f"{name or 'stdin'}={data!r}" for name, data in contents)
        more = {"noisy": True} if "header" in options else {}  # one that differs is told of
        about = f"SEED={SEED} ROUND={series} {b' '.join(arguments)!r}"
        if len(small) < 300:
            about += " " + small
        where = rng.choice(["pipe", "file", "standard output"])
        try:
            got = self.written(where, *arguments, "--", *paths, input=stdin, **more)
        except AssertionError as error:
            self.fail(f"{about} to {where}\n{error}")
        self.same(got, wanted, f"{about} to {where}")
        for path in [*paths, *lists.values()]:
            if path != "-":
                os.remove(path)
        self.assertEqual(os.listdir(self.work), [], about)

    def written(self, where, *arguments, **more):
        """Runs it with its output a pipe, a file, or a standard output that is one; returns that."""
        if any(a.startswith(b"--chaos") for a in arguments if isinstance(a, bytes)):
            more["environment"] = KILLABLE  # a leak checker may be killed in its midst
        if where == "pipe":
            return self.wc(*arguments, **more).out
        path = self.path("written")
        if where == "file":
            self.wc("-o", path, *arguments, **more)
        else:
            with open(path, "wb") as out:
                self.wc(*arguments, stdout=out, **more)
        data = self.read("written")
        os.remove(path)
        return data

    def rounds(self, series, number, one):
        names = [f"{series}{i}" for i in range(number)]
        for name in names if ONLY is None else [n for n in names if n == ONLY]:
            one(name, random.Random(f"{SEED}/{name}"))

    def test_one_small_file(self):
        def one(name, rng):
            data = rng.choice(MAKERS)(rng, rng.choice([0, 1, 5, 20, 20, 100, 100, 1000, 5000]))
            if rng.random() < 0.1:
                data = reference.BOM + data
            file = rng.choice(["f", "f", "f.txt", "f.csv", "F.TSV"])
            self.differ(rng, name, [(file, data)], meaning(rng), manner(rng, len(data)))

        self.rounds("one", ROUNDS * 5 // 10, one)

    def test_standard_input(self):
        def one(name, rng):
            data = rng.choice(MAKERS)(rng, rng.choice([0, 1, 20, 100, 1000, 20000]))
            if rng.random() < 0.1:
                data = reference.BOM + data
            contents = [("", data)]
            packed = [("", members(rng, data))] if rng.random() < 0.2 else None
            self.differ(rng, name, contents, meaning(rng), manner(rng, len(data)), packed)

        self.rounds("stdin", ROUNDS * 2 // 10, one)

    def test_many_files_some_of_them_gzip_and_one_standard_input(self):
        def one(name, rng):
            contents, packed, size = [], [], 0
            for i in range(rng.choice([2, 3, 5, 20])):
                data = rng.choice(MAKERS)(rng, rng.choice([0, 1, 5, 50, 500]))
                if rng.random() < 0.1:
                    data = reference.BOM + data
                file = f"{i}" + rng.choice(["", "", ".csv", ".tsv", ".CSV", ".csv.gz", ".gz"])
                if rng.random() < 0.05 and all(n for n, _ in contents):
                    file = ""
                contents.append((file, data))
                packed.append((file, members(rng, data) if rng.random() < 0.3 else data))
                size += len(data)
            self.differ(rng, name, contents, meaning(rng), manner(rng, size), packed)

        self.rounds("many", ROUNDS * 2 // 10, one)

    def test_tokens_across_members_and_blocks(self):
        def one(name, rng):
            data = rng.choice(MAKERS)(rng, rng.choice([1, 100, 5000, 100000]))
            self.differ(
                rng,
                name,
                [("f.gz", data)],
                meaning(rng),
                manner(rng, len(data)),
                [("f.gz", members(rng, data))],
            )

        self.rounds("gzip", ROUNDS // 10, one)

    @large
    def test_more_distinct_words_than_memory(self):
        def one(name, rng):
            number, step = rng.choice([200000, 400000, 900000]), rng.randrange(1, 1 << 40, 2)
            pattern = rng.choice(
                [b"%x", b"%d", b"/usr/share/%x/%d" if number < 400000 else b"%x:%x"]
            )
            twice = pattern.count(b"%") == 2
            made = [pattern % ((i * step, i) if twice else i * step) for i in range(number)]
            made += rng.choices(made, k=number // 4)
            rng.shuffle(made)
            data = rng.choice([b" ", b"\n"]).join(made)
            file = rng.choice(["f", "f", "", "f.gz"])
            options = {
                k: v for k, v in meaning(rng).items() if k not in ("ignore_case", "drop_numeric")
            }
            if "delimiter" in options or "zero_terminated" in options:
                options.pop("ngrams", None)  # all of it may be one token
            how = ["-S", "16M", "-m", rng.choice([1, 2, 4, 16]), "-r", rng.choice([1, 2, 5, 32])]
            if rng.random() < 0.5:
                how.append(f"--split-size={rng.choice([100, 1000])}K")
            if rng.random() < 0.5:
                how.append("--compress")
            self.differ(
                rng,
                name,
                [(file, data)],
                options,
                how,
                [(file, gzip.compress(data, 1))] if file == "f.gz" else None,
            )

        self.rounds("big", max(1, ROUNDS // 250), one)

    def test_what_cannot_be_among_the_first_changes_nothing(self):
        # It is left out where nobody asks how many words there are. Of many words are as many.
        rng = random.Random(f"{SEED}/first")
        bits = [rng.choice([40, 64, 300]) for _ in range(1 << 15)]
        words = [b"%x" % ((i + 1) ** 99 * 0x9E3779B97F4A7C15 % 2**b) for i, b in enumerate(bits)]
        tokens = [words[int(2 ** rng.uniform(0, 15)) - 1] for _ in range(150000)] + words * 2
        rng.shuffle(tokens)
        data = b" ".join(tokens)
        path = self.file("words", data)
        counted = sorted(collections.Counter(tokens).items(), key=lambda c: (-c[1], c[0]))
        for top, options in (
            (1, ["-n1", "--others"]),
            (10, ["-n10", "-r1", "--percent"]),
            (10, ["-n10", "-S16M", "-r3", "--compress"]),
            (9, ["-n9", "--min-count=1000"]),
            (5, ["-n5", "-S16M", "-r1", "--split-size=300K"]),
            (8, ["-n8", "-r2", f"--chaos={rng.getrandbits(32)},40", "--split-size=1M"]),
            (100, ["-n100", "-m1"]),
            (None, ["--min-count=1000", "-S16M"]),
        ):
            about = f"SEED={SEED} {options}"
            got = self.wc(*options, path).out
            self.same(got, self.wc(*options, "--stats", path, noisy=True).out, about)
            self.same(got, self.wc(*options, input=data).out, about)
            lines = [line.split(b"\t") for line in got.splitlines()]
            wanted = [c for c in counted[:top] if c[1] >= 1000 or top is not None and top != 9]
            self.assertEqual([(w, int(n)) for w, n, *_ in lines[: len(wanted)]], wanted, about)
            self.assertEqual(len(lines) - len(wanted), "--others" in options, about)
        self.assertLess(self.reduced("-n1", path), self.reduced("-n1", "--stats", path) / 2)

    def reduced(self, *arguments):
        """Runs it; returns how many bytes its reducers read."""
        trace, stages, read = self.path("trace"), {}, 0
        self.wc("-r1", f"--trace={trace}", *arguments, noisy=True)
        for event in json.loads(self.read("trace")):
            if event["ph"] == "B":
                stages[event["tid"]] = event["cat"]
            elif event["ph"] == "E" and stages[event["tid"]] == "reduce":
                read += event["args"].get("read", 0)
        os.remove(trace)
        return read

    def test_all_bytes_and_long_tokens_in_little_memory(self):
        def one(name, rng):
            data = b"".join(
                rng.choice([any_bytes, zipf, separators, characters])(rng, 100000)
                + long_tokens(rng, 0)
                for _ in range(rng.randint(1, 8))
            )
            options = meaning(rng)
            options.pop("ngrams", None)  # which tokens of 1M are too large for
            self.differ(rng, name, [("f", data)], options, ["-S", "16M"] + manner(rng, len(data)))

        self.rounds("mixed", max(1, ROUNDS // 100), one)


if __name__ == "__main__":
    unittest.main()
