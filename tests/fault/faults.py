"""Runs wc-mr-faults, the program with calls that can be made to fail (sites.c), and judges its end:
the right answer, or a clean error.

The programs are those of the build that the environment variable WC_MR points into, or else of
build/ in this tree. SLOW=1 makes the tests complete; without it, each draws a part, another one
each day; SEED=20261123 draws that day's again.
"""

import fcntl
import glob
import os
import random
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(
    0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "cli")
)
import support  # noqa: E402
from support import CHECKING  # noqa: E402

PLAIN = support.PROGRAM
FAULTY = os.path.join(os.path.dirname(PLAIN), "tests", "fault", "wc-mr-faults")
PAIRS = os.path.join(os.path.dirname(FAULTY), "pairs-faults")  # jobs whose values are bytes
SLOW = bool(os.environ.get("SLOW"))
SEED = int(os.environ.get("SEED") or time.strftime("%Y%m%d"))
LIMIT = 300 if CHECKING else 120  # seconds until a run is said to hang

if os.access("/dev/shm", os.W_OK | os.X_OK) and shutil.disk_usage("/dev/shm").free > 1 << 30:
    tempfile.tempdir = "/dev/shm"  # where to sync costs nothing, if it has more than a container's

F_SETPIPE_SZ = 1031  # Python's own name for it is younger than what the tests run on

BEFORE = b"what stood here before\n"
MODE = 0o640  # of the output that is there before; no umask makes it so


# What can go wrong with each kind of call: how often, and how. An interrupted call is made again,
# so it is not to be interrupted for ever, but every second time at most.
TROUBLES = {
    "alloc": ["once:ENOMEM", "ever:ENOMEM"],
    "map": ["once:ENOMEM", "ever:ENOMEM"],
    "memfd": ["once:EMFILE", "ever:ENOSYS"],
    "open": ["once:EIO", "ever:EMFILE", "once:ENOSPC"],
    "list": ["once:EIO", "ever:ENOMEM"],
    "read": ["once:EIO", "ever:EIO", "once:EINTR", "each:EINTR", "ever:short"],
    "write": ["once:ENOSPC", "ever:ENOSPC", "once:EIO", "once:EINTR", "each:EINTR", "ever:short"],
    "sync": ["once:EIO", "ever:ENOSPC"],
    "link": ["once:EIO", "ever:ENOSPC", "once:EINVAL"],
    "rename": ["once:EIO", "ever:ENOSPC", "once:EINVAL"],
    "make": ["once:ENOSPC", "ever:EACCES"],
    "remove": ["once:EIO", "ever:EROFS"],
    "truncate": ["once:EIO", "ever:EOPNOTSUPP"],
    "stat": ["once:EIO", "ever:EACCES"],
    "mode": ["once:EPERM", "ever:EROFS"],
    "close": ["once:EIO", "ever:ENOSPC", "ever:EINTR"],
    "pipe": ["once:EMFILE", "ever:ENFILE"],
    "fork": ["once:EAGAIN", "ever:ENOMEM"],
    "wait": ["once:EINTR", "each:EINTR"],
    "poll": ["once:EINTR", "each:EINTR", "once:ENOMEM"],
    "limit": ["once:EPERM", "ever:EINVAL"],
    "lock": ["once:ENOLCK", "ever:EACCES"],
    "zlib": ["once:ENOMEM", "ever:ENOMEM"],
    "clock": ["once:back", "ever:back", "once:ahead", "ever:ahead"],
}
DEATHS = ["kill", "die"]
HARMLESS = ["EINTR", "short", "back", "ahead"]  # the program must live with these


def feed(data):
    """A pipe's reading end, whose writing end is given the data."""
    reading, writing = os.pipe()

    def write():
        try:
            with open(writing, "wb") as pipe:
                pipe.write(data)
        except BrokenPipeError:
            pass

    threading.Thread(target=write, daemon=True).start()
    return reading


