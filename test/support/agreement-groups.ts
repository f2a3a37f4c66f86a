import type { DemoField } from '../../src/demo/fields.ts'
import { fieldsOf } from '../../src/demo/fields.ts'
import { ELSEWHERE, LeafMaker, UNARCHIVED } from './agreement-calls.ts'
import type { Call } from './agreement-calls.ts'
import type { Slice } from './agreement-records.ts'

type Version = 14 | 19

/** A call that groups, with all arguments named, so that it can be made over either transport. */
export interface GroupCall extends Call {
  readonly kwargs: Record<string, unknown>
}

const bounded = (slice: Slice, model: string, domain: readonly unknown[]): readonly unknown[] => {
  const ids = slice.ids[model]
  return ids === undefined ? domain : [['id', 'in', ids], ...domain]
}

const readGroup = (
  model: string,
  domain: unknown,
  fields: unknown,
  groupby: unknown,
  more: Record<string, unknown> = {},
): GroupCall => ({
  model,
  method: 'read_group',
  args: [],
  kwargs: { domain, fields, groupby, lazy: false, context: UNARCHIVED, ...more },
})

const formatted = (
  model: string,
  domain: unknown,
  groupby: unknown,
  aggregates: unknown,
  more: Record<string, unknown> = {},
): GroupCall => ({
  model,
  method: 'formatted_read_group',
  args: [],
  kwargs: { domain, groupby, aggregates, context: UNARCHIVED, ...more },
})

const SERVERS = 'ir.mail_server'

/** Ties leave the order of groups open. */
const unordered = (call: GroupCall): GroupCall => ({ ...call, isUnordered: true })

