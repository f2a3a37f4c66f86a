import { PARTITION_COLUMN, type BoundPredicate } from './bound.ts'
import { truthOfTest } from './evaluate.ts'

type Truth = boolean | null

/** False where no row of the partition can pass the filter, whatever its other columns hold. Needs no call. */
export const canMatch = (conjuncts: readonly BoundPredicate[], partition: string): boolean =>
  conjuncts.every((predicate) => possibleTruths(predicate, partition).has(true))

const ANY: ReadonlySet<Truth> = new Set([true, false, null])

/** Every truth that a predicate can have over the rows of a partition, of which only the name is known. */
function possibleTruths(predicate: BoundPredicate, partition: string): ReadonlySet<Truth> {
  switch (predicate.kind) {
    case 'and':
    case 'or': {
      const isAnd = predicate.kind === 'and'
      return predicate.operands
        .map((operand) => possibleTruths(operand, partition))
        .reduce((left, right) => combine(left, right, (a, b) => connect(a, b, isAnd)), new Set([isAnd]))
    }
    case 'not':
      return new Set(
        [...possibleTruths(predicate.operand, partition)].map((truth) => (truth === null ? null : !truth)),
      )
    case 'isTruth': {
      const { truth, isNegated } = predicate
      return new Set(
        [...possibleTruths(predicate.operand, partition)].map((found) => (found === truth) !== isNegated),
      )
    }
    case 'constant':
      return new Set([predicate.value])
    case 'test':
      return predicate.column === PARTITION_COLUMN ? new Set([truthOfTest(predicate.test, partition)]) : ANY
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
