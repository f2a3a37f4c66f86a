import * as z from 'zod'
import { systemError } from '../errors.ts'

/** A record as Odoo sent it: field name → value. The values are checked where they are decoded (catalog/types.ts). */
export type OdooRecord = OdooValues & { readonly id: number }
export type OdooValues = Readonly<Record<string, unknown>>

/** What `fields_get` tells of one field, as far as we use it. */
export interface FieldInfo {
  readonly name: string
  /** Odoo's name of the type; a type that we do not know is left to the reader. */
  readonly type: string
  readonly label: string
  readonly help: string | undefined
  readonly required: boolean
  readonly store: boolean
  readonly searchable: boolean
  readonly sortable: boolean
  /** From Odoo 18 on. */
  readonly groupable: boolean | undefined
  /** Model that a many2one or x2many points to. */
  readonly relation: string | undefined
  /** Of a selection: stored code and what users see. */
  readonly selection: readonly (readonly [code: string, label: string])[] | undefined
  /** Of a sized char: longer literals are cut by Odoo. */
  readonly size: number | undefined
  /** Of a float: total digits and decimals; literals are rounded to the latter by Odoo. */
  readonly digits: readonly [total: number, decimals: number] | undefined
  readonly companyDependent: boolean
  readonly translate: boolean
}

/** A FieldInfo that was written as JSON, where what is undefined is left out. */
export const FIELD_INFO: z.ZodType<FieldInfo> = z
  .object({
    name: z.string(),
    type: z.string(),
    label: z.string(),
    help: z.string().optional(),
    required: z.boolean(),
    store: z.boolean(),
    searchable: z.boolean(),
    sortable: z.boolean(),
    groupable: z.boolean().optional(),
    relation: z.string().optional(),
    selection: z.array(z.tuple([z.string(), z.string()])).optional(),
    size: z.int().optional(),
    digits: z.tuple([z.int(), z.int()]).optional(),
    companyDependent: z.boolean(),
    translate: z.boolean(),
  })
  .transform(({ help, groupable, relation, selection, size, digits, ...rest }) => ({
    ...rest,
    help,
    groupable,
    relation,
    selection,
    size,
    digits,
  }))

/** The attributes of `fields_get` behind FieldInfo. One that a version does not know is left out of its reply. */
export const FIELD_ATTRIBUTES = [
  'type',
  'string',
  'help',
  'required',
  'store',
  'searchable',
  'sortable',
  'groupable',
  'relation',
  'selection',
  'size',
  'digits',
  'company_dependent',
  'translate',
] as const

const fieldsSchema = z
  .record(z.string(), z.looseObject({ type: z.string() }))
  .transform(
    (fields): ReadonlyMap<string, FieldInfo> =>
      new Map(
        Object.entries(fields).map(([name, attributes]) => [name, fieldFromAttributes(name, attributes)]),
      ),
  )

type Attributes = Readonly<Partial<Record<(typeof FIELD_ATTRIBUTES)[number], unknown>>> & {
  readonly type: string
}

/** Odoo says false for most attributes that are absent, and modules give odd ones: what is not understood is left out. */
function fieldFromAttributes(name: string, attributes: Attributes): FieldInfo {
  const { groupable, selection, size, digits } = attributes
  return {
    name,
    type: attributes.type,
    label: textOrNone(attributes.string) ?? name,
    help: textOrNone(attributes.help),
    required: attributes.required === true,
    store: attributes.store === true,
    searchable: attributes.searchable === true,
    sortable: attributes.sortable === true,
    groupable: typeof groupable === 'boolean' ? groupable : undefined,
    relation: textOrNone(attributes.relation),
    selection: Array.isArray(selection) ? selection.flatMap(choiceFromPair) : undefined,
    size: Number.isSafeInteger(size) && Number(size) > 0 ? Number(size) : undefined,
    digits: digitsSchema.safeParse(digits).data,
    // These make Odoo read literals in another way, so an odd value counts as yes.
    companyDependent: Boolean(attributes.company_dependent),
    translate: Boolean(attributes.translate),
  }
}

const digitsSchema = z.tuple([z.int(), z.int()])
const textOrNone = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined
const choiceFromPair = (pair: unknown): (readonly [string, string])[] =>
  Array.isArray(pair) && pair.length >= 2 ? [[String(pair[0]), String(pair[1])]] : []

const isRecord = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'id' in value && Number.isSafeInteger(value.id)
const versionInfo = z.array(z.union([z.string(), z.number()])).min(1)

