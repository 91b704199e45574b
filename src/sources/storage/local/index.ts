/** Repositories in a folder of this machine: `/path`, `relative/path`, `local:path`. */
import { closeSync, constants, fstatSync, openSync, readdirSync, readSync } from 'node:fs'
import { open, readdir, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import {
  type Fetched,
  type FileName,
  type FileType,
  fault,
  fetched,
  isComplete,
  isTimed,
  modified,
  mustBeComplete,
  type ReadWish,
  type Storage,
  type StorageBackend,
  type StorageIo,
  type StoredFile,
} from '../storage.ts'
import { isOnOwnDisk } from './disk.ts'
import { stampOf } from './stamp.ts'
import { watchSnapshots } from './watch.ts'

export const storage: StorageBackend = {
  name: 'local',
  connections: 4,
  owns: (url) => pathOf(url) !== undefined,
  async open({ url }, io) {
    const path = pathOf(url.reveal())
    if (path === undefined) return fault('unsupported', 'no path')
    const root = resolve(path)
    return fetched(openFolder(root, await isOnOwnDisk(root), io))
  },
  async stamp({ url }) {
    const path = pathOf(url.reveal())
    return path === undefined ? undefined : stampOf(resolve(path), Date.now())
  },
  async watch({ url }, changed) {
    const path = pathOf(url.reveal())
    return path === undefined ? undefined : watchSnapshots(resolve(path), changed)
  },
}

/**
 * The path an address means, as restic decides it: what begins like a path is one; else a colon makes it a backend's.
 * Source: restic `internal/backend/location/location.go`.
 */
function pathOf(url: string): string | undefined {
  const path = url.startsWith('local:') ? url.slice('local:'.length) : url
  if (path === '' || (path === url && !/^\.{0,2}\//.test(url) && url.includes(':'))) return undefined
  return path
}

/** @param quick Calls come back at once: they cost a third without the way through the thread pool. */
function openFolder(root: string, quick: boolean, { meter }: StorageIo): Storage {
  const namesIn = async (folder: string): Promise<Fetched<readonly string[]>> => {
    meter.requests += 1
    try {
      return fetched((quick ? readdirSync(folder) : await readdir(folder)).filter(isComplete))
    } catch (error) {
      // As with restic: a folder that is not there is an empty one. Whether there is a repository at all, `config` tells.
      return isMissing(error) ? fetched([]) : faultOf(error)
    }
  }
  return {
    async list(type, details) {
      if (quick && type !== 'data' && type !== 'index' && details !== true) return listedNow(join(root, type), meter)
      const folders = type === 'data' ? packFolders.map((name) => join(root, type, name)) : [join(root, type)]
      const found: StoredFile[] = []
      for (const folder of folders) {
        const names = await namesIn(folder)
        if (!names.ok) return names
        if (details !== true) found.push(...names.value.map((name) => ({ name })))
        else found.push(...(await Promise.all(names.value.map((name) => detailed(type, folder, name)))).filter(isThere))
      }
      return fetched(found)
    },
    async read(file, wish) {
      const path = join(root, pathIn(file))
      meter.requests += 1
      try {
        const read = quick ? readFileNow(path, wish) : await readFile(path, wish)
        if (read.ok) meter.bytes += read.value.length
        return read
      } catch (error) {
        return faultOf(error)
      }
    },
    async [Symbol.asyncDispose]() {},
  }
}

/** What a folder held at the last look: while it holds the same, nothing is made anew. Folders of the same disk alone come here. */
const lastLooks = new Map<string, { readonly names: readonly string[]; readonly files: readonly StoredFile[] }>()
const mostLooks = 20_000

function listedNow(folder: string, meter: StorageIo['meter']): Fetched<readonly StoredFile[]> {
  meter.requests += 1
  try {
    const names = readdirSync(folder)
    const last = lastLooks.get(folder)
    if (last !== undefined && isSame(names, last.names)) return fetched(last.files)
    const files = names.filter(isComplete).map((name) => ({ name }))
    if (lastLooks.size >= mostLooks) lastLooks.clear()
    lastLooks.set(folder, { names, files })
    return fetched(files)
  } catch (error) {
    return isMissing(error) ? fetched([]) : faultOf(error)
  }
}

function isSame(one: readonly string[], other: readonly string[]): boolean {
  if (one.length !== other.length) return false
  for (let at = 0; at < one.length; at += 1) if (one[at] !== other[at]) return false
  return true
}

/** Packs lie in 256 folders, named by the first two digits. Source: restic `internal/backend/layout/layout_default.go`. */
const packFolders = Array.from({ length: 256 }, (_, at) => at.toString(16).padStart(2, '0'))

function pathIn(file: FileName): string {
  if (file === 'config') return file
  const name = mustBeComplete(file.name)
  return file.type === 'data' ? join(file.type, name.slice(0, 2), name) : join(file.type satisfies FileType, name)
}

/** Removed meanwhile is not there. */
async function detailed(type: FileType, folder: string, name: string): Promise<StoredFile | undefined> {
  const found = await stat(join(folder, name)).catch(() => undefined)
  return found === undefined
    ? undefined
    : { name, sizeBytes: found.size, ...(isTimed(type) && modified(found.mtimeMs)) }
}
const isThere = (file: StoredFile | undefined): file is StoredFile => file !== undefined

/** Opened for reading only; a pipe in the place of a file must not hold us, hence not blocking. */
async function readFile(path: string, { mostBytes, range }: ReadWish): Promise<Fetched<Uint8Array>> {
  await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
  const about = await file.stat()
  if (!about.isFile()) return fault('cut', 'not a file')
  const offset = range?.offset ?? 0
  const length = range?.length ?? about.size
  if (length > mostBytes) return fault('too-large', `${length} bytes`)
  if (offset + length > about.size) return fault('cut', `${about.size} bytes`)
  const bytes = Buffer.allocUnsafeSlow(length)
  let done = 0
  while (done < length) {
    const { bytesRead } = await file.read(bytes, done, length - done, offset + done)
    if (bytesRead === 0) return fetched(bytes.subarray(0, done))
    done += bytesRead
  }
  return fetched(bytes)
}

function readFileNow(path: string, { mostBytes, range }: ReadWish): Fetched<Uint8Array> {
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const about = fstatSync(file)
    if (!about.isFile()) return fault('cut', 'not a file')
    const offset = range?.offset ?? 0
    const length = range?.length ?? about.size
    if (length > mostBytes) return fault('too-large', `${length} bytes`)
    if (offset + length > about.size) return fault('cut', `${about.size} bytes`)
    const bytes = Buffer.allocUnsafeSlow(length)
    let done = 0
    while (done < length) {
      const count = readSync(file, bytes, done, length - done, offset + done)
      if (count === 0) break
      done += count
    }
    return fetched(done === length ? bytes : bytes.subarray(0, done))
  } finally {
    closeSync(file)
  }
}

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? 'unknown'
const isMissing = (error: unknown): boolean => ['ENOENT', 'ENOTDIR'].includes(codeOf(error))

/** The system's own words for what went wrong, without the path. */
function faultOf(error: unknown): { readonly ok: false; readonly fault: import('../storage.ts').Fault } {
  const code = codeOf(error)
  if (isMissing(error)) return fault('missing', code)
  if (code === 'EACCES' || code === 'EPERM') return fault('denied', code)
  return fault(['EISDIR', 'ELOOP', 'ENAMETOOLONG'].includes(code) ? 'unsupported' : 'unreachable', code)
}
