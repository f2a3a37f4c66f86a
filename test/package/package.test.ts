import { expect } from 'chai'
import { access, cp, lstat, mkdir, readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openConsumer, run, type Consumer, type Finished } from '../support/consumer.ts'

const MODULES = fileURLToPath(new URL('../../node_modules', import.meta.url))
const EXAMPLES_FOLDER = fileURLToPath(new URL('../examples', import.meta.url))

/** Everything that is published, by pattern. */
const PUBLISHED = [
  /^(package\.json|README\.md|LICENSE)$/,
  /^catalog\/(README\.md|schema\.json|ir\/mail_server\.json)$/,
  /^dist\/(index|cli|engine-worker)\.js$/,
  /^dist\/[\w.-]+-[A-Z0-9]{8}\.js$/,
  /^dist\/engine-[0-9a-f]{16}\.image$/,
  /^dist\/index\.(cjs|d\.cts)$/,
  /^dist\/LICENCES\.txt$/,
  /^dist\/types\/(index|errors)\.d\.ts$/,
  /^dist\/types\/(catalog|sql|odoo|planner|engine|driver|demo)\/(data\/)?[a-z0-9-]+\.d\.ts$/,
]
const INSTALLED_BYTES_MAX = 60 * 2 ** 20
/** What is fetched from npm for these tests alone, some 300 MB, is fetched in CI or where PACKAGE_TESTS is set. */
const FETCHES = process.env['CI'] !== undefined || process.env['PACKAGE_TESTS'] !== undefined
const NODES = ['20.19.0', '22', '24']
/** What each example prints, in part. */
const EXAMPLES: Readonly<Record<string, string>> = {
  'arquero.js': "│ 'starttls'        │ 5       │ 587     │",
  'duckdb.js': '{ smtp_port: 587, servers: 7 }',
  'plot.js': '<g aria-label="bar"',
  'polars.js': 'first: 2025-03-05T12:38:58.000Z',
}

/** What a first program does: the short way, the engine, an error, a template. */
const PROGRAM = `
async function main() {
  const odoo = await connect({ demo: true })
  const { rows } = await odoo.query('SELECT id, name FROM ir.mail_server WHERE id = $1', [1])
  const [sum] = (await odoo.sql\`SELECT count(*) + \${1} AS n FROM ir.mail_server\`).rows
  const error = await odoo.query('DELETE FROM ir.mail_server').catch((thrown) => thrown)
  await odoo.close()
  console.log(JSON.stringify({ rows, n: sum.n, code: error.code, isSqlError: error instanceof SqlError }))
}
main()
`
const PRINTED = {
  rows: [{ id: 1, name: 'Demo Trading outgoing' }],
  n: '13',
  code: '25006',
  isSqlError: true,
}
const MODULE = `import { connect, SqlError } from 'odoo-sql'\n${PROGRAM}`
const SCRIPT = `const { connect, SqlError } = require('odoo-sql')\n${PROGRAM}`

/** What it printed; fails where it ended with an error or warned of something. */
function printed({ code, out, err }: Finished): unknown {
  expect(err).to.equal('')
  expect(code).to.equal(0)
  return JSON.parse(out)
}

