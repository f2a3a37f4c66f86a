/** A real Odoo server to test against, as the environment names it. */
export interface RealServer {
  readonly version: 14 | 19
  readonly url: string
  readonly database: string
  readonly login: string
  readonly password: string
  readonly apiKey: string
  readonly analystLogin: string
  readonly analystPassword: string
  readonly analystApiKey: string
  /** Connection URL of the PostgreSQL database under that Odoo. */
  readonly pgUrl: string
}

const VERSIONS = [14, 19] as const

/** The real servers that the environment names (ODOO14_URL, ODOO19_URL and so on); none where it names none. */
export function realServers(): RealServer[] {
  return VERSIONS.flatMap((version): RealServer[] => {
    const read = (name: string): string => process.env[`ODOO${version}_${name}`] ?? ''
    if (read('URL') === '') return []
    return [
      {
        version,
        url: read('URL'),
        database: read('DB'),
        login: read('LOGIN'),
        password: read('PASSWORD'),
        apiKey: read('API_KEY'),
        analystLogin: read('ANALYST_LOGIN'),
        analystPassword: read('ANALYST_PASSWORD'),
        analystApiKey: read('ANALYST_API_KEY'),
        pgUrl: read('PG_URL'),
      },
    ]
  })
}

/**
 * A suite for each real server. Where there is none, a single test that is skipped for all to see, and a line at the
 * end of the run that says how to run it.
 */
export function describeReal(title: string, suite: (server: RealServer) => void): void {
  const servers = realServers()
  describe(title, () => {
    for (const server of servers)
      describe(`Odoo ${server.version}`, () => {
        suite(server)
      })
    if (servers.length === 0)
      it('runs on real servers', function () {
        skipForLackOfServers(title)
        this.skip()
      })
  })
}

/** Notes that a suite did not run; for suites that call `this.skip()` in a `before` of their own. */
export function skipForLackOfServers(title: string): void {
  notRun.add(title)
}

const notRun = new Set<string>()

// A root hook: this module is evaluated while mocha reads the test files. Scripts use it too, without mocha.
if (typeof after === 'function')
  after(() => {
    if (notRun.size === 0) return
    console.log(
      `\n  Not run for want of real Odoo servers: ${[...notRun].join('; ')}. ` +
        'To run them, set ODOO14_URL, ODOO19_URL and their companions as README.md, "Tests", says.',
    )
  })
