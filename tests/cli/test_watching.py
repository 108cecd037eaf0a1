"""A run that is watched: its figures for programs; the line that says how far it is; its
trace; a page about it."""

import collections
import errno
import fcntl
import gzip
import html.parser
import itertools
import json
import math
import os
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import termios
import time

import reference
from support import DISTINCT, SOON, Case, stop, wait_for

TEXT = b"alpha beta beta\nGamma\n" * 3000


MANUAL = os.path.join(os.path.dirname(__file__), "..", "..", "jobs", "wc-mr.1")


def section(option):
    """What the manual says of an option."""
    with open(MANUAL) as file:
        text = file.read().replace("\\-", "-")
    return re.search(rf"(?s)\.TP\n\.\w+ {option}.*?\n\.TP\n", text)[0]


class Stats(Case):
    """--stats=json has all that --stats has."""

    def figures(self, *arguments, **more):
        got = self.wc(*arguments[:1], "--stats=json", *arguments[1:], noisy=True, **more)
        lines = got.err.decode().splitlines()
        return json.loads(lines[-1]), lines[:-1], got.out

    def test_each_figure(self):
        path = self.file("f", TEXT)
        hidden = self.file("d/.hidden", b"x")
        said, before, out = self.figures("-m2", "-r3", "--split-size=7K", path,
                                         os.path.dirname(hidden))
        self.assertEqual(out, reference.output([("", TEXT)]))
        self.assertEqual(len(before), 1, "the warning of a directory that gives no file")
        splits = said["map"]["tasks"]
        self.assertEqual(
            (said["job"], said["input_bytes"], said["emitted"], said["distinct"], said["written"],
             said["output_bytes"], said["passed_over"], said["attempts"], said["counters"]),
            ("wordcount", len(TEXT), 12000, 3, 3, len(out),
             {"hidden": 1, "directories": 0, "no_files": 0, "own": 0},
             splits + 3 + said["merge"]["tasks"], {}))
        self.assertGreater(splits, 5)
        self.assertEqual(said["reduce"]["tasks"], 3)
        self.assertGreater(said["peak_memory"], 1 << 16)
        if said["machine"]["cpus_by"] != "cgroup quota":  # that of the tests themselves
            self.assertEqual(said["machine"]["cpus"], len(os.sched_getaffinity(0)))
        for none in "retried killed damaged rerun resumed bad_records".split():
            self.assertEqual(said[none], 0, none)

    def test_distinct_keys_are_not_known_where_nothing_is_reduced(self):
        path = self.file("f", b"b\na\nb\n")
        for options, distinct in ((("-r1",), 2), (("-r0",), None), (("--job=sort",), None),
                                  (("--job=sort", "-u"), 2), (("-r2", "-n0"), 2)):
            with self.subTest(options=options):
                self.assertEqual(self.figures(*options, path)[0]["distinct"], distinct)
                text = self.wc(*options, "--stats", path, noisy=True).err
                self.assertEqual(b"distinct" in text, distinct is not None)

    def test_a_person_can_read_it(self):
        path = self.file("f", TEXT)
        said = self.wc("--stats", path, noisy=True).err.decode()
        self.assertRegex(said, r"^machine +\d+ CPUs( of \d+ \(.*\))?, [\d.]+ [MGT]B of .*memory.*\n")
        self.assertRegex(said, r"\ninput +66000 bytes \(66\.0 KB\)\n")
        self.assertRegex(self.wc("--job=sort", "--stats", path, noisy=True).err, rb"\nreduce  .* s +-  +0 tasks\n",
                         "no speed of what there is not")

    def test_lines_written_are_those_of_the_output(self):
        path = self.file("f", b"b\na\n" * 5000)
        for options in ((), ("--job=sort", "--mappers=3", "--reducers=2", "--split-size=1K"),
                        ("--job=sort", "-u"), ("-d\\n", "--format=lines"),
                        ("-d\\n", "--others", "-n1")):
            said, _, out = self.figures(*options, path)
            self.assertEqual(said["written"], out.count(b"\n"), options)

    def test_names_are_in_the_manual(self):

        def names(value):
            for name, each in value.items():
                yield name
                if isinstance(each, dict):
                    yield from names(each)

        path = self.file("f", b"a 1\n")
        said, _, _ = self.figures(path)
        known = list(names(said))
        for name in known:
            self.assertRegex(section("--stats"), rf"\b{name}\b")
        jobs = [line.split()[0] for line in self.wc("--list-jobs").out.decode().splitlines()]
        self.assertGreater(len(jobs), 8)
        asked = {"grep": ["a"], "join": [path], "sum": ["-k1", "-v2"], "programs": ["--mapper=cat"]}
        for job in jobs:
            said, _, _ = self.figures("--job=" + job, *asked.get(job, []), path)
            self.assertEqual(said["job"], job)
            said["counters"] = {}  # which are the job's own
            self.assertEqual(list(names(said)), known)

    def test_of_a_run_with_kills_and_counters(self):
        path = self.file("f", b"a b\n1 2\n" * 9000)
        for seed in range(100):  # a try may end before it is struck
            said, _, _ = self.figures("--mapper=sed s/a/c/; echo reporter:counter:g,n,2 >&2",
                                      f"--chaos={seed},40", "-m2", "--split-size=9K", path)
            self.assertEqual(said["counters"], {"g,n": 2 * said["map"]["tasks"]})
            if said["killed"] > 0:
                return
        self.fail("no try was ever struck")

    def test_a_run_that_fails_has_none(self):
        self.assertNotIn(b"{", self.wc("--stats=json", self.path("none"), status=1).err)

    def test_lines_of_verbose_say_how_many_are_done(self):
        got = self.wc("-v", "-m2", "-r2", "--split-size=7K", self.file("f", TEXT), noisy=True)
        done = re.findall(r"(?m)^wc-mr: (\w+) task .* \((\d+) of (\d+) tasks\)", got.err.decode())
        for stage in ("map", "reduce", "merge"):
            of = [(int(n), int(all)) for name, n, all in done if name == stage]
            self.assertEqual([n for n, _ in of], list(range(1, len(of) + 1)), stage)
            self.assertEqual({all for _, all in of}, {len(of)}, stage)


