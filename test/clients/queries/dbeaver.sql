-- DBeaver: what its navigator asks as a person opens a connection, a schema and a table. Statements of our own over the
-- same catalogs, columns, functions and joins as dbeaver/dbeaver, org.jkiss.dbeaver.ext.postgresql/model:
-- PostgreDataSource, PostgreDatabase, PostgreSchema, PostgreDataType, PostgreRole, PostgreExecutionContext.

-- name: start
SELECT current_database(), current_schema(), session_user, version();

-- name: search path
SHOW search_path;

-- name: application
SET application_name = 'DBeaver 24.0.0 - Main <odoo>';

-- name: string literals
SHOW standard_conforming_strings;

-- name: databases
SELECT d.oid, d.* FROM pg_catalog.pg_database d WHERE d.datallowconn AND NOT d.datistemplate OR d.datname = 'odoo' ORDER BY d.datname;

-- name: set schema
SET search_path = "$user", ir;

-- name: schema is set
SELECT current_schema(), current_schemas(true);

-- name: set schema back
SET search_path = ir, res, public;

-- name: schemas
SELECT n.oid, n.*, d.description FROM pg_catalog.pg_namespace n LEFT OUTER JOIN pg_catalog.pg_description d ON d.objoid = n.oid AND d.objsubid = 0 AND d.classoid = 'pg_namespace'::regclass ORDER BY n.nspname;

-- name: types
SELECT t.oid, t.*, c.relkind, format_type(nullif(t.typbasetype, 0), t.typtypmod) AS base_type_name, d.description
FROM pg_catalog.pg_type t
LEFT OUTER JOIN pg_catalog.pg_class c ON c.oid = t.typrelid
LEFT OUTER JOIN pg_catalog.pg_description d ON t.oid = d.objoid
WHERE t.typname IS NOT NULL AND (c.relkind IS NULL OR c.relkind = 'c') AND (t.typcategory IS NULL OR t.typcategory <> 'C');

-- name: enum values
SELECT e.enumtypid, e.enumlabel FROM pg_catalog.pg_enum e ORDER BY e.enumtypid, e.enumsortorder;

-- name: tables
SELECT c.oid, c.*, d.description, pg_catalog.pg_get_expr(c.relpartbound, c.oid) AS partition_expr, pg_catalog.pg_get_partkeydef(c.oid) AS partition_key
FROM pg_catalog.pg_class c
LEFT OUTER JOIN pg_catalog.pg_description d ON d.objoid = c.oid AND d.objsubid = 0 AND d.classoid = 'pg_class'::regclass
WHERE c.relnamespace = 'ir'::regnamespace AND c.relkind NOT IN ('i', 'I', 'c');

-- name: columns
SELECT c.relname, a.*, pg_catalog.pg_get_expr(ad.adbin, ad.adrelid, true) AS def_value, dsc.description, dep.objid
FROM pg_catalog.pg_attribute a
INNER JOIN pg_catalog.pg_class c ON a.attrelid = c.oid
LEFT OUTER JOIN pg_catalog.pg_attrdef ad ON a.attrelid = ad.adrelid AND a.attnum = ad.adnum
LEFT OUTER JOIN pg_catalog.pg_description dsc ON c.oid = dsc.objoid AND a.attnum = dsc.objsubid
LEFT OUTER JOIN pg_depend dep ON dep.refobjid = a.attrelid AND dep.deptype = 'i' AND dep.refobjsubid = a.attnum AND dep.classid = dep.refclassid
WHERE NOT a.attisdropped AND c.relkind NOT IN ('i', 'I', 'c') AND c.oid = 'ir.mail_server'::regclass AND a.attnum > 0
ORDER BY a.attnum;

-- name: constraints
SELECT c.oid, c.*, t.relname AS tabrelname, rt.relnamespace AS refnamespace, d.description,
  CASE WHEN c.contype = 'c' THEN "substring"(pg_get_constraintdef(c.oid), 7) END AS consrc_copy
