"""Where the output goes, and what becomes of what is there: inputs are never written over, files
are replaced whole or not at all, and what cannot be is found out before the work."""

import os
import shutil
import signal
import stat
import struct
import subprocess
import time
import unittest

import reference
from support import DISTINCT, PROGRAM, SOON, Case, wait_for, workers

TEXT = b"b a b\n"
COUNTS = b"b\t2\na\t1\n"
ROOT = os.geteuid() == 0
NOBODY = 65534


class Places(Case):
    """What these tests share."""

    def setUp(self):
        super().setUp()
        self.book = self.file("book", TEXT)

    def refused(self, *arguments, says, **more):
        """It fails at once: an endless standard input is not waited for."""
        reading, writing = os.pipe()
        try:
            got = self.wc(
                *arguments, status=1, timeout=SOON, cwd=self.work, **{"stdin": reading, **more}
            )
        finally:
            os.close(reading)
            os.close(writing)
        for each in [says] if isinstance(says, str) else says:
            self.assertIn(each.encode(), got.err)
        return got

    def tree(self):
        """All that is there: of each name its kind, rights and contents."""
        found = {}
        for at, directories, names in os.walk(self.work):
            for name in directories + names:
                path = os.path.join(at, name)
                st = os.lstat(path)
                what = os.readlink(path) if stat.S_ISLNK(st.st_mode) else None
                if stat.S_ISREG(st.st_mode):
                    with open(path, "rb") as file:
                        what = file.read()
                found[path] = (st.st_mode, st.st_ino, what)
        return found


class Strangers(Places):
    """Runs it as somebody else."""

    def for_all(self):
        """Lets everybody into the tests' directory, and gives a copy of the program there."""
        for path in (self.directory, self.work):
            os.chmod(path, 0o755)
        os.chmod(self.temporary, 0o777)
        shutil.copy(PROGRAM, self.path("program"))
        os.chmod(self.path("program"), 0o755)
        return self.path("program")

    def as_nobody(self, program, arguments, status=0):
        """Runs it as a user who owns nothing here."""
        by = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
        try:
            subprocess.run([*by, "true"], check=True)
            subprocess.run([*by, program, "--version"], check=True, stdout=subprocess.DEVNULL)
        except (OSError, subprocess.CalledProcessError):
            self.skipTest("nobody can be here as another user")
        got = self.script(f'"{program}" {arguments}', status, by)
        if status:
            self.assertRegex(got.stderr, rb"\Awc-mr: [^\n]+\n\Z")
        return got


