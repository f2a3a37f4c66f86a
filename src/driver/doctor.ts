import { loadCatalog } from '../catalog/load.ts'
import type { TableSpec } from '../catalog/spec.ts'
import { SqlError, sqlErrorFrom } from '../errors.ts'
import type { CallOptions, CallRecord } from '../odoo/call.ts'
import type { ServerVersion } from '../odoo/capabilities.ts'
import { openClient, type ClientConfig, type OdooClient } from '../odoo/client.ts'
import { startDeadline } from './cancel.ts'
import { settle, type ConnectOptions } from './config.ts'
import { startEmbeddedDemo } from './embedded-demo.ts'
import { archivedCheck, clockCheck, languageCheck, latencyCheck, textOrderCheck } from './doctor-server.ts'
import { tableChecks } from './doctor-tables.ts'
import { readProof, writeProof } from './proof-cache.ts'
import { prove, type ProofProgress, type ProofReport } from './prove.ts'
import { ordersBytewise } from './text-order.ts'

export interface Check {
  readonly subject: string
  readonly verdict: 'ok' | 'warning' | 'failed'
  readonly found: string
  /** What the user can do about it. */
  readonly remedy?: string | undefined
}

/** What the doctor found of one partition. Holds no secret. */
export interface Diagnosis {
  readonly partition: string
  readonly url: string
  readonly database: string
  readonly login: string
  /** Logged in. */
  readonly isConnected: boolean
  readonly checks: readonly Check[]
  /** Where one was asked for and the log-in succeeded. */
  readonly proof: ProofReport | undefined
}

export interface DoctorOptions extends ConnectOptions {
  /** Tries the rules of pushdown, too: some thousand calls. */
  readonly prove?: boolean
  readonly onProgress?: ((progress: ProofProgress) => void) | undefined
}

/**
 * Examines each selected partition, one after the other, and only reads. What is wrong with a server is a check that
 * failed; it throws SqlError for options that make no sense (22023, F0000), for a cancellation and for a timeout (57014).
 */
export async function* diagnose(options: DoctorOptions): AsyncGenerator<Diagnosis> {
  const demo = options.demo === true ? await startEmbeddedDemo(options) : undefined
  const deadline = startDeadline(options.signal, options.timeoutMs)
  try {
    const { partitions, selected, options: settings } = await settle({ ...options, ...demo?.options })
    const { tables } = await loadCatalog(settings.catalog === undefined ? [] : [settings.catalog])
    for (const config of partitions.filter(({ name }) => selected.includes(name)))
      yield await diagnosePartition(config, tables, { ...options, ...settings, signal: deadline.signal })
  } catch (thrown) {
    throw deadline.error() ?? sqlErrorFrom(thrown)
  } finally {
    deadline.end()
    await demo?.close()
  }
}

async function diagnosePartition(
  config: ClientConfig,
  tables: readonly TableSpec[],
  options: DoctorOptions,
): Promise<Diagnosis> {
  const { name: partition, url, database, login } = config
  const calls: CallRecord[] = []
  const told: CallOptions = { signal: options.signal, onCall: (call) => calls.push(call) }
  const checks: Check[] = []
  let client: OdooClient | undefined
  let proof: ProofReport | undefined
  try {
    client = await logIn(config, checks, told, calls)
    if (client !== undefined) {
      await examine(client, config, { tables, checks, options, told, calls })
      if (options.prove === true) proof = await proveRules(client, tables, checks, options)
      else checks.push(await rulesCheck(client.version, options))
    }
  } finally {
    client?.close()
  }
  return { partition, url, database, login, isConnected: client !== undefined, checks, proof }
}

