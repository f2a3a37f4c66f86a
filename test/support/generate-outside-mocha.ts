/**
 * For scripts that run without mocha: real-odoo.ts tells of suites that did not run in a hook of mocha's, and there
 * is none. Import this first.
 */
const scope = globalThis as { after?: unknown }
scope.after ??= () => undefined
