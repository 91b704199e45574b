/** What people are told of a diagnosis: one message a group. Pure. */
import type { SortedAlert } from '../../model/alert.ts'
import type { Figure, Message, Table } from '../../model/delivery.ts'
import type { Diagnosis, DiagnosisOutcome, Finding, Part, Probe } from '../../model/diagnosis.ts'
import type { IncidentFacts, Severity } from '../../model/incident.ts'
import { sayDuration } from '../../model/units.ts'

/** Subjects as ns8-backup-monitor has them; people sort their mail by them. */
const headlines: Readonly<Record<DiagnosisOutcome, readonly [mark: string, text: string]>> = {
  SUCCESS: ['✅', 'Backup completed successfully'],
  PARTIAL: ['⚠️', 'Backup partially failed'],
  REPO_FAILURE: ['❌', 'Backup failed – possible repository error'],
  UNKNOWN: ['❌', 'Backup state unknown'],
}

const severityOfOutcome = (outcome: DiagnosisOutcome): Severity | 'good' =>
  (({ SUCCESS: 'good', PARTIAL: 'warning', REPO_FAILURE: 'critical', UNKNOWN: 'critical' }) as const)[outcome]

/** Names are no secret, and anything may stand in them. */
const mostRows = 200

export interface Answerer {
  readonly host: string
  readonly subjectPrefix: string
  readonly link?: string
}

export function answerMessage(
  { alerts, openedAt }: Pick<Diagnosis, 'alerts' | 'openedAt'>,
  finding: Finding,
  { host, subjectPrefix, link }: Answerer,
  now: Date,
): Message {
  const { outcome } = finding
  const [mark, headline] = headlines[outcome]
  const name = nameOf(alerts, finding)
  const words = finding.probes.flatMap(({ words: said, repository, part }) =>
    said === undefined ? [] : [`${part ?? repository}:\n${said}`],
  )
  return {
    kind: 'answer',
    title: cut(name === '' ? headline : `${headline}: ${name}`),
    subject: `${subjectPrefix === '' ? '' : `${subjectPrefix} `}${mark} ${headline}`,
    severity: severityOfOutcome(outcome),
    entries: [],
    figures: figuresOf(alerts, openedAt, finding, now),
    tables: [
      ...partsTable(finding.parts, now),
      ...probesTable(finding.probes, now),
      ...evidenceTable(finding),
      ...alertsTable(alerts, now),
    ],
    ...(words.length > 0 && { log: words.join('\n\n').slice(0, 8_000) }),
    host,
    at: now,
    ...(link !== undefined && { link }),
  }
}

/** All that the alerts told is over. */
export function resolvedMessage(
  { alerts }: Pick<Diagnosis, 'alerts'>,
  finding: Finding,
  answerer: Answerer,
  now: Date,
): Message {
  const name = nameOf(alerts, finding)
  const { subjectPrefix, host, link } = answerer
  const title = cut(`The alarm is over${name === '' ? '' : `: ${name}`}`)
  return {
    kind: 'answer',
    title,
    subject: `${subjectPrefix === '' ? '' : `${subjectPrefix} `}✅ ${title}`,
    severity: 'good',
    entries: [],
    figures: figuresOf(alerts, alerts[0]?.receivedAt ?? now, finding, now).filter(
      ({ name: what }) => what !== 'Do now',
    ),
    tables: partsTable(finding.parts, now),
    host,
    at: now,
    ...(link !== undefined && { link }),
  }
}

/** Plans by their names; else what it is about; else the alert. */
export function nameOf(alerts: readonly SortedAlert[], { plans, parts }: Pick<Finding, 'plans' | 'parts'>): string {
  const named = plans.map(({ id, name }) => name ?? `plan ${id}`)
  if (named.length > 0) return short(named)
  const bad = parts.filter(({ state }) => state !== 'ok')
  if (parts.length > 0) return short((bad.length > 0 ? bad : parts).map((part) => part.name))
  return short([...new Set(alerts.map(({ labels }) => labels.name ?? labels.alertname ?? 'an alert'))])
}

const short = (names: readonly string[]): string =>
  names.length <= 3 ? names.join(', ') : `${names.slice(0, 2).join(', ')} and ${names.length - 2} more`

