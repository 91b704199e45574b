/**
 * As much of Protocol Buffers as a request of OTLP takes. Source: protobuf.dev, "Encoding".
 * A field is its number and type as a varint, then its bytes; a message inside another one is its length, then its fields.
 */

/** A field, encoded. */
export type Field = Uint8Array

const [varintType, eightBytes, lengthType] = [0, 1, 2]
const utf8 = new TextEncoder()

function varint(value: number): number[] {
  const bytes: number[] = []
  let rest = value
  for (; rest > 0x7f; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80)
  return [...bytes, rest]
}

const lengthed = (number: number, bytes: Uint8Array): Field =>
  Buffer.concat([Uint8Array.from([...varint(number * 8 + lengthType), ...varint(bytes.length)]), bytes])

/** A half character becomes the sign for one: the receiver refuses text that is no UTF-8. */
export const text = (number: number, value: string): Field => lengthed(number, utf8.encode(value.toWellFormed()))

export const message = (number: number, fields: readonly Field[]): Field => lengthed(number, Buffer.concat(fields))

/** A whole number that is not negative. */
export const whole = (number: number, value: number): Field =>
  Uint8Array.from([...varint(number * 8 + varintType), ...varint(value)])

function eight(number: number, write: (view: DataView) => void): Field {
  const bytes = new Uint8Array(9)
  bytes[0] = number * 8 + eightBytes
  write(new DataView(bytes.buffer, 1))
  return bytes
}

export const double = (number: number, value: number): Field => eight(number, (view) => view.setFloat64(0, value, true))

export const fixed64 = (number: number, value: bigint): Field =>
  eight(number, (view) => view.setBigUint64(0, value, true))

/** Fields of a message by number: whole numbers, and bytes of texts and messages; the last one of a number. Undefined where it is none. */
export function readFields(bytes: Uint8Array): ReadonlyMap<number, number | Uint8Array> | undefined {
  const fields = new Map<number, number | Uint8Array>()
  let at = 0
  const next = (): number | undefined => {
    let value = 0
    for (let shift = 1; at < bytes.length && shift < 2 ** 53; shift *= 0x80) {
      const byte = bytes[at++] ?? 0
      value += (byte & 0x7f) * shift
      if (byte < 0x80) return value
    }
    return undefined
  }
  while (at < bytes.length) {
    const head = next()
    if (head === undefined) return undefined
    const type = head % 8
    const value = type === eightBytes ? 8 : type === 5 ? 4 : next()
    if (value === undefined || (type !== varintType && at + value > bytes.length)) return undefined
    if (type === varintType) fields.set(Math.floor(head / 8), value)
    else {
      if (type === lengthType) fields.set(Math.floor(head / 8), bytes.subarray(at, at + value))
      else if (type !== eightBytes && type !== 5) return undefined
      at += value
    }
  }
  return fields
}
