"""The power fails: for each moment of a run with --work-dir, the states of the disk that a failure
could leave there are made, and --resume must cope with each.

wc-mr-faults writes down every change it makes to files and directories (sites.c). What had been
synced stands; of all else, any part may have reached the disk, in any order:

    create 7 map-0.new    a name: kept only if the directory was synced, else perhaps
    write 7 0 "abc"       bytes: kept only if the file was synced, else perhaps, in part, as zeros
    sync 7
    rename map-0.new map-0

If the power fails here, there may be no file, or an empty or whole one by either name, but after
"sync 7" never half of one.
"""

import collections
import os
import re
import shutil
import unittest

import faults
from faults import SLOW
from test_resume import Resume


class Kept:
    """What has changes, some of them synced."""

    def __init__(self):
        self.changes, self.syncs = [], []

    def until(self, moment):
        """The changes before a moment: whether each was synced by then, and what it was."""
        synced = max((each for each in self.syncs if each < moment), default=-1)
        return [(when < synced, *change) for when, *change in self.changes if when < moment]


class File(Kept):
    """Bytes. A change is an offset and bytes, or only the size that it is cut to."""

    def __init__(self, content=b""):
        super().__init__()
        self.content = content

    def at(self, moment, bytes_of):
        """Its bytes after a failure at a moment. bytes_of says of so many bytes not synced how many
        are there, and what makes those in the place of the others (None: nothing does)."""
        made = bytearray(self.content)
        for synced, offset, new in self.until(moment):
            whole, rest = (1 << 60, None) if synced else bytes_of(1 if new is None else len(new))
            if new is None:
                if whole:
                    made = made[:offset].ljust(offset, b"\0")
                continue
            new = new[:whole] + (rest(len(new) - whole) if rest and whole < len(new) else b"")
            if new:
                made = made.ljust(offset, b"\0")
                made[offset : offset + len(new)] = new
        return bytes(made)


class Directory(Kept):
    """Names, and what they name. A change is the names that go and those that come."""

    def __init__(self, path):
        super().__init__()
        self.path, self.names = path, {}

    def at(self, moment, kept):
        names = dict(self.names)
        for synced, gone, new in self.until(moment):
            if synced or kept():
                for name in gone:
                    names.pop(name, None)
                names.update(new)
        return names


class Disk:
    """All that was written down, by moments."""

    def __init__(self, root):
        self.root, self.moments = Directory(root), 0
        self.inodes = {os.stat(root).st_ino: self.root}
        self.directories = {root: self.root}
        for name in os.listdir(root):
            with open(os.path.join(root, name), "rb") as file:
                self.root.names[name] = found = File(file.read())
                self.inodes[os.fstat(file.fileno()).st_ino] = found
        self.now = {root: dict(self.root.names)}

    def follow(self, trace):
        while line := trace.readline():
            word, *rest = line.decode().split()
            getattr(self, "do_" + word)(trace, *rest)
            self.moments += 1

    def place(self, path):
        directory, name = os.path.split(path)
        return self.directories[directory], name

    def change(self, path, new=None, gone=()):
        directory, name = self.place(path)
        made = {name: new} if new is not None else {}
        for each in gone:
            self.now[directory.path].pop(each, None)
        self.now[directory.path].update(made)
        directory.changes.append((self.moments, gone, made))

    def do_create(self, trace, inode, path):
        self.inodes[int(inode)] = new = File()
        self.change(path, new)

    def do_nameless(self, trace, inode):
        self.inodes[int(inode)] = File()

    def do_link(self, trace, inode, path):
        self.change(path, self.inodes[int(inode)])

    def do_mkdir(self, trace, inode, path):
        self.inodes[int(inode)] = self.directories[path] = new = Directory(path)
        self.now[path] = {}
        self.change(path, new)

    def do_write(self, trace, inode, offset, size):
        self.inodes[int(inode)].changes.append((self.moments, int(offset), trace.read(int(size))))

    def do_truncate(self, trace, inode, size):
        self.inodes[int(inode)].changes.append((self.moments, int(size), None))

    def do_sync(self, trace, inode):
        self.inodes[int(inode)].syncs.append(self.moments)

    def do_rename(self, trace, old, new):
        directory, name = self.place(old)
        moved = self.now[directory.path][name]
        if isinstance(moved, Directory):  # what is in it is named anew
            self.directories[new], self.now[new] = moved, self.now[moved.path]
            moved.path = new
        if os.path.dirname(old) == os.path.dirname(new):
            self.change(new, moved, gone=(name,))
        else:
            self.change(new, moved)
            self.change(old, gone=(name,))

    def do_unlink(self, trace, path):
        self.change(path, gone=(os.path.basename(path),))

    do_rmdir = do_unlink

    def make(self, moment, place, names, bytes_of):
        """Writes the state after a failure at a moment. Returns it as a dictionary too."""
        state = {}

        def make_directory(directory, path):
            os.mkdir(path)
            for name, what in directory.at(moment, names).items():
                below = os.path.join(path, name)
                if isinstance(what, Directory):
                    make_directory(what, below)
                    continue
                content = what.at(moment, bytes_of)
                state[os.path.relpath(below, place)] = content
                with open(below, "wb") as file:
                    file.write(content)
                os.chmod(below, 0o600)
            mark_here(path)

        make_directory(self.root, place)
        return state


