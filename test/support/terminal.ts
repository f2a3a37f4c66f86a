import { execFile, execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import { CLI, cleanEnvironment } from './cli.ts'

const run = promisify(execFile)

/** A program in a real terminal, which is one of tmux. */
export interface Terminal {
  /** Types a text as it stands, without Enter. */
  type(text: string): Promise<void>
  /** Presses keys by tmux's names: Enter, C-c, C-d, Up. */
  press(...keys: readonly string[]): Promise<void>
  /** Pastes a text, marked as a paste where the program asked for that. */
  paste(text: string): Promise<void>
  /** Makes it so many columns wide. */
  resize(width: number): Promise<void>
  /** The screen, once it holds `wanted`; whatever it shows when time is up. */
  shows(wanted: string | RegExp): Promise<string>
  /** The screen with its colours, as it is now. */
  colored(): Promise<string>
  close(): Promise<void>
}

export interface TerminalOptions {
  /** Where the history goes. */
  readonly stateHome: string
  readonly columns?: number
  readonly environment?: NodeJS.ProcessEnv
}

export function hasTmux(): boolean {
  try {
    execFileSync('tmux', ['-V'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

const SCREEN = { columns: 100, rows: 60 }
const WAIT_MS = 30_000
const POLL_MS = 100

/** Our program. The screen ends with `exit N` when it has ended. */
export function openTerminal(args: readonly string[], options: TerminalOptions): Promise<Terminal> {
  const environment = { ...cleanEnvironment(), XDG_STATE_HOME: options.stateHome, ...options.environment }
  return openTerminalOf([process.execPath, '--import', 'tsx', CLI, ...args], environment, options.columns)
}

/** Any program. The screen ends with `exit N` when it has ended. */
export async function openTerminalOf(
  words: readonly string[],
  environment: NodeJS.ProcessEnv,
  columns = SCREEN.columns,
): Promise<Terminal> {
  const socket = `odoo-sql-${randomBytes(6).toString('hex')}`
  const env = { TERM: 'xterm-256color', ...environment }
  const tmux = async (...given: readonly string[]): Promise<string> =>
    (await run('tmux', ['-L', socket, '-f', '/dev/null', ...given], { env })).stdout
  const command = words.map((word) => `'${word}'`).join(' ')
  const size = ['-x', String(columns), '-y', String(SCREEN.rows)]
  await tmux('-u', 'new-session', '-d', ...size, `${command}; echo exit $?; exec sleep 600`)
  return {
    // A semicolon at the end would end the command for tmux.
    async type(text) {
      await tmux('send-keys', '-l', '--', text.replace(/;$/, '\\;'))
    },
    async press(...keys) {
      await tmux('send-keys', ...keys)
    },
    async paste(text) {
      const loading = run('tmux', ['-L', socket, 'load-buffer', '-'], { env })
      loading.child.stdin?.end(text)
      await loading
      await tmux('paste-buffer', '-p')
    },
    async resize(width) {
      await tmux('resize-window', '-x', String(width))
    },
    async shows(wanted) {
      const deadline = Date.now() + WAIT_MS
      for (;;) {
        const screen = (await tmux('capture-pane', '-p')).trimEnd()
        const isThere = typeof wanted === 'string' ? screen.includes(wanted) : wanted.test(screen)
        const hasEnded = /^exit \d+$/m.test(screen)
        if (isThere || hasEnded || Date.now() > deadline) return screen
        await new Promise((resolve) => setTimeout(resolve, POLL_MS))
      }
    },
    async colored() {
      return (await tmux('capture-pane', '-e', '-p')).trimEnd()
    },
    async close() {
      await tmux('kill-server')
    },
  }
}
