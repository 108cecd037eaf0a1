"""Jobs other than the word count: by name, of a file, in a program of their own (firsts.c)."""

import collections
import json
import os
import re
import shutil
import subprocess
import unittest

from support import PROGRAM, ROOT, SOON, Case

SOURCE = os.path.join(ROOT, "tests", "cli", "firsts.c")
OWN = os.path.join(os.path.dirname(PROGRAM), "tests", "cli", "firsts")
HANDED = os.path.join(os.path.dirname(PROGRAM), "tests", "cli", "handed")
TEXT = b"apple\nbanana\navocado\n\ncherry\nblueberry\napricot"
OPTION = re.compile(r"^  (?:-(\w)(?:, | \w+ |  ))?(?:    )?(?:--([a-z0-9-]+))?", re.M)


class JobCase(Case):
    def compile(self, name, *defined, source=SOURCE):
        """Makes a job's file from the source, for this program."""
        path = self.path(name)
        command = [os.environ.get("CC", "cc"), "-std=c11", "-Wall", "-Wextra", "-Werror", "-shared",
                   "-fPIC", "-I", os.path.join(ROOT, "engine")]
        command += [f"-D{each}" for each in defined] + [source, "-o", path]
        got = subprocess.run(command, capture_output=True, text=True)
        self.assertEqual((got.returncode, got.stderr), (0, ""), command)
        return path

    def says(self, words, *arguments, status=2, **more):
        got = self.wc(*arguments, status=status, **more)
        for each in words:
            self.assertIn(each, got.err)


def options_of_help(text):
    found = [match for match in map(OPTION.match, text.splitlines()) if match]
    return [m[1] for m in found if m[1]], [m[2] for m in found if m[2]]