def mark_here(directory):
    """Lets a marker say where it is, as the one that it stands for does."""
    path = os.path.join(directory, "wc-mr-marker")
    if os.path.exists(path):
        with open(path, "r+b") as marker:
            here = b"file %d in directory %d;" % (os.stat(path).st_ino, os.stat(directory).st_ino)
            text = re.sub(rb"file \d+ in directory \d+;", here, marker.read())
            marker.seek(0)
            marker.truncate()
            marker.write(text)


def zeros(size):
    return bytes(size)


class Power(Resume):
    """Inherits the job that is run."""

    def ways(self):
        """How much of what was not synced has reached the disk: names, bytes."""
        rng = self.random

        def torn(size):
            cut = rng.randint(0, size)
            whole = rng.choice([0, size, size, cut, cut // 512 * 512])
            return whole, rng.choice([None, zeros, rng.randbytes])

        def all_of(size):
            return size, None

        def none_of(size):
            return 0, None

        def only_size(size):
            return 0, zeros

        def always():
            return True

        def never():
            return False

        def perhaps():
            return rng.random() < 0.5

        def mostly():
            return rng.random() < 0.9

        return [
            (always, all_of), (never, none_of), (always, none_of), (always, only_size),
            (never, all_of), (perhaps, all_of), (always, torn), (mostly, torn), (perhaps, torn),
        ]

    def trace(self, to):
        """A whole run, written down."""
        log = self.file("trace")
        os.unlink(log)
        root = os.path.dirname(self.out)
        self.fresh(to)
        disk = Disk(root)
        run = self.job(
            to=to, environment={"WC_MR_TRACE": log, "WC_MR_TRACE_ROOT": root}
        )
        self.assertEqual((run.status, run.err), (0, b""))
        with open(log, "rb") as trace:
            disk.follow(trace)
        self.assertEqual(self.tree(root), disk.make(disk.moments, self.path("whole"),
                         lambda: True, lambda size: (size, None)), "the trace misses a change")
        shutil.rmtree(self.path("whole"))
        return disk

    def tree(self, root):
        found = {}
        for at, _, names in os.walk(root):
            for name in names:
                path = os.path.join(at, name)
                found[os.path.relpath(path, root)] = self.read(path)
        return found

    def power_failures(self, to, draws):
        disk = self.trace(to)
        self.assertGreater(disk.moments, 10)
        cases = [
            (moment, way) for moment in range(disk.moments + 1) for way in range(len(self.ways()))
        ]
        if SLOW:
            cases *= 3  # the ways that draw lots draw others
        else:
            cases = self.random.sample(cases, min(draws, len(cases)))
        seen, ends = set(), collections.Counter()
        root = os.path.dirname(self.out)
        for moment, way in cases:
            names, bytes_of = self.ways()[way]
            shutil.rmtree(root)
            state = disk.make(moment, root, names, bytes_of)
            key = hash(tuple(sorted(state.items())))
            if key in seen:
                continue
            seen.add(key)
            shown = {name: len(content) for name, content in sorted(state.items())}
            about = f"power fails after change {moment}, way {way}, SEED={faults.SEED}: {shown}"
            self.check_output_is_old_or_new(to, about)
            # One that stands there empty may be somebody's own, and stays.
            job = self.directory_of_job
            self.copied = os.path.isdir(job) and not os.listdir(job)
            status = self.resume(to, about)
            ends[status] += 1
            # Refused is only what is done already, down to removing what it had worked with.
            if status:
                self.assertTrue(
                    self.output_of(to) == self.shapes[to].wanted,
                    f"refused: {about}: {self.last.err!r}",
                )
        if SLOW:
            print(f"power, {to}: {disk.moments} changes, {len(seen)} states, {dict(ends)}")
        self.assertGreater(ends[0], 0, "no state could be resumed from")

    def test_output_file(self):
        self.power_failures("file", 60)

    def test_output_directory(self):
        self.power_failures("directory", 30)


if __name__ == "__main__":
    unittest.main()
