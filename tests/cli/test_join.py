"""The built-in job join against coreutils' join, whose inputs must be sorted; ours need not be."""

import os
import random
import subprocess
import unittest

from support import LARGE, MB, Case, how

ROUNDS = int(os.environ.get("ROUNDS", 100))
SEED = int(os.environ.get("SEED", random.randrange(1 << 30)))
PLAIN = {**os.environ, "LC_ALL": "C"}


class JoinCase(Case):
    def plain(self, options, field, name, separator):
        """A file sorted by what join takes for its field of that number."""
        key = ["-k", f"{field}b,{field}"] if separator is None else ["-k", f"{field},{field}"]
        if separator == "":
            key = []
        elif separator is not None:
            key += ["-t", separator]
        got = subprocess.run(["sort", "-s", *key, name], env=PLAIN, capture_output=True)
        self.assertEqual(got.returncode, 0, got.stderr)
        return self.file(os.path.basename(name) + ".sorted", got.stdout)

    def check(self, options, names, ways=(), fields=(1, 1), separator=None, input=None):
        """Compares with join; options are those that mean the same to both."""
        options = [*options, *(["-t", separator] if separator is not None else [])]
        options += [f"-{n}{field}" for n, field in zip("12", fields) if field > 1]
        paths = [self.file("stdin", input) if name == "-" else name for name in names]
        paths = [self.plain(options, f, p, separator) for f, p in zip(fields, paths)]
        wanted = subprocess.run(
            ["join", "--check-order", *options, *paths], env=PLAIN, capture_output=True
        )
        self.assertEqual((wanted.returncode, wanted.stderr), (0, b""), options)
        got = self.wc("--job=join", *options, *ways, *names, input=input)
        self.same(got.out, wanted.stdout, f"{options} {ways}")
        return got.out


def line(draw, separator):
    between = separator.encode() if separator else b" "
    if separator == "\\0":
        between = b"\0"
    kind = draw.randint(0, 5)
    if kind == 0:
        letters = b"aab \t,\0\r\xff\xe4" + between
        return bytes(draw.choice(letters) for _ in range(draw.randint(0, 9)))
    if kind == 1:
        return draw.choice([b"", between, between * 2, between + b"k1", b"k1" + between, b" \t"])
    if kind == 2:
        return b"k%d%s%s" % (draw.randint(0, 5), between, b"x" * draw.choice([0, 1, 300, 5000]))
    fields = [b"k%d" % draw.randint(0, 200), b"k%d" % draw.randint(0, 9), b"", b"x", b"yy"]
    return between.join(draw.choice(fields) for _ in range(draw.randint(1, 5)))


def text(draw, separator):
    lines = [line(draw, separator) for _ in range(draw.choice([0, 1, 5, 40, 150]))]
    return b"\n".join(lines) + b"\n" * (bool(lines) and draw.random() < 0.8)


class Random(JoinCase):
    drawn = True

    def options(self, draw):
        options = [
            f"-{draw.choice('aav')}{draw.choice('12')}" for _ in range(draw.choice([0, 1, 2]))
        ]
        if draw.random() < 0.3:
            options += ["-e", draw.choice(["-", "none", "", "\xe4"])]
        if draw.random() < 0.4:
            items = [draw.choice(["0", f"1.{draw.randint(1, 4)}", f"2.{draw.randint(1, 4)}"])
                     for _ in range(draw.randint(1, 5))]
            at = draw.randint(1, len(items))
            options += ["-o", draw.choice([",", " ", "\t"]).join(items[:at])]
            if items[at:]:
                options += ["-o", ",".join(items[at:])]
        return options

    def test_the_same_bytes_as_join(self):
        for i in range(ROUNDS):
            draw = random.Random(SEED + i)
            separator = draw.choice([None, None, None, ",", ",", " ", "\t", "k", "\\0", ""])
            texts = [text(draw, separator), text(draw, separator)]
            fields = [1, 1] if separator == "" else [draw.choice([1, 1, 2, 3]) for _ in "12"]
            names = [self.file(f"f{n}", data) for n, data in enumerate(texts)]
            stream = draw.choice([None, None, 0, 1])
            if stream is not None:
                names[stream] = "-"
            with self.subTest(f"SEED={SEED + i}"):
                self.check(self.options(draw), names, how(draw), fields, separator,
                           texts[stream] if stream is not None else None)