CLEAR = "\r\x1b[J"


class Screen:
    """A terminal: what stands on it after bytes that use what the program uses."""

    def __init__(self):
        self.lines, self.row, self.column = [""], 0, 0

    def write(self, text):
        for part in re.findall(r"\x1b\[[0-9;?]*[A-Za-z]|\r|\n|[^\x1b\r\n]+|.", text, re.S):
            if part == "\r":
                self.column = 0
            elif part == "\n":
                self.row += 1
                self.lines[self.row:] = self.lines[self.row:] or [""]
            elif part == "\x1b[J":
                self.lines[self.row:] = [self.lines[self.row][:self.column]]
            elif part[0] == "\x1b":
                raise AssertionError(f"an escape that this terminal does not know: {part!r}")
            else:
                line = self.lines[self.row].ljust(self.column)
                self.lines[self.row] = line[:self.column] + part + line[self.column + len(part):]
                self.column += len(part)
        return self


class Progress(Case):
    """The line on a terminal. Mappers that sleep give it time, and cost none."""

    MAPPER = "--mapper=sleep 0.2; cat"
    HOW = ["-m2", "--split-size=1K"]

    def terminal(self, columns):
        reading, writing = pty.openpty()
        self.addCleanup(os.close, reading)
        self.resize(reading, columns)
        return reading, writing

    def resize(self, terminal, columns):
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("4H", 24, columns, 0, 0))

    def watched(self, *arguments, columns=80, each=None, status=0, term="xterm", **more):
        """What a run writes to a terminal, and to standard output. each is called with all of the
        former at each piece."""
        reading, writing = self.terminal(columns)
        more.setdefault("stdout", subprocess.PIPE)
        if more["stdout"] == "terminal":
            more["stdout"] = writing
        environment = {"TERM": term, **more.pop("environment", {})}
        running = self.start(*arguments, stderr=writing, environment=environment, **more)
        os.close(writing)
        said = b""
        while True:
            try:
                piece = os.read(reading, 65536)
            except OSError as error:  # the terminal's end
                self.assertEqual(error.errno, errno.EIO)
                break
            said += piece
            if each:
                each(said.decode(), reading, running)
        out = running.process.stdout.read() if running.process.stdout else b""
        self.assertEqual(running.process.wait(), status)
        self.assertIsNone(running.left_behind())
        return said.decode(), out

    def frames(self, said):
        return re.findall(r"\r\x1b\[J([^\r\n]+)\r", said)

    def hold_until(self, seen):
        """What has mappers wait until the frames on the terminal suffice, and who looks at these."""
        hold = self.file("hold")

        def look(said, *_):
            if os.path.exists(hold) and seen(self.frames(said)):
                os.unlink(hold)

        return f"while [ -e {hold} ]; do sleep 0.02; done", look

    def slow(self, pieces=6):
        return self.file("slow", b"word\n" * (200 * pieces))

    def test_it_fits_and_is_gone_when_done(self):
        path = self.slow()
        wanted = self.wc("--mapper=cat", path).out
        seen = {}
        for columns in (1, 40, 200):
            began = time.monotonic()
            mapper, look = self.MAPPER, None
            if columns > 1:
                wait, look = self.hold_until(lambda frames: any(
                    re.search(r"^map .* left$" if columns == 40 else r"3/6 tasks", frame)
                    for frame in frames))
                mapper = f"--mapper=[ $WC_MR_TASK -lt 3 ] || {wait}; cat"
            said, out = self.watched(mapper, *self.HOW, path, columns=columns, each=look)
            self.assertEqual(out, wanted)
            frames = self.frames(said)
            self.assertLessEqual(max(map(len, frames), default=0), max(columns - 1, 0))
            self.assertEqual(Screen().write(said).lines, [""], columns)
            took = time.monotonic() - began
            self.assertLess(len(frames), 10 * took, "at most ten a second, after half of one")
            seen[columns] = frames
        self.assertEqual(seen[1], [])
        maps = [frame for frame in seen[200] if frame.startswith("map")]
        for frame in maps:
            self.assertRegex(
                frame, r"^map \d+%  [\d.]+ \w+/6\.0 KB  [\d.]+ \w+/s  \d/6 tasks  \d workers?  "
                       r"[\d.]+ \w+/[\d.]+ .B memory(  \d:\d\d left)?$")
        done = [int(re.search(r"(\d)/6", frame)[1]) for frame in maps]
        self.assertEqual(done, sorted(done))
        self.assertGreater(done[-1], 1)
        self.assertTrue(any(re.search(r"^map \d+%.* left$", frame) for frame in seen[40]), seen[40])

    def test_a_run_of_less_than_half_a_second_has_none(self):
        for _ in range(20):  # for a machine that is busy
            began = time.monotonic()
            said, _ = self.watched("--mapper=cat", self.slow())
            if time.monotonic() - began < 0.5:
                self.assertEqual(said, "")
                return
        self.skipTest("no run takes less here")

    def test_a_terminal_that_gets_narrower(self):
        mark = "narrower from here on"
        wait, look = self.hold_until(lambda frames: len(self.frames(told[-1].partition(mark)[2])) > 2)
        told, narrowed = [], []

        def narrow(said, terminal, running):
            told.append(said)
            if len(self.frames(said)) >= 2 and not narrowed:
                # It stands still meanwhile: what it has written before stands before the mark.
                self.assertTrue(stop(running.pid))
                with open(f"/proc/{running.pid}/fd/2", "wb", 0) as end:
                    end.write(mark.encode())
                self.resize(terminal, 30)
                running.process.send_signal(signal.SIGCONT)
                narrowed.append(True)
            look(said)

        said, _ = self.watched(f"--mapper={wait}; cat", *self.HOW, self.slow(), columns=120, each=narrow)
        before, _, after = said.partition(mark)
        self.assertGreater(max(map(len, self.frames(before))), 60)
        after = self.frames(after)[1:]  # one may have been on its way
        self.assertTrue(after)
        self.assertLess(max(map(len, after)), 30)

    def test_it_does_not_mix_with_messages(self):
        mapper = "--mapper=sleep 0.2; echo of the program >&2; cat"
        said, _ = self.watched(mapper, "-v", "--progress=always", *self.HOW, self.slow())
        self.assertGreater(len(self.frames(said)), 1)
        lines = Screen().write(said).lines
        self.assertEqual(lines.pop(), "")
        self.assertEqual(lines.count("of the program"), 6)
        told = [line for line in lines if re.fullmatch(r"wc-mr: \w+ task .* attempt 1", line)]
        self.assertEqual(len(told) + 6, len(lines), lines)

    def test_it_does_not_mix_with_the_output(self):
        path = self.slow()
        wanted = self.wc("--mapper=cat", path).out.decode()
        wait, look = self.hold_until(lambda frames: frames)
        said, _ = self.watched(f"--mapper={wait}; cat", *self.HOW, path, stdout="terminal", each=look)
        self.assertTrue(said.endswith(CLEAR + wanted.replace("\n", "\r\n")), said[-200:])

    def test_where_there_is_none(self):
        path = self.slow()
        command = [self.MAPPER, *self.HOW, path]
        for more in ({"term": "dumb"}, {"term": ""}):
            self.assertEqual(self.watched(*command, **more)[0], "", more)
        self.assertEqual(self.watched("--progress=never", *command[1:], self.MAPPER)[0], "")
        self.assertEqual(self.wc(*command).err, b"")
        said, _ = self.watched(*command, "--progress=always",
                               environment={"NO_COLOR": "1"})
        self.assertEqual(set(re.findall(r"\x1b\[.*?[A-Za-z]", said)), {"\x1b[J"})

    def test_lines_where_there_is_no_terminal(self):
        for where in (self.wc("--progress=always", self.file("f", TEXT), noisy=True).err.decode(),
                      self.watched("--progress=always", self.file("f", TEXT), term="dumb")[0]):
            self.assertNotIn("\x1b", where)
            # One as a stage begins, and one more for each second that it takes.
            stages = itertools.groupby(line.split()[1] for line in where.splitlines())
            self.assertEqual([stage for stage, _ in stages], ["map", "reduce", "merge"])
        said, _ = self.watched("--progress=always", self.file("f", TEXT))
        self.assertGreaterEqual(len(self.frames(said)), 2, "at once")

    def test_objects(self):
        hold = self.file("hold")
        running = self.start(
            "--progress=json", *self.HOW, self.slow(4),
            f"--mapper=[ $WC_MR_TASK -lt 2 ] || while [ -e {hold} ]; do sleep 0.02; done; cat")
        objects, later = [], None
        for line in running.process.stderr:
            objects.append(json.loads(line))
            if later is None and objects[-1]["bytes"] > 1 and (objects[-1]["rate"] or 0) > 1:
                later = objects[-1]
                os.unlink(hold)
        self.assertEqual(running.process.wait(), 0)
        self.assertIsNone(running.left_behind())
        self.assertRegex(" ".join(each["stage"] for each in objects), r"^map( map)+( merge)+$")
        first = objects[0]
        self.assertEqual((first["bytes"], first["bytes_all"], first["tasks"], first["left"]),
                         (0, 4000, 4, None))
        self.assertEqual((later["stage"], later["bytes_all"]), ("map", 4000))
        self.assertLessEqual(later["done"] + later["workers"], 4)
        self.assertGreater(later["memory_all"], later["memory"])
        for name in first:
            self.assertRegex(section("--progress"), rf"\b{name}\b")

    def test_a_pipe_has_a_rate_and_no_end(self):
        said = self.wc("--progress=always", input=TEXT, noisy=True).err.decode()
        self.assertRegex(said.splitlines()[0], r"^wc-mr: map  0 bytes  0/\d tasks")

    def test_a_signal_asks_for_one_line(self):
        hold = self.file("hold")
        running = self.start(f"--mapper=echo go >&2; while [ -e {hold} ]; do sleep 0.02; done; cat",
                             "--progress=never", self.slow(1))
        self.assertEqual(running.process.stderr.readline(), b"go\n")
        running.process.send_signal(signal.SIGUSR1)
        err = running.process.stderr.readline()
        os.unlink(hold)
        err += running.process.communicate()[1]
        self.assertIsNone(running.left_behind())
        self.assertEqual(running.process.returncode, 0)
        self.assertRegex(err, rb"^wc-mr: map \d+%  [^\n]*/1 tasks[^\n]*\n$")

    def test_one_that_comes_before_the_run_has_begun_is_answered(self):
        path = self.path("list")
        os.mkfifo(path)
        running = self.start("--exclude-from", path, self.file("f", b"a b\n"))
        with open(path, "wb") as pipe:  # once the command line is being read
            running.process.send_signal(signal.SIGUSR1)
            pipe.write(b"a\n")
        out, err = running.process.communicate()
        self.assertEqual((out, err[:13]), (b"b\t1\n", b"wc-mr: map 0%"))

    def test_one_that_was_ignored_stays_so(self):
        self.file("hold")
        mapper = "--mapper=>begun; while [ -e hold ]; do sleep 0.02; done; cat"
        got = self.script(f"trap '' USR1; $W '{mapper}' {self.slow(2)} >/dev/null & "
                          "until [ -e begun ]; do sleep 0.02; done; kill -USR1 $!; rm hold; wait $!")
        self.assertEqual(got.stderr, b"")

    def test_a_run_that_fails_leaves_its_message_alone(self):
        wait, look = self.hold_until(lambda frames: frames)
        said, _ = self.watched(f"--mapper={wait}; exit 3", "--max-attempts=1", self.slow(1), status=1,
                               each=look)
        self.assertTrue(self.frames(said))
        self.assertRegex("\n".join(Screen().write(said).lines), r"^wc-mr: [^\n]*status 3[^\n]*\n$")

    def test_a_terminal_that_takes_nothing_holds_nobody_up(self):
        reading, writing = self.terminal(80)
        fcntl.fcntl(writing, fcntl.F_SETFL, os.O_NONBLOCK)
        while True:
            try:
                os.write(writing, b"x" * 4096)
            except BlockingIOError:
                break
        running = self.start("--progress=always", "-o", self.path("out"), *self.HOW, self.MAPPER,
                             self.slow(), stderr=writing, environment={"TERM": "xterm"})
        self.assertEqual(running.process.wait(timeout=SOON), 0)
        self.assertIsNone(running.left_behind())
        os.close(writing)


