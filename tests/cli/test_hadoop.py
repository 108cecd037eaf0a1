"""Hadoop's command lines over wc-mr: hadoop fs, hadoop jar, and mrjob's jobs where mrjob is there."""

import collections
import functools
import gzip
import glob
import hashlib
import json
import os
import random
import re
import select
import signal
import subprocess
import sys
import unittest
import unittest.mock

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "golden"))
import hadoop
from support import PROGRAM, ROOT, SOON, Case, wait_for

HADOOP = os.path.join(os.path.dirname(PROGRAM), "hadoop", "bin", "hadoop")
JAR = "hadoop-streaming-3.3.6.jar"
# The Python that has mrjob: one of its own (tests/README.md), or this one.
PYTHON = os.path.join(ROOT, "build", "mrjob", "bin", "python")
if not os.path.exists(PYTHON):
    PYTHON = sys.executable


@functools.cache
def mrjob_examples():
    """Where mrjob's examples are; nothing, where it cannot be used."""
    got = subprocess.run([PYTHON, "-c", "import mrjob.job, mrjob.examples as e; print(e.__path__[0])"],
                         capture_output=True, text=True)
    return got.stdout.strip()


@unittest.skipUnless(os.path.exists(HADOOP), f"{HADOOP} is not built")
class Hadoop(Case):
    def setUp(self):
        super().setUp()
        self.root = os.path.join(self.work, "hdfs")
        self.environment = {**os.environ, "WC_MR_HDFS": self.root, "TMPDIR": self.temporary,
                            "WC_MR": PROGRAM}

    def hadoop(self, *words, status=0, input=b"", run=(HADOOP,)):
        """Runs it to its end. A pipe that all below hold tells that none is left."""
        life, end = os.pipe()
        got = subprocess.run([*run, *words], input=input, capture_output=True, cwd=self.work,
                             env=self.environment, pass_fds=(end,), timeout=SOON)
        os.close(end)
        alone = bool(select.select([life], [], [], SOON)[0])
        os.close(life)
        self.assertEqual(got.returncode, status, (words, got.stdout, got.stderr))
        self.assertTrue(alone, f"{words}: a process of it is still alive")
        self.assertEqual(os.listdir(self.temporary), [], words)
        return got

    def fs(self, *words, **more):
        return self.hadoop("fs", *words, **more).stdout

    def jar(self, *words, status=0):
        return self.hadoop("jar", JAR, *words, status=status)

    def put(self, name, data):
        self.fs("-put", "-f", "-", name, input=data)

    def streamed(self, data, *words, output="out"):
        """What a job makes of a file, its parts one behind the other."""
        self.put("in", data)
        self.fs("-rm", "-R", "-f", output)
        self.jar(*words[:words.index("--")], "-input", "in", "-output", output,
                 *words[words.index("--") + 1:])
        return self.fs("-cat", f"{output}/part-*")


