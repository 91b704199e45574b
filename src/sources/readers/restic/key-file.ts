/** The files in `keys/`: plain JSON, and untrusted input. Source: restic `doc/design.rst`, "Keys, Encryption and MAC". */
import { scrypt } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { z } from 'zod'
import { openGate } from '../../../system/gate.ts'
import { CipherKey, overhead } from './cipher.ts'

/** restic's own are below 500 bytes. */
export const mostKeyBytes = 64 * 1024

/**
 * What deriving a key may cost. restic chooses for half a second and 60 MB on the machine that makes the key (N=32768, r=8, p up to
 * about 20 today); a key file that asks for more than ten times that is an attack or a mistake.
 */
const mostMemoryBytes = 128 * 1024 * 1024
const mostWork = 2 ** 24

const power = (value: number): boolean => value > 1 && Number.isInteger(Math.log2(value))

const KeyJson = z.object({
  kdf: z.literal('scrypt'),
  N: z.int().positive().refine(power),
  r: z.int().positive(),
  p: z.int().positive(),
  salt: z.base64().transform((text) => Buffer.from(text, 'base64')),
  data: z.base64().transform((text) => Buffer.from(text, 'base64')),
})

export interface KeyFile {
  readonly N: number
  readonly r: number
  readonly p: number
  readonly salt: Uint8Array
  /** The master key, sealed with the key that the password makes. */
  readonly data: Uint8Array
}

export type KeyFileRead =
  | { readonly ok: true; readonly value: KeyFile }
  /** `costly`: well formed, but deriving it would take too much memory or time. */
  | { readonly ok: false; readonly why: 'not a key' | 'costly' }

/** Reads a key file. Never throws, and checks what scrypt would cost before anybody runs it. */
export function readKeyFile(bytes: Uint8Array): KeyFileRead {
  const key = KeyJson.safeParse(parseJson(bytes)).data
  if (key === undefined || key.salt.length !== 64 || key.data.length <= overhead) return { ok: false, why: 'not a key' }
  const { N, r, p } = key
  if (128 * r * (N + p) > mostMemoryBytes || N * r * p > mostWork) return { ok: false, why: 'costly' }
  return { ok: true, value: key }
}

/** Memory of a derivation is N·r·128 bytes, so no more of them at once than there are processors to work on them. */
const gate = openGate(availableParallelism())

/**
 * Opens a key file: scrypt in the thread pool, then the sealed master key.
 * @returns undefined when the password does not open it.
 */
export async function openKeyFile(key: KeyFile, password: string): Promise<Uint8Array | undefined> {
  const { N, r, p, salt, data } = key
  const derived = await gate(
    () =>
      new Promise<Buffer>((resolve, reject) =>
        scrypt(password, salt, 64, { N, r, p, maxmem: 2 * mostMemoryBytes }, (error, bytes) =>
          error === null ? resolve(bytes) : reject(error),
        ),
      ),
  )
  const user = CipherKey.from({
    encrypt: derived.subarray(0, 32),
    k: derived.subarray(32, 48),
    r: derived.subarray(48, 64),
  })
  derived.fill(0)
  return user?.open(data)
}

const bytesOf = (length: number) =>
  z
    .base64()
    .transform((text) => Buffer.from(text, 'base64'))
    .refine((bytes) => bytes.length === length)

const MasterJson = z.object({ mac: z.object({ k: bytesOf(16), r: bytesOf(16) }), encrypt: bytesOf(32) })

/** Reads an opened master key: `{"mac":{"k","r"},"encrypt"}`, base64. @returns undefined for anything else. */
export function readMasterKey(bytes: Uint8Array): CipherKey | undefined {
  const master = MasterJson.safeParse(parseJson(bytes)).data
  return master === undefined ? undefined : CipherKey.from({ encrypt: master.encrypt, ...master.mac })
}

const Created = z.object({ created: z.iso.datetime({ offset: true }).transform((text) => new Date(text)) })

/** When a key file says it was made; undefined where it says nothing sensible. */
export const keyCreatedAt = (bytes: Uint8Array): Date | undefined => Created.safeParse(parseJson(bytes)).data?.created

/** JSON of any bytes, or undefined. Invalid UTF-8 becomes U+FFFD, as Go does it. */
export function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'))
  } catch {
    return undefined
  }
}
