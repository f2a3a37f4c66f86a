// DuckDB: Odoo's rows beside whatever else DuckDB reads. Arrow's columns become DuckDB's, batch by batch.
import { DuckDBDataChunk, DuckDBInstance, INTEGER, VARCHAR } from '@duckdb/node-api'
import { connect } from 'odoo-sql'

/** As many rows as a chunk of DuckDB's holds. */
const CHUNK_ROWS = 2048

const odoo = await connect({ demo: true })
const duck = await (await DuckDBInstance.create()).connect()
await duck.run('CREATE TABLE mail_server (name VARCHAR, smtp_port INTEGER)')
const appender = await duck.createAppender('mail_server')
for await (const batch of odoo.batches('SELECT name, smtp_port FROM ir.mail_server'))
  for (let start = 0; start < batch.numRows; start += CHUNK_ROWS) {
    const rows = batch.slice(start, start + CHUNK_ROWS)
    const chunk = DuckDBDataChunk.create([VARCHAR, INTEGER])
    chunk.setColumns([[...rows.getChild('name')], [...rows.getChild('smtp_port')]])
    appender.appendDataChunk(chunk)
  }
appender.closeSync()
await odoo.close()

const sql = 'SELECT smtp_port, count(*)::INTEGER AS servers FROM mail_server GROUP BY 1 ORDER BY 1'
console.log((await duck.runAndReadAll(sql)).getRowObjects())
