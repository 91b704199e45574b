/** Connections to an HTTP server: kept open between requests, with the certificates and proxies that restic would use. */
import { readFile, stat } from 'node:fs/promises'
import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { getCACertificates } from 'node:tls'
import type { Server } from './ask.ts'
import { type Fetched, fault, fetched, type StorageAccess } from './storage.ts'

const idleMs = 60_000

type Environment = StorageAccess['environment']

export interface Certificates {
  readonly ca: string[]
  /** Certificate and key of this client. */
  readonly cert?: string
  readonly key?: string
}

/** @param sockets Opened by as many requests at once. */
export function openAgent(
  server: Server,
  certificates: Certificates | undefined,
  sockets: number,
): HttpAgent | HttpsAgent {
  const common = {
    keepAlive: true,
    // Of sockets that nobody uses: what is on the way may have forgotten them by then, and would never say so.
    timeout: idleMs,
    maxSockets: sockets,
    maxFreeSockets: 8,
    ...(mayGoByProxy(server) && { proxyEnv: process.env }),
  }
  return server.scheme === 'http' ? new HttpAgent(common) : new HttpsAgent({ ...common, ...certificates })
}

/** As in Go, what is on this machine is never asked for by a proxy. */
export function mayGoByProxy({ to }: Server): boolean {
  return 'host' in to && !/^(localhost|127(\.\d+){3}|::1)$/.test(to.host)
}

const filesIn = ({ RESTIC_CACERT: ca, RESTIC_TLS_CLIENT_CERT: own }: Environment) => ({
  authorities: ca?.reveal().split(',').filter(Boolean) ?? [],
  own: own?.reveal() ?? '',
})

/**
 * `RESTIC_CACERT` (files with a comma between) replaces the authorities of this machine; `RESTIC_TLS_CLIENT_CERT` is one file
 * with certificate and key. Source: restic `internal/backend/http_transport.go`.
 */
export async function readCertificates(environment: Environment): Promise<Fetched<Certificates>> {
  const { authorities, own } = filesIn(environment)
  try {
    const client = own === '' ? undefined : await readFile(own, 'utf8')
    return fetched({
      ca:
        authorities.length > 0
          ? await Promise.all(authorities.map((file) => readFile(file, 'utf8')))
          : [...getCACertificates('default'), ...getCACertificates('system')],
      ...(client !== undefined && { cert: client, key: client }),
    })
  } catch (error) {
    return fault('tls', `a certificate file cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'unknown'}`)
  }
}

/** Other files, or files that were renewed, make another mark: connections of the old ones are not for the new. */
export async function markOfCertificates(environment: Environment): Promise<string> {
  const { authorities, own } = filesIn(environment)
  const files = [...authorities, ...(own === '' ? [] : [own])]
  const times = await Promise.all(files.map((file) => stat(file).catch(() => undefined)))
  return JSON.stringify([authorities.length, files, times.map((found) => found?.mtimeMs)])
}
