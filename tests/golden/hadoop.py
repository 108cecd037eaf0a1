#!/usr/bin/env python3
"""What Hadoop Streaming's local runner makes of small inputs: writes hadoop.json.

    python3 tests/golden/hadoop.py LIB      (a folder with Hadoop's jars: README.md says which)
"""

import glob
import json
import os
import pathlib
import subprocess
import sys
import tempfile

SHOW = ["-mapper", "cat", "-reducer", "sed s/^/[/;s/$/]/"]
DOTS = ["-D", "stream.map.output.field.separator=.", "-D", "stream.num.map.output.key.fields=2"]
KEYS = "org.apache.hadoop.mapred.lib."
AGGREGATE = ["-mapper", "cat", "-reducer", "aggregate"]
HEX = "od -An -v -tx1"
# Typed bytes as printf writes them: pairs of all types, and of lists and maps with them in.
TYPES = ["\\7\\0\\0\\0\\2zz\\3\\377\\377\\377\\373", "\\7\\0\\0\\0\\3aaa\\4\\0\\0\\1\\0\\0\\0\\0\\0",
         "\\3\\0\\0\\0\\3\\5\\075\\314\\314\\315", "\\3\\377\\377\\377\\375\\6\\104\\113\\032\\344\\326\\342\\357\\120",
         "\\0\\0\\0\\0\\3\\0\\377x\\1\\376", "\\2\\1\\2\\0", "\\10\\0\\0\\0\\2\\7\\0\\0\\0\\1a\\1\\1\\11\\1q\\5\\200\\0\\0\\0\\377",
         "\\12\\0\\0\\0\\3\\7\\0\\0\\0\\1k\\1\\1\\7\\0\\0\\0\\1b\\1\\2\\7\\0\\0\\0\\1k\\1\\3\\144\\0\\0\\0\\1\\12",
         "\\10\\0\\0\\0\\0\\12\\0\\0\\0\\0", "\\6\\100\\131\\0\\0\\0\\0\\0\\0\\6\\177\\370\\0\\0\\0\\0\\0\\0",
         "\\6\\0\\0\\0\\0\\0\\0\\0\\1\\5\\120\\25\\2\\371", "\\7\\0\\0\\0\\3a\\12b\\7\\0\\0\\0\\1\\11"]
TYPED = ["-mapper", "printf " + "".join(TYPES)]
RAW = ["-mapper", "printf \\0\\0\\0\\2bb\\0\\0\\0\\0\\0\\0\\0\\1c\\0\\0\\0\\1\\n"]

# Pages, and what is none; the last one has no end.
XML = (b"<wiki>\n  <page>\n    <b>a &amp; b</b>\r\n\t</page><page>one</page>\nno <page>two\n\xc3\xa4\n</page>\n"
       b"<pages>no</pages> </page>\n<page>in <page>it</page> </page><page></page>\n<page>not ended\n")
READER = ["-inputreader", "StreamXmlRecordReader,begin=<page>,end=</page>"]


def formats(**form):
    """Options that say what programs read and write: map_input=..., and so on."""
    return [word for name, value in form.items()
            for word in ("-D", f"stream.{name.replace('_', '.')}={value}")]


