"""--counted: lists as --format writes them, read back and added up, against the plain reference."""

import collections
import gzip
import os
import random
import unittest

import reference
from support import Case, how, options_of

ROUNDS = int(os.environ.get("ROUNDS", 12))
SEED = int(os.environ.get("SEED", random.randrange(1 << 30)))
FORMATS = sorted(reference.COUNTED)
LINED = ("tsv", "uniq")  # which cannot hold a word with an LF
PIECES = [
    *(bytes([byte]) for byte in b'",\\\t\r\n {}:/u0\0\x1f\x7f'),
    *(c.encode() for c in "aAbé½中\U0001f600\u2028\ufeff"),
    *(b"\xff", b"\xc3", b"\x80", b"\xed\xa0\x80", b'""', b'",1', b'","count":1}', b"\\udc80"),
]


def a_word(draw, format):
    kind = draw.randint(0, 5)
    if kind == 0:
        word = draw.randbytes(draw.randint(0, 20))
    elif kind == 1:
        word = draw.choice([b"k", b"K", b"12", b"x\t3"]) * draw.choice([1, 2, 700])
    elif kind == 2:
        word = b"w%d" % draw.randint(0, 300)
    else:
        word = b"".join(draw.choices(PIECES, k=draw.randint(0, 6)))
    return word.replace(b"\n", b"") if format in LINED else word


def a_count(draw):
    return draw.choice([1, draw.randint(1, 20), 9999999, 10000000, draw.randint(1, 1 << 40)])


def written(counts, format):
    return b"".join(reference.FORMATS[format](word, count, b"") for word, count in counts)


def a_list(draw, format, size):
    """A list as it may be, of words in any order, some of them several times. What it begins with
    is not what another kind of file begins with."""
    words = [(a_word(draw, format), a_count(draw) >> draw.choice([0, 30])) for _ in range(size)]
    return written([(b"first", 1)] * bool(size) + [(w, c) for w, c in words if c], format)


