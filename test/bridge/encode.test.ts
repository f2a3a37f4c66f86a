import { expect } from 'chai'
import fc from 'fast-check'
import { parse } from 'pg-protocol'
import { PassThrough } from 'node:stream'
import { encode } from '../../src/bridge/encode.ts'
import type { BackendMessage } from '../../src/bridge/messages.ts'
import { SqlError, syntaxError } from '../../src/errors.ts'

/** What node-postgres reads of these bytes. */
async function parsed(bytes: Uint8Array): Promise<Record<string, unknown>[]> {
  const stream = new PassThrough()
  const messages: Record<string, unknown>[] = []
  const done = parse(stream, (message) => messages.push({ ...(message as object) }))
  stream.end(bytes)
  await done
  return messages
}

/** By hand, from PostgreSQL's manual. */
const FIXTURES: [BackendMessage, string][] = [
  [{ kind: 'authenticationOk' }, '52 00000008 00000000'],
  [{ kind: 'authenticationCleartextPassword' }, '52 00000008 00000003'],
  [
    { kind: 'authenticationSasl', mechanisms: ['SCRAM-SHA-256'] },
    '52 00000017 0000000a 534352414d2d5348412d32353600 00',
  ],
  [{ kind: 'authenticationSaslContinue', text: 'r=x' }, '52 0000000b 0000000b 723d78'],
  [{ kind: 'authenticationSaslFinal', text: 'v=x' }, '52 0000000b 0000000c 763d78'],
  [{ kind: 'parameterStatus', name: 'a', value: 'é' }, '53 00000009 6100 c3a900'],
  [
    { kind: 'backendKeyData', pid: 7, secret: Buffer.from('deadbeef', 'hex') },
    '4b 0000000c 00000007 deadbeef',
  ],
  [
    { kind: 'negotiateProtocolVersion', protocol: 196_608, unknownOptions: ['_pq_.x'] },
    '76 00000013 00030000 00000001 5f70715f2e7800',
  ],
  [{ kind: 'readyForQuery', status: 'T' }, '5a 00000005 54'],
  [
    {
      kind: 'rowDescription',
      columns: [
        { name: 'a', oid: 23, typmod: -1 },
        { name: '', oid: 25, typmod: 9 },
      ],
      formats: [0, 1],
    },
    '54 0000002d 0002 6100 00000000 0000 00000017 0004 ffffffff 0000 00 00000000 0000 00000019 ffff 00000009 0001',
  ],
  [{ kind: 'commandComplete', tag: 'SELECT 1' }, '43 0000000d 53454c454354203100'],
  [{ kind: 'emptyQueryResponse' }, '49 00000004'],
  [
    {
      kind: 'errorResponse',
      severity: 'ERROR',
      error: syntaxError('m', { detail: 'd', hint: 'h', position: 12, partition: 'p' }),
    },
    '45 00000036 534552524f5200 564552524f5200 43343236303100 4d6d00 446400 486800 50313200 57706172746974696f6e2022702200 00',
  ],
  [
    { kind: 'noticeResponse', severity: 'WARNING', message: 'm', hint: 'h' },
    '4e 00000024 535741524e494e4700 565741524e494e4700 43303130303000 4d6d00 486800 00',
  ],
  [{ kind: 'parameterDescription', oids: [25, 3802] }, '74 0000000e 0002 00000019 00000eda'],
  [{ kind: 'noData' }, '6e 00000004'],
  [{ kind: 'parseComplete' }, '31 00000004'],
  [{ kind: 'bindComplete' }, '32 00000004'],
  [{ kind: 'closeComplete' }, '33 00000004'],
  [{ kind: 'portalSuspended' }, '73 00000004'],
  [{ kind: 'copyOutResponse', format: 1, columns: 2 }, '48 0000000b 01 0002 0001 0001'],
  [{ kind: 'copyData', bytes: Buffer.from('ab') }, '64 00000006 6162'],
  [{ kind: 'copyDone' }, '63 00000004'],
]

describe('the encoder of backend messages', () => {
  it('writes every message as the manual has it', () => {
    for (const [message, hex] of FIXTURES)
      expect(Buffer.from(encode(message)).toString('hex'), message.kind).to.equal(hex.replaceAll(' ', ''))
  })

  it('writes descriptions and errors that node-postgres reads', async () => {
    const text = fc.string({ unit: 'grapheme' }).filter((value) => !value.includes('\0'))
    const column = fc.record({ name: text, oid: fc.nat(), typmod: fc.integer({ min: -1, max: 0xffff }) })
    await fc.assert(
      fc.asyncProperty(fc.array(column), text, text, fc.nat(), async (columns, message, hint, position) => {
        const error = new SqlError('undefined_table', message, { hint, position })
        const [row, fault] = await parsed(
          Buffer.concat([
            encode({ kind: 'rowDescription', columns, formats: [1] }),
            encode({ kind: 'errorResponse', severity: 'FATAL', error }),
          ]),
        )
        const fields = row?.['fields'] as { name: string; dataTypeID: number; dataTypeModifier: number; format: string }[]
        expect(
          fields.map((field) => ({
            name: field.name,
            oid: field.dataTypeID,
            typmod: field.dataTypeModifier,
            format: field.format,
          })),
        ).to.deep.equal(columns.map(({ name, oid, typmod }) => ({ name, oid, typmod, format: 'binary' })))
        expect(fault).to.include({ severity: 'FATAL', code: '42P01', hint, position: String(position) })
      }),
    )
  }) // prettier-ignore

  it('never lets a NUL of a text end its field early', async () => {
    const [status] = await parsed(encode({ kind: 'parameterStatus', name: 'a\0b', value: 'c\0d' }))
    expect(status).to.include({ parameterName: 'a', parameterValue: 'c' })
  })
})