class Files(Hadoop):
    def test_version(self):
        self.assertRegex(self.hadoop("version").stdout, rb"^Hadoop \d+\.\d+\.\d+\n")

    def test_what_is_put_is_there(self):
        here = self.file("here", b"some\nbytes")
        self.fs("-mkdir", "-p", "hdfs:///a/b")
        self.fs("-put", here, "hdfs:///a/b/x")
        for path in ("hdfs:///a/b/x", "hdfs://host:9/a/b/x", "/a/b/x", "/a/../a//b/./x", "/a/*/x",
                     "/../a/b/[x-z]", "/{a,c}/b/?", "hdfs:///a/b/[^y]"):
            self.assertEqual(self.fs("-cat", path), b"some\nbytes", path)
        self.assertEqual(self.fs("-cat", f"file://{here}"), b"some\nbytes")
        self.assertEqual(self.fs("-fs", "file:///", "-cat", here), b"some\nbytes")
        self.fs("-get", "/a/b/x", "back")
        self.assertEqual(self.read("back"), b"some\nbytes")
        self.assertEqual(self.fs("-du", "hdfs:///a"), b"10  10  hdfs:///a/b\n")
        self.assertEqual(self.fs("-du", "-s", "/a"), b"10  10  /a\n")
        self.assertEqual(self.fs("-count", "/a").split(), [b"2", b"1", b"10", b"/a"])
        self.assertEqual(self.fs("-stat", "%b %n %F", "/a/b/x"), b"10 x regular file\n")
        self.assertEqual(self.fs("-checksum", "/a/b/x"),
                         b"/a/b/x\tMD5\t" + hashlib.md5(b"some\nbytes").hexdigest().encode() + b"\n")
        self.assertEqual(self.fs("-find", "/a", "-name", "[bx]", "-print"), b"/a/b\n/a/b/x\n")
        self.assertRegex(self.fs("-df", "/"), rb"^Filesystem .*\n/  \d+  \d+  \d+  \d+%\n$")
        self.assertRegex(self.fs("-df", "-h", "/"), rb"\n/  \d+\.\d [KMGTP]  \d.*  \d+%\n$")
        self.fs("-chmod", "-R", "u+x", "/a")
        self.assertEqual(self.fs("-stat", "%a", "/a/b/x")[:1], b"7")
        self.assertEqual(self.fs("-tail", "/a/b/x") + self.fs("-head", "/a/b/x"),
                         b"some\nbytes" * 2)

    def test_output_that_cannot_be_written(self):
        self.put("f", b"1")
        for words in (["version"], ["fs", "-ls"], ["fs", "-stat", "f"]):
            with open("/dev/full", "wb") as full:
                got = subprocess.run([HADOOP, *words], stdout=full, stderr=subprocess.PIPE,
                                     env=self.environment)
            self.assertEqual((got.returncode, got.stderr), (
                1, b"hadoop: cannot write 'standard output': No space left on device\n"))

    def test_help(self):
        for words in (["help"], ["--help"], ["fs", "-help"], ["dfs", "-usage"], ["jar", JAR, "-help"],
                      ["jar", JAR, "-D", "a=b", "-input", "x", "-info"]):
            got = self.hadoop(*words)
            self.assertRegex(got.stdout, rb"^Usage: hadoop ")
            self.assertEqual(got.stderr, b"")
        listed = self.fs("-usage").decode()
        for verb in re.findall(r"\t\[-(\w+) ", listed):
            self.assertIn(f"\n\t{self.fs('-usage', verb).decode().split('options] ')[1][:-1]}]\n".replace(
                "\t-", "\t[-"), listed)
            self.assertRegex(self.fs("-help", f"-{verb}").decode(), rf"^-{verb} .* :\n  [A-Z].*\.\n$")
            self.assertRegex(self.hadoop("fs", f"-{verb}", "--none", status=255).stderr.decode(),
                             rf"^-{verb}: Illegal option --none \(usage: hadoop fs -{verb} .*\)\n$")
        self.assertEqual(self.hadoop("fs", "-help", "frob", "cat", status=255).stderr,
                         b"-help: `frob': Unknown command\n")
        self.assertEqual(self.hadoop("fs", "ls", status=255).stderr,
                         b"ls: Unknown command; did you mean -ls?\n")

    def test_order_and_times(self):
        self.fs("-mkdir", "d")
        for name, size, time in ("a", 1, "20200103"), ("b\x07", 3, "20200101"), ("c", 2, "20200102"):
            self.put(f"d/{name}", b"x" * size)
            self.fs("-touch", "-m", "-t", f"{time}:111213", f"d/{name}")
            self.fs("-touch", "-a", "-t", f"2010{time[4:]}:111213", f"d/{name}")
        for options, wanted in (([], "ab?c"), (["-t"], "acb?"), (["-t", "-r"], "b?ca"), (["-S"], "b?ca"),
                                (["-S", "-r"], "acb?"), (["-r"], "cb?a"), (["-t", "-u"], "acb?")):
            got = self.fs("-ls", "-C", "-q", *options, "d").decode()
            self.assertEqual(got.replace("d/", "").replace("\n", ""), wanted, options)
        self.assertEqual(self.fs("-stat", "%y %x %A %o", "d/a"),
                         b"2020-01-03 11:12:13 2010-01-03 11:12:13 rw-r--r-- 134217728\n")
        self.assertIn(b" 2010-01-02 11:12 d/c\n", self.fs("-ls", "-u", "d"))
        self.fs("-touch", "-c", "none")
        self.fs("-touch", "some")
        self.assertEqual(self.fs("-ls", "-C"), b"d\nsome\n")
        self.assertEqual(self.fs("-du"), b"6  6  d\n0  0  some\n")
        self.put("d/e", b"x" * 1000)
        self.assertEqual(self.fs("-du", "-v", "d/a", "d/e"), b"SIZE  DISK_SPACE_CONSUMED_WITH_ALL_REPLICAS  "
                         b"FULL_PATH_NAME\n1     1" + b" " * 38 + b"d/a\n1000  1000" + b" " * 35 + b"d/e\n")
        self.assertEqual(self.fs("-count", "-q", "-v", "d").split(b"\n")[:2], [
            b"       QUOTA       REM_QUOTA     SPACE_QUOTA REM_SPACE_QUOTA    DIR_COUNT   FILE_COUNT       "
            b"CONTENT_SIZE PATHNAME", b"        none             inf            none             inf            1"
            b"            4               1006 d"])
        self.assertEqual(self.fs("-find", "d", "-iname", "[AE]", "-print0"), b"d/a\0d/e\0")
        self.assertEqual(self.fs("-setrep", "-w", "3", "d/a"),
                         b"Replication 3 set: d/a\nWaiting for d/a ... done\n")

    def test_a_directory_goes_into_one_that_is_there(self):
        self.file("d/a", b"new")
        self.file("d/e/b", b"B")
        self.fs("-mkdir", "-p", "t/d/e")
        self.put("t/d/a", b"old")
        self.put("t/d/own", b"stays")
        self.assertEqual(self.hadoop("fs", "-put", "d", "t", status=1).stderr, b"put: `t/d/a': File exists\n")
        self.assertEqual(self.fs("-cat", "t/d/a", "t/d/e/b", "t/d/own"), b"oldBstays")
        self.fs("-moveFromLocal", "-f", "d", "t")
        self.assertEqual(self.fs("-cat", "t/d/a", "t/d/e/b", "t/d/own"), b"newBstays")
        self.assertNotIn("d", os.listdir(self.work))
        for verb in ("cp", "mv"):
            for to, shown in ("t/d/x", "t/d/x"), ("t/d", "t/d/d"):
                self.assertEqual(self.hadoop("fs", f"-{verb}", "t/d", to, status=1).stderr.decode(),
                                 f"{verb}: `t/d' to `{shown}': is a subdirectory of itself\n")
        self.put("t/d/none", b"")
        self.fs("-getmerge", "-nl", "-skip-empty-file", "t/d", "merged")
        self.assertEqual(self.read("merged"), b"new\nstays\n")

    def test_files_that_a_copy_would_harm_stay(self):
        here = ["fs", "-fs", "file:///"]
        self.file("d/x", b"data")
        self.file("d/y", b"more")
        os.symlink("d", self.path("link"))
        os.symlink("none", self.path("dangling"))
        self.put("f", b"there")
        [there] = glob.glob(f"{self.root}/user/*/f")
        for words, said in (
            ([*here, "-moveFromLocal", "-f", "d/x", "d/x"], "moveFromLocal: `d/x' to `d/x': is the same file"),
            ([*here, "-moveFromLocal", "-f", "d/x", "link"],
             "moveFromLocal: `d/x' to `link/x': is the same file"),
            ([*here, "-moveFromLocal", "-f", "d", "."], "moveFromLocal: `d' to `./d': is the same file"),
            (["fs", "-moveFromLocal", "-f", there, "f"], f"moveFromLocal: `{there}' to `f': is the same file"),
            ([*here, "-getmerge", "d", "link/y"],
             "getmerge: `link/y': It is one of the files that are to be merged"),
            ([*here, "-mv", "d/x", "dangling"], "mv: `dangling': File exists"),
            ([*here, "-put", "d/x", "dangling"], "put: `dangling': File exists"),
        ):
            self.assertEqual(self.hadoop(*words, status=1).stderr.decode(), said + "\n")
        self.assertEqual((self.read("d/x"), self.read("d/y"), self.fs("-cat", "f")),
                         (b"data", b"more", b"there"))

    def test_ls_shows_paths_as_they_were_given(self):
        self.fs("-mkdir", "/d 1", "/d 1/e")
        self.put("hdfs:///d 1/f", b"123")
        self.put("/d 1/e/g", b"")
        self.put("near", b"")
        line = rb"-rw-r--r--   1 \S+ \S+ +%d \d{4}-\d\d-\d\d \d\d:\d\d %s\n"
        folder = rb"drwx\S+   - \S+ \S+ +0 \S+ \S+ %s\n"
        for path, shown in (("hdfs:///d 1", b"hdfs:///d 1"), ("hdfs:///d 1/", b"hdfs:///d 1"),
                            ("/d 1", b"/d 1"), ("hdfs://h/d*", b"hdfs://h/d 1")):
            entries = folder % (shown + b"/e"), line % (0, shown + b"/e/g"), line % (3, shown + b"/f")
            self.assertRegex(self.fs("-ls", "-R", path), b"^" + b"".join(entries) + b"$")
            self.assertEqual(self.fs("-lsr", path), self.fs("-ls", "-R", path))
            self.assertRegex(self.fs("-ls", path),
                             b"^Found 2 items\n" + entries[0] + entries[2] + b"$")
        self.assertRegex(self.fs("-ls"), b"^Found 1 items\n" + line % (0, b"near") + b"$")
        self.assertEqual(self.fs("-ls", "-C", "-d", "/d 1"), b"/d 1\n")

    def test_what_fails_says_why(self):
        self.put("f", b"1")
        self.fs("-mkdir", "d")
        self.put("d/g", b"1")
        for words, status, said in (
            (["-ls", "none"], 1, rb"ls: `none': No such file or directory\n"),
            (["-cat", "d"], 1, rb"cat: `d': Is a directory\n"),
            (["-cat", "no*", "f"], 1, rb"cat: `no\*': No such file or directory\n"),
            (["-mkdir", "d"], 1, rb"mkdir: `d': File exists\n"),
            (["-mkdir", "x/y"], 1, rb"mkdir: `x/y': No such file or directory\n"),
            (["-put", "f", "f"], 1, rb"put: `f': No such file or directory\n"),
            (["-put", "-", "f"], 1, rb"put: `f': File exists\n"),
            (["-put", "-", "x/y"], 1, rb"put: `x/y': No such file or directory\n"),
            (["-cp", "f", "d", "f"], 1, rb"cp: `f': Is not a directory\n"),
            (["-mv", "f", "f"], 1, rb"mv: `f': File exists\n"),
            (["-rm", "d"], 1, rb"rm: `d': Is a directory\n"),
            (["-rm", "none"], 1, rb"rm: `none': No such file or directory\n"),
            (["-rm", "-R", "/"], 1, rb"rm: `/': the root is not removed\n"),
            (["-rm", "-R", "/x/../../.."], 1, rb"rm: `/\S*': .*\n"),
            (["-fs", "file:///", "-rm", "-r", "hdfs"], 1, rb"rm: `hdfs': the root is not removed\n"),
            (["-rm", "-r", f"file://{self.work}"], 1, rb"rm: `file://.*': the root is not removed\n"),
            (["-fs", "file:///", "-rm", "-r", "hdf[s]"], 1, rb"rm: `hdfs': the root is not removed\n"),
            (["-fs", "file:///", "-mv", "hdfs", "elsewhere"], 1, rb"mv: `hdfs': the root is not moved\n"),
            (["-fs", "file:///", "-moveFromLocal", "./hdfs", "elsewhere"], 1,
             rb"moveFromLocal: `./hdfs': the root is not moved\n"),
            (["-ls", "x" + "{a,b}" * 22], 1, rb"ls: braces stand for too many names: .*\n"),
            (["-ls", "x" + "{a,b}" * 20000], 1, rb"ls: braces stand for too many names: .*\n"),
            (["-ls", "{a" * 30000 + "}" * 30000], 1, rb"ls: braces stand for too many names: .*\n"),
            (["-ls", "x" + "{a,b}" * 13], 1, rb"ls: `x.*': No such file or directory\n"),
            (["-cp", "f", "[d-f]"], 1, rb"cp: `\[d-f\]': Too many matches\n"),
            (["-put", "-", "no*"], 1, rb"put: `no\*': No such file or directory\n"),
            (["-mv", "f", "n{o,}/x"], 1, rb"mv: `n{o,}/x': No such file or directory\n"),
            (["-appendToFile", "-", "?"], 1, rb"appendToFile: `\?': Too many matches\n"),
            (["-mkdir", "ne?"], 1, rb"mkdir: `ne\?': No such file or directory\n"),
            (["-touchz", "ne?"], 1, rb"touchz: `ne\?': No such file or directory\n"),
            (["-rmdir", "d"], 1, rb"rmdir: `d': Directory is not empty\n"),
            (["-touchz", "f"], 1, rb"touchz: `f': Not a zero-length file\n"),
            (["-cat", "s3://b/x"], 1, rb"cat: 's3://b/x' is in no file system .*\n"),
            (["-ls", "-Z"], 255, rb"-ls: Illegal option -Z .*\n"),
            (["-cat"], 255, rb"-cat: Not enough arguments: expected 1 but got 0 \(usage: .*\)\n"),
            (["-head", "f", "f"], 255, rb"-head: Too many arguments: expected 1 but got 2 .*\n"),
            (["-touch", "-t"], 255, rb"-touch: -t: its argument is missing .*\n"),
            (["-touch", "-t", "2020", "f"], 1, rb"touch: `2020': It is to be a time, .*\n"),
            (["-test", "f"], 255, rb"test: `f': No test flag given: .*\n"),
            (["-setrep", "0", "f"], 255, rb"setrep: `0': Illegal replication, .*\n"),
            (["-find", "d", "-foo"], 1, rb"find: `-foo': Unexpected argument.*\n"),
            (["-mkdir", "f"], 1, rb"mkdir: `f': Is not a directory\n"),
            (["-rmdir", "f"], 1, rb"rmdir: `f': Is not a directory\n"),
            (["-rmr", "none"], 1, rb"rmr: `none': No such file or directory\n"),
            (["-frob"], 255, rb"-frob: Unknown command; there are -.* -ls .*\n"),
            (["-test", "-d", "f"], 1, b""), (["-test", "-e", "none"], 1, b""),
            (["-test", "-z", "f"], 1, b""), (["-test", "-e", "f"], 0, b""),
            (["-test", "-e", "no*"], 1, b""), (["-test", "-e", "[f]"], 0, b""), (["-test", "-f", "?"], 1, b""),
            (["-test", "-s", "f"], 0, b""), (["-test", "-d", "d"], 0, b""),
            (["-rm", "-R", "-f", "-skipTrash", "none"], 0, b""),
            (["-mkdir", "-p", "d"], 0, b""),
        ):
            self.assertRegex(self.hadoop("fs", *words, status=status).stderr, b"^" + said + b"$")
        self.fs("-cp", "f", "[d]")
        self.fs("-put", "-f", "-", "d/[f-g]", status=1)
        self.fs("-put", "-f", "-", "d/[f]", input=b"new")
        self.assertEqual(self.fs("-cat", "d/f", "d/g", "f"), b"new11")
        self.fs("-mkdir", "m1", "m2")
        self.fs("-mkdir", "-p", "m?", "m3")
        for _ in range(2):
            self.fs("-touchz", "m1/x", "m2/x", "m3/x")
            self.fs("-touchz", "m?/x")
        self.fs("-touch", "-t", "20200101:000000", "m[12]/x")
        self.assertEqual(self.fs("-stat", "%y", "m*/x").count(b"2020-01-01"), 2)
        said = self.hadoop("fs", "-mkdir", "m?", status=1).stderr
        self.assertEqual(said, b"mkdir: `m1': File exists\nmkdir: `m2': File exists\n"
                               b"mkdir: `m3': File exists\n")
        os.symlink(self.root, self.path("link"))
        self.fs("-fs", "file:///", "-rm", "-r", "link")
        self.assertEqual(self.fs("-cat", "f"), b"1")

    def test_no_link_by_which_the_root_is_reached_is_removed(self):
        self.put("f", b"1")
        os.mkdir(self.path("real"))
        os.rename(self.root, self.path("real/hdfs"))
        for link, to in (("inner", self.path("real")), ("outer", "inner"), ("hdfs", "outer/hdfs")):
            os.symlink(to, self.path(link))
        for name in ("hdfs", "outer", "inner", "real", "outer/hdfs"):
            said = self.hadoop("fs", "-fs", "file:///", "-rm", "-r", name, status=1).stderr
            self.assertIn(b"the root is not removed", said)
        self.assertEqual(self.fs("-cat", "f"), b"1")

    def test_a_pattern_does_not_lead_out_of_its_directory(self):
        self.file("outside/x", b"here")
        self.fs("-mkdir", "-p", "/a/b", "/a/.c")
        for name in ("/x", "/a/x", "/a/b/x", "/a/.c/x"):
            self.put(name, b"1")
        for pattern in ("/.*/outside", "/{..,q}/outside/x", "/a/b/.*/x", "/a/b/.?/*", "/a/b/{.,..}/x",
                        "/a/b/[.][.]/x", "hdfs:///.*/outside", "../../../.*/outside"):
            self.assertIn(b"No such file", self.hadoop("fs", "-rm", "-r", pattern, status=1).stderr)
        self.assertEqual(self.fs("-ls", "-C", "/a/.*"), b"/a/.c/x\n")
        self.assertEqual(self.fs("-ls", "-C", "-d", "/a/*"), b"/a/.c\n/a/b\n/a/x\n")
        for pattern, wanted in (("/*/*/x", "/a/.c/x /a/b/x"), ("/{a/{b,.c},.}/x", "/a/b/x /a/.c/x"),
                                ("/a/{x,b{,/x}}", "/a/x /a/b /a/b/x"), ("/a{}/x", "/a/x"), ("/a/{x,b,x,?}", "/a/x /a/b")):
            self.assertEqual(self.fs("-ls", "-C", "-d", pattern).decode().split(), wanted.split(), pattern)
        self.put("/a/\u00e9", b"")
        self.assertEqual(self.fs("-ls", "-C", "-d", "/a/?"), b"/a/b\n/a/x\n/a/\xc3\xa9\n")
        self.put("seen", b"")
        self.assertEqual(self.fs("-find", ".", "-name", "s*"), b"seen\n")
        self.file("in/y", b"")
        self.assertEqual(self.fs("-fs", "file:///", "-ls", "-C", "in/../in/[x-y]"), b"in/../in/y\n")
        self.assertEqual(self.read("outside/x"), b"here")

    def test_copies_and_moves(self):
        self.file("t/a", b"A")
        self.file("t/s/b", b"B")
        self.fs("-put", "t", "up")
        self.fs("-cp", "up/a", "c")
        self.fs("-mv", "c", "up/s")
        self.fs("-appendToFile", "t/a", "-", "up/s/c", input=b"more")
        self.assertEqual(self.fs("-cat", "up/a", "up/s/b", "up/s/c"), b"ABAAmore")
        self.fs("-getmerge", "up/s", "merged")
        self.assertEqual(self.read("merged"), b"BAAmore")
        self.assertIn(b"put: `up/a': Is not a directory",
                      self.hadoop("fs", "-put", "-f", "t/s", "up/a", status=1).stderr)
        self.fs("-copyToLocal", "up", "down")
        self.assertEqual(sorted(os.listdir(self.path("down"))), ["a", "s"])
        self.assertEqual(self.read("down/s/b"), b"B")
        for name in ("-", "down/a._COPYING_/own"):
            self.file(name, b"stays")
        self.fs("-moveFromLocal", "-p", "-", "moved", input=b"in")
        self.fs("-get", "-f", "moved", "down/a")
        self.assertEqual((self.read("-"), self.read("down/a._COPYING_/own"), self.read("down/a")),
                         (b"stays", b"stays", b"in"))
        self.fs("-touchz", "up/z")
        self.assertEqual(self.fs("-rm", "-R", "up/s", "up/z"), b"Deleted up/s\nDeleted up/z\n")
        self.assertEqual(self.fs("-ls", "-C", "-R", "up"), b"up/a\n")
        self.fs("-put", "-f", self.file("t.gz", b"\x1f\x8b\x08\0\0\0\0\0\0\3K\4\0C\xbe\xb7\xe8\1\0\0\0"))
        self.assertEqual(self.fs("-text", "t.gz"), b"a")


