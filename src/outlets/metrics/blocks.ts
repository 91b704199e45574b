/**
 * Ready bytes of `/metrics`: a block for each family and group of repositories, written again only when one of the group
 * changed, and compressed only when somebody wants it compressed.
 */
import { setImmediate } from 'node:timers/promises'
import type { Standing } from '../../model/standing.ts'
import { type Format, headOf, linesOf } from './exposition.ts'
import { joined, type Piece, pieceOf } from './gzip.ts'
import { type Part, partsOf } from './parts.ts'
import { type Section, sections } from './sections.ts'

const groupSize = 64
/** Nothing else is answered for longer than this while blocks are written. */
const sliceMs = 5
/** A larger block is several chunks, so that compressing one holds nobody up. */
const chunkLength = 64 * 1024

/** Bytes that do not change any more. */
interface Chunk {
  readonly bytes: Buffer
  piece?: Piece
}

interface Block {
  readonly inputs: readonly unknown[]
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
  /** By section, then by group. */
  const kept: Block[][] = sections.map(() => [])
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
    const groups = Math.ceil(parts.length / groupSize)
    for (const [at, section] of sections.entries()) {
      const blocks = kept[at] as Block[]
      blocks.length = Math.min(blocks.length, groups)
      for (let group = 0; group < groups; group++) {
        const members = parts.slice(group * groupSize, (group + 1) * groupSize)
        const inputs = members.flatMap((part) => section.inputs(part))
        const old = blocks[group]
        if (old !== undefined && isSame(old.inputs, inputs)) continue
        blocks[group] = { inputs, chunks: await written(section, members, maxSeries, old, breath) }
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
        const body = (kept[number] ?? []).flatMap(({ chunks }) => chunks[at] ?? [])
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

const isSame = (one: readonly unknown[], other: readonly unknown[]): boolean =>
  one.length === other.length && one.every((item, at) => item === other[at])

async function written(
  section: Section,
  parts: readonly Part[],
  maxSeries: number,
  old: Block | undefined,
  breath: () => Promise<void>,
): Promise<readonly (readonly Chunk[])[]> {
  const texts = section.kinds.map(() => '')
  const chunks = section.kinds.map((): Chunk[] => [])
  const close = (at: number): void => {
    const own = chunks[at] as Chunk[]
    const bytes = Buffer.from(texts[at] ?? '')
    const before = old?.chunks[at]?.[own.length]
    // Most families say the same as before when one of them changed.
    own.push(before?.bytes.equals(bytes) === true ? before : { bytes })
    texts[at] = ''
  }
  for (const part of parts) {
    for (const families of section.steps(part, maxSeries)) {
      for (const [at, family] of families.entries()) {
        texts[at] += linesOf(family)
        if ((texts[at] as string).length > chunkLength) close(at)
      }
      await breath()
    }
  }
  for (const [at, text] of texts.entries()) if (text !== '') close(at)
  return chunks
}