describe('the package, as npm installs it', function () {
  this.timeout(300_000)
  let consumer: Consumer

  before(async () => {
    consumer = await openConsumer()
  })
  after(() => consumer.close())

  it('holds what is meant to be published, and nothing else', () => {
    const unknown = consumer.files.filter((file) => !PUBLISHED.some((pattern) => pattern.test(file)))
    expect(unknown).to.deep.equal([])
    const missing = PUBLISHED.filter((pattern) => !consumer.files.some((file) => pattern.test(file)))
    expect(missing).to.deep.equal([])
  })

  it('takes less than 60 MB, all that it needs included', async () => {
    const bytes = await bytesOn(join(consumer.directory, 'node_modules'))
    expect(bytes).to.be.greaterThan(10 * 2 ** 20)
    expect(bytes).to.be.lessThan(INSTALLED_BYTES_MAX)
    expect(await readdir(join(consumer.directory, 'node_modules'))).not.to.include.members(['alasql'])
  })

  it('runs as a module and by require', async () => {
    expect(printed(await consumer.run('a.mjs', MODULE))).to.deep.equal(PRINTED)
    expect(printed(await consumer.run('a.cjs', SCRIPT))).to.deep.equal(PRINTED)
    // The image of the engine came with it: none was made.
    const made = join(consumer.directory, 'node_modules/odoo-sql/node_modules/.cache')
    expect(
      await access(made).then(
        () => true,
        () => false,
      ),
    ).to.equal(false)
  })

  it('is one copy for both', async () => {
    const text = `
      const required = require('odoo-sql')
      import('odoo-sql').then(({ connect, SQLSTATE, SqlError, ...others }) => {
        const names = Object.keys(required).sort()
        console.log(JSON.stringify([names, required.SqlError === SqlError, Object.keys(others)]))
      })`
    expect(printed(await consumer.run('same.cjs', text))).to.deep.equal([
      ['SQLSTATE', 'SqlError', 'connect'],
      true,
      [],
    ])
  })

  it('loads no WebAssembly when it is imported, and starts no thread for a scan', async () => {
    const text = `
      import { syncBuiltinESMExports } from 'node:module'
      import threads from 'node:worker_threads'
      const seen = { wasm: 0, threads: 0 }
      // Node reads HTTP with WebAssembly of its own.
      const note = () => { if (!new Error().stack.includes('node:internal/deps')) seen.wasm++ }
      for (const name of ['compile', 'instantiate', 'Module'])
        WebAssembly[name] = new Proxy(WebAssembly[name], {
          apply: (target, self, given) => (note(), Reflect.apply(target, self, given)),
          construct: (target, given) => (note(), Reflect.construct(target, given)),
        })
      threads.Worker = class extends threads.Worker { constructor(...given) { super(...given); seen.threads++ } }
      syncBuiltinESMExports()
      const told = []
      const tell = () => told.push({ ...seen })
      const { connect } = await import('odoo-sql')
      tell()
      const odoo = await connect({ demo: true })
      await odoo.query('SELECT id, name FROM ir.mail_server WHERE active')
      tell()
      await odoo.query('SELECT count(*) + 1 FROM ir.mail_server')
      tell()
      await odoo.close()
      console.log(JSON.stringify(told))`
    const [imported, scanned, finished] = printed(await consumer.run('lazy.mjs', text)) as {
      wasm: number
      threads: number
    }[]
    expect(imported).to.deep.equal({ wasm: 0, threads: 0 })
    // PostgreSQL's grammar is one.
    expect(scanned!.wasm).to.be.greaterThan(0)
    expect(scanned!.threads).to.equal(0)
    expect(finished!.threads).to.equal(1)
  })

  it('has a program', async () => {
    const sql = 'SELECT id, name FROM ir.mail_server ORDER BY id LIMIT 1'
    const program = join(consumer.directory, 'node_modules', '.bin', 'odoo-sql')
    const { code, out, err } = await run(consumer.directory, program, '--demo', '-c', sql)
    expect({ code, out, err }).to.deep.equal({ code: 0, out: 'id,name\n1,Demo Trading outgoing\n', err: '' })
  })

  it('says what to install where Arrow is asked for, and works once it is', async () => {
    const text = `
      import { connect } from 'odoo-sql'
      const odoo = await connect({ demo: true })
      const result = await odoo.query('SELECT id FROM ir.mail_server ORDER BY id LIMIT 2')
      const told = await result.toArrow().then(
        (table) => table.toArray().map((row) => row.toJSON()),
        ({ code, hint }) => ({ code, hint }),
      )
      await odoo.close()
      console.log(JSON.stringify(told))`
    expect(printed(await consumer.run('arrow.mjs', text))).to.deep.equal({
      code: '0A000',
      hint: 'Install it beside odoo-sql: npm install apache-arrow',
    })
    const added = ['apache-arrow', 'flatbuffers', 'json-with-bigint', 'tslib']
    const target = join(consumer.directory, 'node_modules')
    await Promise.all(added.map((name) => cp(join(MODULES, name), join(target, name), { recursive: true })))
    try {
      expect(printed(await consumer.run('arrow.mjs', text))).to.deep.equal([{ id: 1 }, { id: 2 }])
    } finally {
      await Promise.all(added.map((name) => rm(join(target, name), { recursive: true })))
    }
  })

  describe('for TypeScript', () => {
    /** Each mistake must be told: types that are \`any\` would let all of it pass. */
    const USE = `
      const odoo: Connection = await connect({ demo: true })
      const result = await odoo.query<IrMailServer>('SELECT * FROM ir.mail_server')
      const name: string | null | undefined = result.rows[0]?.name
      // @ts-expect-error -- a text is no number
      const port: number = result.rows[0]!.name
      const table = await odoo.table('ir.mail_server')
      const columns: readonly string[] = table.columns.map((column) => column.name)
      // @ts-expect-error -- no such member
      table.columns[0]!.nome
      // @ts-expect-error -- no such option
      await odoo.query('SELECT 1', [], { timeout: 1 })
      const { rows } = await odoo.sql<{ id: number }>\`SELECT \${1} AS id\`
      const id: number | undefined = rows[0]?.id
      const state: '25006' = SQLSTATE.read_only_sql_transaction
      const failed = (thrown: unknown): string => (thrown instanceof SqlError ? thrown.code : 'other')
      console.log(name, port, columns, id, state, failed, (await result.toArrow()).numRows)`
    const IMPORTS = `import { connect, SqlError, SQLSTATE } from 'odoo-sql'
      import type { Connection, IrMailServer } from 'odoo-sql'\n`

    const compile = async (
      options: Readonly<Record<string, unknown>>,
      files: Readonly<Record<string, string>>,
    ): Promise<Finished> => {
      const compilerOptions = {
        strict: true,
        exactOptionalPropertyTypes: true,
        skipLibCheck: false,
        noEmit: true,
        target: 'es2022',
        types: ['node'],
        ...options,
      }
      const config = JSON.stringify({ compilerOptions, files: Object.keys(files) })
      for (const [name, text] of Object.entries(files)) await consumer.write(name, text)
      await consumer.write('tsconfig.json', config)
      return run(consumer.directory, process.execPath, join(MODULES, 'typescript/bin/tsc'), '-p', '.')
    }

    before(async () => {
      const types = join(consumer.directory, 'node_modules', '@types')
      await mkdir(types, { recursive: true })
      await cp(join(MODULES, '@types/node'), join(types, 'node'), { recursive: true })
      await cp(join(MODULES, 'undici-types'), join(types, '../undici-types'), { recursive: true })
    })

    const esm = `${IMPORTS}${USE}\nexport {}\n`
    const cjs = `${IMPORTS}async function main() {${USE}\n}\nvoid main()\n`

    it('has types for modules and for require, strict, under node16', async () => {
      const finished = await compile({ module: 'node16' }, { 'use.mts': esm, 'use.cts': cjs })
      expect(finished).to.deep.equal({ code: 0, out: '', err: '' })
    })

    it('has types for bundlers', async () => {
      const options = { module: 'esnext', moduleResolution: 'bundler' }
      const finished = await compile(options, { 'use.ts': esm })
      expect(finished).to.deep.equal({ code: 0, out: '', err: '' })
    })
  })

  it('is in order for publint and Are the types wrong', async () => {
    await consumer.install('publint@0.3.25', '@arethetypeswrong/cli@0.18.5')
    const bin = join(consumer.directory, 'node_modules', '.bin')
    const publint = await run(consumer.directory, join(bin, 'publint'), '--strict', 'node_modules/odoo-sql')
    expect(publint.code, publint.out + publint.err).to.equal(0)
    const attw = await run(consumer.directory, join(bin, 'attw'), consumer.tarball, '--profile', 'node16')
    expect(attw.code, attw.out + attw.err).to.equal(0)
  })

  if (!FETCHES) it('runs on other versions of Node, and runs the examples (set PACKAGE_TESTS=1)')
  else {
    for (const version of NODES)
      it(`runs on Node ${version}`, async () => {
        await consumer.install(`node-linux-${process.arch}@${version}`)
        const node = join(consumer.directory, 'node_modules', `node-linux-${process.arch}`, 'bin', 'node')
        expect((await run(consumer.directory, node, '-v')).out).to.match(new RegExp(`^v${version}\\b`))
        expect(printed(await consumer.run('a.mjs', MODULE, node))).to.deep.equal(PRINTED)
        expect(printed(await consumer.run('a.cjs', SCRIPT, node))).to.deep.equal(PRINTED)
        // Nor does a V8 that has other options complain of ours.
        const cli = 'node_modules/odoo-sql/dist/cli.js'
        const finished = await run(
          consumer.directory,
          node,
          cli,
          '--demo',
          '--quiet',
          '-c',
          'SELECT 1 AS one',
        )
        expect(finished).to.deep.equal({ code: 0, out: 'one\n1\n', err: '' })
      })

    it('runs the examples', async () => {
      const files = (await readdir(EXAMPLES_FOLDER)).filter((file) => file.endsWith('.js'))
      expect(files.sort()).to.deep.equal(Object.keys(EXAMPLES))
      const text = await readFile(join(EXAMPLES_FOLDER, 'package.json'), 'utf8')
      const { dependencies } = JSON.parse(text) as { dependencies: Record<string, string> }
      const others = Object.entries(dependencies).filter(([name]) => name !== 'odoo-sql')
      await consumer.install(...others.map(([name, version]) => `${name}@${version}`))
      for (const [file, part] of Object.entries(EXAMPLES)) {
        const example = await readFile(join(EXAMPLES_FOLDER, file), 'utf8')
        const { code, out, err } = await consumer.run(file.replace('.js', '.mjs'), example)
        expect({ code, err }, file).to.deep.equal({ code: 0, err: '' })
        expect(out, file).to.contain(part)
      }
    })
  }
})

/** Bytes that a folder takes on disk. */
async function bytesOn(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true })
  const stats = await Promise.all(entries.map((entry) => lstat(join(folder, entry))))
  return stats.reduce((sum, { blocks }) => sum + blocks * 512, (await stat(folder)).blocks * 512)
}
