import type { ProcessResult } from '../../../system/process.ts'
import { spawnFailure } from '../called.ts'
import { parseError, parseExitError, parseLine } from './messages.ts'
import type { ProblemCode } from './problems.ts'

/**
 * Causes that older versions tell only by text (they exit with 1), first match wins: "Is there a repository at the following
 * location?" follows *any* failure to open the repository, so it comes last.
 */
const texts: readonly (readonly [ProblemCode, RegExp])[] = [
  ['restic.host-key', /host key verification failed|remote host identification has changed/i],
  ['restic.tls', /x509: |tls: (?!.*timeout)/i],
  [
    'restic.store-full',
    /no space left on device|disk quota exceeded|file too large|HTTP response \(507|507 Insufficient|QuotaExceeded/i,
  ],
  ['restic.locked', /repo(?:sitory)? (?:is )?already locked/i],
  ['restic.invalid-lock', /invalid lock file/i],
  ['restic.password', /wrong password or no key found|an empty password is not/i],
  ['restic.exists', /config file already exists|repository master key and config already initialized/i],
  ['restic.source-missing', /all (?:target|source) directories\/files do not exist|nothing to backup/i],
  [
    'restic.network',
    /i\/o timeout|connection (?:refused|reset|timed out|closed)|no such host|network is unreachable|no route to host|TLS handshake timeout|context deadline exceeded|server misbehaving|name resolution|could not resolve|broken pipe|unable to start the sftp session|HTTP response \(5\d\d|error talking HTTP|ssh command exited|timeout exceeded/i,
  ],
  [
    'restic.denied',
    /permission denied|operation not permitted|read-only file system|HTTP response \(40[13]|Access ?Denied|InvalidAccessKeyId|SignatureDoesNotMatch|unauthorized/i,
  ],
  [
    'restic.damaged',
    /ciphertext verification failed|does not match id|invalid data returned|repository contains errors|hash mismatch|hash does not match|unable to load (?:index|tree|snapshot)|failed to load (?:index|tree|snapshot|root tree)|error loading (?:index|tree|snapshot)|is damaged|not found in (?:the )?index/i,
  ],
  ['restic.no-repository', /repository does not exist|is there a repository at the following location|NoSuchBucket/i],
]

/** Exit codes with one meaning for every command. Since 0.17.0, 12 since 0.17.1. */
const codes: Readonly<Record<number, ProblemCode>> = {
  2: 'restic.crash',
  10: 'restic.no-repository',
  11: 'restic.locked',
  12: 'restic.password',
  130: 'restic.interrupted',
}

/**
 * Names the cause of a run of restic that did not end with 0.
 *
 * @param text What it said, as `failureText` gives it.
 */
export function classify(ended: Pick<ProcessResult, 'ended' | 'exitCode' | 'cause'>, text: string): ProblemCode {
  if (ended.ended === 'cancelled') return 'restic.interrupted'
  if (ended.ended === 'timed-out') return retriedFor(text) ?? 'restic.timed-out'
  if (ended.ended === 'stalled') return retriedFor(text) ?? 'restic.stalled'
  if (ended.ended === 'killed') return 'restic.killed'
  if (ended.ended === 'spawn-failed') return `restic.${spawnFailure(ended.cause) ?? 'failed'}`
  return codes[ended.exitCode ?? -1] ?? classifyText(text)
}

/** 0.17 and later try again for 15 minutes, whatever the cause; cut short by a limit, only these lines tell it. */
function retriedFor(text: string): ProblemCode | undefined {
  const lines = text.split('\n').filter((line) => line.includes(' returned error, retrying after '))
  const code = classifyText(lines.join('\n'))
  return code === 'restic.failed' ? undefined : code
}

/** Looks at the fatal lines first: what was skipped before them may have failed for another reason. */
function classifyText(text: string): ProblemCode {
  // Of rclone, which restic starts and waits for; its own last word is then only that nobody answered.
  if (/^rclone: .*(?:knownhosts: |no common algorithm for host key)/m.test(text)) return 'restic.host-key'
  const fatalAt = text.search(/^(?:Fatal|subprocess ssh): /m)
  const parts = fatalAt === -1 ? [text] : [text.slice(fatalAt), text]
  for (const part of parts) {
    const found = texts.find(([, pattern]) => pattern.test(part))
    if (found !== undefined) return found[0]
  }
  return 'restic.failed'
}

/** Sequences that steer a terminal; versions before 0.19 print one even to a pipe. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const terminalSequences = /\u001b\[[0-9;]*[A-Za-z]/g

/** Standard error as text: what stands in JSON messages is taken out of them. */
export function failureText(stderr: string): string {
  return stderr
    .replace(terminalSequences, '')
    .split('\n')
    .filter((line, index, lines) => !isFrame(line) && !isFrame(lines[index + 1]))
    .flatMap((line) => {
      const value = parseLine(line)
      if (value === undefined) return line.trim() === '' ? [] : [line]
      const error = parseError(value)
      return parseExitError(value) ?? (error === undefined ? [] : [`${error.path}: ${error.reason}`])
    })
    .join('\n')
}

/** Older versions print where in their source they were: a function, then file and line behind a tab. */
const isFrame = (line: string | undefined): boolean => line !== undefined && /^\t\S+:\d+/.test(line)

/** The part worth showing: from the first fatal line on, else the last three lines. */
export function headline(text: string): string {
  const fatalAt = text.search(/^(?:Fatal|Warning): /m)
  return fatalAt === -1 ? text.split('\n').slice(-3).join('\n') : text.slice(fatalAt)
}

const holder =
  /locked (exclusively )?by PID (\d+) on (\S+) by (\S+) \(UID \d+, GID \d+\)\s+lock was created at (\S+ \S+)(?: \((\S+) ago\))?(?:\s+storage ID ([0-9a-f]+))?/

/** Who holds the lock, as far as restic says. Times are in restic's own time zone. */
export function holderOf(text: string): Record<string, string | number> {
  const match = holder.exec(text)
  if (match === null) return {}
  const [, exclusive, pid, host, user, since, age, lockId] = match
  return {
    exclusive: exclusive === undefined ? 'no' : 'yes',
    holderPid: Number(pid),
    holderHost: host ?? '',
    holderUser: user ?? '',
    since: since ?? '',
    ...(age === undefined ? {} : { age }),
    ...(lockId === undefined ? {} : { lockId }),
  }
}
