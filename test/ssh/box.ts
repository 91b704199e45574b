/**
 * A machine of its own inside this one: its own network with an sshd on the ports 22 and 23 as a storage box has them, and a home
 * of its own, since ssh looks for that of the user in the system's list and not in $HOME. Nothing of it is left outside.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { delimiter, join } from 'node:path'
import { stringify } from 'yaml'
import type { Ended } from '../e2e/workspace.ts'
import { ended, main } from '../e2e/workspace.ts'
import { makePlace, type Place } from '../real/place.ts'
import { program } from '../real/programs.ts'
import { until } from '../real/wait.ts'

/** As the box is called in its own list of hosts. */
export const host = 'u1.your-storagebox.de'

export type KeyName = 'rsa' | 'ed25519' | 'other-rsa' | 'other-ed25519' | 'client'

export interface Box extends AsyncDisposable {
  readonly place: Place
  /** Of whoever logs in there; its folder `repository` is at `path`. */
  readonly user: string
  /** `known_hosts` of the user, and other files of ssh. */
  ssh(name?: string): string
  /** `ssh-rsa AAAA…` */
  publicKey(name: KeyName): string
  /** Writes the file of known hosts; each line a name and a key. */
  know(...lines: readonly (readonly [names: string, key: KeyName])[]): void
  /** Starts the server at a port anew, with these keys, and further lines of its settings. */
  serve(port: number, keys: readonly KeyName[], how?: 'sftp' | 'commands', more?: readonly string[]): Promise<void>
  configure(repository?: object, root?: object): void
  /** Runs a program in there, with the OpenSSH of the box first in its PATH. */
  run(command: readonly string[], env?: NodeJS.ProcessEnv): Promise<Ended>
  muster(...args: readonly string[]): Promise<Ended>
  start(command: readonly string[], env?: NodeJS.ProcessEnv): ChildProcess
}

/** As its owner logs in there. */
export const account = 'u1'

const isRoot = process.getuid?.() === 0
/** An account that every system has: a server run by root would need folders of the system. */
const daemon = 1
const user = isRoot ? 'daemon' : userInfo().username
const nameKinds: readonly KeyName[] = ['rsa', 'ed25519', 'other-rsa', 'other-ed25519', 'client']

/**
 * @param openssh Names of the programs in `.tools/bin`: `ssh`, or `ssh-10` for the newest.
 * @param borg The program behind `borg serve`; without it the box knows no borg.
 */
