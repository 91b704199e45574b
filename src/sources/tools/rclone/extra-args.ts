/** Refuses further arguments that would take a run out of Muster's hands. */
import { type Refused, refusedBy } from '../extra-args.ts'

const output = 'Muster has to read the output'
const place = 'it would change configuration or destination, which Muster sets'
const meaning = 'Muster has a setting of its own for it, and depends on it'
const unsafe = 'it would let rclone delete, or write, what nobody asked for'

/** Names of refused options; one that ends in `*` stands for all that begin so. */
const refusals: Readonly<Record<string, string>> = {
  config: place,
  'password*': place,
  // Of other tools, where the tool of a job is not known yet.
  'repo*': place,
  'ask-password': place,
  'backup-dir': meaning,
  suffix: meaning,
  'suffix-keep-extension': meaning,
  'dry-run': meaning,
  interactive: 'nobody could answer',
  'use-json-log': output,
  'log-*': output,
  'stats*': output,
  progress: output,
  'progress-*': output,
  quiet: output,
  verbose: output,
  syslog: output,
  'syslog-facility': output,
  combined: output,
  'dump*': 'it would print credentials',
  // Which server, and which of its keys, pass a gate of their own.
  'sftp-host*': place,
  'sftp-port': place,
  'sftp-known-hosts-file': place,
  'sftp-pin-host-key': place,
  'sftp-ssh': place,
  'rc*': 'it would open a door into rclone',
  'bwlimit*': meaning,
  'ignore-errors': unsafe,
  'max-delete': meaning,
  links: meaning,
  'copy-links': meaning,
  'skip-links': meaning,
  checksum: meaning,
  transfers: meaning,
  checkers: meaning,
  'exclude*': meaning,
  'one-file-system': meaning,
  help: output,
  version: output,
}

/** The arguments that may not be passed on, with the reasons. */
export const refusedArguments = (args: readonly string[]): readonly Refused[] => refusedBy(judge, args)

function judge(argument: string): string | undefined {
  if (argument.includes('\0')) return 'it holds a NUL character'
  if (!/^--[a-z]/.test(argument)) return 'only long options are passed on, each with its value behind ='
  const name = (argument.slice(2).split('=')[0] ?? '').replaceAll('_', '-')
  const rule = Object.entries(refusals).find(([refused]) =>
    refused.endsWith('*') ? name.startsWith(refused.slice(0, -1)) : name === refused,
  )
  return rule?.[1]
}
