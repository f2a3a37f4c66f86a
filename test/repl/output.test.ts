import { mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { sqlErrorFrom } from '../../src/errors.ts'
import { fileOutput } from '../../src/repl/output.ts'

describe('repl/output', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'odoo-sql-output-'))
  })
  afterEach(() => rm(folder, { recursive: true }))

  it('gives the file its name at the end', async () => {
    const path = join(folder, 'out.csv')
    const output = await fileOutput(path)
    await output.write('a\n')
    expect(await readdir(folder)).not.to.contain('out.csv')
    await output.write('b\n')
    await output.close()
    expect(await readFile(path, 'utf8')).to.equal('a\nb\n')
    expect(await readdir(folder)).to.deep.equal(['out.csv'])
  })

  it('leaves an earlier file alone when it fails', async () => {
    const path = join(folder, 'out.csv')
    await writeFile(path, 'earlier')
    const output = await fileOutput(path)
    await output.write('half')
    await output.discard()
    expect(await readFile(path, 'utf8')).to.equal('earlier')
    expect(await readdir(folder)).to.deep.equal(['out.csv'])
  })

  it('keeps the rights of the file, and writes through a symbolic link', async () => {
    const path = join(folder, 'out.csv')
    await writeFile(path, 'earlier', { mode: 0o600 })
    await symlink('out.csv', join(folder, 'link'))
    const output = await fileOutput(join(folder, 'link'))
    await output.write('new')
    await output.close()
    expect(await readFile(path, 'utf8')).to.equal('new')
    expect((await stat(path)).mode & 0o777).to.equal(0o600)
  })

  it('writes to a device directly', async () => {
    const output = await fileOutput('/dev/null')
    await output.write('x')
    await output.close()
    expect((await stat('/dev/null')).isFile()).to.be.false
  })

  it('says what is wrong with a path', async () => {
    const error = sqlErrorFrom(
      await fileOutput(join(folder, 'no', 'such')).catch((thrown: unknown) => thrown),
    )
    expect(error.code).to.equal('58000')
    expect(error.message).to.match(/could not open file ".*such" for writing/)
  })
})
