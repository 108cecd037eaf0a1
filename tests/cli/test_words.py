"""What a word is by --words: the same as plain Python finds, for every character of Unicode and
however a text is cut."""

import collections
import os
import random
import re
import subprocess
import unicodedata
import unittest

import reference
from support import CHECKING, PROGRAM, SOON, Case, how, large, options_of

BOM = reference.BOM


class Rules(Case):
    def like_reference(self, data, *how, name="f", **options):
        got = self.wc(*how, *options_of(options), self.file(name, data)).out
        self.same(got, reference.output([(name, data)], **options))

    def test_by_examples(self):
        for rule, text, wanted in (
            ("letters", "Images of x-rays, can't tell 'large'.", "Images can't large of tell x-rays"),
            ("letters", "“hello”—world ¿hola? a.b", "a b hello hola world"),
            ("letters", "rock'n'roll a''b -c- d-'e f’s g‐h", "a b c d e f’s g‐h rock'n'roll"),
            ("letters", "naïve e\u0301t 1,000.5 x² _y_ ‿ Ⓐ 世界。人", "000 1 5 _y_ e\u0301t naïve x² ‿ Ⓐ 世界 人"),
            ("letters", "' - ’ '' -' \u200d", ""),
            ("uwhite", "a\u00a0b dummy\u2004text 世\u3000中 x\u200by", "a b dummy text x\u200by 世 中"),
            ("uwhite", "a\x1cb\x1fc\x85d \u180ee.", "a\x1cb\x1fc d \u180ee."),
            ("white", "a\u00a0b c", "a\u00a0b c"),
        ):
            with self.subTest(rule, text=text):
                got = self.wc(f"--words={rule}", "--sort=word", input=text.encode()).out
                words = [line.split("\t")[0] for line in got.decode().split("\n")[:-1]]
                self.assertEqual(" ".join(words), wanted)

    def test_bytes_that_are_no_utf8(self):
        data = b"a\xffb \xff\xfe a\xe2\x80b\xe2\x80\x99\xe2\x80 \xc2 \xc2\xa0\xe3\x80 \xed\xa0\x80x "
        data += b"it\xe2\x80\x99s \xe2\x80\x99\x99s \xf0\x9f\x98\x80\xf0\x9f y\xc3 \xc0\xafz \xe3\x80"
        for rule in ("letters", "uwhite", "white"):
            for split in (1, 2, 3, 100):
                self.like_reference(data, f"--split-size={split}b", words=rule, format="jsonl")

    def test_with_delimiters_and_tables(self):
        data = "a b,c\u00a0d;e-f,'g'\r\nit's,x;y\r".encode()
        for rule in ("white", "uwhite", "letters"):
            for more in ({}, {"delimiter": b";"}, {"delimiter": b"e"}, {"delimiter": b""}):
                self.like_reference(data, words=rule, **more)
                self.like_reference(data, words=rule, name="f.csv", **more)
        self.wc("--words=letters", "-d", r"\xa0", input=b"a", status=2)
        for wrong in ("", "letter", "White"):
            got = self.wc("--words", wrong, input=b"a", status=2)
            self.assertIn(b"is none of the choices of --words: white, uwhite, letters, unicode", got.err)

    def test_with_folding_lists_and_formats(self):
        data = "Don't DON’T don't, “ẞ” x-Ray X-RAY 42 a-1".encode()
        stop = self.file("stop", "DON'T\nss".encode())
        for options in (
            {"ignore_case": True, "format": "csv"},
            {"drop_numeric": True, "min_length": 3, "format": "jsonl"},
            {"ignore_case": True, "exclude_from": stop, "format": "uniq"},
        ):
            wanted = dict(options)
            if "exclude_from" in wanted:
                wanted["exclude_from"] = "DON'T\nss".encode()
            got = self.wc("--words=letters", *options_of(options), self.file("f", data)).out
            self.same(got, reference.output([("f", data)], words="letters", **wanted))

    def test_a_file_of_only_apostrophes(self):
        for sign in "'", "\u2019", "-", "'\u2019":
            data = sign.encode() * 3000000
            path = self.file("f", data)
            for which in ("--words=letters", "--max-length=9"):
                got = self.wc("-S16M", "-m2", which, path, budget=24 << 20)
                self.same(got.out, b"", (sign, which))

    def test_words_larger_than_any_buffer(self):
        for unit in ("é’", "x-", "'’", "a\u0301", "a.", "1\u3000"):
            data = (unit * 350000).encode()[: 700000 - 7 * len(unit)] + b"\xe2\x80"
            for rule in ("letters", "uwhite"):
                self.like_reference(b"a " + data, "-S16M", "-m2", "--split-size=200K", words=rule)

    def test_joiners_at_every_place_of_a_scan(self):
        lines = []
        for size in range(55, 75):
            for middle in ("-", "’", "'", "''", "é", "\u0301", "-é", "— ", "\u2003"):
                lines.append("a" * size + middle + "b" * (size % 7) + " ")
        data = ("".join(lines) * 3).encode()
        for kernel in ("auto", "portable"):
            for rule in ("letters", "uwhite"):
                self.like_reference(data, f"--kernel={kernel}", words=rule)

    def test_every_character_alone_and_between_letters(self):
        known = [
            chr(c)
            for c in range(0x80, 0x110000)
            if unicodedata.category(chr(c)) not in ("Cn", "Cs", "Co")
        ]
        if unicodedata.unidata_version > "14.0.0":
            known = [c for c in known if ord(c) < 0x800]
        data = "".join(f"{c} x{c}y\n" for c in known).encode()
        got = self.wc("--words=letters", "--sort=word", "-m2", self.file("f", data)).out
        wanted = ["x’y", "x‐y"]
        others = 0
        for c in known:
            if reference.is_letter(c):
                wanted += [c, f"x{c}y"]
            elif c not in "’‐":
                others += 1
        lines = [word.encode() + b"\t1\n" for word in wanted]
        lines += [b"%c\t%d\n" % (c, others) for c in b"xy"]
        self.same(got, b"".join(sorted(lines, key=lambda line: line.split(b"\t")[0])))
        spaces = [c for c in known if ord(c) < 0x3100]
        data = "".join(f"{c} x{c}y\n" for c in spaces).encode()
        self.like_reference(data, words="uwhite")


