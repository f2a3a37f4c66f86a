import type { MeasuredFamily } from '../odoo/capabilities.ts'
import type { PrefixItem } from '../odoo/domain.ts'

/** A predicate that a rule got wrong, with what shows it. */
export interface Counterexample {
  readonly rule: string
  readonly model: string
  /** As SQL. */
  readonly predicate: string
  /** What was sent beside the list of ids. Empty where the fault is in an order or in groups. */
  readonly domain: readonly PrefixItem[]
  /** Records that the predicate holds for and Odoo left out; at most a few. */
  readonly missed: readonly number[]
  /** Records that Odoo found and the predicate does not hold for. */
  readonly excess: readonly number[]
  /** What Odoo said instead, or what was wrong, where it is no matter of ids. */
  readonly fault: string | undefined
}

/** How one rule fared. `untold`: nothing failed, but the rows at hand could not have shown it. */
export interface RuleOutcome {
  readonly rule: string
  readonly verdict: 'held' | 'failed' | 'untold'
  readonly predicates: number
  readonly failed: number
}

export interface FamilyOutcome {
  readonly family: MeasuredFamily
  /** No rule failed. */
  readonly isComplete: boolean
  /** Predicates that were tried, and those for which the rule held. */
  readonly predicates: number
  readonly held: number
  readonly rules: readonly RuleOutcome[]
  readonly counterexamples: readonly Counterexample[]
}

/** Counterexamples that are kept of each rule. */
const COUNTEREXAMPLES_MAX = 3
/** Predicates that a rule has to get right; of those about NULL there is but one for each field. */
const PREDICATES_MIN = 3

/** Counts how the rules of one family fare. */
export interface Tally {
  /** `isTelling`: it holds for some of the rows, not for all. */
  count(rule: string, isTelling: boolean, counterexample: Counterexample | undefined): void
  /** Enough counterexamples of the rule are known. */
  isRefuted(rule: string): boolean
  /** `isShown`: the rows tried held every value that the rule's field type has to prove itself on. */
  outcome(isShown: (rule: string) => boolean): FamilyOutcome
}

export function openTally(family: MeasuredFamily): Tally {
  const rules = new Map<string, { predicates: number; failed: number; telling: number }>()
  const counterexamples: Counterexample[] = []
  return {
    count(rule, isTelling, counterexample) {
      const counts = rules.get(rule) ?? { predicates: 0, failed: 0, telling: 0 }
      rules.set(rule, counts)
      counts.predicates++
      if (isTelling) counts.telling++
      if (counterexample === undefined) return
      if (counts.failed++ < COUNTEREXAMPLES_MAX) counterexamples.push(counterexample)
    },
    isRefuted: (rule) => (rules.get(rule)?.failed ?? 0) >= COUNTEREXAMPLES_MAX,
    outcome(isShown) {
      const outcomes = [...rules].map(([rule, { predicates, failed, telling }]): RuleOutcome => {
        const needed = / IS (NOT )?NULL$| BY$/.test(rule) ? 1 : PREDICATES_MIN
        const isTold = predicates >= needed && telling > 0 && isShown(rule)
        return { rule, predicates, failed, verdict: failed > 0 ? 'failed' : isTold ? 'held' : 'untold' }
      })
      const sum = (of: (outcome: RuleOutcome) => number): number =>
        outcomes.reduce((total, outcome) => total + of(outcome), 0)
      return {
        family,
        isComplete: outcomes.every(({ verdict }) => verdict !== 'failed'),
        predicates: sum(({ predicates }) => predicates),
        held: sum(({ predicates, failed }) => predicates - failed),
        rules: outcomes.sort((a, b) => (a.rule < b.rule ? -1 : 1)),
        counterexamples,
      }
    },
  }
}
