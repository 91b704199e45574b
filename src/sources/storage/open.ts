/** Opens the storage of a repository: finds its backend, and puts around it what is the same for all. */
import type { Space } from '../../model/space.ts'
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

const schemeOf = (url: string): string | undefined => /^[a-z0-9]+(?=:)/.exec(url)?.[0]

/** A backend has the name of its scheme, and is loaded with the first address of it; what has none is a path. */
async function backendOf(url: string): Promise<StorageBackend | undefined> {
  const scheme = schemeOf(url) ?? 'local'
  const load = Object.hasOwn(storages, scheme) ? storages[scheme as keyof typeof storages] : storages.local
  const backend: StorageBackend = await load()
  return backend.owns(url) ? backend : undefined
}

/** Whether an address can be opened here; if not, the word before its colon. */
export async function opens(
  url: string,
): Promise<{ readonly opens: true } | { readonly opens: false; readonly scheme: string }> {
  if ((await backendOf(url)) !== undefined) return { opens: true }
  return { opens: false, scheme: schemeOf(url) ?? 'this address' }
}

/** @param given Another than the one that owns the address; for tests of one that cannot be met for real. */
export async function openStorage(
  access: StorageAccess,
  { timeLimitMs, ...io }: OpenIo,
  given?: StorageBackend,
): Promise<Fetched<Storage>> {
  const backend = given ?? (await backendOf(access.url.reveal()))
  if (backend === undefined) return fault('unsupported', 'no backend for this address')
  const expired = timeLimitMs === undefined ? never : AbortSignal.timeout(timeLimitMs)
  const signal = timeLimitMs === undefined ? io.signal : AbortSignal.any([io.signal, expired])
  const opened = await backend.open(access, { ...io, signal })
  if (!opened.ok) return opened
  const bounds = { connections: backend.connections, cancelled: io.signal, expired }
  return { ok: true, value: bounded(retrying(opened.value, signal, retryDelaysMs), bounds) }
}

/** See `StorageBackend.stamp`. */
export const stampOf = async (access: StorageAccess): Promise<string | undefined> =>
  (await backendOf(access.url.reveal()))?.stamp?.(access)

/** See `StorageBackend.watch`. */
export const watchStorage = async (access: StorageAccess, changed: () => void): Promise<(() => void) | undefined> =>
  (await backendOf(access.url.reveal()))?.watch?.(access, changed)

const never = new AbortController().signal

/** See `StorageBackend.space`. */
export async function roomOf(access: StorageAccess, io: StorageIo): Promise<Fetched<Space>> {
  const backend = await backendOf(access.url.reveal())
  return backend?.space === undefined ? fault('unsupported', 'nothing there tells') : backend.space(access, io)
}
