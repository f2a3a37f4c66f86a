import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemError } from '../errors.ts'

/**
 * Opens a file, or a text in a file that only the user can read, in the user's editor; gives what was saved.
 * Throws 58000 where the editor fails or the file cannot be read.
 */
export async function editText(
  subject: string | { readonly text: string },
  environment: NodeJS.ProcessEnv,
): Promise<string> {
  if (typeof subject === 'string') return edited(subject, environment)
  const folder = await mkdtemp(join(tmpdir(), 'odoo-sql-edit-'))
  try {
    const path = join(folder, 'statement.sql')
    await writeFile(path, subject.text, { mode: 0o600 })
    return await edited(path, environment)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function edited(path: string, { VISUAL: visual, EDITOR: plain }: NodeJS.ProcessEnv): Promise<string> {
  const editor = [visual, plain].find((name) => name !== undefined && name !== '') ?? 'vi'
  const failed = (reason: string, cause?: unknown) =>
    systemError(`the editor "${editor}" failed: ${reason}`, { hint: 'Set VISUAL or EDITOR.', cause })
  await new Promise<void>((resolve, reject) => {
    // The variable may hold options; the path is a word of its own, whatever stands in it.
    const child = spawn('/bin/sh', ['-c', `${editor} "$1"`, editor, path], { stdio: 'inherit' })
    child.on('error', (cause) => {
      reject(failed(cause.message, cause))
    })
    child.on('close', (code) => {
      if (code === 0) resolve()
      else reject(failed(`it ended with ${String(code)}`))
    })
  })
  return readFile(path, 'utf8').catch((cause: unknown) => {
    throw systemError(`could not read "${path}"`, { cause })
  })
}
