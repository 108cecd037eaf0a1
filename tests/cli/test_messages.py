"""Messages: every one that can name a file, a directory or an argument is given names made to harm a
terminal or to look like something else, and must stay one printable line that shows which it is.

That it is printable, support.py checks after every run of every test."""

import gzip
import os
import re
import shutil
import stat
import subprocess
import unittest

import support

# What is in the names, and how it is shown.
HOSTILE = {
    "a newline": (b"a\nwc-mr: all is well", b"a\\nwc-mr: all is well"),
    "an escape sequence": (b"a\x1b[2J\x1b]0;title\x07z", b"a\\033[2J\\033]0;title\\az"),
    "carriage return and backspace": (b"evil\rgood\b\b", b"evil\\rgood\\b\\b"),
    "delete": (b"a\x7f", b"a\\177"),
    "bytes that are not UTF-8": (b"caf\xe9 \xff \xed\xa0\x80", b"caf\\351 \\377 \\355\\240\\200"),
    "C1 controls": ("a\x85b\x9b2J".encode(), b"a\\302\\205b\\302\\2332J"),
    "text that is turned around": (
        "a\u202egpj.exe\u2066\u2069".encode(),
        b"a\\342\\200\\256gpj.exe\\342\\201\\246\\342\\201\\251",
    ),
    "other ends of lines": ("a\u2028b\u2029".encode(), b"a\\342\\200\\250b\\342\\200\\251"),
    "quotes": (b"a': no such file 'b", b"a\\': no such file \\'b"),
    "backslashes": (b"a\\nb", b"a\\\\nb"),
    "conversions of printf": (b"%s%n%500d%", b"%s%n%500d%"),
    "what can be shown": ("caf\u00e9 \u6f22 \U0001f600 $(x)".encode(),) * 2,
    "many bytes": (b"l" * 250, b"l" * 250),
}
FIRST = next(iter(HOSTILE))


