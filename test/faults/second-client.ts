import { expect } from 'chai'
import type { OdooConnection } from '../support/odoo-rpc.ts'

export interface Partner {
  readonly id: number
  readonly name: string | null
  readonly ref: string | null
  readonly active: boolean | null
}

/** Somebody else who works on res.partner, and knows what a reader may see of it. */
export interface SecondClient {
  /** Creates, changes, archives and deletes some. */
  work(): Promise<void>
  /** What stood still is there once and as it was; the others as they were at some time, or not where they were not. */
  expectRead(rows: readonly Partner[]): void
}

/** A prime, so that the records it takes stand all over the table. */
const STRIDE = 61
const CHANGED_AT_ONCE = 4

export function openSecondClient(odoo: OdooConnection, partners: readonly Partner[]): SecondClient {
  /** Each form that a record may have that does not stand still; undefined: it may be missing. */
  const forms = new Map<number, (Partner | undefined)[]>()
  const done = { create: 0, write: 0, archive: 0, unlink: 0 }
  let taken = 0

  const take = (count: number): Partner[] =>
    Array.from({ length: count }, () => partners[(taken++ * STRIDE) % partners.length]!)

  /** Odoo may refuse, of a record that others need; then it stays as it was, which is a form too. */
  async function change(
    some: readonly Partner[],
    [method, ...args]: readonly ['write' | 'unlink', ...unknown[]],
    formOf: (partner: Partner) => Partner | undefined,
  ): Promise<number> {
    for (const partner of some) forms.set(partner.id, [partner, formOf(partner)])
    const ids = some.map(({ id }) => id)
    return (await odoo.call('res.partner', method, [ids, ...args])).error === undefined ? 1 : 0
  }

  async function create(values: { readonly name: string; readonly ref: string }): Promise<void> {
    const id = (await odoo.call('res.partner', 'create', [values])).result as number
    forms.set(id, [undefined, { id, ...values, active: true }])
    done.create++
  }

  return {
    async work() {
      const text = `changed after ${taken}`
      const both = { name: text, ref: text }
      done.write += await change(take(CHANGED_AT_ONCE), ['write', both], (partner) => ({
        ...partner,
        ...both,
      }))
      const archived = { active: false }
      done.archive += await change(take(1), ['write', archived], (partner) => ({ ...partner, ...archived }))
      done.unlink += await change(take(1), ['unlink'], () => undefined)
      await create(both)
    },
    expectRead(rows) {
      for (const [kind, count] of Object.entries(done)) expect(count, kind).to.be.greaterThan(0)
      const byId = new Map(rows.map((row) => [row.id, row]))
      expect(byId.size).to.equal(rows.length)
      const standing = (some: readonly Partner[]): Partner[] => some.filter(({ id }) => !forms.has(id))
      expect(standing(rows).toSorted((a, b) => a.id - b.id)).to.deep.equal(standing(partners))
      for (const [id, possible] of forms) expect(possible).to.deep.include(byId.get(id))
    },
  }
}
