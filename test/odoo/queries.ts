/** Rows of the predicate tables of SEMANTICS (sections 1, 1.2, 1.3, 1.4): each must be hit by a question below. */
// prettier-ignore
export const ROWS = [
  'char =', 'char <>', 'char IN', 'char NOT IN', 'char IS NULL', 'char IS NOT NULL', 'char LIKE', 'char NOT LIKE',
  'char ILIKE', 'char NOT ILIKE', 'char range', 'html', 'text', 'selection', 'selection NOT LIKE', 'number =',
  'number = 0', 'number <>', 'number range', 'number IN', 'number NOT IN', 'number IS NULL', 'fraction', 'int4 edge',
  'boolean', 'boolean IS NULL', 'date', 'date <>', 'date IS NULL', 'datetime range', 'datetime =', 'datetime <>',
  'datetime IN', 'datetime IS NULL', 'many2one', 'many2one <>', 'many2one IS NULL', 'many2one 0', 'id', 'binary',
  'never pushed', 'not stored', 'company_dependent', 'translated', 'sized char', 'float digits', 'absent column',
  'folded', 'coalesce', 'members', 'order roughly', 'partition', 'constant', 'tree', 'truth test', 'parameter', 'order', 'order NULLS', 'limit', 'select list',
] as const
export type Row = (typeof ROWS)[number]

export type TableName =
  'ir.mail_server' | 'res.partner' | 'crm.lead' | 'res.country' | 'ir.ui_menu' | 'mail.followers'

/**
 * A literal of the (n+1)-th distinct value of a column, NULL, 0 and '' left aside, in the order of ids; so questions
 * find rows whatever data they are asked of.
 */
export type Sample = (column: string, n?: number) => string

/** One statement, in parts, so that the test can ask it in several ways. */
export interface Question {
  readonly row: Row
  readonly table: TableName
  readonly select?: string
  readonly where?: string | ((sample: Sample) => string)
  readonly orderBy?: string
  /** LIMIT and OFFSET as written; the order must then be total. */
  readonly limit?: string
  readonly params?: readonly (string | number | boolean | Date | null)[]
}

const ask = (row: Row, table: TableName, ...wheres: NonNullable<Question['where']>[]): Question[] =>
  wheres.map((where) => ({ row, table, where }))

const servers = (row: Row, ...wheres: NonNullable<Question['where']>[]) =>
  ask(row, 'ir.mail_server', ...wheres)
const partners = (row: Row, ...wheres: NonNullable<Question['where']>[]) => ask(row, 'res.partner', ...wheres)
const leads = (row: Row, ...wheres: NonNullable<Question['where']>[]) => ask(row, 'crm.lead', ...wheres)
const countries = (row: Row, ...wheres: NonNullable<Question['where']>[]) =>
  ask(row, 'res.country', ...wheres)

