/**
 * PGlite's memory, made shared between threads, so that the main thread can raise PostgreSQL's own cancel flag while
 * the worker computes: PostgreSQL looks at the flag wherever it checks for interrupts, and ends the statement with
 * 57014. Without this only the end of the thread would stop a loop.
 */
export interface SharedEngineMemory {
  readonly memory: WasmMemory
  /** Addresses of `QueryCancelPending` and `InterruptPending`, in bytes. */
  readonly cancelAddress: number
  readonly interruptAddress: number
}

/** As much of WebAssembly.Memory as we use (Node's type package has no declarations for it). */
export interface WasmMemory {
  readonly buffer: ArrayBufferLike
}

interface MemoryDescriptor {
  readonly initial: number
  readonly maximum?: number
  readonly shared?: boolean
}
/** Bytes in any guise, or a compiled module. */
type ModuleSource = object
interface WasmInstance {
  readonly exports: Readonly<Record<string, { readonly value: number } | undefined>>
}
interface WasmInterface {
  Memory: new (descriptor: MemoryDescriptor) => WasmMemory
  Module: new (source: ModuleSource) => object
  instantiate: (
    source: ModuleSource,
    imports: object,
  ) => Promise<WasmInstance | { readonly instance: WasmInstance; readonly module: object }>
}

const PAGE_BYTES = 64 * 1024
/** What PGlite declares: 2 GiB. Only a memory of that size is PGlite's. */
const PAGES_DECLARED = 32_768

/**
 * Changes this thread's WebAssembly so that the next PGlite gets shared memory of at most `bytesMax`, and returns a
 * function that tells the memory once PGlite runs. To be called in a thread that runs nothing else.
 */
export function shareMemory(bytesMax: number): () => SharedEngineMemory | undefined {
  const wasm = (globalThis as unknown as { WebAssembly: WasmInterface }).WebAssembly
  const { Memory, Module, instantiate } = wasm
  const maximum = Math.min(PAGES_DECLARED, Math.ceil(bytesMax / PAGE_BYTES))
  let memory: WasmMemory | undefined
  let shared: SharedEngineMemory | undefined

  wasm.Memory = new Proxy(Memory, {
    construct(target, [descriptor]: [MemoryDescriptor]) {
      if (descriptor.maximum !== PAGES_DECLARED) return new target(descriptor)
      return (memory = new target({ ...descriptor, maximum, shared: true }))
    },
  })
  // Libraries such as PostgreSQL's stemmer are loaded later, by this constructor, and must import the same memory.
  wasm.Module = new Proxy(Module, {
    construct: (target, [source]: [ModuleSource]) => new target(withSharedMemory(source)),
  })
  wasm.instantiate = async (source, imports) => {
    const result = await instantiate.call(wasm, withSharedMemory(source), imports)
    const { exports } = 'instance' in result ? result.instance : result
    const cancelAddress = exports['QueryCancelPending']?.value
    const interruptAddress = exports['InterruptPending']?.value
    if (memory !== undefined && cancelAddress !== undefined && interruptAddress !== undefined)
      shared = { memory, cancelAddress, interruptAddress }
    return result
  }
  return () => shared
}

/** The module with its memory import declared as shared; anything else as it came. */
function withSharedMemory(source: ModuleSource): ModuleSource {
  const bytes = ArrayBuffer.isView(source)
    ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
    : source instanceof ArrayBuffer
      ? new Uint8Array(source)
      : undefined
  if (bytes === undefined) return source
  for (let at = HEADER_BYTES; at < bytes.length;) {
    const id = bytes[at]
    const size = readLeb(bytes, at + 1)
    const end = size.next + size.value
    if (id === IMPORT_SECTION) {
      const section = withSharedImport(bytes.subarray(size.next, end))
      if (section === undefined) return source
      return concat([bytes.subarray(0, at + 1), leb(section.length), section, bytes.subarray(end)])
    }
    at = end
  }
  return source
}

const HEADER_BYTES = 8
const IMPORT_SECTION = 2
const KIND_FUNCTION = 0
const KIND_TABLE = 1
const KIND_MEMORY = 2
const KIND_GLOBAL = 3
const HAS_MAXIMUM = 1
const IS_SHARED = 2

/** The import section with a shared memory, or undefined where it imports none (WebAssembly's binary format, 5.5.5). */
function withSharedImport(section: Uint8Array): Uint8Array | undefined {
  const count = readLeb(section, 0)
  let at = count.next
  for (let left = count.value; left > 0; left--) {
    for (let names = 2; names > 0; names--) {
      const length = readLeb(section, at)
      at = length.next + length.value
    }
    const kind = section[at++]
    if (kind === KIND_FUNCTION) at = readLeb(section, at).next
    else if (kind === KIND_GLOBAL) at += 2
    else if (kind === KIND_TABLE) at = readLimits(section, at + 1).next
    else if (kind === KIND_MEMORY) {
      const limits = readLimits(section, at)
      const declared = [Uint8Array.of(HAS_MAXIMUM | IS_SHARED), leb(limits.minimum), leb(PAGES_DECLARED)]
      return concat([section.subarray(0, at), ...declared, section.subarray(limits.next)])
    } else at = readLeb(section, at + 1).next // a tag: attribute, type
  }
  return undefined
}

function readLimits(bytes: Uint8Array, at: number): { readonly minimum: number; readonly next: number } {
  const flags = bytes[at] ?? 0
  const minimum = readLeb(bytes, at + 1)
  const next = (flags & HAS_MAXIMUM) === 0 ? minimum.next : readLeb(bytes, minimum.next).next
  return { minimum: minimum.value, next }
}

function readLeb(bytes: Uint8Array, start: number): { readonly value: number; readonly next: number } {
  let value = 0
  for (let at = start, shift = 0; ; at++, shift += 7) {
    const byte = bytes[at] ?? 0
    value += (byte & 0x7f) * 2 ** shift
    if (byte < 0x80) return { value, next: at + 1 }
  }
}

function leb(value: number): Uint8Array {
  const bytes: number[] = []
  let left = value
  for (; left >= 0x80; left = Math.floor(left / 0x80)) bytes.push((left % 0x80) | 0x80)
  return Uint8Array.of(...bytes, left)
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    joined.set(part, at)
    at += part.length
  }
  return joined
}
