"""The built-in job sum against Python's decimal."""

import collections
import csv
import decimal
import io
import json
import os
import random
import re
import unittest
from decimal import Decimal

from support import Case, how, in_quotes

ROUNDS = int(os.environ.get("ROUNDS", 60))
SEED = int(os.environ.get("SEED", random.randrange(1 << 30)))
EXACT = decimal.Context(prec=400, rounding=decimal.ROUND_HALF_UP, Emin=-999999, Emax=999999)
NUMBER = re.compile(rb"[ \t]*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?[ \t]*")
WHITE = re.compile(rb"[ \t]+")
LINE_END = re.compile(rb"\r\n|\r|\n")


def written(number):
    text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return b"0" if text in ("-0", "0") else text.encode()


def cut(line, separator):
    if separator is not None:
        return line.split(separator)
    return [field for field in WHITE.split(line) if field]


def reference(texts, separators, keys, number, header=False, digits=6):
    """The result, and how many lines have none."""
    groups, without = collections.defaultdict(list), 0
    for text, separator in zip(texts, separators):
        lines = LINE_END.split(text)
        if not lines[-1]:
            lines.pop()
        for line in lines[header:]:
            fields = cut(line, separator)
            if len(fields) < max([*keys, number]) or not NUMBER.fullmatch(fields[number - 1]):
                without += 1
                continue
            value = Decimal(fields[number - 1].strip(b" \t").decode())
            groups[b"\n".join(fields[k - 1] for k in keys)].append(value)
    lines = []
    with decimal.localcontext(EXACT):
        for key in sorted(groups):
            values = groups[key]
            mean = (sum(values) / len(values)).quantize(Decimal(1).scaleb(-digits))
            figures = [b"%d" % len(values), *map(written, (sum(values), min(values), max(values))),
                       written(mean)]
            columns = [key.replace(b"\n", b"\t")] if keys else []
            lines.append(b"\t".join(columns + figures) + b"\n")
    return b"".join(lines), without


def number(draw):
    kind = draw.randint(0, 5)
    sign = draw.choice(["", "", "-", "+"])
    if kind == 0:
        return f"{sign}{draw.randint(0, 10 ** draw.randint(1, 38) - 1)}"
    if kind == 1:
        return f"{sign}{draw.randint(0, 999)}.{draw.randint(0, 10 ** draw.randint(1, 38) - 1)}"
    if kind == 2:
        return f"{sign}{draw.choice(['.5', '5.', '00.00', '0', '1e3', '25E-2', '1e-38', '9.9e+5'])}"
    return f"{sign}{draw.randint(0, 1000)}.{draw.randint(0, 99):02}"


def text(draw, separator, invalid):
    between = separator or b" "
    keys = [b"a", b"b", b"", b"\xff\0", b"k" * 40] + [b"k%d" % draw.randint(0, 300)] * 3
    if separator is None:
        keys = [key or b"e" for key in keys]
    lines, end = [], draw.choice([b"\n", b"\n", b"\r", b"\r\n"])
    for _ in range(draw.choice([0, 1, 30, 400])):
        fields = [draw.choice(keys), number(draw).encode(), b"k%d" % draw.randint(0, 300)]
        if invalid and draw.random() < 0.1:
            fields[1] = draw.choice([b"x", b"1x", b"inf", b"0x1", b"-", b"1,5", b""])
        if invalid and draw.random() < 0.1:
            del fields[draw.randint(0, 1):]
        if separator and draw.random() < 0.1:
            fields = [b" " * draw.randint(0, 2) + field for field in fields]
        lines.append(between.join(fields) + b"\r" * (end == b"\n" and draw.random() < 0.1))
    return end.join(lines) + end * (bool(lines) and draw.random() < 0.8)


