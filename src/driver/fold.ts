import { SQL_TYPES } from '../catalog/types.ts'
import type { Engine, StatementOptions } from '../engine/engine.ts'
import type { EngineValue } from '../engine/plan.ts'
import { SqlError } from '../errors.ts'
import type { ScanNode } from '../planner/explained.ts'
import { constantPartsOf, withParts } from '../sql/plan-text.ts'
import { quoteLiteral } from '../sql/print.ts'

/**
 * Replaces what has one value for the whole statement, such as `(now() - '7 days'::interval)`, by that value, so that
 * Odoo can compare with it. `options.now` must be the time at which the statement then runs.
 */
export async function foldConstants(
  nodes: readonly ScanNode[],
  engine: Engine,
  options: StatementOptions,
): Promise<readonly ScanNode[]> {
  const texts = [
    ...new Set(
      nodes.flatMap((node) =>
        node.conjuncts.flatMap((text) => constantPartsOf(text).map((part) => part.text)),
      ),
    ),
  ]
  if (texts.length === 0) return nodes
  const values = await engine.evaluate(texts, options)
  const literals = new Map(texts.map((text, index) => [text, literalOf(values[index])]))
  return nodes.map((node) => ({
    ...node,
    conjuncts: node.conjuncts.map((text) => {
      const parts = constantPartsOf(text).filter((part) => literals.get(part.text) !== undefined)
      return withParts(
        text,
        parts,
        parts.map((part) => literals.get(part.text) ?? part.text),
      )
    }),
  }))
}

/** The value as a literal with its type; undefined where it has none that a filter could be compared with. */
function literalOf(value: EngineValue | SqlError | undefined): string | undefined {
  if (value === undefined || value instanceof SqlError || value.value === null) return undefined
  if (value.oid === TIMESTAMPTZ_OID) {
    // A timestamp column is taken as local time for the comparison: the same only where local time is UTC.
    const utc = /^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?)\+00$/.exec(String(value.value))?.[1]
    return utc === undefined ? undefined : `${quoteLiteral(utc)}::${SQL_TYPES.timestamp.title}`
  }
  if (value.type !== 'timestamp' && value.type !== 'date' && value.type !== 'int4') return undefined
  return `${quoteLiteral(SQL_TYPES[value.type].toText(value.value))}::${SQL_TYPES[value.type].title}`
}

const TIMESTAMPTZ_OID = 1184
