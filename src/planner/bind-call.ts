import type { ColumnSpec } from '../catalog/spec.ts'
import { notSupported } from '../errors.ts'
import type { Operand, Predicate } from '../sql/predicate.ts'
import { textOf, type BindingScope } from './bind-literal.ts'
import type { BoundPredicate, Fold } from './bound.ts'
import { possibleTruths } from './prune.ts'

/** A predicate about a function of a column, and the same predicate about the column itself. */
interface OverCall {
  readonly call: Operand & { readonly kind: 'call' }
  readonly column: Operand & { readonly kind: 'column' }
  readonly ofColumn: Predicate
}

/** Undefined where no function stands on the left. Throws 0A000 for a function of anything but a column. */
export function readOverCall(predicate: Predicate): OverCall | undefined {
  const call =
    'operand' in predicate && 'kind' in predicate.operand
      ? predicate.operand
      : predicate.kind === 'compare'
        ? predicate.left
        : undefined
  if (call?.kind !== 'call') return undefined
  const [column] = call.operands
  if (column?.kind !== 'column') throw notSupported(`${call.name} of anything but a column is not supported`)
  const ofColumn =
    predicate.kind === 'compare' ? { ...predicate, left: column } : { ...predicate, operand: column }
  return { call, column, ofColumn: ofColumn as Predicate }
}

/** The predicate about the call, from what was bound about the column alone. */
export function bindCall(
  { name, operands }: OverCall['call'],
  column: ColumnSpec,
  ofColumn: BoundPredicate,
  scope: BindingScope,
): BoundPredicate {
  const [, instead, ...more] = operands
  if (column.type !== 'text' || more.length > 0) throw notSupported(`this ${name} is not supported here`)
  if (name !== 'coalesce') return folded(ofColumn, name)
  if (instead === undefined) return ofColumn
  const isNull: BoundPredicate = { kind: 'test', column, test: { kind: 'isNull' } }
  // What is asked of the other value can be answered now.
  const [truth = null] = possibleTruths(ofColumn, column, textOf(instead, scope))
  if (truth === true) return { kind: 'or', operands: [isNull, ofColumn] }
  return {
    kind: 'or',
    operands: [
      { kind: 'and', operands: [isNull, { kind: 'constant', value: truth }] },
      { kind: 'and', operands: [{ kind: 'not', operand: isNull }, ofColumn] },
    ],
  }
}

/** What is asked of a text, asked of that text in lower or upper case: as patterns, for only these are folded. */
function folded(predicate: BoundPredicate, fold: Fold): BoundPredicate {
  switch (predicate.kind) {
    case 'and':
    case 'or':
      return { ...predicate, operands: predicate.operands.map((operand) => folded(operand, fold)) }
    case 'not':
      return { ...predicate, operand: folded(predicate.operand, fold) }
    case 'isTruth':
    case 'constant':
      return predicate
    case 'test': {
      const { column, test } = predicate
      const equals = (value: unknown): BoundPredicate => ({
        kind: 'test',
        column,
        test: {
          kind: 'like',
          pattern: String(value).replace(/[\\%_]/g, '\\$&'),
          isCaseInsensitive: false,
          fold,
        },
      })
      if (test.kind === 'isNull') return predicate
      if (test.kind === 'like') return { ...predicate, test: { ...test, fold } }
      if (test.kind === 'compare' && test.operator === '=') return equals(test.value)
      if (test.kind === 'in' && !test.hasNull) return { kind: 'or', operands: test.values.map(equals) }
      throw notSupported('an order of folded texts is not supported here')
    }
  }
}
