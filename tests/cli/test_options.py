"""What each option does, in each way that it can be written, and what is said to one that is
wrong."""

import bz2
import csv
import gzip
import json
import lzma
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import unittest

import reference
from support import SOON, Case, options_of, send

TEXT = b"the cat and the dog and the 12 Birds \xc2\xbd the end\n"


class Words(Case):
    """Options that decide what is counted and printed."""

    def both(self, wanted, data, *ways):
        path = self.file("f", data)
        for way in ways:
            self.assertEqual(self.wc(*way.split(" "), path).out, wanted, way)
            self.assertEqual(self.wc(path, *way.split(" ")).out, wanted, way + " after the file")

    def test_delimiter(self):
        self.both(
            b"a\t2\n\t1\nb c\t1\n",
            b"a,,b c,a\n",
            "-d,",
            "-d ,",
            "--delimiter=,",
            "--delimiter ,",
            "--delim=,",
        )

    def test_delimiter_escapes(self):
        for written, byte in (
            (r"\t", 9),
            (r"\n", 10),
            (r"\r", 13),
            (r"\\", 92),
            (r"\0", 0),
            (r"\a", 7),
            (r"\b", 8),
            (r"\f", 12),
            (r"\v", 11),
            (r"\x2c", 44),
            (r"\xFF", 255),
            (r"\054", 44),
            (r"\377", 255),
            (r"\101", 65),
            (r"\tx", b"\tx"),
            (r"\x2cy", b",y"),
            (r"z\0", b"z\0"),
            (r"\\z", b"\\z"),
        ):
            with self.subTest(written):
                cut = byte if isinstance(byte, bytes) else bytes([byte])
                data = b"x,y\tx\\zA\0b\x07c\x08d\x0ce\x0bf\xffg\nx\r" + cut + b"x"
                self.assertEqual(
                    self.wc("-d", written, self.file("f", data)).out,
                    reference.output([("f", data)], delimiter=cut),
                )

    def test_empty_delimiter_asks_for_white_space(self):
        path = self.file("f.csv", b"a,b c\n")
        self.assertEqual(self.wc(path).out, b"a\t1\nb c\t1\n")
        for way in (["-d", ""], ["--delimiter="], ["--delimiter", ""]):
            self.assertEqual(self.wc(*way, path).out, b"a,b\t1\nc\t1\n")

    def test_wrong_delimiters(self):
        for written in (r"\q", r"\x", r"\xg1", r"\400", r"\8", r"a\q", r":\n", r"\r:"):
            with self.subTest(written):
                self.wc("-d", written, self.file("f", TEXT), status=2)

    def test_csv_and_tsv_by_name_in_one_run(self):
        files = {
            "a.csv": b"a b,c\td\n",
            "b.TSV": b"a b,c\td\n",
            "c.txt": b"a b,c\td\n",
            "d.Csv.gz": b"a b,z\n",
            "csv": b"a b,c\n",
            "e.tsv.GZ": b"a b\tz\n",
        }
        paths = [
            self.file(name, gzip.compress(data) if name.lower().endswith("gz") else data)
            for name, data in files.items()
        ]
        wanted = reference.output(list(files.items()))
        self.same(self.wc(*paths).out, wanted)
        self.same(self.wc(self.work).out, wanted)
        self.same(
            self.wc("-d", ",", *paths).out, reference.output(list(files.items()), delimiter=b",")
        )

    def test_standard_input_has_no_name(self):
        path = self.file("f.csv", b"a,b c\n")
        with open(path, "rb") as file:
            self.assertEqual(self.wc(input=file).out, b"a,b\t1\nc\t1\n")

    def test_top(self):
        self.both(b"the\t4\nand\t2\n", TEXT, "-n2", "-n 2", "--top=2", "--top 2", "--to=2")
        self.both(b"", TEXT, "-n0", "--top=0")
        path = self.file("f", TEXT)
        self.assertEqual(self.wc("-n", "1000000000000", path).out, self.wc(path).out)

    def test_top_cuts_ties_by_bytes(self):
        self.both(b"a\t1\nb\t1\n", b"d c b a", "-n2")

    def test_min_count(self):
        self.both(b"the\t4\nand\t2\n", TEXT, "--min-count=2", "--min-count 2", "--min-c=2")
        self.both(b"", TEXT, "--min-count=5")

    def test_max_count(self):
        self.both(b"and\t2\n", TEXT, "--max-count=3 --min-count=2", "--min-count 2 --max-count 2")
        self.both(b"", TEXT, "--max-count=0")
        self.both(b"a1\t1\nb7\t1\n", b"c1\nb7\na1\nc1\n", "-d \\n --max-count=1")

    def test_shares_and_others(self):
        data = b"a a a b b c 12 d d \"e,\n"
        for format in reference.FORMATS:
            for options in (
                {"percent": format not in ("lines", "keys"), "others": True, "top": 2},
                {"others": True, "min_count": 2, "drop_numeric": True, "reverse": True},
                {"percent": format not in ("lines", "keys"), "sort": "word", "ignore_case": True},
            ):
                self.like_reference(data, format=format, **options)
        for options in ({}, {"top": 0}, {"max_count": 0}, {"exclude_from": b"a"}):
            self.like_reference(data, percent=True, others=True, **options)
            self.like_reference(b"", percent=True, others=True, **options)

    def test_shares_are_rounded_as_floating_point_numbers_are(self):
        for all in (800, 1600, 3, 7, 20000, 99999):
            data = b"".join(b"w%d " % n * n for n in (1, 2, 3, 5, 13, 157) if 2 * n < all)
            data += b"z " * (all - data.count(b" "))
            self.like_reference(data, percent=True)

    def test_shares_in_a_file_and_in_parts(self):
        text = b"".join(b"%d " % (i * i % 997) for i in range(30000))
        wanted = reference.output([("f", text)], percent=True, others=True, min_count=50)
        path = self.file("f", text)
        self.wc("--percent", "--others", "--min-count=50", "-o", self.path("o"), path)
        self.same(self.read("o"), wanted)
        with open(self.path("o"), "wb") as out:
            self.wc("--percent", "--others", "--min-count=50", path, stdout=out)
        self.same(self.read("o"), wanted)
        for top in ([], ["-n30"]):
            shutil.rmtree(self.path("d"), ignore_errors=True)
            self.wc("--percent", "--others", "--min-count=50", *top, "-r3", "-O", self.path("d"), path)
            lines = b"".join(self.read(f"d/part-r-0000{i}") for i in range(3)).split(b"\n")[:-1]
            more = {"top": 30} if top else {}
            wanted = reference.output(
                [("f", text)], percent=True, others=True, min_count=50, **more
            ).split(b"\n")[:-1]
            self.assertEqual(sorted(lines), sorted(wanted))
            self.assertEqual(lines[-1], wanted[-1])

    def test_shares_of_what_has_none(self):
        for says, *way in (
            (b"no place in --format=lines", "--percent", "--format=lines"),
            (b"needs reducers (--reducers)", "--others", "-r0"),
            (b"cannot go together with --ordered-parts", "--others", "-n1", "--ordered-parts", "-Oo"),
            (b"is for sums of numbers", "--job=index", "--others"),
        ):
            if way[0] != "--job=index":
                way = ["--job=wordcount", *way]
            self.assertIn(says, self.wc(*way, input=b"a", status=2).err)

    def test_lengths_are_in_characters(self):
        data = "a é ½x 四四四 \U0001f600! abcd ".encode() + b"\xff\xfe \xe2\x82a "
        data += b"e\xcc\x81 " + b"x" * 70000 + b" " + "é".encode() * 70000
        for least in (0, 1, 2, 3, 4, 69999, 70000, 70001):
            self.like_reference(data, min_length=least)
            self.like_reference(data, max_length=least, min_length=min(2, least))
        self.like_reference(b",a,,bc\n\n", delimiter=b",", max_length=0)
        self.like_reference("ẞ ss ﬀ ff".encode(), ignore_case=True, max_length=1)

    def test_limits_that_no_word_can_keep_to(self):
        for what, says in (("length", b"at least 3 characters (--min-length) and at most 2 (--max-length)"),
                           ("count", b"at least 3 times (--min-count) and at most 2 (--max-count)")):
            given = [f"--min-{what}=3", f"--max-{what}=2"]
            self.assertIn(says, self.wc(*given, input=b"a", status=2).err)
            self.wc(*given, f"--max-{what}=3", input=b"a")

    def like_reference(self, data, **options):
        lists = {
            name: self.file(name, options[name])
            for name in ("exclude_from", "only_from")
            if name in options
        }
        self.same(
            self.wc(*options_of({**options, **lists}), self.file("f", data)).out,
            reference.output([("f", data)], **options),
        )

    def test_lists_of_words(self):
        long = b"x" * 70000
        text = TEXT + "Straße  STRAẞE ".encode() + b"\xff " + long + b"1 " + long + b"2"
        for words in (
            b"the\nand\n",
            b"the\r\nand",
            reference.BOM + b"the\rand",
            b"THE\nBirds\n\n",
            "STRAẞE\nstrasse\nand \n".encode(),
            b"\xff\n12\nend\0",
            long + b"1\n" + long,
            b"",
            b"\n",
            b"\n".join(b"%d" % i for i in range(5000)),
        ):
            for more in ({}, {"ignore_case": True, "top": 4}):
                self.like_reference(text, exclude_from=words, **more)
                self.like_reference(text, only_from=words, **more)
        self.like_reference(b",a,\n", delimiter=b",", exclude_from=b"\n")
        self.like_reference(b",a,\n", delimiter=b",", only_from=b"\n")
        self.like_reference(TEXT, only_from=b"the\nend\n", exclude_from=b"the\n")

    def test_several_lists_are_one(self):
        a, b = self.file("a", b"the"), self.file("b", reference.BOM + b"and\ncat\n")
        got = self.wc(f"--exclude-from={a}", f"--exclude-from={b}", "-n2", input=TEXT).out
        self.assertEqual(got, b"12\t1\nBirds\t1\n")

    def test_lists_that_are_none(self):
        got = self.wc("--only-from=nothing", input=b"a", cwd=self.work, status=1)
        self.assertIn(b"cannot read the list of words 'nothing': No such file", got.err)
        got = self.wc("--exclude-from", self.work, input=b"a", status=1)
        self.assertIn(b"Is a directory", got.err)
        for data, says in (
            (gzip.compress(b"a"), b"gzip -d"), (lzma.compress(b"a"), b"xz -d"),
            (bz2.compress(b"a"), b"bzip2 -d"), (b"\x28\xb5\x2f\xfd\x04\0", b"zstd -d"),
            (b"\x04\x22\x4d\x18\0", b"lz4 -d"), ("a".encode("utf-16"), b"iconv"),
        ):  # fmt: skip
            got = self.wc("--exclude-from", self.file("list", data), input=b"a", status=1)
            self.assertIn(says, got.err)
        for option in ("max-count", "min-length", "max-length"):
            for number in ("", "-1", "1x", "18446744073709551616"):
                got = self.wc(f"--{option}={number}", input=b"a", status=2)
                self.assertIn(f"is no number for --{option}".encode(), got.err)

    def test_a_list_from_standard_input(self):
        f = self.file("f", b"the cat and the dog\n")
        for option, words in ("exclude-from", b"cat\ndog\n"), ("only-from", b"and\nthe\n"):
            got = self.wc(f"--{option}=-", "--sort=word", "--format=keys", f, input=b"the\r\nand")
            self.assertEqual(got.out, words)
        names = self.file("names", f.encode() + b"\0-\0")
        for status, *inputs in ((2,), (2, "-"), (2, f, "-"), (2, "--files0-from=-"),
                                (1, "--files0-from", names)):  # fmt: skip
            got = self.wc("--exclude-from=-", *inputs, input=b"the", status=status)
            self.assertIn(b"an option reads standard input ('-'), which then is no input", got.err)
        got = self.wc("--exclude-from=-", f, input=gzip.compress(b"the"), status=1)
        self.assertIn(b"the list of words 'standard input' is gzip: inflate it first", got.err)
        got = self.wc("--exclude-from=-", "--only-from=-", f, input=b"the", status=2)
        self.assertIn(b"2 options are to read standard input ('-')", got.err)

    def test_standard_input_by_another_name_is_standard_input(self):
        f = self.file("f", b"the cat and the dog\n")
        for name in "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0":
            for words in ("-", name), (name, "-"), (name, name):
                got = self.wc(f"--exclude-from={words[0]}", f, words[1], input=b"the", status=2)
                self.assertIn(b"an option reads standard input ('-'), which then is no input", got.err)
            got = self.wc("--exclude-from=-", f"--only-from={name}", f, input=b"the", status=2)
            self.assertIn(b"2 options are to read standard input ('-')", got.err)
            got = self.wc("--files0-from=-", input=name.encode(), status=1)
            self.assertIn(f"names standard input ('{name}')".encode(), got.err)
            # A file can be read again.
            with open(f, "rb") as file:
                got = self.wc("--exclude-from=-", "--sort=word", name, input=file)
            self.assertEqual(got.out, b"and\t1\ncat\t1\ndog\t1\nthe\t2\n")
        got = self.wc("--exclude-from=-", "/dev/null")
        self.assertEqual(got.out, b"")

    def test_filters_come_before_top(self):
        self.both(b"Birds\t1\n", b"12 12 12 13 13 Birds", "--top=1 --drop-numeric")
        self.both(b"b\t2\n", b"a b b", "--top=1 --min-count=2 --reverse")

    def test_ignore_case(self):
        self.both(
            "straße\t3\nσίσυφοσ\t3\ni\t1\nİ\t1\nı\t1\n".encode(),
            "Straße STRAẞE straße Σίσυφος σίσυφοΣ σίσυφοσ I İ ı".encode(),
            "-i",
            "--ignore-case",
            "--ignore",
        )

    def test_drop_numeric(self):
        self.both(
            "-1\t1\n3.14\t1\n½x\t1\n".encode(),
            "12 ½ ² 四 Ⅷ 二十 ٣ -1 3.14 ½x".encode(),
            "--drop-numeric",
            "--drop",
        )

    def test_sort(self):
        self.both(b"a\t1\nb\t2\nc\t2\n", b"c c b b a", "--sort=word", "--sort word", "--sor=word")
        self.both(b"b\t2\nc\t2\na\t1\n", b"c c b b a", "--sort=count")
        self.both(b"c\t2\nb\t2\na\t1\n", b"c b c b a", "--sort=first", "--sort first")

    def test_reverse_is_the_exact_reverse(self):
        self.both(
            b"a\t1\nc\t2\nb\t2\n", b"c c b b a", "--reverse", "--rev", "--reverse --sort=count"
        )
        self.both(b"c\t2\nb\t2\na\t1\n", b"c c b b a", "--reverse --sort=word")
        self.both(b"a\t1\nc\t2\n", b"c c b b a", "--reverse -n2")

    def test_formats(self):
        data = b'a"b a"b a,c\n'
        self.both(b'a"b\t2\na,c\t1\n', data, "--format=tsv")
        self.both(b'"a""b",2\n"a,c",1\n', data, "--format=csv")
        self.both(
            b'{"word":"a\\"b","count":2}\n{"word":"a,c","count":1}\n',
            data,
            "--format=jsonl",
            "--format jsonl",
            "--form=jsonl",
        )
        self.both(b'a"b:2\na,c:1\n', data, "--format=colon")
        self.both(b'      2 a"b\n      1 a,c\n', data, "--format=uniq")
        self.both(b'a"b\na,c\n', data, "--format=keys")

    def test_uniq_format_with_a_wide_count(self):
        self.assertEqual(
            self.wc("--format=uniq", "-", input=b"a " * 12345678 + b"b").out,
            b"12345678 a\n      1 b\n",
        )

    def test_json_gives_every_word_back(self):
        data = b",".join(
            bytes([a, b])
            for a in range(256)
            for b in (0, 34, 92, 128, 169, 255)
            if a not in (10, 13, 44)
        )
        data += (
            b",\xed\xa0\x80,\xf4\x90\x80\x80,\xe2\x82,"
            + "é,四,\U0001f600,\x7f,\u2028,\ufeff,\U0010ffff".encode()
        )
        out = self.wc("-d,", "--format=jsonl", self.file("f", data)).out
        got = {}
        for line in out.split(b"\n")[:-1]:
            row = json.loads(line.decode("utf-8"))  # strictly: the line itself is valid UTF-8
            got[row["word"].encode("utf-8", "surrogateescape")] = row["count"]
        self.assertEqual(got, dict(reference.counts([("", data)], delimiter=b",")))

    def test_csv_can_be_read_back(self):
        data = b'a"b,x;"",say ""hi"", ,,"'
        rows = csv.reader(
            self.wc("-d;", "--format=csv", self.file("f", data)).out.decode().splitlines()
        )
        self.assertEqual(
            {word: int(count) for word, count in rows}, {'a"b,x': 1, '"",say ""hi"", ,,"': 1}
        )


