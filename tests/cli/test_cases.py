"""Small inputs of what people ask for in public, with what they want to get: words, columns and
lines, and what is unusual about their files. Each is run as it is and cut into single bytes.
"""

import os
import shlex
import unittest

from support import Case

APACHE = (
    b'1.1.1.1 - - [12/Mar/2007:08:03:37 -0800] "GET /a HTTP/1.1" 304 - "-" "Net/2.1 (Mac OS X)"\n'
    b'1.1.1.2 - - [12/Mar/2007:08:59:01 -0800] "GET /b HTTP/1.1" 200 5 "-" "Net/2.1 (Mac OS X)"\n'
    b'1.1.1.1 - - [19/Apr/2020:06:38:44 -0700] "-" 408 156 "-" "-"\n'
)
SHAPES = b"shape,color\nsquare,red\nsquare,red\ncircle,red\nsquare,blue\nsquare,blue\nsquare,blue\n"

# A wish; the command line; what it prints; the file f, or what files there are by their names.
WORDS = (
    ("no punctuation, no stop words", "--words=letters -i --exclude-from=s f",
     "good 1|today 1|weather 1", {"f": "The weather is good today !!\n", "s": "the\r\nis\r\n"}),
    ("hyphens and contractions stay", "--words=letters f", "He's 1|I 1|one-two-three 1|won't 1",
     "He's one-two-three; I won't.\n"),
    ("contractions of contractions", "--words=letters f", "fo'c's'le 2", "fo'c's'le 'fo'c's'le'\n"),
    ("quotes and colons", "--words=letters -i f", "password 2|that's 1|the 1",
     "\"That's the password: 'PASSWORD'!\"\n"),
    ("numbers with points stay", "--words=unicode f", "1,000 2|3.14 1|pi 1",
     "1,000 pi: 3.14, 1,000.\n"),
    ("Cyrillic", "--words=letters -i f", "машинное 2|обучение 1", "Машинное обучение — машинное.\n"),
    ("letters", "-i '--match=\\p{L}' f", "l 3|é 2|a 1|e 1|h 1|n 1|o 1", "Hello, élan É\n"),
    ("graphemes", "'--match=\\X' f", "👍🏾 2|é 1", "👍🏾é👍🏾\n"),
    ("k-mers, overlapping", "'--match=(?=(\\w{3}))' f", "ACG 2|CGT 2|GTA 1|TAC 1", "ACGTACGT\n"),
    ("hashtags", "-i '--match=(*UCP)#\\w+' f", "#love 2|#мир 1", "#Love #love, #мир! # x\n"),
    ("names that are not ASCII", "'--match=user=(\\S+)' f", "José 2|Bob 1",
     "user=José x\nuser=José y\nuser=Bob z\n"),
    ("no numbers", "--drop-numeric f", "times 2|is 1", "10 times 10 is 100 times\n"),
    ("accents either way", "--normalize=nfc f", "caf\u00e9 2", "caf\u00e9 cafe\u0301\n"),
    ("full width, ligatures", "--normalize=nfkc f", "ABC 2|fin 2", "ＡＢＣ ABC ﬁn fin\n"),
    ("bigrams", "--words=letters -i --ngrams=2 -n1 f", "new york 2", "New York, new york! In New\nYork.\n"),
    ("an old encoding", "--encoding=latin1 -i f", "äiti 2", "Äiti äiti\n".encode("latin1")),
    ("the last word of each line", "'--match=\\S+$' f", "c 2|f 1", "a b c\nd c\ne f\n"),
    ("no comments", "'--match=^(?!#).*' f", "a b 1", "# c a\na b\n"),
    ("no words at all", "--words=letters f", "a 1", "'' ' ''' - -- a- \u2019\n"),
)  # fmt: skip

