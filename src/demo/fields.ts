import fieldData from './data/fields.json' with { type: 'json' }

export type Version = 14 | 19

export type DemoFieldType =
  | 'char'
  | 'text'
  | 'html'
  | 'selection'
  | 'integer'
  | 'float'
  | 'monetary'
  | 'boolean'
  | 'date'
  | 'datetime'
  | 'many2one'
  | 'one2many'
  | 'many2many'
  | 'binary'
  | 'properties'

/** One field as `fields_get` describes it; `attributes` is the whole description. */
export interface DemoField {
  readonly name: string
  readonly type: DemoFieldType
  readonly store: boolean
  readonly searchable: boolean
  readonly sortable: boolean
  /** Not stored, but 19 writes SQL for it: it can be searched and sorted by, whatever `searchable` says. */
  readonly isComputedInSql: boolean
  readonly required: boolean
  readonly translate: boolean
  readonly groups: readonly string[]
  /** The model that a relational field points to. */
  readonly relation: string | undefined
  /** The many2one at the other end of a one2many. */
  readonly inverse: string | undefined
  /** Path of a related field. */
  readonly related: readonly string[] | undefined
  readonly size: number | undefined
  /** Decimals that the literal of a float is rounded to. */
  readonly scale: number | undefined
  readonly selection: readonly string[]
  /** Restriction on the other end of a relational field, as a prefix list. */
  readonly domain: readonly unknown[]
  readonly context: Readonly<Record<string, unknown>>
  /** Kept as an attachment: only its presence can be searched. */
  readonly attachment: boolean
  readonly attributes: Readonly<Record<string, unknown>>
}

type Attributes = Readonly<Record<string, unknown>>

/** What `fields_get` says unless the data says otherwise; null in the data takes an attribute away. */
export const ATTRIBUTE_DEFAULTS: Record<'both' | Version, Attributes> = {
  both: {
    change_default: false,
    company_dependent: false,
    depends: [],
    manual: false,
    readonly: false,
    required: false,
    searchable: true,
    sortable: true,
    store: true,
  },
  14: {},
  19: { default_export_compatible: false, exportable: true, groupable: true },
}

/** The fields of every model of that version: model → field name → field. */
export function fieldsOf(version: Version): ReadonlyMap<string, ReadonlyMap<string, DemoField>> {
  const models = new Map<string, ReadonlyMap<string, DemoField>>()
  for (const [model, described] of Object.entries(fieldData as Record<string, Record<string, Attributes>>)) {
    const fields = new Map<string, DemoField>()
    for (const [name, data] of Object.entries(described)) {
      if (data['only'] === undefined || data['only'] === version)
        fields.set(name, fieldFromData(name, data, version))
    }
    if (fields.size > 0) models.set(model, fields)
  }
  return models
}

function fieldFromData(name: string, data: Attributes, version: Version): DemoField {
  const { 14: in14, 19: in19, ...both } = data
  const own = (version === 14 ? in14 : in19) as Attributes | undefined
  const merged: Record<string, unknown> = {
    ...ATTRIBUTE_DEFAULTS.both,
    ...ATTRIBUTE_DEFAULTS[version],
    ...(version === 19 ? { name } : {}),
    ...both,
    ...own,
    only: null,
  }
  const attributes = Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== null))
  const text = (key: string): string | undefined => attributes[key] as string | undefined
  const related = attributes['related'] as string | readonly string[] | undefined
  return {
    name,
    type: attributes['type'] as DemoFieldType,
    store: attributes['store'] === true,
    searchable: attributes['searchable'] === true,
    sortable: attributes['sortable'] === true,
    isComputedInSql:
      version === 19 &&
      attributes['store'] !== true &&
      attributes['sortable'] === true &&
      related === undefined,
    required: attributes['required'] === true,
    translate: attributes['translate'] === true,
    groups: text('groups')?.split(',') ?? [],
    relation: text('relation'),
    inverse: attributes['type'] === 'one2many' ? text('relation_field') : undefined,
    related: typeof related === 'string' ? related.split('.') : related,
    size: attributes['size'] as number | undefined,
    scale: (attributes['digits'] as readonly number[] | undefined)?.[1],
    selection: ((attributes['selection'] as readonly (readonly string[])[] | undefined) ?? []).map(
      ([code]) => code ?? '',
    ),
    domain: Array.isArray(attributes['domain']) ? (attributes['domain'] as readonly unknown[]) : [],
    context: (attributes['context'] as Readonly<Record<string, unknown>> | undefined) ?? {},
    attachment: attributes['attachment'] === true,
    attributes,
  }
}
