import { spawn } from 'node:child_process'
import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const CLI = fileURLToPath(new URL('../../src/cli.ts', import.meta.url))

/** Starts the program without anything from this environment that it reads. */
export function startCli(...args: readonly string[]): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, ['--import', 'tsx', CLI, ...args], { env: cleanEnvironment() })
}

export function cleanEnvironment(): NodeJS.ProcessEnv {
  const others = Object.entries(process.env).filter(([name]) => !name.startsWith('ODOO'))
  // Nor the configuration of whoever runs the tests.
  return { ...Object.fromEntries(others), XDG_CONFIG_HOME: NOWHERE }
}
const NOWHERE = join(tmpdir(), 'odoo-sql-no-configuration')

export interface Finished {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** Runs the program to its end; `input` is piped into it. */
export async function runCli(args: readonly string[], input = ''): Promise<Finished> {
  const child = startCli(...args)
  // A program that refuses its arguments does not read.
  child.stdin.on('error', () => undefined)
  child.stdin.end(input)
  let [out, err] = ['', '']
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()))
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, out, err }
}

/** The first thing that the program says on standard output, or '' where it ends without a word. */
export async function firstWords(child: ChildProcessWithoutNullStreams): Promise<string> {
  const said = once(child.stdout, 'data').then(([chunk]) => String(chunk))
  return Promise.race([said, once(child, 'close').then(() => '')])
}
