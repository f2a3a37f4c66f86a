// Arquero: verbs over columns, in JavaScript.
import * as aq from 'arquero'
import { tableToIPC } from 'apache-arrow'
import { connect } from 'odoo-sql'

const odoo = await connect({ demo: true })
const result = await odoo.query('SELECT smtp_encryption, smtp_port, active FROM ir.mail_server')
await odoo.close()

aq.fromArrow(tableToIPC(await result.toArrow()))
  .filter((server) => server.active)
  .groupby('smtp_encryption')
  .rollup({ servers: aq.op.count(), highest: aq.op.max('smtp_port') })
  .orderby('smtp_encryption')
  .print()