TABLES = (
    ("the rarest values", "--header -f shape,color --reverse -n2 f.csv", "circle,red 1|square,red 2",
     {"f.csv": SHAPES}),
    ("two columns, by value", "--header -f shape,color --sort=word f.csv",
     "circle,red 1|square,blue 3|square,red 2", {"f.csv": SHAPES}),
    ("shares, and the rest", "--header -f shape -n1 --percent --others f.csv",
     "square 5 83.33|(others) 1 16.67", {"f.csv": SHAPES}),
    ("what is frequent, and the rest", "--header -f color --min-count=4 --others f.csv",
     "(others) 6", {"f.csv": SHAPES}),
    ("no empty values", "--header -f n --min-length=1 f.csv", "x 1", {"f.csv": "id,n\n1,\n2,x\n3,\n"}),
    ("a mark, quotes and CR LF", "--quoted --header -f 'first name' f.csv", "Ann, B 2",
     {"f.csv": '\ufeff"first name","x"\r\n"Ann, B","1"\r\n"Ann, B","2"\r\n'}),
    ("quotes in quotes", "--quoted --header -f q f.csv", 'say "hi" 1', {"f.csv": 'q\n"say ""hi"""'}),
    ("semicolons", "--quoted --header '-d;' -f a f.csv", "x;y 2", {"f.csv": 'a;b\n"x;y";1\n"x;y";2\n'}),
    ("quotes that are none", "'-d|' -f2 f", '"T", INC. 1|C, THE 1', '1|"T", INC.|x\n2|C, THE|x\n'),
    ("a request, as one field", "--quoted '-d ' -f6 f", "- 1|GET /a HTTP/1.1 1|GET /b HTTP/1.1 1", APACHE),
    ("requests an hour", "'--match=\\[([^:]+:\\d+)' f", "12/Mar/2007:08 2|19/Apr/2020:06 1", APACHE),
    ("addresses", "-f1 -n1 f", "1.1.1.1 2", APACHE),
    ("all but a time", "-f 1-2,4- f", "mod: fn actual 2", "mod: fn 19:03 actual\nmod: fn  19:04 actual\n"),
    ("two bytes that separate", "-d: -f5 f", "5 2|3 1", "1::1193::5::9\n1::661::3::9\n2::1193::5::9\n"),
    ("a table of Excel", "--header '-d\\t' -f Name f", "Änn 2",
     "Name\tX\r\nÄnn\t1\r\nÄnn\t2\r\n".encode("utf-16")),
    ("a header and no more", "--header -f b f.csv", "", {"f.csv": "a,b"}),
    ("nothing", "--header -f b f.csv", "", {"f.csv": ""}),
    ("columns in another order", "--header -f a f.csv g.csv", "x 2",
     {"f.csv": "a,b\nx,1\n", "g.csv": "b,a\n1,x\n"}),
    ("the words of a column", "--header -f t,b --words=letters -i f.csv", "fox 2|red 2|blue 1",
     {"f.csv": "id,t,b\n1,Red fox,red\n2,Fox,blue\n"}),
)  # fmt: skip

LINES = (
    ("uniq -d", "'-d\\n' --min-count=2 --sort=word f", "a 3|b 2", "a\nb\na\na\nb\nc\n"),
    ("three times", "'-d\\n' --min-count=3 --max-count=3 f", "a 3", "a\nb\na\na\nb\nc"),
    ("in the order of the input", "'-d\\n' --sort=first f", "c 2|a 2|b 1", "c\na\nb\na\nc\n"),
    ("lists of uniq -c", "--counted=uniq f g", "hospital 143|search 8|idea 2",
     {"f": "13 hospital\n      8 search\n", "g": "130 hospital\n2 idea\n"}),
    ("lists of two columns", "--counted f g", "校医院 yi 143|a b 2", {"f": "校医院\tyi\t13\n", "g": "校医院\tyi\t130\na\tb\t2\n"}),
    ("the words alone", "--sort=word --format=keys f", "a|b", "b a b\n"),
    ("files with a word", "--documents f g", "a 3 2|b 1 1", {"f": "a b a\n", "g": "a"}),
    ("words of all files", "--documents --min-documents=2 f g", "a 3 2|c 2 2", {"f": "a b a c\n", "g": "a c d d"}),
    ("lines of one file alone", "'-d\\n' --documents --max-documents=1 f g", "b 1 1|d 1 1", {"f": "a\nb\n", "g": "a\nd"}),
    ("each file", "--by-file -n1 f g", "f a 2|g c 1", {"f": "a b a\n", "g": "c\n"}),
    ("not in another file", "'-d\\n' --exclude-from=g --format=lines --sort=first f", "x|z",
     {"f": "x\ny\nz\n", "g": "y\nw\n"}),
    ("shapes of white space", "--words=uwhite f", "a 2|b 1|中 1", "a\u00a0b\u3000中\u2004a\u0085"),
)  # fmt: skip