/** `read_group` in every shape that either version has an own opinion of. */
export function writtenReadGroups(slice: Slice): GroupCall[] {
  const partners = (fields: unknown, groupby: unknown, more?: Record<string, unknown>): GroupCall =>
    readGroup('res.partner', bounded(slice, 'res.partner', []), fields, groupby, more)
  const leads = (fields: unknown, groupby: unknown, more?: Record<string, unknown>): GroupCall =>
    readGroup('crm.lead', bounded(slice, 'crm.lead', []), fields, groupby, more)
  const servers = (fields: unknown, groupby: unknown, more?: Record<string, unknown>): GroupCall =>
    readGroup(SERVERS, [], fields, groupby, more)
  const overNone = (domain: unknown, groupby: unknown): GroupCall =>
    readGroup(
      'res.partner',
      domain,
      ['a:sum(color)', 'b:max(name)', 'c:count(ref)', 'd:array_agg(id)'],
      groupby,
    )
  return [
    servers([], ['smtp_encryption']),
    servers(['a0:max(smtp_port)', 'sequence:avg', 'a1:count(smtp_user)'], ['smtp_encryption']),
    servers(['a0:max(smtp_port)', 'sequence:avg'], []),
    servers(['smtp_port', 'name'], ['active']),
    servers(
      ['a:max(name)', 'b:min(name)', 'c:max(create_date)', 'd:max(create_uid)', 'e:count(active)'],
      ['active'],
    ),
    servers(
      ['a:min(id)', 'b:max(id)', 'c:count(id)', 'd:sum(id)', 'e:avg(id)'],
      ['smtp_encryption', 'active'],
    ),
    servers(['a:bool_or(active)', 'b:bool_and(smtp_debug)'], ['smtp_encryption']),
    servers(['__count'], 'smtp_port', { lazy: true }),
    servers(['__count'], ['smtp_port', 'active'], { lazy: true }),
    servers(['sequence:sum'], [], { lazy: true }),
    servers(['__count'], ['smtp_port', 'smtp_encryption'], { limit: 4, offset: 2 }),
    servers(['__count'], ['smtp_port'], { offset: 2 }),
    ...[-1, 0, '5', 1.5, null, false, true].map((limit) => servers([], ['smtp_port'], { limit })),
    servers([], ['smtp_port'], { limit: 3, offset: -1 }),
    partners(['a:sum(color)', 'b:avg(partner_latitude)', 'c:min(partner_latitude)'], ['country_id']),
    partners(['a:count(partner_latitude)', 'b:count_distinct(partner_latitude)'], ['employee']),
    partners(['a:avg(country_id)', 'b:max(country_id)', 'c:sum(country_id)'], ['employee']),
    partners(['a:max(ref)', 'b:min(ref)', 'c:count(ref)', 'd:count_distinct(ref)'], ['type']),
    partners(['a:sum(partner_latitude)'], ['ref']),
    partners(['__count'], ['partner_latitude']),
    partners(['__count'], ['partner_latitude'], { orderby: 'partner_latitude desc', limit: 9 }),
    partners(['__count'], ['comment']),
    partners(['__count'], ['employee', 'active', 'type']),
    partners(['__count'], ['country_id', 'employee'], { orderby: 'employee desc, country_id desc' }),
    unordered(partners(['__count'], ['parent_id', 'create_uid'])),
    unordered(partners(['__count'], ['category_id'])),
    unordered(partners(['a:sum(color)'], ['category_id', 'employee'])),
    partners(['__count'], ['id'], { limit: 5 }),
    partners(['color:sum'], ['color']),
    partners(['c:sum(color)'], ['color']),
    partners(['color'], ['color']),
    partners(['color:sum', 'color:avg'], ['employee']),
    partners(['c:sum(color)', 'c:avg(color)'], ['employee']),
    partners(['__count'], ['employee', 'employee']),
    ...[
      'c desc',
      'zz desc',
      '__count desc',
      'employee_count',
      'name',
      'id desc',
      'nope',
      'employee foo',
      'employee,',
    ].map((orderby) => partners(['c:sum(color)', 'zz:max(id)'], ['employee'], { orderby })),
    ...[
      'sum(name)',
      'sum(employee)',
      'min(employee)',
      'avg(create_date)',
      'bool_or(color)',
      'max(image_128)',
    ].map((aggregate) => partners([`a:${aggregate}`], ['active'])),
    ...['count(category_id)', 'count(child_ids)', 'count(email_formatted)', 'count(nope)', 'nope(color)'].map(
      (aggregate) => partners([`a:${aggregate}`], ['active']),
    ),
    ...[
      ['nope'],
      ['nope:sum'],
      'color',
      [5],
      ['a b'],
      [''],
      ['color:sum('],
      ['color:array_agg_distinct'],
    ].map((fields) => partners(fields, ['active'])),
    ...[
      ['nope'],
      ['email_formatted'],
      ['child_ids'],
      ['image_128'],
      ['country_id.code'],
      [5],
      [''],
      false,
    ].map((groupby) => partners(['__count'], groupby)),
    partners(['__count'], ['create_date:nope']),
    ...[
      [[0, '=', 1]],
      [
        [1, '=', 1],
        ['id', '=', -1],
      ],
      [['id', 'in', []]],
    ].flatMap((domain) => [
      overNone(domain, []),
      overNone(domain, ['employee']),
      overNone(domain, ['country_id', 'ref']),
    ]),
    ...[
      ['|', ['id', '<', 20], ['id', '<>', 30]],
      ['!', '|', ['id', 'in', [4, 5]], ['id', '<', 5]],
      [['id', '<', 40], '!', ['smtp_port', '=', 25], ['name', 'LIKE', 'a']],
      [[1, '=', 1]],
      ['&', '|', ['id', '=', 4], ['smtp_user', '=', null], ['smtp_port', '=?', false]],
      [['nope', '=', 1]],
    ].map((domain) => readGroup(SERVERS, domain, ['__count'], ['active', 'smtp_port'])),
    leads(
      ['a:avg(expected_revenue)', 'b:sum(expected_revenue)', 'c:max(expected_revenue)'],
      ['type', 'priority'],
    ),
    leads(['__count'], ['stage_id', 'type']),
    leads(['__count'], ['stage_id'], { orderby: 'stage_id desc' }),
    leads(['a:min(date_deadline)', 'b:max(date_closed)', 'c:count(date_closed)'], ['won_status']),
    unordered(leads(['__count'], ['tag_ids'])),
    leads(['__count'], ['user_id', 'active']),
    readGroup('res.users', [], ['a:count(name)', 'b:max(email)'], ['name', 'lang']),
    readGroup('res.users', [], ['a:count(name)', 'b:max(email)', 'login:max'], ['country_id']),
    unordered(readGroup('res.users', [], ['__count'], ['company_id', 'partner_id'])),
    readGroup('res.users', [], ['__count'], ['companies_count']),
    readGroup('res.country', [], ['__count'], ['name']),
    readGroup('res.country', [], ['a:max(name)', 'phone_code:max'], ['currency_id']),
    readGroup('res.users', [], ['__count'], ['share'], { context: {} }),
    readGroup(SERVERS, [], ['__count'], ['active'], { context: {} }),
    readGroup('res.country', [], ['__count'], ['name'], { context: { lang: 'xx_XX' } }),
    { model: SERVERS, method: 'read_group', args: [], kwargs: { domain: [] } },
  ]
}

