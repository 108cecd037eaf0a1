"""Text in other encodings: known by its mark or by its name, and what it is not told of or refused."""

import bz2
import gzip
import os
import unittest

import reference
from support import DISTINCT, MB, Case

TEXT = "der Bär ißt 世界 and 😀 der\r\nBär\n" * 3
WANTED = reference.output([("", TEXT.encode())])
# Names of Python's, and the marks of text.
MARKED = [
    ("utf-16-le", b"\xff\xfe"),
    ("utf-16-be", b"\xfe\xff"),
    ("utf-32-le", b"\xff\xfe\0\0"),
    ("utf-32-be", b"\0\0\xfe\xff"),
]


class Encodings(Case):
    def test_known_by_its_mark(self):
        for name, mark in MARKED:
            with self.subTest(name):
                data = mark + TEXT.encode(name)
                path = self.file("f", data)
                for how in [], ["-m", 3, "--split-size=1b"], ["-S", "16M", "--compress"]:
                    self.assertEqual(self.wc(*how, path).out, WANTED)
                self.assertEqual(self.wc(input=data).out, WANTED)
                for packed in gzip.compress(data), bz2.compress(data):
                    self.assertEqual(self.wc(self.file("p", packed)).out, WANTED)
                    self.assertEqual(self.wc(input=packed).out, WANTED)
                self.assertEqual(self.wc(self.file("none", mark)).out, b"")
                table = self.file("t.csv", mark + "a b,ä\r\na b\r\n".encode(name))
                self.assertEqual(self.wc(table).out, "a b\t2\nä\t1\n".encode())
                # As they are: bytes.
                self.check({"b": data}, "--force-bytes", "-m", 2, "--split-size=20b")

    def test_among_others(self):
        files, contents = [self.file("plain", TEXT.encode())], [("", TEXT.encode())] * 5
        for name, mark in MARKED:
            files.append(self.file("d/" + name, mark + TEXT.encode(name)))
        for how in ["-m", 1], ["-m", 3, "--split-size=50b"]:
            self.assertEqual(self.wc(*how, *files).out, reference.output(contents))
        self.assertEqual(self.wc("-R", self.path("d")).out, reference.output(contents[1:]))

    def test_what_is_not_valid_is_an_error_with_its_place(self):
        for name, mark in MARKED:
            wide = 2 if "16" in name else 4
            for position in 0, 1, 40000:
                for bad in "\ud800", "\udc00", "\ud800\ud800":
                    data = mark + ("x" * position + bad + "y").encode(name, "surrogatepass")
                    place = len(mark) + position * wide
                    for packed in data, gzip.compress(data):
                        for got in (self.wc(self.file("f", packed), status=1),
                                    self.wc("-", input=packed, status=1)):
                            said = rb"it is not valid %s at byte %d\n" % (
                                name.upper().replace("-LE", "LE").replace("-BE", "BE").encode(),
                                place)
                            self.assertRegex(got.err, said, (name, position, bad))
                        if position == 40000:
                            break
            for short in range(1, wide):
                data = mark + "xyz".encode(name)[:-short]
                got = self.wc(self.file("f", data), status=1)
                self.assertIn(b"it ends within a character of UTF", got.err)

    def test_named(self):
        for name, text in (
            ("latin1", "Bär ß Bär\xa0x"),
            ("UTF-16LE", TEXT),
            ("UTF-16BE", TEXT),
            ("UTF-16", TEXT),  # by its mark
            ("utf-8", TEXT),
            ("CP1252", "“Bär” Bär"),
            ("EUC-JP", "日本 日本 語"),
            ("UTF-7", "Bär Bär +"),
            ("shift_jis", "日本 日本 語" * 30000),
        ):
            with self.subTest(name):
                data = text.encode(name)
                wanted = reference.output([("", text.encode())])
                path = self.file("f", data)
                for how in [], ["-m", 3, "--split-size=7b", "-S", "16M"]:
                    got = self.wc(f"--encoding={name}", *how, path)
                    self.assertEqual(got.out, wanted)
                self.assertEqual(self.wc(f"--encoding={name}", input=gzip.compress(data)).out, wanted)

    def test_named_and_not_valid(self):
        for name, data, place in (
            ("UTF-8", b"abc \xff", 4),
            ("ASCII", b"x" * 100000 + b"\xe4", 100000),
            ("UTF-16LE", b"a\0\0\xdc", 2),
            ("EUC-JP", b"ab\xff\xff", 2),
        ):
            got = self.wc(f"--encoding={name}", self.file("f", data), status=1)
            self.assertIn(b"it is not valid %s at byte %d\n" % (name.encode(), place), got.err)
        got = self.wc("--encoding=UTF-8", input=b"abc \xe4\xb8", status=1)
        self.assertIn(b"it ends within a character of UTF-8 at byte 4\n", got.err)

    def test_a_name_that_is_none_is_refused_before_all_else(self):
        for name in "", "no-such", "latin1//IGNORE", "//":
            got = self.wc(f"--encoding={name}", "-o", self.path("out"), self.path("none"), status=1)
            self.assertIn(f"there is no encoding '{name}' (--encoding)".encode(), got.err)
        self.assertEqual(os.listdir(self.work), [])

    def test_archives_are_refused_all_the_same(self):
        for how in ["--encoding=latin1"], []:
            got = self.wc(*how, self.file("f", b"PK\3\4"), status=1)
            self.assertIn(b"it is a zip archive", got.err)

    def test_without_a_mark_it_is_told_of(self):
        for encoding in "UTF-16LE", "UTF-16BE", "UTF-32LE", "UTF-32BE":
            data = ("some “plain” words\n" * 50).encode(encoding)
            said = (f"wc-mr: warning: '%s' is counted as it is, but begins as text in "
                    f"{encoding} does%s: if it is that, --encoding={encoding} decodes it\n").encode()
            path = self.file("f", data)
            for how in [], ["--split-size=100b", "-m", 3]:
                got = self.wc(*how, path, noisy=True)
                self.assertEqual(got.err, said % (path.encode(), b""))
                self.assertEqual(got.out, reference.output([("", data)]))
            got = self.wc(path, self.file("g", gzip.compress(data)), "-m", 2, noisy=True)
            self.assertEqual(got.err, said % (path.encode(), b", as in 1 more file"))
            got = self.wc(input=data, noisy=True)
            self.assertEqual(got.err, said % (b"standard input", b""))
            got = self.wc("--encoding=" + encoding, "--words=letters", "-n2", path)
            self.assertEqual(got.out, b"plain\t50\nsome\t50\n")
        for data in b"a\0b\0c\0", b"a\0b\0c\0d\0\0\0", b"a b c d e f", bytes(600), b"a\0b\0c\0d\0xy":
            self.wc(self.file("f", data))
        types = self.file("types", b"f\0d\0f\0l\0f\0f\0")  # as find -printf '%y\0' writes them
        for how in [], ["-d", ","]:
            self.assertEqual(self.wc("-z", *how, types).out, b"f\t4\nd\t1\nl\t1\n")

    def test_resumed_by_the_same_encoding_only(self):
        path, work = self.file("f", b"B\xe4r"), self.path("w")
        bad = self.file("bad", gzip.compress(b"a")[:-1])
        self.wc("--encoding=latin1", "--work-dir=" + work, path, bad, status=1)
        got = self.wc("--encoding=cp437", "--work-dir=" + work, "--resume", path, bad, status=1)
        self.assertIn(b"--encoding was latin1, now it is cp437", got.err)
        got = self.wc("--encoding=latin1", "--work-dir=" + work, "--resume", path, bad, status=1)
        self.assertIn(b"cut short", got.err)

    def test_memory(self):
        wanted = b"".join(line + b"\t1\n" for line in sorted(DISTINCT.split(b"\n")[:-1]))
        path = self.file("f", DISTINCT.decode().encode("utf-16"))
        got = self.wc("-S", "24M", "-m", 1, path, budget=24 * MB)
        self.assertEqual(got.out, wanted)


if __name__ == "__main__":
    unittest.main()
