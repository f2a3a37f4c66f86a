import { expect } from 'chai'
import { commandFromArguments } from '../../src/repl/arguments.ts'
import { ENVIRONMENT, helpText, OPTIONS, SUBCOMMANDS } from '../../src/repl/options.ts'
import { targetFrom } from '../../src/repl/target.ts'

const parse = (...args: string[]) => commandFromArguments(args)

describe('repl/arguments', () => {
  it('reads a query with everything', () => {
    const args =
      'odoo://u@h/d -c SELECT\t1 -f a.sql --command=SELECT\t2 --format json -o out.json --partition north'
    const more =
      '--partition south --catalog mine --reveal-secrets --no-pushdown --max-rows 10 --timeout 1.5 --cache 2 --quiet --continue'
    const choices = '--text-order local --partition-errors skip --native-requests read'
    expect(parse(...`${args} ${more} ${choices}`.split(' '))).to.deep.equal({
      kind: 'query',
      url: 'odoo://u@h/d',
      sources: [
        { kind: 'command', text: 'SELECT\t1' },
        { kind: 'file', path: 'a.sql' },
        { kind: 'command', text: 'SELECT\t2' },
      ],
      format: 'json',
      output: 'out.json',
      isDemo: false,
      config: undefined,
      partitions: ['north', 'south'],
      catalog: 'mine',
      revealSecrets: true,
      pushdown: false,
      textOrder: 'local',
      partitionErrors: 'skip',
      nativeRequests: 'read',
      maxRows: 10,
      timeoutMs: 1500,
      cache: { ttlMs: 2000 },
      isQuiet: true,
      isContinued: true,
    })
  })

  it('has quiet defaults', () => {
    expect(parse('--demo')).to.deep.include({
      isDemo: true,
      sources: [],
      format: undefined,
      revealSecrets: false,
      pushdown: true,
      maxRows: undefined,
      isQuiet: false,
      isContinued: false,
    })
  })

  it('holds choices against what there is', () => {
    expect(parse('--native-requests', 'all')).to.deep.include({
      kind: 'usage',
      message: 'option --native-requests takes off, read, write, not "all"',
    })
  })

  it('reads the subcommands', () => {
    expect(parse('demo', '--port', '0')).to.deep.equal({ kind: 'demo', port: 0 })
    expect(parse('demo')).to.deep.equal({ kind: 'demo', port: undefined })
    expect(parse('catalog', 'list')).to.deep.equal({ kind: 'catalog', action: 'list' })
    expect(parse('catalog', 'show', 'ir.mail_server')).to.deep.include({
      action: 'show',
      table: 'ir.mail_server',
    })
    expect(parse('catalog', 'check')).to.deep.include({ action: 'check', directory: undefined })
    expect(parse('catalog', 'check', 'mine')).to.deep.include({ action: 'check', directory: 'mine' })
    expect(parse('catalog', 'sync', 'mine')).to.deep.equal({
      kind: 'catalog',
      action: 'sync',
      directory: 'mine',
    })
    expect(parse('catalog', 'types')).to.deep.equal({ kind: 'catalog', action: 'types', tables: [] })
    expect(parse('catalog', 'types', 'a.b', 'odoo://h/d', 'c.d', '--catalog', 'mine')).to.deep.equal({
      kind: 'catalog',
      action: 'types',
      tables: ['a.b', 'c.d'],
      source: { url: 'odoo://h/d', config: undefined, partitions: [], catalog: 'mine' },
    })
    expect(parse('catalog', 'list', '--config', 'f', '--partition', 'north')).to.deep.equal({
      kind: 'catalog',
      action: 'list',
      source: { url: undefined, config: 'f', partitions: ['north'], catalog: undefined },
    })
    expect(parse('--help', 'nonsense')).to.deep.equal({ kind: 'help' })
    expect(parse('--version')).to.deep.equal({ kind: 'version' })
  })

  const REFUSED: readonly (readonly [args: string, message: RegExp, hint?: RegExp])[] = [
    ['--demmo', /unknown option --demmo/, /demo/],
    ['-z', /unknown option -z/],
    ['--format', /--format needs a value/],
    ['--format jsn', /unknown format "jsn"/, /json/],
    ['--format arrw', /unknown format "arrw"/],
    ['init now', /init takes no argument "now"/],
    ['--demo=yes', /takes no value/],
    ['--demo --demo', /once/],
    ['--max-rows 0', /whole number/],
    ['--max-rows -5', /whole number/],
    ['--timeout 0', /seconds/],
    ['--timeout soon', /seconds/],
    ['--timeout 1e9', /seconds/],
    ['demoo', /neither a URL nor a subcommand/, /demo/],
    ['odoo://h/d odoo://h/e', /one URL/],
    ['odoo://h/d --demo', /a URL and --demo exclude/],
    ['--demo --config f', /--demo and --config exclude/],
    ['demo --format csv', /does not go with demo/],
    ['demo --port 70000', /65535/],
    ['demo extra', /extra/],
    ['--port 1 --demo', /--port/],
    ['catalog', /list, show/],
    ['catalog show', /list, show/],
    ['catalog list x', /list, show/],
    ['catalog check a b', /one argument/],
    ['catalog sync', /sync DIR/],
    ['catalog sync a b', /one argument/],
    ['catalog list odoo://h/d odoo://h/e', /one URL/],
    ['catalog list odoo://h/d --config f', /exclude each other/],
    ['catalog check odoo://h/d', /asks no server/],
    ['catalog list --demo', /does not go with catalog/],
    ['--host 127.0.0.1', /--host needs a subcommand/],
    ['doctor --format csv', /doctor prints table or json/],
    ['doctor odoo://h/d odoo://h/e', /one URL/],
    ['doctor --no-pushdown', /does not go with doctor/],
    ['--prove', /--prove needs a subcommand/],
  ]
  for (const [args, message, hint] of REFUSED)
    it(`refuses ${args}`, () => {
      const command = parse(...args.split(' '))
      expect(command.kind).to.equal('usage')
      if (command.kind !== 'usage') return
      expect(command.message).to.match(message)
      if (hint !== undefined) expect(command.hint).to.match(hint)
    })

  it('helps with every option, subcommand and variable, in 100 columns or little more', () => {
    const help = helpText()
    for (const { name, short } of OPTIONS) {
      expect(help).to.contain(`--${name}`)
      if (short !== undefined) expect(help).to.contain(`-${short}, --${name}`)
    }
    for (const { usage } of SUBCOMMANDS) expect(help).to.contain(usage)
    for (const { name } of ENVIRONMENT) expect(help).to.contain(name)
    for (const line of help.split('\n')) expect(line.length, line).to.be.at.most(110)
  })
})

