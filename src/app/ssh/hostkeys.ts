/** What `muster hostkeys` does: scan a server, pin what it shows, list what is pinned. */
import type { HostKey, HostKeyReport, PinnedHost, ShownHostKey } from '../../model/host-key.ts'
import { type Agreement, isContradicted, isVouchedFor } from '../../model/host-key.ts'
import { fail, ok, type Problem, type Result } from '../../model/problem.ts'
import { fingerprintOf, keysOf, lookupName, typeName } from '../../system/ssh/known-hosts.ts'
import { parseHost, type SshPlace } from '../../system/ssh/place.ts'
import { type ScannedKey, scanHost } from '../../system/ssh/scan.ts'
import { loadSettings, type SshSettings } from '../../system/ssh/settings.ts'
import type { App } from '../context.ts'
import { type Configured, configuredPins } from './gate.ts'
import {
  type FoundLine,
  loadKnownHosts,
  loadPins,
  namesIn,
  type PinnedKey,
  type Pins,
  pinFile,
  revokedKey,
  revokedKeys,
  writePins,
} from './pins.ts'

export interface Scanned {
  readonly report: HostKeyReport
  readonly scanned: readonly ScannedKey[]
  readonly pins: Pins
  /** Lines of the user that say which keys were taken back. */
  readonly revoked: readonly FoundLine[]
}

const hostKeyOf = ({ type, key }: PinnedKey): HostKey => ({
  type: typeName(type),
  fingerprint: fingerprintOf({ key }),
})

/** The lines of the user's files that ssh goes by: those of the very name, else those of the name without a port. */
async function linesOfUser({ name, host, port, knownHostsFiles }: SshSettings): Promise<readonly FoundLine[]> {
  const all: FoundLine[] = []
  for (const file of knownHostsFiles) all.push(...(await loadKnownHosts(file)).map((line) => ({ ...line, file })))
  const exact = keysOf(all, name) as readonly FoundLine[]
  // Source: openssh `sshconnect.c`, "checking without port identifier".
  return exact.length > 0 || port === 22 ? exact : (keysOf(all, lookupName(host, 22)) as readonly FoundLine[])
}

async function placeAndSettings(
  host: string,
  signal: AbortSignal,
): Promise<Result<{ place: SshPlace; settings: SshSettings }>> {
  const place = parseHost(host)
  if (place === undefined) return fail(noHost(host))
  const settings = await loadSettings(place, signal)
  return settings.ok ? ok({ place, settings: settings.value }) : settings
}

/** @returns `ssh.host`, and what `loadSettings` and `scanHost` say. */
export async function scanKeys(app: App, host: string, signal: AbortSignal): Promise<Result<Scanned>> {
  const found = await placeAndSettings(host, signal)
  if (!found.ok) return found
  const { place, settings } = found.value
  const scan = await scanHost(place, settings, signal)
  if (!scan.ok) return scan
  const pins = await loadPins(app, settings.name)
  const yours = await linesOfUser(settings)
  const configured = configuredPins(app, undefined, place, settings)
  const revoked = await revokedKeys(settings)
  const keys = scan.value.keys.map((key): ShownHostKey => {
    const back = revoked.find((one) => one.key === key.key)
    const line = back ?? yours.find((one) => one.key === key.key) ?? yours.find(({ type }) => type === key.type)
    return {
      ...hostKeyOf(key),
      pinned: agreement(pins.keys, key),
      yours: back === undefined ? agreement(yours, key) : 'revoked',
      configured: declared(configured, key),
      ...(line && { where: `${line.file}:${line.number}` }),
    }
  })
  const missing = pins.keys.filter(({ type }) => !scan.value.keys.some((key) => key.type === type)).map(hostKeyOf)
  const { banner } = scan.value
  const changed = pins.changed !== undefined
  const report = { host, name: settings.name, ...(banner !== undefined && { banner }), keys, missing, changed }
  return ok({ report, scanned: scan.value.keys, pins, revoked })
}

function agreement(known: readonly PinnedKey[], { type, key }: PinnedKey): Agreement {
  if (known.some((one) => one.key === key)) return 'agrees'
  return known.some((one) => one.type === type) ? 'differs' : 'unknown'
}

function declared({ keys, fingerprints }: Configured, key: PinnedKey): Agreement {
  if (fingerprints.includes(fingerprintOf(key))) return 'agrees'
  return agreement(keys, key)
}

export interface TrustWish {
  /** Those that were compared elsewhere; all others are left out then. */
  readonly fingerprints: readonly string[]
  /** A person said yes to the keys as they were shown. */
  readonly confirmed: boolean
}

export interface Trusted {
  readonly pinned: readonly HostKey[]
  readonly dropped: readonly HostKey[]
}

/**
 * Pins what a server showed. Without more, only keys that are trusted elsewhere already; a key that contradicts one that is
 * pinned somewhere, only by its fingerprint.
 * Other pinned keys that the server shows as well stay. One that was taken back is never pinned.
 * @returns The keys that are pinned now, and those that no longer are; `ssh.key-differs`, `ssh.key-revoked`, `ssh.unconfirmed`,
 *   `ssh.fingerprint`, `ssh.fingerprint-not-shown`, `ssh.unwritable`.
 */
