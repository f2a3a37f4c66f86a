import { averageOfDecimals, sumOfDecimals } from './decimal.ts'
import { sqlFault } from './faults.ts'
import type { DemoField, DemoFieldType, Version } from './fields.ts'
import { shownTime } from './read.ts'
import { collate } from './records.ts'
import type { StoredValue } from './records.ts'
import type { Json } from './values.ts'

export type AggregateOperator =
  | 'sum'
  | 'avg'
  | 'min'
  | 'max'
  | 'count'
  | 'count_distinct'
  | 'bool_and'
  | 'bool_or'
  | 'array_agg'
  | 'array_agg_distinct'

/** The value over a group: those of the column that are not NULL, or all of them for the arrays; null is SQL's NULL. */
type Compute = (known: readonly NonNullable<StoredValue>[], all: readonly StoredValue[]) => Json

interface Operator {
  readonly versions: readonly Version[]
  /** Types of columns that PostgreSQL has the function for; undefined for every type. */
  readonly types?: ReadonlySet<DemoFieldType>
  /** Absent for what alasql computes. */
  readonly compute?: (field: DemoField) => Compute
}

const NUMBERS: ReadonlySet<DemoFieldType> = new Set(['integer', 'float', 'monetary', 'many2one'])
const BOOLEANS: ReadonlySet<DemoFieldType> = new Set(['boolean'])
const COMPARABLE: ReadonlySet<DemoFieldType> = new Set([
  ...NUMBERS,
  ...(['char', 'text', 'html', 'selection', 'date', 'datetime'] as const),
])
const BOTH: readonly Version[] = [14, 19]

const OPERATORS: Record<AggregateOperator, Operator> = {
  count: { versions: BOTH },
  count_distinct: { versions: BOTH },
  sum: {
    versions: BOTH,
    types: NUMBERS,
    compute: (field) => ifAny((known) => (isFloat(field) ? sumOfFloats : sumOfDecimals)(known.map(Number))),
  },
  avg: {
    versions: BOTH,
    types: NUMBERS,
    compute: (field) =>
      ifAny((known) =>
        isFloat(field) ? sumOfFloats(known.map(Number)) / known.length : averageOfDecimals(known.map(Number)),
      ),
  },
  min: {
    versions: BOTH,
    types: COMPARABLE,
    compute: (field) => ifAny((known) => shown(field, [...known].sort(compare)[0] ?? null)),
  },
  max: {
    versions: BOTH,
    types: COMPARABLE,
    compute: (field) => ifAny((known) => shown(field, [...known].sort(compare).at(-1) ?? null)),
  },
  bool_and: {
    versions: BOTH,
    types: BOOLEANS,
    compute: () => ifAny((known) => known.every((value) => value === true)),
  },
  bool_or: {
    versions: BOTH,
    types: BOOLEANS,
    compute: () => ifAny((known) => known.includes(true)),
  },
  array_agg: {
    versions: BOTH,
    compute: (field) => (_, all) => (all.length === 0 ? null : all.map((value) => shown(field, value))),
  },
  array_agg_distinct: {
    versions: [19],
    compute: (field) => (known, all) => {
      if (all.length === 0) return null
      const sorted: StoredValue[] = [...new Set(known)].sort(compare)
      return [...sorted, ...(all.includes(null) ? [null] : [])].map((value) => shown(field, value))
    },
  },
}

export const isAggregateOperator = (version: Version, name: string): name is AggregateOperator =>
  Object.hasOwn(OPERATORS, name) && OPERATORS[name as AggregateOperator].versions.includes(version)

/** Whether alasql's own answer is right; of the other aggregates it is not, where NULLs are among the values. */
export const isCount = (operator: AggregateOperator): operator is 'count' | 'count_distinct' =>
  operator === 'count' || operator === 'count_distinct'

/** Throws what PostgreSQL says of a function that it does not have for the column's type. */
export function checkAggregate(operator: AggregateOperator, field: DemoField): void {
  if (OPERATORS[operator].types?.has(field.type) === false)
    throw sqlFault('UndefinedFunction', `function ${operator}(${field.type}) does not exist`)
}

/** The aggregate over the values of one group in the order of ids, as JSON shows it; null is SQL's NULL. */
export function aggregateOf(
  operator: AggregateOperator,
  field: DemoField,
  values: readonly StoredValue[],
): Json {
  return OPERATORS[operator].compute?.(field)(values.filter(isKnown), values) ?? null
}

const isKnown = (value: StoredValue): value is NonNullable<StoredValue> => value !== null

const ifAny =
  (compute: (known: readonly NonNullable<StoredValue>[]) => Json): Compute =>
  (known) =>
    known.length === 0 ? null : compute(known)

/** A float without digits is a double in the database, any other number exact. */
const isFloat = (field: DemoField): boolean => field.type === 'float' && field.scale === undefined

const sumOfFloats = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0)

const compare = (a: NonNullable<StoredValue>, b: NonNullable<StoredValue>): number =>
  typeof a === 'string' ? collate(a, String(b)) : Number(a) - Number(b)

const shown = (field: DemoField, value: StoredValue): Json =>
  typeof value === 'string' && (field.type === 'date' || field.type === 'datetime') ? shownTime(value) : value
