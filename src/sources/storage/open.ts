/** Opens the storage of a repository: finds its backend, and puts around it what is the same for all. */
import { bounded } from './bounded.ts'
import { storages } from './registry.generated.ts'
import { retryDelaysMs, retrying } from './retry.ts'
import {
  type Fetched,
  fault,
  type Storage,
  type StorageAccess,
  type StorageBackend,
  type StorageIo,
} from './storage.ts'

export interface OpenIo extends StorageIo {
  /** For everything that is done with the storage together. */
  readonly timeLimitMs?: number
}

const backendOf = (url: string): StorageBackend | undefined =>
  Object.values<StorageBackend>(storages).find((backend) => backend.owns(url))

/** Whether an address can be opened here; if not, the word before its colon. */
export function opens(url: string): { readonly opens: true } | { readonly opens: false; readonly scheme: string } {
  if (backendOf(url) !== undefined) return { opens: true }
  return { opens: false, scheme: /^[a-z0-9]+(?=:)/.exec(url)?.[0] ?? 'this address' }
}

/** @param backend Another than the one that owns the address; for tests of one that cannot be met for real. */
export async function openStorage(
  access: StorageAccess,
  { timeLimitMs, ...io }: OpenIo,
  backend = backendOf(access.url.reveal()),
): Promise<Fetched<Storage>> {
  if (backend === undefined) return fault('unsupported', 'no backend for this address')
  const expired = timeLimitMs === undefined ? never : AbortSignal.timeout(timeLimitMs)
  const signal = timeLimitMs === undefined ? io.signal : AbortSignal.any([io.signal, expired])
  const opened = await backend.open(access, { ...io, signal })
  if (!opened.ok) return opened
  const bounds = { connections: backend.connections, cancelled: io.signal, expired }
  return { ok: true, value: bounded(retrying(opened.value, signal, retryDelaysMs), bounds) }
}

/** See `StorageBackend.stamp`. */
export const stampOf = (access: StorageAccess): Promise<string | undefined> | undefined =>
  backendOf(access.url.reveal())?.stamp?.(access)

/** See `StorageBackend.watch`. */
export const watchStorage = async (access: StorageAccess, changed: () => void): Promise<(() => void) | undefined> =>
  backendOf(access.url.reveal())?.watch?.(access, changed)

const never = new AbortController().signal
