"""The roles of a cluster's processes (--as): mapper, combiner and reducer give together, with a sort
between them, what one run over all of the input gives."""

import glob
import gzip
import os
import random
import shlex
import shutil
import signal
import subprocess
import sys
import unittest

from support import MB, PROGRAM, ROOT, SOON, Case, is_built_with, wait_for

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
    # Its beginning is not that of another kind of file; parts of it may be. It may look like UTF-16.
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
        self.drawn = True
        for i in range(max(ROUNDS, len(OPTIONS))):
            draw = random.Random(SEED + i)
            options = OPTIONS[i % len(OPTIONS)]
            lines = a_text(draw, options)
            with self.subTest(f"SEED={SEED + i} {options}"):
                path = self.file("text", b"".join(lines))
                form = ["--format=jsonl"]
                wanted = self.wc(*options, *form, "--force-bytes", path).out
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
                                 capture_output=True, timeout=SOON)
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

    def test_words_of_icu_in_a_large_text(self):
        if not is_built_with("ICU"):
            self.skipTest("needs ICU")
        text = b'a,"' + '日本 ""x""\u3000'.encode() * 30000 + b'",b\n'
        out = self.wc("--as=mapper", "--words=unicode", "--quoted", "-f2", input=text).out
        self.assertEqual(sorted(out.splitlines()), [b"x\t30000", "日本\t30000".encode()])

    def test_a_reducer_remembers_one_word(self):
        records = b"".join(b"word-%07d\t1\nword-%07d\t2\n" % (i, i) for i in range(150000))
        got = self.wc("--as=combiner", input=records, budget=8 * MB)
        self.assertEqual(got.out.count(b"\t3\n"), 150000)

    def test_formats_of_the_reducer(self):
        for form, line in (("csv", b'"a""",3\n'), ("jsonl", b'{"word":"a\\"","count":3}\n'),
                           ("uniq", b'      3 a"\n'), ("colon", b'a":3\n'), ("lines", b'a"\n' * 3),
                           ("keys", b'a"\n')):
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
        late = ["--top=3", "--sort=word", "--reverse", "--percent", "--others", "-ox", "-Ox"]
        foreign = ["-R", "--all", "-r0", "--encoding=latin1", "--skip-bad-records=1",
                   "--work-dir=x", "--chaos=1", "--files0-from=" + self.file("none", b"x\0")]
        foreign += ["--dry-run", "--trace=x", "--report=x", "--progress=always", "--progress=json", "--by-file", "--documents"]
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
        self.assertFalse(os.path.exists(self.path("x")))
        self.assertEqual(self.wc("--as=mapper", "-m3", "-r5", "-T/nowhere", "--compress", "--header",
                                 "--progress=never", "--as=reducer", input=b"a\t1\n").out, b"a\t1\n")

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