FROM pg_catalog.pg_constraint c
INNER JOIN pg_catalog.pg_class t ON t.oid = c.conrelid
LEFT OUTER JOIN pg_catalog.pg_class rt ON rt.oid = c.confrelid
LEFT OUTER JOIN pg_catalog.pg_description d ON d.objoid = c.oid AND d.objsubid = 0 AND d.classoid = 'pg_constraint'::regclass
WHERE c.conrelid = 'res.partner'::regclass ORDER BY c.oid;

-- name: indexes
SELECT i.*, i.indkey AS keys, c.relname, c.relnamespace, c.relam, c.reltablespace, tc.relname AS tabrelname, dsc.description,
  pg_catalog.pg_get_expr(i.indpred, i.indrelid) AS pred_expr, pg_catalog.pg_get_expr(i.indexprs, i.indrelid, true) AS expr,
  pg_catalog.pg_relation_size(i.indexrelid) AS index_rel_size, pg_catalog.pg_stat_get_numscans(i.indexrelid) AS index_num_scans
FROM pg_catalog.pg_index i
INNER JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
INNER JOIN pg_catalog.pg_class tc ON tc.oid = i.indrelid
LEFT OUTER JOIN pg_catalog.pg_description dsc ON i.indexrelid = dsc.objoid
WHERE i.indrelid = 'ir.mail_server'::regclass ORDER BY tabrelname, c.relname;

-- name: index definition
SELECT pg_catalog.pg_get_indexdef('ir.mail_server_pkey'::regclass, 1, true);

-- name: roles
SELECT a.oid, a.*, pd.description FROM pg_catalog.pg_roles a LEFT JOIN pg_catalog.pg_shdescription pd ON a.oid = pd.objoid ORDER BY a.rolname;

-- name: tablespaces
SELECT t.oid, t.*, pg_tablespace_location(t.oid) loc FROM pg_catalog.pg_tablespace t ORDER BY t.oid;

-- name: functions
SELECT p.oid AS poid, p.*, pg_catalog.pg_get_expr(p.proargdefaults, 0) AS arg_defaults, d.description
FROM pg_catalog.pg_proc p LEFT OUTER JOIN pg_catalog.pg_description d ON d.objoid = p.oid AND d.objsubid = 0
WHERE p.pronamespace = 'ir'::regnamespace ORDER BY p.proname;

-- name: triggers
SELECT x.oid, x.*, p.pronamespace AS func_schema_id, d.description FROM pg_catalog.pg_trigger x
LEFT OUTER JOIN pg_catalog.pg_proc p ON p.oid = x.tgfoid
LEFT OUTER JOIN pg_catalog.pg_description d ON d.objoid = x.oid AND d.objsubid = 0
WHERE x.tgrelid = 'ir.mail_server'::regclass AND NOT x.tgisinternal;

-- name: rules
SELECT * FROM pg_catalog.pg_rewrite WHERE ev_class = 'ir.mail_server'::regclass;

-- name: rights
SELECT * FROM information_schema.table_privileges WHERE table_schema = 'ir' AND table_name = 'mail_server';

-- name: settings
SELECT * FROM pg_catalog.pg_settings WHERE name = 'server_version_num';

-- name: foreign servers
SELECT f.oid, f.*, d.description FROM pg_catalog.pg_foreign_server f LEFT OUTER JOIN pg_catalog.pg_description d ON d.objoid = f.oid;

-- name: size
SELECT pg_catalog.pg_total_relation_size('ir.mail_server'::regclass) AS total_rel_size, pg_catalog.pg_relation_size('ir.mail_server'::regclass) AS rel_size;

-- name: data
SELECT ms.* FROM ir.mail_server ms ORDER BY ms.id LIMIT 200;

-- name: count
SELECT count(*) FROM ir.mail_server ms;
