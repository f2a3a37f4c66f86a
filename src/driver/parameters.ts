import { invalidParameterValue } from '../errors.ts'

/** Texts of the parameters, as PostgreSQL's drivers send them: the type comes from where the parameter stands. */
export function parameterTexts(parameters: readonly unknown[]): (string | null)[] {
  return parameters.map((value, index) => parameterText(value, index + 1))
}

function parameterText(value: unknown, number: number): string | null {
  switch (typeof value) {
    case 'string':
      return value
    case 'number':
    case 'bigint':
    case 'boolean':
      return String(value)
    case 'undefined':
      throw invalidParameterValue(`parameter $${number} is undefined`, { hint: 'Pass null for NULL.' })
    default:
  }
  if (value === null) return null
  if (value instanceof Date && !Number.isNaN(value.getTime()))
    return value.toISOString().replace('T', ' ').replace('Z', '')
  if (value instanceof Uint8Array) return `\\x${Buffer.from(value).toString('hex')}`
  throw invalidParameterValue(`parameter $${number} is of a type that cannot be sent`, {
    hint: 'Pass a string, number, bigint, boolean, Date, Uint8Array or null.',
  })
}