def is_closed(text):
    """Whether quotes, as fields have them, end."""
    return re.fullmatch(rb'(?:(?:"(?:[^"]|"")*"[^,\r\n]*|[^",\r\n][^,\r\n]*)?[,\r\n])*'
                        rb'(?:"(?:[^"]|"")*"(?:[^",\r\n][^,\r\n]*)?|[^",\r\n][^,\r\n]*)?', text)


class WordsOfFields(Case):
    def check(self, data, *how, name="f.csv", **options):
        got = self.wc(*how, *options_of(options), self.file(name, data)).out
        self.same(got, reference.output([(name, data)], **options), (name, how, options, data[:99]))

    def test_by_examples(self):
        data = 'id,text\n1,"Don\'t, ""x-ray"" it"\n2,a.b’s\n'.encode()
        path = self.file("f.csv", data)
        for options, wanted in (
            (["--words=letters"], "Don't a b’s it x-ray"),
            (["--words=white"], '"x-ray" Don\'t, a.b’s it'),
            ([r"--match=\b\w"], "D a b i r s t x"),
            (["--words=letters", "--ngrams=2"], "Don't x-ray|a b’s|x-ray it"),
        ):
            got = self.wc("--quoted", "--header", "-ftext", "--sort=word", *options, path).out
            words = [line.split("\t")[0] for line in got.decode().splitlines()]
            self.assertEqual(("|" if "--ngrams=2" in options else " ").join(words), wanted)

    def test_larger_than_any_buffer(self):
        unit = "é’x-y' ".encode()
        long = b'a,"' + unit * 100000 + b'""' + b"b-" * 200000 + b'b",c d\n'
        for words in ("letters", "uwhite"):
            self.check(long * 2, "-S16M", "-m2", fields="2-", quoted=True, words=words)
        for options in ({"words": "letters"}, {"match": "[a-z]-?y"}, {"words": "white", "ngrams": 3}):
            data = b"x " + unit * 120000 + b"\n,e f"
            self.check(data, "-S24M", fields="1-", delimiter=b",", **options)

    def test_random(self):
        rng = random.Random(int(os.environ.get("SEED", "19")))
        letters = [b"ab ,\n", b"a',\r\n\t-", "a, \n\ré\v’-".encode(), b'a,"b\n-', b"a-\xc3\"\xa9,\n"]
        for _ in range(int(os.environ.get("ROUNDS", "40"))):
            data = bytes(rng.choices(rng.choice(letters), k=rng.choice([5, 30, 100, 2000])))
            options = {"format": "jsonl", "delimiter": rng.choice([None, b",", b"", b"a", b"\xa9"])}
            options["fields"] = rng.choice([None, "1", "1,3", "2-", "-2"])
            options["header"] = rng.random() < 0.2 or options["fields"] is None
            options["quoted"] = options["delimiter"] == b"," and rng.random() < 0.5
            options["ngrams"] = rng.choice([None, None, 1, 2, 3])
            kind = rng.choice(["words", "words", "match", "ngrams"])
            if kind == "match":
                options[kind] = rng.choice(["[a-z]+", "(a)-?b?", "a", "^a", "b$"])
            elif kind == "words":
                options[kind] = rng.choice(["white", "uwhite", "letters"])
            if options["quoted"] and not is_closed(data):
                data = data.replace(b'"', b"") + b',"a""-\n",'
            split = f"--split-size={rng.choice([1, 3, 40]) if len(data) < 200 else 300}b"
            self.check(data, *how(rng), split, name=rng.choice(["f", "f.csv", "f.tsv"]), **options)


