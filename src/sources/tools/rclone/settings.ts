/** Settings that only rclone has; the common ones are in the schema of jobs and repositories. */
import { z } from 'zod'
import { Duration } from '../../../model/units.ts'
import { extraArgs } from '../extra-args.ts'
import type { SettingFault, ToolSettings } from '../settings.ts'
import { looksDated } from './dated.ts'
import { destinationOf } from './destination.ts'
import { refusedArguments } from './extra-args.ts'
import { overlapFault } from './overlap.ts'

const repositoryShape = {
  config: z
    .strictObject({
      file: z
        .string()
        .min(1)
        .meta({ description: 'Path of the file with the remotes.', examples: ['/etc/muster/rclone.conf'] }),
    })
    .optional()
    .meta({
      description:
        'Configuration of rclone; default: the one rclone finds itself. `password` opens it where it is encrypted.',
      examples: [{ file: '/etc/muster/rclone.conf' }],
    }),
}

const jobShape = {
  mode: z
    .enum(['sync', 'copy'])
    .optional()
    .meta({
      description:
        '`sync` makes the tree equal to the source, and so deletes; `copy`, the default, only adds and replaces.',
      examples: ['sync'],
    }),
  backupDir: z
    .strictObject({
      keep: Duration.meta({
        description: 'Dated folders older than this are removed after a good run.',
        examples: ['7d'],
      }),
    })
    .optional()
    .meta({
      description:
        'Keeps what a run replaces or deletes in a folder beside the tree, `<name>-YYYY-MM-DD`, by the date of the run.',
      examples: [{ keep: '7d' }],
    }),
  checksum: z
    .boolean()
    .optional()
    .meta({ description: 'Compares checksums instead of sizes and times; reads every file.', examples: [true] }),
  transfers: z
    .int()
    .min(1)
    .max(256)
    .optional()
    .meta({ description: 'Files copied at the same time; rclone itself takes 4.', examples: [8] }),
  checkers: z
    .int()
    .min(1)
    .max(256)
    .optional()
    .meta({ description: 'Files compared at the same time; rclone itself takes 8.', examples: [16] }),
  maxDelete: z
    .int()
    .min(0)
    .optional()
    .meta({ description: 'Stops a `sync` that would delete more files than this.', examples: [1000] }),
  links: z
    .enum(['keep', 'follow', 'skip'])
    .optional()
    .meta({
      description:
        'Symbolic links: `keep` writes each as a small file `.rclonelink`, `follow` copies what they lead to, `skip` leaves them out. Default: they are left out, and the run warns.',
      examples: ['keep'],
    }),
  allowEmpty: z
    .boolean()
    .optional()
    .meta({ description: 'An empty source is right as it is; a `sync` then empties the tree.', examples: [true] }),
  extraArgs: extraArgs(refusedArguments)
    .optional()
    .meta({
      description:
        'Further arguments of `rclone sync` or `copy`, each with its value behind `=`. Refused: what redirects configuration, destination or output, or has a setting here.',
      examples: [['--fast-list', '--size-only']],
    }),
}

const dayMs = 24 * 3_600_000

/** Only an encrypted configuration has one. */
const needsPassword = (): boolean => false

const fault = (path: readonly string[], message: string, next: string): SettingFault => ({ path, message, next })

function repositoryFaults(raw: Readonly<Record<string, unknown>>): readonly SettingFault[] {
  const faults: SettingFault[] = []
  if (typeof raw.url === 'string') faults.push(...addressFaults(raw.url))
  if (raw.prune !== undefined)
    faults.push(fault(['prune'], 'does nothing with rclone', 'Take it out; see backupDir.keep of its job.'))
  const { keyless } = (raw.read ?? {}) as { keyless?: unknown }
  if (keyless === true)
    faults.push(fault(['read', 'keyless'], 'is for restic; rclone lists without one', 'Take it out.'))
  const { readDataSubset } = (raw.check ?? {}) as { readDataSubset?: unknown }
  if (readDataSubset !== undefined && readDataSubset !== 'all')
    faults.push(fault(['check', 'readDataSubset'], 'must be all: rclone reads all data or none', 'Write all.'))
  return faults
}

/** Nothing of an address is repeated: it may hold secrets. */
function addressFaults(url: string): SettingFault[] {
  const { name } = destinationOf(url)
  if (url.startsWith('-'))
    return [
      fault(['url'], 'begins with a dash, as no name of a remote does', 'Write remote:path, or the path of a folder.'),
    ]
  if (!/^[./~]|:/.test(url))
    return [
      fault(['url'], 'names neither a remote nor a whole path', 'Write remote:path, or the whole path of a folder.'),
    ]
  if (looksDated(name))
    return [fault(['url'], 'looks like a dated folder of another tree', 'Let it end in a name without a date.')]
  if (name === '' && !url.includes(':'))
    return [fault(['url'], 'is the root of the file system', 'Name a folder that is for this tree alone.')]
  return []
}

function jobFaults(
  raw: Readonly<Record<string, unknown>>,
  { url }: Readonly<Record<string, unknown>>,
): readonly SettingFault[] {
  const faults: SettingFault[] = []
  if (typeof url === 'string') {
    if (raw.backupDir !== undefined && /^(?:\.{0,2})$/.test(destinationOf(url).name))
      faults.push(
        fault(
          ['backupDir'],
          'needs a tree with a name, which its dated folders bear as well, and this one is the root of a remote',
          'Let the url of the repository end in a folder, such as box:files.',
        ),
      )
    const { keep } = (raw.backupDir ?? {}) as { keep?: unknown }
    if ((Duration.safeParse(keep).data ?? 0) % dayMs !== 0)
      faults.push(
        fault(['backupDir', 'keep'], 'is no whole number of days, and the folders are dated by the day', 'Write 1d.'),
      )
    for (const source of texts(raw.sources)) {
      const found = overlapFault(source, url, texts(raw.exclude))
      if (found !== undefined) faults.push(found)
    }
  }
  if (Array.isArray(raw.sources) && raw.sources.length > 1)
    faults.push(
      fault(
        ['sources'],
        'has several entries, and a tree of rclone has one source',
        'Make a job and a repository for each, or name the folder above them and exclude the rest.',
      ),
    )
  if (raw.retention !== undefined)
    faults.push(
      fault(['retention'], 'does nothing with rclone', 'Write backupDir: { keep: 7d } to keep what is replaced.'),
    )
  for (const key of ['tags', 'host'])
    if (raw[key] !== undefined)
      faults.push(fault([key], 'has no place in a tree of rclone, which bears the name of its folder', 'Take it out.'))
  return faults
}

const texts = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []

export const settings = {
  repositoryShape,
  jobShape,
  needsPassword,
  repositoryFaults,
  jobFaults,
  secretInUrl:
    'Put it into the configuration of rclone: name the remote there (rclone config), and write remote:path here.',
  oneJob: {
    why: 'two jobs into one tree would each replace and delete what the other wrote',
    next: 'Give this job a repository of its own, with another folder as its url.',
  },
} satisfies ToolSettings
