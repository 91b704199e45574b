/** What ssh itself makes of a place: aliases, ports, users, files and jumps of the user's settings, by `ssh -G`. */
import { homedir } from 'node:os'
import { fail, ok, type Problem, type Result } from '../../model/problem.ts'
import { childEnvironment } from '../environment.ts'
import { runProcess } from '../process.ts'
import { lookupName } from './known-hosts.ts'
import { type SshPlace, toArguments } from './place.ts'

export interface SshSettings {
  readonly host: string
  readonly port: number
  readonly user: string
  /** Under which it looks for the keys of the server; never hashed. */
  readonly name: string
  readonly knownHostsFiles: readonly string[]
  readonly identities: readonly string[]
  readonly updatesHostKeys: boolean
  /** The one host between here and there; several are the user's own matter. */
  readonly jump?: string
  /** Another program makes the connection: nothing can be asked of the server directly. */
  readonly isIndirect: boolean
}

const timeLimitMs = 15_000
/** Asking costs a process; settings hardly ever change. */
const keptMs = 60_000
const kept = new Map<string, { readonly atMs: number; readonly settings: SshSettings }>()

/** @returns `ssh.not-found`, `ssh.settings` when ssh refuses its own settings. */
export async function loadSettings(place: SshPlace, signal: AbortSignal): Promise<Result<SshSettings>> {
  const args = ['-G', ...toArguments(place)]
  const key = JSON.stringify(args)
  const known = kept.get(key)
  if (known !== undefined && performance.now() - known.atMs < keptMs) return ok(known.settings)
  const lines: string[] = []
  const ended = await runProcess({
    command: 'ssh',
    args,
    environment: childEnvironment<string>({}),
    signal,
    timeLimitMs,
    onLine: (line) => void lines.push(line),
  })
  if (ended.ended === 'spawn-failed') return fail(notFound('ssh'))
  if (ended.ended !== 'exited' || ended.exitCode !== 0) return fail(refused(place.host, ended.stderrTail))
  const settings = parseSettings(lines, place.host)
  kept.set(key, { atMs: performance.now(), settings })
  return ok(settings)
}

/** As ssh writes paths: `~/…`, `%d/…`. */
export const inHome = (path: string, home = homedir()): string => path.replace(/^~(?=\/)/, home).replaceAll('%d', home)

/** Shape: `key value` a line, keys in small letters. Source: ssh(1), `-G`. */
export function parseSettings(lines: readonly string[], written: string, home = homedir()): SshSettings {
  const values = new Map<string, string[]>()
  for (const line of lines) {
    const [key = '', ...rest] = line.split(' ')
    values.set(key, [...(values.get(key) ?? []), rest.join(' ')])
  }
  const first = (key: string): string | undefined => values.get(key)?.[0]
  const isSet = (key: string): boolean => ![undefined, '', 'none'].includes(first(key))
  const host = first('hostname') ?? written
  const port = Number(first('port') ?? 22)
  const alias = first('hostkeyalias')
  const files = [...(first('userknownhostsfile') ?? '').split(' '), ...(first('globalknownhostsfile') ?? '').split(' ')]
  return {
    host,
    port,
    user: first('user') ?? '',
    // Source: openssh `sshconnect.c`, `get_hostfile_hostname_ipaddr`: an alias has no port.
    name: alias === undefined ? lookupName(host, port) : alias.toLowerCase(),
    knownHostsFiles: files.filter((file) => file !== '' && file !== '/dev/null').map((file) => inHome(file, home)),
    identities: (values.get('identityfile') ?? []).map((file) => inHome(file, home)),
    updatesHostKeys: ['true', 'yes', 'ask'].includes(first('updatehostkeys') ?? ''),
    ...(isSet('proxyjump') && !first('proxyjump')?.includes(',') && { jump: first('proxyjump') ?? '' }),
    isIndirect: isSet('proxyjump') || isSet('proxycommand'),
  }
}

export const notFound = (program: string): Problem => ({
  code: 'ssh.not-found',
  message: `The program \`${program}\` was not found.`,
  next: 'Install the client of OpenSSH (`apt-get install openssh-client`).',
  retry: 'never',
})

const refused = (host: string, said: string): Problem => ({
  code: 'ssh.settings',
  message: `ssh does not accept its own settings for ${host}: ${said.trim().split('\n').at(-1) ?? ''}`,
  next: `Mend them until \`ssh -G ${host}\` prints them: ~/.ssh/config, /etc/ssh/ssh_config, and their modes.`,
  retry: 'never',
})