class Messages(support.Case):
    def setUp(self):
        super().setUp()
        self.book = self.file("book", b"a b a\n")

    def each(self, test, status=None, noisy=False, names=HOSTILE):
        """Calls test with each name, in a new directory, for a command line; its message must be
        one line that shows the name."""
        for what, (name, shown) in names.items():
            with self.subTest(what):
                work = os.path.join(os.fsencode(self.work), b"%d" % len(os.listdir(self.work)))
                os.mkdir(work)
                os.chdir(work)
                self.addCleanup(os.chdir, support.ROOT)
                command = test(name)
                more = command.pop() if isinstance(command[-1], dict) else {}
                got = self.wc(*command, cwd=work, status=status, noisy=noisy, **more)
                self.assertIn(shown, got.err)
                self.assertTrue(got.err.endswith(b"\n"))
                for line in got.err.splitlines():
                    self.assertTrue(
                        line.startswith(b"wc-mr: ") or re.fullmatch(support.HINT, line), line
                    )

    # ---- inputs

    def test_inputs_that_are_not_there(self):
        self.each(lambda name: ["--", name], status=1)

    def test_inputs_in_a_directory_that_is_not_there(self):
        self.each(lambda name: [os.path.join(b".", name, b"x")], status=1)

    def test_links_that_lead_nowhere_and_in_circles(self):
        def link(to):
            def test(name):
                os.symlink(to or name, name)
                return ["--", name]

            return test

        self.each(link(b"nothing"), status=1)
        self.each(link(None), status=1)

    @unittest.skipIf(os.geteuid() == 0, "root may read everything")
    def test_inputs_that_may_not_be_read(self):
        def file(name):
            make(name, b"a", 0)
            return ["--", name]

        def directory(name):
            os.mkdir(name, 0)
            return ["-R", "--", name]

        self.each(file, status=1)
        self.each(directory, status=1)

    def test_inputs_that_cannot_be_read(self):
        def test(name):
            os.symlink(b"/proc/self/mem", name)
            return ["--", name]

        self.each(test, status=1)

    def test_directories_that_go_too_deep(self):
        def test(name):
            top = os.getcwd()
            os.mkdir(name)
            os.chdir(name)
            for _ in range(300):
                os.mkdir("d")
                os.chdir("d")
            os.chdir(top)
            return ["-R", "--", name]

        self.each(test, status=1, names={FIRST: HOSTILE[FIRST]})

    def test_damaged_gzip(self):
        whole = gzip.compress(b"a b c " * 100)
        for data in (whole[:-5], whole[:-8] + b"12345678", whole + b"more", whole[:20] + b"\xff" * 9):

            def test(name):
                make(name, data)
                return ["--", name]

            self.each(test, status=1)

    # ---- the list of files

    def test_lists_of_files(self):
        self.each(lambda name: ["--files0-from=" + os.fsdecode(name)], status=1)

        def directory(name):
            os.mkdir(name)
            return [b"--files0-from=" + name]

        def empty_name(name):
            make(name, b"a\0\0b")
            return [b"--files0-from=" + name]

        self.each(directory, status=1)
        self.each(empty_name, status=1)

    def test_entries_of_a_list_of_files(self):
        self.each(lambda name: ["--files0-from=-", {"input": b"./" + name + b"\0"}], status=1)

        def extra(name):
            return ["--files0-from=-", "--", name, {"input": b""}]

        self.each(extra, status=2)

    # ---- outputs and directories

    def test_outputs_that_cannot_be_made(self):
        def directory(name):
            os.mkdir(name)
            return ["-o", name, self.book]

        def parts(name):
            os.mkdir(name)
            return ["-O", name, self.book]

        self.each(directory, status=1)
        self.each(parts, status=1)
        for option in ("-o", "-O", "-T", "--work-dir"):
            self.each(lambda name: [option, os.path.join(name, b"x"), self.book], status=1)

    def test_places_that_are_files(self):
        for option in ("-T", "--work-dir", "-O"):

            def test(name):
                make(name, b"")
                return [option, name, self.book]

            self.each(test, status=1)

    def test_work_directories_that_are_not_empty(self):
        def test(name):
            os.mkdir(name)
            make(os.path.join(name, b"mine"), b"")
            return ["--work-dir", name, self.book]

        self.each(test, status=1)

    @unittest.skipIf(os.geteuid() == 0, "root may write everywhere")
    def test_places_that_may_not_be_written(self):
        for command in (("-o", b"x"), ("-O", b"x"), ("-T", b""), ("--work-dir", b"x")):

            def test(name):
                os.mkdir(name, 0o500)
                return [command[0], os.path.join(name, command[1]), self.book]

            self.each(test, status=1)

    def test_what_an_interrupted_job_was_about(self):
        """The work directory, and an input whose name differs, are named when a job is gone on with."""

        def test(name):
            job = b"job" + name[:40]
            make(name, b"a b c\n")
            # The output cannot be written, so that what is done stays.
            self.wc("--work-dir", job, "-o", "/dev/full", "--", name, cwd=os.getcwd(), status=1)
            os.rename(name, b"other")
            return ["--work-dir", job, "--resume", "other"]

        self.each(test, status=1, names={k: v for k, v in HOSTILE.items() if len(v[0]) < 40})

    def test_names_that_only_look_alike_are_different_jobs(self):
        for one, other in ((b"a\nb", b"a?b"), (b"a\nb", b"a\\nb"), (b"x" * 200, b"x" * 201)):
            with self.subTest(one):
                long = b"/".join([b"d" * 200] * 2)
                os.makedirs(os.path.join(os.fsencode(self.work), long), exist_ok=True)
                one, other = (os.path.join(os.fsencode(self.work), long, x) for x in (one, other))
                make(os.path.join(os.fsencode(self.work), long, b"text"), b"a b c\n")
                for name in (one, other):  # to rename a file would show in its state
                    os.symlink(b"text", name)
                self.wc("--work-dir", self.path("job"), "-o", "/dev/full", one, status=1)
                command = ("--work-dir", self.path("job"), "--resume")
                got = self.wc(*command, other, status=1)
                self.assertIn(b"cannot resume", got.err)
                self.assertEqual(self.wc(*command, one).out, b"a\t1\nb\t1\nc\t1\n")
                os.remove(one)
                os.remove(other)

    # ---- arguments

    def test_values_of_options(self):
        options = (
            "--mappers --reducers --top --memory --split-size --max-attempts --task-timeout --chaos "
            "--skip-bad-records --stats --sort --format --kernel --min-count"
        ).split()
        for option in options:
            self.each(lambda name: [os.fsencode(option) + b"=" + name, self.book], status=2)
        self.each(lambda name: [b"--delimiter=\\q" + name, self.book], status=2)

    def test_unknown_options(self):
        self.each(lambda name: [b"--no" + name, self.book], status=2)

    def test_values_that_are_not_wanted(self):
        for _, (name, _) in HOSTILE.items():
            got = self.wc(b"--reverse=" + name, self.book, status=2)
            self.assertIn(b"'--reverse' doesn't allow an argument", got.err)
            got = self.wc(b"--re=" + name, self.book, status=2)
            self.assertIn(b"'--re' is ambiguous: --", got.err)

    def test_letters_of_options(self):
        for letter, shown in ((b"\x1b", b"-\\033"), (b"\n", b"-\\n"), (b"\xc2\x9b", b"-\\302")):
            got = self.wc(b"-" + letter, self.book, status=2)
            self.assertIn(b"invalid option '" + shown + b"'", got.err)
        self.assertIn(b"'-m' requires an argument", self.wc("-im", status=2).err)
        self.assertIn(b"'--top' requires an argument", self.wc("--to", status=2).err)

    def test_the_name_of_the_program(self):
        for name in (b"\x1b[2Jwc-mr", b"wc\nmr"):
            got = subprocess.run(
                [name, "--nonsense"], executable=support.PROGRAM, stderr=subprocess.PIPE
            )
            self.assertEqual(got.returncode, 2)
            self.assertRegex(got.stderr, rb"\Awc-mr: unrecognized option '--nonsense'\nTry .*\n\Z")

    def test_the_environment(self):
        def variable(key):
            return lambda name: [self.book, {"environment": {key: os.fsdecode(name)}}]

        self.each(variable("WC_MR_KERNEL"), status=1)
        self.each(variable("TMPDIR"), status=1)

    # ---- what is said while it runs

    def test_what_tasks_did(self):
        """One file to a task, and several to one."""

        def one(name):
            make(name, b"a b c\n")
            return ["-v", "--", name]

        def several(name):
            os.mkdir(name)
            for i in range(3):
                make(os.path.join(name, b"%d" % i), b"a b c\n")
            return ["-v", "--", name]

        self.each(one, status=0, noisy=True)
        self.each(several, status=0, noisy=True)

    def test_tasks_that_fail(self):
        """The name is in the task's description. Memory is out in all tries of the map task."""
        faulty = os.path.join(support.ROOT, "build", "tests", "fault", "wc-mr-faults")
        if not os.path.exists(faulty):
            self.skipTest("the program that can be made to fail is not built")
        self.addCleanup(setattr, support, "PROGRAM", support.PROGRAM)
        support.PROGRAM = faulty

        def command(number, name):
            environment = {"WC_MR_FAULT": f"map:{number}:ever:ENOMEM"}
            return ["-v", "--max-attempts=2", "--", name, {"environment": environment}]

        def first_in_a_task():
            for number in range(1, 50):
                arguments = command(number, self.book)
                err = self.wc(*arguments[:-1], status=1, noisy=True, **arguments[-1]).err
                if b" failed 2 times: " in err:
                    return number
            self.fail("no task failed")

        number = first_in_a_task()

        def test(name):
            make(name, b"a b c\n")
            return command(number, name)

        self.each(test, status=1, noisy=True)


def make(path, data, mode=stat.S_IRUSR | stat.S_IWUSR):
    with open(path, "wb") as file:
        file.write(data)
    os.chmod(path, mode)


if __name__ == "__main__":
    unittest.main()