describe('repl/target', () => {
  it('fills from the environment what the URL leaves out', () => {
    const environment = { ODOO_URL: 'https://env', ODOO_DATABASE: 'db', ODOO_LOGIN: 'me', ODOO_API_KEY: 'k' }
    expect(targetFrom('odoo://u@h:1/d', environment)).to.deep.include({
      url: 'odoo://u@h:1/d',
      database: undefined,
      login: undefined,
      apiKey: 'k',
      needsSecret: false,
      exposesSecret: false,
    })
    expect(targetFrom(undefined, environment)).to.deep.include({
      url: 'https://env',
      database: 'db',
      login: 'me',
    })
    expect(targetFrom(undefined, { ODOO_URL: '' })).to.be.undefined
    expect(targetFrom('odoo://u@h/d', {})).to.include({ needsSecret: true })
  })
  it('knows a password in the URL, and lets it win', () => {
    const target = targetFrom('odoo+https://u:p@h/d', { ODOO_API_KEY: 'k', ODOO_PASSWORD: 'q' })
    expect(target).to.include({
      exposesSecret: true,
      needsSecret: false,
      apiKey: undefined,
      password: undefined,
    })
    expect(targetFrom(undefined, { ODOO_URL: 'odoo://u:p@h/d' })).to.include({ exposesSecret: false })
  })
})
