import { EXIT, exitCodeOfConnecting } from './exit.ts'
import type { ExitCode } from './exit.ts'
import { runInit } from './init-dialog.ts'
import { configurationPath } from './configuration-path.ts'
import { interruptible } from './interruptible.ts'
import { askLine, askSecret } from './secret-prompt.ts'

/** `init`: writes a configuration by asking. Needs a terminal. */
export function runInitCommand(): Promise<ExitCode> {
  const { stdin, stderr } = process
  if (!stdin.isTTY || !stderr.isTTY) {
    stderr.write(
      'odoo-sql: init asks questions and needs a terminal.\nElsewhere, set ODOO_URL, ODOO_DATABASE, ODOO_LOGIN and ODOO_API_KEY, or write a file for --config.\n',
    )
    return Promise.resolve(EXIT.usage)
  }
  const asker = {
    async ask(question: string, preset = ''): Promise<string> {
      const hint = preset === '' ? '' : ` [${preset}]`
      const answer = (await askLine(`${question}${hint}: `, stdin, stderr)).trim()
      return answer === '' ? preset : answer
    },
    askSecret: (question: string) => askSecret(question, stdin, stderr),
    tell: (text: string) => void stderr.write(text),
  }
  return interruptible(async (signal) => {
    if (await runInit(asker, configurationPath(), signal)) return EXIT.done
    stderr.write('Nothing was written.\n')
    return EXIT.sqlError
  }, exitCodeOfConnecting)
}
