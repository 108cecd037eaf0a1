"""Fields of tables: by number, as cut, awk and a plain loop have them."""

import os
import random
import subprocess
import unittest

from support import Case, how

BOM = b"\xef\xbb\xbf"
SHORT = b"lines with too few fields"


def spans(chosen):
    """The numbers of a LIST as pairs, the last one None where it is the line's end."""
    for item in chosen.split(","):
        first, dash, last = item.partition("-")
        yield int(first or 1), int(last) if last else None if dash else int(first)


def is_chosen(number, chosen):
    return any(a <= number and (b is None or number <= b) for a, b in spans(chosen))


def lines_of(data):
    lines = data.removeprefix(BOM).replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    return lines if lines[-1] else lines[:-1]


def tokens_of(data, chosen, delimiter):
    """Each line's chosen fields, joined; delimiter is None for white space."""
    for line in lines_of(data):
        fields = line.split(delimiter)
        kept = [field for n, field in enumerate(fields, 1) if is_chosen(n, chosen)]
        yield (delimiter or b" ").join(kept)


def listed(tokens):
    """As --sort=word --format=uniq writes them."""
    counts = {}
    for token in tokens:
        counts[token] = counts.get(token, 0) + 1
    return b"".join(b"%7d %s\n" % (counts[token], token) for token in sorted(counts))


