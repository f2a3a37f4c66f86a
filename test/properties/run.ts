import { parseArgs } from 'node:util'
import { checkTarget } from './check.ts'
import { targets } from './targets.ts'

/** `npm run test:properties -- --runs N --seed S [--only TITLE]`: any number of generated queries, with their seeds. */
const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '1000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000_000) },
    only: { type: 'string', default: '' },
  },
})
const [runs, seed] = [Number(values.runs), Number(values.seed)]
for (const target of targets().filter(({ title }) => title.includes(values.only))) {
  const start = performance.now()
  const open = await target.open()
  try {
    const { compared, withRows, refused, failures } = await checkTarget(open, { runs, seed })
    const seconds = Math.round((performance.now() - start) / 1000)
    console.log(
      `${target.title}: seed ${seed}, ${compared} compared (${withRows} with rows), ${refused} refused, ${seconds} s`,
    )
    for (const { report } of failures) console.log(`\n${report}`)
    if (failures.length > 0) process.exitCode = 1
  } finally {
    await open.close()
  }
}
