/** The ssh of a repository: who it reaches, and how it is started. */
import { resolve } from 'node:path'
import type { Repository } from '../../config/schema.ts'
import { fail, ok, type Problem, type Result } from '../../model/problem.ts'
import type { SshEnd } from '../../sources/rclone/ssh-ends.ts'
import { tools } from '../../sources/tools/registry.generated.ts'
import type { RepositoryAccess, SshCommand, Tool } from '../../sources/tools/tool.ts'
import { sshArgv } from '../../system/ssh/command.ts'
import { lookupName } from '../../system/ssh/known-hosts.ts'
import { placeOfUrl, type SshPlace } from '../../system/ssh/place.ts'
import { inHome, loadSettings, type SshSettings } from '../../system/ssh/settings.ts'
import { type App, repositoryOf } from '../context.ts'
import { linesFor, passFile, type TrustedKey, trustedKeys, writtenHost } from './gate.ts'

const optionsOf = (repository: Repository): readonly string[] =>
  'options' in repository && Array.isArray(repository.options) ? repository.options : []

/** Where a repository is reached over ssh; undefined where it is not, or by a program of the user's own. */
export function placeOf(tool: Tool, repository: Repository): SshPlace | undefined {
  const { url } = repository
  const place = tool.sshPlace === undefined ? placeOfUrl(url) : tool.sshPlace(url, optionsOf(repository))
  const { port } = repository.ssh
  return place === undefined || place.port !== undefined || port === undefined ? place : { ...place, port }
}

/** The repositories that are reached over ssh, or may be. */
export const overSsh = ({ config }: Pick<App, 'config'>): readonly string[] =>
  Object.entries(config.repositories)
    .filter(([, repository]) => {
      const tool: Tool = tools[repository.tool as keyof typeof tools]
      return placeOf(tool, repository) !== undefined || tool.speaksSsh?.(repository.url, optionsOf(repository)) === true
    })
    .map(([name]) => name)

/** Private key of the configuration, as a whole path. */
export const identityOf = (app: App, repository: Repository): string | undefined => {
  const identity = repository.ssh.identity ?? app.config.ssh.identity
  return identity === undefined ? undefined : resolve(inHome(identity))
}

/**
 * How ssh is to be started for a repository.
 * @param place Another one than that of the address, such as another port.
 * @returns What `loadSettings`, `trustedKeys` and `passFile` say.
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
  const keys = await trustedKeys(app, name, repository, place, settings.value, signal)
  if (!keys.ok) return keys
  const knownHosts = await passFile(app, `${name}-${settings.value.port}`, linesFor(settings.value.name, keys.value))
  if (!knownHosts.ok) return knownHosts
  const identity = identityOf(app, repository)
  const { jump } = settings.value
  const argv = sshArgv({
    knownHosts: knownHosts.value,
    ...(identity !== undefined && { identity }),
    ...(jump !== undefined && { jump }),
  })
  // A port of the settings alone is not in the address that the tool gives to ssh.
  const port = repository.ssh.port === undefined ? [] : ['-p', String(place.port ?? repository.ssh.port)]
  return ok({
    argv: [...argv, ...port],
    knownHosts: knownHosts.value,
    ...(identity !== undefined && { identity }),
    hosts: [writtenHost(place)],
  })
}

/** The servers that a tool speaks ssh to itself; undefined where it never does. A port of the settings counts where its own settings have none. */
export async function endsOf(
  app: App,
  name: string,
  tool: Tool,
  access: RepositoryAccess,
  signal: AbortSignal,
): Promise<readonly SshEnd[] | undefined> {
  const repository = repositoryOf(app, name)
  if (tool.speaksSsh?.(repository.url, optionsOf(repository)) !== true) return undefined
  const jobs = Object.values(app.config.jobs).filter((job) => job.repository === name)
  const ends = await tool.sshEnds?.(
    access,
    jobs.flatMap(({ sources }) => sources),
    signal,
  )
  const { port } = repository.ssh
  return (ends ?? []).map((end) => (end.port !== undefined || port === undefined ? end : { ...end, port }))
}

/** What the user's settings of ssh make of a server; a program that speaks ssh itself does not read them, and gets on without. */
export async function settingsOfEnd(end: SshEnd, signal: AbortSignal): Promise<SshSettings> {
  const [{ host, port = 22 }, user] = [end, end.user ?? '']
  const loaded = await loadSettings({ ...end, port }, signal)
  if (loaded.ok) return loaded.value
  const none = { knownHostsFiles: [], identities: [], updatesHostKeys: false, isIndirect: false }
  return { host, port, user, name: lookupName(host, port), ...none }
}

/**
 * For tools that speak ssh themselves. With no server that is known of, nobody is let in.
 * @returns What `trustedKeys` and `passFile` say, and `ssh.own-host-keys`.
 */
export async function ownSshFor(
  app: App,
  name: string,
  repository: Repository,
  ends: readonly SshEnd[],
  signal: AbortSignal,
): Promise<Result<SshCommand>> {
  const all: TrustedKey[] = []
  let lines = ''
  for (const end of ends) {
    if (end.ownKeys !== undefined) return fail(ownHostKeys(name, end, end.ownKeys))
    const settings = await settingsOfEnd(end, signal)
    const keys = await trustedKeys(app, name, repository, end, settings, signal)
    if (!keys.ok) return keys
    // It looks for the name in its own settings.
    lines += linesFor(lookupName(end.host, end.port ?? 22), keys.value)
    all.push(...keys.value)
  }
  const knownHosts = await passFile(app, `${name}-own`, lines)
  if (!knownHosts.ok) return knownHosts
  const identity = identityOf(app, repository)
  const hasAuthority = all.some(({ marker }) => marker !== undefined)
  const { port } = repository.ssh
  return ok({
    argv: sshArgv({ knownHosts: knownHosts.value, ...(identity !== undefined && { identity }) }),
    knownHosts: knownHosts.value,
    ...(identity !== undefined && { identity }),
    hosts: ends.map(writtenHost),
    own: {
      // A certificate has a type of its own.
      types: hasAuthority ? [] : [...new Set(all.map(({ type }) => type))],
      ...(port !== undefined && ends.every((end) => end.port === port) && { port }),
    },
  })
}

export function ownHostKeys(name: string, end: SshEnd, setting: string): Problem {
  const host = writtenHost(end)
  return {
    code: 'ssh.own-host-keys',
    message: `The remote of ${name} at ${host} names host keys of its own (\`${setting}\`), which would win over those that Muster pinned.`,
    next: `Take \`${setting}\` out of it, and pin the server: \`muster hostkeys trust ${host}\`, or \`ssh.knownHosts\` of the repository.`,
    retry: 'never',
    context: { repository: name, host },
  }
}
