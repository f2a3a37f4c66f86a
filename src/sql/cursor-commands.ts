import type { ParseNode } from './gate.ts'

export interface CursorOptions {
  /** Values in binary format. */
  readonly isBinary: boolean
  /** Undefined: backwards where that costs nothing. */
  readonly isScroll: boolean | undefined
  /** Outlives its transaction. */
  readonly isHold: boolean
}

export type FetchDirection = 'forward' | 'backward' | 'absolute' | 'relative'

/** Bits of PostgreSQL's cursor options. */
const [BINARY, SCROLL, NO_SCROLL, HOLD] = [1, 2, 4, 32]

export function readDeclare(fields: ParseNode): CursorOptions & { readonly name: string } {
  const options = Number(fields['options'] ?? 0)
  const has = (bit: number): boolean => (options & bit) !== 0
  return {
    name: String(fields['portalname']),
    isBinary: has(BINARY),
    isScroll: has(SCROLL) ? true : has(NO_SCROLL) ? false : undefined,
    isHold: has(HOLD),
  }
}

/** What the tree holds for ALL. */
const FETCH_ALL = 2_147_483_647

export function readFetch(fields: ParseNode): {
  readonly name: string
  readonly direction: FetchDirection
  readonly count: number
  readonly isMove: boolean
} {
  const count = Number(fields['howMany'] ?? 0)
  return {
    name: String(fields['portalname']),
    direction: DIRECTIONS[String(fields['direction'])] ?? 'forward',
    count: count === FETCH_ALL ? Infinity : count,
    isMove: fields['ismove'] === true,
  }
}

const DIRECTIONS: Readonly<Record<string, FetchDirection>> = {
  FETCH_FORWARD: 'forward',
  FETCH_BACKWARD: 'backward',
  FETCH_ABSOLUTE: 'absolute',
  FETCH_RELATIVE: 'relative',
}