class Shape:
    """A way of running: arguments, what standard input gives, where the output goes (standard
    output, which is a pipe or, as "standard", a file; a file, a new one, a link to one, a
    directory, one in the place of another), what fails all along, a command to run it by, such as prlimit, and the program."""

    def __init__(self, name, *arguments, stdin=None, to="stdout", always="", by=(), program=FAULTY):
        self.name, self.arguments, self.stdin = name, arguments, stdin
        self.to, self.always, self.by, self.wanted = to, always, by, None
        self.program = program


class Run:
    """How a run ended."""

    def __init__(self, status, out, err, calls):
        self.status, self.out = status, out
        # That it goes on with fewer processes is not a failure, but good to know.
        self.err = re.sub(rb"\A(?:wc-mr|pairs-faults): warning: going on with [^\n]*\n", b"", err)
        self.calls = {kind: number for kind, (number, _) in calls.items()}
        self.failed = {kind: number for kind, (_, number) in calls.items()}


class Case(support.Case):
    """Tests whose every run of the program is judged."""

    def setUp(self):
        super().setUp()
        if SLOW:
            support.signal.alarm(0)
        self.addCleanup(setattr, support, "PROGRAM", PLAIN)
        self.page = self.file("page")
        self.said = os.path.join(self.directory, "sanitizer")
        self.out = self.path("out/result")
        os.mkdir(os.path.dirname(self.out))
        # Drawn anew each day, and differently by each test.
        self.random = random.Random(f"{SEED} {self.id()}")

    # ---- one run ----

    def environment(self, fault=None, leaks=True):
        with open(self.page, "wb") as page:
            page.write(bytes(4096))
        made = {"WC_MR_FAULT_PAGE": self.page}
        if fault:
            made["WC_MR_FAULT"] = fault
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS"):
            made[name] = f"{os.environ.get(name, '')}:log_path={self.said}"
        made["ASAN_OPTIONS"] += ":allocator_may_return_null=1" + (
            "" if leaks else ":detect_leaks=0"
        )
        return made

    def tallies(self):
        """For each kind of call how many were made and how many failed."""
        with open(self.page, "rb") as page:
            every = struct.iter_unpack("16sQQ", page.read()[: 32 * 100])
        return {
            name.rstrip(b"\0").decode(): (calls, failed)
            for name, calls, failed in every
            if name[0]
        }

    def check_sanitizers(self):
        words = b""
        for path in glob.glob(self.said + "*"):
            words += self.read(path)
            os.unlink(path)
        # What else they say is that they were disturbed at their work.
        if re.search(rb"ERROR: [A-Za-z]*Sanitizer|runtime error: ", words):
            self.fail(f"a sanitizer says: {words.decode(errors='replace')}")

    def prepare_output(self, shape):
        place = os.path.dirname(self.out)
        shutil.rmtree(place)
        os.mkdir(place)
        for name in os.listdir(self.temporary):  # of a run that ended wrongly
            shutil.rmtree(os.path.join(self.temporary, name))
        if shape.to in ("file", "link", "standard"):
            target = os.path.join(place, "target") if shape.to == "link" else self.out
            with open(target, "wb") as file:
                file.write(BEFORE)
            os.chmod(target, MODE)
            if shape.to == "link":
                os.symlink("target", self.out)
        if shape.to == "replaced":
            os.mkdir(self.out)
            for name, data in (("part-r-00000", BEFORE), ("part-r-00007", b""), ("_SUCCESS", b"")):
                with open(os.path.join(self.out, name), "wb") as file:
                    file.write(data)
        return {"stdout": [], "standard": [], "replaced": ["--overwrite", "-O", self.out],
                "file": ["-o", self.out], "new": ["-o", self.out],
                "link": ["-o", self.out], "directory": ["-O", self.out]}[shape.to]

    def start_shape(self, shape, fault=None, deadly=False, more=()):
        """Starts a run whose output, if there was one before, is there again. deadly: it may be
        killed or lack what the search for leaks at its end needs, which would hang."""
        arguments = self.prepare_output(shape)
        faults = ",".join(filter(None, [shape.always, fault]))
        stdin = subprocess.DEVNULL if shape.stdin is None else feed(shape.stdin)
        stdout = subprocess.PIPE
        if shape.to == "standard":
            stdout = os.open(self.out, os.O_WRONLY)
            os.lseek(stdout, 0, os.SEEK_END)
        support.PROGRAM, *by = [*shape.by, shape.program]
        try:
            return support.Running(
                [*by, *shape.arguments, *arguments, *more],
                self.temporary,
                stdin,
                stdout,
                subprocess.PIPE,
                environment=self.environment(faults, leaks=not deadly),
            )
        finally:
            for end in (stdin, stdout):
                if end >= 0:
                    os.close(end)

    def output(self, shape, out):
        """What the output holds: bytes; None where there is none; BEFORE where it is as it was."""
        if shape.to == "stdout":
            return out
        if shape.to in ("directory", "replaced"):
            if not os.path.lexists(self.out):
                return None
            parts = sorted(os.listdir(self.out))
            self.assertEqual(parts.pop(0), "_SUCCESS")
            if parts == ["part-r-00000", "part-r-00007"]:
                return self.read(os.path.join(self.out, parts[0]))
            return b"".join(
                b"%s:" % os.fsencode(part) + self.read(os.path.join(self.out, part))
                for part in parts
            )
        if shape.to == "new":
            return self.read(self.out) if os.path.lexists(self.out) else None
        self.assertEqual(os.path.islink(self.out), shape.to == "link", "the link was replaced")
        self.assertEqual(os.stat(self.out).st_mode & 0o777, MODE, "its permissions have changed")
        return self.read(self.out)

    def wrong_names(self, shape):
        """What lies beside the output and should not."""
        own = {"stdout": [], "link": ["result", "target"]}.get(shape.to, ["result"])
        return sorted(set(os.listdir(os.path.dirname(self.out))) - set(own))

    def is_part(self, shape, got, status, litter):
        """Whether an output may be what is left of a failed run's: what went to a pipe cannot be taken
        back, nor what is in a file by a process that was killed, but must be right."""
        if shape.to == "stdout":
            return status != 0 and shape.wanted.startswith(got)
        if shape.to != "standard" or not (status < 0 or (status and litter)):
            return False
        holes = all(a in (b, 0) for a, b in zip(got, shape.wanted))
        return holes and got.startswith(BEFORE) and len(got) <= len(shape.wanted)

    def finish(self, running, shape, litter=False, signals=()):
        """Waits for a run's end and judges it. litter: files may be left, as they could not be
        removed. signals: those that may have ended it."""
        try:
            out, err = running.process.communicate(timeout=LIMIT)
        except subprocess.TimeoutExpired:
            self.fail("it hangs")
        finally:
            if running.process.poll() is None:
                running.kill()
            wrong = running.left_behind()
            running.kill()
        status = running.process.returncode
        run = Run(status, out, err, self.tallies())
        # What is beside the output, a trace and a page, fails alone, each with a warning, for which
        # there may be no memory.
        err = re.sub(rb"(?m)^wc-mr: (warning: the (trace|report) is not whole: [^\n]+|"
                     rb"[12] messages were lost, as no memory was left for them)\n", b"", run.err)
        self.check_sanitizers()
        # One that was killed before it had started its janitor has nobody to clean up after it.
        litter |= status == -support.signal.SIGKILL and run.calls.get("fork", 0) <= 1
        if litter:
            for name in os.listdir(self.temporary):
                shutil.rmtree(os.path.join(self.temporary, name))
            wrong = wrong if wrong and "process" in wrong else None
        self.assertIsNone(wrong, f"{err!r}")
        if not litter:
            self.assertEqual(self.wrong_names(shape), [], "left beside the output")
        self.assertFalse(run.calls.get("crash"), "a worker crashed")
        wanted = [shape.wanted]
        if status == 0:
            self.assertEqual(err, b"", "it should have been silent")
        elif status == 1:
            self.assertRegex(err, rb"\A(wc-mr|pairs-faults): [^\n]{6,}[^ \n]\n\Z",
                             "not one line that says what failed")
        else:
            self.assertIn(-status, signals, f"status {status}: {err!r}")
        if status != 0:
            wanted.append({"directory": None, "new": None, "stdout": b""}.get(shape.to, BEFORE))
        got = self.output(shape, out)
        self.assertTrue(
            got in wanted or self.is_part(shape, got, status, litter),
            f"status {status}, {err!r}, and a wrong output: {(got or b'none')[:300]!r}",
        )
        return run

    def undisturbed(self, shape):
        """Runs it as it is, for the answer. Returns how many calls of each kind it takes."""
        by, shape.by, shape.wanted = shape.by, (), b""
        running = self.start_shape(shape)
        shape.by = by
        out, err = running.process.communicate(timeout=LIMIT)
        self.assertIsNone(running.left_behind())
        running.kill()
        self.assertEqual((running.process.returncode, err), (0, b""))
        shape.wanted = self.output(shape, out)
        self.assertTrue(shape.wanted)
        return {kind: calls for kind, (calls, _) in self.tallies().items() if calls}

    def run_shape(self, shape, fault=None):
        """Runs it with a fault, and judges."""
        kind, _, when, *code = filter(None, (fault or "none:0:once").split(":"))
        signals = (support.signal.SIGKILL,) if when in DEATHS else ()
        try:
            running = self.start_shape(shape, fault, deadly=bool(signals or shape.by))
            litter = kind in ("remove", "list")
            litter |= shape.to == "standard" and kind in ("stat", "truncate")
            run = self.finish(running, shape, litter, signals)
            if code and (kind == "memfd" or code[0] in HARMLESS and kind != "close"):
                self.assertEqual(run.status, 0, f"this was to be lived with: {run.err!r}")
            return run
        except AssertionError as error:
            faults = ",".join(filter(None, [shape.always, fault]))
            program = os.path.basename(shape.program)
            command = " ".join([program, *map(str, shape.arguments)])
            raise AssertionError(
                f"WC_MR_FAULT={faults} {command} ({shape.name}, SEED={SEED}):\n{error}"
            ) from None

    # ---- one that is stopped under way ----

    def stopped(self, running):
        """The process that has been stopped, or None when the run has ended."""
        until = time.monotonic() + LIMIT
        while running.process.poll() is None and time.monotonic() < until:
            for pid in support.family(running.pid):
                try:
                    with open(f"/proc/{pid}/stat") as file:
                        if file.read().rpartition(")")[2].split()[0] == "T":
                            return pid
                except OSError:
                    pass
            time.sleep(0.001)
        return None

    def disturb(self, shape, kind, number, change, judge=None):
        running = self.start_shape(shape, f"{kind}:{number}:stop")
        # The call may come after all output is written, which nobody reads until then.
        fcntl.fcntl(running.process.stdout, F_SETPIPE_SZ, 1 << 20)
        pid = self.stopped(running)
        try:
            if pid:
                change()
        finally:
            try:
                if pid:
                    os.kill(pid, support.signal.SIGCONT)
            except ProcessLookupError:
                pass  # its parent gave it up meanwhile
        return (judge or self.finish)(running, shape)

    def everywhere(self, shape, kind, change, restore, draws=2, judge=None):
        """Makes the change at each call of a kind, or at some. Returns how often it succeeded, and
        how often it was refused."""
        restore()
        calls = self.undisturbed(shape)[kind]
        # What changes before the first look at it is not seen to change.
        numbers = range(2 if kind == "stat" else 1, calls + 1)
        ends = [0, 0]
        for number in numbers if SLOW else self.random.sample(numbers, min(draws, len(numbers))):
            restore()
            try:
                ends[self.disturb(shape, kind, number, change, judge).status] += 1
            except AssertionError as error:
                self.fail(f"{kind}:{number}:stop, {shape.arguments}: {error}")
        return ends
