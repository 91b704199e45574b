/**
 * Connections that a process shares between all its repositories, from reading to reading: one line to each server, however many
 * repositories lie there. Short answers are pipelined on a few connections, so that a thousand listings cost a few round trips.
 */
import { hash } from 'node:crypto'
import type { Agent as HttpAgent } from 'node:http'
import { type Certificates, markOfCertificates, mayGoByProxy, openAgent, readCertificates } from './agent.ts'
import { type Answer, type Ask, askerOf, type Question, type Server } from './ask.ts'
import { openPipeline, type Pipeline } from './pipeline.ts'
import { type Fetched, fetched, type StorageAccess, type StorageIo } from './storage.ts'

type Environment = StorageAccess['environment']

/** Each storage limits itself; this only keeps a thousand at once from opening thousands. */
const mostSockets = 256

/** Answers that are kept to compare with. */
const mostParsed = 20_000

export class Connections implements AsyncDisposable {
  readonly #lines = new Map<string, Promise<Fetched<Line>>>()
  readonly #parsed = new Map<string, { readonly body: Buffer; readonly value: unknown }>()

  /** What an answer was read as the last time, while it is the same bytes; else it is read by `parse`. */
  parsed<T>(key: string, body: Buffer, parse: (body: Buffer) => T): T {
    const last = this.#parsed.get(key)
    if (last?.body.equals(body) === true) return last.value as T
    const value = parse(body)
    if (this.#parsed.size >= mostParsed) this.#parsed.clear()
    this.#parsed.set(key, { body, value })
    return value
  }

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
  const agent = openAgent(server, certificates.value, mostSockets)
  return fetched(lineOf(server, agent, pipelineTo(server, certificates.value)))
}

/** Only straight to the server: who speaks through a proxy, or to a socket of this machine, gains nothing or cannot. */
function pipelineTo(server: Server, certificates: Certificates | undefined): (() => Promise<Pipeline>) | undefined {
  const { HTTP_PROXY, HTTPS_PROXY, http_proxy, https_proxy } = process.env
  const proxy = [HTTP_PROXY, HTTPS_PROXY, http_proxy, https_proxy].some(Boolean) && mayGoByProxy(server)
  const { to } = server
  return proxy || !('host' in to) ? undefined : () => openPipeline(server, to, certificates)
}

/**
 * A line with a pipeline, or without. Something between us and the server may lose or mix up what is pipelined, and an answer does
 * not say what it answers. So one counts only when it proves itself: a file by its name, which is the hash of its bytes, anything
 * else by being what a connection of its own gave before. Whatever differs is asked again alone; it is rare, because little changes.
 */
function lineOf(server: Server, agent: HttpAgent, openPipe: (() => Promise<Pipeline>) | undefined): Line {
  const known = new Map<string, string>()
  let opened: Promise<Pipeline> | undefined
  return {
    asker(io) {
      const alone = askerOf(server, agent, io)
      if (openPipe === undefined) return alone
      return async (question) => {
        // A part of a file proves nothing.
        if (question.shared === undefined || question.headers?.range !== undefined) return alone(question)
        const key = `${question.path} ${question.headers?.accept ?? ''}`
        const name = nameIn(question)
        const proof = name ?? known.get(key)
        if (proof !== undefined) opened ??= openPipe()
        const pipeline = proof === undefined ? undefined : await opened
        const quick = await pipeline?.ask(question, server.authority, io)
        if (quick !== undefined && (!quick.ok || proofOf(quick.value) === proof)) return quick
        const answer = await alone(question)
        const given = answer.ok ? proofOf(answer.value) : undefined
        // It was right and unchanged, and yet came out as something else.
        if (quick?.ok === true && quick.value.status === 200 && given === proof) pipeline?.distrust()
        if (name === undefined && given !== undefined) known.set(key, given)
        return answer
      }
    },
    async close() {
      agent.destroy()
      await (await opened)?.close()
    },
  }
}

const nameIn = ({ path }: Question): string | undefined => /\/([0-9a-f]{64})$/.exec(path)?.[1]
const proofOf = ({ status, body }: Answer): string | undefined =>
  status === 200 ? hash('sha256', body, 'hex') : undefined
