/** Which host keys a server shows now. It proves nothing by itself: somebody in between could show keys of his own. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fail, ok, type Problem, type Result } from '../../model/problem.ts'
import { childEnvironment } from '../environment.ts'
import { runProcess } from '../process.ts'
import { throughHost } from './command.ts'
import { type HostLine, parseKnownHosts } from './known-hosts.ts'
import { type SshPlace, toArguments } from './place.ts'
import { notFound, type SshSettings } from './settings.ts'

export type ScannedKey = Pick<HostLine, 'type' | 'key'>

export interface Scan {
  /** One of each type the server has. */
  readonly keys: readonly ScannedKey[]
  /** How the server calls itself: `SSH-2.0-OpenSSH_9.7`. */
  readonly banner?: string
}

const waitSeconds = 10
const timeLimitMs = 40_000

/** @returns `ssh.not-found`, `ssh.unreachable` when no key came. */
export const scanHost = (place: SshPlace, settings: SshSettings, signal: AbortSignal): Promise<Result<Scan>> =>
  settings.isIndirect ? scanThrough(place, settings, signal) : scanDirectly(settings, signal)

async function scanDirectly({ host, port }: SshSettings, signal: AbortSignal): Promise<Result<Scan>> {
  const lines: string[] = []
  const ended = await runProcess({
    command: 'ssh-keyscan',
    args: ['-T', String(waitSeconds), '-t', 'ed25519,ecdsa,rsa', '-p', String(port), '--', host],
    environment: childEnvironment<string>({}),
    signal,
    timeLimitMs,
    onLine: (line) => void lines.push(line),
  })
  if (ended.ended === 'spawn-failed') return fail(notFound('ssh-keyscan'))
  const keys = onePerType(parseKnownHosts(lines.join('\n')))
  // Its place differs by version: some print it where the keys are.
  const banner = /^# \S+ (SSH-\S+(?: \S+)*)$/m.exec(`${lines.join('\n')}\n${ended.stderrTail}`)?.[1]
  if (keys.length === 0) return fail(unreachable(host, port, ended.stderrTail))
  return ok({ keys, ...(banner !== undefined && { banner }) })
}

/** One connection a type, by the user's own way to the server; nobody is let in, and only a file of ours is written to. */
async function scanThrough(
  place: SshPlace,
  { host, port, jump }: SshSettings,
  signal: AbortSignal,
): Promise<Result<Scan>> {
  const folder = await mkdtemp(join(tmpdir(), 'muster-scan-'))
  const found: HostLine[] = []
  let said = ''
  try {
    for (const [at, types] of [
      'ssh-ed25519',
      'ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521',
      'rsa-sha2-512,rsa-sha2-256',
    ].entries()) {
      const file = join(folder, String(at))
      const set = {
        BatchMode: 'yes',
        StrictHostKeyChecking: 'accept-new',
        UpdateHostKeys: 'no',
        UserKnownHostsFile: file,
        GlobalKnownHostsFile: '/dev/null',
        HashKnownHosts: 'no',
        ControlPath: 'none',
        LogLevel: 'ERROR',
        PreferredAuthentications: 'none',
        ConnectTimeout: String(waitSeconds),
        HostKeyAlgorithms: types,
        ...(jump !== undefined && { ProxyCommand: throughHost(jump) }),
      }
      const options = Object.entries(set).flatMap(([name, value]) => ['-o', `${name}=${value}`])
      const ended = await runProcess({
        command: 'ssh',
        args: [...options, ...toArguments(place)],
        environment: childEnvironment<string>({}),
        signal,
        timeLimitMs,
      })
      if (ended.ended === 'spawn-failed') return fail(notFound('ssh'))
      said = ended.stderrTail
      found.push(...parseKnownHosts(await readFile(file, 'utf8').catch(() => '')))
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  const keys = onePerType(found)
  if (keys.length > 0) return ok({ keys })
  // Its own keys are accepted as they are: only a host between can have been refused.
  const isBetween = /host key verification failed|host identification has changed/i.test(said)
  return fail(isBetween ? refusedBetween(host, jump ?? 'on the way') : unreachable(host, port, said))
}

const onePerType = (lines: readonly HostLine[]): readonly ScannedKey[] => [
  ...new Map(lines.map(({ type, key }) => [type, { type, key }])).values(),
]

const refusedBetween = (host: string, jump: string): Problem => ({
  code: 'ssh.jump-host-key',
  message: `The way to ${host} leads through another host (${jump}), whose host key is not the one in your own known_hosts, or not in there.`,
  next: `Look at it by hand: \`ssh ${jump}\`. Compare its fingerprint with what its provider publishes; Muster goes by your own file for hosts between.`,
  retry: 'never',
  context: { host },
})

const unreachable = (host: string, port: number, said: string): Problem => ({
  code: 'ssh.unreachable',
  message: `No SSH server answers with a host key at ${host}, port ${port}${lastWords(said)}.`,
  next: 'Check name and port, that the server runs, and that no firewall is between.',
  retry: 'soon',
  context: { host, port },
})

const lastWords = (said: string): string => {
  const line = said.split('\n').findLast((text) => text.trim() !== '' && !text.startsWith('#'))
  return line === undefined ? '' : ` (${line.trim().slice(0, 200)})`
}
