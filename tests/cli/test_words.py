"""What a word is by --words: the same as plain Python finds, for every character of Unicode and
however a text is cut."""

import os
import subprocess
import unicodedata
import unittest

import reference
from support import Case, options_of


class Rules(Case):
    def like_reference(self, data, *how, name="f", **options):
        got = self.wc(*how, *options_of(options), self.file(name, data)).out
        self.same(got, reference.output([(name, data)], **options))

    def test_by_examples(self):
        for rule, text, wanted in (
            ("letters", "Images of x-rays, can't tell 'large'.", "Images can't large of tell x-rays"),
            ("letters", "“hello”—world ¿hola? a.b", "a b hello hola world"),
            ("letters", "rock'n'roll a''b -c- d-'e f’s g‐h", "a b c d e f’s g‐h rock'n'roll"),
            ("letters", "naïve e\u0301t 1,000.5 x² _y_ ‿ Ⓐ 世界。人", "000 1 5 _y_ e\u0301t naïve x² ‿ Ⓐ 世界 人"),
            ("letters", "' - ’ '' -' \u200d", ""),
            ("uwhite", "a\u00a0b dummy\u2004text 世\u3000中 x\u200by", "a b dummy text x\u200by 世 中"),
            ("uwhite", "a\x1cb\x1fc\x85d \u180ee.", "a\x1cb\x1fc d \u180ee."),
            ("white", "a\u00a0b c", "a\u00a0b c"),
        ):
            with self.subTest(rule, text=text):
                got = self.wc(f"--words={rule}", "--sort=word", input=text.encode()).out
                words = [line.split("\t")[0] for line in got.decode().split("\n")[:-1]]
                self.assertEqual(" ".join(words), wanted)

    def test_bytes_that_are_no_utf8(self):
        data = b"a\xffb \xff\xfe a\xe2\x80b\xe2\x80\x99\xe2\x80 \xc2 \xc2\xa0\xe3\x80 \xed\xa0\x80x "
        data += b"it\xe2\x80\x99s \xe2\x80\x99\x99s \xf0\x9f\x98\x80\xf0\x9f y\xc3 \xc0\xafz \xe3\x80"
        for rule in ("letters", "uwhite", "white"):
            for split in (1, 2, 3, 100):
                self.like_reference(data, f"--split-size={split}b", words=rule, format="jsonl")

    def test_with_delimiters_and_tables(self):
        data = "a b,c\u00a0d;e-f,'g'\r\nit's,x;y\r".encode()
        for rule in ("white", "uwhite", "letters"):
            for more in ({}, {"delimiter": b";"}, {"delimiter": b"e"}, {"delimiter": b""}):
                self.like_reference(data, words=rule, **more)
                self.like_reference(data, words=rule, name="f.csv", **more)
        self.wc("--words=letters", "-d", r"\xa0", input=b"a", status=2)
        for wrong in ("", "letter", "White"):
            got = self.wc("--words", wrong, input=b"a", status=2)
            self.assertIn(b"is none of the choices of --words: white, uwhite, letters", got.err)

    def test_with_folding_lists_and_formats(self):
        data = "Don't DON’T don't, “ẞ” x-Ray X-RAY 42 a-1".encode()
        stop = self.file("stop", "DON'T\nss".encode())
        for options in (
            {"ignore_case": True, "format": "csv"},
            {"drop_numeric": True, "min_length": 3, "format": "jsonl"},
            {"ignore_case": True, "exclude_from": stop, "format": "uniq"},
        ):
            wanted = dict(options)
            if "exclude_from" in wanted:
                wanted["exclude_from"] = "DON'T\nss".encode()
            got = self.wc("--words=letters", *options_of(options), self.file("f", data)).out
            self.same(got, reference.output([("f", data)], words="letters", **wanted))

    def test_words_larger_than_any_buffer(self):
        for unit in ("é’", "x-", "'’", "a\u0301", "a.", "1\u3000"):
            data = (unit * 350000).encode()[: 700000 - 7 * len(unit)] + b"\xe2\x80"
            for rule in ("letters", "uwhite"):
                self.like_reference(b"a " + data, "-S16M", "-m2", "--split-size=200K", words=rule)

    def test_joiners_at_every_place_of_a_scan(self):
        lines = []
        for size in range(55, 75):
            for middle in ("-", "’", "'", "''", "é", "\u0301", "-é", "— ", "\u2003"):
                lines.append("a" * size + middle + "b" * (size % 7) + " ")
        data = ("".join(lines) * 3).encode()
        for kernel in ("auto", "portable"):
            for rule in ("letters", "uwhite"):
                self.like_reference(data, f"--kernel={kernel}", words=rule)

    def test_every_character_alone_and_between_letters(self):
        known = [
            chr(c)
            for c in range(0x80, 0x110000)
            if unicodedata.category(chr(c)) not in ("Cn", "Cs", "Co")
        ]
        if unicodedata.unidata_version > "14.0.0":
            known = [c for c in known if ord(c) < 0x800]
        data = "".join(f"{c} x{c}y\n" for c in known).encode()
        got = self.wc("--words=letters", "--sort=word", "-m2", self.file("f", data)).out
        wanted = ["x’y", "x‐y"]
        others = 0
        for c in known:
            if reference.is_letter(c):
                wanted += [c, f"x{c}y"]
            elif c not in "’‐":
                others += 1
        lines = [word.encode() + b"\t1\n" for word in wanted]
        lines += [b"%c\t%d\n" % (c, others) for c in b"xy"]
        self.same(got, b"".join(sorted(lines, key=lambda line: line.split(b"\t")[0])))
        spaces = [c for c in known if ord(c) < 0x3100]
        data = "".join(f"{c} x{c}y\n" for c in spaces).encode()
        self.like_reference(data, words="uwhite")


