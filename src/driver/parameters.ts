import type { EngineParam } from '../engine/protocol.ts'
import { paramFromJs } from '../engine/params.ts'
import { invalidParameterValue } from '../errors.ts'

/** A bound value. `oid` 0 leaves its type to PostgreSQL; a string is in text format, bytes are in binary format. */
export type Parameter = EngineParam

/** Values as JavaScript has them: their types come from where the parameters stand. */
export function parametersFromJs(values: readonly unknown[]): Parameter[] {
  return values.map((value, index) => {
    if (value === undefined)
      throw invalidParameterValue(`parameter $${index + 1} is undefined`, { hint: 'Pass null for NULL.' })
    return paramFromJs(value)
  })
}

/** Texts of the parameters, or undefined where one is in binary format: only PostgreSQL reads those. */
export function textsOf(parameters: readonly Parameter[]): (string | null)[] | undefined {
  const texts = parameters.map(({ value }) => value)
  return texts.every((value) => value === null || typeof value === 'string') ? texts : undefined
}

/** The declared type as a cast would spell it; undefined where none is declared. */
export function spelledType({ oid }: Parameter): string | undefined {
  return oid === 0 || oid === UNKNOWN_OID ? undefined : (SPELLING_OF_OID[oid] ?? `type ${oid}`)
}

/** What a literal in quotes is before it is something else. */
const UNKNOWN_OID = 705

const SPELLING_OF_OID: Readonly<Record<number, string>> = {
  16: 'boolean',
  17: 'bytea',
  20: 'bigint',
  21: 'integer',
  23: 'integer',
  25: 'text',
  701: 'double precision',
  1007: 'integer[]',
  1009: 'text[]',
  1016: 'bigint[]',
  1043: 'text',
  1082: 'date',
  1114: 'timestamp',
  1700: 'numeric',
}
