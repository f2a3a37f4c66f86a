/** Servers that answer every domain alike share a family; the pushdown rules go by it. */
export type MeasuredFamily = '14' | '18' | '19'
export type RuleFamily = MeasuredFamily | 'unproven'

export interface ServerVersion {
  /** 19 for `19.0` and for `saas~19.2`. */
  readonly major: number
  /** As people write it: `19.0`, `saas~18.2`. */
  readonly text: string
  readonly family: RuleFamily
  /**
   * Where the family is unproven: the rules that a proof on such a server found to hold (their names are the
   * planner's), each with the family by which it did. No other rule is used there.
   */
  readonly proven?: ReadonlyMap<string, MeasuredFamily> | undefined
}

/** What the API of a version can do beyond what every version from 14 on can. */
export interface Capabilities {
  /** The order of a search takes `nulls first` and `nulls last`. */
  readonly ordersNulls: boolean
  /** `search_read` takes `load`, so that a many2one reads as its bare id. */
  readonly loadInSearchRead: boolean
  /** The right to read is asked for with `has_access`; before, with `check_access_rights`. */
  readonly hasAccess: boolean
  /** `/json/2` is there. */
  readonly json2: boolean
  /** Groups come from `formatted_read_group`; before, from `read_group`. */
  readonly formattedReadGroup: boolean
}

export const capabilitiesOf = (version: Pick<ServerVersion, 'major'>): Capabilities => ({
  ordersNulls: version.major >= 17,
  loadInSearchRead: version.major >= 15,
  hasAccess: version.major >= 18,
  json2: version.major >= 19,
  formattedReadGroup: version.major >= 19,
})

/** 14, 16 and 17 were measured alike; 15 stands between them and is presumed so. */
const FAMILY_OF_RELEASE: Readonly<Record<string, RuleFamily>> = {
  '14.0': '14',
  '15.0': '14',
  '16.0': '14',
  '17.0': '14',
  '18.0': '18',
  '19.0': '19',
}

/**
 * Reads `server_version_info`, such as `[19, 0, 0, 'final', 0, '']`. Odoo Online writes `['saas~18', 2, …]`: between
 * two releases the rules change, so nothing is taken as proven there. Undefined where it is no version.
 */
export function versionFromInfo(info: readonly (string | number)[]): ServerVersion | undefined {
  const [first = '', minor = 0] = info
  const match = /^(?:saas[~-])?(\d{1,3})$/.exec(String(first))
  if (match?.[1] === undefined) return undefined
  const text = `${String(first)}.${String(minor)}`
  return { major: Number(match[1]), text, family: FAMILY_OF_RELEASE[text] ?? 'unproven' }
}
