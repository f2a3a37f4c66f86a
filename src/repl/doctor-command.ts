import { diagnose, type Diagnosis } from '../driver/doctor.ts'
import type { DoctorCommand } from './arguments.ts'
import { present, serverOptions } from './connect-options.ts'
import { diagnosisJson, diagnosisText } from './doctor-text.ts'
import { EXIT, exitCodeOfConnecting } from './exit.ts'
import type { ExitCode } from './exit.ts'
import { interruptible } from './interruptible.ts'
import { streamOutput } from './output.ts'
import type { Target } from './target.ts'
import { visibleLine } from './visible.ts'

/**
 * `doctor`: examines the servers and prints what it finds, partition by partition. The exit status says whether
 * something failed (1), or whether a log-in did (3). `target` is undefined where the demo or a file names the servers.
 */
export function runDoctor(command: DoctorCommand, target: Target | undefined): Promise<ExitCode> {
  return interruptible((signal) => examine(command, target, signal), exitCodeOfConnecting)
}

async function examine(
  { query, prove }: DoctorCommand,
  target: Target | undefined,
  signal: AbortSignal,
): Promise<ExitCode> {
  const output = streamOutput(process.stdout)
  const { format, isDemo, timeoutMs, textOrder, isQuiet } = query
  const status = startStatus(process.stderr, isQuiet)
  const found: Diagnosis[] = []
  try {
    const options = {
      ...(await serverOptions(query, target)),
      ...present({ timeoutMs, textOrder }),
      demo: isDemo,
      prove,
      signal,
      onProgress: status.update,
    }
    for await (const diagnosis of diagnose(options)) {
      status.hide()
      if (format !== 'json') await output.write(`${found.length > 0 ? '\n' : ''}${diagnosisText(diagnosis)}`)
      found.push(diagnosis)
    }
  } finally {
    status.hide()
  }
  if (format === 'json') await output.write(`${JSON.stringify(found.map(diagnosisJson), null, 2)}\n`)
  if (found.some(({ isConnected }) => !isConnected)) return EXIT.noConnection
  const hasFailed = found.some(({ checks }) => checks.some(({ verdict }) => verdict === 'failed'))
  return hasFailed ? EXIT.sqlError : EXIT.done
}

const REDRAW_MS = 250
const ERASE_LINE = '\r\u001b[K'

/** One line on a terminal that says how far a proof is. */
function startStatus(
  terminal: Pick<NodeJS.WriteStream, 'write' | 'isTTY'>,
  isQuiet: boolean,
): { update: (progress: { model: string; calls: number }) => void; hide: () => void } {
  let drawnAt = -Infinity
  let isShown = false
  return {
    update({ model, calls }) {
      if (isQuiet || !terminal.isTTY || performance.now() - drawnAt < REDRAW_MS) return
      drawnAt = performance.now()
      isShown = true
      terminal.write(`${ERASE_LINE}proving on ${visibleLine(model)}, ${calls.toLocaleString('en-US')} calls`)
    },
    hide() {
      if (isShown) terminal.write(ERASE_LINE)
      isShown = false
    },
  }
}
