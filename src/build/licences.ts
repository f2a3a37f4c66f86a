import type { Metafile } from 'esbuild'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { internalError } from '../errors.ts'

/** The engine's image holds files of this package, though nothing of it is in the bundle. */
const IN_THE_IMAGE = 'node_modules/@electric-sql/pglite'

/** Licence and notice texts of every package that is part of the bundle. Throws where a package has none. */
export async function licencesOf({ inputs }: Metafile): Promise<string> {
  const folders = new Set([IN_THE_IMAGE, ...Object.keys(inputs).flatMap((path) => packageFolder(path) ?? [])])
  const texts = await Promise.all([...folders].sort().map(licenceOf))
  return `odoo-sql contains code of these packages.\n\n${texts.join('\n')}`
}

const packageFolder = (path: string): string | undefined =>
  /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(path)?.[0]

interface Package {
  readonly name: string
  readonly version: string
  readonly license?: string
  readonly author?: string | { readonly name: string }
}

async function licenceOf(folder: string): Promise<string> {
  const text = await readFile(join(folder, 'package.json'), 'utf8')
  const { name, version, license, author } = JSON.parse(text) as Package
  if (license === undefined) throw internalError(`${folder} names no licence`)
  const holder = typeof author === 'string' ? author : author?.name
  const files = (await readdir(folder)).filter((file) => /^(licen[cs]e|notice|copying)/i.test(file)).sort()
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')))
  return [
    '='.repeat(72),
    `${name} ${version}, ${license}${holder === undefined ? '' : `, ${holder}`}`,
    ...texts.map((text) => `\n${text.trim()}`),
    '',
  ].join('\n')
}
