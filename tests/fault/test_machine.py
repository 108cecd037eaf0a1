"""The machine says no: full disks, limits, directories that vanish, inputs that change."""

import glob
import os
import shutil
import subprocess
import time
import unittest

import faults
from faults import SLOW, Case, Shape

LINES = b"".join(b"%d-%x line\n" % (i, i * 2654435761) for i in range(6000))
ON_DISK = "memfd:1:ever:ENOSYS"  # without memory files, everything is on disk


def inside_a_small_disk():
    """The command to run something by in a namespace that may mount, or a reason to skip."""
    for by in (["unshare", "-m"], ["unshare", "-rm"]):
        tried = [*by, "sh", "-c", "mount -t tmpfs -o size=4k none /mnt"]
        if subprocess.run(tried, capture_output=True).returncode == 0:
            return by
    raise unittest.SkipTest("nothing can be mounted here")


class Limits(Case):
    """prlimit sets them; SLOW=1 tries every one of a range, else some are drawn."""

    def limited(self, name, limits, draws, to="stdout", always="", by=()):
        path = self.file("lines.txt", LINES)
        shape = Shape(name, "-m", 3, "-r", 3, "--split-size=8K", path, to=to, always=always)
        self.undisturbed(shape)
        well = 0
        for limit in limits if SLOW else sorted(self.random.sample(list(limits), draws)):
            shape.by = (*by, "prlimit", f"--{name}={limit}")
            with self.subTest(limit=limit):
                well += self.run_shape(shape).status == 0
        return well

    def test_few_descriptors(self):
        for to in ("stdout", "file", "directory"):
            self.limited("nofile", range(4, 40), 3, to)
        self.assertGreater(self.limited("nofile", range(40, 60), 1), 0)

    def test_little_address_space(self):
        if faults.CHECKING:
            self.skipTest("a checking build needs all of it")
        # The loader needs the first few megabytes.
        self.limited("as", range(9 << 20, 200 << 20, 1 << 20), 15)
        self.assertGreater(self.limited("as", range(6 << 30, 8 << 30, 1 << 30), 1), 0)

    def test_small_files(self):
        for to in ("stdout", "file"):
            self.limited("fsize", [*range(0, 5000, 97), *range(5000, 200000, 5077)], 6, to, ON_DISK)

    def test_few_processes(self):
        if faults.CHECKING:
            self.skipTest("a checking build starts processes of its own")
        if os.geteuid() != 0:
            self.skipTest("only root can become a user who has no other process")
        for directory in (self.directory, self.work):
            os.chmod(directory, 0o755)
        os.chmod(self.temporary, 0o777)
        open(self.page, "wb").close()
        # Of another name than that of any other test at the same time: the limit counts all that a
        # user has.
        name = 20000 + os.getpid() % 40000
        user = ("setpriv", f"--reuid={name}", f"--regid={name}", "--clear-groups")
        subprocess.run([*user, "true"], check=True)
        if subprocess.run([*user, "test", "-x", faults.FAULTY]).returncode != 0:
            self.skipTest("the build is where only root may go")
        self.assertEqual(self.limited("nproc", [1], 1, by=user), 0)
        self.limited("nproc", range(2, 8), 3, by=user)
        self.assertEqual(self.limited("nproc", [9], 1, by=user), 1)

    def test_nobody_can_be_started_but_who_reads_the_stream(self):
        # More than the slots hold: it waits for mappers.
        shape = Shape("feed", "-S", "16M", "-m", 2, "-n", 10, "-", stdin=LINES * 200)
        self.undisturbed(shape)
        run = self.run_shape(shape, "fork:3:ever:EAGAIN")
        self.assertEqual(run.status, 1)
        self.assertIn(b"cannot start a process for map task 0", run.err)
        self.assertEqual(self.run_shape(shape, "fork:3:once:EAGAIN").status, 0)

    def environment(self, *arguments, **more):
        made = super().environment(*arguments, **more)
        os.chmod(self.page, 0o666)
        return made


