"""Words in the order in which they first stand in the input (--sort=first)."""

import gzip
import os
import random
import shutil
import unittest

import bgzf
import reference
from support import KILLABLE, Case


def words(seed, count, distinct, long=0.05):
    """Some often and most of them seldom, a few so long that tables and records do not hold them."""
    rng = random.Random(seed)
    some = [b"%x" % rng.getrandbits(40) + (b"-long" * rng.choice([2, 9, 900]) if rng.random() < long else b"")
            for _ in range(distinct)]
    return [some[int(distinct * rng.random() ** 3)] for _ in range(count)]


class First(Case):
    def test_however_it_is_run(self):
        text = words(1, 15000, 4000)
        cuts = [0, 6000, 6001, 6500, 12000, 15000]
        files = {f"{i}": b" ".join(text[a:b]) for i, (a, b) in enumerate(zip(cuts, cuts[1:]))}
        for how, options in (
            (["-m1", "-r1"], {}),
            (["-m3", "-r5", "--split-size=3K", "-S16M"], {"reverse": True}),
            (["-m2", "--split-size=9000b", "--compress"], {"top": 2000}),
            (["-S16M", "-r9"], {"documents": True, "min_count": 4, "others": True}),
            (["-m2", "--split-size=9K"], {"by_file": True, "top": 700, "percent": True}),
        ):
            self.check(files, *how, sort="first", **options)

    def test_streams_between_files(self):
        text = words(2, 45000, 30000)
        parts = [b" ".join(text[i : i + 15000]) for i in (0, 15000, 30000)]
        a, c = self.file("a", parts[0]), self.file("c", parts[2])
        wanted = reference.output([("", b" ".join(text))], sort="first")
        for how in (["-S16M", "-m3"], ["-m1"], ["-m2", "-r7"]):
            self.same(self.wc("--sort=first", *how, a, "-", c, input=parts[1]).out, wanted, how)
            self.same(self.wc("--sort=first", *how, input=b"\n".join(text)).out, wanted, how)

    def test_members_of_compressed_files_and_quoted_rows(self):
        text = b" ".join(words(3, 20000, 9000))
        wanted = reference.output([("f", text)], sort="first")
        for packed in (gzip.compress(text[:9999]) + gzip.compress(text[9999:]), bgzf.compress(text, 5000)):
            self.same(self.wc("--sort=first", "-m3", "--split-size=9K", self.file("f", packed)).out, wanted)
        rows = [b'"%s\n,""",%s' % (a, b) for a, b in zip(words(4, 3000, 900), words(5, 3000, 900))]
        self.check({"q.csv": b"\n".join(rows)}, "-m3", "--split-size=3K", quoted=True, sort="first")

    def test_counted_lists_also_of_counts_that_are_large(self):
        big = b"%d" % 2**63
        lists = {"1": b"y\t3\nx\t" + big + b"\ny\t1\n", "2": b"z\t9\nx\t1\ny\t4294967295\n" * 3}
        self.check(lists, "--split-size=5b", counted="tsv", sort="first")
        self.check({"0": b"a\t" + big + b"\na-long-long-word\t" + big + b"\n" + b"b\t1\n" * 9}, counted="tsv", sort="first")

    def test_parts_and_an_interrupted_run(self):
        text = words(6, 9000, 3000, long=0)
        path = self.file("f", b" ".join(text))
        wanted = reference.output([("f", b" ".join(text))], sort="first")
        lines = wanted.splitlines(True)
        for ordered in ([], ["--ordered-parts"]):
            shutil.rmtree(self.path("d"), ignore_errors=True)
            self.wc("--sort=first", "-r3", "--split-size=9K", *ordered, "-O", self.path("d"), path)
            parts = [self.read(f"d/part-r-0000{i}").splitlines(True) for i in range(3)]
            for part in parts:
                self.assertEqual(part, [line for line in lines if line in set(part)])
            self.assertEqual(sorted(sum(parts, [])), sorted(lines))
            self.assertEqual(sum(parts, []) == lines, bool(ordered))
        how = ["--sort=first", "--split-size=9K", "--chaos=9,40", path]
        self.same(self.wc(*how, environment=KILLABLE).out, wanted)
        kept = ["--sort=first", "-r2", "--split-size=9K", "--work-dir", self.path("w"), path]
        self.wc(*kept, "-o", "/dev/full", status=1)
        os.remove(self.path("w/reduce-0"))  # which is reduced again, of what the mappers have left
        self.same(self.wc(*kept, "--resume").out, wanted)

    def test_lines_once_each_and_the_first_of_them(self):
        data = b"c\nd\nc\na\nd\nc\n"
        for wanted, *how in (
            (b"c\nd\na\n", "-u"),
            (b"a\nd\nc\n", "-u", "-r"),
            (b"c\nc\nc\nd\nd\na\n",),
            (b"c\nc\nc\nd\n", "--top=4"),
        ):
            self.same(self.wc("--job=sort", "--sort=first", *how, input=data).out, wanted, how)

    def test_where_it_cannot_be(self):
        for says, status, *how in (
            (b"and the job 'sort' has none with these options: choose another", 2, "--job=sort", "-k2"),
            (b"and the job 'sort' has none with these options: choose another", 2, "--job=sort", "--header"),
            (b"none of the choices of --sort", 2, "--job=grep", "a"),
            (b"--as=mapper cannot go together with --sort", 2, "--as=mapper"),
        ):
            self.assertIn(says, self.wc(*how, "--sort=first", input=b"a", status=status).err)
        # Nothing is put in order, so that it is that of the input already.
        self.same(self.wc("-r0", "--sort=first", input=b"b a b").out, b"b\t1\na\t1\nb\t1\n")


if __name__ == "__main__":
    unittest.main()
