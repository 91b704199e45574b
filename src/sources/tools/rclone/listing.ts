/** Listings of `rclone lsjson`: one entry a line, read as they come, so that a million files cost no memory. */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { fail, ok, type Result } from '../../../model/problem.ts'
import type { OperationIo, RepositoryAccess } from '../tool.ts'
import { callRclone } from './command.ts'
import { problem } from './problems.ts'

const Entry = z.object({
  Path: z.string(),
  /** -1 where the store does not know it, as with documents of some providers. */
  Size: z.number(),
  ModTime: z.string().catch(''),
  IsDir: z.boolean(),
})
export type Entry = z.output<typeof Entry>

/** @returns Undefined for a bracket around the list. Throws nothing; what is no entry is told as `null`. */
export function parseEntry(line: string): Entry | null | undefined {
  const text = line.trim().replace(/,$/, '')
  if (text === '[' || text === ']' || text === '' || text === '[]') return undefined
  try {
    return Entry.safeParse(JSON.parse(text)).data ?? null
  } catch {
    return null
  }
}

/** What an upload that was cut off leaves behind; rclone 1.63 and later write so before they rename. */
export const isPartial = (path: string): boolean => /\.[0-9a-f]{8}\.partial$/.test(path)

/** A tree as a whole: how much it holds, and a digest that every change of a file's name, size or time changes. */
export class Tree {
  files = 0
  bytes = 0
  newestMs = 0
  readonly #digest = Buffer.alloc(32)
  readonly #now: number

  constructor(now: Date) {
    this.#now = now.getTime()
  }

  add({ Path, Size, ModTime, IsDir }: Entry): void {
    if (IsDir || isPartial(Path)) return
    this.files += 1
    this.bytes += Math.max(0, Size)
    const at = Date.parse(ModTime)
    // Files may bear any time; one of the future tells nothing about when the tree was written.
    if (at <= this.#now && at > this.newestMs) this.newestMs = at
    const own = createHash('sha256')
      .update(JSON.stringify([Path, Size, ModTime]))
      .digest()
    // However they are listed: paths are there once each, so nothing cancels out.
    for (let at = 0; at < own.length; at += 1) this.#digest[at] = (this.#digest[at] ?? 0) ^ (own[at] ?? 0)
  }

  /** 24 digits. */
  get digest(): string {
    return this.#digest.toString('hex').slice(0, 24)
  }
}

/** Runs `lsjson` and hands on every entry. */
export async function list(
  access: RepositoryAccess,
  io: OperationIo,
  args: readonly string[],
  take: (entry: Entry) => void,
): Promise<Result<void>> {
  let wrong = false
  let seen = 0
  const called = await callRclone(access, io, {
    args: ['lsjson', '--retries=1', ...args],
    onLine: (line) => {
      const entry = parseEntry(line)
      if (entry === null) wrong = true
      else if (entry !== undefined) take(entry)
      seen += 1
    },
    progress: () => seen,
  })
  if (called.problem !== undefined) return fail(called.problem)
  // A gap would look like lost files; and something that prints nothing at all is no rclone.
  return wrong || seen === 0 ? fail(problem('rclone.output', { repository: access.name })) : ok(undefined)
}

/** No types, which some stores have to be asked for file by file; times of the store, which are those of the upload. */
export const cheaply = ['--no-mimetype', '--use-server-modtime', '--fast-list'] as const