/** Undefined where that failed; the checks say why. */
async function logIn(
  config: ClientConfig,
  checks: Check[],
  options: CallOptions,
  calls: readonly CallRecord[],
): Promise<OdooClient | undefined> {
  const { login, apiKey, url } = config
  try {
    const client = await openClient(config, options)
    const { version, userId } = client
    checks.push(reachCheck(url, calls), versionCheck(version), transportCheck(client, config))
    const by = apiKey === undefined ? 'a password' : 'an API key'
    const remedy =
      apiKey === undefined
        ? 'An API key is safer: it can be revoked on its own. Make one in the preferences of the Odoo user and set ODOO_API_KEY.'
        : undefined
    checks.push({ subject: 'log-in', verdict: 'ok', found: `"${login}" is user ${userId}, by ${by}`, remedy })
    return client
  } catch (thrown) {
    rethrowIfCanceled(thrown, options)
    // The version is asked first, and needs no log-in.
    const isReached = calls.some(({ method, outcome }) => method === 'version' && outcome === 'ok')
    if (isReached) checks.push(reachCheck(url, calls))
    checks.push(failed(isReached ? 'log-in' : 'reach', thrown))
    return undefined
  }
}

/** A cancellation and a timeout of the whole end the examination; all else is something to tell. */
function rethrowIfCanceled(thrown: unknown, { signal }: CallOptions): void {
  if (!(thrown instanceof SqlError) || signal?.aborted === true) throw thrown
}

export function failed(subject: string, thrown: unknown): Check {
  const { message, detail, hint } = sqlErrorFrom(thrown)
  return {
    subject,
    verdict: 'failed',
    found: detail === undefined ? message : `${message}. ${detail}`,
    remedy: hint,
  }
}

function reachCheck(url: string, calls: readonly CallRecord[]): Check {
  const { protocol, hostname } = new URL(url)
  const answers = `${url} answers in ${calls[0]?.milliseconds ?? 0} ms`
  if (protocol === 'https:') return { subject: 'reach', verdict: 'ok', found: `${answers}, with TLS` }
  if (/^(localhost|127\.|\[::1\])/.test(hostname))
    return { subject: 'reach', verdict: 'ok', found: `${answers}, without TLS, on this machine` }
  return {
    subject: 'reach',
    verdict: 'warning',
    found: `${answers}, without TLS: the log-in and all data can be read on the way`,
    remedy: 'Use an https or odoo+https URL.',
  }
}

function versionCheck({ text, major, family }: ServerVersion): Check {
  const subject = 'version'
  if (major < 14)
    return {
      subject,
      verdict: 'warning',
      found: `Odoo ${text}`,
      remedy: 'odoo-sql is made for Odoo 14 and later.',
    }
  if (family === 'unproven')
    return { subject, verdict: 'ok', found: `Odoo ${text}, which has not been measured` }
  const isPresumed = major === 15
  return {
    subject,
    verdict: 'ok',
    found: `Odoo ${text}, ${isPresumed ? 'presumed to be as 14 and 16' : 'measured'}`,
  }
}

function transportCheck({ transport, capabilities, version }: OdooClient, config: ClientConfig): Check {
  const found = (why: string): Check => ({
    subject: 'transport',
    verdict: 'ok',
    found: `${transport === 'json-2' ? 'JSON-2' : 'JSON-RPC'}: ${why}`,
  })
  if (config.transport !== undefined && config.transport !== 'auto') return found('it is set so')
  if (transport === 'json-2') return found('the server has it, and an API key is given')
  if (!capabilities.json2) return found(`Odoo ${version.text} has no JSON-2`)
  if (config.apiKey === undefined) return found('JSON-2 needs an API key')
  return found('the API key or the name of the database has characters that JSON-2 does not take')
}

interface Examination {
  readonly tables: readonly TableSpec[]
  readonly checks: Check[]
  readonly options: DoctorOptions
  readonly told: CallOptions
  readonly calls: readonly CallRecord[]
}

