import type { Datum } from '../catalog/types.ts'
import { SqlError } from '../errors.ts'
import type { CallOptions } from '../odoo/call.ts'
import type { MeasuredFamily } from '../odoo/capabilities.ts'
import type { OdooClient } from '../odoo/client.ts'
import { and, leaf, prefixFromDomain, type Domain } from '../odoo/domain.ts'
import { quoteIdentifier, quoteLiteral } from '../sql/print.ts'
import type { Value } from '../planner/bound.ts'
import { groupRuleNamesOf, orderRuleNamesOf, ruleNamesOf } from '../planner/proven.ts'
import { judgeQuestion } from '../planner/pushdown.ts'
import type { Question } from '../planner/rule.ts'
import type { TableOnServer } from '../planner/server.ts'
import type { Pushdown } from '../planner/verdict.ts'
import { groupFaultOf } from './prove-groups.ts'
import { orderFaultOf } from './prove-order.ts'
import { questionsAbout } from './prove-questions.ts'
import { readValues, type Sample, type SampledColumn } from './prove-sample.ts'
import type { Counterexample, Tally } from './prove-tally.ts'
import { isTrueOf } from './prove-truth.ts'

export interface TrialOptions extends CallOptions {
  readonly families: readonly MeasuredFamily[]
  readonly tallies: ReadonlyMap<MeasuredFamily, Tally>
  readonly ordersBytewise: boolean
}

/** One thing to try, counted in the tallies when it ends. */
export type Trial = () => Promise<void>

/** All that trials on one sample share. */
export interface Trials {
  readonly client: OdooClient
  readonly sample: Sample
  readonly options: TrialOptions
  serverOf(family: MeasuredFamily): TableOnServer
  /** Ids of the sample that a domain finds, or Odoo's fault as text. Families often send the same domain. */
  search(domain: Domain): Promise<readonly number[] | string>
}

export function openTrials(client: OdooClient, sample: Sample, options: TrialOptions): Trials {
  const { table, fields, ids } = sample
  const found = new Map<string, Promise<readonly number[] | string>>()
  const servers = new Map(
    options.families.map((family): [MeasuredFamily, TableOnServer] => [
      family,
      {
        table,
        partition: client.name,
        version: { ...client.version, family, proven: undefined },
        capabilities: client.capabilities,
        fields,
        ordersBytewise: options.ordersBytewise,
      },
    ]),
  )
  return {
    client,
    sample,
    options,
    serverOf: (family) => servers.get(family) as TableOnServer,
    search(domain) {
      if (domain.kind === 'none') return Promise.resolve([])
      if (domain.kind === 'all') return Promise.resolve(ids)
      const key = JSON.stringify(prefixFromDomain(domain))
      const known = found.get(key) ?? searchAmong(client, sample, domain, options)
      found.set(key, known)
      return known
    },
  }
}

function searchAmong(
  client: OdooClient,
  { table, ids }: Sample,
  domain: Domain,
  options: CallOptions,
): Promise<readonly number[] | string> {
  const among = and(leaf('id', 'in', ids), domain)
  return orFault(client.search(table.model, { domain: among, order: 'id' }, options))
}

/** A fault of Odoo is an outcome; a lost connection, a cancellation or a wrong key is none. */
export async function orFault<T>(work: Promise<T>): Promise<T | string> {
  try {
    return await work
  } catch (thrown) {
    if (thrown instanceof SqlError && !/^(08|28|57)/.test(thrown.code)) return thrown.message
    throw thrown
  }
}

/** Everything to try on one field. */
export function fieldTrialsOf(sampled: SampledColumn, trials: Trials): Trial[] {
  const { live, column, values } = sampled
  const questions = questionsAbout(column, live, values)
  return [
    ...questions.map((question) => () => tryQuestion(question, sampled, trials)),
    () => tryWhole(orderRuleNamesOf(live), sampled, trials, orderFaultOf),
    () => tryWhole(groupRuleNamesOf(live), sampled, trials, groupFaultOf),
  ]
}

async function tryQuestion(question: Question, sampled: SampledColumn, trials: Trials): Promise<void> {
  const rule = ruleNamesOf(sampled.live, question).at(-1) ?? ''
  for (const family of trials.options.families) {
    const verdict = judgeQuestion(question, sampled.column, trials.serverOf(family))
    if (verdict.support === 'unsupported') continue
    let fault = faultOf(verdict, question, sampled, trials, await trials.search(verdict.domain))
    // Somebody may have written meanwhile: a fault counts where it shows again on values read anew.
    if (fault !== undefined) fault = await tryAnew(verdict, question, sampled, trials)
    const holding = sampled.values.filter((value) => isTrueOf(question, sampled.column.type, value)).length
    const isTelling = holding > 0 && holding < sampled.values.length
    const counterexample = fault === undefined ? undefined : { ...fault, rule }
    trials.options.tallies.get(family)?.count(rule, isTelling, counterexample)
  }
}

