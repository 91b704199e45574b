import type { Problem } from '../../../model/problem.ts'
import { type ProblemEntry, problemOfEntry } from '../problem-table.ts'

/** Everything that can go wrong with borg. Message ids: borg manual, "Message IDs" (docs/internals/frontends). */
export const problemTable = {
  'borg.no-repository': {
    message: 'There is no borg repository at the address of `{repository}`.',
    next: 'Check `url`, and that its disk is mounted; a new repository is made once with `muster run --init`. If one was there, find out who moved or deleted it.',
    retry: 'never',
    source: 'message ids Repository.DoesNotExist and Repository.InvalidRepository',
  },
  'borg.exists': {
    message: 'There is already something at the address of `{repository}`.',
    next: 'Use it as it is, or choose another `url`.',
    retry: 'never',
    source: 'message ids Repository.AlreadyExists and Repository.PathAlreadyExists',
  },
  'borg.parent-missing': {
    message: 'The folder that is to hold repository `{repository}` does not exist.',
    next: 'Mount or create it, or correct `url`.',
    retry: 'never',
    source: 'message id Repository.ParentPathDoesNotExist',
  },
  'borg.locked': {
    message: 'Another process holds the lock of repository `{repository}`, or of its cache here.',
    next: 'Let that process end. If none runs any more, on no host, remove its lock with `borg break-lock`.',
    retry: 'soon',
    source: 'message ids LockTimeout, LockError and LockErrorT',
  },
  'borg.lock-not-ours': {
    message:
      'Repository `{repository}` is locked by process {holderPid} on {holderHost}, for {ageMinutes} minutes; that it is dead is not proven.',
    next: 'Look on that host whether the process still runs. If it does not, run `borg break-lock` yourself.',
    retry: 'next-run',
    source: 'a lock that lives, or that fails the proof',
  },
  'borg.locks-unknown': {
    message: 'The locks of repository `{repository}` cannot be seen from here: it is on another machine.',
    next: 'Look there whether a borg process runs. If none does, run `borg break-lock`.',
    retry: 'next-run',
    source: 'the address of the repository',
  },
  'borg.password': {
    message: 'The passphrase does not open the key of repository `{repository}`.',
    next: 'Check where `password` of this repository comes from; it may have been changed with `borg key change-passphrase`.',
    retry: 'never',
    source: 'message id PassphraseWrong',
  },
  'borg.no-password': {
    message: 'Repository `{repository}` is encrypted, and its `password` is missing, empty or of several lines.',
    next: 'Set `password` of this repository to one line that is not empty.',
    retry: 'never',
    source: 'before borg is started, or message id NoPassphraseFailure',
  },
  'borg.key': {
    message: 'The key of repository `{repository}` is missing, or is not the one of this repository.',
    next: 'Name it with `keyFile`, or restore it from its copy with `borg key import`.',
    retry: 'never',
    source: 'message ids KeyfileNotFoundError, KeyfileInvalidError, KeyfileMismatchError, RepoKeyNotFoundError',
  },
  'borg.unencrypted': {
    message: 'Repository `{repository}` is not encrypted, and this machine has not met it before.',
    next: 'If that is meant, set `unencrypted: true` at the repository. Else somebody put another one in its place.',
    retry: 'never',
    source: 'message id Cache.CacheInitAbortedError',
  },
  'borg.relocated': {
    message: 'Repository `{repository}` was known to this machine under another address.',
    next: 'If you moved it, set `relocated: true` at the repository for a run. Else find out what is at this address.',
    retry: 'never',
    source: 'message id Cache.RepositoryAccessAborted',
  },
  'borg.rolled-back': {
    message:
      'Repository `{repository}` is older than what this machine has seen of it: an older copy was put back, or somebody tampers with it.',
    next: 'Find out who did it, and forget and prune nothing until then. If it was you: remove the file `manifest-timestamp` of this repository from the security folder of borg.',
    retry: 'never',
    source: 'message id Cache.RepositoryReplay',
  },
  'borg.encryption-changed': {
    message: 'Repository `{repository}` is encrypted in another way than when this machine saw it last.',
    next: 'Somebody put another one in its place. If it was you, remove the folder of this repository from the security folder of borg.',
    retry: 'never',
    source: 'message id Cache.EncryptionMethodMismatch',
  },
  'borg.tampered': {
    message: 'Repository `{repository}` holds what none of its keys made.',
    next: 'Write nothing into it until you know why; see "TAM" in the change log of borg.',
    retry: 'never',
    source: 'message ids TAMRequiredError, TAMInvalid, ArchiveTAMRequiredError, ArchiveTAMInvalid',
  },
  'borg.store-full': {
    message: 'The store of repository `{repository}` has no space left, or its quota is used up.',
    next: 'Free space there or enlarge it; `borg compact` frees what was forgotten.',
    retry: 'next-run',
    source:
      'message ids Repository.InsufficientFreeSpaceError and Repository.StorageQuotaExceeded, or text "No space left on device"',
  },
  'borg.network': {
    message: 'Repository `{repository}` cannot be reached.',
    next: 'Check that its server runs, that its name resolves, and that no firewall is between.',
    retry: 'soon',
    source: 'message ids ConnectionClosed and ConnectionClosedWithHint',
  },
  'borg.host-key': {
    message: 'The SSH server of repository `{repository}` shows a host key that is not the known one.',
    next: 'See what it shows beside what is pinned: `muster hostkeys scan {server}`. Only if that is what the provider publishes: `muster hostkeys trust {server}`, with --fingerprint where a key changed. Leave the file of pinned keys as it is.',
    retry: 'never',
    source: 'text "Host key verification failed" of ssh',
  },
  'borg.no-remote-borg': {
    message: 'There is no borg program on the server of repository `{repository}`.',
    next: 'Install borg there, or name it with `remotePath`. On a storage box borg answers on port 23 only.',
    retry: 'never',
    source: 'text of the shell there: "not found", or a refusal to run commands',
  },
  'borg.protocol': {
    message: 'The borg program on the server of repository `{repository}` does not fit the one here.',
    next: 'Bring both to the same series, or choose another with `remotePath`.',
    retry: 'never',
    source: 'message ids InvalidRPCMethod, RPCServerOutdated, UnexpectedRPCDataFormatFromServer and the like',
  },
  'borg.denied': {
    message: 'Access to repository `{repository}` was denied.',
    next: 'Check rights and owner of its folder, the login of ssh, and what the server allows it.',
    retry: 'never',
    source: 'message ids LockFailed and PathNotAllowed, text "Permission denied", "Read-only file system"',
  },
  'borg.damaged': {
    message: 'Repository `{repository}` is damaged.',
    next: 'Keep a copy of it as it is; then see `borg check --repair` in the manual. New backups into another repository are safe meanwhile.',
    retry: 'never',
    source: '`borg check` ended with 1, or message ids IntegrityError, Repository.CheckNeeded, NoManifestError …',
  },
  'borg.source-missing': {
    message: 'None of the sources exists.',
    next: 'Mount or create them, or correct `sources`.',
    retry: 'next-run',
    source: 'before borg is started, which would make an empty archive',
  },
  'borg.partial': {
    message: 'The archive was made, but {skipped} files or folders are missing in it.',
    next: 'See the list; give the rights that are missing, or exclude them.',
    retry: 'next-run',
    source: 'exit code 1 (100 to 127 with modern codes) of `create`, and its warnings',
  },
  'borg.warned': {
    message: 'borg did its work and warned.',
    next: 'See what it said.',
    retry: 'next-run',
    source: 'exit code 1 (100 to 127 with modern codes)',
  },
  'borg.archive-exists': {
    message: 'There is already an archive of the name that this backup was to get.',
    next: 'Let `archiveName` hold a finer time, such as {now}, not only a day.',
    retry: 'next-run',
    source: 'message id Archive.AlreadyExists',
  },
  'borg.no-archive': {
    message: 'The archive is not, or no more, in repository `{repository}`.',
    next: 'List what is there: `muster snapshots`.',
    retry: 'never',
    source: 'message id Archive.DoesNotExist, or a listing without it',
  },
  'borg.restore-incomplete': {
    message: 'Not everything could be restored.',
    next: 'See what borg said; check rights and space of the target.',
    retry: 'next-run',
    source: 'exit code 1 (100 to 127 with modern codes) of `extract`',
  },
  'borg.no-summary': {
    message: 'borg ended without the summary that proves an archive.',
    next: 'Run the backup again; if it comes again, check that the program is borg and nothing wraps it.',
    retry: 'next-run',
    source: '`create --json` without an archive',
  },
  'borg.output': {
    message: 'The output of `{program}` could not be understood.',
    next: 'Check that the program is borg of a version that Muster knows.',
    retry: 'next-run',
    source: 'no JSON, or other than expected',
  },
  'borg.version': {
    message: 'borg {version} is not supported: its repositories and commands are of another kind than those of 1.x.',
    next: 'Install borg 1.2 or 1.4 beside it and name it with `program`.',
    retry: 'never',
    source: '`borg --version`; version 2 is a beta that its makers do not recommend for real data',
  },
  'borg.interrupted': {
    message: 'borg was interrupted before it was done.',
    next: 'Run it again.',
    retry: 'next-run',
    source: 'we cancelled it, or text "Keyboard interrupt", or exit codes 129, 130, 143',
  },
  'borg.killed': {
    message: 'borg was killed by signal {signal}.',
    next: 'Find out who killed it: the system log names it when the machine ran out of memory.',
    retry: 'next-run',
    source: 'ended by a signal that was not ours',
  },
  'borg.stalled': {
    message: 'borg made no progress for {limitSeconds} seconds and was ended.',
    next: 'Check disk and network between here and the repository; raise the stall limit if they are only slow.',
    retry: 'next-run',
    source: 'the stall limit',
  },
  'borg.timed-out': {
    message: 'borg did not end within {limitSeconds} seconds and was ended.',
    next: 'Raise the time limit, or give it less to do.',
    retry: 'next-run',
    source: 'the time limit',
  },
  'borg.not-found': {
    message: 'The program `{program}` was not found.',
    next: 'Install it, or set `program` to its whole path.',
    retry: 'never',
    source: 'ENOENT from the system',
  },
  'borg.not-executable': {
    message: 'The program `{program}` may not be executed.',
    next: 'Check its rights (`chmod +x`), its folder, and that it was built for this machine.',
    retry: 'never',
    source: 'EACCES, ENOEXEC and the like from the system',
  },
  'borg.refused-argument': {
    message: 'The argument {argument} may not be passed to borg: {reason}.',
    next: 'Take it out; use the setting that Muster has for it.',
    retry: 'never',
    source: 'before borg is started',
  },
  'borg.failed': {
    message: 'borg failed.',
    next: 'See what it said; `muster doctor` looks at the usual causes.',
    retry: 'next-run',
    source: 'any other end',
  },
} as const satisfies Record<string, ProblemEntry>

export type ProblemCode = keyof typeof problemTable

/**
 * Makes the problem of a code.
 *
 * @param context Fills the placeholders; without secrets.
 * @param detail What borg said, already redacted.
 */
export const problem = (
  code: ProblemCode,
  context: Readonly<Record<string, string | number>>,
  detail?: string,
): Problem => problemOfEntry(code, problemTable[code], context, detail)
