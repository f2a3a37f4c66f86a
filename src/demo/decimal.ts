/**
 * Sums and averages as PostgreSQL's `numeric` has them: exact sums, quotients to at least 16 significant digits. Floats
 * would differ in the last digits, and Odoo's amounts are no floats.
 */
interface Decimal {
  /** The value times ten to the `scale`. */
  readonly digits: bigint
  readonly scale: number
}

/** The sum of decimal numbers, each as its shortest text has it; 0 of none. */
export const sumOfDecimals = (values: readonly number[]): number => numberFrom(sumOf(values))

/** Sum by count. Not for no values. */
export function averageOfDecimals(values: readonly number[]): number {
  const sum = sumOf(values)
  const count: Decimal = { digits: BigInt(values.length), scale: 0 }
  const scale = scaleOfQuotient(sum, count)
  // One digit more than wanted, which is then rounded half away from zero.
  const shift = scale - sum.scale + 1
  const exact = (sum.digits * 10n ** BigInt(Math.max(shift, 0))) / count.digits
  const isNegative = exact < 0n
  const rounded = ((isNegative ? -exact : exact) + 5n) / 10n
  return numberFrom({ digits: isNegative ? -rounded : rounded, scale })
}

function sumOf(values: readonly number[]): Decimal {
  const decimals = values.map(decimalFrom)
  const scale = Math.max(0, ...decimals.map((decimal) => decimal.scale))
  const digits = decimals.reduce(
    (sum, decimal) => sum + decimal.digits * 10n ** BigInt(scale - decimal.scale),
    0n,
  )
  return { digits, scale }
}

function decimalFrom(value: number): Decimal {
  const [mantissa = '', exponent = '0'] = String(value).split('e')
  const [whole = '', fraction = ''] = mantissa.split('.')
  const scale = fraction.length - Number(exponent)
  const digits = BigInt(whole + fraction)
  return scale >= 0 ? { digits, scale } : { digits: digits * 10n ** BigInt(-scale), scale: 0 }
}

const numberFrom = ({ digits, scale }: Decimal): number => Number(`${digits}e${-scale}`)

/** PostgreSQL counts in digits to the base 10,000. */
const BASE_DIGITS = 4
const SIGNIFICANT_DIGITS_MIN = 16

/** Decimals that PostgreSQL computes of `dividend / divisor`. */
function scaleOfQuotient(dividend: Decimal, divisor: Decimal): number {
  const [above, below] = [leadingOf(dividend), leadingOf(divisor)]
  const weight = above.weight - below.weight - (above.digit <= below.digit ? 1 : 0)
  return Math.max(SIGNIFICANT_DIGITS_MIN - weight * BASE_DIGITS, dividend.scale, divisor.scale, 0)
}

/** The first digit to the base 10,000 that is not 0, and its power of that base. */
function leadingOf({ digits, scale }: Decimal): { weight: number; digit: number } {
  const text = String(digits < 0n ? -digits : digits).padStart(scale + 1, '0')
  const [whole, fraction] = [text.slice(0, text.length - scale), text.slice(text.length - scale)]
  const size = (part: string): number => Math.ceil(part.length / BASE_DIGITS) * BASE_DIGITS
  const padded = whole.padStart(size(whole), '0') + fraction.padEnd(size(fraction), '0')
  const first = Math.floor(padded.search(/[1-9]/) / BASE_DIGITS)
  if (first < 0) return { weight: 0, digit: 0 }
  return {
    weight: size(whole) / BASE_DIGITS - 1 - first,
    digit: Number(padded.slice(first * BASE_DIGITS, (first + 1) * BASE_DIGITS)),
  }
}
