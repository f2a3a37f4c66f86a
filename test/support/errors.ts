import { expect } from 'chai'
import { SqlError } from '../../src/errors.ts'

/** The SqlError that `promise` ends in; anything else fails the test. */
export async function sqlErrorOf(promise: Promise<unknown>): Promise<SqlError> {
  try {
    await promise
  } catch (thrown) {
    expect(thrown).to.be.instanceOf(SqlError)
    return thrown as SqlError
  }
  expect.fail('expected a SqlError')
}

/** Everything that a person or a log could see of an error. */
export const textOf = (error: SqlError): string =>
  [error.message, error.detail, error.hint, error.stack, JSON.stringify(error), String(error.cause)].join(
    '\n',
  )

/** The SqlError that `work` throws. */
export function errorOf(work: () => unknown): SqlError {
  try {
    work()
  } catch (thrown) {
    expect(thrown).to.be.instanceOf(SqlError)
    return thrown as SqlError
  }
  expect.fail('expected a SqlError')
}
