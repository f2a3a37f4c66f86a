import { expect } from 'chai'
import { openServices } from '../../src/bridge/services.ts'
import { startDemo } from '../../src/demo/server.ts'
import { sqlErrorOf } from '../support/errors.ts'

describe('services', () => {
  let server: Awaited<ReturnType<typeof startDemo>>
  before(async () => {
    server = await startDemo({})
  })
  after(() => server.close())
  const options = () => ({
    partitions: { demo: { url: server.url, database: 'demo', login: server.login, apiKey: server.apiKey } },
    catalogCache: false,
  })

  it('are shared by the sessions of a user, and by no other', async () => {
    const services = openServices()
    const [first, second, other] = await Promise.all(
      ['a', 'a', 'b'].map((user) => services.lend(user, options)),
    )
    expect(first?.service).to.equal(second?.service)
    expect(first?.service).not.to.equal(other?.service)
    await services.close()
  })

  it('are no more than they may be: what idles makes room, the longest first', async () => {
    const services = openServices(2)
    const a = await services.lend('a', options)
    const b = await services.lend('b', options)
    expect((await sqlErrorOf(services.lend('c', options))).code).to.equal('53300')
    b.release()
    a.release()
    const again = await services.lend('b', options)
    expect(again.service).to.equal(b.service)
    await services.lend('c', options)
    expect((await sqlErrorOf(services.lend('a', options))).code).to.equal('53300')
    await services.close()
  })
})
