import { execFile, execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import { CLI, cleanEnvironment } from './cli.ts'

const run = promisify(execFile)

/** The program in a real terminal, which is one of tmux. */
export interface Terminal {
  /** Types a text as it stands, without Enter. */
  type(text: string): Promise<void>
  /** Presses keys by tmux's names: Enter, C-c, C-d, Up. */
  press(...keys: readonly string[]): Promise<void>
  /** The screen, once it holds `wanted`; whatever it shows when time is up. */
  shows(wanted: string | RegExp): Promise<string>
  close(): Promise<void>
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

/** `stateHome` is where the history goes. The screen ends with `exit N` when the program has ended. */
export async function openTerminal(args: readonly string[], stateHome: string): Promise<Terminal> {
  const socket = `odoo-sql-${randomBytes(6).toString('hex')}`
  const tmux = async (...words: readonly string[]): Promise<string> =>
    (await run('tmux', ['-L', socket, '-f', '/dev/null', ...words], { env: environment })).stdout
  const environment = { ...cleanEnvironment(), XDG_STATE_HOME: stateHome, TERM: 'xterm-256color' }
  const command = [process.execPath, '--import', 'tsx', CLI, ...args].map((word) => `'${word}'`).join(' ')
  const size = ['-x', String(SCREEN.columns), '-y', String(SCREEN.rows)]
  await tmux('-u', 'new-session', '-d', ...size, `${command}; echo exit $?; exec sleep 600`)
  return {
    // A semicolon at the end would end the command for tmux.
    async type(text) {
      await tmux('send-keys', '-l', '--', text.replace(/;$/, '\\;'))
    },
    async press(...keys) {
      await tmux('send-keys', ...keys)
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
    async close() {
      await tmux('kill-server')
    },
  }
}
