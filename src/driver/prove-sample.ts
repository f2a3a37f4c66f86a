import { tableFromFields } from '../catalog/discover.ts'
import { tableNameOfModel } from '../catalog/naming.ts'
import { fieldOf, type ColumnSpec, type FieldType, type TableSpec } from '../catalog/spec.ts'
import { decoderOf, type Datum } from '../catalog/types.ts'
import { SqlError } from '../errors.ts'
import type { CallOptions } from '../odoo/call.ts'
import type { FieldInfo, OdooClient } from '../odoo/client.ts'
import { and, leaf, not, type Domain } from '../odoo/domain.ts'
import { isRefusal } from '../odoo/faults.ts'
import { fieldKindOf } from '../planner/proven.ts'
import { eachOf } from './shared.ts'

/** A bounded number of a model's records, as they read, with the fields that rules can be tried on. */
export interface Sample {
  readonly table: TableSpec
  readonly fields: ReadonlyMap<string, FieldInfo>
  /** In ascending order. */
  readonly ids: readonly number[]
  readonly columns: readonly SampledColumn[]
}

export interface SampledColumn {
  readonly column: ColumnSpec
  readonly live: FieldInfo
  /** As rules tell fields apart, such as `translated char`. */
  readonly kind: string
  /** One for each id of the sample. */
  readonly values: readonly Datum[]
  readonly evidence: ReadonlySet<Evidence>
}

/** Values that a rule must have met before its silence says anything: Odoo treats these apart. */
export type Evidence = 'null' | 'empty' | 'zero' | 'true' | 'false' | 'value'

const NEEDED: Partial<Record<FieldType, readonly Evidence[]>> = {
  char: ['null', 'empty', 'value'],
  text: ['null', 'empty', 'value'],
  html: ['null', 'empty', 'value'],
  selection: ['null', 'value'],
  integer: ['null', 'zero', 'value'],
  float: ['null', 'zero', 'value'],
  monetary: ['null', 'zero', 'value'],
  boolean: ['true', 'false'],
  date: ['null', 'value'],
  datetime: ['null', 'value'],
  many2one: ['null', 'value'],
  binary: ['null', 'value'],
}

/** What fields of a kind have to hold, together; the size of a char comes on top of what other chars have shown. */
export const evidenceNeeded = (live: Pick<FieldInfo, 'type' | 'size'>): readonly Evidence[] =>
  live.size === undefined ? (NEEDED[live.type as FieldType] ?? []) : ['value']

const IDS_AT_EACH_END = 150
/** Records that a search for telling values adds for each field. */
const PROBED_IDS = 8
const PROBES_MAX = 40 // calls a model
const PROBES_AT_ONCE = 4
const FIELDS_MAX = 60 // of one model

export interface SampleOptions extends CallOptions {
  /** Fields whose values must not be compared, nor shown in a counterexample. */
  readonly isSecret: (field: string) => boolean
  /** Evidence that fields of this kind have not shown yet. */
  readonly missingFor: (kind: string, needed: readonly Evidence[]) => readonly Evidence[]
}

/** Undefined where the server has no such model, or this user may not read it, or it is empty. */
export async function sampleOf(
  client: OdooClient,
  model: string,
  options: SampleOptions,
): Promise<Sample | undefined> {
  try {
    if (!(await client.canRead(model, options))) return undefined
    const fields = await client.fieldsGet(model, options)
    const table = tableFromFields({ model, label: model, name: tableNameOfModel(model) }, fields.values())
    const columns = table.columns.filter((column) => isTestable(column, fields, options)).slice(0, FIELDS_MAX)
    const ends = await Promise.all(
      ['id', 'id desc'].map((order) =>
        client.search(model, { domain: { kind: 'all' }, order, limit: IDS_AT_EACH_END }, options),
      ),
    )
    const reader = { client, table, fields, columns, options }
    const first = await readSample(reader, ends.flat())
    const probed = await probe(reader, first)
    const sample = probed.length === 0 ? first : await readSample(reader, [...first.ids, ...probed])
    return sample.ids.length === 0 ? undefined : sample
  } catch (thrown) {
    if (isRefusal(thrown)) return undefined
    throw thrown
  }
}

function isTestable(
  column: ColumnSpec,
  fields: ReadonlyMap<string, FieldInfo>,
  { isSecret }: SampleOptions,
): boolean {
  const live = fields.get(fieldOf(column))
  if (live === undefined || column.part === 'label' || column.secret || isSecret(live.name)) return false
  return live.store && live.searchable && !live.companyDependent && NEEDED[column.fieldType] !== undefined
}

interface Reader {
  readonly client: OdooClient
  readonly table: TableSpec
  readonly fields: ReadonlyMap<string, FieldInfo>
  readonly columns: readonly ColumnSpec[]
  readonly options: SampleOptions
}