/** `formatted_read_group`, which 19 alone has. */
export function writtenFormatted(slice: Slice): GroupCall[] {
  const partners = (groupby: unknown, aggregates: unknown, more?: Record<string, unknown>): GroupCall =>
    formatted('res.partner', bounded(slice, 'res.partner', []), groupby, aggregates, more)
  const servers = (groupby: unknown, aggregates: unknown, more?: Record<string, unknown>): GroupCall =>
    formatted(SERVERS, [], groupby, aggregates, more)
  const everything = ['__count', 'smtp_port:max', 'smtp_port:array_agg', 'smtp_port:count', 'id:recordset']
  return [
    servers(['smtp_encryption'], ['__count', 'smtp_port:max', 'sequence:avg']),
    servers([], ['__count', 'smtp_port:max', 'smtp_port:array_agg_distinct']),
    ...[[['id', '=', -1]], [[0, '=', 1]]].flatMap((domain) => [
      formatted(SERVERS, domain, [], everything),
      formatted(SERVERS, domain, ['active'], everything),
    ]),
    formatted(SERVERS, [[0, '=', 1]], [], ['nope:max']),
    formatted(SERVERS, [['id', 'in', []]], ['nope'], ['name:sum']),
    formatted(SERVERS, [['id', 'in', []]], [], ['name:sum', 'name:nope']),
    servers(['active'], ['__count'], { having: [['__count', '>', 60]] }),
    ...[
      [['__count', 'like', 50]],
      [['sequence:sum', 'in', [1, 2]]],
      ['|', ['__count', '<', 10], '!', ['smtp_port:max', '=', 0]],
      [
        ['__count', '>=', 1],
        ['sequence:avg', '<', 11.5],
      ],
      [['owner_limit_count:max', '!=', 5]],
      [['smtp_port:max', '!=', false]],
      [['nope:max', '=', 1]],
      [5],
    ].map((having) => servers(['smtp_encryption', 'active'], ['__count'], { having })),
    servers([], ['__count'], { having: [['__count', '=', 50]] }),
    servers([], ['__count'], { order: 'nope', limit: 5 }),
    servers(['active', 'active'], ['__count'], { order: '__count desc' }),
    ...[
      '__count desc',
      'smtp_port:max, active desc nulls last',
      'sequence:avg desc',
      'smtp_port',
      'id',
      'active,',
      'active up',
      'nope:max',
      '',
      false,
    ].map((order) => servers(['active'], [], { order })),
    servers(['create_uid', 'active'], ['sequence:sum'], { order: 'create_uid desc, active' }),
    servers(['smtp_user'], ['__count'], { order: 'smtp_user nulls first' }),
    servers(['smtp_user'], ['__count'], { order: 'smtp_user desc nulls last', limit: 7, offset: 1 }),
    servers('active', ['sequence:sum']),
    ...[
      'sequence',
      'sequence:nope',
      'nope:sum',
      's:sum(sequence)',
      'create_uid.id:sum',
      'sequence:sum_currency',
    ].map((aggregate) => servers(['active'], [aggregate])),
    ...[
      'name:sum',
      'active:max',
      'smtp_ssl_certificate:max',
      'smtp_ssl_certificate:count',
      'smtp_pass:max',
    ].map((aggregate) => servers(['active'], [aggregate])),
    ...['create_date', 'create_date:nope', 'active:day', 'nope', 'smtp_authentication_info'].map((key) =>
      servers([key], ['__count']),
    ),
    ...['properties', 'child_ids', 'email_formatted', 'ref.name'].map((key) => partners([key], ['__count'])),
    servers(['owner_user_id'], ['__count']),
    servers(['id'], ['__count', 'id:max'], { limit: 5 }),
    partners(['category_id'], ['__count']),
    partners(['category_id', 'employee'], ['__count', 'color:sum'], { order: 'category_id desc, employee' }),
    formatted('crm.lead', bounded(slice, 'crm.lead', []), ['stage_id'], ['expected_revenue:sum_currency']),
    formatted('res.users', [], ['name'], ['email:max', 'id:array_agg']),
    formatted('res.users', [], ['share'], ['__count'], { context: {} }),
    { model: SERVERS, method: 'formatted_read_group', args: [], kwargs: {} },
  ]
}

