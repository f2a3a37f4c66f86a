import { invalidBinary, invalidText } from '../errors.ts'
import type { ByteWriter } from './byte-writer.ts'

/** PostgreSQL keeps a numeric as digits to base 10,000. */
const GROUP_DIGITS = 4

const POSITIVE = 0x0000
const NEGATIVE = 0x4000
/** Sign and scale of a value without digits, as PostgreSQL sends them. */
const SPECIALS: Readonly<Record<string, readonly [sign: number, scale: number]>> = {
  NaN: [0xc000, 0],
  Infinity: [0xd000, 32],
  '-Infinity': [0xf000, 32],
}
const HEADER_BYTES = 8

/** Writes the binary form of a numeric, from PostgreSQL's text of it (no exponent). */
export function writeNumeric(writer: ByteWriter, text: string): void {
  const special = SPECIALS[text]
  if (special !== undefined) {
    writer.int16(0).int16(0).int16(special[0]).int16(special[1])
    return
  }
  const match = /^(-?)(\d*)(?:\.(\d*))?$/.exec(text)
  if (match === null) throw invalidText(`invalid input syntax for type numeric: "${text}"`)
  const [, sign = '', whole = '', fraction = ''] = match
  // Groups are counted from the decimal point to both sides.
  const left = whole.padStart(Math.ceil(whole.length / GROUP_DIGITS) * GROUP_DIGITS, '0')
  const right = fraction.padEnd(Math.ceil(fraction.length / GROUP_DIGITS) * GROUP_DIGITS, '0')
  const digits = left + right
  let first = 0
  let end = digits.length / GROUP_DIGITS
  const groupAt = (index: number): number =>
    Number(digits.slice(index * GROUP_DIGITS, (index + 1) * GROUP_DIGITS))
  while (first < end && groupAt(first) === 0) first++
  while (end > first && groupAt(end - 1) === 0) end--
  const isZero = first === end
  writer.int16(end - first)
  writer.int16(isZero ? 0 : left.length / GROUP_DIGITS - 1 - first)
  writer.int16(sign === '-' && !isZero ? NEGATIVE : POSITIVE)
  writer.int16(fraction.length)
  for (let index = first; index < end; index++) writer.int16(groupAt(index))
}

/** PostgreSQL's text of a numeric, from its binary form. Throws 22P03. */
export function numericFromBytes(bytes: Buffer): string {
  if (bytes.length < HEADER_BYTES || bytes.length !== HEADER_BYTES + 2 * bytes.readUInt16BE(0))
    throw invalidBinary('invalid length in external "numeric" value')
  const count = bytes.readUInt16BE(0)
  const weight = bytes.readInt16BE(2)
  const sign = bytes.readUInt16BE(4)
  const scale = bytes.readUInt16BE(6)
  const special = Object.entries(SPECIALS).find(([, [code]]) => code === sign)
  if (special !== undefined) return special[0]
  if (sign !== POSITIVE && sign !== NEGATIVE) throw invalidBinary('invalid sign in external "numeric" value')
  if (scale > SCALE_MAX) throw invalidBinary('invalid scale in external "numeric" value')
  const groupAt = (index: number): string => {
    const digits = index < 0 || index >= count ? 0 : bytes.readUInt16BE(HEADER_BYTES + 2 * index)
    if (digits > 9999) throw invalidBinary('invalid digit in external "numeric" value')
    return String(digits).padStart(GROUP_DIGITS, '0')
  }
  let whole = ''
  for (let index = 0; index <= weight; index++) whole += groupAt(index)
  let fraction = ''
  for (let index = weight + 1; fraction.length < scale; index++) fraction += groupAt(index)
  const text = `${whole.replace(/^0+(?=\d)/, '') || '0'}${scale === 0 ? '' : `.${fraction.slice(0, scale)}`}`
  return sign === NEGATIVE && /[1-9]/.test(text) ? `-${text}` : text
}
/** As many digits after the point as the binary form can say. */
const SCALE_MAX = 0x3fff
