import { existsSync } from 'node:fs'
import type { ConnectOptions } from '../driver/config.ts'
import { lookAtServer } from '../driver/databases.ts'
import { diagnose } from '../driver/doctor.ts'
import { sqlErrorFrom } from '../errors.ts'
import { diagnosisText } from './doctor-text.ts'
import { errorText } from './error-text.ts'
import { isApiKey, keyPath, readConfiguration, writeConfiguration, type KeyPlace } from './init-file.ts'
import { visibleLine } from './visible.ts'

/** Whom `init` asks. Questions reject with 57014 when the user gives up. */
export interface Asker {
  /** The answer without the space around it; `preset` where it is empty. */
  ask(question: string, preset?: string): Promise<string>
  /** What is typed is not shown. */
  askSecret(question: string): Promise<string>
  tell(text: string): void
}

interface Server {
  readonly url: string
  readonly database: string
  readonly login: string
  readonly secret: string
}

/**
 * Asks for a server and a log-in, tries them, and writes a configuration file that names them; the key goes elsewhere.
 * Nothing is written before the last question. Gives false where the user does not want what would be written.
 */
export async function runInit(asker: Asker, defaultPath: string, signal: AbortSignal): Promise<boolean> {
  asker.tell(
    'This asks for an Odoo server, tries the log-in and writes a configuration file. Ctrl-C ends it.\n\n',
  )
  let server: Server | undefined
  do server = await askServer(asker, server, signal)
  while (!(await isUsable(asker, server, signal)))
  const path = await asker.ask('Configuration file', defaultPath)
  const existing = await readConfiguration(path)
  if (existing === 'faulty') {
    asker.tell(`"${path}" is there and is no configuration file of odoo-sql: it is left alone.\n`)
    return false
  }
  const names = Object.keys(existing?.partitions ?? {})
  if (names.length > 0) asker.tell(`It has these partitions: ${names.map(visibleLine).join(', ')}.\n`)
  const name = await asker.ask('Name of the partition', server.database)
  const shown = visibleLine(name)
  if (names.includes(name) && !(await agrees(asker, `Replace "${shown}"?`, false))) return false
  const isNew = names.length > 0 && !names.includes(name)
  if (isNew && !(await agrees(asker, `Add "${shown}" to it?`, true))) return false
  const key = await askKeyPlace(asker, path, name)
  const isTaken = key.kind === 'file' && !names.includes(name) && existsSync(key.path)
  if (isTaken && !(await agrees(asker, `${key.path} is there. Replace it?`, false))) return false
  await writeConfiguration(path, existing, name, server, key)
  const keyFile = key.kind === 'file' ? ` and ${key.path}, which only you can read` : ''
  asker.tell(`\nWrote ${path}${keyFile}.\n`)
  if (key.kind === 'env') asker.tell(`Set ${key.name} to the key before you start odoo-sql.\n`)
  asker.tell(`Start with: odoo-sql${path === defaultPath ? '' : ` --config ${path}`}\n`)
  return true
}

/** What was answered before is proposed again. */
async function askServer(asker: Asker, before: Server | undefined, signal: AbortSignal): Promise<Server> {
  for (;;) {
    const text = await asker.ask('URL of the server, such as https://odoo.example.com', before?.url)
    if (text === '') continue
    try {
      // A host without a protocol is what people type.
      const found = await lookAtServer(text.includes('://') ? text : `https://${text}`, signal)
      const { databases } = found
      if (databases.length > 0) asker.tell(`Databases there: ${databases.map(visibleLine).join(', ')}.\n`)
      const database = await answered(asker, 'Database', found.database ?? before?.database ?? databases[0])
      const login = await answered(asker, 'Login', found.login ?? before?.login)
      asker.tell('Odoo makes an API key under Preferences, Account Security; a password works too.\n')
      const secret = found.password ?? (await asker.askSecret('API key or password: '))
      return { url: found.url, database, login, secret }
    } catch (thrown) {
      const error = sqlErrorFrom(thrown)
      if (error.condition === 'query_canceled') throw error
      asker.tell(errorText(error))
    }
  }
}

async function answered(asker: Asker, question: string, preset: string | undefined): Promise<string> {
  for (;;) {
    const answer = await asker.ask(question, preset)
    if (answer !== '') return answer
  }
}

async function agrees(asker: Asker, question: string, isPreset: boolean): Promise<boolean> {
  const answer = await asker.ask(`${question} (y/n)`, isPreset ? 'y' : 'n')
  return /^y(es)?$/i.test(answer)
}

/** Whether the log-in works; where it does not, the user may still want to keep it. */
async function isUsable(asker: Asker, server: Server, signal: AbortSignal): Promise<boolean> {
  asker.tell('\n')
  let isConnected = false
  for await (const diagnosis of diagnose({ ...optionsOf(server), signal })) {
    asker.tell(diagnosisText(diagnosis))
    isConnected = diagnosis.isConnected
  }
  asker.tell('\n')
  return isConnected || !(await agrees(asker, 'That did not work. Try again?', true))
}

const optionsOf = ({ url, database, login, secret }: Server): ConnectOptions => ({
  url,
  database,
  login,
  ...(isApiKey(secret) ? { apiKey: secret } : { password: secret }),
})

async function askKeyPlace(asker: Asker, path: string, name: string): Promise<KeyPlace> {
  const file = keyPath(path, name)
  asker.tell(
    `The key does not go into the configuration: "file" keeps it in ${file}, which only you can read; the name of an environment variable, such as ODOO_API_KEY, leaves it to you.\n`,
  )
  const answer = await asker.ask('Keep the key in', 'file')
  if (answer.toLowerCase() === 'file') return { kind: 'file', path: file }
  return { kind: 'env', name: answer.replace(/^\$/, '') }
}
