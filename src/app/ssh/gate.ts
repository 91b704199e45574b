/**
 * The gate every ssh passes, whoever speaks it: which host keys count for a server. What passed is written to a file of its own, and
 * that file alone is handed on, so that nothing else that stands in Muster's own file, or is put there later, lets anybody in.
 */
import { mkdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Repository } from '../../config/schema.ts'
import { fail, ok, type Problem, type Result } from '../../model/problem.ts'
import { replaceFile } from '../../system/replace-file.ts'
import {
  fingerprintOf,
  lookupName,
  parseKnownHosts,
  speaksOf,
  typeName,
  writeLine,
} from '../../system/ssh/known-hosts.ts'
import type { SshPlace } from '../../system/ssh/place.ts'
import { scanHost } from '../../system/ssh/scan.ts'
import type { SshSettings } from '../../system/ssh/settings.ts'
import type { App } from '../context.ts'
import {
  changedPins,
  loadPins,
  type PinnedKey,
  type Pins,
  pinFile,
  revokedKey,
  revokedKeys,
  writePins,
} from './pins.ts'

/** A key, or an authority that vouches for keys; the latter only where the configuration says so. */
export type TrustedKey = PinnedKey & { readonly marker?: 'cert-authority' }

export interface Configured {
  readonly keys: readonly TrustedKey[]
  readonly fingerprints: readonly string[]
}

/** As `muster hostkeys` takes it: by the name in the address, which the user's settings may lead elsewhere. */
export const writtenHost = ({ host, port }: SshPlace): string =>
  port === undefined || port === 22 ? host : host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`

/** What the configuration says of a server, by the name in it or the one it leads to. */
export function configuredPins(
  app: App,
  repository: Repository | undefined,
  place: SshPlace,
  settings: SshSettings,
): Configured {
  // By a name of the user's settings too; with a port it is another server than without.
  const names = new Set([
    settings.name,
    place.port === undefined ? place.host.toLowerCase() : lookupName(place.host, place.port),
  ])
  const all = [...(repository?.ssh.knownHosts ?? []), ...(app.config.ssh.knownHosts ?? [])]
  const fingerprints: string[] = []
  const keys: TrustedKey[] = []
  for (const text of all) {
    const words = text.trim().split(/\s+/)
    const last = words.at(-1) ?? ''
    const isMine = (list: string): boolean => [...names].some((name) => speaksOf({ names: list.split(',') }, name))
    if (last.startsWith('SHA256:') && words.length < 3) {
      if (words.length === 1 || isMine(words[0] ?? '')) fingerprints.push(last)
    } else
      for (const { names: list, type, key, marker } of parseKnownHosts(text))
        if (isMine(list.join())) keys.push({ type, key, ...(marker === 'cert-authority' && { marker }) })
  }
  return { keys, fingerprints }
}

/**
 * The keys that count for a server. Pins those of one that is met for the first time, only where the configuration says so.
 * @returns `ssh.host-key-unknown`, `ssh.pins-changed`, `ssh.fingerprint-differs`, and what `scanHost` says.
 */
export async function trustedKeys(
  app: App,
  name: string,
  repository: Repository,
  place: SshPlace,
  settings: SshSettings,
  signal: AbortSignal,
): Promise<Result<readonly TrustedKey[]>> {
  const host = writtenHost(place)
  const configured = configuredPins(app, repository, place, settings)
  const isFingered = (key: PinnedKey): boolean => configured.fingerprints.includes(fingerprintOf(key))
  const isDeclared = configured.keys.length + configured.fingerprints.length > 0
  const pins = await steadyPins(app, settings.name)
  if (pins.changed !== undefined && configured.keys.length === 0) return fail(changedPins(host, pinFile(app)))
  // What the configuration says of a server is all that counts for it.
  const known = isDeclared ? [...configured.keys, ...pins.keys.filter(isFingered)] : pins.keys
  if (known.length > 0) return ok(known)
  const firstUse = repository.ssh.firstUse ?? app.config.ssh.firstUse ?? 'refuse'
  const mayLearn = configured.fingerprints.length > 0 || firstUse === 'accept'
  if (!mayLearn) return fail(unknownHost(host))
  const scan = await scanHost(place, settings, signal)
  if (!scan.ok) return scan
  const revoked = await revokedKeys(settings)
  const shown = scan.value.keys.filter(({ key }) => !revoked.some((one) => one.key === key))
  const [back] = revoked
  if (shown.length === 0 && back !== undefined) return fail(revokedKey(host, back))
  const fitting = isDeclared ? shown.filter(isFingered) : shown
  if (fitting.length === 0) return fail(differs(host, scan.value.keys))
  await writePins(app, settings.name, fitting)
  app.log.warn({ repository: name, host }, `pinned ${fitting.length} host keys of ${host}, which was not known before`)
  return ok(fitting)
}

/** Another process may be between its two steps. */
async function steadyPins(app: App, name: string): Promise<Pins> {
  const pins = await loadPins(app, name)
  if (pins.changed === undefined) return pins
  await pause(250)
  return loadPins(app, name)
}

/** Lines of a file of host keys, under the name by which they are looked up. */
export const linesFor = (name: string, keys: readonly TrustedKey[]): string =>
  keys.map((key) => `${key.marker === undefined ? '' : `@${key.marker} `}${writeLine(name, key)}\n`).join('')

/** Writes what passed the gate, where it does not stand there yet. @returns Its path, or `ssh.state-path`. */
export async function passFile(app: App, name: string, text: string): Promise<Result<string>> {
  const path = join(dirname(pinFile(app)), 'known_hosts.d', name)
  if (/["'\\]|\$\{/.test(path)) return fail(unusablePath(path))
  if ((await readFile(path, 'utf8').catch(() => undefined)) === text) return ok(path)
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  await replaceFile(path, text)
  return ok(path)
}

const unknownHost = (host: string): Problem => ({
  code: 'ssh.host-key-unknown',
  message: `The SSH server ${host} is not known: none of its host keys is pinned.`,
  next: `Pin it once: \`muster hostkeys trust ${host}\`. It shows the fingerprints beside those in your own known_hosts.`,
  retry: 'never',
  context: { host },
})

const differs = (host: string, keys: readonly PinnedKey[]): Problem => ({
  code: 'ssh.fingerprint-differs',
  message: `The SSH server ${host} shows none of the keys that the configuration names, but ${keys.map((key) => `${typeName(key.type)} ${fingerprintOf(key)}`).join(', ')}.`,
  next: 'Compare with what the provider publishes. Only if it is right, put it under `ssh.knownHosts`.',
  retry: 'never',
  context: { host },
})

const unusablePath = (path: string): Problem => ({
  code: 'ssh.state-path',
  message: `The path ${path} has quotes or a backslash in it, which cannot be told to ssh by every tool.`,
  next: 'Choose another folder with `state`.',
  retry: 'never',
})
