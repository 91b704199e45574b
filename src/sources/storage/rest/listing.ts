import { z } from 'zod'
import { isComplete, type StoredFile } from '../storage.ts'

const V2 = z.array(z.object({ name: z.string(), size: z.int().nonnegative().optional().catch(undefined) }))

/**
 * Reads the answer to a listing. Shape: v1 `["name", …]`, v2 `[{"name", "size"}, …]` with sizes in bytes; told by the first
 * entry, because servers differ in the type they send. Source: restic `doc/REST_backend.rst`.
 *
 * @returns Complete files, each once; undefined for anything else than a listing. Never throws.
 */
export function parseListing(body: Uint8Array): readonly StoredFile[] | undefined {
  let document: unknown
  try {
    document = JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8'))
  } catch {
    return undefined
  }
  // Go writes an empty list as null.
  if (document === null) return []
  // By hand: a list of ten thousand names is read each time, and only its names can be wrong.
  if (Array.isArray(document) && document.every((entry) => typeof entry === 'string'))
    return [...new Set(document.filter(isComplete))].map((name) => ({ name }))
  const sized = V2.safeParse(document)
  if (!sized.success) return undefined
  const files = sized.data.filter(({ name }) => isComplete(name))
  return [...new Map(files.map((file) => [file.name, file])).values()].map(({ name, size }) =>
    size === undefined ? { name } : { name, sizeBytes: size },
  )
}
