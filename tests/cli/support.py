"""Runs wc-mr from outside, and after every run looks for what it may have left behind.

The program is the one that the environment variable WC_MR names, or else build/wc-mr of this tree.
"""

import functools
import hashlib
import os
import re
import select
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import unicodedata
import unittest

import reference

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PROGRAM = os.path.abspath(os.environ.get("WC_MR") or os.path.join(ROOT, "build", "wc-mr"))
# What is said of an input that may be text without a byte order mark, and is taken for bytes.
UNMARKED = rb"[\w-]+: warning: '[^\n]*' is counted as it is, but begins as text in UTF-[^\n]*\n"
HINT = rb"Try '(wc-mr|wc-mr --job=.*|pairs) --help' for more information\."
MB = 1 << 20


def contains(path, text):
    with open(path, "rb") as file:
        return text in file.read()


# A checking build has memory of its own, and starts its processes many times more slowly.
CHECKING = os.path.exists(PROGRAM) and contains(PROGRAM, b"__asan_init")

# Seconds in which a machine under load does what it does at once, or in a checking build in a minute.
SOON = 600 if CHECKING else 120
LONGEST = 900  # seconds for a test, in a slow checking build too

# A text of many words, none of which is there twice.
DISTINCT = b"".join(b"%d-%x\n" % (i, i * 2654435761) for i in range(200000))

# The helper that looks for leaks at the end of a checking build is no worker: without it, it hangs.
KILLABLE = {"ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"}


# Tests of what takes seconds, by its size or number: all are run by tests/run.sh --ci.
LARGE = bool(os.environ.get("LARGE"))
large = unittest.skipUnless(LARGE, "LARGE is not set")

# What is to be ended and removed when the tests themselves are told to end.
groups, directories = set(), set()


def give_up(number, frame):
    for group in groups:
        try:
            os.killpg(group, signal.SIGKILL)
        except ProcessLookupError:
            pass
    for directory in directories:
        for _ in range(20):  # what was killed may write for a moment yet
            shutil.rmtree(directory, ignore_errors=True)
            if not os.path.exists(directory):
                break
            time.sleep(0.05)
    os._exit(128 + number)


signal.signal(signal.SIGTERM, give_up)

# Whoever runs the tests may have some of them ignored, as nohup and a shell's background have: then
# the programs that the tests start would not hear them either.
for ignored in (signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1):
    signal.signal(ignored, signal.SIG_DFL)
signal.signal(signal.SIGINT, signal.default_int_handler)


# Makes words for test_hostile.py; of another build where the program comes without its tests.
HOSTILE = os.path.join(os.path.dirname(PROGRAM), "tests", "cli", "hostile")
if not os.path.exists(HOSTILE):
    HOSTILE = os.path.join(ROOT, "build", "tests", "cli", "hostile")


@functools.cache
def is_built_with(library):
    """Whether the program has a library, by the name that --version calls it."""
    said = subprocess.run([PROGRAM, "--version"], capture_output=True, check=True).stdout.decode()
    return re.search(rf"(?m)^{library}\b", said) is not None


def in_quotes(name):
    """The name of a field in quotes, as options take it."""
    return '"' + name.replace('"', '""') + '"'


def how(draw):
    """Ways of running a job, drawn, that must change nothing."""
    return [
        f"--mappers={draw.randint(1, 3)}",
        f"--reducers={draw.randint(1, 3)}",
        "-S" + draw.choice(["16M", "64M"]),
        "--split-size=" + draw.choice(["300b", "5K", "1M"]),
    ] + ["--compress"] * (draw.random() < 0.2)


def wait_for(condition, seconds=SOON):
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            raise AssertionError("what was waited for has not happened")
        time.sleep(0.001)


def about_process(pid):
    """What the kernel tells of a process behind its name, its state first; nothing of one that is
    gone."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()
    except OSError:
        return []


def stop(pid):
    """Stops a process. Returns whether it stands still; else it has come to its end before."""
    send(pid, signal.SIGSTOP)
    wait_for(lambda: about_process(pid)[:1] not in (["R"], ["S"], ["D"]))
    return about_process(pid)[:1] == ["T"]


def children(pid):
    """The processes that a process has started and not yet waited for, the first one first: their
    numbers do not tell, as they begin anew when all have been used."""
    found = []
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{thread}/children") as file:
                found += map(int, file.read().split())
    except FileNotFoundError:
        # It is gone, or the kernel was built without these lists: then ask all for their parent.
        if os.path.exists(f"/proc/{pid}"):
            about = {int(n): about_process(n) for n in os.listdir("/proc") if n.isdigit()}
            found = [each for each, fields in about.items() if fields[1:2] == [str(pid)]]
            found.sort(key=lambda each: (int(about[each][19]), each))  # when it was started
    except OSError:
        pass
    return found


def workers(running):
    """A run's workers, without the janitor, which is its first child."""
    return children(running.pid)[1:]


