"""Compressed files: each coding by its first bytes, in any number of members, and every kind of damage
an error that names the file and the place."""

import bz2
import functools
import gzip
import lzma
import os
import random
import re
import shutil
import subprocess
import unittest

import bgzf
import reference
from support import DISTINCT, MB, SOON, Case, large

TEXT = b"the cat and the dog, and then the end of it all\n" * 4
WORDS = b"".join(b"%x-%d word\n" % (i * 2654435761 % 7919, i % 700) for i in range(3000))
SKIPPED = bytes.fromhex("532a4d1805000000") + b"x y z"


def by(*command):
    """What a program compresses to."""

    def pack(data):
        if shutil.which(command[0]) is None:
            raise unittest.SkipTest(f"{command[0]} is not installed")
        return subprocess.run(command, input=data, capture_output=True, check=True).stdout

    return pack


# As fast as can be, with the dictionary that is usual.
FAST = {"id": lzma.FILTER_LZMA1, "preset": 0, "dict_size": 8 << 20}
FAST2 = {**FAST, "id": lzma.FILTER_LZMA2}

# Each coding: its name in messages, how it is made, the end of its files' names, whether there may be
# more than one member, what decodes it.
CODINGS = [
    ("gzip", gzip.compress, ".gz", True, "zcat"),
    ("zstd", by("zstd", "-qc"), ".zst", True, "zstdcat"),
    ("zstd", by("zstd", "-qc", "--no-check", "--long=23"), ".zst", True, "zstdcat"),
    ("xz", lambda data: lzma.compress(data, filters=[FAST2]), ".xz", True, "xzcat"),
    ("lzma", lambda data: lzma.compress(data, lzma.FORMAT_ALONE, filters=[FAST]), ".lzma", False,
     "xzcat"),
    ("bzip2", bz2.compress, ".bz2", True, "bzcat"),
    ("lz4", by("lz4", "-qc"), ".lz4", True, "lz4 -dc"),
    ("lz4", by("lz4", "-qc", "-B4", "-BD", "--no-frame-crc", "-BX"), ".lz4", True, "lz4 -dc"),
]


def rle(window, count, byte=b" "):
    """A zstd frame of count blocks of 128 KB of a byte, which asks for a window of 2^window bytes."""
    block, last = ((128 << 10) << 3 | 1 << 1), 1
    each = [(block | (last if i == count - 1 else 0)).to_bytes(3, "little") + byte
            for i in range(count)]
    return b"\x28\xb5\x2f\xfd" + bytes([0, (window - 10) << 3]) + b"".join(each)


def for_each_coding(test):
    """Runs a test for each coding that the program was built with; without, it is refused by name."""

    @functools.wraps(test)
    def run(self):
        for coding in CODINGS:
            with self.subTest(coding[0]):
                if self.decodes(coding):
                    test(self, *coding)

    return run


