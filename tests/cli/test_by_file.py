"""In which files words stand: each file counted by itself, and in how many each word is."""

import random
import shutil
import unittest

import reference
from support import Case, options_of


class ByFile(Case):
    """Each file by itself, behind its name."""

    FILES = {"a": b"to be or not 7 to be\n", "none": b" \n", "b.csv": b"to,\"be\",x y\nto\n", "c\n\"\xff,\t'": b"z z 7 a" }

    def test_in_all_formats(self):
        for format in sorted(reference.NAMED):
            for options in (
                {},
                {"top": 1, "percent": True, "others": True},
                {"top": 0, "others": True},
                {"min_count": 2, "drop_numeric": True, "percent": True, "others": True},
                {"sort": "word", "reverse": True, "top": 2, "ignore_case": True},
                {"sort": "first", "top": 2, "drop_numeric": True, "percent": True, "others": True},
            ):
                if format == "keys":
                    options.pop("percent", None)
                self.check(self.FILES, "-r3", input=b"to 7 7", by_file=True, format=format, **options)

    def test_a_file_given_twice_and_many_small_ones(self):
        self.check({"f": b"a b a"}, by_file=True)
        path = self.file("f", b"a b a")
        self.assertEqual(self.wc("--by-file", path, path).out.count(b"\ta\t2\n"), 2)
        rng = random.Random(5)
        files = {f"d/{i:03}": b" ".join(b"%d" % rng.randrange(50) for _ in range(rng.randrange(90)))
                 for i in range(300)}
        files["d/150"] = b"x" * 100000 + b" " + b"y" * 100000 + b" z" * 70000
        for more in ("-m3", "-m1", "-S16M", "--split-size=1000b"):
            self.check(files, more, by_file=True, percent=True, others=True, top=7)

    def test_parts_and_files(self):
        rng = random.Random(6)
        files = {f"f{i}": b"%d " * 4000 % tuple(rng.randrange(900) for _ in range(4000)) for i in range(3)}
        paths = [self.file(name, data) for name, data in files.items()]
        for options in ({}, {"top": 20}, {"sort": "word"}):
            wanted = reference.output(list(zip(paths, files.values())), by_file=True, **options)
            how = ["--by-file", *options_of(options), "-r3", *paths]
            self.wc("-o", self.path("o"), *how)
            self.same(self.read("o"), wanted)
            for ordered in ([], ["--ordered-parts"]):
                shutil.rmtree(self.path("d"), ignore_errors=True)
                self.wc(*ordered, "-O", self.path("d"), *how)
                parts = [self.read(f"d/part-r-0000{i}") for i in range(3)]
                self.assertEqual(sorted(b"".join(parts).splitlines()), sorted(wanted.splitlines()))
                if ordered:
                    self.same(b"".join(parts), wanted)

    def test_what_it_cannot_be_asked_with(self):
        for says, *way in (
            (b"no place in --format=lines", "--format=lines"),
            (b"no part knows", "--percent", "-O", self.path("d")),
            (b"--by-file is for numbers", "--job=index"),
            (b"--by-file needs reducers (--reducers), which know which file is whose", "-r0"),
        ):
            self.assertIn(says, self.wc(*sorted(way), "--by-file", input=b"a", status=2).err)
        many = self.file("many", b"a\t18446744073709551615\n")
        self.assertIn(b"the key 'a' add up", self.wc("--by-file", "--counted", "-", input=b"a\t1\na\t18446744073709551615\n", status=1).err)
        self.assertIn(b"\ta\t18446744073709551615\n", self.wc("--by-file", "--counted", many, many).out)

    def test_more_of_a_file_than_64_bits_hold(self):
        files = {name: b"".join(b"%d\t%d\n" % (i, 2**64 - i) for i in range(1, 6)) for name in "ab"}
        for more in ("-m3", "--split-size=30b"):
            self.check(files, more, by_file=True, counted="tsv", percent=True)
            self.check(files, more, by_file=True, counted="tsv", percent=True, others=True, top=4)


