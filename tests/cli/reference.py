#!/usr/bin/env python3
"""The plain reference: what wc-mr must print, told in as few lines as can be. Slow, and everything
is in memory.

    python3 tests/cli/reference.py [options] FILE...
"""

import argparse
import csv
import functools
import gzip
import io
import json
import os
import re
import sys
import unicodedata
from collections import Counter

BOM = b"\xef\xbb\xbf"
PACKED = ".gz", ".zst", ".xz", ".lzma", ".bz2", ".lz4"  # ends of names of compressed files
ESCAPES = {b"t": 9, b"n": 10, b"r": 13, b"\\": 92, b"a": 7, b"b": 8, b"f": 12, b"v": 11}


def delimiter_of(name, given):
    """The bytes that cut fields, or None for words between white space. An empty one asks for white
    space."""
    if given is not None:
        return given or None
    name = name.lower()
    for end in PACKED:
        name = name.removesuffix(end)
    return b"," if name.endswith(".csv") else b"\t" if name.endswith(".tsv") else None


WHITE_SPACE = "\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
# What is Alphabetic in Unicode and neither a letter nor a mark nor a number: letters in circles.
CIRCLED = ((0x24B6, 0x24E9), (0x1F130, 0x1F149), (0x1F150, 0x1F169), (0x1F170, 0x1F189))


def is_letter(c):
    """Alphabetic, M, N or Pc."""
    category = unicodedata.category(c)
    return (
        category[0] in "LMN"
        or category == "Pc"
        or any(first <= ord(c) <= last for first, last in CIRCLED)
    )


@functools.cache
def kind(c):
    return "L" if is_letter(c) else "J" if c in "'\u2019-\u2010" else " "


def words_by(rule, data, delimiter):
    if delimiter is not None:
        data = data.replace(delimiter, b" ")
    if rule == "white":
        return data.split()
    # Bytes that are no UTF-8 become lone surrogates: no letters, and no white space.
    text = data.decode("utf-8", "surrogateescape")
    if rule == "letters":
        kinds = "".join(map(kind, text))
        found = [text[m.start() : m.end()] for m in re.finditer("L+(?:JL+)*", kinds)]
    else:
        found = re.findall(f"[^{WHITE_SPACE}]+", text)
    return [word.encode("utf-8", "surrogateescape") for word in found]


def tokens(data, delimiter, words=None, zero_terminated=False):
    if data.startswith(BOM):
        data = data[3:]
    if zero_terminated:
        lines = data.split(b"\0")
        if not lines[-1]:
            lines.pop()
        if words is not None or delimiter == b"":
            white = delimiter or None
            return [w for line in lines for w in words_by(words or "white", line, white)]
        return [field for line in lines for field in (line.split(delimiter) if delimiter else [line])]
    if words is not None:
        return words_by(words, data, delimiter)
    if delimiter is None:
        return data.split()  # bytes.split knows the six white space bytes of ASCII, and no others
    lines = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    if not lines[-1]:
        lines.pop()  # what follows the last line's end is no line
    return [field for line in lines for field in line.split(delimiter)]


def lines_of(data, zero_terminated=False, lf_alone=False):
    if not zero_terminated and not lf_alone:
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    lines = data.removeprefix(BOM).split(b"\0" if zero_terminated else b"\n")
    return lines if lines[-1] else lines[:-1]


def rows_of(data, delimiter):
    """Lines of fields that may be quoted."""
    text = data.removeprefix(BOM).decode("latin-1")
    csv.field_size_limit(1 << 30)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter.decode("latin-1"))
    return [[field.encode("latin-1") for field in row] for row in rows]


def spans_of(given, names):
    """The numbers of a LIST as pairs, the last one None where it is the line's end."""
    for item in given.split(","):
        if not re.fullmatch("[0-9]*-?[0-9]*", item):
            item = str(names.index(item.encode()) + 1)
        first, dash, last = item.partition("-")
        yield int(first or 1), int(last) if last else None if dash else int(first)


def matches(match, text, zero_terminated):
    """What an expression matches in the lines of a text, or its first group."""
    if zero_terminated:  # a dollar is the end alone, of which Python's has more
        match = re.sub(r"(?<!\\)\$", r"\\Z", match)
    expression = re.compile(match.encode(), 0 if zero_terminated else re.MULTILINE)
    found = [
        m.group(1 if m.re.groups else 0)
        for line in text.split(b"\0" if zero_terminated else b"\n")
        for m in expression.finditer(line)
    ]
    return [word for word in found if word]


