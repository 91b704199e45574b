import { createHash } from 'node:crypto'
import { createReadStream, existsSync } from 'node:fs'
import { readFile, readlink, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'

/** What lies in `.tools/` and where it came from; the file `.tools/manifest.json`. */
export interface Manifest {
  readonly tools: Record<string, ManifestEntry>
}

export interface ManifestEntry {
  readonly package: string
  /** As Debian writes it. */
  readonly version: string
  readonly suite: string
  readonly url: string
  readonly sha256: string
  readonly sizeBytes: number
  /** Of the whole table line: a changed line is fetched anew. */
  readonly line: string
  /** Path below `.tools/` → SHA-256, for each program. */
  readonly programs: Readonly<Record<string, string>>
  /** Name in `.tools/bin` → path below `.tools/`. */
  readonly links: Readonly<Record<string, string>>
}

export async function loadManifest(folder: string): Promise<Manifest> {
  try {
    return JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')) as Manifest
  } catch {
    return { tools: {} }
  }
}

export async function saveManifest(folder: string, manifest: Manifest): Promise<void> {
  const temporary = join(folder, `manifest.json.${process.pid}`)
  await writeFile(temporary, `${JSON.stringify(manifest, null, 2)}\n`)
  await rename(temporary, join(folder, 'manifest.json'))
}

/** Whether all that an entry names is there, unchanged, and linked. */
export async function isIntact(folder: string, entry: ManifestEntry): Promise<boolean> {
  for (const [path, sha256] of Object.entries(entry.programs)) {
    if (!existsSync(join(folder, path)) || (await sha256Of(join(folder, path))) !== sha256) return false
  }
  for (const [name, path] of Object.entries(entry.links)) {
    if ((await readlink(join(folder, 'bin', name)).catch(() => undefined)) !== join('..', path)) return false
  }
  return true
}

export async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash)
  return hash.digest('hex')
}
