/** Real SFTP servers: sshd of OpenSSH, run by an ordinary user with keys of its own, and rclone. */
import { execFileSync, spawn } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { program } from '../real/programs.ts'
import { until } from '../real/wait.ts'
import { freePort, listens, stopped } from './servers.ts'

export interface ServedSftp extends AsyncDisposable {
  readonly url: string
  /** For restic and for us: which key to show, and which server to trust. */
  readonly options: readonly string[]
  readonly port: number
  readonly pid: number
}

/** root's own would need a folder of the system, so that it runs as somebody else: an account that every system has. */
const daemon = 1
const isRoot = process.getuid?.() === 0
const user = isRoot ? 'daemon' : userInfo().username

/** Keys of a server and of its one client; the client knows the server. */
function makeKeys(folder: string, port: number): void {
  mkdirSync(folder)
  for (const name of ['host', 'client', 'other'])
    execFileSync(program('ssh-keygen'), ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', join(folder, name)])
  writeFileSync(join(folder, 'authorized_keys'), readFileSync(join(folder, 'client.pub')))
  trust(folder, port, 'host')
}

/** Writes which key the client takes for that of the server; without a name, none. */
export function trust(folder: string, port: number, name?: string): void {
  const key = name === undefined ? '' : readFileSync(join(folder, `${name}.pub`), 'utf8')
  writeFileSync(join(folder, 'known_hosts'), key === '' ? '' : `[127.0.0.1]:${port} ${key}`)
}

export const sshOptions = (keys: string, identity = 'client'): string[] => [
  `sftp.args=-F none -i '${join(keys, identity)}' -o IdentitiesOnly=yes -o 'UserKnownHostsFile=${join(keys, 'known_hosts')}' -o GlobalKnownHostsFile=/dev/null`,
]

export async function serveSshd(folder: string, keys: string): Promise<ServedSftp> {
  const port = await freePort()
  makeKeys(keys, port)
  const config = [
    `ListenAddress 127.0.0.1:${port}`,
    `HostKey ${join(keys, 'sshd')}`,
    `AuthorizedKeysFile ${join(keys, 'authorized_keys')}`,
    'PidFile none',
    'UsePAM no',
    'StrictModes no',
    'PasswordAuthentication no',
    'Subsystem sftp internal-sftp',
  ]
  writeFileSync(join(keys, 'config'), config.join('\n'))
  // The client's own keys must stay the client's.
  writeFileSync(join(keys, 'sshd'), readFileSync(join(keys, 'host')), { mode: 0o600 })
  if (isRoot) chownSync(join(keys, 'sshd'), daemon, daemon)
  if (isRoot) open(folder)
  const args = ['-D', '-e', '-f', join(keys, 'config')]
  return started(port, program('sshd'), args, `sftp://${user}@127.0.0.1:${port}/${folder}`, keys)
}

/** For another user to read. */
function open(folder: string): void {
  chmodSync(folder, 0o755)
  for (const entry of readdirSync(folder, { withFileTypes: true }))
    if (entry.isDirectory()) open(join(folder, entry.name))
    else chmodSync(join(folder, entry.name), 0o644)
}

export async function serveRcloneSftp(folder: string, keys: string): Promise<ServedSftp> {
  const port = await freePort()
  makeKeys(keys, port)
  const own = ['--key', join(keys, 'host'), '--authorized-keys', join(keys, 'authorized_keys')]
  const args = ['serve', 'sftp', '--config', '', '--dir-cache-time', '0', '--addr', `127.0.0.1:${port}`, ...own, folder]
  return started(port, program('rclone'), args, `sftp://anybody@127.0.0.1:${port}//`, keys)
}

async function started(
  port: number,
  path: string,
  args: readonly string[],
  url: string,
  keys: string,
): Promise<ServedSftp> {
  const child = spawn(path, args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { PATH: process.env.PATH, HOME: '/nonexistent' },
    ...(isRoot && path.includes('sshd') && { uid: daemon, gid: daemon }),
  })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  await until(`${path} to listen`, async () => (await listens(port)) || child.exitCode !== null)
  if (child.exitCode !== null) throw new Error(said)
  return { port, url, pid: child.pid ?? 0, options: sshOptions(keys), [Symbol.asyncDispose]: () => stopped(child) }
}
