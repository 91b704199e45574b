/** Sealed files beside the packs: config, snapshots, locks, index. Source: restic `doc/design.rst`, "Unpacked Data Format". */
import { zstdDecompressSync } from 'node:zlib'
import { z } from 'zod'
import { parseJson } from './key-file.ts'

/** Larger content is not unpacked: a few bytes may claim to be gigabytes. */
export const mostPlainBytes = 64 * 1024 * 1024

export type Plain =
  | { readonly ok: true; readonly value: Uint8Array }
  | { readonly ok: false; readonly why: 'unknown encoding' | 'not zstd' | 'too large' }

/**
 * Undoes the compression of an opened file. Version 1 has none. Version 2: `[` or `{` begins plain JSON, 0x02 is followed by one
 * zstd frame, nothing stays nothing; anything else is unknown. Never throws.
 */
export function unpack(version: 1 | 2, content: Uint8Array): Plain {
  const [first] = content
  if (version === 1 || first === undefined || first === 0x5b || first === 0x7b) return { ok: true, value: content }
  if (first !== 2) return { ok: false, why: 'unknown encoding' }
  const packed = content.subarray(1)
  try {
    // Small pieces for small files: the default makes buffers a hundred times the size of a snapshot.
    const chunkSize = packed.length < 16_384 ? 2_048 : 65_536
    return { ok: true, value: zstdDecompressSync(packed, { chunkSize, maxOutputLength: mostPlainBytes }) }
  } catch (error) {
    const tooLarge = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE'
    return { ok: false, why: tooLarge ? 'too large' : 'not zstd' }
  }
}

const ConfigJson = z.object({ version: z.int(), id: z.string().regex(/^[0-9a-f]{64}$/) })

/** Reads an opened `config`, which is never compressed. The version is not judged here. */
export const readConfig = (content: Uint8Array): z.output<typeof ConfigJson> | undefined =>
  ConfigJson.safeParse(parseJson(content)).data
