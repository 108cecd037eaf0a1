"""Counts the values of a column of sales with DuckDB: the ten most frequent.

usage: column_with_duckdb.py COLUMN FILE
"""
import sys

import duckdb

NAMES = ["order_number", "day", "town", "item", "quantity", "price", "state"]

column, path = NAMES[int(sys.argv[1]) - 1], sys.argv[2]
columns = ", ".join(f"'{name}': 'VARCHAR'" for name in NAMES)
duckdb.execute("SET enable_progress_bar = false")
duckdb.execute("SET threads = 2")
duckdb.execute(f"""
    COPY (
        SELECT {column}, count(*) AS n
        FROM read_csv('{path}', header=false, auto_detect=false, delim=',', quote='"', escape='"',
                      columns={{{columns}}})
        GROUP BY {column} ORDER BY n DESC, {column} LIMIT 10
    ) TO '/dev/stdout' (FORMAT csv, HEADER false, DELIMITER '\t')
""")
