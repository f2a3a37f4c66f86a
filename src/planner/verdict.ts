import { and, or, type Domain } from '../odoo/domain.ts'

/**
 * What Odoo can do for a predicate. `exact`: the domain selects just the rows for which the predicate holds.
 * `inexact`: it selects at least those. `unsupported`: nothing is sent. The judge also writes the domain, so that
 * verdict and domain cannot drift apart. Anything but exact leaves the predicate to be checked again locally.
 */
export type Pushdown =
  | { readonly support: 'exact'; readonly domain: Domain }
  | { readonly support: 'inexact'; readonly domain: Domain; readonly reason: string }
  | { readonly support: 'unsupported'; readonly reason: string }

export const exact = (domain: Domain): Pushdown => ({ support: 'exact', domain })
export const inexact = (domain: Domain, reason: string): Pushdown => ({ support: 'inexact', domain, reason })
export const unsupported = (reason: string): Pushdown => ({ support: 'unsupported', reason })

/** AND: a part that cannot be sent is left out, which only widens what is fetched. */
export function both(verdicts: readonly Pushdown[]): Pushdown {
  const domains = verdicts.flatMap((verdict) => (verdict.support === 'unsupported' ? [] : [verdict.domain]))
  const loose = verdicts.find((verdict) => verdict.support !== 'exact')
  if (domains.some((domain) => domain.kind === 'none')) return exact({ kind: 'none' })
  if (loose === undefined) return exact(and(...domains))
  return domains.length === 0 ? unsupported(loose.reason) : inexact(and(...domains), loose.reason)
}

/** OR: one part that cannot be sent spoils the whole, for its rows would be missing. */
export function either(verdicts: readonly Pushdown[]): Pushdown {
  const domains: Domain[] = []
  let reason: string | undefined
  for (const verdict of verdicts) {
    if (verdict.support === 'unsupported') return verdict
    if (verdict.support === 'inexact') reason ??= verdict.reason
    else if (verdict.domain.kind === 'all') return verdict
    domains.push(verdict.domain)
  }
  return reason === undefined ? exact(or(...domains)) : inexact(or(...domains), reason)
}
