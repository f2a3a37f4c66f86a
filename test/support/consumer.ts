import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { cleanEnvironment } from './cli.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
/** What `npm pack` needs of the checkout: it builds there, so it gets a copy. */
const PACKED_FROM = ['catalog', 'src', 'package.json', 'tsconfig.json', 'LICENSE', 'README.md']

export interface Finished {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** Runs a program to its end, without what the environment says of Odoo or of this run of npm. */
export async function run(directory: string, program: string, ...args: readonly string[]): Promise<Finished> {
  const env = Object.fromEntries(
    Object.entries(cleanEnvironment()).filter(([name]) => !/^(npm_|NODE_OPTIONS$)/i.test(name)),
  )
  try {
    const options = { cwd: directory, env, maxBuffer: 64 * 2 ** 20 }
    const { stdout, stderr } = await promisify(execFile)(program, args, options)
    return { code: 0, out: stdout, err: stderr }
  } catch (thrown) {
    const { code, stdout, stderr } = thrown as { code: number; stdout: string; stderr: string }
    return { code, out: stdout, err: stderr }
  }
}

async function npm(directory: string, ...args: readonly string[]): Promise<string> {
  const { code, out, err } = await run(directory, 'npm', ...args)
  if (code !== 0) throw new TypeError(`npm ${args.join(' ')} ended with ${code}:\n${err}\n${out}`)
  return out
}

/** An empty project that has installed the package as npm packs it. */
export interface Consumer {
  readonly directory: string
  readonly tarball: string
  /** Paths of the files in the tarball. */
  readonly files: readonly string[]
  write(name: string, text: string): Promise<void>
  /** Writes a program of the project and runs it. */
  run(name: string, text: string, node?: string): Promise<Finished>
  /** Installs further packages into it. */
  install(...packages: readonly string[]): Promise<void>
  close(): Promise<void>
}

export async function openConsumer(): Promise<Consumer> {
  const home = await mkdtemp(join(tmpdir(), 'odoo-sql-package-'))
  const [checkout, directory] = [join(home, 'checkout'), join(home, 'project')]
  await mkdir(checkout)
  await mkdir(directory)
  await Promise.all(
    PACKED_FROM.map((name) => cp(join(ROOT, name), join(checkout, name), { recursive: true })),
  )
  await symlink(join(ROOT, 'node_modules'), join(checkout, 'node_modules'))
  await npm(checkout, 'pack', '--pack-destination', home)
  const { out } = await run(home, 'sh', '-c', 'ls *.tgz && tar tzf *.tgz')
  const [tarball = '', ...files] = out.trim().split('\n')
  await writeFile(join(directory, 'package.json'), '{ "private": true }\n')
  const install = async (...packages: readonly string[]): Promise<void> => {
    await npm(directory, 'install', '--prefer-offline', '--no-audit', '--no-fund', ...packages)
  }
  await install(join(home, tarball))
  const write = (name: string, text: string): Promise<void> => writeFile(join(directory, name), text)
  return {
    directory,
    tarball: join(home, tarball),
    files: files.map((file) => file.replace(/^package\//, '')),
    install,
    write,
    run: async (name, text, node = process.execPath) => {
      await write(name, text)
      return run(directory, node, name)
    },
    close: () => rm(home, { recursive: true, force: true }),
  }
}
