"""Fields of tables: by number, as cut, awk and a plain loop have them."""

import csv
import io
import json
import os
import random
import subprocess
import unittest

from support import CHECKING, Case, how, large

BOM = b"\xef\xbb\xbf"
SHORT = b"lines with too few fields"


def spans(chosen):
    """The numbers of a LIST as pairs, the last one None where it is the line's end."""
    for item in chosen.split(","):
        first, dash, last = item.partition("-")
        yield int(first or 1), int(last) if last else None if dash else int(first)


def is_chosen(number, chosen):
    return any(a <= number and (b is None or number <= b) for a, b in spans(chosen))


def lines_of(data):
    lines = data.removeprefix(BOM).replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    return lines if lines[-1] else lines[:-1]


def tokens_of(data, chosen, delimiter):
    """Each line's chosen fields, joined; delimiter is None for white space."""
    for line in lines_of(data):
        fields = line.split(delimiter)
        kept = [field for n, field in enumerate(fields, 1) if is_chosen(n, chosen)]
        yield (delimiter or b" ").join(kept)


def listed(tokens):
    """As --sort=word --format=uniq writes them."""
    counts = {}
    for token in tokens:
        counts[token] = counts.get(token, 0) + 1
    return b"".join(b"%7d %s\n" % (counts[token], token) for token in sorted(counts))