class Inputs(Places):
    """An output that is an input, too."""

    def unchanged(self, script, says):
        before = self.tree()
        got = self.script(script, status=1)
        self.assertEqual(got.stdout, b"")
        self.assertRegex(got.stderr, rb"\Awc-mr: [^\n]+\n\Z")
        self.assertIn(says.encode(), got.stderr)
        self.assertEqual(self.tree(), before, script)

    def test_by_its_name(self):
        self.unchanged('"$W" -o book book', "cannot write 'book': it is the input 'book', too")
        self.unchanged('"$W" -o ./book book', "it is the input 'book', too")
        self.unchanged(f'"$W" -o "{self.book}" book other', "cannot read 'other'")
        self.file("other", b"x")
        self.unchanged('"$W" -o book other book', "it is the input 'book', too")

    def test_by_another_link(self):
        os.link(self.book, self.path("hard"))
        os.symlink("book", self.path("soft"))
        os.symlink("soft", self.path("softer"))
        for one, other in (
            ("hard", "book"), ("book", "hard"), ("softer", "book"), ("book", "softer"),
            ("hard", "soft"),
        ):
            self.unchanged(f'"$W" -o {one} {other}', f"cannot write '{one}': it is the input")

    def test_in_a_directory_that_is_read(self):
        self.file("in/deep/f", b"x")
        self.file("in/g", b"y")
        self.unchanged('"$W" -o in/g in', "it is the input 'in/g', too")
        self.unchanged('"$W" -R -o in/deep/f in', "it is the input 'in/deep/f', too")
        self.script('"$W" -o in/deep/f in')  # is not read without -R
        self.assertEqual(self.read("in/deep/f"), b"y\t1\n")

    def test_standard_input(self):
        self.unchanged('"$W" -o book <book', "it is the input 'standard input', too")

    def test_standard_input_is_as_it_was_after_a_refusal(self):
        for refused in ('-o ""', "-o book", "-n 1 - missing", "-O .", "-T missing"):
            script = f'{{ read -r line; "$W" {refused}; cat; }} <book'
            got = self.script(f"printf 'one\nb a b\n' >book; {script}")
            self.assertEqual(got.stdout, TEXT, refused)
        self.file("archive", b"one\nPK\3\4b")
        got = self.script('{ read -r line; "$W" || cat; } <archive')
        self.assertEqual(got.stdout, b"PK\3\4b")
        got = self.script('{ read -r line; "$W"; cat; } <book')
        self.assertEqual(got.stdout, COUNTS)

    def test_the_work_directory(self):
        for option in ("-o", "-O"):
            self.unchanged(f'"$W" {option} new --work-dir=./new book', "'new': it is to be the work")

    def test_standard_output(self):
        for way in (">>book", "1<>book"):
            self.unchanged(f'"$W" book {way}', "cannot write 'standard output': it is the input")
            self.unchanged(f'"$W" . {way}', "it is the input './book', too")
            self.unchanged(f'"$W" -n 1 book {way}', "it is the input 'book', too")
            self.unchanged(f'"$W" -o /dev/stdout book {way}', "it is the input 'book', too")
            self.unchanged(f'"$W" -o /dev/fd/5 book 5{way.lstrip("1")}', "it is the input 'book'")
        self.unchanged('"$W" <book >>book', "it is the input 'standard input', too")

    def test_that_the_shell_has_emptied(self):
        got = self.script('"$W" book >book', status=1)
        self.assertIn(b"it is the input 'book', too", got.stderr)

    def test_in_a_list_and_the_list(self):
        self.file("list", b"book\0")
        self.unchanged('"$W" --files0-from=list -o book', "it is the input 'book', too")
        self.unchanged('"$W" --files0-from=list -o list', "it is the input 'list', too")
        self.unchanged('"$W" --files0-from=- -o list <list', "it is the input 'standard input'")

    def test_a_list_of_words_is_none(self):
        self.script("echo to >words")
        for given in ("--exclude-from=words -o words", "--only-from=./words --trace=words",
                      "--exclude-from=words --report=words", "--only-from words -n0 -o out --report=words",
                      "--exclude-from=words --skip-bad-records=1 --bad-records=words"):
            for dry in ("", " --dry-run"):
                self.unchanged(f'"$W" {given}{dry} book', "words', too")

    def test_a_pipe(self):
        os.mkfifo(self.path("pipe"))
        self.unchanged('"$W" -o pipe pipe', "it is the input 'pipe', too")

    def test_a_new_file_beside_the_inputs(self):
        self.script('"$W" . >counts')
        self.assertEqual(self.read("counts"), COUNTS)
        self.script('"$W" -o new book')
        self.assertEqual(self.read("new"), COUNTS)
        os.remove(self.path("new"))
        os.remove(self.path("counts"))
        self.script('"$W" -R -o new .')
        self.assertEqual(self.read("new"), COUNTS)

    def test_terminals_and_devices_are_read_and_written(self):
        self.script('"$W" <>/dev/null 1<>/dev/null; "$W" -o /dev/null </dev/null')

    def test_an_output_directory_in_an_input_directory(self):
        self.file("in/deep/f", b"x")
        self.file("in/f", b"y")
        os.symlink("in/deep", self.path("way"))
        for out, operands in (
            ("in/out", "in"), ("in/out", "-R in"), ("in/deep/out", "in"), ("in/deep/out/", "-R in"),
            ("way/out", "in"), ("out", "."), ("./in/deep/../out", "book in"),
            ("in/deep/out", "way"),
        ):
            self.unchanged(
                f'"$W" -O {out} {operands}', f"'{out}': it would be in the input directory"
            )
        self.unchanged('"$W" -O in in/deep', "it exists")
        self.script('"$W" -O in/out in/deep/f && "$W" -O out in/deep')


