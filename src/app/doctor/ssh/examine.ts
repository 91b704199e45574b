/** Everything about the ssh of one repository: host keys, the user's own files, the login, the ports of storage boxes. */
import type { Repository } from '../../../config/schema.ts'
import type { Finding } from '../../../model/finding.ts'
import { childEnvironment } from '../../../system/environment.ts'
import { runProcess } from '../../../system/process.ts'
import { fingerprintOf } from '../../../system/ssh/known-hosts.ts'
import { isStorageBox, type SshPlace } from '../../../system/ssh/place.ts'
import { scanHost } from '../../../system/ssh/scan.ts'
import { inHome, loadSettings, type SshSettings } from '../../../system/ssh/settings.ts'
import { prepare, toolOf } from '../../access.ts'
import { type App, repositoryOf } from '../../context.ts'
import { spacePlace, spaceWay } from '../../space/places.ts'
import { configuredPins, writtenHost } from '../../ssh/gate.ts'
import { loadKnownHosts, loadPins, type PinnedKey, pinFile } from '../../ssh/pins.ts'
import { endsOf, identityOf, ownHostKeys, placeOf, settingsOfEnd } from '../../ssh/reach.ts'
import { coded, error, fine } from '../findings.ts'
import { examineLogin } from './login.ts'
import { judgePins } from './pinned.ts'
import { judgeLost, judgeOwnFile, judgeRemoval, type OwnFiles } from './riddles.ts'

export async function examineSsh(app: App, name: string, subject: string, signal: AbortSignal): Promise<Finding[]> {
  const repository = repositoryOf(app, name)
  const place = placeOf(toolOf(repository.tool), repository)
  if (place === undefined) return examineEnds(app, name, subject, signal)
  const found = portFindings(subject, repository, place)
  const identity = identityOf(app, repository)
  const tool = toolOf(repository.tool)
  const df = spaceWay(tool, repository) === 'df' ? spacePlace(tool, repository) : undefined
  // A command is asked at another port than files are.
  const places = [place, ...(df !== undefined && df.port !== place.port ? [df] : [])]
  for (const [at, one] of places.entries()) {
    const settings = await loadSettings(one, signal)
    if (!settings.ok)
      return [...found, error(subject, settings.problem.message, settings.problem.next, settings.problem.code)]
    if (at === 0) found.push(...(await examineLogin(subject, settings.value, identity, pinFile(app), app.env, signal)))
    found.push(...(await keyFindings(app, name, subject, one, settings.value, signal)))
  }
  return found
}

/** Of a tool that speaks ssh itself: its servers, and what it logs in with. The user's own files do not count for it. */
async function examineEnds(app: App, name: string, subject: string, signal: AbortSignal): Promise<Finding[]> {
  const prepared = await prepare(app, name)
  // Told elsewhere.
  if (!prepared.ok) return []
  const { repository, tool, access } = prepared.value
  const identity = identityOf(app, repository)
  const found: Finding[] = []
  for (const end of (await endsOf(app, name, tool, access, signal)) ?? []) {
    if (end.ownKeys !== undefined) {
      const { message, next, code } = ownHostKeys(name, end, end.ownKeys)
      found.push(error(subject, message, next, code))
      continue
    }
    const settings = await settingsOfEnd(end, signal)
    if (end.login !== 'secret' || identity !== undefined) {
      const file = end.login === 'secret' ? undefined : end.login.identity
      const own = { ...settings, knownHostsFiles: [], identities: file === undefined ? [] : [inHome(file)] }
      found.push(...(await examineLogin(subject, own, identity, pinFile(app), app.env, signal)))
    }
    const scan = await scanHost(end, settings, signal)
    found.push(
      ...(scan.ok
        ? await pinFindings(app, name, subject, end, settings, scan.value.keys)
        : [error(subject, scan.problem.message, scan.problem.next, scan.problem.code)]),
    )
  }
  return found
}

