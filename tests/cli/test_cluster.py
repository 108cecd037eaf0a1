"""The roles of a cluster's processes (--as): mapper, combiner and reducer give together, with a sort
between them, what one run over all of the input gives."""

import gzip
import os
import random
import subprocess
import unittest

from support import MB, PROGRAM, Case

ROUNDS = int(os.environ.get("ROUNDS", 12))
SEED = int(os.environ.get("SEED", random.randrange(1 << 30)))
IN_FILE = {"mapreduce_map_input_file": "hdfs://host/dir/its.txt", "mapreduce_map_input_start": "7"}
PIECES = [
    *(bytes([byte]) for byte in b'",\\\t\r ,;x09\0\x01\x08\x0b\x1f\x7f'),
    *(c.encode() for c in "aAbéÉ½中\U0001f600\u2028\u00a0\ufeffß'-12"),
    *(b"\xff", b"\xc3", b"\x80", b"\xed\xa0\x80", b"\\x09", b"\\\\", b"PK\3\4", b"\x1f\x8b\x08"),
]
# Options that choose and keep words, and whether its text may have quotes and CRs.
OPTIONS = [
    [], ["-i"], ["-d,"], ["-d,", "-i"], ["-d\\n"], ["-f2", "-d,"], ["-f", "1,3-"], ["-z"],
    ["--words=uwhite"], ["--words=letters", "-i"], ["--quoted", "-f1,2"], ["--quoted"],
    ["--match=[a-z]+|[^ ]é"], ["--drop-numeric"], ["--min-count=2", "-i"],
    ["--max-count=3", "--min-length=2", "--max-length=5", "-d,"],
]


def a_text(draw, options):
    """A text of few lines, of which no quote is open at an end where quotes are minded."""
    lines = []
    for _ in range(draw.choice([0, 1, 5, 60])):
        line = b"".join(draw.choices(PIECES, k=draw.randint(0, 12)))
        if draw.random() < 0.05:
            line = line.replace(b"\n", b"") * draw.choice([50, 3000])
        if "--quoted" in options:
            line = b",".join(b'"' + f.replace(b'"', b'""') + b'"' if draw.random() < 0.4 else
                             f.replace(b'"', b"") for f in line.replace(b"\r", b"").split(b","))
        lines.append(line + draw.choice([b"\n", b"\r\n"]))
    if lines and draw.random() < 0.3:
        lines[-1] = lines[-1].rstrip(b"\r\n")
    # Its beginning is not that of another kind of file; parts of it may be.
    return [b"first,first\n", *lines]


