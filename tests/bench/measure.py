"""Runs a command and says what it took, with everything that it started.

This process makes itself the reaper of orphans, so that whatever a command starts stays below it
until it is waited for: none escapes the bill, and none outlives its run.
"""
import ctypes
import os
import resource
import shlex
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass

PR_SET_CHILD_SUBREAPER = 36
SHELL_CHARACTERS = set("|&;<>()$`*?[]{}~\n")


@dataclass
class Cost:
    wall: float
    cpu: float
    peak: int  # bytes; 0 where it was not looked for
    failure: str  # why there is no answer, or empty


def adopt_orphans():
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    # Killed, this process still ends by way of run(), which leaves nothing behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))


def arguments(command):
    """The shell only where it is needed: to start one takes longer than to count a small file."""
    if SHELL_CHARACTERS.isdisjoint(command) and "=" not in command.split()[0]:
        return shlex.split(command)
    return ["bash", "-c", command]


def run(command, output, limit, env, sample=False):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    errors = output + ".errors"
    with open(output, "wb") as out, open(errors, "wb") as err:
        start = time.perf_counter()
        process = subprocess.Popen(arguments(command), stdin=subprocess.DEVNULL, stdout=out,
                                   stderr=err, env=env, start_new_session=True)
        sampler = Sampler() if sample else None
        alarm = threading.Timer(limit, kill_descendants)
        alarm.start()
        try:
            status = process.wait()
            wall = time.perf_counter() - start
        finally:
            alarm.cancel()
            peak = sampler.stop() if sampler else 0
            kill_descendants()
            reap_orphans()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(wall, cpu, peak, explain(status, wall >= limit, limit, errors))


def explain(status, late, limit, errors):
    if late:
        return f"more than {limit:g} s"
    if status == 0:
        return ""
    with open(errors, errors="replace") as file:
        said = [line.strip() for line in file if line.strip()]
    return f"status {status}: {said[-1][:160]}" if said else f"status {status}"


def descendants():
    found, waiting = [], [os.getpid()]
    while waiting:
        pid = waiting.pop()
        try:
            threads = os.listdir(f"/proc/{pid}/task")
            for thread in threads:
                with open(f"/proc/{pid}/task/{thread}/children") as file:
                    children = [int(child) for child in file.read().split()]
                found += children
                waiting += children
        except OSError:  # it ended meanwhile
            pass
    return found


def kill_descendants():
    for pid in descendants():
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass


def reap_orphans():
    try:
        while True:
            os.wait()
    except ChildProcessError:
        pass


def resident(pid):
    """Bytes in memory, each page divided by the number of processes that share it, so that a sum
    over processes counts it once."""
    try:
        with open(f"/proc/{pid}/smaps_rollup") as file:
            for line in file:
                if line.startswith("Pss:"):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0


def memory_files(pids):
    """Bytes of the files in memory that processes have open, each file once. One that is mapped
    would be counted twice; no contestant does that."""
    sizes = {}
    for pid in pids:
        try:
            for entry in os.scandir(f"/proc/{pid}/fd"):
                if os.readlink(entry.path).startswith("/memfd:"):
                    file = entry.stat()
                    sizes[file.st_ino] = file.st_blocks * 512
        except OSError:  # it ended meanwhile
            pass
    return sum(sizes.values())


class Sampler:
    """Looks as often as it can at the memory of all processes below this one. That slows them
    down: a run that is looked at is not one to time."""

    def __init__(self):
        self.peak = 0
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self.watch)
        self.thread.start()

    def watch(self):
        while not self.ended.wait(0.001):
            pids = descendants()
            now = sum(resident(pid) for pid in pids) + memory_files(pids)
            self.peak = max(self.peak, now)

    def stop(self):
        self.ended.set()
        self.thread.join()
        return self.peak
