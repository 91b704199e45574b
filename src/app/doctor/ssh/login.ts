/** Files and agents that a login over ssh depends on: modes, keys, passphrases. */
import { access, constants, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Finding } from '../../../model/finding.ts'
import { childEnvironment } from '../../../system/environment.ts'
import { type ProcessResult, runProcess } from '../../../system/process.ts'
import type { SshSettings } from '../../../system/ssh/settings.ts'
import { coded } from '../findings.ts'

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )

/** @param identity Of the configuration. @param pinned Muster's own file. */
export async function examineLogin(
  subject: string,
  settings: SshSettings,
  identity: string | undefined,
  pinned: string,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<Finding[]> {
  const found = [...(await modeFindings(subject, settings, pinned))]
  const present: string[] = []
  for (const path of identity === undefined ? settings.identities : [identity])
    if (await isThere(path)) present.push(path)
  if (identity !== undefined && present.length === 0) found.push(missingKey(subject, identity))
  const level = identity === undefined ? 'warning' : 'error'
  const keys = await Promise.all(present.map((path) => keyFinding(subject, path, level, env, signal)))
  found.push(...keys.flatMap((finding) => finding ?? []))
  const isUsable = keys.includes(undefined)
  if (!isUsable && identity === undefined)
    found.push(...(await agentFindings(subject, present.length > 0, env, signal)))
  return found
}

async function modeFindings(subject: string, { knownHostsFiles }: SshSettings, pinned: string): Promise<Finding[]> {
  const folders = [...new Set(knownHostsFiles.filter((file) => /\/\.ssh\//.test(file)).map((file) => dirname(file)))]
  const found: Finding[] = []
  for (const path of [pinned, ...folders, ...folders.map((folder) => `${folder}/config`), ...knownHostsFiles]) {
    const about = await stat(path).catch(() => undefined)
    if (about !== undefined && (about.mode & 0o022) !== 0) found.push(openFile(subject, path, octal(about.mode)))
  }
  return found
}

/** What ssh would find wrong with a key; undefined when it can be used. */
async function keyFinding(
  subject: string,
  path: string,
  level: 'warning' | 'error',
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<Finding | undefined> {
  const { mode } = await stat(path)
  if ((mode & 0o077) !== 0) return openKey(subject, path, octal(mode))
  const mayRead = await access(path, constants.R_OK).then(
    () => true,
    () => false,
  )
  if (!mayRead) return closedKey(subject, path)
  // An empty passphrase opens what has none; nothing is asked for.
  const opened = await program('ssh-keygen', ['-y', '-P', '', '-f', path], env, signal)
  if (opened.exitCode === 0) return undefined
  if (/incorrect passphrase|bad passphrase/i.test(opened.stderrTail)) {
    return (await isInAgent(path, env, signal)) ? undefined : lockedKey(level, subject, path)
  }
  // What could not be started, say, tells nothing about the key.
  return /invalid format|error in libcrypto|unsupported|not a (?:private|public) key/i.test(opened.stderrTail)
    ? noKey(level, subject, path)
    : undefined
}

/** Whether an agent holds this very key; another one opens nothing that wants it. */
async function isInAgent(path: string, env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<boolean> {
  const held: string[] = []
  const own: string[] = []
  const agent = await program('ssh-add', ['-l'], env, signal, (line) => void held.push(line))
  if (agent.exitCode !== 0) return false
  await program('ssh-keygen', ['-l', '-f', path], env, signal, (line) => void own.push(line))
  const fingerprint = fingerprintIn(own[0])
  // Of old kinds of files nothing can be told without the passphrase.
  return fingerprint === undefined || held.some((line) => fingerprintIn(line) === fingerprint)
}

const fingerprintIn = (line = ''): string | undefined => /SHA256:\S+/.exec(line)?.[0]

async function agentFindings(
  subject: string,
  hasKeys: boolean,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<Finding[]> {
  const listed = await program('ssh-add', ['-l'], env, signal)
  if (listed.exitCode === 0) return []
  const silent =
    env.SSH_AUTH_SOCK === undefined
      ? 'no agent of ssh runs for this user'
      : `the agent of ssh does not answer at ${env.SSH_AUTH_SOCK}`
  return [noLogin(subject, listed.exitCode === 1 ? 'the agent of ssh holds no key' : silent, hasKeys)]
}

const octal = (mode: number): string => (mode & 0o777).toString(8)

const missingKey = (subject: string, path: string): Finding =>
  coded('error', subject, 'ssh.identity-missing', `the private key ${path} is not there`, 'Check `ssh.identity`.')

const openFile = (subject: string, path: string, mode: string): Finding =>
  coded(
    'warning',
    subject,
    'ssh.file-mode',
    `${path} can be changed by others than its owner (mode ${mode}); ssh refuses such settings, and host keys in such a file prove nothing`,
    `chmod go-w ${path}`,
  )

const openKey = (subject: string, path: string, mode: string): Finding =>
  coded(
    'error',
    subject,
    'ssh.key-mode',
    `the private key ${path} can be read by others (mode ${mode}); ssh does not use it`,
    `chmod 600 ${path}`,
  )

const closedKey = (subject: string, path: string): Finding =>
  coded(
    'error',
    subject,
    'ssh.key-unreadable',
    `the private key ${path} cannot be read by this user`,
    `Give it to the user that runs Muster: chown USER ${path}`,
  )

const lockedKey = (level: 'warning' | 'error', subject: string, path: string): Finding =>
  coded(
    level,
    subject,
    'ssh.passphrase',
    `the private key ${path} has a passphrase, and no agent holds it: nobody is there to type it at night`,
    `Take a key without a passphrase for Muster (ssh-keygen -t ed25519 -N '' -f FILE, then ssh.identity: FILE), or run an agent and set SSH_AUTH_SOCK.`,
  )

const noKey = (level: 'warning' | 'error', subject: string, path: string): Finding =>
  coded(
    level,
    subject,
    'ssh.key-unusable',
    `${path} is no private key that ssh can read`,
    'Name the private key, without .pub. Look at it with: ssh-keygen -y -f FILE',
  )

const noLogin = (subject: string, why: string, hasKeys: boolean): Finding =>
  coded(
    'warning',
    subject,
    'ssh.no-identity',
    `${why}, and ${hasKeys ? 'no key file can be used' : 'there is no key file'}: nothing to log in with`,
    'Name a private key without a passphrase with `ssh.identity`, and give its public half to the server.',
  )

const program = (
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
  onLine: (line: string) => void = () => {},
): Promise<ProcessResult> =>
  runProcess({ command, args, environment: childEnvironment<string>({}, env), signal, timeLimitMs: 10_000, onLine })
