"""psycopg 3 against the server that libpq's environment names. Prints what it got as one JSON document."""

import asyncio
import datetime
import decimal
import json
import uuid

import psycopg
from psycopg.rows import dict_row

results = {}
connection = psycopg.connect("", autocommit=True)
IDS = "SELECT id FROM ir.mail_server WHERE id >= %s ORDER BY id"

for title, binary in (("text", False), ("binary", True)):
    with connection.cursor(binary=binary) as cursor:
        cursor.execute(
            "SELECT id, name, smtp_host, smtp_port, active, create_date FROM ir.mail_server WHERE id >= %s ORDER BY id",
            (1,),
            prepare=True,
        )
        results[f"rows_{title}"] = cursor.fetchall()
        results[f"types_{title}"] = [type(value).__name__ for value in results[f"rows_{title}"][0]]

values = [7, "it's \u20ac", True, decimal.Decimal("-1.50"), b"\x00\xff", 0.1, [1, 2, 3], ["a", "b,c"]]
values += [datetime.date(2024, 2, 29), datetime.datetime(2024, 2, 29, 1, 2, 3, 456000)]
values += [uuid.UUID("00000000-0000-0000-0000-00000000000f"), 2**40, None]
types = ["int4", "text", "bool", "numeric", "bytea", "float8", "int4[]", "text[]", "date", "timestamp"]
types += ["uuid", "int8", "text"]
for mark in ("%t", "%b"):
    for binary in (False, True):
        selected = ", ".join(f"{mark}::{type}" for type in types)
        with connection.cursor(binary=binary) as cursor:
            echoed = cursor.execute(f"SELECT {selected}", values).fetchone()
        results[f"echoed_{mark[1]}_{'binary' if binary else 'text'}"] = list(echoed) == values

with connection.pipeline():
    first = connection.execute("SELECT 1")
    second = connection.execute(IDS, (2,))
    third = connection.execute("SELECT %s::text", ("three",))
results["pipeline"] = [first.fetchall(), second.fetchall(), third.fetchall()]
try:
    with connection.pipeline() as pipeline:
        connection.execute("SELECT 1")
        connection.execute("SELECT nope")
        connection.execute("SELECT 2")
except psycopg.Error as error:
    results["pipeline_error"] = error.sqlstate
results["after_pipeline"] = connection.execute("SELECT 3").fetchone()

with connection.transaction():
    with connection.cursor("servers", binary=True) as cursor:
        cursor.itersize = 5
        results["server_cursor"] = [id for (id,) in cursor.execute(IDS, (2,))]
    with connection.cursor("scrolled", scrollable=True) as cursor:
        cursor.execute("SELECT n FROM generate_series(1, 10) n WHERE n > %s", (1,))
        cursor.scroll(3)
        results["scrolled"] = cursor.fetchmany(2)
try:
    with connection.transaction():
        connection.execute("SELECT 1")
        with connection.transaction():
            connection.execute("SELECT nope")
except psycopg.Error as error:
    results["savepoint_error"] = error.sqlstate

with connection.cursor() as cursor:
    results["streamed"] = [id for (id,) in cursor.stream(IDS, (1,))]
    with cursor.copy("COPY (SELECT id, name FROM ir.mail_server ORDER BY id LIMIT 2) TO STDOUT") as copy:
        copy.set_types(["int4", "text"])
        results["copied"] = list(copy.rows())
    with cursor.copy("COPY (SELECT 1::int4 AS a, 'x'::text AS b) TO STDOUT (FORMAT binary)") as copy:
        copy.set_types(["int4", "text"])
        results["copied_binary"] = list(copy.rows())

with connection.cursor(row_factory=dict_row) as cursor:
    results["dictionary"] = cursor.execute("SELECT 1 AS one, NULL AS none").fetchone()

# The fifth time psycopg prepares a statement by itself.
results["prepared"] = [connection.execute("SELECT %s::int4 + 1", (n,)).fetchone()[0] for n in range(8)]
connection.close()


async def asynchronous():
    async with await psycopg.AsyncConnection.connect("") as connection:
        cursor = await connection.execute(IDS, (1,))
        return len(await cursor.fetchall())


results["asynchronous"] = asyncio.run(asynchronous())
print(json.dumps(results, default=str))
