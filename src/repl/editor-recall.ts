/** Where one stands in the history; entries are ordered from the oldest to the newest. */
export interface Recall {
  /** Index of the entry that is shown; the number of entries stands for the draft. */
  readonly index: number
  /** What had been typed before the history was gone through. */
  readonly draft: string
}

/** Goes `steps` back (below 0) or forth; undefined where there is nothing further. */
export function recalled(
  entries: readonly string[],
  recall: Recall | undefined,
  steps: number,
  text: string,
): { readonly recall: Recall; readonly text: string } | undefined {
  const { index, draft } = recall ?? { index: entries.length, draft: text }
  const next = Math.max(0, Math.min(entries.length, index + steps))
  if (next === index) return undefined
  return { recall: { index: next, draft }, text: entries[next] ?? draft }
}
