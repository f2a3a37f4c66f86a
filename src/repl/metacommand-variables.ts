import { say, type Metacommand } from './metacommand.ts'
import { checkVariableName } from './variables.ts'
import { visibleText } from './visible.ts'

export const VARIABLE_COMMANDS: readonly Metacommand[] = [
  {
    name: '\\set',
    argument: '[NAME [VALUE…]]',
    text: 'set a variable, for :name, :\'name\' and :"name" in statements; ON_ERROR_STOP off lets files go on',
    takes: Infinity,
    run: async (shell, { words: [name, ...values] }) => {
      if (name === undefined) {
        const lines = [...shell.variables].map(([key, value]) => `${key} = '${value}'\n`)
        await shell.output.write(visibleText(lines.join('')))
        return undefined
      }
      checkVariableName(name)
      shell.variables.set(name, values.join(''))
      return undefined
    },
  },
  {
    name: '\\unset',
    argument: 'NAME',
    text: 'take a variable away',
    takes: 1,
    run: (shell, { words: [name = ''] }) => {
      checkVariableName(name)
      if (!shell.variables.delete(name)) say(shell, `Variable "${name}" was not set.`)
      return Promise.resolve(undefined)
    },
  },
  {
    name: '\\echo',
    argument: '[TEXT]',
    text: 'write a text among the results',
    takes: Infinity,
    run: async (shell, { words }) => {
      await shell.output.write(`${visibleText(words.join(' '))}\n`)
      return undefined
    },
  },
]
