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
  { why: 'a correlated subquery needs columns that the scan itself does not name', sql: 'SELECT t1.id FROM res.partner t1 WHERE (SELECT count(*) FROM crm.lead t2 WHERE t2.id < t1.color) > 3' },
  { why: 'the same in the select list', sql: 'SELECT t1.id, (SELECT max(t2.name) FROM crm.lead t2 WHERE t2.city = t1.city) FROM res.partner t1' },
  { why: 'the same below DISTINCT, where the id told the rows apart', sql: 'SELECT DISTINCT t1.city FROM res.partner t1 WHERE (SELECT count(*) FROM crm.lead t2 WHERE t2.partner_id = t1.id) > 1' },
  { why: 'every group counts, also beside a constant', sql: 'SELECT count(t1.color) FROM res.partner t1 GROUP BY NULL::text, t1.color' },
]