class Trace(Case):
    """--trace: what viewers ask of one holds, whatever the run goes through."""

    def trace(self, name="t.json"):
        text = self.read(name).decode()
        if not text.endswith("\n]\n"):  # of a run that was killed: an array need not be closed
            text = text[:text.rindex("\n")].rstrip(",") + "]" if not text.endswith("}") else text + "]"
        self.assertTrue(all(line[0] in "[{]," for line in text.splitlines()), "an event a line")
        return json.loads(text)

    def hold(self, events, whole=True):
        """Holds the rules, and returns the attempts: what began each, and what ended it."""
        last, open_rows, named, arrows, attempts = 0, collections.defaultdict(list), {}, {}, []
        left = {}  # when an arrow did, of each row
        self.assertEqual(len({e["pid"] for e in events}), 1)
        for e in events:
            kind, row = e["ph"], e["tid"]
            if kind == "M":
                self.assertIn(e["name"], ("process_name", "thread_name"))
                if e["name"] == "thread_name":
                    self.assertNotIn(row, named, "a row has one name")
                    named[row] = e["args"]["name"]
                continue
            self.assertGreaterEqual(e["ts"], last, "in order")
            last = e["ts"]
            if kind == "B":
                self.assertIn(row, named)
                self.assertEqual(open_rows[row], [], "slices of a row do not overlap")
                self.assertTrue(e["name"] and e["cat"])
                open_rows[row].append(e)
            elif kind == "E":
                began = open_rows[row].pop()
                self.assertGreater(e["ts"], left.pop(row, -1), "an arrow does not begin at its slice's end")
                if began["cat"] not in ("stage", "run"):
                    attempts.append((began, e))
            elif kind == "C":
                self.assertEqual([type(n) for n in e["args"].values()], [int])
            elif kind == "s":
                self.assertNotIn(e["id"], arrows)
                self.assertTrue(open_rows[row], "an arrow begins in a slice")
                arrows[e["id"]] = e
                left[row] = e["ts"]
            elif kind == "f":
                self.assertTrue(open_rows[row], "and ends in one")
                self.assertEqual(e["bp"], "e")
                del arrows[e["id"]]
            else:
                self.assertEqual((kind, e["s"]), ("i", "g"))
        if whole:
            self.assertEqual([e for row in open_rows.values() for e in row], [])
            self.assertEqual(arrows, {})
        self.assertEqual([named[row] for row in sorted(named)], sorted(named.values()), "they sort")
        rows = {e["tid"]: e for e in events if e["ph"] == "B"}
        for e in events:
            kind = {"run": "stage", "run: feeder": "feed", "run: janitor": "run"}.get(named[e["tid"]])
            if e["ph"] == "B":
                self.assertEqual(e["cat"] if kind else "a worker's", kind or "a worker's")
        self.assertEqual([named[row] for row, e in rows.items() if e["name"] == "janitor"],
                         ["run: janitor"])
        self.assertEqual(sum(e["ph"] == "B" and e["name"] == "janitor" for e in events), 1)
        return attempts

    def test_runs_with_kills_and_damage(self):
        path = self.file("f", DISTINCT)
        wanted = reference.output([("", DISTINCT)])
        for seed, more, given in ((1, [path], None), (2, ["-S16M", "-m3", "-r5", path], None),
                                  (3, ["--work-dir", self.path("w"), path], None), (4, ["-S16M"], DISTINCT)):
            got = self.wc("--stats=json", f"--chaos={seed},50", "--split-size=300K", "-m2",
                          "--trace", self.path("t.json"), *more, noisy=True, input=given)
            self.assertEqual(got.out, wanted)
            said = json.loads(got.err.splitlines()[-1])
            events = self.trace()
            attempts = self.hold(events)
            self.assertEqual(len(attempts), said["attempts"])
            ends = collections.Counter(end["args"]["end"] for _, end in attempts)
            self.assertEqual(ends["tried again"], said["retried"])
            kinds = collections.Counter(e["ph"] for e in events)
            self.assertGreaterEqual(kinds["s"], said["retried"] + said["rerun"])
            self.assertEqual(kinds["s"], kinds["f"])
            self.assertEqual(sum(e["name"] == "damage" for e in events if e["ph"] == "i"),
                             said["damaged"])
            maps = [end["args"]["bytes"] for began, end in attempts
                    if began["cat"] == "map" and end["args"]["end"] == "done"]
            self.assertGreaterEqual(sum(maps), len(DISTINCT))
            curves = {e["name"] for e in events if e["ph"] == "C"}
            self.assertEqual(curves, {"memory", "on disk", "read", "processes"})
            stages = [e["name"] for e in events if e["ph"] == "B" and e["tid"] == 0]
            self.assertEqual((stages[0], stages[-1]), ("map", "merge"))

    def test_a_pipe(self):
        packed = gzip.compress(DISTINCT)
        for text in (DISTINCT, packed):
            self.wc("-m2", "--trace", self.path("t.json"), input=text)
            attempts = self.hold(self.trace())
            (feeder, ended), = [each for each in attempts if each[0]["cat"] == "feed"]
            self.assertIn("standard input", feeder["args"]["about"])
            self.assertEqual(ended["args"]["read"], len(text))
            mapped = [end["args"]["bytes"] for began, end in attempts if began["cat"] == "map"]
            self.assertEqual(sum(mapped), len(DISTINCT))
            workers = {began["tid"] for began, _ in attempts if began["cat"] != "feed"}
            self.assertEqual(sorted(workers), list(range(min(workers), max(workers) + 1)),
                             "the feeder has taken no worker's row")

    def test_many_small_files(self):
        names = [self.file(f"d/{i}", b"a b\n" * i) for i in range(60)]
        self.wc("-m2", "--trace", self.path("t.json"), *names)
        read = [end["args"]["read"] for began, end in self.hold(self.trace())
                if began["cat"] == "map"]
        self.assertEqual(sum(read), sum(4 * i for i in range(60)))

    def test_each_stage_reads_what_there_is_to_read(self):
        path = self.file("f", DISTINCT)
        for job in ["--job=wordcount"], ["--job=sort"], ["--job=index"], ["--compress"]:
            said = self.wc(*job, "--progress=json", "--trace", self.path("t.json"), path, noisy=True).err
            read = collections.Counter()
            for began, end in self.hold(self.trace()):
                read[began["cat"]] += end["args"]["read"]
            wanted = {each["stage"]: each["bytes_all"] for each in map(json.loads, said.splitlines())}
            self.assertEqual(set(read), set(wanted))
            for stage, bytes_all in wanted.items():  # some of a run twice, where ranges meet
                self.assertGreater(read[stage], 0.8 * bytes_all, (job, stage))
                self.assertLess(read[stage], 2 * bytes_all, (job, stage))

    def test_a_stage_without_tasks_has_nothing_to_read(self):
        said = self.wc("--mapper=cat", "--progress=json", "-O", self.path("parts"),
                       self.file("f", b"a\n"), noisy=True).err
        last = json.loads(said.splitlines()[-1])
        self.assertEqual((last["stage"], last["tasks"], last["bytes_all"]), ("merge", 0, None))

    def test_a_run_that_fails(self):
        self.wc("--mapper=exit 3", "--max-attempts=2", "--trace", self.path("t.json"),
                self.file("f", b"a\n"), status=1, noisy=True)
        attempts = self.hold(self.trace(), whole=False)
        self.assertEqual([end["args"]["end"] for _, end in attempts], ["tried again", "failed"])
        self.assertIn("status 3", attempts[0][1]["args"]["why"])

    def test_a_run_that_is_killed(self):
        for number in (signal.SIGTERM, signal.SIGKILL):
            running = self.start("--mapper=echo go >&2; sleep 1000", "--trace", self.path("t.json"),
                                 self.file("f", b"a\n"))
            self.assertTrue(running.process.stderr.read(1))
            wait_for(lambda: b"map 0" in self.read("t.json"))
            running.process.send_signal(number)
            running.process.wait()
            self.assertIsNone(running.left_behind())
            events = self.trace()
            self.hold(events, whole=number != signal.SIGKILL)
            self.assertIn("map 0", [e.get("name") for e in events])

    def test_a_janitor_that_is_killed(self):
        hold = self.file("hold")
        running = self.start(f"--mapper=while [ -e {hold} ]; do sleep 0.02; done; cat", "--trace",
                             self.path("t.json"), self.file("f", b"a\n"))
        wait_for(lambda: os.path.exists(self.path("t.json"))
                 and re.search(rb'janitor","args":{"pid"[^\n]*\n', self.read("t.json")))
        janitor, = [e for e in self.trace() if e["name"] == "janitor"]
        os.kill(janitor["args"]["pid"], signal.SIGKILL)
        os.unlink(hold)
        self.assertEqual((running.process.wait(), running.process.stdout.read()), (0, b"a\n"))
        self.assertIsNone(running.left_behind())
        events = self.trace()
        self.hold(events)
        ended, = [e for e in events if e["ph"] == "E" and e["tid"] == janitor["tid"]]
        self.assertEqual(ended["args"]["signal"], signal.SIGKILL)

    def test_hostile_names(self):
        name = self.file("</script>\"'\n\xff\\.txt".encode("latin-1").decode("latin-1"), b"a")
        self.wc("--trace", self.path("t.json"), name)
        self.hold(self.trace())

    def test_what_cannot_be_written_harms_nobody(self):
        path = self.file("f", TEXT)
        wanted = reference.output([("", TEXT)])
        got = self.wc("--trace=/dev/full", path, noisy=True)
        self.assertEqual(got.out, wanted)
        self.assertRegex(got.err, b"^wc-mr: warning: the trace is not whole: .*No space left.*\n$")
        for name, why in ((self.path("none/t"), b"No such file"), ("/", b"irectory")):
            self.assertIn(why, self.wc("--trace", name, path, status=1).err)
        self.assertIn(b"an empty one", self.wc("--trace", "", path, status=2).err)

    def test_a_reader_that_is_slow_holds_nobody_up(self):
        path = self.path("pipe")
        os.mkfifo(path)
        reading = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        self.addCleanup(os.close, reading)
        fcntl.fcntl(reading, 1031, 4096)  # F_SETPIPE_SZ; Python has no name for it before 3.10
        got = self.wc("--trace", path, "--split-size=100K", "-m2", self.file("f", DISTINCT), noisy=True)
        self.assertEqual(got.out, reference.output([("", DISTINCT)]))
        self.assertIn(b"did not take", got.err)

    def test_no_file_that_the_run_needs_is_written_over(self):
        path = self.file("f", TEXT)
        os.link(path, self.path("link"))
        for trace, more in ((path, []), (self.path("link"), []), (self.path("x"), ["-o", self.path("x")]),
                            (self.path("w/../x"), ["-o", self.path("x")])):
            os.makedirs(self.path("w"), exist_ok=True)
            got = self.wc("--trace", trace, *more, path, status=1)
            self.assertIn(b"cannot write", got.err)
            self.assertEqual(self.read("f"), TEXT)
            self.assertFalse(os.path.exists(self.path("x")))


    def test_what_else_the_run_writes_is_elsewhere(self):
        path, out, x = self.file("f", TEXT), self.path("out"), self.path("x")
        self.wc("-O", out, path)
        before = self.read("out/part-r-00000")
        for name in "out", "out/t", "out/part-r-00000", "out/../out/_SUCCESS", "new":
            for option in "--trace", "--report", "--bad-records":
                got = self.wc(option, self.path(name), "--skip-bad-records=1", "--overwrite", "-O",
                              self.path("new") if name == "new" else out, path, status=1)
                self.assertIn(b"cannot write", got.err)
                self.assertEqual(sorted(os.listdir(out)), ["_SUCCESS", "part-r-00000"])
                self.assertEqual(self.read("out/part-r-00000"), before)
        for option in "--trace", "--report":
            got = self.wc(option, x, "--skip-bad-records=1", "--bad-records", x, path, status=1)
            self.assertIn(b"two things that the run writes", got.err)
        self.assertEqual(sorted(os.listdir(self.work)), ["f", "out"])