class Joins(JoinCase):
    def setUp(self):
        super().setUp()
        self.a = self.file("a", b"3 c\n1 a\n2 b\n2 B\n  \n4\n")
        self.b = self.file("b", b"2 w\n5 z\n2 W\n1 u v")

    def test_inner_left_right_and_outer(self):
        self.assertEqual(self.check([], [self.a, self.b]),
                         b"1 a u v\n2 b w\n2 b W\n2 B w\n2 B W\n")
        for options in (["-a1"], ["-a2"], ["-a1", "-a2"], ["-v1"], ["-v2"], ["-v1", "-v2"],
                        ["-v1", "-a2"], ["-a1", "-a2", "-e-", "-o0,1.2,2.2"]):
            self.check(options, [self.a, self.b])
        self.check([], [self.a, self.a])
        empty = self.file("empty", b"")
        for names in ([self.a, empty], [empty, self.a], [empty, empty]):
            self.check(["-a1", "-a2"], names)

    def test_both_fields_by_j_and_each_by_its_own(self):
        for options in (["-j2"], ["-j", "2"], ["-2", "2", "-1", "2"]):
            got = self.wc("--job=join", *options, self.file("c", b"x 1\ny 2\n"),
                          self.file("d", b"z 2 t\n"))
            self.assertEqual(got.out, b"2 y z t\n")

    def test_one_key_with_more_lines_than_one_block(self):
        draw = random.Random(SEED)
        many = [b"k%d %d\n" % (draw.randint(0, 1), i) for i in range(300)]
        few = [b"k%d %s\n" % (draw.randint(0, 2), b"x" * 500) for i in range(60)]
        names = [self.file("many", b"".join(many)), self.file("few", b"".join(few))]
        for order in (names, names[::-1]):
            self.check(["-a1", "-a2"], order, ["-m2", "-r2", "-S16M"])

    def test_a_key_that_one_file_has_once_may_have_any_number_of_lines_in_the_other(self):
        much = self.file("much", b"k %s\n" % (b"x" * 99) * 200000)
        once = self.file("once", b"k y\n")
        got = self.wc("--job=join", "-S16M", "-m1", once, much)
        self.assertEqual(got.out, b"k y %s\n" % (b"x" * 99) * 200000)
        # Nor need lines be held of which nothing is printed.
        self.assertEqual(self.wc("--job=join", "-S16M", "-m1", "-v2", much, once).out, b"")

    def test_more_lines_of_a_key_than_there_is_memory_for(self):
        much = self.file("much", b"k %s\n" % (b"x" * 99) * 200000)
        for names in ([much, much], [much, self.a]):
            got = self.wc("--job=join", "-S16M", "-m1", *names, status=1)
            for word in (b"lines with the same key are more than", b"-S", b"-r"):
                self.assertIn(word, got.err)

    def test_a_line_takes_its_size_however_many_fields_it_has(self):
        count = 20 * MB if LARGE else 4 * MB
        once, fields = self.file("once", b"k,y\n"), self.file("f", b"k%s\n" % (b"," * count))
        for options, names, memory, wanted in (
            ([], (once, fields), 16 * count, b"k,y%s\n" % (b"," * count)),
            ([], (fields, once), 28 * count, b"k%s,y\n" % (b"," * count)),
            (["-e--"], (once, fields), 16 * count, b"k,y%s\n" % (b",--" * count)),
            ([f"-o2.{count + 1},2.{count - 99},0,2.7", "-e-"], (once, fields), 16 * count,
             b"-,-,k,-\n"),
        ):
            got = self.wc("--job=join", "-t,", *options, "-m1", "--reducers=1", f"-S{memory}b",
                          *names, budget=memory)
            self.same(got.out, wanted, options)

    def test_fields_in_any_order_of_lines_with_many(self):
        lines = [b"k %s\n" % b" ".join(b"%d" % n for n in range(first, first + 100))
                 for first in (0, 1000)]
        names = [self.file(name, line) for name, line in zip("pq", lines)]
        for items in ("1.100,1.2,1.70,1.37,1.38,1.5,1.101,1.102,0,1.3", "2.2,1.2,2.99,1.99,2.60,1.1"):
            self.check(["-o", items], names)
        self.check([], names, fields=(50, 50))
        self.check(["-a1", "-a2"], names, fields=(50, 3))

    def test_what_is_printed_is_larger_than_what_gathers_of_it(self):
        draw = random.Random(SEED)
        sizes = [0, 1, 65533, 65534, 65535, 65536, 65537, 200000]
        names = []
        for name in "pq":
            lines = [b"k%d %s\n" % (key, b" ".join(b"x" * draw.choice(sizes) + b"y"
                                                   for _ in range(draw.randint(1, 4))))
                     for key in (1, 1, 2, 3) for _ in range(draw.randint(0, 2))]
            names.append(self.file(name, b"".join(lines)))
        for options in (["-a1", "-a2"], ["-o", "2.3,1.2,0,1.3,2.2", "-a1"]):
            self.check(options, names, ["-S256M"])

    def test_a_line_larger_than_blocks(self):
        long = b"y" * 300000
        names = [self.file("l", long + b" 1 \nk 2\n"), self.file("m", long + b" 3\nk " + long)]
        self.check(["-a1"], names, ["-m2"])

    def test_two_files_neither_more_nor_fewer(self):
        for names, words in (([], b"was given 1"), ([self.a], b"was given 1"),
                             ([self.a, self.b, self.a], b"was given 3"),
                             ([self.a, self.b, "-"], b"one too many")):
            got = self.wc("--job=join", *names, status=2)
            self.assertIn(b"the job 'join' takes 2 files, and ", got.err)
            self.assertIn(words, got.err)
        for name in "xyz":
            self.file("d/" + name, b"a\n")
        self.assertEqual(self.wc("--job=join", self.path("d"), status=1).err.count(b"was given 3: from "), 1)
        os.remove(self.path("d/z"))
        self.assertEqual(self.wc("--job=join", self.path("d")).out, b"a\n")

    def test_wrong_usage(self):
        for options, words in (
            (["-1", "0"], b"no number of a field"),
            (["-2x"], b"no number of a field"),
            (["-j2", "-1", "3"], b"two fields, 2 and 3"),
            (["-a3"], b"no number of a file"),
            (["-v12"], b"no number of a file"),
            (["-tab"], b"no separator for -t"),
            (["-ta", "-tb"], b"two separators"),
            (["-ea", "-eb"], b"two texts for empty fields"),
            (["-ea\nb"], b"an empty field (-e) has a line feed"),
            (["-oauto"], b"'auto' is no field for -o"),
            (["-o1.1,,2.1"], b"'' is no field for -o"),
            (["-o3.1"], b"'3.1' is no field for -o"),
            (["-o1.0"], b"'1.0' is no field for -o"),
            (["-o0.1"], b"'0.1' is no field for -o"),
        ):
            with self.subTest(options):
                self.assertIn(words, self.wc("--job=join", *options, self.a, self.b, status=2).err)


if __name__ == "__main__":
    unittest.main()
