"""Keeping on: runs that are resumed, hung and failing tasks, chaos, what dead runs left."""

import collections
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import time
import unittest

import reference
from support import (
    CHECKING,
    DISTINCT,
    KILLABLE,
    PROGRAM,
    SOON,
    Case,
    end_all,
    large,
    options_of,
    send,
    stop,
    wait_for,
    workers,
)

FIGURES = {
    "attempts": rb"attempts +(\d+)",
    "again": rb"(\d+) tried again",
    "killed": rb"(\d+) killed",
    "damaged": rb"checksums +(\d+)",
    "rerun": rb"(\d+) tasks run again",
    "resumed": rb"resumed +(\d+)",
}


def figures(err):
    """The numbers of --stats that tell of attempts."""
    return {name: int(re.search(pattern, err).group(1)) for name, pattern in FIGURES.items()}


def damage(path, share=0.5):
    """Of a file, at that share of its size."""
    with open(path, "r+b") as file:
        file.seek(int(os.path.getsize(path) * share))
        file.write(b"damaged!")


class Resuming(Case):
    # Some 50 map tasks, one at a time.
    HOW = ["-S", "16M", "-m", 1, "-r", 3, "--split-size=80K"]

    def setUp(self):
        super().setUp()
        self.input = self.file("input", DISTINCT)
        self.kept = self.path("kept")

    def run_kept(self, *more, **options):
        return self.wc("--work-dir", self.kept, *self.HOW, *more, self.input, **options)

    def names(self):
        try:
            return os.listdir(self.kept)
        except FileNotFoundError:
            return []

    def begin(self, *how):
        """A run that is stopped when some of it is done."""
        return self.begin_kept(self.kept, *(how or self.HOW), self.input)

    def kill(self, running):
        running.process.kill()
        running.process.wait(SOON)
        self.assertIsNone(running.left_behind())

    def interrupt(self):
        self.kill(self.begin())
        self.assertIn("manifest", self.names())

    def snapshot(self):
        found = {}
        for name in self.names():
            with open(os.path.join(self.kept, name), "rb") as file:
                found[name] = file.read()
        return found

    def test_a_run_with_a_work_directory_leaves_none(self):
        got = self.run_kept()
        self.same(got.out, reference.output([("", DISTINCT)]))
        self.assertFalse(os.path.exists(self.kept))
        os.mkdir(self.kept, 0o700)
        self.same(self.run_kept("--resume").out, got.out)
        self.assertEqual(self.names(), [], "one that it was given stays, empty")

    def test_killed_in_the_middle_it_is_gone_on_with(self):
        wanted = reference.output([("", DISTINCT)])
        whole = self.run_kept("--stats", noisy=True)
        all_attempts = figures(whole.err)["attempts"]
        for i in range(4):
            self.interrupt()
            got = self.run_kept("--resume", "--stats", noisy=True)
            self.same(got.out, wanted)
            numbers = figures(got.err)
            self.assertGreater(numbers["resumed"], 3)
            self.assertEqual(numbers["attempts"], all_attempts - numbers["resumed"])
            self.assertFalse(os.path.exists(self.kept))

    def test_killed_again_and_again_at_any_moment_it_comes_to_its_end(self):
        wanted = reference.output([("", DISTINCT)])
        rng = random.Random(7)
        out = self.path("out")
        kills = 0
        while True:
            running = self.start(
                "--work-dir", self.kept, "--resume", "-o", out, *self.HOW, self.input
            )
            try:
                # More and more patience: in the end enough for any machine.
                running.process.wait(rng.random() * 0.005 * 1.05**kills)
            except subprocess.TimeoutExpired:
                os.kill(running.pid, rng.choice([signal.SIGKILL, signal.SIGTERM]))
                kills += 1
            status = running.process.wait(SOON)
            self.assertIsNone(running.left_behind())
            if status == 0 and kills > 0:
                break
            if os.path.exists(out):  # killed behind its last deed, or done before it was killed
                self.same(self.read("out"), wanted)
                os.remove(out)
            self.assertLess(kills, 500, "it does not get on")
        self.same(self.read("out"), wanted)
        for name in set(os.listdir(self.work)) - {"input", "out"}:
            os.rmdir(self.path(name))  # killed before it was marked: empty, or this fails

    def test_interrupted_by_a_signal_it_keeps_what_is_done(self):
        running = self.begin()
        running.process.send_signal(signal.SIGINT)
        running.process.send_signal(signal.SIGCONT)
        self.assertEqual(running.process.wait(SOON), -signal.SIGINT)
        self.assertIsNone(running.left_behind())
        got = self.run_kept("--resume", "--stats", noisy=True)
        self.same(got.out, reference.output([("", DISTINCT)]))
        self.assertGreater(figures(got.err)["resumed"], 3)

    def test_without_resume_a_job_that_was_interrupted_is_refused_and_stays(self):
        self.interrupt()
        before = self.snapshot()
        self.assertIn(b"--resume", self.run_kept(status=1).err)
        self.assertEqual(self.snapshot(), before)

    def test_what_differs_is_said_and_nothing_is_touched(self):
        self.interrupt()
        before = self.snapshot()
        for more, words in (
            (["-r", 2], b"--reducers was 3, now it is 2 ("),
            (["-r", 0], b"--reducers was 3, now it is 0 ("),
            (["--split-size=90K"], b"--split-size was 81920 bytes, now it is 92160 bytes ("),
            (["--compress"], b"--compress was no, now it is yes ("),
            (["--format=csv"], b"--format was tsv, now it is csv ("),
            (["--top=5"], b"--top was all, now it is 5 ("),
            (["--sort=word"], b"the order (--sort) was by value, now it is by key ("),
            (["--reverse"], b"--reverse was no, now it is yes ("),
            (["-i"], b"--ignore-case (-i) is not what it was ("),
            (["-d", ","], b"--delimiter (-d) is not what it was ("),
            (["-d", "::"], b"--delimiter (-d) is not what it was ("),
            (["--match=."], b"--match is not what it was ("),
            (["-z"], b"--zero-terminated (-z) is not what it was ("),
            (["--min-count=2"], b"--min-count is not what it was ("),
            (["--drop-numeric"], b"--drop-numeric is not what it was ("),
            (["-O", self.path("parts")], b"an output of parts (--output-dir) was no, now it is yes ("),
        ):
            with self.subTest(more=more):
                got = self.run_kept("--resume", *more, status=1)
                self.assertIn(b"cannot resume from", got.err)
                self.assertIn(self.kept.encode(), got.err)
                self.assertIn(words, got.err)
                self.assertEqual(self.snapshot(), before)
        self.run_kept("--resume", "--max-attempts=9", "--task-timeout=100")

    def test_a_changed_input_is_named(self):
        self.interrupt()
        other = self.file("other", DISTINCT)
        about = os.stat(self.input)
        before = self.snapshot()
        got = self.wc("--work-dir", self.kept, "--resume", *self.HOW, other, status=1)
        self.assertIn(other.encode(), got.err)
        self.assertIn(self.input.encode(), got.err)
        got = self.wc("--work-dir", self.kept, "--resume", *self.HOW, self.input, other, status=1)
        self.assertIn(b"cannot resume", got.err)
        os.utime(self.input, (1, 1))
        got = self.run_kept("--resume", status=1)
        self.assertIn(self.input.encode(), got.err)
        self.assertIn(b"changed at 1.000000000", got.err)
        # In its middle, and then dated as before; another file of the same size and date.
        with open(self.input, "r+b") as file:
            file.seek(len(DISTINCT) // 2)
            file.write(b"x")
        os.utime(self.input, ns=(about.st_atime_ns, about.st_mtime_ns))
        self.assertIn(self.input.encode(), self.run_kept("--resume", status=1).err)
        os.utime(other, ns=(about.st_atime_ns, about.st_mtime_ns))
        os.rename(other, self.input)
        got = self.run_kept("--resume", status=1)
        self.assertIn(b"its state at", got.err)
        self.assertEqual(self.snapshot(), before)

    def test_on_another_machine_it_is_gone_on_with(self):
        """What was not asked for is as the files were made; what may differ may be asked for."""
        wanted = reference.output([("", DISTINCT)])
        how = ["-m", 2, "-r", 2, "--split-size=80K"]  # as on a machine with two processors
        affinity, space = os.sched_getaffinity(0), resource.getrlimit(resource.RLIMIT_AS)

        def one_cpu():
            os.sched_setaffinity(0, sorted(affinity)[:1])

        def less_memory():
            resource.setrlimit(resource.RLIMIT_AS, (400 << 20, space[1]))

        changes = [(one_cpu, []), (None, ["-m", 5]), (None, ["-S", "64M"]), (None, ["-S", "4G"])]
        if not CHECKING:
            changes.append((less_memory, []))
        for change, more in changes:
            with self.subTest(change=change, more=more):
                self.kill(self.begin(*how))
                try:
                    if change:
                        change()
                    got = self.wc(
                        "--work-dir", self.kept, "--resume", "--stats", *more, self.input, noisy=True
                    )
                finally:
                    os.sched_setaffinity(0, affinity)
                    resource.setrlimit(resource.RLIMIT_AS, space)
                self.same(got.out, wanted)
                self.assertGreater(figures(got.err)["resumed"], 3)

    def test_memory_that_is_too_little_for_what_was_made_is_refused(self):
        self.kill(self.begin("-S", "2G", "-m", 2, "-r", 300, "--split-size=80K"))
        before = self.snapshot()
        got = self.wc("--work-dir", self.kept, "--resume", "-S", "16M", self.input, status=1)
        self.assertIn(b"cannot go on with 16 MB of memory (--memory)", got.err)
        self.assertEqual(self.snapshot(), before)
        got = self.wc("--work-dir", self.kept, "--resume", "--stats", self.input, noisy=True)
        self.same(got.out, reference.output([("", DISTINCT)]))
        self.assertGreater(figures(got.err)["resumed"], 3)

    def lose_a_file(self, lines, combiner, reducer, lose=os.unlink):
        """Ends a run some of whose reducers are done, and resumes it in other memory when what the
        first mapper made is lost. Returns what comes out."""
        path, hold = self.file("values", lines), self.file("hold")
        reducer += (
            "; while [ $mapreduce_task_partition -gt 1 ] && [ -e '%s' ]; do sleep 0.05; done" % hold
        )
        how = [*combiner, "--reducer", reducer, "-r", 3, "--split-size=1M"]
        how += ["--work-dir", self.kept, path]
        running = self.start("--job=programs", "-S", "16M", "-m", 4, *how)
        wait_for(lambda: sum(name.startswith("reduce-") for name in self.names()) > 1)
        self.kill(running)
        os.unlink(hold)
        lose(os.path.join(self.kept, "map-0"))
        return self.wc("--job=programs", "--resume", "-S", "300M", "-m", 1, *how).out

    def test_a_lost_file_of_values_is_made_again_in_other_memory(self):
        """What is reduced already was made of the file as it was, with other lists of values."""
        lines = b"".join(b"k%d\t%d\n" % (i * i % 4999, i) for i in range(200000))

        def by_key(lines):
            found = collections.defaultdict(list)
            for line in lines.splitlines():
                found[line.split(b"\t")[0]].append(line)
            return found

        self.assertEqual(by_key(self.lose_a_file(lines, [], "cat")), by_key(lines))

    ADD = "awk -F '\t' '{ n[$1] += $2 } END { for (k in n) print k \"\\t\" n[k] }'"

    @large
    def test_a_lost_file_of_combined_values_is_made_again_in_other_memory(self):
        """And of fewer values or more: then what was reduced of it is reduced anew."""
        lines = b"".join(b"k%d\t1\n" % (i * i % 90001) for i in range(400000))
        wanted = collections.Counter(line.split(b"\t")[0] for line in lines.splitlines())

        for lose in os.unlink, damage:
            with self.subTest(lose.__name__):
                out = self.lose_a_file(lines, ["--combiner", self.ADD], self.ADD, lose)
                self.assertEqual(sorted(out.splitlines()),
                                 sorted(b"%s\t%d" % pair for pair in wanted.items()))

    def test_readers_of_a_file_that_is_found_damaged_late_are_done_anew(self):
        """Reducers that run one after the other, or some at once, meet the damage of their own part
        only: the others have reduced the file as it was, whose values are combined otherwise when
        it is made again."""
        lines = b"".join(b"k%d\t1\n" % (i * i % 9001) for i in range(100000))
        wanted = collections.Counter(line.split(b"\t")[0] for line in lines.splitlines())
        hold, begun = self.path("hold"), self.path("begun")
        reducer = ": >'%s'; %s; while [ -e '%s' ]; do sleep 0.05; done" % (begun, self.ADD, hold)
        how = ["--combiner", self.ADD, "--reducer", reducer, "-r", 8, "--split-size=300K"]
        how += ["--work-dir", self.kept, self.file("values", lines)]
        for share in 0.2, 0.5, 0.9:
            with self.subTest(share=share):
                self.file("hold")
                running = self.start("--job=programs", "-S", "16M", "-m", 2, *how)
                wait_for(lambda: os.path.exists(begun))
                self.kill(running)
                os.unlink(hold)
                damage(os.path.join(self.kept, "map-0"), share)
                more = ["--resume", "-S", "300M", "-m", 1, "--stats"]
                got = self.wc("--job=programs", *more, *how, noisy=True)
                self.assertEqual(sorted(got.out.splitlines()),
                                 sorted(b"%s\t%d" % pair for pair in wanted.items()))
                self.assertGreater(figures(got.err)["rerun"], 0)
                os.unlink(begun)

    def test_inputs_are_not_read_before_the_first_task(self):
        """Many inputs of which each is a hole: as many calls to read as without a work directory."""
        paths = []
        for i in range(300):
            paths.append(self.file(f"in/{i}"))
            os.truncate(paths[-1], 1 << 20)
        trace = self.path("trace")
        if shutil.which("strace") is None:
            self.skipTest("no strace")
        done = subprocess.run(
            ["strace", "-o", trace, "-e", "trace=pread64", PROGRAM, "--work-dir", self.kept, "-m1",
             "--split-size=1G", *paths],
            capture_output=True, env={**os.environ, **KILLABLE, "TMPDIR": self.temporary},
        )
        if not os.path.exists(trace) or b"ptrace" in done.stderr:
            self.skipTest("strace cannot be used here")
        self.assertEqual(done.returncode, 0, done.stderr)
        with open(trace) as file:
            reads = [line for line in file if "pread64" in line and "= 65536" in line]
        self.assertEqual(reads, [])

    def test_damaged_work_directories_give_the_same_output_or_are_refused(self):
        wanted = reference.output([("", DISTINCT)])
        rng = random.Random(8)
        for i in range(8):
            self.interrupt()
            damaged = rng.sample(sorted(self.names()), 3) + ["manifest"] * (i % 2)
            for name in damaged:
                path = os.path.join(self.kept, name)
                with open(path, "rb") as file:
                    data = bytearray(file.read()) or bytearray(b"x")
                data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
                with open(path, "wb") as file:
                    file.write(data[: rng.choice([len(data), len(data), rng.randrange(len(data))])])
            running = self.start("--work-dir", self.kept, "--resume", *self.HOW, self.input)
            out, err = running.process.communicate(timeout=SOON)
            self.assertIsNone(running.left_behind())
            if running.process.returncode == 0:
                self.same(out, wanted, damaged)
                continue
            self.assertEqual((running.process.returncode, out), (1, b""), damaged)
            self.assertRegex(
                err,
                rb"\Awc-mr: cannot (resume from .*remove it|use .*no 'wc-mr-marker').*\n\Z",
                damaged,
            )
            shutil.rmtree(self.kept)

    def test_two_runs_at_once_are_refused(self):
        running = self.begin()
        try:
            for more in ([], ["--resume"]):
                self.assertIn(b"another run has it", self.run_kept(*more, status=1).err)
        finally:
            running.process.send_signal(signal.SIGCONT)
        out, err = running.process.communicate(timeout=SOON)
        self.assertEqual((running.process.returncode, err), (0, b""))
        self.assertIsNone(running.left_behind())
        self.same(out, reference.output([("", DISTINCT)]))

    def test_a_directory_with_other_files_is_refused_and_untouched(self):
        os.mkdir(self.kept, 0o700)
        self.file("kept/map-0", b"a letter")
        for more in ([], ["--resume"]):
            self.assertIn(b"not empty", self.run_kept(*more, status=1).err)
        self.assertEqual(self.snapshot(), {"map-0": b"a letter"})

    def test_a_directory_that_others_can_write_to_is_refused(self):
        os.mkdir(self.kept)
        os.chmod(self.kept, 0o777)
        self.assertIn(b"others can write", self.run_kept(status=1).err)

    def test_a_place_that_is_no_directory_is_refused(self):
        self.file("kept", b"a letter")
        self.assertIn(self.kept.encode(), self.run_kept(status=1).err)
        self.assertEqual(self.read("kept"), b"a letter")

    def test_pipes_are_refused(self):
        for arguments in ([], ["-"], [self.input, "-"]):
            got = self.wc("--work-dir", self.kept, *arguments, input=b"a b", status=1)
            self.assertIn(b"cannot be read again", got.err)
            self.assertFalse(os.path.exists(self.kept))

    def test_resume_without_a_work_directory_is_wrong_usage(self):
        self.assertIn(b"--work-dir", self.wc("--resume", self.input, status=2).err)

    def test_a_failed_run_says_how_to_go_on(self):
        with open("/dev/full", "wb") as full:
            got = self.run_kept(stdout=full, status=1)
        self.assertIn(b"No space left on device", got.err)
        self.assertIn(b"--resume", got.err)
        self.assertIn(self.kept.encode(), got.err)
        got = self.run_kept("--resume", "--stats", noisy=True)
        self.same(got.out, reference.output([("", DISTINCT)]))
        self.assertGreater(figures(got.err)["resumed"], 3)


class Failing(Case):
    def big(self):
        return self.file("big", DISTINCT * 20)

    def test_a_stopped_worker_is_killed_and_its_task_done_again(self):
        path = self.big()
        for _ in range(100):
            # Others may stand still for a second, too, on a machine that is busy.
            running = self.start(
                "-m", 2, "--task-timeout=1", "--max-attempts=100", "--stats", "--top=3", path,
                environment=KILLABLE,
            )
            wait_for(lambda: workers(running) or running.process.poll() is not None)
            for worker in workers(running)[:1]:
                send(worker, signal.SIGSTOP)
            out, err = running.process.communicate(timeout=SOON)
            self.assertEqual(running.process.returncode, 0, err)
            self.assertIsNone(running.left_behind())
            self.same(out, reference.output([("", DISTINCT * 20)], top=3))
            if figures(err)["killed"]:
                self.assertEqual(figures(err)["again"], figures(err)["killed"])
                return
        self.fail("no worker was ever caught")

    def test_without_a_task_timeout_a_stopped_worker_is_waited_for(self):
        path = self.big()
        for _ in range(100):
            running = self.start(
                "-m", 1, "--task-timeout=0", "--stats", "--top=3", path, environment=KILLABLE
            )
            wait_for(lambda: workers(running) or running.process.poll() is not None)
            worker = next(iter(workers(running)), None)
            if worker and stop(worker):
                break
            running.process.communicate(timeout=SOON)
        else:
            self.fail("no worker was ever caught")
        time.sleep(2.5)
        self.assertIn(worker, workers(running))
        os.kill(worker, signal.SIGCONT)
        out, err = running.process.communicate(timeout=SOON)
        self.assertIsNone(running.left_behind())
        self.assertEqual((running.process.returncode, figures(err)["killed"]), (0, 0))

    def test_a_task_that_always_dies_is_named_with_the_end_of_each_attempt(self):
        path = self.big()
        for _ in range(100):
            running = self.start(
                "-m", 1, "--split-size=1G", "--max-attempts=3", "--top=3", path,
                environment=KILLABLE,
            )
            killed = set()
            while running.process.poll() is None:
                for worker in workers(running):
                    if worker not in killed and send(worker, signal.SIGKILL):
                        killed.add(worker)
            out, err = running.process.communicate(timeout=SOON)
            self.assertIsNone(running.left_behind())
            if b"map task 0" in err:
                break  # else an attempt was done before it could be killed
        self.assertEqual((running.process.returncode, out), (1, b""))
        self.assertEqual(
            err.decode(),
            f"wc-mr: map task 0 ('{path}', bytes 0 to {os.path.getsize(path)}) failed 3 times: "
            "attempts 1 to 3: killed by signal 9 (Killed, as the kernel does when memory is "
            "out; then try a smaller --memory)\n",
        )
        self.assertEqual(len(killed), 3)

    def test_a_second_interrupt_leaves_nothing_either(self):
        rng = random.Random(9)
        path = self.big()
        for option in ("-o", "-O"):
            for i in range(6):
                # It has no end without ours.
                running = self.start(
                    "-S", "16M", option, self.path("out"), path, "-", stdin=subprocess.PIPE
                )
                time.sleep(rng.random() * 0.1)
                for _ in range(2):
                    os.killpg(running.pid, signal.SIGINT)
                    time.sleep(rng.choice([0, 0.0001, 0.001]))
                self.assertEqual(running.process.wait(SOON), -signal.SIGINT)
                self.assertIsNone(running.left_behind())
                self.assertEqual(os.listdir(self.work), ["big"])


class Chaos(Case):
    WAYS = [
        ["-S", "16M"],
        ["-m", 3, "-r", 4],
        ["-m", 1, "-r", 1, "--compress"],
        ["-m", 4, "-r", 7, "--split-size=3K"],
        ["-S", "16M", "-r", 5, "--split-size=20K", "--compress"],
    ]
    MEANINGS = [
        {},
        {"top": 10},
        {"sort": "word", "format": "csv"},
        {"reverse": True, "min_count": 2},
        {"ignore_case": True, "drop_numeric": True, "format": "jsonl"},
    ]

    def test_the_output_is_the_same_for_any_seed_and_share(self):
        rng = random.Random(10)
        total = dict.fromkeys(FIGURES, 0)
        words = [b"%d" % (i * i) if i % 3 else b"Word%d" % i for i in range(3000)]
        for seed in range(10 if CHECKING else 40):
            data = b" ".join(rng.choices(words, k=30000))
            options = self.MEANINGS[seed % 5]
            way = list(self.WAYS[seed // 5 % 5])
            if seed % 3 == 0:
                way += ["--work-dir", self.path("kept")]
            stdin = data if seed % 4 == 1 and seed % 3 else None
            path = "-" if stdin else self.file("input", data)
            got = self.wc(
                f"--chaos={seed},{rng.choice([1, 10, 50, 100])}",
                "--stats",
                *way,
                *options_of(options),
                path,
                input=stdin,
                noisy=True,
            )
            self.same(got.out, reference.output([("", data)], **options), f"seed {seed}")
            self.assertFalse(os.path.exists(self.path("kept")))
            for name, value in figures(got.err).items():
                total[name] += value
        for name in ("again", "killed", "damaged", "rerun"):
            self.assertGreater(total[name], 0, name)

    @large
    def test_parts_and_files_are_the_same_too(self):
        path = self.file("input", DISTINCT)
        plain = self.path("plain")
        self.wc("-r", 3, "-O", plain, path)
        for seed in range(5):
            parts, out = self.path(f"parts{seed}"), self.path(f"out{seed}")
            self.wc("-r", 3, "--split-size=100K", f"--chaos={seed},60", "-O", parts, path)
            self.wc("-r", 3, "--split-size=100K", f"--chaos={seed},60", "-o", out, path)
            self.assertEqual(sorted(os.listdir(parts)), sorted(os.listdir(plain)))
            for name in os.listdir(plain):
                self.same(self.read(f"parts{seed}/{name}"), self.read(f"plain/{name}"), name)
            self.same(self.read(f"out{seed}"), reference.output([("", DISTINCT)]))

    def test_what_is_damaged_is_told_of_together(self):
        """What a task costs does not grow with their number: a reducer, or a merge of what is only
        sorted, does not end anew for each file that is damaged."""
        path = self.file("input", DISTINCT)
        for how in (["-r", 4], ["--job=sort"]):
            with self.subTest(how=how):
                split = f"--split-size={len(DISTINCT) // 300}b"
                way = [*how, "-m", 2, "--chaos=1,50", split, path]
                got = self.wc(*way, "--stats", noisy=True)
                numbers = figures(got.err)
                self.assertGreater(numbers["rerun"], 100)
                self.assertLess(4 * numbers["damaged"], numbers["rerun"])
                self.same(got.out, self.wc(*how, path).out)

    def test_with_one_attempt_nothing_is_struck(self):
        got = self.wc(
            "--chaos=1,100",
            "--max-attempts=1",
            "--stats",
            "--split-size=100K",
            self.file("input", DISTINCT),
            noisy=True,
        )
        numbers = figures(got.err)
        self.assertEqual((numbers["killed"], numbers["damaged"]), (0, 0))

    def test_what_is_no_seed_or_share_is_wrong_usage(self):
        path = self.file("input", b"a")
        for wrong in ("", "x", "1,", "1,0", "1,101", "1,x", "-1", ",5", "1,2,3"):
            with self.subTest(wrong=wrong):
                self.wc(f"--chaos={wrong}", path, status=2)


class DeadRuns(Case):
    def begin(self, option):
        """A run that has written temporary files and has begun its output."""
        running = self.start("-S", "16M", option, self.path("out"), stdin=subprocess.PIPE)
        for i in range(12):
            running.process.stdin.write(
                b"".join(b"%d-%d-%d\n" % (i, j, j * 7919) for j in range(60000))
            )
        running.process.stdin.flush()
        return running

    def hidden(self):
        """Output directories that are being made; a file has no name then (test_outputs.py)."""
        names = {name for name in os.listdir(self.work) if name.startswith(".wc-mr-")}
        return {name for name in names if os.path.isdir(self.path(name))}

    def test_what_they_left_goes_with_the_next_run_and_living_ones_keep_theirs(self):
        for option, count in (("-o", 0), ("-O", 1)):
            with self.subTest(option=option):
                dead = self.begin(option)
                dead_names, dead_hidden = set(os.listdir(self.temporary)), self.hidden()
                self.assertEqual((len(dead_names), len(dead_hidden)), (1, count))
                end_all(dead)
                self.assertEqual(set(os.listdir(self.temporary)), dead_names)
                self.assertEqual(self.hidden(), dead_hidden)
                living = self.begin(option)
                small = self.path("small")
                until = time.monotonic() + SOON
                while True:  # on a loaded machine none waits long for its janitor to sweep
                    third = self.start(option, small, self.file("input", b"a b a"))
                    self.assertEqual(third.process.wait(SOON), 0)
                    names, hidden = set(os.listdir(self.temporary)), self.hidden()
                    if not (names & dead_names or hidden & dead_hidden) or time.monotonic() > until:
                        break
                    os.remove(small) if option == "-o" else shutil.rmtree(small)
                self.assertEqual((len(names), len(hidden)), (1, count), "only the living one's")
                self.assertFalse(names & dead_names or hidden & dead_hidden)
                living.process.stdin.close()
                self.assertEqual(living.process.wait(SOON), 0)
                self.assertIsNone(living.left_behind())
                self.assertEqual(self.hidden(), set())
                out = self.path("out")
                for part in [out] if option == "-o" else [os.path.join(out, "_SUCCESS")]:
                    self.assertTrue(os.path.exists(part))
                for made in (out, small):
                    os.remove(made) if option == "-o" else shutil.rmtree(made)


if __name__ == "__main__":
    unittest.main()
