/** From a password to an open repository: config, keys, master key. */
import { hash } from 'node:crypto'
import { fail, ok, type Problem, type Result } from '../../../model/problem.ts'
import type { Fetched, FileName, Storage, StoredFile } from '../../storage/storage.ts'
import { problem } from '../../tools/restic/problems.ts'
import type { RepositoryAccess } from '../../tools/tool.ts'
import { mostKeyBytes, openKeyFile, readKeyFile, readMasterKey } from './key-file.ts'
import { type Opened, passwordOf, type ReaderMemory } from './memory.ts'
import { type Asked, costlyKey, problemOfFault, unsupportedProblem } from './problems.ts'
import { readConfig } from './unpacked.ts'

/** Far more than a config needs. */
const mostConfigBytes = 64 * 1024

/** restic tries as many. Source: restic `internal/repository/repository.go`, `maxKeys`. */
const mostKeys = 20

/** What every opening begins with; asked for early where it is wanted anyway. */
export interface Entrance {
  readonly config: Fetched<Uint8Array>
  readonly keys: Fetched<readonly StoredFile[]>
}

export async function readEntrance(storage: Storage): Promise<Entrance> {
  const [config, keys] = await Promise.all([
    storage.read('config', { mostBytes: mostConfigBytes }),
    storage.list('keys'),
  ])
  return { config, keys }
}

export async function openRepository(
  storage: Storage,
  access: RepositoryAccess,
  memory: ReaderMemory,
  asked: Asked,
  entrance?: Entrance,
): Promise<Result<Opened>> {
  const password = passwordOf(access)
  if (password === undefined) return fail(problem('restic.no-password', { repository: access.name }))
  const { config, keys } = entrance ?? (await readEntrance(storage))
  if (!config.ok) return fail(problemOfFault(asked, config.fault))
  if (!keys.ok) return fail(problemOfFault(asked, keys.fault))
  const keyIds = keys.value.map(({ name }) => name).sort()
  if (keyIds.length === 0)
    return fail(unsupportedProblem(access.name, 'it has a config and no keys in the usual place'))
  const known = memory.master(access, password, keyIds)
  const found = known === undefined ? await findKey(storage, access, password, keyIds, asked) : ok(known)
  if (!found.ok) return found
  const { master, keyId } = found.value
  const content = master.open(config.value)
  const settings = content === undefined ? undefined : readConfig(content)
  if (settings === undefined) return fail(damaged(access, 'config'))
  const { id, version } = settings
  if (version !== 1 && version !== 2) return fail(unsupportedProblem(access.name, `it is of version ${version}`))
  // Only now: a key that does not open the config is not worth keeping.
  if (known === undefined) memory.keepMaster(access, password, keyIds, { master, keyId })
  return ok({ id, version, master, keyId })
}

const damaged = (access: RepositoryAccess, what: string): Problem =>
  problem('restic.damaged', { repository: access.name }, `${what} is not what was written`)

/**
 * Tries the keys, a hinted one first. A wrong password leaves every key whole and opens none; a key whose bytes do not make its
 * name was damaged, and if no other opens, that is the cause to tell.
 */
async function findKey(
  storage: Storage,
  access: RepositoryAccess,
  password: string,
  keyIds: readonly string[],
  asked: Asked,
): Promise<Result<Pick<Opened, 'master' | 'keyId'>>> {
  const hint = access.environment.RESTIC_KEY_HINT?.reveal() ?? ''
  const hinted = hint === '' ? [] : keyIds.filter((id) => id.startsWith(hint))
  let cause: Problem | undefined
  for (const keyId of [...new Set([...hinted, ...keyIds])].slice(0, mostKeys)) {
    const file = await readWhole(storage, { type: 'keys', name: keyId }, keyId, mostKeyBytes)
    if (!file.ok) {
      // Removed since it was listed.
      if (file.fault.kind === 'missing') continue
      return fail(problemOfFault(asked, file.fault))
    }
    const key = file.value === undefined ? undefined : readKeyFile(file.value)
    if (key?.ok !== true) {
      cause ??= key?.why === 'costly' ? costlyKey(access.name, keyId) : damaged(access, `key ${keyId}`)
      continue
    }
    const opened = await openKeyFile(key.value, password)
    if (opened === undefined) continue
    const master = readMasterKey(opened)
    if (master !== undefined) return ok({ master, keyId })
    cause ??= damaged(access, `key ${keyId}`)
  }
  return fail(cause ?? problem('restic.password', { repository: access.name }))
}

/**
 * Reads a file whose name is the SHA-256 of its bytes; twice when they differ, as restic does, because the first time may have
 * been on the way. @returns undefined when they still differ.
 */
export async function readWhole(
  storage: Storage,
  file: FileName,
  name: string,
  mostBytes: number,
): Promise<Fetched<Uint8Array | undefined>> {
  for (let tries = 0; tries < 2; tries += 1) {
    const read = await storage.read(file, { mostBytes })
    if (!read.ok || hash('sha256', read.value, 'hex') === name) return read
    if (tries > 0 && file !== 'config' && file.type === 'locks' && read.value.length === 0) return read
  }
  return { ok: true, value: undefined }
}
