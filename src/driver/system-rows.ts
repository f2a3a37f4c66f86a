import { fieldOf, qualifiedName, type TableSpec } from '../catalog/spec.ts'
import { LOCAL_TABLES, NATIVE_REQUESTS, SYSTEM_PARTITION, type SystemTableName } from '../catalog/system.ts'
import { numericFromNumber, SQL_TYPES, type Datum } from '../catalog/types.ts'
import { columnsOf } from '../planner/bound.ts'
import type { RowBatch } from './cursor.ts'
import type { ListedTable } from './discovery.ts'
import { nativeRows } from './native.ts'
import type { Session } from './session.ts'
import { PARTITIONS_SETTING } from './settings.ts'

/** The rows of one of the driver's own tables, all columns in their order. `list` asks for every table there is. */
export async function systemRows(
  table: TableSpec,
  session: Session,
  list: () => Promise<readonly ListedTable[]>,
): Promise<RowBatch> {
  const rows =
    table === NATIVE_REQUESTS
      ? nativeRows(session.nativeRequests)
      : await ROWS[table.name as SystemTableName](session, list)
  return rows.map((row, index) => [index + 1, ...row, SYSTEM_PARTITION])
}

type Rows = readonly (readonly Datum[])[]

const ROWS: Record<
  SystemTableName,
  (session: Session, list: () => Promise<readonly ListedTable[]>) => Rows | Promise<Rows>
> = {
  partitions: ({ partitions, selected }) =>
    partitions.configs.map(({ name, url, database, login }) => {
      const client = partitions.opened(name)?.client
      const [version, transport] = [client?.version.text ?? null, client?.transport ?? null]
      const [isSelected, isDefault] = [selected.includes(name), partitions.defaults.includes(name)]
      return [name, url, database, login, version, transport, isSelected, isDefault]
    }),
  tables: async (session, list) => {
    const described = new Map(
      describedTables(session).map((table) => [qualifiedName(table), table.description]),
    )
    const own = LOCAL_TABLES.map((table) => ({ ...table, isPublished: true }))
    return [...own, ...(await list())].map(({ schema, name, model, label, isPublished }) => [
      schema,
      name,
      model,
      label,
      described.get(qualifiedName({ schema, name })) ?? null,
      isPublished,
    ])
  },
  columns: (session) =>
    describedTables(session).flatMap((table) =>
      columnsOf(table).map((column, index) => [
        table.schema,
        table.name,
        column.name,
        index + 1,
        SQL_TYPES[column.type].title,
        column.label,
        column.description,
        column.required,
        column.secret,
        fieldOf(column),
        column.fieldType,
        column.relation ?? null,
        column.since ?? 0,
        column.until ?? 0,
        column.module ?? null,
        column.restricted ?? null,
      ]),
    ),
  calls: ({ calls }) =>
    calls.map((call) => [
      call.startedAt.replace('T', ' ').replace('Z', ''),
      call.partition,
      call.model,
      call.method,
      call.rows,
      call.bytes,
      numericFromNumber(call.milliseconds),
      call.tries,
      call.outcome,
    ]),
  settings: (session) => {
    const { partitionErrors, options } = session
    return [
      [
        PARTITIONS_SETTING,
        session.show(PARTITIONS_SETTING) ?? null,
        'Names of the partitions that are read.',
      ],
      [
        'odoo.partition_errors',
        partitionErrors,
        'What becomes of a result where a partition fails: fail or skip.',
      ],
      [
        'odoo.pushdown',
        String(options.pushdown ?? true),
        'Whether filters, order and groups are left to Odoo.',
      ],
      [
        'odoo.text_order',
        options.textOrder ?? 'auto',
        'Whether text order is left to Odoo: auto, local or server.',
      ],
      ['odoo.reveal_secrets', String(options.revealSecrets ?? false), 'Whether secret columns are shown.'],
      ...Object.entries(session.settings).map(([name, value]) => [name, value, 'A setting of PostgreSQL’s.']),
    ]
  },
}

const describedTables = ({ catalog, discovered }: Session): readonly TableSpec[] => [
  ...catalog.tables,
  ...discovered.values(),
  ...LOCAL_TABLES,
]