/** An open incident for as long as it stands so; none where all is well. */
export function incidentOf(
  { group, alerts }: Pick<Diagnosis, 'group' | 'alerts'>,
  finding: Finding,
  at: Date,
): IncidentFacts | undefined {
  const { outcome, cause, evidence, next, parts } = finding
  const severity = severityOfOutcome(outcome)
  if (severity === 'good') return undefined
  const since =
    earliest(parts.flatMap((part) => (part.since !== undefined && part.since <= at ? part.since : []))) ??
    earliest(alerts.map(({ startsAt }) => startsAt))
  const lastGood = latest(parts.filter(({ state }) => state !== 'ok').flatMap((part) => part.lastGood ?? []))
  return {
    key: incidentKey(group),
    kind: 'alert',
    name: nameOf(alerts, finding),
    state: 'failing',
    severity,
    reason: `${headlines[outcome][1]}; cause: ${cause}${evidence[0] === undefined ? '' : ` (${evidence[0].text})`}`,
    next,
    ...(since && { since }),
    ...(lastGood && { lastGood }),
  }
}

export const incidentKey = (group: string): string => `alert/${group}`

function figuresOf(
  alerts: readonly SortedAlert[],
  openedAt: Date,
  { cause, next, plans, evidence }: Finding,
  now: Date,
): Figure[] {
  const figure = (name: string, value: string | undefined): Figure[] =>
    value === undefined || value === '' ? [] : [{ name, value }]
  const firing = alerts.filter(({ status }) => status === 'firing')
  const began = earliest(firing.map(({ startsAt }) => startsAt)) ?? openedAt
  const left = Math.max(0, ...alerts.map(({ truncated }) => truncated))
  const names = [...Map.groupBy(alerts, ({ labels }) => labels.alertname ?? 'an alert')].map(
    ([name, own]) => `${name}${own.length > 1 ? ` (${own.length})` : ''}`,
  )
  return [
    ...figure('Probable cause', sayCause(cause, evidence)),
    ...figure('Do now', next),
    ...figure('Alarm since', sayAt(began, now)),
    ...figure('Plan', plans.map(sayPlan).join(', ')),
    ...figure('Alerts', `${names.join(', ')}${left > 0 ? ` and ${left} more that the Alertmanager left out` : ''}`),
    ...figure('Rule', addressOf(alerts.find(({ generatorURL }) => generatorURL !== undefined)?.generatorURL)),
    ...figure('Alertmanager', addressOf(alerts.find(({ externalURL }) => externalURL !== undefined)?.externalURL)),
  ]
}

/** Of an unknown one the evidence is all that was noticed, and none of it a reason. */
const sayCause = (cause: Finding['cause'], [first]: Finding['evidence']): string =>
  first === undefined || cause === 'unknown' ? cause : `${cause}: ${first.text}`

const sayPlan = ({ id, name, schedule, enabled }: Finding['plans'][number]): string =>
  `${name === undefined ? id : `${name} (${id})`}${schedule === undefined ? '' : `, ${schedule}`}${enabled === false ? ', switched off' : ''}`

/** An address that can be followed, without a login. */
function addressOf(text: string | undefined): string | undefined {
  const url = text === undefined ? null : URL.parse(text)
  if (url === null || !/^https?:$/.test(url.protocol)) return undefined
  url.username = ''
  url.password = ''
  return url.href.slice(0, 500)
}

function partsTable(all: readonly Part[], now: Date): Table[] {
  const parts = all.filter(({ kind }) => kind !== 'alert')
  if (parts.length === 0) return []
  const order = ['failed', 'missing', 'unknown', 'warning', 'ok']
  const sorted = parts.toSorted((a, b) => order.indexOf(a.state) - order.indexOf(b.state))
  const rows = sorted
    .slice(0, mostRows)
    .map((part) => [
      `${markOf(part)} ${part.title === undefined ? part.name : `${part.title} (${part.name})`}`,
      part.state,
      part.at === undefined ? 'never seen' : sayAt(part.at, now),
      part.since === undefined || part.since > now ? '' : sayAt(part.since, now),
      part.lastGood === undefined
        ? part.state === 'ok'
          ? sayAt(part.at ?? now, now)
          : 'none known'
        : sayAt(part.lastGood, now),
      [
        part.node === undefined ? '' : `on ${part.node}`,
        part.errors === undefined || part.errors === 0 ? '' : `${part.errors} error${part.errors === 1 ? '' : 's'}`,
        part.problem?.message ?? lastLine(part.message),
      ]
        .filter((text) => text !== '')
        .join('; '),
    ])
  const more = sorted.length > mostRows ? [[`and ${sorted.length - mostRows} more`, '', '', '', '', '']] : []
  return [
    {
      title: 'What was to be backed up',
      columns: ['Name', 'State', 'Last ended', 'Fails since', 'Last good', 'Says'],
      rows: [...rows, ...more],
    },
  ]
}