// prettier-ignore
const TEXT: readonly Question[] = [
  ...servers('char =', "name = 'Outgoing'", "name = ''", "name = 'Éclair'", "name = 'e\u0301clair'", "name = 'O''Brien''s relay'"),
  ...servers('char =', "name = 'a\\'", "name = 'back\\slash'", "name = '%'", "name = 'line\nbreak'", "name = 'False'", "name = '😀 emoji'"),
  ...servers('char =', "from_filter = ''", "smtp_user = 'a_b'", "smtp_pass = 's3cr%t_'", "'Outgoing' = name", "name = ' leading space'"),
  ...partners('char =', "ref = ''", (sample) => `ref = ${sample('ref')}`, "city = 'Zürich'", "job = 'CEO'"),
  ...servers('char <>', "name <> 'Outgoing'", "from_filter <> 'example.com'", "from_filter <> ''", "name != ''"),
  ...partners('char <>', "ref <> ''", (sample) => `ref <> ${sample('ref')}`, "city <> 'Berlin'"),
  ...servers('char IN', "name IN ('a', 'A', '日本語メール')", "from_filter IN ('', 'example.com')", "name IN ('')", "name IN ('b', NULL)"),
  ...partners('char IN', "city IN ('', 'Łódź', '東京')", (sample) => `ref IN (${sample('ref')}, ${sample('ref', 1)})`),
  ...servers('char NOT IN', "name NOT IN ('a', 'A')", "from_filter NOT IN ('', 'example.com')", "from_filter NOT IN ('x')"),
  ...servers('char NOT IN', "name NOT IN ('a', NULL)", "NOT (name IN ('a', NULL))", "NOT (from_filter IN ('example.com', ''))"),
  ...partners('char NOT IN', "city NOT IN ('Berlin', '')", "ref NOT IN ('')", (sample) => `ref NOT IN ('', ${sample('ref')})`, (sample) => `NOT (ref IN (${sample('ref')}))`),
  ...servers('char IS NULL', 'from_filter IS NULL', 'smtp_user IS NULL', "smtp_user IS NULL OR smtp_user = ''", 'NOT (smtp_user IS NOT NULL)'),
  ...partners('char IS NULL', 'ref IS NULL', 'city IS NULL AND ref IS NULL'),
  ...servers('char IS NOT NULL', 'from_filter IS NOT NULL', 'NOT (smtp_pass IS NULL)', "smtp_host IS NOT NULL AND smtp_host <> ''"),
  ...partners('char IS NOT NULL', 'ref IS NOT NULL', 'email IS NOT NULL'),
  ...servers('char LIKE', "name LIKE 'Out%'", "name LIKE ''", "name LIKE '%'", "name LIKE '_'", "name LIKE '\\_'", "name LIKE '%\\%%'"),
  ...servers('char LIKE', "name LIKE '%\\\\%'", "name LIKE 'a'", "name LIKE '%日本%'", "name LIKE '_clair'", "from_filter LIKE ''", "from_filter LIKE '%'"),
  ...servers('char LIKE', "smtp_host LIKE 'mail_1%'", "smtp_host LIKE 'mail\\_1%'", "name LIKE '%x%' ESCAPE 'x'", "name LIKE 'line%break'"),
  ...partners('char LIKE', "ref LIKE 'R\\_%'", "ref LIKE 'R%'", "city LIKE '%ü%'", "ref LIKE '_1%'", "ref LIKE ''", "ref LIKE '%'"),
  ...servers('char NOT LIKE', "name NOT LIKE 'Out%'", "from_filter NOT LIKE '%example%'", "from_filter NOT LIKE ''", "from_filter NOT LIKE '%'"),
  ...servers('char NOT LIKE', "NOT (smtp_user LIKE 'u%')", "name NOT LIKE '%\\_%'"),
  ...partners('char NOT LIKE', "ref NOT LIKE 'R%'", "city NOT LIKE '_erlin'", "ref NOT LIKE ''", "ref NOT LIKE '%'"),
  ...servers('char ILIKE', "name ILIKE 'out%'", "name ILIKE 'ÉCLAIR'", "name ILIKE '%ISTANBUL'", "name ILIKE 'straße'", "name ILIKE '%ПОЧТА%'"),
  ...servers('char ILIKE', "smtp_user ILIKE 'USER'", "name ILIKE '%ωMEGA%'", "from_filter ILIKE ''", "name ILIKE '\\%'", "name ILIKE '%SK%'"),
  ...partners('char ILIKE', "email ILIKE 'p1%'", "city ILIKE 'zÜrich'", "ref ILIKE 'r\\_%'"),
  ...servers('char NOT ILIKE', "name NOT ILIKE 'OUT%'", "from_filter NOT ILIKE '%EXAMPLE%'", "NOT (name ILIKE 'é%')"),
  ...partners('char NOT ILIKE', "city NOT ILIKE 'BERLIN'"),
  ...servers('folded', "lower(name) = 'outgoing'", "lower(name) LIKE '%istanbul'", "lower(name) LIKE 'stra_e'", "lower(name) LIKE 'éc%'", "lower(name) IN ('a', 'éclair')"),
  ...servers('folded', "upper(name) LIKE '%ISTANBUL'", "upper(name) = 'STRASSE'", "upper(name) LIKE '%SK%'", "upper(name) = 'OUTGOING'", "lower(name) = 'Outgoing'"),
  ...servers('folded', "lower(name) <> 'outgoing'", "lower(name) NOT LIKE 'out%'", "NOT (upper(name) IN ('A'))", "lower(from_filter) = ''", 'upper(from_filter) IS NULL'),
  ...servers('folded', "lower(name) ILIKE 'OUT%'", "lower(smtp_user) = 'a_b'", "lower(name) LIKE '%\\%%'"),
  ...partners('folded', "lower(city) = 'zürich'", "upper(city) LIKE 'Z_RICH'", "lower(city) LIKE '%in'", (sample) => `lower(ref) = lower(${sample('ref')})`, "lower(email) LIKE 'p1%' AND is_company"),
  ...servers('coalesce', "coalesce(from_filter, '') = ''", "coalesce(from_filter, '') <> ''", "coalesce(from_filter, 'x') = 'x'", "coalesce(smtp_user, 'none') LIKE 'n%'"),
  ...servers('coalesce', "NOT (coalesce(from_filter, 'a') IN ('a', NULL))", "coalesce(from_filter, NULL) = 'example.com'"),
  ...partners('coalesce', "coalesce(ref, '') = ''", "NOT (coalesce(ref, '') = '')", "(coalesce(ref, 'R') LIKE 'R%') IS NOT TRUE", "coalesce(city, 'm') < 'n'", "coalesce(ref, '') IS NULL", "coalesce(ref, city) = 'Berlin'"),
  ...servers('char range', "name < 'a'", "name <= 'a'", "name > 'Z'", "name >= 'é'", "name > ''", "name >= ''", "from_filter < 'b'", "from_filter <= ''"),
  ...servers('char range', "name BETWEEN 'A' AND 'Z'", "name NOT BETWEEN 'A' AND 'Z'", "NOT (from_filter < 'b')", "name BETWEEN 'Z' AND 'A'"),
  ...partners('char range', "ref < 'R5'", "ref >= 'r'", "city > 'Z'", "ref BETWEEN '' AND 'R2'", "NOT (ref < 'R5')", "ref > ''", "ref <= ''", "ref >= ''", "city < ''"),
  ...leads('html', "description = 'Call back'", "description = '<p>Call back</p>'", 'description IS NULL', 'description IS NOT NULL', "description LIKE '%text%'"),
  ...leads('html', "description <> 'Call back'", "description < 'b'", "description IN ('', 'Call back')", "description = ''"),
  ...partners('text', "comment = 'A note'", 'comment IS NULL', 'comment IS NOT NULL', "comment LIKE '%Line%'", "comment <> 'A note'", "comment = ''"),
  ...countries('text', "address_format LIKE '%(zip)s%'", "address_format NOT LIKE '%zip%'", 'address_format IS NOT NULL'),
  ...servers('selection', "smtp_encryption = 'none'", "smtp_encryption <> 'ssl'", "smtp_encryption IN ('ssl', 'starttls')", "smtp_encryption NOT IN ('ssl')"),
  ...servers('selection', "smtp_encryption = 'no such code'", "smtp_encryption LIKE 'start%'", "smtp_encryption = ''", "smtp_encryption <> ''", "smtp_encryption > 'none'"),
  ...partners('selection', 'type IS NULL', 'type IS NOT NULL', "type = 'contact'", "type <> 'contact'", "type NOT IN ('contact', 'other')", "type LIKE ''", "type = ''"),
  ...leads('selection', "priority = '2'", "priority <> '0'", 'priority IS NULL', "priority IN ('0', '3')", "type = 'lead'", "priority >= '1'"),
  ...partners('selection NOT LIKE', "type NOT LIKE 'con%'", "type NOT LIKE ''", "NOT (type LIKE '%o%')", "type NOT ILIKE 'CON%'"),
  ...countries('translated', "name = 'France'", "name <> 'France'", "name NOT IN ('France', 'Germany')", "NOT (name IN ('France'))", "name LIKE 'F%'", "name > 'S'"),
  ...countries('translated', 'vat_label IS NULL', 'vat_label IS NOT NULL', "vat_label NOT IN ('RUT', 'VAT')", "vat_label NOT LIKE 'N%'", "name ILIKE 'é%'", "vat_label = ''"),
  ...countries('sized char', "code = 'FRX'", "code <> 'FRX'", "code IN ('FR', 'FRX')", "code NOT IN ('FRX', 'DE')", "code < 'FRX'", "code >= 'FRX'", "code = 'FR'"),
  ...countries('sized char', "code LIKE '%K%'", "code LIKE 'F__'", "code LIKE 'F%'", "code NOT LIKE 'FRX%'", "code ILIKE '%k%'", "code BETWEEN 'DEX' AND 'FRX'", "code IN ('FRX')", "code NOT IN ('FRX')"),
]

