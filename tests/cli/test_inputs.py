"""What is taken for input and what is not: kinds of files that are refused, what directories hold,
files that change or do not tell their size, terminals."""

import glob
import gzip
import io
import os
import pty
import re
import shutil
import sqlite3
import subprocess
import tarfile
import unittest
import zipfile
import zlib

import reference
from support import DISTINCT, PROGRAM, SOON, Case, wait_for, workers

TEXT = "the cat and the dog and the end\n"
COUNTS = b"the\t3\nand\t2\ncat\t1\ndog\t1\nend\t1\n"


def tar_of(data, form=tarfile.GNU_FORMAT):
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", format=form) as archive:
        member = tarfile.TarInfo("text")
        member.size = len(data)
        archive.addfile(member, io.BytesIO(data))
    return made.getvalue()


def old_tar_of(data):
    """As the first tar made it, which had no magic."""
    head, rest = bytearray(tar_of(data)[:512]), tar_of(data)[512:]
    head[257:] = bytes(255)
    head[148:156] = b" " * 8
    head[148:156] = b"%6o\0 " % sum(head)
    return bytes(head) + rest


def zip_of(data):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("text", data)
    return made.getvalue()


def sqlite_of(data):
    base = sqlite3.connect(":memory:")
    base.execute("create table texts (text)")
    base.execute("insert into texts values (?)", (data.decode(),))
    base.commit()
    return base.serialize()


PLAIN = TEXT.encode()
# A name, what it is, the tool that makes it readable, the bytes.
KINDS = [
    ("old.lz4", "an lz4 file", "lz4", bytes.fromhex("02214c18")),
    ("a.zip", "a zip archive", "unzip", zip_of(PLAIN)),
    ("empty.zip", "a zip archive", "unzip", b"PK\5\6" + bytes(18)),
    ("a.7z", "a 7z archive", "7z", b"7z\xbc\xaf\x27\x1c\0\4" + bytes(24)),
    ("a.tar", "a tar archive", "tar", tar_of(PLAIN)),
    ("posix.tar", "a tar archive", "tar", tar_of(PLAIN, tarfile.PAX_FORMAT)),
    ("old.tar", "a tar archive", "tar", old_tar_of(PLAIN)),
    ("a.Z", "a file of 'compress'", "zcat", b"\x1f\x9d\x90\x74\xd0"),
    ("a.zz", "a zlib stream", "pigz", zlib.compress(PLAIN)),
    ("fast.zz", "a zlib stream", "pigz", zlib.compress(PLAIN, 2)),
    ("large.zz", "a zlib stream", "pigz", zlib.compress(bytes(range(256)) * 99, 0)),
    ("a.sz", "a file of Snappy", "snzip", b"\xff\6\0\0sNaPpY" + bytes(9)),
    ("a.pdf", "a PDF document", "pdftotext", b"%PDF-1.4\n1 0 obj\n"),
    ("a.doc", "an old Office document", "catdoc", bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16)),
    ("a.db", "an SQLite database", "sqlite3", sqlite_of(PLAIN)),
    ("a.parquet", "a Parquet file", "parquet-tools", b"PAR1\x15\0\x15"),
    ("a.orc", "an ORC file", "orc-contents", b"ORC\x0e\0\0\1"),
    ("a.avro", "an Avro file", "avro-tools", b"Obj\1\4\x16avro.schema"),
    ("a.seq", "a Hadoop sequence file", "hadoop", b"SEQ\6\x19org.apache.hadoop.io.Text"),
]
# Those that hold the text, and can be read by what most machines have.
READABLE = ["a.zip", "a.tar", "posix.tar", "old.tar", "a.zz"]
# Tools that read no pipe.
FROM_FILES = ["7z", "sqlite3", "parquet-tools", "orc-contents", "hadoop"]


