import type { CopyOptions } from '../sql/copy.ts'
import { ByteWriter } from './byte-writer.ts'
import { splitRows, valuesOf, type RowMessages } from './rows.ts'

/** Writes a result as COPY does, in CopyData messages: one for each row, since clients count on it. */
export interface CopyEncoder {
  readonly begin: () => Uint8Array
  readonly rows: (rows: RowMessages) => Uint8Array
  readonly end: () => Uint8Array
}

const COPY_DATA = 0x64
const NEWLINE = 0x0a
const EMPTY = new Uint8Array()

/** Rows must come in binary format for that of COPY, else in text. */
export function copyEncoder(names: readonly string[], options: CopyOptions): CopyEncoder {
  return options.format === 'binary' ? binaryEncoder() : lineEncoder(names, options)
}

const BINARY_SIGNATURE = Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1')
/** Bytes that a row's message has before its values: what COPY writes starts with their number. */
const ROW_HEADER_BYTES = 5

function binaryEncoder(): CopyEncoder {
  // It goes with what comes first, as clients that read row by row expect.
  let header: Uint8Array = new ByteWriter(32).raw(BINARY_SIGNATURE).int32(0).int32(0).take()
  const begin = (writer: ByteWriter): ByteWriter => {
    writer.begin(COPY_DATA)
    writer.raw(header)
    header = EMPTY
    return writer
  }
  return {
    begin: () => EMPTY,
    rows: (rows) => {
      const writer = new ByteWriter(rows.bytes.length)
      for (const row of splitRows(rows)) {
        begin(writer).raw(row.subarray(ROW_HEADER_BYTES))
        writer.end()
      }
      return writer.take()
    },
    end: () => {
      const writer = new ByteWriter(32)
      begin(writer).int16(-1)
      writer.end()
      return writer.take()
    },
  }
}

type WriteValue = (writer: ByteWriter, value: Uint8Array | null, column: number) => void

function lineEncoder(names: readonly string[], options: CopyOptions): CopyEncoder {
  const delimiter = byteOf(options.delimiter)
  const write = options.format === 'csv' ? csvWriter(names, options) : textWriter(options)
  const line = (writer: ByteWriter, values: readonly (Uint8Array | null)[], writeValue: WriteValue): void => {
    writer.begin(COPY_DATA)
    values.forEach((value, column) => {
      if (column > 0) writer.uint8(delimiter)
      writeValue(writer, value, column)
    })
    writer.uint8(NEWLINE)
    writer.end()
  }
  return {
    begin: () => {
      if (!options.header) return EMPTY
      const writer = new ByteWriter(1024)
      // FORCE_QUOTE is for values, not for names.
      const writeName = options.format === 'csv' ? csvWriter(names, { ...options, forceQuote: [] }) : write
      line(
        writer,
        names.map((name) => Buffer.from(name)),
        writeName,
      )
      return writer.take()
    },
    rows: (rows) => {
      const writer = new ByteWriter(rows.bytes.length)
      for (const row of splitRows(rows)) line(writer, valuesOf(row), write)
      return writer.take()
    },
    end: () => EMPTY,
  }
}

const byteOf = (character: string): number => character.charCodeAt(0)

const BACKSLASH = byteOf('\\')

/** Bytes that are written as a backslash and a letter. */
const LETTERS: Readonly<Record<string, string>> = {
  '\b': 'b',
  '\f': 'f',
  '\n': 'n',
  '\r': 'r',
  '\t': 't',
  '\v': 'v',
}

function textWriter({ delimiter, nullText }: CopyOptions): WriteValue {
  /** What stands behind a backslash for a byte; 0: the byte stands for itself. */
  const escapes = new Uint8Array(256)
  for (const character of ['\\', delimiter]) escapes[byteOf(character)] = byteOf(character)
  for (const [character, letter] of Object.entries(LETTERS)) escapes[byteOf(character)] = byteOf(letter)
  return (writer, value) => {
    if (value === null) {
      writer.text(nullText)
      return
    }
    let start = 0
    for (let at = 0; at < value.length; at++) {
      const escape = escapes[value[at] ?? 0] ?? 0
      if (escape === 0) continue
      writer.raw(value.subarray(start, at)).uint8(BACKSLASH).uint8(escape)
      start = at + 1
    }
    writer.raw(value.subarray(start))
  }
}

function csvWriter(names: readonly string[], options: CopyOptions): WriteValue {
  const [quote, escape] = [byteOf(options.quote), byteOf(options.escape)]
  const quoted = new Set([byteOf(options.delimiter), quote, NEWLINE, byteOf('\r')])
  const nullText = Buffer.from(options.nullText)
  const isForced = names.map((name) => options.forceQuote === 'all' || options.forceQuote.includes(name))
  return (writer, value, column) => {
    if (value === null) {
      writer.raw(nullText)
      return
    }
    const isPlain =
      isForced[column] !== true &&
      Buffer.compare(value, nullText) !== 0 &&
      !value.some((byte) => quoted.has(byte)) &&
      // Alone on its line it would end the data.
      !(names.length === 1 && Buffer.compare(value, END_OF_DATA) === 0)
    if (isPlain) {
      writer.raw(value)
      return
    }
    writer.uint8(quote)
    for (const byte of value) {
      if (byte === quote || byte === escape) writer.uint8(escape)
      writer.uint8(byte)
    }
    writer.uint8(quote)
  }
}

const END_OF_DATA = Buffer.from('\\.')
