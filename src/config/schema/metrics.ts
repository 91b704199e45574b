/** Where metrics go, beside whoever asks for them. */
import { z } from 'zod'
import { unknownPlaceholders } from '../../model/grouping.ts'
import { SecretSource } from '../../model/secret-source.ts'
import { Duration, kinds } from '../../model/units.ts'
import { webAddress } from '../../model/web-address.ts'
import { nameSettings } from '../../outlets/metrics/names/settings.generated.ts'

const nameSetNames = Object.keys(nameSettings) as (keyof typeof nameSettings)[]
const NameSetName = z.enum(nameSetNames as [keyof typeof nameSettings, ...(keyof typeof nameSettings)[]])

const names = (description: string, examples: readonly unknown[]) =>
  z
    .union([NameSetName, z.array(NameSetName).min(1)], {
      error: `Write one of ${nameSetNames.join(', ')}, or a list of them`,
    })
    .prefault('muster')
    .meta({ description, examples: [...examples] })

const url = (description: string, example: string) =>
  webAddress(example, ', and give username and password, or token')
    .refine((text) => URL.parse(text)?.search === '' && URL.parse(text)?.hash === '', {
      error: 'holds ? or #',
      params: { next: 'Write the address alone.' },
    })
    .register(kinds, { kind: 'url' })
    .meta({ description, examples: [example] })

/** Text with placeholders. */
const Template = z
  .string()
  .max(512)
  .refine((text) => unknownPlaceholders(text).length === 0, {
    error: 'holds something in braces that is not known',
    params: { next: 'Use {job}, {variant}, {tag}, {hostname} or {host}.' },
  })

const LabelName = z
  .string()
  .regex(/^(?!__)[A-Za-z_]\w{0,127}$/, 'Write the name of a label: letters, digits and _, no digit first, not __')
  .refine((name) => name !== 'job' && name !== 'instance', 'Write job and instance beside grouping, not in it')

const access = {
  username: z
    .string()
    .regex(/^[^:\s]{1,256}$/, 'Use no colon and no blank')
    .optional()
    .meta({ description: 'User, with `password`, where a login is asked for.', examples: ['muster'] }),
  password: SecretSource.optional().meta({
    description: 'Password of `username`.',
    examples: [{ file: '/etc/muster/push.pass' }],
  }),
  token: SecretSource.optional().meta({
    description: 'Bearer token; counts where there is a user too.',
    examples: [{ file: '/etc/muster/push.token' }],
  }),
  caCert: z
    .string()
    .min(1)
    .optional()
    .meta({ description: 'File with the authorities that are trusted.', examples: ['/etc/muster/ca.pem'] }),
  insecure: z.boolean().prefault(false).meta({
    description: 'Trust any certificate. Whoever is on the way reads the password or token, and changes what is told.',
  }),
  timeout: Duration.prefault('10s').meta({ description: 'How long one request may take.' }),
} as const

const Pushgateway = z
  .strictObject({
    url: url('Address of the gateway; it may have a path.', 'https://push.example.com'),
    names: names('Names under which jobs are told of: one set or several.', ['nfs-backup', ['muster', 'sidecar']]),
    method: z
      .enum(['put', 'post'])
      .optional()
      .meta({
        description:
          '`put` replaces a group, so that what is not known any more goes; `post` leaves other metrics of the group alone. Default: `put`; `post` for the set `sidecar`.',
        examples: ['post'],
      }),
    job: Template.min(1)
      .optional()
      .meta({
        description:
          'Label `job` of the group. {job}, {variant}, {tag}, {hostname} and {host} are filled in. Default: that of the name set.',
        examples: ['{job}'],
      }),
    instance: Template.optional().meta({
      description: 'Label `instance` of the group, likewise; empty: none. Default: that of the name set.',
      examples: ['{tag}'],
    }),
    grouping: z
      .record(LabelName, Template)
      .prefault({})
      .meta({ description: 'Further labels of the group.', examples: [{ cluster: 'home' }] }),
    ...access,
    resend: Duration.prefault('5m').meta({
      description:
        'How often the gateway is asked whether it still has what it was given; what it lost is given again.',
    }),
  })
  .meta({ description: 'A Pushgateway that is given the metrics of each job after each run.' })
export type Pushgateway = z.output<typeof Pushgateway>

const Textfile = z
  .strictObject({
    directory: z
      .string()
      .startsWith('/', 'Write the whole path, such as /var/lib/prometheus/node-exporter')
      .meta({
        description: 'Folder that node_exporter reads (`--collector.textfile.directory`).',
        examples: ['/var/lib/prometheus/node-exporter'],
      }),
    names: names('Names under which jobs are told of: one set or several.', ['runrestic']),
  })
  .meta({ description: 'A file for each job, `muster_<job>.prom`, written after each run.' })
export type Textfile = z.output<typeof Textfile>

const Otlp = z
  .strictObject({
    url: url('Where metrics are posted, path and all.', 'http://127.0.0.1:9090/api/v1/otlp/v1/metrics'),
    headers: z
      .record(z.string().regex(/^[\w-]+$/, 'Write the name of a header'), SecretSource)
      .prefault({})
      .meta({ description: 'Further headers.', examples: [{ 'X-Scope-OrgID': { file: '/etc/muster/tenant' } }] }),
    ...access,
    interval: Duration.prefault('1m').meta({ description: 'How often `muster serve` posts, beside after each run.' }),
  })
  .meta({ description: 'A receiver of OpenTelemetry metrics (OTLP over HTTP) that is given all that /metrics tells.' })
export type Otlp = z.output<typeof Otlp>

export const Metrics = z
  .strictObject({
    maxSeries: z.int().min(50).max(1_000_000).prefault(2000).meta({
      description: 'Most series per repository; what goes beyond is counted in muster_repository_series_dropped_total.',
    }),
    pushgateway: Pushgateway.optional(),
    textfile: Textfile.optional(),
    otlp: Otlp.optional(),
  })
  .prefault({})
  .meta({ description: 'What is exported at /metrics, and where else metrics go.' })
export type Metrics = z.output<typeof Metrics>
