import { expect } from 'chai'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const pathOf = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url))

/** A test's file, and titles in it as its source writes them, each in curly quotes. */
const NAMED_TESTS = /`(test\/[^`]+\.test\.ts)`((?: “.+?”)+)/g

describe('src/SECURITY.md', () => {
  const claims = readFileSync(pathOf('src/SECURITY.md'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('- '))
    .map((text) => ({ text, tests: [...text.matchAll(NAMED_TESTS)] }))

  it('names for each claim a test that holds it', () => {
    expect(claims.length).to.be.greaterThan(20)
    expect(claims.filter(({ tests }) => tests.length === 0).map(({ text }) => text)).to.deep.equal([])
  })

  it('names no test that is not there', () => {
    const missing = claims.flatMap(({ tests }) =>
      tests.flatMap(([, file = '', titles = '']) => {
        const source = existsSync(pathOf(file)) ? readFileSync(pathOf(file), 'utf8') : ''
        const names = [...titles.matchAll(/“(.+?)”/g)].map(([, title = '']) => title)
        return names.filter((title) => !source.includes(title)).map((title) => `${file}: ${title}`)
      }),
    )
    expect(missing).to.deep.equal([])
  })
})
