"""What PySpark printed for the files in data/, kept in tests/golden, and the example that everyone
sees first.

PySpark leaves words of one count in no certain order, so that its lines are compared as sets for
each count.
"""

import os
import unittest

from support import ROOT, Case

GOLDEN = os.path.join(ROOT, "tests", "golden")
DATA = os.path.join(ROOT, "data")


def lines_of(path):
    with open(path, "rb") as file:
        lines = file.read().split(
            b"\n"
        )  # not splitlines: a word may hold bytes that it takes for line ends
    return lines[:-1] if lines and not lines[-1] else lines


def count_of(line):
    return int(line.rpartition(b":")[2])


class Golden(Case):
    def kept(self, kind):
        """The kept files of one kind: the data file each is about, and its lines."""
        found = []
        for name in sorted(os.listdir(GOLDEN)) if os.path.isdir(GOLDEN) else []:
            if name.endswith("." + kind):
                data = os.path.join(DATA, name[: -len(kind) - 1])
                self.assertTrue(
                    os.path.isfile(data), f"{name} is about a file that is not there: {data}"
                )
                found.append((data, lines_of(os.path.join(GOLDEN, name))))
        self.assertTrue(found, f"nothing kept as *.{kind} in {GOLDEN}")
        return found

    def counted(self, data, *options):
        out = self.wc("--format=colon", "-d", ",", *options, data).out
        lines = out.split(b"\n")[:-1]
        self.assertEqual(
            lines, sorted(lines, key=lambda line: (-count_of(line), line.rpartition(b":")[0]))
        )
        return lines

    def test_all_counts(self):
        for data, lines in self.kept("all"):
            with self.subTest(data):
                self.assertEqual(sorted(self.counted(data)), sorted(lines))

    def test_counts_without_numeric_words(self):
        for data, lines in self.kept("numeric-dropped"):
            with self.subTest(data):
                for how in ([], ["-m", "8", "-r", "4"], ["-m3", "-r2", "--split-size=16b"]):
                    self.assertEqual(
                        sorted(self.counted(data, "--drop-numeric", *how)), sorted(lines)
                    )

    def test_first_ten(self):
        for data, lines in self.kept("top10"):
            with self.subTest(data):
                got = self.counted(data, "--drop-numeric", "--top=10")
                self.assertEqual(list(map(count_of, got)), list(map(count_of, lines)))
                # Any of those that tie for the last place may be printed.
                last = count_of(lines[-1]) if lines else 0
                self.assertEqual(
                    {line for line in got if count_of(line) > last},
                    {line for line in lines if count_of(line) > last},
                )
                self.assertLessEqual(
                    set(got) | set(lines), set(self.counted(data, "--drop-numeric"))
                )

    def test_the_example(self):
        wanted = (
            b"Tyrion:36\nJon:26\nSansa:26\nRobb:25\nJaime:24\n"
            b"Tywin:22\nCersei:20\nArya:19\nCatelyn:18\nJoffrey:18\n"
        )
        got = self.wc(
            "data/stormofswords.csv",
            "-m",
            "8",
            "-r",
            "4",
            "--drop-numeric",
            "--top=10",
            "--format=colon",
            cwd=ROOT,
        )
        self.assertEqual(got.out, wanted)


if __name__ == "__main__":
    unittest.main()