def family(pid):
    found = [pid]
    for each in found:
        found += children(each)
    return found


def send(pid, number):
    """Sends a signal to a process that may have ended meanwhile. Returns whether it was there."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return False
    return True


def end_all(running):
    """Kills all processes of a run at once, the janitor too, as a power cut would."""
    stop(running.pid)  # it starts and reaps the others: it stops first
    for number in (signal.SIGSTOP, signal.SIGKILL):
        for pid in reversed(family(running.pid)):
            send(pid, number)
    running.process.wait(SOON)


def memory(pids):
    """Bytes of private and shared anonymous memory that these processes have among them, a shared
    page counted once: its proportional size where the kernel tells that. Memory files count by what
    they hold, mapped or not.
    """
    private = shared = 0
    files = {}
    for pid in pids:
        try:
            fields = {}
            for name in ("smaps_rollup", "status"):
                if "Pss_Anon" not in fields:
                    with open(f"/proc/{pid}/{name}") as file:
                        fields.update(line.split(":", 1) for line in file if line.count(":") == 1)
            private += int(fields.get("Pss_Anon", fields.get("RssAnon", "0")).split()[0]) * 1024
            shared += int(fields.get("Pss_Shmem", fields.get("RssShmem", "0")).split()[0]) * 1024
            for number in os.listdir(f"/proc/{pid}/fd"):
                path = f"/proc/{pid}/fd/{number}"
                target = os.readlink(path)
                if target.startswith("/memfd:"):
                    about = os.stat(path)
                    # The number may have become another file's in between.
                    if os.readlink(path) == target:
                        files[about.st_ino] = about.st_blocks * 512
        except (OSError, IndexError, ValueError):
            pass  # it ended while it was looked at
    return private + max(shared, sum(files.values()))


class Peak(threading.Thread):
    """Looks again and again how much memory a process and its descendants hold. What a run of a few
    milliseconds holds may not be seen."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid, self.most, self.ended = pid, 0, threading.Event()

    def run(self):
        while not self.ended.wait(0.004):
            self.most = max(self.most, memory(family(self.pid)))

    def stop(self):
        self.ended.set()
        self.join()


