import type { Oracle } from '../support/oracle.ts'

/**
 * Counts the rows that queries need: those without which the answer of one of them would be another. Each row of the
 * tables is taken away in turn, within PostgreSQL, and the queries asked again. Rows that can stand in for each other
 * (two leads of a partner, for EXISTS) are not counted, though one of them is needed: the count is rather too low.
 */
const FUNCTION = `
CREATE OR REPLACE FUNCTION needed(queries text[], tables text[]) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
  digest text;
  whole text;
  other text;
  tid int;
  tab text;
  found int := 0;
BEGIN
  SELECT 'SELECT concat(' || string_agg(
    format('(SELECT md5(coalesce(string_agg(r::text, chr(10) ORDER BY r::text), %L)) FROM (%s) r)', '', query), ', '
  ) || ')' INTO digest FROM unnest(queries) query;
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

/** `tables` are those that the queries read. Parameters are not taken. */
export async function rowsNeeded(
  oracle: Oracle,
  queries: readonly string[],
  tables: readonly string[],
): Promise<number> {
  const named = tables.filter((table) => queries.some((sql) => sql.includes(table)))
  const rows = await oracle.query('SELECT needed($1::text[], $2::text[])', [
    arrayText(queries),
    `{${named.join(',')}}`,
  ])
  return Number(rows[0]?.[0])
}

const arrayText = (texts: readonly string[]): string =>
  `{${texts.map((text) => `"${text.replace(/["\\]/g, '\\$&')}"`).join(',')}}`
