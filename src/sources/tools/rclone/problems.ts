import type { Problem } from '../../../model/problem.ts'
import type { Outcome } from '../../../model/run.ts'
import { type ProblemEntry, problemOfEntry } from '../problem-table.ts'

/** Everything that can go wrong with rclone. Exit codes: rclone documentation, "Exit code". */
export const problemTable = {
  'rclone.no-repository': {
    message: 'The destination of `{repository}` is not there.',
    next: 'Check `url`, and that its disk is mounted; a new one is made once with `muster run --init`.',
    retry: 'never',
    source: 'exit code 3, or text "directory not found", "NoSuchBucket"',
  },
  'rclone.exists': {
    message: 'The destination of `{repository}` is there already.',
    next: 'Use it as it is, or choose another `url`.',
    retry: 'never',
    source: 'a look before it is made',
  },
  'rclone.password': {
    message: 'The password does not open the configuration of rclone for `{repository}`.',
    next: 'Check where `password` of this repository comes from; it may have been changed with `rclone config`.',
    retry: 'never',
    source: 'text "most likely wrong password"',
  },
  'rclone.config-locked': {
    message: 'The configuration of rclone for `{repository}` is encrypted, and no password is given.',
    next: 'Set `password` of this repository to the password of its rclone configuration.',
    retry: 'never',
    source: 'text "unable to decrypt configuration and not allowed to ask for password"',
  },
  'rclone.no-config': {
    message: 'The configuration of rclone for `{repository}` is not there: {file}.',
    next: 'Check `config` of this repository, or make such a file with `rclone config`.',
    retry: 'never',
    source: 'a look before rclone is started',
  },
  'rclone.no-remote': {
    message: 'The configuration of rclone does not know the remote of `{repository}`.',
    next: 'Compare `url` with `rclone listremotes`, and name the right file under `config`.',
    retry: 'never',
    source: 'text "didn\'t find section in config file", "didn\'t find backend called"',
  },
  'rclone.name': {
    message: 'The destination of `{repository}` has a name that dated folders cannot stand beside.',
    next: 'With `backupDir`, let `url` end in a folder, and in one whose name does not end in a date.',
    retry: 'never',
    source: 'before rclone is started',
  },
  'rclone.token-expired': {
    message: 'The login of `{repository}` has expired or was taken back.',
    next: 'Log in anew: `rclone config reconnect REMOTE:`. rclone must be able to write its configuration, to renew the token.',
    retry: 'never',
    source: 'text "token expired", "invalid_grant", "couldn\'t fetch token", "ExpiredToken"',
  },
  'rclone.rate-limited': {
    message: 'The server of `{repository}` refuses so many requests.',
    next: 'Let it rest; then lower `transfers` and `checkers`, or look less often (`read.every`).',
    retry: 'soon',
    source: 'text "rate limit", "Too Many Requests", HTTP 429, "SlowDown"',
  },
  'rclone.store-full': {
    message: 'The store of `{repository}` has no space left.',
    next: 'Free space there or enlarge it; a shorter `backupDir.keep` helps too.',
    retry: 'next-run',
    source: 'text "no space left on device", "quota exceeded", HTTP 507 and the like',
  },
  'rclone.server-failure': {
    message: 'The SFTP server of `{repository}` refused to write, and did not say why.',
    next: 'See whether its disk is full or a quota is reached, and whether this user may write there.',
    retry: 'next-run',
    source: 'text "sftp: Failure"',
  },
  'rclone.no-transfer': {
    message: 'rclone transferred nothing, and `--error-on-no-transfer` makes an error of that.',
    next: 'Take `--error-on-no-transfer` out of `extraArgs`: a source that did not change is no failure.',
    retry: 'never',
    source: 'exit code 9',
  },
  'rclone.network': {
    message: 'The destination of `{repository}` cannot be reached.',
    next: 'Check that its server runs, that its name resolves, and that no firewall is between.',
    retry: 'soon',
    source: 'text: time-outs, refused and broken connections, unknown host names, HTTP 5xx',
  },
  'rclone.host-key': {
    message: 'The SSH server of `{repository}` shows a host key that is not pinned.',
    next: 'See what it shows beside what is pinned: `muster hostkeys scan {server}`. Only if that is what the provider publishes: `muster hostkeys trust {server}`, with --fingerprint where a key changed. rclone before 1.63 needs all types of keys pinned that the server has.',
    retry: 'never',
    source: 'text "knownhosts: key is unknown" or "knownhosts: key mismatch"',
  },
  'rclone.no-login': {
    message: 'rclone has nothing to log in to the SSH server of `{repository}` with.',
    next: 'Set `ssh.identity` of the repository to a private key without a passphrase, or `key_file` or `pass` of the remote (`rclone config`).',
    retry: 'never',
    source: 'text "couldn\'t connect to ssh-agent", "failed to read private key file"',
  },
  'rclone.tls': {
    message: 'The TLS certificate of the server of `{repository}` is not accepted.',
    next: 'Renew the certificate, or give its authority to rclone with the variable `RCLONE_CA_CERT`.',
    retry: 'next-run',
    source: 'text "x509:" or "tls:"',
  },
  'rclone.denied': {
    message: 'Access to `{repository}` is denied.',
    next: 'Check credentials and rights: files of a local folder, key of a bucket, user of a server.',
    retry: 'never',
    source: 'text "permission denied", "AccessDenied", HTTP 401 and 403',
  },
  'rclone.source-missing': {
    message: 'The source is not there; nothing was copied and nothing deleted.',
    next: 'Check `sources`, and whether a disk or network share is mounted.',
    retry: 'next-run',
    source: 'exit code 3 of a look at the source, or text "error reading source root directory"',
  },
  'rclone.sources': {
    message: 'A tree has one source, and this job names {count}.',
    next: 'Make a job and a repository for each, or name the folder above them and exclude the rest.',
    retry: 'never',
    source: 'before rclone is started',
  },
  'rclone.partial': {
    message:
      'The tree of `{repository}` was brought up to date without {skipped} that could not be read; nothing was deleted.',
    next: 'Look at the list of skipped files: give the rights that are missing, exclude them, or set `links` for symbolic links.',
    retry: 'next-run',
    source: 'errors that concern single files of the source, or symbolic links left out',
  },
  'rclone.no-summary': {
    message: 'rclone ended well, but its last report is missing, so nobody knows what it did.',
    next: 'See whether `program` is really rclone, and run the job again.',
    retry: 'next-run',
    source: 'no line with `stats` after a run',
  },
  'rclone.incomplete': {
    message: 'The tree of `{repository}` holds {found} files after the run; the source has {wanted}.',
    next: 'Run the job again. If it stays so, compare them: muster check --read-data all',
    retry: 'soon',
    source: 'a look at the destination after rclone ended well',
  },
  'rclone.output': {
    message: 'What rclone printed for `{repository}` could not be read.',
    next: 'See whether `program` is really rclone, of 1.60 or newer.',
    retry: 'next-run',
    source: 'output that does not have the shape of the documentation',
  },
  'rclone.damaged': {
    message: 'The tree of `{repository}` differs from its source: {findings} found.',
    next: 'Look at the list. What is wrong in the tree is written anew by `muster run` only if size or time differ; else with `checksum: true`.',
    retry: 'never',
    source: 'differences of `rclone check` that no change of the source since the last backup explains',
  },
  'rclone.cannot-verify': {
    message: 'The content of `{repository}` could not be verified: {why}.',
    next: 'Let the data be read back: `check.readDataSubset: all`, or muster check --read-data all. It needs the source on this machine.',
    retry: 'never',
    source: 'text "hashes could not be checked", or a repository without a job that has its source here',
  },
  'rclone.subset': {
    message: 'rclone cannot read a part of the data ({subset}).',
    next: 'Write `readDataSubset: all`, or leave it out to compare checksums only.',
    retry: 'never',
    source: 'before rclone is started',
  },
  'rclone.not-pruned': {
    message: 'A destination of rclone has nothing to prune.',
    next: 'Nothing to do: dated folders are removed after each good run, by `backupDir.keep` of the job.',
    retry: 'never',
    source: 'before rclone is started',
  },
  'rclone.no-snapshot': {
    message: '`{repository}` has no state {snapshot}.',
    next: 'List what is there: muster snapshots {repository}',
    retry: 'never',
    source: 'an id that is neither the tree nor a dated folder',
  },
  'rclone.no-tree': {
    message: 'The tree of `{repository}` is empty, so no dated folder was removed.',
    next: 'See what became of the tree; the dated folders may be all there is.',
    retry: 'never',
    source: 'a look at the tree before anything is removed',
  },
  'rclone.not-all-removed': {
    message: 'Not all dated folders of `{repository}` that are due could be removed.',
    next: 'Read what rclone said; the next run tries again.',
    retry: 'next-run',
    source: 'a `purge` that failed',
  },
  'rclone.max-delete': {
    message: 'More files would have been deleted than `maxDelete` allows; rclone stopped.',
    next: 'See what became of the source. If it is right, raise `maxDelete` for a run.',
    retry: 'never',
    source: 'text "--max-delete threshold reached"',
  },
  'rclone.overlap': {
    message: 'Source and destination of `{repository}` overlap.',
    next: 'Choose a `url` that is neither inside the source nor around it.',
    retry: 'never',
    source: 'text "overlapping remotes", "mustn\'t overlap"',
  },
  'rclone.temporary': {
    message: 'rclone gave up on `{repository}` after errors that may pass.',
    next: 'The next run tries again. If it stays so, read what it said.',
    retry: 'soon',
    source: 'exit code 5',
  },
  'rclone.no-retry': {
    message: 'rclone met errors with `{repository}` that trying again does not help against.',
    next: 'Read what it said: often names or files that the store does not allow.',
    retry: 'never',
    source: 'exit code 6',
  },
  'rclone.fatal': {
    message: 'rclone met an error with `{repository}` that ends everything, such as an account that was suspended.',
    next: 'Read what it said, and look at the account with its provider.',
    retry: 'never',
    source: 'exit code 7',
  },
  'rclone.transfer-limit': {
    message: 'rclone stopped at the most data it may transfer (`--max-transfer`).',
    next: 'The next run goes on. Raise the limit in `extraArgs` if that is too slow.',
    retry: 'next-run',
    source: 'exit code 8',
  },
  'rclone.duration-limit': {
    message: 'rclone stopped at the longest time it may take (`--max-duration`).',
    next: 'The next run goes on. Raise the limit in `extraArgs` if that is too slow.',
    retry: 'next-run',
    source: 'exit code 10',
  },
  'rclone.file-missing': {
    message: 'rclone did not find a file of `{repository}`.',
    next: 'Run it again; if it stays so, somebody else changes the destination.',
    retry: 'next-run',
    source: 'exit code 4',
  },
  'rclone.usage': {
    message: 'rclone does not understand how it was called.',
    next: 'Check `extraArgs` against the manual of your version of rclone.',
    retry: 'never',
    source: 'text "unknown flag", "invalid argument"; exit code 2 since 1.66, 1 before',
  },
  'rclone.crash': {
    message: 'rclone crashed.',
    next: 'Run it again; if it stays so, take another version of rclone.',
    retry: 'next-run',
    source: 'text "panic:" or "fatal error:" of the Go run time',
  },
  'rclone.interrupted': {
    message: 'rclone was interrupted.',
    next: 'Run it again; it goes on with what is left.',
    retry: 'next-run',
    source: 'our cancel, or exit code 130 or 143',
  },
  'rclone.timed-out': {
    message: 'rclone was ended after {limitSeconds} seconds, its time limit.',
    next: 'Raise `timeLimit`, or find out what takes so long.',
    retry: 'next-run',
    source: 'our time limit',
  },
  'rclone.stalled': {
    message: 'rclone did nothing for {limitSeconds} seconds and was ended.',
    next: 'Check the network and the server of the repository; raise `stallLimit` if this is usual.',
    retry: 'next-run',
    source: 'our stall limit',
  },
  'rclone.killed': {
    message: 'rclone was killed by {signal}.',
    next: 'Find out who did it; the kernel does when memory runs out (`dmesg`).',
    retry: 'next-run',
    source: 'a signal that was not ours',
  },
  'rclone.not-found': {
    message: 'The program `{program}` was not found.',
    next: 'Install it, or set `program` to its whole path.',
    retry: 'never',
    source: 'ENOENT from the system',
  },
  'rclone.not-executable': {
    message: 'The program `{program}` may not be executed.',
    next: 'Check its rights (`chmod +x`), its folder, and that it was built for this machine.',
    retry: 'never',
    source: 'EACCES, ENOEXEC and the like from the system',
  },
  'rclone.refused-argument': {
    message: 'The argument {argument} may not be passed to rclone: {reason}.',
    next: 'Take it out of `extraArgs`; use the setting that Muster has for it.',
    retry: 'never',
    source: 'before rclone is started',
  },
  'rclone.restore-incomplete': {
    message: 'Not everything could be restored from `{repository}`.',
    next: 'Check space and rights of the target; then restore again: what is there already is passed over.',
    retry: 'next-run',
    source: 'any failure of a copy back that has no cause of its own',
  },
  'rclone.failed': {
    message: 'rclone failed.',
    next: 'Read what it said, and look that message up in the forum of rclone.',
    retry: 'next-run',
    source: 'any other exit code than 0',
  },
} as const satisfies Record<string, ProblemEntry>

export type ProblemCode = keyof typeof problemTable

/**
 * Makes the problem of a code.
 *
 * @param context Fills the placeholders; without secrets.
 * @param detail What rclone said, already redacted.
 */
export const problem = (
  code: ProblemCode,
  context: Readonly<Record<string, string | number>>,
  detail?: string,
): Problem => problemOfEntry(code, problemTable[code], context, detail)

/** How an operation ends at a step that did not go well. */
export function outcomeOf({ code }: Problem): Outcome {
  if (code === 'rclone.interrupted') return 'cancelled'
  return code === 'rclone.timed-out' || code === 'rclone.stalled' ? 'timed-out' : 'failed'
}
