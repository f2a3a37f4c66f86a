import type { TableSpec } from '../catalog/spec.ts'
import type { CallOptions } from '../odoo/call.ts'
import type { MeasuredFamily, ServerVersion } from '../odoo/capabilities.ts'
import type { OdooClient } from '../odoo/client.ts'
import { eachOf } from './shared.ts'
import { openTrials, type Trials } from './prove-search.ts'
import { COMBINATION_RULE, combinationTrialsOf, fieldTrialsOf, type Trial } from './prove-trials.ts'
import { evidenceNeeded, sampleOf, type Evidence, type Sample, type SampledColumn } from './prove-sample.ts'
import { openTally, type FamilyOutcome } from './prove-tally.ts'

/** What the rules of pushdown came to on one server's own records. */
export interface ProofReport {
  readonly version: ServerVersion
  /** In the order in which they would be chosen, the best one first. */
  readonly families: readonly FamilyOutcome[]
  /** Rules that may be used on a server of this version, each with the family by which it held. */
  readonly rules: ReadonlyMap<string, MeasuredFamily>
  readonly models: readonly string[]
  readonly calls: number
  readonly milliseconds: number
  /** The bound on calls or time was met before everything was tried. */
  readonly isCutShort: boolean
}

export interface ProveOptions extends CallOptions {
  readonly published: readonly TableSpec[]
  /** Text order and ranges can only be tried where the server is known to order bytewise. */
  readonly ordersBytewise: boolean
  /** Families to try; by default the version's own, or all of them where it has none. */
  readonly candidates?: readonly MeasuredFamily[] | undefined
  /** Default CALLS_MAX. */
  readonly callsMax?: number | undefined
  /** Default TIME_MAX_MS. */
  readonly timeMaxMs?: number | undefined
  readonly onProgress?: ((progress: ProofProgress) => void) | undefined
}

export interface ProofProgress {
  readonly model: string
  readonly calls: number
}

const CALLS_MAX = 6_000
const TIME_MAX_MS = 600_000
/** Fields of each kind that are tried, and how many more where those have not shown every value that matters. */
const FIELDS_OF_KIND = 3
const FIELDS_OF_KIND_MAX = 8
/** Searches under way at once; the client holds its own limits beside. */
const AT_ONCE = 4

/** Models beside the published ones, those first that every Odoo has and that hold unlike fields. */
const MODELS: readonly string[] = [
  'res.partner',
  'ir.module.module',
  'res.users',
  'res.country',
  'crm.lead',
  'res.currency',
  'ir.model.fields',
  'mail.message',
  'res.company',
  'res.lang',
  'ir.attachment',
  'sale.order',
  'sale.order.line',
  'product.template',
  'account.move',
  'account.move.line',
  'crm.stage',
  'res.currency.rate',
  'ir.sequence',
  'ir.cron',
  'ir.ui.view',
  'ir.model',
  'res.country.state',
  'mail.template',
]

/**
 * Tries the rules of pushdown on records of the connected server: every predicate is asked of Odoo, among a bounded
 * list of ids, and held against its truth over the values that were read. It only reads.
 */
export async function prove(client: OdooClient, options: ProveOptions): Promise<ProofReport> {
  const startedAt = performance.now()
  const { version } = client
  const families = options.candidates ?? candidatesFor(version)
  const tallies = new Map(families.map((family) => [family, openTally(family)]))
  const shown = openShown()
  const proven: string[] = []
  let calls = 0
  const isSpent = (): boolean =>
    calls >= (options.callsMax ?? CALLS_MAX) ||
    performance.now() - startedAt >= (options.timeMaxMs ?? TIME_MAX_MS)
  const call: CallOptions = {
    signal: options.signal,
    onCall: (record) => {
      calls++
      options.onCall?.(record)
    },
  }
  for (const model of [...new Set([...options.published.map((table) => table.model), ...MODELS])]) {
    if (isSpent()) break
    options.onProgress?.({ model, calls })
    const isSecret = secretFieldsOf(model, options.published)
    const sample = await sampleOf(client, model, { ...call, isSecret, missingFor: shown.missing })
    if (sample === undefined) continue
    const trials = openTrials(client, sample, { ...options, ...call, families, tallies })
    const columns = choose(sample, shown)
    if (columns.length > 0) proven.push(model)
    await tryAll(columns, trials, {
      isSpent,
      onTried: () => options.onProgress?.({ model, calls }),
      shown,
    })
  }
  const outcomes = [...tallies.values()].map((tally) =>
    tally.outcome((rule) => rule === COMBINATION_RULE || shown.isShown(rule)),
  )
  const ordered = outcomes.sort((a, b) => Number(b.isComplete) - Number(a.isComplete))
  return {
    version,
    families: ordered,
    rules: rulesOf(ordered),
    models: proven,
    calls,
    milliseconds: Math.round(performance.now() - startedAt),
    isCutShort: isSpent(),
  }
}

