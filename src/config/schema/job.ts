import { z } from 'zod'
import { Bytes, Duration, Share } from '../../model/units.ts'
import { toolSettings } from '../../sources/tools/settings.generated.ts'
import { Limits } from './limits.ts'
import { Name } from './repository.ts'
import { Retention } from './retention.ts'
import { Cron, Zone } from './schedule.ts'

const Guard = z
  .strictObject({
    mustExist: z
      .array(z.string().min(1))
      .prefault([])
      .meta({
        description: 'Paths that must exist before the backup starts, such as a marker file on the mounted disk.',
        examples: [['/srv/nfs/.mounted']],
      }),
    mountPoint: z
      .array(z.string().min(1))
      .prefault([])
      .meta({ description: 'Paths that must be mount points.', examples: [['/srv/nfs']] }),
    minFiles: z
      .int()
      .min(1)
      .optional()
      .meta({ description: 'Fewest files the sources must hold.', examples: [1000] }),
    minBytes: Bytes.optional().meta({ description: 'Fewest bytes the sources must hold.', examples: ['1G'] }),
    maxShrink: Share.optional().meta({
      description:
        'Warn, and forget nothing, when files or bytes shrank by more than this against the median of the last runs.',
      examples: ['50%'],
    }),
  })
  .prefault({})
  .meta({ description: 'Guards against saving an empty or shrunken source for weeks.' })

const Hook = z.union([z.string().min(1), z.array(z.string()).min(1)], {
  error: 'Write a list of program and arguments (no shell), or one text for the shell',
})
const hook = (description: string) =>
  Hook.optional().meta({ description, examples: [['/usr/local/bin/dump-db', '--all']] })

const Hooks = z
  .strictObject({
    before: hook('Runs before the backup.'),
    after: hook('Runs after a backup that ended ok or with warnings.'),
    failed: hook('Runs after a backup that failed, timed out or was cancelled.'),
    always: hook('Runs at the end, whatever happened.'),
    timeLimit: Duration.prefault('10m').meta({ description: 'Time limit for each hook.' }),
    inheritEnvironment: z.boolean().prefault(false).meta({
      description:
        'Whether hooks see the whole environment of Muster, secrets and all, and not only PATH, HOME and the like.',
    }),
    onBeforeFailure: z
      .enum(['stop', 'continue'])
      .prefault('stop')
      .meta({ description: 'What a failing `before` hook means for the run.' }),
  })
  .prefault({})
  .meta({
    description:
      'Programs of the user. A list is run as it is; a text is run by the shell. Environment: MUSTER_JOB, MUSTER_RUN_ID, MUSTER_REPOSITORY, MUSTER_HOOK, MUSTER_OUTCOME, MUSTER_SNAPSHOT_ID, MUSTER_PROBLEM.',
  })

export const Tags = z
  .array(z.string().regex(/^[^,]+$/, 'Write each tag as an entry of its own; a tag holds no comma'))
  .prefault([])

/** When the next backup is due, as said of whatever has runs of its own. */
export const due = {
  timezone: Zone.optional().meta({
    description: 'Zone of `schedule`; default: the `timezone` of the file.',
    examples: ['Europe/Berlin'],
  }),
  grace: Duration.prefault('2h').meta({
    description: 'How long after its scheduled instant a backup may take before it is late.',
  }),
  maxAge: Duration.optional().meta({ description: 'Deadline by age instead of by schedule.', examples: ['36h'] }),
} as const