class Streaming(Hadoop):
    def test_the_usual_job(self):
        words = ("-D", "mapreduce.job.reduces=3", "--", "-mapper", "tr ' ' '\n'", "-reducer", "uniq -c")
        got = self.streamed(b"to be or\nnot to be\n", *words)
        self.assertEqual(sorted(got.splitlines()), [b"      1 not\t", b"      1 or\t",
                                                    b"      2 be\t", b"      2 to\t"])
        self.assertEqual(self.fs("-ls", "-C", "out").decode().split(),
                         ["out/_SUCCESS"] + [f"out/part-0000{i}" for i in range(3)])

    def test_golden(self):
        """What the real one makes of small inputs, of which it leaves the order of equal keys open."""
        with open(os.path.join(ROOT, "tests", "golden", "hadoop.json")) as file:
            answers = json.load(file)
        self.assertEqual(list(answers), list(hadoop.CASES))
        given = {name: self.environment[name] for name in ("WC_MR_HDFS", "WC_MR", "TMPDIR")}
        change = unittest.mock.patch.dict(os.environ, given)
        change.start()
        self.addCleanup(change.stop)
        for name, wanted in answers.items():
            got = hadoop.run(hadoop.CASES[name], [HADOOP, "jar", JAR, "-fs", "file:///", "-D",
                                                  "mapreduce.map.maxattempts=1"])
            if name == "no key, no value":
                wanted, got = ({**a, "output": sorted(a["output"])} for a in (wanted, got))
            self.assertEqual(got, wanted, name)

    def test_frames_of_many_tasks(self):
        """Keys of any bytes and a long one, through splits, combiners and reducers."""
        self.file("frames.py", br"""
import struct, sys
data, at = sys.stdin.buffer.read(), 0
def read():
    global at
    kind, size = data[at], 8 if data[at] == 4 else struct.unpack(">i", data[at + 1:at + 5])[0]
    at += 1 if kind == 4 else 5
    at += size
    return data[at - size:at]
def frame(kind, bytes):
    return bytes_of(kind) + (b"" if kind == 4 else struct.pack(">i", len(bytes))) + bytes
def bytes_of(kind):
    return struct.pack("B", kind)
def write(key, count):
    sys.stdout.buffer.write(frame(0, key) + frame(4, struct.pack(">q", count)))
last, count = None, 0
while at < len(data):
    key, value = read(), read()
    if sys.argv[1] == "map":
        write(bytes.fromhex(value.decode()), 1)
        continue
    if key != last and count:
        write(last, count)
        count = 0
    last = key
    count += struct.unpack(">q", value)[0]
if count:
    write(last, count)
""")
        keys = [bytes([i % 64, i % 3]) * (i % 4) for i in range(500)] + [b"\x0e\n\t" * 500000]
        command = f"{sys.executable} frames.py"
        self.streamed("\n".join(key.hex() for key in keys).encode(), "-D",
                      "mapreduce.input.fileinputformat.split.maxsize=1500000", "-files", "frames.py", "--",
                      "-io", "typedbytes", "-mapper", f"{command} map", "-combiner", f"{command} sum",
                      "-reducer", f"{command} sum", "-numReduceTasks", "2")
        parts = [[line.split("\t") for line in self.fs("-cat", f"out/part-0000{i}").decode().splitlines()]
                 for i in range(2)]
        for part in parts:
            self.assertEqual(part, sorted(part, key=lambda row: (len(row[0]), row[0])))
        got = {bytes.fromhex(key): int(count) for part in parts for key, count in part}
        self.assertEqual(got, collections.Counter(keys))
        self.assertEqual(len(got), sum(map(len, parts)))
        self.put("in", b"x\n")
        for command, said in (("printf \\1\\1\\1", b"record 1 that the program has written is no key and value of "
                               b"typed bytes"), ("printf \\1\\1\\1\\1\\13", b"record 2 that")):
            got = self.jar("-D", "mapreduce.map.maxattempts=1", "-D", "mapreduce.reduce.maxattempts=1", "-input",
                           "in", "-output", "no", "-io", "typedbytes", "-mapper", command, status=1)
            self.assertIn(b"\nhadoop task: " + said, got.stderr)

    def test_lines_as_hadoop_has_them(self):
        self.file("local", b"a\n")
        self.jar("-fs", "file:///", "-input", "local", "-output", "made/here//", "-mapper", "cat")
        self.assertEqual(self.read("made/here/part-00000"), b"a\t\n")
        for about, data, words, wanted in (
            ("quotes for a shell", b"x\n",
             ["--", "-mapper", "sh -c 'cat | sed s/x/'\\''a b'\\''/'", "-reducer", "cat"],
             b"a b\t\n"),
            ("a program that reads nothing", b"x\n" * 99999, ["--", "-mapper", "echo y"], b"y\t\n"),
        ):
            with self.subTest(about):
                self.assertEqual(self.streamed(data, *words), wanted)

    def test_files_and_archives_stand_in_the_working_directory(self):
        self.file("m.sh", b"#!/bin/sh\ncat list d/inside; echo left >over; ls; cat >&2\n")
        self.file("list.txt", b"listed\n")
        self.put("hdfs:///stored", b"stored\n")
        self.file("in.tar/inside", b"packed\n")
        subprocess.run(["tar", "-C", self.path("in.tar"), "-czf", self.path("x.tgz"), "inside"])
        for command in ("m.sh", "./m.sh"):
            got = self.streamed(b"a\n", "-files", "list.txt#list,hdfs:///stored", "-archives", "x.tgz#d",
                                "--", "-file", "m.sh", "-mapper", command, "-numReduceTasks", "0")
            self.assertEqual(got.replace(b"\t", b"").split(),
                             b"listed packed d list m.sh over stored tmp".split())
        self.assertFalse(os.access(self.path("m.sh"), os.X_OK))

    def test_the_environment(self):
        got = self.streamed(
            b"a\n", "-D", "my.own-name=x y", "-D", "mapred.reduce.tasks=2", "-D", "mapred.job.name=me",
            "--", "-cmdenv", "A=b c", "-cmdenv", "B=", "-numReduceTasks", "0", "-mapper", "env")
        lines = set(got.replace(b"\t", b"").decode().split("\n"))
        user = os.path.basename(os.listdir(os.path.join(self.root, "user"))[0])
        for wanted in ("my_own_name=x y", "A=b c", "B=", "mapreduce_job_name=me", "mapred_job_name=me",
                       "mapreduce_task_ismap=true", "mapred_task_is_map=true", "mapreduce_task_partition=0",
                       f"mapreduce_map_input_file=hdfs:///user/{user}/in", "map_input_start=0",
                       f"mapred_output_dir=hdfs:///user/{user}/out"):
            self.assertIn(wanted, lines)
        self.assertRegex(got, rb"mapred_task_id=attempt_\d+_\d{4}_m_000000_0\t")
        os.chmod(self.file("bin/mine", b"#!/bin/sh\nexec hadoop version\n"), 0o755)
        got = self.streamed(b"a\n", "--", "-cmdenv", f"PATH={self.path('bin')}:/usr/bin:/bin", "-mapper",
                            "mine")
        self.assertIn(b"Hadoop 3", got)

    def test_configuration_files(self):
        """What Hadoop 3.3.5 makes of these files."""
        def file(name, *properties, root="configuration"):
            return self.file(name, f"<{root}><!-- -->{''.join(properties)}</{root}>".encode())
        def one(name, value, more=""):
            return f"<property><name> {name}\n</name><value>{value}</value>{more}</property>"
        first = file("1.xml", one("my.final", " a &amp; <![CDATA[<b>]]> ", "<final>true</final>"),
                     one("my.twice", 1), one("my.twice", 2), one("my.none", ""), one("my.line", 1),
                     '<property name="my.attribute" value="v"/>',
                     one("mapred.reduce.tasks", 3))
        second = file("2.xml", "<x>", one("my.final", "b"), one("my.twice", "\u00e4"), "</x>",
                      one("my.last", 1), root="any")
        last = file("3.xml", one("my.last", "2", "<description>3</description><final>t</final>"))
        wanted = {"final": " a & <b> ", "twice": "\u00e4", "line": "2", "attribute": "v",
                  "last": "2"}
        self.put("in", b"x\n")
        got = self.jar("-conf", first, "-D", "my.line=2", "-conf", "file://" + second, "-input", "in",
                       "-output", "out", "-mapper", "env", "-additionalconfspec", last, "-reducer", "cat")
        said = self.fs("-cat", "out/part-*").decode()
        self.assertEqual(dict(re.findall(r"^my_(\w+)=(.*)\t$", said, re.M)), wanted)
        self.assertEqual(len(self.fs("-ls", "-C", "out").split()), 1 + 3)
        self.assertIn(b"2.xml:an attempt to override final parameter: my.final;  Ignoring.\n",
                      got.stderr)
        self.jar("-fs", "hdfs:///", "-conf", file("4.xml", one("fs.defaultFS", "s3://")), "-input",
                 "in", "-output", "2", "-mapper", "cat")

    def test_counters_and_log_lines(self):
        self.put("in", b"a\nb\nc\n")
        script = ("while read x; do echo $x; echo reporter:counter:G g, n ,2 >&2; echo " "reporter:status:s >&2; "
                  "echo reporter:counter:G g,n,-1 >&2; echo reporter:counter:a,b,c,1 >&2; done")
        self.file("m.sh", script.encode())
        got = self.jar("-files", "m.sh", "-input", "in", "-output", "out", "-mapper", "sh m.sh",
                       "-reducer", "sh -c 'cat; printf \"Q:counter:H,%s,1\" '\\''" + "n" * 70 + "'\\'' >&2'"
                       ).stderr.decode()
        self.assertRegex(got, r"(?m)^\d\d/\d\d/\d\d \d\d:\d\d:\d\d INFO mapreduce.Job: Counters: 7$")
        for line in ("\tG g\n\t\tn=3\n", "\t\tMap input records=3\n", "\t\tReduce output records=3\n",
                     "\t\tBytes Read=6\n", "\t\tBytes Written=9\n"):
            self.assertIn(line, got)
        for pattern in (r"Submitted application application_\d+_\d{4}$", r"Running job: job_\d+_\d{4}$",
                        r" map 0% reduce 0%$", r" map 100% reduce 100%$", r"Output directory: hdfs:///\S+/out$"):
            self.assertRegex(got, "(?m)^\\S+ \\S+ INFO \\S+: " + pattern)
        # Names may have any bytes, and what is said is printable.
        got = self.jar("-input", "in", "-output", "o\n\x1b[2J\x9b", "-mapper", "cat").stderr
        self.assertIn(b"Output directory: hdfs:///user/", got)
        self.assertIn(b"/o\\n\\033[2J\\302\\233\n", got)
        self.assertFalse(set(got) & set(range(32)) - {9, 10}, got)
        counters = "for i in `seq 150`; do echo reporter:counter:g,c$i,1 >&2; done; cat"
        self.file("c.sh", counters.encode())
        got = self.jar("-files", "c.sh", "-input", "in", "-output", "many", "-mapper", "sh c.sh").stderr
        self.assertEqual(got.count(b"=1\n"), 150)

    def test_a_failure_shows_what_the_program_has_said(self):
        self.put("in", b"a\n")
        self.file("m.py", b"import sys\nfor line in sys.stdin: raise ValueError('so')\n")
        got = self.jar("-D", "mapreduce.map.maxattempts=2", "-D", "mapred.reduce.max.attempts=1",
                       "-files", "m.py", "-input", "in", "-output", "out", "-mapper",
                       f"{sys.executable} m.py", "-reducer", "cat", status=1).stderr.decode()
        self.assertEqual(re.findall(r"INFO mapreduce.Job: Task Id : attempt_\d+_\d{4}_(\S+), Status : FAILED", got),
                         ["m_000000_0", "m_000000_1"])
        self.assertIn("subprocess failed with code 1", got)
        self.assertIn("Traceback (most recent call last):\n  File", got)
        self.assertIn("\nValueError: so\n", got)
        self.assertTrue(got.endswith("Streaming Command Failed!\n"))
        self.assertEqual(self.fs("-ls", "-C").split(), [b"in"])
        once = ["-D", "mapreduce.map.maxattempts=1", "-D", "mapreduce.reduce.maxattempts=1"]
        for command, code in (("no-such-program", 127), ("sh -c 'kill -9 $$'", 137), ("false", 1)):
            got = self.jar(*once, "-input", "in", "-output", "out", "-mapper", command, status=1)
            self.assertIn(b"subprocess failed with code %d" % code, got.stderr)
            got = self.jar(*once, "-input", "in", "-output", "out", "-mapper", "cat", "-reducer", command,
                           status=1)
            self.assertIn(b"_r_000000_0, Status : FAILED", got.stderr)
        self.streamed(b"a\n", "-D", "stream.non.zero.exit.is.failure=false", "--", "-mapper", "false")

    def test_variables_in_properties(self):
        """What Hadoop 3.3.5 makes of these."""
        self.environment["MY_VAR"] = "mine"
        self.environment["EMPTY"] = ""
        given = {"a": "A", "b": "x${my.a}y${my.a}", "c": "${my.none}${my.a}", "d": "${my.${my.e}}", "e": "a",
                 "f": "${env.MY_VAR}/${env.NONE:-other}/${env.NONE-2}", "g": "${}${my.a}",
                 "h": "${my a}${my.a}", "i": "$${my.a}}", "j": "${env.NONE}x", "k": "${mapred.reduce.tasks}",
                 "l": "${my.a", "m": "${my.m}", "n": "${env.EMPTY-3}${env.EMPTY:-4}", "o": "${java.io.tmpdir}"}
        wanted = {**given, "b": "xAyA", "d": "A", "f": "mine/other/2", "g": "${}A", "h": "${my a}A", "i": "$A}",
                  "k": "1", "n": "4", "o": "/tmp"}
        self.put("in", b"x\n")
        self.jar(*(word for name, value in given.items() for word in ("-D", f"my.{name}={value}")),
                 "-input", "in", "-output", "out", "-mapper", "env", "-numReduceTasks", "1", "-reducer", "cat")
        said = self.fs("-cat", "out/part-*").decode()
        self.assertEqual(dict(re.findall(r"^my_(\w+)=(.*)\t$", said, re.M)), wanted)

    def test_no_script_is_run_for_tasks_that_fail(self):
        self.put("in", b"x\n")
        got = self.jar("-input", "in", "-output", "out", "-mapper", "env", "-mapdebug", "touch ran",
                       "-reducedebug", "touch ran")
        self.assertIn(b" WARN streaming.StreamJob: -mapdebug is not run, nor is it by Hadoop 2", got.stderr)
        self.assertRegex(self.fs("-cat", "out/part-*"), b"(?m)^mapred_map_task_debug_script=touch ran\t$")

    def test_a_program_that_reads_on_and_says_nothing_is_not_hung(self):
        slow = self.file("slow.py", b"import sys, time\nsize = 0\nwhile data := sys.stdin.buffer.raw.read(20000):\n"
                         b"    size += len(data)\n    time.sleep(0.2)\nprint(size)\n")
        self.put("in", b"y\n" * 250000)
        # Were it taken for hung, it would be each time; a machine that stands still may cost a try.
        self.jar("-D", "mapreduce.task.timeout=3000", "-D", "mapreduce.map.maxattempts=20", "-input", "in",
                 "-output", "out", "-mapper", f"{sys.executable} {slow}", "-reducer", "NONE")
        self.assertEqual(self.fs("-cat", "out/part-*"), b"500000\t\n")

    def test_a_task_itself_that_fails(self):
        """The process that feeds the program is killed in the first attempt, and nothing is lost."""
        self.file("m.sh", b"case $mapred_task_id in *_0) while [ ! $killed ]; do for p in $(cat /proc/$PPID/task/"
                  b"$PPID/children); do [ $p = $$ ] || ! kill -9 $p || killed=1; done; done;; esac; cat\n")
        data = b"".join(b"%08d\t\n" % i for i in range(400000))
        self.assertEqual(self.streamed(data, "-files", "m.sh", "--", "-mapper", "sh m.sh"), data)
        once = ["-D", "mapreduce.map.maxattempts=1", "-D", "mapreduce.reduce.maxattempts=1"]
        got = self.jar(*once, "-files", "m.sh", "-input", "in", "-output", "no", "-mapper", "sh m.sh",
                       status=1).stderr
        self.assertIn(b"\nhadoop task: the process that feeds the program has died: status 137\n", got)
        got = self.jar(*once, "-files", "m.sh#tmp", "-input", "in", "-output", "no", "-mapper", "cat",
                       status=1).stderr
        self.assertIn(b"\nhadoop task: cannot link 'tmp': File exists\n", got)

    def test_statuses_and_what_is_refused(self):
        self.put("in", b"a\n")
        self.fs("-mkdir", "-p", "d/e")
        usual = ["-input", "in", "-output", "o", "-mapper", "cat"]
        for words, status, said in (
            ([], 1, "-input is missing"), (["-input", "in"], 1, "-output is missing"),
            (["-input", "in", "-output", "o"], 1, "-mapper is missing"),
            (["-input", "none", *usual], 5, "Input path does not exist: 'none'"),
            (["-input", "no*", *usual], 5, "Input path does not exist"),
            (["-input", "m", *usual], 5, "a file of this machine is file://"),
            (["-input", "d", *usual], 5, "Not a file: 'd/e'"),
            (["-input", "in", "-output", "in", "-mapper", "cat"], 4, "already exists"),
            ([*usual, "-D", "a=b"], 1, "-D stands behind an option of streaming"),
            ([*usual, "-frob"], 1, "'-frob' is no option"), ([*usual, "-reducer"], 1, "its argument is missing"),
            (["loadtb", "x"], 1, "loadtb is not there"),
            (["-D", "stream.map.output=rawbytes", *usual, "-reducer", "aggregate"], 3, "takes text"),
            (["-D", "stream.map.output=typedbytes", "-D", "mapred.output.key.comparator.class=KeyFieldBasedComparator",
              "-D", "mapreduce.partition.keycomparator.options=-n", *usual], 3, "takes text"),
            (["-D", "stream.io.identifier.resolver.class=X", *usual], 3, "stream.io.identifier"),
            ([*usual, "-inputformat", "SequenceFileInputFormat"], 3, "SequenceFileInputFormat"),
            ([*usual, "-partitioner", "X", "-numReduceTasks", "2"], 3, "-partitioner X"),
            (["-D", "num.key.fields.for.partition=x", *usual, "-partitioner", "KeyFieldBasedPartitioner",
              "-numReduceTasks", "2"], 3, "-k1,x: it is to be a field"),
            (["-D", "mapreduce.partition.keypartitioner.options=-k1.x", *usual, "-partitioner",
              "KeyFieldBasedPartitioner", "-numReduceTasks", "2"], 3, "-k1.x: it is to be a field"),
            (["-D", "mapred.line.input.format.linespermap=0", *usual, "-inputformat",
              "NLineInputFormat"], 3, "a line at least"),
            ([*usual, "-outputformat", "X"], 1, "-outputformat X"),
            ([*usual, "-inputreader", "X,begin=a"], 3, "-inputreader X is not there"),
            ([*usual, "-inputreader", "StreamXmlRecord,end=a"], 3, "stream.recordreader.begin"),
            ([*usual, "-inputreader", "StreamXmlRecord,begin=a,end="], 3, "stream.recordreader.end"),
            ([*usual, "-inputreader", "StreamXmlRecord,begin=a\nb,end=c"], 3, "no end of a line"),
            ([*usual, "-inputreader", "StreamXmlRecord,begin=a,end=b,slowmatch=true"], 3, "slowmatch"),
            ([*usual, "-inputreader", "StreamXmlRecord,begin=a,end=b", "-mapper",
              "org.apache.hadoop.mapred.lib.IdentityMapper"], 3, "records of several lines"),
            ([*usual, "-mapper", "org.apache.hadoop.mapred.lib.InverseMapper"], 3, "InverseMapper"),
            ([*usual, "-mapper", "org.apache.hadoop.mapred.lib.IdentityMapper"], 3, "offsets"),
            ([*usual, "-numReduceTasks", "x"], 3, "to be a number"),
            (["-D", "mapreduce.job.reduces=", *usual], 3, "to be a number"),
            (["-D", "stream.map.output.field.separator=a\n", *usual], 3, "no end of a line"),
            (["-D", "stream.reduce.output.field.separator=\r", *usual], 3, "no end of a line"),
            (["-D", "map.output.key.field.separator=" + "a" * 65, *usual], 3, "64 bytes at most"),
            (["-D", "key.value.separator.in.input.line=\u00e9", *usual, "-inputformat",
              "KeyValueTextInputFormat"], 3, "one of ASCII"),
            (["-D", "mapred.output.key.comparator.class=X", *usual], 3, "comparator.class"),
            (["-D", "textinputformat.record.delimiter=;", *usual], 3, "record.delimiter=';'"),
            (["-D", "mapred.output.compress=true", *usual], 3, "GzipCodec"),
            (["-files", "nothing", *usual], 1, "File nothing does not exist"),
            (["-conf", "x", *usual], 1, "-conf 'x' cannot be read: No such file"),
            ([*usual, "-additionalconfspec", "m"], 1, "conf 'm', in line 1: no element found"),
            (["-conf", "l", *usual], 1, "conf 'l', in line 2: mismatched tag"),
            (["-conf", "i", *usual], 1, "'i' includes another file"),
            (["-conf", ".", *usual], 1, "cannot read '.': Is a directory"),
            (["-fs", "s3://x", *usual], 1, "s3://x"),
        ):
            self.file("m", b"")
            self.file("l", b"<configuration><property>\n</name>")
            self.file("i", b"<configuration xmlns:xi='x'><xi:include href='l'/></configuration>")
            got = self.jar(*words, status=status).stderr.decode()
            self.assertIn(said, got)
            self.assertRegex(got, r"^\S+ \S+ ERROR streaming.StreamJob: .*\nStreaming Command Failed!\n$")
        self.assertIn(b"Java", self.hadoop("jar", "x.jar", status=1).stderr)
        self.assertEqual(self.fs("-ls", "-C").split(), [b"d", b"in"])

    def test_fields_of_keys_decide_about_reducer_and_order(self):
        data = b"".join(b"%d\t%d\n" % (i % 5, i * 7 % 31) for i in range(31))
        comparator = "org.apache.hadoop.mapred.lib.KeyFieldBasedComparator"
        words = ["-D", "stream.num.map.output.key.fields=2", "-D", "mapred.reduce.tasks=3", "-D",
                 "mapreduce.partition.keypartitioner.options=-k1,1", "-D",
                 f"mapreduce.job.output.key.comparator.class={comparator}", "-D",
                 "mapreduce.partition.keycomparator.options=-k1,1 -k2,2nr"]
        self.streamed(data, *words, "--", "-mapper", "cat", "-reducer", "cat", "-partitioner",
                      "org.apache.hadoop.mapred.lib.KeyFieldBasedPartitioner")
        seen = []
        for i in range(3):
            rows = [line.split() for line in self.fs("-cat", f"out/part-0000{i}").splitlines()]
            self.assertEqual(rows, sorted(rows, key=lambda row: (row[0], -int(row[1]))))
            seen += sorted({row[0] for row in rows})
        self.assertEqual(sorted(seen), [b"%d" % i for i in range(5)])

    def test_fields_of_keys_that_several_bytes_separate(self):
        data = b"".join(b"%d::%d=>%d\n" % (i % 5, i % 7, i) for i in range(70))
        for field in 1, 2:
            words = ["-D", "mapred.reduce.tasks=3", "-D", "stream.map.output.field.separator==>",
                     "-D", "map.output.key.field.separator=::", "-D",
                     f"mapreduce.partition.keypartitioner.options=-k{field},{field}"]
            self.streamed(data, *words, "--", "-mapper", "cat", "-reducer", "cat", "-partitioner",
                          "org.apache.hadoop.mapred.lib.KeyFieldBasedPartitioner")
            seen, rows = [], []
            for i in range(3):
                part = self.fs("-cat", f"out/part-0000{i}").splitlines()
                keys = [line.split(b"\t")[0] for line in part]
                self.assertEqual(keys, sorted(keys))
                seen += sorted({key.split(b"::")[field - 1] for key in keys})
                rows += part
            self.assertEqual(sorted(seen), [b"%d" % i for i in range((5, 7)[field - 1])])
            self.assertEqual(sorted(row.replace(b"\t", b"=>") + b"\n" for row in rows),
                             sorted(data.splitlines(True)))

    def test_characters_of_keys_decide_about_reducer(self):
        data = b"".join(b"%d%c\t%d\n" % (i % 7, b"abcde"[i % 5], i) for i in range(70))
        for options in "-k1.2,1.2", "-k 1.2n", "-k1.2,1.0":
            words = ["-D", "mapred.reduce.tasks=3", "-D",
                     f"mapreduce.partition.keypartitioner.options={options}"]
            self.streamed(data, *words, "--", "-mapper", "cat", "-reducer", "cat", "-partitioner",
                          "org.apache.hadoop.mapred.lib.KeyFieldBasedPartitioner")
            seen = []
            for i in range(3):
                part = self.fs("-cat", f"out/part-0000{i}").splitlines()
                self.assertEqual(part, sorted(part, key=lambda line: line.split(b"\t")[0]))
                seen += sorted({line[1:2] for line in part})
            self.assertEqual(sorted(seen), [b"a", b"b", b"c", b"d", b"e"])

    def test_aggregate(self):
        rows = (
            "LongValueSum:a 3", "LongValueSum:a -1", "LongValueMax:b 3", "LongValueMax:b 10",
            "LongValueMin:b 3", "LongValueMin:b -10", "DoubleValueSum:c 1", "DoubleValueSum:c 0.5",
            "DoubleValueSum:d 1e7", "DoubleValueSum:e 0.1", "DoubleValueSum:e 0.2", "DoubleValueSum:f 1e-4",
            "DoubleValueSum:g 123456", "DoubleValueSum:h -0.0012", "StringValueMax:x:y b",
            "StringValueMax:x:y a", "StringValueMin:x b", "StringValueMin:x a", "UniqValueCount:u a",
            "UniqValueCount:u b", "UniqValueCount:u a", "ValueHistogram:v a", "ValueHistogram:v b",
            "ValueHistogram:v b", "ValueHistogram:v c\t4")
        data = "\n".join(row.replace(" ", "\t", 1) for row in rows).encode()
        got = self.streamed(data, "--", "-mapper", "cat", "-reducer", "aggregate").decode()
        self.assertEqual(got.splitlines(), [
            "c\t1.5", "d\t1.0E7", "e\t0.30000000000000004", "f\t1.0E-4", "g\t123456.0", "h\t-0.0012",
            "b\t10", "b\t-10", "a\t2", "x:y\tb", "x\ta", "u\t2",
            f"v\t3\t1\t2\t4\t{7 / 3}\t{(14 / 9) ** 0.5}"])
        for data, said in ((b"a\t1\n", b"a key is to be FUNCTION:ID"), (b"Other:a\t1\n", b"FUNCTION:ID"),
                           (b"UniqValueCount:a\tx\0y\n", b"a zero byte is behind 'x'"),
                           (b"LongValueSum:a\0b\t1\n", b"a zero byte is behind 'LongValueSum:a'"),
                           (b"LongValueSum:a\tx\n", b"the value is not what the function takes")):
            self.put("in", data)
            self.assertIn(said, self.jar("-D", "mapreduce.reduce.maxattempts=1", "-D", "mapred.map.max.attempts=1",
                                         "-input", "in", "-output", "no", "-mapper", "cat", "-reducer",
                                         "aggregate", status=1).stderr)

    def test_a_combiner(self):
        self.put("in", b"a\nb\na\n" * 50)
        self.file("c.sh", b"uniq | sed 's/$/1/'; echo reporter:counter:C,runs,1 >&2\n")
        for separator, combined in (("\t", True), ("+", False)):
            got = self.jar("-D", f"stream.reduce.output.field.separator={separator}", "-files", "c.sh",
                           "-input", "in", "-output", f"out{combined}", "-mapper", "cat", "-combiner",
                           "sh c.sh", "-reducer", "cat").stderr
            self.assertEqual((b"Combine input records=150" in got, b"\truns=" in got,
                              b"combiner is not run" in got), (combined, combined, not combined))
        self.assertEqual(self.fs("-cat", "outTrue/part-00000"), b"a\t1\nb\t1\n")

    def test_records_between_marks_wherever_a_file_is_cut(self):
        draw = random.Random(18)
        shapes = [b"<page>%s</page>", b"%s", b"<pag\n%s", b"</page>%s"]
        within = [b"<", b"page ", b"x\n", b"\n", b"y", b"</pag", b"e>", b"</"]
        texts = [b"\n".join(draw.choice(shapes) % b"".join(draw.choices(within, k=draw.randint(0, 20)))
                            for _ in range(40)) for _ in range(3)]
        texts[0] += b"\n<page>not ended"
        long = b"<page>" + b"a line\n" * 50000 + b"</page>\n" + texts[1]
        records = functools.partial(re.findall, rb"(<page>.*?</page>)", flags=re.S)
        self.assertGreater(sum(map(len, map(records, texts))), 20)
        reader = ["-reducer", "NONE", "-inputreader", "StreamXmlRecordReader,begin=<page>,end=</page>"]
        for size, inputs in (70, texts), (1, [texts[2][:300]]), (100000, [*texts, long]), (1 << 30, [long]):
            self.fs("-rm", "-R", "-f", "in", "out")
            self.fs("-mkdir", "in")
            for i, text in enumerate(inputs):
                self.put(f"in/{i}", text)
            self.jar("-D", f"mapreduce.input.fileinputformat.split.maxsize={size}", "-input",
                     "in", "-output", "out", "-mapper", "cat", *reader)
            wanted = b"".join(each + b"\t\n" for text in inputs for each in records(text))
            wanted = b"".join(line.rstrip(b"\t") + b"\t\n" for line in wanted.splitlines())
            self.assertTrue(self.fs("-cat", "out/part-*") == wanted, size)
        self.put("packed.gz", gzip.compress(long))
        self.jar("-D", "mapreduce.input.fileinputformat.split.maxsize=70", "-input", "packed.gz", "-output",
                 "2", "-mapper", "grep -c ^<page>", *reader)
        self.assertEqual(self.fs("-cat", "2/part-*"), b"%d\t\n" % len(records(long)))

    def test_so_many_lines_a_mapper(self):
        script = "sh -c 'echo $map_input_file $map_input_start; cat'"
        got = self.streamed(b"a\nbc\r\n\nd", "-D", "mapreduce.input.lineinputformat.linespermap=3", "--",
                            "-inputformat", "org.apache.hadoop.mapred.lib.NLineInputFormat", "-mapper",
                            script, "-numReduceTasks", "0")
        self.assertEqual(re.sub(rb"hdfs:\S+/", b"", got),
                         b"in 0\t\n0\ta\n2\tbc\n6\t\nin 7\t\n7\td\n")
        words = ["-inputformat", "NLineInputFormat", "-mapper", "cat"]
        self.assertEqual(self.streamed(b"\xef\xbb\xbfa\rbc\r\r\nd\r", "--", *words),
                         b"0\ta\n10\td\n5\tbc\n8\t\n")
        self.put("in", gzip.compress(b"a\nb\n"))
        got = self.jar("-input", "in", "-output", "no", *words, status=3).stderr
        self.assertIn(b"is compressed", got)

    def test_a_job_in_the_background(self):
        """The command ends before the job, of which nobody hears but by its log."""
        self.put("in", b"b\na\n")
        go = self.path("go")
        for mapper, output, said in (
            (f"sh -c 'while [ ! -e {go} ]; do sleep 0.1; done; cat'", "out", b"Output directory: hdfs:///"),
            ("false", "none", b"\nStreaming Command Failed!\n"),
        ):
            life, end = os.pipe()
            got = subprocess.run(
                [HADOOP, "jar", JAR, "-D", "mapreduce.map.maxattempts=1", "-input", "in", "-output",
                 output, "-background", "-mapper", mapper, "-reducer", "cat"], capture_output=True,
                cwd=self.work, env=self.environment, pass_fds=(end,), timeout=SOON)
            os.close(end)
            self.assertEqual((got.returncode, got.stdout), (0, b""), got.stderr)
            self.assertEqual(glob.glob(f"{self.root}/user/*/{output}"), [])
            with open(go, "w"):
                pass
            self.assertTrue(select.select([life], [], [], SOON)[0])  # all of it has ended
            os.close(life)
            log = re.search(rb"in background, and tells of it in (\S+)\n$", got.stderr)[1].decode()
            self.assertIn(said, self.fs("-cat", log))
        self.assertEqual(self.fs("-cat", "out/part-00000"), b"a\t\nb\t\n")
        self.assertEqual(glob.glob(f"{self.root}/user/*/none"), [])
        got = self.jar("-input", "in", "-output", "out", "-background", "-mapper", "cat", status=4)
        self.assertIn(b"already exists", got.stderr)
        got = self.hadoop("jar", JAR, "-input", "in", "-output", "never", "-background", "-mapper", "cat",
                          run=["sh", "-c", 'ulimit -n 4; exec "$@"', "sh", HADOOP], status=5)
        self.assertIn(b"Too many open files", got.stderr)
        self.assertEqual(glob.glob(f"{self.root}/user/*/_never*"), [])  # no log of no job

    def test_standard_descriptors_that_are_closed(self):
        """No file or pipe of a job is taken for one of them."""
        self.put("in", b"b\na\n")
        for closed in "<&-", ">&-", "2>&-", "<&- >&-", "<&- 2>&-", ">&- 2>&-", "<&- >&- 2>&-":
            self.fs("-rm", "-r", "-f", "out")
            self.hadoop("jar", JAR, "-input", "in", "-output", "out", "-mapper", "cat", "-reducer", "cat",
                        run=["sh", "-c", f'exec "$@" {closed}', "sh", HADOOP])
            self.assertEqual(self.fs("-cat", "out/part-00000"), b"a\t\nb\t\n", closed)
            [above] = glob.glob(f"{self.root}/user/*")
            self.assertEqual(sorted(os.listdir(above)), ["in", "out"], closed)
        self.hadoop("jar", JAR, "-input", "in", "-output", "late", "-background", "-mapper", "cat",
                    run=["sh", "-c", 'exec "$@" <&- >&-', "sh", HADOOP])
        self.assertIn(b"Output directory: ", self.fs("-cat", "_late.job_*.log"))
        got = self.hadoop("fs", "-put", "-", "no", status=1, run=["sh", "-c", 'exec "$@" <&-', "sh", HADOOP])
        self.assertIn(b"Bad file descriptor", got.stderr)

    def test_files_beside_the_output(self):
        script = ("sh -c 'cat; echo $mapred_task_id >f; hadoop fs -put f $mapred_work_output_dir/own; "
                  "case $mapred_task_id in *_0) exit 3; esac'")
        self.streamed(b"a\n", "--", "-lazyOutput", "-mapper", "cat", "-reducer", script,
                      "-numReduceTasks", "3")
        names = self.fs("-ls", "-C", "out").decode().split()
        self.assertEqual((len(names), names[0], names[1]), (3, "out/_SUCCESS", "out/own"))
        self.assertRegex(self.fs("-cat", "out/own"), rb"^attempt_\S+_r_\S+_1\n$")
        self.assertEqual(self.fs("-cat", names[2]), b"a\t\n")
        got = self.jar("-input", "in", "-output", "no", "-mapper", "cat", "-reducer", "sh -c 'cat; echo x >x; "
                       "hadoop fs -put x $mapred_work_output_dir/part-00000'", status=5).stderr
        self.assertIn(b"'part-00000' of a task has the name of a file of the result", got)

    def test_several_inputs_and_compressed_output(self):
        self.fs("-mkdir", "-p", "d/e", "p")
        for name in ("d/a", "d/_b", "d/.c", "d/e/f", "g", "h", "{i", "p/_k", "p/.k", "p/l", "_m"):
            self.put(name, name.encode() + b"\n")
        self.jar("-D", "mapreduce.input.fileinputformat.input.dir.recursive=true", "-D",
                 "mapred.output.compress=true", "-D", "mapred.output.compression.codec="
                 "org.apache.hadoop.io.compress.GzipCodec", "-input", "d,{g,h}", "g", "p/*", "_m",
                 "-output", "new/out",
                 "-mapper", "cat", "-reducer", "cat")
        self.assertEqual(self.fs("-ls", "-C", "new/out").split(), [b"new/out/_SUCCESS", b"new/out/part-00000.gz"])
        self.assertEqual(self.fs("-text", "new/out/part*").replace(b"\t", b"").split(),
                         [b"_m", b"d/a", b"d/e/f", b"g", b"g", b"h", b"p/l"])

    def test_a_job_that_is_ended_leaves_nothing(self):
        self.put("in", b"a\n")
        for number, status in ((signal.SIGTERM, 6), (signal.SIGKILL, -9)):
            life, end = os.pipe()
            running = subprocess.Popen(
                [HADOOP, "jar", JAR, "-input", "in", "-output", "out", "-mapper", "sleep 100"],
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=self.work, env=self.environment,
                pass_fds=(end,))
            os.close(end)
            wait_for(lambda: glob.glob(os.path.join(self.temporary, "*", "logs", "m_000000_0")))
            running.send_signal(number)
            self.assertEqual(running.wait(), status)
            self.assertTrue(select.select([life], [], [], SOON)[0], "a process of it is still alive")
            os.close(life)
            self.assertEqual(os.listdir(self.temporary), [])
            self.assertEqual(self.fs("-ls", "-C").split(), [b"in"])