class Arguments(Case):
    def test_options_after_and_between_files(self):
        a, b = self.file("a", b"x y"), self.file("b", b"x z")
        for line in (
            [a, "-n1", b],
            ["-n1", a, b],
            [a, b, "-n1"],
            [a, b, "-m2", "-r", "3", "-n", "1"],
            ["--top=1", a, "-m", "2", b],
        ):
            self.assertEqual(self.wc(*line).out, b"x\t2\n", line)

    def test_double_dash_ends_the_options(self):
        self.file("-n1", b"a b")
        self.file("--help", b"c")
        self.assertEqual(self.wc("--", "-n1", "--help", cwd=self.work).out, b"a\t1\nb\t1\nc\t1\n")
        self.assertEqual(self.wc("-n1", "--", "-n1", cwd=self.work).out, b"a\t1\n")

    def test_short_options_together(self):
        path = self.file("f", b"B,b,a\n")
        self.assertEqual(self.wc("-id,", path).out, b"b\t2\na\t1\n")
        self.assertEqual(self.wc("-in1", "-d", ",", path).out, b"b\t2\n")
        self.assertEqual(self.wc("-Rin1", "-m2", "-r3", "-S16M", "-d,", path).out, b"b\t2\n")

    def test_the_last_of_a_repeated_option_counts(self):
        self.assertEqual(
            self.wc("-n1", "-n2", "--format=csv", "--format=tsv", self.file("f", b"a b c")).out,
            b"a\t1\nb\t1\n",
        )

    def test_dash_and_nothing_are_standard_input(self):
        self.assertEqual(self.wc(input=b"a").out, b"a\t1\n")
        self.assertEqual(self.wc("-", input=b"a").out, b"a\t1\n")
        path = self.file("f", b"b")
        self.assertEqual(self.wc(path, "-", path, input=b"a").out, b"b\t2\na\t1\n")

    def test_standard_input_begins_where_it_stands(self):
        with open(self.file("f", b"header\na b\n"), "rb") as file:
            file.seek(7)
            os.lseek(file.fileno(), 7, os.SEEK_SET)
            self.assertEqual(self.wc(input=file).out, b"a\t1\nb\t1\n")

    def test_the_same_file_twice_counts_twice(self):
        path = self.file("f", b"a")
        self.assertEqual(self.wc(path, path).out, b"a\t2\n")

    def test_a_file_whose_size_reads_as_nothing(self):
        with open("/proc/filesystems", "rb") as file:
            self.same(self.wc("/proc/filesystems").out, reference.output([("", file.read())]))

    def test_a_named_pipe(self):
        path = self.path("pipe")
        os.mkfifo(path)
        feeder = subprocess.Popen(
            [sys.executable, "-c", f"open({path!r}, 'wb').write(b'a b a' * 50000)"]
        )
        self.addCleanup(feeder.wait)
        self.addCleanup(feeder.kill)
        self.assertEqual(self.wc(path).out, reference.output([("", b"a b a" * 50000)]))

    def test_a_name_of_any_bytes(self):
        name = b"sp ace\n\xff'\""
        with open(os.path.join(os.fsencode(self.work), name), "wb") as file:
            file.write(b"a")
        self.assertEqual(self.wc(name, cwd=self.work).out, b"a\t1\n")

    def refused(self, *ways, says=b""):
        path = self.file("f", TEXT)
        for way in ways:
            with self.subTest(way):
                got = self.wc(*(way.split(" ") if isinstance(way, str) else way), path, status=2)
                self.assertIn(says, got.err)

    def test_unknown_options(self):
        self.refused("--nonsense", "-Z", "-iZ", "--top-heavy=1")
        self.refused("--nonsense", says=b"nonsense")

    def test_ambiguous_abbreviations(self):
        self.refused("--s", "--m=2", says=b"ambiguous")

    def test_missing_and_unwanted_arguments(self):
        path = self.file("f", TEXT)
        for option in (
            "-m -r -d -n -o -O -S -T --top --delimiter --min-count --sort --format --output "
            "--output-dir --split-size --files0-from --max-attempts"
        ).split():
            with self.subTest(option):
                self.wc(path, option, status=2)
        self.refused(
            "--reverse=1", "--ignore-case=yes", "--compress=1", "--stats=1", "--drop-numeric=0"
        )

    def test_wrong_numbers(self):
        self.refused(
            *["-m 0", "-m 1025", "-m -1", "-m x", "-m 2x", "-m 1.5", "-m 99999999999999999999"],
            ["-m", ""],
        )
        self.refused("-r 4097", "-r -1", "-r x", "-r 4K", ["-r", ""])
        self.refused(
            *["-n -1", "-n x", "-n 1x", "--min-count=x", "--min-count=-1"],
            *["--max-attempts=0", "--max-attempts=x", ["-n", ""]],
            *["--skip-bad-records=x", "--skip-bad-records=-1", "--skip-bad-records=1001"],
        )
        self.refused("-m four", says=b"four")

    def test_wrong_choices(self):
        self.refused("--sort=size", "--sort=", "--format=xml", "--format=")
        self.refused("--sort=size", says=b"size")
        self.refused("--format=xml", says=b"xml")

    def test_wrong_sizes(self):
        self.refused(
            "-S x",
            "-S 32Q",
            "-S M",
            "-S -32M",
            "-S 32MM",
            ["-S", ""],
            "--split-size=0",
            "--split-size=x",
            "--split-size=50%",
            "--split-size=-1b",
        )

    def test_too_little_memory_names_the_least(self):
        self.refused("-S 15M", "-S 0", "-S 1b", "-S 16383K", "-S 16383", "-S 16777215b", says=b"16")

    def test_sizes_in_every_unit(self):
        path = self.file("f", b"a b a\n")
        for size in ("16M", "16384", "16384K", "16777216b", "1G", "25%", "1T"):
            self.assertEqual(self.wc("-S", size, path).out, b"a\t2\nb\t1\n", size)
        for size in ("1b", "1", "1K", "1M", "1G", "1T", "1P", "1E"):
            self.assertEqual(self.wc("--split-size", size, path).out, b"a\t2\nb\t1\n", size)

    def test_bounds_of_the_numbers_of_processes(self):
        path = self.file("f", b"a b a\n")
        for way in (["-m1", "-r1"], ["-m1024", "-r1"], ["-m1", "-r4096"], ["--max-attempts=1"],
                    ["--skip-bad-records=1000"]):
            self.assertEqual(self.wc(*way, path).out, b"a\t2\nb\t1\n", way)

    def test_a_wrong_size_says_which_units_there_are(self):
        self.refused("-S 3Q", says=b"a number and b, K, M, G, T, P, E or %\n")
        self.refused("--split-size 3%", says=b"a number and b, K, M, G, T, P or E\n")

    def test_output_file_and_directory_together(self):
        self.refused(["-o", self.path("x"), "-O", self.path("y")])
        self.assertEqual(os.listdir(self.work), ["f"])

    def test_list_of_files_beside_files(self):
        self.refused(["--files0-from", self.file("list", b"f")])