class Compressed(Case):
    def any_end(self, *arguments, input=b""):
        """Its status and output, whatever they are."""
        process = self.start(*arguments, stdin=subprocess.PIPE).process
        out, err = process.communicate(input, timeout=SOON)
        return process.returncode, out, err

    def decodes(self, coding):
        name, pack, _, _, command = coding
        status, out, err = self.any_end(input=pack(b"a"))
        if status == 0:
            return True
        self.assertRegex(err, rb"is an? %s file; what makes it readable: %s \| wc-mr" %
                         (name.encode(), command.encode()))
        return False

    def fails(self, name, says, data, *options):
        """It is refused with the file's name, what is wrong and where, from a file and a pipe."""
        got = self.wc(*options, self.file("bad", data), status=1)
        self.assertIn(b"'" + self.path("bad").encode() + b"': " + says, got.err)
        self.assertRegex(got.err, rb" at byte \d+ of the [a-z0-9 ]*" + name.encode())
        piped = self.wc(*options, input=data, status=1)
        self.assertIn(b"'standard input': " + says, piped.err)
        self.assertEqual(piped.err.partition(b"': ")[2], got.err.partition(b"': ")[2])
        return int(re.search(rb" at byte (\d+) of", got.err).group(1))

    @for_each_coding
    def test_one_file_several_members_and_standard_input(self, name, pack, end, several, command):
        wanted = reference.output([("", WORDS)])
        packed = pack(WORDS)
        path = self.file("f" + end, packed)
        for how in [], ["--split-size=1b", "-m", 3], ["-S", "16M", "-m", 2, "--force-bytes"]:
            self.assertEqual(self.wc(*how, path).out, wanted, how)
        self.assertEqual(self.wc(input=packed).out, wanted)
        self.assertEqual(self.wc(self.file("no-name", packed)).out, wanted)
        with open(self.file("later", b"skipped" + packed), "rb") as file:
            os.lseek(file.fileno(), 7, os.SEEK_SET)
            self.assertEqual(self.wc(input=file).out, wanted)
        self.assertEqual(self.wc(self.file("empty", pack(b""))).out, b"")
        self.assertEqual(
            self.wc(self.file("t.Csv" + end.upper(), pack(b"a b,c\n"))).out, b"a b\t1\nc\t1\n"
        )
        if several:
            cuts = [0, 0, 1, 100, 5000, 5001, len(WORDS), len(WORDS)]
            members = b"".join(pack(WORDS[a:b]) for a, b in zip(cuts, cuts[1:]))
            self.assertEqual(self.wc(input=members).out, wanted)
            self.assertEqual(self.wc(self.file("m", members), "-m", 2).out, wanted)

    def test_many_files_of_all_kinds(self):
        contents, files = [("plain", TEXT)], [self.file("d/plain", TEXT)]
        for coding in filter(self.decodes, CODINGS):
            contents.append(("", WORDS))
            files.append(self.file(f"d/{len(files)}/f", coding[1](WORDS)))
        for how in ["-m", 1], ["-m", 3, "--split-size=2K"], ["-m", 2, "--compress", "-r", 3]:
            self.assertEqual(self.wc(*how, *files).out, reference.output(contents))
            self.assertEqual(self.wc(*how, "-R", self.path("d")).out, reference.output(contents))
        stats = self.wc("--stats", *files, noisy=True).err.decode()
        size = sum(len(data) for _, data in contents)
        self.assertRegex(stats.replace(",", ""), rf"(?m)^input .*\b{size}\b", "bytes, decompressed")

    @for_each_coding
    def test_offsets_are_those_of_the_text(self, name, pack, end, several, command):
        path = self.file("f" + end, pack(b"x yy\nx"))
        self.assertEqual(self.wc("--job=index", path).out, b"x\t%s:0,%s:5\nyy\t%s:2\n"
                         .replace(b"%s", path.encode()).replace(b",", self.between(path)))

    def between(self, path):
        got = self.wc("--job=index", self.file("plain", b"x x")).out
        plain = self.path("plain").encode()
        return got.partition(plain + b":0")[2].partition(plain)[0]

    @for_each_coding
    def test_cut_short_anywhere(self, name, pack, end, several, command):
        packed = pack(TEXT)
        for length in [16, 23, *range(30, len(packed) - 1, 40), len(packed) - 1]:
            place = self.fails(name, b"the data is cut short", packed[:length])
            self.assertEqual(place, length)
        if several:
            for length in [1, 9, len(packed) - 1]:
                self.fails(name, b"the data is cut short", packed + packed[:length])

    @for_each_coding
    def test_cut_short_far_in(self, name, pack, end, several, command):
        packed = pack(DISTINCT[:500000])
        for length in len(packed) // 2, len(packed) - 1:
            place = self.fails(name, b"the data is cut short", packed[:length], "-S", "16M")
            self.assertEqual(place, length)

    @for_each_coding
    def test_what_stands_behind_it(self, name, pack, end, several, command):
        other = bz2.compress(TEXT), gzip.compress(TEXT)
        packed = pack(TEXT)
        says = b"there is something other than %s data" % name.encode()
        for more in b"x", b"garbage " * 3000, b"\0x", b"\0" * 4 + b"x", other[name == "bzip2"]:
            place = self.fails(name, says, packed + more)
            self.assertEqual(place - len(packed), more.count(b"\0") * (more[0] == 0) *
                             (name in ("gzip", "xz")), more[:9])
        wanted = reference.output([("", TEXT)])
        for zeros in 1, 4, 100000:
            data = packed + bytes(zeros)
            if name == "gzip" or (name == "xz" and zeros % 4 == 0):
                self.assertEqual(self.wc(input=data).out, wanted)
            else:
                self.fails(name, says, data)
        if name == "xz":  # has padding between streams, too
            self.assertEqual(self.wc(input=packed + bytes(8) + packed).out,
                             reference.output([("", TEXT * 2)]))

    @for_each_coding
    def test_one_wrong_byte_gives_no_other_words(self, name, pack, end, several, command):
        rng = random.Random(1)
        wanted = reference.output([("", TEXT)])
        packed, wrong = pack(TEXT), 0
        if name == "lzma" or pack is CODINGS[2][1]:  # has no checksum
            return
        for at in rng.sample(range(10, len(packed)), 10):
            data = packed[:at] + bytes([packed[at] ^ 1 << rng.randrange(8)]) + packed[at + 1 :]
            status, out, err = self.any_end(self.file("bad", data))
            wrong += status != 0
            self.assertTrue(out == wanted if status == 0 else b"/bad'" in err, (at, data, out))
        self.assertGreater(wrong, 5)

    @for_each_coding
    def test_a_name_whose_bytes_are_none_of_it(self, name, pack, end, several, command):
        packed = pack(TEXT)
        damaged = self.file("damaged" + end.upper(), b"xx" + packed[2:])
        said = self.wc(damaged, status=1).err
        self.assertRegex(said, rb"damaged%s': by its name it is an? %s file, but .* --force-bytes"
                         .replace(b" --", b"--") % (end.upper().encode(), name.encode()))
        self.wc("--force-bytes", damaged)
        self.wc(self.file("damaged", b"xx" + packed[2:]), noisy=True)
        for size in range(1, 20):
            self.wc(self.file("cut" + end, packed[:size]), status=1)
        # What was decompressed on its way here has kept its name.
        self.check({"text" + end: TEXT + b"\xe9\x1b[1m \x1f \x1a"})
        none = self.file("none" + end, b"")
        for how in [], ["--encoding=utf-16"]:
            said = self.wc(*how, none, status=1).err
            self.assertRegex(said, rb"none%s': by its name it is an? %s file, but it is empty" %
                             (end.encode(), name.encode()))
        self.assertEqual(self.wc("--force-bytes", none).out, b"")
        self.same(self.wc(self.file("wide" + end, "\ufeffä a".encode("utf-16-le"))).out,
                  "a\t1\nä\t1\n".encode())

    @for_each_coding
    def test_frames_to_be_skipped(self, name, pack, end, several, command):
        if name not in ("zstd", "lz4"):
            self.fails(name, b"there is something other", pack(TEXT) + SKIPPED)
            return
        wanted = reference.output([("", TEXT * 2)])
        data = SKIPPED * 2 + pack(TEXT) + SKIPPED + pack(TEXT) + SKIPPED
        self.assertEqual(self.wc(input=data).out, wanted)
        self.assertEqual(self.wc(self.file("f", data), "--split-size=1b").out, wanted)
        self.fails(name, b"the data is cut short", data[:-1])
        self.fails("zstd or lz4", b"the data is cut short", SKIPPED[:-1])
        self.assertEqual(self.wc(input=SKIPPED).out, b"")

    @for_each_coding
    def test_compressed_twice_is_refused_with_the_commands(self, name, pack, end, several, command):
        path = self.file("twice" + end, pack(pack(TEXT)))
        said = self.wc(path, status=1).err.decode()
        self.assertIn(f"it is {name}, and holds {name} once more; what makes it readable: "
                      f"{command} '{path}' | {command} | wc-mr", said)
        said = self.wc(input=pack(b"PK\3\4"), status=1).err.decode()
        self.assertIn(f"is {name}, and holds a zip archive; what makes it readable: "
                      f"{command} | funzip | wc-mr", said)

    @for_each_coding
    @large
    def test_large_and_decoded_ahead(self, name, pack, end, several, command):
        # More than 1 MB, compressed: as bytes that are no hexadecimal digits are.
        data = b" ".join(re.findall(b".{1000}", random.Random(3).randbytes(1200000), re.S))
        packed, wanted = pack(data), reference.output([("", data)])
        path = self.file("f", packed)
        self.assertGreater(len(packed), 1 << 20)
        self.assertTrue(self.wc("-S", "16M", "--chaos=1,40", path).out == wanted)
        place = self.fails(name, b"the data is cut short", packed[:-1])
        self.assertEqual(place, len(packed) - 1)

    @for_each_coding
    @large
    def test_memory(self, name, pack, end, several, command):
        packed = pack(DISTINCT)
        wanted = b"".join(line + b"\t1\n" for line in sorted(DISTINCT.split(b"\n")[:-1]))
        got = self.wc("-S", "24M", "-m", 1, self.file("f", packed), budget=24 * MB)
        self.assertEqual(got.out, wanted)

    def test_what_says_where_its_members_are_is_cut_there(self):
        frames = [("gzip", lambda data: bgzf.compress(data, 3000), b"\x1f\x8b\x08\x04", 12)]
        if self.decodes(CODINGS[1]):
            parts = lambda data: [data[at : at + 3000] for at in range(0, len(data), 3000)]
            frames.append(("zstd", lambda data: SKIPPED.join(map(self.sized, parts(data))),
                           b"\x28\xb5\x2f\xfd", 6))
        for name, pack, head, inside in frames:
            for data, options in (WORDS, []), (reference.BOM + TEXT * 50, ["-d,", "--ngrams=2"]):
                packed, plain = self.file("f", pack(data)), self.file("plain", data)
                wanted = self.wc(*options, plain).out
                for how in ["-m", 1], ["--split-size=1b", "-m", 2], ["--split-size=1K", "-r", 3]:
                    self.assertEqual(self.wc(*options, *how, packed).out, wanted, how)
                said = self.wc("--dry-run", "--split-size=1b", packed).out
                self.assertGreater(int(re.search(rb"map +(\d+) tasks", said).group(1)), 3)
            data = pack(WORDS)
            last = data.rindex(head, 0, data.rindex(head))
            for bad in (data[:last + 30] + bytes([data[last + 30] ^ 255]) + data[last + 31:],
                        data[:last] + head[:-1] + b"?" + data[last + 4:],
                        data[:last + inside], data + b"x"):
                for how in [], ["--split-size=1b"]:
                    got = self.wc(*how, self.file("bad", bad), status=1).err
                    self.assertRegex(got, rb"/bad': .* at byte \d+ of the %s file" % name.encode())

    def test_blocks_of_xz_are_read_by_several_mappers(self):
        if not re.search(rb"(?m)^xz +(5\.[4-9]|[6-9])", self.wc("--version").out):
            return  # without the library, or by one that does not find them
        data = reference.BOM + WORDS
        blocks = by("xz", "-0c", "--block-size=5000", "-T2")(data)
        more = bytes(8) + b"".join(by("xz", "-0c", "-C", check)(TEXT) for check in ("none", "crc32"))
        packed = self.file("f.xz", blocks + more)
        wanted = reference.output([("", data + TEXT * 2)])
        for how in ["-m", 1], ["--split-size=1b", "-m", 2], ["--split-size=2K", "-S", "16M"]:
            self.assertEqual(self.wc(*how, packed).out, wanted, how)
        place = "--job=index", self.file("g", data + TEXT * 2)
        wanted = self.wc(*place, status=0).out.replace(b"/g:", b"/f.xz:")
        self.assertEqual(self.wc(*place[:1], "--split-size=1b", packed).out, wanted)
        said = self.wc("--dry-run", "--split-size=1b", packed).out
        self.assertGreater(int(re.search(rb"map +(\d+) tasks", said).group(1)), 3)
        for at in 30, len(blocks) // 2, len(blocks) - 20:
            bad = bytearray(blocks)
            bad[at] ^= 1
            once, cut = (self.wc(how, self.file("bad", bad), status=1).err
                         for how in ("--split-size=1G", "--split-size=1b"))
            self.assertEqual(once, cut)
            self.assertRegex(cut, rb"/bad': .* at byte \d+ of the xz file")

    def test_one_of_bgzip_without_its_empty_last_member_is_cut_short(self):
        data = bgzf.compress(WORDS, 3000)
        at = [match.start() for match in re.finditer(rb"\x1f\x8b\x08\x04", data)]
        for end in at[1], at[len(at) // 2], at[-1]:
            for how in [], ["--split-size=1b"]:
                got = self.wc(*how, self.file("bad", data[:end]), status=1).err
                self.assertIn(b"/bad': the data is cut short at byte %d of the gzip file" % end, got)
        wanted = self.wc(input=WORDS + b"x\n").out
        self.assertEqual(self.wc(self.file("f", data[:at[-1]] + gzip.compress(b"x\n"))).out, wanted)
        self.assertEqual(self.wc(self.file("f", data + bgzf.compress(b"x\n"))).out, wanted)

    def sized(self, data):
        """A zstd frame that says how much it holds, as it does of a file."""
        return by("zstd", "-qc", self.file("part", data))(b"")

    def test_a_window_that_is_too_large_is_refused_when_it_is_used(self):
        if not self.decodes(CODINGS[1]):
            return
        # 1 GB of blanks, and a word, by 32 KB of zstd.
        bomb = rle(17, 8192) + rle(17, 1, b"x")
        got = self.wc("-S", "32M", "-m", 1, "--format=jsonl", input=bomb, budget=32 * MB)
        self.assertEqual(len(got.out), len('{"word":"","count":1}\n') + (128 << 10))
        # Little text takes little memory.
        small = rle(31, 3, b"\n")
        self.assertEqual(self.wc("-S", "32M", input=small, budget=32 * MB).out, b"")
        large = rle(31, 8192)
        for how in [self.file("large", large)], ["-m", 1, self.path("large")], ["-"]:
            got = self.wc("-S", "32M", *how, input=large, budget=48 * MB, status=1)
            self.assertRegex(got.err, rb"to decompress it takes \d{4} MB of memory, and a mapper has "
                                      rb"\d+ MB for that: give more \(--memory\), or fewer mappers")


if __name__ == "__main__":
    unittest.main()