const plus = (literal: string, tail: number): string => (Number(literal) + tail).toFixed(8)

// prettier-ignore
const NUMBERS: readonly Question[] = [
  ...servers('number =', 'smtp_port = 587', "smtp_port = '587'", '465 = smtp_port', 'sequence = -3', 'smtp_port = 5.87e2'),
  ...partners('number =', 'color = 1', (sample) => `latitude = ${sample('latitude')}`, (sample) => `latitude_float = ${sample('latitude_float', 3)}`),
  ...leads('number =', (sample) => `expected_revenue = ${sample('expected_revenue')}`, 'probability = 33.33', 'probability_numeric = 33.33', 'expected_revenue = 1000.00'),
  ...servers('number = 0', 'smtp_port = 0', 'sequence = 0', 'NOT (smtp_port = 0)', 'smtp_port = -0'),
  ...partners('number = 0', 'color = 0', 'latitude = 0', 'latitude = 0.00'),
  ...leads('number = 0', 'expected_revenue = 0', 'probability = 0', 'color = 0'),
  ...servers('number <>', 'smtp_port <> 587', 'smtp_port <> 0', 'NOT (sequence <> 10)'),
  ...partners('number <>', 'color <> 0', 'color <> 1', 'latitude <> 0'),
  ...leads('number <>', 'expected_revenue <> 0', 'expected_revenue <> -50.25'),
  ...servers('number range', 'smtp_port < 100', 'smtp_port > 0', 'smtp_port >= 0', 'smtp_port <= 0', 'smtp_port < 0', 'sequence BETWEEN 1 AND 10', 'NOT (smtp_port > 25)'),
  ...partners('number range', 'latitude < 0', 'latitude > 0', 'latitude <= 0', 'latitude >= 10.5', 'color < 1', 'latitude_float < 1e-3', 'color NOT BETWEEN 0 AND 1'),
  ...leads('number range', 'expected_revenue < 100', 'expected_revenue > -1', 'probability >= 33.33', 'probability < 50', 'expected_revenue BETWEEN -100 AND 0'),
  ...servers('number IN', 'smtp_port IN (25, 587)', 'smtp_port IN (0, 25)', 'smtp_port IN (0)', 'sequence IN (-3, 100)', 'smtp_port IN (25, NULL)'),
  ...partners('number IN', 'color IN (0, 11)', (sample) => `latitude IN (0, ${sample('latitude')}, ${sample('latitude', 5)})`),
  ...servers('number NOT IN', 'smtp_port NOT IN (25, 587)', 'smtp_port NOT IN (0, 25)', 'smtp_port NOT IN (0)', 'smtp_port NOT IN (25, NULL)'),
  ...partners('number NOT IN', 'color NOT IN (0, 1)', 'color NOT IN (1, 2)', 'latitude NOT IN (0)'),
  ...servers('number IS NULL', 'smtp_port IS NULL', 'smtp_port IS NOT NULL', 'sequence IS NULL OR sequence = 1'),
  ...partners('number IS NULL', 'latitude IS NULL', 'color IS NOT NULL', 'NOT (latitude IS NULL)'),
  ...servers('fraction', 'smtp_port = 587.5', 'smtp_port < 587.5', 'smtp_port > 25.5', 'smtp_port <> 587.5', 'smtp_port <= 465.0', 'smtp_port IN (25, 587.5)', 'smtp_port NOT IN (587.5, 25)'),
  ...servers('fraction', 'smtp_port > -0.5', 'smtp_port < -0.5', 'sequence BETWEEN -3.5 AND 1.5', 'sequence = 1.0'),
  ...servers('int4 edge', 'smtp_port = 2147483647', 'smtp_port = 2147483648', 'smtp_port > 2147483646', 'smtp_port < -2147483648', 'smtp_port <> 4294967296'),
  ...servers('int4 edge', 'smtp_port < 99999999999999999999', 'smtp_port >= -9223372036854775808', 'smtp_port IN (587, 3000000000)', 'smtp_port NOT IN (3000000000)'),
  ...partners('float digits', (sample) => `latitude = ${plus(sample('latitude'), 4e-8)}`, (sample) => `latitude <> ${plus(sample('latitude'), 4e-8)}`),
  ...partners('float digits', (sample) => `latitude > ${plus(sample('latitude'), -4e-8)}`, (sample) => `latitude < ${plus(sample('latitude'), 4e-8)}`),
  ...partners('float digits', (sample) => `latitude IN (${plus(sample('latitude'), 4e-8)}, ${sample('latitude', 1)})`, (sample) => `latitude NOT IN (${plus(sample('latitude'), 4e-8)})`),
  ...partners('float digits', (sample) => `latitude_float >= ${plus(sample('latitude_float'), 4e-8)}`, 'latitude = 0.00000004', 'latitude <= -0.00000004', 'latitude > 1e400'),
  ...servers('boolean', 'active = true', 'active = false', 'active <> true', 'smtp_debug', 'NOT smtp_debug', 'smtp_debug <> false', "active = 'no'", 'active IN (true, false)'),
  ...partners('boolean', 'employee = false', 'employee = true', 'employee <> true', 'is_company', 'employee < true', 'NOT (employee = true)'),
  ...partners('boolean IS NULL', 'employee IS NULL', 'employee IS NOT NULL', 'employee IS TRUE', 'employee IS NOT TRUE', 'employee IS FALSE', 'employee IS NOT FALSE', 'employee IS UNKNOWN'),
]

