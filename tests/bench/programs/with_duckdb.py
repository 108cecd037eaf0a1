"""Counts words with DuckDB. usage: with_duckdb.py TOP DELIMITER PATH

A PATH may be a pattern, *.gz too. An empty DELIMITER means white space; tabs are then made blanks
and split at blanks, which is several times faster than to split by a regular expression.
"""
import sys

import duckdb

top, delimiter, path = sys.argv[1:]
words = f"string_split(line, '{delimiter}')" if delimiter else \
    "string_split(replace(line, chr(9), ' '), ' ')"
duckdb.execute("SET enable_progress_bar = false")
# A byte that no text has as the column separator makes every line one field.
duckdb.execute(f"""
    COPY (
        SELECT word, count(*) AS n
        FROM (SELECT unnest({words}) AS word
              FROM read_csv('{path}', header=false, columns={{'line': 'VARCHAR'}}, delim='\x01',
                            quote='', escape='', auto_detect=false, max_line_size=16777216))
        WHERE {'true' if delimiter else "word <> ''"}
        GROUP BY word ORDER BY n DESC, word LIMIT {top}
    ) TO '/dev/stdout' (FORMAT csv, HEADER false, DELIMITER '\t', QUOTE '')
""")
