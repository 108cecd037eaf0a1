"""Nothing is removed or changed that the program did not make, whatever it is called."""

import fcntl
import os
import shutil
import socket
import stat
import subprocess
import time
import unittest

import reference
from support import DISTINCT, SOON, Case, end_all, wait_for, workers

MARKER = "wc-mr-marker"
HEAD = b"mr-spool\4\0\0\0\0\0\0\0"  # of the temporary files
TRUE = b"wc-mr made this directory, and removes it with its files.\nThis is file %d in directory %d; "\
       b"a copy is somebody else's.\n"


def picture(top):
    """All that is in a directory: kinds, modes, owners, times, bytes, aims of links."""
    found = {}
    for at, directories, names in os.walk(top):
        for name in directories + names:
            path = os.path.join(at, name)
            about = os.lstat(path)
            kind = stat.S_IFMT(about.st_mode)
            content = None
            if kind == stat.S_IFREG:
                with open(path, "rb") as file:
                    content = file.read()
            elif kind == stat.S_IFLNK:
                content = os.readlink(path)
            found[os.path.relpath(path, top)] = (
                oct(about.st_mode),
                about.st_uid,
                about.st_ino,
                kind == stat.S_IFDIR or about.st_mtime_ns,
                content,
            )
    return found


def write(path, data=b"a letter", mode=0o600):
    with open(path, "wb") as file:
        file.write(data)
    os.chmod(path, mode)


def has_nameless_files(at):
    try:
        os.close(os.open(at, os.O_TMPFILE | os.O_RDWR))
        return True
    except OSError:
        return False


def write_marker(path, text=TRUE, mode=0o600):
    """A marker in a directory, which says where it is, as true ones do, where the text has room."""
    marker = os.path.join(path, MARKER)
    write(marker)
    here = os.stat(marker).st_ino, os.stat(path).st_ino
    write(marker, text % here if b"%d" in text else text, mode)


def like_a_file(at, name):
    write(os.path.join(at, name))


def like_one_with_the_head(at, name):
    write(os.path.join(at, name), HEAD)


def like_an_empty_one(at, name):
    os.mkdir(os.path.join(at, name), 0o700)


def folder(at, name, marker=None, files=("map-0", "manifest", "part-r-00000", "letter"), mode=0o700):
    """A directory with what runs have in theirs; the marker as it is given."""
    path = os.path.join(at, name)
    os.makedirs(os.path.join(path, "whole"), 0o700)
    for each in files:
        write(os.path.join(path, each), HEAD)
        write(os.path.join(path, "whole", each))
    if marker is not None:
        write_marker(path, marker)
    os.chmod(path, mode)


def link_to(aim):
    def make(at, name):
        os.symlink(aim, os.path.join(at, name))

    return make


def like_a_pipe(at, name):
    os.mkfifo(os.path.join(at, name), 0o600)


def like_a_socket(at, name):
    old = os.getcwd()
    os.chdir(at)  # names of sockets must be short
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(name)
    os.chdir(old)


def with_a_marker_that_is(make):
    def made(at, name):
        folder(at, name)
        make(os.path.join(at, name))

    return made


def readable_marker(path):
    write_marker(path, mode=0o644)


def linked_marker(path):
    write_marker(path)
    os.rename(os.path.join(path, MARKER), path + ".true")
    os.symlink(path + ".true", os.path.join(path, MARKER))


def of_another_user(at, name):
    folder(at, name, TRUE)
    os.chown(os.path.join(at, name), 54321, 54321)


LOOKALIKES = [
    like_a_file,
    like_one_with_the_head,
    like_an_empty_one,
    like_a_pipe,
    like_a_socket,
    link_to("/etc/passwd"),
    link_to("nowhere"),
    link_to("aim"),
    folder,
    lambda at, name: folder(at, name, b""),
    lambda at, name: folder(at, name, TRUE[:-1]),
    lambda at, name: folder(at, name, TRUE + b"\n"),
    lambda at, name: folder(at, name, TRUE.replace(b"made", b"MADE")),
    lambda at, name: folder(at, name, TRUE.splitlines(True)[0]),
    lambda at, name: folder(at, name, TRUE % (1, 2)),
    lambda at, name: folder(at, name, TRUE.replace(b"%d", b"0%d", 1)),
    lambda at, name: folder(at, name, TRUE, mode=0o755),
    lambda at, name: folder(at, name, TRUE, mode=0o770),
    with_a_marker_that_is(readable_marker),
    with_a_marker_that_is(linked_marker),
    with_a_marker_that_is(lambda path: os.mkdir(os.path.join(path, MARKER), 0o600)),
    with_a_marker_that_is(lambda path: os.mkfifo(os.path.join(path, MARKER), 0o600)),
]
if os.geteuid() == 0:
    LOOKALIKES.append(of_another_user)