// prettier-ignore
const TIMES: readonly Question[] = [
  ...leads('date', "date_deadline = '2024-02-29'", "date_deadline < '1970-01-01'", "date_deadline <= '0999-12-31'", "date_deadline > '2026-12-31'", "date_deadline >= '9999-12-31'"),
  ...leads('date', "date_deadline IN ('2026-03-29', '2026-10-25')", "date_deadline BETWEEN '1999-12-31' AND '2026-03-29'", "date_deadline = '2026-12-31 10:00'", "date_deadline < '0999-12-31'"),
  ...leads('date <>', "date_deadline <> '2024-02-29'", "date_deadline NOT IN ('1970-01-01', '9999-12-31')", "NOT (date_deadline > '2026-01-01')", "date_deadline NOT BETWEEN '1999-12-31' AND '2026-03-29'"),
  ...leads('date IS NULL', 'date_deadline IS NULL', 'date_deadline IS NOT NULL'),
  ...servers('datetime range', (sample) => `create_date < ${sample('create_date', 1)}`, (sample) => `create_date >= ${sample('create_date', 1)}`, (sample) => `create_date <= ${sample('create_date')}`, (sample) => `create_date > ${sample('create_date')}`),
  ...leads('datetime range', (sample) => `create_date > ${sample('create_date')}`, (sample) => `create_date <= ${sample('create_date', 1)}`, (sample) => `create_date BETWEEN ${sample('create_date')} AND ${sample('create_date', 1)}`),
  ...leads('datetime range', "date_closed < '1970-01-01'", "date_closed <= '1969-12-31 23:59:59'", "date_closed > '9999-12-31 23:59:58'", "date_closed >= '9999-12-31 23:59:59'", "date_closed > '9999-12-31 23:59:59'"),
  ...leads('datetime range', "date_closed >= '2026-10-25T00:30:00'", "date_closed <= '2026-12-31 23:59:59.5'", "date_closed < '2027-01-01 00:00:00.000001'", "date_closed >= '0999-12-31 23:59:59'", "date_closed < '0999-12-31 23:59:59'"),
  ...servers('datetime =', (sample) => `create_date = ${sample('create_date')}`, (sample) => `write_date = ${sample('write_date', 1)}`),
  ...leads('datetime =', (sample) => `create_date = ${sample('create_date', 2)}`, "date_closed = '9999-12-31 23:59:59'", "date_closed = '1970-01-01'", "date_closed = '2024-02-29 12:34:56.5'"),
  ...servers('datetime <>', (sample) => `create_date <> ${sample('create_date')}`, (sample) => `NOT (create_date = ${sample('create_date')})`),
  ...leads('datetime <>', "date_closed <> '2024-02-29 12:34:56'", "date_closed <> '2024-02-29 12:34:56.5'", "date_closed <> '9999-12-31 23:59:59'"),
  ...leads('datetime IN', (sample) => `create_date IN (${sample('create_date')}, ${sample('create_date', 1)})`, (sample) => `create_date NOT IN (${sample('create_date')})`, "date_closed NOT IN ('1970-01-01', '2027-01-01')"),
  ...leads('datetime IS NULL', 'date_closed IS NULL', 'date_closed IS NOT NULL AND date_open IS NULL', 'create_date IS NULL'),
]

