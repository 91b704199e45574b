/** Repositories to watch: many, with keys that cost what restic's cost, written without restic so that it takes minutes and not hours. */
import { randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { keyFile, newMaterial, WrittenRepository } from '../test/readers/write-repository.ts'

/** What restic 0.19 chose on an idle machine of today: half a second. */
const keyCost = { N: 32_768, r: 8, p: 6 }
const hosts = 5

export interface Shape {
  readonly repositories: number
  readonly snapshots: number
}

/** The password that opens all of them. */
export const password = 'bench'

/** One key file for all: deriving from it costs the same each time, and making it need not be waited for again. */
const master = newMaterial()
let key: Buffer | undefined

/** @returns Names of the folders made in `folder`. */
export function makeWatched(folder: string, { repositories, snapshots }: Shape): readonly string[] {
  key ??= keyFile(master, password, keyCost)
  mkdirSync(folder, { recursive: true })
  const names = Array.from({ length: repositories }, (_, at) => `r${String(at).padStart(4, '0')}`)
  for (const name of names) {
    const repository = new WrittenRepository(join(folder, name), 2, master)
    repository.raw('keys', key)
    for (let at = 0; at < snapshots; at += 1)
      repository.snapshot({
        time: new Date(Date.now() - at * 3_600_000).toISOString(),
        hostname: `host-${at % hosts}.example.com`,
        tree: randomBytes(32).toString('hex'),
        parent: randomBytes(32).toString('hex'),
        summary: {
          total_bytes_processed: 123_456_789 + at,
          total_files_processed: 4_321,
          files_new: 3,
          data_added: 99,
        },
      })
  }
  return names
}
