/**
 * Ready bytes of `/metrics`: a block for each family and group of repositories, put together again only when one of the
 * group changed, of which only that one is written again; compressed only when somebody wants it compressed.
 */
import { setImmediate } from 'node:timers/promises'
import type { Standing } from '../../model/standing.ts'
import { type Format, headOf } from './exposition.ts'
import { joined, type Piece, pieceOf } from './gzip.ts'
import { partsOf } from './parts.ts'
import { type Section, sections } from './sections.ts'
import { isSame, type Written, write } from './written.ts'

const groupSize = 64
/** Nothing else is answered for longer than this while blocks are written. */
const sliceMs = 5
/** A larger block is several chunks, so that little is compressed for one line that changed. */
const chunkBytes = 32 * 1024

/** Bytes that do not change any more. */
interface Chunk {
  readonly bytes: Buffer
  piece?: Piece
}

interface Block {
  readonly members: readonly Written[]
  /** For each family of the section. */
  readonly chunks: readonly (readonly Chunk[])[]
}

export interface Blocks {
  /** All families of repositories, sets and jobs, as bytes behind one another. */
  plain(standing: Standing, format: Format): Promise<readonly Buffer[]>
  /** The same, compressed. */
  zipped(standing: Standing, format: Format): Promise<Piece>
}

export function openBlocks(maxSeries: number): Blocks {
  /** By section: what each repository says, and the groups. */
  const kept = sections.map(() => ({ written: new Map<string | undefined, Written>(), blocks: [] as Block[] }))
  const heads = { prometheus: new Map<string, Chunk>(), openmetrics: new Map<string, Chunk>() }
  const zips: { [F in Format]?: { of: readonly Chunk[]; piece: Piece } } = {}
  let before: Pick<Standing, 'repositories' | 'jobs' | 'totals'> | undefined
  let turn: Promise<unknown> = Promise.resolve()

  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = turn.then(work)
    turn = mine.catch(() => undefined)
    return mine
  }

  const update = async (standing: Standing): Promise<void> => {
    const { repositories, jobs, totals } = standing
    if (before?.repositories === repositories && before.jobs === jobs && before.totals === totals) return
    const parts = partsOf(standing)
    const breath = breathing()
    for (const [at, section] of sections.entries()) {
      const own = kept[at] as (typeof kept)[number]
      const written = new Map<string | undefined, Written>()
      for (const part of parts) {
        const inputs = section.inputs(part)
        const old = own.written.get(part.repository?.name)
        const fresh =
          old !== undefined && isSame(old.inputs, inputs) ? old : await write(section, part, maxSeries, inputs, breath)
        written.set(part.repository?.name, fresh)
      }
      own.written = written
      const members = [...written.values()]
      own.blocks.length = Math.min(own.blocks.length, Math.ceil(members.length / groupSize))
      for (let group = 0; group * groupSize < members.length; group++) {
        const these = members.slice(group * groupSize, (group + 1) * groupSize)
        const old = own.blocks[group]
        if (old !== undefined && isSame(old.members, these)) continue
        own.blocks[group] = { members: these, chunks: section.kinds.map((_, kind) => chunked(these, kind, old)) }
        await breath()
      }
    }
    // Only now: what failed half-way is looked at again.
    before = { repositories, jobs, totals }
  }

  const headFor = (section: Section, at: number, format: Format): readonly Chunk[] => {
    const kind = section.kinds[at]
    if (kind === undefined) return []
    const known = heads[format].get(kind.name) ?? { bytes: Buffer.from(headOf(kind, format)) }
    heads[format].set(kind.name, known)
    return [known]
  }

  const chunksOf = (format: Format): readonly Chunk[] =>
    sections.flatMap((section, number) =>
      section.kinds.flatMap((_, at) => {
        const body = (kept[number]?.blocks ?? []).flatMap(({ chunks }) => chunks[at] ?? [])
        return body.length === 0 ? [] : [...headFor(section, at, format), ...body]
      }),
    )

  return {
    plain: (standing, format) =>
      inTurn(async () => {
        await update(standing)
        return chunksOf(format).map(({ bytes }) => bytes)
      }),
    zipped: (standing, format) =>
      inTurn(async () => {
        await update(standing)
        const of = chunksOf(format)
        const last = zips[format]
        if (last !== undefined && isSame(last.of, of)) return last.piece
        const breath = breathing()
        const pieces: Piece[] = []
        for (const chunk of of) {
          if (chunk.piece === undefined) await breath()
          chunk.piece ??= pieceOf(chunk.bytes)
          pieces.push(chunk.piece)
        }
        const piece = joined(pieces)
        zips[format] = { of, piece }
        return piece
      }),
  }
}

/** Lets others be answered, when they have waited long enough. */
function breathing(): () => Promise<void> {
  let begun = performance.now()
  return async () => {
    if (performance.now() - begun < sliceMs) return
    await setImmediate()
    begun = performance.now()
  }
}

/** One family of a group. Chunks that say the same as before are the same. */
function chunked(members: readonly Written[], kind: number, old: Block | undefined): readonly Chunk[] {
  const chunks: Chunk[] = []
  let open: Buffer[] = []
  let length = 0
  const close = (): void => {
    if (length === 0) return
    const bytes = Buffer.concat(open, length)
    const before = old?.chunks[kind]?.[chunks.length]
    chunks.push(before?.bytes.equals(bytes) === true ? before : { bytes })
    open = []
    length = 0
  }
  for (const { bytes, starts } of members) {
    const own = bytes.subarray(starts[kind], starts[kind + 1])
    open.push(own)
    length += own.length
    if (length > chunkBytes) close()
  }
  close()
  return chunks
}
