import type { Notice } from '../driver/cursor.ts'
import type { Session } from '../driver/session.ts'
import { PARTITIONS_SETTING, partitionNamesFrom } from '../driver/settings.ts'
import { unknownDatabase } from '../errors.ts'
import type { LogIn } from './authentication.ts'
import { ALL_PARTITIONS, type Client } from './startup-parameters.ts'

/**
 * The session of a client that has logged in, its partitions open: what is wrong with them is told at the log-in. Throws 3D000
 * for a database that is none of this user's.
 */
export async function openClientSession(
  logIn: LogIn,
  client: Client,
  signal: AbortSignal,
): Promise<{ session: Session; notices: readonly Notice[] }> {
  const session = logIn.service.openSession(selectedBy(client, logIn))
  const notices: Notice[] = []
  await session.openSelected(
    { signal, onCall: session.record },
    { partitionErrors: session.partitionErrors, onNotice: (notice) => notices.push(notice) },
  )
  return { session, notices }
}

function selectedBy({ database, settings }: Client, { service, partitions }: LogIn): readonly string[] {
  const isPartition = partitions.includes(database)
  if (!isPartition && database !== ALL_PARTITIONS)
    throw unknownDatabase(`database "${database}" does not exist`, {
      hint: `These do: ${[ALL_PARTITIONS, ...partitions].join(', ')}.`,
    })
  const setting = settings.get(PARTITIONS_SETTING)
  if (setting !== undefined) return partitionNamesFrom(setting)
  if (isPartition) return [database]
  const defaults = service.partitions.defaults.filter((name) => partitions.includes(name))
  return defaults.length > 0 ? defaults : partitions
}
