/**
 * The seam between a reader and where a restic repository lies. It lists and reads; there is nothing here that writes, so no
 * accident can. One folder each backend; retrying, limits and counting are done once, around any of them (`open.ts`).
 */
import type { Secret } from '../../model/secret.ts'
import type { Space } from '../../model/space.ts'
import type { Connections } from './connections.ts'

/** The folders of a repository. `config` is a single file beside them. Source: restic `doc/design.rst`, "Repository Layout". */
export type FileType = 'keys' | 'snapshots' | 'locks' | 'index' | 'data'

export interface StoredFile {
  /** 64 hex digits. */
  readonly name: string
  /** Only when details were asked for. */
  readonly sizeBytes?: number
  /** When it was written, as far as the storage tells; of snapshots and locks, when details were asked for. */
  readonly modifiedAt?: Date
}

export type FileName = 'config' | { readonly type: FileType; readonly name: string }

/** Why a storage did not answer what was asked. Only what is `unreachable` is worth another try. */
export interface Fault {
  readonly kind:
    | 'missing' // no such file
    | 'denied' // credentials or rights
    | 'unreachable' // network, time-outs, HTTP 5xx, a disk that does not answer
    | 'tls' // a certificate that is not accepted
    | 'host-key' // an SSH server that is not the known one
    | 'full' // HTTP 507
    | 'too-large' // more than was allowed
    | 'cut' // not as long as asked for, or no file at all
    | 'unsupported' // an address or an answer this backend does not understand
    | 'cancelled'
    | 'timed-out'
  /** What the system or the server said, in a few words; no secret. */
  readonly detail: string
}
export type Fetched<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly fault: Fault }

export const fetched = <T>(value: T): Fetched<T> => ({ ok: true, value })
export const fault = (kind: Fault['kind'], detail: string): { readonly ok: false; readonly fault: Fault } => ({
  ok: false,
  fault: { kind, detail },
})

export interface ReadWish {
  /** Larger files are not read: `too-large`. Files of a repository are untrusted input. */
  readonly mostBytes: number
  readonly range?: { readonly offset: number; readonly length: number }
}

export interface Storage extends AsyncDisposable {
  /**
   * Complete files only: names of 64 hex digits, each once; a folder that is missing is empty.
   * @param details Sizes and times; asked for where they are cheap, as they may cost the server a look at every file.
   */
  list(type: FileType, details?: boolean): Promise<Fetched<readonly StoredFile[]>>
  read(file: FileName, wish: ReadWish): Promise<Fetched<Uint8Array>>
}

/** What reading cost: requests a server or the system was asked, and bytes that came back. */
export interface Meter {
  requests: number
  bytes: number
}

export interface StorageIo {
  readonly signal: AbortSignal
  readonly meter: Meter
  /** Those that a process shares between its repositories; without it a storage opens its own, and closes them. */
  readonly connections?: Connections
  /** A server that sends nothing for so long is taken for gone. Default: a minute. */
  readonly silenceLimitMs?: number
}

export interface StorageAccess {
  /** In restic's syntax; may hold credentials. */
  readonly url: Secret
  /** Variables of the repository, such as `RESTIC_REST_USERNAME`. Those of our own process do not count. */
  readonly environment: Readonly<Record<string, Secret>>
  /** restic's own, as `-o` takes them: `s3.region=eu-central-1`. */
  readonly options?: readonly string[]
  /** How ssh is started, for storages behind it. */
  readonly ssh?: { readonly argv: readonly string[] }
}

export interface StorageBackend {
  readonly name: string
  /** How many things it does at once. */
  readonly connections: number
  /** Whether an address is one of its own. */
  owns(url: string): boolean
  /** Prepares; the first contact is the first request. Faults: `unsupported`, `denied` (a certificate that cannot be read). */
  open(access: StorageAccess, io: StorageIo): Promise<Fetched<Storage>>
  /** Room in the store, where the backend can tell. */
  space?(access: StorageAccess, io: StorageIo): Promise<Fetched<Space>>
  /**
   * A text that changes whenever something comes or goes that a reading looks at; far cheaper than to look. Undefined where
   * it cannot be trusted now. Backends without it are always listed.
   */
  stamp?(access: StorageAccess): Promise<string | undefined>
  /**
   * Calls `changed` when snapshots come or go. @returns What ends it; undefined where nothing would be heard.
   */
  watch?(access: StorageAccess, changed: () => void): Promise<(() => void) | undefined>
}

/** Whose times somebody asks for: those of a million packs would only need room. */
export const isTimed = (type: FileType): boolean => type === 'snapshots' || type === 'locks'

/** A time that a storage told; none for what is no time. */
export function modified(at: number | undefined): { readonly modifiedAt?: Date } {
  return at === undefined || !Number.isFinite(at) || Math.abs(at) > mostMs ? {} : { modifiedAt: new Date(at) }
}
/** Some 3,000 years: within what every date can be written as. */
const mostMs = 1e14

const completeName = /^[0-9a-f]{64}$/

/** Half-written and foreign files have other names (`…-restic-temp-…`, `*.rest-server-temp*`). */
export const isComplete = (name: string): boolean => completeName.test(name)

/** A name goes into paths and addresses. @throws TypeError for one that was not checked before: a bug */
export function mustBeComplete(name: string): string {
  if (!isComplete(name)) throw new TypeError('not the name of a file of a repository')
  return name
}

/** The value of one of restic's options; the last of several wins. */
export function optionOf({ options = [] }: StorageAccess, key: string): string | undefined {
  return options.findLast((option) => option.startsWith(`${key}=`))?.slice(key.length + 1)
}
