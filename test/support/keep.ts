interface Closable {
  close(): unknown
}

const kept: Closable[] = []

/** Marks what a test opens for `closeKept`. Left open after a failure it would keep mocha from its end. */
export function keep<T extends Closable>(one: T): T {
  kept.push(one)
  return one
}

/** Closes it, the last first; for an `afterEach`. */
export async function closeKept(): Promise<void> {
  for (const one of kept.splice(0).reverse()) await one.close()
}
