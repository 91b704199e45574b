import type { Problem } from '../../../model/problem.ts'
import { type ProblemEntry, problemOfEntry } from '../problem-table.ts'

/** Everything that can go wrong with restic. Exit codes: restic manual, "Scripting", "Exit codes". */
export const problemTable = {
  'restic.no-repository': {
    message: 'There is no restic repository at the address of `{repository}`.',
    next: 'Check `url`; a new repository is made once with `muster run --init`. If one was there, find out who moved or deleted it.',
    retry: 'never',
    source: 'exit code 10 since 0.17.0; before: text "Is there a repository at the following location?"',
  },
  'restic.exists': {
    message: 'There is already a restic repository at the address of `{repository}`.',
    next: 'Use it as it is, or choose another `url`.',
    retry: 'never',
    source: 'exit code 1 and text "config file already exists"',
  },
  'restic.locked': {
    message: 'Another process holds the lock of repository `{repository}`.',
    next: 'Let that process end. If none runs any more, remove its lock with `restic unlock`.',
    retry: 'soon',
    source: 'exit code 11 since 0.17.0; before: text "repository is already locked"',
  },
  'restic.lock-not-ours': {
    message:
      'Repository `{repository}` is locked by process {holderPid} on {holderHost}, for {ageMinutes} minutes; that it is dead is not proven.',
    next: 'Look on that host whether the process still runs. If it does not, run `restic unlock` yourself.',
    retry: 'next-run',
    source: 'a lock that restic would take for stale and that fails the proof, or one it would not remove',
  },
  'restic.invalid-lock': {
    message: 'Repository `{repository}` has a lock file that cannot be read.',
    next: 'Make sure that nothing uses the repository, from no host; then run `restic unlock --remove-all`.',
    retry: 'next-run',
    source: 'exit code 1 and text "invalid lock file"; a power failure leaves such files; empty ones are ignored',
  },
  'restic.password': {
    message: 'The password opens no key of repository `{repository}`.',
    next: 'Check where `password` of this repository comes from; it may have been changed with `restic key passwd`.',
    retry: 'never',
    source: 'exit code 12 since 0.17.1; before: text "wrong password or no key found"',
  },
  'restic.no-password': {
    message: 'Repository `{repository}` has no password, or an empty one or one of several lines.',
    next: 'Set `password` of this repository to one line that is not empty.',
    retry: 'never',
    source: 'before restic is started; it reads one line, and 0.17.0 and later refuse an empty one',
  },
  'restic.store-full': {
    message: 'The store of repository `{repository}` has no space left.',
    next: 'Free space there or enlarge it; then run `prune`, and back up again.',
    retry: 'next-run',
    source: 'text "no space left on device", "disk quota exceeded", HTTP 507 and the like',
  },
  'restic.network': {
    message: 'Repository `{repository}` cannot be reached.',
    next: 'Check that its server runs, that its name resolves, and that no firewall is between.',
    retry: 'soon',
    source: 'text: time-outs, refused and broken connections, unknown host names, HTTP 5xx',
  },
  'restic.host-key': {
    message: 'The SSH server of repository `{repository}` shows a host key that is not the known one.',
    next: 'See what it shows beside what is pinned: `muster hostkeys scan {server}`. Only if that is what the provider publishes: `muster hostkeys trust {server}`, with --fingerprint where a key changed. Leave the file of pinned keys as it is.',
    retry: 'never',
    source: 'text "Host key verification failed" of ssh',
  },
  'restic.tls': {
    message: 'The TLS certificate of the server of repository `{repository}` is not accepted.',
    next: 'Renew the certificate, or give its authority to restic with the variable `RESTIC_CACERT`.',
    retry: 'next-run',
    source: 'text "x509:" or "tls:"',
  },
  'restic.denied': {
    message: 'Access to repository `{repository}` is denied.',
    next: 'Check credentials and rights: files of a local repository, key of a bucket, user of a server.',
    retry: 'never',
    source: 'text "permission denied", "AccessDenied", HTTP 401 and 403',
  },
  'restic.source-missing': {
    message: 'None of the sources exists; no snapshot was made.',
    next: 'Check `sources`, and whether a disk or network share is mounted.',
    retry: 'next-run',
    source: 'text "all source directories/files do not exist" (target instead of source before 0.17)',
  },
  'restic.partial': {
    message: 'The snapshot was made, but {skipped} files or folders could not be read.',
    next: 'Look at the list of the run; give the rights that are missing, or exclude these paths.',
    retry: 'next-run',
    source:
      'exit code 3; with 0 also `error` messages, and "does not exist, skipping", which sets code 3 only since 0.19.0',
  },
  'restic.not-all-removed': {
    message: 'Some snapshots of repository `{repository}` could not be removed.',
    next: 'Check the rights to delete there: an append-only server keeps everything.',
    retry: 'next-run',
    source: 'exit code 3 of `forget` since 0.19.0',
  },
  'restic.damaged': {
    message: 'Repository `{repository}` is damaged.',
    next: 'Change nothing in it; read the findings, and follow "Troubleshooting" in the manual of restic.',
    retry: 'never',
    source: 'text of `check` and of failed verification',
  },
  'restic.restore-incomplete': {
    message: 'Not everything could be restored.',
    next: 'Look at what it said: space and rights at the target come first, then a check of the repository.',
    retry: 'next-run',
    source: 'exit code 1 of `restore` and text "There were … errors"',
  },
  'restic.no-summary': {
    message: 'restic ended well, but without the one complete summary that proves it.',
    next: 'Look whether the snapshot exists. Check that `program` is restic itself and that nothing else writes to its output.',
    retry: 'next-run',
    source: 'exit code 0 or 3 of `backup` without exactly one valid summary on standard output',
  },
  'restic.output': {
    message: 'The output of restic could not be understood.',
    next: 'Check that `program` is restic, in a version that this adapter is tested with.',
    retry: 'never',
    source: 'exit code 0 and no valid JSON where there has to be some',
  },
  'restic.crash': {
    message: 'restic crashed.',
    next: 'Look at the memory of the machine; report the crash to the makers of restic if it comes again.',
    retry: 'next-run',
    source: 'exit code 2, of the Go run time',
  },
  'restic.interrupted': {
    message: 'restic was interrupted before it was done.',
    next: 'Run it again.',
    retry: 'next-run',
    source: 'we cancelled it, or exit code 130 (SIGINT; before 0.19 not always for SIGTERM)',
  },
  'restic.killed': {
    message: 'restic was killed by signal {signal}.',
    next: 'Find out who killed it: the system log names it when the machine ran out of memory.',
    retry: 'next-run',
    source: 'ended by a signal that was not ours',
  },
  'restic.stalled': {
    message: 'restic made no progress for {limitSeconds} seconds and was ended.',
    next: 'Check disk and network between here and the repository; raise the stall limit if they are only slow.',
    retry: 'next-run',
    source: 'the stall limit',
  },
  'restic.timed-out': {
    message: 'restic did not end within {limitSeconds} seconds and was ended.',
    next: 'Raise the time limit, or give it less to do.',
    retry: 'next-run',
    source: 'the time limit',
  },
  'restic.not-found': {
    message: 'The program `{program}` was not found.',
    next: 'Install it, or set `program` to its whole path.',
    retry: 'never',
    source: 'ENOENT from the system',
  },
  'restic.not-executable': {
    message: 'The program `{program}` may not be executed.',
    next: 'Check its rights (`chmod +x`), its folder, and that it was built for this machine.',
    retry: 'never',
    source: 'EACCES, ENOEXEC and the like from the system',
  },
  'restic.refused-argument': {
    message: 'The argument {argument} may not be passed to restic: {reason}.',
    next: 'Take it out of `extraArgs`; use the setting that Muster has for it.',
    retry: 'never',
    source: 'before restic is started',
  },
  'restic.failed': {
    message: 'restic failed.',
    next: 'Read what it said, and look that message up in the manual of restic.',
    retry: 'next-run',
    source: 'any other exit code than 0',
  },
} as const satisfies Record<string, ProblemEntry>

export type ProblemCode = keyof typeof problemTable

/**
 * Makes the problem of a code.
 *
 * @param context Fills the placeholders; without secrets.
 * @param detail What restic said, already redacted.
 */
export const problem = (
  code: ProblemCode,
  context: Readonly<Record<string, string | number>>,
  detail?: string,
): Problem => problemOfEntry(code, problemTable[code], context, detail)
