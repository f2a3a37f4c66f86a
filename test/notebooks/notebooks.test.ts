import { expect } from 'chai'
import pg from 'pg'
import { describeBridges } from '../clients/bridge.ts'
import { realServers, type RealServer } from '../support/real-odoo.ts'
import { execute, fetchKernel, keepOutputs, PROGRAMS, readNotebook, type Notebook } from './jupyter.ts'
import { shownIn } from './shown.ts'

const NAMES = ['javascript.ipynb', 'python.ipynb'] as const
type Name = (typeof NAMES)[number]
const isAccepting = process.env['ACCEPT'] === '1' && process.env['CI'] === undefined

describe('Jupyter', function () {
  this.timeout(300_000)
  before(fetchKernel)

  describeBridges('notebooks', PROGRAMS, (bridge, title) => {
    const server = realServers().find(({ version }) => title === `Odoo ${version}`)
    const executed = new Map<Name, Notebook>()
    /** The one output of a cell. */
    const shown = (name: Name, cell: string): unknown => {
      const outputs = shownIn(executed.get(name)!)[cell]
      expect(outputs).to.have.length(1)
      return outputs![0]
    }
    const text = (name: Name, cell: string) => shown(name, cell) as string
    const table = (name: Name, cell: string) => shown(name, cell) as string[][]
    /** Without the two lines of heads that pandas gives a frame with an index. */
    const frame = (cell: string) => table('python.ipynb', cell).slice(2)

    before(async () => {
      const variables = { ...(server && variablesOf(server)), DATABASE_URL: bridge().url }
      await Promise.all(NAMES.map(async (name) => executed.set(name, await execute(name, variables))))
    })

    if (server === undefined)
      it('give the outputs that are kept in them (ACCEPT=1 keeps new ones)', async () => {
        for (const [name, notebook] of executed) {
          if (isAccepting) await keepOutputs(name, notebook)
          expect(shownIn(notebook)).to.deep.equal(shownIn(await readNotebook(name)))
        }
      })
    else
      it('show what the database under Odoo holds, and no secret', async () => {
        const { servers, groups } = await truthOf(server)
        const [heads, ...rows] = table('javascript.ipynb', 'query')
        const types = ['integer', 'text', 'text', 'boolean', 'timestamp without time zone']
        const names = ['id', 'name', 'smtp_pass', 'active', 'create_date']
        expect(heads).to.deep.equal(names.map((name, place) => `${name} ${types[place]}`))
        expect(rows.map(withoutName)).to.deep.equal(servers.slice(0, 20))
        const inPython: Readonly<Record<string, string>> = { t: 'True', f: 'False', NULL: 'None' }
        expect(frame('query').map(withoutName)).to.deep.equal(
          servers.slice(0, 10).map((row) => row.map((value) => inPython[value] ?? value)),
        )
        expect(frame('groups')).to.deep.equal(groups)
        const files = JSON.stringify([...executed.values()])
        for (const secret of [server.apiKey, bridge().password]) expect(files).not.to.include(secret)
      })

    it('have the types of the table in the frame', () => {
      expect(text('python.ipynb', 'types').replace(/ +/g, ' ').split('\n')).to.deep.equal([
        'name object',
        'smtp_pass object',
        'active bool',
        'create_date datetime64[ns]',
        'dtype: object',
      ])
    })

    it('end in a plot', () => {
      const groups = frame('groups')
      const svg = text('javascript.ipynb', 'plot')
      const labels = [...svg.matchAll(/>([A-Z]{2})<\/text>/g)].map(([, label]) => label)
      expect(labels).to.have.members(groups.map(([country]) => country))
      const widths = [...svg.matchAll(/<rect [^>]*width="([\d.]+)"/g)].map(([, width]) => Number(width))
      expect(widths).to.have.length(groups.length)
      const perPartner = widths[0]! / Number(groups[0]![1])
      for (const [place, [, count]] of groups.entries())
        expect(widths[place]).to.be.closeTo(perPartner * Number(count), 1e-6)
      expect(text('python.ipynb', 'plot')).to.equal('PNG')
    })
  })
})

/** Names of the test data hold every kind of letter, and are cut and wrapped in a table. */
const withoutName = (row: readonly string[]): string[] => row.toSpliced(1, 1)

const variablesOf = (server: RealServer): NodeJS.ProcessEnv => ({
  ODOO_URL: server.url,
  ODOO_DATABASE: server.database,
  ODOO_LOGIN: server.login,
  ODOO_API_KEY: server.apiKey,
})

/** What the notebooks ask for, from the database under Odoo, as the driver prints it. */
async function truthOf(server: RealServer): Promise<{ servers: string[][]; groups: string[][] }> {
  const client = new pg.Client(server.pgUrl)
  await client.connect()
  const rowsOf = async (text: string): Promise<string[][]> =>
    (await client.query<string[]>({ text, rowMode: 'array' })).rows
  const servers = await rowsOf(`
    SELECT id::text, CASE WHEN smtp_pass IS NULL THEN 'NULL' ELSE '********' END,
      CASE WHEN active THEN 't' ELSE 'f' END, date_trunc('second', create_date)::text
    FROM ir_mail_server s WHERE smtp_port = 587 ORDER BY s.id`)
  const groups = await rowsOf(`
    SELECT c.code, count(*)::text FROM res_partner p JOIN res_country c ON c.id = p.country_id
    GROUP BY c.code ORDER BY count(*) DESC, c.code LIMIT 8`)
  await client.end()
  return { servers, groups }
}