class Fields(Case):
    def plain(self, data, chosen, *arguments, delimiter=b",", name="in.csv"):
        """Counts chosen fields of a text or of many, and holds the result to the plain loop's."""
        texts = data if isinstance(data, list) else [data]
        paths = [self.file(f"{i}{name}", text) for i, text in enumerate(texts)]
        given = ["--sort=word", "--format=uniq", "-f", chosen, *arguments]
        tokens = [token for text in texts for token in tokens_of(text, chosen, delimiter)]
        self.same(self.wc(*given, *paths).out, listed(tokens), given)

    def test_small_tables(self):
        texts = [
            b"", b"a", b"\n", b"\r", b",", b"a,b,c\nd,e,f\n", b"a,b\r\nc\r\n", b"a\rb,c\rd",
            b"\n\n,\n,,\n", b"a,b,\r\n", b"a,,b,,c", b"a\n\r\nb\r\r\n", BOM + b"a,b\nc,d\n",
        ]  # fmt: skip
        for chosen in ("1", "2", "3", "1,3", "2-", "-2", "2-3", "1-", "4-", "3,1,1-2"):
            self.plain(texts, chosen, "--split-size=1b" if chosen < "2" else "-m2")

    def test_white_space_is_cut_as_awk_cuts(self):
        texts = [
            b"a b c\n", b"  a  b\tc  \n\n", b" \n", b" ", b"a\vb\fc d", b"a b\r\nc\rd e\r\n",
            b"\t\ta", b"one\n\ntwo three\n",
        ]  # fmt: skip
        for chosen in ("1", "2", "1,3", "2-", "-2"):
            self.plain(texts, chosen, delimiter=None, name="in.txt")
            self.plain(texts, chosen, "-d", "", "--split-size=1b", delimiter=None)

    def test_several_bytes(self):
        text = b"a::b:::c\r\n::\n:\n::::\r:a:\n\nlast::"
        for chosen in ("1", "2", "1,3", "2-", "-2"):
            self.plain(text, chosen, "-d", "::", delimiter=b"::")
            self.plain([text, text], chosen, "-d", r"\x3a:", "--split-size=3b", delimiter=b"::")
        self.plain(b"a->b->c\n-\n>->d", "1,3", "-d", "->", delimiter=b"->")
        self.plain(b"x - y - - z\n", "2-", "-d", " - ", delimiter=b" - ")
        self.plain("a→b→→c\n→".encode(), "2-3", "-d", "→", delimiter="→".encode())

    def test_several_bytes_in_large_lines(self):
        for shift in range(3):  # the border of two parts is at each place of a delimiter
            text = b"x" * shift + b"::y" * 300000 + b"\na::b"
            self.plain(text, "2,150000-150003", "-d", "::", "-m1", "-S16M", delimiter=b"::")
        text = "é1é2éx-ray'séÉ".encode() * 30000 + b"\nlast"
        for more in ({}, {"words": "letters"}, {"words": "white", "fields": "2-"}, {"ngrams": 2},
                     {"normalize": "nfc"}, {"by_file": True}):  # fmt: skip
            how = ("-S16M", "-m2", "--split-size=100K")
            self.check({"f": text, "g": text[:99]}, *how, delimiter="é".encode(), **more)
            self.check({}, *how, input=text, delimiter="é".encode(), **more)

    @large
    def test_several_bytes_in_a_line_of_200_mb(self):
        piece = b"ab, c,, d " * 400000
        with open(self.path("f"), "wb") as f:
            for _ in range(50):
                f.write(piece)
        n = 50 * 400000
        wanted = b"c,\t%d\nd ab\t%d\nab\t1\nd \t1\n" % (n, n - 1)
        for how in ([], ["--split-size=1M"]):
            got = self.wc("-d", ", ", "-S16M", *how, self.path("f"), budget=16 << 20)
            self.same(got.out, wanted)
        got = self.wc("-d", ", ", "-f", "1,40000001-", "-S16M", self.path("f"), budget=16 << 20)
        self.same(got.out, b"ab, d \t1\n")
        with open(self.path("f"), "rb") as f:
            self.same(self.wc("-d", ", ", "-S16M", input=f, budget=16 << 20).out, wanted)

    def test_several_bytes_and_other_options(self):
        text = b"Ab c::1::x\nab C::2::x y\r\n::::\n"
        for more in ({}, {"ignore_case": True}, {"drop_numeric": True}, {"ngrams": 2},
                     {"words": "letters"}, {"words": "white", "ngrams": 2},
                     {"match": "[a-z]+", "fields": "1"}, {"fields": "1,3", "ngrams": 2},
                     {"normalize": "nfc"}, {"header": True}):  # fmt: skip
            self.check({"f": text, "g.csv": text}, "--split-size=9b", delimiter=b"::", **more)
        nul = text.replace(b"\n", b"\0")
        for more in ({}, {"words": "white"}, {"fields": "1"}):
            self.check({"f": nul}, delimiter=b"::", zero_terminated=True, **more)
            self.check({"f": nul}, delimiter=b"\rx", zero_terminated=True, **more)
        got = self.wc("-d", "::", "--header", "-f", "name", input=b"id::name::a:b\n1::Ann::\n")
        self.same(got.out, b"Ann\t1\n")

    def test_several_bytes_are_refused(self):
        for arguments in (["--quoted"], ["--match=a"], ["-d", r":\n"], ["-d", r":\r"],
                          ["-z", "-d", r":\0"]):  # fmt: skip
            self.wc("-d", "::", *arguments, input=b"", status=2)

    def test_other_bytes(self):
        self.plain(b"a;b;c\nd;e\n", "2", "-d", ";", delimiter=b";")
        self.plain(b"a\0b\0c\n", "3,1", "-d", "\\0", delimiter=b"\0")
        self.plain(b"a\tb\tc\n", "3,1", delimiter=b"\t", name="in.tsv")
        self.plain(b"\xc3\x89,\xc3\x89\n", "2", "-d", "\\xc3", delimiter=b"\xc3")
        path = self.file("in", b"a b,c\nd\r\ne f")
        for end in ("\\n", "\\r"):  # a line is one field
            self.same(self.wc("-f2-", "-d", end, path).out, b"\t3\n")
            self.same(self.wc("-f1", "-d", end, path).out, b"a b,c\t1\nd\t1\ne f\t1\n")

    def test_the_same_as_cut_and_awk(self):
        rng = random.Random(5)
        text = b"".join(
            b",".join(b"%x" % rng.randrange(40) for _ in range(rng.randrange(1, 6))) + b",\n"
            for _ in range(3000)
        )
        path = self.file("in.csv", text)
        blanks = self.file("in.txt", text.replace(b",", b"  "))
        for chosen in ("1", "3", "2,4", "3-", "-2", "4,1,1"):
            self.as_pipe(f"cut -d, -f{chosen}", path, "-f", chosen)
        for number in (1, 2, 5):
            self.as_pipe("awk '{print $%d}'" % number, blanks, "-f", number)

    def as_pipe(self, command, path, *arguments):
        env = {**os.environ, "LC_ALL": "C"}
        wanted = subprocess.run(
            f"{command} '{path}' | sort | uniq -c",
            shell=True, env=env, check=True, stdout=subprocess.PIPE,
        ).stdout  # fmt: skip
        got = self.wc("--sort=word", "--format=uniq", *arguments, path).out
        self.same(got, wanted, command)

    def test_large_lines_and_fields(self):
        wide = b",".join(b"%d" % i for i in range(10000)) + b"\n"
        for chosen in ("1", "10000", "9999,5000-5002", "1-"):
            self.plain(wide * 3, chosen, "--split-size=5K")
        large = b"x" * 3000000 + "é".encode() * 300000
        text = b"".join([b"a,", large, b",b\n", b"c,d,e\r\n", large, b",f\n,,", large, b"\rg"])
        for chosen in ("1", "2", "3", "1,3", "2-", "1-"):
            self.plain(text, chosen, "-S16M", "--split-size=1M")
        self.plain(text.replace(b",", b" "), "1,3", "-S16M", delimiter=None, name="in.txt")
        got = self.wc("-f2", "-d,", "-i", "-S16M", input=text.replace(b"x", b"X"), budget=16 << 20)
        self.assertEqual(len(got.out), len(large) + len(b"\t1\nd\t1\nf\t1\n\t1\n"))

    def test_lines_with_too_few_fields_are_counted(self):
        path = self.file("in.csv", b"a,b,c\nd,e\nf\n\ng,h,i,j\n" * 100)
        for chosen, short in (("1", 0), ("2", 200), ("1,3", 300), ("4-", 400), ("-2", 200)):
            err = self.wc("--stats", "-f", chosen, "--split-size=40b", path, noisy=True).err
            found = [line.split()[1] for line in err.splitlines() if line.endswith(SHORT)]
            self.assertEqual(found, [b"%d" % short] if short else [])

    def test_without_reducers_tokens_stay_in_order(self):
        text = b"".join(b"%d,%s,%d\n" % (i, b"y" * (i % 700), i % 7) for i in range(900))
        for chosen in ("1", "1,3", "2-", "2"):
            wanted = b"".join(t + b"\n" for t in tokens_of(text, chosen, b","))
            path = self.file("in.csv", text)
            self.same(self.wc("-r0", "--format=lines", "-f", chosen, path).out, wanted)

    def test_with_other_options(self):
        path = self.file("in.csv", "É,1\né,2\n7,2\nx,3\n".encode())
        self.same(self.wc("-i", "-f1", path).out, "é\t2\n7\t1\nx\t1\n".encode())
        self.same(self.wc("--drop-numeric", "-f2,1", path).out.count(b"\n"), 4)
        self.same(self.wc("--drop-numeric", "--min-count=1", "-f2", path).out, b"")

    def test_wrong_lists(self):
        for wrong in ("", "0", "-", "3-1", "a", "1,", "1,,2", "1-2-3", "--2", "+1", " 1", "2 ",
                      "99999999999999999999", "0-1", "1-0"):  # fmt: skip
            self.wc("-f", wrong, status=2)
        self.same(self.wc("-f", "2", "-f1", "-d,", input=b"a,b").out, b"a\t1\n")
        self.same(self.wc("--fields=99999999999", "-d,", input=b"a,b").out, b"\t1\n")

    def test_random_tables(self):
        rng = random.Random(int(os.environ.get("SEED", "3")))
        for _ in range(int(os.environ.get("ROUNDS", "25"))):
            delimiter = rng.choice([b",", b",", None, b"\xa9", b"aa", b", "])
            letters = rng.choice([b"ab,\n", b"a,\r\n \t", b"a, \n\r\xc3\xa9\v"])
            text = bytes(rng.choices(letters, k=rng.randrange(1500)))
            chosen = rng.choice(["1", "2", "1,3", "2-", "-3", "1-", "5,2"])
            cut = f"--split-size={rng.choice([1, 7, 300, 1000])}b" if len(text) < 300 else "-m2"
            given = "-d" + ("\\xa9" if delimiter == b"\xa9" else (delimiter or b"").decode())
            given = ["--delimiter="] if given == "-d" else [given]
            self.plain(text, chosen, *how(rng), cut, *given, delimiter=delimiter)

