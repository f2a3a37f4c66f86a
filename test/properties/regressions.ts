import type { ParamValue } from '../support/generate-term.ts'

/** A query that once was answered wrongly, as the shrinking left it, and what was wrong. */
export interface Regression {
  readonly why: string
  readonly sql: string
  readonly params?: readonly ParamValue[]
  /** The rows come in one order only. */
  readonly isOrdered?: true
}

/** Asked first, of every target that has the tables. */
// prettier-ignore
export const REGRESSIONS: readonly Regression[] = [
  { why: 'no value equals any of none, NULL neither, so NOT keeps every row', sql: "SELECT t1.id FROM ir.mail_server t1 WHERE (NOT t1.from_filter = ANY ('{}'::text[]))" },
  { why: 'the same with a parameter', sql: 'SELECT t1.id FROM ir.mail_server t1 WHERE t1.from_filter <> ALL ($1)', params: ['{}'] },
  { why: 'the same in a truth test', sql: "SELECT t1.id FROM res.partner t1 WHERE (t1.parent_id = ANY ('{}'::int4[])) IS UNKNOWN" },
  { why: 'the same for numbers, which are never NULL', sql: "SELECT t1.id FROM res.partner t1 WHERE (NOT t1.color = ANY ('{}'::int4[]))" },
  { why: 'Odoo groups menus that it does not show', sql: 'SELECT t1.sequence, count(*) FROM ir.ui_menu t1 GROUP BY t1.sequence' },
  { why: 'Odoo 14 leaves out an aggregate over a key of the groups', sql: 'SELECT t1.smtp_port, max(t1.smtp_port), min(t1.smtp_port), sum(t1.smtp_port), avg(t1.smtp_port), count(t1.smtp_port) FROM ir.mail_server t1 GROUP BY t1.smtp_port' },
  { why: 'the same with a key that can be NULL', sql: 'SELECT t1.smtp_encryption, t1.sequence, count(t1.smtp_encryption), max(t1.sequence) FROM ir.mail_server t1 GROUP BY t1.sequence, t1.smtp_encryption' },
  { why: 'every group counts, also beside a constant', sql: 'SELECT count(t1.color) FROM res.partner t1 GROUP BY NULL::text, t1.color' },
]
