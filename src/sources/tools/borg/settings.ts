/** Settings that only borg has; the common ones are in the schema of jobs and repositories. */
import { z } from 'zod'
import { Duration } from '../../../model/units.ts'
import { extraArgs } from '../extra-args.ts'
import type { Aim, SettingFault, ToolSettings } from '../settings.ts'
import type { RepositoryAccess } from '../tool.ts'
import { addressFault } from './address.ts'
import { canMeet, defaultName, nameFault, piecesOf } from './archive-name.ts'
import { refusedArguments } from './extra-args.ts'

/** Source: borg manual, `borg init`; the modes of 1.x. */
const encryptions = [
  'repokey-blake2',
  'repokey',
  'keyfile-blake2',
  'keyfile',
  'authenticated-blake2',
  'authenticated',
  'none',
] as const
export const defaultEncryption = 'repokey-blake2'

const path = z.string().min(1)

const repositoryShape = {
  encryption: z
    .enum(encryptions)
    .optional()
    .meta({
      description:
        'How a repository that Muster makes is encrypted; default: repokey-blake2. Says nothing of one that is there.',
      examples: ['keyfile-blake2'],
    }),
  keyFile: path.optional().meta({
    description: 'Key file, for a repository whose key is not in it (BORG_KEY_FILE); default: the one borg finds.',
    examples: ['/etc/muster/box.key'],
  }),
  unencrypted: z
    .boolean()
    .optional()
    .meta({
      description: 'The repository is not encrypted, or only authenticated without a passphrase, and that is meant.',
      examples: [true],
    }),
  relocated: z
    .boolean()
    .optional()
    .meta({
      description: 'The repository was moved to this address, and that is meant. Take it out after the next backup.',
      examples: [true],
    }),
  baseDir: path.optional().meta({
    description: 'Folder for what borg keeps on this machine: cache, keys and security notes (BORG_BASE_DIR).',
    examples: ['/var/lib/muster/borg'],
  }),
  remotePath: path.optional().meta({
    description: 'Name or path of the borg program on the server.',
    examples: ['borg-1.4', '/usr/local/bin/borg'],
  }),
  checkOnly: z
    .enum(['repository', 'archives'])
    .optional()
    .meta({
      description: 'Check the stored data only, or what the archives say only. Default: both.',
      examples: ['repository'],
    }),
  checkFor: Duration.optional().meta({
    description:
      'Check the stored data for this long, the next check going on where this one ended. Says nothing of what the archives say.',
    examples: ['1h'],
  }),
  compactThreshold: z
    .int()
    .min(0)
    .max(100)
    .optional()
    .meta({
      description:
        'Segments are written anew by `prune` when this share in percent of them can be freed; borg itself takes 10.',
      examples: [5],
    }),
}

const jobShape = {
  archiveName: z
    .string()
    .superRefine((template, context) => {
      const fault = nameFault(template)
      if (fault !== undefined)
        context.addIssue({ code: 'custom', message: fault.message, params: { next: fault.next } })
    })
    .optional()
    .meta({
      description:
        'Name of the archives, with the placeholders of borg; default: {hostname}-{now}. Jobs on one repository whose names could meet need different ones.',
      examples: ['{hostname}-files-{now}'],
    }),
  compression: z
    .string()
    .regex(
      /^(?:obfuscate,\d+,)?(?:auto,)?(?:none|lz4|zstd(?:,(?:[1-9]|1\d|2[0-2]))?|zlib(?:,\d)?|lzma(?:,\d)?)$/,
      'Write a compression of borg, such as lz4, zstd, zstd,10 or auto,lzma,6',
    )
    .optional()
    .meta({
      description: 'Compression of new data: lz4, zstd,1 to 22, zlib, lzma, none, with auto, before it.',
      examples: ['zstd,6'],
    }),
  extraArgs: extraArgs(refusedArguments)
    .optional()
    .meta({
      description: 'Further arguments of `borg create`, from a list of harmless ones.',
      examples: [['--files-cache=mtime,size', '--noatime']],
    }),
}

type Own = z.output<z.ZodObject<typeof repositoryShape>>

/** The settings of a repository that only borg has, as the schema parsed them. */
export const settingsOf = (access: Pick<RepositoryAccess, 'own'>): Own => (access.own ?? {}) as Own

