import type { SqlError } from '../errors.ts'
import type { CallOptions } from '../odoo/call.ts'
import type { MeasuredFamily } from '../odoo/capabilities.ts'
import type { OdooClient } from '../odoo/client.ts'
import { and, leaf, prefixFromDomain, type Domain } from '../odoo/domain.ts'
import type { TableOnServer } from '../planner/server.ts'
import type { Pushdown } from '../planner/verdict.ts'
import { orFault, type Sample } from './prove-sample.ts'
import type { Tally } from './prove-tally.ts'

/** A predicate of one field that a family's rule got right, and which of the sample's rows it holds for. */
export interface HeldPredicate {
  readonly text: string
  readonly verdict: Exclude<Pushdown, { support: 'unsupported' }>
  readonly truth: readonly boolean[]
}

export interface TrialOptions extends CallOptions {
  readonly families: readonly MeasuredFamily[]
  readonly tallies: ReadonlyMap<MeasuredFamily, Tally>
  readonly ordersBytewise: boolean
}

/** All that trials on one sample share. */
export interface Trials {
  readonly client: OdooClient
  readonly sample: Sample
  readonly options: TrialOptions
  readonly held: ReadonlyMap<MeasuredFamily, HeldPredicate[]>
  readonly serverOf: (family: MeasuredFamily) => TableOnServer
  /** Ids of the sample that a domain finds, or Odoo's fault. Families often send the same domain. */
  readonly search: (domain: Domain) => Promise<readonly number[] | SqlError>
}

export function openTrials(client: OdooClient, sample: Sample, options: TrialOptions): Trials {
  const { table, fields } = sample
  const found = new Map<string, Promise<readonly number[] | SqlError>>()
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
    held: new Map(options.families.map((family) => [family, []])),
    serverOf: (family) => servers.get(family) as TableOnServer,
    search(domain) {
      const key = JSON.stringify(prefixFromDomain(domain))
      const known = found.get(key) ?? searchAmong(client, sample, domain, options)
      found.set(key, known)
      return known
    },
  }
}

/** Every search of a proof stays among the ids whose values were read. */
export function searchAmong(
  client: OdooClient,
  { table, ids }: Sample,
  domain: Domain,
  options: CallOptions,
): Promise<readonly number[] | SqlError> {
  if (domain.kind === 'none') return Promise.resolve([])
  if (domain.kind === 'all') return Promise.resolve(ids)
  const among = and(leaf('id', 'in', ids), domain)
  return orFault(client.search(table.model, { domain: among, order: 'id' }, options))
}

/** What was asked of an order or of groups, and what was wrong with the answer. */
export interface WholeOutcome {
  readonly asked: string
  readonly fault: string | undefined
}
