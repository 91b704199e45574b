import { expect, it } from 'vitest'
import { type ConfigFinding, sayPath } from './finding.ts'
import { parseConfig } from './parse.ts'

const base = `
repositories:
  box: { tool: restic, url: /b, password: { env: P }, expect: { sets: [{ match: "nas-*", every: 1d }] } }
jobs:
  home: { repository: box, sources: [/a], variants: { daily: {}, weekly: {} } }
`
const say = ({ path, message, next }: ConfigFinding): string => `${sayPath(path)}: ${message} → ${next}`
const read = (text: string) => {
  const { errors, warnings } = parseConfig(`${base}${text}\n`, { host: 'here' })
  return { errors: errors.map(say), warnings: warnings.map(say) }
}
const notify = (one: string): string => `notify: { x: { ${one} } }`
const ntfy = (more: string): string => notify(`kind: ntfy, topic: t, ${more}`)
const mail = (smtp: string): string => notify(`kind: email, to: [a@b.example], smtp: { url: "smtps://m", ${smtp} }`)
const noAddress =
  'is no address of http or https → Write the whole address, such as https://HOST/PATH, or where it is to be read from: { file: PATH }.'
const noDuration = '"0s" does not fit → Write a duration, such as 1d, or never, or failure.'

const wrong: readonly (readonly [string, string])[] = [
  [ntfy('user: u'), 'notify.x.user: has no password → Add password, or take user out.'],
  [ntfy('password: { env: X }'), 'notify.x.password: belongs to no user → Add user.'],
  [
    ntfy('url: ntfy.example.com'),
    'notify.x.url: this value does not fit → Write an address, such as https://ntfy.example.com.',
  ],
  [
    ntfy('url: "https://u:CANARY@ntfy.example.com"'),
    'notify.x.url: this value: holds a user or a password → Take them out, and give token, or user and password.',
  ],
  [ntfy('remindEvery: 0s'), `notify.x.remindEvery: ${noDuration}`],
  [ntfy('groupWait: soon'), 'notify.x.groupWait: "soon" does not fit → Write a duration, such as 1m, or 0s.'],
  [
    ntfy('quietHours: { from: "22:00", to: "22:00" }'),
    'notify.x.quietHours.to: is the time they begin, so that it is not told whether they last all day or not at all → Write when they end, such as to: 07:00, or take quietHours out.',
  ],
  [mail('user: u'), 'notify.x.smtp.user: has no password → Add password, or take user out.'],
  [mail('password: { env: X }'), 'notify.x.smtp.password: belongs to no user → Add user.'],
  [notify('kind: slack, url: ftp://CANARY.example.com/x'), `notify.x.url: ${noAddress}`],
  [notify('kind: discord, url: CANARY'), `notify.x.url: ${noAddress}`],
  [notify('kind: webhook, url: hooks.example.com/CANARY'), `notify.x.url: ${noAddress}`],
  [notify('kind: healthchecks, url: "hc-ping.com/CANARY/{job}"'), `notify.x.url: ${noAddress}`],
  [notify('kind: apprise, api: "https:CANARY"'), `notify.x.api: ${noAddress}`],
  ['heartbeat: { url: CANARY }', `heartbeat.url: ${noAddress}`],
]
for (const [text, want] of wrong)
  it(`is wrong: ${text}`, () => {
    const { errors } = read(text)
    expect(errors).toEqual([want])
    expect(errors.join()).not.toContain('CANARY')
  })

it('takes addresses, logins and hours that are right, and whatever is read from elsewhere', () => {
  const right = [
    ntfy('user: u, password: { env: X }, url: "http://127.0.0.1:8080/"'),
    ntfy('token: { env: T }, quietHours: { from: "22:00", to: "07:00" }, groupWait: 0s, remindEvery: failure'),
    mail('user: u, password: { env: X }'),
    notify('kind: slack, url: "https://hooks.example.com/x?y#z"'),
    notify('kind: healthchecks, url: "https://hc-ping.com/KEY/backup-{job}"'),
    notify('kind: webhook, url: { env: HOOK }'),
    notify('kind: pushover, token: { env: T }, user: { env: U }'),
    'heartbeat: { url: { file: /etc/alive } }',
    // Each stands in for the other: what was handed on once is not handed on again.
    'notify: { a: { kind: apprise, fallback: b }, b: { kind: apprise, fallback: a } }',
  ]
  expect(right.flatMap((text) => read(text).errors)).toEqual([])
})

it('warns of patterns by which a notifier would never be told anything', () => {
  const of = (list: string): string[] => read(ntfy(`of: ${list}`)).warnings
  expect(of('[home-daily, "home-*", box, "*", heartbeat, x, "nas-*", nas-1/root, "a/*"]')).toEqual([])
  expect(of('[box, home-dayly, home, nowhere, nas-1]')).toEqual([
    'notify.x.of[1]: "home-dayly" fits no job and no repository → Did you mean "home-daily"?',
    'notify.x.of[2]: "home" fits no job and no repository → Did you mean "home*"?',
    'notify.x.of[3]: "nowhere" fits no job and no repository → Write the name of a job or repository, or host and user of a backup set, such as nas/root or nas/*.',
    'notify.x.of[4]: "nas-1" fits no job and no repository → Write the name of a job or repository, or host and user of a backup set, such as nas/root or nas/*.',
  ])
})

it('tells all of it at once', () => {
  const text = `notify:
  a: { kind: ntfy, topic: t, user: u, url: nowhere, quietHours: { from: "1:00", to: "1:00" } }
  b: { kind: slack, url: nowhere }
heartbeat: { url: nowhere, every: 0s }`
  expect(read(text).errors.map((line) => line.split(':')[0])).toEqual(
    expect.arrayContaining(['notify.a.user', 'notify.a.url', 'notify.b.url', 'heartbeat.url', 'heartbeat.every']),
  )
})
