/** Of every random choice of a fault suite; `FAULT_SEED=7` makes those of an earlier run again. */
export const SEED = Number(process.env['FAULT_SEED'] ?? Date.now() % 1_000_000_000)