/** The records of these ids that a search finds: some models leave out of it what `read` shows. */
async function readSample(
  { client, table, fields, columns, options }: Reader,
  ids: readonly number[],
): Promise<Sample> {
  const { model } = table
  const domain = leaf('id', 'in', [...new Set(ids)])
  const found = ids.length === 0 ? [] : await client.search(model, { domain, order: 'id' }, options)
  const valuesOf = await readValues(client, model, { columns, ids: found }, options)
  const present = found.filter((id) => columns.every((column) => valuesOf(column, id) !== undefined))
  const sampled = columns.flatMap((column): SampledColumn[] => {
    const live = fields.get(fieldOf(column))
    if (live === undefined) return []
    const values = present.map((id) => valuesOf(column, id) ?? null)
    const evidence = new Set(values.map((value) => evidenceOf(value, NUMBERS.has(live.type))))
    return [{ column, live, kind: fieldKindOf(live), values, evidence }]
  })
  const unset = await findUnset(client, model, { ids: present, columns: sampled }, options)
  return {
    table,
    fields,
    ids: present,
    columns: sampled.map((one) =>
      unset.has(one) ? { ...one, evidence: new Set([...one.evidence, 'null' as const]) } : one,
    ),
  }
}

/** The values of columns as they read; undefined for a record that is not there any more. */
export async function readValues(
  client: OdooClient,
  model: string,
  { columns, ids }: { readonly columns: readonly ColumnSpec[]; readonly ids: readonly number[] },
  options: CallOptions,
): Promise<(column: ColumnSpec, id: number) => Datum | undefined> {
  // The presence of a file is all that is asked of it.
  const request = { fields: columns.map(fieldOf), labels: false, binarySizes: true }
  const records = new Map((await client.read(model, ids, request, options)).map((one) => [one.id, one]))
  const decoders = new Map(columns.map((column) => [column, decoderOf(column)]))
  return (column, id) => {
    const record = records.get(id)
    return record === undefined ? undefined : decoders.get(column)?.(record[fieldOf(column)])
  }
}

function evidenceOf(value: Datum, isNumber: boolean): Evidence {
  if (value === null) return 'null'
  if (value === '') return 'empty'
  if (value === true || value === false) return value ? 'true' : 'false'
  return isNumber && Number(value) === 0 ? 'zero' : 'value'
}

const NUMBERS: ReadonlySet<string> = new Set(['integer', 'float', 'monetary'])

/** Numbers read 0 where they are NULL; a search for what is not set is the nearest to telling that there are any. */
async function findUnset(
  client: OdooClient,
  model: string,
  { ids, columns }: Pick<Sample, 'ids' | 'columns'>,
  options: SampleOptions,
): Promise<ReadonlySet<SampledColumn>> {
  const asked = columns.filter(
    ({ kind, live, evidence }) =>
      NUMBERS.has(live.type) &&
      evidence.has('zero') &&
      options.missingFor(kind, evidenceNeeded(live)).includes('null'),
  )
  const found = await eachOf(asked.slice(0, PROBES_MAX), PROBES_AT_ONCE, async (one) => {
    const domain = and(leaf('id', 'in', ids), leaf(one.live.name, '=', false))
    const [id] = await client.search(model, { domain, order: 'id', limit: 1 }, options)
    return id === undefined ? [] : [one]
  })
  return new Set(found.flat())
}

/** Ids of further records that hold what the kinds of these fields have not shown yet. */
async function probe({ client, table, options }: Reader, sample: Sample): Promise<number[]> {
  const probes = sample.columns.flatMap(({ live, kind, evidence }) =>
    options
      .missingFor(kind, evidenceNeeded(live))
      .filter((missing) => !evidence.has(missing))
      .flatMap((missing) => probeFor(live.name, live.type, missing)),
  )
  const found = await eachOf(probes.slice(0, PROBES_MAX), PROBES_AT_ONCE, async (domain) => {
    const request = { domain, order: 'id', limit: PROBED_IDS }
    const ids = await orFault(client.search(table.model, request, options))
    return ids instanceof SqlError ? [] : ids
  })
  return found.flat()
}

/** A fault of Odoo is an outcome; a lost connection, a cancellation or a wrong key is none. */
export async function orFault<T>(work: Promise<T>): Promise<T | SqlError> {
  try {
    return await work
  } catch (thrown) {
    if (thrown instanceof SqlError && !/^(08|28|57)/.test(thrown.code)) return thrown
    throw thrown
  }
}

/** Only a search for candidates: what they are is seen when they are read. */
function probeFor(field: string, type: string, missing: Evidence): Domain[] {
  switch (missing) {
    case 'null':
      return [leaf(field, '=', false)]
    case 'empty':
      return type === 'html' ? [] : [and(leaf(field, '=', ''), leaf(field, '=like', '%'))]
    case 'zero':
      return [leaf(field, '=', 0)]
    case 'true':
      return [leaf(field, '=', true)]
    case 'false':
      return [not(leaf(field, '=', true))]
    case 'value':
      return [leaf(field, '!=', false)]
  }
}
