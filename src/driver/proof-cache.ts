import { createHash } from 'node:crypto'
import { join } from 'node:path'
import * as z from 'zod'
import type { ColumnSpec, FieldType, SqlTypeName } from '../catalog/spec.ts'
import type { Datum } from '../catalog/types.ts'
import { capabilitiesOf, type MeasuredFamily, type ServerVersion } from '../odoo/capabilities.ts'
import { prefixFromDomain } from '../odoo/domain.ts'
import { judgeQuestion } from '../planner/pushdown.ts'
import type { LiveField, TableOnServer } from '../planner/server.ts'
import { cacheRoot, readChecked, writeWhole } from './catalog-cache.ts'
import { questionsAbout } from './prove-questions.ts'

const proofSchema = z.object({
  format: z.literal(1),
  /** As the server tells it, such as `20.0`. */
  version: z.string(),
  /** Of the rules that were tried: a later odoo-sql with other rules has to prove anew. */
  rulesDigest: z.string(),
  /** Milliseconds since 1970. */
  provenAt: z.number(),
  /** Rule → family by which it held. */
  rules: z.record(z.string(), z.enum(['14', '18', '19'])),
})

export interface StoredProof {
  readonly provenAt: Date
  readonly rules: ReadonlyMap<string, MeasuredFamily>
}

/** A version between two releases goes on changing under its name. */
const AGE_MAX_MS = 90 * 86_400_000

/**
 * What was proven of a version that has not been measured, or undefined. Never throws: a proof that is missing, broken,
 * too old or of other rules is none. Nothing in it is secret, and no value of a record.
 */
export async function readProof(
  version: ServerVersion,
  root: string = cacheRoot(),
  now = Date.now(),
): Promise<StoredProof | undefined> {
  const path = pathOf(version, root)
  if (version.family !== 'unproven' || path === undefined) return undefined
  const proof = await readChecked(path, proofSchema)
  if (proof?.version !== version.text || proof.rulesDigest !== rulesDigest(version)) return undefined
  if (proof.provenAt > now || now - proof.provenAt > AGE_MAX_MS) return undefined
  return { provenAt: new Date(proof.provenAt), rules: new Map(Object.entries(proof.rules)) }
}

/** Keeps what was proven of this version, in place of what was before. */
export async function writeProof(
  version: ServerVersion,
  rules: ReadonlyMap<string, MeasuredFamily>,
  root: string = cacheRoot(),
): Promise<void> {
  const path = pathOf(version, root)
  if (path === undefined) return
  const proof: z.input<typeof proofSchema> = {
    format: 1,
    version: version.text,
    rulesDigest: rulesDigest(version),
    provenAt: Date.now(),
    rules: Object.fromEntries(rules),
  }
  await writeWhole(root, join(root, 'proofs'), path, proof)
}

const pathOf = ({ text }: ServerVersion, root: string): string | undefined =>
  /^[a-z0-9.~-]{1,40}$/i.test(text) ? join(root, 'proofs', `${text}.json`) : undefined

/** What the rules of every family make of a fixed set of questions: it changes when a rule does. */
function rulesDigest(version: ServerVersion): string {
  const verdicts = FAMILIES.flatMap((family) =>
    FIELDS.flatMap((field) => verdictsOn(field, { ...version, family })),
  )
  return createHash('sha256').update(JSON.stringify(verdicts)).digest('hex')
}

const FAMILIES: readonly MeasuredFamily[] = ['14', '18', '19']

type Field = readonly [
  type: FieldType,
  sqlType: SqlTypeName,
  values: readonly Datum[],
  traits?: Partial<LiveField>,
]

const TEXTS: readonly Datum[] = [null, '', 'Ann', 'Bé%_\\k']
const FIELDS: readonly Field[] = [
  ['char', 'text', TEXTS],
  ['char', 'text', TEXTS, { translate: true }],
  ['char', 'text', TEXTS, { size: 8 }],
  ['text', 'text', TEXTS],
  ['html', 'text', TEXTS],
  ['selection', 'text', [null, 'ssl', 'tls']],
  ['integer', 'int4', [-3, 0, 25]],
  ['float', 'float8', [-0.5, 0, 2.5]],
  ['float', 'numeric', ['-0.5', '0', '2.25'], { digits: [16, 2] }],
  ['monetary', 'numeric', ['-0.5', '0', '2.25']],
  ['boolean', 'bool', [true, false]],
  ['date', 'date', [null, '2024-02-29']],
  ['datetime', 'timestamp', [null, '2024-02-29 12:00:00']],
  ['many2one', 'int4', [null, 7]],
  ['binary', 'bytea', [null]],
]

function verdictsOn([type, sqlType, values, traits]: Field, version: ServerVersion): unknown[] {
  const live = { ...PLAIN_FIELD, type, ...traits }
  const column: ColumnSpec = {
    name: 'field',
    type: sqlType,
    label: 'Field',
    description: 'A field.',
    required: false,
    fieldType: type,
    part: type === 'many2one' ? 'id' : undefined,
    secret: false,
  }
  const server: TableOnServer = {
    table: {
      schema: 'a',
      name: 'b',
      model: 'a.b',
      label: 'B',
      description: 'B.',
      columns: [column],
      examples: [],
    },
    partition: '',
    version,
    capabilities: capabilitiesOf(version),
    fields: new Map([['field', live]]),
    ordersBytewise: true,
  }
  return questionsAbout(column, live, values).map((question) => {
    const verdict = judgeQuestion(question, column, server)
    return verdict.support === 'unsupported' ? null : [verdict.support, prefixFromDomain(verdict.domain)]
  })
}

const PLAIN_FIELD = {
  store: true,
  searchable: true,
  sortable: true,
  companyDependent: false,
  translate: false,
} as const