/** A shape of reply, and what to call it where another came. */
export interface ReplyShape<T> {
  readonly schema: z.ZodType<T>
  readonly expected: string
}

export const FIELDS: ReplyShape<ReadonlyMap<string, FieldInfo>> = {
  schema: fieldsSchema,
  expected: 'a list of fields',
}
// One pass and no copies: lists of records and ids are most of what goes through the driver.
export const RECORDS: ReplyShape<readonly OdooRecord[]> = {
  schema: z.custom<readonly OdooRecord[]>((value) => Array.isArray(value) && value.every(isRecord)),
  expected: 'a list of records with ids',
}
export const IDS: ReplyShape<readonly number[]> = {
  schema: z.custom<readonly number[]>((value) => Array.isArray(value) && value.every(Number.isSafeInteger)),
  expected: 'a list of ids',
}
export const COUNT: ReplyShape<number> = { schema: z.int().nonnegative(), expected: 'a count' }
/** Groups, each with the count of its records, the values of its keys and its aggregates. */
export const GROUPS: ReplyShape<readonly (OdooValues & { readonly __count: number })[]> = {
  schema: z.array(z.looseObject({ __count: z.int().nonnegative() })),
  expected: 'a list of groups',
}
/** A model and what Odoo's screens call it. */
export interface ModelName {
  readonly model: string
  readonly label: string
}
export const MODELS: ReplyShape<readonly ModelName[]> = {
  schema: z.array(
    z
      .looseObject({ model: z.string(), display_name: z.unknown() })
      .transform((entry) => ({ model: entry.model, label: textOrNone(entry.display_name) ?? entry.model })),
  ),
  expected: 'a list of models',
}
export const FLAG: ReplyShape<boolean> = { schema: z.boolean(), expected: 'true or false' }
export const USER_CONTEXT: ReplyShape<{ readonly uid: number }> = {
  schema: z.looseObject({ uid: z.int().positive() }),
  expected: 'the context of a user',
}
/** `common.login` answers false for a wrong login or password. */
export const LOGIN: ReplyShape<number | false | null> = {
  schema: z.union([z.int().positive(), z.literal(false), z.null()]),
  expected: 'the id of a user or false',
}
/** The version, by `common.version` inside JSON-RPC's envelope and by `GET /web/version`. */
export const VERSION: ReplyShape<readonly (string | number)[]> = {
  schema: z.union([
    z
      .looseObject({ result: z.looseObject({ server_version_info: versionInfo }) })
      .transform((reply) => reply.result.server_version_info),
    z.looseObject({ version_info: versionInfo }).transform((reply) => reply.version_info),
  ]),
  expected: 'the version of an Odoo',
}

/** An error reply of Odoo: the exception's Python name and its text. `debug`, the traceback, is never read. */
export const faultSchema = z.looseObject({
  name: z.string(),
  message: z.unknown().optional().transform(textFromMessage),
})
export type Fault = z.output<typeof faultSchema>

/** JSON-RPC's reply: `result` is left out where the method returned nothing. */
export interface Envelope {
  readonly id?: unknown
  readonly result?: unknown
  readonly error?: { readonly message: string; readonly data?: Fault | undefined } | undefined
}
export const ENVELOPE: ReplyShape<Envelope> = {
  schema: z.looseObject({
    error: z
      .looseObject({
        message: z.unknown().optional().transform(textFromMessage),
        data: faultSchema.optional().catch(undefined),
      })
      .optional(),
  }),
  expected: 'a JSON-RPC reply',
}

function textFromMessage(message: unknown): string {
  return typeof message === 'string' ? message : ''
}

/** The value in that shape; 58000 says what was expected where it is another. */
export function valueFromReply<T>({ schema, expected }: ReplyShape<T>, reply: unknown): T {
  const parsed = schema.safeParse(reply)
  if (parsed.success) return parsed.data
  const path = parsed.error.issues[0]?.path.map(String).join('.') ?? ''
  const found = reply === null ? 'null' : Array.isArray(reply) ? 'an array' : `of type ${typeof reply}`
  throw systemError(`Odoo's reply is not ${expected}`, {
    detail:
      path === '' ? `It is ${found}.` : `It is ${found}; the first fault is at ${path.slice(0, PATH_MAX)}.`,
    hint: 'A module or a proxy between may have changed it, or this version of Odoo is too new for odoo-sql.',
  })
}

const PATH_MAX = 100 // characters