def line_tokens(
    name,
    data,
    delimiter=None,
    words=None,
    match=None,
    fields=None,
    header=False,
    quoted=False,
    zero_terminated=False,
    ngrams=None,
):
    """A list of tokens for each line, and what joins them: where fields of lines are asked for, or
    neighbours."""
    table = fields is not None or header or quoted
    texts = words is not None or match is not None
    cut = delimiter_of(name, delimiter)
    if not table and (match is not None or (zero_terminated and delimiter is None)):
        cut = b""
    elif cut is None and quoted:
        cut = b","
    elif cut is None and texts and fields is None:
        cut = b""  # a line is one text
    if quoted:
        rows = rows_of(data, cut)
    else:
        lines = lines_of(data, zero_terminated, match is not None and not table)
        rows = [[line] if cut == b"" else line.split(cut) for line in lines]
    names = rows[0] if header and rows else []
    joint = cut or b" "
    if fields is not None:
        spans = list(spans_of(fields, names))
        rows = [
            [f for n, f in enumerate(row, 1) if any(a <= n and n <= (b or n) for a, b in spans)]
            for row in rows
        ]
    rows = rows[1:] if header else rows
    if words is not None:
        rows = [[word for text in row for word in words_by(words, text, None)] for row in rows]
    elif match is not None:
        rows = [[m for text in row for m in matches(match, text, zero_terminated)] for row in rows]
    elif fields is not None and ngrams is None:
        rows = [[joint.join(row)] for row in rows]
    return rows, b" " if texts else joint


def joined(tokens, n, joint):
    return [joint.join(tokens[i : i + n]) for i in range(len(tokens) - n + 1)]


def all_tokens(
    name,
    data,
    delimiter,
    words,
    zero_terminated,
    *,
    ngrams=None,
    normalize=None,
    ignore_case=False,
    **how,
):
    if ngrams is None and not any(how.values()):
        cut = delimiter if zero_terminated else delimiter_of(name, delimiter)
        found = tokens(data, cut, words, zero_terminated)
        return [normalized(normalize, token, ignore_case) for token in found] if normalize else found
    how.update(words=words, zero_terminated=zero_terminated, ngrams=ngrams)
    rows, joint = line_tokens(name, data, delimiter, **how)
    if normalize:
        rows = [[normalized(normalize, token, ignore_case) for token in row] for row in rows]
    return [token for row in rows for token in (joined(row, ngrams, joint) if ngrams else row)]


def fold_character(c):
    """Unicode's simple folding. Python has only the full one, which is the same wherever it gives
    one character. Where it gives more, the simple one is the lower case if that is one character
    (the capital sharp s, the Greek capitals with iota), else nothing: the dotted capital I has a
    folding only in full."""
    full = c.casefold()
    if len(full) == 1:
        return full
    lower = c.lower()
    return lower if len(lower) == 1 else c


def fold(word):
    # Bytes that are no UTF-8 become lone surrogates and so come back as they were.
    text = word.decode("utf-8", "surrogateescape")
    return "".join(map(fold_character, text)).encode("utf-8", "surrogateescape")


def normalized(form, word, ignore_case):
    text = unicodedata.normalize(form.upper(), word.decode("utf-8", "surrogateescape"))
    if ignore_case:
        text = unicodedata.normalize(form.upper(), "".join(map(fold_character, text)))
    return text.encode("utf-8", "surrogateescape")


def is_numeric(word):
    try:
        return word.decode("utf-8").isnumeric()
    except UnicodeDecodeError:
        return False


def characters(word):
    """How many characters a word has; a byte that is no part of valid UTF-8 is one."""
    return len(word.decode("utf-8", "surrogateescape"))


def listed(data, ignore_case=False, normalize=None):
    """The words of a list, one a line."""
    words = tokens(data, b"\n")
    if normalize:
        words = [normalized(normalize, word, ignore_case) for word in words]
    return {fold(word) if ignore_case else word for word in words}


def csv_word(word):
    return b'"' + word.replace(b'"', b'""') + b'"' if re.search(b'[",\r\n]', word) else word