/** Goes on after a check that failed: the next one may tell more. */
async function examine(
  client: OdooClient,
  config: ClientConfig,
  { tables, checks, options, told, calls }: Examination,
): Promise<void> {
  const check = async (subject: string, work: () => Promise<Check | readonly Check[]>): Promise<void> => {
    try {
      checks.push(...[await work()].flat())
    } catch (thrown) {
      rethrowIfCanceled(thrown, told)
      checks.push(failed(subject, thrown))
    }
  }
  await check('language', () => languageCheck(client, config, told))
  for (const table of tables)
    await check(`table ${table.schema}.${table.name}`, () => tableChecks(client, table, told))
  await check('archived records', () => archivedCheck(client, tables, told))
  await check('text order', () => textOrderCheck(client, options.textOrder, told))
  await check('latency', () => latencyCheck(client, config, told))
  checks.push(clockCheck(calls))
}

async function rulesCheck(version: ServerVersion, { catalogCache = true }: DoctorOptions): Promise<Check> {
  const subject = 'rules'
  if (version.family !== 'unproven')
    return { subject, verdict: 'ok', found: `those measured on Odoo ${FAMILY_TITLES[version.family]}` }
  const proof = catalogCache ? await readProof(version) : undefined
  if (proof !== undefined && proof.rules.size > 0) {
    const day = proof.provenAt.toISOString().slice(0, 10)
    return {
      subject,
      verdict: 'ok',
      found: `${proof.rules.size} were proven for Odoo ${version.text} on ${day}`,
    }
  }
  return {
    subject,
    verdict: 'warning',
    found: `nothing but id is left to Odoo ${version.text}: every other filter is checked here, on whole tables`,
    remedy:
      'Run odoo-sql doctor --prove once: what it proves is left to servers of this version from then on.',
  }
}

const FAMILY_TITLES = { '14': '14 to 17', '18': '18', '19': '19' } as const

/** Tries the rules; on a version that was not measured, what held is kept and used from the next connection on. */
async function proveRules(
  client: OdooClient,
  published: readonly TableSpec[],
  checks: Check[],
  options: DoctorOptions,
): Promise<ProofReport | undefined> {
  const { signal, onProgress, textOrder = 'auto', catalogCache = true } = options
  const { version } = client
  try {
    const isBytewise =
      textOrder === 'auto' ? await ordersBytewise(client, { signal }) : textOrder === 'server'
    const report = await prove(client, { signal, published, ordersBytewise: isBytewise, onProgress })
    // What was tried in part says less than what an earlier, whole proof may have found.
    const isKept = version.family === 'unproven' && catalogCache && !report.isCutShort
    if (isKept) await writeProof(version, report.rules)
    checks.push(proofCheck(report, isKept))
    return report
  } catch (thrown) {
    rethrowIfCanceled(thrown, options)
    checks.push(failed('rules', thrown))
    return undefined
  }
}

function proofCheck({ version, families, rules, isCutShort }: ProofReport, isKept: boolean): Check {
  const subject = 'rules'
  const [best] = families
  const counts = best === undefined ? 'none' : `${best.held} of ${best.predicates} predicates held`
  const title = best === undefined ? '' : FAMILY_TITLES[best.family]
  if (isCutShort)
    return {
      subject,
      verdict: 'warning',
      found: `${counts} by the rules of Odoo ${title} before the bound on calls or time was met`,
      remedy: 'Try it against a faster server, or when it has less to do.',
    }
  if (version.family !== 'unproven')
    return best?.isComplete === true
      ? { subject, verdict: 'ok', found: `${counts} by the rules of Odoo ${title}` }
      : {
          subject,
          verdict: 'failed',
          found: `${counts} by the rules of Odoo ${title}`,
          remedy:
            'This server answers otherwise than Odoo does. Set pushdown to false (--no-pushdown), and report it.',
        }
  if (rules.size === 0)
    return {
      subject,
      verdict: 'warning',
      found: `no rule could be proven for Odoo ${version.text}: only id is left to it`,
      remedy: 'Try it as a user who may read more, such as an administrator.',
    }
  const by =
    best?.isComplete === true ? `it answers as Odoo ${title}` : 'it answers as no version that was measured'
  return {
    subject,
    verdict: 'ok',
    found: `${counts}: ${by}. ${rules.size} rules are left to Odoo ${version.text}${isKept ? ' from now on' : ''}`,
  }
}
