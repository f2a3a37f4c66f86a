import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

// Tests keep their hands off the user's own cache folder.
const folder = mkdtempSync(join(tmpdir(), 'odoo-sql-test-cache-'))
process.env['XDG_CACHE_HOME'] = folder
process.on('exit', () => {
  rmSync(folder, { recursive: true, force: true })
})