# Each with its input and its words: generic options, then those of streaming.
CASES = {
    "lines that end at CR": (b"b\r\na\rc", [], SHOW),
    "lines that end at LF alone": (b"a\r\nb\rc\nd", ["-D", "textinputformat.record.delimiter=\n"],
                                   ["-mapper", HEX, "-reducer", "NONE"]),
    "empty lines": (b"\n\r\n\n", [], SHOW),
    "a byte order mark": (b"\xef\xbb\xbfa\tb\n", [], SHOW),
    "no key, no value": (b"\n\tv\nk\t\n", [], SHOW),
    "bytes that are not UTF-8": (b"\xff\xfe\tx\n\x00b\n", [], SHOW),
    "output ends at CR": (b"x\n", [], ["-mapper", "printf b\\rc\\r\\na", "-reducer", "cat"]),
    "two key fields": (b"b.x.1\na.y\nc\n", DOTS, SHOW),
    "two key fields, no reducer": (b"b.x.1\na.y\nc\n", DOTS,
                                   ["-mapper", "cat", "-numReduceTasks", "0"]),
    "no reducer": (b"b\na\tx\r", [], ["-mapper", "cat", "-reducer", "NONE"]),
    "no program as reducer": (b"b\na\tx\n", [], ["-mapper", "cat"]),
    "a line of the result without a tab": (b"b\na\n", [], ["-mapper", "cat", "-reducer", "cut -f 1"]),
    "keyonlytext": (b"b\na\n", ["-D", "stream.reduce.output=keyonlytext"],
                    ["-mapper", "cat", "-reducer", "cut -f 1"]),
    "separators of the result": (
        b"a:1:2\nb\n", ["-D", "stream.reduce.output.field.separator=:", "-D",
                        "stream.num.reduce.output.key.fields=2", "-D",
                        "mapreduce.output.textoutputformat.separator= => "],
        ["-mapper", "cat", "-reducer", "cat"]),
    "separators of several bytes": (
        b"b::x:::1\na::y\nc\n:::w\n", ["-D", "stream.map.output.field.separator=::", "-D",
                                       "stream.reduce.input.field.separator=<>"], SHOW),
    "two key fields that several bytes separate": (
        b"b::x:::1\na::y\nc\n::z\n:::w\na::b::::c\n",
        ["-D", "stream.map.output.field.separator=::", "-D", "stream.num.map.output.key.fields=2"],
        SHOW),
    "separators that overlap": (
        b"xababay\nababab\nabab\nabaaba\n",
        ["-D", "stream.map.output.field.separator=aba", "-D", "stream.num.map.output.key.fields=2"],
        SHOW),
    "a separator of the result that several bytes are": (
        b"a:b::c\nb\n", ["-D", "stream.reduce.output.field.separator=::", "-D",
                         "mapreduce.output.textoutputformat.separator==>"],
        ["-mapper", "cat", "-reducer", "cat"]),
    "a combiner and separators of several bytes": (
        b"a::1\nb::1\na::1\n", ["-D", "stream.map.output.field.separator=::", "-D",
                                "stream.reduce.output.field.separator=::", "-D",
                                "stream.reduce.input.field.separator=::"],
        ["-mapper", "cat", "-combiner", "uniq", "-reducer", "cat"]),
    "empty separators": (b"a:b\nb\tx\n", ["-D", "stream.map.output.field.separator=", "-D",
                                         "stream.reduce.input.field.separator="], SHOW),
    "an empty separator of the result": (
        b"a:b\nb\tx\n", ["-D", "mapreduce.output.textoutputformat.separator="],
        ["-mapper", "cat", "-reducer", "cat"]),
    "a separator of a key's own fields": (
        b"".join(b"%d.%d\tx\n" % (i % 5, i * 7 % 31) for i in range(31)),
        ["-D", "mapreduce.map.output.key.field.separator=.", "-D",
         f"mapreduce.job.output.key.comparator.class={KEYS}KeyFieldBasedComparator", "-D",
         "mapreduce.partition.keycomparator.options=-k1,1 -k2,2nr"],
        ["-mapper", "cat", "-reducer", "cat"]),
    "fields of a key that several bytes separate": (
        b"".join(b"%d::%d\tx\n" % (i % 5, i * 7 % 31) for i in range(31)),
        ["-D", "mapreduce.map.output.key.field.separator=::", "-D",
         f"mapreduce.job.output.key.comparator.class={KEYS}KeyFieldBasedComparator", "-D",
         "mapreduce.partition.keycomparator.options=-k1,1r -k2,2n"],
        ["-mapper", "cat", "-reducer", "cat"]),
    "another separator for the reducer": (b"a\tb\nc\n", ["-D", "stream.reduce.input.field.separator=#"],
                                          SHOW),
    "KeyValueTextInputFormat": (
        b"k\tv\tw\nx\n", ["-D", "stream.map.input.field.separator=#"],
        ["-inputformat", "org.apache.hadoop.mapred.KeyValueTextInputFormat", "-mapper",
         "sed s/^/[/;s/$/]/", "-numReduceTasks", "0"]),
    "KeyValueTextInputFormat, a separator of several bytes": (
        b"k::v::w\nx\n", ["-D", "mapreduce.input.keyvaluelinerecordreader.key.value.separator=::",
                          "-D", "stream.map.input.field.separator=##"],
        ["-inputformat", "org.apache.hadoop.mapred.KeyValueTextInputFormat", "-mapper",
         "sed s/^/[/;s/$/]/", "-numReduceTasks", "0"]),
    "NLineInputFormat": (b"a\nbc\r\n\nd", ["-D", "mapreduce.input.lineinputformat.linespermap=2"],
                         ["-inputformat", KEYS + "NLineInputFormat", "-mapper", "cat"]),
    "records between marks": (XML, [], ["-mapper", "sed s/^/[/;s/$/]/", "-reducer", "NONE", *READER]),
    "records between marks, by properties": (
        XML, ["-D", "stream.recordreader.class=org.apache.hadoop.streaming.StreamXmlRecordReader", "-D",
              "stream.recordreader.begin=<page", "-D", "stream.recordreader.end=>", "-D",
              "stream.map.input.field.separator=::"],
        ["-inputformat", "StreamInputFormat", "-mapper", "cat", "-reducer", "cat"]),
    "records between marks, without keys": (XML, ["-D", "stream.map.input.ignoreKey=true"],
                                            ["-mapper", "cat", "-reducer", "NONE", *READER]),
    "records between marks, as typed bytes": (XML, formats(map_input="typedbytes"),
                                              ["-mapper", HEX, "-reducer", "NONE", *READER]),
    "a reader that is not used": (b"a\tb\n", [], ["-inputformat", "TextInputFormat", "-mapper", "cat", *READER]),
    "lines with keys": (b"k\tv\tw\nx\n", [], ["-inputformat", "StreamInputFormat", "-mapper",
                                              "sed s/^/[/;s/$/]/", "-reducer", "NONE"]),
    "words in quotes": (b"x\n", [], ["-mapper", "sed 's/x/a  b/'", "-reducer", "printf [%s] '' a'b c'd"]),
    "a quote that is not closed": (b"x\n", [], ["-mapper", "cat", "-reducer", "printf [%s] 'a b"]),
    "a backslash": (b"x\n", [], ["-mapper", "cat", "-reducer", "printf [%s] a\\ b"]),
    "output without an end": (b"x\n", [], ["-mapper", "printf y", "-reducer", "printf z"]),
    "a reducer without records": (b"", [], ["-mapper", "cat", "-reducer", "wc -l"]),
    "a mapper without records": (b"", [], ["-mapper", "echo y", "-numReduceTasks", "0"]),
    "fields that partition and sort": (
        b"".join(b"%d\t%d\n" % (i % 5, i * 7 % 31) for i in range(31)),
        ["-D", "stream.num.map.output.key.fields=2", "-D",
         "mapreduce.partition.keypartitioner.options=-k1,1", "-D",
         f"mapreduce.job.output.key.comparator.class={KEYS}KeyFieldBasedComparator", "-D",
         "mapreduce.partition.keycomparator.options=-k1,1 -k2,2nr"],
        ["-mapper", "cat", "-reducer", "cat", "-partitioner", KEYS + "KeyFieldBasedPartitioner"]),
    "aggregate, whole numbers": (
        b"LongValueSum:a\t3\nLongValueSum:a\t-1\nLongValueMax:b\t3\nLongValueMax:b\t10\n"
        b"LongValueMin:c\t3\nLongValueMin:c\t-10\n", [], AGGREGATE),
    "aggregate, numbers": (
        b"DoubleValueSum:c\t1\nDoubleValueSum:c\t0.5\nDoubleValueSum:d\t1e7\nDoubleValueSum:e\t0.1\n"
        b"DoubleValueSum:e\t0.2\nDoubleValueSum:f\t1e-4\nDoubleValueSum:g\t123456\n"
        b"DoubleValueSum:h\t-0.0012\nDoubleValueSum:i\t1234567890123\nDoubleValueSum:j\t0.001\n", [],
        AGGREGATE),
    "aggregate, texts": (
        b"StringValueMax:x:y\tb\nStringValueMax:x:y\ta\nStringValueMin:x\tb\nStringValueMin:x\ta\n"
        b"UniqValueCount:u\ta\nUniqValueCount:u\tb\nUniqValueCount:u\ta\n", [], AGGREGATE),
    "aggregate, histograms": (
        b"ValueHistogram:v\ta\nValueHistogram:v\tb\nValueHistogram:v\tb\nValueHistogram:v\tc\t4\n", [],
        AGGREGATE),
    "a status that is a failure": (b"x\n", [], ["-mapper", "false"]),
    "a status that is none": (b"x\n", ["-D", "stream.non.zero.exit.is.failure=false"],
                              ["-mapper", "false"]),
    "a program that is not there": (b"x\n", [], ["-mapper", "no-such-program"]),
    "an option behind its place": (b"x\n", [], ["-mapper", "cat", "-D", "a=b"]),
    "an argument that is none": (b"x\n", [], ["-mapper", "cat", "-what"]),
    "an input that is missing": (b"x\n", [], ["-mapper", "cat", "-input", "nothing"]),
    "an input that swallows what follows": (b"x\n", [], ["-mapper", "cat", "-input", "in", "in"]),
    "typedbytes all over": (b"b\na\r\n\nb", [], ["-io", "typedbytes", "-mapper", "cat", "-combiner", "cat",
                                                   "-reducer", "cat"]),
    "rawbytes all over": (b"b\na\r\n\nb", [], ["-io", "RawBytes", "-mapper", "cat", "-reducer", "cat"]),
    "keyonlytext all over": (b"b\na\n", [], ["-io", "keyonlytext", "-mapper", "cat", "-reducer", "cat"]),
    "a format that is none": (b"b\na\n", [], ["-io", "other", "-mapper", "cat", "-reducer", "cat"]),
    "typed bytes for a mapper": (b"\xef\xbb\xbfab\r\nc\n", formats(map_input="typedbytes"),
                                 ["-mapper", HEX, "-reducer", "NONE"]),
    "raw bytes for a mapper": (b"ab\nc" + b"c" * 200, formats(map_input="rawbytes"),
                               ["-mapper", HEX, "-reducer", "NONE"]),
    "typed keys and values": (b"k\tv\tw\nx\n", formats(map_input="typedbytes"),
                              ["-inputformat", "org.apache.hadoop.mapred.KeyValueTextInputFormat",
                               "-mapper", HEX, "-reducer", "NONE"]),
    "typed lines that are counted off": (b"k\tv\n", formats(map_input="typedbytes"),
                                         ["-inputformat", KEYS + "NLineInputFormat", "-mapper", HEX,
                                          "-reducer", "NONE"]),
    "lines with offsets": (b"b\na\n", ["-D", "stream.map.input.ignoreKey=false"],
                           ["-mapper", "cat", "-reducer", "NONE"]),
    "values without keys": (b"k\tv\tw\nx\n", ["-D", "stream.map.input.ignoreKey=true"],
                            ["-inputformat", "org.apache.hadoop.mapred.KeyValueTextInputFormat",
                             "-mapper", "cat", "-reducer", "NONE"]),
    "typed bytes as the result": (b"x\n", formats(map_output="typedbytes"), [*TYPED, "-reducer", "NONE"]),
    "typed bytes in order": (b"x\n", formats(map_output="typedbytes"), TYPED),
    "typed bytes as text": (b"x\n", formats(map_output="typedbytes"), [*TYPED, "-reducer", HEX]),
    "typed bytes as raw ones": (b"x\n", formats(map_output="typedbytes", reduce_input="rawbytes"),
                                [*TYPED, "-reducer", HEX]),
    "raw bytes as text": (b"x\n", formats(map_output="rawbytes"), [*RAW, "-reducer", "cat"]),
    "raw bytes as typed ones": (b"x\n", formats(map_output="rawbytes", reduce_input="typedbytes"),
                                [*RAW, "-reducer", HEX]),
    "raw bytes as the result": (b"x\n", formats(map_output="rawbytes"), RAW),
    "text as typed bytes": (b"b\tx\n\tq\n", formats(reduce_input="typedbytes"),
                            ["-mapper", "cat", "-reducer", HEX]),
    "text as raw bytes": (b"b\tx\n\tq\n" + b"w" * 200 + b"\n", formats(reduce_input="rawbytes"),
                          ["-mapper", "cat", "-reducer", HEX]),
    "keys only, as text": (b"b\tx\na\n", formats(map_output="keyonlytext"),
                           ["-mapper", "cat", "-reducer", "cat"]),
    "keys only, as typed bytes": (b"b\n", formats(map_output="keyonlytext", reduce_input="typedbytes"),
                                  ["-mapper", "cat", "-reducer", HEX]),
    "keys only, for a reducer": (b"b\tx\nc\n", formats(reduce_input="keyonlytext"),
                                 ["-mapper", "cat", "-reducer", HEX]),
    "typed bytes from a reducer": (b"b\tx\n", formats(reduce_output="typedbytes"),
                                   ["-mapper", "cat", "-reducer", TYPED[1]]),
    "typed bytes that are cut": (b"x\n", formats(map_output="typedbytes"), ["-mapper", "printf \\1ab"]),
    "typed bytes of no type": (b"x\n", formats(map_output="typedbytes"), ["-mapper", "printf \\16ab"]),
    "a map with keys of two types": (b"x\n", formats(map_output="typedbytes"), [
        "-mapper", "printf \\12\\0\\0\\0\\2\\1a\\1b\\3\\0\\0\\0\\1\\1c\\1d", "-reducer", "NONE"]),
}


def run(case, start):
    """What a job makes of a case, by the words that start streaming: its status, and its lines."""
    data, generic, streaming = case
    with tempfile.TemporaryDirectory() as directory:
        where = pathlib.Path(directory)
        (where / "in").write_bytes(data)
        got = subprocess.run([*start, *generic, "-input", "in", "-output", "out", *streaming],
                             cwd=directory, capture_output=True, stdin=subprocess.DEVNULL)
        parts = sorted(where.glob("out/part-*")) if got.returncode == 0 else []
        return {"status": got.returncode,
                "output": b"".join(part.read_bytes() for part in parts).decode("latin-1")}


def main():
    jars = sys.argv[1]
    jar = glob.glob(os.path.join(jars, "hadoop-streaming-*.jar"))[0]
    start = ["java", "-cp", os.path.join(jars, "*"), "org.apache.hadoop.util.RunJar", jar, "-D",
             "mapreduce.framework.name=local"]
    answers = {name: run(case, start) for name, case in CASES.items()}
    path = pathlib.Path(__file__).with_suffix(".json")
    path.write_text(json.dumps(answers, indent=1) + "\n")


if __name__ == "__main__":
    main()