class Header(Case):
    def counts(self, wanted, *arguments, input=None, noisy=False):
        got = self.wc("--sort=word", "--format=uniq", "--header", *arguments, input=input, noisy=noisy)
        self.same(got.out, listed(wanted), arguments)
        return got.err

    def test_the_first_line_is_no_data(self):
        texts = {
            "a.csv": b"n,x\n1,2\n3\n\n,4", "b.csv": BOM + b"n,x\r\n1,2\r\n", "c.csv": b"n,x",
            "d.csv": b"", "e.csv": b"n,x\r1\r", "f.csv": b"n,x\n\n",
        }  # fmt: skip
        paths = [self.file(name, text) for name, text in texts.items()]
        lines = [line for text in texts.values() for line in lines_of(text)[1:]]
        for split in ("--split-size=1b", "-m3"):
            self.counts([f for line in lines for f in line.split(b",")], split, *paths)
            self.counts([line.split(b",")[0] for line in lines], "-fn", split, *paths)
            self.counts([b" ".join(line.split()[:1]) for line in lines], "-d", "", "-f1", split, *paths)
            self.counts([f for line in lines for f in line.split()], "-d", "", split, *paths)
            self.counts(lines, "-d\\n", split, *paths)

    def test_one_that_is_too_long_is_refused(self):
        data = b"n," + b"x" * (1 << 20) + b"\n1,2\n"
        err = self.wc("--header", "-fn", self.file("long.csv", data), status=1).err
        self.assertIn(b"has a first line of more than 1048576 bytes", err)
        err = self.wc("--header", "-fn", "-S16M", "-m4", input=data * 2, status=1).err
        self.assertIn(b"more than a mapper has memory for", err)

    def test_names(self):
        header = "naïve,имя,名前,اسم,first name,2,\"q\",x".encode()
        row = b"a,b,c,d,e,f,g,h\r\n"
        path = self.file("in.csv", BOM + header + b"\r\n" + row * 3)
        for name, field in (("naïve", b"a"), ("имя", b"b"), ("名前", b"c"), ("اسم", b"d"),
                            ("first name", b"e"), ('"2"', b"f"), ("2", b"b"), ("x,имя", b"b,h"),
                            ('"""q"""', b"g"), ("имя,6-,1", b"a,b,f,g,h")):  # fmt: skip
            self.counts([field] * 3, "-f", name, path)
        wide = ",".join(f"c{i}" for i in range(10000)).encode() + b"\n"
        path = self.file("wide.csv", wide + wide.replace(b"c", b"v") * 2)
        self.counts([b"v17,v9876"] * 2, "-fc9876,c17", "--split-size=10K", path)

    def test_headers_that_differ_are_told(self):
        paths = [self.file("1.csv", b"a,b\n1,2\n"), self.file("2.csv", b"b,a,c\n3,4,5\n")]
        paths.append(self.file("3.tsv", b"a\tb\n6\t7\n"))
        err = self.counts([b"1", b"4", b"6"], "-fa", *paths, noisy=True)
        self.assertEqual(
            err, f"wc-mr: warning: the header of '{paths[1]}' differs from that of '{paths[0]}'\n".encode()
        )  # fmt: skip
        err = self.counts([b"1", b"9"], "-fa", "-d,", paths[0], "-", input=b"b,a\n8,9\n", noisy=True)
        self.assertIn(b"warning: the header of '-' differs", err)
        self.counts([b"1", b"6"], "-fa", paths[0], paths[2])

    def test_streams(self):
        rows = b"".join(b"%d,%d\n" % (i, i % 11) for i in range(200000))
        self.counts([b"%d" % (i % 11) for i in range(200000)], "-fn", "-d,", "-S16M",
                    input=b"x,n\n" + rows)  # fmt: skip

    def test_many_files_take_little_memory(self):
        for i in range(3000):
            self.file(f"d/{i}.csv", b"a\n1\n" if i % 50 else b"")
        got = self.wc("--stats=json", "-m1", "-r1", "--header", self.path("d"), noisy=True)
        # Between 0.4 and 1.8 MB, as it is looked at sooner or later; 2 KB a file would be 6 more,
        # from the first look on.
        if not CHECKING:
            self.assertLess(json.loads(got.err)["peak_memory"], 4 << 20)

    def test_a_name_with_a_comma_in_it(self):
        path = self.file("in.csv", b'"city, name",n\nRome,1\n')
        self.same(self.wc("--quoted", "--header", "-f", '"city, name"', path).out, b"Rome\t1\n")
        got = self.wc("--quoted", "--header", "-f", "city, name", path, status=1)
        self.assertIn(b"has no field 'city'; its fields are: \"city, name\", n\n", got.err)

    def test_names_are_told_as_they_are_chosen(self):
        path = self.file("in.csv", b'"a ""b"", c",2020,n\nx,1,2\n')
        names = '"a ""b"", c"', '"2020"', "n"
        got = self.wc("--quoted", "--header", "-f", "z", path, status=1)
        self.assertTrue(got.err.endswith(f"its fields are: {', '.join(names)}\n".encode()))
        for name, value in zip(names, (b"x", b"1", b"2")):
            self.same(self.wc("--quoted", "--header", "-f", name, path).out, value + b"\t1\n")
        for job in "sum", "terms":
            got = self.wc(f"--job={job}", "--quoted", "--header", "-k", "z",
                          *(["-v", "n"] if job == "sum" else []), path, status=1)
            self.assertTrue(got.err.endswith(f"its fields are: {', '.join(names)}\n".encode()))
        tsv = self.file("in.tsv", b"id\tName, full\n1\tx\n")
        got = self.wc("--header", "-f", "Name, full", tsv, status=1)
        self.assertTrue(got.err.endswith(b'no field \'Name\'; its fields are: id, "Name, full"\n'), got.err)

    def test_names_that_are_not_there_or_double(self):
        path = self.file("in.csv", b"a,b,a\n1,2,3\n")
        for name in ("c", "a", "b,c", "b "):
            err = self.wc("--header", "-f", name, path, status=1).err
            self.assertIn(b"a, b, a", err)
            self.wc("--header", "-d,", "-f", name, input=b"a,b,a\n1,2,3\n", status=1)
        self.wc("-fa", path, status=2)
        self.wc("--header", "-fa,", path, status=2)
        self.wc("--header", '-f"a', path, status=2)
        long = self.file("long.csv", b"n" * (2 << 20) + b",a\n1,2\n")
        self.assertIn(b"first line", self.wc("--header", "-fa", long, status=1).err)

