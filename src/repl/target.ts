/** The one Odoo database to ask, as the command line and the environment name it. */
export interface Target {
  readonly url: string
  /** These only where the URL itself does not say them. */
  readonly database: string | undefined
  readonly login: string | undefined
  readonly apiKey: string | undefined
  readonly password: string | undefined
  /** Neither the URL nor the environment holds an API key or a password. */
  readonly needsSecret: boolean
  /** The URL of the command line holds a password, which others on the machine can see. */
  readonly exposesSecret: boolean
}

/** What the URL says and, where it is silent, the environment; undefined where neither names a server. */
export function targetFrom(argument: string | undefined, environment: NodeJS.ProcessEnv): Target | undefined {
  const url = argument ?? variable(environment, 'ODOO_URL')
  if (url === undefined) return undefined
  // A URL that cannot be read is refused by the driver, with a better message than ours would be.
  const parts = URL.canParse(url) ? new URL(url) : undefined
  const hasSecret = parts !== undefined && parts.password !== ''
  const unless = (isSaid: boolean, name: string): string | undefined =>
    isSaid ? undefined : variable(environment, name)
  const apiKey = unless(hasSecret, 'ODOO_API_KEY')
  const password = unless(hasSecret, 'ODOO_PASSWORD')
  return {
    url,
    database: unless((parts?.pathname ?? '').length > 1, 'ODOO_DATABASE'),
    login: unless(parts !== undefined && parts.username !== '', 'ODOO_LOGIN'),
    apiKey,
    password,
    needsSecret: !hasSecret && apiKey === undefined && password === undefined,
    exposesSecret: hasSecret && argument !== undefined,
  }
}

/** An empty variable counts as none. */
function variable(environment: NodeJS.ProcessEnv, name: string): string | undefined {
  const value = environment[name]
  return value === '' ? undefined : value
}
