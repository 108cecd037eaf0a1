"""A job with --work-dir is ended, its directory is damaged, and --resume goes on: the answer must
be that of an undisturbed run, or refused, but never another."""

import collections
import fcntl
import os
import re
import shutil
import signal
import time
import unittest

import faults
from faults import DEATHS, SLOW, TROUBLES, Case, Shape, support
from support import children

LINES = b"".join(b"%x-%d line\n" % (i * 2654435761 % 7919, i % 70) for i in range(1500))
SHORT = b"".join(b"%x-%d line\n" % (i * i % 79, i % 7) for i in range(40))
PAIRED = b"".join(b"%x\t%d\n" % (i * 2654435761 % 4099, i) for i in range(60000))
MANY = b"".join(b"%d-%x line\n" % (i, i * 2654435761) for i in range(60000))


class Resume(Case):
    """A small job with a directory of its own, beside its output."""

    data, split, reducers = LINES, "4K", 2
    program, options = faults.FAULTY, ()
    copied = False  # the directory: then it is not the program's to remove

    def setUp(self):
        super().setUp()
        place = os.path.dirname(self.out)
        self.directory_of_job = os.path.join(place, "job")
        self.input = self.file("lines.txt", self.data)
        self.shapes = {}
        for to in ("file", "directory"):
            shape = Shape(to, *self.options, "-m", 2, f"--reducers={self.reducers}",
                          f"--split-size={self.split}", self.input, to=to, program=self.program)
            self.undisturbed(shape)
            self.shapes[to] = shape

    def fresh(self, to="file"):
        return self.prepare_output(self.shapes[to])

    def start_job(self, *more, to="file", fault=None, environment=None):
        """Starts the job where the last one was ended."""
        option = ["-O" if to == "directory" else "-o", self.out]
        support.PROGRAM = self.program
        return support.Running(
            [*self.shapes[to].arguments, *option, f"--work-dir={self.directory_of_job}", *more],
            self.temporary,
            support.subprocess.DEVNULL,
            support.subprocess.PIPE,
            support.subprocess.PIPE,
            environment={
                **self.environment(fault, leaks=not (fault or more)),
                **(environment or {}),
            },
        )

    def end_job(self, running):
        out, err = running.process.communicate(timeout=faults.LIMIT)
        wrong = running.left_behind()
        running.kill()
        self.assertIsNone(wrong)
        marker = os.path.join(self.directory_of_job, "wc-mr-marker")
        if os.path.exists(marker):
            # A process that ends lets go of its descriptors one by one; the lock may be the last.
            lock = os.open(marker, os.O_RDONLY)
            fcntl.flock(lock, fcntl.LOCK_EX)
            os.close(lock)
        self.check_sanitizers()
        self.assertEqual(out, b"")
        run = faults.Run(running.process.returncode, out, err, self.tallies())
        self.assertFalse(run.calls.get("crash"), "a worker crashed")
        return run

    def job(self, *more, **how):
        return self.end_job(self.start_job(*more, **how))

    def check_output_is_old_or_new(self, to, about=""):
        if to == "directory" or os.path.lexists(self.out):
            got = self.output_of(to)
            self.assertIn(
                got, (None if to == "directory" else faults.BEFORE, self.shapes[to].wanted),
                f"half an output: {about}",
            )

    def output_of(self, to):
        if to == "directory":
            return self.output(self.shapes[to], b"")
        return self.read(self.out)

    def resume(self, to="file", about="", *more):
        """Resumes, and judges. Returns the status."""
        run = self.job("--resume", *more, to=to)
        about = f"{about}: status {run.status}, {run.err!r}"
        self.assertIn(run.status, (0, 1), about)
        if run.status == 0:
            self.assertEqual(run.err, b"", about)
            right = self.output_of(to) == self.shapes[to].wanted
            self.assertTrue(right, f"a wrong output: {about}")
            stays = os.path.exists(self.directory_of_job)
            self.assertEqual(os.listdir(self.directory_of_job) if stays else [], [], about)
            self.assertLessEqual(stays, self.copied, about)
        else:
            self.assertRegex(run.err, rb"\A(wc-mr|pairs-faults): [^\n]{6,}\n\Z", about)
            self.check_output_is_old_or_new(to, about)
        self.last = run
        return run.status


