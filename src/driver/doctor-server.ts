import { setTimeout as sleep } from 'node:timers/promises'
import type { TableSpec } from '../catalog/spec.ts'
import { SqlError } from '../errors.ts'
import type { CallOptions, CallRecord } from '../odoo/call.ts'
import type { ClientConfig, OdooClient } from '../odoo/client.ts'
import { leaf } from '../odoo/domain.ts'
import { canceledBy } from '../odoo/exchange.ts'
import { limitsOf } from '../odoo/queue.ts'
import type { ConnectOptions } from './config.ts'
import type { Check } from './doctor.ts'
import { ordersBytewise } from './text-order.ts'

/** Translated fields are read and searched in one language; Odoo 19 refuses every call in one that it does not have. */
export async function languageCheck(
  client: OdooClient,
  { lang = 'en_US' }: ClientConfig,
  options: CallOptions,
): Promise<Check> {
  const subject = 'language'
  const request = { domain: leaf('active', '=', true), fields: ['code'], labels: false, manyToOne: false }
  const codes = await client.searchRead('res.lang', request, options).then(
    (records) => records.map(({ code }) => String(code)),
    (thrown: unknown) => {
      // Without the right to list them, the answer itself shows that the language is taken.
      if (thrown instanceof SqlError && /^42/.test(thrown.code)) return undefined
      throw thrown
    },
  )
  if (codes === undefined)
    return { subject, verdict: 'ok', found: `${lang}; this user cannot list the others` }
  if (codes.includes(lang)) return { subject, verdict: 'ok', found: `${lang} is active` }
  return {
    subject,
    verdict: 'warning',
    found: `${lang} is not active in this database`,
    remedy: `Activate it in Odoo, or set lang of this partition to one that is: ${codes.join(', ')}.`,
  }
}

/** Records that Odoo's screens hide have to be seen, as a SQL table shows every row. */
export async function archivedCheck(
  client: OdooClient,
  tables: readonly TableSpec[],
  options: CallOptions,
): Promise<Check> {
  const subject = 'archived records'
  for (const model of new Set(['res.partner', 'res.users', ...tables.map((table) => table.model)])) {
    const count = await archivedCount(client, model, options)
    if (count > 0) return { subject, verdict: 'ok', found: `${count} of ${model} are seen` }
  }
  return { subject, verdict: 'ok', found: 'none was found that could be seen' }
}

async function archivedCount(client: OdooClient, model: string, options: CallOptions): Promise<number> {
  try {
    const isArchivable = (await client.fieldsGet(model, options)).get('active')?.store === true
    return isArchivable ? await client.searchCount(model, leaf('active', '=', false), options) : 0
  } catch (thrown) {
    // Without the right to read it, another model may tell.
    if (thrown instanceof SqlError && /^42/.test(thrown.code)) return 0
    throw thrown
  }
}

export async function textOrderCheck(
  client: OdooClient,
  textOrder: ConnectOptions['textOrder'] = 'auto',
  options: CallOptions = {},
): Promise<Check> {
  const subject = 'text order'
  if (textOrder === 'local') return { subject, verdict: 'ok', found: 'never left to Odoo: it is set so' }
  const isProven = await ordersBytewise(client, options)
  if (isProven) return { subject, verdict: 'ok', found: 'bytewise, proven: it is left to Odoo' }
  if (textOrder === 'server')
    return {
      subject,
      verdict: 'warning',
      found: 'left to Odoo, as it is set so, but not proven to be bytewise',
      remedy: 'Set textOrder to auto, unless you know that the database has the collation C.',
    }
  return {
    subject,
    verdict: 'warning',
    found: 'not proven to be bytewise: text is ordered here, and text ranges are checked here',
    remedy: 'If you know that the database has the collation C, set textOrder to server.',
  }
}

const LATENCY_CALLS = 5
const LATENCY_OK_MS = 500

/** The median of a few cheap calls. */
export async function latencyCheck(
  client: OdooClient,
  config: ClientConfig,
  { signal, onCall }: CallOptions,
): Promise<Check> {
  const times: number[] = []
  const { callsPerSecond } = limitsOf(config)
  for (let nth = 0; nth < LATENCY_CALLS; nth++) {
    // Else the wait for the call's turn would count.
    if (callsPerSecond !== undefined) await pause(1000 / callsPerSecond, signal)
    await client.canRead('res.users', {
      signal,
      onCall: (call) => {
        times.push(call.milliseconds)
        onCall?.(call)
      },
    })
  }
  const median = times.sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0
  const found = `${median} ms a call (median of ${times.length})`
  if (median <= LATENCY_OK_MS) return { subject: 'latency', verdict: 'ok', found }
  return {
    subject: 'latency',
    verdict: 'warning',
    found,
    remedy:
      'The way to the server is long or the server is busy: ask for few columns, and filter by stored ones.',
  }
}

async function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(milliseconds, undefined, { signal })
  } catch (thrown) {
    throw signal === undefined ? thrown : canceledBy(signal)
  }
}

/** A minute apart, `now()` in a filter, which is ours, no longer means what the records' times mean. */
const CLOCK_OK_SECONDS = 60

export function clockCheck(calls: readonly CallRecord[]): Check {
  const subject = 'clock'
  const offsets = calls.flatMap(({ serverDate, startedAt, milliseconds, tries }) => {
    const theirs = Date.parse(serverDate ?? '')
    // A call that was repeated does not tell when it was answered.
    if (Number.isNaN(theirs) || tries !== 1) return []
    return [(theirs - (Date.parse(startedAt) + milliseconds)) / 1000]
  })
  if (offsets.length === 0)
    return {
      subject,
      verdict: 'warning',
      found: 'the server does not tell its time',
      remedy: 'A proxy may take the Date header away. Compare the clocks by hand.',
    }
  const offset = Math.round(offsets.sort((a, b) => Math.abs(a) - Math.abs(b))[0] ?? 0)
  // The header tells whole seconds.
  const found =
    Math.abs(offset) <= 1
      ? 'as ours, to the second'
      : `${Math.abs(offset)} s ${offset > 0 ? 'ahead of' : 'behind'} ours`
  if (Math.abs(offset) <= CLOCK_OK_SECONDS) return { subject, verdict: 'ok', found }
  return {
    subject,
    verdict: 'warning',
    found,
    remedy: 'Set both clocks by a time server: now() and current_date in a filter are those of this machine.',
  }
}