class DryRun(Case):
    """--dry-run says what a run then does, and does nothing."""

    def said(self, *arguments, **more):
        out = self.wc("--dry-run", *arguments, **more).out.decode()
        return {line[:16].strip(): line[17:] for line in out.splitlines()}

    def test_it_says_what_is_done_then(self):
        for name in ("d/a", "d/b", "d/_hidden"):
            self.file(name, DISTINCT[:300000])
        for more, parts in ((["-m2", "-r3", "--split-size=40K"], 3), (["-r5", "-S20M"], 5),
                            (["-r0", "--split-size=90K"], None)):
            said = self.said(*more, "-O", self.path("out"), self.path("d"))
            self.assertEqual(os.listdir(self.work), ["d"])
            got = self.wc("--stats=json", *more, "-O", self.path("out"), self.path("d"), noisy=True)
            done = json.loads(got.err.splitlines()[-1])
            self.assertEqual(said["input"], "2 files, 600.0 KB")
            self.assertEqual(done["input_bytes"], 600000)
            self.assertTrue(said["passed over"].startswith("1 hidden names, 0 "))
            tasks = int(said["map"].split()[0])
            self.assertEqual(tasks, done["map"]["tasks"])
            self.assertEqual(said["reduce"].split()[0], str(parts) if parts else "none")
            self.assertIn(f" of {parts or tasks} parts", said["output"])
            self.assertEqual(said["temporary files"] == "for large records only", parts is None)
            self.assertEqual(len(os.listdir(self.path("out"))), (parts or tasks) + 1)
            self.assertIn(self.temporary, said["disk"])
            shutil.rmtree(self.path("out"))
        self.assertTrue(self.said("-S", "64M", self.path("d"))["memory"].startswith("67.1 MB for all"))

    def test_nothing_is_opened_or_made(self):
        for name in ("in", "out"):
            os.mkfifo(self.path(name))
        path = self.file("f", b"a")
        before = sorted(os.listdir(self.work))
        said = self.said(self.path("in"), path, "-o", self.path("out"), timeout=SOON)
        self.assertEqual(said["input"], "1 file, 1 bytes; 1 stream, of unknown length")
        self.assertRegex(said["map"], "^1 task of .*, and as many tasks as streams take; ")
        alone = self.said(self.path("in"), timeout=SOON)
        self.assertRegex(alone["map"], "^as many tasks as streams take; ")
        self.assertEqual(alone["temporary files"], "of streams nobody knows how much")
        kept = self.said(path, "--work-dir", self.path("w"))
        self.assertEqual(kept["disk"], f"all of that, kept until the output is whole, in '{self.path('w')}'")
        self.assertEqual(said["output"], f"'{self.path('out')}'")
        for more in (["-o", self.path("new")], ["--work-dir", self.path("w")],
                     ["--trace", self.path("t")], ["--skip-bad-records=1", "--bad-records", self.path("b")]):
            self.said(path, *more)
        self.assertEqual(sorted(os.listdir(self.work)), before)

    def test_what_is_refused_is_refused(self):
        path = self.file("f", b"a")
        for more in ([self.path("none")], ["-o", path, path], ["-S", "16M", "-r4000", path],
                     ["--trace", path, path], ["-O", self.work, path],
                     ["-O", self.path("none/out"), path], ["-T", self.path("none"), path],
                     ["--work-dir", self.path("w"), "-"], [path, self.file("e.gz", b"")],
                     ["--split-size=1K", self.file("large.zip", b"PK\3\4" + b"a" * 10000)]):
            got = self.wc("--dry-run", *more, status=1)
            plain = self.wc(*more, status=1)
            self.assertEqual(got.err, plain.err)
        self.wc("--dry-run", "--force-bytes", self.path("e.gz"))
        # Small files are not opened.
        self.wc("--dry-run", self.file("small.zip", b"PK\3\4"))

    def test_it_may_be_printed_nowhere(self):
        with open("/dev/full", "wb") as full:
            self.wc("--dry-run", self.file("f", b"a"), stdout=full, status=1)


