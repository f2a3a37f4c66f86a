import { spawn, type ChildProcessByStdio } from 'node:child_process'
import type { Writable } from 'node:stream'
import type { Output } from './output.ts'
import { written } from './output.ts'
import type { LendTerminal } from './shell.ts'

/** What holds the text of one result; it is a pager once the text is longer than the screen. */
export interface PagedOutput extends Output {
  /** Aborts when the user leaves the pager before all was written. */
  readonly left: AbortSignal
}

/** Quits when all fits on the screen, leaves the screen as it is, keeps colours, and does not wrap lines. */
const LESS_OPTIONS = 'SRFX'

/**
 * Writes a result to the terminal, through a pager where it is longer than the screen: that of PAGER, else `less`
 * where it is installed. `close` and `discard` return when the user has left the pager.
 */
export function pagedOutput(
  terminal: Output,
  lend: LendTerminal,
  environment: NodeJS.ProcessEnv = process.env,
): PagedOutput {
  const left = new AbortController()
  let held: string[] = []
  let lines = 0
  /** Undefined: not needed so far. */
  let pager: RunningPager | 'none' | undefined = hasPager(environment) ? undefined : 'none'

  const flush = async (): Promise<void> => {
    const text = held.join('')
    held = []
    if (pager === undefined || pager === 'none') await terminal.write(text)
    else await written(pager.input, text)
  }
  const end = async (): Promise<void> => {
    if (typeof pager === 'object') await pager.end()
  }
  return {
    isTerminal: true,
    isBlank: false,
    screen: terminal.screen,
    paint: terminal.paint,
    left: left.signal,
    async write(text) {
      held.push(String(text))
      lines += String(text).split('\n').length - 1
      if (pager === undefined) {
        if (lines < (terminal.screen?.rows ?? Infinity) - 1) return
        pager = await startPager(lend, environment, left)
      }
      await flush()
    },
    async close() {
      await flush()
      await end()
    },
    discard: end,
  }
}

const hasPager = ({ PAGER: pager, TERM: terminal }: NodeJS.ProcessEnv): boolean =>
  terminal !== 'dumb' && pager !== '' && pager !== 'cat'

interface RunningPager {
  readonly input: NodeJS.WritableStream
  /** Ends its input and waits until the user has left it. */
  end(): Promise<void>
}

/** 'none' where it cannot be started. `left` is aborted when the user leaves it before its input has ended. */
async function startPager(
  lend: LendTerminal,
  environment: NodeJS.ProcessEnv,
  left: AbortController,
): Promise<RunningPager | 'none'> {
  const { PAGER: command = 'less' } = environment
  let closed = Promise.resolve()
  const child = await new Promise<PagerProcess | undefined>((started) => {
    closed = lend(
      () =>
        new Promise((ended) => {
          const process = spawn(command, {
            stdio: ['pipe', 'inherit', 'inherit'],
            env: { LESS: LESS_OPTIONS, LESSCHARSET: 'utf-8', ...environment },
            // PAGER may hold options.
            shell: environment['PAGER'] !== undefined,
          })
          process.on('spawn', () => {
            started(process)
          })
          process.on('error', () => {
            started(undefined)
            ended()
          })
          process.on('close', () => {
            if (!process.stdin.writableEnded) left.abort()
            ended()
          })
          // A write tells its caller itself that the reader has gone.
          process.stdin.on('error', () => undefined)
        }),
    )
  })
  if (child === undefined) return 'none'
  return {
    input: child.stdin,
    end: () => {
      child.stdin.end()
      return closed
    },
  }
}

type PagerProcess = Pick<ChildProcessByStdio<Writable, null, null>, 'stdin'>