class Normalize(Case):
    def check(self, data, *given, name="f", **options):
        got = self.wc(*given, *options_of(options), self.file(name, data)).out
        lists = {}
        for option in ("exclude_from", "only_from"):
            if option in options:
                with open(options[option], "rb") as file:
                    lists[option] = file.read()
        wanted = reference.output([(name, data)], **{**options, **lists})
        self.same(got, wanted, (given, options, data[:200]))

    def test_by_examples(self):
        data = "é e\u0301 ﬁ fi Ａ A ² 2 각 \u1100\u1161\u11a8 \u212b \ufdfa".encode()
        for form, wanted in (("nfc", "é 2 각 2 2 1 A 1"), ("nfkc", "2 2 A 2 fi 2 é 2 각 2 Å 1")):
            got = self.wc(f"--normalize={form}", input=data).out.decode()
            for word, count in zip(wanted.split()[::2], wanted.split()[1::2]):
                self.assertIn(f"{word}\t{count}\n", got)
        for form in ("nfc", "nfkc"):
            path = self.file("stop", "T\u0308\n".encode())
            got = self.wc(
                f"--normalize={form}", "-i", f"--exclude-from={path}",
                input="J\u030c j\u030c \u01f0 É e\u0301 É T\u0308 \u1e97 K".encode(),
            ).out  # fmt: skip
            self.assertEqual(got.decode(), "é\t3\n\u01f0\t3\nk\t1\n")
        self.wc("--normalize=nfd", input=b"", status=2)
        self.wc("--normalize=nfc", "--counted", input=b"", status=2)

    def test_random(self):
        rng = random.Random(int(os.environ.get("SEED", "31")))
        marks = "JjTte\u030c\u0308\u0301\u0323\u0307q\u1100\u1161\u11a8가\u212bﬁＡ²\ufdfa\u0344ſ\u1e9b½ǅ\u0345 a\u0338=,\n"
        stop = self.file("stop", "é\nﬁ\nA\n=\u0338\n".encode())
        for _ in range(int(os.environ.get("ROUNDS", "20"))):
            letters = [c.encode() for c in marks] + [b"\xff", b"\xe2\x82", b" "]
            data = b"".join(rng.choices(letters, k=rng.choice([5, 40, 300, 3000])))
            options = {"normalize": rng.choice(["nfc", "nfkc"]), "format": "jsonl"}
            options["ignore_case"] = rng.random() < 0.3
            options["words"] = rng.choice([None, None, "uwhite", "letters"])
            options["delimiter"] = rng.choice([None, None, b",", b"="])
            options["fields"] = rng.choice([None, None, "1", "2-"])
            options["ngrams"] = rng.choice([None, None, 2])
            options["zero_terminated"] = rng.random() < 0.1
            if rng.random() < 0.3:
                options[rng.choice(["exclude_from", "only_from"])] = stop
            split = f"--split-size={rng.choice([1, 9]) if len(data) < 300 else 900}b"
            self.check(data, *how(rng), split, name=rng.choice(["f", "f.csv"]), **options)

    @large
    def test_marks_without_end_take_no_more_memory(self):
        data = ("a" + "\u0301" * 5000000 + " \u0344" + "\u0323" * 900 + "x").encode()
        self.check(data, "-S16M", "-m1", normalize="nfc", ignore_case=True)
        self.wc("-S16M", "-m1", "--normalize=nfc", self.path("f"), budget=24 << 20)

    def test_words_larger_than_any_buffer(self):
        for unit in ("e\u0323\u0301", "\u1100\u1161\u11a8", "\ufdfa", "a"):
            data = (unit * 200000).encode()[:900000] + b"\xcc"
            for form in ("nfc", "nfkc"):
                self.check(data + b" x\n" + data, "-S16M", "-m2", normalize=form)


