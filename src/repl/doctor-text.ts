import type { Check, Diagnosis } from '../driver/doctor.ts'
import type { ProofReport } from '../driver/prove.ts'
import { displayWidth } from './width.ts'
import { visibleText } from './visible.ts'

/** Counterexamples that are printed of each family; `--format json` has all. */
const COUNTEREXAMPLES_MAX = 5

/** What was found of one partition, for people: a line a check, with a mark, and a remedy below where there is one. */
export function diagnosisText({ partition, url, database, login, checks, proof }: Diagnosis): string {
  const width = Math.max(...checks.map(({ subject }) => displayWidth(subject)))
  const lines = [
    `${partition}: database ${database} at ${url}, as ${login}`,
    ...checks.flatMap((check) => linesOfCheck(check, width)),
    ...(proof === undefined ? [] : linesOfProof(proof)),
    summaryOf(checks),
  ]
  return `${lines.map(visibleText).join('\n')}\n`
}

const MARKS: Record<Check['verdict'], string> = { ok: 'ok  ', warning: 'WARN', failed: 'FAIL' }

function linesOfCheck({ subject, verdict, found, remedy }: Check, width: number): string[] {
  const padding = ' '.repeat(width - displayWidth(subject))
  const line = `  ${MARKS[verdict]}  ${subject}${padding}  ${found.replaceAll('\n', ' ')}`
  return remedy === undefined ? [line] : [line, `${' '.repeat(width + 10)}→ ${remedy}`]
}

/** One report of what was tried, the families best first. */
function linesOfProof({ families, models, calls, milliseconds }: ProofReport): string[] {
  const lines = [`  Tried on ${models.join(', ')}: ${calls} calls in ${(milliseconds / 1000).toFixed(1)} s.`]
  for (const { family, held, predicates, rules, counterexamples } of families) {
    const failed = rules.filter(({ verdict }) => verdict === 'failed')
    const untold = rules.filter(({ verdict }) => verdict === 'untold')
    const told = rules.length - failed.length - untold.length
    lines.push(
      `  Rules of Odoo ${family}: ${held} of ${predicates} predicates held; ${told} rules held, ${failed.length} failed, ${untold.length} not told.`,
    )
    if (failed.length > 0)
      lines.push(
        `    failed: ${failed.map((rule) => `${rule.rule} (${rule.failed} of ${rule.predicates})`).join(', ')}`,
      )
    if (untold.length > 0)
      lines.push(`    not told by these records: ${untold.map(({ rule }) => rule).join(', ')}`)
    for (const one of counterexamples.slice(0, COUNTEREXAMPLES_MAX)) {
      const what = [
        ...(one.missed.length > 0 ? [`misses ids ${one.missed.join(', ')}`] : []),
        ...(one.excess.length > 0 ? [`finds ids ${one.excess.join(', ')} in excess`] : []),
        ...(one.fault === undefined ? [] : [one.fault]),
      ]
      lines.push(`    ${one.model}: ${one.predicate} as ${JSON.stringify(one.domain)} ${what.join(' and ')}`)
    }
  }
  return lines
}

function summaryOf(checks: readonly Check[]): string {
  const count = (wanted: Check['verdict']): number =>
    checks.filter(({ verdict }) => verdict === wanted).length
  return `  ${count('ok')} ok, ${count('warning')} warnings, ${count('failed')} failed`
}

/** The same as a value for JSON. */
export function diagnosisJson({ proof, ...diagnosis }: Diagnosis): object {
  if (proof === undefined) return diagnosis
  const { version, rules, ...rest } = proof
  return { ...diagnosis, proof: { version: version.text, rules: Object.fromEntries(rules), ...rest } }
}
