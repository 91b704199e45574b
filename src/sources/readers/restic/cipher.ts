/** The cryptography of a repository. Source: restic `doc/design.rst`, "Keys, Encryption and MAC"; `internal/crypto/crypto.go`. */
import {
  type Cipheriv,
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  type KeyObject,
  timingSafeEqual,
} from 'node:crypto'
import { poly1305 } from '@noble/ciphers/_poly1305.js'

const ivLength = 16
const macLength = 16

/** What a sealed blob is longer than its content. */
export const overhead = ivLength + macLength

export interface KeyMaterial {
  /** 32 bytes, AES-256. */
  readonly encrypt: Uint8Array
  /** 16 bytes each, for Poly1305-AES. */
  readonly k: Uint8Array
  readonly r: Uint8Array
}

/**
 * Opens what was sealed with one key: `IV(16) | ciphertext | MAC(16)`. The MAC is Poly1305-AES over the ciphertext alone and is
 * checked before anything is decrypted; the cipher is AES-256 in counter mode, the IV its first 128-bit counter.
 */
export class CipherKey {
  /** As objects, not bytes: importing a key costs six times the decryption of a small file. */
  readonly #encrypt: KeyObject
  /** One object for all nonces: making one costs twenty times its use. */
  readonly #nonceCipher: Cipheriv
  readonly #r: Uint8Array

  private constructor({ encrypt, k, r }: KeyMaterial) {
    this.#encrypt = createSecretKey(encrypt)
    this.#nonceCipher = createCipheriv('aes-128-ecb', k, null).setAutoPadding(false)
    this.#r = Uint8Array.from(r)
  }

  /** @returns undefined for keys of a wrong length or of zeros alone, which restic refuses as well. */
  static from(material: KeyMaterial): CipherKey | undefined {
    const { encrypt, k, r } = material
    const lengths = encrypt.length === 32 && k.length === 16 && r.length === 16
    return !lengths || [encrypt, k, r].some(isZero) ? undefined : new CipherKey(material)
  }

  /** @returns The content, or undefined when it was not sealed with this key, or was changed since. Never throws. */
  open(sealed: Uint8Array): Uint8Array | undefined {
    if (sealed.length < overhead) return undefined
    const iv = sealed.subarray(0, ivLength)
    const ciphertext = sealed.subarray(ivLength, -macLength)
    if (isZero(iv) || !timingSafeEqual(this.authenticate(iv, ciphertext), sealed.subarray(-macLength))) return undefined
    return createDecipheriv('aes-256-ctr', this.#encrypt, iv).update(ciphertext)
  }

  /** Poly1305-AES; the one-time key is `r | AES-128_k(nonce)`. Source: Bernstein, "The Poly1305-AES message-authentication code". */
  authenticate(nonce: Uint8Array, message: Uint8Array): Uint8Array {
    const oneTime = new Uint8Array(32)
    oneTime.set(this.#r)
    oneTime.set(this.#nonceCipher.update(nonce), 16)
    return poly1305(message, oneTime)
  }
}

const isZero = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === 0)
