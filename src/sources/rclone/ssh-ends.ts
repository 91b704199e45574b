/** Which servers rclone speaks SFTP to behind an address, by its configuration: through aliases, crypt, unions and the like. Pure. */
import type { SshPlace } from '../../system/ssh/place.ts'
import { optionName, parseRemote } from './address.ts'

/** Remotes by name, each with its options. */
export type RcloneConfig = Readonly<Record<string, Readonly<Record<string, string>>>>

/** A server that a program speaks ssh to by itself. */
export interface SshEnd extends SshPlace {
  /** What it logs in with, as its own settings say; an agent, where neither. */
  readonly login: { readonly identity?: string } | 'secret'
  /** A setting of the user that names host keys of its own, and would win over those of Muster. */
  readonly ownKeys?: string
}

/** Options of a remote, the first of these that says: the address, variables of the remote, variables of its kind, the configuration. */
type Options = (key: string) => string | undefined

/**
 * @param variables What rclone is given beside: `RCLONE_CONFIG_<REMOTE>_<OPTION>`, `RCLONE_<BACKEND>_<OPTION>`.
 * @returns Each server once. With a program of the user's own in place of ssh (`ssh`) there is nothing to say of it.
 */
export function sshEnds(
  addresses: readonly string[],
  config: RcloneConfig,
  variables: Readonly<Record<string, string>>,
): readonly SshEnd[] {
  const found = new Map<string, SshEnd>()
  const seen = new Set<string>()
  const follow = (address: string): void => {
    if (seen.has(address)) return
    seen.add(address)
    const remote = parseRemote(address)
    if (remote === undefined) return
    const { name, backend, options } = remote
    const named = name === undefined ? {} : (config[name] ?? {})
    const ofRemote = (key: string): string | undefined =>
      options.get(key) ?? (name === undefined ? undefined : variables[variableOf('CONFIG', name, key)]) ?? undefined
    const type = backend ?? ofRemote('type') ?? named.type
    if (type === undefined) return
    const option: Options = (key) => ofRemote(key) ?? variables[variableOf(type, key)] ?? named[key]
    if (type === 'sftp') {
      const end = endOf(option, (key) => ofRemote(key) !== undefined)
      if (end !== undefined) found.set(`${end.host} ${end.port ?? ''}`, end)
      return
    }
    for (const next of wrappedBy(option)) follow(next)
  }
  for (const address of addresses) follow(address)
  return [...found.values()]
}

const variableOf = (...words: readonly string[]): string =>
  `RCLONE_${words.join('_')}`.toUpperCase().replaceAll('-', '_')

/** Remotes that a remote is made of. Source: rclone documentation of alias, crypt, chunker, compress, hasher, cache; union, combine. */
function wrappedBy(option: Options): readonly string[] {
  const upstreams = (option('upstreams') ?? '').match(/"(?:[^"]|"")*"|\S+/g) ?? []
  return [option('remote') ?? '', ...upstreams.map((text) => unquoted(text))].flatMap((text) => [
    text,
    // `folder=remote:path`, as combine writes it.
    text.replace(/^[^=:,]*=/, ''),
  ])
}

const unquoted = (text: string): string =>
  text.startsWith('"') && text.length > 1 ? text.slice(1, -1).replaceAll('""', '"') : text

function endOf(option: Options, isOfRemote: (key: string) => boolean): SshEnd | undefined {
  const host = option('host') ?? ''
  if (host === '' || host.startsWith('-') || (option('ssh') ?? '') !== '') return undefined
  const [port, user, identity] = [Number(option('port') ?? ''), option('user') ?? '', option('key_file') ?? '']
  const isSecret =
    ['pass', 'key_pem', 'key_file_pass'].some((key) => (option(key) ?? '') !== '') || option('ask_password') === 'true'
  // Those of the kind are set by Muster; those of the very remote would win over them.
  const ownKeys = ownKeyOptions.find(isOfRemote) ?? (option('host_keys') ? 'host_keys' : undefined)
  return {
    host,
    ...(port > 0 && { port }),
    ...(user !== '' && !user.startsWith('-') && { user }),
    args: [],
    login: isSecret ? 'secret' : { ...(identity !== '' && { identity }) },
    ...(ownKeys !== undefined && { ownKeys }),
  }
}

const ownKeyOptions = ['known_hosts_file', 'host_key_algorithms', 'host_keys', 'pin_host_key']

/** Arguments of rclone that name a server or host keys, and would win over what Muster sets. */
export const isOwnSsh = (argument: string): boolean =>
  /^--sftp_(?:known_hosts_file|host|port|ssh|pin_host_key)/.test(`--${optionName(argument.replace(/^--/, ''))}`)
