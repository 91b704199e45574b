/** What `df` prints: GNU and BSD, in blocks of any size, with lines that are wrapped, in any language. */
import type { Space } from '../../model/space.ts'

/** One line. */
export interface FileSystem {
  readonly space: Space
  readonly mountedOn: string
}

/**
 * Shape: a header with the size of a block, `1K-blocks`, `512-blocks`, `1024-blocks`; then lines `name total used free used% mount`,
 * where a long name has a line to itself. Columns are told from the right: the name may have blanks, and BSD adds inodes.
 * Source: POSIX `df`; GNU coreutils and FreeBSD `df`.
 *
 * @returns undefined where there is no header with a size of blocks, or no line under it: unknown, never 0.
 */
export function parseDf(text: string): readonly FileSystem[] | undefined {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '')
  // The last that looks like one: a greeting may stand above.
  const begin = lines.findLastIndex((line) => blockPattern.test(line))
  const bytes = blockBytes(lines[begin] ?? '')
  if (bytes === undefined) return undefined
  const found: FileSystem[] = []
  let wrapped = ''
  for (const line of lines.slice(begin + 1)) {
    const system = parseLine(`${wrapped} ${line}`, bytes)
    // A name without numbers: they follow on the next line.
    wrapped = system === undefined ? line : ''
    if (system !== undefined) found.push(system)
  }
  return found.length === 0 || wrapped !== '' ? undefined : found
}

/** The first column, the blocks, and four more: used, free, share, mount point. */
const blockPattern = /^\S+(?: \S+)?\s+(\d+)([KMG]?)(?:i?B)?-\p{L}\S*(?:\s+\S+){4}/u
const units = { '': 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3 } as const

function blockBytes(header: string): number | undefined {
  const [, count, unit = ''] = blockPattern.exec(header) ?? []
  const bytes = Number(count) * units[unit as keyof typeof units]
  return Number.isSafeInteger(bytes) && bytes > 0 ? bytes : undefined
}

/** Inodes of macOS and `df -i` of BSD stand between the percentage and the mount point. */
const linePattern = /\s(\d+)\s+(\d+)\s+(-?\d+)\s+(?:\d+%|-)\s+(?:\d+\s+\d+\s+(?:\d+%|-)\s+)?(\S.*?)\s*$/

function parseLine(line: string, bytes: number): FileSystem | undefined {
  const [, total = '', , free = '', mountedOn = ''] = linePattern.exec(line) ?? []
  if (total === '') return undefined
  // Beyond what is kept for root, BSD counts below nothing.
  const blocks = { free: Math.max(0, Number(free)), total: Number(total), bytes }
  const [freeBytes, totalBytes] = [blocks.free * bytes, blocks.total * bytes]
  if (!Number.isSafeInteger(totalBytes) || freeBytes > totalBytes || blocks.total === 0) return undefined
  return { space: { freeBytes, totalBytes, way: 'df', blocks }, mountedOn }
}

/** The file system a path is on: the only one there is, or the deepest mount point above an absolute path. */
export function systemOf(systems: readonly FileSystem[], path: string | undefined): FileSystem | undefined {
  if (systems.length === 1) return systems[0]
  if (path?.startsWith('/') !== true) return undefined
  const above = systems.filter(
    ({ mountedOn }) => mountedOn === '/' || path === mountedOn || path.startsWith(`${mountedOn}/`),
  )
  return above.sort((a, b) => b.mountedOn.length - a.mountedOn.length)[0]
}
