"""psqlODBC by pyodbc, with the connection string that is its argument. Prints what it got as one JSON document."""

import datetime
import decimal
import json
import sys
import threading

import pyodbc

results = {}
connection = pyodbc.connect(sys.argv[1], autocommit=False)
cursor = connection.cursor()


def rows_of(statement, *parameters):
    return [list(row) for row in cursor.execute(statement, *parameters).fetchall()]


results["rows"] = rows_of(
    "SELECT id, name, smtp_host, smtp_port, active, create_date FROM ir.mail_server ORDER BY id"
)
results["types"] = [type(value).__name__ for value in results["rows"][0]]
results["description"] = [[name, type.__name__] for name, type, *_ in cursor.description]
results["by_id"] = rows_of("SELECT id FROM ir.mail_server WHERE id >= ? AND id < ? ORDER BY id", 2, 5)
parameters = [7, "it's \u20ac", decimal.Decimal("1.50"), 0.5, datetime.date(2024, 2, 29), True]
parameters.append(datetime.datetime(2024, 2, 29, 1, 2, 3))
marks = ["?::int4", "?::text", "?::numeric", "?::float8", "?::date", "?::bool", "?::timestamp"]
results["echoed"] = [str(value) for value in rows_of(f"SELECT {', '.join(marks)}", *parameters)[0]]

results["tables"] = [[row.table_schem, row.table_name] for row in cursor.tables(schema="ir").fetchall()]
results["columns"] = [[row.column_name, row.type_name] for row in cursor.columns("mail_server", schema="ir").fetchall()]
results["primary_keys"] = [row.column_name for row in cursor.primaryKeys("mail_server", schema="ir").fetchall()]
results["foreign_keys"] = sorted(
    [row.fkcolumn_name, row.pktable_schem, row.pktable_name, row.pkcolumn_name]
    for row in cursor.foreignKeys(foreignTable="partner", foreignSchema="res").fetchall()
)
results["statistics"] = sorted(
    {row.column_name for row in cursor.statistics("mail_server", schema="ir").fetchall() if row.column_name}
)
results["types_known"] = len(cursor.getTypeInfo().fetchall())
results["dbms"] = connection.getinfo(pyodbc.SQL_DBMS_NAME)

cursor.execute("SELECT n FROM generate_series(1, 250) n")
results["fetched"] = [len(cursor.fetchmany(100)) for _ in range(4)]
try:
    rows_of("SELECT nope FROM ir.mail_server")
except pyodbc.Error as error:
    results["error"] = error.args[0]
connection.rollback()
try:
    rows_of("DELETE FROM ir.mail_server")
except pyodbc.Error as error:
    results["write"] = error.args[0]
connection.rollback()

timer = threading.Timer(0.5, cursor.cancel)
timer.start()
try:
    rows_of("SELECT count(*) FROM generate_series(1, 1000000) a, generate_series(1, 1000000) b")
except pyodbc.Error as error:
    results["cancelled"] = error.args[0]
timer.join()
connection.rollback()
results["after_cancel"] = rows_of("SELECT 1")
connection.close()

print(json.dumps(results, default=str))
