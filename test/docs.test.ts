import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { LOCAL_TABLES } from '../src/catalog/system.ts'
import { qualifiedName } from '../src/catalog/spec.ts'
import { connect } from '../src/driver/connection.ts'
import { SQLSTATE } from '../src/errors.ts'
import { FORMATS } from '../src/repl/format-name.ts'
import { METACOMMANDS, metacommandHelp } from '../src/repl/metacommands.ts'
import { helpText, OPTIONS, SUBCOMMANDS } from '../src/repl/options.ts'
import { runCli } from './support/cli.ts'

const README = fileURLToPath(new URL('../README.md', import.meta.url))
const [BEGIN, END] = [
  '<!-- reference: made by ACCEPT=1 npx mocha test/docs.test.ts -->',
  '<!-- end of reference -->',
]

/** What the README says of options, metacommands and conditions, made from the registries that implement them. */
function reference(): string {
  const metacommands = METACOMMANDS.map(
    // A bar would end the cell, in code too.
    ({ name, argument = '', text }) =>
      `| \`${`${name} ${argument}`.trim()}\` | ${text} |`.replace(/(?<=\w)\|(?=\w)/g, '\\|'),
  )
  const conditions = RAISED.map((condition) => `\`${SQLSTATE[condition]}\` ${condition}`)
  return [
    BEGIN,
    '',
    '```',
    helpText().trimEnd(),
    '```',
    '',
    '| at the prompt | |',
    '|---|---|',
    ...metacommands,
    '',
    `Conditions that odoo-sql itself raises: ${conditions.join(', ')}. The engine adds PostgreSQL's own.`,
    '',
    END,
  ].join('\n')
}

const RAISED = [
  'sqlclient_unable_to_establish_sqlconnection',
  'connection_failure',
  'protocol_violation',
  'feature_not_supported',
  'data_exception',
  'numeric_value_out_of_range',
  'invalid_datetime_format',
  'invalid_parameter_value',
  'invalid_text_representation',
  'read_only_sql_transaction',
  'invalid_authorization_specification',
  'invalid_password',
  'invalid_catalog_name',
  'insufficient_privilege',
  'syntax_error',
  'undefined_column',
  'undefined_table',
  'datatype_mismatch',
  'undefined_function',
  'program_limit_exceeded',
  'statement_too_complex',
  'query_canceled',
  'system_error',
  'config_file_error',
] as const

describe('the README', () => {
  it('has the reference that the registries give', async () => {
    const text = await readFile(README, 'utf8')
    const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)]
    expect(begin).to.be.greaterThan(0)
    expect(end).to.be.greaterThan(begin)
    const expected = text.slice(0, begin) + reference() + text.slice(end + END.length)
    if (process.env['ACCEPT'] !== undefined && process.env['CI'] === undefined)
      await writeFile(README, expected)
    else expect(text).to.equal(expected)
  })

  it('tells of every format, metacommand and option, as the help does', async () => {
    const text = await readFile(README, 'utf8')
    for (const format of FORMATS) expect(text, format).to.contain(`\`${format}\``)
    for (const { name } of METACOMMANDS) {
      expect(metacommandHelp(undefined), name).to.contain(`\n  ${name}`)
      expect(text, name).to.contain(`| \`${name}`)
    }
    for (const { name } of OPTIONS) expect(text, name).to.contain(`--${name}`)
    for (const { usage } of SUBCOMMANDS) expect(text, usage).to.contain(`odoo-sql ${usage}`)
  })

  it('names every table that is there without a server', async () => {
    const text = await readFile(README, 'utf8')
    const connection = await connect({ demo: true })
    try {
      for (const table of [...LOCAL_TABLES, ...connection.catalog.tables])
        expect(text.toLowerCase(), qualifiedName(table)).to.contain(qualifiedName(table))
    } finally {
      await connection.close()
    }
  })

  it('has SQL that runs on the demo', async () => {
    const text = await readFile(README, 'utf8')
    const blocks = [...text.matchAll(/```sql\n([^]*?)```/g)].map((match) => match[1] ?? '')
    expect(blocks.length).to.be.at.least(2)
    const script = blocks
      .join('\n')
      .replaceAll('north, south', 'demo, demo_eu')
      .replace("'north,south'", "'demo'")
    const { code, err } = await runCli(['--demo', '--quiet'], script)
    expect(err).to.equal('')
    expect(code).to.equal(0)
  })
})
