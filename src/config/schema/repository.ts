import { z } from 'zod'
import { SecretSource } from '../../model/secret-source.ts'
import { setKeys } from '../../model/set-name.ts'
import { Duration, kinds } from '../../model/units.ts'
import { toolSettings } from '../../sources/tools/settings.generated.ts'
import { Expect } from './expect.ts'
import { Limits } from './limits.ts'
import { Cron, Pace } from './schedule.ts'
import { Space } from './space.ts'
import { RepositorySsh } from './ssh.ts'

/** Names become metric labels and file names: short and plain. */
export const Name = z
  .string()
  .regex(
    /^[A-Za-z0-9][\w.-]{0,62}$/,
    'Use letters, digits, dot, dash and underscore; at most 63; begin with a letter or digit',
  )

const Read = z
  .strictObject({
    every: Pace.prefault('15m').meta({
      description:
        'How often the repository is looked at, or when: a duration, or a schedule in the `timezone` of the file.',
      examples: ['15m', '0 6 * * *'],
    }),
    timeLimit: Duration.prefault('10m').meta({ description: 'A reading that takes longer counts as failed.' }),
    trustFolderTimes: z.boolean().prefault(true).meta({
      description:
        'Whether a repository on a disk of this machine may count as unchanged by the change times of its folders; it is listed once an hour all the same.',
    }),
    keyless: z.boolean().prefault(false).meta({
      description:
        'Reads without any password: how many snapshots there are, when the newest was uploaded, and what was deleted. Who wrote them stays unknown.',
    }),
    statsEvery: Duration.prefault('1d').meta({
      description: 'How often the size is measured; costly on large repositories.',
    }),
  })
  .prefault({})
  .meta({ description: 'Readings: looks at the repository that take no lock and write nothing.' })

const Sets = z
  .strictObject({
    by: z
      .array(z.enum(setKeys, { error: 'Write tags, paths or both; host and user always count' }))
      .prefault([])
      .transform((by) => setKeys.filter((key) => by.includes(key)))
      .meta({
        description: 'What tells backup sets apart beside host and user. Each combination becomes a set of its own.',
        examples: [['tags']],
      }),
  })
  .prefault({})
  .meta({
    description: 'How the snapshots of this repository make backup sets: those of one host and user, by default.',
  })

const Prune = z
  .strictObject({
    schedule: Cron.meta({ description: 'When unreferenced data is removed.', examples: ['30 4 * * 0'] }),
    timeLimit: Duration.prefault('12h').meta({ description: 'A prune that takes longer is ended.' }),
    stallLimit: Duration.prefault('1h').meta({ description: 'A prune that does nothing for this long is ended.' }),
  })
  .meta({ description: 'Removes data that no snapshot needs any more. Excludes every other work on the repository.' })

/** How much data a check reads back. */
export const ReadData = z
  .string()
  .regex(
    /^(?:all|\d+\/\d+|\d+(?:\.\d+)?%|\d+[KMGT])$/,
    'Write all, n/t, a percentage or a size, such as 1/10, 5% or 2G',
  )

const Check = z
  .strictObject({
    schedule: Cron.meta({ description: 'When the repository is checked.', examples: ['0 3 * * 0'] }),
    readDataSubset: ReadData.optional().meta({
      description: 'Data to read back: `all`, `n/t`, a percentage or a size. Default: structure only.',
      examples: ['5%'],
    }),
    timeLimit: Duration.prefault('12h').meta({ description: 'A check that takes longer is ended.' }),
    stallLimit: Duration.prefault('1h').meta({ description: 'A check that does nothing for this long is ended.' }),
  })
  .meta({ description: 'Integrity check of the repository.' })

const common = {
  url: z
    .string()
    .min(1)
    .register(kinds, { kind: 'url' })
    .meta({
      description: 'Where the repository is, in the syntax of the tool. Credentials in it are masked everywhere.',
      examples: [
        '/srv/backup',
        'rest:https://backups.example.com/my-repo',
        's3:s3.example.com/bucket',
        'sftp:user@host:path',
      ],
    }),
  password: SecretSource.optional().meta({
    description: 'Password of the repository.',
    examples: [{ file: '/etc/muster/repo.pass' }],
  }),
  environment: z
    .record(z.string().regex(/^[A-Za-z_]\w*$/, 'Use letters, digits and _; no digit first'), SecretSource)
    .prefault({})
    .meta({
      description: 'Further variables for the tool, such as cloud credentials. Each value is a secret.',
      examples: [{ AWS_ACCESS_KEY_ID: { file: '/etc/muster/aws-id' } }],
    }),
  program: z
    .string()
    .min(1)
    .optional()
    .meta({ description: 'Path of the tool; default: its name, found in PATH.', examples: ['/usr/local/bin/restic'] }),
  cacheDir: z
    .string()
    .min(1)
    .optional()
    .meta({ description: 'Cache folder of the tool; default: its own.', examples: ['/var/cache/muster/restic'] }),
  create: z.boolean().prefault(false).meta({
    description:
      'Make the repository at the first run when it truly does not exist. Never done because opening it failed for another reason, nor when it was there before.',
  }),
  lockHosts: z
    .array(z.string().min(1))
    .prefault([])
    .meta({
      description:
        'Names of hosts, as patterns, whose locks are removed once nobody renewed them for 45 minutes: of pods, say, whose name is another one each time. For restic, which renews the lock it holds every 5 minutes.',
      examples: [['emby-??????????-?????']],
    }),
  read: Read,
  sets: Sets,
  expect: Expect.optional(),
  ssh: RepositorySsh,
  space: Space,
  limits: Limits.meta({ description: 'What prune and check may use of the machine and the network.' }),
  prune: Prune.optional(),
  check: Check.optional(),
} as const

/** What every tool's repositories have; to look at one whose tool is not known. */
export const CommonRepository = z.looseObject(common)

const shapes = Object.entries(toolSettings).map(([tool, settings]) =>
  z
    .strictObject({
      tool: z.literal(tool).meta({ description: 'The backup tool.' }),
      ...common,
      ...(settings.repositoryShape as Record<never, never>),
    })
    .meta({ title: `${tool} repository` }),
)

export const Repository = z.discriminatedUnion('tool', shapes as [(typeof shapes)[number], ...typeof shapes], {
  error: (issue) =>
    issue.code === 'invalid_union' ? `Write one of: ${Object.keys(toolSettings).join(', ')}` : undefined,
})
export type Repository = z.output<typeof Repository>
