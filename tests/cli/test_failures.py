"""What goes wrong around it: files, disks, readers that leave, signals, workers that die."""

import gzip
import os
import random
import signal
import subprocess
import time
import unittest

import reference
from support import DISTINCT, KILLABLE, PROGRAM, SOON, Case, send, workers


class Inputs(Case):
    def fails_on(self, name, *more, says=b""):
        got = self.wc(*more, status=1)
        self.assertIn(os.fsencode(name), got.err)
        self.assertIn(says, got.err)

    def test_missing_file(self):
        self.fails_on("no-such", self.path("no-such"), says=b"No such file")
        self.fails_on("no-such", self.file("a", b"a"), self.path("no-such"), self.file("b", b"b"))
        self.fails_on("no-such.csv.gz", self.path("no-such.csv.gz"))

    def test_empty_name(self):
        self.wc("", status=1)

    def test_unreadable_file(self):
        path = self.file("secret", b"a")
        os.chmod(path, 0)
        if os.access(path, os.R_OK):
            self.skipTest("this user may read everything")
        self.fails_on("secret", path, says=b"Permission denied")

    def test_file_that_fails_when_read(self):
        self.fails_on("/proc/self/mem", "/proc/self/mem")
        self.fails_on("/proc/self/mem", self.file("a", b"a"), "/proc/self/mem", "-m", 3)

    def test_link_to_itself(self):
        os.symlink("loop", self.path("loop"))
        self.fails_on("loop", self.path("loop"))

    def test_file_below_a_file(self):
        self.fails_on("plain/x", self.file("plain", b"a") + "/x")

    def test_directory_as_standard_input(self):
        descriptor = os.open(self.work, os.O_RDONLY)
        try:
            self.wc("-", stdin=descriptor, status=1)
        finally:
            os.close(descriptor)

    def test_closed_standard_input(self):
        # The shell closes it; its own descriptors must not take its place unseen.
        self.shell('exec "$W" - <&-', status=1)

    def shell(self, script, status):
        got = self.script(script, status)
        if status:
            self.assertTrue(got.stderr.startswith(b"wc-mr: "), got.stderr)
            self.assertEqual(got.stderr.count(b"\n"), 1, got.stderr)
        return got

    def test_closed_standard_output(self):
        self.file("f", b"a b")
        self.shell(f'exec "$W" "{self.path("f")}" >&-', status=1)

    def test_gzip_truncated_at_every_length(self):
        data = b"some words that come again and again, and some words that do not\n" * 3
        packed = gzip.compress(data)
        for length in range(3, len(packed)):
            self.fails_on("cut.gz", self.file("cut.gz", packed[:length]))

    def test_gzip_truncated_in_a_later_member(self):
        first, second = gzip.compress(b"one two " * 500), gzip.compress(os.urandom(5000))
        for length in list(range(2, 30)) + list(range(30, len(second), 511)) + [len(second) - 1]:
            self.fails_on("cut", self.file("cut", first + second[:length]))
        self.assertEqual(self.wc(self.file("whole", first)).out, b"one\t500\ntwo\t500\n")

    def test_large_gzip_truncated(self):
        packed = gzip.compress(DISTINCT, 1)
        for length in (
            len(packed) // 2,
            len(packed) - 9,
            len(packed) - 8,
            len(packed) - 4,
            len(packed) - 1,
        ):
            got = self.wc("-S", "16M", self.file("big.gz", packed[:length]), status=1)
            self.assertIn(b"big.gz", got.err)
            self.assertRegex(
                got.err.replace(b"big.gz", b""), rb"\d{4}", "the message has the offset"
            )

    def test_truncated_gzip_on_standard_input(self):
        packed = gzip.compress(DISTINCT[:100000])
        for length in (3, 10, 1000, len(packed) - 1):
            self.wc(input=packed[:length], status=1)

    def test_gzip_with_one_wrong_byte(self):
        data = b"a few words, and then a few more words, and at last a number: 1234567890\n"
        packed = gzip.compress(data)
        for at in range(2, len(packed)):
            path = self.file("bad.gz", packed[:at] + bytes([packed[at] ^ 0xFF]) + packed[at + 1 :])
            if 4 <= at < 10:  # time and origin: nothing depends on them
                self.assertEqual(self.wc(path).out, reference.output([("", data)]))
            else:
                self.fails_on("bad.gz", path)

    def test_gzip_with_a_wrong_byte_far_in(self):
        packed = gzip.compress(DISTINCT, 1)
        rng = random.Random(5)
        for _ in range(10):
            at = rng.randrange(1000, len(packed))
            self.fails_on(
                "bad.gz",
                "-S",
                "16M",
                self.file("bad.gz", packed[:at] + bytes([packed[at] ^ 0xFF]) + packed[at + 1 :]),
            )

    def test_one_bad_file_among_many(self):
        paths = [self.file(f"{i}", b"a b c " * 100) for i in range(30)]
        paths[17] = self.file("bad.gz", gzip.compress(b"a b c")[:-1])
        self.fails_on("bad.gz", "-m", 4, *paths)


