import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { queryCanceled } from '../errors.ts'

/** Asks for a secret on the terminal without showing it. Throws 57014 when the user gives up. */
export function askSecret(
  question: string,
  input: NodeJS.ReadableStream,
  terminal: Pick<NodeJS.WriteStream, 'write'>,
): Promise<string> {
  const nowhere = new Writable({
    write: (_text, _encoding, done) => {
      done()
    },
  })
  const readline = createInterface({ input, output: nowhere, terminal: true, historySize: 0 })
  terminal.write(question)
  return new Promise((resolve, reject) => {
    readline.once('line', (line) => {
      resolve(line)
      readline.close()
    })
    readline.once('SIGINT', () => {
      readline.close()
    })
    readline.once('close', () => {
      terminal.write('\n')
      reject(queryCanceled('no password given'))
    })
  })
}
