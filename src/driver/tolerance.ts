import { SqlError, type Condition } from '../errors.ts'
import type { Notice } from './cursor.ts'

/** What to do where one of several partitions fails. */
export interface Tolerance {
  readonly partitionErrors: 'fail' | 'skip'
  readonly onNotice: (notice: Notice) => void
}

/** These end the statement whatever is said: they are not the partition's own. */
const NOT_THE_PARTITIONS: ReadonlySet<Condition> = new Set([
  'query_canceled',
  'program_limit_exceeded',
  'internal_error',
])

/** The value, or `absent` with a warning where the partition fails and failing ones are to be skipped. */
export async function tolerate<Value, Absent>(
  partition: string,
  { partitionErrors, onNotice }: Tolerance,
  work: () => Promise<Value>,
  absent: Absent,
): Promise<Value | Absent> {
  try {
    return await work()
  } catch (thrown) {
    if (partitionErrors === 'fail' || !(thrown instanceof SqlError)) throw thrown
    if (NOT_THE_PARTITIONS.has(thrown.condition)) throw thrown
    onNotice({
      severity: 'WARNING',
      message: `partition "${partition}" is left out of the result: ${thrown.message} (${thrown.code})`,
      hint: thrown.hint,
    })
    return absent
  }
}