class Fields(Case):
    def plain(self, data, chosen, *arguments, delimiter=b",", name="in.csv"):
        """Counts chosen fields of a text or of many, and holds the result to the plain loop's."""
        texts = data if isinstance(data, list) else [data]
        paths = [self.file(f"{i}{name}", text) for i, text in enumerate(texts)]
        given = ["--sort=word", "--format=uniq", "-f", chosen, *arguments]
        tokens = [token for text in texts for token in tokens_of(text, chosen, delimiter)]
        self.same(self.wc(*given, *paths).out, listed(tokens), given)

    def test_small_tables(self):
        texts = [
            b"", b"a", b"\n", b"\r", b",", b"a,b,c\nd,e,f\n", b"a,b\r\nc\r\n", b"a\rb,c\rd",
            b"\n\n,\n,,\n", b"a,b,\r\n", b"a,,b,,c", b"a\n\r\nb\r\r\n", BOM + b"a,b\nc,d\n",
        ]  # fmt: skip
        for chosen in ("1", "2", "3", "1,3", "2-", "-2", "2-3", "1-", "4-", "3,1,1-2"):
            self.plain(texts, chosen, "--split-size=1b" if chosen < "2" else "-m2")

    def test_white_space_is_cut_as_awk_cuts(self):
        texts = [
            b"a b c\n", b"  a  b\tc  \n\n", b" \n", b" ", b"a\vb\fc d", b"a b\r\nc\rd e\r\n",
            b"\t\ta", b"one\n\ntwo three\n",
        ]  # fmt: skip
        for chosen in ("1", "2", "1,3", "2-", "-2"):
            self.plain(texts, chosen, delimiter=None, name="in.txt")
            self.plain(texts, chosen, "-d", "", "--split-size=1b", delimiter=None)

    def test_other_bytes(self):
        self.plain(b"a;b;c\nd;e\n", "2", "-d", ";", delimiter=b";")
        self.plain(b"a\0b\0c\n", "3,1", "-d", "\\0", delimiter=b"\0")
        self.plain(b"a\tb\tc\n", "3,1", delimiter=b"\t", name="in.tsv")
        self.plain(b"\xc3\x89,\xc3\x89\n", "2", "-d", "\\xc3", delimiter=b"\xc3")
        path = self.file("in", b"a b,c\nd\r\ne f")
        for end in ("\\n", "\\r"):  # a line is one field
            self.same(self.wc("-f2-", "-d", end, path).out, b"\t3\n")
            self.same(self.wc("-f1", "-d", end, path).out, b"a b,c\t1\nd\t1\ne f\t1\n")

    def test_the_same_as_cut_and_awk(self):
        rng = random.Random(5)
        text = b"".join(
            b",".join(b"%x" % rng.randrange(40) for _ in range(rng.randrange(1, 6))) + b",\n"
            for _ in range(3000)
        )
        path = self.file("in.csv", text)
        blanks = self.file("in.txt", text.replace(b",", b"  "))
        for chosen in ("1", "3", "2,4", "3-", "-2", "4,1,1"):
            self.as_pipe(f"cut -d, -f{chosen}", path, "-f", chosen)
        for number in (1, 2, 5):
            self.as_pipe("awk '{print $%d}'" % number, blanks, "-f", number)

    def as_pipe(self, command, path, *arguments):
        env = {**os.environ, "LC_ALL": "C"}
        wanted = subprocess.run(
            f"{command} '{path}' | sort | uniq -c",
            shell=True, env=env, check=True, stdout=subprocess.PIPE,
        ).stdout  # fmt: skip
        got = self.wc("--sort=word", "--format=uniq", *arguments, path).out
        self.same(got, wanted, command)

    def test_large_lines_and_fields(self):
        wide = b",".join(b"%d" % i for i in range(10000)) + b"\n"
        for chosen in ("1", "10000", "9999,5000-5002", "1-"):
            self.plain(wide * 3, chosen, "--split-size=5K")
        large = b"x" * 3000000 + "é".encode() * 300000
        text = b"".join([b"a,", large, b",b\n", b"c,d,e\r\n", large, b",f\n,,", large, b"\rg"])
        for chosen in ("1", "2", "3", "1,3", "2-", "1-"):
            self.plain(text, chosen, "-S16M", "--split-size=1M")
        self.plain(text.replace(b",", b" "), "1,3", "-S16M", delimiter=None, name="in.txt")
        got = self.wc("-f2", "-d,", "-i", "-S16M", input=text.replace(b"x", b"X"), budget=16 << 20)
        self.assertEqual(len(got.out), len(large) + len(b"\t1\nd\t1\nf\t1\n\t1\n"))

    def test_lines_with_too_few_fields_are_counted(self):
        path = self.file("in.csv", b"a,b,c\nd,e\nf\n\ng,h,i,j\n" * 100)
        for chosen, short in (("1", 0), ("2", 200), ("1,3", 300), ("4-", 400), ("-2", 200)):
            err = self.wc("--stats", "-f", chosen, "--split-size=40b", path, noisy=True).err
            found = [line.split()[1] for line in err.splitlines() if line.endswith(SHORT)]
            self.assertEqual(found, [b"%d" % short] if short else [])

    def test_without_reducers_tokens_stay_in_order(self):
        text = b"".join(b"%d,%s,%d\n" % (i, b"y" * (i % 700), i % 7) for i in range(900))
        for chosen in ("1", "1,3", "2-", "2"):
            wanted = b"".join(t + b"\n" for t in tokens_of(text, chosen, b","))
            path = self.file("in.csv", text)
            self.same(self.wc("-r0", "--format=lines", "-f", chosen, path).out, wanted)

    def test_with_other_options(self):
        path = self.file("in.csv", "É,1\né,2\n7,2\nx,3\n".encode())
        self.same(self.wc("-i", "-f1", path).out, "é\t2\n7\t1\nx\t1\n".encode())
        self.same(self.wc("--drop-numeric", "-f2,1", path).out.count(b"\n"), 4)
        self.same(self.wc("--drop-numeric", "--min-count=1", "-f2", path).out, b"")

    def test_wrong_lists(self):
        for wrong in ("", "0", "-", "3-1", "a", "1,", "1,,2", "1-2-3", "--2", "+1", " 1", "2 ",
                      "99999999999999999999", "0-1", "1-0"):  # fmt: skip
            self.wc("-f", wrong, status=2)
        self.same(self.wc("-f", "2", "-f1", "-d,", input=b"a,b").out, b"a\t1\n")
        self.same(self.wc("--fields=99999999999", "-d,", input=b"a,b").out, b"\t1\n")

    def test_random_tables(self):
        rng = random.Random(int(os.environ.get("SEED", "3")))
        for _ in range(int(os.environ.get("ROUNDS", "25"))):
            delimiter = rng.choice([b",", b",", None, b"\xa9"])
            letters = rng.choice([b"ab,\n", b"a,\r\n \t", b"a, \n\r\xc3\xa9\v"])
            text = bytes(rng.choices(letters, k=rng.randrange(1500)))
            chosen = rng.choice(["1", "2", "1,3", "2-", "-3", "1-", "5,2"])
            cut = f"--split-size={rng.choice([1, 7, 300, 1000])}b" if len(text) < 300 else "-m2"
            given = "-d" + ("\\xa9" if delimiter == b"\xa9" else (delimiter or b"").decode())
            given = ["--delimiter="] if given == "-d" else [given]
            self.plain(text, chosen, *how(rng), cut, *given, delimiter=delimiter)


if __name__ == "__main__":
    unittest.main()