class Told(Case):
    """What it says of itself."""

    def test_help(self):
        text = self.wc("--help").out.decode()
        lines = text.splitlines()
        self.assertLessEqual(max(map(len, lines)), 80)
        self.assertLessEqual(len(lines), 24, "a screen")
        self.assertIn("xample", text)
        self.assertGreaterEqual(len(re.findall(r"^\s+.*\bwc-mr .*$", text, re.M)), 2, "examples")
        self.assertEqual(text, self.wc("--help", "nothing-by-this-name", "-n3").out.decode())
        self.assertEqual(text, self.wc("-h").out.decode())
        whole = self.wc("--help=all").out.decode().splitlines()
        self.assertLessEqual(max(map(len, whole)), 80)
        for line in lines[:-1]:
            self.assertIn(line, whole)

    def test_help_of_one_option(self):
        for asked, wanted in (("sort", ["--sort"]), ("--sort", ["--sort"]), ("-n", ["--top"]),
                              ("n", ["--top"]), ("delim", ["--delimiter"]), ("-V", ["--version"]),
                              ("skip", ["--skip-bad-records"]), ("PERCENT", ["--percent"]),
                              ("task", ["--task-timeout"]), ("mem", ["--memory"])):
            said = self.wc("--help=" + asked).out.decode()
            self.assertEqual(re.findall(r"(?m)^  .*?(--[a-z-]+)", said), wanted, asked)
        for asked, option in (("ship", "--ship="), ("--streaming-jar", "--streaming-jar="),
                              ("cluster-argument", "--cluster-argument=")):
            self.assertIn(option, self.wc("--help=" + asked).out.decode())
            self.assertIn(b"needs --cluster", self.wc(option + "x", status=2).err)
        for asked in ("mapper", "--combiner", "sort-by"):
            self.assertIn(b"wc-mr --job=programs --help=all", self.wc("--help=" + asked).out, asked)
        self.assertGreater(len(self.wc("--help=deflate").out.splitlines()), 1, "by a word")
        for asked in (b"tpo", b"zzz", b"", b"--", b"\x1b"):
            self.assertIn(b"there is no option", self.wc(b"--help=" + asked, status=2).err)

    def test_a_mistyped_option_says_which_is_near(self):
        for given, near in (("--tpo=3", "top"), ("--verbsoe", "verbose"), ("--min-cuont=2", "min-count"),
                            ("--ignorecase", "ignore-case"), ("--fromat=csv", "format"),
                            ("--stopwords=f", "exclude-from"), ("--separator=,", "delimiter"),
                            ("--limit=3", "top"), ("--eta", "progress"), ("--html=f", "report")):
            self.assertIn(f": is '--{near}' meant?".encode(), self.wc(given, status=2).err)
        for given in ("--zzzzzz", "--" + "memory" * 20, "---"):
            self.assertNotIn(b"meant", self.wc(given, status=2).err)

    def test_what_other_programs_and_jobs_call_an_option(self):
        for job, given, meant in (
            ("wordcount", "-t,", "--delimiter (-d)"), ("wordcount", "-F,", "--delimiter (-d)"),
            ("wordcount", "-k2", "--fields (-f)"), ("wordcount", "-20", "--top (-n)"),
            ("sum", "-d,", "--separator (-t)"), ("programs", "-d,", "--separator"),
            ("sort", "-F,", "--field-separator (-t)"), ("terms", "-d,", "--separator (-t)"),
            ("links", "-d,", "--separator (-t)"), ("terms", "-5", "--top"), ("sum", "-f2", "--key (-k)"),
        ):
            said = self.wc("--job=" + job, given, status=2).err
            self.assertIn(f"invalid option '{given[:2]}': is {meant} meant?".encode(), said)
        for job, given, meant in (("wordcount", "--lines", "delimiter"), ("wordcount", "--key=1", "fields"),
                                  ("wordcount", "--punctuation", "words"),
                                  ("sum", "--delimiter=,", "separator"), ("sum", "--fields=1", "key"),
                                  ("terms", "--columns=1", "key"),
                                  ("sort", "--delimiter=,", "field-separator"), ("sum", "--group-by=1", "key")):
            self.assertIn(f"is '--{meant}' meant?".encode(), self.wc("--job=" + job, given, status=2).err)

    def test_an_option_of_another_job_is_told_whose_it_is(self):
        for says, *arguments in (
            (b"invalid option '-i': the job 'wordcount' has it, and 'programs' does not", "-i", "--mapper=cat"),
            (b"'--quoted': the job 'wordcount' has it, and 'join' does not", "--job=join", "--quoted"),
            (b"invalid option '-u': the job 'sort' has it, and 'wordcount' does not", "-u"),
            (b"invalid option '-q'\n", "-q"), (b"unrecognized option '--qqqqqqq'\n", "--qqqqqqq"),
        ):
            self.assertIn(says, self.wc(*arguments, status=2).err)

    def test_a_file_without_a_name(self):
        options = "--output --output-dir --temp-dir --trace --report --work-dir --bad-records --files0-from"
        for option in options.split() + ["--exclude-from", "--only-from"]:
            said = self.wc(option + "=", status=2).err
            self.assertRegex(said, option.encode() + rb"( \(-.\))? needs a name, and was given an empty one\n")

    def test_help_names_every_option(self):
        text = self.wc("--help=all").out.decode()
        for option in (
            "-m -r -d --delimiter -n --top --min-count -i --ignore-case --drop-numeric --sort "
            "--reverse --format -o --output -O --output-dir -S -T --split-size --compress --stats "
            "-v -R --files0-from --help --version"
        ).split():
            with self.subTest(option):
                self.assertRegex(text, r"(?<![\w-])" + option + r"(?![\w-])")

    def test_long_names_in_help_are_understood(self):
        # Each is given a wrong argument or none: the answer must not be that there is no such
        # option.
        text = self.wc("--help=all").out.decode()
        names = sorted(
            set(re.findall(r"(?<![\w-])--[a-z][a-z0-9-]+", text)) - {"--help", "--version"}
        )
        self.assertGreater(len(names), 14)
        for name in names:
            with self.subTest(name):
                process = self.start(name)
                out, err = process.process.communicate(timeout=SOON)
                self.assertIsNone(process.left_behind())
                self.assertNotRegex(err, b"(unrecognized|unknown|ambiguous|invalid option)")

    def test_version(self):
        out = self.wc("--version").out
        lines = out.decode().splitlines()
        self.assertRegex(lines[0], r"^wc-mr \d+\.\d+\.\d+$")
        said = dict(line.split(None, 1) for line in lines[1:])
        self.assertRegex(said.pop("commit"), "^[0-9a-f]{12}(-dirty)?$|^none$")
        self.assertRegex(said.pop("kernel"), r"^\w+( \(or \w+\))*$")
        self.assertLessEqual({"zlib", "xxHash", "libunistring", "ICU"}, set(said))
        for library, version in said.items():
            self.assertRegex(version, r"^\d+\.\d+|^none$", library)

    def test_help_and_version_into_a_full_device(self):
        with open("/dev/full", "wb") as full:
            self.wc("--help", stdout=full, status=1)
            self.wc("--help=all", stdout=full, status=1)
            self.wc("--version", stdout=full, status=1)

    def test_stats(self):
        path = self.file("f", TEXT * 1000)
        for how in ([], ["-m", "3", "-r", "2", "--split-size=1K", "-n2"]):
            got = self.wc("--stats", *how, path, noisy=True)
            said = got.err.decode().lower()
            for word in (
                "bytes",
                "token",
                "distinct",
                "map",
                "reduce",
                "sort",
                "write",
                "shuffle",
                "peak",
                "mb/s",
            ):
                with self.subTest(word):
                    self.assertIn(word, said)
            plain = re.sub(r"(?<=\d)[,_ '](?=\d{3})", "", said)
            for number, what in (
                (len(TEXT) * 1000, "bytes"),
                (12000, "tokens"),
                (8, "distinct words"),
            ):
                with self.subTest(what):
                    self.assertRegex(plain, rf"(?<!\d){number}(?!\d)")
            self.assertEqual(got.out, reference.output([("", TEXT * 1000)], top=2 if how else None))

    def test_stats_of_nothing(self):
        got = self.wc("--stats", self.file("f"), noisy=True)
        self.assertEqual(got.out, b"")
        self.assertRegex(got.err, rb"peak memory +[1-9]")

    def test_verbose_tells_of_each_task(self):
        path = self.file("f", TEXT * 100)
        got = self.wc("-v", "-m2", "-r2", "--split-size=1K", path, noisy=True)
        self.assertEqual(got.out, reference.output([("", TEXT * 100)]))
        said = got.err.decode().lower()
        self.assertGreaterEqual(len(re.findall(r"^.*\bmap\b.*$", said, re.M)), 5)
        self.assertGreaterEqual(len(re.findall(r"^.*\breduce\b.*$", said, re.M)), 2)