class Running:
    """A wc-mr that has been started. Every process that descends from it holds the writing end of a
    pipe, so that the pipe's end tells that all are gone."""

    def __init__(
        self,
        arguments,
        temporary,
        stdin,
        stdout,
        stderr,
        environment=None,
        cwd=None,
        ignore_pipe=False,
    ):
        self.command = [PROGRAM] + [
            os.fsencode(str(a) if isinstance(a, int) else a) for a in arguments
        ]
        self.temporary = temporary
        self.life, end = os.pipe()
        try:
            # Python itself ignores SIGPIPE; restore_signals says whether the program inherits that.
            self.process = subprocess.Popen(
                self.command,
                stdin=stdin,
                stdout=stdout,
                stderr=stderr,
                cwd=cwd,
                pass_fds=(end,),
                start_new_session=True,
                restore_signals=not ignore_pipe,
                env={**os.environ, "TMPDIR": temporary, **(environment or {})},
            )
        except OSError as error:
            os.close(self.life)
            raise AssertionError(f"{PROGRAM} cannot be started: {error}") from None
        finally:
            os.close(end)
        self.pid = self.process.pid
        self.clean = False
        groups.add(self.pid)

    def kill(self):
        """Ends all that is left of it, for a test that has failed."""
        if not self.clean:  # else its number may be another's by now
            try:
                os.killpg(self.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            if stream:
                stream.close()

    def left_behind(self):
        """What is wrong after the end, in words, or nothing. What is ended is gone at once, but on a
        machine under load."""
        self.clean = bool(select.select([self.life], [], [], SOON)[0])
        os.close(self.life)
        if not self.clean:
            return "a process of it is still alive"
        groups.discard(self.pid)
        names = os.listdir(self.temporary)
        return f"left in the temporary directory: {names}" if names else None


def unprintable(err):
    """What in messages a terminal would obey rather than show, or nothing."""
    try:
        text = err.decode()
    except UnicodeDecodeError as error:
        return f"no UTF-8: {error}"
    # Control and format characters (the bidirectional ones are such), line and paragraph ends.
    bad = [c for c in text if c != "\n" and unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp")]
    return f"unprintable characters: {bad}" if bad else None


class Finished:
    def __init__(self, status, out, err):
        self.status, self.out, self.err = status, out, err
        self.sha256 = self.length = None


class Case(unittest.TestCase):
    maxDiff = 2000
    prefix = b"wc-mr: "  # of messages
    drawn = False  # inputs are drawn, and may look like UTF-16 by chance: to say so is no fault

    def setUp(self):
        def late(number, frame):
            raise AssertionError(f"this test is not done in {LONGEST} seconds")

        signal.signal(signal.SIGALRM, late)
        signal.alarm(LONGEST)
        self.addCleanup(signal.alarm, 0)
        self.directory = tempfile.mkdtemp(prefix="wc-mr-test-")
        directories.add(self.directory)
        self.addCleanup(directories.discard, self.directory)
        self.addCleanup(shutil.rmtree, self.directory, ignore_errors=True)
        self.temporary = os.path.join(self.directory, "tmp")
        self.work = os.path.join(self.directory, "work")
        os.mkdir(self.temporary)
        os.mkdir(self.work)

    def path(self, name):
        return os.path.join(self.work, name)

    def file(self, name, data=b""):
        path = self.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(data)
        return path

    def read(self, name):
        with open(self.path(name), "rb") as file:
            return file.read()

    def start(
        self,
        *arguments,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        **more,
    ):
        running = Running(arguments, self.temporary, stdin, stdout, stderr, **more)
        self.addCleanup(running.kill)
        return running

    def begin_kept(self, kept, *arguments, unlike=(), **more):
        """Starts a run that keeps its work in that directory, and stops it when six of its map tasks
        are done or more, but none of those whose files unlike names, and no reducer. One that was too
        fast is begun anew."""
        given = os.path.exists(kept)

        def names():
            return os.listdir(kept) if os.path.exists(kept) else []

        def some():
            return sum(name.startswith("map-") for name in names()) > 5

        def late():
            return any(name.startswith("reduce-") or name in unlike for name in names())

        for _ in range(100):
            running = self.start("--work-dir", kept, *arguments, **more)
            wait_for(lambda: some() or late() or running.process.poll() is not None)
            if running.process.poll() is None and stop(running.pid) and some() and not late():
                return running
            running.process.kill()
            running.process.wait(SOON)
            self.assertIsNone(running.left_behind())
            for name in names():
                os.unlink(os.path.join(kept, name))
            if not given and os.path.exists(kept):
                os.rmdir(kept)
        self.fail("every run was done before it could be stopped")

    def wc(
        self,
        *arguments,
        input=None,
        status=0,
        noisy=False,
        partial=False,
        digest=False,
        budget=None,
        timeout=SOON,
        **more,
    ):
        """Runs wc-mr to its end and checks what holds for every run: the status; that a success is
        silent on standard error unless noisy; that a failure says one line there, and nothing on
        standard output unless partial; that what is said is printable; that nothing is left. input is bytes, a file, or pieces of
        bytes. With digest, the output is only hashed. With a budget, the memory of all its
        processes must keep within so many bytes."""
        pieces = [input] if isinstance(input, bytes) else input
        feeding = input is not None and not hasattr(input, "fileno")
        more.setdefault(
            "stdin",
            subprocess.PIPE if feeding else input if input is not None else subprocess.DEVNULL,
        )
        running = Running(
            arguments,
            self.temporary,
            **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **more},
        )
        process = running.process
        shown = " ".join(os.fsdecode(a) for a in running.command)
        watch = Peak(running.pid) if budget else None
        if watch:
            watch.start()
        try:
            if digest or (feeding and not isinstance(input, bytes)):
                finished = self._stream(running, pieces if feeding else None, digest, timeout)
            else:
                out, err = process.communicate(input if feeding else None, timeout)
                finished = Finished(process.returncode, out, err)
        except subprocess.TimeoutExpired:
            self.fail(f"{shown}: not finished in {timeout} seconds")
        finally:
            if watch:
                watch.stop()
            if process.poll() is None:
                running.kill()
            wrong = running.left_behind()
            running.kill()
        err = finished.err or b""
        if self.drawn:
            err = re.sub(UNMARKED, b"", err)
        if unprintable(err):
            wrong = f"its messages have {unprintable(err)}"
        elif finished.status != status:
            wrong = f"status {finished.status}, not {status}"
        elif status <= 0 and err and not noisy:
            wrong = "it should have been silent on standard error"
        elif status in (1, 2) and not noisy:
            lines = err.splitlines()
            if len(lines) != status or not lines[0].startswith(self.prefix) or len(lines[0]) < 12:
                wrong = f"its message is not one line that begins with {self.prefix!r}"
            elif status == 2 and not re.fullmatch(HINT, lines[1]):
                wrong = "its second line does not point to --help"
            elif finished.out and not partial:
                wrong = "it failed but wrote to standard output"
        if wrong:
            self.fail(f"{shown[:3000]}: {wrong}\nstandard error: {err[:2000]!r}")
        if watch and not CHECKING:
            self.assertLessEqual(
                watch.most, budget, f"{shown}: peak memory {watch.most / MB:.1f} MB"
            )
        return finished

    def script(self, script, status=0, by=()):
        """Runs a shell script in which $W is the program."""
        got = subprocess.run(
            [*by, "sh", "-c", script],
            env={**os.environ, "TMPDIR": self.temporary, "W": PROGRAM},
            cwd=self.work,
            timeout=SOON,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.assertEqual(got.returncode, status, got.stderr)
        self.assertEqual(os.listdir(self.temporary), [])
        return got

    def _stream(self, running, pieces, digest, timeout):
        """Feeds and reads at once without holding either whole."""
        process = running.process

        def feed():
            try:
                for piece in pieces:
                    process.stdin.write(piece)
                process.stdin.close()
            except BrokenPipeError:
                pass
            except ValueError:
                pass  # closed after a timeout

        errors = []
        threads = [
            threading.Thread(target=lambda: errors.append(process.stderr.read()), daemon=True)
        ]
        if pieces is not None:
            threads.append(threading.Thread(target=feed, daemon=True))
        for thread in threads:
            thread.start()
        late = threading.Timer(timeout, os.killpg, (running.pid, signal.SIGKILL))
        late.start()
        try:
            hashed, length, kept = hashlib.sha256(), 0, []
            for piece in iter(lambda: process.stdout.read(MB), b""):
                hashed.update(piece)
                length += len(piece)
                if not digest:
                    kept.append(piece)
            process.wait()
            for thread in threads:
                thread.join()
        finally:
            late.cancel()
        finished = Finished(process.returncode, b"".join(kept), errors[0])
        finished.sha256, finished.length = hashed.hexdigest(), length
        return finished

    def check(self, files, *arguments, input=None, budget=None, **options):
        """Writes the files, a dictionary of names and contents, counts them, and holds the output
        to the reference's. options are the reference's; arguments those that must not change the
        output. input is read first.
        """
        paths = [self.file(name, data) for name, data in files.items()]
        contents = list(zip(paths, files.values()))
        if input is not None:
            paths.insert(0, "-")
            contents.insert(0, ("", input))
        got = self.wc(*arguments, *options_of(options), "--", *paths, input=input, budget=budget)
        self.same(got.out, reference.output(contents, **options), f"{arguments} {options}")
        return got

    def same(self, got, wanted, about=""):
        if got != wanted:
            lines, others = got.splitlines(True), wanted.splitlines(True)
            at = next(
                (i for i, (a, b) in enumerate(zip(lines, others)) if a != b),
                min(len(lines), len(others)),
            )
            self.fail(
                f"{about}: the output differs from line {at + 1} on ({len(lines)} lines, "
                f"{len(others)} wanted)\n"
                f"     got {[line[:150] for line in lines[at:at + 4]]}\n"
                f"  wanted {[line[:150] for line in others[at:at + 4]]}"
            )


def options_of(options):
    """The command line for options named as the reference names them."""
    made = []
    for name, value in options.items():
        option = b"--" + name.replace("_", "-").encode()
        if name == "delimiter":
            if value is not None:
                # A byte that cannot stand in an argument, or would be taken for an escape, is
                # written as one.
                written = value.replace(b"\\", b"\\x5c").replace(b"\0", b"\\x00")
                made.append(option + b"=" + written)
        elif value is True:
            made.append(option)
        elif value is not None and value is not False:
            made.append(option + b"=" + str(value).encode())
    return made
