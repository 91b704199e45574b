/** How backup sets and jobs stand: pure decisions over what is expected, what is known, and now. */
import type { Problem } from '../model/problem.ts'
import type { BackupSet, Reading } from '../model/reading.ts'
import type { Run } from '../model/run.ts'
import { sayDuration } from '../model/units.ts'
import type { Verdict } from '../model/verdict.ts'
import { deadlineAfter, type Expectation, sayLearned } from './deadline.ts'
import { holdsRetention } from './shrink.ts'

/** A snapshot this far in the future still counts as clocks that differ a little. */
export const aheadToleranceMs = 2 * 60_000

export interface SetFacts {
  readonly set: BackupSet
  readonly expectation?: Expectation | undefined
  readonly lastReading?: Reading | undefined
  readonly lastGoodReading?: Reading | undefined
}

/** Says how a backup set stands. What was known stays in the verdict when the repository cannot be read now. */
export function judgeSet(facts: SetFacts, now: Date): Verdict {
  const { set, lastReading } = facts
  const newestAt = set.newestAt
  const expectedBefore = deadlineAfter(facts.expectation, newestAt)
  const known = { newestAt, ...(expectedBefore && { expectedBefore }) }
  // One damaged file is told for the repository; what else was read is judged.
  if (lastReading?.problem !== undefined && lastReading.snapshots === undefined) {
    const since = facts.lastGoodReading?.endedAt ?? lastReading.endedAt
    return {
      state: 'unreadable',
      since,
      problem: lastReading.problem,
      ...known,
      reason: lastReading.problem.message,
      next: lastReading.problem.next,
    }
  }
  const verdict = judgeAge(newestAt, expectedBefore, now, `newest snapshot ${set.newestId.slice(0, 8)}`)
  if (facts.expectation?.kind === 'archived' && verdict.state === 'fresh')
    return { ...verdict, reason: `archived: kept on purpose; ${ageOf(newestAt, now)}` }
  const learned = sayLearned(facts.expectation)
  if (learned === '' || (verdict.state !== 'late' && verdict.state !== 'fresh')) return verdict
  return {
    ...verdict,
    reason: `${verdict.reason}${learned}`,
    next: verdict.state === 'late' ? `${verdict.next} ${declareIt}` : verdict.next,
  }
}

/** Says that there is no backup set at all where one is expected. @param match Pattern of its name; `*` for any. */
export const judgeMissing = (match: string): Verdict => ({
  state: 'absent',
  reason:
    match === '*'
      ? 'snapshots are expected here, and there is none'
      : `no backup set like ${match} is there, and one is expected`,
  next: 'See whether the machine that is to write it is on and its job runs; if it is not expected any more, take it out of `expect`.',
})

const declareIt = 'Declare `expect` for this set to be sure; `archived: true` if it is kept on purpose.'

const ageOf = (newestAt: Date, now: Date): string =>
  `its newest snapshot is ${sayDuration(now.getTime() - newestAt.getTime())} old`

function judgeAge(newestAt: Date, expectedBefore: Date | undefined, now: Date, what: string): Verdict {
  const aheadMs = newestAt.getTime() - now.getTime()
  const known = { newestAt, ...(expectedBefore && { expectedBefore }) }
  if (aheadMs > aheadToleranceMs) {
    return {
      state: 'ahead',
      newestAt,
      aheadMs,
      reason: `${what} is dated ${sayDuration(aheadMs)} in the future`,
      next: 'Set the clock of the machine that wrote it, and of this one; later gaps stay hidden until then.',
    }
  }
  const age = `${what} is ${sayDuration(-aheadMs)} old`
  if (expectedBefore === undefined) {
    return { state: 'fresh', newestAt, reason: `${age}; no deadline is configured`, next: '' }
  }
  const lateMs = now.getTime() - expectedBefore.getTime()
  if (lateMs > 0) {
    return {
      state: 'late',
      newestAt,
      expectedBefore,
      lateMs,
      reason: `${age}; the next was due ${sayDuration(lateMs)} ago`,
      next: 'See whether the machine that writes it is on and its job runs.',
    }
  }
  return { state: 'fresh', ...known, reason: `${age}; the next is due in ${sayDuration(-lateMs)}`, next: '' }
}

export interface JobFacts {
  readonly name: string
  readonly expectation?: Expectation | undefined
  /** Since when the job is known; its first backup is due from then on. */
  readonly since: Date
  /** Newest backup run that ended and was not skipped. */
  readonly last?: Run | undefined
  /** Newest backup run that made a snapshot (ok or warning). */
  readonly lastGood?: Run | undefined
  /** Runs since the last sound one: those that failed, and those whose snapshot is doubtful. Newest first; may be cut. */
  readonly failures: readonly Run[]
  readonly open?: Run | undefined
  /** Last sign of life of the open run. */
  readonly progressAt?: Date | undefined
  readonly stallLimitMs: number
  /** Another program runs it, and tells of it. */
  readonly isTold?: boolean
}