const commonJob = {
  repository: Name.meta({ description: 'Name of an entry under `repositories`.', examples: ['offsite'] }),
  sources: z
    .array(z.string().min(1))
    .min(1)
    .meta({ description: 'Files and folders to back up.', examples: [['/srv/nfs']] }),
  exclude: z
    .array(z.string().min(1))
    .prefault([])
    .meta({ description: 'Patterns to leave out, in the syntax of the tool.', examples: [['*.tmp']] }),
  excludeFile: z
    .array(z.string().min(1))
    .prefault([])
    .meta({ description: 'Files with one pattern a line.', examples: [['/etc/muster/exclude.txt']] }),
  excludeIfPresent: z
    .array(z.string().min(1))
    .prefault([])
    .meta({ description: 'Leave out folders that hold a file of this name.', examples: [['.nobackup']] }),
  excludeCaches: z
    .boolean()
    .prefault(false)
    .meta({ description: 'Leave out folders marked as caches (CACHEDIR.TAG).' }),
  oneFileSystem: z.boolean().prefault(false).meta({ description: 'Do not cross into other file systems.' }),
  tags: Tags.meta({ description: 'Tags of the snapshot.', examples: [['daily']] }),
  host: z
    .string()
    .min(1)
    .optional()
    .meta({ description: 'Host name to record; default: the name of this machine.', examples: ['nas'] }),
  schedule: Cron.optional().meta({
    description: 'When `muster serve` and `muster run --due` start the job: 5 or 6 fields, @daily, @every 6h.',
    examples: ['15 2 * * *'],
  }),
  timezone: due.timezone,
  jitter: Duration.optional().meta({
    description: 'Start up to this much later, always the same for one instant.',
    examples: ['10m'],
  }),
  catchUp: z.boolean().prefault(true).meta({ description: 'After downtime, run once for all missed instants.' }),
  grace: due.grace,
  maxAge: due.maxAge,
  retention: Retention.meta({
    description: 'What to keep; older snapshots are forgotten after each successful backup.',
  }).optional(),
  upkeep: z
    .array(z.enum(['prune', 'check']))
    .prefault([])
    .meta({
      description:
        'Work on the repository that follows each good backup at once, beside its schedules: `prune`, where snapshots were forgotten, and `check`.',
      examples: [['prune', 'check']],
    }),
  onPartial: z.enum(['warn', 'fail']).prefault('warn').meta({
    description:
      'What a snapshot means in which something is missing that could not be read: a `warn`ing, or that the run `fail`ed, and nothing is forgotten.',
  }),
  guard: Guard,
  hooks: Hooks,
  limits: Limits.meta({ description: 'What a run may use of the machine and the network.' }),
  timeLimit: Duration.prefault('24h').meta({
    description: 'A backup that takes longer is ended and counts as timed out.',
  }),
  stallLimit: Duration.prefault('30m').meta({
    description: 'A backup or forget without any progress for this long is ended.',
  }),
  lockWait: Duration.prefault('30m').meta({
    description:
      'How long to wait for other work of Muster on the same repository. A lock of another program fails the run instead; with restic, `extraArgs: [--retry-lock, 10m]` waits for it.',
  }),
} as const

/** Options of all tools together: what several have by one name takes the form of any; `crosscheck` knows the job's tool. */
function merged(shapes: readonly z.core.$ZodLooseShape[]): z.core.$ZodLooseShape {
  const all: Record<string, z.ZodType[]> = {}
  for (const shape of shapes)
    for (const [key, schema] of Object.entries(shape)) all[key] = [...(all[key] ?? []), schema as z.ZodType]
  return Object.fromEntries(
    Object.entries(all).map(([key, [first, ...more]]) => [
      key,
      first === undefined || more.every((schema) => schema === first)
        ? (first as z.ZodType)
        : z
            .union([first, ...more], { error: 'Write it as the tool of its repository takes it' })
            .optional()
            .meta(first.meta() ?? {}),
    ]),
  )
}

/** What is one tool's own is checked by its shape and read by its adapter alone: nothing here knows its type. */
const own = merged(Object.values(toolSettings).map(({ jobShape }) => jobShape)) as Record<never, never>

/** Taken apart before this schema sees a job: what is left here is what could not be. */
const variants = z
  .record(Name, z.looseObject({}))
  .refine((all) => Object.keys(all).length > 0, {
    error: 'names no variant',
    params: { next: 'Name at least one, such as daily: { schedule: "0 1 * * *" }, or take it out.' },
  })
  .optional()
  .meta({
    description:
      'Several jobs that differ in a little, by name: each is a job `JOB-VARIANT` with these settings in place of those of the job, and with its name as a tag.',
    examples: [{ daily: { schedule: '15 2 * * *' } }],
  })

export const Job = z.strictObject({ ...commonJob, ...own, variants })
export type Job = z.output<typeof Job>