const markOf = ({ state }: Part): string =>
  ({ ok: '✅', warning: '⚠️', failed: '❌', missing: '❌', unknown: '❓' })[state]

const lastLine = (text: string | undefined): string => text?.trim().split('\n').at(-1)?.slice(0, 500) ?? ''

function probesTable(probes: readonly Probe[], now: Date): Table[] {
  if (probes.length === 0) return []
  return [
    {
      title: 'Repositories, as they look now',
      columns: ['Repository', 'Health', 'Snapshots', 'Newest', 'Looked at by', 'Says'],
      rows: probes
        .slice(0, mostRows)
        .map(({ repository, part, soundness, snapshots, newestAt, way, problem, exitCode }) => [
          part === undefined ? repository : `${repository} of ${part}`,
          sayHealth(soundness, way),
          snapshots === undefined ? '' : String(snapshots),
          newestAt === undefined ? '' : sayAt(newestAt, now),
          way,
          [problem?.message ?? '', exitCode === undefined || exitCode === 0 ? '' : `exit code ${exitCode}`]
            .filter((text) => text !== '')
            .join('; '),
        ]),
    },
  ]
}

/** A look reads what is there, and not whether all of it can be read. */
const sayHealth = (soundness: Probe['soundness'], way: string): string =>
  soundness === 'sound' && !/check$/.test(way) ? 'readable; its contents were not checked' : soundness

/** What was told, in the words of the rule. */
function alertsTable(alerts: readonly SortedAlert[], now: Date): Table[] {
  if (alerts.length === 0) return []
  const rows = alerts.slice(0, 50).map(({ labels, annotations, status, startsAt }) => [
    labels.alertname ?? 'an alert',
    status,
    sayAt(startsAt, now),
    Object.entries(labels)
      .filter(([name]) => name !== 'alertname')
      .map(([name, value]) => `${name}=${value}`)
      .join(', ')
      .slice(0, 500),
    (annotations.summary ?? annotations.summary_en ?? annotations.description ?? annotations.message ?? '').slice(
      0,
      500,
    ),
  ])
  const more = alerts.length > rows.length ? [[`and ${alerts.length - rows.length} more`, '', '', '', '']] : []
  return [{ title: 'Alerts', columns: ['Alert', 'Status', 'Since', 'Labels', 'Says'], rows: [...rows, ...more] }]
}

const evidenceTable = ({ evidence }: Finding): Table[] =>
  evidence.length === 0
    ? []
    : [
        {
          title: 'What speaks for it',
          columns: ['Says', 'What'],
          rows: evidence.map(({ source, text }) => [source, text.slice(0, 1_000)]),
        },
      ]

const sayAt = (at: Date, now: Date): string =>
  `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC (${sayDuration(Math.max(1_000, now.getTime() - at.getTime()))} ago)`

const earliest = (dates: readonly Date[]): Date | undefined =>
  dates.length === 0 ? undefined : new Date(Math.min(...dates.map((date) => date.getTime())))
const latest = (dates: readonly Date[]): Date | undefined =>
  dates.length === 0 ? undefined : new Date(Math.max(...dates.map((date) => date.getTime())))

/** Names come from anywhere: no line ends, no control characters, no half characters. */
function cut(text: string): string {
  const line = text.replaceAll(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu, ' ')
  return line.length <= 120 ? line : `${line.slice(0, 119).replace(/[\uD800-\uDBFF]$/, '')}…`
}
