import { listDatabases } from '../odoo/databases.ts'
import { partsOfUrl, type UrlParts } from './config.ts'

/**
 * What a URL says of a server, and the databases that the server tells of; none where it keeps them to itself.
 * Throws 22023 for a URL that cannot be read, 08001 where no Odoo answers.
 */
export async function lookAtServer(
  text: string,
  signal: AbortSignal,
): Promise<UrlParts & { readonly databases: readonly string[] }> {
  const parts = partsOfUrl(text)
  const databases = await listDatabases(parts.url, signal).catch((thrown: unknown) => {
    const { code } = thrown as { code?: string }
    if (code?.startsWith('08') === true || signal.aborted) throw thrown
    return []
  })
  return { ...parts, databases }
}
