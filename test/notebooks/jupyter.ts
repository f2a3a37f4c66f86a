import { execFile } from 'node:child_process'
import { copyFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { isInstalled } from '../clients/bridge.ts'
import { cleanEnvironment } from '../support/cli.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const PYTHON = '/usr/bin/python3'
/**
 * The JavaScript kernel, and what its notebook imports besides. With their 100 MB they are no development dependencies:
 * they are fetched once, in CI or where PACKAGE_TESTS is set. (Deno's kernel, 2.9.6, at times sends a result after it
 * has said that the cell is done, and nbconvert loses it; Deno before 2.9 sends what Debian's nbconvert cannot read.)
 */
const FETCHED = ['tslab@1.0.22', '@observablehq/plot@0.6.17', 'linkedom@0.18.15']
const FETCHES = process.env['CI'] !== undefined || process.env['PACKAGE_TESTS'] !== undefined
const FETCH_MS_MAX = 120_000
const KERNEL = join(ROOT, 'node_modules/.cache/notebooks')
const MODULES = join(KERNEL, 'node_modules')
const TSLAB = join(MODULES, '.bin/tslab')
const JAVASCRIPT = join(KERNEL, 'share/jupyter/kernels/jslab/kernel.json')
const NOTEBOOK_MS_MAX = 90_000

/** What notebooks are executed with: Debian's Jupyter and Python, and tslab. */
export const PROGRAMS = [
  PYTHON,
  ...['nbconvert', 'ipykernel', 'matplotlib', 'pandas', 'psycopg2', 'sqlalchemy'].map(
    (name) => `/usr/lib/python3/dist-packages/${name}`,
  ),
  JAVASCRIPT,
]

/** A notebook's file, in so far as it is looked at here. */
export interface Notebook {
  readonly cells: readonly Cell[]
}

export interface Cell {
  readonly id: string
  /** Of cells of code. */
  readonly outputs?: readonly Output[]
}

export interface Output {
  /** stdout or stderr, of a printed text. */
  readonly name?: string
  readonly text?: string | readonly string[]
  /** By media type: a text, or its lines with their ends. */
  readonly data?: Readonly<Record<string, string | readonly string[]>>
}

const FOLDER = join(ROOT, 'test/notebooks')

export const readNotebook = async (name: string, folder = FOLDER): Promise<Notebook> =>
  JSON.parse(await readFile(join(folder, name), 'utf8')) as Notebook

/** Writes the outputs of an executed notebook into its source. */
export async function keepOutputs(name: string, executed: Notebook): Promise<void> {
  const kept = { ...(await readNotebook(name)), cells: executed.cells }
  await writeFile(join(FOLDER, name), `${JSON.stringify(kept, undefined, 1)}\n`)
}

/** Fetches the JavaScript kernel and the packages that its notebook imports, where that may be done. */
export async function fetchKernel(): Promise<void> {
  if (!FETCHES || isInstalled(JAVASCRIPT)) return
  await rm(KERNEL, { recursive: true, force: true })
  await mkdir(MODULES, { recursive: true })
  await writeFile(join(KERNEL, 'package.json'), '{ "private": true }\n')
  const options = { cwd: KERNEL, timeout: FETCH_MS_MAX }
  // Its native part, zeromq, comes ready made, so no script need run.
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline']
  await promisify(execFile)('npm', ['install', ...flags, ...FETCHED], options)
  await symlink(ROOT, join(MODULES, 'odoo-sql'))
  await symlink(join(ROOT, 'node_modules/apache-arrow'), join(MODULES, 'apache-arrow'))
  const places = [`--python=${PYTHON}`, `--binary=${TSLAB}`, `--prefix=${KERNEL}`]
  await promisify(execFile)(TSLAB, ['install', ...places], options)
}

/**
 * Executes a notebook in an empty folder of a user who has nothing but the kernels, and gives it with its outputs.
 * Fails where a cell does. The package is the one that `npm run build` made.
 */
export async function execute(name: string, variables: NodeJS.ProcessEnv): Promise<Notebook> {
  const home = await mkdtemp(join(tmpdir(), 'odoo-sql-notebook-'))
  const kernels = { JUPYTER_PATH: join(KERNEL, 'share/jupyter'), NO_COLOR: '1' }
  const env = { ...cleanEnvironment(), ...kernels, HOME: home, ...variables }
  const options = { cwd: home, env, timeout: NOTEBOOK_MS_MAX }
  try {
    await symlink(MODULES, join(home, 'node_modules'))
    await copyFile(join(FOLDER, name), join(home, name))
    const way = ['--execute', '--to', 'notebook', '--inplace', '--ExecutePreprocessor.record_timing=False']
    await promisify(execFile)(PYTHON, ['-m', 'nbconvert', ...way, name], options)
    return await readNotebook(name, home)
  } finally {
    await rm(home, { recursive: true, force: true })
  }
}