class Overwrite(Strangers):
    """A directory of parts in the place of an earlier one, and of nothing else."""

    PARTS = ["_SUCCESS", "part-r-00000", "part-r-00001"]

    def counts(self, at="out"):
        parts = sorted(os.listdir(self.path(at)))
        self.assertEqual(parts, self.PARTS)
        self.assertEqual(self.read(f"{at}/_SUCCESS"), b"")
        return sorted(b"".join(self.read(f"{at}/{part}") for part in parts).splitlines(True))

    def test_again_and_again(self):
        for number, more in ((1, ""), (5, ""), (3, "/"), (4, "--ordered-parts")):
            self.file("book", b"a b " * number)
            name = "out/" if more == "/" else "out"
            self.script(f'"$W" -r2 --overwrite {more.strip("/")} -O {name} book')
            self.assertEqual(self.counts(), [b"a\t%d\n" % number, b"b\t%d\n" % number])
        self.script('"$W" -r9 --overwrite -O out book && "$W" -r2 --overwrite -O out book')
        self.counts()
        self.assertEqual(sorted(os.listdir(self.work)), ["book", "out"])
        before = self.tree()
        self.refused("-O", "out", "-", says="it exists")
        self.wc("--overwrite", "-O", "out", "none", status=1, cwd=self.work)
        self.assertEqual(self.tree(), before, "one that fails changes nothing")

    def test_what_is_no_output_stays(self):
        for about, make in {
            "a file": "echo x >out", "a link to an output": "ln -s good out", "nothing in it": "mkdir out",
            "no _SUCCESS": "mkdir out; echo x >out/part-r-00000", "a broken link": "ln -s none out",
            "another file": "cp -r good out; echo x >out/notes",
            "a hidden one": "cp -r good out; echo x >out/.notes",
            "a directory": "cp -r good out; mkdir out/part-r-00002",
            "a link": "cp -r good out; ln -s ../book out/part-r-00002",
            "what only looks like a part": "cp -r good out; echo x >out/part-r-1x",
            "a _SUCCESS with something in it": "cp -r good out; echo x >out/_SUCCESS",
            "one that cannot be emptied": "cp -r good out; chmod a-w out",
        }.items():  # fmt: skip
            self.script(f'rm -rf out good; mkdir good; touch good/_SUCCESS good/part-r-00000; {make}')
            before = self.tree()
            self.refused("--overwrite", "-O", "out", "-", says="cannot replace 'out'")
            self.assertEqual(self.tree(), before, about)
        self.script("chmod u+w out; rm -rf out good")

    @unittest.skipUnless(ROOT, "only root may become another")
    def test_an_output_of_another_user(self):
        program = self.for_all()
        self.script("mkdir -m 777 open open/out; touch open/out/_SUCCESS; chmod 777 open/out")
        got = self.as_nobody(program, "--overwrite -O open/out book", status=1)
        self.assertIn(b"cannot replace 'open/out'", got.stderr)

    def test_inputs_in_it(self):
        self.script('"$W" -O out book')
        before = self.tree()
        self.refused("--overwrite", "-O", "out", "out", says="in it")
        self.refused("--overwrite", "-O", "out", "book", "out/part-r-00000", says="in it")
        os.symlink("out/part-r-00000", self.path("way"))
        self.refused("--overwrite", "-O", "out", "way", says="the input 'way' is in it")
        os.remove(self.path("way"))
        for more in (["--work-dir=out/work"], ["-T", "out"], ["-T", "./out/."]):
            for dry in ([], ["--dry-run"]):
                self.refused("--overwrite", "-O", "out", *more, *dry, "book",
                             says="directory '" + more[-1].split("=")[-1] + "' is in it")
        self.assertEqual(self.tree(), before)

    def test_what_becomes_of_it_meanwhile(self):
        os.mkfifo(self.path("pipe"))
        for change, status in (
            ("rm -r out", 0), ("rm out/part*; cp book out/part-r-7", 0),
            ("echo x >out/more", 1), ("rm -r out; echo x >out", 1),
        ):  # fmt: skip
            got = self.script(
                'rm -rf out; "$W" -r2 -O out book; "$W" -r2 --overwrite -O out pipe & exec 3>pipe; '
                f'{change}; printf "b a b" >&3; exec 3>&-; wait $!', status,
            )  # fmt: skip
            self.assertEqual(sorted(os.listdir(self.work)), ["book", "out", "pipe"])
            if status == 0:
                self.assertEqual(self.counts(), sorted(COUNTS.splitlines(True)), change)
                continue
            self.assertIn(b"cannot replace 'out'", got.stderr)
            there = self.read("out/more" if "more" in change else "out")
            self.assertEqual(there, b"x\n", change)

    def test_it_needs_a_directory(self):
        for more in ([], ["-o", "x"]):
            for option in (b"--overwrite", b"--ordered-parts"):
                got = self.wc(option, *more, "book", status=2, cwd=self.work)
                self.assertIn(option + b" is about an output directory", got.err)


