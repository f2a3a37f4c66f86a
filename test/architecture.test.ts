import { expect } from 'chai'
import { readdirSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { fileURLToPath } from 'node:url'
import { factsOf, readSources } from './support/source-facts.ts'
import type { Import, SourceFacts } from './support/source-facts.ts'

/**
 * Rooms of `src/`, each with the rooms and files that it may import from; its own are understood. Of `odoo/` the planner
 * knows values only: domains, groups and what a version can do.
 */
const MAY_IMPORT: Record<string, readonly string[]> = {
  'errors.ts': [],
  catalog: ['errors.ts'],
  sql: ['errors.ts', 'catalog'],
  odoo: ['errors.ts', 'catalog'],
  planner: ['errors.ts', 'catalog', 'sql', 'odoo/domain.ts', 'odoo/groups.ts', 'odoo/capabilities.ts'],
  engine: ['errors.ts', 'catalog', 'sql', 'odoo/domain.ts', 'planner'],
  driver: ['errors.ts', 'catalog', 'sql', 'odoo', 'planner', 'engine'],
  repl: ['errors.ts', 'catalog', 'sql', 'driver'],
  bridge: ['errors.ts', 'catalog', 'sql', 'driver'],
  demo: ['errors.ts'],
  // What makes dist/; nothing that runs imports it.
  build: ['errors.ts'],
  'index.ts': ['errors.ts', 'catalog', 'driver'],
  'cli.ts': ['errors.ts', 'catalog', 'driver', 'repl', 'bridge'],
}

/** The demo is loaded on demand, never with the program: only by these files, and by a dynamic import. */
const LOADS_DEMO = ['cli.ts', 'driver/embedded-demo.ts', 'index.ts']
/** A subcommand's file, itself loaded on demand, which needs the demo from its start. */
const DEMO_COMMAND = 'repl/demo-command.ts'

/** Foreign packages, each with the one place that imports it. */
const SOLE_IMPORTERS: Record<string, RegExp> = {
  axios: /^odoo\/transport\.ts$/,
  'libpg-query': /^sql\/gate\.ts$/,
  'node-sql-parser': /^sql\/reader\.ts$/,
  alasql: /^demo\/records\.ts$/,
  '@electric-sql/pglite': /^engine\/(worker|build-image)\.ts$/,
  'apache-arrow': /^driver\/arrow\.ts$/,
  'string-width': /^repl\/width\.ts$/,
  table: /^repl\/format.*\.ts$/,
  'simple-ascii-chart': /^repl\/chart-line\.ts$/,
  'hyparquet-writer': /^repl\/format-parquet\.ts$/,
  esbuild: /^build\//,
  zod: /^/,
}

const LINES_MAX = 400

describe('architecture', () => {
  const sources = readSources()
  const faultsOf = (judge: (source: SourceFacts) => readonly string[]) =>
    sources.flatMap((source) => judge(source).map((fault) => `${source.file}: ${fault}`))

  it('lets imports go one way', () => {
    expect(faultsOf(layerFaults)).to.deep.equal([])
  })

  it('lets each foreign package be imported in one place', () => {
    expect(faultsOf(packageFaults)).to.deep.equal([])
  })

  it('lets a planner do no input or output', () => {
    expect(faultsOf((source) => (roomOf(source.file) === 'planner' ? ioFaults(source) : []))).to.deep.equal(
      [],
    )
  })

  it('lets methods of Odoo be named by the client and the demo only', () => {
    expect(faultsOf(methodFaults)).to.deep.equal([])
  })

  it('lets the client name no method that writes', () => {
    const client = sources.find(({ file }) => file === 'odoo/client.ts')!
    expect(client.literals).to.include('search_read')
    expect(client.literals.filter((literal) => WRITES.test(literal))).to.deep.equal([])
  })

  it('throws nothing but SqlError', () => {
    expect(faultsOf(errorFaults)).to.deep.equal([])
  })

  it(`keeps files under ${LINES_MAX} lines`, () => {
    expect(faultsOf(({ lines }) => (lines > LINES_MAX ? [`${lines} lines`] : []))).to.deep.equal([])
  })

  it('has no barrel files but the public one, and no utils.ts', () => {
    const named = sources.filter(({ file }) => /(^|\/)(utils?|helpers?|index)\.ts$/.test(file))
    expect(named.map(({ file }) => file).filter((file) => file !== 'index.ts')).to.deep.equal([])
  })

  it('has a rule for every room of src/', () => {
    const rooms = readdirSync(fileURLToPath(new URL('../src', import.meta.url))).filter(
      (name) => !name.endsWith('.md') && name !== 'tsconfig.build.json',
    )
    expect(rooms.filter((room) => !(room in MAY_IMPORT))).to.deep.equal([])
  })
})

describe('the judges of the architecture', () => {
  const judged = (judge: (source: SourceFacts) => readonly string[], file: string, text: string) =>
    judge(factsOf(file, text)).length > 0

  it('find an import against the stream, also a dynamic one, a type, an export and a computed one', () => {
    const against = ["'../driver/a.ts'", "'../odoo/client.ts'", "'../repl/a.ts'", "'../demo/server.ts'"]
    for (const target of against) {
      expect(judged(layerFaults, 'planner/a.ts', `import { a } from ${target}`), target).to.be.true
      expect(judged(layerFaults, 'planner/a.ts', `const a = await import(${target})`), target).to.be.true
      expect(judged(layerFaults, 'planner/a.ts', `import type { a } from ${target}`), target).to.be.true
      expect(judged(layerFaults, 'planner/a.ts', `export * from ${target}`), target).to.be.true
      expect(judged(layerFaults, 'planner/a.ts', `type A = import(${target}).A`), target).to.be.true
    }
    expect(judged(layerFaults, 'driver/a.ts', 'await import(name)')).to.be.true
    expect(judged(layerFaults, 'odoo/a.ts', "import '../sql/gate.ts'")).to.be.true
    expect(judged(layerFaults, 'repl/a.ts', "import '../bridge/server.ts'")).to.be.true
    expect(judged(layerFaults, 'planner/a.ts', "import '../odoo/domain.ts'")).to.be.false
  })

  it('find a demo that is loaded with the program', () => {
    expect(judged(layerFaults, 'driver/embedded-demo.ts', "import { a } from '../demo/server.ts'")).to.be.true
    expect(judged(layerFaults, 'driver/embedded-demo.ts', "await import('../demo/server.ts')")).to.be.false
    expect(judged(layerFaults, 'driver/session.ts', "await import('../demo/server.ts')")).to.be.true
  })

  it('find packages, methods, errors and I/O in the wrong place', () => {
    expect(judged(packageFaults, 'driver/a.ts', "import axios from 'axios'")).to.be.true
    expect(judged(packageFaults, 'odoo/a.ts', "await import('node-sql-parser/build/postgresql')")).to.be.true
    expect(judged(packageFaults, 'odoo/a.ts', "import x from 'left-pad'")).to.be.true
    expect(judged(methodFaults, 'driver/a.ts', "call(model, 'search_read')")).to.be.true
    expect(judged(methodFaults, 'odoo/json-2.ts', 'const m = `unlink`')).to.be.true
    expect(judged(errorFaults, 'odoo/a.ts', 'throw new TypeError()')).to.be.true
    expect(judged(errorFaults, 'odoo/a.ts', "throw new SqlError('system_error', '')")).to.be.false
    expect(judged(ioFaults, 'planner/a.ts', 'await fetch(url)')).to.be.true
    expect(judged(ioFaults, 'planner/a.ts', "import { readFile } from 'node:fs'")).to.be.true
  })
})

const roomOf = (file: string): string => file.split('/')[0] ?? file

function layerFaults({ file, imports }: SourceFacts): string[] {
  const room = roomOf(file)
  const allowed = MAY_IMPORT[room] ?? []
  return imports.flatMap((imported) => {
    const target = imported.target
    if (target === '(computed)') return ['a computed import']
    if (!imported.isLocal || (roomOf(target) === room && target !== DEMO_COMMAND)) return []
    if (roomOf(target) === 'demo') return loadsDemo(file, imported) ? [] : [`loads ${target}`]
    if (target === DEMO_COMMAND && !imported.isDynamic) return [`loads ${target}`]
    return allowed.includes(roomOf(target)) || allowed.includes(target) ? [] : [`imports ${target}`]
  })
}

const loadsDemo = (file: string, { isDynamic, isTypeOnly }: Import): boolean =>
  file === DEMO_COMMAND || (LOADS_DEMO.includes(file) && (isDynamic || isTypeOnly))

function packageFaults({ file, imports }: SourceFacts): string[] {
  return imports.flatMap(({ target, isLocal }) => {
    if (isLocal || target.startsWith('node:')) return []
    if (builtinModules.includes(target)) return [`imports ${target} without node:`]
    const name = target.split('/', target.startsWith('@') ? 2 : 1).join('/')
    return SOLE_IMPORTERS[name]?.test(file) === true ? [] : [`imports ${name}`]
  })
}

function ioFaults({ imports, called }: SourceFacts): string[] {
  return [
    ...imports.filter(({ isLocal }) => !isLocal).map(({ target }) => `imports ${target}`),
    ...called.filter((name) => /^(fetch|setTimeout|setInterval|process\.|console\.)/.test(name)),
  ]
}

/** Method names of Odoo that mean nothing else in our code. */
const METHODS =
  /^(fields_get|search_read|search_count|read_group|formatted_read_group|web_read_group|web_search_read|name_search|name_get|name_create|context_get|has_access|check_access_rights|unlink|execute_kw)$/
const WRITES =
  /^(create|write|unlink|copy|name_create|toggle_active|action_.*|button_.*|message_post|load|web_save)$/
/** Files that name methods and call none: the envelope of JSON-RPC, the judge of faults, the printer of plans. */
const NAMES_ONLY = ['odoo/json-rpc.ts', 'odoo/faults.ts', 'planner/explain.ts']

function methodFaults({ file, literals }: SourceFacts): string[] {
  if (file === 'odoo/client.ts' || roomOf(file) === 'demo') return []
  const named = literals.filter((literal) => METHODS.test(literal))
  return NAMES_ONLY.includes(file) ? named.filter((literal) => WRITES.test(literal)) : named
}

function errorFaults({ file, instantiated }: SourceFacts): string[] {
  const errors = instantiated.filter((name) => name.endsWith('Error') && name !== 'SqlError')
  return file === 'errors.ts' ? [] : errors.map((name) => `new ${name}`)
}
