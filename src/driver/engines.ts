import { startEngine, type Engine, type EngineOptions } from '../engine/engine.ts'
import { wrongState } from '../errors.ts'

/** The engines of one user's sessions. Nobody else's rows are ever loaded into them. */
export interface Engines {
  /**
   * The one that has least to do. The first statement that needs one starts it: that takes a second. A further one is
   * started where all are busy, up to the bound, so that a long statement delays no other.
   */
  least(): Engine
  close(): Promise<void>
}

export function openEngines(options: EngineOptions, enginesMax: number): Engines {
  const engines: Engine[] = []
  let isClosed = false

  return {
    least() {
      if (isClosed) throw wrongState('the connection is closed')
      const [first] = [...engines].sort((a, b) => a.pending() - b.pending())
      if (first !== undefined && (first.pending() === 0 || engines.length >= enginesMax)) return first
      const started = startEngine(options)
      engines.push(started)
      return started
    },
    async close() {
      isClosed = true
      await Promise.all(engines.map((engine) => engine.close()))
    },
  }
}