SEGMENT = os.path.join(os.path.dirname(PROGRAM), "tests", "cli", "segment")
# What beside others is hard: marks, joiners, kinds of white space, scripts that are cut by
# dictionaries, letters that quotes stand in, flags, emoji, what is no UTF-8.
HARD = [
    c.encode()
    for c in "ab1_.,';:@-\t \x0c\x1cé\u0301\u200d\u00ad\ufeff’·\u00a0\u2003\u3000\u2028\u0085"
    "漢字日本ひらがカタナーっ゛ァ한글ไทยงาน ລາວ\u1781\u17d2\u1798\u17c2\u179a\u1019\u103c\u1014\u103a"
    "אב\"Дж٣½\U0001f1e9\U0001f1ea\U0001f469\u200d\U0001f4bbＡ：．﹕"
] + [b"\xff", b"\xe2\x82", b"\xc3", b"\xed\xa0\x80"]  # fmt: skip
ASCII = [b"%c" % c for c in range(128) if c not in (10, 13)]


@unittest.skipUnless(os.path.exists(SEGMENT), "needs ICU")
class UnicodeWords(Case):
    """--words=unicode: as ICU cuts the text, in one piece."""

    def listed(self, words):
        counts = collections.Counter(words)
        return b"".join(b"%7d %s\n" % (counts[word], word) for word in sorted(counts))

    def check(self, data, *how, name="f"):
        segmented = subprocess.run([SEGMENT], input=data, capture_output=True, check=True).stdout
        given = ["--words=unicode", "--sort=word", "--format=uniq", *how, self.file(name, data)]
        self.same(self.wc(*given).out, self.listed(segmented.split(b"\n")[:-1]), (how, data[:200]))

    def test_by_examples(self):
        for text, wanted in (
            ("Can't, 3.14 x_1! a.b. 1,2;3 (q) “hi”—there", "1,2;3 3.14 Can't a.b hi q there x_1"),
            ("日本語です naïve e\u0301", "e\u0301 naïve です 日本語"),
            ("ภาษาไทยง่าย", "ง่าย ภาษา ไทย"), ("., --- … 😀", ""),
        ):  # fmt: skip
            got = self.wc("--words=unicode", "--sort=word", input=text.encode()).out.decode()
            self.assertEqual(" ".join(line.split("\t")[0] for line in got.splitlines()), wanted)

    def test_the_same_as_icu(self):
        rng = random.Random(int(os.environ.get("SEED", "29")))
        ends = [b"\n", b"\n", b"\r\n", b"\r"]
        for i in range(int(os.environ.get("ROUNDS", "24"))):
            letters = ASCII if i % 3 == 0 else rng.sample(HARD, rng.randint(3, 20))
            if i % 3 == 1:
                letters = letters + [b"a", b"b", b" ", b"1"] * 5
            lines = [
                b"".join(rng.choices(letters, k=rng.choice([3, 20, 60]))) + rng.choice(ends)
                for _ in range(rng.choice([5, 400]))
            ]
            split = rng.choice([3000, 20000]) if len(lines) > 5 else rng.choice([7, 90])
            self.check(b"".join(lines), *how(rng), f"--split-size={split}b")

    def test_with_other_options(self):
        data = "id,text\n1,\"Can't 日本語, ok\"\n2,don’t CAN'T\n".encode()
        path = self.file("f.csv", data)
        for options, wanted in (
            (["--quoted", "--header", "-ftext"], "CAN'T Can't don’t ok 日本語"),
            (["--quoted", "--header", "-ftext", "-i", "--ngrams=2"], "can't 日本語|don’t can't|日本語 ok"),
            (["-da"], "1 2 C CAN'T don’t id n't ok text 日本語"),
        ):
            got = self.wc("--words=unicode", "--sort=word", *options, path).out.decode()
            words = [line.split("\t")[0] for line in got.splitlines()]
            self.assertEqual(("|" if "--ngrams=2" in options else " ").join(words), wanted)
        self.same(self.wc("-z", "--words=unicode", input=b"a\n.b\0.c").out, b"a\t1\nb\t1\nc\t1\n")

    def test_lines_of_any_size(self):
        line = ("日本語です ok’s don't " * 12000).encode()
        self.check(line + b"\n" + b"a_b. " * 100000, "-S64M", "-m2", "--split-size=100K")
        for text in ("日本語です ok’s don't ภาษาไทย,\t" * 40000, "中文分词很困难。没有空格、" * 90000,
                     "a.b c\u0301 \u0301d 1,2\u3000" * 200000):  # fmt: skip
            self.check(text.encode(), "-S16M", "-m2")
        path = self.file("g", b'x,"' + b"a b\n" * 700000 + b'"\n')
        got = self.wc("--words=unicode", "--quoted", "-f2", "--ngrams=2", "-S16M", path)
        self.same(got.out, b"a b\t700000\nb a\t699999\n")
        got = self.wc("--words=unicode", "-S16M", self.file("g", b"a" * (15 << 20)), status=1)
        self.assertRegex(got.err, rb"'.*/g' has a text of more than \d+ bytes without white space")

    def test_icu_has_no_more_memory_than_a_mapper_has_for_it(self):
        run = "中文分词很困难因为没有空格我们需要字典来找词".encode()
        self.check((run * 100 + "。".encode()) * 200 + b"\n", "-S16M", "-m2")
        path = self.file("g", run * 15000)
        for memory in () if CHECKING else ("16M", "32M"):  # what it had is not freed then
            got = self.wc("--words=unicode", "-m1", "-S", memory, path, status=1)
            self.assertRegex(got.err, rb"text of 990000 bytes in '.*/g' .* than the \d MB of memory")
        self.check(run * 15000, "-S96M", "-m1", name="g")

    @unittest.skipIf(CHECKING, "addresses are taken by the sanitizer")
    def test_memory_that_icu_does_not_get_is_told_of(self):
        path = self.file("f", "中文分词很困难因为没有空格我们需要字典来找词".encode() * 50000)
        given = [PROGRAM, "--words=unicode", "-S256M", "-m1", "-r1", "--max-attempts=1", path]
        wanted = subprocess.run(given, capture_output=True, check=True).stdout
        told = b""
        for addresses in range(40000, 120000, 10000):
            limited = ["sh", "-c", 'ulimit -v $0; exec "$@"', str(addresses), *given]
            got = subprocess.run(limited, capture_output=True, timeout=SOON)
            if got.returncode == 0:
                self.same(got.stdout, wanted, addresses)
            told += got.stderr
        self.assertIn(b"there is no memory for ICU to cut a text of", told)


