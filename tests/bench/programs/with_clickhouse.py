"""Counts words with ClickHouse's engine in the process (chdb). usage: with_clickhouse.py TOP
DELIMITER PATH. A PATH may be a pattern, *.gz too; an empty DELIMITER means white space."""
import sys

import chdb

top, delimiter, path = sys.argv[1:]
words = f"splitByChar('{delimiter}', line)" if delimiter else "splitByWhitespace(line)"
result = chdb.query(f"""
    SELECT arrayJoin({words}) AS word, count() AS n
    FROM file('{path}', LineAsString, 'line String')
    {"" if delimiter else "WHERE word != ''"}
    GROUP BY word ORDER BY n DESC, word LIMIT {top}
""", "TSVRaw")
sys.stdout.buffer.write(result.bytes())
