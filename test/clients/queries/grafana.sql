-- Grafana: the PostgreSQL data source's query builder, and a panel. Statements of our own over the same views and
-- functions as grafana/grafana, plugins/datasource/grafana-postgresql-datasource/postgresMetaQuery.ts.

-- name: version
SELECT current_setting('server_version_num')::int / 100 AS version;

-- name: timescale
SELECT extversion FROM pg_extension WHERE extname = 'timescaledb';

-- name: schemas
SELECT schema_name AS "name" FROM information_schema.schemata WHERE schema_name NOT IN ('information_schema', 'pg_catalog', 'pg_toast') ORDER BY schema_name;

-- name: tables
SELECT CASE WHEN quote_ident(table_schema) IN (
    SELECT CASE WHEN trim(s[i]) = '"$user"' THEN user ELSE trim(s[i]) END
    FROM generate_series(array_lower(string_to_array(current_setting('search_path'), ','), 1), array_upper(string_to_array(current_setting('search_path'), ','), 1)) AS i,
      string_to_array(current_setting('search_path'), ',') s)
  THEN quote_ident(table_name) ELSE quote_ident(table_schema) || '.' || quote_ident(table_name) END AS "table"
FROM information_schema.tables
WHERE quote_ident(table_schema) NOT IN ('information_schema', 'pg_catalog') ORDER BY 1;

-- name: columns
SELECT quote_ident(column_name) AS "column", data_type AS "type" FROM information_schema.columns
WHERE CASE WHEN array_length(parse_ident('ir.mail_server'), 1) = 2
  THEN quote_ident(table_schema) = (parse_ident('ir.mail_server'))[1] AND quote_ident(table_name) = (parse_ident('ir.mail_server'))[2]
  ELSE quote_ident(table_name) = 'ir.mail_server' END;

-- name: health
SELECT 1;

-- name: series
SELECT floor(extract(epoch from create_date) / 86400) * 86400 AS "time", count(id) AS "value" FROM ir.mail_server
WHERE create_date BETWEEN '2020-01-01T00:00:00Z' AND '2030-01-01T00:00:00Z' GROUP BY 1 ORDER BY 1;