class Outputs(Case):
    def test_full_device_on_standard_output(self):
        for data in (b"a", DISTINCT):
            with open("/dev/full", "wb") as full:
                got = self.wc(self.file("f", data), stdout=full, status=1)
            self.assertIn(b"No space left on device", got.err)

    def test_full_device_with_nothing_to_write(self):
        with open("/dev/full", "wb") as full:
            self.wc(self.file("f"), stdout=full)

    def test_output_file_in_a_missing_directory(self):
        got = self.wc("-o", self.path("none/out"), self.file("f", b"a"), status=1)
        self.assertIn(b"none/out", got.err)
        self.assertIn(b"No such file", got.err)
        self.assertEqual(os.listdir(self.work), ["f"])

    def test_output_file_that_is_a_directory(self):
        os.mkdir(self.path("d"))
        got = self.wc("-o", self.path("d"), self.file("f", b"a"), status=1)
        self.assertIn(self.path("d").encode(), got.err)
        self.assertEqual(sorted(os.listdir(self.work)), ["d", "f"])
        self.assertEqual(os.listdir(self.path("d")), [])

    def test_output_onto_a_full_device(self):
        # A device of our own: were the true one replaced by a file, the machine would be the worse
        # for it.
        path = self.path("full")
        try:
            os.mknod(path, 0o20666, os.makedev(1, 7))
            open(path, "wb").close()
        except OSError:
            self.skipTest("devices cannot be made here")
        got = self.wc("-o", path, self.file("f", b"a"), status=1)
        self.assertIn(b"No space left on device", got.err)
        self.assertTrue(os.stat(path).st_rdev, "it is a device still")
        self.assertEqual(sorted(os.listdir(self.work)), ["f", "full"])

    def test_output_onto_a_named_pipe(self):
        path = self.path("pipe")
        os.mkfifo(path)
        reader = subprocess.Popen(["cat", path], stdout=subprocess.PIPE)
        self.addCleanup(reader.stdout.close)
        self.addCleanup(reader.wait)
        self.addCleanup(reader.kill)
        self.wc("-o", path, self.file("f", b"a"), timeout=SOON)
        self.assertFalse(os.path.isfile(path), "it is a pipe still")
        self.assertEqual(reader.communicate(timeout=SOON)[0], b"a\t1\n")

    def redirected(self, script, status=0):
        """Runs a script whose standard output is a file; returns what the file has then."""
        with open(self.path("redirected"), "wb") as out:
            got = subprocess.run(
                ["sh", "-c", script, PROGRAM],
                env={**os.environ, "TMPDIR": self.temporary},
                cwd=self.work,
                timeout=SOON,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.PIPE,
            )
        self.assertEqual(got.returncode, status, got.stderr)
        self.assertEqual(os.listdir(self.temporary), [])
        return self.read("redirected")

    def test_standard_output_that_is_a_file_is_shared(self):
        wanted = reference.output([("", DISTINCT)])
        self.file("f", DISTINCT)
        run = '"$0" -m 2 -r 2 f'
        for script, whole in (
            (f"echo before; {run}; echo after", b"before\n" + wanted + b"after\n"),
            (f"{run}; {run} -n 3; {run}", wanted + b"".join(wanted.splitlines(True)[:3]) + wanted),
            (f"{run} >>more; {run} >>more; cat more", wanted * 2),
            (f"{run} | cat; {run}", wanted * 2),
            (f"{run} & {run} & {run} & wait", wanted * 3),
            (f"printf 12345 >old; {run} 1<>old; cat old", wanted),
        ):
            self.assertEqual(self.redirected(script), whole, script)

    def test_standard_output_that_is_a_file_is_as_it_was_after_a_failure(self):
        self.file("f", DISTINCT)
        got = self.redirected('echo before; ulimit -f 1000; trap "" XFSZ; "$0" f; echo $?')
        self.assertEqual(got, b"before\n1\n")

    def leave(self, **more):
        """Reads one line and leaves, as head does."""
        running = self.start(self.file("f", DISTINCT), **more)
        line = running.process.stdout.readline()
        running.process.stdout.close()
        err = running.process.stderr.read()
        status = running.process.wait(SOON)
        self.assertIsNone(running.left_behind())
        self.assertTrue(line.endswith(b"\t1\n"))
        return status, err

    def test_reader_that_leaves(self):
        for _ in range(5):
            self.assertEqual(self.leave(), (-signal.SIGPIPE, b""))

    def test_reader_that_leaves_with_the_signal_ignored(self):
        status, err = self.leave(ignore_pipe=True)
        self.assertEqual(status, 1)
        self.assertRegex(err, rb"\Awc-mr: .*Broken pipe.*\n\Z")

    def test_reader_that_was_never_there(self):
        reading, writing = os.pipe()
        os.close(reading)
        try:
            self.wc(self.file("f", b"a"), stdout=writing, status=-signal.SIGPIPE)
        finally:
            os.close(writing)

    def test_temporary_directory_missing_or_not_writable(self):
        # More than the memory, so that it needs the directory.
        path = self.file("f", b"".join(b"%040d\n" % i for i in range(600000)))
        plain = self.file("plain", b"x")
        for place in (self.path("none"), plain, "/proc"):
            got = self.wc("-S", "16M", "-T", place, path, status=1)
            self.assertIn(os.fsencode(place), got.err)

    def test_temporary_directory_without_permission(self):
        os.chmod(self.work, 0o555)
        self.addCleanup(os.chmod, self.work, 0o755)
        if os.access(self.work, os.W_OK):
            self.skipTest("this user may write everywhere")
        got = self.wc("-S", "16M", "-T", self.work, input=DISTINCT * 9, status=1)
        self.assertIn(os.fsencode(self.work), got.err)

    def test_too_little_memory(self):
        self.assertIn(b"16", self.wc("-S", "1M", self.file("f", b"a"), status=2).err)


