import { expect } from 'chai'
import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { loadCatalog } from '../../src/catalog/load.ts'
import { rowTypes } from '../../src/catalog/row-types.ts'

const INDEX = fileURLToPath(new URL('../../src/index.ts', import.meta.url))
const CONFIG = fileURLToPath(new URL('../../tsconfig.json', import.meta.url))

/** Made from the schema of catalog files, which describes each of their members. */
const DESCRIBED_BY_SCHEMA = ['TableSpec', 'ColumnSpec']

/** What a program may write; a line that is marked must not compile. */
const USAGE = `
import { connect, SqlError, SQLSTATE } from '../../src/index.ts'
import type { Connection, IrMailServer, Result, Row } from '../../src/index.ts'
const odoo: Connection = await connect({ demo: true })
const servers: Result<IrMailServer> = await odoo.query<IrMailServer>('SELECT * FROM ir.mail_server')
const [server] = servers.rows
const port: number | null | undefined = server?.smtp_port
const since: Date | null | undefined = server?.write_date
const partition: string | undefined = server?._partition
const bytes: Uint8Array | null | undefined = server?.smtp_ssl_certificate
const text: string = servers.rows[0]!.smtp_port // wrong
const certain: Date = servers.rows[0]!.write_date // wrong
const absent = server?.smtp_pprt // wrong
servers.rows.push(server!) // wrong
const untyped: Result = await odoo.query('SELECT 1')
const row: Row | undefined = untyped.rows[0]
const guessed: number = untyped.rows[0]!['a'] // wrong
const { rows } = await odoo.sql<{ id: number }>\`SELECT id FROM ir.mail_server WHERE id = \${1}\`
const id: number | undefined = rows[0]?.id
const name: string | undefined = rows[0]?.id // wrong
const given = await odoo.query(odoo.sql<{ id: number }>\`SELECT 1 AS id\`)
const givenId: number | undefined = given.rows[0]?.id
for await (const streamed of odoo.stream<{ id: number }>('SELECT id FROM ir.mail_server')) {
  const number: number = streamed.id
  const word: string = streamed.id // wrong
}
for await (const batch of odoo.batches('SELECT 1')) batch.numRows.toFixed()
const column = (await given.toArrow()).getChild('id')?.get(0)
await odoo.query('SELECT 1', [], { timeoutMs: '1' }) // wrong
await odoo.query(1) // wrong
await connect({ urls: 'http://localhost' }) // wrong
const code: '25006' = SQLSTATE.read_only_sql_transaction
try { await odoo.use('north') } catch (thrown) { if (thrown instanceof SqlError) thrown.code.length }
export { port, since, partition, bytes, row, id, givenId, column, code }
`
const USAGE_FILE = fileURLToPath(new URL('usage.ts', import.meta.url))

describe('the library’s public surface', () => {
  let program: ts.Program
  let checker: ts.TypeChecker
  let exported: readonly ts.Symbol[]

  before(() => {
    const { config } = ts.readConfigFile(CONFIG, (path) => ts.sys.readFile(path)) as { config: unknown }
    const root = fileURLToPath(new URL('../..', import.meta.url))
    const options = { ...ts.parseJsonConfigFileContent(config, ts.sys, root).options, noUnusedLocals: false }
    const disk = ts.createCompilerHost(options)
    const host: ts.CompilerHost = {
      ...disk,
      fileExists: (path) => path === USAGE_FILE || disk.fileExists(path),
      getSourceFile: (path, target) =>
        path === USAGE_FILE ? ts.createSourceFile(path, USAGE, target) : disk.getSourceFile(path, target),
    }
    program = ts.createProgram([INDEX, USAGE_FILE], options, host)
    checker = program.getTypeChecker()
    exported = checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(INDEX)!)!)
  })

  it('has the types that a program relies on', () => {
    const file = program.getSourceFile(USAGE_FILE)!
    const lines = USAGE.split('\n')
    const refused = program
      .getSemanticDiagnostics(file)
      .map(({ start = 0 }) => lines[file.getLineAndCharacterOfPosition(start).line]!.trim())
    expect([...new Set(refused)]).to.deep.equal(
      lines.filter((line) => line.endsWith('// wrong')).map((line) => line.trim()),
    )
  })

  const resolved = (symbol: ts.Symbol): ts.Symbol =>
    symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
  const isDocumented = (symbol: ts.Symbol): boolean => symbol.getDocumentationComment(checker).length > 0

  /** What a user can write after the dot. */
  function membersOf(symbol: ts.Symbol): ts.Symbol[] {
    const type = checker.getDeclaredTypeOfSymbol(symbol)
    if (type.isUnion() || !(type.flags & ts.TypeFlags.Object)) return []
    return type
      .getProperties()
      .filter(({ declarations = [] }) =>
        declarations.some(
          (declaration) =>
            declaration.getSourceFile().fileName.includes('/src/') &&
            ts.getNameOfDeclaration(declaration)?.kind !== ts.SyntaxKind.PrivateIdentifier,
        ),
      )
  }

  it('says of every export what it is', () => {
    const names = exported.filter((symbol) => !isDocumented(resolved(symbol))).map(({ name }) => name)
    expect(names).to.deep.equal([])
  })

  it('says of every member what it is', () => {
    const undocumented = exported
      .filter(({ name }) => !DESCRIBED_BY_SCHEMA.includes(name))
      .flatMap((symbol) =>
        membersOf(resolved(symbol))
          .filter((member) => !isDocumented(member))
          .map((member) => `${symbol.name}.${member.name}`),
      )
    expect(undocumented).to.deep.equal([])
  })

  it('has the rows of the published tables, as the catalog describes them', async () => {
    const path = fileURLToPath(new URL('../../src/catalog/published-rows.ts', import.meta.url))
    const expected = rowTypes((await loadCatalog()).tables)
    if (process.env['ACCEPT'] !== undefined && process.env['CI'] === undefined)
      await writeFile(path, expected)
    else expect(await readFile(path, 'utf8')).to.equal(expected)
  })
})
