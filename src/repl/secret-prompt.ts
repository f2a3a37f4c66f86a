import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { queryCanceled } from '../errors.ts'

/** Asks for a secret on the terminal without showing it. Throws 57014 when the user gives up. */
export async function askSecret(
  question: string,
  input: NodeJS.ReadableStream,
  terminal: Pick<NodeJS.WriteStream, 'write'>,
): Promise<string> {
  const nowhere = new Writable({
    write: (_text, _encoding, done) => {
      done()
    },
  })
  terminal.write(question)
  try {
    return await readLine('', input, nowhere, 'no password given')
  } finally {
    terminal.write('\n')
  }
}

/** Asks for one line on the terminal. Throws 57014 when the user gives up. */
export async function askLine(
  question: string,
  input: NodeJS.ReadableStream,
  terminal: NodeJS.WriteStream,
): Promise<string> {
  return readLine(question, input, terminal, 'no answer given')
}

function readLine(
  prompt: string,
  input: NodeJS.ReadableStream,
  output: NodeJS.WritableStream,
  refusal: string,
): Promise<string> {
  const readline = createInterface({ input, output, terminal: true, historySize: 0, prompt })
  readline.prompt()
  return new Promise((resolve, reject) => {
    readline.once('line', (line) => {
      resolve(line)
      readline.close()
    })
    readline.once('SIGINT', () => {
      readline.close()
    })
    readline.once('close', () => {
      reject(queryCanceled(refusal))
    })
  })
}
