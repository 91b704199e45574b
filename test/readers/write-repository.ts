/** Writes small repositories without restic: with cheap keys, chosen content, and faults that restic would never make. */
import { createCipheriv, hash, randomBytes, scryptSync } from 'node:crypto'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { zstdCompressSync } from 'node:zlib'
import { poly1305 } from '@noble/ciphers/_poly1305.js'

export interface Material {
  readonly encrypt: Uint8Array
  readonly k: Uint8Array
  readonly r: Uint8Array
}

export const newMaterial = (): Material => ({ encrypt: randomBytes(32), k: randomBytes(16), r: randomBytes(16) })

/** `IV | AES-256-CTR | Poly1305-AES of the ciphertext`. */
export function seal({ encrypt, k, r }: Material, content: Uint8Array, iv: Uint8Array = randomBytes(16)): Buffer {
  const ciphertext = createCipheriv('aes-256-ctr', encrypt, iv).update(content)
  const nonce = createCipheriv('aes-128-ecb', k, null).setAutoPadding(false).update(iv)
  return Buffer.concat([iv, ciphertext, poly1305(ciphertext, Buffer.concat([r, nonce]))])
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')

export interface KeyWish {
  readonly N?: number
  readonly r?: number
  readonly p?: number
  /** Fields that replace those of a good key. */
  readonly more?: object
}

/** A key file; with N=2, r=1, p=1 a derivation costs microseconds. */
export function keyFile(master: Material, password: string, { N = 2, r = 1, p = 1, more = {} }: KeyWish = {}): Buffer {
  const salt = randomBytes(64)
  const derived = scryptSync(password, salt, 64, { N, r, p, maxmem: 2 ** 30 })
  const user = { encrypt: derived.subarray(0, 32), k: derived.subarray(32, 48), r: derived.subarray(48, 64) }
  const content = { mac: { k: base64(master.k), r: base64(master.r) }, encrypt: base64(master.encrypt) }
  const data = base64(seal(user, Buffer.from(JSON.stringify(content))))
  return Buffer.from(
    JSON.stringify({
      created: '2026-11-21T02:15:00Z',
      username: 'u',
      hostname: 'h',
      kdf: 'scrypt',
      N,
      r,
      p,
      salt: base64(salt),
      data,
      ...more,
    }),
  )
}

export const snapshotJson = (more: object = {}): object => ({
  time: '2026-11-21T02:15:00.123456789+01:00',
  tree: 'ab'.repeat(32),
  paths: ['/srv'],
  hostname: 'alpha',
  username: 'root',
  tags: ['daily'],
  program_version: 'restic 0.18.0',
  summary: { total_bytes_processed: 7, total_files_processed: 2 },
  ...more,
})

const lockJson = (more: object = {}): object => ({
  time: '2026-11-21T02:16:00.5Z',
  exclusive: false,
  hostname: 'alpha',
  username: 'root',
  pid: 4711,
  ...more,
})

export class WrittenRepository {
  readonly folder: string
  readonly master: Material
  readonly version: 1 | 2

  constructor(folder: string, version: 1 | 2 = 2, master = newMaterial()) {
    this.folder = folder
    this.version = version
    this.master = master
    for (const type of ['data', 'index', 'keys', 'locks', 'snapshots'])
      mkdirSync(join(folder, type), { recursive: true })
    this.config({ version, id: hash('sha256', randomBytes(8), 'hex'), chunker_polynomial: '25b468838dcb75' })
  }

  config(content: object): void {
    writeFileSync(join(this.folder, 'config'), seal(this.master, Buffer.from(JSON.stringify(content))))
  }

  key(password: string, wish: KeyWish = {}): string {
    return this.raw('keys', keyFile(this.master, password, wish))
  }

  snapshot(more: object = {}, compress = this.version === 2): string {
    return this.sealed('snapshots', Buffer.from(JSON.stringify(snapshotJson(more))), compress)
  }

  lock(more: object = {}, compress = this.version === 2): string {
    return this.sealed('locks', Buffer.from(JSON.stringify(lockJson(more))), compress)
  }

  sealed(type: string, content: Uint8Array, compress: boolean): string {
    const packed = compress ? Buffer.concat([Buffer.from([2]), zstdCompressSync(content)]) : content
    return this.raw(type, seal(this.master, packed))
  }

  /** Any bytes, under the name they make or another. */
  raw(type: string, bytes: Uint8Array, name = hash('sha256', bytes, 'hex')): string {
    writeFileSync(join(this.folder, type, name), bytes)
    return name
  }

  remove(type: string, name: string): void {
    rmSync(join(this.folder, type, name))
  }
}
