import { collectDropped } from './collect.ts'

const collectEveryBytes = 4 * 1024 * 1024
const newline = 0x0a
const carriageReturn = 0x0d

/**
 * Cuts a stream of bytes into lines.
 *
 * Shape: lines end in LF or CR LF, which is not part of them; the last one may lack it. Bytes of a line beyond `maxBytes` are
 * dropped while they arrive, so a line without end costs `maxBytes` of memory. Invalid UTF-8 becomes U+FFFD.
 */
export class LineReader {
  readonly #maxBytes: number
  readonly #onLine: (line: string) => void
  #kept: Buffer[] = []
  #keptBytes = 0
  #open = false
  #droppedBytes = 0

  constructor(maxBytes: number, onLine: (line: string) => void) {
    this.#maxBytes = maxBytes
    this.#onLine = onLine
  }

  push(chunk: Buffer): void {
    let start = 0
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, start)) {
      this.#keep(chunk.subarray(start, end))
      this.#emit()
      start = end + 1
    }
    if (start < chunk.length) this.#keep(chunk.subarray(start))
  }

  /** Delivers a last line that lacks its line end. */
  end(): void {
    if (this.#open) this.#emit()
  }

  #keep(part: Buffer): void {
    this.#open = true
    const room = this.#maxBytes - this.#keptBytes
    if (room <= 0) this.#drop(part.length)
    if (room <= 0 || part.length === 0) return
    const piece = part.length > room ? part.subarray(0, room) : part
    this.#kept.push(piece)
    this.#keptBytes += piece.length
  }

  #drop(bytes: number): void {
    this.#droppedBytes += bytes
    if (this.#droppedBytes < collectEveryBytes) return
    this.#droppedBytes = 0
    collectDropped()
  }

  #emit(): void {
    const whole = this.#kept.length === 1 ? (this.#kept[0] as Buffer) : Buffer.concat(this.#kept, this.#keptBytes)
    this.#kept = []
    this.#keptBytes = 0
    this.#open = false
    const end = whole.at(-1) === carriageReturn ? whole.length - 1 : whole.length
    this.#onLine(whole.toString('utf8', 0, end))
  }
}

/** Keeps the last `maxBytes` of a stream, from the start of a line where it had to cut. */
export class Tail {
  readonly #maxBytes: number
  #chunks: Buffer[] = []
  #bytes = 0
  #cut = false

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  push(chunk: Buffer): void {
    this.#chunks.push(chunk)
    this.#bytes += chunk.length
    // Joined only now and then: many small chunks cost no copy each.
    if (this.#bytes > 2 * this.#maxBytes || this.#chunks.length > 4096) this.#trim()
  }

  toString(): string {
    this.#trim()
    const whole = this.#chunks[0] ?? Buffer.alloc(0)
    const firstLine = this.#cut ? whole.indexOf(newline) + 1 : 0
    return whole.toString('utf8', firstLine)
  }

  #trim(): void {
    const whole = Buffer.concat(this.#chunks, this.#bytes)
    this.#cut ||= whole.length > this.#maxBytes
    // A copy, so that the cut part is given back.
    const kept = whole.length > this.#maxBytes ? Buffer.from(whole.subarray(-this.#maxBytes)) : whole
    this.#chunks = [kept]
    this.#bytes = kept.length
  }
}
