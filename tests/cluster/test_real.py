#!/usr/bin/env python3
"""wc-mr --cluster on a real Hadoop (its streaming jar, by the local runner) and a real Spark: the
same bytes as from one run here, for any text, cut into splits everywhere. And wc-mr --as on a
cluster of several nodes (YARN and HDFS, mini_cluster.py), where attempts die and are run twice.

    sh tests/cluster/setup.sh && python3 tests/cluster/test_real.py        some minutes
"""

import glob
import os
import random
import subprocess
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "tests", "cli"))

from mini_cluster import MiniCluster  # noqa: E402
from support import PROGRAM, Case  # noqa: E402

PLACE = os.path.join(ROOT, "build", "cluster")
JAR = (glob.glob(os.path.join(PLACE, "lib", "hadoop-streaming-*.jar")) or [""])[0]
SEED = int(os.environ.get("SEED", 1))


def texts():
    """Texts by name: file names and contents."""
    draw = random.Random(SEED)
    with open(os.path.join(ROOT, "data", "stormofswords.csv"), "rb") as file:
        table = file.read()
    prose = b"".join(b" ".join(draw.choices(
        [b"the", b"The", b"be", b"to", b"or-not", b"w%d" % draw.randint(0, 3000)],
        k=draw.randint(0, 15))) + b"\n" for _ in range(4000))
    chinese = "".join("".join(draw.choices("中文字符一二三 ，。\u3000", k=draw.randint(0, 40))) + "\n"
                      for _ in range(2000)).encode()
    hostile = b"\xef\xbb\xbf" + b"".join(
        draw.choice([b"\xff\xfe", b"a\\x09", b"\\", b"\r", b"\t", b"\x01", b"\0", b"\x80\xc3",
                     "é\u2028\ufeff".encode(), b"a", b" ", b"\n", b'"', b",", b"\r\n"])
        for _ in range(40000)) + b"x" * 70000
    return {"table": {"a.csv": table, "b.csv": table[:999]}, "prose": {"prose.txt": prose},
            "mixed": {"a.csv": table, "c.tsv": b"a b\tc,d\n" * 99, "prose.txt": prose},
            "chinese": {"chinese.txt": chinese}, "hostile": {"hostile.bin": hostile}}


HADOOP = [("prose", []), ("prose", ["-i", "-n5", "--format=csv", "--percent", "--min-count=3"]),
          ("table", ["--drop-numeric", "--format=colon", "-n10"]), ("mixed", []),
          ("chinese", ["--words=letters"]), ("hostile", []), ("hostile", ["-d,", "-i"]),
          ("hostile", ["--match=[^,\\n]+"])]
SPARK = [HADOOP[i] for i in (1, 3, 5, 7)]


class Real(Case):
    def count(self, engine, files, options, *arguments, inputs=None):
        paths = [self.file(name, data) for name, data in files.items()]
        form = [] if any(o.startswith("--format") for o in options) else ["--format=jsonl"]
        wanted = self.wc(*options, *form, *paths).out
        path = os.path.join(PLACE, "bin") + ":" + os.environ["PATH"]
        got = subprocess.run(
            [PROGRAM, f"--cluster={engine}", f"--streaming-jar={JAR}", "-r2", *arguments, *options,
             *form, *(inputs or paths)], cwd=self.directory, capture_output=True, timeout=600,
            env={**os.environ, "TMPDIR": self.temporary, "PATH": path})
        self.assertEqual(got.returncode, 0, got.stderr[-3000:])
        self.same(got.stdout, wanted, f"{engine} {options}")
        self.assertEqual(sorted(os.listdir(self.directory)), ["tmp", "work"])

    def test_hadoop(self):
        split = ["--cluster-argument=-D",
                 "--cluster-argument=mapreduce.input.fileinputformat.split.maxsize=33333"]
        for name, options in HADOOP:
            with self.subTest(f"{name} {options}"):
                self.count("hadoop", texts()[name], options, *split)

    SPLIT = ["--cluster-argument=--conf",
             "--cluster-argument=spark.sql.files.maxPartitionBytes=99999"]

    def test_spark(self):
        for name, options in SPARK:
            with self.subTest(f"{name} {options}"):
                self.count("spark", texts()[name], options, *self.SPLIT)

    def test_spark_as_a_cluster_of_two_workers(self):
        workers = ["--cluster-argument=--master", "--cluster-argument=local-cluster[2,1,1024]"]
        for name, options in (("hostile", []), ("chinese", ["--words=letters"])):
            with self.subTest(f"{name} {options}"):
                self.count("spark", texts()[name], options, *workers, *self.SPLIT)

    def test_names_that_look_like_patterns_on_spark(self):
        files = {"a*.csv": b"x,y\n", "ab.csv": b"x,z\n", "c%41[d].txt": b"x q\n"}
        self.count("spark", {f"in/{name}": data for name, data in files.items()}, [],
                   inputs=[self.path("in")])

    # Of two map tasks, the first attempt of one waits, so that it is run twice at once, and that of
    # the other kills the process of its container.
    MAPPER = b"""case $mapreduce_task_attempt_id in
*_m_000000_0) sleep 600 ;;
*_m_000001_0) kill -9 $PPID; sleep 60 ;;
esac
exec ./wc-mr --as=mapper
"""

    def test_a_killed_container_and_a_speculative_duplicate_on_a_cluster(self):
        text = b"".join(texts()["prose"].values())
        split = len(text) // 2 + 1
        with MiniCluster(self.path("cluster"), os.path.join(PLACE, "mini")) as cluster:
            cluster.fs("-mkdir", "/in")
            cluster.fs("-put", self.file("prose.txt", text), "/in/")
            said = cluster.stream(
                {"mapreduce.input.fileinputformat.split.maxsize": split,
                 "mapreduce.job.reduces": 1, "mapreduce.map.speculative": "true",
                 "mapreduce.job.speculative.minimum-allowed-tasks": 1},
                "-files", f"{PROGRAM},{self.file('map.sh', self.MAPPER)}", "-input", "/in",
                "-output", "/out", "-mapper", "sh map.sh", "-reducer", "./wc-mr --as=reducer")
            got = cluster.fs("-cat", "/out/part-00000")
        for name, count in (b"Launched", 4), (b"Failed", 1), (b"Killed", 1):
            self.assertIn(b"%s map tasks=%d\n" % (name, count), said)
        wanted = self.wc("--sort=word", self.file("prose.txt", text)).out
        self.assertEqual(sorted(got.splitlines()), sorted(wanted.splitlines()))


if __name__ == "__main__":
    if not JAR:
        sys.exit("there is no Hadoop in build/cluster: sh tests/cluster/setup.sh")
    unittest.main(verbosity=2)
