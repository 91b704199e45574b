/** Signed questions to one bucket, in the region where it is. */
import { AwsV4Signer } from 'aws4fetch'
import type { Answer, Server } from '../ask.ts'
import { type Caller, openCaller } from '../caller.ts'
import { type Fetched, fetched, type StorageAccess, type StorageIo } from '../storage.ts'
import { type Bucket, serverOf } from './address.ts'
import type { Credentials } from './credentials.ts'
import { refusalOf } from './faults.ts'

/** Room for what a server says when it refuses. */
const leastBytes = 16 * 1024

export interface SignedQuestion {
  /** Empty for the bucket itself. */
  readonly key: string
  readonly query?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
  readonly mostBytes: number
}

export interface Signed {
  (question: SignedQuestion): Promise<Fetched<Answer>>
  close(): Promise<void>
}

export async function openSigned(
  bucket: Bucket,
  { keyId, secret, token }: Credentials,
  environment: StorageAccess['environment'],
  io: StorageIo,
  to?: Server['to'],
): Promise<Fetched<Signed>> {
  const callers = new Map<string, Promise<Fetched<Caller>>>()
  const keys = new Map<string, ArrayBuffer>()
  let region = bucket.region

  const askIn = async (question: SignedQuestion, where: string): Promise<Fetched<Answer>> => {
    const { server, root } = serverOf(bucket, where, to)
    const opened = callers.get(server.authority) ?? openCaller(server, environment, io)
    callers.set(server.authority, opened)
    const caller = await opened
    if (!caller.ok) return caller
    const path = `${pathTo(root, question.key)}${queryText(question.query)}`
    const signer = new AwsV4Signer({
      url: `${server.scheme}://${server.authority}${path}`,
      headers: { 'x-amz-content-sha256': sha256OfNothing },
      accessKeyId: keyId,
      secretAccessKey: secret,
      ...(token !== undefined && { sessionToken: token }),
      service: 's3',
      region: where,
      cache: keys,
    })
    const headers = { ...Object.fromEntries((await signer.sign()).headers), ...question.headers }
    return caller.value.ask({ path, headers, mostBytes: Math.max(question.mostBytes, leastBytes) })
  }

  const ask = async (question: SignedQuestion): Promise<Fetched<Answer>> => {
    const asked = region
    let answer = await askIn(question, asked)
    if (answer.ok && (answer.value.status === 301 || answer.value.status === 400)) {
      const better = refusalOf(answer.value).region
      if (better !== undefined && better !== asked) {
        region = better
        answer = await askIn(question, better)
      }
    }
    // Room for a refusal is no room for a file.
    return answer.ok && answer.value.status < 300 && answer.value.body.length > question.mostBytes
      ? { ok: false, fault: { kind: 'too-large', detail: `more than ${question.mostBytes} bytes` } }
      : answer
  }
  const close = async (): Promise<void> => {
    for (const caller of await Promise.all(callers.values())) if (caller.ok) caller.value.close()
  }
  return fetched(Object.assign(ask, { close }))
}

const sha256OfNothing = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

/** As a signature wants it: all but letters, digits and `-._~` by their bytes. */
const escapedPart = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
/** The bucket in a path has no slash behind it: servers differ in how they sign one. */
const pathTo = (root: string, key: string): string =>
  key === '' && root !== '' ? root : `${root}/${key.split('/').map(escapedPart).join('/')}`

function queryText(query: SignedQuestion['query'] = {}): string {
  const pairs = Object.entries(query).map(([name, value]) => `${escapedPart(name)}=${escapedPart(value)}`)
  return pairs.length === 0 ? '' : `?${pairs.sort().join('&')}`
}
