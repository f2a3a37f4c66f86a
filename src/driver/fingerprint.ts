import { createHash } from 'node:crypto'
import type { CallOptions } from '../odoo/call.ts'
import type { OdooClient } from '../odoo/client.ts'
import { ALL, leaf } from '../odoo/domain.ts'
import { isRefusal } from '../odoo/faults.ts'

/** What tells whether a server's models, its fields or this user's rights have changed. */
export interface Fingerprint {
  readonly text: string
  /** A module that came or went, and groups that the user joined or left, show in it. */
  readonly isWhole: boolean
  /** What this user may not ask; it need not be asked again. */
  readonly refused: readonly string[]
}

type Sign = (client: OdooClient, options: CallOptions) => Promise<unknown>

/** Installing, upgrading or removing a module writes to its record. Administrators may look; from some version on, all may. */
const lastModule: Sign = (client, options) =>
  client.searchRead(
    'ir.module.module',
    {
      domain: ALL,
      fields: ['write_date'],
      order: 'write_date desc, id desc',
      limit: 1,
      labels: false,
      manyToOne: false,
    },
    options,
  )

/** A new field has the highest id, whether a module or a person added it; a field that went does not show. */
const lastField: Sign = (client, options) =>
  client.search('ir.model.fields', { domain: ALL, order: 'id desc', limit: 1 }, options)

/** Groups decide which models and fields a user sees. Any user may list their own, also those that others imply. */
const ownGroups: Sign = (client, options) => {
  const users = client.version.major >= 19 ? 'all_user_ids' : 'users'
  return client.search('res.groups', { domain: leaf(users, 'in', [client.userId]), order: 'id' }, options)
}

/** Asks two or three calls of some 10 ms each, side by side; not again what was refused before. */
export async function fingerprintOf(
  client: OdooClient,
  refusedBefore: readonly string[],
  options: CallOptions,
): Promise<Fingerprint> {
  const refused = new Set(refusedBefore)
  const ask = async (name: string, sign: Sign): Promise<unknown> => {
    if (refused.has(name)) return null
    try {
      return await sign(client, options)
    } catch (thrown) {
      if (!isRefusal(thrown)) throw thrown
      refused.add(name)
      return null
    }
  }
  const modulesElseFields = async (): Promise<unknown[]> => {
    const modules = await ask('modules', lastModule)
    return [modules, modules === null ? await ask('fields', lastField) : null]
  }
  const answers = await Promise.all([modulesElseFields(), ask('groups', ownGroups)])
  return {
    text: createHash('sha256').update(JSON.stringify(answers)).digest('hex'),
    isWhole: !refused.has('modules') && !refused.has('groups'),
    refused: [...refused].sort(),
  }
}
