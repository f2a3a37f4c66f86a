import type { Oracle } from '../support/oracle.ts'

/**
 * Counts the rows that a query needs: those without which its answer would be another. Each row of the tables is
 * taken away in turn, within PostgreSQL, and the query asked again.
 */
const FUNCTION = `
CREATE OR REPLACE FUNCTION needed(query text, tables text[]) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
  digest text := format('SELECT md5(coalesce(string_agg(r::text, chr(10) ORDER BY r::text), %L)) FROM (%s) r', '', query);
  whole text;
  other text;
  tid int;
  tab text;
  found int := 0;
BEGIN
  EXECUTE digest INTO whole;
  FOREACH tab IN ARRAY tables LOOP
    FOR tid IN EXECUTE format('SELECT id FROM %s', tab) LOOP
      BEGIN
        EXECUTE format('DELETE FROM %s WHERE id = $1', tab) USING tid;
        EXECUTE digest INTO other;
        RAISE EXCEPTION USING ERRCODE = 'P0001';
      EXCEPTION WHEN SQLSTATE 'P0001' THEN
        -- The row is back.
      END;
      IF other IS DISTINCT FROM whole THEN found := found + 1; END IF;
    END LOOP;
  END LOOP;
  RETURN found;
END $$`

export async function prepareNeeded(oracle: Oracle): Promise<void> {
  await oracle.query(FUNCTION)
}

/** `tables` are those that the query reads. Parameters are not taken. */
export async function rowsNeeded(oracle: Oracle, sql: string, tables: readonly string[]): Promise<number> {
  const named = tables.filter((table) => sql.includes(table))
  const rows = await oracle.query('SELECT needed($1, $2::text[])', [sql, `{${named.join(',')}}`])
  return Number(rows[0]?.[0])
}