class BuiltIn(JobCase):
    def jobs(self):
        return [line.split() for line in self.wc("--list-jobs").out.decode().splitlines()]

    def test_each_is_listed_with_what_it_does(self):
        jobs = self.jobs()
        self.assertEqual(jobs[0][0], "wordcount")
        names = [line[0] for line in jobs]
        self.assertEqual(len(set(names)), len(names))
        for line in jobs:
            self.assertGreater(len(line), 3, line)
        self.assertEqual(self.wc("--list-jobs", "no-file", "-n3").out, self.wc("--list-jobs").out)

    def test_each_has_a_help_of_its_own_and_the_engines_options(self):
        # So each job's options are taken: one that cannot be is refused at the start.
        plain = set(options_of_help(self.wc("--help=all").out.decode())[1])
        for name, *about in self.jobs():
            with self.subTest(name):
                screen = self.wc(f"--job={name}", "--help").out.decode()
                self.assertLessEqual(len(screen.splitlines()), 24)
                text = self.wc(f"--job={name}", "--help=all").out.decode()
                self.assertEqual(screen.splitlines()[0], text.splitlines()[0])
                self.assertTrue(text.startswith(f"Usage: wc-mr --job={name} [OPTION]... "), text)
                self.assertLessEqual(max(map(len, text.splitlines())), 80)
                letters, names = options_of_help(text)
                self.assertEqual([k for k, n in collections.Counter(letters).items() if n > 1], [])
                self.assertEqual([k for k, n in collections.Counter(names).items() if n > 1], [])
                own = {"delimiter", "ignore-case", "drop-numeric", "exclude-from", "only-from"}
                own |= {"fields", "header", "quoted", "words", "match", "counted", "ngrams"}
                own |= {"as", "cluster", "cluster-argument", "ship", "streaming-jar"}
                own |= {"normalize", "mapper", "reducer"}
                own |= {"min-count", "max-count", "min-length", "max-length", "zero-terminated"}
                numbers = {"by-file", "documents", "min-documents", "max-documents", "percent"}
                numbers |= {"others"}
                self.assertLessEqual(plain - own - numbers, set(names))
                made = name in ("wordcount", "sort")  # what others make is no number
                self.assertEqual(numbers & set(names), numbers if made else set())

    def test_the_word_count_by_its_name(self):
        path = self.file("f.csv", b"a,b\na,c\n")
        for arguments in ([path], ["-i", "-d,", "--format=jsonl", path], ["--stats", path]):
            plain = self.wc(*arguments, noisy=True)
            for way in (["--job=wordcount"], ["--job", "wordcount"]):
                named = self.wc(*way, *arguments, noisy=True)
                self.assertEqual(named.out, plain.out)
        self.says([b"--job=wordcount --help"], "--job=wordcount", "--nothing")

    def test_bytes_are_in_the_order_of_their_keys_only(self):
        for job, key, value in (("index", "word", "places"), ("sum", "key", "figures")):
            help_of_sort = self.wc(f"--job={job}", "--help=sort").out.decode()
            self.assertRegex(help_of_sort, rf"--sort=KEY +{key} \(default\)\n")
            got = self.wc(f"--job={job}", f"--sort={value}", status=2)
            self.assertIn(f"'{value}' is none of the choices of --sort: {key}\n".encode(), got.err)

    def test_help_tells_of_no_option_or_format_that_a_job_refuses(self):
        for option, words in (("documents", b"--documents is for numbers, and the job 'index' makes"),
                              ("--percent", b"--percent is for sums of numbers, and the job 'index'"),
                              ("max-documents", b"--max-documents is for numbers")):
            self.assertIn(words, self.wc("--job=index", "--help=" + option, status=2).err)
        self.says([b"--min-documents is for numbers"], "--job=index", "--min-documents=2")
        said = self.wc("--job=index", "--help=column", status=2).err
        self.assertIn(b"there is no option 'column'", said)
        self.assertIn(b"--percent", self.wc("--help=column").out)
        formats = rb"--format=F +tsv \(default\), csv, jsonl, colon or lines\n"
        self.assertRegex(self.wc("--job=index", "--help=format").out, formats)
        for form in "uniq", "keys":
            self.says([b"--format=%s is for counts" % form.encode()], "--job=index", f"--format={form}")

    def test_an_unknown_one_is_told_what_to_do(self):
        for name in ("nothing", "", "any thing", "\x1b[31m\n"):
            with self.subTest(name):
                self.says([b"there is no job", b"--list-jobs", b"slash"], f"--job={name}", "f")
        for name, near in (("grpe", "grep"), ("wordcont", "wordcount"), ("joinn", "join"),
                           ("GREP", "grep"), ("Wordcuont", "wordcount")):
            self.says([b"is '%s' meant?" % near.encode()], f"--job={name}", "f")

    def test_the_option_stands_first(self):
        for arguments in (["-m2", "--job=wordcount"], ["--job=wordcount", "--job=wordcount"],
                          ["f", "--job", "wordcount"], ["--jo=wordcount"]):
            self.says([b"--job must be the first argument"], *arguments)
        self.says([b"requires an argument"], "--job")
        path = self.file("f", b"x")
        # An argument of another option, and a file, are not taken for it.
        self.wc("-o", "--job=wordcount", path, cwd=self.work)
        self.assertEqual(self.read("--job=wordcount"), b"x\t1\n")
        self.assertEqual(self.wc("--", "--job=wordcount", cwd=self.work).out, b"1\t1\nx\t1\n")