async function tryAll(
  columns: readonly SampledColumn[],
  trials: Trials,
  { isSpent, onTried, shown }: { isSpent: () => boolean; onTried: () => void; shown: Shown },
): Promise<void> {
  const tryEach = (planned: readonly Trial[]): Promise<unknown> =>
    eachOf(planned, AT_ONCE, async (trial) => {
      if (isSpent()) return
      await trial()
      onTried()
    })
  for (const column of columns) {
    await tryEach(fieldTrialsOf(column, trials))
    // Only what was tried to its end has shown anything.
    if (!isSpent()) shown.add(column)
  }
  await tryEach(combinationTrialsOf(trials))
}

const FAMILIES: readonly {
  readonly family: MeasuredFamily
  readonly first: number
  readonly last: number
}[] = [
  { family: '14', first: 14, last: 17 },
  { family: '18', first: 18, last: 18 },
  { family: '19', first: 19, last: 19 },
]

/** A measured version is held against its own rules; any other against all, those of the nearest version first. */
export function candidatesFor(version: ServerVersion): readonly MeasuredFamily[] {
  if (version.family !== 'unproven') return [version.family]
  const distance = ({ first, last }: (typeof FAMILIES)[number]): number =>
    Math.max(first - version.major, version.major - last, 0)
  return [...FAMILIES].sort((a, b) => distance(a) - distance(b)).map(({ family }) => family)
}

/**
 * The rules of the family that held completely: what it leaves alone, it leaves alone for a reason that these records
 * need not show. Where none did, each rule by the first family for which it held.
 */
function rulesOf(families: readonly FamilyOutcome[]): Map<string, MeasuredFamily> {
  const rules = new Map<string, MeasuredFamily>()
  const sound = families.filter((family) => hasHeld(family, COMBINATION_RULE))
  const [best] = sound
  const usable = best?.isComplete === true ? [best] : sound
  // The rules of 14 ask for NULL and 0 one by one: where they hold, they hold however a server takes a NULL number.
  const careful = [...sound].sort((a, b) => Number(b.family === '14') - Number(a.family === '14'))
  for (const { rule } of usable.flatMap((family) => family.rules)) {
    const order = /\b(integer|float|monetary) /.test(rule) ? careful : usable
    const holding = order.find((family) => hasHeld(family, rule))
    if (holding !== undefined) rules.set(rule, holding.family)
  }
  return rules
}

const hasHeld = ({ rules }: FamilyOutcome, rule: string): boolean =>
  rules.some((outcome) => outcome.rule === rule && outcome.verdict === 'held')

function secretFieldsOf(model: string, published: readonly TableSpec[]): (field: string) => boolean {
  const secret = published
    .filter((table) => table.model === model)
    .flatMap((table) => table.columns.filter((column) => column.secret))
    .map((column) => column.field ?? column.name)
  return (field) => secret.includes(field)
}

/** What the fields that were tried have held, for each kind of field. */
interface Shown {
  add(column: SampledColumn): void
  readonly missing: (kind: string, needed: readonly Evidence[]) => readonly Evidence[]
  tried(kind: string): number
  readonly isShown: (rule: string) => boolean
}

function openShown(): Shown {
  const kinds = new Map<string, { evidence: Set<Evidence>; needed: readonly Evidence[]; fields: number }>()
  const missing = (kind: string, needed: readonly Evidence[]): readonly Evidence[] =>
    needed.filter((evidence) => kinds.get(kind)?.evidence.has(evidence) !== true)
  return {
    add({ kind, live, evidence }) {
      const one = kinds.get(kind) ?? { evidence: new Set(), needed: evidenceNeeded(live), fields: 0 }
      kinds.set(kind, one)
      one.fields++
      evidence.forEach((shown) => one.evidence.add(shown))
    },
    missing,
    tried: (kind) => kinds.get(kind)?.fields ?? 0,
    isShown: (rule) =>
      [...kinds].some(
        ([kind, { needed }]) => rule.startsWith(`${kind} `) && missing(kind, needed).length === 0,
      ),
  }
}

/** The fields to try of a sample: a few of each kind, and more as long as they hold what others did not. */
function choose({ columns }: Sample, shown: Shown): SampledColumn[] {
  const chosen: SampledColumn[] = []
  const byEvidence = [...columns].sort((a, b) => b.evidence.size - a.evidence.size)
  for (const one of byEvidence) {
    const ofKind = chosen.filter(({ kind }) => kind === one.kind)
    const missing = shown
      .missing(one.kind, evidenceNeeded(one.live))
      .filter((evidence) => !ofKind.some((other) => other.evidence.has(evidence)))
    const count = shown.tried(one.kind) + ofKind.length
    const isNews = missing.some((evidence) => one.evidence.has(evidence))
    if (one.evidence.size > 1 && (count < FIELDS_OF_KIND || (isNews && count < FIELDS_OF_KIND_MAX)))
      chosen.push(one)
  }
  return chosen
}
