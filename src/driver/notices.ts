import { qualifiedName, type ColumnSpec, type TableSpec } from '../catalog/spec.ts'
import type { Scan } from '../planner/scan-plan.ts'
import type { Notice } from './cursor.ts'
import type { Plan } from './plan.ts'

/** One notice a table and partition for the columns that it lacks, and one for the secrets that are masked. */
export function noticesOf(plan: Plan, revealSecrets: boolean): Notice[] {
  if (plan.kind === 'aggregate') return plan.scans.flatMap((scan) => noticeOfMissing(plan.table, scan))
  const reads =
    plan.kind === 'scan'
      ? [
          {
            table: plan.select.table,
            columns: plan.select.output.map(({ column }) => column),
            scans: plan.scans,
          },
        ]
      : plan.reads
  return reads.flatMap(({ table, columns, scans }) => [
    ...scans.flatMap((scan) => noticeOfMissing(table, scan)),
    ...(revealSecrets ? [] : noticeOfMasked(table, columns)),
  ])
}

function noticeOfMissing(table: TableSpec, { server, missing }: Pick<Scan, 'server' | 'missing'>): Notice[] {
  if (missing.length === 0) return []
  const columns = missing.map(({ column, reason }) => `${column.name} (${reason})`).join('; ')
  const where = `on partition "${server.partition}", Odoo ${server.version.text}`
  return [
    { severity: 'NOTICE', message: `${where}, columns of ${qualifiedName(table)} are NULL: ${columns}` },
  ]
}

function noticeOfMasked(table: TableSpec, columns: readonly ColumnSpec[]): Notice[] {
  const names = [...new Set(columns.filter((column) => column.secret).map((column) => column.name))]
  if (names.length === 0) return []
  return [
    {
      severity: 'NOTICE',
      message: `secret columns of ${qualifiedName(table)} are masked: ${names.join(', ')}`,
      hint: 'Open the session with --reveal-secrets (library: revealSecrets: true) to see them.',
    },
  ]
}
