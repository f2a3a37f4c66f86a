import { tableSchema, type SqlTypeName, type TableSpec } from './spec.ts'

/** The driver's own tables: what the session knows of itself. They are read from memory, never from Odoo. */
export const SYSTEM_SCHEMA = 'system'

const FIELD_TYPES_OF = {
  text: 'char',
  int4: 'integer',
  bool: 'boolean',
  numeric: 'monetary',
  timestamp: 'datetime',
} as const
type SystemType = keyof typeof FIELD_TYPES_OF & SqlTypeName

type SystemColumn = readonly [name: string, type: SystemType, description: string]

const table = (
  name: string,
  label: string,
  description: string,
  columns: readonly SystemColumn[],
  schema = SYSTEM_SCHEMA,
): TableSpec =>
  tableSchema.parse({
    schema,
    name,
    model: `${schema}.${name}`,
    label,
    description,
    columns: [['id', 'int4', 'Number of the row.'] as const, ...columns].map(([column, type, text]) => ({
      name: column,
      type,
      fieldType: FIELD_TYPES_OF[type],
      label: column.replaceAll('_', ' '),
      description: text,
    })),
  })

export const SYSTEM_TABLES = {
  partitions: table('partitions', 'Partitions', 'The configured partitions: one Odoo database each.', [
    ['name', 'text', 'Name of the partition, as in USE and in _partition.'],
    ['url', 'text', 'Address of the server.'],
    ['database', 'text', 'Odoo’s name of the database.'],
    ['login', 'text', 'The Odoo user whose rights hold.'],
    ['version', 'text', 'Odoo’s version, such as 19.0; NULL before the first connection.'],
    ['transport', 'text', 'json-rpc or json-2; NULL before the first connection.'],
    ['is_selected', 'bool', 'Whether the session reads it.'],
    ['is_default', 'bool', 'Whether USE DEFAULT selects it.'],
  ]),
  tables: table('tables', 'Tables', 'Every table that can be read.', [
    ['schema', 'text', 'Schema of the table.'],
    ['name', 'text', 'Name of the table in its schema.'],
    ['model', 'text', 'Odoo’s model behind it.'],
    ['label', 'text', 'What Odoo’s screens call it.'],
    ['description', 'text', 'What the table holds, where it is described.'],
    ['is_published', 'bool', 'Described by a catalog file, which holds on every version of Odoo.'],
  ]),
  columns: table(
    'columns',
    'Columns',
    'The columns of the tables that have been described in this session.',
    [
      ['table_schema', 'text', 'Schema of the table.'],
      ['table_name', 'text', 'Name of the table.'],
      ['name', 'text', 'Name of the column.'],
      ['position', 'int4', 'Place of the column in the table, from 1.'],
      ['type', 'text', 'SQL type.'],
      ['label', 'text', 'What Odoo’s screens call the field.'],
      ['description', 'text', 'What the column holds.'],
      ['is_required', 'bool', 'Odoo asks for a value in every record.'],
      ['is_secret', 'bool', 'Masked unless the session reveals secrets.'],
      ['field', 'text', 'Odoo’s field.'],
      ['field_type', 'text', 'Odoo’s type of the field.'],
      ['relation', 'text', 'Model that a reference points to.'],
      ['since', 'int4', 'First version of Odoo that has the field, where that is known; else 0.'],
      ['until', 'int4', 'Last version of Odoo that has the field, where there is one; else 0.'],
      ['module', 'text', 'Odoo module that adds the field.'],
      ['restricted', 'text', 'Group of users that alone may read the field.'],
    ],
  ),
  calls: table('calls', 'Calls', 'What went to Odoo in this session: the last 10,000 calls.', [
    ['started_at', 'timestamp', 'When the first try started (UTC).'],
    ['partition', 'text', 'Name of the partition.'],
    ['model', 'text', 'Odoo’s model, or common.'],
    ['method', 'text', 'Method that was called.'],
    ['rows', 'int4', 'Records in the reply; NULL where it is no list.'],
    ['bytes', 'int4', 'Size of the reply.'],
    ['milliseconds', 'numeric', 'From the first try to the end of the reply.'],
    ['tries', 'int4', 'How often it was sent.'],
    ['outcome', 'text', 'ok, or the SQLSTATE of the error.'],
  ]),
  settings: table('settings', 'Settings', 'Settings of the session.', [
    ['name', 'text', 'Name, as in SET and SHOW.'],
    ['value', 'text', 'Value now.'],
    ['description', 'text', 'What it does.'],
  ]),
} as const satisfies Record<string, TableSpec>

/** INSERT performs one call of Odoo's API, where the session allows it; SELECT reads what the session has asked so. */
export const NATIVE_REQUESTS = table(
  'nativeplatformscalarrequests',
  'Native requests',
  'Calls of Odoo’s API for what SQL does not do. Off unless the session was opened with native requests.',
  [
    ['partition', 'text', 'Partition to ask; the selected one where left out.'],
    ['model', 'text', 'Odoo’s model.'],
    ['method', 'text', 'Method of the model.'],
    ['payload_text', 'text', 'Arguments by name as a JSON object; "ids" are the records.'],
    ['result_text', 'text', 'What the method returned, as JSON.'],
    ['successful', 'bool', 'Whether it went well.'],
    ['error_message_code', 'text', 'SQLSTATE of the error.'],
    ['error_message_text', 'text', 'Message of the error.'],
    ['date_started', 'timestamp', 'When it was sent (UTC).'],
    ['date_ended', 'timestamp', 'When the reply was there (UTC).'],
    ['duration_ms', 'numeric', 'Milliseconds between the two.'],
    ['dry_run', 'bool', 'Checked and remembered, not sent.'],
    ['fail_on_error', 'bool', 'Whether an error ends the statement; true where left out.'],
  ],
  'native',
)

/** The tables that are read from memory. */
export const LOCAL_TABLES: readonly TableSpec[] = [...Object.values(SYSTEM_TABLES), NATIVE_REQUESTS]

export type SystemTableName = keyof typeof SYSTEM_TABLES

export const isSystemTable = (spec: TableSpec): boolean => LOCAL_TABLES.includes(spec)

/** What `_partition` holds in the driver's own tables, whose rows come from no partition. */
export const SYSTEM_PARTITION = 'system'
