/** PostgreSQL's condition names and their SQLSTATEs (PostgreSQL manual, appendix A), as far as we raise them. */
export const SQLSTATE = {
  sqlclient_unable_to_establish_sqlconnection: '08001',
  connection_failure: '08006',
  protocol_violation: '08P01',
  feature_not_supported: '0A000',
  cardinality_violation: '21000',
  data_exception: '22000',
  string_data_right_truncation: '22001',
  numeric_value_out_of_range: '22003',
  null_value_not_allowed: '22004',
  error_in_assignment: '22005',
  invalid_datetime_format: '22007',
  datetime_field_overflow: '22008',
  invalid_time_zone_displacement_value: '22009',
  escape_character_conflict: '2200B',
  most_specific_type_mismatch: '2200G',
  invalid_xml_document: '2200M',
  invalid_xml_content: '2200N',
  substring_error: '22011',
  division_by_zero: '22012',
  invalid_preceding_or_following_size: '22013',
  invalid_argument_for_ntile_function: '22014',
  interval_field_overflow: '22015',
  invalid_argument_for_nth_value_function: '22016',
  invalid_escape_character: '22019',
  invalid_regular_expression: '2201B',
  invalid_argument_for_logarithm: '2201E',
  invalid_argument_for_power_function: '2201F',
  invalid_argument_for_width_bucket_function: '2201G',
  invalid_row_count_in_limit_clause: '2201W',
  invalid_row_count_in_result_offset_clause: '2201X',
  character_not_in_repertoire: '22021',
  invalid_parameter_value: '22023',
  invalid_escape_sequence: '22025',
  array_subscript_error: '2202E',
  invalid_tablesample_repeat: '2202G',
  invalid_tablesample_argument: '2202H',
  duplicate_json_object_key_value: '22030',
  invalid_argument_for_sql_json_datetime_function: '22031',
  invalid_json_text: '22032',
  invalid_sql_json_subscript: '22033',
  more_than_one_sql_json_item: '22034',
  no_sql_json_item: '22035',
  non_numeric_sql_json_item: '22036',
  non_unique_keys_in_a_json_object: '22037',
  singleton_sql_json_item_required: '22038',
  sql_json_array_not_found: '22039',
  sql_json_member_not_found: '2203A',
  sql_json_number_not_found: '2203B',
  sql_json_object_not_found: '2203C',
  sql_json_scalar_required: '2203F',
  sql_json_item_cannot_be_cast_to_target_type: '2203G',
  invalid_text_representation: '22P02',
  invalid_binary_representation: '22P03',
  bad_copy_file_format: '22P04',
  untranslatable_character: '22P05',
  not_null_violation: '23502',
  unique_violation: '23505',
  active_sql_transaction: '25001',
  read_only_sql_transaction: '25006',
  no_active_sql_transaction: '25P01',
  in_failed_sql_transaction: '25P02',
  idle_in_transaction_session_timeout: '25P03',
  invalid_sql_statement_name: '26000',
  invalid_authorization_specification: '28000',
  invalid_password: '28P01',
  invalid_cursor_name: '34000',
  invalid_savepoint_specification: '3B001',
  invalid_catalog_name: '3D000',
  invalid_schema_name: '3F000',
  syntax_error_or_access_rule_violation: '42000',
  insufficient_privilege: '42501',
  syntax_error: '42601',
  invalid_name: '42602',
  invalid_column_definition: '42611',
  name_too_long: '42622',
  duplicate_column: '42701',
  ambiguous_column: '42702',
  undefined_column: '42703',
  undefined_object: '42704',
  duplicate_alias: '42712',
  ambiguous_function: '42725',
  grouping_error: '42803',
  datatype_mismatch: '42804',
  wrong_object_type: '42809',
  cannot_coerce: '42846',
  undefined_function: '42883',
  reserved_name: '42939',
  undefined_table: '42P01',
  undefined_parameter: '42P02',
  duplicate_cursor: '42P03',
  duplicate_prepared_statement: '42P05',
  ambiguous_parameter: '42P08',
  ambiguous_alias: '42P09',
  invalid_column_reference: '42P10',
  invalid_cursor_definition: '42P11',
  indeterminate_datatype: '42P18',
  invalid_recursion: '42P19',
  windowing_error: '42P20',
  collation_mismatch: '42P21',
  indeterminate_collation: '42P22',
  insufficient_resources: '53000',
  disk_full: '53100',
  out_of_memory: '53200',
  too_many_connections: '53300',
  configuration_limit_exceeded: '53400',
  program_limit_exceeded: '54000',
  statement_too_complex: '54001',
  too_many_columns: '54011',
  too_many_arguments: '54023',
  object_not_in_prerequisite_state: '55000',
  cant_change_runtime_param: '55P02',
  operator_intervention: '57000',
  query_canceled: '57014',
  admin_shutdown: '57P01',
  cannot_connect_now: '57P03',
  idle_session_timeout: '57P05',
  system_error: '58000',
  io_error: '58030',
  undefined_file: '58P01',
  config_file_error: 'F0000',
  internal_error: 'XX000',
} as const

