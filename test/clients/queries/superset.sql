-- Superset, beyond what the SQLAlchemy inspector does (which runs as itself in python.test.ts). Statements of our own
-- after apache/superset, superset/db_engine_specs/postgres.py and base.py.

-- name: version
select pg_catalog.version();

-- name: catalogs
SELECT datname FROM pg_database WHERE datistemplate = false;

-- name: views
SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'ir' AND c.relkind IN ('v', 'm');

-- name: estimate
EXPLAIN SELECT id, name FROM ir.mail_server;

-- name: schema
set search_path = "ir";

-- name: schema is used
SELECT count(*) FROM mail_server;

-- name: schema back
set search_path = ir, res, public;

-- name: timestamps
SELECT max(create_date) AS latest FROM ir.mail_server WHERE create_date >= TO_TIMESTAMP('2020-01-01 00:00:00.000000', 'YYYY-MM-DD HH24:MI:SS.US');

-- name: chart
SELECT DATE_TRUNC('day', create_date) AS create_date, COUNT(*) AS count FROM ir.mail_server GROUP BY DATE_TRUNC('day', create_date) ORDER BY count DESC LIMIT 1000;

-- name: preview
SELECT id AS id, name AS name, smtp_port AS smtp_port FROM ir.mail_server LIMIT 101;