export async function trustKeys(
  app: App,
  { report, scanned, pins, revoked }: Scanned,
  wish: TrustWish,
): Promise<Result<Trusted>> {
  const isMeant = (line: FoundLine): boolean =>
    wish.fingerprints.length === 0
      ? scanned.some(({ key }) => key === line.key)
      : wish.fingerprints.includes(fingerprintOf(line))
  const back = revoked.find(isMeant)
  if (back !== undefined) return fail(revokedKey(report.host, back))
  const chosen = chosenKeys(report, wish)
  if (!chosen.ok) return chosen
  const wanted = new Set(chosen.value.map(({ fingerprint }) => fingerprint))
  // What something else put there was never looked at.
  const kept = wish.fingerprints.length > 0 && pins.changed === undefined ? pins.keys : []
  const isKept = ({ key }: PinnedKey): boolean => kept.some((one) => one.key === key)
  const keys = scanned.filter((key) => wanted.has(fingerprintOf(key)) || isKept(key))
  const dropped = pins.keys.filter(({ key }) => !keys.some((one) => one.key === key))
  try {
    await writePins(app, report.name, keys)
  } catch (error) {
    return fail(unwritable(pinFile(app), error))
  }
  return ok({ pinned: keys.map(hostKeyOf), dropped: dropped.map(hostKeyOf) })
}

function chosenKeys(
  { host, keys }: HostKeyReport,
  { fingerprints, confirmed }: TrustWish,
): Result<readonly ShownHostKey[]> {
  if (fingerprints.length > 0) {
    const broken = fingerprints.find((text) => !/^SHA256:[A-Za-z0-9+/]{43}$/.test(text))
    const miswritten = broken ?? fingerprints.find((text) => isMiswritten(text, keys))
    if (miswritten !== undefined) return fail(noFingerprint(miswritten))
    const strange = fingerprints.find((wanted) => !keys.some(({ fingerprint }) => fingerprint === wanted))
    if (strange !== undefined) return fail(notShown(host, strange))
    return ok(keys.filter(({ fingerprint }) => fingerprints.includes(fingerprint)))
  }
  const against = keys.find(isContradicted)
  if (against !== undefined) return fail(differs(host, against))
  const chosen = confirmed ? keys : keys.filter(isVouchedFor)
  return chosen.length === 0 ? fail(unconfirmed(host, keys)) : ok(chosen)
}

export async function pinnedHosts(app: App): Promise<readonly PinnedHost[]> {
  const names = namesIn(await loadKnownHosts(pinFile(app)))
  return Promise.all(
    names.map(async (name) => {
      const { keys, changed } = await loadPins(app, name)
      return { name, keys: keys.map(hostKeyOf), changed: changed !== undefined }
    }),
  )
}

/** Small and capital letters count. */
const isMiswritten = (text: string, keys: readonly ShownHostKey[]): boolean =>
  keys.some(({ fingerprint }) => fingerprint !== text && fingerprint.toLowerCase() === text.toLowerCase())

const noFingerprint = (text: string): Problem => ({
  code: 'ssh.fingerprint',
  message: `${JSON.stringify(text.slice(0, 64))} is not a fingerprint as ssh writes it. Nothing was changed.`,
  next: 'Copy it whole: SHA256: and 43 letters and digits, small and capital as they are, without = at the end.',
  retry: 'never',
})

const noHost = (host: string): Problem => ({
  code: 'ssh.host',
  message: `${JSON.stringify(host.slice(0, 64))} is no name of a server.`,
  next: 'Write HOST or HOST:PORT, such as box.example.com:23.',
  retry: 'never',
})

const differs = (host: string, { type, fingerprint, where }: ShownHostKey): Problem => ({
  code: 'ssh.key-differs',
  message: `${host} shows the ${type} key ${fingerprint}, but another one is pinned${where === undefined ? '' : ` (${where})`}. Nothing was changed.`,
  next: `Ask whoever runs the server, or its page, for the fingerprint. Only if it is this one: \`muster hostkeys trust ${host} --fingerprint ${fingerprint}\`.`,
  retry: 'never',
  context: { host },
})

const unconfirmed = (host: string, keys: readonly ShownHostKey[]): Problem => ({
  code: 'ssh.unconfirmed',
  message: `No file of yours has a key of ${host} yet, so that nothing speaks for those it shows. Nothing was changed.`,
  next: `Compare with what its provider publishes, then name them: \`muster hostkeys trust ${host} --fingerprint ${keys[0]?.fingerprint ?? 'SHA256:…'}\`. To take them unseen: --yes.`,
  retry: 'never',
  context: { host },
})

const notShown = (host: string, fingerprint: string): Problem => ({
  code: 'ssh.fingerprint-not-shown',
  message: `${host} shows no key with the fingerprint ${fingerprint}. Nothing was changed.`,
  next: `See what it shows: \`muster hostkeys scan ${host}\`. If its provider names this fingerprint, you do not speak with its server.`,
  retry: 'never',
  context: { host },
})

const unwritable = (path: string, error: unknown): Problem => ({
  code: 'ssh.unwritable',
  message: `${path} cannot be written (${(error as NodeJS.ErrnoException).code ?? String(error)}).`,
  next: 'Give the state folder to the user that runs Muster, and make room.',
  retry: 'never',
})