class InPlace(Places):
    """Names of what is open already are written as that is."""

    def check(self, script, wanted):
        for name in ("log", "way"):
            if os.path.lexists(self.path(name)):
                os.remove(self.path(name))
        self.script(script)
        self.assertEqual(self.read("log"), wanted, script)

    def test_standard_output_by_name(self):
        os.symlink("/dev/stdout", self.path("link"))
        names = "/dev/stdout /dev/fd/1 /proc/self/fd/1 /proc/thread-self/fd/1 link"
        for name in names.split():
            for more, counts in (("", COUNTS), ("-n 1", b"b\t2\n")):
                run = f'echo one; "$W" -o {name} {more} book; echo two'
                whole = b"one\n" + counts + b"two\n"
                self.check(f"{{ {run}; }} >log", whole)
                self.check(f"echo none >log; {{ {run}; }} >>log", b"none\n" + whole)
                self.check(f"{{ {run}; }} | cat >log", whole)

    def test_another_descriptor(self):
        run = 'echo one >&7; "$W" -o /dev/fd/7 book; echo two >&7'
        for way in ("7>log", "7>>log", "7<>log"):
            self.check(f"{{ {run}; }} {way}", b"one\n" + COUNTS + b"two\n")
        self.check('{ "$W" -o /dev/stderr book; } 2>log', COUNTS)
        self.check('exec 3>log; rm -f way; ln -s /dev/fd/3 way; "$W" -o way book', COUNTS)

    def test_much_by_several(self):
        self.file("many", DISTINCT)
        self.check(
            '{ echo one; "$W" -m 2 -r 2 -o /dev/stdout many; echo two; } >log',
            b"one\n" + reference.output([("", DISTINCT)]) + b"two\n",
        )

    def test_what_cannot_be_written_so(self):
        self.refused("-o", "/dev/fd/99", "-", says=["'/dev/fd/99'", "Bad file descriptor"])
        self.refused("-o", "/dev/stdin", "-", says=["'/dev/stdin'", "Bad file descriptor"])
        path = f"/proc/{os.getpid()}/fd/0"
        self.refused("-o", path, "-", says=f"cannot write '{path}': it is another process's")

    def test_full_device(self):
        with open("/dev/full", "wb") as full:
            got = self.wc("-o", "/dev/stdout", self.book, stdout=full, status=1)
        self.assertIn(b"cannot write '/dev/stdout': No space left on device", got.err)

    def test_reader_that_leaves(self):
        running = self.start("-o", "/dev/stdout", self.file("f", DISTINCT))
        running.process.stdout.readline()
        running.process.stdout.close()
        self.assertEqual(running.process.stderr.read(), b"")
        self.assertEqual(running.process.wait(SOON), -signal.SIGPIPE)
        self.assertIsNone(running.left_behind())