class Signals(Case):
    def running(self, *arguments, megabytes=6):
        """One that has read much of its standard input and waits for more. Its temporary files
        exist if it needs any."""
        running = self.start("-S", "16M", *arguments, stdin=subprocess.PIPE)
        for i in range(megabytes):
            running.process.stdin.write(
                b"".join(b"%d-%d-%d\n" % (i, j, j * 7919) for j in range(60000))
            )
        running.process.stdin.flush()
        return running

    def ended(self, running, *statuses):
        # The end must not need the input's end: that stays open.
        try:
            status = running.process.wait(SOON)
        except subprocess.TimeoutExpired:
            self.fail("it goes on after the signal")
        self.assertIn(status, statuses)
        self.assertIsNone(running.left_behind())
        self.assertEqual(running.process.stdout.read(), b"")

    def test_signals_end_it_and_it_leaves_nothing(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            for way in ([], ["-m", "4", "-r", "4"]):
                with self.subTest(signal=number, way=way):
                    running = self.running(*way)
                    os.kill(running.pid, number)
                    self.ended(running, -number)

    def test_interrupt_from_the_terminal_reaches_the_workers_too(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            running = self.running()
            os.killpg(running.pid, number)
            self.ended(running, -number)

    def test_a_second_signal_does_no_harm(self):
        running = self.running()
        for _ in range(20):
            os.kill(running.pid, signal.SIGTERM)
        self.ended(running, -signal.SIGTERM)

    def test_signals_at_any_moment(self):
        path = self.file("f", DISTINCT)
        wanted = reference.output([("", DISTINCT)])
        rng = random.Random(6)
        interrupted = 0
        for i in range(500):
            if i >= 24 and interrupted > 0:
                break  # where runs end sooner than they are looked at, it takes some more
            running = self.start(
                "-S", "16M", "--split-size=50K", path, stdout=open(self.path("out"), "wb")
            )
            time.sleep(rng.random() * 0.004 * (i % 24 + 1))
            number = rng.choice([signal.SIGINT, signal.SIGTERM])
            running.process.send_signal(number)
            status = running.process.wait(SOON)
            self.assertIn(status, (0, -number))
            self.assertIsNone(running.left_behind())
            err = running.process.stderr.read()
            self.assertLessEqual(err.count(b"\n"), 1, err)
            if status == 0:
                self.same(self.read("out"), wanted)
            interrupted += status != 0
        self.assertGreater(interrupted, 0, "all had ended before their signals")

    def test_signal_leaves_no_output_file(self):
        for option in ("-o", "-O"):
            running = self.running(option, self.path("out"))
            running.process.terminate()
            self.ended(running, -signal.SIGTERM)
            self.assertEqual(os.listdir(self.work), [])

    def test_ignored_interrupt_stays_ignored(self):
        # A job that a shell started in the background, or nohup.
        old = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            running = self.running(megabytes=1)
        finally:
            signal.signal(signal.SIGINT, old)
        running.process.send_signal(signal.SIGINT)
        time.sleep(0.1)
        out, err = running.process.communicate(timeout=SOON)
        self.assertEqual((running.process.returncode, err, out.count(b"\n")), (0, b"", 60000))
        self.assertIsNone(running.left_behind())

    def test_killed_outright_it_leaves_no_process_and_no_file(self):
        for megabytes in (1, 12):
            running = self.running(megabytes=megabytes)
            running.process.kill()
            running.process.wait(SOON)
            self.assertIsNone(running.left_behind())


class Workers(Case):
    """Workers killed from outside while they work."""

    def murder(self, number, wait, *arguments, **more):
        """Starts a run and kills some of its workers, at most so many, the given time apart."""
        out = open(self.path("out"), "wb")
        self.addCleanup(out.close)
        running = self.start(*arguments, stdout=out, environment=KILLABLE, **more)
        killed, until = 0, time.monotonic() + 60
        while killed < number and running.process.poll() is None and time.monotonic() < until:
            time.sleep(wait)
            for worker in workers(running)[-1:]:
                # Nobody waits for it before its parent does, so that the number cannot be another's
                # by then.
                killed += send(worker, signal.SIGKILL)
        return running, killed

    def after(self, running, *statuses):
        err = running.process.stderr.read()
        status = running.process.wait(SOON)
        self.assertIsNone(running.left_behind())
        self.assertIn(status, statuses, err)
        return status, err

    def test_answer_is_right_though_workers_are_killed(self):
        data = DISTINCT * 4
        path = self.file("f", data)
        wanted = reference.output([("", data)])
        killed = 0
        for i in range(120):
            if i >= 12 and killed > 4:
                break  # where runs end sooner than they are looked at, it takes some more, and sooner
            how = [["-S", "16M"], ["-m", "2", "-r", "2"], ["-m", "4", "-r", "4", "--compress"]][
                i % 3
            ]
            running, dead = self.murder(
                1 + i % 3, 0.005 * (i % 5 + 1) / (i // 12 + 1), *how, "--split-size=100K", path
            )
            self.after(running, 0)
            self.same(self.read("out"), wanted, how)
            killed += dead
        self.assertGreater(killed, 4, "hardly any worker was ever caught")

    def test_answer_from_a_pipe_is_right_or_refused_when_a_worker_is_killed(self):
        # What a pipe gave to a dead worker may be gone: then it must say so.
        piece = DISTINCT[: len(DISTINCT) // 4]
        piece = piece[: piece.rindex(b"\n") + 1]
        wanted = reference.output([("", piece * 4)])
        killed = 0
        for i in range(6):
            with open(self.path("out"), "wb") as out:
                running = self.start(
                    "-S", "16M", stdin=subprocess.PIPE, stdout=out, environment=KILLABLE
                )
                try:
                    for part in range(4):
                        running.process.stdin.write(piece)
                        running.process.stdin.flush()
                        if part == i % 4:
                            time.sleep(0.02)
                            for worker in workers(running)[i % 2 :][:1]:
                                killed += send(worker, signal.SIGKILL)
                    running.process.stdin.close()
                except BrokenPipeError:
                    pass
            status, err = self.after(running, 0, 1)
            if status == 0:
                self.same(self.read("out"), wanted)
            else:
                self.assertRegex(err, rb"\Awc-mr: .+\n\Z")
                self.assertEqual(self.read("out"), b"")
        self.assertGreater(killed, 0, "no worker was ever caught")

    def test_it_gives_up_when_every_attempt_dies(self):
        path = self.file("f", DISTINCT * 20)
        for _ in range(100):
            running, killed = self.murder(
                100000, 0.0005, "-m", "1", "-r", "1", "--max-attempts=2", path
            )
            status, err = self.after(running, 0, 1)
            if status:
                break  # else an attempt of each task was done before it could be killed
        self.assertEqual(status, 1)
        self.assertRegex(err, rb"\Awc-mr: .+\n\Z")
        self.assertEqual(self.read("out"), b"")
        self.assertGreater(killed, 1)


if __name__ == "__main__":
    unittest.main()
