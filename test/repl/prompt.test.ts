import { expect } from 'chai'
import { paintFor } from '../../src/repl/colors.ts'
import { highlight, HIGHLIGHTED_CHARACTERS_MAX } from '../../src/repl/highlight.ts'
import { promptName, promptsOf } from '../../src/repl/prompt.ts'
import { loadGrammar } from '../../src/sql/gate.ts'

describe('repl/prompt', () => {
  before(loadGrammar)

  const partition = (name: string, database = name, login = 'me') => ({
    name,
    database,
    login,
    url: '',
    version: '19.0',
    transport: undefined,
  })

  it('names user, database and selected partitions', () => {
    expect(promptName([partition('demo')])).to.equal('me@demo')
    expect(promptName([partition('north', 'demo')])).to.equal('me@demo[north]')
    expect(promptName([partition('north', 'demo'), partition('south', 'demo')])).to.equal(
      'me@demo[north,south]',
    )
    expect(promptName([partition('a'), partition('b', 'b', 'you')])).to.equal('@a,b')
    expect(promptName(['a', 'b', 'c', 'd', 'e'].map((name) => partition(name)))).to.equal('me@a,b,c,+2')
    expect(promptName([partition('x\u001b[31m')])).to.equal('me@x\\x1B[31m')
  })

  const marks = (text: string): string =>
    promptsOf('me', text, 40)
      .map((prompt) => prompt.trim().at(-2))
      .join('')

  it('shows what is open at the start of each line, as psql does', () => {
    expect(marks('SELECT 1;\n\\d\nSELECT\n1\n;\n')).to.equal('===--=')
    expect(marks("SELECT '\n'' x\n' , (\n1, \"\n\")\n")).to.equal("=''(\"-")
    expect(marks('SELECT /*\n*/ $a$\n$$ \n$a$\n')).to.equal('=*$$-')
    expect(marks('SELECT (1\n')).to.equal('=(')
    expect(marks('-- note\n/* a\nb */\n')).to.equal('==*=')
  })

  it('aligns the lines, and leaves at least half of the width', () => {
    expect(promptsOf('me@db', 'a\nb', 20)).to.deep.equal(['me@db=> ', '     -> '])
    expect(promptsOf('me@a_long_name', 'a\nb', 10)).to.deep.equal(['=> ', '-> '])
  })
})

describe('repl/highlight', () => {
  before(loadGrammar)

  const colored = (text: string): string[] =>
    highlight(text).map(({ start, end, color }) => `${color} ${text.slice(start, end)}`)

  it('colours words by what they are', () => {
    expect(colored("SELECT name, 1.5, 'a' FROM t -- why")).to.deep.equal([
      'keyword SELECT',
      'number 1.5',
      "string 'a'",
      'keyword FROM',
      'comment -- why',
    ])
    expect(colored('select type, date from a.order group by 1')).to.deep.equal([
      'keyword select',
      'keyword from',
      'keyword group',
      'keyword by',
      'number 1',
    ])
    expect(colored('USE north;\\d\n/* c */')).to.deep.equal([
      'keyword USE',
      'metacommand \\d',
      'comment /* c */',
    ])
    expect(colored('SELECT 1 \\gx')).to.include('metacommand gx')
  })

  it('colours what is open up to the end', () => {
    expect(colored("SELECT 'é\nx")).to.deep.equal(['keyword SELECT', "string 'é\nx"])
  })

  it('leaves long texts plain', () => {
    expect(highlight(`SELECT ${'x'.repeat(HIGHLIGHTED_CHARACTERS_MAX)}`)).to.deep.equal([])
  })
})

describe('repl/colors', () => {
  const hasColors = (isTTY: boolean, environment: NodeJS.ProcessEnv): boolean =>
    paintFor({ isTTY }, environment)('null', 'NULL') !== 'NULL'

  it('are for terminals that have them, unless the environment says otherwise', () => {
    expect(hasColors(true, {})).to.be.true
    expect(hasColors(false, {})).to.be.false
    expect(hasColors(true, { NO_COLOR: '1' })).to.be.false
    expect(hasColors(true, { NO_COLOR: '' })).to.be.true
    expect(hasColors(true, { TERM: 'dumb' })).to.be.false
    expect(hasColors(false, { FORCE_COLOR: '1' })).to.be.true
    expect(hasColors(true, { FORCE_COLOR: '0' })).to.be.false
  })
})