class Mrjob(Hadoop):
    def setUp(self):
        super().setUp()
        self.examples = mrjob_examples()
        if not self.examples:
            self.skipTest(f"mrjob is not installed for {PYTHON}; tests/README.md says how")

    def run_job(self, script, runner, *options):
        """What a job of mrjob's makes of two files, and what it says."""
        got = subprocess.run(
            [PYTHON, script, "-r", runner, *options, self.file("a", b"to be or\n" * 9),
             self.file("b", b"not to be\r\n")], capture_output=True, timeout=SOON, cwd=self.work,
            env=self.environment)
        lines = [line.removesuffix(b"\t") for line in got.stdout.splitlines()]
        return got.returncode, sorted(lines), got.stderr.decode()

    def test_its_jobs_give_what_they_give_inline(self):
        script = os.path.join(self.examples, "mr_most_used_word.py")
        status, wanted, err = self.run_job(script, "inline")
        self.assertEqual(status, 0, err)
        status, got, err = self.run_job(script, "hadoop", "--hadoop-bin", HADOOP)
        self.assertEqual((status, got), (0, wanted), err)
        self.assertRegex(err, r"Map input records=\d")
        self.assertEqual(self.fs("-ls", "-R", "-C", "tmp/mrjob"), b"")

    def test_a_failure_is_its_probable_cause(self):
        script = self.file("boom.py", b"from mrjob.job import MRJob\nclass Boom(MRJob):\n"
                           b"    def mapper(self, _, line):\n"
                           b"        raise ValueError('so')\nBoom.run()\n")
        status, _, err = self.run_job(script, "hadoop", "--hadoop-bin", HADOOP, "-D",
                                      "mapreduce.map.maxattempts=1")
        self.assertEqual(status, 1)
        self.assertRegex(err, r"(?s)Probable cause of failure:.*Traceback.*ValueError: so")


if __name__ == "__main__":
    unittest.main()
