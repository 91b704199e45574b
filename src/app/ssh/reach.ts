/** The ssh of a repository: who it reaches, and the file of host keys that counts for it. */
import { mkdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Repository } from '../../config/schema.ts'
import { fail, ok, type Problem, type Result } from '../../model/problem.ts'
import { tools } from '../../sources/tools/registry.generated.ts'
import type { SshCommand, Tool } from '../../sources/tools/tool.ts'
import { replaceFile } from '../../system/replace-file.ts'
import { sshArgv } from '../../system/ssh/command.ts'
import {
  fingerprintOf,
  lookupName,
  parseKnownHosts,
  speaksOf,
  typeName,
  writeLine,
} from '../../system/ssh/known-hosts.ts'
import { placeOfUrl, type SshPlace } from '../../system/ssh/place.ts'
import { scanHost } from '../../system/ssh/scan.ts'
import { loadSettings, type SshSettings } from '../../system/ssh/settings.ts'
import type { App } from '../context.ts'
import { changedPins, loadPins, type PinnedKey, type Pins, pinFile, writePins } from './pins.ts'

/** Where a repository is reached over ssh; undefined where it is not, or by a program of the user's own. */
export function placeOf(tool: Tool, repository: Repository): SshPlace | undefined {
  const options = 'options' in repository && Array.isArray(repository.options) ? repository.options : []
  const place = tool.sshPlace === undefined ? placeOfUrl(repository.url) : tool.sshPlace(repository.url, options)
  const { port } = repository.ssh
  return place === undefined || place.port !== undefined || port === undefined ? place : { ...place, port }
}

/** The repositories that are reached over ssh. */
export const overSsh = ({ config }: Pick<App, 'config'>): readonly string[] =>
  Object.entries(config.repositories)
    .filter(([, repository]) => placeOf(tools[repository.tool as keyof typeof tools], repository) !== undefined)
    .map(([name]) => name)

/** As `muster hostkeys` takes it: by the name in the address, which the user's settings may lead elsewhere. */
export const writtenHost = ({ host, port }: SshPlace): string =>
  port === undefined || port === 22 ? host : host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`

/**
 * How ssh is to be started for a repository. Pins the host keys of a server that is met for the first time, only where the
 * configuration says so.
 * @param place Another one than that of the address, such as another port.
 * @returns `ssh.host-key-unknown`, `ssh.pins-changed`, `ssh.fingerprint-differs`, and what `loadSettings` and `scanHost` say.
 */
export async function sshFor(
  app: App,
  name: string,
  repository: Repository,
  place: SshPlace,
  signal = new AbortController().signal,
): Promise<Result<SshCommand>> {
  const settings = await loadSettings(place, signal)
  if (!settings.ok) return settings
  const knownHosts = await knownHostsFor(app, name, repository, place, settings.value, signal)
  if (!knownHosts.ok) return knownHosts
  const identity = repository.ssh.identity ?? app.config.ssh.identity
  const whole = identity === undefined ? undefined : resolve(identity)
  const { jump } = settings.value
  const argv = sshArgv({
    knownHosts: knownHosts.value,
    ...(whole !== undefined && { identity: whole }),
    ...(jump !== undefined && { jump }),
  })
  // A port of the settings alone is not in the address that the tool gives to ssh.
  const port = repository.ssh.port === undefined ? [] : ['-p', String(place.port ?? repository.ssh.port)]
  return ok({
    argv: [...argv, ...port],
    knownHosts: knownHosts.value,
    ...(whole !== undefined && { identity: whole }),
  })
}

/** For tools that speak ssh themselves, to servers that only they know. */
export const unplacedSsh = (app: App, repository: Repository): SshCommand => {
  const identity = repository.ssh.identity ?? app.config.ssh.identity
  const [knownHosts, whole] = [pinFile(app), identity === undefined ? undefined : resolve(identity)]
  return {
    argv: sshArgv({ knownHosts, ...(whole !== undefined && { identity: whole }) }),
    knownHosts,
    ...(whole !== undefined && { identity: whole }),
  }
}

export interface Configured {
  readonly keys: readonly (PinnedKey & { readonly marker?: 'cert-authority' })[]
  readonly fingerprints: readonly string[]
}

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
  const keys: Configured['keys'][number][] = []
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

async function knownHostsFor(
  app: App,
  name: string,
  repository: Repository,
  place: SshPlace,
  settings: SshSettings,
  signal: AbortSignal,
): Promise<Result<string>> {
  const path = pinFile(app)
  if (/["'\\]|\$\{/.test(path)) return fail(unusablePath(path))
  const host = writtenHost(place)
  const configured = configuredPins(app, repository, place, settings)
  const isFingered = (key: PinnedKey): boolean => configured.fingerprints.includes(fingerprintOf(key))
  const isDeclared = configured.keys.length + configured.fingerprints.length > 0
  let pins = await steadyPins(app, settings.name)
  if (pins.changed !== undefined && configured.keys.length === 0) return fail(changedPins(host, path))
  const firstUse = repository.ssh.firstUse ?? app.config.ssh.firstUse ?? 'refuse'
  const mayLearn = configured.fingerprints.length > 0 || (firstUse === 'accept' && !isDeclared)
  const isKnown =
    configured.keys.length > 0 ||
    (configured.fingerprints.length > 0 ? pins.keys.some(isFingered) : pins.keys.length > 0)
  if (!isKnown) {
    if (!mayLearn) return fail(unknownHost(host))
    const scan = await scanHost(place, settings, signal)
    if (!scan.ok) return scan
    const fitting = configured.fingerprints.length > 0 ? scan.value.keys.filter(isFingered) : scan.value.keys
    if (fitting.length === 0) return fail(differs(host, scan.value.keys))
    await writePins(app, settings.name, fitting)
    pins = { keys: fitting }
    app.log.warn(
      { repository: name, host },
      `pinned ${fitting.length} host keys of ${host}, which was not known before`,
    )
  }
  if (!isDeclared) return ok(path)
  // What the configuration says of a server is all that counts for it.
  const keys = [...configured.keys, ...pins.keys.filter(isFingered)]
  const lines = keys.map(
    (key) =>
      `${'marker' in key && key.marker !== undefined ? '@cert-authority ' : ''}${writeLine(settings.name, key)}\n`,
  )
  return ok(await declaredFile(app, `${name}-${settings.port}`, lines.join('')))
}

/** Another process may be between its two steps. */
async function steadyPins(app: App, name: string): Promise<Pins> {
  const pins = await loadPins(app, name)
  if (pins.changed === undefined) return pins
  await pause(250)
  return loadPins(app, name)
}

async function declaredFile(app: App, name: string, text: string): Promise<string> {
  const path = join(dirname(pinFile(app)), 'known_hosts.d', name)
  if ((await readFile(path, 'utf8').catch(() => undefined)) === text) return path
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  await replaceFile(path, text)
  return path
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
