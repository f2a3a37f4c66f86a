import { expect } from 'chai'
import {
  ALLOWED_FUNCTIONS,
  REFUSED_FUNCTIONS,
  isFunctionAllowed,
  isListed,
} from '../../src/engine/functions.ts'
import { IMPLIED_FUNCTIONS } from '../../src/engine/lockdown.ts'
import { paramFromJs } from '../../src/engine/params.ts'
import { errorOf, partners, startTestEngine } from './support.ts'
import type { TestEngine } from './support.ts'

/** Statements that would leave the cage, change something, read a file or hold the engine: each must be refused. */
const ESCAPES: readonly [sql: string, code: string][] = [
  ['SET SESSION AUTHORIZATION postgres', '42601'],
  ['RESET SESSION AUTHORIZATION', '42601'],
  ['SET ROLE postgres', '42601'],
  ['RESET ROLE', '42601'],
  ['RESET ALL', '42601'],
  ['DISCARD ALL', '42601'],
  ['SET TRANSACTION READ WRITE', '42601'],
  ['COMMIT', '42601'],
  ['SELECT 1; COMMIT', '42601'],
  ['SELECT 1; SET SESSION AUTHORIZATION postgres', '42601'],
  ["SELECT set_config('session_authorization', 'postgres', false)", '42501'],
  ["SELECT set_config('role', 'postgres', true)", '42501'],
  ["SELECT set_config('transaction_read_only', 'off', true)", '42501'],
  ["UPDATE pg_settings SET setting = 'off' WHERE name = 'transaction_read_only'", '42601'],
  ['DO $$ BEGIN NULL; END $$', '42601'],
  ["CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'", '42601'],
  ['CREATE TEMP TABLE t (a int)', '42601'],
  ['SELECT 1 INTO t', '42601'],
  ['SELECT 1 INTO TEMP t', '42601'],
  ['INSERT INTO partner (id) VALUES (1)', '42601'],
  ['DELETE FROM partner', '42601'],
  ['TRUNCATE partner', '42601'],
  ['WITH x AS (INSERT INTO partner (id) VALUES (1) RETURNING id) SELECT * FROM x', '0A000'],
  ['WITH x AS (DELETE FROM partner RETURNING id) SELECT * FROM x', '0A000'],
  ['SELECT * FROM partner FOR UPDATE', '25006'],
  ['SELECT * FROM pg_authid', '42501'],
  ['SELECT * FROM pg_hba_file_rules', '42501'],
  ['SELECT * FROM pg_file_settings', '42501'],
  ["COPY partner TO '/tmp/x'", '42601'],
  ["COPY partner FROM PROGRAM 'id'", '42601'],
  ["COPY (SELECT 1) TO '/dev/blob'", '42601'],
  ["LOAD 'plpgsql'", '42601'],
  ['LISTEN x', '42601'],
  ['LOCK TABLE partner', '42601'],
  ["ALTER SYSTEM SET work_mem = '1GB'", '42601'],
  ['PREPARE p AS SELECT 1', '42601'],
  ['EXPLAIN ANALYZE SELECT 1', '42601'],
  ['SHOW ALL', '42601'],
  ['FETCH ALL FROM result', '42601'],
  ['CLOSE ALL', '42601'],
  ['; SELECT 1', '42601'],
  ['CALL f()', '42601'],
  ["SELECT pg_read_file('/pglite/data/PG_VERSION')", '42501'],
  ["SELECT pg_read_binary_file('/home/postgres/.pgpass')", '42501'],
  ["SELECT pg_ls_dir('/')", '42501'],
  ["SELECT pg_stat_file('/')", '42501'],
  ["SELECT lo_import('/pglite/data/PG_VERSION')", '42501'],
  ["SELECT lo_from_bytea(0, 'x')", '42501'],
  ['SELECT lo_creat(-1)', '42501'],
  ["SELECT query_to_xml('SELECT 1', true, true, '')", '42501'],
  ["SELECT table_to_xml('partner', true, true, '')", '42501'],
  ["SELECT * FROM ts_stat('SELECT to_tsvector(name) FROM partner')", '42501'],
  ["SELECT ts_rewrite('a'::tsquery, 'SELECT 1')", '42501'],
  ['SELECT pg_sleep(60)', '42501'],
  ["SELECT pg_sleep_for('1 minute')", '42501'],
  ['SELECT pg_advisory_lock(1)', '42501'],
  ['SELECT pg_try_advisory_xact_lock(1)', '42501'],
  ["SELECT pg_notify('a', 'b')", '42501'],
  ['SELECT pg_terminate_backend(pg_backend_pid())', '42501'],
  ['SELECT pg_cancel_backend(pg_backend_pid())', '42501'],
  ['SELECT pg_reload_conf()', '42501'],
  ['SELECT pg_export_snapshot()', '42501'],
  ['SELECT pg_stat_reset()', '42501'],
  ['SELECT pg_switch_wal()', '42501'],
  ["SELECT pg_logical_emit_message(false, 'a', 'b')", '42501'],
  ['SELECT binary_upgrade_set_next_pg_type_oid(1)', '42501'],
  ["SELECT nextval('x')", '42P01'],
]

