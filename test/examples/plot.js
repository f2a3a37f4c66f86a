// Observable Plot: rows become marks. In a browser or a notebook no document need be given.
import * as Plot from '@observablehq/plot'
import { parseHTML } from 'linkedom'
import { connect } from 'odoo-sql'

const odoo = await connect({ demo: true })
const { rows } = await odoo.query('SELECT city, count(*)::int4 AS partners FROM res.partner GROUP BY city')
await odoo.close()

const { document } = parseHTML('<html></html>')
const plot = Plot.plot({
  document,
  marginLeft: 120,
  marks: [Plot.barX(rows, { x: 'partners', y: 'city', sort: { y: '-x' } })],
})
console.log(plot.outerHTML)
