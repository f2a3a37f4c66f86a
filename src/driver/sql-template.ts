import { invalidParameterValue } from '../errors.ts'
import { quoteIdentifier } from '../sql/print.ts'
import type { Result, Row } from './result.ts'

/**
 * Builds statements from templates: `` sql`SELECT … WHERE id = ${id}` ``. A value in `${}` becomes a parameter
 * (`$1`, `$2`, …) and never text, whatever it holds; text comes from the template itself, from another template in
 * it, from `identifier` and from `list`, and from nowhere else.
 */
export interface SqlTag {
  <R = Row>(strings: TemplateStringsArray, ...values: readonly unknown[]): SqlStatement<R>
  /**
   * A name of a table or column that is known only when the program runs: `sql.identifier('ir.mail_server')`. Dots
   * part schema, table and column; each part is quoted, so its letters keep their case. 22023 for an empty part.
   */
  identifier(name: string): SqlStatement
  /**
   * `($1, $2, …)`: `` sql`id IN ${sql.list([1, 2])}` ``. An empty list is refused (22023), as SQL has none;
   * `` sql`id = ANY(${ids})` `` takes the array as one parameter, an empty one too.
   */
  list(values: readonly unknown[]): SqlStatement
}

/**
 * A statement or a part of one: text and parameters. Nothing runs until it is awaited; each `await` runs it anew, as
 * `query` does. It can also stand in another template, or be given to `query`, `stream`, `batches`, `cursor` or
 * `explain`.
 */
export class SqlStatement<R = Row> implements PromiseLike<Result<R>> {
  readonly #parts: readonly Part[]
  readonly #run: RunStatement

  /** Statements are made by the tag. */
  constructor(parts: readonly Part[], run: RunStatement) {
    this.#parts = parts
    this.#run = run
  }

  /** As it is sent, with `$1`, `$2`, … */
  get text(): string {
    return render(this.#parts)
  }

  /** What `$1`, `$2`, … stand for. */
  get params(): readonly unknown[] {
    return this.#parts.flatMap((part) => (typeof part === 'string' ? [] : [part.value]))
  }

  /** Runs it: this is what `await` calls. */
  then<Done = Result<R>, Failed = never>(
    onDone?: ((result: Result<R>) => Done | PromiseLike<Done>) | null,
    onFailed?: ((reason: unknown) => Failed | PromiseLike<Failed>) | null,
  ): Promise<Done | Failed> {
    return this.#run(this).then(onDone, onFailed)
  }

  /** The parts of a value in a template: those of a statement, or one parameter. */
  static partsOf(value: unknown): readonly Part[] {
    return value instanceof SqlStatement ? value.#parts : [{ value }]
  }
}

/** Text that stands as it is, or a value that becomes a parameter. */
type Part = string | { readonly value: unknown }
type RunStatement = <R>(statement: SqlStatement<R>) => Promise<Result<R>>

/** The tag of one connection, which runs what is awaited. */
export function sqlTag(run: RunStatement): SqlTag {
  const tag = <R = Row>(strings: TemplateStringsArray, ...values: readonly unknown[]): SqlStatement<R> =>
    new SqlStatement<R>(partsOfTemplate(strings, values), run)
  const identifier = (name: string): SqlStatement => new SqlStatement([quoteName(name)], run)
  const list = (values: readonly unknown[]): SqlStatement => {
    if (values.length === 0)
      throw invalidParameterValue('a list in SQL is not empty', {
        hint: 'Write "= ANY(${values})": it takes an empty array too, and is then never true.',
      })
    const items = values.map((value, index) => [index === 0 ? '(' : ', ', ...SqlStatement.partsOf(value)])
    return new SqlStatement([...items.flat(), ')'], run)
  }
  return Object.assign(tag, { identifier, list })
}

function partsOfTemplate(strings: TemplateStringsArray, values: readonly unknown[]): Part[] {
  if (!Array.isArray(strings) || !Object.hasOwn(strings, 'raw'))
    throw invalidParameterValue('sql is a template tag, not a function', {
      hint: 'Write sql`SELECT …`; text that the program has made goes to query.',
    })
  return strings.flatMap((text: string | undefined, index) => {
    if (text === undefined) throw invalidParameterValue('invalid escape sequence in a template')
    return index < values.length ? [text, ...SqlStatement.partsOf(values[index])] : [text]
  })
}

/** Text and parameters of either form that a statement comes in; a template brings its own parameters. */
export function boundText(
  sql: string | SqlStatement<unknown>,
  params: readonly unknown[],
): { readonly text: string; readonly params: readonly unknown[] } {
  if (!(sql instanceof SqlStatement)) return { text: sql, params }
  if (params.length > 0) throw invalidParameterValue('a template brings its own parameters')
  return sql
}

function quoteName(name: string): string {
  const parts = name.split('.')
  if (parts.includes('')) throw invalidParameterValue(`"${name}" is not the name of a table or column`)
  return parts.map(quoteIdentifier).join('.')
}

/** A parameter never touches what could be read as part of it: `${page}0` is not `$10`. */
function render(parts: readonly Part[]): string {
  let text = ''
  let parameters = 0
  let isAfterParameter = false
  for (const part of parts) {
    if (part === '') continue
    const isParameter = typeof part !== 'string'
    const added = isParameter ? `$${String(++parameters)}` : part
    const touches = isParameter ? IN_WORD_AT_END.test(text) : isAfterParameter && IN_WORD_AT_START.test(part)
    text += touches ? ` ${added}` : added
    isAfterParameter = isParameter
  }
  return text
}

const IN_WORD_AT_END = /[\w$\u0080-\uffff]$/
const IN_WORD_AT_START = /^[\w$\u0080-\uffff]/
