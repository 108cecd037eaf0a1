"""What the program takes of the machine: no more than it was given."""

import contextlib
import errno
import json
import os
import resource
import subprocess
import sys
import unittest

import reference
from support import CHECKING, DISTINCT, MB, PROGRAM, SOON, Case, family, large, memory, wait_for


def seen(err):
    """What --stats=json tells of the machine: CPUs, what limits them, MB of memory, what limits that."""
    machine = json.loads(err)["machine"]
    return machine["cpus"], machine["cpus_by"], machine["memory"] // MB, machine["memory_by"]


@contextlib.contextmanager
def cpus(count):
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(before)[:count])
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


@contextlib.contextmanager
def limit(kind, size):
    before = resource.getrlimit(kind)
    resource.setrlimit(kind, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(kind, before)


class Looking(unittest.TestCase):
    """How the tests see the memory that a run holds."""

    def test_all_that_a_process_and_its_child_hold_is_seen(self):
        holds = "import sys; held = b'x' * (32 << 20); print(flush=True); sys.stdin.read()"
        both = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {holds!r}]); {holds}"
        with subprocess.Popen(
            [sys.executable, "-c", both], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as process:
            process.stdout.readline()
            process.stdout.readline()
            held = memory(family(process.pid))
            process.communicate()
        self.assertGreater(held, 64 * MB)
        self.assertLess(held, 160 * MB)


class Processors(Case):
    @unittest.skipIf(len(os.sched_getaffinity(0)) < 2, "there is one processor")
    def test_as_many_workers_as_cpus_that_may_be_used(self):
        path = self.file("input", DISTINCT)
        if seen(self.wc("--stats=json", "-n0", path, noisy=True).err)[1] == "cgroup quota":
            self.skipTest("the tests themselves have a quota")
        with cpus(1):
            got = self.wc("--stats=json", "--top=3", path, noisy=True)
        self.assertEqual(seen(got.err)[:2], (1, "affinity"))
        for stage in ("map", "reduce"):
            self.assertEqual(json.loads(got.err)[stage]["tasks"], 1, stage)
        with cpus(2):
            got = self.wc("--stats=json", "--top=3", path, noisy=True)
        self.assertEqual(seen(got.err)[0], 2)
        self.assertEqual(json.loads(got.err)["map"]["tasks"], 2)


@unittest.skipIf(CHECKING, "a checking build maps more than any limit")
class AddressSpace(Case):
    @large
    def test_what_fits_by_default_is_what_the_limit_leaves(self):
        data = DISTINCT * 3
        wanted = reference.output([("", data)])
        path = self.file("input", data)
        for kind, name in ((resource.RLIMIT_AS, "ulimit -v"), (resource.RLIMIT_DATA, "ulimit -d")):
            for size in (500000 << 10, 200 * MB):
                for more in ([], ["-S", "100%"], ["-S", "100G"], ["-m", 8, "-r", 8]):
                    with self.subTest(name=name, size=size, more=more), limit(kind, size):
                        got = self.wc("--stats=json", *more, path, noisy=True)
                        self.same(got.out, wanted)
                        self.assertEqual(seen(got.err)[2:], (size // MB, name))
                        self.same(self.wc(*more, input=data).out, wanted)

    def test_a_percentage_is_of_what_may_be_used(self):
        path = self.file("input", b"a b a")
        with limit(resource.RLIMIT_AS, 150 * MB):
            self.assertIn(b"too little", self.wc("-S", "10%", path, status=2).err)
            self.assertEqual(self.wc("-S", "20%", path).out, b"a\t2\nb\t1\n")


def own_groups():
    """The directories of this process's control groups, by controller; "" is version 2."""
    found = {}
    with open("/proc/self/cgroup") as file:
        groups = [line.rstrip("\n").split(":", 2) for line in file]
    with open("/proc/self/mountinfo") as file:
        for line in file:
            left, _, right = line.partition(" - ")
            kind, _, options = right.split()[:3]
            root, place = left.split()[3:5]
            for number, controllers, path in groups:
                mine = kind == "cgroup2" if not controllers else kind == "cgroup" and (
                    set(controllers.split(",")) <= set(options.split(",")))
                if mine and root == "/":
                    for one in controllers.split(","):
                        found[one] = place + path.rstrip("/")
    return found


class Groups(Case):
    def setUp(self):
        super().setUp()
        self.made = []
        self.addCleanup(self.remove)

    def remove(self):
        for group in reversed(self.made):
            wait_for(lambda: self.removed(group))

    def removed(self, group):
        """Whether a group is gone: it stays while a process of it has not ended altogether."""
        try:
            os.rmdir(group)
        except OSError as error:
            if error.errno != errno.EBUSY:
                raise
            return False
        return True

    def group(self, controller, settings):
        """A group below this process's own, with these settings, or the test is skipped."""
        above = own_groups().get(controller)
        if above is None:
            self.skipTest(f"no control groups for {controller}")
        group = f"{above}/wc-mr-test-{os.getpid()}"
        try:
            os.mkdir(group)
            self.made.append(group)
            for name, value in settings.items():
                with open(f"{group}/{name}", "w") as file:
                    file.write(value)
        except OSError as error:
            self.skipTest(f"no control group of {controller} can be made: {error}")
        return group

    def run_in(self, group, *arguments):
        """Runs the program by a shell that goes into the group first."""
        script = 'echo $$ >"$0/cgroup.procs" && exec "$@"'
        return subprocess.run(
            ["sh", "-c", script, group, PROGRAM, *arguments],
            capture_output=True, timeout=SOON, env={**os.environ, "TMPDIR": self.temporary},
        )

    def check_memory(self, group):
        path = self.file("input", DISTINCT * 3)
        got = self.run_in(group, "--stats=json", path)
        self.assertEqual(got.returncode, 0, got.stderr)
        self.same(got.stdout, reference.output([("", DISTINCT * 3)]))
        self.assertEqual(seen(got.stderr)[2:], (100, "cgroup"))

    def check_cpus(self, group):
        got = self.run_in(group, "--stats=json", self.file("input", DISTINCT))
        self.assertEqual(got.returncode, 0, got.stderr)
        self.assertEqual(seen(got.stderr)[:2], (1, "cgroup quota"))

    def test_memory_of_version_1(self):
        self.check_memory(self.group("memory", {"memory.limit_in_bytes": str(100 * MB)}))

    def test_memory_of_version_2(self):
        self.check_memory(self.group("", {"memory.max": str(100 * MB)}))

    @unittest.skipIf(len(os.sched_getaffinity(0)) < 2, "there is one processor")
    def test_cpus_of_version_1(self):
        settings = {"cpu.cfs_period_us": "100000", "cpu.cfs_quota_us": "50000"}
        self.check_cpus(self.group("cpu", settings))

    @unittest.skipIf(len(os.sched_getaffinity(0)) < 2, "there is one processor")
    def test_cpus_of_version_2(self):
        self.check_cpus(self.group("", {"cpu.max": "50000 100000"}))


if __name__ == "__main__":
    unittest.main()