// prettier-ignore
const LINKS: readonly Question[] = [
  ...partners('many2one', (sample) => `country_id = ${sample('country_id')}`, 'country_id > 50', (sample) => `country_id IN (${sample('country_id')}, 999999)`, 'country_id < 100', 'country_id >= 1'),
  ...partners('many2one', (sample) => `country_id_text = ${sample('country_id_text')}`, "country_id_text = '007'", "country_id_text IN ('1', 'x')", "country_id_text LIKE '1%'", "country_id_label = 'France'"),
  ...servers('many2one', (sample) => `create_uid = ${sample('create_uid')}`, "create_uid = '1'", "create_uid <> '1'", "create_uid = 'one'", "create_uid > '1'", "create_uid LIKE '%'", (sample) => `create_uid_label = ${sample('create_uid_label')}`),
  ...partners('many2one <>', (sample) => `country_id <> ${sample('country_id')}`, (sample) => `country_id NOT IN (${sample('country_id')}, ${sample('country_id', 1)})`, (sample) => `NOT (country_id = ${sample('country_id')})`, "country_id_text <> '75'"),
  ...partners('many2one IS NULL', 'country_id IS NULL', 'country_id IS NOT NULL', 'parent_id_text IS NULL', 'country_id_label IS NULL', 'parent_id IS NOT NULL AND country_id IS NULL'),
  ...partners('many2one 0', 'country_id = 0', 'country_id <> 0', 'country_id > 0', 'country_id < 0', 'country_id IN (0)', 'country_id NOT IN (0)', 'country_id <= 0', "country_id_text = '0'", "country_id_text <> '0'"),
  ...partners('many2one 0', (sample) => `country_id IN (0, ${sample('country_id')}) OR country_id IS NULL`, 'country_id = -1', 'country_id <> 75.5', 'country_id > -1'),
  ...servers('id', (sample) => `id = ${sample('id', 4)}`, (sample) => `id IN (${sample('id', 1)}, ${sample('id', 3)}, 0, -1)`, 'id <> 2', 'id NOT IN (1, 2, 3)', (sample) => `id > ${sample('id', 6)}`, 'id IS NULL', 'id IS NOT NULL'),
  ...servers('id', 'id = 2147483648', 'id < 3000000000', 'id > -3000000000', 'id = 1.5', 'id <> 99999999999999999999', (sample) => `id BETWEEN ${sample('id', 2)} AND ${sample('id', 5)}`),
  ...servers('binary', 'smtp_ssl_certificate IS NULL', 'smtp_ssl_certificate IS NOT NULL', 'smtp_ssl_private_key IS NULL AND smtp_ssl_certificate IS NOT NULL', "smtp_ssl_certificate = '\\x78'"),
  ...ask('binary', 'ir.ui_menu', 'web_icon_data IS NULL', 'web_icon_data IS NOT NULL'),
  ...partners('members', "category_id_text <> '[]'", "category_id && '{1,2}'", "category_id @> '{1}'", '2 = ANY (category_id)', "NOT (category_id && '{1,2}')", '1 <> ALL (category_id)', "child_ids && '{1,2}'"),
  ...leads('members', "tag_ids <> '[]'", "tag_ids <> '[1]'"),
  ...partners('never pushed', "category_id_text = '[]'", 'child_ids IS NULL', "category_id = '{}'"),
  ...servers('never pushed', "mail_template_ids = '[]'", "active_mailing_ids <> '[]'", 'mail_template_ids IS NULL'),
  ...ask('never pushed', 'ir.ui_menu', 'action IS NULL', 'action IS NOT NULL', "action LIKE 'ir.actions%'", (sample) => `action = ${sample('action')}`),
  ...ask('never pushed', 'mail.followers', (sample) => `res_id = ${sample('res_id')}`, 'res_id = 0', 'res_id IS NULL', "res_model = 'res.partner' AND res_id > 3"),
  ...partners('not stored', 'contact_address IS NULL', "contact_address LIKE '%Berlin%'", 'is_blacklisted', 'NOT is_blacklisted', (sample) => `display_name = ${sample('display_name')}`, "display_name LIKE 'A%'", "display_name <> 'x'"),
  ...servers('not stored', "display_name = 'Outgoing'", "display_name LIKE '%\\%%'", 'display_name IS NULL', 'smtp_authentication_info IS NULL', 'google_gmail_uri IS NOT NULL', "display_name NOT LIKE 'O%'"),
  ...ask('not stored', 'ir.ui_menu', "complete_name LIKE '%/%'", 'complete_name IS NOT NULL'),
  ...partners('company_dependent', 'barcode IS NULL', "barcode = ''", 'barcode IS NOT NULL', 'trust IS NULL', "trust = 'normal'", "trust <> 'good'", "trust NOT IN ('bad')"),
  ...servers('absent column', "smtp_authentication = 'login'", "smtp_authentication <> 'login'", 'smtp_authentication IS NULL', "from_filter = 'example.com' OR smtp_authentication = 'gmail'", 'google_gmail_authorization_code IS NULL', 'google_gmail_access_token_expiration = 0'),
  ...servers('partition', "_partition = 'no such partition'", "_partition <> 'no such partition'", "_partition LIKE '%'", "_partition IN ('x') OR smtp_port = 25", "NOT (_partition = 'x')", '_partition IS NULL'),
]

