import type { ProcessResult } from '../../../system/process.ts'
import { spawnFailure } from '../called.ts'
import type { ProblemCode } from './problems.ts'

/** Causes that the text tells more exactly than the exit code, which for most of them is 1; first match wins. */
const texts: readonly (readonly [ProblemCode, RegExp])[] = [
  ['rclone.crash', /^(?:panic|fatal error): /m],
  ['rclone.password', /most likely wrong password|password-command derived password, unable to decrypt/i],
  ['rclone.config-locked', /unable to decrypt configuration|failed to read password|allowed to ask for password/i],
  ['rclone.no-remote', /didn't find section in config file|didn't find backend called|not found in config file/i],
  ['rclone.usage', /unknown (?:shorthand )?flag|unknown command|invalid argument .* for |Command \w+ needs \d/i],
  ['rclone.max-delete', /--max-delete threshold reached/i],
  ['rclone.overlap', /overlapping remotes|mustn't overlap|(?:is|are) (?:the )?same (?:file|remote)/i],
  [
    'rclone.host-key',
    /knownhosts: |no common algorithm for host key|host key (?:verification|mismatch)|remote host identification/i,
  ],
  [
    'rclone.no-login',
    /couldn't connect to ssh-agent|couldn't read ssh agent signers|failed to (?:read|parse) private key file|failed to read known_hosts/i,
  ],
  ['rclone.tls', /x509: |tls: (?!.*timeout)|server gave HTTP response to HTTPS client/i],
  [
    'rclone.token-expired',
    /token (?:has )?(?:been )?(?:is )?(?:expired|revoked)|expired or revoked|invalid_grant|(?:couldn't|cannot) fetch token|empty token found|ExpiredToken|expired_access_token|InvalidAuthenticationToken|login authorization/i,
  ],
  [
    'rclone.rate-limited',
    /rate[ _-]?limit|too[ _]many[ _](?:requests|write_operations)|(?:HTTP error|status|code:?|Error) ?"?429|\b429 Too|SlowDown|reduce your request rate/i,
  ],
  [
    'rclone.store-full',
    /no space left on device|remaining disk space|disk quota exceeded|file too large|quota ?(?:has been )?exceeded|insufficient[ _](?:storage|space)|\b507\b/i,
  ],
  [
    'rclone.no-repository',
    /directory not found|no such bucket|NoSuchBucket|bucket does not exist|bucket .* not found/i,
  ],
  [
    'rclone.denied',
    /permission denied|operation not permitted|read-only file system|access ?denied|InvalidAccessKeyId|SignatureDoesNotMatch|\b40[13] (?:Unauthorized|Forbidden)|(?:HTTP error|status|code:?) ?"?40[13]|unauthorized|unable to authenticate|login incorrect|530 /i,
  ],
  [
    'rclone.network',
    /i\/o timeout|connection (?:refused|reset|timed out|closed|lost)|no such host|network is unreachable|no route to host|handshake timeout|context deadline exceeded|server misbehaving|name resolution|broken pipe|couldn't (?:connect|initialise) |dial tcp|unexpected EOF|: EOF|timeout awaiting|\b50[0-4] [A-Z]/i,
  ],
]

/** Exit codes with one meaning for every command. Source: rclone documentation, "Exit code". */
const codes: Readonly<Record<number, ProblemCode>> = {
  3: 'rclone.no-repository',
  4: 'rclone.file-missing',
  5: 'rclone.temporary',
  6: 'rclone.no-retry',
  7: 'rclone.fatal',
  8: 'rclone.transfer-limit',
  10: 'rclone.duration-limit',
  130: 'rclone.interrupted',
  143: 'rclone.interrupted',
}

/**
 * Names the cause of a run of rclone that did not end with 0.
 *
 * @param text What it said, as `failureText` gives it.
 */
export function classify(ended: Pick<ProcessResult, 'ended' | 'exitCode' | 'cause'>, text: string): ProblemCode {
  if (ended.ended === 'cancelled') return 'rclone.interrupted'
  // It tries again and again; cut short by a limit, only what it said meanwhile tells why.
  if (ended.ended === 'timed-out') return classifyText(text) ?? 'rclone.timed-out'
  if (ended.ended === 'stalled') return classifyText(text) ?? 'rclone.stalled'
  if (ended.ended === 'killed') return 'rclone.killed'
  if (ended.ended === 'spawn-failed') return `rclone.${spawnFailure(ended.cause) ?? 'failed'}`
  // Limits of the user are no faults, whatever was said meanwhile.
  const byCode = codes[ended.exitCode ?? -1]
  if (byCode === 'rclone.transfer-limit' || byCode === 'rclone.duration-limit') return byCode
  return classifyText(text) ?? byCode ?? 'rclone.failed'
}

/** By its last word first: files before it may have failed for another reason. */
function classifyText(text: string): ProblemCode | undefined {
  // Its last word is then the same as where the destination is missing.
  if (/error reading source root directory/i.test(text)) return 'rclone.source-missing'
  const last = text.split('\n').at(-1) ?? ''
  for (const part of [last, text]) {
    const found = texts.find(([, pattern]) => pattern.test(part))
    if (found !== undefined) return found[0]
  }
  return undefined
}
