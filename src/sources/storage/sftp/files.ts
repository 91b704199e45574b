/** Folders and files over a session: as many questions on their way as make up for a slow line. */
import { openGate } from '../../../system/gate.ts'
import { type Fetched, fault, fetched, type ReadWish } from '../storage.ts'
import { faultOfStatus } from './faults.ts'
import { type Ask, type Attributes, answers, type Entry, type Packet, readStatvfs, statusCodes } from './packets.ts'
import type { Session } from './session.ts'

/** Every server answers so much at once. */
const chunkBytes = 32 * 1024
/** Questions for one file or folder on their way. */
const depth = 16
/** A server that never ends is not followed. */
const mostEntries = 2_000_000

/** Asks, and reads the answer: one of the wanted type, or what the status says. */
async function answered<T>(
  session: Session,
  ask: Ask,
  type: number,
  read: (packet: Packet) => T,
): Promise<Fetched<T | 'end'>> {
  const answer = await session.ask(ask)
  if (!answer.ok) return answer
  const packet = answer.value
  try {
    if (packet.type === type) return fetched(read(packet))
    if (packet.type !== answers.status) return fault('unsupported', 'an answer to something else')
    const code = packet.fields.u32()
    return code === statusCodes.endOfFile || code === statusCodes.ok ? fetched('end') : faultOfStatus(code)
  } catch (error) {
    if (error instanceof RangeError) return fault('unsupported', 'an answer that is cut')
    throw error
  }
}

async function opened(session: Session, ask: Ask): Promise<Fetched<Buffer>> {
  // Kept beyond the chunk it came in.
  const handle = await answered(session, ask, answers.handle, ({ fields }) => Buffer.from(fields.string()))
  if (!handle.ok) return handle
  return handle.value === 'end' ? fault('unsupported', 'no handle') : fetched(handle.value)
}

/** What a folder has; one that is missing is empty. */
export async function listFolder(session: Session, path: string): Promise<Fetched<readonly Entry[]>> {
  const handle = await opened(session, { type: 'opendir', path })
  if (!handle.ok) return handle.fault.kind === 'missing' ? fetched([]) : handle
  const entries: Entry[] = []
  // Two answer a small folder, of which the second is the end; of a large one many are asked for together.
  for (let count = 2; ; count = depth) {
    const asked = Array.from({ length: count }, () =>
      answered(session, { type: 'readdir', handle: handle.value }, answers.name, ({ fields }) => fields.entries()),
    )
    for (const page of await Promise.all(asked)) {
      if (!page.ok) return page
      if (page.value === 'end') {
        void session.ask({ type: 'close', handle: handle.value })
        return fetched(entries)
      }
      for (const entry of page.value) entries.push(entry)
      if (entries.length > mostEntries) return fault('too-large', `more than ${mostEntries} files`)
    }
  }
}

export async function readFile(session: Session, path: string, wish: ReadWish): Promise<Fetched<Uint8Array>> {
  const handle = await opened(session, { type: 'open', path })
  if (!handle.ok) return handle
  const read = await readOpen(session, handle.value, wish)
  void session.ask({ type: 'close', handle: handle.value })
  return read
}

async function readOpen(
  session: Session,
  handle: Buffer,
  { mostBytes, range }: ReadWish,
): Promise<Fetched<Uint8Array>> {
  const offset = range?.offset ?? 0
  const chunk = (at: number, length: number) =>
    answered(session, { type: 'read', handle, offset: at, length }, answers.data, ({ fields }) => fields.string())
  // Most files are small: their content comes with their size.
  const [about, first] = await Promise.all([
    answered(session, { type: 'fstat', handle }, answers.attrs, ({ fields }): Attributes => fields.attributes()),
    chunk(offset, Math.min(chunkBytes, range?.length ?? mostBytes)),
  ])
  if (!about.ok) return about
  if (about.value === 'end' || about.value.sizeBytes === undefined) return fault('unsupported', 'a file without a size')
  const { sizeBytes, isFile } = about.value
  if (isFile === false) return fault('cut', 'not a file')
  const length = range?.length ?? sizeBytes
  if (length > mostBytes) return fault('too-large', `${length} bytes`)
  if (offset + length > sizeBytes) return fault('cut', `${sizeBytes} bytes`)
  if (!first.ok) return first

  const bytes = Buffer.allocUnsafeSlow(length)
  const begin = first.value === 'end' ? 0 : first.value.copy(bytes)
  // Shorter than it said, while it was read.
  if (first.value === 'end' && length > 0) return fetched(bytes.subarray(0, 0))
  const gate = openGate(depth)
  const parts = Array.from({ length: Math.ceil((length - begin) / chunkBytes) }, (_, at) => begin + at * chunkBytes)
  const fill = async (from: number): Promise<Fetched<boolean>> => {
    const to = Math.min(from + chunkBytes, length)
    for (let at = from; at < to; ) {
      const part = await chunk(offset + at, to - at)
      if (!part.ok) return part
      if (part.value === 'end' || part.value.length === 0) return fetched(false)
      at += part.value.copy(bytes, at, 0, to - at)
    }
    return fetched(true)
  }
  for (const filled of await Promise.all(parts.map((from) => gate(() => fill(from))))) {
    if (!filled.ok) return filled
    if (!filled.value) return fault('cut', 'it became shorter')
  }
  return fetched(bytes)
}

/** Room of the file system a folder is on. */
export async function statFolder(session: Session, path: string): Promise<Fetched<ReturnType<typeof readStatvfs>>> {
  const about = await answered(session, { type: 'statvfs', path }, answers.extended, ({ fields }) =>
    readStatvfs(fields),
  )
  if (!about.ok) return about
  return about.value === 'end' ? fault('unsupported', 'no answer to statvfs') : fetched(about.value)
}
