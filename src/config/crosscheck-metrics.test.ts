import { expect, it } from 'vitest'
import { sayPath } from './finding.ts'
import { parseConfig } from './parse.ts'

const jobs = (a: string, b: string): string => `
repositories: { box: { tool: restic, url: /b, password: { env: P } } }
jobs:
  A: { repository: box, sources: [/a], ${a} }
  B: { repository: box, sources: [/b], ${b} }
`
const daily = 'tags: [daily]'
const push = (more: string): string => `pushgateway: { url: "https://push.example.com/gate", ${more} }`

const rows: readonly (readonly [string, string, string, string, string | undefined])[] = [
  ['the default set, each job its own', '', '', push(''), undefined],
  [
    'two jobs of one tag',
    daily,
    daily,
    push('names: nfs-backup'),
    'metrics.pushgateway: puts the jobs A and B into one group (metrics/job/nfs_backup/instance/daily)',
  ],
  ['two jobs of two tags', daily, 'tags: [weekly]', push('names: nfs-backup'), undefined],
  [
    'two jobs of one host',
    '',
    '',
    push('names: sidecar'),
    'metrics.pushgateway: puts the jobs A and B into one group (metrics/job/backup/instance/here)',
  ],
  ['told apart by the instance', '', '', push("names: sidecar, instance: '{job}'"), undefined],
  ['told apart by another label', '', '', push("names: sidecar, grouping: { of: '{job}' }"), undefined],
  [
    'one job for all',
    '',
    '',
    push('job: muster'),
    'metrics.pushgateway: puts the jobs A and B into one group (metrics/job/muster/instance/here)',
  ],
  [
    'an instance that says too little',
    '',
    '',
    push("instance: '{host}', job: x"),
    'metrics.pushgateway.instance: puts the jobs A and B into one group',
  ],
  [
    'an unknown placeholder',
    '',
    '',
    push("instance: '{jbo}'"),
    'metrics.pushgateway.instance: "{jbo}": holds something in braces that is not known',
  ],
  [
    'a password without its user',
    '',
    '',
    push('password: { env: X }'),
    'metrics.pushgateway.password: belongs to no user',
  ],
  ['a user without its password', '', '', push('username: u'), 'metrics.pushgateway.username: has no password'],
  [
    'an address without its protocol',
    '',
    '',
    'pushgateway: { url: push.example.com }',
    'metrics.pushgateway.url: this value does not fit',
  ],
  [
    'a folder that is none everywhere',
    '',
    '',
    'textfile: { directory: metrics }',
    'metrics.textfile.directory: "metrics" does not fit',
  ],
  [
    'a label that is kept',
    '',
    '',
    push('grouping: { job: x }'),
    'metrics.pushgateway.grouping.job: the name "job" cannot be used',
  ],
  [
    'files without a name',
    '',
    '',
    'textfile: { directory: /t, names: nfs-backup }',
    'metrics.textfile.names: nfs-backup names no job in its metrics, so those of A, B could not be told apart',
  ],
  ['files with names', '', '', 'textfile: { directory: /t, names: [muster, runrestic] }', undefined],
]
for (const [name, a, b, metrics, want] of rows)
  it(name, () => {
    const { errors } = parseConfig(`${jobs(a, b)}metrics:\n  ${metrics}\n`, { host: 'here' })
    const said = errors.map(({ path, message }) => `${sayPath(path)}: ${message}`)
    if (want === undefined) expect(said).toEqual([])
    else expect(said).toMatchObject([expect.stringContaining(want)])
  })

it('never repeats a password that stands in an address', () => {
  const text = `${jobs('', '')}metrics: { pushgateway: { url: "https://u:CANARY@push.example.com/" } }\n`
  const { errors } = parseConfig(text, { host: 'here' })
  expect(errors).toMatchObject([{ message: 'this value: holds a user or a password' }])
  expect(JSON.stringify(errors)).not.toContain('CANARY')
})

it('warns of a password or token that goes to another machine in clear', () => {
  const warned = (metrics: string) =>
    parseConfig(`${jobs('', '')}metrics: { ${metrics} }\n`, { host: 'here' }).warnings.map(({ path, message }) => [
      sayPath(path),
      message,
    ])
  const login = 'username: u, password: { env: X }'
  for (const url of ['https://push.example.com', 'http://127.0.0.1:9091', 'http://localhost', 'http://[::1]:9091/x'])
    expect(warned(`pushgateway: { url: "${url}", ${login} }`)).toEqual([])
  expect(warned('otlp: { url: "http://otlp.example.com/v1" }')).toEqual([])
  expect(
    warned(
      `pushgateway: { url: "http://push.example.com", ${login} }, otlp: { url: "http://o/v1", token: { env: X } }`,
    ),
  ).toEqual([
    ['metrics.pushgateway.url', 'the password is sent in clear to another machine'],
    ['metrics.otlp.url', 'the token is sent in clear to another machine'],
  ])
})
