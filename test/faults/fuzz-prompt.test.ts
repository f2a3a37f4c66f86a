import { expect } from 'chai'
import { contextAt } from '../../src/repl/completion-context.ts'
import { highlight } from '../../src/repl/highlight.ts'
import { scriptReader, type ScriptItem } from '../../src/repl/script.ts'
import { substituteVariables } from '../../src/repl/variables.ts'
import { loadGrammar, splitStatements } from '../../src/sql/gate.ts'
import { randomFrom, type Random } from '../support/generate-random.ts'
import { mutatedQuery } from './mutate-query.ts'
import { SEED } from './seed.ts'

const TEXTS = 10_000
const METACOMMANDS = ['\\d ir.mail_server\n', '\\x\n', '\\set a 1\n', '\\', "\\echo 'it\n"]

/** What somebody types or pastes, or pipes in: statements, metacommands, and lines that end anywhere. */
function drawScript(random: Random): string {
  const pieces = Array.from({ length: 1 + random.below(4) }, () =>
    random.chance(25)
      ? random.pick(METACOMMANDS)
      : mutatedQuery(random) + random.pick([';', ';\n', '\n', '\n\\g\n', ' \\gx\n', ' -- ']),
  )
  // Half of a surrogate pair comes from no keyboard and no file: both are read as UTF-8.
  return Buffer.from(pieces.join('')).toString()
}

function itemsOf(pieces: readonly string[]): ScriptItem[] {
  const reader = scriptReader(splitStatements)
  return [...pieces.flatMap((piece) => reader.push(piece)), ...reader.end()]
}

describe(`fuzz: what is typed (FAULT_SEED=${SEED})`, function () {
  this.timeout(120_000)
  before(loadGrammar)

  it(`${TEXTS} texts are coloured and completed at any place`, () => {
    for (let run = 0; run < TEXTS; run++) {
      const random = randomFrom(SEED + run)
      const text = drawScript(random)
      const about = `seed ${SEED + run}: ${JSON.stringify(text)}`
      let end = 0
      for (const span of highlight(text)) {
        expect(span.start, about).to.be.within(end, span.end)
        end = span.end
      }
      expect(end, about).to.be.at.most(text.length)
      const cursor = random.below(text.length + 1)
      const context = contextAt(text, cursor)
      expect(context.start, about).to.be.within(0, cursor)
      expect(context.end, about).to.be.within(cursor, text.length)
      substituteVariables(text, new Map([['a', '1']]))
    }
  })

  it(`${TEXTS} texts are cut into statements, the same in whatever pieces they come`, () => {
    for (let run = 0; run < TEXTS; run++) {
      const random = randomFrom(SEED + run)
      const text = drawScript(random)
      const size = 1 + random.below(40)
      const pieces = Array.from({ length: Math.ceil(text.length / size) }, (_, at) =>
        text.slice(at * size, (at + 1) * size),
      )
      expect(itemsOf(pieces), `seed ${SEED + run}: ${JSON.stringify(text)}`).to.deep.equal(itemsOf([text]))
    }
  })
})