class ZeroTerminated(Case):
    """-z: lines that end at NUL."""

    def uniq(self, data):
        """What sort -z | uniq -zc counts, by count and word."""
        sort = subprocess.run(
            ["sh", "-c", "sort -z | uniq -zc"],
            input=data, env=dict(os.environ, LC_ALL="C"), capture_output=True, check=True,
        )  # fmt: skip
        counted = [line.lstrip(b" ").split(b" ", 1) for line in sort.stdout.split(b"\0")[:-1]]
        lines = [(-int(count), word) for count, word in counted]
        return b"".join(b"%7d %s\n" % (-count, word) for count, word in sorted(lines))

    def test_the_same_as_sort_and_uniq(self):
        for data in (
            b"", b"\0", b"\0\0", b"a", b"a\0", b"a\n", b"a\n\0a\r\n\0a\n", b"\n\0\r\0\r\n\0\n",
            b"./a b\0./c,d\0./a b\0\0x\ty\0./c,d", b"\0\xff\0\xc3\0" * 3,
        ):  # fmt: skip
            want = self.uniq(data)
            for name, split in (("f", "1b"), ("f.csv", "3b")):
                path = self.file(name, data)
                got = self.wc("-z", "--format=uniq", f"--split-size={split}", path).out
                self.same(got, want, f"{data!r} in {name}")
            self.same(self.wc("-z", "--format=uniq", input=data).out, want)

    def test_lines_larger_than_any_buffer(self):
        line = b"a\nb\r\n, " * 90000
        for end in (b"", b"\0", b"\n", b"\n\0", b"\0\0", b","):
            data = line + b"\0x\0" + line + end
            got = self.wc("-z", "-S16M", "-m2", "--format=uniq", self.file("f", data)).out
            self.same(got, self.uniq(data))
            for delimiter in (b",", b"\n"):
                options = {"zero_terminated": True, "delimiter": delimiter}
                got = self.wc("-S16M", *options_of(options), self.path("f")).out
                self.same(got, reference.output([("f", data)], **options))

    def test_fields_and_words_of_such_lines(self):
        data = b"a,b\nc,,d\0,\0\0a,b\r\n\0it's c\n\0A\0,"
        for delimiter in (None, b"", b",", b"\n", b"\r", b"\0", b" "):
            for words in (None, "white", "uwhite", "letters"):
                options = {"delimiter": delimiter, "words": words, "zero_terminated": True}
                options |= {"ignore_case": delimiter == b",", "format": "jsonl"}
                got = self.wc("--split-size=4b", *options_of(options), self.file("f.csv", data)).out
                self.same(got, reference.output([("f.csv", data)], **options))

    def test_what_the_formats_make_of_the_end_of_a_line(self):
        for name, want in (
            ("tsv", b"a\nb\t1\n"),
            ("csv", b'"a\nb",1\n'),
            ("jsonl", b'{"word":"a\\nb","count":1}\n'),
            ("colon", b"a\nb:1\n"),
            ("uniq", b"      1 a\nb\n"),
            ("lines", b"a\nb\n"),
        ):
            self.same(self.wc("-z", f"--format={name}", input=b"a\nb\0").out, want)

    def test_what_it_does_not_go_together_with(self):
        for option in ("-f1", "--header", "--quoted"):
            got = self.wc("-z", option, input=b"a", status=2)
            self.assertIn(b"--zero-terminated (-z) cannot go together with", got.err)


if __name__ == "__main__":
    unittest.main()