class Counted(Case):
    def counted(self, format, data, *options, **more):
        return self.wc(f"--counted={format}", *options, self.file("list", data), **more).out

    def refused(self, format, data, *said, status=1):
        err = self.wc(f"--counted={format}", self.file("list", data), status=status).err
        for words in said:
            self.assertIn(words, err)

    def test_the_same_as_the_reference_in_any_way_of_running(self):
        self.drawn = True
        for i in range(ROUNDS):
            draw = random.Random(SEED + i)
            format = FORMATS[i % len(FORMATS)]
            lists = [a_list(draw, format, draw.choice([0, 1, 30, 300]))
                     for _ in range(draw.randint(1, 3))]
            lists[-1] = lists[-1].removesuffix(b"\n") if draw.random() < 0.5 else lists[-1]
            header = draw.random() < 0.3
            if header:
                lists = [draw.choice([b"word,count\n", b"\n", b"w\r\n"]) + data for data in lists]
            contents = [(f"{n}{draw.choice(['', '.csv', '.tsv'])}", data)
                        for n, data in enumerate(lists)]
            options = {"counted": format, **({"header": True} if header else {})}
            for name, value in (("ignore_case", True), ("drop_numeric", True),
                                ("sort", draw.choice(["word", "first"])), ("reverse", True), ("top", 7), ("min_count", 1000),
                                ("max_length", 4), ("percent", True), ("others", True),
                                ("format", draw.choice(FORMATS))):
                if draw.random() < 0.25:
                    options[name] = value
            with self.subTest(f"SEED={SEED + i} {options}"):
                paths = [self.file(name, gzip.compress(data) if draw.random() < 0.3 else data)
                         for name, data in contents]
                got = self.wc(*options_of(options), *how(draw), *paths)
                self.same(got.out, reference.output(contents, **options))

    def test_what_is_written_and_read_is_written_the_same(self):
        draw = random.Random(SEED)
        for format in FORMATS:
            counts = {a_word(draw, format): a_count(draw) for _ in range(2000)}
            counts.update({bytes([byte]): 3 for byte in range(256)} if format not in LINED else {})
            counts[b"first"] = (1 << 64) - 1
            counts = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
            data = written(counts, format)
            with self.subTest(f"SEED={SEED} {format}"):
                self.same(self.counted(format, data, f"--format={format}"), data)
                self.same(self.counted(format, data, f"--format={format}", "-m2",
                                       f"--split-size={len(data) // 50}b", "-S16M"), data)
                other = draw.choice(["csv", "jsonl"])
                self.same(self.counted(format, data, f"--format={other}"), written(counts, other))

    def test_of_two_runs_what_one_run_says(self):
        a, b = b'a,"x\ny",b\na,,\n', b'b,"say ""a"""\n\xff,a\n'
        a, b = self.file("a.csv", a * 5), self.file("b.csv", b * 3)
        for options in ([], ["--quoted"]):
            form = [f"--format={'jsonl' if options else 'tsv'}"]
            one = self.wc(*options, *form, a, b).out
            for format in FORMATS if not options else ["csv", "jsonl"]:
                with self.subTest(f"{options} {format}"):
                    for name, path in (("l", a), ("m", b)):
                        self.wc(*options, f"--format={format}", "-o", self.path(name), path)
                    lists = [self.path(name) for name in "lm"]
                    self.same(self.wc(f"--counted={format}", *form, *lists).out, one)

    def test_tsv_is_usual_and_no_name_says_otherwise(self):
        path = self.file("list.csv", b"a,b\t2\nc d\t3\na,b\t5")
        self.assertEqual(self.wc("--counted", path).out, b"a,b\t7\nc d\t3\n")
        self.assertEqual(self.wc("--counted=tsv", input=b"a\t1\na\t2\n").out, b"a\t3\n")

    def test_lists_of_uniq(self):
        one = self.file("1", b"     13 hospital\n      8 search\n")
        two = self.file("2", b"130 hospital\n   2 idea\n")
        self.assertEqual(self.wc("--counted=uniq", one, two).out,
                         b"hospital\t143\nsearch\t8\nidea\t2\n")

    def test_lines_that_end_with_cr_lf(self):
        draw = random.Random(SEED)
        for format in FORMATS:
            counts = {a_word(draw, format).replace(b"\n", b""): i + 1 for i in range(300)}
            if format == "uniq":  # in which the CR belongs to the word
                self.assertEqual(self.counted(format, b"1 a\r\n2 a\n"), b"a\t2\na\r\t1\n")
                continue
            data = written([(b"first", 400), *counts.items()], format)
            with self.subTest(f"SEED={SEED} {format}"):
                wanted = self.counted(format, data, "--format=jsonl")
                data = data.replace(b"\n", b"\r\n")
                for text in data, data.removesuffix(b"\r\n"):
                    self.same(self.counted(format, text, "--format=jsonl", "-m2",
                                           "--split-size=100b"), wanted)
        self.assertEqual(self.counted("csv", b'"x\r\ny",3\r\n"x\r\ny",4\r\n', "--format=jsonl"),
                         b'{"word":"x\\r\\ny","count":7}\n')

    def test_a_first_line_of_names(self):
        for format, header, line in (("tsv", b"word\tcount\n", b"a\t1\n"),
                                     ("csv", b"word,count\r\n", b"a,1\r\n"),
                                     ("csv", b'"the\nword","n"\n', b"a,1\n"),
                                     ("uniq", b"count word\n", b"      1 a\n"),
                                     ("jsonl", b"word, count\n", b'{"word":"a","count":1}\n')):
            with self.subTest(f"{format} {header}"):
                paths = [self.file("1", header + line * 3), self.file("2", b"\n" + line),
                         self.file("3", b"\xef\xbb\xbf" + header), self.file("4", b"")]
                for way in ([], ["-m2", "--split-size=1b"]):
                    got = self.wc(f"--counted={format}", "--header", *way, *paths)
                    self.assertEqual(got.out, b"a\t4\n")
                got = self.wc(f"--counted={format}", "--header", input=header + line)
                self.assertEqual(got.out, b"a\t1\n")
                self.refused(format, header + line, b"at byte 0,", b"--header that the first line")
        self.assertEqual(self.counted("csv", b"w,c", "--header"), b"")
        self.assertIn(b"--mapper cannot go together", self.wc(
            "--job=wordcount", "--mapper=cat", "--header", status=2).err)

    def test_words_that_become_one_by_case_and_what_is_kept(self):
        data = b"THE\t5\nthe\t7\nof\t11\n42\t99\n"
        self.assertEqual(self.counted("tsv", data, "-i", "--drop-numeric", "-n1"), b"the\t12\n")
        self.assertEqual(self.counted("tsv", data, "--min-count=6", "--sort=word", "--others"),
                         b"42\t99\nof\t11\nthe\t7\n(others)\t5\n")
        self.assertEqual(self.counted("tsv", b"a\t3\nb\t1\n", "--percent"),
                         b"a\t3\t75.00\nb\t1\t25.00\n")

    def test_a_directory_compressed_and_standard_input(self):
        self.file("dir/below/x", b"a\t1\n")
        self.file("dir/y", gzip.compress(b"a\t2\n"))
        got = self.wc("--counted", "-R", self.path("dir"), "-", input=b"\xef\xbb\xbfa\t4\n")
        self.assertEqual(got.out, b"a\t7\n")

    def test_lists_of_other_programs_are_told_a_way(self):
        self.refused("csv", b'"a","3"\n', b"at byte 0,", b"--job=sum adds up the numbers of any table")
        self.refused("jsonl", b'{"word": "a", "count": 3}\n', b"at byte 0,",
                     b"jq -r '[.word, .count] | @csv' makes csv of other JSON")

    def test_what_is_no_line_is_told_with_its_place(self):
        for format, line in (("tsv", b"two words"), ("tsv", b""), ("tsv", b"a\t0"),
                             ("tsv", b"a\t1\r\r"), ("tsv", b"a\t1\t50.00"), ("uniq", b"a 1"),
                             ("csv", b"a"), ("csv", b"a,\r"), ("csv", b'"a"b,1'), ("csv", b"a\rb,1"),
                             ("csv", b"word,count"), ("tsv", b"\r"), ("jsonl", b'{"word": "a", "count": 1}'),
                             ("jsonl", b'{"word":"\\u00e9","count":1}'), ("jsonl", b"[]")):
            with self.subTest(f"{format} {line}"):
                good = written([(b"good", 12)], format)
                self.refused(format, good * 3 + line + b"\n" + good, b"list'", b"--format=%s"
                             % format.encode(), b"at byte %d," % (3 * len(good)))

    def test_more_than_64_bits(self):
        most = (1 << 64) - 1
        for format in FORMATS:
            with self.subTest(format):
                self.assertEqual(self.counted(format, written([(b"a", most)], format)),
                                 b"a\t%d\n" % most)
                self.refused(format, written([(b"a", 1), (b"a", most + 1)], format), b"list'",
                             b"larger than 64 bits", b"at byte")
                self.refused(format, written([(b"a", most), (b"a", 1)], format), b"'a'", b"64 bits")

    def test_a_quote_that_is_not_closed(self):
        self.refused("csv", b'a,1\n"b,1\nc,2\n', b"list'", b"line 2", b"not closed")

    def test_long_words(self):
        for format in FORMATS:
            word = (b'"\\\xff,' if format not in LINED else b"\xff\t x") * 100000
            data = written([(word, 5), (b"a", 2)], format)
            self.same(self.counted(format, data * 2, f"--format={format}", "--split-size=100K"),
                      written([(word, 10), (b"a", 4)], format), format)

    def test_more_words_than_memory(self):
        counts = collections.Counter({b"%x,%d" % (i * 2654435761, i): i % 7 + 1
                                      for i in range(40000)})
        data = written(counts.items(), "csv")
        wanted = written(sorted((w, 2 * c) for w, c in counts.items()), "tsv")
        self.same(self.counted("csv", data * 2, "-S16M", "-m2", "--sort=word"), wanted)

    def test_options_that_cannot_go_together(self):
        for option in ("-d,", "-d", "-f1", "--words=letters", "--words=white", "--quoted",
                       "-z", "--match=x"):
            self.says(option, b"--counted cannot go together", "--counted", *option.split(" "),
                      *[""] * (option == "-d"))
        for format in ("", "colon", "lines", "TSV", "csv,"):
            self.says(format, b"choices of --counted: tsv, uniq, csv, jsonl", f"--counted={format}")

    def says(self, about, words, *arguments):
        with self.subTest(about):
            self.assertIn(words, self.wc(*arguments, "no-file", status=2).err)

    def test_it_is_a_part_of_what_a_run_is_resumed_by(self):
        path, kept = self.file("list", b"1 a\t1\n"), ["--work-dir", self.path("kept")]
        self.wc("--counted=csv", path, *kept, status=1)  # there is no such line in it
        self.assertIn(b"--counted", self.wc("--counted", path, *kept, "--resume", status=1).err)
        self.wc("--counted=csv", path, *kept, "--resume", status=1)


if __name__ == "__main__":
    unittest.main()
