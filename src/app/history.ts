/** What a reading tells of a repository's history, against what the ledger knew before it. */
import { z } from 'zod'
import type { SeenHistory } from '../ledger/ledger.ts'
import type { HistoryFinding } from '../model/history.ts'
import { judgeHistory } from '../verdict/history/judge.ts'
import type { DeclaredPolicy } from '../verdict/retention.ts'
import { aimOf, ownOf, toolOf } from './access.ts'
import { type App, repositoryOf } from './context.ts'
import type { Looked } from './look.ts'

const dayMs = 86_400_000
/** Snapshots so much older than a new one are no measure for it. */
const peersMs = 60 * dayMs

/** What is remembered of a repository beside its snapshots, as JSON in the ledger. */
const Remembered = z.object({
  /** When each key says it was made; null where it does not. */
  keys: z.record(z.string(), z.number().nullable()),
  config: z.string(),
  bornAt: z.number().nullable(),
})
export type Remembered = z.output<typeof Remembered>

export async function rememberedOf(app: App, name: string): Promise<Remembered | undefined> {
  const text = await app.ledger.marks(name)
  return text === undefined ? undefined : Remembered.safeParse(JSON.parse(text)).data
}

/** Keys and config are those of the last look, as far as this one looked at them. */
export function sameMarks({ keys, configHash }: Looked, old: Remembered | undefined): boolean {
  if (keys === undefined || configHash === undefined) return true
  return (
    old !== undefined &&
    configHash === old.config &&
    keys.length === Object.keys(old.keys).length &&
    keys.every(({ id }) => id in old.keys)
  )
}

/**
 * @param startedAt Of the reading: what another one noticed since then is no news to this one.
 * @param old Nothing before counts: a person accepted another repository at this address.
 * @returns Undefined where nothing came, went or changed.
 */
export async function historyOf(
  app: App,
  name: string,
  looked: Looked,
  ids: readonly string[],
  { startedAt, old }: { readonly startedAt: Date; readonly old: Remembered | undefined },
): Promise<SeenHistory | undefined> {
  const marksChanged = !sameMarks(looked, old)
  const marks = marksChanged ? marksOf(looked, old) : undefined
  const lastGood = await app.ledger.lastReading(name, true)
  if (!marksChanged && (await app.ledger.sees(name, ids))) return undefined
  const known = await app.ledger.knownSnapshots(name)
  const fresh = looked.fresh.filter(({ id }) => !known.has(id))
  const here = new Set(ids)
  const oldest = Math.min(...fresh.map(({ takenAt }) => takenAt.getTime()))
  // Where nothing went, only the like of what is new has to be known.
  const all = await app.ledger.snapshots(name)
  const before = all.filter(({ firstSeen }) => firstSeen <= startedAt)
  const went = before.some(({ id }) => !here.has(id))
  const gone = went ? await app.ledger.snapshots(name, { gone: true }) : []
  const findings = judgeHistory(
    lastGood === undefined
      ? undefined
      : {
          at: lastGood.endedAt,
          snapshots: went ? before : before.filter(({ takenAt }) => takenAt.getTime() > oldest - peersMs),
          ...(old && { keys: Object.keys(old.keys), config: old.config }),
          ...(old?.bornAt != null && { bornAt: new Date(old.bornAt) }),
        },
    {
      at: app.now(),
      ids: here,
      fresh,
      returned: gone.filter(({ id, goneAt }) => here.has(id) && goneAt !== undefined && goneAt <= startedAt),
      ...(looked.keys && { keys: looked.keys.map(({ id }) => id) }),
      ...(looked.configHash !== undefined && { config: looked.configHash }),
    },
    {
      policies: policiesOf(app, name),
      keysMayChange: repositoryOf(app, name).expect?.keys === 'may-change',
      isBeingWritten: [...before, ...fresh].some(({ living }) => living !== undefined) && (await isWritten(app, name)),
    },
  )
  for (const { kind, message } of findings)
    app.log.warn({ repository: name, finding: kind }, `history of ${name}: ${message}`)
  return { findings, ...(marks && { marks: JSON.stringify(marks) }) }
}

async function isWritten(app: App, name: string): Promise<boolean> {
  const open = await app.ledger.openRuns()
  return open.some(({ run, phase }) => run.repository === name && run.operation === 'backup' && phase === 'running')
}

/** Another repository at the same address: told until a person accepts it. */
export const replacedFinding = (before: string, now: string): HistoryFinding => ({
  kind: 'replaced',
  subject: now,
  message: `At its address is another repository than before: ${now.slice(0, 8)} instead of ${before.slice(0, 8)}.`,
  next: 'Check that the right disk is mounted and that nobody made a new repository. If this is the one to watch from now on: muster ack',
})

export function marksOf({ keys, configHash }: Looked, old: Remembered | undefined): Remembered | undefined {
  if (keys === undefined || configHash === undefined) return undefined
  const times = keys.map(({ id, createdAt }) => [id, createdAt?.getTime() ?? old?.keys[id] ?? null] as const)
  const born = Math.min(
    ...times.map(([, at]) => at ?? Number.POSITIVE_INFINITY),
    old?.bornAt ?? Number.POSITIVE_INFINITY,
  )
  const sorted = times.toSorted(([a], [b]) => (a < b ? -1 : 1))
  return { keys: Object.fromEntries(sorted), config: configHash, bornAt: Number.isFinite(born) ? born : null }
}

/** Of jobs here, and what is declared for everything else. */
function policiesOf(app: App, name: string): DeclaredPolicy[] {
  const { tool, expect } = repositoryOf(app, name)
  const { retention: kept } = toolOf(tool)
  const own = Object.values(app.config.jobs).flatMap((job): DeclaredPolicy[] => {
    if (job.repository !== name || job.retention === undefined) return []
    const host = job.host ?? app.self.host
    if (kept !== undefined)
      return [{ policy: job.retention, rules: kept.rules, names: kept.namesOf(ownOf(job), host), tags: [], paths: [] }]
    return [{ policy: job.retention, host, ...aimOf(job) }]
  })
  const rest = expect?.retention
  return rest === undefined
    ? own
    : [...own, { policy: rest, rules: kept?.rules, tags: [], paths: [], isFallback: true }]
}
