"""SQLAlchemy and pandas against the server that libpq's environment names. Prints what they got as one JSON document."""

import json
import warnings

import pandas
import sqlalchemy
from sqlalchemy import create_engine, inspect, select

warnings.simplefilter("ignore")
results = {}
engine = create_engine("postgresql+psycopg2://")
inspector = inspect(engine)

results["schemas"] = inspector.get_schema_names()
results["default_schema"] = inspector.default_schema_name
results["tables"] = {schema: inspector.get_table_names(schema) for schema in ("ir", "res")}
results["views"] = inspector.get_view_names("ir")
results["columns"] = [
    [column["name"], str(column["type"]), column["nullable"], column["comment"]]
    for column in inspector.get_columns("mail_server", "ir")
]
results["partner_columns"] = {
    column["name"]: str(column["type"]) for column in inspector.get_columns("partner", "res")
}
results["primary_key"] = inspector.get_pk_constraint("mail_server", "ir")["constrained_columns"]
results["foreign_keys"] = [
    [key["constrained_columns"], key["referred_schema"], key["referred_table"], key["referred_columns"]]
    for key in inspector.get_foreign_keys("partner", "res")
]
results["indexes"] = inspector.get_indexes("mail_server", "ir")
results["unique"] = inspector.get_unique_constraints("mail_server", "ir")
results["checks"] = inspector.get_check_constraints("mail_server", "ir")
results["table_comment"] = inspector.get_table_comment("mail_server", "ir")["text"]
results["has_table"] = [inspector.has_table("mail_server", "ir"), inspector.has_table("nothing", "ir")]

servers = sqlalchemy.Table("mail_server", sqlalchemy.MetaData(), schema="ir", autoload_with=engine)
with engine.connect() as connection:
    statement = select(servers.c.id, servers.c.name).where(servers.c.id.in_([2, 3])).order_by(servers.c.id)
    results["selected"] = [list(row) for row in connection.execute(statement)]
    streamed = connection.execution_options(stream_results=True, max_row_buffer=5)
    results["streamed"] = [id for (id,) in streamed.execute(select(servers.c.id).order_by(servers.c.id))]

frame = pandas.read_sql(
    "SELECT id, name, smtp_port, active, create_date, smtp_port / 10.0 AS share FROM ir.mail_server ORDER BY id",
    engine,
)
results["dtypes"] = {name: str(dtype) for name, dtype in frame.dtypes.items()}
results["frame"] = frame[["id", "name", "smtp_port", "active"]].values.tolist()
results["earliest"] = str(frame["create_date"].min())
results["chunks"] = [
    len(chunk) for chunk in pandas.read_sql("SELECT n FROM generate_series(1, 25) n", engine, chunksize=10)
]

print(json.dumps(results, default=str))