class FullDisks(Case):
    """A disk of a few pages, mounted for one run each: what is on it afterwards is looked up before
    it goes."""

    SCRIPT = """
        mount -t tmpfs -o "size=$1,$5" none "$2" || exit 77
        disk=$2 copy=$3 to=$4
        shift 5
        [ "$to" = "" ] || mount -o remount,rw "$disk" && [ "$to" != old ] ||
            printf before >"$disk/result"
        if [ "$to" = stdout ]; then "$@" >"$disk/result"; else "$@"; fi
        status=$?
        cp -a "$disk/." "$copy/"
        exit $status
    """

    def on_disk(self, size, to, *arguments, options="rw", always=""):
        """Runs it with a disk of that size at self.disk; what it held is then in self.copy."""
        shutil.rmtree(self.copy, ignore_errors=True)
        os.mkdir(self.copy)
        by = [*self.by, "sh", "-c", self.SCRIPT, "sh"]
        faults.support.PROGRAM, *rest = [
            *by, str(size), self.disk, self.copy, to, options, faults.FAULTY, *arguments,
        ]
        running = faults.support.Running(
            rest, self.temporary, subprocess.DEVNULL, subprocess.PIPE, subprocess.PIPE,
            environment=self.environment(always),
        )
        out, err = running.process.communicate(timeout=faults.LIMIT)
        self.assertIsNone(running.left_behind())
        running.kill()
        status = running.process.returncode
        self.assertIn(status, (0, 1), err)
        self.assertRegex(err, rb"\A(wc-mr: [^\n]{6,}\n)?\Z")
        self.assertEqual(bool(err), status == 1)
        if status == 1 and options == "rw":
            self.assertIn(b"No space left on device", err)
        return status, out

    def setUp(self):
        super().setUp()
        self.by = inside_a_small_disk()
        self.disk, self.copy = self.path("disk"), self.path("copy")
        os.mkdir(self.disk)
        self.lines = self.file("lines.txt", LINES)
        self.plain = Shape("plain", self.lines)
        self.undisturbed(self.plain)

    def sizes(self):
        every = range(4096, 400 << 10, 4096)
        return every if SLOW else [4096, *sorted(self.random.sample(every, 3)), 400 << 10]

    def test_temporary_directory(self):
        ends = set()
        for size in self.sizes():
            with self.subTest(size=size):
                status, out = self.on_disk(
                    size, "", "-T", self.disk, "-m", "2", "-r", "2", "--split-size=16K", self.lines,
                    always=ON_DISK,
                )
                self.assertEqual(out, b"" if status else self.plain.wanted)
                self.assertEqual(os.listdir(self.copy), [])
                ends.add(status)
        self.assertEqual(ends, {0, 1}, "no disk was too small, or none large enough")

    def test_output_file(self):
        ends = set()
        for size in self.sizes():
            with self.subTest(size=size):
                out = os.path.join(self.disk, "result")
                status, _ = self.on_disk(size, "old", "-o", out, self.lines)
                with open(os.path.join(self.copy, "result"), "rb") as file:
                    self.assertEqual(file.read(), b"before" if status else self.plain.wanted)
                self.assertEqual(os.listdir(self.copy), ["result"])
                ends.add(status)
        self.assertEqual(ends, {0, 1})

    def test_output_directory(self):
        ends = set()
        for size in self.sizes():
            with self.subTest(size=size):
                out = os.path.join(self.disk, "result")
                status, _ = self.on_disk(size, "", "-O", out, "-r", "1", self.lines)
                found = sorted(
                    os.path.join(os.path.relpath(at, self.copy), name)
                    for at, _, names in os.walk(self.copy) for name in names
                )
                self.assertEqual(
                    found, [] if status else ["result/_SUCCESS", "result/part-r-00000"]
                )
                ends.add(status)
        self.assertEqual(ends, {0, 1})

    def test_parts_that_reducers_write(self):
        ends = set()
        for size in self.sizes():
            with self.subTest(size=size):
                out = os.path.join(self.disk, "result")
                status, _ = self.on_disk(size, "", "--reducer=cat", "-r2", "-O", out, self.lines)
                parts = glob.glob(os.path.join(self.copy, "result", "part-*"))
                self.assertEqual(os.listdir(self.copy), [] if status else ["result"])
                self.assertEqual(len(parts), 0 if status else 2)
                written = sum(os.path.getsize(part) for part in parts)
                self.assertEqual(written, 0 if status else len(LINES))
                ends.add(status)
        self.assertEqual(ends, {0, 1})

    def test_standard_output(self):
        ends = set()
        for size in self.sizes():
            with self.subTest(size=size):
                status, _ = self.on_disk(size, "stdout", self.lines)
                with open(os.path.join(self.copy, "result"), "rb") as file:
                    got = file.read()
                self.assertTrue(self.plain.wanted.startswith(got) and (status or
                                got == self.plain.wanted))
                ends.add(status)
        self.assertEqual(ends, {0, 1})

    def test_read_only_temporary_directory(self):
        status, out = self.on_disk(65536, "", "-T", self.disk, self.lines, options="ro")
        self.assertEqual((status, out), (1, b""))