// prettier-ignore
const TREES: readonly Question[] = [
  ...servers('constant', 'true', 'false', 'NULL', 'smtp_port = NULL', 'NOT (name = NULL)', "name = NULL OR smtp_port = 25", 'name BETWEEN NULL AND NULL', 'name LIKE NULL', 'active AND NULL'),
  ...servers('tree', "NOT (name = 'a' OR from_filter = 'example.com')", "NOT (active AND from_filter = 'example.com')", "NOT (NOT (smtp_port = 25))", "NOT (smtp_port = 25 AND NOT (from_filter IS NULL OR name LIKE 'S%'))"),
  ...servers('tree', "(smtp_port = 25 OR smtp_port = 587) AND (active OR smtp_debug) AND NOT (name < 'S')", "from_filter NOT LIKE 'x%' OR from_filter IS NULL", "smtp_user ILIKE 'u%' AND smtp_port > 25 OR name = ''"),
  ...servers('tree', "NOT (name ILIKE 'server%' OR smtp_user ILIKE 'user')", "NOT (smtp_port IN (25, 465) OR smtp_host NOT LIKE '%example%')", "NOT (smtp_user = '' OR smtp_pass IS NULL)", "NOT (sequence BETWEEN 1 AND 10 OR display_name LIKE 'S%')"),
  ...partners('tree', "NOT (city = 'Berlin' AND ref IS NULL) AND NOT (color = 0 OR employee)", "(ref LIKE 'R%' AND latitude < 0) OR (country_id IS NULL AND NOT active)", "NOT (ref < 'R5' OR city > 'P')", "type <> 'contact' AND NOT (email ILIKE 'P%')"),
  ...leads('tree', "NOT (date_deadline < '2026-01-01' OR date_closed IS NULL)", "(date_deadline IS NULL OR date_deadline > '2026-06-01') AND expected_revenue > 100", "NOT (priority = '1' OR description IS NULL) AND NOT (probability = 0)"),
  ...servers('truth test', "(from_filter = 'example.com') IS TRUE", "(smtp_user = 'user') IS NOT TRUE", "(from_filter = 'example.com') IS FALSE", "(smtp_user <> 'user') IS NOT FALSE", "(smtp_user LIKE 'x%') IS UNKNOWN", "NOT ((smtp_user = 'user') IS NOT TRUE)"),
  ...leads('truth test', "(date_deadline > '2026-01-01') IS NOT TRUE", "(date_deadline > '2026-01-01' AND expected_revenue > 0) IS NOT FALSE", "(NOT (date_closed < '2000-01-01')) IS UNKNOWN"),
  { row: 'parameter', table: 'ir.mail_server', where: 'smtp_port = $1', params: [587] },
  { row: 'parameter', table: 'ir.mail_server', where: 'name = $1 OR name = $2', params: ["O'Brien's relay", 'a\\'] },
  { row: 'parameter', table: 'ir.mail_server', where: 'name LIKE $1 AND active = $2', params: ['%\\_%', true] },
  { row: 'parameter', table: 'ir.mail_server', where: 'from_filter = $1', params: [null] },
  { row: 'parameter', table: 'ir.mail_server', where: 'smtp_port IN ($1, $2, $1)', params: [25, 465] },
  { row: 'parameter', table: 'ir.mail_server', where: 'NOT (smtp_port BETWEEN $2 AND $1)', params: [587, 25] },
  { row: 'parameter', table: 'crm.lead', where: 'date_closed >= $1', params: [new Date('2026-12-31T23:59:59Z')] },
  { row: 'parameter', table: 'crm.lead', where: 'date_deadline < $1', params: ['1970-01-02'] },
  { row: 'parameter', table: 'res.partner', where: 'latitude > $1 AND country_id <> $2', params: ['10.5', 75] },
  { row: 'parameter', table: 'ir.mail_server', where: 'smtp_debug IS NOT TRUE', orderBy: 'id', limit: 'LIMIT $1 OFFSET $2', params: [5, 2] },
]