/** PostgreSQL's name of an error kind, such as `undefined_table`. */
export type Condition = keyof typeof SQLSTATE

/** What an error says beside its message. */
export interface SqlErrorFields {
  /** One sentence more: what was found. */
  readonly detail?: string | undefined
  /** What the user can do about it. */
  readonly hint?: string | undefined
  /** 1-based, in characters of the statement text. */
  readonly position?: number | undefined
  /** Name of the partition (Odoo database) that the error came from. */
  readonly partition?: string | undefined
  /** The error below it. */
  readonly cause?: unknown
}

/**
 * The one error class: everything that this package throws is a SqlError.
 * `code` is the SQLSTATE, as in the `pg` package; `condition` is its name in PostgreSQL.
 */
export class SqlError extends Error {
  /** Always `SqlError`. */
  override readonly name = 'SqlError'
  /** PostgreSQL's name of the error kind. */
  readonly condition: Condition
  /** The SQLSTATE: five characters. */
  readonly code: string
  /** One sentence more: what was found. */
  readonly detail: string | undefined
  /** What the user can do about it. */
  readonly hint: string | undefined
  /** 1-based, in characters of the statement's text. */
  readonly position: number | undefined
  /** Name of the partition (Odoo database) that the error came from. */
  readonly partition: string | undefined

  constructor(condition: Condition, message: string, fields: SqlErrorFields = {}) {
    super(message, fields.cause === undefined ? {} : { cause: fields.cause })
    this.condition = condition
    this.code = SQLSTATE[condition]
    this.detail = fields.detail
    this.hint = fields.hint
    this.position = fields.position
    this.partition = fields.partition
  }

  /** The same error with further fields, for a caller that knows more (the position, the partition). */
  with(fields: SqlErrorFields): SqlError {
    const known: SqlErrorFields = {
      detail: this.detail,
      hint: this.hint,
      position: this.position,
      partition: this.partition,
      cause: this.cause,
    }
    const error = new SqlError(this.condition, this.message, { ...known, ...fields })
    if (this.stack !== undefined) error.stack = this.stack
    return error
  }
}

const factory =
  (condition: Condition) =>
  (message: string, fields: SqlErrorFields = {}): SqlError =>
    new SqlError(condition, message, fields)

