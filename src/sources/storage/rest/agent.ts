/** Connections of the REST backend: kept open between requests, with the certificates that restic would use. */
import { readFile } from 'node:fs/promises'
import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { getCACertificates } from 'node:tls'
import { type Fetched, fault, fetched, type StorageAccess } from '../storage.ts'
import type { RestAddress } from './address.ts'

/** Opened by as many requests at once. */
export const connections = 8

export async function openAgent(
  address: RestAddress,
  environment: StorageAccess['environment'],
): Promise<Fetched<HttpAgent | HttpsAgent>> {
  const common = { keepAlive: true, maxSockets: connections, ...(goesByProxy(address) && { proxyEnv: process.env }) }
  if (address.scheme === 'http') return fetched(new HttpAgent(common))
  try {
    return fetched(new HttpsAgent({ ...common, ...(await certificates(environment)) }))
  } catch (error) {
    return fault('tls', `a certificate file cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'unknown'}`)
  }
}

/** As in Go, what is on this machine is never asked for by a proxy. */
function goesByProxy({ to }: RestAddress): boolean {
  return 'host' in to && !/^(localhost|127(\.\d+){3}|::1)$/.test(to.host)
}

/**
 * `RESTIC_CACERT` (files with a comma between) replaces the authorities of this machine; `RESTIC_TLS_CLIENT_CERT` is one file
 * with certificate and key. Source: restic `internal/backend/http_transport.go`.
 */
async function certificates(environment: StorageAccess['environment']) {
  const files = environment.RESTIC_CACERT?.reveal().split(',').filter(Boolean) ?? []
  const own = environment.RESTIC_TLS_CLIENT_CERT?.reveal()
  const client = own === undefined || own === '' ? undefined : await readFile(own, 'utf8')
  return {
    ca:
      files.length > 0
        ? await Promise.all(files.map((file) => readFile(file, 'utf8')))
        : [...getCACertificates('default'), ...getCACertificates('system')],
    ...(client !== undefined && { cert: client, key: client }),
  }
}
