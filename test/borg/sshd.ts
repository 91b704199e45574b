/** A real sshd that runs commands: borg behind it is a real server of borg. */
import { execFileSync, spawn } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import type { SshCommand } from '../../src/sources/tools/tool.ts'
import { freePort, listens, stopped } from '../readers/servers.ts'
import type { Place } from '../real/place.ts'
import { program } from '../real/programs.ts'
import { until } from '../real/wait.ts'

export interface Served extends AsyncDisposable {
  readonly port: number
  /** `ssh://…/folder` */
  url(folder: string): string
  readonly ssh: SshCommand
  /** The borg of the server; each start of it leaves its pid in `pids()`. */
  readonly remotePath: string
  pids(): readonly number[]
  /** Makes the client take another key for that of the server. */
  mistrust(): void
  /** Makes the server know no key of any client. */
  refuse(): void
}

export async function serveBorg(place: Place, borg: string): Promise<Served> {
  const port = await freePort()
  const keys = place.at('ssh')
  mkdirSync(keys)
  const at = (name: string): string => place.at('ssh', name)
  for (const name of ['host', 'client', 'other'])
    execFileSync(program('ssh-keygen'), ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', at(name)])
  const trust = (name: string): void =>
    writeFileSync(at('known_hosts'), `[127.0.0.1]:${port} ${readFileSync(at(`${name}.pub`), 'utf8')}`)
  trust('host')
  writeFileSync(at('authorized_keys'), readFileSync(at('client.pub')))
  const config = [
    `ListenAddress 127.0.0.1:${port}`,
    `HostKey ${at('host')}`,
    `AuthorizedKeysFile ${at('authorized_keys')}`,
    'PidFile none',
    'UsePAM no',
    'StrictModes no',
    'PasswordAuthentication no',
    'PermitRootLogin yes',
  ]
  writeFileSync(at('config'), config.join('\n'))
  writeFileSync(
    at('borg'),
    `#!/bin/sh\necho $$ >> '${at('pids')}'\nBORG_BASE_DIR='${at('base')}' BORG_EXIT_CODES=modern exec '${borg}' "$@"\n`,
  )
  chmodSync(at('borg'), 0o755)
  const sshd = [program('sshd'), '-D', '-e', '-f', at('config')]
  const command = process.getuid?.() === 0 ? [...inOwnView(at('passwd')), ...sshd] : sshd
  const child = spawn(command[0] ?? '', command.slice(1), {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { PATH: process.env.PATH, HOME: place.path },
  })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  await until('sshd to listen', async () => (await listens(port)) || child.exitCode !== null)
  if (child.exitCode !== null) throw new Error(said)
  const knownHosts = at('known_hosts')
  const argv = [program('ssh'), '-F', 'none', '-i', at('client'), '-o', 'IdentitiesOnly=yes', '-o', 'BatchMode=yes']
  argv.push('-o', `UserKnownHostsFile=${knownHosts}`, '-o', 'GlobalKnownHostsFile=/dev/null')
  argv.push('-o', 'StrictHostKeyChecking=yes', '-o', 'UpdateHostKeys=no', '-o', 'ConnectTimeout=10')
  return {
    port,
    url: (folder) => `ssh://${userInfo().username}@127.0.0.1:${port}${folder}`,
    ssh: { argv, knownHosts, hosts: ['box.test:23'] },
    remotePath: at('borg'),
    pids: () => readFileSync(at('pids'), 'utf8').trim().split('\n').map(Number),
    mistrust: () => trust('other'),
    refuse: () => writeFileSync(at('authorized_keys'), ''),
    [Symbol.asyncDispose]: () => stopped(child),
  }
}

/** As root it wants a folder and a user of the system: it gets them in a view of the files that is its own. */
function inOwnView(passwd: string): string[] {
  const users = readFileSync('/etc/passwd', 'utf8')
  writeFileSync(passwd, /^sshd:/m.test(users) ? users : `${users}sshd:x:65533:65534::/run/sshd:/usr/sbin/nologin\n`)
  const script = `mount -t tmpfs none /run && mkdir /run/sshd && mount --bind '${passwd}' /etc/passwd && exec "$0" "$@"`
  return ['unshare', '--mount', 'sh', '-c', script]
}
