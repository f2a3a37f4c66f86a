import { types } from 'node:util'
import { invalidParameterValue } from '../errors.ts'
import type { EngineParam } from './protocol.ts'

/**
 * A JavaScript value as a parameter whose type PostgreSQL infers. Dates are UTC; arrays become PostgreSQL's arrays;
 * other objects JSON. Throws 22023 for a value that has no SQL form (a function, a symbol).
 */
export function paramFromJs(value: unknown): EngineParam & { readonly value: string | null } {
  return { oid: 0, value: value === null || value === undefined ? null : textFromJs(value) }
}

function textFromJs(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return value
    case 'number':
    case 'bigint':
    case 'boolean':
      return String(value)
    case 'object':
      // Not instanceof: a notebook's kernel runs its cells in a realm of their own.
      if (types.isDate(value)) return dateText(value)
      if (types.isUint8Array(value)) return `\\x${Buffer.from(value).toString('hex')}`
      return Array.isArray(value) ? arrayText(value) : JSON.stringify(value)
    default:
      throw invalidParameterValue(`a ${typeof value} cannot be a parameter`)
  }
}

function dateText(date: Date): string {
  if (Number.isNaN(date.getTime())) throw invalidParameterValue('an invalid Date cannot be a parameter')
  return date.toISOString()
}

function arrayText(items: readonly unknown[]): string {
  const texts = items.map((item) => {
    if (item === null || item === undefined) return 'NULL'
    if (Array.isArray(item)) return arrayText(item)
    return `"${textFromJs(item).replace(/["\\]/g, '\\$&')}"`
  })
  return `{${texts.join(',')}}`
}