class Documents(Case):
    """In how many files each word stands."""

    FILES = {**ByFile.FILES, "b.txt": b"To be (others) " + b"y" * 100000, "b2": b"y" * 100000}

    def test_in_all_formats(self):
        for format in sorted(reference.NAMED.keys() - {"keys"}):
            for options in (
                {},
                {"top": 2, "percent": True, "others": True},
                {"min_count": 2, "drop_numeric": True, "percent": True, "others": True},
                {"sort": "word", "reverse": True, "top": 4, "ignore_case": True},
                {"sort": "first", "min_count": 2, "percent": True, "others": True},
                {"words": "letters", "ngrams": 1, "min_length": 2},
                {"min_documents": 2, "percent": True, "others": True},
                {"min_documents": 2, "max_documents": 2, "sort": "first", "min_count": 3},
                {"max_documents": 1, "others": True, "top": 3},
            ):
                self.check(self.FILES, input=b"to 7 7", documents=True, format=format, **options)

    def test_many_files_in_parts_and_a_file_given_twice(self):
        rng = random.Random(8)
        files = {f"d/{i:03}": b" ".join(b"%d" % rng.randrange(90) for _ in range(rng.randrange(90)))
                 for i in range(200)}
        for more in ("-m3", "-m1", "-S16M", "--split-size=100b", "--compress"):
            self.check(files, more, documents=True, percent=True, others=True, top=50)
        path = self.file("f", b"a b a")
        self.assertEqual(self.wc("--documents", path, path, "-").out, b"a\t4\t2\nb\t2\t2\n")
        paths = [self.file(name, data) for name, data in files.items()]
        wanted = reference.output(list(files.items()), documents=True)
        for way in (["-o", self.path("o")], ["-r3", "--ordered-parts", "-O", self.path("p")]):
            self.wc("--documents", *way, *paths)
        self.same(self.read("o"), wanted)
        self.same(b"".join(self.read(f"p/part-r-0000{i}") for i in range(3)), wanted)

    def test_lists_that_are_counted_and_what_it_cannot_be_asked_with(self):
        lists = {"a": b"x\t5\ny\t18446744073709551615\n", "b": b"x\t2\nz\t1\nx\t1\n"}
        self.check(lists, documents=True, counted="tsv")
        path = self.file("a", lists["a"])
        said = self.wc("--documents", "--counted", path, path, status=1).err
        self.assertIn(b"the key 'y' add up", said)
        one = self.file("one", b"w w")
        for format, taken in (("tsv", b"w\t2\t1\n"), ("uniq", b"1 w\t2\n"), ("csv", None), ("jsonl", None)):
            made = self.wc("--documents", "--format=" + format, one).out
            again = self.wc("--counted=" + format, input=made, status=int(taken is None)).out
            self.assertEqual(again, taken or b"")
        for says, *way in (
            (b"no place in --format=lines", "--format=lines"),
            (b"no place in --format=keys", "--format=keys"),
            (b"needs reducers (--reducers)", "-r0"),
            (b"--by-file and --documents cannot go together", "--by-file"),
            (b"--documents is for numbers", "--job=index"),
            (b"nothing stands in at least 3 files", "--min-documents=3", "--max-documents=2"),
            (b"'0' for --min-documents is out of range", "--min-documents=0"),
            (b"'x'", "--max-documents=x"),
        ):
            self.assertIn(says, self.wc(*way, "--documents", input=b"a", status=2).err)
        for option in "--min-documents=2", "--max-documents=2":
            self.assertIn(b"needs --documents", self.wc(option, input=b"a", status=2).err)
        for option in ("--by-file", "--documents", "--sort=first"):
            said = self.wc("--job=wordcount", "--mapper=cat", option, input=b"a", status=2).err
            self.assertIn(b"--mapper cannot go together with " + option.encode(), said)


if __name__ == "__main__":
    unittest.main()