class Roles(Case):
    def records(self, options, parts, cut=True):
        """What mappers make of parts of a file, as a cluster cuts them."""
        return [
            self.wc("--as=mapper", *options, input=part,
                    environment=IN_FILE if cut and i > 0 else {}).out
            for i, part in enumerate(parts)
        ]

    def reduced(self, records, *options):
        lines = sorted(b"".join(records).splitlines(True))
        return self.wc("--as=reducer", *options, input=b"".join(lines)).out

    def test_together_they_are_one_run(self):
        for i in range(max(ROUNDS, len(OPTIONS))):
            draw = random.Random(SEED + i)
            options = OPTIONS[i % len(OPTIONS)]
            lines = a_text(draw, options)
            with self.subTest(f"SEED={SEED + i} {options}"):
                path = self.file("text", b"".join(lines))
                form = ["--format=jsonl"]
                wanted = self.wc(*options, *form, path).out
                parts, end = [[]], b"\0" if options == ["-z"] else b"\n"
                for line in lines:
                    # A split may stand behind any end of a line, but for that of the mapper's.
                    if parts[-1] and parts[-1][-1].endswith(end) and draw.random() < 0.15:
                        parts.append([])
                    parts[-1].append(line)
                parts = [b"".join(part) for part in parts]
                if options == ["-z"]:
                    parts = [b"".join(parts)]
                records = self.records(options, parts)
                for record in b"".join(records).split(b"\n"):
                    record.decode()
                    self.assertEqual(len(record.translate(None, bytes(range(32)))),
                                     len(record) - bool(record))
                if draw.random() < 0.5:
                    some = b"".join(sorted(records[0].splitlines(True)))
                    records[0] = self.wc("--as=combiner", *options, input=some).out
                got = self.reduced(records, *options, *form)
                self.same(self.wc("--counted=jsonl", *form, input=got).out, wanted)

    def test_in_a_pipe_with_sort(self):
        self.file("text", b"b a,1 \xff\\x \x01\r\n a \xc3\xa9 12 a\n" * 500 + b"c" * 100000)
        for options in ("", "-i", "-d,", "-d ' '", "--drop-numeric --min-count=501"):
            with self.subTest(options):
                self.script(f"""
                    split -l 100 text part. &&
                    for part in part.*; do $W --as=mapper {options} <$part || exit; done >records &&
                    LC_ALL=C sort records | $W --as=combiner {options} |
                        $W --as=reducer {options} | $W --counted >got &&
                    $W {options} text >wanted && cmp got wanted""")

    def test_no_environment_and_no_home(self):
        for role, text, out in (("mapper", b"b a b", b"b\t2\na\t1\n"),
                                ("combiner", b"a\\x09\t1\na\\x09\t2\n", b"a\\x09\t3\n"),
                                ("reducer", b"a\\x09\t1\na\\x09\t2\n", b"a\t\t3\n")):
            got = subprocess.run([PROGRAM, f"--as={role}"], input=text, env={}, cwd="/proc",
                                 capture_output=True, timeout=60)
            self.assertEqual((got.returncode, got.stderr), (0, b""))
            self.assertEqual(sorted(got.stdout.splitlines()), sorted(out.splitlines()))

    def test_few_distinct_words_are_a_record_each(self):
        out = self.wc("--as=mapper", input=b"to be or not to be\n" * 10000).out
        self.assertEqual(sorted(out.splitlines()), [b"be\t20000", b"not\t10000", b"or\t10000",
                                                    b"to\t20000"])

    def test_words_of_any_size_within_the_memory(self):
        word = b"long\\" * (3 * MB // 5)
        out = self.wc("--as=mapper", "-S16M", input=b"%b a\n%b" % (word, word), budget=40 * MB).out
        record = word.replace(b"\\", b"\\\\") + b"\t1\n"
        self.assertEqual(len(out), len(record) * 2 + 4)
        self.assertEqual(out.count(record), 2)
        out = self.reduced([out])
        self.assertEqual(out, b"a\t1\n" + word + b"\t2\n")

    def test_a_reducer_remembers_one_word(self):
        records = b"".join(b"word-%07d\t1\nword-%07d\t2\n" % (i, i) for i in range(150000))
        got = self.wc("--as=combiner", input=records, budget=8 * MB)
        self.assertEqual(got.out.count(b"\t3\n"), 150000)

    def test_formats_of_the_reducer(self):
        for form, line in (("csv", b'"a""",3\n'), ("jsonl", b'{"word":"a\\"","count":3}\n'),
                           ("uniq", b'      3 a"\n'), ("colon", b'a":3\n'), ("lines", b'a"\n' * 3)):
            self.assertEqual(self.wc("--as=reducer", f"--format={form}",
                                     input=b'a"\t1\na"\t2\n').out, line)

    def test_filters_act_where_they_can(self):
        text = b"one 22 three three the The\n"
        stop = self.file("stop", b"THE\n")
        options = ["-i", f"--exclude-from={stop}", "--drop-numeric", "--min-count=2"]
        records = self.wc("--as=mapper", *options, input=text).out
        self.assertEqual(sorted(records.splitlines()), [b"one\t1", b"three\t2"])
        self.assertEqual(self.wc("--as=combiner", *options, input=b"22\t1\none\t1\n").out,
                         b"22\t1\none\t1\n")
        self.assertEqual(self.reduced([records, b"22\t5\nthe\t9\n"], *options), b"three\t2\n")

    def test_what_hadoop_says_of_the_file(self):
        def mapped(text, name, start=None, **more):
            said = {"map_input_file": name} if start is None else {
                "mapreduce_map_input_file": name, "mapreduce_map_input_start": start}
            got = self.wc("--as=mapper", input=text, environment=said, **more)
            return sorted(got.out.splitlines()) if not more else got.err
        self.assertEqual(mapped(b"a b,c", "hdfs://h/x.csv", "0"), [b"a b\t1", b"c\t1"])
        self.assertEqual(mapped(b"a b,c\td", "hdfs://h/x.tsv.gz"), [b"a b,c\t1", b"d\t1"])
        # What Hadoop has passed over it hands to nobody: a mark that is there was a second one.
        self.assertEqual(mapped(b"\xef\xbb\xbfa", "x", "0"), ["\ufeffa\t1".encode()])
        self.assertEqual(self.wc("--as=mapper", input=b"\xef\xbb\xbfa").out, b"a\t1\n")
        self.assertEqual(self.wc("--as=mapper", input=gzip.compress(b"a")).out, b"a\t1\n")
        for text in (gzip.compress(b"a\n" * 999), "a b".encode("utf-16"), b"PK\3\4...."):
            self.assertNotIn(b"\n\n", mapped(text, "its.txt", "0", status=1))
            self.assertGreater(len(mapped(text, "its.txt", "4711")), 0)
        err = self.wc("--as=mapper", "-z", input=b"a", environment=IN_FILE, status=1).err
        self.assertIn(b"its.txt", err)

    def test_quoted_fields_that_lines_cut(self):
        self.assertEqual(self.wc("--as=mapper", "--quoted", input=b'"a, b",c\n').out.count(b"\n"), 2)
        for text in (b'a,"b\nc",d\n', b'a,"b\r', b'"', b'a\n"b,c'):
            err = self.wc("--as=mapper", "--quoted", "-f1", input=text, status=1, partial=True).err
            self.assertIn(b"quotes", err)

    def test_what_is_no_record_or_in_no_order(self):
        cases = [
            (b"a\t1\nb\n", b"in line 2"), (b"a\t1\n\n", b"in line 2"), (b"a\t0\n", b"in line 1"),
            (b"a\t1\t\n", b"in line 1"), (b"a\t01\n", b"line 1"), (b"a\\x\t1\nb\t1\n", b"line 1"),
            (b"a\tb\t1\n", b"in line 1"), (b"b\t1\na\t1\n", b"'a'; sort it"),
            (b"a\t1\nab\t2\na\t1\n", b"line 3"),
            (b"w\t1\nw\t18446744073709551615\n", b"the word 'w' add up"),
            (b"w\t18446744073709551616\n", b"the word 'w' add up"),
        ]
        for records, said in cases:
            for role in ("combiner", "reducer"):
                with self.subTest(f"{role} {records}"):
                    self.assertIn(said, self.wc(f"--as={role}", input=records, status=1).err)
        self.assertEqual(self.wc("--as=reducer", input=b"\t1\n\t2\na\t18446744073709551615").out,
                         b"\t3\na\t18446744073709551615\n")
        self.assertEqual(self.wc("--as=reducer", input=b"").out, b"")

    def test_what_belongs_elsewhere_is_refused_by_name(self):
        late = ["--top=3", "--sort=word", "--reverse", "--percent", "--others", "-ox", "-Ox",
                "--ordered-parts"]
        foreign = ["-R", "--all", "-r0", "--encoding=latin1", "--skip-bad-records=1",
                   "--work-dir=x", "--chaos=1", "--files0-from=" + self.file("none", b"x\0")]
        for option in late + foreign:
            name = {"-ox": "(-o)", "-Ox": "(-O)", "-R": "(-R)", "-r0": "(-r)"}.get(
                option, option.split("=")[0]).encode()
            for role in ("mapper", "reducer"):
                with self.subTest(f"{role} {option}"):
                    err = self.wc(f"--as={role}", option, input=b"", status=2).err
                    self.assertIn(name, err)
                    self.assertEqual(b"--counted" in err, option in late)
        for arguments, said in ((["mapper", "--format=csv"], b"--format"),
                                (["mapper", "--header"], b"--header"), (["mapper", "f"], b"'f'"),
                                (["sorter"], b"mapper, combiner, reducer")):
            self.assertIn(said, self.wc("--as=" + arguments[0], *arguments[1:], status=2).err)
        # What only says how a run is done has no effect.
        self.assertEqual(self.wc("--as=mapper", "-m3", "-r5", "-T/nowhere", "--compress", "--header",
                                 "--as=reducer", input=b"a\t1\n").out, b"a\t1\n")

    def test_counters_for_hadoop(self):
        err = self.wc("--as=mapper", "--stats", "-d,", "-f2", input=b"a,b\nc\n", noisy=True).err
        self.assertEqual(err.splitlines(), [
            b"reporter:counter:wc-mr mapper,input bytes,6", b"reporter:counter:wc-mr mapper,tokens,2",
            b"reporter:counter:wc-mr mapper,records written,2",
            b"reporter:counter:wc-mr mapper,lines with too few fields,1"])
        err = self.wc("--as=reducer", "--stats", "--min-count=2", input=b"a\t1\na\t1\nb\t1\n",
                      noisy=True).err
        self.assertEqual([line.rsplit(b",", 1)[1] for line in err.splitlines()],
                         [b"12", b"3", b"2", b"1"])

    def test_output_that_nobody_takes(self):
        self.file("text", b"".join(b"w%d\n" % i for i in range(100000)))
        self.file("records", b"".join(b"w%06d\t1\n" % i for i in range(100000)))
        for role, name in (("mapper", "text"), ("reducer", "records")):
            got = self.script(f"$W --as={role} <{name} >/dev/full", status=1)
            self.assertIn(b"cannot write 'standard output'", got.stderr)
            got = self.script(f"$W --as={role} <{name} | head -n 1")
            self.assertEqual((got.stdout.count(b"\n"), got.stderr), (1, b""))
            got = self.script(f"$W --as={role} <.", status=1)
            self.assertEqual(got.stderr.count(b"\n"), 1)


if __name__ == "__main__":
    unittest.main()
