import { expect } from 'chai'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { checkCatalog, loadCatalog, publishedDirectory } from '../../src/catalog/load.ts'
import { SqlError } from '../../src/errors.ts'

const ID = { name: 'id', type: 'int4', label: 'ID', description: 'Its number.', fieldType: 'integer' }
const TABLE = { schema: 'x', name: 'thing', model: 'x.thing', label: 'Thing', description: 'A thing.' }

describe('catalog/load', () => {
  let directory: string
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'odoo-sql-catalog-'))
  })
  afterEach(() => rm(directory, { recursive: true }))

  const write = async (file: string, content: unknown) => {
    const path = join(directory, file)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content))
  }
  const loadError = async () => {
    try {
      await loadCatalog([directory])
    } catch (error) {
      return error as SqlError
    }
    return expect.fail('the catalog was loaded')
  }

  it('finds the published tables', async () => {
    const catalog = await loadCatalog()
    expect(catalog.find('ir', 'mail_server')?.model).to.equal('ir.mail_server')
  })

  it('adds the tables of further directories and leaves out files that are no tables', async () => {
    await write('x/thing.json', { ...TABLE, columns: [ID] })
    await write('README.md', 'not a table')
    await write('schema.json', '{}')
    const catalog = await loadCatalog([directory])
    expect(catalog.tables.map((table) => table.name)).to.include.members(['mail_server', 'thing'])
  })

  it('names every fault of a file at once, each with its path and line', async () => {
    await write(
      'x/thing.json',
      [
        '{"schema": "x", "name": "thing",',
        '"model": "X Y", "label": "",',
        '"columns": [{"name": "Id", "type": "varchar",',
        '  "fieldType": "many2one", "lable": "x"},',
        '{"name": "a", "type": "bool", "label": "x", "description": "y", "fieldType": "char", "since": 12,',
        '  "until": 9},',
        '7,',
        '{"name": "a", "type": "text", "label": "x", "description": "y", "fieldType": "many2one", "part": "id"},',
        '{"name": "_partition", "label": "x",',
        '  "label": "y"}]}',
      ].join('\n'),
    )
    const [file, ...others] = await checkCatalog(directory)
    expect(others).to.deep.equal([])
    expect(file?.file).to.equal('x/thing.json')
    expect(file?.faults.map(({ path, line }) => `${line} ${path}`)).to.have.members([
      '1 description',
      '2 model',
      '2 label',
      '3 columns',
      '3 columns[0].name',
      '3 columns[0].type',
      '3 columns[0].type',
      '3 columns[0].label',
      '3 columns[0].description',
      '3 columns[0].part',
      '4 columns[0].lable',
      '5 columns[1].type',
      '6 columns[1].until',
      '7 columns[2]',
      '8 columns[3].name',
      '9 columns[4].name',
      '9 columns[4].type',
      '9 columns[4].description',
      '9 columns[4].fieldType',
      '10 columns[4].label',
    ])
  })

  it('says where the syntax of a file breaks', async () => {
    await write('x/thing.json', '{\n"schema": "x",\n"name": ]\n}')
    expect(await checkCatalog(directory)).to.deep.equal([
      { file: 'x/thing.json', faults: [{ path: 'name', line: 3, message: 'a JSON value is expected here' }] },
    ])
  })

  it('refuses to load faulty files, with F0000 and the faults of all of them', async () => {
    await write('x/thing.json', { ...TABLE, columns: [ID], colour: 'red' })
    await write('y/other.json', 'nothing')
    const error = await loadError()
    expect(error).to.be.instanceOf(SqlError)
    expect(error.code).to.equal('F0000')
    expect(error.detail?.split('\n')).to.deep.equal([
      'x/thing.json:1: colour: no such key',
      'y/other.json:1: a JSON value is expected here',
    ])
  })

  it('lets no directory override a published table', async () => {
    await write('ir/mail_server.json', { ...TABLE, schema: 'ir', name: 'mail_server', columns: [ID] })
    expect((await checkCatalog(directory))[0]?.faults[0]?.message).to.match(/stands in .* already/)
    expect((await loadError()).detail).to.match(
      /ir\/mail_server\.json:1: name: table ir\.mail_server stands in/,
    )
  })

  it('wants a table in the file that its names say', async () => {
    await write('x/wrong.json', { ...TABLE, columns: [ID] })
    expect((await checkCatalog(directory))[0]?.faults[0]?.path).to.equal('name')
  })

  it('says what a catalog is where there is none', async () => {
    directory = join(directory, 'absent')
    await mkdir(directory)
    await rm(directory, { recursive: true })
    const error = await loadError()
    expect(error.code).to.equal('F0000')
    expect(error.hint).to.match(/<schema>\/<table>\.json/)
    await mkdir(directory)
  })

  it('finds nothing wrong with the published directory itself', async () => {
    expect(await checkCatalog(publishedDirectory())).to.deep.equal([])
  })
})