class Careless(JobCase):
    """careless.c: counters, no reducers by the job's own choice, and records that it crashes at."""

    def setUp(self):
        super().setUp()
        source = os.path.join(os.path.dirname(SOURCE), "careless.c")
        self.job = "--job=" + self.compile("careless.so", source=source)

    def test_lines_in_their_order_and_what_was_counted(self):
        text = b"b\na\n\nb\r\nlonger"
        paths = [self.file("f", text), self.file("empty"), self.file("g", b"c")]
        got = self.wc(self.job, "--stats", "-m3", "--chaos=5,50", *paths, "-", input=b"d\n" * 9,
                      noisy=True)
        self.assertEqual(got.out, text + b"\nc\n" + b"d\n" * 9)
        counters = re.findall(rb"^counter +(\d+)  (.*)$", got.err, re.M)
        self.assertEqual(counters, [(b"3", b"files"), (b"15", b"lines"), (b"1", b"long\\033 tasks"),
                                    (b"1", b"standard inputs")])

    def test_a_message_names_the_record_that_it_crashes_at(self):
        path = self.file("f", b"one\ntwo!\nthree\n")
        got = self.wc(self.job, path, status=1)
        self.assertIn(b"attempts 2 to 4: killed by signal 6 (Aborted), in the job's map of the "
                      b"record at byte 4 of '" + os.fsencode(path) + b"' (5 bytes)", got.err)

    def test_some_may_be_passed_over(self):
        path = self.file("f", b"one\ntwo!\nthree\n!\nfour\n")
        got = self.wc(self.job, "--skip-bad-records=2", "--stats", path, noisy=True)
        self.assertEqual(got.out, b"one\nthree\nfour\n")
        self.assertEqual(len(re.findall(rb"^wc-mr: warning: a record is passed over: killed by signal"
                                        rb" 6 .* at byte (?:4|15) of '", got.err, re.M)), 2)
        self.assertRegex(got.err, rb"\nbad records +2 passed over\n")
        got = self.wc(self.job, "--skip-bad-records=1", path, status=1, noisy=True)
        self.assertIn(b"; no more than 1 may be passed over (--skip-bad-records)", got.err)
        self.assertEqual(got.out, b"")


    def test_keys_and_records_that_were_passed_over_are_listed(self):
        source = os.path.join(os.path.dirname(SOURCE), "careless.c")
        job = "--job=" + self.compile("reducing.so", "REDUCING", source=source)
        path = self.file("f", b"one\nwhat?\xff\nthree\n!\nwhat?\xff\n")
        got = self.wc(job, self.file("g", b"what?\xff\n"), status=1)
        self.assertIn(b"in the job's reduce of the key 'what?\\377'", got.err)
        listed = self.path("bad.jsonl")
        with open(listed, "wb") as file:
            file.write(b"before\n")
        options = ["--skip-bad-records=2", f"--bad-records={listed}", "--stats", "-m1", path]
        got = self.wc(job, *options, noisy=True)
        self.assertEqual(got.out, b"one\nthree\n")
        self.assertRegex(got.err, rb"\nbad records +2 passed over\n")
        self.assertRegex(got.err, rb"\ncounter +2  keys\n")
        lines = [json.loads(line) for line in self.read(listed).splitlines()]
        reason = "killed by signal 6 (Aborted)"
        self.assertEqual(lines[0], {"stage": "map", "task": 0, "file": path, "offset": 17,
                                    "bytes": 2, "record": "!\n", "reason": reason})
        self.assertEqual(lines[1], {"stage": "reduce", "task": lines[1]["task"],
                                    "key": "what?\udcff", "key_bytes": 6, "reason": reason})
        for wrong, said in (
            (["--skip-bad-records=1"], b"no more than 1 may be passed over"),
            ([f"-o{listed}"], b"it is to be the output, and have the bad records"),
            ([f"--bad-records={path}"], b"it is the input"),
            (["--skip-bad-records=0"], b"--bad-records needs --skip-bad-records"),
        ):
            before = self.read(listed)
            status = 2 if b"needs" in said else 1
            self.assertIn(said, self.wc(job, *options, *wrong, status=status, noisy=True).err)
            self.assertEqual(self.read(listed), before)


