import type { ColumnSpec } from '../catalog/spec.ts'
import { PARTITION_COLUMN, type BoundPredicate } from './bound.ts'
import { truthOfTest } from './evaluate.ts'

type Truth = boolean | null

/** False where no row of the partition can pass the filter, whatever its other columns hold. Needs no call. */
export const canMatch = (conjuncts: readonly BoundPredicate[], partition: string): boolean =>
  conjuncts.every((predicate) => possibleTruths(predicate, PARTITION_COLUMN, partition).has(true))

const ANY: ReadonlySet<Truth> = new Set([true, false, null])

/** Every truth that a predicate can have over rows of which the value of one column is known. */
export function possibleTruths(
  predicate: BoundPredicate,
  column: ColumnSpec,
  value: string | null,
): ReadonlySet<Truth> {
  const truthsOf = (operand: BoundPredicate): ReadonlySet<Truth> => possibleTruths(operand, column, value)
  switch (predicate.kind) {
    case 'and':
    case 'or': {
      const isAnd = predicate.kind === 'and'
      return predicate.operands
        .map(truthsOf)
        .reduce((left, right) => combine(left, right, (a, b) => connect(a, b, isAnd)), new Set([isAnd]))
    }
    case 'not':
      return new Set([...truthsOf(predicate.operand)].map((truth) => (truth === null ? null : !truth)))
    case 'isTruth': {
      const { truth, isNegated } = predicate
      return new Set([...truthsOf(predicate.operand)].map((found) => (found === truth) !== isNegated))
    }
    case 'constant':
      return new Set([predicate.value])
    case 'test':
      return predicate.column === column ? new Set([truthOfTest(predicate.test, value)]) : ANY
    default:
      return predicate satisfies never
  }
}

/** AND and OR of SQL: null is unknown. */
function connect(a: Truth, b: Truth, isAnd: boolean): Truth {
  if (a === !isAnd || b === !isAnd) return !isAnd
  return a === null || b === null ? null : isAnd
}

function combine(
  left: ReadonlySet<Truth>,
  right: ReadonlySet<Truth>,
  connective: (a: Truth, b: Truth) => Truth,
): ReadonlySet<Truth> {
  return new Set([...left].flatMap((a) => [...right].map((b) => connective(a, b))))
}
