"""The job grep, against GNU grep -aP where it is there."""

import os
import random
import subprocess
import unittest

from support import Case

ROUNDS = int(os.environ.get("ROUNDS", 100))
SEED = int(os.environ.get("SEED", random.randrange(1 << 30)))
UTF8 = dict(os.environ, LC_ALL="C.UTF-8")
PATTERNS = [
    "a", "b+", "^a", "b$", "^$", "a*", "x|b", "[^a]b", "a.b", r"\ba", r"\w+", r"a\s*b", "(a)(b)",
    r"(a|b)\1", "a{2,}", "(?<=a)b", "a(?!b)", "(?i)A", r"\Aa", r"a\z", "a++b", "(?>a+)b", "[^b]*+$",
    r"\d\d", "é", "ä.", r"\x{e4}", "a[^x]*b", "[^x]+", r"[^\s]+$", "^.{3}$", r"a\Kb", r"\Qa.b\E",
    r"\R", r".\X$", "b?", "ab|ba|$", "^|b",
]  # fmt: skip


def grep(*arguments, **more):
    command = ["grep", "-a", *arguments]
    return subprocess.run(command, env=UTF8, capture_output=True, **more)


HAS_PERL = grep("-P", "a", input=b"a\n").stdout == b"a\n"


# \S, \W and \D are not among them: grep with PCRE2 10.42 has them match ASCII only; see
# test_match.py.

# In a line that is no UTF-8, grep begins anew behind each wrong byte, as if a line began there.
ANYWHERE = [p for p in PATTERNS if not any(each in p for each in ("^", "A", "K", "$", "z", "?"))]


def lines(draw, valid):
    parts = [b"a", b"b", b"ab", b"B", b" ", b"\t", b"x", b".", b"12", "é".encode(), "ä".encode()]
    parts += [b"\r", b"\0"] * (draw.random() < 0.3)
    parts += [b"\xff", b"\xc3"] * (not valid)
    for _ in range(draw.choice([0, 1, 3, 50, 400])):
        yield b"".join(draw.choice(parts) for _ in range(draw.choice([0, 1, 2, 5, 12])))


@unittest.skipUnless(HAS_PERL, "needs a grep that has -P")
class Grep(Case):
    def check(self, options, names, pattern, ways=()):
        fixed = "-F" in options
        wanted = grep(*options, *([] if fixed else ["-P"]), "-e", pattern, *names)
        self.assertLess(wanted.returncode, 2, (pattern, wanted.stderr))
        got = self.wc("--job=grep", *options, *ways, "-e", pattern, *names)
        self.assertEqual(got.out, wanted.stdout, (options, pattern))

    def test_the_same_bytes_as_grep(self):
        self.drawn = True
        for i in range(ROUNDS):
            draw = random.Random(SEED + i)
            files, valid = [], draw.random() < 0.8
            for n in range(draw.choice([1, 1, 2, 3])):
                data = b"\n".join(lines(draw, valid)) + b"\n" * (draw.random() < 0.7)
                files.append(self.file(f"f{n}", data))
            options = [o for o in ("-c", "-v", "-i", "-o", "-h", "-H") if draw.random() < 0.25]
            if "-h" in options and "-H" in options:
                options.remove("-h")
            ways = [f"--mappers={draw.randint(1, 3)}", f"--reducers={draw.randint(1, 2)}"]
            ways += ["--split-size=" + draw.choice(["200b", "2K", "1M"])]
            pattern = draw.choice(PATTERNS if valid else ANYWHERE)
            if draw.random() < 0.2:
                options.append("-F")
                pattern = draw.choice(["a", "ab", ".", "a.", "é", "B", "  "])
            with self.subTest(f"SEED={SEED + i}"):
                self.check(options, files, pattern, ways)

    def test_a_large_file_whose_lines_are_rarely_wanted(self):
        draw = random.Random(SEED)
        text = b"".join(b"%d some line of text\n" % draw.randrange(10**6) for _ in range(60000))
        name = self.file("large", text)
        for pattern in "1234", "^99999 ", r"[^\d]x", "text$":
            for option in [], ["-c"], ["-o"], ["-v", "-c"]:
                self.check(option, [name], pattern, ["-S64M", "--mappers=2"])

    def test_standard_input_and_files_side_by_side(self):
        name = self.file("f", b"one a\ntwo\n")
        for options in [], ["-c"], ["-H"]:
            wanted = grep(*options, "-P", "a", name, "-", input=b"a\nb\nca\n")
            got = self.wc("--job=grep", *options, "a", name, "-", input=b"a\nb\nca\n")
            self.assertEqual(got.out, wanted.stdout)
        wanted = grep("-Hc", "-P", "a", input=b"")
        self.assertEqual(self.wc("--job=grep", "-H", "-c", "a", input=b"").out, wanted.stdout)


class Refused(Case):
    def test_what_is_no_pattern(self):
        for words, *arguments in (
            (b"there is no pattern",),
            (b"'(' is no pattern: missing closing parenthesis", "("),
            (b"the end of a line in it", "a\nb"),
            (b"'b' is a second pattern", "-e", "a", "-e", "b"),
        ):
            got = self.wc("--job=grep", *arguments, status=2)
            self.assertIn(words, got.err)


if __name__ == "__main__":
    unittest.main()
