/** Chance that repeats itself: one seed, one sequence. */
export interface Random {
  /** A whole number from 0 up to, not including, `below`. */
  below(below: number): number
  /** True in `percent` of 100 cases. */
  chance(percent: number): boolean
  pick<T>(items: readonly T[]): T
  /** An item by weight. */
  pickWeighted<T>(items: readonly (readonly [weight: number, item: T])[]): T
}

/** `seed` is any whole number; those that differ by one give unrelated sequences. */
export function randomFrom(seed: number): Random {
  let state = Math.imul(seed, 0x9e3779b1) >>> 0
  // Mulberry32: 32 bits of state are plenty for some hundred draws.
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (limit: number): number => Math.floor(next() * limit)
  return {
    below,
    chance: (percent) => next() * 100 < percent,
    pick: (items) => items[below(items.length)]!,
    pickWeighted: (items) => {
      let left = next() * items.reduce((sum, [weight]) => sum + weight, 0)
      return (items.find(([weight]) => (left -= weight) < 0) ?? items[items.length - 1]!)[1]
    },
  }
}
