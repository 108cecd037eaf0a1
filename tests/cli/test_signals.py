"""A run is never deaf and never waits for those who only listen: standard error that nobody reads,
limits of the process, what a signal must be able to end at any time."""

import os
import pty
import re
import resource
import signal
import socket
import subprocess
import time
import unittest

import reference
from support import DISTINCT, MB, SOON, Case, children, wait_for, workers

def fill(writing):
    """Writes until there is no room left, as a reader who is away has it."""
    os.set_blocking(writing, False)
    for size in (4096, 1):
        try:
            while os.write(writing, b"." * size):
                pass
        except BlockingIOError:
            pass
    os.set_blocking(writing, True)


class Unread(Case):
    """Standard error is full, and nobody reads it."""

    def ways(self):
        """What standard error can be: a name, the reading end, the writing end, filled."""
        made = [("pipe", *os.pipe()), ("terminal", *pty.openpty())]
        ours, theirs = socket.socketpair()
        made.append(("socket", ours.detach(), theirs.detach()))
        for name, reading, writing in made:
            fill(writing)
            yield name, reading, writing
            os.close(reading)

    def verbose(self, stderr, *arguments, **more):
        try:
            return self.start("-v", "-m", 2, *arguments, stderr=stderr, **more)
        finally:
            os.close(stderr)

    def many(self):
        """Arguments that make it say much."""
        return ["--split-size=20K", self.file("f", DISTINCT)]

    def ended(self, running, status):
        try:
            self.assertEqual(running.process.wait(SOON), status)
        except subprocess.TimeoutExpired:
            self.fail("it goes on after the signal")
        self.assertIsNone(running.left_behind())

    def test_a_signal_ends_it_at_once(self):
        for name, _, writing in self.ways():
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
                with self.subTest(stderr=name, signal=number):
                    running = self.verbose(
                        os.dup(writing), "--split-size=20K", "-o", self.path("out"),
                        self.file("f", DISTINCT), "-", stdin=subprocess.PIPE,
                    )
                    # It has no end without ours, and its tasks have said more than is taken.
                    running.process.stdin.write(DISTINCT)
                    running.process.stdin.flush()
                    time.sleep(0.2)
                    os.kill(running.pid, number)
                    self.ended(running, -number)
                    self.assertEqual(os.listdir(self.work), ["f"])
            os.close(writing)

    def wait_for_output(self, name):
        wait_for(lambda: os.path.exists(self.path(name)))

    def drain(self, reading, running):
        """All that comes, until its end."""
        os.set_blocking(reading, False)
        said, until = b"", time.monotonic() + SOON
        while time.monotonic() < until:
            done = running.process.poll() is not None
            try:
                piece = os.read(reading, MB)
            except BlockingIOError:
                piece = None
            except OSError:  # a terminal's end
                piece = b""
            said += piece or b""
            if piece == b"" or (done and not piece):
                return said
            time.sleep(0.001)
        self.fail("it does not end though all is read")

    def test_the_work_is_done_and_nothing_is_lost(self):
        wanted = reference.output([("", DISTINCT)])
        for name, reading, writing in self.ways():
            with self.subTest(stderr=name):
                out = f"out-{name}"
                running = self.verbose(writing, "-o", self.path(out), *self.many())
                self.wait_for_output(out)
                self.same(self.read(out), wanted, name)
                said = self.drain(reading, running)
                self.ended(running, 0)
                lines = re.findall(rb"wc-mr: ([a-z]+) task (\d+) \(.*: done in .*, attempt 1\r?\n",
                                   said)
                tasks = [int(number) for kind, number in lines if kind == b"map"]
                self.assertEqual(sorted(tasks), list(range(len(tasks))))
                self.assertGreater(len(tasks), 50)
                self.assertIn(b"merge", dict(lines))

    def test_the_wait_at_the_end_ends_by_a_signal(self):
        for name, _, writing in self.ways():
            with self.subTest(stderr=name):
                out = f"out-{name}"
                running = self.verbose(writing, "-o", self.path(out), *self.many())
                self.wait_for_output(out)
                time.sleep(0.2)
                self.assertIsNone(running.process.poll(), "it did not wait for its messages")
                running.process.terminate()
                self.ended(running, -signal.SIGTERM)
                self.same(self.read(out), reference.output([("", DISTINCT)]))

    def test_standard_output_ends_before_standard_error_is_waited_for(self):
        reading, writing = os.pipe()
        fill(writing)
        running = self.verbose(writing, *self.many())
        self.same(running.process.stdout.read(), reference.output([("", DISTINCT)]))
        self.drain(reading, running)
        os.close(reading)
        self.ended(running, 0)

    def test_the_error_is_waited_for_and_comes_last(self):
        reading, writing = os.pipe()
        fill(writing)
        with open("/dev/full", "wb") as full:
            running = self.verbose(writing, *self.many(), stdout=full)
        said = self.drain(reading, running)
        os.close(reading)
        self.ended(running, 1)
        self.assertRegex(said.splitlines()[-1], rb"\Awc-mr: .*No space left on device")

    def test_what_there_is_no_room_for_is_counted(self):
        reading, writing = os.pipe()
        fill(writing)
        # Each line has the file's name, and there is room for a quarter of a megabyte.
        path = self.file("/".join(["d" * 200] * 2 + ["f"]), DISTINCT[: 200 << 10])
        running = self.verbose(writing, "--split-size=250b", "-o", self.path("out"), path)
        self.wait_for_output("out")
        said = self.drain(reading, running)
        os.close(reading)
        self.ended(running, 0)
        lines = said.splitlines()
        lost = re.fullmatch(rb"wc-mr: (\d+) messages were lost, .*", lines[-1])
        self.assertTrue(lost, lines[-1])
        kept = sum(b": done in " in line for line in lines)
        tasks = -(-len(DISTINCT[: 200 << 10]) // 250)
        self.assertGreaterEqual(kept + int(lost.group(1)), tasks + 2)
        self.assertGreater(kept, 500)

    def test_a_reader_that_leaves_standard_error_ends_nothing(self):
        reading, writing = os.pipe()
        os.close(reading)
        running = self.verbose(writing, "-o", self.path("out"), *self.many())
        self.ended(running, 0)
        self.same(self.read("out"), reference.output([("", DISTINCT)]))

    def test_the_descriptor_that_is_shared_stays_as_it_is(self):
        reading, writing = os.pipe()
        kept = os.dup(writing)
        running = self.verbose(writing, "-o", self.path("out"), self.file("f", b"a"))
        self.ended(running, 0)
        self.assertTrue(os.get_blocking(kept))
        os.close(kept)
        os.close(reading)


class Janitors(Case):
    """Who only cleans up keeps no run from its end."""

    def test_a_stopped_janitor(self):
        data = DISTINCT * 10
        path, wanted = self.file("f", data), reference.output([("", data)])
        for way in ([], ["-o", self.path("out")], [f"--work-dir={self.path('kept')}"]):
            # It has no end before standard output is read, or standard input ends.
            stream = ["-"] if "-o" in way else []
            running = self.start("-m", 2, *way, path, *stream, stdin=subprocess.PIPE)
            wait_for(lambda: workers(running))
            os.kill(children(running.pid)[0], signal.SIGSTOP)
            out, err = running.process.communicate(timeout=SOON)
            self.assertEqual((running.process.returncode, err), (0, b""))
            self.assertIsNone(running.left_behind())
            self.same(self.read("out") if "-o" in way else out, wanted)


class FileSizes(Case):
    """A file may not grow beyond a limit (ulimit -f): an error like others, in every process."""

    def limited(self, limit, *arguments, **more):
        old = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, old[1]))
        try:
            running = self.start(*arguments, **more)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, old)
        err = running.process.communicate(timeout=SOON)[1]
        self.assertIsNone(running.left_behind())
        return running.process.returncode, err

    def test_every_kind_of_output(self):
        path = self.file("f", DISTINCT)
        for ignored in (True, False):
            for limit in (0, 100, 5000, MB):
                for how in (["-o", self.path("out")], ["-O", self.path("parts")],
                            [f"--work-dir={self.path('kept')}"], None):
                    with self.subTest(ignored=ignored, limit=limit, how=how):
                        out = self.path("standard")
                        with open(out, "wb") as file:
                            status, err = self.limited(
                                limit, "-r", 2, *(how or []), path, ignore_pipe=ignored, stdout=file
                            )
                        self.assertEqual(status, 1, err)
                        self.assertRegex(err, rb"\Awc-mr: .*(File too large).*\n\Z")
                        if b"write temporary file" in err:
                            self.assertIn(b"(files may not be larger: ulimit -f)", err)
                        self.assertEqual(os.stat(out).st_size, 0)
                        os.remove(out)
                        left = sorted(os.listdir(self.work))
                        if "kept" in left and how and how[0].startswith("--work"):
                            self.wc(how[0], "--resume", path)
                            left.remove("kept")
                        self.assertEqual(left, ["f"])

    def test_standard_error_beyond_the_limit(self):
        with open(self.path("log"), "wb") as log:
            status, _ = self.limited(
                0, "-v", "-o", self.path("out"), self.file("f", b"a"), stderr=log
            )
        self.assertEqual(status, 1)
        self.assertEqual(sorted(os.listdir(self.work)), ["f", "log"])


if __name__ == "__main__":
    unittest.main()
