/** The ssh that Muster starts: with host keys of its own, without questions, and without a trace in anybody's files. */

export interface SshWish {
  /** The only file of host keys that counts. */
  readonly knownHosts: string
  readonly identity?: string
  /** A host on the way, as the user's settings name it: reached by their keys, and without a change to their files. */
  readonly jump?: string
  /** Arguments of the user's own; what is set here wins over them. */
  readonly more?: readonly string[]
}

/**
 * Program and options, the host not among them. The first value of an option counts for ssh, so these win over the user's
 * settings; everything else in those stays in force (aliases, ports, users, jumps). Source: ssh_config(5).
 */
export function sshArgv({ knownHosts, identity, jump, more = [] }: SshWish): readonly string[] {
  const set = {
    BatchMode: 'yes',
    StrictHostKeyChecking: 'yes',
    UpdateHostKeys: 'no',
    UserKnownHostsFile: fileValue(knownHosts),
    GlobalKnownHostsFile: '/dev/null',
    CheckHostIP: 'no',
    VerifyHostKeyDNS: 'no',
    // A connection that somebody else opened was checked against another file.
    ControlMaster: 'no',
    ControlPath: 'none',
    ForwardAgent: 'no',
    // A command that gives further keys; versions before 8.5 do not know it. What the user's settings let pass stays passed.
    IgnoreUnknown: '*',
    KnownHostsCommand: 'none',
    // What it says is all there is to tell a cause by; the user's settings may silence it, or mix in what a server greets with.
    LogLevel: 'ERROR',
    ...(jump !== undefined && { ProxyCommand: throughHost(jump) }),
  }
  return [
    'ssh',
    ...Object.entries(set).flatMap(([name, value]) => ['-o', `${name}=${value}`]),
    ...(identity === undefined ? [] : ['-i', plain(identity), '-o', 'IdentitiesOnly=yes']),
    ...more,
  ]
}

/** What `ProxyJump` would do; that would let the ssh to the host between tidy up the user's file. Source: openssh `ssh.c`. */
export const throughHost = (jump: string): string =>
  `ssh -o BatchMode=yes -o UpdateHostKeys=no -o LogLevel=ERROR -W [%h]:%p ${plain(jump.startsWith('ssh://') ? jump : `ssh://${jump}`)}`

/** ssh replaces `%` and splits at spaces; quotes keep those together. */
const fileValue = (path: string): string => (/\s/.test(path) ? `"${plain(path)}"` : plain(path))
const plain = (path: string): string => path.replaceAll('%', '%%')

/** Words as one text that a shell, borg and restic split into the same words again. */
export const shellWords = (words: readonly string[]): string => words.map(quoted).join(' ')

const quoted = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)
