import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

/** `tsx synthetic-odoo-server.ts ROWS` prints the port that it listens on, and answers until it is ended. */
const rows = Number(process.argv[2])

const FIELD_TYPES: Readonly<Record<string, string>> = {
  id: 'integer',
  name: 'char',
  smtp_host: 'char',
  smtp_port: 'integer',
  active: 'boolean',
  create_date: 'datetime',
}

/** JSON of one field of the record with this id. */
const VALUES: Readonly<Record<string, (id: number) => string>> = {
  id: String,
  name: (id) => `"Server number ${id}"`,
  smtp_host: (id) => `"mail-${id % 1000}.example.com"`,
  smtp_port: (id) => (id % 2 === 0 ? '587' : '465'),
  active: (id) => (id % 10 === 0 ? 'false' : 'true'),
  create_date: (id) => `"2022-06-01 10:${String(id % 60).padStart(2, '0')}:00"`,
}

interface Call {
  readonly id: number
  readonly params: { readonly method: string; readonly args: readonly unknown[] }
}

type Leaf = readonly [field: string, operator: string, value: number]
interface Keywords {
  readonly fields?: readonly string[]
  readonly order?: string
  readonly limit?: number
}

/** JSON of the result of one call. */
function answer({ params: { method, args } }: Call): string {
  if (method === 'version') return '{"server_version_info": [14, 0, 0, "final", 0, ""]}'
  if (method === 'login') return '2'
  const [, , , , name, [domain = []] = [], keywords = {}] = args as [
    ...(readonly [string, number, string, string]),
    string,
    (readonly (readonly (Leaf | string)[])[])?,
    Keywords?,
  ]
  switch (name) {
    case 'fields_get':
      return JSON.stringify(Object.fromEntries(Object.entries(FIELD_TYPES).map(fieldOf)))
    case 'search_count':
      return String(idsOf(domain, keywords).length)
    case 'search':
      return `[${idsOf(domain, keywords).join(',')}]`
    case 'search_read':
      return `[${idsOf(domain, keywords)
        .map(recordMaker(keywords.fields ?? []))
        .join(',')}]`
    default:
      throw new TypeError(`the synthetic Odoo has no method ${name}`)
  }
}

const fieldOf = ([name, type]: readonly [string, string]) =>
  [name, { type, string: name, store: true, searchable: true, sortable: true }] as const

/** The ids between the bounds that the domain sets; it understands no other domain. */
function idsOf(domain: readonly (Leaf | string)[], { order = 'id', limit = rows }: Keywords): number[] {
  let [low, high] = [1, rows]
  for (const leaf of domain) {
    if (leaf === '&') continue
    const [field, operator, value] = leaf as Leaf
    if (field !== 'id') throw new TypeError(`the synthetic Odoo cannot filter by ${field}`)
    if (operator === '>') low = Math.max(low, value + 1)
    else if (operator === '<=') high = Math.min(high, value)
    else if (operator === '=') [low, high] = [Math.max(low, value), Math.min(high, value)]
    else throw new TypeError(`the synthetic Odoo has no operator ${operator}`)
  }
  const length = Math.max(0, Math.min(limit, high - low + 1))
  return Array.from({ length }, (_, index) => (order === 'id' ? low + index : high - index))
}

function recordMaker(fields: readonly string[]): (id: number) => string {
  const members = ['id', ...fields.filter((field) => field !== 'id')].map(
    (field) => [`"${field}":`, VALUES[field] ?? (() => 'false')] as const,
  )
  return (id) => `{${members.map(([key, value]) => key + value(id)).join(',')}}`
}

const server = http.createServer((request, response) => {
  void text(request).then((body) => {
    const call = JSON.parse(body) as Call
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(`{"jsonrpc":"2.0","id":${call.id},"result":${answer(call)}}`)
  })
})
server.listen(0, '127.0.0.1', () => {
  console.log((server.address() as AddressInfo).port)
})
