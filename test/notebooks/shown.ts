import type { Notebook, Output } from './jupyter.ts'

/** What a reader sees below each cell of a notebook: a table's cells by row, the word PNG, an SVG, or a text. */
export function shownIn({ cells }: Notebook): Readonly<Record<string, readonly (string | string[][])[]>> {
  return Object.fromEntries(cells.map(({ id, outputs = [] }) => [id, outputs.map(shownOf)]))
}

function shownOf(output: Output): string | string[][] {
  const dataOf = (type: string): string | undefined => joined(output.data?.[type])
  const html = dataOf('text/html')
  if (html !== undefined) return tableOf(html)
  const png = dataOf('image/png')
  // Its pixels differ with fonts; its signature does not.
  if (png !== undefined) return Buffer.from(png, 'base64').toString('latin1', 1, 4)
  const printed = output.name === 'stdout' ? joined(output.text) : undefined
  return dataOf('image/svg+xml') ?? dataOf('text/plain') ?? printed ?? JSON.stringify(output)
}

const joined = (text: string | readonly string[] | undefined): string | undefined =>
  typeof text === 'object' ? text.join('') : text

const tableOf = (html: string): string[][] =>
  [...html.matchAll(/<tr.*?<\/tr>/gs)].map(([row]) =>
    [...row.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/gs)].map(([, cell = '']) =>
      cell
        .replace(/<[^>]*>/g, ' ')
        .trim()
        .replace(/ +/g, ' '),
    ),
  )