class Random(Case):
    def test_the_same_as_with_decimal(self):
        self.drawn = True
        for i in range(ROUNDS):
            draw = random.Random(SEED + i)
            separator = draw.choice([None, b",", b",", b"\t", b";"])
            invalid = draw.random() < 0.3
            texts = [text(draw, separator, invalid) for _ in range(draw.randint(1, 3))]
            suffix = ".csv" if separator == b"," else ""
            names = [self.file(f"f{n}{suffix}", data) for n, data in enumerate(texts)]
            stream = draw.randrange(len(names)) if draw.random() < 0.3 else None
            if stream is not None:
                names[stream] = "-"
            options = ["--skip-invalid"] if invalid else []
            if separator and (separator != b"," or stream is not None):
                options += ["-t", separator.decode()]
            keys = draw.choice([[1], [1], [3], [1, 3], [3, 1], [1, 1], []])
            header, digits = draw.random() < 0.3, draw.choice([6, 6, 0, 2, 18])
            options += ["--header"] * header + [f"--digits={digits}"] * (digits != 6)
            wanted, _ = reference(texts, [separator] * len(texts), keys, 2, header, digits)
            with self.subTest(f"SEED={SEED + i}"):
                key = ["-k", ",".join(map(str, keys))] if keys else []
                got = self.wc("--job=sum", *key, "-v2", *options, *how(draw), *names,
                              input=texts[stream] if stream is not None else None)
                self.same(got.out, wanted, options)


