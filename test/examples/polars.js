// Polars: frames and lazy queries. Selections arrive as categories.
import { tableToIPC } from 'apache-arrow'
import { connect } from 'odoo-sql'
import pl from 'nodejs-polars'

const odoo = await connect({ demo: true })
const result = await odoo.query('SELECT smtp_encryption, smtp_port, create_date FROM ir.mail_server')
await odoo.close()

const frame = pl.readIPCStream(Buffer.from(tableToIPC(await result.toArrow(), 'stream')))
const byEncryption = frame
  .groupBy('smtp_encryption')
  .agg(pl.col('smtp_port').max(), pl.col('create_date').min().alias('first'))
  .withColumn(pl.col('smtp_encryption').cast(pl.Utf8))
console.log(byEncryption.sort('smtp_encryption').head(3).toRecords())
