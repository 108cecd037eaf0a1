"""Workers, and the program itself, are ended from outside at random moments: the answer must be
right, or its absence honest, and nothing may stay behind."""

import os
import shutil
import signal
import time
import unittest

import faults
from faults import SLOW, Case, Shape
from support import send, workers

LINES = b"".join(b"%d-%x line\n" % (i, i * 2654435761) for i in range(60000))
ENDING = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGPIPE"]


class Kills(Case):
    def shapes(self):
        path = self.file("lines.txt", LINES)
        many = ["-m", 2, "-r", 2, "--split-size=50K", "--max-attempts=1000"]
        return [
            Shape("memory", *many, path),
            Shape("file", *many, path, to="file"),
            Shape("directory", *many, "--compress", path, to="directory"),
            Shape("stream", "-m", 2, "-r", 3, "--max-attempts=1000", "-", stdin=LINES),
            Shape("sorted", "--job=sort", "-m", 2, "--split-size=50K", "--max-attempts=1000", path),
            Shape("values", *many, "--do=some", path, to="file", program=faults.PAIRS),
            Shape("own parts", *many, "--reducer=cat", path, to="directory"),
        ]

    def setUp(self):
        super().setUp()
        self.ready = []
        for shape in self.shapes():
            began = time.monotonic()
            self.undisturbed(shape)
            shape.seconds = time.monotonic() - began
            self.ready.append(shape)

    def start_one(self):
        shape = self.random.choice(self.ready)
        return shape, self.start_shape(shape, deadly=True)

    def rounds(self, most, enough):
        """So many rounds, or some more until enough is so: runs may end before they are struck, where
        the machine's pace has changed."""
        for number in range(10 * most):
            if number >= most and enough():
                return
            yield number

    def pause(self, shape, running, share):
        """Waits for a random part of a run's time."""
        wait = self.random.random() * shape.seconds * share
        time.sleep(wait)
        if running.process.poll() is not None:
            shape.seconds = min(shape.seconds, max(wait, 0.01))

    def judge(self, running, shape, signals):
        try:
            return self.finish(running, shape, signals=signals).status
        except AssertionError as error:
            self.fail(f"{shape.name}, SEED={faults.SEED}: {error}")

    def test_killed_workers_are_replaced(self):
        rounds = 1000 if SLOW else 20
        killed = refused = done = 0
        for done in self.rounds(rounds, lambda: killed > rounds // 2):
            shape, running = self.start_one()
            for _ in range(self.random.randint(1, 4)):
                self.pause(shape, running, 0.5)
                living = workers(running)
                if living and running.process.poll() is None:
                    killed += send(self.random.choice(living), signal.SIGKILL)
            status = self.judge(running, shape, ())
            refused += status != 0
        self.assertGreater(killed, rounds // 2, "hardly any worker was caught")
        self.assertLess(refused, done + 1, "no run survived")
        if SLOW:
            print(f"workers: {rounds} rounds, {killed} killed, {refused} runs refused", flush=True)

    def test_signals_end_it_cleanly(self):
        rounds = 300 if SLOW else 20
        ended = 0
        for _ in self.rounds(rounds, lambda: ended > rounds // 4):
            shape, running = self.start_one()
            number = getattr(signal, self.random.choice(ENDING))
            sent = [number] * self.random.randint(1, 2)
            self.pause(shape, running, 1)
            for each in sent:
                running.process.send_signal(each)
                time.sleep(self.random.random() * 0.002)
            status = self.judge(running, shape, (number,))
            ended += status == -number
        self.assertGreater(ended, rounds // 4, "nearly all had ended before their signals")
        if SLOW:
            print(f"signals: {rounds} rounds, {ended} ended by theirs", flush=True)

    def test_what_one_without_a_janitor_left_the_next_removes(self):
        for shape in self.ready[1:3]:
            running = self.start_shape(shape, "fork:1:kill", deadly=True)
            running.process.communicate(timeout=faults.LIMIT)
            running.kill()
            self.assertEqual(running.process.returncode, -signal.SIGKILL)
            place = os.path.dirname(self.out)
            left = [os.path.join(at, name) for at in (self.temporary, place)
                    for name in os.listdir(at) if "wc-mr" in name]
            # A file has no name before it is whole; a directory of parts is made in a marked one.
            self.assertEqual(len(left), 1 if shape.to == "file" else 2, left)
            again = [*shape.arguments, "-o" if shape.to == "file" else "-O", self.out]
            faults.support.PROGRAM = faults.FAULTY
            until = time.monotonic() + faults.LIMIT
            left = "not swept yet"
            # On a loaded machine none waits long for its janitor to sweep.
            while time.monotonic() < until and (left or self.wrong_names(shape)):
                if os.path.isdir(self.out):
                    shutil.rmtree(self.out)
                running = faults.support.Running(
                    again,
                    self.temporary,
                    *[faults.subprocess.DEVNULL] * 3,
                    environment=self.environment(),
                )
                running.process.wait(faults.LIMIT)
                left = running.left_behind()
            self.assertEqual((left, self.wrong_names(shape)), (None, []))

    def test_killed_outright_it_leaves_nothing(self):
        rounds = 300 if SLOW else 20
        ended = 0
        for _ in self.rounds(rounds, lambda: ended > rounds // 4):
            shape, running = self.start_one()
            self.pause(shape, running, 1)
            running.process.kill()
            status = self.judge(running, shape, (signal.SIGKILL,))
            ended += status == -signal.SIGKILL
        self.assertGreater(ended, rounds // 4, "nearly all had ended before")
        if SLOW:
            print(f"killed outright: {rounds} rounds, {ended} caught", flush=True)


class Hearing(Case):
    """A signal that comes while the program itself is at long work, and not waiting for others."""

    def end_at(self, shape, kind, number, way=()):
        """Sends SIGTERM while the program is in such a call. Returns how it ended and how many calls
        it still made, or None when another process makes this one, or none does."""
        running = self.start_shape(shape, f"{kind}:{number}:stop", more=way)
        pid = self.stopped(running)
        if pid is None:
            self.finish(running, shape)
            return None
        mine = pid == running.pid and not workers(running)  # whose calls would count, too
        before = sum(calls for calls, _ in self.tallies().values())
        if mine:
            os.kill(pid, signal.SIGTERM)
        os.kill(pid, signal.SIGCONT)
        run = self.finish(running, shape, signals=(signal.SIGTERM,))
        return (run, sum(run.calls.values()) - before) if mine else None

    def test_many_inputs_are_found_and_compared(self):
        paths = [self.file(f"in/{i}", b"%d words" % i) for i in range(300)]
        heard = 0
        shape = Shape("many", "-m", 2, "-r", 2, *paths)
        self.undisturbed(shape)
        for kind in ("stat", "open", "read"):
            # The first calls of a kind find inputs, later ones look at what is in them.
            for number in (20, 290, 320, 500):
                kept = self.path(f"kept-{kind}-{number}")
                ended = self.end_at(shape, kind, number, [f"--work-dir={kept}"])
                if ended:
                    heard += 1
                    run, calls = ended
                    self.assertEqual(run.status, -signal.SIGTERM)
                    self.assertLess(calls, 150, f"after {kind} {number} it went on for long")
        self.assertGreater(heard, 3, "hardly any of these calls were its own")

    def test_a_large_output_is_brought_to_the_disk(self):
        lines = b"".join(b"%d-%x\n" % (i, i * 2654435761) for i in range(1600000))
        shape = Shape("large", "-m", 2, "-r", 2, self.file("large.txt", lines), to="file")
        syncs = self.undisturbed(shape)["sync"]
        self.assertGreater(len(shape.wanted), 24 << 20)
        for number in range(1, syncs + 1):
            ended = self.end_at(shape, "sync", number)
            if ended:
                self.assertEqual(ended[0].status, -signal.SIGTERM)
                self.assertTrue(self.output(shape, b"").startswith(faults.BEFORE), "it went on")
                return
        self.fail("the program itself brings nothing to the disk")


if __name__ == "__main__":
    unittest.main()
