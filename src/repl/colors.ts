import { styleText } from 'node:util'

/** What the program colours, each with its style: the one palette of the command line. */
const PALETTE = {
  keyword: ['bold', 'blue'],
  string: ['green'],
  number: ['cyan'],
  comment: ['gray'],
  metacommand: ['magenta'],
  null: ['gray'],
  prompt: ['bold'],
  /** What stands back: continuation prompts, notes beside a name. */
  aside: ['gray'],
  selected: ['inverse'],
  error: ['bold', 'red'],
  warning: ['yellow'],
} as const satisfies Record<string, readonly Parameters<typeof styleText>[0][]>

export type ColorName = keyof typeof PALETTE

/** Styles a text that holds no line feed; the text itself where there are no colours. */
export type Paint = (color: ColorName, text: string) => string

export const paintNothing: Paint = (_color, text) => text

const paintAll: Paint = (color, text) =>
  text === '' ? '' : styleText([...PALETTE[color]], text, { validateStream: false })

/** How to write on a stream: in colours on a terminal that has them, unless the environment says otherwise. */
export function paintFor(
  stream: { readonly isTTY?: boolean | undefined },
  environment: NodeJS.ProcessEnv = process.env,
): Paint {
  return hasColors(stream, environment) ? paintAll : paintNothing
}

/** FORCE_COLOR wins over NO_COLOR, as in Node itself, and holds for pipes too. */
function hasColors(
  stream: { readonly isTTY?: boolean | undefined },
  environment: NodeJS.ProcessEnv,
): boolean {
  const { FORCE_COLOR: forced, NO_COLOR: refused, TERM: terminal } = environment
  if (forced !== undefined) return forced !== '0' && forced !== 'false'
  return stream.isTTY === true && (refused === undefined || refused === '') && terminal !== 'dumb'
}