describe('lockdown', function () {
  this.timeout(60_000)
  let engine: TestEngine
  before(async () => {
    engine = startTestEngine()
    await engine.ready
  })
  after(() => engine.close())

  for (const [sql, code] of ESCAPES)
    it(`refuses ${sql}`, async () => {
      expect((await errorOf(engine.all(sql))).code).to.equal(code)
      const encoded = engine.runEncoded({ sql, loads: [], formats: [1] })
      expect((await errorOf(encoded.then((cursor) => cursor.close()))).code).to.equal(code)
      // Whatever EXPLAIN says of it, it runs nothing.
      await engine.explain({ sql }).catch(() => undefined)
      expect(await engine.all("SELECT session_user, current_setting('transaction_read_only')")).to.deep.equal(
        [['odoo', 'on']],
      )
    })

  it('describes what it would refuse, and runs nothing of it', async () => {
    for (const sql of ['SET SESSION AUTHORIZATION postgres', 'COMMIT', 'CREATE TABLE res.x (a int)'])
      expect(await engine.describe({ sql, parameterOids: [] })).to.deep.equal({
        parameterOids: [],
        columns: [],
      })
    const sql = "SELECT session_user, to_regclass('res.x')"
    expect(await engine.all(sql)).to.deep.equal([['odoo', null]])
  })

  it('lets no expression out of its parentheses', async () => {
    const [outcome] = await engine.evaluate(['1); SET SESSION AUTHORIZATION postgres; SELECT (1'])
    expect(outcome).to.include({ code: '42601' })
    expect(await engine.all('SELECT current_user')).to.deep.equal([['odoo']])
  })

  it('keeps the rows of one statement from the next', async () => {
    await engine.all('TABLE partner', { loads: [partners(100)] })
    const left = `SELECT (SELECT count(*) FROM partner), pg_relation_size('partner'),
      (SELECT count(*) FROM pg_stats WHERE tablename = 'partner')`
    expect(await engine.all(left)).to.deep.equal([['0', '0', '0']])
  })

  it('knows nothing of the machine that it runs on', async () => {
    const sql = 'SELECT name FROM pg_settings WHERE strpos(setting, $1) > 0'
    expect(await engine.all(sql, { params: [paramFromJs(process.cwd())] })).to.deep.equal([])
  })

  describe('functions', () => {
    // Whoever calls an internal one from SQL gets an error: its arguments cannot be written.
    const NOT_IMMUTABLE = `SELECT proname, bool_or(has_function_privilege(oid, 'EXECUTE')) FROM pg_proc
      WHERE provolatile <> 'i' AND oid NOT IN (SELECT function FROM (${IMPLIED_FUNCTIONS}) AS i WHERE function IS NOT NULL)
      AND prorettype NOT IN ('trigger'::regtype, 'event_trigger'::regtype, 'internal'::regtype)
      AND proargtypes::text !~ '(^| )2281( |$)' GROUP BY proname`

    it('that are not immutable are each either allowed or refused, and no refused one can run', async () => {
      const rows = (await engine.all(NOT_IMMUTABLE)) as [string, boolean][]
      expect(rows.length).to.be.above(500)
      for (const [name, mayRun] of rows) {
        const lists = [ALLOWED_FUNCTIONS, REFUSED_FUNCTIONS].filter((groups) => isListed(groups, name))
        expect(lists, `lists that name ${name}`).to.have.length(1)
        // PostgreSQL itself keeps some that we allow for administrators.
        if (mayRun) expect(isFunctionAllowed(name), name).to.equal(true)
      }
    })

    it('that are immutable are all allowed', async () => {
      const rows = await engine.all(
        "SELECT proname FROM pg_proc GROUP BY 1 HAVING bool_and(provolatile = 'i')",
      )
      expect(rows.filter(([name]) => !isFunctionAllowed(String(name)))).to.deep.equal([])
    })

    it('that reports need do run', async () => {
      const sql = `SELECT now(), random() < 1, to_char(date '2022-03-01', 'Mon'), age(date '2022-03-01', '2022-02-01'),
        concat('a', 1), format('%s', 1), current_setting('TimeZone'), gen_random_uuid(), version(),
        date_trunc('month', now()), jsonb_build_object('a', 1), string_agg('a', ','), pg_advisory_unlock_all()`
      expect(await engine.all(sql)).to.have.length(1)
    })

    it('that clients call for their lists of what there is do run', async () => {
      const sql = `SELECT pg_get_function_arguments(p.oid), pg_get_function_result(p.oid), pg_get_functiondef(p.oid),
          pg_get_function_identity_arguments(p.oid), pg_function_is_visible(p.oid), pg_get_userbyid(p.proowner),
          pg_tablespace_size('pg_global') > 0, pg_tablespace_location(1664), pg_is_wal_replay_paused IS NULL,
          pg_size_pretty(pg_total_relation_size('res.partner')), pg_encoding_to_char(6), pg_get_viewdef('pg_views'::regclass),
          pg_get_indexdef('res.partner_pkey'::regclass), pg_get_serial_sequence('res.partner', 'id'),
          pg_get_partkeydef('res.partner'::regclass), shobj_description(10, 'pg_authid'), pg_table_size('res.partner'),
          pg_relation_is_publishable('res.partner'), pg_get_statisticsobjdef_columns(1), pg_get_ruledef(1)
        FROM pg_proc p, (SELECT CASE WHEN pg_is_in_recovery() THEN pg_is_wal_replay_paused() END) AS r
          (pg_is_wal_replay_paused) WHERE proname = 'now'`
      expect(await engine.all(sql)).to.have.length(1)
    })

    it('behind the system views do run', async () => {
      const views = await engine.all(`SELECT schemaname || '.' || quote_ident(viewname) FROM pg_views
        WHERE schemaname IN ('pg_catalog', 'information_schema') ORDER BY 1`)
      const failed: string[] = []
      for (const [view] of views)
        await engine.all(`SELECT * FROM ${String(view)}`).catch((error: unknown) => {
          if ((error as { code: string }).code === '42501') failed.push(String(view))
          else throw error
        })
      expect(failed).to.deep.equal(ADMINISTRATORS_VIEWS)
    })
  })
})

/** Views for administrators alone, in PostgreSQL too, or refused with their functions. */
const ADMINISTRATORS_VIEWS: readonly string[] = [
  'information_schema._pg_foreign_data_wrappers',
  'information_schema._pg_foreign_servers',
  'information_schema._pg_foreign_table_columns',
  'information_schema._pg_foreign_tables',
  'information_schema._pg_user_mappings',
  'information_schema.transforms',
  'pg_catalog.pg_aios',
  'pg_catalog.pg_backend_memory_contexts',
  'pg_catalog.pg_config',
  'pg_catalog.pg_file_settings',
  'pg_catalog.pg_hba_file_rules',
  'pg_catalog.pg_ident_file_mappings',
  'pg_catalog.pg_replication_origin_status',
  'pg_catalog.pg_shadow',
  'pg_catalog.pg_shmem_allocations',
  'pg_catalog.pg_shmem_allocations_numa',
]
