"""psycopg2 against the server that libpq's environment names. Prints what it got as one JSON document."""

import datetime
import decimal
import io
import json
import threading

import psycopg2
import psycopg2.extensions
from psycopg2 import errors

SERVERS = "SELECT id, name, smtp_host, smtp_port, active, create_date FROM ir.mail_server"
SLOW = "SELECT count(*) FROM generate_series(1, 1000000) a, generate_series(1, 1000000) b"
CANCEL_AFTER_SECONDS = 0.5

results = {}
connection = psycopg2.connect("")


def rows_of(statement, parameters=None):
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall()


def state_of(statement):
    try:
        rows_of(statement)
    except psycopg2.Error as error:
        return error.pgcode
    finally:
        connection.rollback()


rows = rows_of(f"{SERVERS} ORDER BY id")
results["rows"] = rows
results["types"] = [type(value).__name__ for value in rows[0]]

parameters = [7, "it's \\ \u20ac %", None, True, decimal.Decimal("1.50"), b"\x00\xff", [1, 2], 0.1]
parameters += [datetime.date(2024, 2, 29), datetime.datetime(2024, 2, 29, 1, 2, 3, 456000)]
echoed = rows_of("SELECT %s, %s, %s, %s, %s, %s, %s, %s::float8, %s, %s", parameters)[0]
results["echoed"] = [bytes(value) if isinstance(value, memoryview) else value for value in echoed] == parameters
results["by_ids"] = rows_of("SELECT id FROM ir.mail_server WHERE id = ANY(%s) ORDER BY id", ([2, 3, -1],))
results["by_name"] = rows_of("SELECT id FROM ir.mail_server WHERE name = %s ORDER BY id", (rows[0][1],))

# Autocommit is off: the first statement opened a transaction, which an error spoils until it is rolled back.
results["in_transaction"] = connection.get_transaction_status() == psycopg2.extensions.TRANSACTION_STATUS_INTRANS
try:
    rows_of("SELECT nope FROM ir.mail_server")
except errors.UndefinedColumn as error:
    results["undefined_column"] = [error.pgcode, error.diag.message_primary, error.diag.statement_position]
try:
    rows_of("SELECT 1")
except errors.InFailedSqlTransaction:
    results["spoiled"] = True
connection.rollback()

with connection.cursor("servers") as cursor:
    cursor.itersize = 5
    cursor.execute("SELECT id FROM ir.mail_server WHERE id >= %s ORDER BY id", (2,))
    results["named_cursor"] = [id for (id,) in cursor]
with connection.cursor("scrolled", scrollable=True) as cursor:
    cursor.execute("SELECT n FROM generate_series(1, 10) n")
    scrolled = [cursor.fetchone()]
    cursor.scroll(2)
    scrolled.append(cursor.fetchone())
    cursor.scroll(-3)
    scrolled.append(cursor.fetchone())
    cursor.scroll(8, mode="absolute")
    results["scrolled"] = scrolled + cursor.fetchmany(5)
connection.commit()

with connection.cursor("held", withhold=True) as cursor:
    cursor.execute("SELECT n FROM generate_series(1, 3) n")
    connection.commit()
    results["held"] = cursor.fetchall()
connection.commit()

copied = io.StringIO()
with connection.cursor() as cursor:
    cursor.copy_expert("COPY (SELECT id, name FROM ir.mail_server ORDER BY id LIMIT 2) TO STDOUT", copied)
results["copied"] = copied.getvalue()

results["write"] = state_of("DELETE FROM ir.mail_server")
results["division"] = state_of("SELECT id / 0 FROM ir.mail_server")

timer = threading.Timer(CANCEL_AFTER_SECONDS, connection.cancel)
timer.start()
results["cancelled"] = state_of(SLOW)
timer.join()
results["after_cancel"] = rows_of("SELECT 1")
connection.rollback()

connection.set_session(isolation_level="REPEATABLE READ", readonly=True)
results["isolation"] = rows_of("SHOW transaction_isolation")
connection.rollback()
connection.set_session(autocommit=True)
rows_of("SELECT 1")
results["autocommit"] = connection.get_transaction_status() == psycopg2.extensions.TRANSACTION_STATUS_IDLE
results["encoding"] = connection.encoding
results["version_number"] = connection.server_version
connection.close()

print(json.dumps(results, default=str))
