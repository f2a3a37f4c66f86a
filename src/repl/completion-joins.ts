import type { Column, Found } from './completion-candidate.ts'
import { identifier, member } from './completion-names.ts'

/** A table in FROM, as it is called there, and its columns. */
export interface JoinedTable {
  readonly name: string
  readonly columns: readonly Column[]
}

/** Columns that nearly every table has, and that joins are seldom about. */
const SELDOM = /^(create|write)_uid$/

/** Conditions that join the last table to those before it, along Odoo's relations: `o.partner_id = p.id`. */
export function joinConditions(tables: readonly JoinedTable[]): Found[] {
  const joined = tables.at(-1)
  if (joined === undefined) return []
  const conditions = tables
    .slice(0, -1)
    .flatMap((other) => [...references(other, joined), ...references(joined, other)])
  return [
    ...conditions.filter(({ column }) => !SELDOM.test(column)),
    ...conditions.filter(({ column }) => SELDOM.test(column)),
  ].map(({ text }) => ({ text, label: text }))
}

/** The columns of one table that hold ids of the other. */
function references(from: JoinedTable, to: JoinedTable): { column: string; text: string }[] {
  const id = to.columns.find(({ name }) => name === 'id')
  if (id?.relation === undefined) return []
  return from.columns
    .filter(({ name, type, relation }) => name !== 'id' && relation === id.relation && type === id.type)
    .map(({ name }) => ({
      column: name,
      text: `${identifier(from.name)}.${member(name)} = ${identifier(to.name)}.id`,
    }))
}
