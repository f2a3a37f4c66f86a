-- asyncpg: what it asks of types that it does not know, and as a pooled connection is given back. Statements of our own
-- over the same catalogs and functions as MagicStack/asyncpg, asyncpg/introspection.py and connection.py. It reads
-- everything in binary. Before it asks for types it turns jit off beside reading it, which is refused: that ends the
-- statement whose types asyncpg does not know, but every type of our columns it knows.

-- name: types
WITH RECURSIVE typeinfo_tree (oid, ns, name, kind, basetype, elemtype, elemdelim, range_subtype, attrtypoids, attrnames, depth) AS (
  SELECT ti.*, 0 FROM (SELECT t.oid, ns.nspname, t.typname, t.typtype,
      CASE WHEN t.typtype = 'd' THEN t.typbasetype END, t.typelem, elem_t.typdelim, range_t.rngsubtype,
      CASE WHEN t.typtype = 'c' THEN (SELECT array_agg(ia.atttypid ORDER BY ia.attnum) FROM pg_attribute ia JOIN pg_class c ON ia.attrelid = c.oid WHERE ia.attnum > 0 AND NOT ia.attisdropped AND c.reltype = t.oid) END,
      CASE WHEN t.typtype = 'c' THEN (SELECT array_agg(ia.attname::text ORDER BY ia.attnum) FROM pg_attribute ia JOIN pg_class c ON ia.attrelid = c.oid WHERE ia.attnum > 0 AND NOT ia.attisdropped AND c.reltype = t.oid) END
    FROM pg_catalog.pg_type AS t JOIN pg_catalog.pg_namespace ns ON ns.oid = t.typnamespace
    LEFT JOIN pg_type elem_t ON t.typlen = -1 AND t.typelem <> 0 AND t.typelem = elem_t.oid
    LEFT JOIN pg_range range_t ON t.oid = range_t.rngtypid) AS ti (oid, ns, name, kind, basetype, elemtype, elemdelim, range_subtype, attrtypoids, attrnames)
  WHERE ti.oid = any('{1007,1009,3904}'::oid[])
  UNION ALL
  SELECT t.oid, 'pg_catalog', t.typname, t.typtype, NULL, t.typelem, NULL, NULL, NULL, NULL, tt.depth + 1
  FROM pg_type t, typeinfo_tree tt WHERE tt.elemtype IS NOT NULL AND t.oid = tt.elemtype OR tt.range_subtype IS NOT NULL AND t.oid = tt.range_subtype)
SELECT DISTINCT *, basetype::regtype::text AS basetype_name, elemtype::regtype::text AS elemtype_name, range_subtype::regtype::text AS range_subtype_name
FROM typeinfo_tree ORDER BY depth DESC, oid;

-- name: type by name
SELECT t.oid, t.typelem AS elemtype, t.typtype AS kind FROM pg_catalog.pg_type AS t INNER JOIN pg_catalog.pg_namespace ns ON ns.oid = t.typnamespace WHERE t.typname = 'jsonb' AND ns.nspname = 'pg_catalog';

-- name: jit
-- fails: 42501
SELECT current_setting('jit') AS cur, set_config('jit', 'off', false) AS new;

-- name: reset
SELECT pg_advisory_unlock_all();
CLOSE ALL;
UNLISTEN *;
RESET ALL;

-- name: rows
SELECT id, name, smtp_port, active, create_date FROM ir.mail_server ORDER BY id;