class Loaded(JobCase):
    def setUp(self):
        super().setUp()
        self.job = "--job=" + self.compile("firsts.so")
        self.text = self.file("f", TEXT)

    def test_its_result_in_its_order_and_format(self):
        for how in ([], ["-m3", "-r2", "--split-size=5b"], ["--compress", "-T", self.temporary]):
            self.assertEqual(self.wc(self.job, *how, "ab", self.text).out, b"a:3\nb:2\n")
        self.assertEqual(self.wc(self.job, "abc", "--sort=lines", "--format=tsv", self.text).out,
                         b"a\t3\nb\t2\nc\t1\n")
        self.assertEqual(self.wc(self.job, "ab", input=TEXT).out, b"a:3\nb:2\n")

    def test_its_name_may_be_any_path(self):
        os.rename(self.path("firsts.so"), self.path("a job"))
        for name in ("./a job", "../work/a job", self.path("a job")):
            self.assertEqual(self.wc(f"--job={name}", "b", "f", cwd=self.work).out, b"b:2\n")
        self.says([b"there is no job 'firsts.so'", b"slash"], "--job=firsts.so", "b", cwd=self.work)

    def test_help(self):
        text = self.wc(self.job, "--help=all").out.decode()
        self.assertIn(f"Usage: wc-mr {self.job} [OPTION]... SET [FILE]...\n", text)
        self.assertIn("how many lines begin with each of some bytes", text)
        letters, names = options_of_help(text)
        for name in ("invert", "set", "verbose", "memory", "list-jobs", "help"):
            self.assertIn(name, names)
        self.assertEqual((letters.count("v"), letters.count("S"), letters.count("1")), (1, 1, 1))
        self.assertRegex(text, r"\n  -v, --invert ")
        self.assertRegex(text, r"\n      --verbose ")
        self.assertRegex(text, r"\n  -1 N ")
        self.assertIn("lines descending, byte (default) or first", text)
        self.assertIn("colon (default)", text)
        for word in ("Count every", "delimiter", "min-count", "Examples"):
            self.assertNotIn(word, text)

    def test_a_letter_that_both_have_is_the_jobs(self):
        self.assertEqual(self.wc(self.job, "-v", "ab", self.text).out, b"\n:1\nc:1\n")
        self.assertEqual(self.wc(self.job, "-Sb", self.text).out, b"b:2\n")
        got = self.wc(self.job, "--verbose", "--memory=64M", "-S", "b", self.text, noisy=True)
        self.assertEqual(got.out, b"b:2\n")
        self.assertIn(b"map task", got.err)
        self.says([b"for --memory is too little"], self.job, "--memory=3", "b")
        self.says([b"is no number for --top (-n)"], self.job, "-nx", "b")

    def test_operands_before_the_files(self):
        other = self.file("g", b"bread\n")
        self.assertEqual(self.wc(self.job, "b", self.text, other).out, b"b:3\n")
        self.assertEqual(self.wc(self.job, "b", "-m1", self.text, "--", other).out, b"b:3\n")
        self.assertEqual(self.wc(self.job, "--", "b", self.text).out, b"b:2\n")
        # Given by an option, there is none; a wrong one, and none at all, are wrong usage.
        self.assertEqual(self.wc(self.job, "--set=b", self.text, other).out, b"b:3\n")
        self.says([b"SET is empty"], self.job, "", self.text)
        self.says([b"SET is missing"], self.job)
        self.says([b"SET is missing"], self.job, "-v")
        names = self.file("names", os.fsencode(self.text) + b"\0")
        self.assertEqual(self.wc(self.job, "b", f"--files0-from={names}").out, b"b:2\n")
        self.says([b"extra operand"], self.job, "b", other, f"--files0-from={names}")

    def test_own_options(self):
        self.assertEqual(self.wc(self.job, "-1", "4", "b", self.text).out, b"b:10\n")
        self.assertEqual(self.wc(self.job, "-v14", "ab", self.text).out, b"\n:5\nc:5\n")
        self.says([b"'x' is no digit for -1"], self.job, "-1x", "b")
        self.says([b"option '-1' requires an argument"], self.job, "b", "-1")
        self.says([b"invalid option '-2'"], self.job, "-2", "b")
        for option in ("-d,", "-i", "--drop-numeric", "--min-count=2"):  # the word count's
            self.says([b"option '"], self.job, option, "b")

    def test_statistics_call_things_as_it_does(self):
        err = self.wc(self.job, "--stats", "ab", self.text, noisy=True).err
        self.assertRegex(err, rb"\nsum of values +5\n")
        self.assertRegex(err, rb"\ndistinct bytes +2\n")

    def test_files_that_are_none_of_a_job(self):
        self.file("text.so", b"int main(void) { return 0; }\n")
        with open(self.path("firsts.so"), "rb") as file:
            self.file("half.so", file.read()[:4000])
        os.mkdir(self.path("directory"))
        os.mkfifo(self.path("pipe"))
        for name, words in (
            ("nothing.so", [b"cannot read the job's file './nothing.so'", b"No such file"]),
            ("a\n\x1b.so", [b"cannot read", b"a\\n\\033.so"]),
            ("text.so", [b"cannot load the job in './text.so'", b"cc -shared -fPIC"]),
            ("half.so", [b"the job's file './half.so' is not whole"]),
            ("directory", [b"cannot read the job's file './directory'", b"Is a directory"]),
            ("pipe", [b"cannot read the job's file './pipe'"]),
        ):
            with self.subTest(name):
                self.says(words, f"--job=./{name}", "b", "f", status=1, cwd=self.work)

    def test_another_interface_is_refused(self):
        for name, defined, words in (
            ("none.so", "NOT_EXPORTED", [b"is no job's file", b"MR_EXPORT_JOB"]),
            ("abi.so", "OTHER_ABI=77", [b"version 77", b"this program has version",
                                        b"compile it again"]),
            ("size.so", "OTHER_SIZE", [b"another mapreduce.h", b"compile it again"]),
            ("undefined.so", "UNDEFINED", [b"cannot load", b"mr_no_such_function"]),
        ):
            with self.subTest(name):
                path = self.compile(name, defined)
                self.says(words, f"--job={path}", "b", self.text, status=1)

    def test_options_that_cannot_be_are_refused(self):
        for name, option, words in (
            ("name", '{ 0, "memory", "N", NULL, set_set }', [b"'memory'", b"there is already"]),
            ("help", '{ 0, "help", NULL, NULL, set_set }', [b"'help'", b"there is already"]),
            ("twice", "{ 'v', NULL, NULL, NULL, set_set }", [b"'v'", b"there is already"]),
            ("again", '{ 0, "set", NULL, NULL, set_set }', [b"'set'", b"there is already"]),
            ("letter", "{ '?', NULL, NULL, NULL, set_set }", [b"'?'", b"cannot be"]),
            ("function", "{ 'x', NULL, NULL, NULL, NULL }", [b"'x'", b"cannot be"]),
        ):
            with self.subTest(name):
                path = self.compile(name + ".so", f"EXTRA_OPTION={option}")
                self.says([b"the job 'firsts' has an option", *words], f"--job={path}", "b",
                          status=1)

    def interrupted(self, *arguments):
        """A run that has done all but its output."""
        with open("/dev/full", "wb") as full:
            self.wc(*arguments, "b", self.text, "--work-dir=" + self.path("kept"), status=1,
                    stdout=full)
        self.assertTrue(os.listdir(self.path("kept")))

    def resume(self, job, **more):
        return self.wc(job, "b", self.text, "--work-dir=" + self.path("kept"), "--resume",
                       "--stats", **more)

    def test_resuming_knows_it_by_its_content(self):
        self.interrupted(self.job)
        other = self.compile("other.so", "UNUSED=1", 'EXTRA_OPTION={0,"x",NULL,NULL,set_set}')
        before = sorted(os.listdir(self.path("kept")))
        got = self.resume(f"--job={other}", status=1)
        self.assertIn(b"cannot resume", got.err)
        self.assertIn(b"job's file", got.err)
        self.assertEqual(sorted(os.listdir(self.path("kept"))), before)
        # The same under another name is the same.
        shutil.copy(self.path("firsts.so"), self.path("copy.so"))
        got = self.resume("--job=" + self.path("copy.so"), noisy=True)
        self.assertEqual(got.out, b"b:2\n")
        self.assertRegex(got.err, rb"\nresumed +[1-9]")