# A hadoop as far as wc-mr knows one: its own splits, one process each, ends of lines as in
# tests/cluster/test_real.py, and a tab behind each line of its result.
HADOOP = r"""
import os, re, shutil, signal, subprocess, sys, zlib
words = sys.argv[1:]
with open(os.environ["SAID"], "a") as said:
    said.write(repr(words) + "\n")
if words[:2] == ["fs", "-getmerge"]:
    with open(words[3], "wb") as to:
        for name in sorted(os.listdir(words[2])):
            to.write(open(os.path.join(words[2], name), "rb").read())
    sys.exit()
def at(name):
    return os.environ["THERE"] + name.split(":/")[1] if ":" in name else name
if words[:2] == ["fs", "-rm"]:
    shutil.rmtree(at(words[-1])) if os.path.isdir(at(words[-1])) else os.unlink(at(words[-1]))
    sys.exit()
if words[:2] == ["fs", "-test"]:
    sys.exit(not os.path.exists(at(words[3])))
if words[:2] == ["fs", "-mv"] and os.environ.get("FAILS", "none") in words[2]:
    sys.exit("cannot be moved")
if words[:2] == ["fs", "-mv"]:
    os.rename(*map(at, words[2:]))
    sys.exit("moved, and ended" if os.environ.get("ENDS", "none") in words[3] else None)
if words[:2] == ["fs", "-put"]:
    (shutil.copytree if os.path.isdir(words[2]) else shutil.copy)(*map(at, words[2:]))
    sys.exit()
if "stop" in words:
    sys.exit("told to stop")
if "hang" in words:
    if "deaf" in words:
        def hear(*_):
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            print("heard", flush=True)
        signal.signal(signal.SIGTERM, hear)
    print("hanging", flush=True)
    sys.exit(subprocess.call(["sleep", words[words.index("hang") + 1]]))
options, given = {}, []
for name, value in zip(words[2::2], words[3::2]):
    if name == "-D":
        name, value = value.split("=", 1)
    given += [value] if name == "-input" else []
    options[name] = value
os.mkdir(options["-output"])
for path in options["-files"].split(","):
    os.symlink(path, os.path.basename(path))
def run(what, lines, environment={}):
    return subprocess.run(options[what].split(), input=b"".join(lines), check=True,
                          stdout=subprocess.PIPE, env=environment).stdout.splitlines(True)
ends = options.get("textinputformat.record.delimiter", "\r\n|\r|\n").encode()
partitions = [[] for _ in range(int(options["mapreduce.job.reduces"]))]
for path in given:
    data = open(path, "rb").read().removeprefix(b"\xef\xbb\xbf")
    lines = [line + b"\n" for line in re.split(ends, data)]
    lines = lines[:-1] if lines[-1] == b"\n" else lines
    for i in range(0, len(lines), 7):
        made = run("-mapper", lines[i:i + 7], {
            "mapreduce_map_input_file": "hdfs://" + path, "mapreduce_map_input_start": str(i)})
        for record in run("-combiner", sorted(made)):
            key = record.split(b"\t")[0]
            partitions[zlib.crc32(key) % len(partitions)].append(record)
for i, records in enumerate(partitions):
    with open(os.path.join(options["-output"], f"part-{i:05}"), "wb") as part:
        part.writelines(line[:-1] + b"\t\n" for line in run("-reducer", sorted(records)))
for path in options["-files"].split(","):
    os.unlink(os.path.basename(path))
"""


