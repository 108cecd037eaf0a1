"""Counts words on Spark: NAME COUNTS REDUCERS LINES INPUT...

Lines go to processes of wc-mr as the bytes that they are: Spark's own pipe() would change those
that are no UTF-8. NAME is that of the program and, with -role behind it, of the script that runs
it, both shipped with --files; COUNTS is the file for the result; LINES is not empty where only LF
ends a line."""

import re
import subprocess
import sys
import threading
import urllib.parse
import zlib

from pyspark import SparkFiles, StorageLevel
from pyspark.sql import SparkSession
from pyspark.sql.functions import col


def through(name, role, environment):
    """Lines through a process for each partition."""

    def run(lines):
        process = subprocess.Popen(
            ["/bin/sh", SparkFiles.get(name + "-role"), *role],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)
        failures = []

        def feed():
            try:
                for line in lines:
                    process.stdin.write(line)
                    process.stdin.write(b"\n")
                process.stdin.close()
            except BaseException as failure:
                failures.append(failure)
                process.kill()

        feeder = threading.Thread(target=feed, daemon=True)
        feeder.start()
        for line in process.stdout:
            yield line.rstrip(b"\n")
        feeder.join()
        status = process.wait()
        if status != 0:
            raise RuntimeError(f"wc-mr ended with status {status}: {role}: {failures}")
        if failures:
            raise failures[0]

    return run


def kind(path):
    """What a file's name says about how its lines are cut."""
    path = path[:-3] if path.endswith(".gz") else path
    return path[-4:] if path.endswith((".csv", ".tsv")) else ""


def as_it_is(path):
    """A path that Spark, which looks for patterns in all of them, takes for a file's name."""
    return re.sub(r"([\\*?{}\[\]])", r"\\\1", path)


def main(name, counts, reducers, lines, *inputs):
    spark = SparkSession.builder.getOrCreate()
    reading = spark.read.option("lineSep", "\n") if lines else spark.read
    text = reading.text(list(inputs))
    groups = {}
    for path in text.inputFiles():
        groups.setdefault(kind(path), []).append(urllib.parse.unquote(path))
    records = []
    for suffix, paths in groups.items():
        some = text if len(groups) == 1 else reading.text([as_it_is(path) for path in paths])
        rows = some.select(col("value").cast("binary")).rdd.map(lambda row: bytes(row[0]))
        environment = {"mapreduce_map_input_file": paths[0]}
        records.append(rows.mapPartitions(through(name, ["mapper"], environment)))
    with open(counts, "wb") as file:
        if records:
            result = (spark.sparkContext.union(records)
                      .map(lambda record: tuple(record.rsplit(b"\t", 1)))
                      .repartitionAndSortWithinPartitions(int(reducers), zlib.crc32)
                      .map(b"\t".join)
                      .mapPartitions(through(name, ["reducer", "--format=jsonl"], {})))
            # All reducers at once, before their results come here one after the other.
            result.persist(StorageLevel.DISK_ONLY).count()
            for line in result.toLocalIterator():
                file.write(line + b"\n")
    spark.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
