"""Counts words with Spark's data frames, which stay in the JVM. usage: with_pyspark_sql.py TOP
DELIMITER PATH"""
import sys

from pyspark.sql import SparkSession, functions as f

top, delimiter, path = int(sys.argv[1]), sys.argv[2], sys.argv[3]
spark = (SparkSession.builder.master("local[*]").appName("wordcount")
         .config("spark.driver.memory", "8g").config("spark.driver.maxResultSize", "0")
         .config("spark.sql.shuffle.partitions", "2")
         .config("spark.ui.enabled", "false").getOrCreate())
spark.sparkContext.setLogLevel("ERROR")
words = spark.read.text(path).select(f.explode(f.split("value", delimiter or r"\s+")).alias("word"))
if not delimiter:
    words = words.where("word <> ''")
counts = words.groupBy("word").count().orderBy(f.desc("count"))
for word, count in counts.limit(min(top, 2**31 - 1)).toLocalIterator():
    print(f"{word}\t{count}")
spark.stop()