class Clusters(Case):
    def setUp(self):
        super().setUp()
        hadoop = self.file("bin/hadoop", f"#!{sys.executable}\n{HADOOP}".encode())
        os.chmod(hadoop, 0o755)
        self.home = os.path.join(self.directory, "home")
        os.mkdir(self.home)
        self.said = os.path.join(self.directory, "said")

    def cluster(self, *arguments, engine="hadoop", status=0, **environment):
        got = subprocess.run(
            [PROGRAM, f"--cluster={engine}", *arguments], cwd=self.home, capture_output=True,
            timeout=SOON, stdin=subprocess.DEVNULL, env={
                **os.environ, "TMPDIR": self.temporary, "HADOOP_HOME": self.work,
                "SAID": self.said, "SPARK_HOME": "", **environment})
        self.assertEqual(got.returncode, status, got.stderr)
        self.assertEqual((os.listdir(self.temporary), os.listdir(self.home)), ([], []))
        return got

    def test_the_same_as_here(self):
        jar = self.file("share/hadoop/tools/lib/hadoop-streaming-3.3.5.jar")
        table = self.file("a b.csv", b"a,1\r\nb \xff,2\n,a\n\\x,A\n" * 9)
        text = self.file("text", b"\xef\xbb\xbfit's a 'b' a\x01 \xc3\xa9 \r12 A\n" * 9)
        stop = self.file("stop", b"A\n")
        for options in ([], ["-i", "--exclude-from", stop, "--format=csv"], ["-n2", "--sort=word"],
                        ["--drop-numeric", "--min-count=10", "--percent", "--others"], ["-d", " "],
                        ["--match=it's \\w|[^a]+", "--format=jsonl"], ["--ngrams=2"],
                        ["--normalize=nfc"]):
            with self.subTest(options):
                got = self.cluster("-r", "3", *options, table, text)
                self.same(got.stdout, self.wc(*options, table, text).out, options)
        with open(self.said) as said:
            first = said.readline()
        self.assertIn(repr(jar), first)
        self.assertIn("'mapreduce.job.reduces=3'", first)
        self.cluster("-o", self.path("counts"), table)
        self.assertEqual(self.read("counts"), self.wc(table).out)

    def test_a_result_that_stays_on_the_cluster(self):
        self.file("share/hadoop/tools/lib/hadoop-streaming-3.3.5.jar")
        table, there = self.file("a.csv", b"a,1\nb,a\n"), self.path("there")
        os.makedirs(f"{there}/h")
        wanted = self.wc("-n2", "--format=csv", table).out

        def there_is(path):
            names = sorted(os.listdir(f"{there}/h/{path}"))
            return b"".join(self.read(f"there/h/{path}/{name}") for name in names if name.startswith("part-"))

        self.cluster("-n2", "--format=csv", "-o", "s3a://h/file", table, THERE=there)
        self.assertEqual(self.read("there/h/file"), wanted)
        self.file("there/h/d 'x/part-old", b"old")
        got = self.cluster("-n2", "--format=csv", "-O", "hdfs://h/d 'x/", "--overwrite", table, THERE=there)
        self.assertEqual((got.stdout, there_is("d 'x")), (b"", wanted))
        self.assertTrue(os.path.exists(f"{there}/h/d 'x/_SUCCESS"))
        os.unlink(self.said)
        got = self.cluster("-o", "hdfs://h/file", table, THERE=there, status=1)
        self.assertIn(b"wc-mr: 'hdfs://h/file' is there already; --overwrite replaces it\n", got.stderr)
        self.assertNotIn("'jar'", self.read("../said").decode())
        got = self.cluster("-O", "hdfs://h/d 'x", "--overwrite", table, THERE=there, FAILS="_COPYING_", status=1)
        self.assertIn(b"cannot be moved", got.stderr)
        self.assertEqual((sorted(os.listdir(f"{there}/h")), there_is("d 'x")), (["d 'x", "file"], wanted))
        got = self.cluster("-O", "hdfs://h/d 'x", "--overwrite", table, THERE=there, ENDS="_OLD_", status=1)
        self.assertIn(b"moved, and ended", got.stderr)
        self.assertEqual((sorted(os.listdir(f"{there}/h")), there_is("d 'x")), (["d 'x", "file"], wanted))
        got = self.cluster("-O", "hdfs://h/d", table, engine="spark", status=2)
        self.assertIn(b"only --cluster=hadoop can put the result at 'hdfs://h/d'", got.stderr)
        for name in "hdfs://h", "hdfs://h/", "hdfs:////", "hdfs://h/*", "s3a://h/[x]", "hdfs://h/{d}?":
            got = self.cluster("-O", name, "--overwrite", table, status=2)
            self.assertIn(f"the result cannot go to '{name}' on the cluster: it needs a name".encode(), got.stderr)
        got = self.cluster("-O", "hdfs://h/e", "-o", "x", table, status=2)
        self.assertIn(b"--output (-o) and --output-dir (-O) cannot go together", got.stderr)
        self.cluster("-n2", "--format=csv", "-o", "hdfs://h/e", "-o", self.path("last"), table, THERE=there)
        self.assertEqual((self.read("last"), os.path.exists(f"{there}/h/e")), (wanted, False))
        got = self.cluster("--dry-run", "-O", "hdfs://h/d", table)
        self.assertRegex(got.stdout, rb"(?s) fs -put (\S+)/result hdfs://h/d._COPYING_.*\S+ fs -mv \S+ hdfs://h/d \n$")

    def hanging(self, mark, *arguments, **environment):
        self.file("share/hadoop/tools/lib/hadoop-streaming-3.3.5.jar")
        words = [f"--cluster-argument={word}" for word in ["hang", mark, *arguments]]
        running = subprocess.Popen(
            [PROGRAM, "--cluster=hadoop", *words, "f"], cwd=self.home, stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL, env={**os.environ, "TMPDIR": self.temporary,
                                           "HADOOP_HOME": self.work, "SAID": self.said, **environment})
        self.assertEqual(running.stderr.readline(), b"hanging\n")
        return running

    def has_ended(self, running, number, mark):
        self.assertEqual((running.wait(SOON), running.stderr.read()), (128 + number, b""))
        running.stderr.close()
        self.assertEqual((os.listdir(self.temporary), os.listdir(self.home)), ([], []))
        wait_for(lambda: subprocess.run(["pgrep", "-f", f"sleep {mark}"]).returncode == 1)

    def test_a_signal_ends_it_and_the_command_that_is_run(self):
        for number in signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT:
            mark = f"1000.{os.getpid()}{number:02}"
            running = self.hanging(mark)
            running.send_signal(number)
            self.has_ended(running, number, mark)

    def test_a_second_signal_kills_the_command(self):
        mark = f"1000.{os.getpid()}99"
        looks = self.file("looks")  # while it waits for the command, it sleeps between them
        sleep = f"#!/bin/sh\necho >>'{looks}'\nexec {shutil.which('sleep')} $1\n"
        os.chmod(self.file("bin/sleep", sleep.encode()), 0o755)
        running = self.hanging(mark, "deaf", PATH=f"{self.path('bin')}:{os.environ['PATH']}")
        running.send_signal(signal.SIGTERM)
        self.assertEqual(running.stderr.readline(), b"heard\n")
        running.send_signal(signal.SIGTERM)
        self.has_ended(running, signal.SIGTERM, mark)
        self.assertLess(len(self.read("looks")), 80, "it has waited for the command")

    def test_what_is_printed_is_what_is_run(self):
        out = self.cluster("--dry-run", "--streaming-jar=/j/s.jar", "--top=3", "-i", "--words",
                           "letters", "--cluster-argument=-D", "--cluster-argument=x='y", "in",
                           "i n").stdout.decode()
        role, *commands = out.splitlines()
        self.assertIn("--as=$role\" '--ignore-case' '--words=letters'", role)
        run, bring, clean, end = map(shlex.split, commands)
        self.assertEqual(run[1:5], ["jar", "/j/s.jar", "-D", "mapreduce.job.name=wc-mr"])
        self.assertIn("mapreduce.job.reduces=8", run)
        at = run.index("x='y")
        self.assertEqual(run[at - 1:at + 2], ["-D", "x='y", "-files"])
        self.assertEqual(run[at + 3:at + 7], ["-input", "in", "-input", "i n"])
        self.assertEqual(bring[1:3], ["fs", "-getmerge"])
        self.assertEqual(end[1:4], ["--counted=jsonl", "--top=3", "--ignore-case"])
        many = [f"/data/{'long' * 20}/{i}" for i in range(3000)]
        out = self.cluster("--dry-run", "--streaming-jar=/j/s.jar", *many).stdout.decode()
        run = shlex.split(out.splitlines()[1])
        self.assertEqual([path for path in run if path.startswith("/data/")], many)
        out = self.cluster("--dry-run", "--cluster-argument=--master=yarn", "-r5", "x",
                           engine="spark").stdout.decode()
        run = shlex.split(out.splitlines()[1])
        self.assertEqual(run[:4], ["spark-submit", "--master=yarn", "--name", "wc-mr"])
        self.assertEqual(run[-3:], ["5", "", "x"])

    def test_what_fails_leaves_nothing(self):
        self.file("share/hadoop/tools/lib/hadoop-streaming-3.3.5.jar")
        err = self.cluster("--cluster-argument=stop", "--cluster-argument=x", "f", status=1).stderr
        self.assertEqual(err, b"told to stop\nwc-mr: hadoop failed: what it says stands above\n")
        err = self.cluster("--ship=/none/there", "f", status=1).stderr
        self.assertEqual(err, b"wc-mr: cannot ship '/none/there' (--ship): No such file or directory\n")
        err = self.cluster("f", HADOOP_HOME="/none", status=1).stderr
        self.assertIn(b"--streaming-jar", err)
        got = self.cluster("--dry-run", "f", HADOOP_HOME="/none")
        self.assertEqual(shlex.split(got.stdout.decode().splitlines()[1])[:3],
                         ["/none/bin/hadoop", "jar", "hadoop-streaming.jar"])
        self.assertIn(b"wc-mr: there is no streaming jar in HADOOP_HOME", got.stderr)
        err = self.cluster("f", engine="spark", PATH="/usr/bin:/bin", status=1).stderr
        self.assertIn(b"spark-submit", err)

    def test_where_the_result_cannot_go_nothing_is_counted(self):
        self.file("share/hadoop/tools/lib/hadoop-streaming-3.3.5.jar")
        there, pipe = self.path("there"), self.path("pipe")
        os.mkdir(there)
        os.mkfifo(pipe)
        for options, status, said in (
                (["-O", there], 1, b"it exists; remove it or choose another name"),
                (["-O", f"{there}/no/d"], 1, b"make the directory that it is to be in first"),
                (["-o", f"{there}/no/f"], 1, b"make the directory that it is to be in first"),
                (["-o", there], 1, b"Is a directory"), (["--ordered-parts"], 2, b"--ordered-parts is about"),
                ([f"--trace={there}/no/t"], 1, b"make the directory that it is to be in first"),
                (["--exclude-from=/none/x"], 1, b"/none/x"),
                ([f"--exclude-from={pipe}"], 2, b"it has to be a file"),
                ([f"--only-from={pipe}"], 2, b"it has to be a file"),
                (["--only-from=-"], 2, b"it has to be a file")):
            for engine in "hadoop", "spark":
                err = self.cluster("f", *options, engine=engine, status=status).stderr
                self.assertIn(said, err)
        self.assertFalse(os.path.exists(self.said))
        self.cluster("-O", f"{there}/d", "--ordered-parts", "-v", f"--trace={there}/t", "--progress=never",
                     "--overwrite", self.file("f", b"a b\n"))
        self.assertEqual(sorted(os.listdir(there)), ["d", "t"])

    def test_what_cannot_be_had_there(self):
        for option, said in (
                ("-z", b"--zero-terminated"), ("--header", b"--header"), ("-R", b"--recursive"),
                ("--work-dir=x", b"--work-dir"), ("--encoding=x", b"--encoding"),
                ("--mapper=cat", b"--mapper"), ("-r0", b"--reducers"), ("--words", b"argument"),
                ("--cluster=x", b"hadoop, spark"), ("--words=x", b"white, uwhite"),
                ("--sort=x", b"--sort"), ("--sort=first", b"--sort=first"), ("--job=grep", b"--job")):
            with self.subTest(option):
                err = self.cluster("f", option, status=2).stderr.splitlines()
                self.assertEqual(len(err), 2, err)
                self.assertIn(said, err[0])
        self.assertIn(b"argument of another", self.wc("-o", "--cluster=x", "f", status=2).err)
        self.assertIn(b"needs names", self.cluster(status=2).stderr)
        self.assertEqual(self.wc("--cluster=hadoop", "--help", "f").out, self.wc("--help").out)
        self.assertIn(b"--ship=", self.wc("--cluster=spark", "--help=ship").out)
        for order in (["--cluster=hadoop", "-o", "--help"], ["-o", "-h", "--cluster", "hadoop"]):
            self.assertIn(b"--help cannot be", self.wc(*order, "f", status=2).err)
        self.assertIn(b"ambiguous: --cluster,", self.wc("--clus=hadoop", "f", status=2).err)

    @unittest.skipUnless(glob.glob(os.path.join(ROOT, "build/cluster/lib/hadoop-streaming-*.jar")),
                         "no Hadoop in build/cluster (sh tests/cluster/setup.sh)")
    def test_on_a_real_hadoop(self):
        [jar] = glob.glob(os.path.join(ROOT, "build/cluster/lib/hadoop-streaming-*.jar"))
        text = self.file("text", b"a \xff\\ \r\n\xc3\xa9 b,\x01 " * 999)
        got = self.cluster("-r2", f"--streaming-jar={jar}", text,
                           HADOOP_HOME=os.path.join(ROOT, "build/cluster"))
        self.same(got.stdout, self.wc(text).out)


if __name__ == "__main__":
    unittest.main()
