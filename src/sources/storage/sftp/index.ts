/** Repositories on an SFTP server, reached by the system's own ssh, so that its settings and pinned host keys hold. */
import { posix } from 'node:path'
import { openGate } from '../../../system/gate.ts'
import {
  type Fetched,
  type FileType,
  fetched,
  isComplete,
  isTimed,
  modified,
  mustBeComplete,
  type Storage,
  type StorageAccess,
  type StorageBackend,
  type StorageIo,
  type StoredFile,
} from '../storage.ts'
import { parseAddress, type SftpAddress } from './address.ts'
import { listFolder, readFile, statFolder } from './files.ts'
import { Session } from './session.ts'

/** Folders listed at once: each is an open handle on the server. */
const folders = 16

export const storage: StorageBackend = {
  name: 'sftp',
  // One connection; so many questions share it.
  connections: 16,
  owns: (url) => url.startsWith('sftp:'),
  async open(access, io) {
    const address = parseAddress(access)
    return address.ok ? fetched(openServer(address.value, access.environment, io)) : address
  },
  async space(access, io) {
    const address = parseAddress(access)
    if (!address.ok) return address
    const session = await Session.open(address.value, access.environment, io)
    if (!session.ok) return session
    try {
      let about = await statFolder(session.value, address.value.path)
      // Before the repository is made, the home of the user is on the same file system, most likely.
      if (!about.ok && about.fault.kind === 'missing') about = await statFolder(session.value, '.')
      if (!about.ok) return about
      const { bytes, total, free } = about.value
      return fetched({ freeBytes: free * bytes, totalBytes: total * bytes, way: 'sftp', blocks: about.value })
    } finally {
      await session.value.close()
    }
  },
}

function openServer(address: SftpAddress, environment: StorageAccess['environment'], io: StorageIo): Storage {
  let current: Promise<Fetched<Session>> | undefined
  const started: Promise<Fetched<Session>>[] = []
  /** A new one when there is none, or when the last one ended: whoever tries again shall not meet the old failure. */
  const session = async (): Promise<Fetched<Session>> => {
    const last = current
    const open = await last
    if (open?.ok === true && open.value.isOpen) return open
    if (current === last) {
      current = Session.open(address, environment, io)
      started.push(current)
    }
    return (await current) as Fetched<Session>
  }
  const inFolder = async (path: string, timed: boolean): Promise<Fetched<readonly StoredFile[]>> => {
    io.meter.requests += 1
    const open = await session()
    if (!open.ok) return open
    const entries = await listFolder(open.value, posix.join(address.path, path))
    if (!entries.ok) return entries
    const files = entries.value.filter(({ name }) => isComplete(name))
    return fetched(
      files.map(({ name, sizeBytes, modifiedAtMs }) => ({
        name,
        ...(sizeBytes !== undefined && { sizeBytes }),
        ...(timed && modified(modifiedAtMs)),
      })),
    )
  }
  return {
    async list(type, details) {
      const gate = openGate(folders)
      const paths = type === 'data' ? packFolders : [type]
      const listed = await Promise.all(
        paths.map((path) => gate(() => inFolder(path, details === true && isTimed(type)))),
      )
      const found = new Map<string, StoredFile>()
      for (const files of listed) {
        if (!files.ok) return files
        for (const file of files.value) found.set(file.name, file)
      }
      return fetched([...found.values()])
    },
    async read(file, wish) {
      const path = file === 'config' ? file : pathOf(file.type, mustBeComplete(file.name))
      io.meter.requests += 1
      const open = await session()
      if (!open.ok) return open
      const read = await readFile(open.value, posix.join(address.path, path), wish)
      if (read.ok) io.meter.bytes += read.value.length
      return read
    },
    async [Symbol.asyncDispose]() {
      const all = await Promise.all(started)
      await Promise.all(all.map((one) => one.ok && one.value.close()))
    },
  }
}

/** Source: restic `internal/backend/layout/layout_default.go`. */
const packFolders = Array.from({ length: 256 }, (_, at) => `data/${at.toString(16).padStart(2, '0')}`)
const pathOf = (type: FileType, name: string): string =>
  type === 'data' ? `data/${name.slice(0, 2)}/${name}` : `${type}/${name}`
