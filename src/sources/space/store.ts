/** Room in a store, by the backend that reads it. */
import type { Space } from '../../model/space.ts'
import { roomOf } from '../storage/open.ts'
import type { Fetched, StorageAccess } from '../storage/storage.ts'
import type { SpaceIo } from './over-ssh.ts'

export function storeSpace(access: StorageAccess, { signal, timeLimitMs }: SpaceIo): Promise<Fetched<Space>> {
  const limited = AbortSignal.any([signal, AbortSignal.timeout(timeLimitMs)])
  return roomOf(access, { signal: limited, meter: { requests: 0, bytes: 0 }, silenceLimitMs: timeLimitMs })
}
