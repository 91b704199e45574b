import type { ProcessResult } from '../../../system/process.ts'
import { spawnFailure } from '../called.ts'
import { parseMessage } from './messages.ts'
import type { ProblemCode } from './problems.ts'

/** Ids of the error that ended it. Source: borg `docs/internals/frontends.rst`, "Message IDs"; borg/*.py of 1.2 and 1.4. */
const ids: Readonly<Record<string, ProblemCode>> = {
  'Repository.DoesNotExist': 'borg.no-repository',
  'Repository.InvalidRepository': 'borg.no-repository',
  'Repository.AlreadyExists': 'borg.exists',
  'Repository.PathAlreadyExists': 'borg.exists',
  'Repository.ParentPathDoesNotExist': 'borg.parent-missing',
  'Repository.PathPermissionDenied': 'borg.denied',
  'Repository.InsufficientFreeSpaceError': 'borg.store-full',
  'Repository.StorageQuotaExceeded': 'borg.store-full',
  'Repository.CheckNeeded': 'borg.damaged',
  'Repository.ObjectNotFound': 'borg.damaged',
  'Repository.InvalidRepositoryConfig': 'borg.damaged',
  NoManifestError: 'borg.damaged',
  IntegrityError: 'borg.damaged',
  FileIntegrityError: 'borg.damaged',
  DecompressionError: 'borg.damaged',
  PassphraseWrong: 'borg.password',
  NoPassphraseFailure: 'borg.no-password',
  PasscommandFailure: 'borg.no-password',
  PasswordRetriesExceeded: 'borg.no-password',
  KeyfileNotFoundError: 'borg.key',
  KeyfileInvalidError: 'borg.key',
  KeyfileMismatchError: 'borg.key',
  RepoKeyNotFoundError: 'borg.key',
  LockTimeout: 'borg.locked',
  LockError: 'borg.locked',
  LockErrorT: 'borg.locked',
  LockFailed: 'borg.denied',
  'Cache.CacheInitAbortedError': 'borg.unencrypted',
  'Cache.RepositoryAccessAborted': 'borg.relocated',
  'Cache.RepositoryReplay': 'borg.rolled-back',
  'Cache.EncryptionMethodMismatch': 'borg.encryption-changed',
  TAMRequiredError: 'borg.tampered',
  TAMInvalid: 'borg.tampered',
  ArchiveTAMRequiredError: 'borg.tampered',
  ArchiveTAMInvalid: 'borg.tampered',
  'Archive.AlreadyExists': 'borg.archive-exists',
  'Archive.DoesNotExist': 'borg.no-archive',
  ConnectionClosed: 'borg.network',
  ConnectionClosedWithHint: 'borg.network',
  PathNotAllowed: 'borg.denied',
  InvalidRPCMethod: 'borg.protocol',
  RPCServerOutdated: 'borg.protocol',
  UnexpectedRPCDataFormatFromClient: 'borg.protocol',
  UnexpectedRPCDataFormatFromServer: 'borg.protocol',
  MandatoryFeatureUnsupported: 'borg.protocol',
  UnsupportedManifestError: 'borg.protocol',
  UnsupportedPayloadError: 'borg.protocol',
}

/** A connection that closed tells why only in the words of ssh, or of the shell behind it. */
const sshTexts: readonly (readonly [ProblemCode, RegExp])[] = [
  ['borg.host-key', /host key verification failed|remote host identification has changed|no .*host key is known/i],
  ['borg.denied', /permission denied|too many authentication failures/i],
  [
    'borg.no-remote-borg',
    /command not found|borg: not found|no such file or directory|not allowed|rejected|only allows|sftp connections only/i,
  ],
]

/** What has no id: an exception of the system, printed as it came. */
const texts: readonly (readonly [ProblemCode, RegExp])[] = [
  ['borg.store-full', /No space left on device|Disk quota exceeded|File too large/],
  ['borg.denied', /Permission denied|Operation not permitted|Read-only file system/],
  ['borg.damaged', /Input\/output error|Data integrity error/],
  ['borg.network', /Connection to remote host is broken|\bConnectionClosed\b|BrokenPipeError|Broken pipe/i],
  ['borg.interrupted', /Keyboard interrupt|SIGTERM received|SIGHUP received/],
]

/**
 * Names the cause of a run of borg that did not end with 0.
 *
 * @param stderr As it was printed, messages as JSON.
 */
export function classify(ended: Pick<ProcessResult, 'ended' | 'exitCode' | 'cause'>, stderr: string): ProblemCode {
  if (ended.ended === 'cancelled') return 'borg.interrupted'
  if (ended.ended === 'timed-out') return 'borg.timed-out'
  if (ended.ended === 'stalled') return 'borg.stalled'
  if (ended.ended === 'killed') return 'borg.killed'
  if (ended.ended === 'spawn-failed') return `borg.${spawnFailure(ended.cause) ?? 'failed'}`
  const errors = stderr.split('\n').flatMap((line) => {
    const message = parseMessage(line)
    return message?.type === 'log_message' && /ERROR|CRITICAL/.test(message.levelname) ? [message] : []
  })
  const named = errors.map(({ msgid }) => ids[msgid ?? '']).findLast((code) => code !== undefined)
  // What stands where borg's own protocol should: a shell that knows no borg, or a server that serves files alone.
  if (named === 'borg.network' || named === 'borg.protocol') return behindSsh(failureText(stderr)) ?? named
  if (named !== undefined) return named
  if ([129, 130, 143].includes(ended.exitCode ?? -1)) return 'borg.interrupted'
  if (isWarning(ended.exitCode)) return 'borg.warned'
  const said = errors.map(({ message }) => message).join('\n') || failureText(stderr)
  return firstOf(texts, said) ?? 'borg.failed'
}

/** The cause in the words of ssh or of the shell behind it; undefined where the network is it, or nothing was said. */
export const behindSsh = (text: string): ProblemCode | undefined => firstOf(sshTexts, text)

const firstOf = (rows: readonly (readonly [ProblemCode, RegExp])[], text: string): ProblemCode | undefined =>
  rows.find(([, pattern]) => pattern.test(text))?.[0]

/** Done, with something to say: 1, or 100 to 127 since 1.4 with `BORG_EXIT_CODES=modern`. */
export const isWarning = (exitCode: number | undefined): boolean =>
  exitCode !== undefined && (exitCode === 1 || (exitCode >= 100 && exitCode <= 127))

/** Standard error as text: messages are taken out of their JSON, reports of progress are left out. */
export function failureText(stderr: string): string {
  return stderr
    .split('\n')
    .flatMap((line) => {
      const message = parseMessage(line)
      if (message?.type === 'log_message') return message.levelname === 'INFO' ? [] : [message.message]
      return message !== undefined || line.startsWith('{') || line.trim() === '' ? [] : [line]
    })
    .join('\n')
}

/** What borg says of itself when it ends, here or on the server, and what Python says while it clears up. */
const asides =
  /^(?:Borg server: )?(?:\s|Traceback |Platform:|Linux:|Borg:|Python:|PID:|sys\.argv:|SSH_ORIGINAL_COMMAND:|$)|^Exception ignored in|^AssertionError: cleanup happened/

/** The part worth showing: what was said last, and of an exception its last line. */
export function headline(text: string): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '' && !asides.test(line))
  return lines.slice(-3).join('\n')
}