/** The analyst may neither read servers nor leads, nor see every field of a partner. */
export const ANALYST_GROUPS: readonly GroupCall[] = [
  readGroup(SERVERS, [], ['__count'], ['active']),
  readGroup('crm.lead', [['id', '<', 9]], ['__count'], ['type']),
  readGroup('res.partner', [['id', '<', 9]], ['__count'], ['employee']),
  readGroup('res.partner', [['id', '<', 9]], ['__count'], ['signup_type']),
  readGroup('res.partner', [['id', '<', 9]], ['a:max(signup_type)'], ['employee']),
]

/** Models to group at random, and fields whose groups the demo does not know. */
const MODELS = [SERVERS, 'res.partner', 'crm.lead', 'res.users', 'mail.template']
const NOT_GROUPED = new Set(['binary', 'properties', 'date', 'datetime', 'one2many'])

/** Models whose own order leaves ties, at least on 14. */
const TIED = new Set([
  'res.partner',
  'res.partner.category',
  'crm.team',
  'mailing.mailing',
  'ir.model',
  SERVERS,
])

const OPERATORS = ['sum', 'avg', 'min', 'max', 'count', 'count_distinct'] as const
/** On 14 in no order that would be known. */
const OPERATORS_19 = ['array_agg', 'array_agg_distinct'] as const

/** Groups by up to three fields of any type, over a random domain, with up to four aggregates in a random order. */
export function generatedGroups(
  version: Version,
  method: 'read_group' | 'formatted_read_group',
  slice: Slice,
  callsPerModel: number,
): GroupCall[] {
  return MODELS.flatMap((model) => {
    const maker = new LeafMaker(version, slice, model, method === 'read_group' ? 4 : 5)
    const fields = [...(fieldsOf(version).get(model)?.values() ?? [])].filter(
      ({ name, store }) => store && !ELSEWHERE.has(name),
    )
    return Array.from({ length: callsPerModel }, (): GroupCall => {
      const keys = picked(maker, fields.filter(isKey), 3)
      const aggregates = picked(maker, fields, 4).map((field) => ({
        field,
        operator: maker.pick(operatorsFor(version, maker, field)) ?? 'count',
      }))
      const domain = bounded(slice, model, maker.happens(0.5) ? [] : maker.tree(2))
      const order = keys.map(({ name }) => (maker.happens(0.3) ? `${name} desc` : name)).join(', ')
      const more =
        keys.length > 0 && maker.happens(0.3)
          ? { [method === 'read_group' ? 'orderby' : 'order']: order }
          : {}
      const names = keys.map(({ name }) => name)
      const call =
        method === 'read_group'
          ? readGroup(
              model,
              domain,
              // No field at all would mean every number there is, those too that the demo does not have.
              [
                '__count',
                ...aggregates.map(({ field, operator }, at) => `x${at}:${operator}(${field.name})`),
              ],
              names,
              more,
            )
          : formatted(
              model,
              domain,
              names,
              ['__count', ...aggregates.map(({ field, operator }) => `${field.name}:${operator}`)],
              more,
            )
      const isUnordered = keys.some(({ type, relation }) => type === 'many2many' || TIED.has(relation ?? ''))
      // PostgreSQL adds doubles in the order in which it meets them.
      const isRounded = aggregates.some(({ field }) => field.type === 'float' && field.scale === undefined)
      return { ...call, ...(isUnordered ? { isUnordered } : {}), ...(isRounded ? { isRounded } : {}) }
    })
  })
}

const isKey = ({ type, attachment }: DemoField): boolean => !NOT_GROUPED.has(type) && !attachment

/** Mostly what PostgreSQL has for the type, at times anything. */
function operatorsFor(version: Version, maker: LeafMaker, { type }: DemoField): readonly string[] {
  if (type === 'binary' || type === 'properties') return ['count']
  if (version === 19 && maker.happens(0.1)) return OPERATORS_19
  if (['integer', 'float', 'monetary', 'many2one'].includes(type) || maker.happens(0.05)) return OPERATORS
  if (type === 'boolean') return ['count', 'bool_and', 'bool_or']
  return ['min', 'max', 'count', 'count_distinct']
}

function picked(maker: LeafMaker, fields: readonly DemoField[], most: number): DemoField[] {
  const count = maker.pick(Array.from({ length: most + 1 }, (_, at) => at)) ?? 0
  return [...new Set(Array.from({ length: count }, () => maker.pick(fields)))].filter(
    (field) => field !== undefined,
  )
}
