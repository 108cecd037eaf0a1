"""The jobs sum and join by DuckDB.

usage: jobs_with_duckdb.py sum COLUMN FILE          its sixth column by COLUMN
       jobs_with_duckdb.py join FILE1 FILE2         on their first columns, in the order of those
"""
import sys

import duckdb

SALES = "order_number BIGINT, day VARCHAR, town VARCHAR, item VARCHAR, quantity INTEGER, " \
        "price DECIMAL(18,2), state VARCHAR"
BUYERS = "order_number BIGINT, buyer VARCHAR"


def table(path, columns):
    types = ", ".join("'{}': '{}'".format(*column.split(" ")) for column in columns.split(", "))
    return f"read_csv('{path}', header=false, auto_detect=false, columns={{{types}}})"


def query(job, *operands):
    if job == "sum":
        key = SALES.split(", ")[int(operands[0]) - 1].split()[0]
        return f"SELECT {key}, count(*), sum(price), min(price), max(price), avg(price) " \
               f"FROM {table(operands[1], SALES)} AS sales GROUP BY {key} ORDER BY {key}"
    sales, buyers = operands
    return f"SELECT * FROM {table(sales, SALES)} AS s JOIN {table(buyers, BUYERS)} AS b " \
           "USING (order_number) ORDER BY order_number"


duckdb.execute("SET enable_progress_bar = false")
duckdb.execute("SET threads = 2")
duckdb.execute(f"COPY ({query(*sys.argv[1:])}) TO '/dev/stdout' (FORMAT csv, HEADER false)")
