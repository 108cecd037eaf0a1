"""The program that wc-mr repeats, in PySpark.

usage: python wordcount_pyspark.py OUTDIR FILE...

For each FILE, named NAME, writes into OUTDIR
    NAME.top10            what the program prints: ten, numeric dropped
    NAME.numeric-dropped  all, numeric dropped
    NAME.all              all
"""
import os
import sys
from operator import add

from pyspark import SparkContext


def wordcount(lines, drop_numeric):
    counts = (lines.flatMap(lambda line: line.split(','))
                   .map(lambda word: (word, 1))
                   .reduceByKey(add))
    if drop_numeric:
        counts = counts.filter(lambda wc: not wc[0].isnumeric())
    return counts.sortBy(lambda wc: wc[1], ascending=False)


def save(path, pairs):
    # newline='\n' and UTF-8 said, so that the platform has no part in the bytes
    with open(path, 'w', encoding='utf-8', newline='\n') as out:
        for word, count in pairs:
            print(f'{word}:{count}', file=out)


out_dir, files = sys.argv[1], sys.argv[2:]
sc = SparkContext('local[2]', 'wordcount')  # two threads: textFile cuts every file in two
sc.setLogLevel('ERROR')
for file in files:
    lines = sc.textFile('file://' + os.path.abspath(file))
    golden = os.path.join(out_dir, os.path.basename(file))
    save(golden + '.top10', wordcount(lines, True).take(10))
    save(golden + '.numeric-dropped', wordcount(lines, True).collect())
    save(golden + '.all', wordcount(lines, False).collect())
sc.stop()
