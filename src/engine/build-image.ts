import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { loadCatalog } from '../catalog/load.ts'
import { writeImage } from './image.ts'

/** Build step: `tsx src/engine/build-image.ts DIRECTORY` writes the engine's image with the published tables. */
const directory = process.argv[2] ?? 'dist'
mkdirSync(directory, { recursive: true })
for (const name of readdirSync(directory)) if (/^engine-.*\.image$/.test(name)) rmSync(join(directory, name))
const catalog = await loadCatalog()
process.stdout.write(`${await writeImage(directory, [...catalog.tables])}\n`)
