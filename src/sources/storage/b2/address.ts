/** Addresses of the B2 backend: `b2:bucket`, `b2:bucket:path`. */
import { posix } from 'node:path'
import type { StorageAccess } from '../storage.ts'

export interface B2Address {
  readonly bucket: string
  /** Without slashes at its ends; may be empty. */
  readonly prefix: string
  readonly keyId: string
  readonly key: string
}

/** Source: restic `internal/backend/b2/config.go`. @returns Why it is nothing for us */
export function parseAddress({ url, environment }: StorageAccess): B2Address | string {
  const [, bucket, path = ''] = /^b2:([A-Za-z0-9-]{6,63})(?::(.*))?$/s.exec(url.reveal()) ?? []
  if (bucket === undefined) return 'the address cannot be understood'
  const keyId = environment.B2_ACCOUNT_ID?.reveal() ?? ''
  const key = environment.B2_ACCOUNT_KEY?.reveal() ?? ''
  if (keyId === '' || key === '') return 'B2_ACCOUNT_ID or B2_ACCOUNT_KEY is missing'
  return { bucket, prefix: posix.normalize(`/${path}`).replace(/^\/|\/$/g, ''), keyId, key }
}
