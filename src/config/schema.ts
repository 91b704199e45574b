/** The one schema of `muster.yaml`: types, checks, JSON Schema, reference page and sample all come from here. */
import { z } from 'zod'
import { Duration } from '../model/units.ts'
import { Diagnose } from './schema/diagnose.ts'
import { Heartbeat } from './schema/heartbeat.ts'
import { Inbox } from './schema/inbox.ts'
import { Job } from './schema/job.ts'
import { Metrics } from './schema/metrics.ts'
import { Notify } from './schema/notify.ts'
import { Ns8 } from './schema/ns8.ts'
import { Ping } from './schema/pings.ts'
import { Report } from './schema/report.ts'
import { Name, Repository } from './schema/repository.ts'
import { Zone } from './schema/schedule.ts'
import { Server } from './schema/server.ts'
import { Ssh } from './schema/ssh.ts'

export const Config = z.strictObject({
  $schema: z
    .string()
    .optional()
    .meta({ description: 'JSON Schema for editors.', examples: ['./muster.schema.json'] }),
  repositories: z
    .record(Name, Repository)
    .prefault({})
    .meta({
      description: 'The repositories, by name: where snapshots live.',
      examples: [{ box: { tool: 'restic', url: '/srv/backup', password: { file: '/etc/muster/box.pass' } } }],
    }),
  jobs: z
    .record(Name, Job)
    .prefault({})
    .meta({
      description: 'What is backed up, by name.',
      examples: [{ home: { repository: 'box', sources: ['/home'], schedule: '15 2 * * *' } }],
    }),
  pings: z
    .record(Name, Ping)
    .prefault({})
    .meta({
      description: 'Backups that another program runs and tells of at `/ping/KEY`, by name.',
      examples: [{ laptop: { key: { file: '/etc/muster/laptop.key' }, schedule: '15 2 * * *' } }],
    }),
  notify: z
    .record(Name, Notify)
    .prefault({})
    .meta({
      description: 'Who is told when something does not pass muster, by name.',
      examples: [{ phone: { kind: 'ntfy', topic: 'backups-4f7a' } }],
    }),
  reports: z
    .record(Name, Report)
    .prefault({})
    .meta({
      description: 'Reports of what ran, what passes muster and what grew, by name.',
      examples: [{ nightly: { schedule: '0 7 * * *', notify: ['mail'] } }],
    }),
  inbox: Inbox.optional(),
  diagnose: Diagnose,
  ns8: Ns8.optional(),
  heartbeat: Heartbeat.optional(),
  page: z
    .url({ protocol: /^https?$/ })
    .optional()
    .meta({
      description: 'Address under which people reach the page; messages link to it.',
      examples: ['https://muster.example.com/'],
    }),
  ssh: Ssh,
  timezone: Zone.optional().meta({
    description: 'Zone of all schedules; default: that of this machine.',
    examples: ['Europe/Berlin'],
  }),
  concurrency: z.int().min(1).max(64).prefault(2).meta({
    description: 'Repositories worked on at the same time by programs: backups, checks, readings that need one.',
  }),
  readConcurrency: z
    .int()
    .min(1)
    .max(4096)
    .prefault(64)
    .meta({ description: 'Repositories read at the same time without a program; one that hangs delays no other.' }),
  state: z
    .string()
    .min(1)
    .optional()
    .meta({
      description: 'Folder for the ledger; default: $MUSTER_STATE, $STATE_DIRECTORY, $XDG_STATE_HOME/muster.',
      examples: ['/var/lib/muster'],
    }),
  ledger: z
    .strictObject({
      keepRuns: Duration.prefault('400d').meta({ description: 'How long runs are kept in the ledger.' }),
      keepReadings: Duration.prefault('30d').meta({ description: 'How long readings are kept in the ledger.' }),
      keepGone: Duration.prefault('400d').meta({
        description: 'How long snapshots that are gone from their repository are remembered.',
      }),
    })
    .prefault({})
    .meta({
      description: 'Retention of the rows of the ledger. The newest of each kind always stays, and so do the counters.',
    }),
  metrics: Metrics,
  server: Server,
})
/** The configuration with every default filled in; durations in milliseconds, sizes in bytes. */
export type Config = z.output<typeof Config>
export type { Job } from './schema/job.ts'
export type { Repository } from './schema/repository.ts'