class Replaced(Strangers):
    """What stays of a file that is replaced, and what is never touched."""

    def test_look_alikes_beside_it(self):
        for name in (".wc-mr-config", ".wc-mr-abcdef", "wc-mr.tar.gz", ".wc-mr-0123456789abcdef"):
            self.file(name, b"the user's")
        self.file(".wc-mr-bckups/.wc-mr-aaaaaa", b"the user's")
        os.symlink("book", self.path(".wc-mr-linked"))
        os.mkfifo(self.path(".wc-mr-piping"))
        before = self.tree()
        bad = self.file("bad.gz", b"\x1f\x8b\x08")
        self.wc("-o", self.path("out"), self.book)
        self.wc("-o", self.path("out"), self.book)
        self.wc("-o", self.path("out"), bad, status=1)
        running = self.start("-o", self.path("out"), "-", stdin=subprocess.PIPE)
        wait_for(lambda: workers(running))  # what dies before it has a janitor leaves something
        os.kill(running.pid, signal.SIGKILL)
        running.process.wait()
        self.assertIsNone(running.left_behind())
        self.assertEqual(self.read("out"), COUNTS)
        os.remove(self.path("out"))
        os.remove(bad)
        self.assertEqual(self.tree(), before)

    def names_under_way(self):
        """What names there are while a run goes on."""
        running = self.start("-o", self.path("out"), "-", stdin=subprocess.PIPE)
        running.process.stdin.write(DISTINCT * 8)  # more than a pipe holds: it is reading
        running.process.stdin.flush()
        names = os.listdir(self.work)
        running.process.stdin.close()
        self.assertEqual(running.process.wait(SOON), 0)
        self.assertIsNone(running.left_behind())
        return names

    def test_nothing_has_a_name_before_it_is_whole(self):
        try:
            os.close(os.open(self.work, os.O_TMPFILE | os.O_RDWR))
        except OSError:
            self.skipTest("the file system has no files without a name")
        self.assertEqual(self.names_under_way(), ["book"])
        self.assertEqual(sorted(os.listdir(self.work)), ["book", "out"])

    def test_permissions(self):
        out = self.file("out", b"old")
        for mode in (0o600, 0o640, 0o666, 0o604, 0o755, 0o4755, 0o2775):
            os.chmod(out, mode)
            self.wc("-o", out, self.book)
            self.assertEqual(stat.S_IMODE(os.stat(out).st_mode), mode & 0o777)
            self.assertEqual(self.read("out"), COUNTS)

    @unittest.skipUnless(ROOT, "only root may give files away")
    def test_owner_and_group(self):
        out = self.file("out", b"old")
        os.chmod(out, 0o640)
        os.chown(out, 12, 34)
        self.wc("-o", out, self.book)
        st = os.stat(out)
        self.assertEqual((st.st_uid, st.st_gid, stat.S_IMODE(st.st_mode)), (12, 34, 0o640))

    @unittest.skipUnless(ROOT, "only root may become another")
    def test_a_group_that_cannot_be_kept_lets_nobody_in(self):
        work = self.for_all()
        out = self.file("out", b"old")
        os.chmod(out, 0o666)
        os.chmod(self.work, 0o777)
        os.chown(out, 12, 34)
        for mode, wanted in ((0o646, 0o646), (0o666, 0o666), (0o662, 0o622)):
            os.chown(out, 12, 34)
            os.chmod(out, mode)
            self.as_nobody(work, "-o out book")
            st = os.stat(out)
            self.assertEqual(
                (st.st_uid, st.st_gid, oct(stat.S_IMODE(st.st_mode))),
                (NOBODY, NOBODY, oct(wanted)),
            )

    def access_list(self, *entries):
        """The bytes of an access list: (tag, rights, id)."""
        return struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries)

    def test_access_lists(self):
        out, nobody, name = self.file("out", b"old"), 0xFFFFFFFF, "system.posix_acl_access"
        kept = self.access_list((1, 6, nobody), (2, 6, 77), (4, 0, nobody), (16, 6, nobody),
                                (32, 0, nobody))
        try:
            os.setxattr(out, name, kept)
        except OSError:
            self.skipTest("the file system has no access lists")
        self.wc("-o", out, self.book)
        self.assertEqual(os.getxattr(out, name), kept)
        # One that the directory gives to what is new is not given to what is there.
        os.setxattr(self.work, "system.posix_acl_default", kept)
        self.wc("-o", self.path("new"), self.book)
        self.assertEqual(os.getxattr(self.path("new"), name), kept)
        os.removexattr(out, name)
        os.chmod(out, 0o660)
        self.wc("-o", out, self.book)
        with self.assertRaises(OSError):
            os.getxattr(out, name)
        self.assertEqual(stat.S_IMODE(os.stat(out).st_mode), 0o660)

    def test_other_names_of_it_keep_the_old_content(self):
        out = self.file("out", b"old")
        os.link(out, self.path("other"))
        self.wc("-o", out, self.book)
        self.assertEqual((self.read("out"), self.read("other")), (COUNTS, b"old"))

    def test_links_are_followed(self):
        self.file("d/target", b"old")
        for name, to in (("link", "d/target"), ("d/up", "../link"), ("full", self.path("d/up"))):
            os.symlink(to, self.path(name))
        for name in ("link", "d/up", "full"):
            self.file("d/target", b"old")
            self.wc("-o", self.path(name), self.book)
            self.assertTrue(os.path.islink(self.path(name)))
            self.assertEqual(self.read("d/target"), COUNTS)
            self.assertEqual(sorted(os.listdir(self.path("d"))), ["target", "up"])

    def test_a_dangling_link_is_followed(self):
        os.mkdir(self.path("d"))
        os.symlink("d/new", self.path("link"))
        self.wc("-o", self.path("link"), self.book)
        self.assertEqual(os.readlink(self.path("link")), "d/new")
        self.assertEqual(self.read("d/new"), COUNTS)
        self.assertFalse(os.path.islink(self.path("d/new")))

    def test_links_that_lead_nowhere(self):
        os.symlink("round", self.path("round"))
        os.symlink("none/new", self.path("astray"))
        os.symlink("new/", self.path("slash"))
        self.refused("-o", "round", "-", says="Too many levels of symbolic links")
        self.refused("-o", "astray", "-", says=["'astray'", "No such file or directory"])
        self.refused("-o", "slash", "-", says="No such file or directory")
        self.assertEqual(sorted(os.listdir(self.work)), ["astray", "book", "round", "slash"])

    @unittest.skipUnless(ROOT, "only root may become another")
    def test_anothers_link_where_everybody_may_make_one_is_not_followed(self):
        program = self.for_all()
        os.mkdir(self.path("shared"))
        os.chmod(self.path("shared"), 0o1777)
        os.chown(self.path("shared"), 12, 12)
        mine = self.file("mine", b"of nobody")
        os.chown(mine, NOBODY, NOBODY)
        os.chmod(self.work, 0o777)
        os.symlink("../mine", self.path("shared/link"))
        os.symlink("../made", self.path("shared/new"))
        for name in ("link", "new"):
            got = self.as_nobody(program, f"-o shared/{name} book", status=1)
            self.assertIn(b"another user's link", got.stderr)
        self.assertEqual(self.read("mine"), b"of nobody")
        self.assertFalse(os.path.lexists(self.path("made")))
        os.lchown(self.path("shared/link"), NOBODY, NOBODY)
        self.as_nobody(program, "-o shared/link book")
        self.assertEqual(self.read("mine"), COUNTS)


