-- Tableau, which connects with pgjdbc or psqlODBC: its probes of what the server can do, and a sheet. Its source is not
-- public: statements of our own, over what its logs are known to show. It tries to make a temporary table, and works
-- without where it may not.

-- name: driver
SET DateStyle = 'ISO';

-- name: literals
SET extra_float_digits = 2;

-- name: version
SELECT version();

-- name: temporary table
-- fails: 25006
CREATE LOCAL TEMPORARY TABLE "#Tableau_1_Connect" (COL INTEGER) ON COMMIT PRESERVE ROWS;

-- name: select into
-- fails: 25006
SELECT * INTO TEMPORARY TABLE "#Tableau_2_Connect" FROM (SELECT 1 AS COL) AS CHECKTEMP LIMIT 1;

-- name: subquery
SELECT * FROM (SELECT 1 AS "x") "Probe" WHERE 1 = 0;

-- name: tables
SELECT c.relname, n.nspname, c.relkind FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'v', 'm', 'f', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') ORDER BY n.nspname, c.relname;

-- name: columns
SELECT a.attname, a.atttypid, t.typname, a.attnum, a.attlen, a.atttypmod, a.attnotnull, c.relhasrules, c.relkind, c.oid, pg_get_expr(d.adbin, d.adrelid), CASE t.typtype WHEN 'd' THEN t.typbasetype ELSE 0 END, t.typtypmod, c.relhassubclass
FROM pg_catalog.pg_class c INNER JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace AND c.oid = 'ir.mail_server'::regclass
INNER JOIN pg_catalog.pg_attribute a ON NOT a.attisdropped AND a.attnum > 0 AND a.attrelid = c.oid
INNER JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
LEFT OUTER JOIN pg_attrdef d ON a.atthasdef AND d.adrelid = a.attrelid AND d.adnum = a.attnum ORDER BY n.nspname, c.relname, a.attnum;

-- name: sheet
SELECT "mail_server"."smtp_port" AS "smtp_port", SUM(1) AS "sum:Number of Records:ok" FROM "ir"."mail_server" "mail_server"
WHERE "mail_server"."active" GROUP BY 1;

-- name: filter values
SELECT "mail_server"."smtp_port" AS "smtp_port" FROM "ir"."mail_server" "mail_server" GROUP BY 1 ORDER BY 1 ASC NULLS FIRST;

-- name: dates
SELECT CAST(EXTRACT(YEAR FROM "mail_server"."create_date") AS BIGINT) AS "yr:create_date:ok", COUNT(DISTINCT "mail_server"."id") AS "ctd:id:ok" FROM "ir"."mail_server" "mail_server" GROUP BY 1 ORDER BY 1;