class Damage(Resume):
    """The job is ended at a chosen point, and what it left is damaged in every way."""

    data, split = SHORT, "100b"
    copied = True

    def left(self, fault):
        """A directory as a job leaves it that is killed at a site."""
        self.fresh()
        run = self.job(fault=fault)
        self.assertEqual(run.status, -signal.SIGKILL, f"{fault}: {run.err!r}")
        kept = self.path("kept")
        shutil.rmtree(kept, ignore_errors=True)
        shutil.copytree(self.directory_of_job, kept)
        return kept

    def again(self, kept):
        self.fresh()
        shutil.rmtree(self.directory_of_job, ignore_errors=True)
        shutil.copytree(kept, self.directory_of_job)

    def points(self):
        """Faults that end the job early, in the middle, and late: by how many renames there are.

        These are the supervisor's alone, so that what was renamed before is noted in the manifest:
        it would not be, were the supervisor killed by a worker's call between the two."""
        self.fresh()
        run = self.job()
        self.assertEqual((run.status, run.err), (0, b""))
        renames = run.calls["rename"]
        self.assertGreater(renames, 3)
        # The first two name the directory and the manifest; with the last one, when the result is
        # in its place, the directory goes.
        every = range(3, renames)
        return [f"rename:{n}:kill" for n in (every if SLOW else (renames // 2, renames - 1))]

    def files(self, kept):
        for at, _, names in os.walk(kept):
            for name in sorted(names):
                path = os.path.join(at, name)
                yield os.path.relpath(path, kept), self.read(path)

    def damage(self, kept, name, content, about, ends):
        self.again(kept)
        path = os.path.join(self.directory_of_job, name)
        if content is None:
            os.unlink(path)
        else:
            with open(path, "wb") as file:
                file.write(content)
        about = f"{name}: {about}, SEED={faults.SEED}"
        status = self.resume("file", about)
        ends[status] += 1
        # What tasks made can be made again. Without the marker nobody knows whose the directory is,
        # without the manifest for what it was, and without its magic whose a file is that the
        # manifest does not note.
        unknown = name.endswith(".new") and content is not None and not self.is_known(content)
        if unknown and status == 1:
            self.assertIn(b"File exists", self.last.err, about)
        elif name == "wc-mr-marker" and status == 1:
            self.assertIn(b"no 'wc-mr-marker'", self.last.err, about)
        elif name != "manifest":
            self.assertEqual(status, 0, f"{about}: {self.last.err!r}")

    def is_known(self, content):
        return content.startswith(b"mr-spool")

    def chosen(self, numbers, most):
        return numbers if SLOW else self.random.sample(numbers, min(most, len(numbers)))

    def every_file(self, damages, most):
        """Makes the damages of each file that is left at each point."""
        ends, counts = collections.Counter(), collections.Counter()
        for point in self.points():
            kept = self.left(point)
            for name, content in self.files(kept):
                for about, damaged in damages(content, most):
                    self.damage(kept, name, damaged, f"{point}, {about}", ends)
                    counts[re.sub(r"\d+", "N", name)] += 1
        if SLOW:
            print(f"{self.id()}: {dict(counts)}, statuses {dict(ends)}", flush=True)
        self.assertGreater(ends[0], 0, "nothing could be resumed from")

    def test_every_byte_wrong(self):
        def damages(content, most):
            for at in self.chosen(range(len(content)), most):
                wrong = content[at] ^ self.random.randint(1, 255)
                yield f"byte {at} of {len(content)} is {wrong}", (
                    content[:at] + bytes([wrong]) + content[at + 1 :]
                )

        self.every_file(damages, 4)

    def test_every_length(self):
        def damages(content, most):
            for size in self.chosen(range(len(content)), most):
                yield f"cut to {size} of {len(content)}", content[:size]
            for size in self.chosen(range(1, 3), 1):
                yield f"{size} bytes more", content + bytes(size)

        self.every_file(damages, 4)

    def test_missing_and_foreign_files(self):
        def damages(content, most):
            yield "missing", None
            yield "zeros", bytes(len(content))
            yield "twice", content * 2
            yield "noise", self.random.randbytes(len(content))

        self.every_file(damages, 4)

    def test_files_exchanged(self):
        ends = collections.Counter()
        for point in self.points():
            kept = self.left(point)
            found = dict(self.files(kept))
            pairs = [(a, b) for a in found for b in found if a != b]
            for a, b in self.chosen(pairs, 6):
                self.damage(kept, a, found[b], f"{point}, it is {b}", ends)
        self.assertGreater(ends[0], 0)

    def test_another_job_is_refused(self):
        kept = self.left(self.points()[0])
        for about, more in (
            ("options", ["--drop-numeric"]), ("options", ["-i"]), ("options", ["-r", "3"]),
        ):
            with self.subTest(more=more):
                self.again(kept)
                run = self.job("--resume", *more)
                self.assertEqual(run.status, 1, run.err)
                self.assertRegex(run.err, rb"\Awc-mr: [^\n]{6,}\n\Z")
                self.assertEqual(self.read(self.out), faults.BEFORE)
        with self.subTest("another input"):
            self.again(kept)
            self.file("lines.txt", SHORT.replace(b"1", b"2"))
            run = self.job("--resume")
            self.assertEqual(run.status, 1, run.err)
            self.assertIn(b"lines.txt", run.err)
            self.assertEqual(self.read(self.out), faults.BEFORE)


class Sites(Resume):
    """Any call fails in a run with --work-dir, or in one that resumes: what follows goes on."""

    def test_failed_and_resumed(self):
        self.fresh()
        calls = self.job().calls
        calls = {kind: number for kind, number in calls.items() if number}
        ends, runs = collections.Counter(), 0
        for kind in calls if SLOW else self.random.sample(sorted(calls), 12):
            for trouble in TROUBLES[kind] + DEATHS:
                when, _, code = trouble.partition(":")
                first = 1 + (when == "each")
                numbers = range(first, max(first, calls[kind]) + 1)
                for number in numbers if SLOW else [self.random.choice(numbers)]:
                    ends[self.fail_and_resume(f"{kind}:{number}:{when}:{code}")] += 1
                    runs += 1
        if SLOW:
            print(f"failed and resumed: {runs} jobs, statuses {dict(ends)}", flush=True)

    def fail_and_resume(self, fault):
        about = f"{fault}, SEED={faults.SEED}"
        shutil.rmtree(self.directory_of_job, ignore_errors=True)
        self.fresh()
        # A job that is killed has its janitor tidy up, even where it cannot.
        run = self.job(fault=fault)
        about += f": {run.status}, {run.err!r}"
        self.assertIn(run.status, (0, 1, -signal.SIGKILL), about)
        self.assertEqual(run.status == 1, bool(run.err), about)
        self.check_output_is_old_or_new("file", about)
        # The second time something else fails, and at last nothing does.
        if self.random.random() < 0.5:
            again = fault if "EINTR" in fault else fault.replace(":once:", ":ever:")
            run = self.job("--resume", fault=again)
            about += f", {again}: {run.status}, {run.err!r}"
            self.check_output_is_old_or_new("file", about)
        status = self.resume("file", about)
        self.assertEqual(status, 0, f"{about}: {self.last.err!r}")
        self.wipe()
        return run.status

    def wipe(self):
        """What could not be removed while it failed."""
        place = os.path.dirname(self.out)
        for name in os.listdir(place):
            if name.startswith(".wc-mr-"):
                path = os.path.join(place, name)
                shutil.rmtree(path) if os.path.isdir(path) else os.unlink(path)


class Chaos(Resume):
    """The supervisor kills its own workers and damages its own files."""

    data, split = MANY, "50K"
    rounds = 12

    def test_chaos_changes_nothing(self):
        for number in range(300 if SLOW else self.rounds):
            to = self.random.choice(["file", "directory"])
            seed, percent = self.random.randrange(1 << 32), self.random.choice([5, 20, 50])
            more = [f"--chaos={seed},{percent}", "--max-attempts=100"]
            self.fresh(to)
            if number % 2:  # damaged files on the disk, else in memory
                run = self.job(*more, to=to)
            else:
                running = self.start_shape(self.shapes[to], deadly=True, more=more)
                run = self.finish(running, self.shapes[to])
            about = f"{more}, SEED={faults.SEED}: {run.err!r}"
            self.assertEqual((run.status, run.err), (0, b""), about)
            self.assertTrue(self.output_of(to) == self.shapes[to].wanted, about)

    def test_a_hung_worker_is_replaced(self):
        calls = self.undisturbed(self.shapes["file"])
        for number in self.random.sample(range(3, calls["read"]), 20 if SLOW else 2):
            # Others may stand still for a second, too, on a machine that is busy.
            running = self.start_shape(
                self.shapes["file"], f"read:{number}:stop", deadly=True,
                more=["--task-timeout=1", "--max-attempts=100"],
            )
            stopped = self.stopped(running)
            # The program itself and its janitor, its first child, are watched by nobody.
            if stopped and stopped in [running.pid, *children(running.pid)[:1]]:
                os.kill(stopped, signal.SIGCONT)
            self.assertEqual(self.finish(running, self.shapes["file"]).status, 0)


class Kills(Resume):
    data, split = MANY, "50K"
    rounds = 12

    def test_killed_again_and_again(self):
        """SIGKILL at a random moment, --resume, perhaps the same once more, until it is done."""
        rounds, kills = 300 if SLOW else self.rounds, 0
        began = time.monotonic()
        self.fresh()
        self.assertEqual(self.job().status, 0)
        seconds = time.monotonic() - began
        for number in range(5 * rounds):
            if number >= rounds and kills > rounds // 3:
                break  # else it takes some more
            to = self.random.choice(["file", "directory"])
            self.fresh(to)
            more = []
            while True:
                running = self.start_job(*more, to=to, fault="wait:1000000:kill")
                wait = self.random.random() * seconds
                time.sleep(wait)
                if len(more) < 6:
                    running.process.kill()
                run = self.end_job(running)
                if run.status == 0:
                    seconds = min(seconds, max(wait, 0.01))  # the machine's pace has changed
                about = f"round {number}, SEED={faults.SEED}: {run.status}, {run.err!r}"
                self.check_output_is_old_or_new(to, about)
                if run.status == 1 and to == "directory" and self.output_of(to):
                    # Killed when all was done but to remove what it had worked with.
                    self.assertIn(b"exists", run.err, about)
                    shutil.rmtree(self.directory_of_job, ignore_errors=True)
                    break
                if run.status == 0:
                    break
                self.assertEqual(run.status, -signal.SIGKILL, about)
                kills += 1
                # More and more patience.
                more = ["--resume"] * (len(more) + 1)
            self.assertTrue(self.output_of(to) == self.shapes[to].wanted, about)
            self.assertFalse(os.path.exists(self.directory_of_job), about)
        if SLOW:
            print(f"killed and resumed: {rounds} jobs, {kills} kills", flush=True)
        self.assertGreater(kills, rounds // 3)


class ChaosWithValues(Chaos):
    data, program, options = PAIRED, faults.PAIRS, ("--do=join",)
    rounds = 4
    test_a_hung_worker_is_replaced = None


class KillsWithValues(Kills):
    data, program, options = PAIRED, faults.PAIRS, ("--do=join",)
    rounds = 6


class DamageWithoutReducers(Damage):
    reducers = 0
    test_another_job_is_refused = None


class ChaosWithoutReducers(Chaos):
    reducers = 0
    test_a_hung_worker_is_replaced = None


class KillsWithoutReducers(Kills):
    reducers = 0


class DamageOfWhatOnlySorts(Damage):
    options = ("--job=sort",)
    test_another_job_is_refused = None


class ChaosOfWhatOnlySorts(Chaos):
    options = ("--job=sort", "-k1.2,1.3")
    test_a_hung_worker_is_replaced = None


class KillsOfWhatOnlySorts(Kills):
    options = ("--job=sort",)


if __name__ == "__main__":
    unittest.main()
