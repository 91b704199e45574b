/** Seals rows, so that a flipped bit on the disk is found and never read as a fact. */
import { crc32 } from 'node:zlib'

/** Columns that came after rows were sealed without them: null in those, and then no part of the seal. */
const late: ReadonlySet<string> = new Set(['cpu_ms', 'log', 'parts', 'refusals'])

/** CRC-32 over the columns in alphabetical order, without `crc` itself. Numbers and text as JSON; absent is null. */
function sealOf(row: Readonly<Record<string, unknown>>): number {
  const names = Object.keys(row)
    .filter((name) => name !== 'crc' && !(late.has(name) && row[name] === null))
    .sort()
  return crc32(JSON.stringify(names.map((name) => [name, row[name] ?? null])))
}

/** The row with its seal. */
export const sealed = <Row extends object>(row: Row): Row & { crc: number } => ({
  ...row,
  crc: sealOf(row as Record<string, unknown>),
})

/** Thrown where a row does not fit its seal; caught at the edge, told as `ledger.damaged`. */
export class DamagedRow extends Error {
  override readonly name = 'DamagedRow'
}

/** The row, when it fits its seal. */
export function unsealed<Row extends object>(table: string, row: Row): Row {
  const record = row as Record<string, unknown>
  if (Number(record.crc) === sealOf(record)) return row
  throw new DamagedRow(`a row of the table ${table} does not fit its checksum`)
}