IN_CPP = """
#include <mapreduce.h>

static int map(const void *, const mr_chunk *chunk, mr_context *out)
{
    const unsigned char *line;
    size_t at = 0, size;
    while (mr_line_next(chunk, &at, &line, &size))
        if (size == 0 ? mr_fail(out, "%s is empty", "a line") : mr_emit(out, line, 1, 1))
            return -1;
    return 0;
}

static mr_job make()
{
    mr_job made = {};
    made.name = "cpp";
    made.map = map;
    made.whole_records = true;
    return made;
}
static const mr_job job = make();
MR_EXPORT_JOB(job);
"""


class Cpp(JobCase):
    """The header is C++ too: without a warning, and a job in it can be loaded."""

    @unittest.skipUnless(shutil.which("c++"), "no C++ compiler")
    def test_a_job(self):
        source, made = self.file("job.cc", IN_CPP.encode()), self.path("job.so")
        got = subprocess.run(
            ["c++", "-std=c++11", "-Wall", "-Wextra", "-Wpedantic", "-Werror",
             "-shared", "-fPIC", "-I", os.path.join(ROOT, "engine"), source, "-o", made],
            capture_output=True, text=True)
        self.assertEqual((got.returncode, got.stderr), (0, ""))
        self.assertEqual(self.wc(f"--job={made}", self.file("f", b"one\nother\n")).out, b"o\t2\n")
        self.says([b"a line is empty"], f"--job={made}", self.file("g", b"one\n\n"), status=1)


