import { build } from 'esbuild'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { licencesOf } from './licences.ts'

/**
 * `tsx src/build/bundle.ts [DIRECTORY]` writes the program and the library as they are published, by default into `dist`.
 * What package.json lists as a dependency or an optional peer is left to npm; all else that is imported is bundled, which
 * takes a third off the time of a start.
 */
const directory = process.argv[2] ?? 'dist'

interface Package {
  readonly dependencies: Readonly<Record<string, string>>
  readonly peerDependencies: Readonly<Record<string, string>>
}
const { dependencies, peerDependencies } = JSON.parse(await readFile('package.json', 'utf8')) as Package
/** Of these consumers need the types only: bundled, their code is one file to find and read at each start, not a hundred. */
const TYPES_ONLY = new Set(['zod'])
const left = Object.keys({ ...dependencies, ...peerDependencies }).filter((name) => !TYPES_ONLY.has(name))
/** alasql asks for these two where it runs on a telephone. */
const NOT_ON_NODE = ['react-native-fetch-blob', 'react-native-fs']

/** Bundled CommonJS packages ask for what modules do not have. */
const BANNER = [
  "import { createRequire as makeRequire } from 'node:module';",
  "import { fileURLToPath as pathOfUrl } from 'node:url';",
  'const require = makeRequire(import.meta.url);',
  'const __filename = pathOfUrl(import.meta.url);',
  "const __dirname = pathOfUrl(new URL('.', import.meta.url));",
].join(' ')

/** Node loads modules by `require` too, so both kinds of importers share one copy, and one class SqlError. */
const COMMONJS = `'use strict'\nmodule.exports = require('./index.js')\n`
const COMMONJS_TYPES = `export type * from './types/index.js' with { 'resolution-mode': 'import' }
type Library = typeof import('./types/index.js', { with: { 'resolution-mode': 'import' } })
export declare const connect: Library['connect']
export declare const SQLSTATE: Library['SQLSTATE']
export declare const SqlError: Library['SqlError']
export type SqlError = InstanceType<Library['SqlError']>
`

await mkdir(directory, { recursive: true })
// The types are made by another script, which npm runs before this one when it packs.
for (const name of await readdir(directory))
  if (name !== 'types') await rm(join(directory, name), { recursive: true })

const { metafile } = await build({
  entryPoints: { index: 'src/index.ts', cli: 'src/cli.ts', 'engine-worker': 'src/engine/worker.ts' },
  outdir: directory,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  logLevel: 'warning',
  // Names stay, for who reads a stack trace.
  minifyWhitespace: true,
  minifySyntax: true,
  external: [...left, ...left.map((name) => `${name}/*`), ...NOT_ON_NODE],
  banner: { js: BANNER },
  metafile: true,
})

await writeFile(join(directory, 'index.cjs'), COMMONJS)
await writeFile(join(directory, 'index.d.cts'), COMMONJS_TYPES)
await writeFile(join(directory, 'LICENCES.txt'), await licencesOf(metafile))
