/** Who asks an HTTP server for a storage: over connections of its own, or over those that a process shares. */
import { openAgent, readCertificates } from './agent.ts'
import { type Ask, askerOf, type Server } from './ask.ts'
import { type Fetched, fetched, type StorageAccess, type StorageIo } from './storage.ts'

/** Opened by as many requests at once, for a storage that shares none. */
const ownSockets = 8

export interface Caller {
  readonly ask: Ask
  close(): void
}

export async function openCaller(
  server: Server,
  environment: StorageAccess['environment'],
  io: StorageIo,
): Promise<Fetched<Caller>> {
  if (io.connections !== undefined) {
    const line = await io.connections.line(server, environment)
    return line.ok ? fetched({ ask: line.value.asker(io), close: () => {} }) : line
  }
  const certificates = server.scheme === 'https' ? await readCertificates(environment) : fetched(undefined)
  if (!certificates.ok) return certificates
  const agent = openAgent(server, certificates.value, ownSockets)
  return fetched({ ask: askerOf(server, agent, io), close: () => agent.destroy() })
}
