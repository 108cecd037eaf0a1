"""Inputs made to break a word counter, each test named after the one it has. SLOW=1 adds the
largest."""

import gzip
import hashlib
import itertools
import os
import random
import subprocess
import time
import unicodedata
import unittest

import reference
from support import CHECKING, HOSTILE, MB, Case, large

SLOW = os.environ.get("SLOW") == "1"
SIXTEEN = 16 * MB


class Small(Case):
    def test_empty_input(self):
        self.check({"f": b""})
        self.check({"f": b"", "g.csv": b""})
        self.check({}, input=b"")
        self.check({"f": b""}, "-m", 8, "-r", 8, "--split-size=1b")
        self.assertEqual(self.wc(self.file("e.gz", gzip.compress(b""))).out, b"")

    def test_one_byte(self):
        for byte in range(256):
            data = bytes([byte])
            if byte in (0, 9, 10, 13, 32, 44, 65, 127, 128, 255) or byte % 16 == 15:
                self.check({"f": data})
                self.check({"f": data}, delimiter=b",")

    def test_no_last_newline(self):
        self.check({"f": b"one two\nthree"})
        self.check({"f": b"one,two\nthree"}, delimiter=b",")
        self.check({"f": b"one,two\nthree,"}, delimiter=b",")
        self.check({"a": b"one", "b": b"two", "c": b"one\n"}, "--split-size=1b")

    def test_only_separators(self):
        for data in (
            b"\n",
            b" \t\n\v\f\r" * 1000,
            b",",
            b"," * 5000,
            b"\n" * 5000,
            b"\r\n" * 3000,
            b"\r" * 5000,
            b",\n" * 999,
        ):
            for split in ("1M", "64b"):
                self.check({"f": data}, f"--split-size={split}")
                self.check({"f": data}, f"--split-size={split}", delimiter=b",")

    def test_nuls(self):
        self.check({"f": b"\0"})
        self.check({"f": b"\0\0 \0 a\0 a a\0b a\0c \0\0\0 \0\0\n"})
        self.check({"f": b"a\0,a\0\0,a,\0\n,\0"}, delimiter=b",")
        self.check({"f": b"a\0b\0\0c\n\0"}, delimiter=b"\0")
        self.check({"f": b"\0" * 100000 + b" " + b"\0" * 99999}, "-S", "16M")

    def test_all_256_bytes(self):
        every = bytes(range(256))
        pairs = b" ".join(bytes(p) for p in itertools.product(range(0, 256, 3), repeat=2))
        for how in ([], ["--split-size=7b"]):
            for form in reference.FORMATS:
                self.check({"f": every}, *how, format=form)
                self.check({"f": every}, *how, format=form, delimiter=b",")
                self.check(
                    {"f": b" ".join(every[i : i + 1] for i in range(256))}, *how, format=form
                )
        self.check({"f": pairs})
        self.check({"f": pairs}, delimiter=b"\xff", format="jsonl")

    def test_every_byte_as_the_delimiter(self):
        data = bytes(range(256)) * 2 + b"a,b\r\nc\td \n\r" * 3
        for byte in range(256):
            if byte not in (0, 92):  # those two only as escapes, which other tests have
                self.check({"f": data}, "-m", 1, "-r", 1, delimiter=bytes([byte]))

    def test_order_is_by_unsigned_bytes_and_a_beginning_comes_first(self):
        words = [
            b"a",
            b"a\0",
            b"a\0\0",
            b"a\x01",
            b"aa",
            b"ab",
            b"b",
            b"\x80",
            b"\x7f",
            b"\xff",
            b"\xff\xff",
            b"A",
            b"~",
            b"abcdefgh",
            b"abcdefghi",
            b"abcdefgh\0",
            b"abcdefgh\xff",
            b"abcdefg\xff",
            b"abcdefghabcdefgh\0",
            b"abcdefghabcdefgh",
            b"abcdefghabcdefgi",
            "é".encode(),
            "z".encode(),
            "一".encode(),
        ]
        random.Random(1).shuffle(words)
        self.assertEqual(
            self.wc(self.file("f", b"\n".join(words))).out,
            b"".join(word + b"\t1\n" for word in sorted(words)),
        )
        self.check({"f": b"\n".join(words)}, reverse=True)
        self.check({"f": b"\n".join(words + words[:9])}, sort="word", reverse=True)

    def test_tokens_of_every_length_from_1_to_300(self):
        rng = random.Random(2)
        made = []
        for length in range(1, 301):
            token = bytes(rng.choices(range(33, 256), k=length))
            made += [token] * (length % 3 + 1) + [
                token[:-1] + b"!",
                b"!" + token[1:],
                token[: length // 2] + b"!" + token[length // 2 + 1 :],
            ]
        rng.shuffle(made)
        for how in ([], ["-S", "16M", "--split-size=1000b"], ["--compress"]):
            self.check({"f": b" ".join(made)}, *how)
            self.check({"f": b"\n".join(made)}, *how, delimiter=b",")
        for shift in range(1, 64, 3):  # the same at every place relative to wide registers
            self.check({"f": b"x" * shift + b" " + b" ".join(made[:200])}, "-m", 1, "-r", 1)

    def test_tokens_of_lengths_around_the_powers_of_two_up_to_70000(self):
        made = []
        for size in (1000, 1024, 2048, 4096, 8192, 16384, 32768, 65536, 70000):
            for length in range(size - 2, size + 3):
                made += [b"q" * length, b"q" * (length - 1) + b"r", b"q" * length]
        made += [b"s" * length for length in range(1000, 70000, 3333)]
        random.Random(3).shuffle(made)
        self.check({"f": b"\n".join(made)}, "-S", "16M")
        self.check({"f": b" ".join(made)}, "--split-size=4096b", "-m", 3, "-r", 5, "--compress")
        self.check({"f": b"\n".join(made)}, "-S", "16M", delimiter=b",", reverse=True)

    def test_files_of_every_length_up_to_130_without_a_newline(self):
        # One file each, so that each one's end is a file's end.
        self.check({f"f{n}": b"w" * n for n in range(131)})
        for n in (15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 129, 4095, 4096, 4097):
            self.check({"f": b"w" * n}, "-m", 1)
            self.check({"f": b"w " * (n // 2)}, "-m", 1)

    def test_byte_order_mark(self):
        bom = reference.BOM
        for data in (
            bom,
            bom + b"\n",
            bom + b" ",
            bom + b"a",
            bom + b"a a " + bom + b"a",
            bom + bom + b"a",
            b" " + bom + b"a",
            bom[:2],
            bom[:1],
            bom[:2] + b"a",
            bom + b"\r\n",
            bom + b",",
            b"a" + bom,
        ):
            for how in ([], ["--split-size=1b", "-m", 3], ["--split-size=2b"]):
                self.check({"f": data}, *how)
                self.check({"f": data}, *how, delimiter=b",")
            self.check({}, input=data)
            self.assertEqual(
                self.wc(self.file("f.gz", gzip.compress(data))).out, reference.output([("", data)])
            )
        self.check({"a": bom + b"x", "b": bom + b"x", "c": b"x"})

    def test_invalid_utf_8(self):
        bad = [
            b"\x80",
            b"\xbf",
            b"\xc0\x80",
            b"\xc1\xbf",
            b"\xc3",
            b"\xc3(",
            b"\xe0\x80\x80",
            b"\xe2\x82",
            b"\xe2\x82A",
            b"\xed\xa0\x80",
            b"\xed\xbf\xbf",
            b"\xf0\x80\x80\x80",
            b"\xf0\x9f\x98",
            b"\xf4\x90\x80\x80",
            b"\xf5",
            b"\xfe",
            b"\xff",
            b"\xc3\xa9\xc3",
            b"\xffA\xc3\x89",
            b"\xf8\x88\x80\x80\x80",
        ]
        for options in ({}, {"ignore_case": True}, {"drop_numeric": True}, {"format": "jsonl"}):
            self.check(
                {
                    "f": b" ".join(
                        bad + [b + b"1" for b in bad] + [b"1" + b for b in bad] + bad[::2]
                    )
                },
                **options,
            )

    def test_folding_of_every_character(self):
        # Characters that Unicode had in version 3.2 are the same for every Python. Three got a
        # folding only lately.
        text = "\n".join(
            c
            for c in map(chr, range(33, 0x110000))
            if unicodedata.ucd_3_2_0.category(c) not in ("Cn", "Cs", "Co")
            and c not in "\u1fd3\u1fe3\ufb05"
            and not "\u3400" <= c <= "\u9fff"
            and not "\U00020000" <= c <= "\U0002ffff"
        )
        self.check({"f": text.encode()}, ignore_case=True)

    def test_numeric_value_of_every_character(self):
        text = "\n".join(
            c
            for c in map(chr, range(33, 0x110000))
            if unicodedata.ucd_3_2_0.category(c) not in ("Cn", "Cs", "Co")
            and not "\u3400" <= c <= "\u9fff"
            and not "\U00020000" <= c <= "\U0002ffff"
        )
        # Of the ideographs only those whose value no version of Unicode has changed.
        text += "\n" + "\n".join("零一二三四五六七八九十百千万億兆壱弐参拾人山水語字" + "〇㈠㊀㆒")
        self.check({"f": text.encode()}, drop_numeric=True)
        mixed = "12 1.5 -1 ½ ½x ²² 四十二 Ⅷ 1Ⅷ² ٣٤ 1e3 0x1 1_000 ½. ００ ".encode()
        self.check({"f": mixed + b"1\xff \xff1 1\0 \xed\xa0\x80"}, drop_numeric=True)
        self.check({"f": b"1,,2,a\n,\n"}, delimiter=b",", drop_numeric=True)


class Lines(Case):
    NASTY = [
        b"a,b\r\nc\r\rd,\r\n\r\n,e\n\rf\r,\n\n,,\r\ng\r\r\nh,\r",
        b"\r\n\r\n\r\r\n\n\r,\r,\n,\r\n,,\r\r\r\n\n\n\r\n\r\n\r",
        b"\xef\xbb\xbf\r\nab,cd\r\n\r\nef\r\n,\r\nwords,and,more\r\n",
        b"long-enough-to-span-a-few-splits,\rb\r\nc",
    ]

    def test_crlf(self):
        self.check({"f.csv": b"a,b\r\nb,c\r\n"})
        self.check({"f": b"a b\r\nb c\r\n"})

    def test_every_split_size_up_to_16_bytes(self):
        for data in self.NASTY:
            for size in range(1, 17):
                self.check({"f": data}, f"--split-size={size}b", delimiter=b",")
            for size in (1, 2, 3, 5, 8):
                self.check({"f": data}, f"--split-size={size}b")

    def test_carriage_return_at_every_place_in_a_split(self):
        for shift in range(8):
            for tail in (b"\r\nb,c\r\r\n,d", b"\rb\r\n\rc"):
                for size in (2, 3, 4, 8):
                    self.check(
                        {"f": b"a" * shift + tail}, f"--split-size={size}b", "-m", 2, delimiter=b","
                    )

    def test_carriage_return_at_the_ends_of_blocks(self):
        # Readers work in blocks, most often of a power of two: put the two bytes of a line's end on
        # both sides.
        for size in (4096, 16384, 65536, 262144, 1 << 20):
            for tail in (b"\r\nb", b"\r\r\nb", b"\rb", b"\n\rb", b"\r"):
                data = b"".join(b"a" * (size - 1 - at) + tail for at in (0, 1, len(tail) * 2))
                self.check({"f": data}, "-m", 1, delimiter=b",")
                self.check({}, input=data, delimiter=b",")
            data = b"a" * (size - 1) + b"\r\nb,\r"
            self.check({"f": data}, "--split-size=64K", delimiter=b",")
            self.same(
                self.wc("-d,", self.file("f.gz", gzip.compress(data))).out,
                reference.output([("", data)], delimiter=b","),
            )

    def test_all_short_strings_of_a_comma_and_line_ends_inside_a_file(self):
        # Each string stands between lines of its own; its word is its own too, so that a wrong one
        # shows.
        made = []
        for length in range(7):
            for i, letters in enumerate(itertools.product(b"a,\r\n", repeat=length)):
                made.append(bytes(letters).replace(b"a", b"%d-%d" % (length, i)) + b"\n")
        data = b"".join(made)
        for size in (257, 1031, 1 << 20):
            self.check({"f": data}, f"--split-size={size}b", delimiter=b",")

    @large
    def test_all_short_strings_of_a_comma_and_line_ends_as_files(self):
        less = 1 if CHECKING else 0
        for longest, sizes in ((4 - less, ("1b", "2b")), (5 - less, ("3b", "1M"))):
            files = {}
            for length in range(longest + 1):
                for i, letters in enumerate(itertools.product(b"a,\r\n", repeat=length)):
                    data = bytes(letters).replace(b"a", b"%d-%d" % (length, i))
                    files[f"{longest}/{length}-{i}"] = data
                    self.file(f"{longest}/{length}-{i}", data)
            wanted = reference.output(list(files.items()), delimiter=b",")
            for size in sizes:
                got = self.wc("-d,", f"--split-size={size}", self.path(f"{longest}"))
                self.same(got.out, wanted, size)

    def test_some_short_strings_each_in_a_run_of_its_own(self):
        strings = [bytes(s) for s in itertools.product(b"a,\r\n", repeat=3)]
        strings += [
            bytes(s)
            for s in random.Random(4).sample(list(itertools.product(b"a,\r\n", repeat=6)), 100)
        ]
        for i, data in enumerate(strings):
            self.check({"f": data}, f"--split-size={i % 4 + 1}b", "-m", i % 3 + 1, delimiter=b",")


@large
class Many(Case):
    def test_ten_thousand_files_in_a_directory(self):
        files = {f"d/{i:05}": b"word%d common\nlast" % (i % 100) for i in range(10000)}
        os.mkdir(self.path("d"))
        for name, data in files.items():
            with open(self.path(name), "wb") as file:
                file.write(data)
        wanted = reference.output(list(files.items()))
        self.same(self.wc("-S", "16M", self.path("d"), budget=SIXTEEN).out, wanted)
        names = "\0".join(self.path(name) for name in files).encode()
        self.same(self.wc("-m", 3, "--files0-from=-", input=names).out, wanted)

    def test_more_processes_than_splits(self):
        self.check({"f": b"a b c a b\n"}, "-m", 64, "-r", 64)
        self.check({"f": b"a"}, "-m", 64, "-r", 64, "-S", "16M")
        self.check({}, "-m", 64, "-r", 64, input=b"a b c a b\n")

    def test_more_processes_than_memory_for_them(self):
        data = b"".join(b"%d\n" % (i * 7919) for i in range(300000))
        self.check({"f": data}, "-m", 64, "-r", 64, "-S", "16M", budget=SIXTEEN)

    def test_300_partitions(self):
        data = b" ".join(b"%d" % (i % 5000) for i in range(20000))
        self.check({"f": data}, "-r", 300)
        self.check({"f": data}, "-r", 300, "-S", "16M", "--compress", "--split-size=10K")
        self.check({"f": b"a b"}, "-r", 300 if CHECKING else 4096)

    def test_thousands_of_tiny_splits(self):
        data = b"some words, of which some come again\r\n" * (20 if CHECKING else 120)
        self.check({"f": data}, "--split-size=1b", "-m", 2, "-r", 2)
        self.check({"f": data}, "--split-size=2b", "-m", 2, "-r", 2, delimiter=b",")

    def test_one_word_many_times(self):
        self.check({"f": b"word " * 2000000}, "-S", "16M", budget=SIXTEEN)


@large
class Made(Case):
    """Words made against the hashes, tables and sorts. Where one of them can be crowded, a run takes
    minutes that otherwise takes less than a second; unit tests count the steps."""

    LIMIT = 60

    def made(self, kind, count, *size):
        """The path of a file of such words, and what becomes of them."""
        words = subprocess.run(
            [HOSTILE, kind, str(count), *map(str, size)], stdout=subprocess.PIPE, check=True
        ).stdout
        self.assertEqual(words.count(b"\n"), count)
        return self.file(kind, words), reference.output([("f", words)])

    def check_made(self, kind, count, *size):
        path, wanted = self.made(kind, count, *size)
        for memory in ([], ["-S", "16M"]):
            got = self.wc("-m", 2, "-r", 2, *memory, path, timeout=self.LIMIT)
            self.same(got.out, wanted, kind)

    def test_words_that_begin_with_what_was_a_constant_of_the_hash(self):
        self.check_made("half", 300000)

    def test_words_of_one_hash(self):
        self.check_made("one-hash", 300000)

    def test_words_of_one_bucket(self):
        self.check_made("one-bucket", 300000)

    def test_words_of_hashes_that_end_alike(self):
        self.check_made("low-bits", 300000)

    def test_long_words_of_one_hash(self):
        self.check_made("long-one-hash", 300000)

    def test_large_words_of_one_hash(self):
        self.check_made("large-one-hash", 10000, 5000)

    def test_a_few_words_of_one_hash_again_and_again(self):
        self.check_made("few-short", 1000000)
        self.check_made("few-long", 1000000)

    def test_long_words_that_are_new_whenever_the_table_looks(self):
        self.check_made("phases", 600000, 20)

    def test_words_alike_but_for_their_ends(self):
        self.check_made("alike", 100000, 200)
        self.check_made("alike", 5000, 5000)

    def test_words_each_like_all_before_for_one_byte_more(self):
        self.check_made("stairs", 100000, 200)
        self.check_made("stairs", 5000, 5000)


@large
class Large(Case):
    """Memory is watched from outside while these run."""

    def long_token(self, size):
        """A file with one token of so many bytes, nearly all of it a hole, and the digest of the
        line it makes."""
        path = self.path("long")
        hashed = hashlib.sha256()
        marks = {0: b"begin", size // 2: b"middle", size - 3: b"end"}
        with open(path, "wb") as file:
            file.truncate(size)
            for at, mark in marks.items():
                file.seek(at)
                file.write(mark)
        with open(path, "rb") as file:
            for piece in iter(lambda: file.read(MB), b""):
                hashed.update(piece)
        hashed.update(b"\t1\n")
        return path, hashed.hexdigest()

    def one_long_token(self, size, *arguments):
        path, wanted = self.long_token(size)
        got = self.wc("-S", "16M", *arguments, path, digest=True, budget=SIXTEEN, timeout=600)
        self.assertEqual((got.length, got.sha256), (size + 3, wanted))

    def test_many_parts_on_disk_side_by_side(self):
        with open(self.path("f"), "wb") as file:
            file.writelines(b"%d\n" % (i * 7919) for i in range(1500000))
        how = ["-S", "16M", "-r", 256, "-n", 1499999, "-O", self.path("parts")]
        self.wc(*how, self.path("f"), budget=SIXTEEN)
        lines = 0
        for name in os.listdir(self.path("parts")):
            with open(self.path(f"parts/{name}"), "rb") as file:
                lines += sum(1 for _ in file)
        self.assertEqual(lines, 1499999)

    def test_a_token_of_100_mb(self):
        self.one_long_token(100 * MB)

    @unittest.skipUnless(SLOW, "SLOW=1 runs it")
    def test_a_token_of_1_gb(self):
        self.one_long_token(1024 * MB)

    @unittest.skipUnless(SLOW, "SLOW=1 runs it")
    def test_a_token_of_1_gb_in_small_splits_with_compression(self):
        self.one_long_token(1024 * MB, "--split-size=1M", "-m", "4", "-r", "3", "--compress")

    def test_a_token_of_64_mb_from_standard_input(self):
        piece = bytes(range(33, 256)) * 4702
        number = 64 * MB // len(piece)
        hashed = hashlib.sha256()
        for _ in range(number):
            hashed.update(piece)
        hashed.update(b"\t1\n")
        got = self.wc(
            "-S", "16M", input=(piece for _ in range(number)), digest=True, budget=SIXTEEN
        )
        self.assertEqual((got.length, got.sha256), (number * len(piece) + 3, hashed.hexdigest()))

    def test_long_tokens_that_differ_only_in_their_last_byte(self):
        # Longer than memory, so that telling them apart and putting them in order both need the
        # disk.
        size = 20 * MB
        with open(self.path("f"), "wb") as file:
            for last in b"babcab":
                file.write(b"x" * (size - 1) + bytes([last]) + b"\n")
        got = self.wc("-S", "16M", "-m", 2, self.path("f"), digest=True, budget=SIXTEEN)
        hashed = hashlib.sha256()
        for last, count in ((b"b", 3), (b"a", 2), (b"c", 1)):
            hashed.update(b"x" * (size - 1) + last + b"\t%d\n" % count)
        self.assertEqual((got.length, got.sha256), (3 * size + 9, hashed.hexdigest()))

    def test_folding_and_testing_a_long_token_for_a_numeric_one(self):
        size = 20 * MB
        with open(self.path("f"), "wb") as file:
            file.write(
                b"A" * size + b" " + "É".encode() * (size // 2) + b"\xc3 " + b"7" * size + b" 7x"
            )
        hashed = hashlib.sha256(
            b"7x\t1\n" + b"a" * size + b"\t1\n" + "é".encode() * (size // 2) + b"\xc3\t1\n"
        )
        got = self.wc(
            "-S", "16M", "-i", "--drop-numeric", self.path("f"), digest=True, budget=SIXTEEN
        )
        self.assertEqual(got.length, 2 * size + 1 + 3 * 3 + 2)
        self.assertEqual(got.sha256, hashed.hexdigest())

    def distinct(self, number):
        return b"".join(
            b"/home/someone/%x/%d\n" % (i * 2654435761 % (1 << 32), i) for i in range(number)
        )

    def test_distinct_words_beyond_memory_from_a_file_and_from_standard_input(self):
        data = self.distinct(700000)
        wanted = b"".join(line + b"\t1\n" for line in sorted(data.split(b"\n")[:-1]))
        path = self.file("f", data)
        for how in (
            ["-m", 2, "-r", 2],
            ["-m", 8, "-r", 8, "--compress"],
            ["-m", 1, "-r", 1, "--split-size=100K"],
        ):
            self.same(self.wc("-S", "16M", *how, path, budget=SIXTEEN).out, wanted, how)
        self.same(self.wc("-S", "16M", input=data, budget=SIXTEEN).out, wanted)
        packed = self.file("g", gzip.compress(data, 1))
        self.same(self.wc("-S", "16M", packed, budget=SIXTEEN).out, wanted)

    def test_temporary_files_are_a_few_times_the_input_at_most(self):
        # Partitions that are cut again and again must not keep every earlier cut.
        path = self.file("f", self.distinct(2000000))
        most = 0
        for _ in range(100):
            running = self.start("-S", "16M", "-m", 8, "-r", 8, "-o", self.path("out"), path)
            while running.process.poll() is None:
                most = max(most, self.on_disk())
                time.sleep(0.01)
            self.assertEqual((running.process.returncode, running.process.stderr.read()), (0, b""))
            self.assertIsNone(running.left_behind())
            if most > 0:
                break  # else it was done before it was looked at
        self.assertGreater(most, 0)
        self.assertLess(most, 4 * os.path.getsize(path))

    def on_disk(self):
        """Bytes of temporary files."""
        now = 0
        for place, _, names in os.walk(self.temporary):
            for name in names:
                try:
                    now += os.stat(os.path.join(place, name)).st_blocks * 512
                except FileNotFoundError:
                    pass
        return now

    def test_top_of_many_distinct_words_in_little_memory(self):
        data = self.distinct(700000) + b"often often seldom often seldom\n"
        path = self.file("f", data)
        self.assertEqual(
            self.wc("-S", "16M", "-n", 2, path, budget=SIXTEEN).out, b"often\t3\nseldom\t2\n"
        )
        words = sorted(data.split(b"\n")[:-2], reverse=True)[:1000]
        self.same(
            self.wc("-S", "16M", "--reverse", "-n", 1000, path, budget=SIXTEEN).out,
            b"".join(word + b"\t1\n" for word in words),
        )


if __name__ == "__main__":
    unittest.main()
