/** Shorter strings are written character by character: a call into native code costs more than that. */
const SHORT_CHARACTERS = 32
const LONG_CHARACTERS = 65_536

/** Bytes that grow: messages are written into it in place, with no array or string between. Numbers are big-endian. */
export class ByteWriter {
  private bytes: Buffer
  private at = 0
  private start = 0

  constructor(capacity: number) {
    this.bytes = Buffer.allocUnsafe(Math.max(capacity, 16))
  }

  /** The bytes written so far; nothing may be written afterwards. */
  take(): Uint8Array {
    return this.bytes.subarray(0, this.at)
  }

  /** Starts a message of this type; `end` writes its length. */
  begin(type: number): void {
    this.uint8(type)
    this.start = this.at
    this.int32(0)
  }

  end(): void {
    this.lengthAt(this.start, this.at - this.start)
  }

  /** Leaves room for a length; give where it stands to `endValue`. */
  beginValue(): number {
    this.int32(0)
    return this.at
  }

  /** Writes the length of what was written since `beginValue`. */
  endValue(start: number): void {
    this.lengthAt(start - 4, this.at - start)
  }

  uint8(value: number): this {
    this.reserve(1)
    this.bytes[this.at++] = value
    return this
  }

  int16(value: number): this {
    this.reserve(2)
    this.bytes[this.at++] = value >>> 8
    this.bytes[this.at++] = value
    return this
  }

  int32(value: number): this {
    this.reserve(4)
    this.lengthAt(this.at, value)
    this.at += 4
    return this
  }

  int64(value: number | bigint): this {
    this.reserve(8)
    if (typeof value === 'bigint') this.bytes.writeBigInt64BE(value, this.at)
    else {
      this.lengthAt(this.at, Math.floor(value / 2 ** 32))
      // ToInt32 keeps the low bits of any safe integer.
      this.lengthAt(this.at + 4, value | 0)
    }
    this.at += 8
    return this
  }

  float64(value: number): this {
    this.reserve(8)
    this.at = this.bytes.writeDoubleBE(value, this.at)
    return this
  }

  raw(bytes: Uint8Array): this {
    this.reserve(bytes.length)
    this.bytes.set(bytes, this.at)
    this.at += bytes.length
    return this
  }

  hex(bytes: Uint8Array): this {
    this.reserve(2 * bytes.length)
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')
    this.at += this.bytes.write(text, this.at, 'latin1')
    return this
  }

  /** UTF-8. */
  text(text: string): this {
    // No character takes more than three bytes for each UTF-16 unit; long texts are worth counting.
    this.reserve(text.length > LONG_CHARACTERS ? Buffer.byteLength(text) : 3 * text.length)
    const start = this.at
    if (text.length <= SHORT_CHARACTERS) {
      let index = 0
      for (; index < text.length; index++) {
        const code = text.charCodeAt(index)
        if (code > 0x7f) break
        this.bytes[start + index] = code
      }
      this.at = start + index
      if (index === text.length) return this
    }
    this.at = start + this.bytes.write(text, start)
    return this
  }

  /** UTF-8 and a NUL; what follows a NUL in the text is left out, since it would be read as something else. */
  cstring(text: string): this {
    const nul = text.indexOf('\0')
    this.text(nul < 0 ? text : text.slice(0, nul))
    this.uint8(0)
    return this
  }

  /** Decimal digits of an integer of at most 32 bits. */
  digits(value: number): this {
    this.reserve(11)
    let rest = value
    if (rest < 0) {
      this.bytes[this.at++] = 0x2d
      rest = -rest
    }
    let count = 1
    for (let bound = 10; rest >= bound; bound *= 10) count++
    for (let at = this.at + count - 1; at >= this.at; at--) {
      const quotient = Math.floor(rest / 10)
      this.bytes[at] = 0x30 + rest - quotient * 10
      rest = quotient
    }
    this.at += count
    return this
  }

  private lengthAt(at: number, value: number): void {
    this.bytes[at] = value >>> 24
    this.bytes[at + 1] = value >>> 16
    this.bytes[at + 2] = value >>> 8
    this.bytes[at + 3] = value
  }

  private reserve(count: number): void {
    const needed = this.at + count
    if (needed <= this.bytes.length) return
    const grown = Buffer.allocUnsafe(Math.max(needed, 2 * this.bytes.length))
    this.bytes.copy(grown, 0, 0, this.at)
    this.bytes = grown
  }
}
