-- Looker, which connects with pgjdbc: its connection test and its model generator. Its source is not public: statements
-- of our own, over what its documentation says that it asks.

-- name: test
SELECT 1 AS connection_test;

-- name: kill test
SELECT pg_backend_pid() IS NOT NULL AS has_pid;

-- name: version
SELECT version() AS version;

-- name: time zone
SET timezone TO 'UTC';

-- name: timeout
SET statement_timeout TO 60000;

-- name: schemas
SELECT schema_name FROM information_schema.schemata WHERE schema_name NOT LIKE 'pg\_%' AND schema_name <> 'information_schema' ORDER BY 1;

-- name: columns
SELECT table_schema, table_name, column_name, data_type, ordinal_position FROM information_schema.columns WHERE table_schema IN ('ir', 'res') AND table_name IN ('mail_server') ORDER BY table_schema, table_name, ordinal_position;

-- name: processes
SELECT pid, query_start, state, query FROM pg_stat_activity WHERE pid = pg_backend_pid();

-- name: explore
SELECT mail_server.smtp_port AS "mail_server.smtp_port", COUNT(*) AS "mail_server.count" FROM ir.mail_server AS mail_server
WHERE (mail_server.create_date >= (TIMESTAMP '2020-01-01')) GROUP BY 1 ORDER BY 2 DESC, 1 FETCH NEXT 500 ROWS ONLY;