type Judged = Exclude<Pushdown, { support: 'unsupported' }>

async function tryAnew(
  verdict: Judged,
  question: Question,
  sampled: SampledColumn,
  { client, sample, options, ...trials }: Trials,
): Promise<Omit<Counterexample, 'rule'> | undefined> {
  const { column } = sampled
  const valueOf = await readValues(
    client,
    sample.table.model,
    { columns: [column], ids: sample.ids },
    options,
  )
  const ids = sample.ids.filter((id) => valueOf(column, id) !== undefined)
  const values = ids.map((id): Datum => valueOf(column, id) ?? null)
  const now: Sample = { ...sample, ids }
  const { domain } = verdict
  const found =
    domain.kind === 'none'
      ? []
      : domain.kind === 'all'
        ? ids
        : await searchAmong(client, now, domain, options)
  const seen = { ...trials, client, sample: now, options }
  return faultOf(verdict, question, { ...sampled, values }, seen, found)
}

/** Ids that a counterexample shows. */
const IDS_SHOWN = 10

function faultOf(
  verdict: Judged,
  question: Question,
  { column, values }: SampledColumn,
  { sample }: Pick<Trials, 'sample'>,
  found: readonly number[] | string,
): Omit<Counterexample, 'rule'> | undefined {
  const shared = {
    model: sample.table.model,
    predicate: textOfQuestion(column.name, question),
    domain: prefixFromDomain(verdict.domain),
  }
  if (typeof found === 'string') return { ...shared, missed: [], excess: [], fault: found }
  const truth = new Set(
    sample.ids.filter((_, index) => isTrueOf(question, column.type, values[index] ?? null)),
  )
  const selected = new Set(found)
  const missed = [...truth].filter((id) => !selected.has(id))
  const excess = verdict.support === 'exact' ? found.filter((id) => !truth.has(id)) : []
  if (missed.length === 0 && excess.length === 0) return undefined
  return {
    ...shared,
    missed: missed.slice(0, IDS_SHOWN),
    excess: excess.slice(0, IDS_SHOWN),
    fault: undefined,
  }
}

/** Tries what goes by no domain: how Odoo orders and groups by a field. It is the same for every family. */
async function tryWhole(
  names: readonly string[],
  sampled: SampledColumn,
  trials: Trials,
  faultOfField: (sampled: SampledColumn, trials: Trials) => Promise<WholeOutcome | undefined>,
): Promise<void> {
  const rule = names.at(-1) ?? ''
  const outcome = await faultOfField(sampled, trials)
  if (outcome === undefined) return
  const counterexample =
    outcome.fault === undefined
      ? undefined
      : {
          rule,
          model: trials.sample.table.model,
          predicate: outcome.asked,
          domain: [],
          missed: [],
          excess: [],
          fault: outcome.fault,
        }
  for (const tally of trials.options.tallies.values()) tally.count(rule, true, counterexample)
}

/** What was asked of an order or of groups, and what was wrong with the answer. */
export interface WholeOutcome {
  readonly asked: string
  readonly fault: string | undefined
}

function textOfQuestion(name: string, question: Question): string {
  const column = quoteIdentifier(name)
  switch (question.kind) {
    case 'compare':
      return `${column} ${question.operator} ${textOfValue(question.value)}`
    case 'in':
    case 'notIn': {
      const list = question.values.map(textOfValue).join(', ')
      return `${column} ${question.kind === 'in' ? 'IN' : 'NOT IN'} (${list})`
    }
    case 'like':
    case 'notLike':
    case 'ilike':
    case 'notIlike':
      return `${column} ${LIKE[question.kind]} ${quoteLiteral(question.pattern)}`
    case 'isNull':
      return `${column} IS NULL`
    case 'isNotNull':
      return `${column} IS NOT NULL`
    default:
      return question satisfies never
  }
}

const LIKE = { like: 'LIKE', notLike: 'NOT LIKE', ilike: 'ILIKE', notIlike: 'NOT ILIKE' } as const

const textOfValue = (value: Value): string =>
  typeof value === 'string' ? quoteLiteral(value) : typeof value === 'object' ? '…' : String(value)