/** Source: Hetzner, "Storage Box", access: 22 is SFTP and SCP alone, 23 has borg, rsync and a few commands. */
function portFindings(subject: string, { tool, url }: Repository, { host, port }: SshPlace): Finding[] {
  if (!isStorageBox(host) || url.startsWith('sftp:') || (port !== undefined && port !== 22)) return []
  return [
    coded(
      'error',
      subject,
      'ssh.storage-box-port',
      `${host} is a storage box, which speaks SFTP alone at port 22; ${tool} needs port 23`,
      `Write the port into the address (ssh://USER@${host}:23/./PATH), or set ssh: { port: 23 } at the repository.`,
    ),
  ]
}

async function keyFindings(
  app: App,
  name: string,
  subject: string,
  place: SshPlace,
  settings: SshSettings,
  signal: AbortSignal,
): Promise<Finding[]> {
  const scan = await scanHost(place, settings, signal)
  if (!scan.ok) return [error(subject, scan.problem.message, scan.problem.next, scan.problem.code)]
  const { keys: shown } = scan.value
  const { host, port } = settings
  const own = await ownFiles(settings)
  return [
    ...(await pinFindings(app, name, subject, place, settings, shown)),
    ...judgeOwnFile(subject, own, { host, port, shown }),
    ...(await removalFindings(subject, own, place, settings, shown, signal)),
    ...judgeLost(subject, own, host, port),
  ]
}

async function pinFindings(
  app: App,
  name: string,
  subject: string,
  place: SshPlace,
  settings: SshSettings,
  shown: readonly PinnedKey[],
): Promise<Finding[]> {
  const configured = configuredPins(app, repositoryOf(app, name), place, settings)
  const pins = await loadPins(app, settings.name)
  const declared = [...configured.keys, ...shown.filter((key) => configured.fingerprints.includes(fingerprintOf(key)))]
  const isDeclared = configured.keys.length + configured.fingerprints.length > 0
  // Certificates are shown to whoever connects; the run itself is asked about those.
  if (configured.keys.some(({ marker }) => marker !== undefined))
    return [
      fine(subject, `the configuration names an authority that vouches for the host keys of ${writtenHost(place)}`),
    ]
  return judgePins(subject, writtenHost(place), isDeclared ? { keys: declared } : pins, shown)
}

async function removalFindings(
  subject: string,
  own: OwnFiles,
  place: SshPlace,
  settings: SshSettings,
  shown: Parameters<typeof judgeRemoval>[3],
  signal: AbortSignal,
): Promise<Finding[]> {
  const version = await versionOf(signal)
  // Where ssh lets nobody in, it removes nothing.
  const isRefused = judgeOwnFile(subject, own, { ...settings, shown }).some(({ level }) => level !== 'fine')
  const here =
    settings.port === 22 || !settings.updatesHostKeys || settings.isIndirect || isRefused
      ? []
      : judgeRemoval(subject, own, settings.host, shown, version, settings.port)
  const plain = { ...place, port: 22 }
  const at22 = settings.port === 22 ? { ok: true as const, value: settings } : await loadSettings(plain, signal)
  if (!at22.ok || !at22.value.updatesHostKeys || at22.value.isIndirect) return here
  const isAsked = settings.port === 22
  const scan = isAsked ? undefined : await scanHost(plain, at22.value, signal)
  if (scan?.ok === false) return here
  return [...here, ...judgeRemoval(subject, own, settings.host, scan?.value.keys ?? shown, version)]
}

async function ownFiles({ knownHostsFiles }: SshSettings): Promise<OwnFiles> {
  const linesOf = async (file: string) => (await loadKnownHosts(file)).map((line) => ({ ...line, file }))
  const [lines, old] = await Promise.all([
    Promise.all(knownHostsFiles.map(linesOf)),
    Promise.all(knownHostsFiles.map((file) => linesOf(`${file}.old`))),
  ])
  return { lines: lines.flat(), old: old.flat() }
}

async function versionOf(signal: AbortSignal): Promise<string> {
  const { stderrTail } = await runProcess({
    command: 'ssh',
    args: ['-V'],
    environment: childEnvironment<string>({}),
    signal,
    timeLimitMs: 5_000,
  })
  return /OpenSSH_(\d+\.\d+)/.exec(stderrTail)?.[1] ?? 'of this machine'
}
