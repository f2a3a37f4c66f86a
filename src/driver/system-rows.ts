import { fieldOf, type TableSpec } from '../catalog/spec.ts'
import { LOCAL_TABLES, NATIVE_REQUESTS, SYSTEM_PARTITION, type SystemTableName } from '../catalog/system.ts'
import { numericFromNumber, SQL_TYPES, type Datum } from '../catalog/types.ts'
import { columnsOf } from '../planner/bound.ts'
import type { RowBatch } from './cursor.ts'
import { nativeRows } from './native.ts'
import { PARTITIONS_SETTING, type Session } from './session.ts'

/** The rows of one of the driver's own tables, all columns in their order. */
export function systemRows(table: TableSpec, session: Session): RowBatch {
  const rows =
    table === NATIVE_REQUESTS
      ? nativeRows(session.nativeRequests)
      : ROWS[table.name as SystemTableName](session)
  return rows.map((row, index) => [index + 1, ...row, SYSTEM_PARTITION])
}

type Rows = readonly (readonly Datum[])[]

const ROWS: Record<SystemTableName, (session: Session) => Rows> = {
  partitions: ({ partitions }) =>
    partitions.configs.map(({ name, url, database, login }) => {
      const client = partitions.opened(name)?.client
      const [version, transport] = [client?.version.text ?? null, client?.transport ?? null]
      const [isSelected, isDefault] = [partitions.selected.includes(name), partitions.defaults.includes(name)]
      return [name, url, database, login, version, transport, isSelected, isDefault]
    }),
  tables: (session) =>
    allTables(session).map(({ schema, name, model, label, description }) => [
      schema,
      name,
      model,
      label,
      description,
      true,
    ]),
  columns: (session) =>
    allTables(session).flatMap((table) =>
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

const allTables = ({ catalog }: Session): readonly TableSpec[] => [...catalog.tables, ...LOCAL_TABLES]
