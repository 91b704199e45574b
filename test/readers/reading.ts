/** Calls of the reader as tests want them. */
import { Secret } from '../../src/model/secret.ts'
import { type NativeIo, type NativeReading, ReaderMemory, readNative } from '../../src/sources/readers/restic/index.ts'
import type { RepositoryAccess } from '../../src/sources/tools/tool.ts'

export const accessTo = (url: string, password = 'pw', environment: Record<string, string> = {}): RepositoryAccess => ({
  name: 'box',
  url: new Secret(url),
  password: new Secret(password),
  environment: Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, new Secret(value)])),
  options: [],
})

interface Wish extends Partial<NativeIo> {
  readonly known?: Iterable<string>
  readonly memory?: ReaderMemory
}

export function readingOf(access: RepositoryAccess, { known = [], memory = new ReaderMemory(), ...io }: Wish = {}) {
  const signal = new AbortController().signal
  return readNative(access, async () => new Set(known), memory, {
    signal,
    timeLimitMs: 30_000,
    locks: true,
    size: false,
    prove: false,
    ...io,
  })
}

/** A reading that has to go well. */
export async function goodReading(access: RepositoryAccess, wish: Wish = {}): Promise<NativeReading> {
  const read = await readingOf(access, wish)
  if (!read.ok) throw new Error(`${read.problem.code}: ${read.problem.message}`)
  return read.value
}

/** The code of a reading that has to fail. */
export async function causeOf(access: RepositoryAccess, wish: Wish = {}): Promise<string> {
  const read = await readingOf(access, wish)
  return read.ok ? 'ok' : read.problem.code
}
