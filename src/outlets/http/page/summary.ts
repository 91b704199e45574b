/** What the head of the page says: one sentence, and everything that does not pass muster, worst first. */

import { numbered } from '../../../model/history.ts'
import type { Operation } from '../../../model/run.ts'
import { joined, type SetName } from '../../../model/set-name.ts'
import type { OperationStanding, RepositoryStanding, Standing } from '../../../model/standing.ts'
import { isFine, type Verdict, type VerdictState } from '../../../model/verdict.ts'
import { many, number } from './words.ts'

/** One thing that somebody has to look at. */
export interface Trouble {
  readonly kind: 'job' | 'backup set' | 'repository' | 'history' | 'room' | Operation
  readonly name: string
  /** The repository it is about, where the name does not say it. */
  readonly within?: string
  readonly page: { readonly of: 'jobs' | 'repositories'; readonly name: string }
  readonly state: VerdictState
  readonly why: string
  readonly next: string
  readonly since?: Date
  /** Backup sets that one unreadable repository speaks for. */
  readonly speaksFor?: number
}

export interface Summary {
  readonly tone: 'good' | 'bad' | 'quiet'
  readonly sentence: string
  /** How many of what there are. */
  readonly detail: readonly string[]
  readonly troubles: readonly Trouble[]
}

export function summaryOf(standing: Standing): Summary {
  const { jobs, repositories } = standing
  const sets = repositories.flatMap((repository) => repository.sets)
  const troubles = [
    ...repositories.flatMap(repositoryTroubles),
    ...jobs.flatMap(jobTroubles),
    ...repositories.flatMap(setTroubles),
  ]
  const failing = troubles.reduce((sum, { speaksFor }) => sum + Math.max(1, speaksFor ?? 1), 0)
  // A repository that hides no known set, and upkeep that failed, are judged beside jobs and sets.
  const besides = troubles.filter(
    ({ kind, speaksFor }) => kind !== 'job' && kind !== 'backup set' && (speaksFor ?? 0) === 0,
  ).length
  const judged = jobs.length + sets.length + besides
  const unread = repositories.filter(({ lastReading }) => lastReading === undefined).length
  const detail = [
    ...(jobs.length === 0 ? [] : [many(jobs.length, 'job')]),
    ...(sets.length === 0 ? [] : [many(sets.length, 'backup set')]),
    ...(repositories.length === 0
      ? []
      : [repositories.length === 1 ? '1 repository' : `${number(repositories.length)} repositories`]),
    ...(unread === 0 ? [] : [`${number(unread)} not read yet`]),
  ]
  if (failing > 0)
    return {
      tone: 'bad',
      sentence: `${number(failing)} of ${number(judged)} ${failing === 1 ? 'does' : 'do'} not pass muster`,
      detail,
      troubles: byAge(troubles),
    }
  if (judged === 0) return { tone: 'quiet', sentence: 'Nothing to judge yet', detail, troubles }
  return { tone: 'good', sentence: fineSentence(jobs.length, sets.length), detail, troubles }
}

function fineSentence(jobs: number, sets: number): string {
  if (jobs + sets === 1) return `The one ${jobs === 1 ? 'job' : 'backup set'} passes muster`
  const parts = [...(jobs > 0 ? [many(jobs, 'job')] : []), ...(sets > 0 ? [many(sets, 'backup set')] : [])]
  return `${jobs > 1 || sets > 1 ? 'All ' : ''}${parts.join(' and ')} pass muster`
}

/** What is wrong the longest comes first. */
const byAge = (troubles: readonly Trouble[]): Trouble[] =>
  troubles.toSorted((a, b) => (a.since?.getTime() ?? 0) - (b.since?.getTime() ?? 0))

function repositoryTroubles(repository: RepositoryStanding): Trouble[] {
  const { name, lastReading, lastGoodReading, sets } = repository
  const page = { of: 'repositories', name } as const
  const unreadable: Trouble[] =
    lastReading?.problem === undefined
      ? []
      : [
          {
            kind: 'repository',
            name,
            page,
            state: 'unreadable',
            why: lastReading.problem.message,
            next: lastReading.problem.next,
            since: lastGoodReading?.endedAt ?? lastReading.endedAt,
            speaksFor: sets.filter(({ verdict }) => verdict.state === 'unreadable').length,
          },
        ]
  const findings = repository.findings.map(
    ({ number, message, next, foundAt }): Trouble => ({
      kind: 'history',
      name,
      page,
      state: 'suspect',
      why: message,
      next: numbered(next, number),
      since: foundAt,
    }),
  )
  const verdict = repository.space?.verdict
  const room: Trouble[] = verdict === undefined ? [] : [{ kind: 'room', name, page, ...fromVerdict(verdict) }]
  return [...unreadable, ...findings, ...room, ...upkeepTroubles(repository.operations, name, page)]
}

function jobTroubles({ name, repository, verdict, operations }: Standing['jobs'][number]): Trouble[] {
  const page = { of: 'jobs', name } as const
  const own: Trouble[] = isFine(verdict)
    ? []
    : [{ kind: 'job', name, within: repository, page, ...fromVerdict(verdict) }]
  return [...own, ...upkeepTroubles(operations, name, page)]
}

function setTroubles({ name, sets, lastReading }: RepositoryStanding): Trouble[] {
  return sets.flatMap(({ set, verdict }) =>
    // One entry for the repository says it for all of them.
    isFine(verdict) || (verdict.state === 'unreadable' && lastReading?.problem !== undefined)
      ? []
      : [
          {
            kind: 'backup set',
            name: setName(set),
            within: name,
            page: { of: 'repositories', name },
            ...fromVerdict(verdict),
          },
        ],
  )
}

/** Forgets, prunes, checks and drills that failed. */
function upkeepTroubles(operations: readonly OperationStanding[], name: string, page: Trouble['page']): Trouble[] {
  return operations.flatMap(({ operation, verdict }): Trouble[] =>
    verdict === undefined ? [] : [{ kind: operation, name, page, ...fromVerdict(verdict) }],
  )
}

function fromVerdict(verdict: Verdict): Pick<Trouble, 'state' | 'why' | 'next' | 'since'> {
  const since = 'since' in verdict ? verdict.since : 'expectedBefore' in verdict ? verdict.expectedBefore : undefined
  return { state: verdict.state, why: verdict.reason, next: verdict.next, ...(since && { since }) }
}

/** `host / user`, or the host alone where the tool knows no user; then tags and paths where they tell sets apart. Read without a password, nobody knows any name. */
export const setName = ({ host, user, tags, paths }: SetName): string =>
  host === '' && user === ''
    ? 'all hosts'
    : [
        host,
        ...(user === '' ? [] : [user]),
        ...[tags, paths].flatMap((list) => (list === undefined ? [] : [joined(list) || 'none'])),
      ].join(' / ')