const order = (row: Row, table: TableName, orderBy: string, limit?: string): Question => ({
  row,
  table,
  orderBy,
  ...(limit === undefined ? {} : { limit }),
})

// prettier-ignore
const SHAPES: readonly Question[] = [
  order('order', 'ir.mail_server', 'id DESC'),
  order('order', 'ir.mail_server', 'sequence, id'),
  order('order', 'ir.mail_server', 'name, id DESC'),
  order('order', 'ir.mail_server', 'create_date DESC, id'),
  order('order', 'ir.mail_server', 'active, smtp_debug DESC, id'),
  order('order', 'ir.mail_server', 'smtp_encryption, smtp_port DESC, id'),
  order('order', 'ir.mail_server', 'create_uid, id'),
  order('order', 'ir.mail_server', 'display_name DESC, id'),
  order('order roughly', 'res.partner', 'create_date DESC, id DESC', 'LIMIT 7'),
  order('order roughly', 'res.partner', 'create_date, name, id', 'LIMIT 5 OFFSET 3'),
  order('order roughly', 'res.partner', 'latitude, id', 'LIMIT 12'),
  order('order roughly', 'res.partner', 'latitude DESC, id DESC', 'LIMIT 400'),
  order('order roughly', 'res.partner', 'color DESC, city, id', 'LIMIT 9'),
  order('order roughly', 'ir.mail_server', 'write_date DESC, create_date, id', 'LIMIT 6'),
  order('order roughly', 'ir.mail_server', 'smtp_port DESC NULLS LAST, id', 'LIMIT 5'),
  order('order roughly', 'ir.mail_server', 'sequence, name, id', 'LIMIT 5'),
  order('order roughly', 'crm.lead', 'expected_revenue DESC, id', 'LIMIT 10'),
  order('order roughly', 'crm.lead', 'probability, id', 'LIMIT 10'),
  order('order roughly', 'crm.lead', 'date_open DESC NULLS LAST, id', 'LIMIT 10'),
  order('order', 'res.partner', 'country_id, id', 'LIMIT 40'),
  order('order', 'res.partner', 'country_id_text DESC, id', 'LIMIT 40'),
  order('order', 'res.partner', 'employee, id', 'LIMIT 25 OFFSET 10'),
  order('order', 'res.partner', 'latitude, id', 'LIMIT 30'),
  order('order', 'crm.lead', 'stage_id, priority, id', 'LIMIT 50'),
  order('order', 'crm.lead', 'date_deadline, id', 'LIMIT 50'),
  order('order NULLS', 'ir.mail_server', 'from_filter NULLS FIRST, id'),
  order('order NULLS', 'ir.mail_server', 'from_filter DESC NULLS LAST, id'),
  order('order NULLS', 'ir.mail_server', 'from_filter, id', 'LIMIT 20'),
  order('order NULLS', 'crm.lead', 'date_closed NULLS FIRST, id', 'LIMIT 60'),
  order('order NULLS', 'crm.lead', 'date_closed DESC, id', 'LIMIT 60'),
  order('order NULLS', 'crm.lead', 'date_closed DESC NULLS LAST, id', 'LIMIT 60 OFFSET 7'),
  order('order NULLS', 'crm.lead', 'date_deadline NULLS FIRST, date_open DESC NULLS LAST, id', 'LIMIT 60'),
  order('order NULLS', 'res.partner', 'country_id DESC NULLS LAST, id', 'LIMIT 30'),
  order('order NULLS', 'res.partner', 'color NULLS FIRST, id', 'LIMIT 30'),
  order('limit', 'ir.mail_server', 'id', 'LIMIT 0'),
  order('limit', 'ir.mail_server', 'id', 'LIMIT 1'),
  order('limit', 'ir.mail_server', 'id', 'LIMIT ALL OFFSET 5'),
  order('limit', 'ir.mail_server', 'id', 'LIMIT NULL'),
  order('limit', 'ir.mail_server', 'id', 'OFFSET 1000000'),
  order('limit', 'ir.mail_server', 'id DESC', 'LIMIT 9223372036854775807 OFFSET 3'),
  order('limit', 'res.partner', 'id', 'LIMIT 500 OFFSET 150'),
  { row: 'limit', table: 'res.partner', where: "city ILIKE 'berlin'", orderBy: 'id DESC', limit: 'LIMIT 7 OFFSET 2' },
  { row: 'limit', table: 'ir.mail_server', where: "name LIKE 'S%' AND from_filter < 'f'", orderBy: 'id', limit: 'LIMIT 4' },
  { row: 'select list', table: 'ir.mail_server', select: '*', where: 'smtp_port = 25' },
  { row: 'select list', table: 'ir.mail_server', select: 'name AS n, id, name, _partition', where: 'active', orderBy: 'n DESC, 2' },
  { row: 'select list', table: 'ir.mail_server', select: 's.id, s.create_uid, s.write_uid_label', orderBy: 's.id' },
  { row: 'select list', table: 'res.partner', select: 'country_id, country_id_text, country_id_label, category_id, category_id_text', where: 'color = 11' },
  { row: 'select list', table: 'res.partner', select: 'latitude, latitude_float, employee, job', where: 'latitude < -50' },
  { row: 'select list', table: 'crm.lead', select: 'date_deadline, date_closed, expected_revenue, probability, tag_ids', where: "date_closed < '1970-01-01'" },
  { row: 'select list', table: 'ir.mail_server', select: 'count(*)' },
  { row: 'select list', table: 'res.partner', select: 'count(*) AS n', where: 'ref IS NOT NULL' },
  { row: 'select list', table: 'ir.ui_menu', select: 'id, name, action, web_icon_data, parent_id', orderBy: 'id', limit: 'LIMIT 30' },
]