const restOf = (raw: unknown, key: string): Readonly<Record<string, unknown>> => {
  const value = typeof raw === 'object' && raw !== null ? (raw as Record<string, unknown>)[key] : undefined
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}

const out = 'Take it out.'

/** What other tools do and borg 1.x cannot. */
function jobFaults(raw: Readonly<Record<string, unknown>>): readonly SettingFault[] {
  const retention = Object.keys(restOf(raw, 'retention')).flatMap((key): SettingFault[] => {
    const where = ['retention', key]
    if (key === 'group')
      return [{ path: where, message: 'has no meaning with borg: a policy counts the archives of its job', next: out }]
    if (key === 'keepTags')
      return [{ path: where, message: 'cannot be kept with borg, whose policies know no tags', next: out }]
    const counted = /^keepWithin(Hourly|Daily|Weekly|Monthly|Yearly)$/.exec(key)?.[1]
    return counted === undefined
      ? []
      : [{ path: where, message: 'is a rule that borg does not have', next: `Use keep${counted} with a number.` }]
  })
  return [...retention, ...limitFaults(raw)]
}

function limitFaults(raw: unknown): SettingFault[] {
  const limits = restOf(raw, 'limits')
  return [
    ...(limits.downloadRate === undefined
      ? []
      : [{ path: ['limits', 'downloadRate'], message: 'cannot be held: borg limits uploads alone', next: out }]),
    ...(limits.cpus === undefined
      ? []
      : [{ path: ['limits', 'cpus'], message: 'has no meaning: borg works on one processor', next: out }]),
  ]
}

function repositoryFaults(raw: Readonly<Record<string, unknown>>): readonly SettingFault[] {
  const check = restOf(raw, 'check').readDataSubset
  const found: SettingFault[] = [...limitFaults(raw)]
  const address = typeof raw.url === 'string' ? addressFault(raw.url) : undefined
  if (address !== undefined)
    found.push({ path: ['url'], message: address, next: 'Write ssh://user@host:port/path, or the path of a folder.' })
  if (check !== undefined && check !== 'all')
    found.push({
      path: ['check', 'readDataSubset'],
      message: 'is not known to borg, which reads all data back or none',
      next: 'Write all, or spread the check of the stored data over several with checkFor: 1h.',
    })
  if (raw.checkFor !== undefined && (check !== undefined || raw.checkOnly === 'archives'))
    found.push({
      path: ['checkFor'],
      message: 'is for the stored data alone, which borg cannot join with reading data back or with archives',
      next: 'Take out the one or the other.',
    })
  if (check !== undefined && raw.checkOnly === 'repository')
    found.push({
      path: ['checkOnly'],
      message: 'leaves out the archives, whose data check.readDataSubset wants read back',
      next: 'Take out the one or the other.',
    })
  if (restOf(raw, 'read').keyless === true)
    found.push({
      path: ['read', 'keyless'],
      message: 'cannot be done: the list of archives of borg is encrypted',
      next: 'Take it out and give the password.',
    })
  if (raw.encryption === 'none' && raw.unencrypted !== true)
    found.push({
      path: ['encryption'],
      message: 'makes a repository that anybody can read who gets at it',
      next: 'If that is meant, add unencrypted: true. Else take it out.',
    })
  return found
}

const templateOf = ({ raw }: Aim): string => (typeof raw.archiveName === 'string' ? raw.archiveName : defaultName)
const namesOf = (aim: Aim) => piecesOf(templateOf(aim), aim.host)

const overlap = {
  /** A policy looks at every archive whose name its job can have made. */
  thins: (own: Aim, other: Aim): boolean => canMeet(namesOf(own), namesOf(other)),
  why: (others: number): string =>
    `same repository, and the names of ${others === 1 ? 'its' : 'their'} archives could be names of this job's`,
  next: (job: string): string =>
    `Give each of these jobs archives of its own name, such as archiveName: "{hostname}-${job}-{now}".`,
}

/** Most are encrypted; one that is not says so, and a key file may do without a passphrase. */
const needsPassword = (raw: Readonly<Record<string, unknown>>): boolean =>
  raw.unencrypted !== true && raw.keyFile === undefined

export const settings = {
  repositoryShape,
  jobShape,
  needsPassword,
  repositoryFaults,
  jobFaults,
  secretInUrl: 'Take it out of the URL: ssh takes no password there, and Muster lets it ask for none. Use a key.',
  overlap,
} satisfies ToolSettings
