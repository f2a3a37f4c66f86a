import { formatOfFile, type Format } from './format-name.ts'
import { fileOutput } from './output.ts'
import type { Shell } from './shell.ts'

/** Results go to the file from now on, in the format given, that of its ending, or the present one. Throws 58000. */
export async function redirect(shell: Shell, path: string, format: Format | undefined): Promise<void> {
  await endRedirection(shell)
  const { output, format: before } = shell
  shell.output = await fileOutput(path)
  shell.format = format ?? formatOfFile(path) ?? before
  shell.redirection = { path, output, format: before }
}

/** The file appears under its name, and results go where they went before. */
export async function endRedirection(shell: Shell): Promise<void> {
  const file = takeBack(shell)
  await file?.close()
}

/** Nothing is left of the file: a result that was being written to it broke off. */
export async function dropRedirection(shell: Shell): Promise<void> {
  const path = shell.redirection?.path ?? ''
  const file = takeBack(shell)
  if (file === undefined) return
  await file.discard()
  shell.messages.write(`"${path}" is not written, since a result broke off.\n`)
}

function takeBack(shell: Shell): Shell['output'] | undefined {
  if (shell.redirection === undefined) return undefined
  const { output: file } = shell
  const { output, format } = shell.redirection
  shell.output = output
  shell.format = format
  shell.redirection = undefined
  return file
}

/** Runs with a file of its own for the results: it appears when all went well. */
export async function withFile(
  shell: Shell,
  path: string,
  format: Format | undefined,
  run: (within: Shell) => Promise<void>,
): Promise<void> {
  const output = await fileOutput(path)
  try {
    const within = { ...shell, output, redirection: undefined }
    await run({ ...within, format: format ?? formatOfFile(path) ?? shell.format })
  } catch (thrown) {
    await output.discard()
    throw thrown
  }
  await output.close()
}
