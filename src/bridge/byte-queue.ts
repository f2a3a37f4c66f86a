/** Bytes in the order that they came, taken from the front in pieces of another size. */
export interface ByteQueue {
  readonly length: number
  push(bytes: Uint8Array): void
  /** The first `count` bytes, left where they are; undefined where there are fewer. */
  peek(count: number): Buffer | undefined
  /** The first `count` bytes, of which there must be as many. */
  take(count: number): Buffer
}

export function openByteQueue(): ByteQueue {
  let pieces: Buffer[] = []
  let length = 0

  /** Makes the first piece hold `count` bytes. Pieces are joined once for each message, not once for each packet. */
  function join(count: number): Buffer {
    const [first] = pieces
    if (first !== undefined && first.length >= count) return first
    const joined = Buffer.concat(pieces)
    pieces = [joined]
    return joined
  }

  return {
    get length() {
      return length
    },
    push(bytes) {
      if (bytes.length === 0) return
      pieces.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
      length += bytes.length
    },
    peek: (count) => (length < count ? undefined : join(count).subarray(0, count)),
    take(count) {
      const first = join(count)
      length -= count
      if (first.length === count) pieces.shift()
      else pieces[0] = first.subarray(count)
      return first.subarray(0, count)
    },
  }
}