class Page(html.parser.HTMLParser):
    """What is in a page: its elements, its text, the rows of its tables, and the data for
    programs. Each must be closed."""

    VOID = {"meta", "rect", "line"}

    def __init__(self, text):
        super().__init__()
        self.open, self.elements, self.attributes, self.data, self.text = [], [], [], "", ""
        self.rows = []
        self.feed(text)
        self.close()
        if self.open:
            raise AssertionError(f"not closed: {self.open}")

    def handle_starttag(self, tag, attributes):
        self.elements.append(tag)
        self.attributes += [(tag, *each) for each in attributes]
        if tag == "tr":
            self.rows.append([])
        elif tag in ("th", "td"):
            self.rows[-1].append("")
        if tag not in self.VOID or (tag == "rect" and not self.get_starttag_text().endswith("/>")):
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.elements.append(tag)
        self.attributes += [(tag, *each) for each in attributes]

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            raise AssertionError(f"</{tag}> closes {self.open}")

    def handle_data(self, data):
        if self.open and self.open[-1] == "script":
            self.data += data
        elif self.open and self.open[-1] != "style":
            self.text += data
            if "tr" in self.open:
                self.rows[-1][-1] += data


class Report(Case):
    """--report: a page that stands alone and says what happened."""

    def page(self, *arguments, name="r.html", **more):
        got = self.wc("--report", self.path(name), *arguments, **more)
        text = self.read(name).decode()
        page = Page(text)
        self.assertNotIn("://", text, "nothing from elsewhere")
        for tag, name, value in page.attributes:
            self.assertNotIn(name, ("src", "href", "onload", "onclick", "srcset"), tag)
        self.assertEqual(page.elements.count("script"), 1)
        self.assertIn(("script", "type", "application/json"), page.attributes)
        return page, json.loads(page.data), got

    def test_a_run_with_kills(self):
        path, wanted = self.file("f", DISTINCT), reference.output([("", DISTINCT)])
        for seed in range(100):  # a try may end before it is struck
            page, data, got = self.page("-m2", "-r7", "--split-size=200K", f"--chaos={seed},40", path)
            self.assertEqual(got.out, wanted)
            if data["killed"] > 0 and re.search(r"partition \d of 7", page.text):
                break  # one of these was slow, or died
        self.assertEqual(data["distinct"], 200000)
        self.assertRegex(page.text, r"Read 4\.0 MB, tokens: \d+, distinct words: 200000\. Wrote .*, lines: 200000\.")
        self.assertEqual(page.elements.count("rect"), data["attempts"])
        labels = " ".join(value for _, name, value in page.attributes if name == "aria-label")
        told = re.findall(r"worker \d: at work for [\d.]+ s, tries: (\d+)", labels)
        self.assertEqual(sum(map(int, told)), data["attempts"])
        for words in ("200000", "Time line", "worker 2", "Partitions", "killed by signal 9",
                      "tried again", "Slowest tasks", "map task ", path):
            self.assertIn(words, page.text)
        self.assertRegex(page.text, r"partition \d of 7")
        self.assertLess(len(self.read("r.html")), 200000)

    def test_a_run_that_takes_time_has_curves(self):
        page, _, _ = self.page("--mapper=sleep 0.7; cat", "-m1", self.file("f", b"a\n"))
        for words in ("Bytes read a second", "Memory", "On disk"):
            self.assertIn(words, page.text)

    def test_hostile_names_and_words(self):
        marks = "</script><b onload=x>&amp;\"'</title>"
        path = self.file("x" + marks.replace("/", "\\"), b"</script> <!-- \xff\n")
        page, data, _ = self.page("-d<", "--min-count=1", "--", path)
        self.assertIn("<b onload=x>&amp;", page.text)
        self.assertNotIn("b", page.elements[: page.elements.index("h2")])
        counter = "<\\/script><!--"
        page, data, _ = self.page(f"--mapper=cat; echo 'reporter:counter:g,{counter},1' >&2",
                                  self.file("f", b"a\n"))
        self.assertEqual(data["counters"], {"g," + counter: 1})

    def test_first_words_and_all_by_rank(self):
        text = b" ".join(b"w%d" % (n % (n % 97 + 1)) for n in range(50000)) + b" 7 7 a\0b\n" + b"x" * 99999
        path = self.file("f", text)
        right = [(word.decode().replace("\0", "\\0"), int(count)) for word, count in (
            line.rsplit(b"\t", 1) for line in reference.output([("", text)], drop_numeric=True).splitlines())]
        for how in ("-n0",), ("-n3", "--sort=word"), ("-r5", "--split-size=30K", "--chaos=2,30", "-n3"):
            page, _, _ = self.page("--drop-numeric", *how, path)
            rows = [tuple(row[:2]) for row in page.rows]
            first = rows.index(("word", "count")) + 1
            self.assertEqual(rows[first : first + 20], [(word, str(count)) for word, count in right[:20]])
            self.assertIn(f"All {len(right)} by rank: the first has {right[0][1]}, the last 1.", page.text)
            points = rows[rows.index(("rank", "count")) + 1 :]
            points = list(itertools.takewhile(lambda row: row[0].isdigit(), points))
            self.assertGreater(len(points), 11)
            self.assertEqual([int(count) for _, count in points],
                             [right[int(rank) - 1][1] for rank, _ in points])
            self.assertEqual([points[0][0], points[-1][0]], ["1", str(len(right))])
        page, _, _ = self.page("-d,", "-n0", self.file("g", b"\xff<b>,,\n,\n"))
        self.assertEqual([row[:2] for row in page.rows[5:7]], [["(empty)", "4"], [r"\377<b>", "1"]])
        for none in ("-r0", path), ("--mapper=cat", path), (self.file("empty"),):
            self.assertNotIn("Ranking", self.page(*none)[0].text)
        self.wc("--job=wordcount", "--reducer=cat", "--report", self.path("r.html"), path)
        self.assertNotIn(b"Ranking", self.read("r.html"))

    def test_a_step_of_the_curve_stands_where_its_words_do(self):
        text = b"".join(b"often%d " % i * 1000 for i in range(25)) + b"".join(b"once%d " % i for i in range(500))
        page, _, _ = self.page("-n0", self.file("f", text))
        points = next(value for tag, name, value in page.attributes if name == "points").split()
        across = {rank: f"{math.log10(rank) / 3 * 1000:.1f}" for rank in (25, 26, 525)}
        self.assertEqual(points[-3:], [across[25] + ",0.0", across[26] + ",1000.0", across[525] + ",1000.0"])

    def test_words_of_a_run_that_was_gone_on_with(self):
        path = self.file("f", TEXT)
        self.wc("-r2", "--work-dir", self.path("w"), "-o", "/dev/full", "--split-size=9K", path, status=1)
        page, data, got = self.page("-r2", "--work-dir", self.path("w"), "--resume", "--stats",
                                    "--split-size=9K", path, noisy=True)
        self.assertIn("Not known: ", page.text)
        self.assertRegex(page.text, r"had done (\d+) of the \1 map tasks, which read 66.0 KB, and 2 of")
        self.assertEqual((data["map"]["resumed"], data["map"]["tasks"]), (8, 8))
        self.assertEqual((data["resumed_bytes"], data["reduce"]["resumed"]), (len(TEXT), 2))
        self.assertEqual([row[3:] for row in page.rows[1:3]], [["-", "-"]] * 2, "no speed of nothing")
        self.assertRegex(got.err, rb"(?m)^map  .* s +-  .* 8 tasks, 8 of them by an earlier run$")
        self.assertNotRegex(got.err, rb"(?m)^all .* [1-9][\d.]* MB/s")

    def test_words_of_each_file(self):
        names = [self.file("a<b>", b"x x x y"), self.file("d" * 200 + "/b", b"x x x x")]
        page, _, _ = self.page("--by-file", *names)
        first = page.rows.index(["file", "word", "count", ""])
        self.assertEqual([row[:3] for row in page.rows[first + 1 : first + 4]],
                         [["..." + names[1][-156:], "x", "4"], [names[0], "x", "3"], [names[0], "y", "1"]])

    def test_runs_that_fail(self):
        page, _, _ = self.page("--mapper=exit 3", "--max-attempts=2", self.file("f", b"a\n"),
                               status=1)
        self.assertIn("It failed: ", page.text)
        self.assertGreaterEqual(page.text.count("status 3"), 3, "in the error, and for each try")
        old = self.read("r.html")
        self.wc("--report", self.path("r.html"), self.path("none"), status=1)
        self.assertEqual(self.read("r.html"), old, "nothing has begun that a page could be about")

    def test_a_pipe(self):
        page, _, _ = self.page("-m2", input=DISTINCT)
        self.assertIn("feeder", page.text)
        self.assertIn("worker 1", page.text)
        slow = page.rows.index(["task", "seconds", "read", "records", "try"])
        about, _, read, *_ = page.rows[slow + 1]
        self.assertRegex(about, "a part of a stream|reduce|merge")
        self.assertNotIn("0 bytes", [row[2] for row in page.rows[slow + 1 :] if "stream" in row[0]])

    def test_where_it_goes(self):
        path = self.file("f", TEXT)
        for output in ("-", "/dev/stdout"):
            got = self.wc("--report=" + output, "-n0", path)
            self.assertIn("3", Page(got.out.decode()).text)
        got = self.wc("--report=-", "-o", self.path("out"), path)
        self.assertTrue(got.out.endswith(b"</html>\n"))
        self.assertEqual(self.read("out"), reference.output([("", TEXT)]))
        self.assertIn(b"needs --output", self.wc("--report=-", path, status=2).err)
        self.assertIn(b"/dev/stdout", self.wc("--trace=-", "-n0", path, status=2).err)
        got = self.wc("--report=/dev/full", path, noisy=True)
        self.assertEqual(got.out, reference.output([("", TEXT)]))
        self.assertRegex(got.err, b"^wc-mr: warning: the report is not whole: [^\n]*No space[^\n]*\n$")
        for name in (path, self.path("none/r")):
            self.assertIn(b"cannot write", self.wc("--report", name, path, status=1).err)
        self.assertEqual(self.read("f"), TEXT)
        got = self.wc("--report", self.path("x"), "--trace", self.path("x"), path, status=1)
        self.assertIn(b"two things", got.err)

    def test_the_reader_of_a_pipe_is_waited_for(self):
        path = self.path("pipe")
        os.mkfifo(path)
        reading = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        fcntl.fcntl(reading, 1031, 4096)  # F_SETPIPE_SZ
        running = self.start("--report", path, "--mapper=cat", self.file("f", TEXT))
        out = running.process.stdout.read()  # to its end, before a byte of the page
        select.select([reading], [], [], SOON)  # until there is a writer
        running.process.send_signal(signal.SIGUSR1)  # which has nothing more to tell
        os.set_blocking(reading, True)
        with open(reading, "rb") as pipe:
            text = pipe.read()
        self.assertEqual((running.process.wait(), running.process.stderr.read()), (0, b""))
        self.assertEqual(out, TEXT)
        self.assertGreater(len(text), 4096)
        self.assertTrue(text.endswith(b"</html>\n"))

    def test_without_reducers_and_without_input(self):
        page, data, _ = self.page("-r0", self.file("f", b"a b\n"))
        self.assertNotIn("Partitions", page.text)
        page, data, _ = self.page(self.file("empty"))
        self.assertEqual(data["emitted"], 0)

    def test_in_a_browser(self):
        browser = shutil.which("chromium") or shutil.which("chromium-browser")
        if browser is None:
            self.skipTest("there is no Chromium")
        self.page("-m2", "--split-size=200K", "--chaos=4,40", self.file("f", DISTINCT), noisy=True)
        got = subprocess.run(
            [browser, "--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr",
             "--user-data-dir=" + self.path("profile"), "--dump-dom", self.path("r.html")],
            capture_output=True, timeout=SOON)
        self.assertEqual(got.returncode, 0, got.stderr)
        self.assertNotIn(b"CONSOLE", got.stderr)
        self.assertIn(b"Time line", got.stdout)
