/** Files and agents that a login over ssh depends on: modes, keys, passphrases. */
import { access, constants, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Finding } from '../../../model/finding.ts'
import { childEnvironment } from '../../../system/environment.ts'
import { type ProcessResult, runProcess } from '../../../system/process.ts'
import type { SshSettings } from '../../../system/ssh/settings.ts'
import { error, warning } from '../findings.ts'

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
  const candidates = identity === undefined ? settings.identities : [identity]
  const present: string[] = []
  for (const path of candidates) if (await isThere(path)) present.push(path)
  if (identity !== undefined && present.length === 0)
    found.push(
      error(subject, `the private key ${identity} is not there`, 'Check `ssh.identity`.', 'ssh.identity-missing'),
    )
  const keys = await Promise.all(present.map((path) => keyFinding(subject, path, identity !== undefined, env, signal)))
  found.push(...keys.flatMap((finding) => finding ?? []))
  const isUsable = present.length > keys.filter((finding) => finding !== undefined).length
  if (!isUsable && identity === undefined)
    found.push(...(await agentFindings(subject, present.length > 0, env, signal)))
  return found
}

async function modeFindings(subject: string, { knownHostsFiles }: SshSettings, pinned: string): Promise<Finding[]> {
  const folders = [...new Set(knownHostsFiles.filter((file) => /\/\.ssh\//.test(file)).map((file) => dirname(file)))]
  const found: Finding[] = []
  for (const path of [pinned, ...folders, ...folders.map((folder) => `${folder}/config`), ...knownHostsFiles]) {
    const about = await stat(path).catch(() => undefined)
    if (about === undefined || (about.mode & 0o022) === 0) continue
    found.push({
      ...warning(
        subject,
        `${path} can be changed by others than its owner (mode ${(about.mode & 0o777).toString(8)}); ssh refuses such settings, and host keys in such a file prove nothing`,
        `chmod go-w ${path}`,
      ),
      code: 'ssh.file-mode',
    })
  }
  return found
}

async function keyFinding(
  subject: string,
  path: string,
  isConfigured: boolean,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<Finding | undefined> {
  const { mode } = await stat(path)
  if ((mode & 0o077) !== 0)
    return error(
      subject,
      `the private key ${path} can be read by others (mode ${(mode & 0o777).toString(8)}); ssh does not use it`,
      `chmod 600 ${path}`,
      'ssh.key-mode',
    )
  if (
    !(await access(path, constants.R_OK).then(
      () => true,
      () => false,
    ))
  )
    return error(
      subject,
      `the private key ${path} cannot be read by this user`,
      `Give it to the user that runs Muster: chown USER ${path}`,
      'ssh.key-unreadable',
    )
  // An empty passphrase opens what has none; nothing is asked for.
  const opened = await program('ssh-keygen', ['-y', '-P', '', '-f', path], env, signal)
  if (opened.exitCode === 0) return undefined
  if (/incorrect passphrase|bad passphrase/i.test(opened.stderrTail))
    return (await program('ssh-add', ['-l'], env, signal)).exitCode === 0
      ? undefined
      : {
          ...(isConfigured ? error : warning)(
            subject,
            `the private key ${path} has a passphrase, and no agent holds it: nobody is there to type it at night`,
            `Take a key without a passphrase for Muster (ssh-keygen -t ed25519 -N '' -f FILE, then ssh.identity: FILE), or run an agent and set SSH_AUTH_SOCK.`,
          ),
          code: 'ssh.passphrase',
        }
  // What could not be started, say, tells nothing about the key.
  if (!/invalid format|error in libcrypto|unsupported|not a (?:private|public) key/i.test(opened.stderrTail))
    return undefined
  return {
    ...(isConfigured ? error : warning)(
      subject,
      `${path} is no private key that ssh can read`,
      /\.pub$/.test(path) ? 'Name the private key, without .pub.' : 'Look at it with: ssh-keygen -y -f FILE',
    ),
    code: 'ssh.key-unusable',
  }
}

async function agentFindings(
  subject: string,
  hasKeys: boolean,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<Finding[]> {
  const listed = await program('ssh-add', ['-l'], env, signal)
  if (listed.exitCode === 0) return []
  const why =
    listed.exitCode === 1
      ? 'the agent of ssh holds no key'
      : env.SSH_AUTH_SOCK === undefined
        ? 'no agent of ssh runs for this user'
        : `the agent of ssh does not answer at ${env.SSH_AUTH_SOCK}`
  return [
    {
      ...warning(
        subject,
        `${why}, and ${hasKeys ? 'no key file can be used' : 'there is no key file'}: nothing to log in with`,
        'Name a private key without a passphrase with `ssh.identity`, and give its public half to the server.',
      ),
      code: 'ssh.no-identity',
    },
  ]
}

const program = (
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<ProcessResult> =>
  runProcess({ command, args, environment: childEnvironment<string>({}, env), signal, timeLimitMs: 10_000 })
