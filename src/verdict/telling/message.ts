/** A message from what is to be told. Pure. */
import type { Entry, Message } from '../../model/delivery.ts'
import type { Item } from './decide.ts'

interface Teller {
  readonly host: string
  /** The page. */
  readonly link?: string
}

/** @param logs What a tool said last, by keys of incidents. */
export function incidentMessage(
  items: readonly Item[],
  { host, link }: Teller,
  now: Date,
  logs: ReadonlyMap<string, string> = new Map(),
): Message {
  const entries = items.map(entryOf)
  const log = logOf(items, logs)
  const bad = entries.filter(({ event }) => event !== 'closed')
  return {
    kind: 'incidents',
    title: titleOf(entries, host),
    severity: bad.length === 0 ? 'good' : bad.some(({ severity }) => severity === 'critical') ? 'critical' : 'warning',
    // What is wrong comes first.
    entries: [...bad, ...entries.filter(({ event }) => event === 'closed')],
    host,
    at: now,
    ...(log !== '' && { log }),
    ...(link !== undefined && { link }),
  }
}

/** Of several, each under its name. */
function logOf(items: readonly Item[], logs: ReadonlyMap<string, string>): string {
  const found = items.flatMap(({ incident, event }) => {
    const log = event === 'closed' ? undefined : logs.get(incident.key)
    return log === undefined ? [] : [{ title: `${incident.kind} ${incident.name}:`, log: printable(log) }]
  })
  return found.map(({ title, log }) => (found.length === 1 ? log : `${title}\n${log}`)).join('\n')
}

/** Line ends stay; what steers a terminal or turns the reading around does not. */
const printable = (log: string): string =>
  log.replaceAll(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu, (sign) => (sign === '\n' || sign === '\t' ? sign : '\ufffd'))

function entryOf({ incident, event, changes }: Item): Entry {
  const { kind, name, within, state, severity, reason, next, openedAt, since, lastGood, closedAt } = incident
  return {
    event,
    kind,
    name,
    ...(within !== undefined && { within }),
    state,
    severity,
    reason,
    next,
    openedAt,
    ...(since && { since }),
    ...(lastGood && { lastGood }),
    ...(closedAt && { closedAt }),
    ...(changes !== undefined && { changes }),
  }
}

function titleOf(entries: readonly Entry[], host: string): string {
  const [bad, good] = [
    entries.filter(({ event }) => event !== 'closed'),
    entries.filter(({ event }) => event === 'closed'),
  ]
  const [only] = entries
  if (entries.length === 1 && only !== undefined)
    return cut(
      only.event === 'closed'
        ? `${only.kind} ${only.name} is fine again`
        : `${only.kind} ${only.name}: ${only.event === 'reminder' ? 'still ' : ''}${only.state}`,
    )
  const parts = [
    ...(bad.length > 0 ? [`${bad.length} ${bad.length === 1 ? 'does' : 'do'} not pass muster`] : []),
    ...(good.length > 0 ? [`${good.length} ${good.length === 1 ? 'is' : 'are'} fine again`] : []),
  ]
  return cut(`${parts.join(', ')} (${host})`)
}

/** Names come from anywhere: no line ends, no control characters, no half characters. */
const cut = (text: string): string => {
  const line = text.replaceAll(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu, ' ')
  return line.length <= 120 ? line : `${line.slice(0, 119).replace(/[\uD800-\uDBFF]$/, '')}…`
}

/** For whoever wants to see that messages arrive. */
export const testMessage = ({ host, link }: Teller, now: Date): Message => ({
  kind: 'test',
  title: `Test message of Muster on ${host}`,
  severity: 'good',
  entries: [],
  figures: [{ name: 'This is a test', value: 'nothing is wrong. Messages of Muster arrive here.' }],
  host,
  at: now,
  ...(link !== undefined && { link }),
})