def json_word(word):
    text = json.dumps(word.decode("utf-8", "surrogateescape"), ensure_ascii=False)
    return re.sub("[\udc80-\udcff]", lambda c: "\\u%04x" % ord(c[0]), text).encode("utf-8")


# How lines with a word and its count are read back, the word and the count in groups.
COUNTED = {
    "tsv": rb"([^\n]*)\t([1-9][0-9]*)\r?\n?",
    "uniq": rb"( *[1-9][0-9]*) ([^\n]*)\n?",
    "csv": rb'("(?:[^"]|"")*"|[^",\r\n]*),([1-9][0-9]*)\r?\n?',
    "jsonl": rb'[{]"word":("(?:[^"\\]|\\.)*"),"count":([1-9][0-9]*)[}]\r?\n?',
}


def counted_words(data, format, header):
    """The words of lines as --format writes them, with their counts."""
    at, made = 3 if data.startswith(BOM) else 0, []
    if header:
        line = rb'(?:[^"\n]|"[^"]*")*\n?' if format == "csv" else rb"[^\n]*\n?"
        at = re.compile(line).match(data, at).end()
    while at < len(data):
        found = re.compile(COUNTED[format]).match(data, at)
        word, count = found.groups() if format != "uniq" else reversed(found.groups())
        if format == "csv" and word.startswith(b'"'):
            word = word[1:-1].replace(b'""', b'"')
        elif format == "jsonl":
            word = json.loads(word.decode()).encode("utf-8", "surrogateescape")
        made.append((word, int(count)))
        at = found.end()
    return made


def plain(joint):
    """Columns behind one another; more are pairs of a name and what there is, which may be none."""
    return lambda word, count, more: (
        b"%s%s%d%s\n" % (word, joint, count, b"".join(joint + value for _, value in more))
    )


FORMATS = {
    "tsv": plain(b"\t"),
    "csv": lambda word, count, more: plain(b",")(csv_word(word), count, more),
    "jsonl": lambda word, count, more: (
        b'{"word":%s,"count":%d%s}\n'
        % (json_word(word), count, b"".join(b',"%s":%s' % pair for pair in more if pair[1]))
    ),
    "colon": plain(b":"),
    "uniq": lambda word, count, more: (
        b"%7d%s %s\n" % (count, b"".join(b" " + value for _, value in more), word)
    ),
    "lines": lambda word, count, more: (word + b"\n") * count,
    "keys": lambda word, count, more: word + b"\n",
}


def counts(
    files, delimiter=None, ignore_case=False, words=None, counted=None, zero_terminated=False, **how
):
    """files are pairs of a name and the bytes in it; standard input's name is empty."""
    total = Counter()
    for name, data in files:
        if counted:
            for word, count in counted_words(data, counted, how.get("header")):
                total[word] += count
        else:
            how.update(ignore_case=ignore_case)
            total.update(all_tokens(name, data, delimiter, words, zero_terminated, **how))
    if ignore_case:
        folded = Counter()
        for word, count in total.items():
            folded[fold(word)] += count
        return folded
    return total


# How the name of a file stands before a line.
NAMED = {
    "tsv": lambda name, line: name + b"\t" + line,
    "csv": lambda name, line: csv_word(name) + b"," + line,
    "jsonl": lambda name, line: b'{"file":' + json_word(name) + b"," + line[1:],
    "colon": lambda name, line: name + b":" + line,
    "uniq": lambda name, line: name + b" " + line,
    "keys": lambda name, line: name + b"\t" + line,
}


def output(files, by_file=False, **options):
    """The names of files are text, or bytes."""
    if not by_file:
        return b"".join(lines(files, **options))
    named = NAMED[options.get("format", "tsv")]
    return b"".join(
        named(os.fsencode(file[0] or "-"), line)
        for file in files
        for line in lines([file], **options)
    )