class UnderWay(Case):
    """A process of a run is stopped at one of its calls; something changes; it goes on."""

    def changing_input(self, change, kinds=("read", "open", "stat"), gz=False):
        """The answer is that about the file as it was found, or there is none: never a mixture."""
        path = self.path("input.txt")
        for sizes in (["--split-size=16K"], ["--split-size=64M"]):
            for kind in kinds:
                # A reader's chunk is smaller than the file, so that it is read in several goes.
                shape = Shape("input", "-m", 2, "-r", 2, "-S", "16M", *sizes, path)
                self.everywhere(
                    shape, kind, lambda: change(path), lambda: self.restore(path), draws=1
                )

    def restore(self, path):
        try:
            os.unlink(path)
        except FileNotFoundError:
            pass
        with open(path, "wb") as file:
            file.write(LINES * 12)
        old = time.time() - 1000
        os.utime(path, (old, old))

    def test_input_is_truncated(self):
        self.changing_input(lambda path: os.truncate(path, len(LINES) * 2))
        self.changing_input(lambda path: os.truncate(path, 0), ["read"])

    def test_input_grows(self):
        def grow(path):
            with open(path, "ab") as file:
                file.write(b"more " * 1000)

        self.changing_input(grow)

    def test_input_is_overwritten_in_place(self):
        def overwrite(path):
            with open(path, "r+b") as file:
                file.write(b"#" * len(LINES) * 12)

        self.changing_input(overwrite)

    def test_input_is_replaced(self):
        def replace(path):
            with open(path + ".other", "wb") as file:
                file.write(b"#" * len(LINES) * 12)
            os.rename(path + ".other", path)

        self.changing_input(replace)

    def test_input_is_removed_or_forbidden(self):
        self.changing_input(os.unlink)
        self.changing_input(lambda path: os.chmod(path, 0))

    def test_temporary_directory_vanishes(self):
        def vanish():
            for name in os.listdir(self.temporary):
                shutil.rmtree(os.path.join(self.temporary, name), ignore_errors=True)

        # To a file: nobody reads a pipe until the stop has come.
        shape = Shape("disk", "-m", 2, "-r", 2, "--split-size=16K", "--compress",
                      self.file("lines.txt", LINES), to="file", always=ON_DISK)
        refused = 0
        for kind in ("open", "write", "read", "fork"):
            refused += self.everywhere(shape, kind, vanish, lambda: None)[1]
        self.assertGreater(refused, 0)

    def test_temporary_files_are_damaged(self):
        """What was lost is made again, and only what cannot be made again is missed."""
        damaged = []

        def damage():
            found = [
                os.path.join(at, name)
                for at, _, names in os.walk(self.temporary)
                for name in names
                if not name.endswith(".new")
            ]
            if not found:
                return
            path = self.random.choice(sorted(found))
            try:
                damage_file(path)
                damaged.append(path)
            except FileNotFoundError:
                pass  # the others, which go on, have removed it meanwhile

        def damage_file(path):
            content = self.read(path)
            how = self.random.randrange(3)
            if how == 0:
                os.unlink(path)
            elif how == 1:
                os.truncate(path, self.random.randrange(len(content)))
            else:
                with open(path, "r+b") as file:
                    file.seek(self.random.randrange(len(content)))
                    byte = file.read(1)
                    file.seek(-1, os.SEEK_CUR)
                    file.write(bytes([byte[0] ^ self.random.randint(1, 255)]))

        shape = Shape("disk", "-m", 2, "-r", 2, "--split-size=16K", self.file("lines.txt", LINES),
                      to="file", always=ON_DISK)
        for kind in ("open", "read", "fork"):
            self.everywhere(shape, kind, damage, lambda: None, draws=8)
        self.assertGreater(len(damaged), 3)

    def test_output_directory_vanishes(self):
        place = os.path.dirname(self.out)

        def judge(running, shape):
            out, err = running.process.communicate(timeout=faults.LIMIT)
            self.assertIsNone(running.left_behind())
            running.kill()
            status = running.process.returncode
            os.makedirs(place, exist_ok=True)
            self.assertRegex(err, rb"\A(wc-mr: [^\n]{6,}\n)?\Z")
            self.assertEqual(bool(err), status == 1, (status, err))
            self.assertEqual(os.listdir(place), [])
            return faults.Run(status, out, err, {})

        def vanish():
            while os.path.exists(place):  # the others go on, and may make something in it
                shutil.rmtree(place, ignore_errors=True)

        for to in ("file", "directory"):
            shape = Shape(to, self.file("lines.txt", LINES), to=to)
            for kind in ("fork", "read", "write"):
                self.everywhere(shape, kind, vanish, lambda: None, judge=judge)


if __name__ == "__main__":
    unittest.main()
