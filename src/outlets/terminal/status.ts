/** `muster status`: does it pass muster? One line a backup set or job, read in three seconds. */
import type { Standing } from '../../model/standing.ts'
import { sayDuration } from '../../model/units.ts'
import { isFine, type Verdict, type VerdictState } from '../../model/verdict.ts'
import { oneLine } from '../../system/text.ts'
import { paint, table } from './style.ts'

const colours: Record<VerdictState, 'green' | 'yellow' | 'red' | 'cyan'> = {
  fresh: 'green',
  running: 'cyan',
  late: 'red',
  ahead: 'red',
  absent: 'red',
  failing: 'red',
  unreadable: 'red',
  stalled: 'red',
}

const lamp = (verdict: Verdict): string =>
  paint(colours[verdict.state], `${isFine(verdict) ? '✓' : '✗'} ${verdict.state}`)

/** @returns The table, what is wrong with what to do, and whether all is fine. */
export function renderStatus(standing: Standing, only: readonly string[] = []): { text: string; fine: boolean } {
  const wanted = (name: string): boolean => only.length === 0 || only.includes(name)
  const lines = [
    ...standing.jobs
      .filter((job) => wanted(job.name))
      .map((job) => {
        const backup = job.operations.find(({ operation }) => operation === 'backup')
        return { name: `job ${job.name}`, verdict: job.verdict, next: backup?.next, what: job.repository }
      }),
    ...standing.repositories.flatMap((repository) => {
      const sets = repository.sets.filter(({ set }) => wanted(repository.name) || wanted(`${set.host}/${set.user}`))
      // A repository that cannot be read and of which nothing is known yet has no set to speak for it.
      const mute =
        repository.sets.length === 0 && repository.lastReading?.problem !== undefined && wanted(repository.name)
      return [
        ...sets.map(({ set, verdict }) => ({
          name: `set ${set.host}/${set.user || '-'}`,
          verdict,
          next: undefined,
          what: repository.name,
        })),
        ...(mute && repository.lastReading?.problem !== undefined
          ? [
              {
                name: `repository ${repository.name}`,
                verdict: unreadable(repository.lastReading.problem, repository.lastReading.endedAt),
                next: undefined,
                what: repository.location,
              },
            ]
          : []),
      ]
    }),
  ]
  const ledger = standing.ledgerProblem
  const fine = lines.every(({ verdict }) => isFine(verdict)) && ledger === undefined
  const rows = lines.map(({ name, verdict, next, what }) => [
    lamp(verdict),
    oneLine(name),
    oneLine(what),
    newestOf(verdict, standing.now),
    next === undefined ? '' : `in ${sayDuration(next.getTime() - standing.now.getTime())}`,
    oneLine(verdict.reason),
  ])
  const fixes = lines
    .filter(({ verdict }) => !isFine(verdict))
    .map(({ name, verdict }) => `${paint('red', oneLine(name))}: → ${oneLine(verdict.next)}`)
  const text = [
    lines.length === 0
      ? 'Nothing to judge yet: no job, and no backup set has been seen.'
      : table(['verdict', 'what', 'repository', 'newest', 'next', 'why'], rows),
    ...fixes,
    ...(ledger === undefined ? [] : [`${paint('red', 'ledger')}: ${ledger.message}\n    → ${ledger.next}`]),
  ].join('\n')
  return { text, fine }
}

const unreadable = (problem: NonNullable<Standing['ledgerProblem']>, since: Date): Verdict => ({
  state: 'unreadable',
  since,
  problem,
  reason: problem.message,
  next: problem.next,
})

function newestOf(verdict: Verdict, now: Date): string {
  if (!('newestAt' in verdict) || verdict.newestAt === undefined) return '-'
  const ageMs = now.getTime() - verdict.newestAt.getTime()
  return ageMs < 0 ? `in ${sayDuration(-ageMs)}` : `${sayDuration(ageMs)} ago`
}
