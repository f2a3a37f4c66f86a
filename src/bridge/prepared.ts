import { duplicateStatement, invalidStatementName, limitExceeded } from '../errors.ts'
import { findNode, type ParseNode } from '../sql/gate.ts'
import type { Statement } from '../sql/statement.ts'

/** Characters of all prepared statements of one session. */
const CHARACTERS_MAX = 8_000_000

/** A statement that is parsed; its parameters are still to come. */
export interface PreparedStatement {
  readonly text: string
  /** Undefined: the text is empty. */
  readonly statement: Statement | undefined
  /** Types that the client has declared; 0 leaves one to PostgreSQL. */
  readonly parameterOids: readonly number[]
}

/** The prepared statements of one session, by name. They outlive transactions. */
export class PreparedStatements {
  readonly #statements = new Map<string, PreparedStatement>()
  #characters = 0

  /** Throws 42P05 where the name is taken; the unnamed statement takes the place of the one before. */
  add(name: string, prepared: PreparedStatement): void {
    if (name !== '' && this.#statements.has(name))
      throw duplicateStatement(`prepared statement "${name}" already exists`)
    this.close(name)
    this.#characters += charactersOf(name, prepared)
    this.#statements.set(name, prepared)
    if (this.#characters <= CHARACTERS_MAX) return
    this.close(name)
    throw limitExceeded(`the session has prepared statements of ${CHARACTERS_MAX} characters`, {
      hint: 'DEALLOCATE some.',
    })
  }

  /** Throws 26000. */
  get(name: string): PreparedStatement {
    const prepared = this.#statements.get(name)
    if (prepared === undefined)
      throw invalidStatementName(
        name === ''
          ? 'unnamed prepared statement does not exist'
          : `prepared statement "${name}" does not exist`,
      )
    return prepared
  }

  /** It need not exist. */
  close(name: string): void {
    const prepared = this.#statements.get(name)
    if (prepared !== undefined) this.#characters -= charactersOf(name, prepared)
    this.#statements.delete(name)
  }

  closeAll(): void {
    this.#statements.clear()
    this.#characters = 0
  }
}

/** What little there is besides the text counts too. */
const charactersOf = (name: string, { text, parameterOids }: PreparedStatement): number =>
  name.length + text.length + 10 * parameterOids.length + 100

/** How many values Bind has to bring: as many as are declared, or as the highest `$n` asks for. */
export function parameterCountOf({ statement, parameterOids }: PreparedStatement): number {
  let count = parameterOids.length
  findNode(nodeOf(statement), (key, value) => {
    const number = key === 'ParamRef' ? (value as ParseNode)['number'] : key === 'parameter' ? value : 0
    if (typeof number === 'number') count = Math.max(count, number)
    return false
  })
  return count
}

function nodeOf(statement: Statement | undefined): unknown {
  switch (statement?.kind) {
    case 'select':
      return statement.node
    case 'explain':
    case 'declare':
      return statement.select.node
    case 'native':
      return statement.inputs
    default:
      return undefined
  }
}