class Quoted(Case):
    def test_the_same_as_pythons_csv_reads(self):
        self.drawn = True
        for i in range(ROUNDS // 2):
            draw = random.Random(SEED + i)
            separator, suffix = draw.choice([(",", ".csv"), (",", ""), ("\t", ".tsv"), (";", "")])
            names = ["a", "b c", 'q"d', "x,y", "2"]
            keys = ["k", "k,1", 'say "k"', "", " k", "ü", "a\tb"] + ["l\nm", "c\r\nd"] * (i % 3 == 0)
            header, named = draw.random() < 0.6, draw.random() < 0.5
            rows, end = [], draw.choice(["\n", "\r\n", "\r"])
            for _ in range(draw.choice([0, 1, 20, 300])):
                rows.append([draw.choice(keys), number(draw), draw.choice(keys)])
            out = io.StringIO()
            quoting = draw.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
            if end == "\r":
                quoting = csv.QUOTE_ALL  # else its writer leaves LF without quotes
            write = csv.writer(out, delimiter=separator, lineterminator=end, quoting=quoting)
            columns = draw.sample(names, 3)
            write.writerows([columns] * header + rows)
            data = out.getvalue().encode()
            data = (b"\xef\xbb\xbf" * draw.randint(0, 1)) + data[:len(data) - draw.randint(0, 1) * len(end)]
            field = draw.choice([0, 2])
            name = columns[field]
            if draw.random() < 0.5 or not re.fullmatch("[a-z ]+", name):
                name = in_quotes(name)
            key = name if header and named else str(field + 1)
            groups = collections.defaultdict(list)
            for row in rows:
                groups[row[field].encode()].append(Decimal(row[1]))
            with decimal.localcontext(EXACT):
                wanted = [
                    {"key": key.decode(), "count": len(values), "sum": written(sum(values)).decode()}
                    for key, values in sorted(groups.items())
                ]
            option = ["-t", separator] if suffix == "" and separator != "," else []
            with self.subTest(f"SEED={SEED + i}"):
                got = self.wc("--job=sum", "--quoted", "-k", key, "-v2", "--format=jsonl",
                              *["--header"] * header, *option, *how(draw),
                              self.file("f" + suffix, data if header or rows else b""))
                made = [json.loads(line, parse_float=str, parse_int=str) for line in got.out.splitlines()]
                made = [{"key": r["key"], "count": int(r["count"]), "sum": r["sum"]} for r in made]
                self.assertEqual(made, wanted)

    def test_what_is_no_row_to_add_up(self):
        for data, says in (
            (b'a,1\n"b\n', b"quote in line 2 that is not closed"),
            (b'a,1\n\nb,2\n', b"'-' has a line, at byte 4, of fewer than 2 fields"),
            (b'"a\nb",x\n', b"'-' has no number in field 2 of the line at byte 0, but 'x'"),
        ):
            got = self.wc("--job=sum", "--quoted", "-k1", "-v2", "-", input=data, status=1)
            self.assertIn(says, got.err)
        got = self.wc("--job=sum", "--quoted", "-k1,3", "-v2", "-", input=b'"a\nb",1,c\n', status=1)
        self.assertIn(b"a field in which a line ends", got.err)
        got = self.wc("--job=sum", "--quoted", "--skip-invalid", "-k1", "-v2", "-t;", "-",
                      input=b'"a;";"1"\n\nx\n"a;";2')
        self.assertEqual(got.out, b"a;\t2\t3\t1\t2\t1.5\n")

    def test_a_large_row_is_within_the_memory(self):
        data = b'"' + b"x\n" * 500000 + b'",1\n' + b"a,2\n" * 300000
        got = self.wc("--job=sum", "--quoted", "-k1", "-v2", "-S64M", "-m2", "-",
                      input=data, budget=64 << 20)
        self.same(got.out, b"a\t300000\t600000\t2\t2\t2\n" + b"x\n" * 500000 + b"\t1\t1\t1\t1\t1\n")


class Sums(Case):
    def test_decimal_fractions_are_exact(self):
        data = b"a 0.1\na 0.2\nb 1e37\nb 1e-38\nb -1e37\n" + b"c 0.01\n" * 1000
        got = self.wc("--job=sum", "-k1", "-v2", self.file("f", data))
        small = b"0." + b"0" * 37 + b"1"
        self.assertEqual(got.out, b"a\t2\t0.3\t0.1\t0.2\t0.15\n"
                         b"b\t3\t" + small + b"\t-1" + b"0" * 37 + b"\t1" + b"0" * 37 + b"\t0\n"
                         b"c\t1000\t10\t0.01\t0.01\t0.01\n")

    def test_few_keys_cost_nearly_nothing_in_the_shuffle(self):
        draw = random.Random(SEED)
        lines = [b"k%d,%d.%02d" % (draw.randint(0, 9), draw.randint(-999, 999), draw.randint(0, 99))
                 for _ in range(300000)]
        data = b"\n".join(lines)
        got = self.wc("--job=sum", "-k1", "-v2", "-m2", "-S64M", "--stats",
                      self.file("f.csv", data), noisy=True)
        self.same(got.out, reference([data], [b","], [1], 2)[0])
        shuffled = int(re.search(rb"\nshuffled[a-z ]* +(\d+)", got.err)[1])
        self.assertLess(shuffled, len(data) // 10)

    def test_many_keys(self):
        draw = random.Random(SEED)
        lines = [b"key%d\t%d" % (draw.randint(0, 50000), draw.randint(-999, 999))
                 for _ in range(100000)]
        data = b"\n".join(lines) + b"\n"
        got = self.wc("--job=sum", "-k1", "-v2", "-m2", "-r2", "-S16M", self.file("f.tsv", data))
        self.same(got.out, reference([data], [b"\t"], [1], 2)[0])

    def test_some_keys_come_often_and_most_seldom(self):
        draw = random.Random(SEED)
        often, seldom = list(range(0, 3000, 100)), list(range(3000))
        for longest in (20, 27, 40):
            lines = [b"%s%d\t%d.%d" % (b"k" * (longest - 4 + i % 4), draw.choice(keys),
                                      draw.randint(-99, 99), draw.randint(0, 999))
                     for i in range(10000) for keys in (often, often, seldom)]
            data = b"\n".join(lines) + b"\n"
            got = self.wc("--job=sum", "-k1", "-v2", "-m2", self.file("f.tsv", data))
            self.same(got.out, reference([data], [b"\t"], [1], 2)[0], longest)

    def test_several_fields_are_told_apart_and_have_tabs_between_them(self):
        data = b"a\tb,c,1\na,b\tc,2\na\tb,c,3\n"
        got = self.wc("--job=sum", "-k1,2", "-v3", self.file("f.csv", data))
        self.assertEqual(got.out, b"a\tb\tc\t2\t4\t1\t3\t2\na\tb\tc\t1\t2\t2\t2\t2\n")

    def test_without_a_key_all_lines_are_one_group(self):
        path, other = self.file("f.csv", b'n,who\n1,"a, b"\n2.5,c\n'), self.file("g.csv", b"who,n\nd,4\n")
        for form, line in (("tsv", b"3\t7.5\t1\t4\t2.5\n"), ("csv", b"3,7.5,1,4,2.5\n"),
                           ("jsonl", b'{"count":3,"sum":7.5,"min":1,"max":4,"mean":2.5}\n')):
            got = self.wc("--job=sum", "--header", "--quoted", "-vn", f"--format={form}", path, other)
            self.assertEqual(got.out, line)
        self.assertEqual(self.wc("--job=sum", "-v1", "-", input=b"").out, b"")

    def test_what_separates_fields(self):
        csv, tsv = self.file("f.CSV", b"a b,1\n"), self.file("f.tsv", b"a b\t2\n")
        plain = self.file("f", b" a  3\n")
        got = self.wc("--job=sum", "-k1", "-v2", csv, tsv, plain)
        self.assertEqual(got.out, b"a\t1\t3\t3\t3\t3\na b\t2\t3\t1\t2\t1.5\n")
        got = self.wc("--job=sum", "-k1", "-v2", "-t ", self.file("g.csv", b"a,b 1\n"))
        self.assertEqual(got.out, b"a,b\t1\t1\t1\t1\t1\n")

    def test_the_header_is_each_files_first_line(self):
        data = b"name,n\na,1\n"
        names = [self.file("a.csv", data), self.file("b.csv", b"\xef\xbb\xbf" + data),
                 self.file("empty.csv", b""), self.file("only.csv", b"name,n")]
        wanted = b"a\t2\t2\t1\t1\t1\n"
        for how in ([], ["--split-size=1b"], ["-m3", "--split-size=4b"]):
            got = self.wc("--job=sum", "-k1", "-v2", "--header", *how, *names)
            self.assertEqual(got.out, wanted)
        for header in (b"h", b"h" * 1000000):  # larger than what is read at a time
            got = self.wc("--job=sum", "-k1", "-v2", "--header", "-t,", "-S64M", names[0], "-",
                          input=header + b"\na,1\n")
            self.assertEqual(got.out, wanted)

    def test_fields_by_their_names(self):
        files = [self.file("a.csv", b"name,n,w\na,1,7\nb,5,7\n"),
                 self.file("b.csv", b"\xef\xbb\xbfw,n,name\r\n7,2,a\r\n"),
                 self.file("empty.csv", b""), self.file("c.tsv", b"n\tname\n3\ta\n")]
        wanted = b"a\t3\t6\t1\t3\t2\nb\t1\t5\t5\t5\t5\n"
        for how in ([], ["--split-size=1b"], ["-m3", "--split-size=4b"]):
            got = self.wc("--job=sum", "-kname", "-vn", "--header", *how, *files)
            self.assertEqual(got.out, wanted)
        got = self.wc("--job=sum", "-kw,name", "-v2", "--header", *files[:2])
        self.assertEqual(got.out, b"7\ta\t2\t3\t1\t2\t1.5\n7\tb\t1\t5\t5\t5\t5\n")
        got = self.wc("--job=sum", "--header", "-k1", "-vyear sum", "-t;", "-",
                      input=b"x;year sum\na;1\n")
        self.assertEqual(got.out, b"a\t1\t1\t1\t1\t1\n")
        for name, data in (("r.tsv", b"b\tc\td\r1\t2\t3\r"), ("r", b"x\x0cy c d\n1 2 3\n")):
            got = self.wc("--job=sum", "--header", "-kc", "-vd", self.file(name, data))
            self.assertEqual(got.out, b"2\t1\t3\t3\t3\t3\n")
        for keys, words in (("x", b"a.csv' has no field 'x'; its fields are: name, n, w"),
                            ("name,w", b"c.tsv' has no field 'w'; its fields are: n, name")):
            got = self.wc("--job=sum", "-k", keys, "-vn", "--header", *files, status=1)
            self.assertIn(words, got.err)
        for header, words in ((b"name;n", b"name;n; is -t ';' missing?\n"),
                              (b"name\tn", b"name\\tn; is -t '\\t' missing?\n"),
                              (b'"name",n', b'"name", n; is --quoted missing?\n')):
            name = self.file("d.csv", header + b"\na,1\n")
            got = self.wc("--job=sum", "-kname", "-vn", "--header", name, status=1)
            self.assertIn(words, got.err)

    def test_names_in_quotes(self):
        path = self.file("q.csv", b'"a ""b"", c",2020,,"x,y"\nk,1,2,p\nk,3,4,p\n')
        for how in ([], ["-m3", "--split-size=1b"]):
            for key, value, wanted in (
                ('"a ""b"", c"', '"2020"', b"k\t2\t4\t1\t3\t2\n"),
                ('"x,y",1', '""', b"p\tk\t2\t6\t2\t4\t3\n"),
                ('4,"2020"', "3", b"p\t1\t1\t2\t2\t2\t2\np\t3\t1\t4\t4\t4\t4\n"),
            ):
                got = self.wc("--job=sum", "--quoted", "--header", "-k", key, "-v", value, *how, path)
                self.assertEqual(got.out, wanted, (key, value))
        got = self.wc("--job=terms", "--quoted", "--header", "-k", '"x,y"', "-n1", path)
        self.assertEqual(got.out, b"p\tk\t2\n")

    def test_a_line_without_a_number_is_told_where_it_is(self):
        name = self.file("f.csv", b"a,1\nb,x\x1b\nc\n")
        got = self.wc("--job=sum", "-k1", "-v2", name, status=1)
        for words in (b"f.csv' has no number in field 2 of the line at byte 4", b"'x\\033'",
                      b"--skip-invalid"):
            self.assertIn(words, got.err)
        got = self.wc("--job=sum", "-k1", "-v2", "-t,", "-", input=b"a,1\n\nb,2\n", status=1)
        self.assertIn(b"'-' has a line, at byte 4, of fewer than 2 fields", got.err)
        got = self.wc("--job=sum", "-k1", "-v2", "--skip-invalid", "--stats", name, noisy=True)
        self.assertEqual(got.out, b"a\t1\t1\t1\t1\t1\n")
        self.assertRegex(got.err, rb"\ncounter +2 +lines without a number\n")

    def test_a_first_line_without_a_number_may_be_a_header(self):
        for data in (b"name,n\na,1\n", b"\xef\xbb\xbfname,n\r\na,1\r\n", b"Sales\na,1\n"):
            for options in ([], ["--quoted"]):
                options += ["-k1", "-v2", self.file("f.csv", data)]
                got = self.wc("--job=sum", *options, status=1)
                self.assertIn(b"; --header leaves out each file's first line, --skip-invalid", got.err)
                got = self.wc("--job=sum", "--header", *options)
                self.assertEqual(got.out, b"a\t1\t1\t1\t1\t1\n")
        for options, data in (([], b"a,1\nb,x\n"), (["--header"], b"name,n\na,x\n")):
            got = self.wc("--job=sum", "-k1", "-v2", *options, self.file("f.csv", data), status=1)
            self.assertNotIn(b"--header", got.err)

    def test_a_number_of_too_many_digits_is_never_passed_over(self):
        for digits in (b"1" + b"0" * 38, b"0." + b"0" * 38 + b"1", b"1e99999999999999999999"):
            got = self.wc("--job=sum", "-k1", "-v2", "--skip-invalid",
                          self.file("f", b"a " + digits), status=1)
            self.assertIn(b"more than 38 digits", got.err)

    def test_wrong_usage(self):
        for options, words in (
            (["-k2"], b"with the number is missing (-v)"),
            (["-k0", "-v1"], b"'0' is no number of a field for -k"),
            (["-k1,,2", "-v1"], b"'' is no number of a field for -k"),
            (["-k" + ",".join(["1"] * 17), "-v1"], b"more than 16 fields"),
            (["-k1", "-vx"], b"'x' is no number of a field for -v, 1 or more; with --header a name"),
            (["--header", "-k1,", "-v1"], b"'' is no number of a field for -k"),
            (["--header", "-k1", "-va,b"], b"-v takes one field, and 'a,b' has a comma"),
            (["-k1", "-v1,2"], b"-v takes one field, and '1,2' has a comma"),
            (["--header", '-k1,"a', "-v1"], b"a name in -k that begins with a quote does not end with one"),
            (["-k1", '-v"a"'], b"is no number of a field for -v"),
            (["-k1", "-v2", "--quoted", '-t"'], b"-t is not to be a quote"),
            (["-k1", "-v2", "-tab"], b"no separator for -t"),
            (["-k1", "-v2", "-t\\r"], b"no separator for -t"),
            (["-k1", "-v2", "--digits=19"], b"no number of digits"),
            (["-k1", "-v2", "--digits="], b"no number of digits"),
        ):
            with self.subTest(options):
                self.assertIn(words, self.wc("--job=sum", *options, "f", status=2).err)


if __name__ == "__main__":
    unittest.main()
