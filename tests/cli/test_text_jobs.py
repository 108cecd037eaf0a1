"""The built-in jobs index, links, terms and sort, each against a plain program that does the same."""

import collections
import csv
import io
import json
import os
import random
import re
import subprocess
import unittest

from support import Case, how, in_quotes, large

ROUNDS = int(os.environ.get("ROUNDS", 100))
SEED = int(os.environ.get("SEED", random.randrange(1 << 30)))


def words_with_offsets(data):
    return [(m.group(), m.start()) for m in re.finditer(rb"[^\t\n\v\f\r ]+", data)]


class Index(Case):
    def reference(self, names, texts):
        places = collections.defaultdict(list)
        for name, text in zip(names, texts):
            for word, offset in words_with_offsets(text):
                places[word].append(b"%s:%d" % (os.fsencode(name), offset))
        return b"".join(b"%s\t%s\n" % (w, b" ".join(places[w])) for w in sorted(places))

    def test_where_each_word_stands_in_the_order_of_the_input(self):
        self.drawn = True
        for i in range(max(ROUNDS // 20, 2)):
            draw = random.Random(SEED + i)
            texts = [
                b"".join(
                    draw.choice([b"to", b"be", b"or", b"\xc3\xa4", b"not\0", b"x" * 20, b"w%d" % n])
                    + draw.choice([b" ", b"\n", b"\t ", b"\r\n"])
                    for n in range(draw.choice([0, 1, 50, 2000]))
                )
                for _ in range(draw.randint(1, 4))
            ]
            names = [self.file(f"f{n}", text) for n, text in enumerate(texts)]
            with self.subTest(f"SEED={SEED + i}"):
                got = self.wc("--job=index", *how(draw), *names)
                self.assertEqual(got.out, self.reference(names, texts))

    def test_streams_keep_their_place_among_the_operands(self):
        first, last = self.file("first", b"a b\n" * 3), self.file("last", b"b a\n" * 3)
        middle = b"a " * 200000
        got = self.wc("--job=index", "-m3", "-S16M", first, "-", last, input=middle)
        wanted = self.reference([first, "-", last], [b"a b\n" * 3, middle, b"b a\n" * 3])
        self.assertEqual(got.out, wanted)



class WordRules(Case):
    """Index and terms have the words that the word count has with the same options."""

    PIECES = ["The", "the", "ÉLAN", "élan", "can't", "x-ray", "'a'", "--", "42", "½", "“q”", "1,000.5",
              "日本語です", "a_b", "user=ann", "no\u00a0break", "é", "STRASSE", "straße", "x" * 300]

    def ways(self, draw):
        stop = self.file("stop", draw.choice(["the\nélan\n", "The\n42\nstrasse\n"]).encode())
        rule = draw.choice([[], ["--words=white"], ["--words=uwhite"], ["--words=letters"],
                            ["--words=unicode"], ["--match=\\w+"], ["--match=(?i)(?:user=)?(\\w)\\w*"]])
        more = [["-i"], [f"--exclude-from={stop}"], [f"--only-from={stop}"], ["--min-length=3"],
                ["--max-length=6"], ["--drop-numeric"]]
        return rule + sum((option for option in more if draw.random() < 0.25), [])

    def test_the_same_words_as_the_word_count(self):
        self.drawn = True
        for i in range(max(ROUNDS // 4, 10)):
            draw = random.Random(SEED + i)
            count, between = draw.choice([1, 20, 400]), [" ", "  ", "\n", "\r\n", ", ", "—", "\t"]
            text = "".join(draw.choice(self.PIECES) + draw.choice(between) for _ in range(count))
            data = text.encode() + draw.choice([b"", b"\xff\xfe z\xe2\x80 y"])
            path, options = self.file("f", data), self.ways(draw)
            with self.subTest(f"SEED={SEED + i}", options=options):
                counts = [line.rsplit(b"\t", 1) for line in self.wc(*options, path).out.splitlines()]
                got = self.wc("--job=index", *options, *how(draw), path).out.splitlines()
                words = [line.split(b"\t") for line in got]
                self.assertEqual([(w, places.count(b" ") + 1) for w, places in words],
                                 sorted((w, int(n)) for w, n in counts))
                if "-i" not in options:
                    for word, places in words:
                        for place in places.split():
                            self.assertTrue(data.startswith(word, int(place.rsplit(b":", 1)[1])))
                got = self.wc("--job=terms", "-n99999", *options, *how(draw), path).out.splitlines()
                self.assertEqual([line.split(b"\t")[1:] for line in got], counts)
                keyed = self.file("t", b"k\t" + data.translate(None, b"\t\r\n"))
                if not any("match" in option for option in options):  # its fields hide what is before
                    counts = self.wc(*options, self.file("u", data.translate(None, b"\t\r\n"))).out
                    got = self.wc("--job=terms", "-k1", "-t\\t", "-n99999", *options, keyed).out
                    self.assertEqual([line.split(b"\t", 1)[1] for line in got.splitlines()],
                                     counts.splitlines())

    def test_a_word_with_a_tab_is_one_column(self):
        path = self.file("f", b"a\tb c\n")
        for form, expected in (
            ("jsonl", b'{"file":"%s","word":"a\\tb","count":1}\n'),
            ("csv", b"%s,a\tb,1\n"),
            ("colon", b"%s:a\tb:1\n"),
            ("tsv", b"%s\ta\tb\t1\n"),
            ("lines", b"a\tb\t1\n"),
        ):
            got = self.wc("--job=terms", r"--match=\S+\t\S+", f"--format={form}", path)
            self.assertEqual(got.out, expected % path.encode() if b"%" in expected else expected)

    def test_what_is_not_understood_is_refused(self):
        for job in "index", "terms":
            for options, words in (
                (["--words=x"], b"'x' is none of the choices of --words"),
                (["--words=letters", "--match=a"], b"--match cannot go together with --words"),
                (["--min-length=x"], b"'x' is no number for --min-length"),
                (["--min-length=3", "--max-length=2"], b"no word has at least 3 characters"),
                (["--match=("], b"'(' is no pattern"),
            ):
                self.assertIn(words, self.wc(f"--job={job}", *options, "f", status=2).err)
            got = self.wc(f"--job={job}", "--exclude-from=/none", "f", status=1)
            self.assertIn(b"'/none'", got.err)


class Resumed(Case):
    def run_kept(self, *arguments, **more):
        return self.wc(*arguments, "--work-dir", self.path("kept"), **more)

    def interrupt(self, *arguments):
        """Has all done but the output."""
        with open("/dev/full", "wb") as full:
            self.run_kept(*arguments, status=1, stdout=full)

    def test_what_is_done_of_a_job_without_options_is_not_done_again(self):
        name = self.file("text", b"to be or not to be")
        wanted = self.wc("--job=index", name).out
        self.interrupt("--job=index", name)
        got = self.run_kept("--job=index", name, "--resume", "--stats", noisy=True)
        self.assertEqual(got.out, wanted)
        self.assertRegex(got.err, rb"resumed +[1-9]")

    def test_the_option_that_differs_is_named(self):
        name = self.file("numbers", b"1 2\n")
        for was, now, word in (
            ("sort -k1", "sort -k2", b"what is sorted by (-k, -n)"),
            ("sort", "sort -n", b"what is sorted by (-k, -n)"),
            ("sort -k1", "sort -k1 -t1", b"-t"),
            ("sort", "sort -r", b"-r"),
            ("sort -k1", "sort --header -k1", b"--header"),
            ("sort --header -k1", "sort --header -k2", b"what is sorted by (-k, -n)"),
            ("sum -k1 -v2", "sum -k1,2 -v2", b"-k"),
            ("sum -k1 -v2", "sum -k1 -v2 --digits=3", b"--digits"),
            ("terms", "terms -n3", b"-n"),
            ("links", "links -t1", b"-t"),
            ("terms", "terms -i", b"--ignore-case (-i)"),
            ("index", "index --words=letters", b"--words"),
            ("grep -c 1", "grep -c 2", b"the pattern"),
            ("grep -c 1", "grep -cv 1", b"-v"),
            (f"join {name}", f"join -a1 {name}", b"-a"),
            (f"join -o0,1.1 {name}", f"join -o0,1.2 {name}", b"-o"),
        ):
            with self.subTest(f"{was}, {now}"):
                self.interrupt(*f"--job={was}".split(), name)
                got = self.run_kept(*f"--job={now}".split(), name, "--resume", status=1)
                self.assertIn(b": " + word + b" is not what it was", got.err)
                self.run_kept(*f"--job={was}".split(), name, "--resume")


class Links(Case):
    def test_pairs_are_turned_round_and_sources_keep_their_order(self):
        draw = random.Random(SEED)
        pairs = [(b"%d" % draw.randint(0, 300), b"%d" % draw.randint(0, 30)) for _ in range(5000)]
        for option, between, name in (([], b" ", "pairs"), (["-t,"], b",", "pairs"),
                                      (["-t\\t"], b"\t", "pairs.csv"), ([], b",", "pairs.csv")):
            end = draw.choice([b"\n", b"\r\n", b"\r"])
            data = b"".join(a + between + b + end for a, b in pairs) + b"alone" + 2 * end
            sources = collections.defaultdict(list)
            for a, b in pairs:
                sources[b].append(a)
            shown = between if option else b" "
            wanted = b"".join(b"%s\t%s\n" % (b, shown.join(sources[b])) for b in sorted(sources))
            with self.subTest(option, name=name):
                got = self.wc("--job=links", *option, *how(draw), self.file(name, data))
                self.assertEqual(got.out, wanted)

    def test_a_separator_is_one_byte(self):
        got = self.wc("--job=links", "-t", "ab", status=2)
        self.assertIn(b"'ab' is no separator for -t", got.err)


def top(groups, wanted):
    """The lines of terms: of each group the most frequent words."""
    return b"".join(
        b"%s\t%s\t%d\n" % (name, word, count)
        for name, words in groups
        for word, count in sorted(words.items(), key=lambda w: (-w[1], w[0]))[:wanted]
    )


class Terms(Case):
    def words(self, draw):
        """Few or many words, often or once, short or long, of bytes that are less than a newline."""
        kind, count = draw.randint(0, 3), draw.choice([0, 1, 30, 3000, 30000])
        for _ in range(count):
            n = int(draw.paretovariate(0.5)) if kind else draw.randint(0, 10**6)
            yield [b"%d" % n, b"w\1" + b"\2" * (n % 3), b"\xff\0%d" % (n % 99), b"x" * (n % 90)][kind]

    def test_the_most_frequent_words_of_each_file(self):
        self.drawn = True
        for i in range(max(ROUNDS // 20, 3)):
            draw = random.Random(SEED + i)
            blanks = [b" ", b"\n", b"\r\n", b"\t\v"]
            texts = [
                b"".join(word + draw.choice(blanks) for word in self.words(draw))
                for _ in range(draw.randint(1, 5))
            ]
            names = [self.file(f"{-n}", text) for n, text in enumerate(texts)]
            counts = [collections.Counter(text.split()) for text in texts]
            wanted = draw.choice([1, 3, 10, 1000, 10**9])
            option = [f"-n{wanted}"] * (wanted != 10)
            with self.subTest(f"SEED={SEED + i}"):
                # All words of a group are held then: up to 30,000, and by a reducer's eighth.
                room = ["-S512M"] * (wanted > 1000)
                got = self.wc("--job=terms", *option, *how(draw), *room, *names)
                self.assertEqual(got.out, top(zip(map(os.fsencode, names), counts), wanted))

    def test_the_most_frequent_words_of_each_value_of_a_field(self):
        self.drawn = True
        for i in range(max(ROUNDS // 20, 3)):
            draw = random.Random(SEED + i)
            field, header = draw.randint(1, 3), draw.random() < 0.3
            between, name, option = draw.choice(
                [(b",", "a.csv", []), (b"\t", "a.TSV", []), (b",", "a", ["-t,"]),
                 (b"\t", "a.csv", ["-t\\t"]), (b" ", "a", [])]
            )
            if between == b" ":  # no field is empty, and none has a blank in it
                fields = [b"a", b"b\0", b"\xe4" * 60, b"1", b"2\x0bx"]
            else:
                fields = [b"", b"a b", b"b", b"\xe4" * 60, b" a ", b"1 1 2"]
            lines = [
                between.join(draw.choice(fields) for _ in range(draw.choice([1, 2, 3, 3, 3, 4])))
                for _ in range(draw.choice([0, 1, 100, 3000]))
            ]
            groups = collections.defaultdict(collections.Counter)
            for line in lines[header:]:
                cut = line.split(between)
                if len(cut) >= field:
                    key = cut.pop(field - 1)
                    groups[key].update(word for f in cut for word in f.split())
            end = draw.choice([b"\n", b"\r\n", b"\r"])
            key = str(field)
            if header and lines and draw.random() < 0.7:
                lines[0], key = between.join([b"first", b"2nd", b"third", b"4"]), "first,2nd,third"
                key = key.split(",")[field - 1]
            path = self.file(name, b"".join(line + end for line in lines))
            option = option + ["--header"] * header
            with self.subTest(f"SEED={SEED + i}"):
                got = self.wc("--job=terms", f"-k{key}", *option, *how(draw), path)
                self.assertEqual(got.out, top(sorted(groups.items()), 10))
        path = self.file("f", b"x\x0cy z w\n1 2 3\n")  # a form feed is part of a name
        got = self.wc("--job=terms", "--header", "-kz", path)
        self.assertEqual(got.out, b"2\t1\t1\n2\t3\t1\n")

    def test_fields_in_quotes(self):
        self.drawn = True
        for i in range(max(ROUNDS // 10, 4)):
            draw = random.Random(SEED + i)
            fields = ["a", "b, c", 'say "a" b', "", " a ", "l\nm", "c\r\nd a", "x" * 99]
            rows = [[draw.choice(fields) for _ in range(draw.choice([1, 2, 3, 3, 3]))]
                    for _ in range(draw.choice([0, 1, 50, 500]))]
            out, header, field = io.StringIO(), draw.random() < 0.5, draw.randint(1, 3)
            separator, suffix = draw.choice([(",", ""), (",", ".csv"), ("\t", ".tsv"), (";", "")])
            end = draw.choice(["\n", "\r\n"])
            write = csv.writer(out, delimiter=separator, lineterminator=end, quoting=csv.QUOTE_ALL)
            names = ["first", "2,nd", '2 "third"']
            write.writerows([names] * header + rows)
            groups = collections.defaultdict(collections.Counter)
            for row in rows:
                if len(row) >= field:
                    row = [text.encode() for text in row]
                    key = row.pop(field - 1)
                    groups[key].update(word for text in row for word in text.split())
            key = in_quotes(names[field - 1]) if header and draw.random() < 0.7 else str(field)
            options = ["--header"] * header + ["-t;"] * (separator == ";")
            path = self.file("f" + suffix, out.getvalue().encode())
            with self.subTest(f"SEED={SEED + i}"):
                got = self.wc("--job=terms", "--quoted", f"-k{key}", *options, *how(draw), path)
                self.assertEqual(got.out, top(sorted(groups.items()), 10))

    @large
    def test_more_words_than_memory_holds(self):
        words = [b"%x" % (n * 2654435761 % 2**32) for n in range(400000)] + [b"often"] * 2 + [b"8"]
        long = [b"long" * 30000 + b"%d" % n for n in range(20)]
        path = self.file("many", b"\n".join(words + long * 2))
        counts = collections.Counter(words + long * 2)
        name = os.fsencode(path)
        for wanted in 5, 25, 30:
            got = self.wc("--job=terms", f"-n{wanted}", "-S64M", "-m1", "-r1", path)
            self.assertEqual(got.out, top([(name, counts)], wanted))
        got = self.wc("--job=terms", "-n1000000", "-S16M", "-r3", path, status=1)
        self.assertIn(b"more memory than a reducer has: ask for fewer (-n)", got.err)

    def test_options_that_make_no_sense_are_refused(self):
        for options, words in (
            (["-n0"], b"'0' is no number of words for -n"),
            (["-n", "1e3"], b"'1e3' is no number of words"),
            (["-k", "0"], b"'0' is no number of a field for -k"),
            (["-kx"], b"'x' is no number of a field for -k, 1 or more; with --header a name is"),
            (["-t,"], b"-t is about fields: it wants one to group by (-k)"),
            (["--header"], b"--header is about fields"),
            (["--quoted"], b"--quoted is about fields"),
            (["--quoted", "-k1", '-t"'], b"-t is not to be a quote"),
            (["-k1", "-tab"], b"'ab' is no separator for -t"),
        ):
            self.assertIn(words, self.wc("--job=terms", *options, status=2).err)

    def test_of_a_missing_name_what_the_job_can_do_is_said(self):
        for header, words in (
            (b"k|w", b"fields are: k|w; is -t '|' missing?\n"), (b'"k",w', b'are: "k", w; is --quoted missing?\n'),
        ):  # fmt: skip
            path = self.file("f.csv", header + b"\na,b\n")
            got = self.wc("--job=terms", "--header", "-kk", path, status=1)
            self.assertIn(words, got.err)


class Sort(Case):
    def line(self, draw):
        kind = draw.randint(0, 4)
        if kind == 0:
            return b" ".join(b"%d" % draw.randint(-20, 20) for _ in range(draw.randint(0, 4)))
        if kind == 1:
            sign = draw.choice([b"", b"-", b" ", b"  -", b"00", b"-0"])
            number = b"%d.%d" % (draw.randint(0, 200), draw.randint(0, 50))
            return sign + number + b" " + draw.choice([b"a", b"b", b"B", b""])
        if kind == 2:
            return bytes(draw.choice(b"ab ,\t\0\r\xff\xe4A0") for _ in range(draw.randint(0, 12)))
        if kind == 3:
            fields = [b"", b"x", b"y", b"10", b"9", b"1e3", b".5", b"-.5", b"-0", b"0.50"]
            return b",".join(draw.choice(fields) for _ in range(draw.randint(1, 5)))
        return b"x" * draw.randint(0, 300) + b"%d" % draw.randint(0, 9)

    def position(self, draw, least):
        character = f".{draw.randint(least, 5)}" if draw.random() < 0.3 else ""
        letters = "".join(letter for letter in "bnr" if draw.random() < 0.2)
        return f"{draw.randint(1, 4)}{character}{letters}"

    def options(self, draw):
        options = [o for o in ("-n", "-r", "-u", "-s") if draw.random() < 0.3]
        if draw.random() < 0.4:
            options += ["-t", draw.choice([",", " ", "x"])]
        for _ in range(draw.choice([0, 0, 1, 1, 2, 3])):
            end = "," + self.position(draw, 0) if draw.random() < 0.7 else ""
            options += ["-k", self.position(draw, 1) + end]
        return options

    def test_a_header_stays_where_it_is(self):
        self.drawn = True
        for i in range(ROUNDS // 4):
            draw = random.Random(SEED + i)
            lines = [self.line(draw) for _ in range(draw.choice([0, 1, 5, 200, 1000]))]
            header, options = draw.choice([b"name,x", b"", b"\xff zz", b"a\r"]), self.options(draw)
            files = [self.file(f"f{n}", header + b"\n" + b"".join(line + b"\n" for line in lines[n::2]))
                     for n in (0, 1)]
            wanted = subprocess.run(
                ["sort", *options], env=dict(os.environ, LC_ALL="C"), capture_output=True,
                input=b"".join(line + b"\n" for line in lines[::2] + lines[1::2]),
            ).stdout
            with self.subTest(f"SEED={SEED + i}"):
                got = self.wc("--job=sort", "--header", *options, *how(draw), *files)
                self.assertEqual(got.out, header + b"\n" + wanted, options)

    def test_of_several_headers_that_of_the_first_file_stays(self):
        texts = {"e": b"", "b": b"\xef\xbb\xbf", "p": b"zp\n1\n", "q": b"zq\n0\n", "h": b"zh"}
        names = {name: self.file(name, text) for name, text in texts.items()}
        for given, header in (("pq", b"zp"), ("qp", b"zq"), ("ebqp", b"zq"), ("hpq", b"zh"),
                              ("ebphq", b"zp")):
            for options in ([], ["-u"], ["-r", "--reverse"], ["-k1n", "-s"]):
                got = self.wc("--job=sort", "--header", *options, "-m2", "--reducers=2",
                              *[names[name] for name in given], noisy=True)
                self.assertEqual(got.out, header + b"\n0\n1\n", (given, options))
        # A pipe is only read when the files are known.
        for given, header in ((["-"], b"zs"), (["-", names["p"]], b"zp"), ([names["p"], "-"], b"zp"),
                              ([names["e"], "-"], b"zs")):
            got = self.wc("--job=sort", "--header", *given, input=b"zs\n1\n0\n", noisy=True)
            self.assertEqual(got.out, header + b"\n0\n1\n" + b"1\n" * (names["p"] in given))
        got = self.wc("--job=sort", "--header", names["e"], names["b"], names["h"])
        self.assertEqual(got.out, b"zh\n")

    def test_a_header_is_in_the_first_part_and_among_the_first_lines(self):
        path = self.file("in", b"z\n" + b"".join(b"%d\n" % n for n in range(5000)))
        for options, order in (([], range(5000)), (["-kz:nr"], range(4999, -1, -1))):
            wanted = b"z\n" + b"".join(b"%d\n" % n for n in sorted(order, key=str))
            if options:
                wanted = b"z\n" + b"".join(b"%d\n" % n for n in order)
            out = self.path("out" + str(len(options)))
            self.wc("--job=sort", "--header", *options, "--reducers=3", "-O", out, path)
            parts = [self.read(os.path.join(out, f"part-r-0000{n}")) for n in range(3)]
            self.assertEqual(b"".join(parts), wanted)
            got = self.wc("--job=sort", "--header", *options, "--top=3", path)
            self.assertEqual(got.out, b"".join(wanted.splitlines(True)[:3]))

    def test_a_line_under_a_header_may_be_as_long_as_any(self):
        long = [letter * (1 << 20) for letter in (b"b", b"a", b"b")]
        path = self.file("in", b"h\n" + b"\n".join(long) + b"\n")
        for options, order in (([], (1, 0, 2)), (["-r"], (0, 2, 1)), (["-u"], (1, 0)),
                               (["-kh"], (1, 0, 2)), (["-s", "-k1,1"], (1, 0, 2))):
            got = self.wc("--job=sort", "--header", *options, "-S32M", path)
            self.assertTrue(got.out == b"h\n" + b"".join(long[n] + b"\n" for n in order), options)

    def test_keys_by_their_names(self):
        name = self.file("f.csv", b"city,price,n\r\nb,10,x\r\na,9,y\r\nc,10,x\r\n")
        line = dict(zip(b"abc", (b"a,9,y\r\n", b"b,10,x\r\n", b"c,10,x\r\n")))
        for options, order in (
            ("-kprice:n", b"abc"), ("-kprice", b"bca"), ("-nk price", b"abc"), ("-kprice:nr", b"bca"),
            ("-kn -kcity:r", b"cba"), ("-kcity --reverse", b"cba"), ("-kcity:r --reverse", b"abc"),
            ("-n -kcity:b", b"abc"), ("-k2,2nr -kcity:r", b"cba"), ("-ukprice", b"ba"),
        ):
            with self.subTest(options):
                got = self.wc("--job=sort", "--header", "-t,", *options.split(), name)
                self.assertEqual(got.out, b"city,price,n\r\n" + b"".join(line[c] for c in order))
        other = self.file("g.csv", b"price,city\n9.5,z\n")
        got = self.wc("--job=sort", "--header", "-t,", "-kprice:n", name, other, noisy=True)
        self.assertEqual(got.out, b"city,price,n\r\na,9,y\r\n9.5,z\nb,10,x\r\nc,10,x\r\n")
        self.assertRegex(got.err, rb"warning: the header of '.*g.csv' differs from that of '.*f.csv'")
        white = self.file("white", b" a:n   b\nx     10\ny      9\n")
        got = self.wc("--job=sort", "--header", "-kb:n", white)
        self.assertEqual(got.out, b" a:n   b\ny      9\nx     10\n")
        for options, words in (("-kname", b"has no field 'name'; its fields are: city, price, n"),
                               ("-kprice:x", b"has no field 'price:x'")):
            got = self.wc("--job=sort", "--header", "-t,", *options.split(), name, status=1)
            self.assertIn(words, got.err)
        got = self.wc("--job=sort", "--header", "-kprice", name, status=1)
        self.assertIn(b"city,price,n; is -t ',' missing?", got.err)
        for key in "", "price":
            got = self.wc("--job=sort", "-k", key, *["--header"] * (key == ""), status=2)
            self.assertIn(b"is no key for -k", got.err)

    def check(self, options, ways, *names, top=None):
        wanted = subprocess.run(
            ["sort", *options, *names], env=dict(os.environ, LC_ALL="C"), capture_output=True
        )
        self.assertEqual(wanted.returncode, 0, wanted.stderr)
        first = wanted.stdout.split(b"\n")[:-1][:top]
        ways = ways + ["--top", top] * (top is not None)
        got = self.wc("--job=sort", *options, *ways, *names)
        self.assertEqual(got.out, b"".join(line + b"\n" for line in first), (options, top))

    def test_the_same_bytes_as_sort(self):
        self.drawn = True
        for i in range(ROUNDS // 2):
            draw = random.Random(SEED + i)
            lines = [self.line(draw) for _ in range(draw.choice([0, 1, 5, 200, 1000]))]
            data = b"\n".join(lines) + b"\n" * (draw.random() < 0.8)
            with self.subTest(f"SEED={SEED + i}"):
                top = draw.choice([None, None, 0, 1, 7, 300])
                self.check(self.options(draw), how(draw), self.file("lines", data), top=top)

    def test_lines_of_any_size_and_many_files(self):
        long = [b"b" * 300000 + b"2", b"a" * 200000, b"b" * 300000 + b"1", b"", b"a"]
        names = [self.file(f"f{n}", b"\n".join(long[n:]) + b"\n") for n in range(3)]
        for options in [], ["-r"], ["-u"], ["-k1.2"], ["-k1.300000n", "-s"]:
            self.check(options, ["-m2"], *names)
        self.check([], ["-m2"], *names, top=5)

    def test_a_line_of_a_million_bytes_fits_whatever_the_memory(self):
        little = ["-m6", "-S16M", "--split-size=64K"]
        data = b"".join(b"%d " % n + b"x" * 999996 + b"\n" for n in (90, 10, 50)) + b"a\n" * 99
        name = self.file("large", data)
        self.check(["-k1.2,1n"], little, name)
        self.check(["-k2r", "-s"], little, name)
        self.assertEqual(self.wc("--job=grep", "1", *little, name).out, data.split(b"\n")[1] + b"\n")

    def test_a_line_that_does_not_fit_is_named(self):
        name = self.file("huge", b"a\n" + b"x" * 4000000 + b"\nb\n")
        got = self.wc("--job=sort", "-k1", "-m6", "-S16M", name, status=1)
        self.assertRegex(got.err, rb"huge' has a record, at byte 2, of more than \d+ bytes, .*\(--memory\)")
        self.check(["-k1"], ["-m1", "-S64M"], name)

    def test_map_tasks_that_are_not_too_many_sort_alone(self):
        draw = random.Random(SEED)
        data = b"".join(self.line(draw) + b"\n" for _ in range(5000))
        name = self.file("lines", data)
        for options in [], ["-r"], ["-k2"], ["-k2", "-r"], ["-n", "-s"], ["-k1,1", "-s", "-r"], ["-u"]:
            self.check(options, ["-m2", "--split-size=20K"], name)
            self.check(options, ["-m2", "--split-size=20K", "-S16M"], name, top=2500)
            wanted = self.wc("--job=sort", *options, name).out
            for ways, alone in ["20K", True], ["500b", False]:
                ways = ["-m2", "-S16M", f"--split-size={ways}", "--stats=json"]
                got = self.wc("--job=sort", *options, *ways, name, noisy=True)
                self.assertEqual(got.out, wanted, (options, ways))
                reducers = json.loads(got.err)["reduce"]["tasks"]
                self.assertEqual(reducers == 0, alone and "-u" not in options, options)
            self.assertEqual(self.wc("--job=sort", *options, "-m2", input=data).out, wanted, options)

    def test_parts_are_as_many_as_asked_for(self):
        data = b"".join(b"%d %x\n" % (i % 900, i * 2654435761 % 7919) for i in range(60000))
        name = self.file("lines", data)
        for options in [], ["-k2"], ["-k1,1n", "-s"]:
            parts = self.path("parts")
            ways = ["-m2", "--reducers=3", "--overwrite", "-O", parts]
            self.wc("--job=sort", *options, *ways, name)
            names = sorted(n for n in os.listdir(parts) if n.startswith("part-"))
            self.assertEqual(len(names), 3)
            got = [open(os.path.join(parts, n), "rb").read() for n in names]
            self.assertTrue(all(got))
            self.assertEqual(b"".join(got), self.wc("--job=sort", *options, name).out)

    def test_what_is_no_key_is_refused(self):
        for key in "0", "1.0", "x", "1,", "1,0", "1z", "", "1,2,3":
            got = self.wc("--job=sort", "-k", key, status=2)
            self.assertIn(b"is no key for -k", got.err)


class NoReducers(Case):
    def test_what_only_a_reducer_can_read_is_no_result(self):
        path = self.file("f", b"b 2\na 1\n")
        for arguments in ("index", "terms", "terms -k1", "sum -k1 -v2", "grep -c a", "sort -k2",
                          "sort -n", "join"):
            arguments = [f"--job={arguments}".split()[0], *arguments.split()[1:], "--reducers=0", path]
            got = self.wc(*arguments, *[path] * arguments.count("--job=join"), status=2)
            self.assertRegex(got.err, rb"the job '\w+' needs reducers \(--reducers\): what its map")
        for arguments, wanted in (("sort", b"b 2\na 1\n"), ("links", b"2\tb\n1\ta\n"), ("grep a", b"a 1\n")):
            arguments = [f"--job={arguments}".split()[0], *arguments.split()[1:], "--reducers=0", path]
            self.assertEqual(self.wc(*arguments, noisy=True).out, wanted)


def texts(bytes_of):
    return [text.decode("utf-8", "surrogateescape") for text in bytes_of]


def places(text):
    found = [place.rsplit(b":", 1) for place in text.split(b" ")]
    return [{"file": name, "offset": offset} for name, offset in map(texts, found)]


def named(*names):
    """What columns are called that tabs separate."""
    return lambda line: dict(zip(names, texts(line.split(b"\t"))))


def quoted(field):
    special = any(c in field for c in b',"\r\n') or field == b""
    return b'"%s"' % field.replace(b'"', b'""') if special else field


def fields_of(record):
    """The fields of a line, of its columns."""
    fields = []
    for name, value in record.items():
        if name == "places":
            value = " ".join(f"{place['file']}:{place['offset']}" for place in value)
        elif name == "sources":
            value = " ".join(value)
        fields += value if isinstance(value, list) else [value]
    return [field.encode("utf-8", "surrogateescape") for field in fields]


class Columns(Case):
    """With names of columns, numbers and lists, or as fields, a line says what it says without."""

    # Arguments, and what the object is that a line of another format stands for.
    CASES = [
        ("--job=index", lambda line: {"word": texts([line.split(b"\t")[0]])[0],
                                      "places": places(line.split(b"\t")[1])}),
        ("--job=links", lambda line: {"target": texts([line.split(b"\t")[0]])[0],
                                      "sources": texts(line.split(b"\t")[1].split(b" "))}),
        ("--job=terms -n3", named("file", "word", "count")),
        ("--job=terms -k1", named("group", "word", "count")),
        ("--job=sum -k1 -v2 --skip-invalid", named("key", "count", "sum", "min", "max", "mean")),
        ("--job=sum -k3,1 -v2 --skip-invalid --digits=18", lambda line: {
            "key": texts(line.split(b"\t")[:2]),
            **named("count", "sum", "min", "max", "mean")(line.split(b"\t", 2)[2])}),
        ("--job=join", lambda line: {"fields": texts(line.split(b" "))}),
        ("--job=join -t. -a1 -v2", lambda line: {"fields": texts(line.split(b"."))}),
        ("--job=grep a", lambda line: dict(zip(["file", "line"], texts(line.split(b":", 1))))),
        ("--job=grep -ho [a1]+", lambda line: {"line": texts([line])[0]}),
        ("--job=grep -c a", lambda line: dict(zip(["file", "count"], texts(line.split(b":"))))),
        ("--job=grep -ch a", lambda line: {"count": texts([line])[0]}),
        ("--job=sort -k2", lambda line: {"line": texts([line])[0]}),
        ("--job=sort -u", lambda line: {"line": texts([line])[0], "count": "1"}),
        ("--mapper=cat", lambda line: {"line": texts([line])[0]}),
        ("--reducer=cat", lambda line: {"line": texts([line])[0]}),
    ]

    def test_every_job_has_names_that_fit(self):
        draw = random.Random(SEED)
        fields = [b"a", b"\xff", b'"\\', b"\xc3\xa4", b"1", b"1.50", b"-.5", b"1e3", b"\0", b"00", b"a,b"]
        lines = lambda: b"".join(b" ".join(draw.choices(fields, k=3)) + b"\n" for _ in range(150))
        paths = [self.file(name, lines()) for name in "ab"]
        for arguments, wanted in self.CASES:
            arguments = arguments.split() + paths
            with self.subTest(" ".join(arguments) + f" SEED={SEED}"):
                plain = self.wc(*arguments, *how(draw)[::2]).out
                records = [wanted(line) for line in plain.split(b"\n")[:-1]]
                got = self.wc(*arguments, "--format=jsonl", *how(draw)[::2]).out
                self.assertEqual([json.loads(line, parse_int=str, parse_float=str)
                                  for line in got.splitlines()], records)
                lines = [fields_of(record) for record in records]
                for form, write in (("csv", lambda line: b",".join(map(quoted, line))),
                                    draw.choice([("tsv", b"\t".join), ("colon", b":".join)])):
                    got = self.wc(*arguments, f"--format={form}", *how(draw)[::2]).out
                    self.assertEqual(got.split(b"\n")[:-1], [write(line) for line in lines], form)

    def test_each_as_it_is_written(self):
        first, second = self.file("a b:3", b"1 to\n2 \xff\n"), self.file("c", b"2 \"\n1 u\n1 v\n\n")
        name = first.encode()
        for form, arguments, line in (
            ("jsonl", ["--job=index"], b'{"word":"1","places":[{"file":"%s","offset":0},{"file":"%s",'
                              b'"offset":4},{"file":"%s","offset":8}]}' % (name, *[second.encode()] * 2)),
            ("jsonl", ["--job=grep", "-F", "\""], b'{"file":"%s","line":"2 \\""}' % second.encode()),
            ("jsonl", ["--job=join", "-e", "n o", "-o1.2 2.2 1.3"], b'{"fields":["to","u","n o"]}'),
            ("jsonl", ["--job=sum", "-k2", "-v1", "--skip-invalid"], b'{"key":"\\"","count":1,"sum":2,"min":2,"max":2,"mean":2}'),
            ("jsonl", ["--job=links", "-t\\t", "-r1"], b""),
            ("csv", ["--job=grep", "\""], b'%s,"2 """' % second.encode()),
            ("csv", ["--job=grep", "-h", "^"], b'""'),
            ("csv", ["--job=grep", "-c", "o"], b'%s,1' % first.encode()),
            ("csv", ["--job=join", "-a2", "-o1.2"], b'""'),
            ("csv", ["--job=join", "-a1", "-o1.2,2.2"], b'to,u'),
            ("csv", ["--job=sum", "-k2", "-v1", "--skip-invalid"], b'"""",1,2,2,2,2'),
            ("csv", ["--job=index"], b'1,%s:0 %s:4 %s:8' % (name, *[second.encode()] * 2)),
            ("csv", ["--job=links", "-t "], b'u,1'),
            ("tsv", ["--job=sort", "-k2"], b'1 v'),
        ):
            with self.subTest(form=form, arguments=arguments):
                got = self.wc(*arguments, f"--format={form}", first, second).out
                self.assertIn(line, got.split(b"\n"))


if __name__ == "__main__":
    unittest.main()