export const cannotConnect = factory('sqlclient_unable_to_establish_sqlconnection')
export const connectionLost = factory('connection_failure')
export const protocolViolation = factory('protocol_violation')
export const notSupported = factory('feature_not_supported')
export const dataException = factory('data_exception')
export const outOfRange = factory('numeric_value_out_of_range')
export const invalidDatetime = factory('invalid_datetime_format')
export const datetimeOverflow = factory('datetime_field_overflow')
export const invalidLimit = factory('invalid_row_count_in_limit_clause')
export const invalidOffset = factory('invalid_row_count_in_result_offset_clause')
export const badCharacter = factory('character_not_in_repertoire')
export const invalidParameterValue = factory('invalid_parameter_value')
export const invalidEscape = factory('invalid_escape_sequence')
export const invalidText = factory('invalid_text_representation')
export const invalidBinary = factory('invalid_binary_representation')
export const activeTransaction = factory('active_sql_transaction')
export const noActiveTransaction = factory('no_active_sql_transaction')
export const failedTransaction = factory('in_failed_sql_transaction')
export const idleInTransactionTimeout = factory('idle_in_transaction_session_timeout')
export const invalidStatementName = factory('invalid_sql_statement_name')
export const invalidAuthorization = factory('invalid_authorization_specification')
export const invalidPassword = factory('invalid_password')
export const unknownDatabase = factory('invalid_catalog_name')
export const invalidCursorName = factory('invalid_cursor_name')
export const invalidSavepoint = factory('invalid_savepoint_specification')
export const insufficientPrivilege = factory('insufficient_privilege')
export const syntaxError = factory('syntax_error')
export const duplicateColumn = factory('duplicate_column')
export const ambiguousColumn = factory('ambiguous_column')
export const undefinedObject = factory('undefined_object')
export const duplicateCursor = factory('duplicate_cursor')
export const duplicateStatement = factory('duplicate_prepared_statement')
export const datatypeMismatch = factory('datatype_mismatch')
export const undefinedFunction = factory('undefined_function')
export const undefinedParameter = factory('undefined_parameter')
export const limitExceeded = factory('program_limit_exceeded')
export const diskFull = factory('disk_full')
export const outOfMemory = factory('out_of_memory')
export const tooManyConnections = factory('too_many_connections')
export const tooComplex = factory('statement_too_complex')
export const wrongState = factory('object_not_in_prerequisite_state')
export const fixedParameter = factory('cant_change_runtime_param')
export const queryCanceled = factory('query_canceled')
export const adminShutdown = factory('admin_shutdown')
export const cannotConnectNow = factory('cannot_connect_now')
export const idleSessionTimeout = factory('idle_session_timeout')
export const systemError = factory('system_error')
export const configError = factory('config_file_error')
export const internalError = factory('internal_error')

/** Every statement that would change something ends here. `verb` is the command as the user knows it. */
export const writeRejected = (verb: string, fields: SqlErrorFields = {}): SqlError =>
  new SqlError('read_only_sql_transaction', `cannot execute ${verb}: odoo-sql is read-only`, {
    hint: 'Only SELECT reaches Odoo. Change data in Odoo itself or through its own API.',
    ...fields,
  })

export const undefinedTable = (name: string, candidates: Iterable<string>, position?: number): SqlError =>
  new SqlError('undefined_table', `relation "${name}" does not exist`, {
    hint: didYouMean(name, candidates),
    position,
  })

export const undefinedColumn = (name: string, candidates: Iterable<string>, position?: number): SqlError =>
  new SqlError('undefined_column', `column "${name}" does not exist`, {
    hint: didYouMean(name.slice(name.lastIndexOf('.') + 1), candidates),
    position,
  })

/** Turns whatever was thrown into a SqlError; only a defect of ours arrives here as something else. */
export function sqlErrorFrom(thrown: unknown): SqlError {
  if (thrown instanceof SqlError) return thrown
  if (thrown instanceof RangeError && /call stack/i.test(thrown.message))
    return tooComplex('stack depth limit exceeded', { hint: 'Write the statement with less nesting.' })
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  return internalError(message, { cause: thrown, hint: 'This is a defect of odoo-sql. Please report it.' })
}

/** A hint that names the nearest of `candidates`, or undefined where none is near. */
export function didYouMean(name: string, candidates: Iterable<string>): string | undefined {
  const wanted = name.toLowerCase()
  // As many slips as a person makes in a word of that length.
  let nearestDistance = Math.max(1, Math.floor(wanted.length / 3)) + 1
  let nearest: string | undefined
  for (const candidate of candidates) {
    const distance = editDistance(wanted, candidate.toLowerCase(), nearestDistance)
    if (distance < nearestDistance) [nearest, nearestDistance] = [candidate, distance]
  }
  return nearest === undefined ? undefined : `Did you mean "${nearest}"?`
}

/** Levenshtein's distance, given up (as `limit`) once it must reach `limit`. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const current = [i]
    for (let j = 1; j <= b.length; j++) {
      const substituted = (previous[j - 1] ?? limit) + (a[i - 1] === b[j - 1] ? 0 : 1)
      current.push(Math.min(substituted, (previous[j] ?? limit) + 1, (current[j - 1] ?? limit) + 1))
    }
    previous = current
  }
  return previous[b.length] ?? limit
}