export async function openBox(openssh: '' | '-10' = '', borg?: string): Promise<Box> {
  const place = makePlace()
  const home = place.at('home')
  mkdirSync(join(home, '.ssh'), { recursive: true, mode: 0o700 })
  mkdirSync(place.at('keys'))
  mkdirSync(place.at('repository'))
  chmodSync(place.at('repository'), 0o777)
  mkdirSync(place.at('bin'))
  for (const name of ['ssh', 'ssh-keyscan']) symlinkSync(program(`${name}${openssh}`), place.at('bin', name))
  for (const name of nameKinds)
    execFileSync(program('ssh-keygen'), [
      '-q',
      '-t',
      name.endsWith('rsa') ? 'rsa' : 'ed25519',
      '-N',
      '',
      '-C',
      name,
      '-f',
      place.at('keys', name),
    ])
  writeFileSync(join(home, '.ssh', 'id_ed25519'), readFileSync(place.at('keys', 'client')), { mode: 0o600 })
  writeFileSync(place.at('hosts'), `127.0.0.1 localhost\n127.0.0.1 ${host} box.test\n`)
  // As a storage box: the shell of the account knows one command, or two.
  writeFileSync(
    place.at('shell'),
    `#!/bin/sh\ncase "$2" in\n  df) exec ${place.at('df')};;\n${serveBorg(borg)}  *) echo "Command not found. Use 'help' to get a list of available commands." >&2; exit 1;;\nesac\n`,
    { mode: 0o755 },
  )
  const accounts = readFileSync('/etc/passwd', 'utf8').replace(
    new RegExp(`^(${user}:.*:)[^:]*$`, 'm'),
    `$1${place.at('shell')}`,
  )
  // The account of the box by its own name, with a home there; whoever runs the server can let in nobody else.
  const [, , uid, gid] = new RegExp(`^${user}:.*$`, 'm').exec(accounts)?.[0]?.split(':') ?? []
  mkdirSync(place.at('box'))
  chmodSync(place.at('box'), 0o777)
  writeFileSync(
    place.at('passwd'),
    `${accounts.trimEnd()}\n${account}:x:${uid}:${gid}::${place.at('box')}:${place.at('shell')}\n`,
  )
  const holder = await openNamespace([
    [home, userInfo().homedir],
    [place.at('hosts'), '/etc/hosts'],
    [place.at('passwd'), '/etc/passwd'],
  ])
  const inside = (command: readonly string[], options: Parameters<typeof spawn>[2] = {}): ChildProcess =>
    spawn(
      'nsenter',
      [
        `--target=${holder.pid}`,
        '--mount',
        '--net',
        `--wd=${place.path}`,
        ...(isRoot ? [] : ['--user', '--preserve-credentials']),
        '--',
        ...command,
      ],
      { stdio: ['ignore', 'pipe', 'pipe'], ...options },
    )
  const environment = (env: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({
    PATH: [place.at('bin'), process.env.PATH].join(delimiter),
    HOME: home,
    MUSTER_STATE: place.at('state'),
    RESTIC_CACHE_DIR: place.at('cache'),
    NO_COLOR: '1',
    ...env,
  })
  const servers = new Map<number, ChildProcess>()
  const started: ChildProcess[] = []
  const start = (command: readonly string[], env?: NodeJS.ProcessEnv): ChildProcess => {
    const child = inside(command, { cwd: place.path, env: environment(env), stdio: ['ignore', 'pipe', 'pipe'] })
    started.push(child)
    return child
  }
  const keyOf = (name: KeyName): string =>
    readFileSync(place.at('keys', `${name}.pub`), 'utf8')
      .split(' ')
      .slice(0, 2)
      .join(' ')
  const box: Box = {
    place,
    user,
    ssh: (name = 'known_hosts') => join(home, '.ssh', name),
    publicKey: keyOf,
    know: (...lines) =>
      writeFileSync(
        join(home, '.ssh', 'known_hosts'),
        lines.map(([names, key]) => `${names} ${keyOf(key)}\n`).join(''),
        { mode: 0o600 },
      ),
    async serve(port, keys, how = 'commands', more = []) {
      await stop(servers.get(port))
      const folder = place.at('keys', `port-${port}`)
      mkdirSync(folder, { recursive: true })
      for (const key of keys) {
        const file = join(folder, key)
        writeFileSync(file, readFileSync(place.at('keys', key)), { mode: 0o600 })
        if (isRoot) chownSync(file, daemon, daemon)
      }
      const allowed = join(folder, 'authorized_keys')
      writeFileSync(allowed, `${keyOf('client')}\n`)
      const config = [
        `ListenAddress 127.0.0.1:${port}`,
        ...keys.map((key) => `HostKey ${join(folder, key)}`),
        `AuthorizedKeysFile ${allowed}`,
        'PidFile none',
        'UsePAM no',
        'StrictModes no',
        'PasswordAuthentication no',
        'MaxStartups 100',
        'Subsystem sftp internal-sftp',
        ...(how === 'commands' ? [] : ['ForceCommand internal-sftp']),
        ...more,
      ]
      writeFileSync(join(folder, 'config'), config.join('\n'))
      const server = inside(
        [
          ...(isRoot ? ['setpriv', `--reuid=${daemon}`, `--regid=${daemon}`, '--clear-groups'] : []),
          program('sshd'),
          '-D',
          '-e',
          '-f',
          join(folder, 'config'),
        ],
        { stdio: ['ignore', 'ignore', 'pipe'], env: { PATH: process.env.PATH } },
      )
      servers.set(port, server)
      let said = ''
      server.stderr?.on('data', (text: Buffer) => {
        said += text.toString()
      })
      await until(`sshd at port ${port}`, async () => {
        if (server.exitCode !== null) throw new Error(said)
        return said.includes('Server listening')
      })
    },
    configure(repository = {}, root = {}) {
      writeFileSync(place.at('password'), 'secret\n', { mode: 0o600 })
      mkdirSync(place.at('source'), { recursive: true })
      writeFileSync(place.at('source', 'file'), 'content')
      const config = {
        repositories: {
          box: {
            tool: 'restic',
            url: `sftp://${user}@${host}/${place.at('repository')}`,
            password: { file: place.at('password') },
            program: program('restic-0.18'),
            ...repository,
          },
        },
        jobs: { files: { repository: 'box', sources: [place.at('source')] } },
        ...root,
      }
      writeFileSync(place.at('muster.yaml'), stringify(config))
    },
    run: (command, env) => ended(start(command, env)),
    start,
    muster: (...args) => ended(start([process.execPath, main, ...args])),
    async [Symbol.asyncDispose]() {
      for (const child of started) if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
      for (const server of servers.values()) await stop(server)
      await stop(holder)
      place[Symbol.dispose]()
    },
  }
  df(box, 'Filesystem 1K-blocks Used Available Use% Mounted on\nu1 1048576 262144 786432 25% /home')
  return box
}

/** A line of the shell: borg with whatever its client asks of it. */
const serveBorg = (borg: string | undefined): string =>
  borg === undefined ? '' : `  "borg serve"*) export BORG_BASE_DIR="$HOME"; set -- $2; shift; exec '${borg}' "$@";;\n`

/** What `df` prints at the box from now on. */
export function df(box: Box, text: string): void {
  writeFileSync(box.place.at('df'), `#!/bin/sh\ncat <<'END'\n${text}\nEND\n`, { mode: 0o755 })
}

/** A process that holds the network and the mounts open, and dies with its input. */
async function openNamespace(mounts: readonly (readonly [from: string, to: string])[]): Promise<ChildProcess> {
  const script = [
    'set -e',
    'ip link set lo up 2>/dev/null || true',
    'echo 0 > /proc/sys/net/ipv4/ip_unprivileged_port_start',
    'while [ $# -gt 0 ]; do mount --bind "$1" "$2"; shift 2; done',
    'echo ready',
    'exec cat',
  ].join('\n')
  const flags = isRoot ? [] : ['--user', '--map-current-user', '--keep-caps']
  const child = spawn('unshare', [...flags, '--mount', '--net', 'sh', '-c', script, 'sh', ...mounts.flat()], {
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let said = ''
  child.stderr?.on('data', (text: Buffer) => {
    said += text.toString()
  })
  let isReady = false
  child.stdout?.on('data', () => {
    isReady = true
  })
  await until('a network and a home of its own (unshare)', () => {
    if (child.exitCode !== null) throw new Error(`unshare: ${said}`)
    return isReady
  })
  return child
}

async function stop(child: ChildProcess | undefined): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGKILL')
  await until('an end', () => child.exitCode !== null || child.signalCode !== null)
}