class Trees(Case):
    """Directories and lists of files."""

    def setUp(self):
        super().setUp()
        for name, data in (
            ("d/a", b"a"),
            ("d/b.csv", b"b b,c"),
            ("d/_SUCCESS", b"hidden"),
            ("d/.hidden", b"hidden"),
            ("d/_x.csv", b"hidden"),
            ("d/sub/e", b"e"),
            ("d/sub/deep/f.tsv", b"f f\tg"),
            ("d/sub/.h", b"hidden"),
            ("d/.git/x", b"hidden"),
            ("d/_logs/x", b"hidden"),
            ("d/sub/x_y", b"x"),
        ):
            self.file(name, data)

    def test_directory_means_the_files_directly_in_it(self):
        self.assertEqual(self.wc(self.path("d")).out, b"a\t1\nb b\t1\nc\t1\n")
        self.assertEqual(
            self.wc(self.path("d") + "/", self.path("d/a")).out, b"a\t2\nb b\t1\nc\t1\n"
        )
        self.assertEqual(self.wc(".", cwd=self.path("d")).out, b"a\t1\nb b\t1\nc\t1\n")

    def test_all_below_a_directory(self):
        self.assertEqual(
            self.wc("-R", self.path("d")).out, b"a\t1\nb b\t1\nc\t1\ne\t1\nf f\t1\ng\t1\nx\t1\n"
        )
        self.assertEqual(self.wc("-R", self.path("d/a")).out, b"a\t1\n")

    def test_a_hidden_file_named_outright_is_read(self):
        self.assertEqual(
            self.wc(self.path("d/.hidden"), self.path("d/_SUCCESS")).out, b"hidden\t2\n"
        )
        self.assertEqual(self.wc(self.path("d/_logs")).out, b"hidden\t1\n")

    def test_an_empty_directory_is_no_input(self):
        os.mkdir(self.path("e"))
        self.assertEqual(self.wc(self.path("e"), noisy=True).out, b"")  # is warned of
        self.assertEqual(self.wc("-R", self.path("e"), "-m", "4", noisy=True).out, b"")

    def test_list_of_files_that_has_lines(self):
        for names in (b"a\nb\n", b"d/a\n", b"\n"):
            got = self.wc("--files0-from=-", input=names, status=1)
            self.assertIn(b"list of files '-' has lines, and no NUL: names in it end in NUL", got.err)
            self.assertIn(b"tr '\\n' '\\0'", got.err)
        self.file("new\nline", b"n")
        self.assertEqual(
            self.wc("--files0-from=-", input=b"new\nline", cwd=self.work).out, b"n\t1\n"
        )
        got = self.wc("--files0-from=-", input=b"a\nb\0", status=1)
        self.assertIn(b"cannot read 'a\\nb'", got.err)

    def test_list_of_files(self):
        names = [self.path("d/a"), self.path("d/b.csv"), self.path("d/a")]
        listed = self.file("list", b"\0".join(map(os.fsencode, names)) + b"\0")
        wanted = b"a\t2\nb b\t1\nc\t1\n"
        self.assertEqual(self.wc("--files0-from=" + listed).out, wanted)
        self.assertEqual(self.wc("--files0-from", listed, "-m2").out, wanted)
        self.assertEqual(
            self.wc("--files0-from=-", input=b"\0".join(map(os.fsencode, names))).out, wanted
        )
        self.file("d/new\nline", b"n")
        self.assertEqual(
            self.wc("--files0-from=-", input=b"d/new\nline\0", cwd=self.work).out, b"n\t1\n"
        )

    def test_list_of_files_with_a_missing_one(self):
        got = self.wc("--files0-from=-", input=b"d/a\0d/none", cwd=self.work, status=1)
        self.assertIn(b"d/none", got.err)
        self.assertIn(b"nolist", self.wc("--files0-from=nolist", cwd=self.work, status=1).err)


