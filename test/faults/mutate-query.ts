import { ANALYST_QUERIES } from '../plans/analyst.ts'
import { TOPICS } from '../plans/topics.ts'
import type { Random } from '../support/generate-random.ts'
import { mutateText } from './mutate.ts'

/** The golden queries, and some of each other kind of statement. */
const QUERIES = [
  ...ANALYST_QUERIES.map(({ sql }) => sql),
  ...Object.values(TOPICS).flat(),
  "USE demo, demo_eu", "SET odoo.partitions = 'demo'", 'SHOW search_path', "SET TIME ZONE 'Europe/Berlin'",
  'EXPLAIN (FORMAT JSON) SELECT id FROM ir.mail_server', 'USE SELECT name FROM system.partitions',
  "SELECT set_config('search_path', 'res', false)", 'VALUES (1, 2), (3, 4)', 'TABLE ir.mail_server',
] // prettier-ignore

/** One of them, with a change or more. */
export const mutatedQuery = (random: Random): string => mutateText(random, random.pick(QUERIES), QUERIES)