@unittest.skipUnless(os.path.exists(HANDED), "it comes with a build's tests")
class Handed(JobCase):
    def test_a_program_gets_the_result_itself(self):
        path, out = self.file("f", b"apple\nbob\navocado\n\ncherry\n"), self.path("out")
        records = b"a 12\nc 6\nb 3\n- 0\n"
        for arguments, size in (([], 0), (["0", out], 16)):
            got = subprocess.run([HANDED, path, *arguments], capture_output=True, timeout=SOON)
            self.assertEqual((got.returncode, got.stderr), (0, b""))
            self.assertEqual(got.stdout, records + b"4 records, %d bytes written\n" % size)
        self.assertEqual(self.read(out), b"a\t12\nc\t6\nb\t3\n\t0\n")
        os.unlink(out)
        got = subprocess.run([HANDED, path, "2", out], capture_output=True, timeout=SOON)
        self.assertEqual((got.returncode, got.stdout), (1, b""))
        self.assertEqual(got.stderr, b"handed: 2 letters are enough\n")
        self.assertFalse(os.path.exists(out))


@unittest.skipUnless(os.path.exists(OWN), "it comes with a build's tests")
class OwnProgram(JobCase):
    def run_own(self, *arguments, status=0, program=OWN, **more):
        got = subprocess.run([program, *arguments], capture_output=True, timeout=SOON,
                             env={**os.environ, "TMPDIR": self.temporary}, **more)
        self.assertEqual(got.returncode, status, got.stderr)
        self.assertEqual(os.listdir(self.temporary), [])
        return got

    def setUp(self):
        super().setUp()
        self.text = self.file("f", TEXT)

    def test_it_has_all_of_it(self):
        got = self.run_own("ab", self.text, "-m2", "-r2", "--stats", "--verbose")
        self.assertEqual(got.stdout, b"a:3\nb:2\n")
        self.assertIn(b"map task", got.stderr)
        self.assertRegex(got.stderr, rb"\ndistinct bytes +2\n")
        self.assertEqual(self.run_own("b", "-o", self.path("out"), input=TEXT).stdout, b"")
        self.assertEqual(self.read("out"), b"b:2\n")

    def test_it_speaks_under_the_name_it_is_called_by(self):
        link = self.path("my\x1bfirsts")
        os.symlink(OWN, link)
        for program, name in ((OWN, b"firsts"), (link, b"my\\033firsts")):
            got = self.run_own("b", self.path("nothing"), status=1, program=program)
            self.assertRegex(got.stderr, rb"^%s: cannot [^\n]*nothing[^\n]*\n$" % re.escape(name))
            got = self.run_own("-nx", "b", status=2, program=program)
            self.assertEqual(got.stderr.splitlines()[1],
                             b"Try '%s --help' for more information." % name)
            out = self.run_own("--version", program=program).stdout
            self.assertRegex(out, rb"^%s \(wc-mr \d+\.\d+\.\d+\)\nzlib +\d" % re.escape(name))
            out = self.run_own("--help", program=program).stdout
            self.assertTrue(out.startswith(b"Usage: %s [OPTION]... SET [FILE]...\n" % name), out)

    def test_it_is_one_job(self):
        for option in ("--job=firsts", "--list-jobs", "--job"):
            got = self.run_own(option, status=2)
            self.assertIn(b"unrecognized option", got.stderr)
        self.assertNotIn(b"--list-jobs", self.run_own("--help=all").stdout)


if __name__ == "__main__":
    unittest.main()
