"""A run that is watched: its figures for programs."""

import json
import os
import re

import reference
from support import Case

TEXT = b"alpha beta beta\nGamma\n" * 3000


class Stats(Case):
    """--stats=json has all that --stats has."""

    def figures(self, *arguments, **more):
        got = self.wc("--stats=json", *arguments, noisy=True, **more)
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
        self.assertEqual(said["machine"]["cpus"], len(os.sched_getaffinity(0)))
        for none in "retried killed damaged rerun resumed bad_records".split():
            self.assertEqual(said[none], 0, none)

    def test_names_are_in_the_manual(self):
        manual = os.path.join(os.path.dirname(__file__), "..", "..", "jobs", "wc-mr.1")
        with open(manual) as file:
            text = file.read().replace("\\-", "-")
        section = re.search(r"(?s)\.BR --stats.*?\n\.TP\n", text)[0]

        def names(value):
            for name, each in value.items():
                yield name
                if isinstance(each, dict):
                    yield from names(each)

        said, _, _ = self.figures(self.file("f", b"a"))
        for name in names(said):
            self.assertRegex(section, rf"\b{name}\b")

    def test_of_a_run_with_kills_and_counters(self):
        path = self.file("f", b"a b\n1 2\n" * 9000)
        said, _, _ = self.figures("--mapper=sed s/a/c/; echo reporter:counter:g,n,2 >&2",
                                  "--chaos=3,40", "-m2", "--split-size=9K", path)
        self.assertGreater(said["killed"], 0)
        self.assertEqual(said["counters"], {"g,n": 2 * said["map"]["tasks"]})

    def test_a_run_that_fails_has_none(self):
        self.assertNotIn(b"{", self.wc("--stats=json", self.path("none"), status=1).err)

    def test_lines_of_verbose_say_how_many_are_done(self):
        got = self.wc("-v", "-m2", "-r2", "--split-size=7K", self.file("f", TEXT), noisy=True)
        done = re.findall(r"(?m)^wc-mr: (\w+) task .* \((\d+) of (\d+) tasks\)", got.err.decode())
        for stage in ("map", "reduce", "merge"):
            of = [(int(n), int(all)) for name, n, all in done if name == stage]
            self.assertEqual([n for n, _ in of], list(range(1, len(of) + 1)), stage)
            self.assertEqual({all for _, all in of}, {len(of)}, stage)
