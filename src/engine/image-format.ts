import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib'

/** A data directory with the tables that it holds. */
export interface Image {
  /** `schema.name` → hash of the DDL that made it. */
  readonly tables: Readonly<Record<string, string>>
  /** As a tar archive. */
  readonly dataDirectory: Uint8Array<ArrayBuffer>
}

/** One file: a line of JSON and the archive, compressed together. */
export function imageFromFile(bytes: Uint8Array): Image {
  const content = brotliDecompressSync(bytes)
  const end = content.indexOf(0x0a)
  const tables = JSON.parse(content.toString('utf8', 0, end)) as Record<string, string>
  return { tables, dataDirectory: new Uint8Array(content.subarray(end + 1)) }
}

export function imageFromDirectory(image: Image): Uint8Array {
  const content = Buffer.concat([Buffer.from(`${JSON.stringify(image.tables)}\n`), image.dataDirectory])
  return brotliCompressSync(content, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: 9,
      [constants.BROTLI_PARAM_LGWIN]: 24,
      [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
    },
  })
}
