/** What a reader remembers of the repositories it opened, in the memory of this process and nowhere else. */
import { hash } from 'node:crypto'
import type { Lock } from '../../../model/snapshot.ts'
import type { Connections } from '../../storage/connections.ts'
import type { RepositoryAccess } from '../../tools/tool.ts'
import type { CipherKey } from './cipher.ts'

/** An open repository. */
export interface Opened {
  readonly id: string
  readonly version: 1 | 2
  readonly master: CipherKey
  /** Which key the password opened. */
  readonly keyId: string
}

interface Remembered {
  /** What the key was derived from: another password or another list of keys, and it is derived anew. */
  readonly password: string
  readonly keys: string
  readonly keyId: string
  readonly master: CipherKey
}

/** Times of folders are believed for so long; then everything is listed again. */
const wholeLookMs = 3_600_000

export interface Listing {
  readonly stamp: string
  /** By the steady clock. */
  readonly atMs: number
  readonly snapshotIds: readonly string[]
  readonly locks?: readonly Lock[]
  readonly keys?: readonly { readonly id: string }[]
  readonly configHash?: string
}

/** Held by whoever reads again and again; a new one knows nothing. */
export class ReaderMemory {
  readonly #keys = new Map<string, Remembered>()
  readonly #locks = new Map<string, ReadonlyMap<string, Lock>>()
  readonly #listings = new Map<string, Listing>()
  /** Of all readings together; without it each opens its own. */
  readonly connections: Connections | undefined

  constructor(connections?: Connections) {
    this.connections = connections
  }

  /** What the last whole look found, while `stamp` says that it is still so. */
  listing(access: RepositoryAccess, stamp: string, nowMs: number): Listing | undefined {
    const known = this.#listings.get(placeOf(access))
    return known?.stamp === stamp && nowMs - known.atMs < wholeLookMs ? known : undefined
  }

  keepListing(access: RepositoryAccess, listing: Listing | undefined): void {
    if (listing === undefined) this.#listings.delete(placeOf(access))
    else this.#listings.set(placeOf(access), listing)
  }

  master(access: RepositoryAccess, password: string, keyIds: readonly string[]): Remembered | undefined {
    const known = this.#keys.get(placeOf(access))
    return known?.password === digest(password) && known.keys === keyIds.join() ? known : undefined
  }

  keepMaster(
    access: RepositoryAccess,
    password: string,
    keyIds: readonly string[],
    opened: Omit<Opened, 'id' | 'version'>,
  ): void {
    const { master, keyId } = opened
    this.#keys.set(placeOf(access), { password: digest(password), keys: keyIds.join(), master, keyId })
  }

  /** Whether the password is another than the one that opened this repository before. */
  hasOtherPassword(access: RepositoryAccess): boolean {
    const known = this.#keys.get(placeOf(access))
    return known !== undefined && known.password !== digest(passwordOf(access) ?? '')
  }

  /** Whether keys came or went since it was opened: the password may open nothing any more. */
  hasOtherKeys(access: RepositoryAccess, keyIds: readonly string[]): boolean {
    const known = this.#keys.get(placeOf(access))
    return known !== undefined && known.keys !== keyIds.join()
  }

  /** Locks read before; a file never changes, so none is read twice. */
  locks(access: RepositoryAccess): ReadonlyMap<string, Lock> {
    return this.#locks.get(placeOf(access)) ?? new Map()
  }

  keepLocks(access: RepositoryAccess, locks: readonly Lock[]): void {
    this.#locks.set(placeOf(access), new Map(locks.map((lock) => [lock.id, lock])))
  }
}

/** One line that is not empty, as the program wants it; a last line end does not count. */
export function passwordOf({ password }: RepositoryAccess): string | undefined {
  const text = password?.reveal().replace(/\r?\n$/, '') ?? ''
  return text === '' || /[\r\n]/.test(text) ? undefined : text
}

const digest = (text: string): string => hash('sha256', text, 'hex')
const placeOf = (access: RepositoryAccess): string => `${access.name}\n${digest(access.url.reveal())}`