class NGrams(Case):
    def like_reference(self, data, *given, name="f", **options):
        got = self.wc(*given, *options_of(options), self.file(name, data)).out
        self.same(got, reference.output([(name, data)], **options), (name, given, options))

    def test_the_same_as_awk(self):
        rng = random.Random(7)
        words = [b"w%d" % i for i in range(30)]
        lines = [b" ".join(rng.choices(words, k=rng.randrange(9))) for _ in range(3000)]
        path = self.file("f", b"\n".join(lines) + b"\n")
        program = "{for(i=1;i+n-1<=NF;i++){t=$i;for(k=1;k<n;k++)t=t s $(i+k);print t}}"
        for n, joint in ((1, " "), (2, " "), (3, " "), (5, " "), (2, ",")):
            want = subprocess.run(
                f"awk -v n={n} -v s='{joint}' '{program}' f | sort | uniq -c",
                shell=True, cwd=self.work, env=dict(os.environ, LC_ALL="C"),
                stdout=subprocess.PIPE, check=True,
            ).stdout  # fmt: skip
            given = ["--sort=word", "--format=uniq", f"--ngrams={n}", "--split-size=5K"]
            if joint == ",":
                path = self.file("c", (b"\n".join(lines) + b"\n").replace(b" ", b","))
                given.append("-d,")
                want = self.without_empty(want)
                got = self.without_empty(self.wc(*given, path).out)
            else:
                got = self.wc(*given, path).out
            self.same(got, want, given)

    def without_empty(self, lines):
        return b"".join(x for x in lines.splitlines(True) if re.search(rb" \S", x))

    def test_all_rules(self):
        data = "to be, or\tnot\r\nto-be b’e,,x\r\n\n,\rend to\vbe\0or be\n\0 é".encode()
        for options in (
            {}, {"delimiter": b","}, {"delimiter": b""}, {"words": "white"}, {"words": "uwhite"},
            {"words": "letters"}, {"words": "letters", "delimiter": b","}, {"match": "[a-z]+"},
            {"match": "(b)."}, {"fields": "1-"}, {"fields": "2-", "delimiter": b" "}, {"header": True},
            {"ignore_case": True, "min_length": 4, "words": "letters"}, {"delimiter": b"e"},
        ):  # fmt: skip
            for more in ({}, {"zero_terminated": True}):
                for name, split, n in (("f", 20, 2), ("f.csv", 5, 3)):
                    given = {**options, **more, "ngrams": n, "format": "jsonl"}
                    self.like_reference(data, f"--split-size={split}b", name=name, **given)

    def test_lines_and_words_of_any_size(self):
        rng = random.Random(3)
        line = b" ".join(b"%x" % rng.randrange(300) for _ in range(60000))
        line += b" " + b"y" * 200000 + b"  z " + "é-".encode() * 40000 + b"e end"
        for words in (None, "letters"):
            for n in (2, 20) if words else (3,):
                self.like_reference(line + b"\na b c", "-S16M", "--split-size=90K", ngrams=n, words=words)
        self.like_reference(line.replace(b" ", b","), "-S16M", ngrams=3, delimiter=b",")
        large = b"b" * (2 << 20)
        self.same(self.wc("--ngrams=2", input=large + b"\na b\n" + large).out, b"a b\t1\n")
        self.same(self.wc("--ngrams=3", input=b"a " + large + b"\na b c").out, b"a b c\t1\n")
        got = self.wc("--ngrams=2", input=b"a " + large, status=1)
        self.assertIn(b"has 2 words in a line that are larger together than", got.err)

    def test_without_reducers_they_stay_in_order(self):
        got = self.wc("-r0", "--format=lines", "--ngrams=2", input=b"c b\na c b\n\nd").out
        self.same(got, b"c b\na c\nc b\n")

    def test_files_end_lines(self):
        paths = [self.file(name, b"a b") for name in ("x", "y", "z")]
        self.same(self.wc("--ngrams=2", "-m1", *paths).out, b"a b\t3\n")
        self.same(self.wc("--ngrams=3", "-m1", *paths).out, b"")

    def test_what_is_refused(self):
        for wrong in ("0", "", "x", "-1", "101", "2 "):
            self.assertIn(b"--ngrams", self.wc(f"--ngrams={wrong}", input=b"a", status=2).err)
        self.wc("--ngrams=2", "--counted", input=b"a", status=2)