class Kinds(Case):
    """What is neither plain nor compressed is refused, with the way out."""

    def refused(self, name, kind, *arguments, **more):
        got = self.wc(*arguments, status=1, **more)
        self.assertIn(b"'" + name.encode() + b"'", got.err)
        self.assertIn(kind.encode(), got.err)
        self.assertIn(b"--force-bytes", got.err)
        return got.err

    def test_a_file(self):
        for name, kind, tool, data in KINDS:
            with self.subTest(name):
                self.file(name, data)
                said = self.refused(name, kind, name, cwd=self.work)
                self.assertRegex(said, rb": %s [^|]*'%s'[^|]* \| wc-mr" % (tool.encode(), name.encode()))
                # Cut into splits, found among others, in a directory.
                self.refused(name, kind, "--split-size=1b", name, cwd=self.work)
                self.file("d/plain", PLAIN)
                self.file("d/" + name, data)
                self.refused(self.path("d/" + name), kind, self.path("d"), "-m", 2)
                shutil.rmtree(self.path("d"))

    def test_standard_input_from_a_pipe_and_from_a_file(self):
        for name, kind, tool, data in KINDS:
            with self.subTest(name):
                self.refused("standard input", kind, input=data)
                with open(self.file(name, b"skipped" + data), "rb") as file:
                    file.seek(7)
                    os.lseek(file.fileno(), 7, os.SEEK_SET)
                    self.refused("standard input", kind, input=file)

    def test_a_named_pipe(self):
        path = self.path("pipe")
        os.mkfifo(path)
        running = self.start(path)
        with open(path, "wb") as pipe:
            pipe.write(zip_of(PLAIN))
        out, err = running.process.communicate(timeout=SOON)
        self.assertEqual((running.process.returncode, out), (1, b""))
        self.assertIn(b"pipe': it is a zip archive", err)

    def test_what_gzip_holds(self):
        twice = ("a.gz", "gzip once more", "zcat", gzip.compress(PLAIN))
        for name, kind, tool, data in KINDS + [twice]:
            with self.subTest(name):
                packed = gzip.compress(data)
                self.file(name + ".gz", packed)
                said = self.refused(name + ".gz", "and holds " + kind, name + ".gz", cwd=self.work)
                piped = tool not in FROM_FILES
                self.assertRegex(said, b"zcat '" if piped else b"%s .*FILE" % tool.encode())
                self.refused("standard input", kind, input=packed)

    def test_the_command_that_is_named_does_it(self):
        files = [(name, data) for name, kind, tool, data in KINDS if shutil.which(tool)]
        files = [(name, data) for name, data in files if name in READABLE]
        files += [("packed.tar.gz", gzip.compress(tar_of(PLAIN)))]
        for name, data in files:
            self.file(name, data)
            said = self.wc(name, cwd=self.work, status=1).err.decode()
            command = re.search(r"readable: (.*) \| wc-mr ", said).group(1)
            done = subprocess.run(
                f"{command} | '{PROGRAM}'", shell=True, cwd=self.work, capture_output=True
            )
            self.assertEqual((done.stdout, done.stderr), (COUNTS, b""), command)
        self.assertGreater(len(files), 2)

    def test_force_bytes_counts_it_as_it_is(self):
        for name, kind, tool, data in KINDS:
            with self.subTest(name):
                self.check({name: data[:300]}, "--force-bytes", "--split-size=5b", "-m", 2)
        self.check({name: data for name, _, _, data in KINDS}, "--force-bytes")
        data = KINDS[0][3]
        self.check({}, "--force-bytes", input=data)
        # Compression is understood all the same.
        wanted = reference.output([("", data), ("", PLAIN)])
        files = [self.file("a.gz", gzip.compress(data)), self.file("b.gz", gzip.compress(PLAIN))]
        self.assertEqual(self.wc("--force-bytes", *files).out, wanted)

    def test_only_the_beginning_of_a_file_matters(self):
        self.check({f"{i}": b"x" + kind[3] for i, kind in enumerate(KINDS)})
        self.check({f"{i}": b"x\n" + kind[3] for i, kind in enumerate(KINDS)}, "--split-size=20b")
        self.check({"f": b"\xef\xbb\xbf\xff\xfe"})

    def test_a_list_or_a_table_may_begin_as_one(self):
        self.check({"list": b"ORCHID.txt\0PAR1.doc\0"}, zero_terminated=True)
        self.check({"list": b"PAR1.doc\0ORCHID.txt\0"}, zero_terminated=True)
        self.check({"table": b"Obj\1name\1a\2b\nORC\1x\1c\3d\2e\n"}, delimiter=b"\1")
        self.check({"table": b"ORC\1x\1c\3d\2e\nObj\1name\1a\2b\n"}, delimiter=b"\1")
        self.check({"text.tex": b"%PDF-specific settings\n\\usepackage{hyperref}\n"})

    def test_an_output_is_as_it_was(self):
        self.file("out", b"before")
        self.refused(self.path("f"), "a zip", "-o", self.path("out"), self.file("f", b"PK\3\4"))
        self.assertEqual(self.read("out"), b"before")
        self.assertEqual(sorted(os.listdir(self.work)), ["f", "out"])


