/** A JSON text that knows on which line each of its values stands. */
export interface JsonDocument {
  /** The value, or undefined where the text is not JSON. */
  readonly value: unknown
  /** What is wrong with the text itself: bad syntax (the reading ends there) and keys that stand twice. */
  readonly faults: readonly JsonFault[]
  /** 1-based line of the value at `path`, or of the nearest value around it that exists. */
  readonly lineOf: (path: readonly PropertyKey[]) => number
}

export interface JsonFault {
  /** As `columns[3].name`; empty for the whole document. */
  readonly path: string
  /** 1-based. */
  readonly line: number
  readonly message: string
}

/** Levels of arrays and objects that are read; deeper text is a fault, never an overflown stack. */
const DEPTH_MAX = 64

/** Reads a JSON text. Unlike JSON.parse it never throws, and it tells lines and keys that stand twice. */
export function readJson(text: string): JsonDocument {
  const lines = new Map<string, number>()
  const faults: JsonFault[] = []
  const reader = new JsonReader(text, lines, faults)
  const value = reader.document()
  return {
    value,
    faults,
    lineOf: (path) => {
      for (let length = path.length; length > 0; length--) {
        const line = lines.get(pathText(path.slice(0, length)))
        if (line !== undefined) return line
      }
      return lines.get('') ?? 1
    },
  }
}

/** The usual way to write a path: `columns[3].name`. */
export function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`
    return text === '' ? String(key) : `${text}.${String(key)}`
  }, '')
}

const SPACE = /[ \t\n\r]*/y
// JSON forbids control characters inside of strings.
// eslint-disable-next-line no-control-regex
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const WORD = /true|false|null/y

/** Marks a syntax fault that has been written down: the reading ends there. */
const FAILED = Symbol('failed')

class JsonReader {
  readonly #text: string
  readonly #lines: Map<string, number>
  readonly #faults: JsonFault[]
  #at = 0
  #line = 1
  #lineAt = 0

  constructor(text: string, lines: Map<string, number>, faults: JsonFault[]) {
    this.#text = text.startsWith('\uFEFF') ? ` ${text.slice(1)}` : text
    this.#lines = lines
    this.#faults = faults
  }

  document(): unknown {
    const value = this.#value([])
    if (value === FAILED) return undefined
    this.#skipSpace()
    if (this.#at === this.#text.length) return value
    this.#fail([], 'text after the end of the document')
    return undefined
  }

  #value(path: readonly PropertyKey[]): unknown {
    this.#skipSpace()
    if (path.length > DEPTH_MAX) return this.#fail(path, `nested deeper than ${DEPTH_MAX} levels`)
    this.#lines.set(pathText(path), this.#currentLine())
    if (this.#take('{')) return this.#object(path)
    if (this.#take('[')) return this.#array(path)
    const token = this.#match(STRING) ?? this.#match(NUMBER) ?? this.#match(WORD)
    return token === undefined
      ? this.#fail(path, 'a JSON value is expected here')
      : (JSON.parse(token) as unknown)
  }

  #object(path: readonly PropertyKey[]): unknown {
    const entries = new Map<string, unknown>()
    this.#skipSpace()
    if (this.#take('}')) return {}
    do {
      this.#skipSpace()
      const line = this.#currentLine()
      const token = this.#match(STRING)
      if (token === undefined) return this.#fail(path, 'a key in double quotes is expected here')
      const key = JSON.parse(token) as string
      const keyPath = [...path, key]
      if (entries.has(key))
        this.#faults.push({ path: pathText(keyPath), line, message: 'this key stands twice' })
      this.#skipSpace()
      // Not a key yet: it may be a secret whose key was forgotten, which no message is to repeat.
      if (!this.#take(':')) return this.#fail(path, 'a colon is expected here')
      const value = this.#value(keyPath)
      if (value === FAILED) return FAILED
      // The key's line is what a person looks for, also where its value starts further down.
      this.#lines.set(pathText(keyPath), line)
      entries.set(key, value)
      this.#skipSpace()
    } while (this.#take(','))
    return this.#take('}') ? Object.fromEntries(entries) : this.#fail(path, 'a comma or } is expected here')
  }

  #array(path: readonly PropertyKey[]): unknown {
    const items: unknown[] = []
    this.#skipSpace()
    if (this.#take(']')) return items
    do {
      const item = this.#value([...path, items.length])
      if (item === FAILED) return FAILED
      items.push(item)
      this.#skipSpace()
    } while (this.#take(','))
    return this.#take(']') ? items : this.#fail(path, 'a comma or ] is expected here')
  }

  #skipSpace(): void {
    this.#match(SPACE)
  }

  #take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false
    this.#at++
    return true
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at
    const token = pattern.exec(this.#text)?.[0]
    this.#at += token?.length ?? 0
    return token
  }

  #currentLine(): number {
    for (; this.#lineAt < this.#at; this.#lineAt++) if (this.#text[this.#lineAt] === '\n') this.#line++
    return this.#line
  }

  #fail(path: readonly PropertyKey[], message: string): typeof FAILED {
    this.#faults.push({ path: pathText(path), line: this.#currentLine(), message })
    return FAILED
  }
}