def is_closed(text):
    """Whether a text does not end in quotes, byte by byte."""
    state = "start"
    for byte in text:
        if byte == ord('"'):
            state = {"start": "in", "in": "closed", "closed": "in", "plain": "plain"}[state]
        elif state != "in":
            state = "start" if byte in b",\r\n" else "plain"
    return state != "in"


class Quoted(Case):
    def quoted(self, text, chosen=None, *arguments, header=False, input=None):
        """Counts a text, from a file unless it is input, and holds the result to Python's csv."""
        data = io.StringIO(text.removeprefix(BOM).decode("latin-1"), newline="")
        rows = list(csv.reader(data))[header:]
        if chosen:
            wanted = [",".join(f for n, f in enumerate(r, 1) if is_chosen(n, chosen)) for r in rows]
        else:
            wanted = [field for row in rows for field in row]
        given = ["--quoted", "--sort=word", "--format=uniq", "-d,", *arguments]
        given += ["--header"] * header + (["-f", chosen] if chosen else [])
        path = "-" if input is not None else self.file("in.csv", text)
        got = self.wc(*given, path, input=input).out
        self.same(got, listed(field.encode("latin-1") for field in wanted), (given, text[:300]))

    def test_small_texts(self):
        texts = [
            b"", b'""', b'"', b'"a,b",c\n', b'"a""b",c\n', b'a"b,c"d\n', b'"a"b"c",d\n', b'""""\n',
            b'"a\nb","c\r\nd\re"\r\nf\r', b"\n\n,\n\r\n", b'a,"",b\n"",\n', b'"x"\n\n"y"',
            b'a,"b', b'"a","b\n', BOM + b'"a,b"\n1', b'a\r\r\n"b"\r', b' "a",b\n', b'"a" ,b\n',
        ]  # fmt: skip
        for text in texts:
            if is_closed(text):
                self.quoted(text, None, "--split-size=1b")
                self.quoted(text, "2", "--split-size=2b")
            else:
                self.wc("--quoted", self.file("in.csv", text), status=1)

    def test_random_texts(self):
        rng = random.Random(int(os.environ.get("SEED", "8")))
        for _ in range(int(os.environ.get("ROUNDS", "25"))):
            letters = rng.choice([b'ab,"\n', b'a"",\n\r', b'"",\n', b'abcdefgh,,,"\n', b'a"\r\n,'])
            text = bytes(rng.choices(letters, k=rng.choice([10, 100, 2000])))
            text += b"" if is_closed(text) else b'"'
            chosen, header = rng.choice([None, "1", "2-", "1,3"]), rng.random() < 0.3
            split = rng.choice(["1b", "7b", "1M"]) if len(text) < 200 else "300b"
            self.quoted(text, chosen, *how(rng), "--split-size=" + split, header=header)
            self.quoted(text, chosen, *how(rng), header=header, input=text)

    def test_quotes_that_are_few_or_many(self):
        rng = random.Random(17)
        for lines in 1, 3, 40, 1000, 9000:  # from one with quotes to the next, about
            rows = []
            for n in range(12000):
                row = b"%d,%x,%d" % (rng.randrange(99), rng.randrange(9), n % 7)
                if rng.randrange(lines) == 0:
                    row = b'"%d","x\n""%x"",",y' % (n % 9, rng.randrange(9))
                rows.append(row + rng.choice([b"\n", b"\r\n", b"\n\n"]))
            for chosen in "1", "2", "1-2", "2-":
                for how in ["--split-size=20K"], ["-m1"]:
                    self.quoted(b"".join(rows), chosen, *how, header=chosen == "1")

    def test_large_rows_and_many_columns(self):
        self.addCleanup(csv.field_size_limit, csv.field_size_limit(1 << 30))
        rng = random.Random(4)
        wide = b",".join(b'"%d"' % i if i % 3 else b"%d" % i for i in range(10000)) + b"\n"
        self.quoted(wide * 3, "9999,2,5000-5002", "--split-size=5K")
        large = b'"' + bytes(rng.choices(b'xyz\r\n,', k=200000)) * 10 + b'""end"'
        text = b"".join([b"a,", large, b",b\r\n", b'c,"d\n",e\n', large, b",f\n,,", large, b"\ng"])
        for chosen in (None, "1", "2", "1,3"):
            self.quoted(text, chosen, "-S16M", "--split-size=300K")
        self.quoted(text, "2", "-S16M", input=text)
        few = b"plain,text\n" * 60000 + b'"a\nb",c\n' + b"plain,text\n" * 60000
        self.quoted(few, "1", "--split-size=100K")

    @unittest.skipIf(CHECKING, "it takes minutes")
    @large
    def test_a_field_of_a_gigabyte(self):
        piece = b'xyz ,"" \r\n' * 100000
        with open(self.path("in.csv"), "wb") as file:
            file.write(b'a,"')
            for _ in range((1 << 30) // len(piece)):
                file.write(piece)
            file.write(b'",b\r\nc,"d\n",e\n')
        for split in ("--split-size=64M", "--split-size=1T"):
            got = self.wc("--quoted", "-f3", "-d,", "-S16M", "-m2", "--sort=word", split,
                          self.path("in.csv"), budget=24 << 20)
            self.same(got.out, b"b\t1\ne\t1\n", split)

    def test_a_quote_that_is_not_closed(self):
        rows = b'a,"b\nc"\r\nd,e\rf,"g"\n' * 20000
        for before, line in ((b"", 1), (rows[:20], 5), (rows, 80001)):
            text = before + b'x,"y\n' + b"z,z\n" * 30000
            for split in ("--split-size=20K", "--split-size=1G", "-S16M"):
                err = self.wc("--quoted", split, self.file("in.csv", text), status=1).err
                self.assertIn(b"quote in line %d that" % line, err)
            err = self.wc("--quoted", "-S16M", input=text, status=1).err
            self.assertIn(b"'standard input' has a quote in line %d that" % line, err)

    def test_headers(self):
        text = '"first, name","zwei\n""zeilen""",x\n"1\n2",3,4\n'.encode()
        path = self.file("in.csv", text)
        for name, value in (('"first, name"', "1\n2"), ('"zwei\n""zeilen"""', "3"), ("x", "4")):
            for split in ("--split-size=1b", "-m2"):
                got = self.wc("--quoted", "--header", "--format=csv", split, "-f", name, path).out
                quoted = f'"{value}"' if "\n" in value else value
                self.same(got, f"{quoted},1\n".encode())

    def test_what_is_cut_where(self):
        paths = [self.file("a.tsv", b'"a\tb"\tc,d\n'), self.file("b", b'"a,b",c d\n')]
        got = self.wc("--quoted", "--sort=word", "--format=jsonl", "-f2", *paths).out
        self.same(got, b'{"word":"c d","count":1}\n{"word":"c,d","count":1}\n')
        for wrong in ('"', ""):
            self.wc("--quoted", "-d", wrong, status=2)

    def test_nothing_is_lost_when_workers_are_killed(self):
        text = b'"a\nb",%d\n' * 3000
        text = text % tuple(range(3000))
        wanted = self.wc("--quoted", "--sort=word", self.file("in.csv", text)).out
        got = self.wc("--quoted", "--sort=word", "--split-size=1K", "--chaos=3,50",
                      self.path("in.csv"), noisy=True).out  # fmt: skip
        self.same(got, wanted)


if __name__ == "__main__":
    unittest.main()