# Names from the bug's own report, and others that are nearly right.
NAMES = ["wc-mr.tar.gz", "wc-mr.backup", "wc-mr.bckups", "wc-mr.conf", "wc-mr.a1B2c3d", "wc-mr.",
         "wc-mr-a1B2c3", ".wc-mr-config", ".wc-mr-notes", ".wc-mr-a1B2c3d", ".wc-mr.a1B2c3"]


class Lookalikes(Case):
    def plant(self, place):
        """Fills a directory with all kinds of what is not the program's."""
        os.makedirs(place, exist_ok=True)
        folder(place, "aim", TRUE)  # what a link leads to
        for i, make in enumerate(LOOKALIKES):
            for prefix in ("wc-mr.", ".wc-mr-"):
                make(place, f"{prefix}{i:06}")
        for i, name in enumerate(NAMES):
            (like_a_file, folder)[i % 2](place, name)
        folder(place, "wc-mr.xxxxxx")
        folder(place, ".wc-mr-xxxxxx")

    def setUp(self):
        super().setUp()
        self.input = self.file("input", DISTINCT)
        self.wanted = reference.output([("", DISTINCT)])
        self.place = self.path("place")
        self.plant(self.place)
        self.before = picture(self.place)

    def check_untouched(self, *new):
        """All is as it was, but for what is new."""
        now = {
            name: about
            for name, about in picture(self.place).items()
            if name.split("/")[0] not in new
        }
        self.assertEqual(sorted(now), sorted(self.before))
        self.assertEqual(now, self.before)

    def test_a_run_that_ends_well_leaves_them(self):
        for more, new in (
            (["-T", self.place], ()),
            (["-T", self.place, "-S", "16M", "--split-size=100K"], ()),
            (["-o", os.path.join(self.place, "out")], ("out",)),
            (["-O", os.path.join(self.place, "parts")], ("parts",)),
            (["-T", self.place, "-O", os.path.join(self.place, "parts2")], ("parts2",)),
            ([f"--work-dir={self.place}/kept"], ()),
        ):
            with self.subTest(more=more):
                self.wc(*more, self.input)
                for name in new:
                    path = os.path.join(self.place, name)
                    os.remove(path) if os.path.isfile(path) else shutil.rmtree(path)
                self.check_untouched()

    def test_a_place_behind_a_link_is_used_and_its_dead_runs_are_swept(self):
        link = self.path("link")
        os.symlink("place", link)
        self.die("-T", link)
        self.assertEqual(len(self.own()), 1)
        self.same(self.wc("-T", link, self.input).out, self.wanted)
        self.assertEqual(self.own(), [])
        self.check_untouched()

    def test_a_run_that_fails_leaves_them(self):
        full = os.open("/dev/full", os.O_WRONLY)
        self.addCleanup(os.close, full)
        for more in (
            ["-T", self.place],
            ["-T", self.place, "-S", "16M", "--split-size=100K"],
            [f"--work-dir={self.place}/kept"],
        ):
            with self.subTest(more=more):
                self.wc(*more, self.input, stdout=full, status=1)
                self.check_untouched("kept")
        missing = self.path("missing")
        for option in ("-o", "-O"):
            self.wc(option, os.path.join(self.place, "out"), "-T", missing, self.input, status=1)
            self.check_untouched("kept")

    def own(self):
        """What runs have made in the place, by name."""
        return sorted(
            name
            for name in set(os.listdir(self.place)) - set(self.before)
            if name.startswith(("wc-mr.", ".wc-mr-"))
        )

    def begin(self, *more):
        """A run that has written temporary files and waits for more input."""
        running = self.start(
            "-S", "16M", *more, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
        )
        for i in range(12):
            running.process.stdin.write(
                b"".join(b"%d-%d-%d\n" % (i, j, j * 7919) for j in range(60000))
            )
        running.process.stdin.flush()
        return running

    def die(self, *more):
        """A run that ends as by a power cut."""
        running = self.begin(*more)
        wait_for(lambda: workers(running))
        end_all(running)
        running.left_behind()
        for name in self.own():  # the locks may be the last that its processes let go of
            with open(os.path.join(self.place, name, MARKER)) as marker:
                fcntl.flock(marker, fcntl.LOCK_EX)

    def sweep(self, swept, *more):
        """Runs until what a dead run has left is swept: a run does not wait long for the process
        that sweeps, which on a loaded machine may not have come to it, or to all of it."""
        until = time.monotonic() + SOON
        while True:
            self.wc(*more, self.input)
            if swept():
                return
            self.assertLess(time.monotonic(), until, f"{self.own()} stay")
            shutil.rmtree(os.path.join(self.place, "parts"), ignore_errors=True)

    def test_a_run_that_is_killed_leaves_them(self):
        for more in (["-T", self.place], ["-O", os.path.join(self.place, "parts")]):
            with self.subTest(more=more):
                running = self.begin(*more)
                self.assertEqual(len(self.own()), 1)
                running.process.kill()
                running.process.wait(SOON)
                self.assertIsNone(running.left_behind())
                self.assertEqual(self.own(), [])
                self.check_untouched()

    def test_the_next_run_sweeps_what_is_the_dead_ones_and_nothing_else(self):
        for more, new in (
            (["-T", self.place], ()),
            (["-T", self.place, "-O", os.path.join(self.place, "parts")], ("parts",)),
        ):
            with self.subTest(more=more):
                self.die(*more)
                self.assertEqual(len(self.own()), 1 + len(new))
                self.sweep(lambda: not self.own(), *more)
                self.assertEqual(self.own(), [])
                self.check_untouched(*new)

    def test_what_lies_in_a_dead_runs_directory_and_is_not_its_own_stays(self):
        self.die("-T", self.place)
        (name,) = self.own()
        dead = os.path.join(self.place, name)
        write(os.path.join(dead, "letter"), HEAD)
        write(os.path.join(dead, "map-900"))
        os.mkdir(os.path.join(dead, "map-901"))
        os.mkfifo(os.path.join(dead, "map-902"))
        os.symlink("/etc/passwd", os.path.join(dead, "map-903"))
        self.sweep(lambda: not os.path.exists(os.path.join(dead, MARKER)), "-T", self.place)
        self.assertEqual(
            sorted(os.listdir(dead)), ["letter", "map-900", "map-901", "map-902", "map-903"]
        )
        self.check_untouched(name)

    def test_a_dead_runs_directory_that_somebody_has_copied_stays(self):
        self.die("-T", self.place)
        (name,) = self.own()
        copy = os.path.join(self.place, "wc-mr.copied")
        subprocess.run(["cp", "-a", os.path.join(self.place, name), copy], check=True)
        before = picture(copy)
        self.assertIn(MARKER, before)
        self.sweep(lambda: name not in self.own(), "-T", self.place)
        self.assertEqual(self.own(), ["wc-mr.copied"])
        self.assertEqual(picture(copy), before)
        self.check_untouched("wc-mr.copied")

    def test_the_directory_of_a_run_that_goes_on_stays(self):
        running = self.begin("-T", self.place)
        (name,) = self.own()
        for _ in range(3):
            self.wc("-T", self.place, self.input)
            self.assertEqual(self.own(), [name])
        running.process.stdin.close()
        self.assertEqual(running.process.wait(SOON), 0)
        self.assertIsNone(running.left_behind())
        self.check_untouched()