class Directories(Case):
    """What of directories is taken, and what is said of the rest."""

    def setUp(self):
        super().setUp()
        for name in "a", "_b", ".c", "sub/d", "sub/_e", "_sub/f", ".sub/g", "sub/.deep/h":
            self.file("d/" + name, os.path.basename(name).encode())
        os.mkfifo(self.path("d/pipe"))
        os.symlink("sub", self.path("d/link"))

    def words(self, *arguments):
        """The words counted, and what is said in the notes on directories."""
        got = self.wc("-v", "--sort=word", *arguments, noisy=True, cwd=self.work)
        said = [line for line in got.err.decode().splitlines() if "directory '" in line]
        return b" ".join(line.split(b"\t")[0] for line in got.out.splitlines()), said

    def passed(self, *arguments):
        said = self.wc("--stats", *arguments, noisy=True, cwd=self.work).err.decode()
        line = re.search(
            r"^passed over +(\d+) hidden names, (\d+) directories, (\d+) other things, (\d+) own$",
            said,
            re.M,
        )
        return [int(number) for number in line.groups()]

    def test_what_is_taken_and_what_is_passed_over(self):
        for how, words, passed, says in (
            (["d"], b"a", [4, 1, 2, 0], ["--all takes", "--recursive takes", "pipe"]),
            (["-R", "d"], b"a d", [6, 0, 2, 0], ["--all takes", "pipe"]),
            (["--all", "d"], b".c _b a", [0, 3, 2, 0], ["--recursive takes", "pipe"]),
            (["-R", "--all", "d"], b".c _b _e a d f g h", [0, 0, 2, 0], ["pipe"]),
            (["d/_b", "d/.c", "d/a"], b".c _b a", [0, 0, 0, 0], []),
            (["d/_sub", "d/sub"], b"d f", [2, 0, 0, 0], ["--all"]),
        ):
            got, said = self.words(*how)
            self.assertEqual(got.replace(b".c", b"c").replace(b"_", b""),
                             words.replace(b".c", b"c").replace(b"_", b""), how)
            self.assertEqual(self.passed(*how), passed, how)
            for each in says:
                self.assertIn(each, " ".join(said), how)
            self.assertEqual(len(said), 1 if says else 0, said)

    def test_a_directory_that_gives_no_file_is_warned_of(self):
        os.mkdir(self.path("none"))
        self.file("only/sub/x", b"x")
        self.file("hidden/_SUCCESS")
        for how, says in (
            (["none"], b"'none' gives no file to count\n"),
            (["-R", "none"], b"'none' gives no file to count\n"),
            (["only"], b"'only' gives no file to count; passed over: directories 1 (--recursive takes"),
            (["hidden"], b"passed over: names that begin with _ or . 1 (--all takes them)"),
            (["only", "d/a"], b"'only' gives no file"),
        ):
            got = self.wc(*how, noisy=True, cwd=self.work)
            self.assertIn(says, got.err)
            self.assertEqual(got.err.count(b"\n"), 1)
            self.assertTrue(got.err.startswith(b"wc-mr: "))
        for how in ["-R", "only"], ["--all", "hidden"], ["d"], ["-R", "d"]:
            self.wc(*how, cwd=self.work)  # is silent

    def test_a_work_directory_in_the_tree(self):
        size = 4000
        text = b"".join(b"%d-%x\n" % (i, i * 2654435761) for i in range(size))
        for i in range(8):
            self.file(f"tree/{i}", text)
        command = ["-R", ".", "--work-dir=wd", "-m", 1, "--split-size=10K", "-n", 3]
        tree = self.path("tree")
        wanted = reference.output([("", text)] * 8, top=3)
        self.assertEqual(self.wc(*command, cwd=tree).out, wanted)
        running = self.begin_kept(self.path("tree/wd"), *[n for n in command if n != "--work-dir=wd"],
                                  cwd=tree)
        running.process.kill()
        running.process.communicate()
        self.assertIsNone(running.left_behind())
        self.assertTrue(glob.glob(self.path("tree/wd/map-*[0-9]")))
        os.symlink("tree", self.path("other"))
        again = ["-R", ".", "--work-dir=../other/wd", *command[3:], "--resume", "--stats"]
        got = self.wc(*again, cwd=tree, noisy=True)
        self.assertEqual(got.out, wanted)
        self.assertIn(b", 1 own\n", got.err)
        self.assertRegex(got.err, rb"resumed +[1-9]")
        self.assertFalse(os.path.exists(self.path("tree/wd")))


    def test_temporary_directories_of_other_runs_are_left_out(self):
        tree = self.path("tree")
        self.file("tree/a", b"a")
        self.file("tree/wc-mr.backup/b", b"b")  # no run's, in spite of its name
        os.chmod(self.path("tree/wc-mr.backup"), 0o700)
        other = self.start("-T", tree, stdin=subprocess.PIPE)
        wait_for(lambda: glob.glob(os.path.join(tree, "wc-mr.*", "wc-mr-marker")))
        for _ in range(3):
            got = self.wc("-R", "--all", "--stats", tree, noisy=True)
            self.assertEqual(got.out, b"a\t1\nb\t1\n")
            self.assertIn(b"0 other things, 1 own\n", got.err)
        other.process.communicate(b"c")
        self.assertEqual(sorted(os.listdir(tree)), ["a", "wc-mr.backup"])


