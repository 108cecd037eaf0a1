"""Counts words as PySpark's own example does. usage: with_pyspark.py TOP DELIMITER PATH

local[*] is one worker a core; a shuffle of as many pieces, rather than of 200, suits one machine.
"""
import os
import sys
from operator import add

from pyspark.sql import SparkSession

top, delimiter, path = int(sys.argv[1]), sys.argv[2] or None, sys.argv[3]
spark = (SparkSession.builder.master("local[*]").appName("wordcount")
         .config("spark.driver.memory", "8g").config("spark.driver.maxResultSize", "0")
         .config("spark.ui.enabled", "false").getOrCreate())
spark.sparkContext.setLogLevel("ERROR")
counts = (spark.sparkContext.textFile("file://" + os.path.abspath(path))
          .flatMap(lambda line: line.split(delimiter))
          .map(lambda word: (word, 1))
          .reduceByKey(add))
# Ten of many are taken without a sort of all.
by_count = counts.sortBy(lambda pair: -pair[1]).collect() if top > 1000 else \
    counts.takeOrdered(top, key=lambda pair: -pair[1])
for word, count in by_count:
    print(f"{word}\t{count}")
spark.stop()
