/** Opens the storage of a repository: finds its backend, and puts around it what is the same for all. */
import { bounded } from './bounded.ts'
import { storages } from './registry.generated.ts'
import { retryDelaysMs, retrying } from './retry.ts'
import { type Fetched, fault, type Meter, type Storage, type StorageAccess, type StorageBackend } from './storage.ts'

export interface OpenIo {
  readonly signal: AbortSignal
  /** For everything that is done with the storage together. */
  readonly timeLimitMs?: number
  readonly meter: Meter
}

const backendOf = (url: string): StorageBackend | undefined =>
  Object.values<StorageBackend>(storages).find((backend) => backend.owns(url))

/** Whether an address can be opened here; if not, the word before its colon. */
export function opens(url: string): { readonly opens: true } | { readonly opens: false; readonly scheme: string } {
  if (backendOf(url) !== undefined) return { opens: true }
  return { opens: false, scheme: /^[a-z0-9]+(?=:)/.exec(url)?.[0] ?? 'this address' }
}

export async function openStorage(access: StorageAccess, io: OpenIo): Promise<Fetched<Storage>> {
  const backend = backendOf(access.url.reveal())
  if (backend === undefined) return fault('unsupported', 'no backend for this address')
  const expired = io.timeLimitMs === undefined ? new AbortController().signal : AbortSignal.timeout(io.timeLimitMs)
  const signal = AbortSignal.any([io.signal, expired])
  const opened = await backend.open(access, { signal, meter: io.meter })
  if (!opened.ok) return opened
  const bounds = { connections: backend.connections, cancelled: io.signal, expired }
  return { ok: true, value: bounded(retrying(opened.value, signal, retryDelaysMs), bounds) }
}
