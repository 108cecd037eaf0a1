"""--match: words are what a Perl expression matches in lines, as grep -aoP where it is there; or its
first group, as Python's re finds it."""

import collections
import os
import random
import re
import unittest

import reference
from support import Case, options_of
from test_grep import HAS_PERL, PATTERNS, grep, lines

ROUNDS = int(os.environ.get("ROUNDS", 30))
SEED = int(os.environ.get("SEED", random.randrange(1 << 30)))


class Match(Case):
    def check(self, wanted, *arguments, **more):
        """wanted is a list of all words."""
        counted = sorted(collections.Counter(wanted).items())
        want = b"".join(b"%7d %s\n" % (count, word) for word, count in counted)
        got = self.wc(*arguments, "--sort=word", "--format=uniq", **more).out
        self.same(got, want, arguments)

    @unittest.skipUnless(HAS_PERL, "needs a grep that has -P")
    def test_the_same_as_grep(self):
        # What has a group would be that here.
        patterns = [p for p in PATTERNS if not re.search(r"\((?!\?)", p)]
        self.drawn = True
        for i in range(ROUNDS):
            draw = random.Random(SEED + i)
            data = b"\n".join(lines(draw, True)) + b"\n" * (draw.random() < 0.7)
            pattern = draw.choice(patterns)
            # A CR is a byte of the line, and a .csv is not cut.
            path = self.file(draw.choice(["f", "f.csv"]), data)
            wanted = grep("-h", "-o", "-P", "-e", pattern, path).stdout.split(b"\n")[:-1]
            ways = [f"--mappers={draw.randint(1, 3)}", "--split-size=" + draw.choice(["90b", "1M"])]
            with self.subTest(f"SEED={SEED + i}"):
                self.check(wanted, f"--match={pattern}", *ways, path)

    @unittest.skipUnless(HAS_PERL, "needs a grep that has -P")
    def test_lines_that_end_with_nul(self):
        data = b"a\nb\0ab\0\0b\r\n\0x a\n\0a\nb"
        path = self.file("f", data)
        for pattern in ("^b", "a$", "a", ".+", r"a\s", r"[^x]+", r"(?m)^b", r"b$", r"\S\s*$", r"^\w"):
            wanted = grep("-z", "-o", "-P", "-e", pattern, path).stdout.split(b"\0")[:-1]
            for split in ("2b", "1M"):
                self.check(wanted, "-z", f"--match={pattern}", f"--split-size={split}", path)
        self.check([b"a\nb", b"a\nb"], "-z", "--match=a\nb", path)

    def test_groups(self):
        data = b"user=ann user=bob\nuser= user=ann\n\nuser\nxuser=d\n" * 3 + b"user=e"
        for pattern in (
            r"user=(\w*)", r"(user|x)=?(\w)?", r"user(=(\w))?", r"(?:us)(er)", r"(?=(\w\w))", r"()u",
            r"(?P<name>n)+", r"(a)|b", r"(z)?u", r"x(?!(u))|s",
        ):  # fmt: skip
            wanted = [
                match.group(1)
                for line in data.split(b"\n")
                for match in re.finditer(pattern.encode(), line)
                if match.group(1)
            ]
            for split in ("7b", "1M"):
                self.check(wanted, f"--match={pattern}", f"--split-size={split}", self.file("f", data))

    def test_negated_escapes_are_not_about_ascii_only(self):
        text = "user=José, xüé ٣1 学而\nÉ a\\S[] №5 \\Sé #ж\n"
        path = self.file("f", text.encode())
        for pattern, same in (
            (r"user=(\S+)", r"user=(\S+)"), (r"\S+", r"\S+"), (r"\W+", r"[^\w\n]+"),
            (r"\D+", r"[^\d\n]+"), (r"\D{2}\W\S", r"[^\d\n]{2}[^\w\n]\S"), (r"(?<=\W)\S", r"(?<=\W)\S"),
            (r"[]\S]", r"\S"), (r"[^]\W\d]+", r"[A-Za-z_]+"), (r"\\S\S", r"\\S\S"),
            (r"(?i:\Sé)", r"(?i:\Sé)"), (r"(?x) \S+ # [", r"\S+"), (r"(?#[)\S+", r"\S+"),
            (r"\Q\S\E\S", r"\\S\S"), (r"(*MARK:[)\S+", r"\S+"), (r"\c[|\S", r"\S"),
        ):  # fmt: skip
            wanted = [w for line in text.split("\n") for w in re.findall(same, line, re.ASCII)]
            with self.subTest(pattern):
                self.check([w.encode() for w in wanted], f"--match={pattern}", path)
        lines = self.wc("--job=grep", "-o", r"\S+", path).out
        self.assertEqual(lines, "\n".join(text.split()).encode() + b"\n")
        self.check(["№".encode(), b"a"], r"--match=(*UCP)[^\W\d]|\W", input="№5a".encode())

    def test_what_is_no_utf8_matches_itself_alone(self):
        data = b"a\xffb\xc3\nx\xe2\x82 \xc3\xa9\xff\n\xff"
        self.check([b"a", b"b", b"x"], r"--match=\w+", input=data)
        self.check([b"a", b"b", b"x", b"\xc3\xa9"], r"--match=(*UCP)\w+", input=data)
        self.check([b"a", b"b", b"x", b" \xc3\xa9"], "--match=.+", input=data)

    def test_negated_escapes_that_are_interpreted_want_utf8(self):
        path = self.file("f", b"ab\xffcd\nef\n")
        for pattern in r"(?x) \S+ \z", r"\Q\E\S+\z":
            for job in [f"--match={pattern}"], ["--job=grep", "-o", pattern]:
                got = self.wc(*job, path, status=1)
                self.assertIn(rb"no UTF-8, as it has \D, \S or \W beside \Q, a comment", got.err)
                self.assertEqual(got.out, b"")
        self.check([b"cd", b"ef"], r"--match=(?x) [^\s]+ \z", path)
        self.check([b"a"] * 100000 + [b"b"], r"--match=(?x) \S", input=b"a" * 100000 + b"\nb\n")

    def test_with_folding_filters_and_formats(self):
        words = ["Don", "DON", "don", "42", "É", "é", "x1", "X1"]
        data = " ".join(words).encode()
        stop = self.file("stop", b"DON\n")
        for options in (
            {"ignore_case": True, "format": "csv"},
            {"drop_numeric": True, "min_count": 2, "ignore_case": True, "format": "jsonl"},
            {"exclude_from": stop, "sort": "word", "percent": True},
            {"top": 2, "others": True, "min_length": 2},
        ):
            wanted = {**options, **({"exclude_from": b"DON\n"} if "exclude_from" in options else {})}
            got = self.wc(r"--match=(*UCP)\w+", *options_of(options), input=b"; " + data + b".\n").out
            self.same(got, reference.output([("", data)], **wanted))
        self.check([b"don"], "--match=don", input=data)
        self.check([b"don", b"don", b"don"], "-i", "--match=(?i)don", input=data)

    def test_long_lines_and_many_matches(self):
        unit = b"ab,\xc3\xa9 c1;"
        data = unit * 60000 + b"\n" + b"z" * 700000 + b"\n" + unit * 1000
        path = self.file("f", data)
        self.check(re.findall(rb"[a-z]+\d?", data), r"--match=[a-z]+\d?", "-S64M", "-m2", path)
        self.check(re.findall(rb".+", data), "--match=.+", "-S64M", "-m2", path)
        got = self.wc("--match=a", "-S16M", "-m2", self.file("g", b"a" * (30 << 20)), status=1)
        self.assertIn(b"record", got.err)

    def test_what_is_refused(self):
        for options in (["--words=letters"], ["-d,"], ["-d", ""]):
            got = self.wc("--match=a", *options, input=b"a", status=2)
            self.assertIn(b"--match cannot go together with", got.err)
        for pattern, words in (
            ("(", b"'(' is no pattern: missing closing parenthesis, at its byte 1"),
            ("a\nb", b"the end of a line in it"),
            ("", b"--match needs an expression, and was given an empty one"),
        ):
            self.assertIn(words, self.wc("--match", pattern, input=b"a", status=2).err)

    def test_a_search_that_takes_too_much_says_so(self):
        data = b"a" * 5000 + b"b"
        got = self.wc("--match=(*LIMIT_MATCH=10)(a+)+$", input=data, status=1)
        self.assertIn(b"cannot be searched for in a line: match limit exceeded", got.err)


if __name__ == "__main__":
    unittest.main()
