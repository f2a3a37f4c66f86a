import type { PartitionInfo } from '../driver/connection.ts'
import { diagnosisText } from './doctor-text.ts'
import { listText } from './format-list.ts'
import { say, type Metacommand } from './metacommand.ts'
import { runStatement } from './run-statement.ts'
import { showText, widthOf } from './show.ts'
import { visibleText } from './visible.ts'
import { syntaxError, wrongState } from '../errors.ts'

export const SESSION_COMMANDS: readonly Metacommand[] = [
  {
    name: '\\l',
    text: 'list the partitions: version, server, and which are selected',
    run: async (shell) => {
      const { configured, partitions } = shell.connection
      const selected = new Set(partitions.map(({ name }) => name))
      const rows = configured.map((partition) => [
        partition.name,
        selected.has(partition.name) ? 'yes' : '',
        partition.version,
        partition.database,
        partition.login,
        partition.url,
      ])
      const columns = ['Partition', 'Selected', 'Odoo', 'Database', 'Login', 'URL'].map((name) => ({ name }))
      await showText(shell, `${listText(columns, rows, widthOf(shell))}\n`)
      return undefined
    },
  },
  {
    name: '\\use',
    argument: '[NAMES]',
    text: 'read from other partitions: \\use north, south; \\use all; \\use default',
    takes: 'line',
    run: async (shell, { line, signal }) => {
      if (line === '') say(shell, `Selected: ${namesOf(shell.connection.partitions)}.`)
      else await runStatement({ ...shell, isTimed: false }, `USE ${line}`, signal)
      return undefined
    },
  },
  {
    name: '\\conninfo',
    text: 'tell which servers are asked, and as whom',
    run: async (shell) => {
      const lines = shell.connection.partitions.map(connectionLine)
      await shell.output.write(visibleText(lines.join('')))
      return undefined
    },
  },
  {
    name: '\\cache',
    argument: 'clear',
    text: 'read everything anew; --cache SECONDS lets reads be used again',
    takes: 1,
    run: (shell, { words: [word] }) => {
      if (word !== 'clear') throw syntaxError('\\cache takes clear')
      say(shell, shell.connection.clearCache() ? 'The cache is empty.' : 'There is no cache.')
      return Promise.resolve(undefined)
    },
  },
  {
    name: '\\doctor',
    text: 'examine the selected partitions: log-in, rights, missing columns, speed',
    run: async (shell, { signal }) => {
      if (shell.diagnose === undefined) throw wrongState('nothing can be examined here')
      for await (const diagnosis of shell.diagnose(signal)) await shell.output.write(diagnosisText(diagnosis))
      return undefined
    },
  },
]

const namesOf = (partitions: readonly PartitionInfo[]): string =>
  partitions.map(({ name }) => name).join(', ')

function connectionLine({ name, database, url, login, version, transport }: PartitionInfo): string {
  const server = transport === undefined ? 'not connected' : `Odoo ${version} by ${TRANSPORTS[transport]}`
  return `Partition "${name}": database "${database}" at ${url} as "${login}", ${server}.\n`
}

const TRANSPORTS = { 'json-rpc': 'JSON-RPC', 'json-2': 'JSON-2' } as const
