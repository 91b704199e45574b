/**
 * The host keys that Muster trusts: a file of its own in the state folder, one line a server and type of key. The ledger
 * remembers what was written, so that keys which somebody else put there are told and not trusted.
 */
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Problem } from '../../model/problem.ts'
import { replaceFile, withFileLock } from '../../system/replace-file.ts'
import {
  fingerprintOf,
  type HostLine,
  lookupName,
  parseKnownHosts,
  speaksOf,
  typeName,
  writeLine,
} from '../../system/ssh/known-hosts.ts'
import type { SshSettings } from '../../system/ssh/settings.ts'
import { type App, stateFolder } from '../context.ts'

/** A line of a file, and which. */
export type FoundLine = HostLine & { readonly file: string }

export type PinnedKey = Pick<HostLine, 'type' | 'key'>
/** As it stands in the file: an authority, or a key that was taken back, is never written by Muster. */
export type FiledKey = Pick<HostLine, 'type' | 'key' | 'marker'>

export const pinFile = (app: Pick<App, 'config' | 'env'>): string =>
  join(stateFolder(app.config.state, app.env), 'known_hosts')

/** What stands in a file of host keys; nothing where there is none. */
export const loadKnownHosts = async (path: string): Promise<readonly HostLine[]> =>
  parseKnownHosts(await readFile(path, 'utf8').catch(() => ''))

const metaKey = (name: string): string => `ssh/pins/${name}`

/** In an order of their own, so that they can be compared. */
const written = (keys: readonly FiledKey[]): string =>
  keys
    .map(({ type, key, marker }) => `${marker === undefined ? '' : `@${marker} `}${type} ${key}`)
    .sort()
    .join('\n')

export interface Pins {
  readonly keys: readonly PinnedKey[]
  /** What was pinned and is not what stands there now. */
  readonly changed?: { readonly lost: readonly PinnedKey[]; readonly foreign: readonly FiledKey[] }
}

/**
 * What is pinned for a server, compared with what was written: by every line that speaks of it, also those with a wildcard or a
 * marker. A file that came before its ledger is taken as it is, but for authorities, which speak of servers nobody looked at.
 */
export async function loadPins(app: App, name: string): Promise<Pins> {
  const filed = (await loadKnownHosts(pinFile(app))).filter((line) => speaksOf(line, name))
  const keys = filed.filter(({ marker }) => marker === undefined)
  const remembered = await app.ledger.readMeta(metaKey(name))
  const marked = filed.filter(({ marker }) => marker !== undefined)
  if (remembered === undefined && marked.length > 0) return { keys, changed: { lost: [], foreign: marked } }
  if (remembered === undefined) {
    if (keys.length > 0) await app.ledger.writeMeta(metaKey(name), written(keys))
    return { keys }
  }
  if (remembered === written(filed)) return { keys }
  const old = remembered.split('\n').flatMap((line) => {
    const [type = '', key = ''] = line.split(' ')
    return type === '' ? [] : [{ type, key }]
  })
  const isIn = (all: readonly FiledKey[], one: FiledKey): boolean =>
    all.some(({ key, marker }) => key === one.key && marker === one.marker)
  return {
    keys,
    changed: { lost: old.filter((one) => !isIn(keys, one)), foreign: filed.filter((one) => !isIn(old, one)) },
  }
}

/** Pins exactly these keys for a server; lines that do not speak of it stay as they are. Throws what the system answers. */
export async function writePins(app: App, name: string, keys: readonly PinnedKey[]): Promise<void> {
  const path = pinFile(app)
  await withFileLock(path, async () => {
    const others = (await loadKnownHosts(path)).filter((line) => !speaksOf(line, name))
    const lines = [...others.map(({ text }) => text), ...keys.map((key) => writeLine(name, key))]
    // First what is to be: who looks between the two sees a change, and looks again.
    await app.ledger.writeMeta(metaKey(name), written(keys))
    await replaceFile(path, `${lines.join('\n')}\n`)
  })
}

/** Keys that the user's own files say were taken back (`@revoked`), for a server. ssh refuses these, whatever else is known. */
export async function revokedKeys({ host, name, knownHostsFiles }: SshSettings): Promise<readonly FoundLine[]> {
  const all: FoundLine[] = []
  for (const file of knownHostsFiles) all.push(...(await loadKnownHosts(file)).map((line) => ({ ...line, file })))
  const names = [name, lookupName(host, 22)]
  return all.filter((line) => line.marker === 'revoked' && names.some((one) => speaksOf(line, one)))
}

/** Names with a line in the file. */
export const namesIn = (lines: readonly HostLine[]): readonly string[] => [
  ...new Set(lines.flatMap(({ names }) => names)),
]

export interface PinWatch {
  /** Whether the file is another one than at the last question. */
  isChanged(): Promise<boolean>
}

export function watchPins(path: () => string): PinWatch {
  let before: string | undefined
  return {
    async isChanged() {
      const about = await stat(path()).catch(() => undefined)
      const now = about === undefined ? 'none' : `${about.ino} ${about.size} ${about.mtimeMs}`
      const is = before !== undefined && before !== now
      before = now
      return is
    },
  }
}

export const changedPins = (host: string, path: string): Problem => ({
  code: 'ssh.pins-changed',
  message: `The pinned host keys of ${host} in ${path} are not those that Muster wrote: something else changed the file. They are not trusted.`,
  next: `Find out what did. \`muster hostkeys scan ${host}\` shows what the server shows and what was pinned; \`muster hostkeys trust ${host}\` pins it anew.`,
  retry: 'never',
  context: { host },
})

export const revokedKey = (host: string, { type, key, file, number }: FoundLine): Problem => ({
  code: 'ssh.key-revoked',
  message: `${host} shows the ${typeName(type)} key ${fingerprintOf({ key })}, of which ${file}:${number} says that it was taken back (@revoked). Nothing was changed.`,
  next: `Do not trust it: ask whoever runs the server for new keys. Only if that line is wrong, take it out and try again: \`muster hostkeys trust ${host}\`.`,
  retry: 'never',
  context: { host },
})
