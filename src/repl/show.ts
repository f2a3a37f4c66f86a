import { pagedOutput } from './pager.ts'
import type { Shell } from './shell.ts'
import { isClosedPipe } from './output.ts'

/** Writes a text to where results go, through the pager where it is longer than the screen. */
export async function showText(shell: Shell, text: string): Promise<void> {
  if (!shell.isPaged || !shell.output.isTerminal) return shell.output.write(text)
  const pager = pagedOutput(shell.output, shell.lendTerminal)
  try {
    await pager.write(text)
    await pager.close()
  } catch (thrown) {
    await pager.discard()
    if (!isClosedPipe(thrown)) throw thrown
  }
}

/** Columns of the terminal that results go to; undefined where it is none. */
export const widthOf = ({ output }: Shell): number | undefined => output.screen?.columns