class Output(Case):
    def test_output_file(self):
        path = self.file("f", b"b a b")
        for way in (["-o", "out"], ["-oout"], ["--output=out"], ["--output", "out"]):
            self.assertEqual(self.wc(*way, path, cwd=self.work).out, b"")
            self.assertEqual(self.read("out"), b"b\t2\na\t1\n")
            self.assertEqual(sorted(os.listdir(self.work)), ["f", "out"])
            os.remove(self.path("out"))

    def test_output_file_replaces_one_by_renaming(self):
        path, out = self.file("f", b"b a b"), self.file("out", b"before")
        before = os.stat(out).st_ino
        with open(out, "rb") as held:
            self.wc("-o", out, path)
            self.assertEqual(held.read(), b"before", "whoever had it open still reads the old one")
        self.assertNotEqual(os.stat(out).st_ino, before)
        self.assertEqual(self.read("out"), b"b\t2\na\t1\n")

    def test_output_file_has_the_usual_mode(self):
        umask = os.umask(0o027)
        try:
            self.wc("-o", self.path("out"), self.file("f", b"a"))
        finally:
            os.umask(umask)
        self.assertEqual(stat.S_IMODE(os.stat(self.path("out")).st_mode), 0o640)

    def test_output_file_is_untouched_on_failure(self):
        packed = gzip.compress(b"x" + os.urandom(100000))
        bad = self.file("bad.gz", packed[:-5])
        out = self.file("out", b"before")
        self.wc("-o", out, self.file("f", b"a"), bad, status=1)
        self.wc("-o", out, self.path("none"), status=1)
        self.wc("-o", out, "-m0", bad, status=2)
        self.assertEqual(self.read("out"), b"before")
        self.wc("-o", self.path("new"), bad, status=1)
        self.assertEqual(sorted(os.listdir(self.work)), ["bad.gz", "f", "out"])

    def test_output_file_when_nothing_is_left_to_print(self):
        self.wc("-o", self.path("out"), "--min-count=2", self.file("f", b"a b"))
        self.assertEqual(self.read("out"), b"")

    def parts(self, directory):
        names = sorted(os.listdir(self.path(directory)))
        self.assertIn("_SUCCESS", names)
        names.remove("_SUCCESS")
        self.assertEqual(names, [f"part-r-{i:05}" for i in range(len(names))])
        return [self.read(f"{directory}/{name}") for name in names]

    TEXT = b"".join(b"%d" % (i * i % 1009) + (b"\n" if i % 7 else b" ") for i in range(5000))

    def test_output_directory(self):
        path = self.file("f", self.TEXT)
        wanted = reference.output([("", self.TEXT)])
        for way, number in ((["-O", "a"], 4), (["--output-dir=b"], 4), (["-Oc"], 4)):
            self.assertEqual(self.wc(*way, "-r", 4, path, cwd=self.work).out, b"")
            parts = self.parts(way[-1][-1])
            self.assertEqual(len(parts), number)
            self.assertGreater(sum(map(bool, parts)), 1, "the words are spread over the parts")
            lines = [line for part in parts for line in part.splitlines(True)]
            self.assertEqual(sorted(lines), sorted(wanted.splitlines(True)))
            for part in parts:
                mine = set(part.splitlines(True))
                self.assertEqual(
                    part,
                    b"".join(line for line in wanted.splitlines(True) if line in mine),
                    "sorted as the whole is",
                )

    def test_a_word_has_the_same_part_however_it_is_run(self):
        path = self.file("f", self.TEXT)
        kept = []
        for i, way in enumerate(
            (
                ["-m1"],
                ["-m5", "--split-size=100b"],
                ["-S", "16M", "--compress"],
                ["-m3", "--split-size=1K"],
            )
        ):
            self.wc("-O", self.path(f"o{i}"), "-r", 5, *way, path)
            kept.append(self.parts(f"o{i}"))
        self.wc("-O", self.path("o9"), "-r", 5, input=self.TEXT)
        kept.append(self.parts("o9"))
        for other in kept[1:]:
            self.assertEqual(other, kept[0])

    def test_output_directory_in_every_format_and_order(self):
        path = self.file("f", self.TEXT)
        for i, options in enumerate(
            (
                {"format": "jsonl"},
                {"format": "csv", "sort": "word"},
                {"format": "uniq", "reverse": True},
                {"format": "colon", "sort": "word", "reverse": True, "min_count": 4},
            )
        ):
            way = [
                f"--{name.replace('_', '-')}" + ("" if value is True else f"={value}")
                for name, value in options.items()
            ]
            self.wc("-O", self.path(f"o{i}"), "-r", 3, *way, path)
            wanted = reference.output([("", self.TEXT)], **options).splitlines(True)
            parts = self.parts(f"o{i}")
            self.assertEqual(sorted(b"".join(parts).splitlines(True)), sorted(wanted))
            for part in parts:
                mine = set(part.splitlines(True))
                self.assertEqual(part, b"".join(line for line in wanted if line in mine))

    def test_output_directory_holds_the_first_of_all_only(self):
        path = self.file("f", self.TEXT)
        for top in (0, 1, 10, 300):
            self.wc("-O", self.path(f"o{top}"), "-r", 4, "-n", top, path)
            parts = self.parts(f"o{top}")
            self.assertEqual(len(parts), 4)
            self.assertEqual(
                sorted(b"".join(parts).splitlines()),
                sorted(reference.output([("", self.TEXT)], top=top).splitlines()),
            )

    def test_parts_that_are_in_order_are_the_output_one_after_the_other(self):
        path = self.file("f", b"".join(b"%d\n" % (i * 7919 % 300007) for i in range(300000)))
        for i, way in enumerate(
            (
                ["-r4"],
                ["-r3", "--sort=word", "--format=csv", "-S16M", "--compress"],
                ["-r5", "--reverse", "--split-size=100K", "--work-dir", self.path("work")],
                ["-r2", "-n1000"],
                ["-r0"],
                ["--job=sort", "--reducers=3"],
                ["--job=sort", "--reducers=4", "-nr", "-k1,1"],
                ["--job=index", "-r3"],
            )
        ):
            work = ("--work-dir", self.path("work"))
            with self.subTest(way):
                wanted = self.wc(*way[:1], "-m2", *(w for w in way[1:] if w not in work), path).out
                self.wc(*way[:1], "-m3", "-O", self.path(f"o{i}"), *way[1:],
                        *["--ordered-parts"] * ("sort" not in way[0]), path)
                parts = self.parts(f"o{i}")
                self.assertEqual(b"".join(parts), wanted)
                if way[0] in ("-r4", "-r3", "-r5", "--job=sort"):
                    self.assertEqual(len(parts), int(way["--job" in way[0]][-1]))
                    self.assertLess(max(map(len, parts)), 3 * len(wanted) / len(parts))

    def test_output_directory_of_empty_input_and_of_one_word(self):
        self.wc("-O", self.path("a"), "-r", 3, self.file("f"))
        self.assertEqual(self.parts("a"), [b"", b"", b""])
        self.wc("-O", self.path("b"), "-r", 3, input=b"word")
        self.assertEqual(sorted(self.parts("b")), [b"", b"", b"word\t1\n"])
        self.wc("-O", self.path("c"), "-r", 3, "--ordered-parts", input=b"word")
        self.assertEqual(self.parts("c"), [b"word\t1\n", b"", b""])
        self.wc("-O", self.path("d"), "-r", 2, "--ordered-parts", self.file("f"))
        self.assertEqual(self.parts("d"), [b"", b""])

    def test_output_directory_can_be_counted_again(self):
        self.wc("-O", self.path("a"), "-r", 3, self.file("f", b"x y x"))
        self.assertEqual(self.wc(self.path("a")).out, b"1\t1\n2\t1\nx\t1\ny\t1\n")

    def test_an_existing_output_directory_is_refused(self):
        os.mkdir(self.path("there"))
        # Before any work: it does not wait for the input's end.
        reading, writing = os.pipe()
        try:
            got = self.wc("-O", self.path("there"), stdin=reading, status=1, timeout=SOON)
        finally:
            os.close(reading)
            os.close(writing)
        self.assertIn(b"there", got.err)
        self.assertEqual(os.listdir(self.path("there")), [])
        self.file("plain", b"x")
        self.assertIn(
            b"plain", self.wc("-O", self.path("plain"), self.file("f", b"a"), status=1).err
        )
        self.assertEqual(self.read("plain"), b"x")

    def test_output_directory_is_absent_after_a_failure(self):
        bad = self.file("bad.gz", gzip.compress(b"x" + os.urandom(300000))[:-5])
        self.wc("-O", self.path("new"), bad, status=1)
        self.wc("-O", self.path("new"), self.path("none"), status=1)
        self.assertEqual(os.listdir(self.work), ["bad.gz"])
        self.wc("-O", self.path("no/where"), self.file("f", b"a"), status=1)
        self.assertEqual(sorted(os.listdir(self.work)), ["bad.gz", "f"])


