"""Programs as mappers, each edge of the exchange with them in a test of its own."""

import json
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
import unittest

from support import ROOT, SOON, Case, how, large, send, wait_for, workers

ROUNDS = int(os.environ.get("ROUNDS", 20))
SEED = int(os.environ.get("SEED", random.randrange(1 << 30)))


def unlike_others(seconds):
    """So many seconds to sleep for, written as no other test at the same time writes them."""
    return f"{seconds}.{os.getpid()}{time.monotonic_ns()}"


def alive(mark):
    """The processes that have this word among their arguments."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                if mark in file.read():
                    found.append(int(pid))
        except OSError:
            pass
    return found


class Programs(Case):
    def mapped(self, command, *files, **more):
        return self.wc(f"--mapper={command}", *files, **more)

    def failed(self, command, *arguments, **more):
        """What is said of a program that fails."""
        got = self.wc(f"--mapper={command}", *arguments, status=1, noisy=True, **more)
        self.assertEqual(got.out, b"")
        return got.err

    def gone(self, mark):
        wait_for(lambda: not alive(mark.encode()))

    # ---- lines ----

    def test_lines_in_and_out(self):
        for data, command, wanted in (
            (b"to be\nor not\n", "tr a-z A-Z", b"TO BE\nOR NOT\n"),
            (b"last line\nwithout end", "cat", b"last line\nwithout end\n"),
            (b"without", "wc -l", b"1\n"),
            (b"", "cat", b""),
            (b"", "echo begun; cat", b"begun\n"),  # begun without a line
            (b"\n\n", "cat", b"\n\n"),
            (b"a\r\nb\rc\n", "cat", b"a\r\nb\rc\n"),  # CR is a byte as others are
            (b"a\0b\xff\n\t\n", "cat", b"a\0b\xff\n\t\n"),
            (b"a\n", "printf x", b"x\n"),  # output without an end
            (b"a\n", "cat; printf x", b"a\nx\n"),
            (b"a\n", "true", b""),
        ):
            with self.subTest(command=command, data=data):
                self.assertEqual(self.mapped(command, self.file("f", data)).out, wanted)

    def test_lines_larger_than_memory(self):
        data = b"x" * (24 << 20) + b"\ny\n" + b"z" * (10 << 20) + b"\n"
        path = self.file("f", data)
        got = self.mapped("cat", "-S16M", "-m1", path, budget=(16 << 20) + (1 << 20))
        self.assertEqual(got.out, data)
        self.assertEqual(self.mapped("cat", "-S16M", "-n1", path).out, data.split(b"\n")[0] + b"\n")

    def test_each_file_has_a_program_that_knows_its_name(self):
        names = [self.file(f"f{n}", b"%d\n" % n * n) for n in range(3)]
        command = 'echo "$mapreduce_map_input_file $map_input_file $map_input_start"; wc -l'
        got = self.mapped(command, *names)
        wanted = "".join(f"{name} {name} 0\n{n}\n" for n, name in enumerate(names))
        self.assertEqual(got.out.decode(), wanted)
        got = self.mapped("echo $WC_MR_TASK,$mapred_task_partition,$WC_MR_OFFSET $WC_MR_FILE",
                          "--split-size=4b", names[2], "-", input=b"x\n")
        self.assertEqual(got.out.decode(), f"0,0,0 {names[2]}\n1,1,0 -\n")

    def test_any_way_of_running_gives_the_same_lines_in_order(self):
        self.drawn = True
        for i in range(max(ROUNDS // 4, 2)):
            draw = random.Random(SEED + i)
            lines = [
                bytes(draw.choice(b"ab \t\r\0\xe4") for _ in range(draw.choice([0, 3, 9, 300])))
                for _ in range(draw.choice([0, 1, 300, 3000]))
            ]
            texts = [b"\n".join(lines), b"\n".join(lines[: len(lines) // 2]) + b"\n", b""]
            names = [self.file(f"f{n}", text) for n, text in enumerate(texts)]
            wanted = b"".join(t + b"\n" * (not t.endswith(b"\n") and t != b"") for t in texts)
            ways = [way for way in how(draw) if way != "--split-size=300b"]
            with self.subTest(f"SEED={SEED + i}"):
                self.assertEqual(self.mapped("cat", *ways, *names).out, wanted)
                got = self.mapped("tr a b | cat", *ways, "-", *names[1:], input=texts[0])
                self.assertEqual(got.out, wanted.replace(b"a", b"b"))

    def test_formats_and_how_many_are_written(self):
        path = self.file("f", b'a,b\n\n"c"\nd')
        for option, wanted, lines in (
            ("--format=lines", b'a,b\n\n"c"\nd\n', 4), ("-n2", b"a,b\n\n", 2),
            ("--format=tsv", b'a,b\n\n"c"\nd\n', 4),
            ("--format=csv", b'"a,b"\n""\n"""c"""\nd\n', 4),
        ):
            for way in ["--mapper=cat"], ["--mapper=cat", "--reducer=cat", "-r1"]:
                with self.subTest(option=option, way=way):
                    got = self.wc(*way, option, "--stats", path, noisy=True)
                    self.assertRegex(got.err, b"written +%d lines" % lines)
                    if len(way) == 1:
                        self.assertEqual(got.out, wanted)
                    elif option != "-n2":
                        self.assertEqual(sorted(got.out.splitlines()), sorted(wanted.splitlines()))

    def test_lines_of_any_size_are_as_many_as_are_written(self):
        for count in 1, 240, 255, 256, 1000:
            for line in b"", b"a", b"b" * 238, b"c" * 300:
                with self.subTest(count=count, size=len(line)):
                    path = self.file("f", (line + b"\n") * count)
                    got = self.mapped("cat", "--stats=json", "-O", self.path("d"), "--overwrite",
                                      path, noisy=True)
                    self.assertEqual(json.loads(got.err)["written"], count)

    def test_parts_of_a_directory(self):
        path = self.file("f", b"".join(b"%05d\n" % n for n in range(1000)))
        got = self.mapped("cat", "--split-size=3000b", "--stats=json", "-O", self.path("d"), path,
                          noisy=True)
        stats = json.loads(got.err)
        self.assertEqual((stats["merge"]["tasks"], stats["written"], stats["output_bytes"]),
                         (0, 1000, 6000))
        parts = sorted(n for n in os.listdir(self.path("d")) if n != "_SUCCESS")
        self.assertEqual(len(parts), 2)
        whole = b"".join(self.read(f"d/{part}") for part in parts)
        self.assertEqual(whole, self.read("f"))

    # ---- the order in which a program reads and writes ----

    def test_a_program_that_writes_before_it_reads(self):
        data = b"line\n" * 300000
        got = self.mapped("head -c 3000000 /dev/zero | tr '\\0' '\\n'; cat", "-m1", self.file("f", data))
        self.assertEqual(got.out, b"\n" * 3000000 + data)

    def test_a_program_that_reads_all_before_it_writes(self):
        data = b"".join(b"%d\n" % n for n in range(300000))
        self.assertEqual(self.mapped("tac", "-m1", self.file("f", data)).out,
                         b"".join(reversed(data.splitlines(True))))

    def test_a_program_that_writes_each_line_in_pieces_seldom_wakes_the_task(self):
        lines = 30000
        data = b"".join(b"%d\n" % n for n in range(lines))
        command = ("import os, sys\nfor line in sys.stdin.buffer:\n"
                   "    os.write(1, line[:-1])\n    os.write(1, line[-1:])")
        before, began = resource.getrusage(resource.RUSAGE_CHILDREN).ru_nvcsw, time.monotonic()
        got = self.mapped(f"{sys.executable} -c '{command}'", "-m1", self.file("f", data))
        self.assertEqual(got.out, data)
        waits = resource.getrusage(resource.RUSAGE_CHILDREN).ru_nvcsw - before
        # Twice a line were it woken each time; the program's pace decides how many milliseconds pass.
        self.assertLess(waits, lines // 20 + 2000 * (time.monotonic() - began))

    def test_a_program_that_reads_little_or_nothing(self):
        path = self.file("f", b"line\n" * 1000000)
        self.assertEqual(self.mapped("head -n 2", "-m1", path).out, b"line\nline\n")
        self.assertEqual(self.mapped("echo x", "-m1", path).out, b"x\n")
        got = self.mapped("exec <&-; sleep 0.1; head -c 2000000 /dev/zero", "-m1", path)
        self.assertEqual(got.out, b"\0" * 2000000 + b"\n")

    def test_a_program_that_closes_its_output(self):
        path = self.file("f", b"line\n" * 1000000)
        self.assertEqual(self.mapped("echo x; exec >&-; cat 2>&-; true", "-m1", path).out, b"x\n")

    def test_what_runs_on_in_the_background_still_writes(self):
        path = self.file("f", b"a\n")
        self.assertEqual(self.mapped("(sleep 0.2; echo late) & cat", path).out, b"a\nlate\n")
        # timeout has a process group of its own.
        command = "cat; (timeout 60 sh -c 'sleep 0.2; echo late' &)"
        self.assertEqual(self.mapped(command, path).out, b"a\nlate\n")

    def test_a_program_that_forks_a_daemon_which_holds_its_output(self):
        path, long = self.file("f", b"a\nb\n"), unlike_others(4744)
        for command in (f"setsid sleep {long} & cat", f"setsid sh -c 'sleep {long} & sleep {long}' & cat",
                        f"setsid sleep {long} & (sleep 0.2; echo late) & cat"):
            late = b"late\n" if "late" in command else b""
            self.assertEqual(self.mapped(command, path).out, b"a\nb\n" + late)
            got = self.wc(f"--reducer={command}", path)
            self.assertEqual(got.out, b"a\nb\n" + late)
            self.gone(long)

    # ---- standard error ----

    def test_standard_error_is_passed_on_and_counters_are_counted(self):
        command = "; ".join(
            f"echo '{line}' >&2"
            for line in (
                "a word", "reporter:counter:g,n,3", "reporter:counter:g,n, 4 ", "reporter:status:x",
                "reporter:counter: g,other,18446744073709551615 ", "reporter:counter:g,n",
                "reporter:counter:g,n,1,2", "reporter:counter:g,n,-1", "reporter:counter:g,n,x",
                "reporter:else", "reporter:counter:g," + "n" * 70 + ",1",
            )
        ) + "; head -c 9000 /dev/zero | tr '\\0' x >&2; cat"
        got = self.mapped(command, "--stats", self.file("f", b"a\n"), noisy=True)
        lines = got.err.splitlines()
        passed = [b"a word", b"reporter:counter:g,n, 4 ", b"reporter:counter:g,n",
                  b"reporter:counter:g,n,1,2", b"reporter:counter:g,n,-1",
                  b"reporter:counter:g,n,x", b"reporter:else",
                  b"reporter:counter:g," + b"n" * 70 + b",1", b"x" * 9000]
        self.assertEqual(lines[:len(passed)], passed)
        counters = dict(re.findall(rb"counter +(\d+) +(\S+)", got.err))
        self.assertEqual(counters, {b"3": b"g,n", b"18446744073709551615": b"g,other"})

    def test_much_standard_error_does_not_hold_a_program_up(self):
        path = self.file("f", b"line\n" * 100000)
        got = self.mapped("tee /dev/stderr", "-m1", path, noisy=True)
        self.assertEqual((got.out, got.err), (self.read("f"), self.read("f")))

    # ---- ends ----

    def test_a_failure_tells_how_and_the_last_words(self):
        path = self.file("f", b"a\nb\n")
        command = "cat; for i in 1 2 3 4 5 6 7 8 9 10 11 12; do echo no $i >&2; done; exit 3"
        err = self.failed(command, path)
        words = " | ".join(f"no {i}" for i in range(3, 13))
        self.assertIn(f"ended with status 3, having read '{path}' up to byte 4 at most, in the "
                      f"line 'b' at byte 2; its last words: {words}\n".encode(), err)
        self.assertIn(b"was killed by signal 11", self.failed("kill -SEGV $$", path))
        self.assertIn(b"ended with status 127 (a command was not found)",
                      self.failed("no-such-command 2>/dev/null", path))
        self.assertIn(b"ended with status 1,", self.failed("cat; false", path))

    def test_a_program_that_dies_after_its_last_line(self):
        path, out = self.file("f", b"a\nb\n"), self.path("out")
        for role in "mapper", "reducer":
            for ends, how in ("kill -9 $$", b"was killed by signal 9"), ("exit 3", b"with status 3"):
                with self.subTest(role, ends=ends):
                    got = self.wc(f"--{role}=cat; {ends}", "-o", out, "--max-attempts=1", path,
                                  status=1)
                    self.assertIn(how, got.err)
                    self.assertFalse(os.path.exists(out))

    def test_a_program_that_dies_amid_much_input(self):
        path = self.file("f", b"line\n" * 1000000)
        err = self.failed("head -c 50000 >/dev/null; exit 5", "-m1", "--max-attempts=1", path)
        self.assertIn(b"up to byte 50000 at most, in the line 'line' at byte 49995\n", err)
        data = b"".join(b"%d\0\xff%s\n" % (n, b"x" * (n % 200)) for n in range(100000))
        path = self.file("g", data)
        for at in 1, 777777, 5000000, 9000000:
            for more in ["-S16M"], [], ["-"]:
                start = data.rfind(b"\n", 0, at - 1) + 1
                line = data[start:data.index(b"\n", start)]
                err = self.failed(f"head -c {at} >/dev/null; exit 5", "-m1", "--max-attempts=1",
                                  *(more if more != ["-"] else []), path if more != ["-"] else "-",
                                  **({"input": data} if more == ["-"] else {}))
                number = line[:line.index(b"\0")]
                shown = number + b" \\377" + b"x" * (min(len(line), 100) - len(number) - 2)
                shown = b"'" + shown + b"'" + b"..." * (len(line) > 100)
                self.assertIn(b"up to byte %d at most, in the line %s at byte %d\n"
                              % (at, shown, start), err)

    def test_lines_that_a_program_dies_at_are_found_and_passed_over(self):
        command = "awk '/BAD/ { exit 3 } 1'"
        self.drawn = True
        for i in range(max(ROUNDS // 5, 2)):
            draw = random.Random(SEED + i)
            lines = [b"%d" % n + b"x" * draw.choice([0, 9, 200]) for n in range(20000)]
            bad = sorted({7} | {draw.choice([0, 1, 19999, draw.randrange(20000)]) for _ in range(3)})
            for n in bad:
                lines[n] = b"BAD%d" % n
            text = b"\n".join(lines) + b"\n" * draw.randint(0, 1)
            wanted = b"".join(line + b"\n" for line in lines if not line.startswith(b"BAD"))
            path, told = self.file("f", text), self.path("told")
            ways = [f"-m{draw.randint(1, 2)}", "-S" + draw.choice(["16M", "200M"])]
            ways += ["--split-size=300K"] * draw.randint(0, 1)
            stream = draw.random() < 0.3
            with self.subTest(f"SEED={SEED + i}"):
                got = self.wc(f"--mapper={command}", f"--skip-bad-records={len(bad)}", *ways,
                              f"--bad-records={told}", "-" if stream else path, noisy=True,
                              **({"input": text} if stream else {}))
                self.assertEqual(got.out, wanted)
                found = re.findall(rb'"offset":(\d+),.*"record":"([^"\\]*)', self.read("told"))
                self.assertEqual(found, [(b"%d" % text.index(b"BAD%d" % n), b"BAD%d" % n)
                                         for n in bad])
        err = self.failed(command, f"--skip-bad-records={len(bad) - 1}", path)
        self.assertIn(b"no more than %d may be passed over" % (len(bad) - 1), err)
        # What dies whatever it is given, or nowhere a second time, dies at no line.
        mark = self.path("mark")
        once = f"test -e {mark} && exec cat; touch {mark}; wc -l; exit 1"
        for program, status in ("wc -l; exit 3", 1), (once, 0):
            got = self.wc(f"--mapper={program}", "--skip-bad-records=9", path, "--max-attempts=2",
                          status=status, noisy=True)
            self.assertNotIn(b"passed over", got.err)

    def test_lines_are_found_however_late_a_program_dies_at_them(self):
        lines = [b"heading"] + [b"%06d" % n for n in range(20000)]
        lines[10001] = lines[20000] = b"BAD"
        text = b"\n".join(lines) + b"\n"
        path, places = self.file("f", text), [text.index(b"BAD"), text.rindex(b"BAD")]
        for program in ("awk 'NR == 1 && !/heading/ || /BAD/ { exit 3 } 1'",
                        "awk '/BAD/ { bad = 1 } { print } END { exit bad }'",
                        "python3 -c 'import sys\nfor line in sys.stdin:\n"
                        " assert line[0] != \"B\"\n print(line, end=str())'",
                        "sed -u '/BAD/ { s/.*/sleep 0.05; kill $PPID/e }'"):
            with self.subTest(program):
                told = self.path("told")
                self.wc(f"--mapper={program}", "--skip-bad-records=2", f"--bad-records={told}",
                        "-m1", path, noisy=True)
                found = re.findall(rb'"offset":(\d+),"bytes":4', self.read("told"))
                self.assertEqual(found, [b"%d" % n for n in places])

    def test_no_line_is_blamed_that_only_lacks_the_lines_before_it(self):
        record = [b"begin"] + [b"%05d" % n for n in range(50)] + [b"end"]
        lines = record * 300
        lines[-10] = b"BAD"
        text = b"\n".join(lines) + b"\n"
        path, told = self.file("f", text), self.path("told")
        program = ("awk '/begin/ { open = 1 } /end/ { if (!open) exit 3; open = 0 } "
                   "/BAD/ && open { exit 4 }'")
        self.wc(f"--mapper={program}", "--skip-bad-records=1", f"--bad-records={told}", "-m1", path,
                noisy=True)
        self.assertIn(b'"offset":%d,"bytes":4' % text.index(b"BAD"), self.read("told"))
        # Without the lines before, nobody knows.
        heading = "awk 'NR == 1 && !/heading/ || /BAD/ { exit 3 }'"
        path = self.file("g", b"heading\n" + (b"x" * 99 + b"\n") * 40000 + b"BAD\n")
        got = self.wc(f"--mapper={heading}", "--skip-bad-records=9", "-m1", path, status=1)
        self.assertNotIn(b"passed over", got.err)

    def test_a_program_that_fails_at_first_is_tried_again(self):
        mark = self.path("mark")
        command = f"cat; test -e {mark} || {{ touch {mark}; exit 1; }}"
        self.assertEqual(self.mapped(command, self.file("f", b"a\n")).out, b"a\n")

    def test_a_program_that_never_ends(self):
        long = unlike_others(4741)
        err = self.failed(f"exec >&-; sleep {long}", "--task-timeout=1", "--max-attempts=1",
                          self.file("f", b"a\n"))
        self.assertIn(b"no progress for 1 s", err)
        self.gone(long)

    def test_signs_of_life_are_progress(self):
        command = "for i in `seq 20`; do sleep 0.2; echo reporter:status:$i >&2; done; cat"
        # Were they none, no try would live; a machine that stands still may cost one.
        got = self.mapped(command, "--task-timeout=3", "--max-attempts=20", self.file("f", b"a\n"))
        self.assertEqual(got.out, b"a\n")

    # ---- what a program is given ----

    def test_signals_and_descriptors_are_as_usual(self):
        command = "grep -E 'Sig(Blk|Ign)' /proc/self/status; ls /proc/self/fd | wc -l"
        got = self.mapped(command, self.file("f", b"a\n"))
        # ls has one open of its own.
        self.assertEqual(re.findall(rb"\S+$", got.out, re.M), [b"0" * 16] * 2 + [b"4"])

    # ---- nothing is left ----

    def test_a_daemon_does_not_outlive_the_program(self):
        path, long = self.file("f", b"a\n"), unlike_others(4742)
        command = f"setsid sh -c 'sleep {long} <&- >/dev/null &' & (sleep {long} >&- &); sleep 0.1; cat"
        self.assertEqual(self.mapped(command, path).out, b"a\n")
        self.gone(long)

    def test_no_program_outlives_a_worker_or_the_run(self):
        path = self.file("f", b"a\n")
        for number, who in (signal.SIGTERM, "run"), (signal.SIGKILL, "run"), (
                signal.SIGKILL, "worker"):
            mark, long = self.path(f"mark-{number}-{who}"), unlike_others(4743)
            command = (f"test -e {mark} && exec cat; sleep {long} & "
                       f"setsid sh -c 'trap \"\" TERM HUP INT; sleep {long}; :' & "
                       f"sleep 0.2; touch {mark}; sleep {long}")
            running = self.start(f"--mapper={command}", path)
            wait_for(lambda: os.path.exists(mark) and len(alive(f"sleep\0{long}\0".encode())) == 3)
            if who == "worker":
                os.kill(workers(running)[0], number)
                out, _ = running.process.communicate(timeout=SOON)
                self.assertEqual(out, b"a\n")
            else:
                os.kill(running.pid, number)
                running.process.communicate(timeout=SOON)
            self.assertIsNone(running.left_behind())
            self.gone(f"{long}\0")

    def test_kills_and_damage_change_nothing(self):
        data = b"".join(b"%d\n" % n for n in range(20000))
        got = self.mapped("cat; sleep 0.02", "--chaos=7,30", "--split-size=8K", "-m3",
                          "--max-attempts=20", self.file("f", data), noisy=True)
        self.assertEqual(got.out, data)

    # ---- keeping on ----

    def test_a_run_is_gone_on_with_by_the_same_program_alone(self):
        path, work = self.file("f", b"a\nb\n"), self.path("kept")
        stop = self.path("stop")
        command = f"cat; test ! -e {stop} || test $WC_MR_OFFSET = 0"
        self.file("stop")
        options = [f"--work-dir={work}", "-r0", "--split-size=2b", "--max-attempts=1", "-m1", path]
        self.wc(f"--mapper={command}", *options, status=1)
        os.unlink(stop)
        got = self.wc("--mapper=cat", "--resume", *options, status=1)
        self.assertIn(b"--mapper", got.err)
        got = self.wc(f"--mapper={command}", "--resume", "--stats", *options, noisy=True)
        self.assertEqual(got.out, b"a\nb\n")
        self.assertRegex(got.err, rb"resumed +1 tasks")

    # ---- the command line ----

    def test_which_job_it_is(self):
        path = self.file("f", b"a\n")
        for arguments in ["--mapper", "cat", path], [path, "--mapper=cat"], [
                "-m", "1", path, "--mapper", "cat"], ["--job=programs", "--mapper=cat", path]:
            self.assertEqual(self.wc(*arguments).out, b"a\n")
        self.assertEqual(self.wc("--mappers=1", path).out, b"a\t1\n")
        self.assertEqual(self.wc("--", path).out, b"a\t1\n")
        got = self.wc("--job=programs", path, status=2)
        self.assertIn(b"there is no program", got.err)
        got = self.wc("--mapper=cat", "--mapper=tac", path, status=2)
        self.assertIn(b"'tac' is a second mapper", got.err)


def key_of(line, separator=b"\t", fields=1):
    return separator.join(line.split(separator)[:fields])


class Reducers(Case):
    def reduced(self, command, *arguments, **more):
        return self.wc(f"--reducer={command}", *arguments, **more)

    def parts(self):
        names = sorted(n for n in os.listdir(self.path("d")) if n != "_SUCCESS")
        return [self.read(f"d/{name}") for name in names]

    def test_each_gets_its_keys_in_order_and_their_values_in_that_of_the_input(self):
        self.drawn = True
        for i in range(max(ROUNDS // 2, 3)):
            draw = random.Random(SEED + i)
            separator, fields = draw.choice([(b"\t", 1), (b"\t", 2), (b",", 1), (b";", 3),
                                             (b"::", 1), (b"aba", 2), (b"\xe2\x86\x92", 2)])
            words = [b"", b"a", b"b" * 50, b"\xff\0", b"%d" % draw.randint(0, 300), b":"]
            lines = [
                separator.join(draw.choice(words) for _ in range(draw.randint(1, 4)))
                for _ in range(draw.choice([0, 1, 30, 2000]))
            ]
            lines += [b"big" * draw.choice([1, 30000]) + separator + b"x" * 90000] * draw.randint(0, 2)
            text = b"".join(line + b"\n" for line in lines)
            wanted = sorted(lines, key=lambda line: key_of(line, separator, fields))
            path = self.file("f", text)
            options = [f"--separator={os.fsdecode(separator)}", f"--key-fields={fields}"]
            options += ["--mapper=cat"] * draw.randint(0, 1)
            options += ["--combiner=cat"] * draw.randint(0, 1)
            ways = [way for way in how(draw) if not way.startswith(("--split", "--reducers"))]
            ways += ["--split-size=" + draw.choice(["5K", "60K"])] if len(text) < 100000 else []
            with self.subTest(f"SEED={SEED + i}"):
                got = self.reduced("cat", "-r1", *options, *ways, path)
                self.assertEqual(got.out, b"".join(line + b"\n" for line in wanted))
                whole = self.reduced("cat", "-r3", *options, *ways, path).out
                self.reduced("cat", "-r3", *options, "-O", self.path("d"), *ways, path)
                parts = self.parts()
                shutil.rmtree(self.path("d"))
                self.assertEqual((len(parts), b"".join(parts)), (3, whole))
                self.assertEqual(sorted(whole.splitlines()), sorted(text.splitlines()))
                keys = [[key_of(n, separator, fields) for n in p.split(b"\n")[:-1]] for p in parts]
                for part, mine in zip(parts, keys):
                    self.assertEqual(mine, sorted(mine))
                    of_part = set(mine)
                    self.assertEqual(part, b"".join(
                        n + b"\n" for n in wanted if key_of(n, separator, fields) in of_part))
                self.assertEqual(sum(len(set(mine)) for mine in keys), len(set(sum(keys, []))))

    def test_parts_one_after_the_other_are_the_whole_output(self):
        path = self.file("f", b"".join(b"%d\tx\n" % (n % 7000) for n in range(30000)))
        for more in [], ["-n", "9000"], ["-n", "2"], ["--format=jsonl"]:
            whole = self.reduced("cat", "-r3", *more, path).out
            self.reduced("cat", "-r3", "--ordered-parts", *more, "-O", self.path("d"), path)
            parts = self.parts()
            shutil.rmtree(self.path("d"))
            self.assertEqual(len(parts), 3)
            self.assertTrue(b"".join(parts) == whole, more)  # a difference would be megabytes

    def test_keys_sorted_and_partitioned_by_their_fields(self):
        def field(line, n):
            fields = line.split(b"\t")[:3]
            return fields[n - 1] if n <= len(fields) else b""

        def number(line, n):
            return float(re.match(rb"-?\d+(\.\d+)?|", field(line, n))[0] or 0)

        def chosen(*numbers):
            return lambda line: [line.split(b"\t")[n - 1] for n in numbers
                                 if n <= len(line.split(b"\t")[:3])]

        orders = (  # the last key first
            ("", [lambda n: key_of(n, fields=3)], False),
            ("-k1,1 -k2,2nr", [lambda n: -number(n, 2), lambda n: field(n, 1)], False),
            ("2,2n", [lambda n: number(n, 2)], False),
            ("-k 2,2n -k 3,3", [lambda n: field(n, 3), lambda n: number(n, 2)], False),
            ("-k1,1r", [lambda n: field(n, 1)], True),
            ("-k2 -r", [lambda n: key_of(n, fields=3).partition(b"\t")[2]], True),
        )
        partitions = (("", lambda n: key_of(n, fields=3)), ("1", chosen(1)), ("2-", chosen(2, 3)),
                      ("1,3", chosen(1, 3)), ("1-3", chosen(1, 2, 3)), ("-k 1,1 -k3n", chosen(1, 3)),
                      ("-k2.2,2.3", lambda n: [key_of(n, fields=3).partition(b"\t")[2][1:3]]),
                      ("-k1.2,1", lambda n: [field(n, 1)[1:]]))
        self.drawn = True
        for i in range(max(ROUNDS // 2, 3)):
            draw = random.Random(SEED + i)
            words = [b"", b"a", b"%d" % draw.randint(-300, 300), b"7", b"-12.5", b"\xff\0"]
            lines = [b"\t".join(draw.choice(words) for _ in range(draw.randint(1, 5)))
                     for _ in range(draw.choice([0, 1, 30, 2000]))]
            lines += [b"a\t1\tx\t" + b"x" * 400000] * draw.randint(0, 2)
            draw.shuffle(lines)
            path = self.file("f", b"".join(line + b"\n" for line in lines))
            order, keys, backwards = draw.choice(orders)
            by, part_of = draw.choice(partitions)
            wanted = lines
            for key in keys:
                wanted = sorted(wanted, key=key, reverse=backwards)  # which is stable
            options = ["--key-fields=3"] + ["--mapper=cat"] * draw.randint(0, 1)
            options += ["--combiner=cat"] * draw.randint(0, 1)
            options += [f"--sort-by={order}"] * (order != "")
            options += [f"--partition-by={by}"] * (by != "")
            ways = [way for way in how(draw) if not way.startswith(("--split", "--reducers"))]
            with self.subTest(f"SEED={SEED + i}", order=order, by=by):
                got = self.reduced("cat", "-r1", *options, *ways, path)
                self.assertEqual(got.out.split(b"\n")[:-1], wanted)
                self.reduced("cat", "-r3", *options, "-O", self.path("d"), *ways, path)
                parts = [part.split(b"\n")[:-1] for part in self.parts()]
                shutil.rmtree(self.path("d"))
                seen = set()
                for part in parts:
                    mine = {bytes(part_of(n)) if by == "" else tuple(part_of(n)) for n in part}
                    self.assertFalse(seen & mine)
                    seen |= mine
                    self.assertEqual(part, [
                        n for n in wanted
                        if (bytes(part_of(n)) if by == "" else tuple(part_of(n))) in mine])
                self.assertEqual(sum(map(len, parts)), len(lines))

    def test_separators_that_overlap(self):
        """The first one counts, and the next is looked for behind it: so of a line of any size."""
        for separator, lines in (
            (b"::", (b"a:::b", b"a::c", b"a:", b"a", b":::", b"::")),
            (b"aba", (b"ababa", b"xaabab", b"ab", b"aba")),
            (b"aab", (b"aaab", b"aab", b"aa", b"aaaaab")),
        ):
            for fill in (b"", b"z" * 300000, b"z" * 65535, separator[:1] * 400001):
                text = [fill + line for line in lines] * 2
                path = self.file("f", b"\n".join(text) + b"\n")
                for fields in (1, 2):
                    wanted = sorted(text, key=lambda line: key_of(line, separator, fields))
                    got = self.reduced("cat", "-r1", "--mapper=cat", "--memory=16M",
                                       f"--separator={os.fsdecode(separator)}",
                                       f"--key-fields={fields}", path)
                    self.assertTrue(got.out.split(b"\n")[:-1] == wanted,
                                    (separator, fill[:1], len(fill), fields))

    def test_fields_of_a_key_with_a_separator_of_their_own(self):
        lines = [b"%d%s%d\t%d" % (n % 5, b"::", n * 7 % 31, n) for n in range(31)]
        path = self.file("f", b"\n".join(lines))
        options = ["--field-separator=::", "--partition-by=1", "--sort-by=1,1r 2,2n"]
        got = self.reduced("cat", "-r1", *options, path)
        wanted = sorted(lines, key=lambda n: (-int(n[:1]), int(n[3:].split(b"\t")[0])))
        self.assertEqual(got.out.split(b"\n")[:-1], wanted)
        self.reduced("cat", "-r3", *options, "-O", self.path("d"), path)
        parts = [{line[:1] for line in part.splitlines()} for part in self.parts()]
        self.assertEqual(sum(map(len, parts)), 5)
        # A field that is not there is empty, as keys may have any number of them.
        got = self.reduced("cat", "-r1", "--field-separator=:", "--sort-by=2", self.file("g", b"b\na:x\n"))
        self.assertEqual(got.out, b"b\na:x\n")

    def test_a_hundred_thousand_keys_to_partition_by_in_one_reducer(self):
        lines = [b"%d,%d\tv" % (n * 7919 % 100000, n % 7) for n in range(100000)]
        path = self.file("f", b"\n".join(lines))
        options = ["--separator=,", "--key-fields=2", "--partition-by=1", "--sort-by=1n"]
        got = self.reduced("cat", "-r1", *options, path)
        wanted = sorted(lines, key=lambda line: int(line[:line.index(b",")]))
        self.assertTrue(got.out == b"\n".join(wanted) + b"\n")  # a difference would be megabytes

    def test_a_combiner_gets_lines_sorted_and_makes_others_of_them(self):
        draw = random.Random(SEED)
        lines = [b"%d\t%d" % (draw.randint(0, 500), draw.randint(0, 9)) for _ in range(60000)]
        lines += [b"7\t1" + b" " * 2000000]  # passes it by
        path = self.file("f", b"".join(line + b"\n" for line in lines))
        sums = {}
        for line in lines:
            key, number = line.split(b"\t")
            sums[key] = sums.get(key, 0) + int(number)
        summing = ("awk -F'\t' 'NR > 1 && $1 < k { exit 3 } NR > 1 && $1 != k { print k FS s; s = 0 } "
                   "{ k = $1 \"\"; s += $2 } END { if (NR) print k FS s }'")
        wanted = b"".join(key + b"\t%d\n" % n for key, n in sorted(sums.items()))
        environment = "test -n \"$WC_MR_FILE$WC_MR_TASK\" -a $mapreduce_task_ismap = true || exit 4; "
        counting = environment + "echo reporter:counter:g,runs,1 >&2; " + summing
        for more in [], ["--mapper=cat"], ["-S16M", "-m1"], ["--split-size=100K", "-m2"], [
                "--chaos=5,20", "--split-size=100K", "-m2", "--max-attempts=20"]:
            with self.subTest(more):
                got = self.reduced(summing, f"--combiner={counting}", "-r1", "--stats", *more, path,
                                   noisy=True)
                self.assertEqual(got.out, wanted)
                self.assertLess(int(re.search(rb"shuffled .* (\d+) records", got.err)[1]), 20000)
                self.assertRegex(got.err, rb"counter +\d+  g,runs")
        self.assertEqual(self.reduced("cat", "--combiner=true", "-r1", self.file("g", b"a\n")).out, b"")
        got = self.reduced("cat", "--combiner=echo no >&2; exit 3", "-r1", path, status=1, noisy=True)
        self.assertRegex(got.err, rb"the combiner 'echo no >&2; exit 3' ended with status 3, having "
                                  rb"read \d+ lines at most; its last words: no\n")
        got = self.wc("--mapper=cat", "--combiner=cat", path, status=2)
        self.assertIn(b"there is no reducer to combine for", got.err)
        got = self.reduced("cat", "--combiner=true", "-r0", path, noisy=True)
        self.assertEqual(got.out, self.read("f"))

    def test_lines_to_combine_stay_in_their_memory(self):
        draw = random.Random(SEED)
        lines = [b"%06d\t%d" % (draw.randint(0, 50000), n) for n in range(400000)]
        path = self.file("f", b"\n".join(lines))
        wanted = sorted(lines, key=key_of)
        got = self.reduced("cat", "-r1", "-m2", "-S16M", "--combiner=cat", path, budget=17 << 20)
        self.assertEqual(got.out, b"\n".join(wanted) + b"\n")

    def test_a_key_too_large_for_its_fields(self):
        path = self.file("f", b"x" * 400000 + b"\n")
        got = self.reduced("cat", "--sort-by=1", "-r1", path, status=1)
        self.assertRegex(got.err, rb"a key of more than \d+ bytes, too many")

    def test_words_counted_by_programs(self):
        path = self.file("f", b"to be or\nnot to  be\n")
        got = self.wc("--mapper=tr -s '[:space:]' '\n'", "--reducer=uniq -c", "-r1", path)
        self.assertEqual(got.out.split(), b"2 be 1 not 1 or 2 to".split())

    def test_keys_that_come_often_after_many_that_do_not(self):
        """So many that mappers have found by then that to bundle values does not pay."""
        lines = [b"%d\t%d" % (n * 7919 % 30000, n) for n in range(400000)]
        path = self.file("f", b"\n".join(lines))
        wanted = sorted(lines, key=key_of)
        got = self.reduced("cat", "-r1", "-m1", path)
        self.assertEqual(got.out, b"\n".join(wanted) + b"\n")

    @large
    def test_more_than_a_reducers_memory(self):
        draw = random.Random(SEED)
        lines = [b"%06d\t%d" % (draw.randint(0, 50000), n) for n in range(1000000)]
        path = self.file("f", b"\n".join(lines))
        wanted = sorted(lines, key=key_of)
        got = self.reduced("cat", "-r1", "-m2", "-S16M", path, budget=17 << 20)
        self.assertEqual(got.out, b"\n".join(wanted) + b"\n")

    def test_many_keys_by_ranges(self):
        """A large key or value comes when ranges have been chosen, and so do keys unlike others."""
        lines = [b"key-%06d\t%d" % (n * 7919 % 300000, n) for n in range(600000)]
        lines[500000:500000] = [b"key-2" + b"9" * 100000 + b"\t%d" % n for n in range(3)]
        lines[500100:500100] = [b"key-2\t" + b"v" * 100000, b"\t1", b"zzz\t2", b"a", b"key", b"kez"]
        path = self.file("f", b"\n".join(lines))
        wanted = b"\n".join(sorted(lines, key=key_of)) + b"\n"
        for ways in ["-m1"], ["-m2", "--split-size=1M"]:
            with self.subTest(ways=ways):
                got = self.reduced("cat", "-r1", "-S1G", *ways, path)
                self.assertTrue(got.out == wanted)

    @large
    def test_keys_by_ranges_more_than_a_reducers_memory(self):
        lines = [b"%s/%08d/%d\tvalue" % (b"some/path", n * 7919 % 3000000, n % 7)
                 for n in range(3000000)]
        path = self.file("f", b"\n".join(lines))
        got = self.reduced("cat", "-r1", "-m1", "-S300M", path, budget=301 << 20)
        self.assertTrue(got.out == b"\n".join(sorted(lines, key=key_of)) + b"\n")

    def test_a_line_of_ten_megabytes(self):
        path = self.file("f", b"b\t" + b"x" * 10000000 + b"\na\n")
        self.assertEqual(self.reduced("cat", "-r1", "-S16M", path).out,
                         b"a\nb\t" + b"x" * 10000000 + b"\n")
        got = self.reduced("head -c 5000000 /dev/zero; cat", "-r1", path)
        self.assertEqual(len(got.out), 15000005)

    def check_long_keys(self, size):
        """Keys of so many bytes, with one value and with several; two differ at their end alone."""
        key = b"x" * size
        lines = [key + b"\t2\tx", b"b\t\t", key + b"\t1", key[:-1] + b"w\t3\ty", key + b"\t2\ty", key]
        path = self.file("f", b"\n".join(lines))
        for fields in 1, 2:
            got = self.reduced("cat", "--mapper=cat", f"--key-fields={fields}", "-r1", "-m2", "-S16M",
                               path, budget=17 << 20)
            wanted = sorted(lines, key=lambda line: key_of(line, fields=fields))
            self.assertTrue(got.out == b"\n".join(wanted) + b"\n", f"{fields} fields")

    def test_keys_larger_than_memory(self):
        self.check_long_keys(20 << 20)

    @large
    def test_keys_of_a_hundred_megabytes(self):
        self.check_long_keys(100 << 20)

    def test_a_program_that_dies_at_a_key_larger_than_memory(self):
        path = self.file("f", b"a\n" + b"b" * (20 << 20) + b"\t1\nc\n")
        got = self.reduced("head -c 2; cat >/dev/null; exit 3", "-r1", "-S16M", path, status=1)
        self.assertIn(b"having read 3 lines at most, the last of them 'c'", got.err)
        # Its end must be what is seen first, not that nobody reads any more.
        command = f"exec 3<&0; sleep {unlike_others(900)} & head -c 9000000 >/dev/null; exit 3"
        got = self.reduced(command, "-r1", "-S16M", path, status=1)
        self.assertIn(b"having read 2 lines at most, the last of them 'bbbbb", got.err)

    def test_a_partition_without_records_has_no_program(self):
        path = self.file("f", b"a\n")
        self.reduced("echo x; cat", "-r3", "-O", self.path("d"), path)
        self.assertEqual(sorted(self.parts()), [b"", b"", b"x\na\n"])

    def test_parts_are_written_by_their_reducers_and_not_merged(self):
        path = self.file("f", b"".join(b"%d\t,x\n" % (n * 7919 % 5000) for n in range(20000)))
        for more, merges in (
            ([], 0), (["--format=csv"], 0), (["-S16M", "--compress", "--split-size=9K"], 0),
            (["-n9000"], 1), ([f"--work-dir={self.path('kept')}"], 3), (["--ordered-parts"], 3),
        ):
            with self.subTest(more=more):
                whole = self.reduced("cat", "-r3", *set(more) - {"--ordered-parts"}, path).out
                got = self.reduced("cat", "-r3", "--stats=json", *more, "-O", self.path("d"), path,
                                   noisy=True)
                parts = self.parts()
                shutil.rmtree(self.path("d"))
                stats = json.loads(got.err)
                self.assertTrue(b"".join(parts) == whole)  # a difference would be megabytes
                self.assertEqual((len(parts), stats["merge"]["tasks"]), (3, merges))
                self.assertEqual(stats["written"], whole.count(b"\n"))
                self.assertEqual(stats["output_bytes"], len(whole))
        got = self.reduced("cat", "-r3", "--dry-run", "-O", self.path("d"), path)
        self.assertIn(b"by the tasks that make the result, as they make it", got.out)

    def half_written(self, *to):
        """A run of whose output much is written, and no more will be by this try: of a reducer's 7 MB
        only what pipes hold is not taken yet. Another try writes less."""
        path, begun = self.file("f", b"a\t1\nb\t2\n"), self.path("begun")
        command = f"test -e {begun} && exec cat; seq 1000000; touch {begun}; exec sleep {unlike_others(900)}"
        running = self.start(f"--reducer={command}", "-r1", *to, path)
        wait_for(lambda: os.path.exists(begun))
        return running

    def test_what_a_try_that_died_has_written_is_gone(self):
        for to, name in (("-O", "d/part-r-00000"), ("-o", "out")):
            running = self.half_written(to, self.path(name.split("/")[0]))
            for worker in workers(running):
                send(worker, signal.SIGKILL)
            self.assertEqual(running.process.wait(SOON), 0)
            self.assertEqual(self.read(name), b"a\t1\nb\t2\n")
            self.assertIsNone(running.left_behind())
            os.unlink(self.path("begun"))

    def test_a_signal_leaves_nothing_of_what_is_written(self):
        for to in "-O", "-o":
            running = self.half_written(to, self.path("out"))
            running.process.send_signal(signal.SIGTERM)
            self.assertEqual(running.process.wait(SOON), -signal.SIGTERM)
            self.assertIsNone(running.left_behind())
            self.assertEqual(sorted(os.listdir(self.work)), ["begun", "f"])
            os.unlink(self.path("begun"))

    def test_a_file_is_written_by_the_only_reducer(self):
        path, out = self.file("f", b"b\nc\na\n"), self.path("out")
        for command, reducers, merges, wanted in (
            ("cat", 1, 0, b"a\nb\nc\n"), ("true", 1, 0, b""), ("cat", 2, 1, None),
        ):
            got = self.reduced(command, f"-r{reducers}", "--stats=json", "-o", out, path, noisy=True)
            stats = json.loads(got.err)
            self.assertEqual(stats["merge"]["tasks"], merges)
            self.assertEqual(stats["output_bytes"], os.path.getsize(out))
            self.assertEqual(stats["written"], self.read("out").count(b"\n"))
            self.assertIn(wanted, (None, self.read("out")))

    def test_a_part_larger_than_memory_with_lines_that_are(self):
        data = b"y\n" * 300000 + b"x" * (24 << 20) + b"\n" + b"z\n" * 300000
        command = f"cat >/dev/null; exec cat {self.file('lines', data)}"
        self.reduced(command, "-r1", "-S16M", "-O", self.path("d"), self.file("f", b"a\n"),
                     budget=17 << 20)
        self.assertTrue(self.parts() == [data])

    def test_edges_of_the_exchange(self):
        path = self.file("f", b"".join(b"%d\n" % n for n in range(300000)))
        wanted = b"\n".join(sorted(self.read("f").split())) + b"\n"
        for command, output in (
            ("head -n 1", b"0\n"), ("echo x", b"x\n"), ("true", b""), ("tac", None),
            ("head -c 2000000 /dev/zero; cat", b"\0" * 2000000 + wanted),
            ("exec >&-; cat >/dev/null", b""), ("cat; printf end", wanted + b"end\n"),
            ("echo $WC_MR_TASK $mapred_task_partition $mapreduce_task_ismap", b"0 0 false\n"),
        ):
            if output is None:
                output = b"\n".join(reversed(wanted.split(b"\n")[:-1])) + b"\n"
            with self.subTest(command):
                self.assertEqual(self.reduced(command, "-r1", path).out, output)
        self.assertEqual(self.reduced("cat", "-r1", "-n2", path).out, b"0\n1\n")

    def test_one_that_reads_on_and_says_nothing_is_not_hung(self):
        slow = self.file("slow.py", b"import sys, time\nsize = 0\nwhile data := sys.stdin.buffer.raw.read(20000):\n"
                         b"    size += len(data)\n    time.sleep(0.15)\nprint(size)\n")
        path = self.file("f", b"x" * 79 + b"\n" + b"y\n" * 300000)
        # Were it taken for hung, it would be each time; a machine that stands still may cost a try.
        got = self.reduced(f"{sys.executable} {slow}", "-r1", "--task-timeout=3", "--max-attempts=20", path)
        self.assertEqual(got.out, b"600080\n")

    def test_a_failure_tells_how_and_the_last_words(self):
        path = self.file("f", b"a\t1\nb\t2\n")
        got = self.reduced("cat; echo no >&2; exit 3", "-r1", path, status=1, noisy=True)
        self.assertIn(b"the reducer 'cat; echo no >&2; exit 3' ended with status 3, having read 2 "
                      b"lines at most, the last of them 'b\\t2'; its last words: no\n", got.err)
        mark = self.path("mark")
        command = f"cat; test -e {mark} || {{ touch {mark}; exit 1; }}"
        self.assertEqual(self.reduced(command, "-r1", path).out, b"a\t1\nb\t2\n")

    def test_keys_that_a_program_dies_at_are_found_and_passed_over(self):
        dies = "awk -F'\t' '$1 ~ /^BAD/ { exit 3 } 1'"
        self.drawn = True
        for i in range(max(ROUNDS // 10, 2)):
            draw = random.Random(SEED + i)
            bad = sorted(b"BAD%d" % n for n in draw.sample(range(51), draw.randint(2, 3)))
            keys = [b"%d" % n for n in range(60)] + bad
            lines = [draw.choice(keys) + b"\t%d" % n for n in range(draw.choice([400, 9000]))]
            lines += [key + b"\t0" for key in bad]
            wanted = [line for line in lines if not line.startswith(b"BAD")]
            told = self.path("told")
            options = draw.choice([[f"--reducer={dies}"], [f"--reducer={dies}", "--sort-by=1r"],
                                   [f"--combiner={dies}", "--reducer=cat"]])
            options += [f"-r{draw.randint(1, 3)}", f"-m{draw.randint(1, 2)}"]
            with self.subTest(f"SEED={SEED + i}", options=options):
                path = self.file("f", b"\n".join(lines))
                got = self.wc(*options, f"--skip-bad-records={len(bad)}", f"--bad-records={told}",
                              path, noisy=True)
                self.assertEqual(sorted(got.out.splitlines()), sorted(wanted))
                found = re.findall(rb'"key":"(BAD\d+)","key_bytes":(\d+)', self.read("told"))
                self.assertEqual(sorted(found), [(key, b"%d" % len(key)) for key in bad])
                for key in bad:
                    self.assertIn(b"at the key '%s'" % key, got.err)
                self.assertEqual(got.err.count(b"a key and its values are passed over"), len(bad))
                got = self.wc(*options, f"--skip-bad-records={len(bad) - 1}", path, noisy=True,
                              status=1)
                self.assertIn(b"no more than %d may be passed over" % (len(bad) - 1), got.err)
        got = self.wc("--job=wordcount", "--reducer=awk '/^b/ { exit 3 } 1'", "-r1",
                      "--skip-bad-records=9", self.file("f", b"a b c"), noisy=True)
        self.assertEqual(got.out, b"a\t1\nc\t1\n")
        self.assertIn(b"and it dies at 'b\\t1', at the key 'b'", got.err)

    def test_counters_kills_and_damage(self):
        data = b"".join(b"%d\n" % n for n in range(20000))
        got = self.reduced("cat; echo reporter:counter:g,n,1 >&2", "--mapper=cat", "--chaos=3,30",
                           "--split-size=8K", "-m2", "-r3", "--max-attempts=20", "--stats",
                           self.file("f", data), noisy=True)
        self.assertEqual(sorted(got.out.split()), sorted(data.split()))
        self.assertRegex(got.err, rb"counter +3  g,n")

    def test_a_run_is_gone_on_with(self):
        path, stop = self.file("f", b"a\nb\n"), self.file("stop")
        command = f"cat; test ! -e {stop}"
        options = [f"--work-dir={self.path('kept')}", "--max-attempts=1", "-r1", path]
        self.reduced(command, *options, status=1)
        os.unlink(stop)
        got = self.reduced("cat", "--resume", *options, status=1)
        self.assertIn(b"--reducer", got.err)
        got = self.reduced(command, "--resume", "--stats", *options, noisy=True)
        self.assertEqual(got.out, b"a\nb\n")
        self.assertRegex(got.err, rb"resumed +1 tasks")

    def test_no_reducer(self):
        path = self.file("f", b"b\t1\na\t2\n")
        self.assertEqual(self.reduced("NONE", "--mapper=cat", path).out, self.read("f"))
        got = self.reduced("uniq", "--mapper=cat", "-r0", path, noisy=True)
        self.assertEqual(got.out, self.read("f"))

    def test_options_that_are_wrong(self):
        got = self.wc("--mapper=cat", "--sort-by=1", status=2)
        self.assertIn(b"there is no reducer", got.err)
        for option in ("--combiner=cat", "--sort-by=1", "--key-fields=2"):
            got = self.wc(option, self.file("f", b"a\n"), status=2)
            self.assertIn(b"there is no program: --mapper=COMMAND or --reducer=COMMAND", got.err)
        for empty in ("", " ", "\n"):
            got = self.wc("--mapper=" + empty, self.file("f", b"a\n"), status=2)
            self.assertIn(b"is no program for --mapper", got.err)
        for option, said in (
            ("--separator=", b"'' is no separator"), ("--separator=a\\nb", b"is no separator"),
            ("--separator=" + "a" * 65, b"is no separator: bytes of a line, 64 at most"),
            ("--separator=\\q", b"is no separator"), ("--field-separator=", b"is no separator"),
            ("--field-separator=,", b"--field-separator is for fields of keys that are sorted"),
            ("--combiner=", b"'' is no program for --combiner"),
            ("--key-fields=0", b"'0' is no number of fields"), ("--reducer=x", b"a second reducer"),
            ("--partition-by=0", b"'0' is no list"), ("--partition-by=2", b"a key has no field 2"),
            ("--sort-by=1x", b"'1x' is nothing to sort by"), ("--sort-by=-x", b"nothing to sort"),
            ("--sort-by=1,3", b"a key has no field 3"), ("--sort-by=" + "1 " * 17, b"at most 16"),
        ):
            self.assertIn(said, self.reduced("cat", option, status=2).err)


class Mixed(Case):
    """A job's own mapper with a program as reducer, and the other way round."""

    def mixed(self, job, *arguments, **more):
        return self.wc(f"--job={job}", *arguments, **more)

    def counts(self, text):
        found = {}
        for word in text.split():
            found[word] = found.get(word, 0) + 1
        return found

    def test_a_program_gets_each_word_once_with_its_count(self):
        self.drawn = True
        for i in range(max(ROUNDS // 4, 3)):
            draw = random.Random(SEED + i)
            words = [b"a", b"\xff\0", "\u00c4h".encode()]
            words += [b"%d" % draw.randint(0, 5000) for _ in range(draw.choice([3, 3000]))]
            text = b" ".join(draw.choice(words[:99] if n % 2 else words) for n in range(6000))
            text += b" " + b"b" * draw.choice([3, 70000])
            path = self.file("f", text)
            wanted = [b"%s\t%d\n" % each for each in sorted(self.counts(text).items())]
            ways = [way for way in how(draw) if not way.startswith(("--reducers", "--split"))]
            ways += ["--split-size=" + draw.choice(["5K", "60K"])]
            with self.subTest(f"SEED={SEED + i}"):
                got = self.mixed("wordcount", "--reducer=cat", "-r1", *ways, path)
                self.assertEqual(got.out, b"".join(wanted))
                got = self.mixed("wordcount", "--reducer=cat", "-r3", "--min-count=2", *ways, path)
                often = [line for line in wanted if not line.endswith(b"\t1\n")]
                self.assertEqual(sorted(got.out.splitlines(True)), often)
                got = self.mixed("wordcount", "--mapper=tr ' ' '\\n'", *ways, path)
                plain = self.wc("-d", " ", *ways, path)
                self.assertEqual(got.out, plain.out)

    def test_words_of_every_small_size(self):
        words = [b"x" * size for size in range(1, 70)]
        path = self.file("f", b" ".join(words * 2))
        got = self.mixed("wordcount", "--reducer=cat", "-r1", path)
        self.assertEqual(got.out, b"".join(b"%s\t2\n" % word for word in words))

    def test_more_words_than_a_reducers_memory(self):
        text = b"".join(b"%d %d " % (n * 7919 % 130000, n % 1000) for n in range(130000))
        wanted = sorted(self.counts(text).items())
        got = self.mixed("wordcount", "--reducer=cat", "-r1", "-m2", "-S16M", self.file("f", text),
                         budget=17 << 20)
        self.assertEqual(got.out, b"".join(b"%s\t%d\n" % each for each in wanted))

    def test_a_word_larger_than_memory(self):
        word = b"x" * (20 << 20)
        path = self.file("f", b" ".join((word, b"b", word)))
        got = self.mixed("wordcount", "--reducer=cat", "-r1", "-S16M", path, budget=17 << 20)
        self.assertTrue(got.out == b"b\t1\n" + word + b"\t2\n")
        path = self.file("f", b"\0".join((word + b"\n", b"b")))
        got = self.mixed("wordcount", "-z", "-d,", "--reducer=cat", "-r1", "-S16M", path, status=1)
        self.assertIn(b"a key with a line feed, of which it would make two lines: 'xxxxx", got.err)

    def test_a_word_with_a_line_feed_has_no_line_of_its_own(self):
        for option, text in ("-z", b"a\nb\0c\0"), ("--quoted", b'"a\nb",c\n'):
            got = self.mixed("wordcount", option, "-d,", "--reducer=cat", self.file("f", text),
                             status=1)
            self.assertEqual(got.out, b"")
            self.assertIn(b"cannot be given a key with a line feed", got.err)
            self.assertIn(b"'a\\nb'", got.err)

    def test_what_a_program_writes_is_counted_or_summed(self):
        path = self.file("f", b"b 2\na 1.5\nb 3\n")
        for job, mapper, options, output in (
            ("wordcount", "cut -d' ' -f1", (), b"b\t2\na\t1\n"),
            ("wordcount", "tr ' .' '\\t0'", (), b"a\t105\nb\t5\n"),
            ("wordcount", "cut -d' ' -f1", ("-i", "--min-count=2", "--format=csv"), b"b,2\n"),
            ("wordcount", "sed 's/ .*/\tx\t0/'", (), b"a\tx\t0\nb\tx\t0\n"),
            ("wordcount", "cut -d' ' -f1", ("--reducer=sed 's/^/=/'", "-r1"), b"=a\t1\n=b\t2\n"),
            ("wordcount", "cut -d' ' -f1", ("-r0",), b"b\t1\na\t1\nb\t1\n"),
            ("wordcount", "head -c 300000 /dev/zero | tr '\\0' x; echo; cat", ("-n1", "--format=lines"),
             b"a 1.5\n"),
            ("wordcount", "head -c 300000 /dev/zero | tr '\\0' x", ("--format=lines",),
             b"x" * 300000 + b"\n"),
            ("sum", "tr ' ' '\\t'", (), b"a\t1\t1.5\t1.5\t1.5\t1.5\nb\t2\t5\t2\t3\t2.5\n"),
            ("sum", "sed 's/b /b\\t/'", ("--skip-invalid", "--digits=0"), b"b\t2\t5\t2\t3\t3\n"),
        ):
            with self.subTest(mapper, options=options):
                self.assertEqual(self.mixed(job, f"--mapper={mapper}", *options, path).out, output)

    def test_a_line_larger_than_memory_is_counted_too(self):
        lines = ["\u00c4b \u01c5".encode() * (6 << 20), b"a" * (20 << 20), b"b", b"a" * (20 << 20)]
        path = self.file("f", b"\n".join(lines))
        for options in (), ("-i",):
            got = self.mixed("wordcount", "--mapper=cat", "-S16M", *options, path, budget=17 << 20)
            self.assertTrue(got.out == self.wc("-d", "\n", *options, path).out)

    def test_tab_and_number_at_the_border_of_a_lines_parts(self):
        keys = [b"k", b"", b"\t1", b"\t12\t3", b"\tx", b"\t", b"\t" + 70 * b"7"]
        numbers = [b"1", b"23", b"0" * 60 + b"456"]
        lines = [b"a" * size + key + b"\t" + number for size in range(262139, 262146, 2)
                 for key in keys for number in numbers]
        got = self.mixed("wordcount", "--mapper=cat", "--sort=word", "--format=keys",
                         self.file("f", b"\n".join(lines)))
        self.assertTrue(got.out.split(b"\n")[:-1] == sorted({l[:l.rfind(b"\t")] for l in lines}))
        got = self.mixed("wordcount", "--mapper=cat", "--others", "-n0", self.path("f"))
        self.assertIn(b"\t%d\n" % (480 * 4 * len(keys)), got.out)

    def test_a_job_of_a_file_of_its_own(self):
        source = self.file("own.c", b"""
#define _GNU_SOURCE
#include "mapreduce.h"
#include <string.h>
static size_t key_size(const unsigned char *line, size_t size)
{
    const unsigned char *tab = memrchr(line, '\\t', size);
    return tab ? (size_t)(tab - line) : size > 0;
}
static int map(const void *state, const struct mr_chunk *chunk, struct mr_context *out)
{
    const unsigned char *line;
    size_t at = 0, size;
    (void)state;
    while (mr_line_next(chunk, &at, &line, &size))
        if (mr_emit_value(out, line, key_size(line, size), line, size) < 0)
            return -1;
    return 0;
}
static int reduce(const void *state, struct mr_key *key, struct mr_value_list *values,
                  struct mr_context *out)
{
    const unsigned char *bytes;
    size_t size;
    (void)state, (void)key;
    while (mr_values_next(values) > 0)
        if (mr_values_whole(values, &bytes, &size) < 0 ||
            mr_emit_result(out, NULL, 0, bytes, size) < 0)
            return -1;
    return 0;
}
static const struct mr_job job = { .name = "own", .values = MR_BYTES, .order = MR_BY_KEY,
                                   .map = map, .reduce_values = reduce };
MR_EXPORT_JOB(job);
""")
        own = self.path("own.so")
        subprocess.run([os.environ.get("CC", "cc"), "-shared", "-fPIC", "-I",
                        os.path.join(ROOT, "engine"), source, "-o", own], check=True)
        path = self.file("f", b"bc\nab\nba\n")
        self.assertEqual(self.mixed(own, "--reducer=cat", "-r1", path).out,
                         b"a\tab\nb\tbc\nb\tba\n")
        self.assertEqual(self.mixed(own, "--mapper=sed 's/./&\\t/'", path).out,
                         b"a\tb\nb\tc\nb\ta\n")
        self.assertEqual(self.mixed(own, path).out, b"a\tab\nb\tbc\nb\tba\n")
        # Lines that come in parts.
        large = [b"a" * 300000 + b"\t" + b"b\t" * 200000, b"c\t" + b"d" * 600000, b"e" * 600000]
        got = self.mixed(own, "--mapper=cat", "--reducer=cat", "-r1", "-S16M",
                         self.file("large", b"\n".join(large)))
        self.assertTrue(got.out == b"\n".join(large[:2] + [large[2] + b"\t"]) + b"\n")
        # Keys with tabs: how they come to a program does not tell where they end.
        lines = [b"k\t%d%s\t" % (i, b"\tx" * (i % 3)) for i in range(3000)] + [b"k\t4", b"q"] * 9
        keys = [line[:line.rfind(b"\t") if b"\t" in line else 1] for line in lines]
        for bad in keys[0], keys[1502], keys[2999], b"k":
            got = self.mixed(own, f"--reducer=awk '/^{bad.decode()}\tk/ {{ exit 3 }} 1'", "-r1",
                             "--skip-bad-records=1", self.file("g", b"\n".join(lines)), noisy=True)
            wanted = [key + b"\t" + line for key, line in zip(keys, lines) if key != bad]
            self.assertEqual(sorted(got.out.splitlines()), sorted(wanted), bad)

    def test_what_an_option_takes_is_no_option(self):
        self.file("f", b"b a b\n")
        self.script("$W --job=wordcount -o --reducer f")
        self.assertEqual(self.read("--reducer"), b"b\t2\na\t1\n")
        self.script("$W --job=wordcount -o --reducer --reducer=cat f")
        self.assertEqual(self.read("--reducer"), b"a\t1\nb\t2\n")

    def test_what_goes_wrong_is_told(self):
        path = self.file("f", b"a\tx\n")
        for job, options, status, said in (
            ("index", ("--mapper=cat",), 2, b"the job 'index' has no program as its mapper"),
            ("sum", ("--reducer=cat",), 2, b"the job 'sum' has no program as its reducer"),
            ("sum", ("--mapper=cat", "-k1"), 2, b"--mapper cannot go together with --key"),
            ("sum", ("--mapper=cat",), 1, b"no number behind its last tab: 'a\\tx'; --skip-invalid"),
            ("sum", ("--mapper=printf 'a\\t1" + 40 * "0" + "'",), 1, b"digits before or behind the point"),
            ("wordcount", ("--mapper=cat",), 1, b"'cat' has written a line with no number behind"),
            ("wordcount", ("--mapper=cat", "-d,"), 2, b"--mapper cannot go together with"),
            ("wordcount", ("--reducer=cat", "--as=mapper"), 2, b"--as cannot go together with"),
            ("wordcount", ("--reducer=cat", "--reducer=a"), 2, b"'a' is a second reducer"),
            ("wordcount", ("--reducer=NONE",), 2, b"'NONE' is no program for --reducer"),
            ("wordcount", ("--mapper=",), 2, b"'' is no program for --mapper"),
            ("wordcount", ("--reducer=cat", "--percent"), 2, b"--percent is for sums of numbers"),
            ("wordcount", ("--reducer=cat", "--sort=count"), 2, b"in the order of its keys with these"),
            ("wordcount", ("--mapper=exit 3",), 1, b"the mapper 'exit 3' ended with status 3"),
            ("wordcount", ("--reducer=exit 3",), 1, b"'exit 3' ended with status 3, having read 2 "
             b"lines at most, the last of them 'x\\t1'"),
            ("wordcount", ("--mapper=printf 'a\\t%070d' 1",), 1, b"no number behind its last tab"),
            ("wordcount", ("-S16M", "--mapper=yes 'a	1	b' | head -c 2000000 | tr -d '\\n'"), 1,
             b"'a\\t1\\tba\\t1\\tb" + 18 * b"a\\t1\\tb" + b"'..."),
            ("sum", ("-S16M", "--mapper=tr -d '\\n' </dev/zero | head -c 20000000"), 1,
             b"has written a line of more than"),
        ):
            with self.subTest(job, options=options):
                self.assertIn(said, self.mixed(job, *options, path, status=status, noisy=True).err)

    def test_a_run_is_gone_on_with_by_the_same_program_alone(self):
        path, stop = self.file("f", b"b a b\n"), self.file("stop")
        options = [f"--work-dir={self.path('kept')}", "--max-attempts=1", "-r1", path]
        self.mixed("wordcount", f"--reducer=cat; test ! -e {stop}", *options, status=1)
        os.unlink(stop)
        got = self.mixed("wordcount", "--reducer=cat", "--resume", *options, status=1)
        self.assertIn(b"--reducer", got.err)
        got = self.mixed("wordcount", f"--reducer=cat; test ! -e {stop}", "--resume", *options)
        self.assertEqual(got.out, b"a\t1\nb\t2\n")


if __name__ == "__main__":
    unittest.main()