class Early(Strangers):
    """What cannot be replaced or made is found out before the work."""

    def test_names_that_cannot_be_a_files(self):
        os.mkdir(self.path("d"))
        before = self.tree()
        self.refused("-o", "newdir/", "-", says="'newdir/': what ends in / is a directory")
        self.refused("-o", "book/", "-", says="'book/': what ends in / is a directory")
        self.refused("-o", "d", "-", says=["'d': Is a directory", "--output-dir"])
        self.refused("-o", ".", "-", says="'.': Is a directory")
        self.refused("-o", "none/out", "-", says=["'none/out': No such file", "make the directory"])
        self.refused("-o", "book/out", "-", says="'book/out': Not a directory")
        self.refused("-o", "n" * 300, "-", says="File name too long")
        self.assertEqual(self.tree(), before)

    def test_names_that_cannot_be_a_directorys(self):
        before = self.tree()
        self.refused("-O", "none/out", "-", says=["'none/out'", "make the directory"])
        self.refused("-O", "book/out", "-", says=["'book/out'", "Not a directory"])
        self.refused("-O", "book", "-", says="it exists")
        self.assertEqual(self.tree(), before)

    def early(self, program, arguments, says):
        """Refused, and though the input never ends."""
        got = self.as_nobody(program, f"{arguments} pipe 3<>pipe", status=1)
        for each in says:
            self.assertIn(each, got.stderr)

    @unittest.skipUnless(ROOT, "only root may become another")
    def test_directories_and_files_without_rights(self):
        program = self.for_all()
        os.mkfifo(self.path("pipe"))
        os.chmod(self.path("pipe"), 0o666)
        for name, mode in (("closed", 0o755), ("sticky", 0o1777), ("open", 0o777)):
            self.file(f"{name}/out", b"old")
            os.chmod(self.path(f"{name}/out"), 0o666)
            os.chmod(self.path(name), mode)
        os.chmod(self.file("open/protected", b"old"), 0o644)
        before = self.tree()
        self.early(program, "-o closed/new", [b"'closed/new': Permission denied", b"; choose"])
        self.early(program, "-O closed/new", [b"'closed/new': Permission denied", b"; choose"])
        self.early(program, "-o closed/out", [b"cannot replace 'closed/out'", b"> 'closed/out'"])
        self.early(program, "-o sticky/out", [b"cannot replace 'sticky/out'", b"> 'sticky/out'"])
        self.early(program, "-o open/protected", [b"'open/protected': Permission denied"])
        self.assertEqual(self.tree(), before)
        self.as_nobody(program, "-o sticky/new book")
        self.as_nobody(program, "-o open/out book")
        self.assertEqual(self.read("sticky/new") + self.read("open/out"), COUNTS * 2)

    def test_files_that_must_not_change(self):
        os.mkfifo(self.path("pipe"))
        for flag, name in (("i", "fixed"), ("a", "growing")):
            path = self.file(name, b"old")
            if subprocess.run(["chattr", "+" + flag, path], stderr=subprocess.DEVNULL).returncode:
                self.skipTest("files cannot be made so here")
            try:
                self.refused("-o", name, "-", says=[f"'{name}'", "Operation not permitted"])
                self.assertEqual(self.read(name), b"old")
            finally:
                subprocess.run(["chattr", "-" + flag, path], check=True)
        self.assertEqual(sorted(os.listdir(self.work)), ["book", "fixed", "growing", "pipe"])

    def mounted(self, script):
        by = ["unshare", "-m"]
        if subprocess.run([*by, "mount", "-t", "tmpfs", "none", self.work],
                          stderr=subprocess.DEVNULL).returncode:
            self.skipTest("nothing can be mounted here")
        os.mkfifo(self.path("pipe"))
        return self.script(script, by=by)

    def test_a_file_that_is_mounted(self):
        self.file("source", b"old")
        self.file("out")
        got = self.mounted(
            'mount --bind source out && { "$W" -o out pipe 3<>pipe; echo $?; cat out;'
            ' "$W" book >out; cat out; }'
        )
        self.assertEqual(got.stdout, b"1\nold" + COUNTS)
        self.assertIn(b"cannot replace 'out': Device or resource busy", got.stderr)
        self.assertIn(b"> 'out'", got.stderr)

    def test_a_file_system_that_is_read_only(self):
        os.mkdir(self.path("d"))
        got = self.mounted(
            "mount -t tmpfs none d; echo old >d/old; mount -o remount,ro d;"
            ' for way in "-o d/old" "-o d/new" "-O d/new"; do "$W" $way pipe 3<>pipe; done; ls d'
        )
        self.assertEqual(got.stdout, b"old\n")
        self.assertEqual(got.stderr.count(b"Read-only file system"), 3, got.stderr)

    def test_a_file_system_without_files_that_have_no_name(self):
        """There a hidden name is used, and gone whatever ends the run but a kill of everything."""
        os.mkdir(self.path("d"))
        got = self.mounted(
            "mount -t ramfs none d; echo old >d/out; chmod 604 d/out;"
            ' "$W" -o d/out book; "$W" -o d/new book; cat d/out d/new; stat -c %a d/out;'
            ' for kill in TERM KILL; do "$W" -o d/other pipe 3<>pipe 2>/dev/null &'
            # The janitor and one that reads: what dies before it has a janitor leaves something.
            " until [ `pgrep -P $! | wc -l` -ge 2 ]; do sleep 0.01; done;"
            " kill -$kill $!; wait $!;"
            " until [ `ls -A d $TMPDIR | wc -w` = 4 ]; do sleep 0.01; done; done; ls -A d"
        )
        self.assertEqual(got.stdout, COUNTS * 2 + b"604\nnew\nout\n", got.stderr)


class Deaf(Places):
    """Nothing that an output waits for keeps a run from being ended."""

    def test_a_pipe_without_a_reader(self):
        os.mkfifo(self.path("pipe"))
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
            running = self.start("-o", self.path("pipe"), self.book)
            time.sleep(0.2)
            self.assertIsNone(running.process.poll(), "it waits for a reader")
            os.kill(running.pid, number)
            self.assertEqual(running.process.wait(SOON), -number)
            self.assertIsNone(running.left_behind())

    def test_a_pipe_whose_reader_does_not_read(self):
        os.mkfifo(self.path("pipe"))
        running = self.start("-o", self.path("pipe"), self.file("f", DISTINCT))
        reader = os.open(self.path("pipe"), os.O_RDONLY)
        self.addCleanup(os.close, reader)
        time.sleep(0.7)
        self.assertIsNone(running.process.poll(), "it waits for the reader")
        os.kill(running.pid, signal.SIGTERM)
        self.assertEqual(running.process.wait(SOON), -signal.SIGTERM)
        self.assertIsNone(running.left_behind())


if __name__ == "__main__":
    unittest.main()
