/**
 * The items of several sources as they come, all read side by side, one item ahead each. Ends the others where one
 * fails or the reader leaves: `abort` is to end what they wait for, since a generator that waits cannot be left.
 */
export async function* merge<Item>(
  sources: readonly AsyncIterable<Item>[],
  abort: () => void,
): AsyncGenerator<Item> {
  const [only] = sources
  if (only !== undefined && sources.length === 1) {
    yield* only
    return
  }
  const iterators = sources.map((source) => source[Symbol.asyncIterator]())
  const next = async (index: number) => ({ index, result: await iterators[index]?.next() })
  const waiting = new Map(iterators.map((_, index) => [index, next(index)]))
  try {
    while (waiting.size > 0) {
      const { index, result } = await Promise.race(waiting.values())
      if (result === undefined || result.done === true) {
        waiting.delete(index)
        continue
      }
      waiting.set(index, next(index))
      yield result.value
    }
  } finally {
    abort()
    // A failure of what is read ahead has nobody to go to any more.
    for (const ahead of waiting.values()) ahead.catch(() => undefined)
    await Promise.allSettled(iterators.map(async (iterator) => iterator.return?.(undefined)))
  }
}