def lines(
    files,
    delimiter=None,
    words=None,
    match=None,
    fields=None,
    header=False,
    quoted=False,
    ngrams=None,
    normalize=None,
    counted=None,
    zero_terminated=False,
    ignore_case=False,
    drop_numeric=False,
    min_count=0,
    max_count=None,
    min_length=0,
    max_length=None,
    exclude_from=None,
    only_from=None,
    sort="count",
    reverse=False,
    top=None,
    documents=False,
    min_documents=1,
    max_documents=None,
    percent=False,
    others=False,
    format="tsv",
):
    """exclude_from and only_from are the bytes of such a list."""
    how = {"match": match, "fields": fields, "header": header, "quoted": quoted}
    how.update(ngrams=ngrams, normalize=normalize)
    out = listed(exclude_from or b"", ignore_case, normalize)
    only = None if only_from is None else listed(only_from, ignore_case, normalize)
    tokens = [
        (word, count)
        for word, count in counts(
            files, delimiter, ignore_case, words, counted, zero_terminated, **how
        ).items()
        if min_length <= characters(word)
        and (max_length is None or characters(word) <= max_length)
        and not (drop_numeric and is_numeric(word))
        and word not in out
        and (only is None or word in only)
    ]
    kept = [
        (word, count)
        for word, count in tokens
        if min_count <= count <= (count if max_count is None else max_count)
    ]
    if sort != "first":  # which is how a dictionary has them
        kept.sort(key=lambda pair: pair[0] if sort == "word" else (-pair[1], pair[0]))
    if reverse:
        kept.reverse()
    found = Counter()
    for file in files if documents else []:
        found.update(counts([file], delimiter, ignore_case, words, counted, zero_terminated, **how).keys())
    if documents:
        kept = [pair for pair in kept if min_documents <= found[pair[0]] <= (max_documents or len(files))]
    kept = kept[:top]
    all = sum(count for _, count in tokens)
    left_out = all - sum(count for _, count in kept)
    other = (b"(others)", left_out) if others and left_out else None
    kept += [other] if other else []

    def more(word, count):
        known = word in found and (word, count) != other
        columns = [(b"documents", b"%d" % found[word] if known else b"")] if documents else []
        return columns + ([(b"percent", b"%.2f" % (100 * count / all))] if percent else [])

    return [FORMATS[format](word, count, more(word, count)) for word, count in kept]


def delimiter_argument(text):
    def byte(match):
        name = match[1]
        if name in ESCAPES:
            return bytes([ESCAPES[name]])
        return bytes([int(name[1:], 16) if name[:1] == b"x" else int(name, 8)])

    given = text.encode("utf-8", "surrogateescape")
    return re.sub(rb"\\(x[0-9a-fA-F]{1,2}|[0-3]?[0-7]{1,2}|[tnrabfv\\])", byte, given)


def main():
    parser = argparse.ArgumentParser(description="Count words, slowly and plainly.")
    parser.add_argument("files", nargs="*", metavar="FILE")
    parser.add_argument("-d", "--delimiter", type=delimiter_argument)
    parser.add_argument("--words", choices=["white", "uwhite", "letters"])
    parser.add_argument("--match")
    parser.add_argument("-f", "--fields")
    parser.add_argument("--header", action="store_true")
    parser.add_argument("--quoted", action="store_true")
    parser.add_argument("--ngrams", type=int)
    parser.add_argument("--normalize", choices=["nfc", "nfkc"])
    parser.add_argument("--counted", nargs="?", const="tsv", choices=list(COUNTED))
    parser.add_argument("-n", "--top", type=int)
    for name in ("min-count", "max-count", "min-length", "max-length"):
        parser.add_argument(f"--{name}", type=int, default=0 if name[:3] == "min" else None)
    for name in ("exclude-from", "only-from"):
        parser.add_argument(f"--{name}", type=lambda name: open(name, "rb").read())
    parser.add_argument("-z", "--zero-terminated", action="store_true")
    parser.add_argument("-i", "--ignore-case", action="store_true")
    parser.add_argument("--drop-numeric", action="store_true")
    parser.add_argument("--sort", choices=["count", "word", "first"], default="count")
    parser.add_argument("--reverse", action="store_true")
    parser.add_argument("--by-file", action="store_true")
    parser.add_argument("--documents", action="store_true")
    parser.add_argument("--min-documents", type=int, default=1)
    parser.add_argument("--max-documents", type=int)
    parser.add_argument("--percent", action="store_true")
    parser.add_argument("--others", action="store_true")
    parser.add_argument("--format", choices=list(FORMATS), default="tsv")
    options = vars(parser.parse_args())
    files = []
    for name in options.pop("files") or ["-"]:
        if name == "-":
            name, data = "", sys.stdin.buffer.read()
        else:
            with open(name, "rb") as file:
                data = file.read()
        files.append((name, gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data))
    sys.stdout.buffer.write(output(files, **options))


if __name__ == "__main__":
    main()