JOBS = (
    ("the highest of each key", "--job=sum -k1 -v2 f", "1949 2 189 78 111 94.5|1950 2 11 -11 22 5.5",
     "1950\t22\n1950\t-11\n1949\t111\n1949\t78\n"),
    ("keys, and values from the highest", "--job=sort -k1,1 -k2,2nr f", "a 9|a 5|b 7", "a 5\nb 7\na 9\n"),
    ("a table by a column, its header on top", "--job=sort --header -t, -k price:nr f.csv",
     "city,price|x,10|z,9.5|y,1", {"f.csv": "city,price\nz,9.5\nx,10\ny,1\n"}),
    ("the first line of each key", "--job=sort -k1,1 -u f", "1 c|2 e", "1 c\n1 d\n2 e\n"),
    ("each line once, in order", "--job=sort --sort=first -u f", "c|a|b", "c\na\nb\na\nc\n"),
    ("where words are", "--job=index f g", "be f:3 g:0|to f:0", {"f": "to be\n", "g": "be\n"}),
    ("where words are, whatever their case and points", "--job=index --words=letters -i f", "be f:3 f:12|to f:0 f:9",
     "To be...\nTo be!\n"),
    ("words of a group, but for stop words", "--job=terms -n1 --header -k g --words=letters -i --exclude-from=s f.csv",
     "a cat 2", {"f.csv": "g,t\na,The cat; the CAT\n", "s": "the\n"}),
    ("words of a group of quoted fields", "--job=terms -n1 --quoted --header -k who f.csv", "Ann, B hi 2",
     {"f.csv": 'say,who\r\n"hi, all","Ann, B"\r\nhi hi,"Ann, B"\r\n'}),
    ("who points at it, of a CSV", "--job=links f.csv", "b a c|d a", {"f.csv": "a,b\nc,b\na,d\n"}),
    ("what is joined", "--job=join -t, -a1 f g", "1,Ann,y|2,Bob,x|3,Cy",
     {"f": "1,Ann\n2,Bob\n3,Cy\n", "g": "2,x\n1,y\n"}),
    ("all of a column", "--job=sum --header -v pay f.csv", "3 35 5 20 11.666667",
     {"f.csv": "pay,dept\n10,x\n20,x\n5,y\n"}),
    ("sums by names", "--job=sum --header -k dept -v pay f.csv", "x 2 30 10 20 15|y 1 5 5 5 5",
     {"f.csv": "pay,dept\n10,x\n20,x\n5,y\n"}),
    ("sums of quoted fields", "--job=sum --quoted --header -k who -v pay f.csv",
     "Ann, B 2 3 1 2 1.5|Bob 1 5 5 5 5", {"f.csv": 'pay,who\r\n1,"Ann, B"\r\n2,"Ann, B"\r\n5,Bob\r\n'}),
    ("words of a group", "--job=terms -n1 --header -k g f.csv", "a x 2|b z 1",
     {"f.csv": "v,g\nx x,a\ny,a\nz,b\n"}),
    ("programs", "--mapper='tr -s \" \" \"\\n\"' --reducer='uniq -c | tr -s \" \" | cut -c2-' -r1 f",
     "2 a|1 b", "a b a\n"),
)  # fmt: skip


class Cases(Case):
    def all_of(self, cases, *ways):
        for wish, command, printed, files in cases:
            for name, data in (files if isinstance(files, dict) else {"f": files}).items():
                self.file(name, data if isinstance(data, bytes) else data.encode())
            wanted = [line.replace("\t", " ") for line in printed.split("|") if line]
            for way in ways:
                with self.subTest(wish, way=way):
                    got = self.wc(*shlex.split(command), *way, cwd=self.work, noisy=True)
                    lines = got.out.decode().replace("\t", " ").splitlines()
                    self.assertEqual(lines, wanted)
                    if got.err:
                        self.assertIn(b"warning", got.err)
            for name in os.listdir(self.work):
                os.unlink(self.path(name))

    def test_words(self):
        self.all_of(WORDS, [], ["-m3", "-r2", "--split-size=1b"])

    def test_tables(self):
        self.all_of(TABLES, [], ["-m3", "-r2", "--split-size=1b"])

    def test_lines(self):
        self.all_of(LINES, [], ["-m3", "-r2", "--split-size=1b"])

    def test_jobs(self):
        self.all_of(JOBS, [])


if __name__ == "__main__":
    unittest.main()