class Places(Case):
    """Where the shuffle is kept. The input is larger than the memory, so that it must be kept
    somewhere."""

    def fed(self, arguments, watched, other=None):
        """Feeds many distinct words until something appears in the watched directory; gives what is
        seen there."""
        running = self.start(
            "-S", "16M", *arguments, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
        )
        seen = {}
        for i in range(60):
            running.process.stdin.write(
                b"".join(b"%d-%d-%d\n" % (i, j, j * 7919) for j in range(50000))
            )
            for name in os.listdir(watched):
                seen[name] = os.stat(os.path.join(watched, name))
            self.assertFalse(other and os.listdir(other))
            if seen:
                break
        running.process.stdin.close()
        err = running.process.stderr.read()
        self.assertEqual((running.process.wait(), err), (0, b""))
        self.assertIsNone(running.left_behind())
        self.assertEqual(os.listdir(watched), [])
        self.assertTrue(seen, "nothing was ever kept there")
        return seen

    def test_shuffle_is_kept_in_a_private_directory(self):
        for about in self.fed([], self.temporary).values():
            self.assertEqual(stat.S_IMODE(about.st_mode), 0o700)
            self.assertTrue(stat.S_ISDIR(about.st_mode))

    def test_chosen_temporary_directory(self):
        place = self.path("place")
        os.mkdir(place)
        self.fed(["-T", place], place, self.temporary)

    def test_compression_makes_the_shuffle_smaller(self):
        data = b"".join(b"/usr/share/documents/common/%08d\n" % i for i in range(300000))
        path = self.file("f", data)
        sizes = []
        for how in ([], ["--compress"]):
            said = (
                self.wc("-S", "16M", "--stats", *how, path, noisy=True, stdout=subprocess.DEVNULL)
                .err.decode()
                .lower()
            )
            line = next(line for line in said.splitlines() if "shuffle" in line)
            number, unit = re.search(
                r"(\d[\d,.]*)\s*([kmg]?)i?b", re.sub(r"(?<=\d),(?=\d{3})", "", line)
            ).groups()
            sizes.append(float(number) * {"": 1, "k": 1e3, "m": 1e6, "g": 1e9}[unit])
        self.assertLess(sizes[1], sizes[0] / 2)