/** What another program runs, on a clock of its own, may begin so much before its instant. */
const earlyMs = 60_000

/** Says how a job stands, by its own runs. */
export function judgeJob(facts: JobFacts, now: Date): Verdict {
  const newestAt = facts.lastGood === undefined ? undefined : (facts.lastGood.endedAt ?? facts.lastGood.startedAt)
  const from = facts.lastGood?.scheduledFor ?? facts.lastGood?.startedAt ?? facts.since
  const isEarly = facts.isTold === true && facts.lastGood !== undefined && facts.expectation?.kind === 'schedule'
  const expectedBefore = deadlineAfter(facts.expectation, isEarly ? new Date(from.getTime() + earlyMs) : from)
  const known = { ...(newestAt && { newestAt }), ...(expectedBefore && { expectedBefore }) }
  if (facts.open !== undefined) {
    const since = facts.open.startedAt
    const sign = facts.progressAt ?? since
    const still = now.getTime() - sign.getTime()
    if ((facts.progressAt !== undefined || facts.isTold === true) && still > facts.stallLimitMs) {
      return {
        state: 'stalled',
        since,
        ...known,
        reason:
          facts.isTold === true
            ? `it began, and nothing was heard of it for ${sayDuration(still)}`
            : `no progress for ${sayDuration(still)}`,
        next:
          facts.isTold === true
            ? 'Look at the machine that runs it; if it is right to take so long, raise its stallLimit.'
            : 'Look at the machine and the repository; Muster ends the run by itself.',
      }
    }
    return {
      state: 'running',
      since,
      ...known,
      reason: `running for ${sayDuration(now.getTime() - since.getTime())}`,
      next: '',
    }
  }
  const oldest = facts.failures.at(-1)
  if (facts.last !== undefined && oldest !== undefined && facts.last.id === facts.failures[0]?.id) {
    return failing(facts.failures, oldest, facts.last.problem, known)
  }
  if (newestAt === undefined) {
    const due = expectedBefore !== undefined && now > expectedBefore
    return {
      state: 'absent',
      ...(expectedBefore && { expectedBefore }),
      reason: due
        ? `has never ${facts.isTold === true ? 'told of a run' : 'run'}; its first backup was due ${sayDuration(now.getTime() - expectedBefore.getTime())} ago`
        : facts.isTold === true
          ? 'has never told of a run'
          : 'has never run',
      next:
        facts.isTold === true
          ? `Let the program that runs it tell of it: muster pings ${facts.name} prints how.`
          : `Run it now: muster run ${facts.name}`,
    }
  }
  const verdict = judgeAge(newestAt, expectedBefore, now, 'last backup')
  const warning = facts.last?.outcome === 'warning' ? facts.last.problem : undefined
  // A warning is no failure, and no success either: whoever reads "fresh" reads it too.
  if (verdict.state === 'fresh' && warning !== undefined)
    return { ...verdict, reason: `${verdict.reason}; with a warning: ${warning.message}`, next: warning.next }
  return verdict.state === 'late'
    ? {
        ...verdict,
        next:
          facts.isTold === true
            ? 'See whether the machine that runs it is on, its job runs, and can reach this address.'
            : `Run it now: muster run ${facts.name}. Does \`muster serve\` or cron run?`,
      }
    : verdict
}

function failing(
  failures: readonly Run[],
  oldest: Run,
  problem: Problem | undefined,
  known: { newestAt?: Date; expectedBefore?: Date },
): Verdict {
  const count = failures.length
  // Stopped before it wrote anything, a run made no snapshot at all.
  const isDoubtful = holdsRetention(problem) && failures[0]?.outcome !== 'failed'
  const others = failures.slice(1).some((run) => run.outcome === 'failed' || !holdsRetention(run.problem))
  return {
    state: 'failing',
    since: oldest.startedAt,
    failures: count,
    ...(problem && { problem }),
    ...known,
    reason: `${count === 1 ? 'the last run' : `the last ${count} runs`} ${isDoubtful && !others ? 'made a doubtful snapshot' : isDoubtful ? 'did not end well, the newest with a doubtful snapshot' : 'failed'}: ${problem?.message ?? 'no reason is known'}`,
    next: problem?.next ?? 'Run it by hand and look at what it says.',
  }
}
