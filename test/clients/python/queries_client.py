"""Runs the statements of the files that are its arguments, each file on a connection of its own, in text and in binary.

Prints one JSON document: for each file and each name that stands before a statement the columns, the rows and whether
binary gave the same, or the SQLSTATE. Several statements under one name go in one simple query, in text only.
"""

import json
import pathlib
import re
import sys

import psycopg

NAMED = re.compile(r"^-- name: (.+)\n(?:-- fails: .*\n)?", re.MULTILINE)


def rows_of(connection, statement, binary):
    with connection.cursor(binary=binary) as cursor:
        cursor.execute(statement)
        columns, rows = [], []
        while True:
            if cursor.description is not None:
                columns = [column.name for column in cursor.description]
                rows += cursor.fetchall()
            if not cursor.nextset():
                return columns, rows


def is_same(one, other):
    """A type that psycopg does not know stays bytes in binary, so that it can be compared by its presence only."""
    return one == other or (isinstance(other, bytes) and one is not None)


def run(connection, statement):
    try:
        columns, rows = rows_of(connection, statement, False)
    except psycopg.Error as error:
        return {"error": error.sqlstate}
    result = {"columns": columns, "rows": rows}
    if ";" in statement:
        return result
    try:
        _, binary = rows_of(connection, statement, True)
    except psycopg.Error as error:
        return {**result, "binary": error.sqlstate}
    same = len(rows) == len(binary) and all(all(map(is_same, *pair)) for pair in zip(rows, binary))
    return {**result, "binary": "same" if same else "different"}


results = {}
for path in map(pathlib.Path, sys.argv[1:]):
    _, *parts = NAMED.split(path.read_text())
    with psycopg.connect("", autocommit=True) as connection:
        results[path.stem] = {
            name: run(connection, statement.strip().removesuffix(";"))
            for name, statement in zip(parts[::2], parts[1::2])
        }
print(json.dumps(results, default=str))