class NoReducers(Case):
    """-r 0: what is found, in the order of the input."""

    def test_words_in_their_order(self):
        words = [b"w%d" % (i * i % 977) for i in range(20000)] + [b"x" * 70000, b"end"]
        data = b" ".join(words)
        want = b"".join(word + b"\t1\n" for word in words)
        path, out = self.file("f", data), self.path("out")
        for options in ([], ["--split-size=9999b"], ["-m", 3, "-S16M", "--compress"]):
            self.assertEqual(self.wc("-r0", *options, path).out, want)
            self.assertEqual(self.wc("-r0", *options, input=data).out, want)
            self.wc("-r", 0, *options, "-o", out, path)
            self.assertEqual(self.read(out), want)
            got = self.wc("--reducers=0", *options, "--chaos=4,40", path, path)
            self.assertEqual(got.out, want + want)
            got = self.wc("-r0", *options, "-n", 12345, path)
            self.assertEqual(got.out, b"".join(w + b"\t1\n" for w in words[:12345]))
            for top in ([], ["-n", 15000]):
                self.wc("-r0", *options, *top, "-O", self.path("dir"), path)
                parts = sorted(os.listdir(self.path("dir")))
                joined = b"".join(self.read(self.path("dir/" + part)) for part in parts)
                lines = words[: top[1]] if top else words
                self.assertEqual(joined, b"".join(word + b"\t1\n" for word in lines))
                shutil.rmtree(self.path("dir"))

    def test_what_is_left_out_is_told_of(self):
        got = self.wc("-r0", "--drop-numeric", self.file("f", b"b 1 a 1"), noisy=True)
        self.assertEqual(got.out, b"b\t1\n1\t1\na\t1\n1\t1\n")
        self.assertIn(b"warning: without reducers (-r 0) what the job 'wordcount' does", got.err)
        got = self.wc("-r0", "-i", "--format=uniq", self.file("f", b"B a b"))
        self.assertEqual(got.out, b"      1 b\n      1 a\n      1 b\n")

    def test_splits_that_are_too_small_are_told_of(self):
        running = self.start("--split-size=2b", self.file("f", b"b " * 500000))
        self.assertEqual(running.process.stderr.readline(),
                         b"wc-mr: warning: there are 500000 map tasks of up to 2 bytes, and to begin one "
                         b"takes longer: give larger ones, of 64K at least (--split-size)\n")
        send(running.pid, signal.SIGTERM)
        self.assertEqual(running.process.wait(SOON), -signal.SIGTERM)
        self.assertIsNone(running.left_behind())


if __name__ == "__main__":
    unittest.main()