class Growing(Case):
    """Files that change, and those of which that cannot be told."""

    def test_an_empty_file_that_grows_while_others_are_read(self):
        first = self.file("first", DISTINCT * 8)
        running = self.start("-m", 1, "--split-size=1M", first, "-", self.file("log"),
                             stdin=subprocess.PIPE)
        wait_for(lambda: workers(running))
        self.file("log", b"half a li")
        out, err = running.process.communicate(timeout=SOON)  # at the end of standard input
        self.assertEqual((running.process.returncode, out), (1, b""))
        self.assertIn(b"log' was changed while it was being read", err)

    def test_an_empty_file_that_stays_so(self):
        self.check({"a": b"", "b": b"a b", "c": b""}, "--split-size=1b")

    def test_files_of_the_kernels(self):
        for path in "/proc/version", "/sys/kernel/mm/transparent_hugepage/enabled":
            if not os.access(path, os.R_OK):
                continue
            with open(path, "rb") as file:
                wanted = reference.output([("", file.read())])
            self.assertEqual(self.wc(path).out, wanted)
            self.assertEqual(self.wc("--split-size=1b", "-m", 2, path).out, wanted)
            with open(path, "rb") as file:
                self.assertEqual(self.wc(input=file).out, wanted)


class Terminal(Case):
    """Standard input from a terminal: control-D once is its end."""

    def typed(self, text):
        ours, theirs = pty.openpty()
        running = self.start(stdin=theirs)
        os.close(theirs)
        try:
            os.write(ours, text)
            return running.process.communicate(timeout=SOON)
        except subprocess.TimeoutExpired:
            self.fail(f"after {text!r} it still reads")
        finally:
            os.close(ours)

    def test_an_empty_one_ends_at_once(self):
        self.assertEqual(self.typed(b"\x04"), (b"", b""))

    def test_lines_and_an_end(self):
        self.assertEqual(self.typed(b"one two\none\n\x04"), (b"one\t2\ntwo\t1\n", b""))
        self.assertEqual(self.typed(b"a\x04\x04"), (b"a\t1\n", b""))
        self.assertEqual(self.typed(b"\n\x04"), (b"", b""))


if __name__ == "__main__":
    unittest.main()
