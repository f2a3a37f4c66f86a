-- pgAdmin 4: what it sends first, in one simple query, and its browser tree. Statements of our own over the same catalogs
-- and functions as pgadmin-org/pgadmin4, utils/driver/psycopg3/connection.py and the templates of its browser tree.

-- name: initialize
SET DateStyle=ISO; SET client_min_messages=notice; SELECT set_config('bytea_output','hex',false) FROM pg_show_all_settings() WHERE name = 'bytea_output'; SET client_encoding='utf-8';

-- name: version
SELECT version();

-- name: database
SELECT db.oid as did, db.datname, db.datallowconn, pg_encoding_to_char(db.encoding) AS serverencoding, has_database_privilege(db.oid, 'CREATE') as cancreate, datistemplate
FROM pg_catalog.pg_database db WHERE db.datname = current_database();

-- name: gssapi
SELECT gss_authenticated, encrypted FROM pg_catalog.pg_stat_gssapi WHERE pid = pg_backend_pid();

-- name: role
SELECT roles.oid as id, roles.rolname as name, roles.rolsuper as is_superuser,
  CASE WHEN roles.rolsuper THEN true ELSE roles.rolcreaterole END as can_create_role,
  CASE WHEN roles.rolsuper THEN true ELSE roles.rolcreatedb END as can_create_db,
  CASE WHEN 'pg_signal_backend' = ANY (ARRAY(WITH RECURSIVE cte AS (
    SELECT pg_roles.oid, pg_roles.rolname FROM pg_roles WHERE pg_roles.oid = roles.oid
    UNION ALL SELECT m.roleid, pgr.rolname FROM cte cte_1 JOIN pg_auth_members m ON m.member = cte_1.oid JOIN pg_roles pgr ON pgr.oid = m.roleid)
    SELECT rolname FROM cte)) THEN true ELSE false END as can_signal_backend
FROM pg_catalog.pg_roles as roles WHERE rolname = current_user;

-- name: recovery
SELECT CASE WHEN usesuper THEN pg_catalog.pg_is_in_recovery() ELSE false END as inrecovery FROM pg_catalog.pg_user WHERE usename = current_user;

-- name: schemas
SELECT nsp.oid, nsp.nspname as name, pg_catalog.has_schema_privilege(nsp.oid, 'CREATE') as can_create, pg_catalog.has_schema_privilege(nsp.oid, 'USAGE') as has_usage, des.description
FROM pg_catalog.pg_namespace nsp LEFT OUTER JOIN pg_catalog.pg_description des ON des.objoid = nsp.oid AND des.classoid = 'pg_namespace'::regclass
WHERE nspname NOT LIKE E'pg\\_%' AND nsp.nspname <> 'information_schema' ORDER BY nspname;

-- name: tables
SELECT rel.oid, rel.relname AS name, (SELECT count(*) FROM pg_catalog.pg_trigger WHERE tgrelid = rel.oid AND tgisinternal = FALSE) AS triggercount,
  (SELECT count(1) FROM pg_catalog.pg_inherits WHERE inhrelid = rel.oid LIMIT 1) as is_inherits, rel.relkind, des.description
FROM pg_catalog.pg_class rel LEFT OUTER JOIN pg_catalog.pg_description des ON des.objoid = rel.oid AND des.objsubid = 0
WHERE rel.relkind IN ('r', 's', 't', 'p') AND rel.relnamespace = 'ir'::regnamespace AND NOT rel.relispartition ORDER BY rel.relname;

-- name: columns
SELECT DISTINCT att.attname as name, att.attnum as oid, pg_catalog.format_type(ty.oid, NULL) AS datatype, att.attnotnull as not_null, des.description
FROM pg_catalog.pg_attribute att JOIN pg_catalog.pg_type ty ON ty.oid = atttypid
LEFT OUTER JOIN pg_catalog.pg_description des ON des.objoid = att.attrelid AND des.objsubid = att.attnum
WHERE att.attrelid = 'ir.mail_server'::regclass AND att.attnum > 0 AND att.attisdropped IS FALSE ORDER BY att.attnum;

-- name: dashboard
SELECT 'session_stats' AS chart_name, row_to_json(t) AS chart_data FROM (SELECT
  (SELECT count(*) FROM pg_catalog.pg_stat_activity WHERE datname = current_database()) AS "Total",
  (SELECT count(*) FROM pg_catalog.pg_stat_activity WHERE state = 'idle') AS "Idle") t;

-- name: data
SELECT * FROM ir.mail_server ORDER BY id ASC LIMIT 100;
