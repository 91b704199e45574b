/**
 * Connections that a process shares between all its repositories, from reading to reading: one line to each server, however many
 * repositories lie there. Short answers are pipelined on a few connections, so that a thousand listings cost a few round trips.
 */
import type { Agent as HttpAgent } from 'node:http'
import { type Certificates, markOfCertificates, mayGoByProxy, openAgent, readCertificates } from './agent.ts'
import { type Ask, askerOf, type Server } from './ask.ts'
import { openPipeline, type Pipeline } from './pipeline.ts'
import { type Fetched, fetched, type StorageAccess, type StorageIo } from './storage.ts'

type Environment = StorageAccess['environment']

export class Connections implements AsyncDisposable {
  readonly #lines = new Map<string, Promise<Fetched<Line>>>()

  /** The line to a server; opened when it is first asked for. */
  async line(server: Server, environment: Environment): Promise<Fetched<Line>> {
    const certificates = server.scheme === 'https' ? await markOfCertificates(environment) : ''
    const key = JSON.stringify([server.scheme, server.to, certificates])
    const open = this.#lines.get(key) ?? openLine(server, environment)
    this.#lines.set(key, open)
    const line = await open
    // A file that could not be read may be there the next time.
    if (!line.ok) this.#lines.delete(key)
    return line
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const lines = [...this.#lines.values()]
    this.#lines.clear()
    for (const line of await Promise.all(lines)) if (line.ok) await line.value.close()
  }
}

export interface Line {
  asker(io: StorageIo): Ask
  close(): Promise<void>
}

async function openLine(server: Server, environment: Environment): Promise<Fetched<Line>> {
  const certificates = server.scheme === 'https' ? await readCertificates(environment) : fetched(undefined)
  if (!certificates.ok) return certificates
  // Each storage limits itself; here a bound would let one that hangs hold up the others.
  const agent = openAgent(server, certificates.value, Number.POSITIVE_INFINITY)
  return fetched(lineOf(server, agent, await pipelineTo(server, certificates.value)))
}

/** Only straight to the server: who speaks through a proxy, or to a socket of this machine, gains nothing or cannot. */
async function pipelineTo(server: Server, certificates: Certificates | undefined): Promise<Pipeline | undefined> {
  const { HTTP_PROXY, HTTPS_PROXY, http_proxy, https_proxy } = process.env
  const proxy = [HTTP_PROXY, HTTPS_PROXY, http_proxy, https_proxy].some(Boolean) && mayGoByProxy(server)
  return proxy || !('host' in server.to) ? undefined : openPipeline(server, server.to, certificates)
}

function lineOf(server: Server, agent: HttpAgent, pipeline: Pipeline | undefined): Line {
  return {
    asker(io) {
      const alone = askerOf(server, agent, io)
      if (pipeline === undefined) return alone
      return async (question) => (await pipeline.ask(question, server.authority, io)) ?? alone(question)
    },
    async close() {
      agent.destroy()
      await pipeline?.close()
    },
  }
}
