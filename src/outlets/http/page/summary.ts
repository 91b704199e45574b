/** What the head of the page says: one sentence, and everything that does not pass muster, worst first. */
import type { Standing } from '../../../model/standing.ts'
import { type Trouble, troublesOf } from '../../../model/trouble.ts'
import { many, number } from './words.ts'

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
  const troubles = troublesOf(standing)
  const failing = troubles.reduce((sum, { speaksFor }) => sum + Math.max(1, speaksFor ?? 1), 0)
  // A repository that hides no known set, and upkeep that failed, are judged beside jobs and sets.
  const besides = troubles.filter(
    ({ kind, speaksFor }) => kind !== 'job' && kind !== 'backup set' && (speaksFor ?? 0) === 0,
  ).length
  const missing = repositories.reduce((sum, one) => sum + (one.missing?.length ?? 0), 0)
  const judged = jobs.length + sets.length + missing + besides
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
      troubles,
    }
  if (judged === 0) return { tone: 'quiet', sentence: 'Nothing to judge yet', detail, troubles }
  return { tone: 'good', sentence: fineSentence(jobs.length, sets.length), detail, troubles }
}

function fineSentence(jobs: number, sets: number): string {
  if (jobs + sets === 1) return `The one ${jobs === 1 ? 'job' : 'backup set'} passes muster`
  const parts = [...(jobs > 0 ? [many(jobs, 'job')] : []), ...(sets > 0 ? [many(sets, 'backup set')] : [])]
  return `${jobs > 1 || sets > 1 ? 'All ' : ''}${parts.join(' and ')} pass muster`
}