class ZeroTerminated(Case):
    """-z: lines that end at NUL."""

    def uniq(self, data):
        """What sort -z | uniq -zc counts, by count and word."""
        sort = subprocess.run(
            ["sh", "-c", "sort -z | uniq -zc"],
            input=data, env=dict(os.environ, LC_ALL="C"), capture_output=True, check=True,
        )  # fmt: skip
        counted = [line.lstrip(b" ").split(b" ", 1) for line in sort.stdout.split(b"\0")[:-1]]
        lines = [(-int(count), word) for count, word in counted]
        return b"".join(b"%7d %s\n" % (-count, word) for count, word in sorted(lines))

    def test_the_same_as_sort_and_uniq(self):
        for data in (
            b"", b"\0", b"\0\0", b"a", b"a\0", b"a\n", b"a\n\0a\r\n\0a\n", b"\n\0\r\0\r\n\0\n",
            b"./a b\0./c,d\0./a b\0\0x\ty\0./c,d", b"\0\xff\0\xc3\0" * 3,
        ):  # fmt: skip
            want = self.uniq(data)
            for name, split in (("f", "1b"), ("f.csv", "3b")):
                path = self.file(name, data)
                got = self.wc("-z", "--format=uniq", f"--split-size={split}", path).out
                self.same(got, want, f"{data!r} in {name}")
            self.same(self.wc("-z", "--format=uniq", input=data).out, want)

    def test_lines_larger_than_any_buffer(self):
        line = b"a\nb\r\n, " * 90000
        for end in (b"", b"\0", b"\n", b"\n\0", b"\0\0", b","):
            data = line + b"\0x\0" + line + end
            got = self.wc("-z", "-S16M", "-m2", "--format=uniq", self.file("f", data)).out
            self.same(got, self.uniq(data))
            for delimiter in (b",", b"\n"):
                options = {"zero_terminated": True, "delimiter": delimiter}
                got = self.wc("-S16M", *options_of(options), self.path("f")).out
                self.same(got, reference.output([("f", data)], **options))

    def test_fields_and_words_of_such_lines(self):
        data = b"a,b\nc,,d\0,\0\0a,b\r\n\0it's c\n\0A\0,"
        for delimiter in (None, b"", b",", b"\n", b"\r", b"\0", b" "):
            for words in (None, "white", "uwhite", "letters"):
                options = {"delimiter": delimiter, "words": words, "zero_terminated": True}
                options |= {"ignore_case": delimiter == b",", "format": "jsonl"}
                got = self.wc("--split-size=4b", *options_of(options), self.file("f.csv", data)).out
                self.same(got, reference.output([("f.csv", data)], **options))

    def test_what_the_formats_make_of_the_end_of_a_line(self):
        for name, want in (
            ("tsv", b"a\nb\t1\n"),
            ("csv", b'"a\nb",1\n'),
            ("jsonl", b'{"word":"a\\nb","count":1}\n'),
            ("colon", b"a\nb:1\n"),
            ("uniq", b"      1 a\nb\n"),
            ("lines", b"a\nb\n"),
        ):
            self.same(self.wc("-z", f"--format={name}", input=b"a\nb\0").out, want)

    def test_what_it_does_not_go_together_with(self):
        got = self.wc("-z", "--quoted", input=b"a", status=2)
        self.assertIn(b"--zero-terminated (-z) cannot go together with", got.err)

    def test_fields_chosen_of_such_lines(self):
        data = BOM + b"n\n,x\0a\r\n,b,c d\0\0,,e\n\0f \v g"
        for options in (
            {"fields": "2", "delimiter": b","}, {"fields": "1,3"}, {"fields": "2-", "header": True},
            {"fields": "x", "header": True, "delimiter": b","}, {"header": True},
            {"fields": "1", "delimiter": b"\n"}, {"fields": "-2", "delimiter": b"\0"},
            {"fields": "2-", "match": "[a-z]+"}, {"fields": "1,3", "words": "letters"},
        ):  # fmt: skip
            for name in ("f", "f.csv"):
                given = options | {"zero_terminated": True, "format": "jsonl"}
                path = self.file(name, data)
                got = self.wc(*options_of(given), "--split-size=3b", path).out
                self.same(got, reference.output([(name, data)], **given), (name, options))


if __name__ == "__main__":
    unittest.main()