export const QUESTIONS: readonly Question[] = [...TEXT, ...NUMBERS, ...TIMES, ...LINKS, ...TREES, ...SHAPES]

/** Statements that PostgreSQL refuses, and with which SQLSTATE. */
export const REFUSED: readonly (readonly [sql: string, code: string])[] = [
  ["SELECT id FROM ir.mail_server WHERE smtp_port = 'abc'", '22P02'],
  ["SELECT id FROM ir.mail_server WHERE smtp_port = '99999999999'", '22003'],
  ["SELECT id FROM ir.mail_server WHERE create_date > 'abc'", '22007'],
  ["SELECT id FROM ir.mail_server WHERE create_date > '2026-02-30'", '22008'],
  ["SELECT id FROM ir.mail_server WHERE active = 'maybe'", '22P02'],
  ["SELECT id FROM ir.mail_server WHERE name LIKE '_\\'", '22025'],
  ['SELECT id FROM ir.mail_server WHERE smtp_prt = 25', '42703'],
  ['SELECT id FROM ir.mail_servers', '42P01'],
  ['SELECT id FROM ir.mail_server LIMIT -1', '2201W'],
  ['SELECT id FROM ir.mail_server OFFSET -1', '2201X'],
  ["SELECT id FROM ir.mail_server WHERE name = 'open", '42601'],
  ['SELECT id FROM ir.mail_server WHERE smtp_port LIKE 5', '42883'],
  ['SELECT id FROM ir.mail_server WHERE name = 5', '42883'],
  ['SELECT id FROM ir.mail_server WHERE smtp_port', '42804'],
]
