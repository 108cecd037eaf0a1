"""The same bytes as the pipeline of sort and uniq that it replaces."""

import os
import random
import subprocess
import unittest

from support import Case

WORDS = r"LC_ALL=C tr -s '[:space:]' '\n' <%s | LC_ALL=C grep -a ."


class Uniq(Case):
    @classmethod
    def setUpClass(cls):
        rng = random.Random(7)
        # Each begins with a letter: wc passes over words that have nothing printable in them.
        words = [
            bytes(
                rng.choices(b"aeinorst")
                + rng.choices(
                    b"etaoinshrdlu-'.,ETA0123456789\xc3\xa9", k=max(0, int(rng.gauss(4, 3)))
                )
            )
            for _ in range(20000)
        ]
        made = []
        while len(made) < 200000:
            made.append(words[min(int(rng.paretovariate(0.5)) - 1, len(words) - 1)])
            made.append(
                rng.choice([b" ", b" ", b"  ", b"\n", b"\t", b"\r\n", b" \n\n", b"\v", b"\f"])
            )
        cls.text = b" \n" + b"".join(made)

    def pipeline(self, path, rest):
        done = subprocess.run(
            ["sh", "-c", (WORDS % '"$0"') + " | LC_ALL=C " + rest, path],
            stdout=subprocess.PIPE,
            check=True,
            env={**os.environ, "LC_ALL": "C"},
        )
        self.assertGreater(len(done.stdout), 20000)
        return done.stdout

    def test_counts_in_the_layout_of_uniq(self):
        path = self.file("f", self.text)
        wanted = self.pipeline(path, "sort | uniq -c | sort -k1,1nr -k2")
        for how in ([], ["-m4", "-r3", "--split-size=10K"], ["-S16M", "--compress"]):
            self.same(self.wc("--format=uniq", *how, path).out, wanted, how)

    def test_counts_by_word_in_the_layout_of_uniq(self):
        path = self.file("f", self.text)
        self.same(
            self.wc("--format=uniq", "--sort=word", path).out, self.pipeline(path, "sort | uniq -c")
        )

    def test_rarest_first(self):
        path = self.file("f", self.text)
        self.same(
            self.wc("--format=uniq", "--reverse", path).out,
            self.pipeline(path, "sort | uniq -c | sort -k1,1n -k2r"),
        )

    def test_as_many_tokens_as_wc(self):
        path = self.file("f", self.text)
        wanted = int(
            subprocess.run(
                ["wc", "-w", path],
                stdout=subprocess.PIPE,
                env={"LC_ALL": "C", "PATH": os.environ["PATH"]},
                check=True,
            ).stdout.split()[0]
        )
        lines = self.wc(path).out.split(b"\n")[:-1]
        self.assertEqual(sum(int(line.rpartition(b"\t")[2]) for line in lines), wanted)


if __name__ == "__main__":
    unittest.main()
