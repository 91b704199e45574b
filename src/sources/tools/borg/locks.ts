/** Locks of a repository on this machine, read from its files. Source: borg `locking.py`, `docs/internals/data-structures.rst`. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { hostname, networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { fail, ok, type Result } from '../../../model/problem.ts'
import type { Lock } from '../../../model/snapshot.ts'
import type { RepositoryAccess } from '../tool.ts'
import { localFolder } from './address.ts'
import { problem } from './problems.ts'

/** All locks, oldest first; those of a repository on another machine are not to be seen (`borg.locks-unknown`). */
export async function locks(access: RepositoryAccess): Promise<Result<readonly Lock[]>> {
  const folder = localFolder(access.url.reveal())
  return folder === undefined ? fail(problem('borg.locks-unknown', { repository: access.name })) : ok(locksIn(folder))
}

/** An exclusive lock is a folder with one file, named after its holder; shared ones stand in a list. */
export function locksIn(folder: string): readonly Lock[] {
  const exclusive = namesIn(join(folder, 'lock.exclusive')).flatMap((name) => {
    const holder = holderOf(name)
    const takenAt = changedAt(join(folder, 'lock.exclusive', name))
    return holder === undefined || takenAt === undefined ? [] : [{ id: name, takenAt, exclusive: true, ...holder }]
  })
  const roster = join(folder, 'lock.roster')
  const takenAt = changedAt(roster)
  const shared = takenAt === undefined ? [] : parseRoster(read(roster)).map((entry) => ({ ...entry, takenAt }))
  return [...exclusive, ...shared].sort((a, b) => a.takenAt.getTime() - b.takenAt.getTime())
}

type Holder = Pick<Lock, 'host' | 'user' | 'pid'>

/** Reads `host@number.pid-thread`; undefined for anything else. Never throws. */
export function holderOf(name: string): Holder | undefined {
  const [, hostId, pid] = /^(.+)\.(\d+)-[0-9a-f]+$/.exec(name) ?? []
  return hostId === undefined || pid === undefined ? undefined : { host: hostOf(hostId), user: '', pid: Number(pid) }
}

const Roster = z.object({
  shared: z.array(z.tuple([z.string(), z.int().nonnegative(), z.int()])).catch([]),
})

/** Reads `lock.roster`: `{"shared": [[host id, pid, thread], …]}`. Never throws. */
export function parseRoster(text: string | undefined): readonly Omit<Lock, 'takenAt'>[] {
  try {
    const { shared } = Roster.parse(JSON.parse(text ?? '{}'))
    return shared.map(([hostId, pid, thread]) => ({
      id: `${hostId}.${pid}-${thread}`,
      exclusive: false,
      host: hostOf(hostId),
      user: '',
      pid,
    }))
  } catch {
    return []
  }
}

/**
 * borg writes the whole name of the host and the number of a network card of it, `web.example.com@2485377892354`: the number
 * tells this machine from another of its name. The host of a lock of this machine is what the machine calls itself.
 */
function hostOf(hostId: string): string {
  const at = hostId.lastIndexOf('@')
  const name = at === -1 ? hostId : hostId.slice(0, at)
  const card = at === -1 ? Number.NaN : Number(hostId.slice(at + 1))
  const own = hostname()
  const isNamedSo = name === own || name.split('.', 1)[0] === own.split('.', 1)[0]
  return isNamedSo && isOfThisMachine(card) ? own : name
}

/** Python takes a random number, told by one bit, where it finds no card; then only the name tells. */
function isOfThisMachine(card: number): boolean {
  const isRandom = Math.floor(card / 2 ** 40) % 2 === 1
  return isRandom || cards().has(card)
}

function cards(): ReadonlySet<number> {
  const known = Object.values(networkInterfaces()).flatMap((all) => all?.map(({ mac }) => mac) ?? [])
  const others = namesIn('/sys/class/net').map((name) => read(join('/sys/class/net', name, 'address'))?.trim() ?? '')
  return new Set([...known, ...others].map((mac) => Number.parseInt(mac.replaceAll(':', ''), 16)))
}

/** Who holds a lock, as problems tell it. */
export const holderContext = (lock: Lock, now: Date): Record<string, string | number> => ({
  holderHost: lock.host,
  holderPid: lock.pid,
  exclusive: lock.exclusive ? 'yes' : 'no',
  since: lock.takenAt.toISOString(),
  ageMinutes: Math.floor((now.getTime() - lock.takenAt.getTime()) / 60_000),
  lockId: lock.id,
})

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

function changedAt(path: string): Date | undefined {
  try {
    return statSync(path).mtime
  } catch {
    return undefined
  }
}
