import { PassThrough } from 'node:stream'
import { expect } from 'chai'
import { openKeys, WAITING_CHARACTERS_MAX, type Key } from '../../src/repl/keys.ts'

describe('repl/keys', () => {
  function opened() {
    const input = new PassThrough()
    const written: string[] = []
    const screen = new PassThrough()
    screen.on('data', (chunk: Buffer) => written.push(chunk.toString()))
    return { input, screen, written, keys: openKeys(input, screen) }
  }
  /** What the input is read as, up to its end. */
  async function read(...pieces: string[]): Promise<Key[]> {
    const { input, keys } = opened()
    for (const piece of pieces) input.write(piece)
    input.end()
    const found: Key[] = []
    for (let key = await keys.next(); key !== undefined; key = await keys.next()) found.push(key)
    return found
  }
  const names = async (text: string): Promise<string[]> =>
    (await read(text)).map((key) => (key.kind === 'chord' ? key.name : key.kind))

  it('knows the keys that the editor is bound to', async () => {
    expect(
      await names('\u0001\u001bb\u001b[1;5D\u001b[H\u001b[3~\u007f\u001b\u007f\r\t\u001b[Z\u001b[A\u001b\r'),
    ).to.deep.equal(
      'ctrl+a alt+b ctrl+left home delete backspace alt+backspace enter tab shift+tab up alt+enter'.split(
        ' ',
      ),
    )
    expect(await names('\b\n\u001b<')).to.deep.equal(['backspace', 'enter', 'alt+<'])
  })

  it('takes characters that come together as one key', async () => {
    expect(await read('SEL', 'ECT é漢👍🏽', '\r')).to.deep.equal([
      { kind: 'text', text: 'SELECT é漢👍🏽' },
      { kind: 'chord', name: 'enter' },
    ])
  })

  it('takes a marked paste as it stands, without controls', async () => {
    expect(await read('\u001b[200~SELECT\t1;\r\n\u0003\u001b[31m\u0000\rx', '\n\u001b[201~')).to.deep.equal([
      { kind: 'paste', text: 'SELECT\t1;\n\ufffd\ufffd[31m\ufffd\nx\n' },
    ])
  })

  it('takes Tab right before characters for a part of an unmarked paste', async () => {
    expect(await read('SELECT\t1')).to.deep.equal([{ kind: 'text', text: 'SELECT\t1' }])
    expect(await names('sel\t')).to.deep.equal(['text', 'tab'])
  })

  it('gives Ctrl-C to whoever listens, and drops what was typed ahead', async () => {
    const { input, keys } = opened()
    let interrupts = 0
    keys.onInterrupt = () => interrupts++
    input.write('typed ahead\r\u0003')
    await new Promise((resolve) => setImmediate(resolve))
    expect(interrupts).to.equal(1)
    expect(keys.isWaiting).to.be.false
    keys.onInterrupt = undefined
    input.write('\u0003')
    expect(await keys.next()).to.deep.equal({ kind: 'chord', name: 'ctrl+c' })
    keys.close()
  })

  it('keeps a bounded number of characters', async () => {
    const { input, keys } = opened()
    input.write(`\u001b[200~${'x'.repeat(WAITING_CHARACTERS_MAX)}\u001b[201~`)
    input.write('more')
    input.end()
    const key = await keys.next()
    expect(key?.kind === 'paste' && key.text.length).to.equal(WAITING_CHARACTERS_MAX)
    expect(await keys.next()).to.be.undefined
  })

  it('leaves the terminal to another program, and takes it back', async () => {
    const { input, keys, written } = opened()
    const modes: boolean[] = []
    Object.assign(input, { setRawMode: (isRaw: boolean) => modes.push(isRaw) })
    await keys.lend(async () => {
      expect(input.isPaused()).to.be.true
      await Promise.resolve()
    })
    expect(modes).to.deep.equal([false, true])
    input.write('x')
    expect(await keys.next()).to.deep.equal({ kind: 'text', text: 'x' })
    keys.close()
    expect(modes.at(-1)).to.be.false
    expect(written.at(-1)).to.equal('\u001b[?2004l')
  })
})
