/** An account of B2: who we are, where to ask, and which bucket is meant; anew when that has run out. */
import { hash } from 'node:crypto'
import type { z } from 'zod'
import type { Answer, Question, Server } from '../ask.ts'
import { type Caller, openCaller } from '../caller.ts'
import type { Connections } from '../connections.ts'
import { type Fetched, fault, fetched, type StorageAccess, type StorageIo } from '../storage.ts'
import type { B2Address } from './address.ts'
import { Authorization, Buckets, codeOf, faultOfAnswer, parseAnswer } from './answers.ts'

const mostAnswerBytes = 64 * 1024

/** What it takes to ask for files. */
export interface Admission {
  readonly token: string
  readonly apiUrl: string
  readonly downloadUrl: string
  readonly bucketId: string
}

interface Held {
  admission?: Promise<Fetched<Admission>> | undefined
}

/** A token is good for a day: it is kept as long as the connections are, for all readings of a bucket. */
const held = new WeakMap<Connections, Map<string, Held>>()

function heldOf({ keyId, key, bucket, prefix }: B2Address, connections: Connections | undefined): Held {
  if (connections === undefined) return {}
  const all = held.get(connections) ?? new Map<string, Held>()
  held.set(connections, all)
  const name = hash('sha256', JSON.stringify([keyId, key, bucket, prefix]), 'hex')
  const own = all.get(name) ?? {}
  all.set(name, own)
  return own
}

export class Account {
  readonly #address: B2Address
  readonly #apiAddress: string
  readonly #environment: StorageAccess['environment']
  readonly #io: StorageIo
  readonly #callers = new Map<string, Promise<Fetched<Caller>>>()
  readonly #held: Held

  constructor(address: B2Address, apiAddress: string, environment: StorageAccess['environment'], io: StorageIo) {
    this.#address = address
    this.#apiAddress = apiAddress
    this.#environment = environment
    this.#io = io
    this.#held = heldOf(address, io.connections)
  }

  /** Asks with a token; once more with a new one when it had run out. */
  async ask(questionOf: (admission: Admission) => Question & { readonly base: string }): Promise<Fetched<Answer>> {
    for (let renewed = false; ; renewed = true) {
      this.#held.admission ??= this.#admit()
      const used = this.#held.admission
      const admission = await used
      if (!admission.ok) {
        // Another try begins anew.
        if (this.#held.admission === used) this.#held.admission = undefined
        return admission
      }
      const { base, ...question } = questionOf(admission.value)
      const headers = { ...question.headers, authorization: admission.value.token }
      const answer = await this.#send(base, { ...question, headers })
      const ranOut =
        answer.ok &&
        answer.value.status === 401 &&
        ['expired_auth_token', 'bad_auth_token'].includes(codeOf(answer.value))
      if (!ranOut || renewed) return answer
      if (this.#held.admission === used) this.#held.admission = undefined
    }
  }

  async close(): Promise<void> {
    for (const caller of await Promise.all(this.#callers.values())) if (caller.ok) caller.value.close()
  }

  async #admit(): Promise<Fetched<Admission>> {
    const { bucket, prefix, keyId, key } = this.#address
    const login = `Basic ${Buffer.from(`${keyId}:${key}`).toString('base64')}`
    const question = {
      path: '/b2api/v3/b2_authorize_account',
      headers: { authorization: login },
      mostBytes: mostAnswerBytes,
    }
    const authorized = understood(Authorization, await this.#send(this.#apiAddress, question))
    if (!authorized.ok) return authorized
    const { accountId, authorizationToken: token, apiInfo } = authorized.value
    const { apiUrl, downloadUrl, bucketId, bucketName, namePrefix } = apiInfo.storageApi
    if (bucketName != null && bucketName !== bucket) return fault('denied', 'the key is for another bucket')
    if (namePrefix != null && !`${prefix}/`.startsWith(namePrefix))
      return fault('denied', 'the key is for another path')
    const admission = { token, apiUrl, downloadUrl }
    if (bucketId != null && bucketName === bucket) return fetched({ ...admission, bucketId })
    const content = JSON.stringify({ accountId, bucketName: bucket })
    const asked = { path: '/b2api/v3/b2_list_buckets', method: 'POST', content, mostBytes: mostAnswerBytes } as const
    const listed = understood(Buckets, await this.#send(apiUrl, { ...asked, headers: { authorization: token } }))
    if (!listed.ok) return listed
    const found = listed.value.buckets.find((one) => one.bucketName === bucket)
    return found === undefined
      ? fault('missing', 'no such bucket')
      : fetched({ ...admission, bucketId: found.bucketId })
  }

  async #send(base: string, question: Question): Promise<Fetched<Answer>> {
    const opened = this.#callers.get(base) ?? this.#open(base)
    this.#callers.set(base, opened)
    const caller = await opened
    return caller.ok ? caller.value.ask(question) : caller
  }

  async #open(base: string): Promise<Fetched<Caller>> {
    const url = new URL(base)
    // The token goes there: never in clear where the first address was not.
    if (url.protocol !== new URL(this.#apiAddress).protocol) return fault('unsupported', 'an address of another kind')
    const scheme = url.protocol === 'https:' ? 'https' : 'http'
    const port = Number(url.port) || (scheme === 'https' ? 443 : 80)
    const server: Server = { scheme, to: { host: url.hostname, port }, authority: url.host }
    return openCaller(server, this.#environment, this.#io)
  }
}

export function understood<T>(shape: z.ZodType<T>, answer: Fetched<Answer>): Fetched<T> {
  if (!answer.ok) return answer
  if (answer.value.status !== 200) return faultOfAnswer(answer.value)
  const value = parseAnswer(shape, answer.value)
  return value === undefined ? fault('unsupported', 'an answer that is not understood') : fetched(value)
}