class WorkDirectories(Case):
    HOW = ["-S", "16M", "-m", 1, "-r", 3, "--split-size=80K"]
    LAST = len(DISTINCT) // (80 << 10)  # of its map tasks

    def setUp(self):
        super().setUp()
        self.input = self.file("input", DISTINCT)
        self.wanted = reference.output([("", DISTINCT)])
        self.kept = self.path("kept")

    def run_kept(self, *more, at="kept", **options):
        return self.wc(f"--work-dir={self.path(at)}", *self.HOW, *more, self.input, **options)

    def interrupt(self, at="kept"):
        running = self.begin_kept(
            self.path(at), *self.HOW, self.input, unlike=[f"map-{self.LAST}"]
        )
        running.process.kill()
        running.process.wait(SOON)
        self.assertIsNone(running.left_behind())

    def test_what_is_not_empty_and_not_marked_is_refused_also_behind_a_link(self):
        os.symlink("kept", self.path("link"))
        fillings = [
            lambda: like_a_file(self.kept, "map-0"),
            lambda: like_one_with_the_head(self.kept, "map-0"),
            lambda: like_one_with_the_head(self.kept, "manifest"),
            lambda: like_one_with_the_head(self.kept, "manifest.new"),
            lambda: like_a_file(self.kept, ".hidden"),
            lambda: like_an_empty_one(self.kept, "map-0"),
            lambda: like_a_pipe(self.kept, "map-0"),
            lambda: link_to("nowhere")(self.kept, "map-0"),
            lambda: write(os.path.join(self.kept, MARKER), b"a letter"),
            lambda: write(os.path.join(self.kept, MARKER), b""),
            lambda: readable_marker(self.kept),
            lambda: linked_marker(self.kept),
            lambda: os.mkdir(os.path.join(self.kept, MARKER), 0o600),
        ]
        for number, fill in enumerate(fillings):
            with self.subTest(filling=number):
                os.mkdir(self.kept, 0o700)
                fill()
                before = picture(self.work)
                for at in ("kept", "link"):
                    for more in ([], ["--resume"]):
                        got = self.run_kept(*more, at=at, status=1)
                        self.assertIn(b"not empty", got.err)
                        self.assertIn(at.encode(), got.err)
                self.assertEqual(picture(self.work), before)
                shutil.rmtree(self.kept)

    def test_behind_a_link_a_job_is_interrupted_and_resumed(self):
        os.mkdir(self.path("far"), 0o700)
        os.symlink("far", self.path("link"))
        self.interrupt("link")
        self.assertIn("manifest", os.listdir(self.path("far")))
        self.assertIn(b"--resume", self.run_kept(at="far", status=1).err)
        self.same(self.run_kept("--resume", at="link").out, self.wanted)
        self.assertEqual(os.listdir(self.path("far")), [], "it was given, and stays")
        self.assertEqual(os.readlink(self.path("link")), "far")

    def test_what_others_put_into_it_stays_while_it_is_resumed_and_when_it_ends(self):
        self.interrupt()
        strangers = {"letter": HEAD, "map-900": b"a letter", "map-901.new": b"mr-spoon"}
        if has_nameless_files(self.work):  # else a dead run may have left such
            strangers.update({"map-905": b"", "map-906.new": b"", "map-907": bytes(20),
                              "map-908": HEAD[:5], "reduce-900": b""})
        for name, data in strangers.items():
            write(os.path.join(self.kept, name), data)
        os.mkdir(os.path.join(self.kept, "map-902"))
        os.symlink("/etc/passwd", os.path.join(self.kept, "map-903"))
        os.mkfifo(os.path.join(self.kept, "map-904"))
        self.same(self.run_kept("--resume").out, self.wanted)
        for name, data in strangers.items():
            self.assertEqual(self.read(f"kept/{name}"), data)
        self.assertEqual(
            sorted(os.listdir(self.kept)), sorted([*strangers, "map-902", "map-903", "map-904"])
        )

    def test_one_that_was_copied_is_gone_on_with_and_stays(self):
        self.interrupt()
        subprocess.run(["cp", "-a", self.kept, self.path("copy")], check=True)
        self.same(self.run_kept("--resume", at="copy").out, self.wanted)
        self.assertEqual(os.listdir(self.path("copy")), [])
        self.same(self.run_kept("--resume").out, self.wanted)
        self.assertFalse(os.path.exists(self.kept))

    def test_no_file_in_it_is_written_over(self):
        self.interrupt()
        # Names of the last of its tasks, which has not been done yet.
        for name in (f"map-{self.LAST}", f"map-{self.LAST}.new"):
            path = os.path.join(self.kept, name)
            if os.path.exists(path):
                os.remove(path)
            write(path)
            got = self.run_kept("--resume", status=1)
            self.assertIn(b"File exists", got.err)
            self.assertIn(f"map-{self.LAST}".encode(), got.err)
            self.assertEqual(self.read(f"kept/{name}"), b"a letter")
            os.remove(path)
        self.same(self.run_kept("--resume").out, self.wanted)
        self.assertFalse(os.path.exists(self.kept))

    def test_of_many_started_at_once_each_has_it_alone_or_says_that_another_has_it(self):
        small = self.file("small", DISTINCT[:200000])
        wanted = reference.output([("", DISTINCT[:200000])])
        for again in range(6):
            given = again % 3 == 2
            if given:
                os.mkdir(self.kept, 0o755)
            runs = [
                self.start(f"--work-dir={self.kept}", "--resume", "--split-size=20K", small)
                for _ in range(4)
            ]
            done = 0
            for running in runs:
                out, err = running.process.communicate(timeout=SOON)
                if running.process.returncode:
                    self.assertRegex(err, rb"\Awc-mr: [^\n]*another run has it \([^\n]*\)\n\Z")
                    self.assertEqual((running.process.returncode, out), (1, b""))
                else:
                    self.assertEqual(err, b"")
                    self.same(out, wanted)
                    done += 1
            for running in runs:
                self.assertIsNone(running.left_behind())
            self.assertGreater(done, 0)
            self.assertEqual(os.path.exists(self.kept), given)
            if given:
                os.rmdir(self.kept)
            self.assertEqual(sorted(os.listdir(self.work)), ["input", "small"])

    def test_another_user_cannot_keep_it_from_being_used(self):
        if os.geteuid():
            self.skipTest("only root can become another user")
        os.mkdir(self.kept, 0o755)
        for at in (self.directory, self.work):
            os.chmod(at, 0o755)
        hold = (
            "import fcntl, os, sys; os.setgid(54321); os.setuid(54321);"
            "fd = os.open(sys.argv[1], os.O_RDONLY); fcntl.flock(fd, fcntl.LOCK_EX);"
            "print('held', flush=True); sys.stdin.read()"
        )
        holder = subprocess.Popen(
            ["python3", "-c", hold, self.kept], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        try:
            self.assertEqual(holder.stdout.readline(), b"held\n")
            self.same(self.run_kept().out, self.wanted)
        finally:
            holder.communicate()


class Swapped(Case):
    """Somebody who may rename in a directory puts another in the place of the program's own."""

    def swapped(self, *more, swap):
        """A run in the middle of which its directory in the place is swapped."""
        self.place, self.private = self.path(f"{swap.__name__}/place"), self.path("private")
        os.makedirs(self.place, 0o777)
        folder(self.work, "private", files=("map-0", "letter", "part-r-00000"))
        before = picture(self.private), oct(os.stat(self.private).st_mode)
        more = [each.replace("PLACE", self.place) if isinstance(each, str) else each for each in more]
        running = self.start("-S", "16M", *more, stdin=subprocess.PIPE)
        lines = [b"%d-%d-%d\n" % (i, j, j * 7919) for i in range(5) for j in range(60000)]
        half = len(lines) // 2
        running.process.stdin.write(b"".join(lines[:half]))
        running.process.stdin.flush()
        wait_for(lambda: os.listdir(self.place))
        (name,) = os.listdir(self.place)
        swap(os.path.join(self.place, name))
        out, err = running.process.communicate(b"".join(lines[half:]), timeout=SOON)
        self.assertIsNone(running.left_behind())
        self.assertEqual((picture(self.private), oct(os.stat(self.private).st_mode)), before)
        shutil.rmtree(self.private)
        self.assertEqual((running.process.returncode, err), (0, b""))
        return out, reference.output([("", b"".join(lines))])

    def put_a_link(self, path):
        os.rename(path, path + ".away")
        os.symlink(self.private, path)

    def put_a_directory(self, path):
        os.rename(path, path + ".away")
        os.rename(self.private, path)
        self.private = path

    def test_a_directory_of_parts(self):
        for swap in (self.put_a_link, self.put_a_directory):
            with self.subTest(swap=swap.__name__):
                out, wanted = self.swapped("-r", 2, "-O", "PLACE/parts", swap=swap)
                parts = os.path.join(self.place, "parts")
                names = sorted(os.listdir(parts))
                self.assertEqual(names, ["_SUCCESS", "part-r-00000", "part-r-00001"])
                got = b""
                for name in names:
                    with open(os.path.join(parts, name), "rb") as file:
                        got += file.read()
                self.same(
                    b"".join(sorted(got.splitlines(True))),
                    b"".join(sorted(wanted.splitlines(True))),
                )

    def test_a_temporary_directory(self):
        for swap in (self.put_a_link, self.put_a_directory):
            with self.subTest(swap=swap.__name__):
                out, wanted = self.swapped("-T", "PLACE", swap=swap)
                self.same(out, wanted)
                (away,) = [name for name in os.listdir(self.place) if name.endswith(".away")]
                self.assertEqual(os.listdir(os.path.join(self.place, away)), [])


if __name__ == "__main__":
    unittest.main()
