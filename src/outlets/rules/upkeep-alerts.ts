/** Alerts on forgets, prunes, checks and drills: failing, overdue, never done. */
import { jobLabels } from '../../model/job-labels.ts'
import { type Alert, byFigure, dayMs, minuteMs, type Rule, secondsOf } from './alert.ts'
import type { RepositoryFacts, RuleFacts } from './facts.ts'
import { endedAs } from './job-alerts.ts'
import { oneOf } from './selector.ts'

const outcome = 'muster_job_last_outcome'
const success = 'muster_job_last_success_timestamp_seconds'
const bad = 'outcome=~"failed|timed-out|interrupted"'
const common = { set: 'muster', group: 'upkeep' } as const

/** What is due by a schedule of its repository. */
const scheduled = [
  ['check', (repository: RepositoryFacts) => repository.checkEveryMs],
  ['prune', (repository: RepositoryFacts) => repository.pruneEveryMs],
] as const

/** A day of grace for one that waits its turn and takes its time. */
const overdueMs = (everyMs: number): number => everyMs + dayMs

/** A rule for each operation and distance between two of them. */
const perSchedule = (
  { repositories }: RuleFacts,
  rule: (operation: string, everyMs: number, own: readonly RepositoryFacts[]) => Rule,
): Rule[] =>
  scheduled.flatMap(([operation, everyOf]) =>
    byFigure(repositories, everyOf).map(([everyMs, own]) => rule(operation, everyMs, own)),
  )

const namesOf = (own: readonly RepositoryFacts[]): string =>
  oneOf(
    'repository',
    own.map(({ name }) => name),
  )

export const upkeepAlerts: readonly Alert[] = [
  {
    ...common,
    name: 'MusterCheckFailing',
    severity: 'critical',
    forMs: 5 * minuteMs,
    by: ['repository', 'outcome'],
    summary: 'The last check of {{ $labels.repository }} ended as {{ $labels.outcome }}',
    when: 'the last integrity check of a repository did not end well',
    todo: '`muster status` says what it found. Back up to another place before anything is repaired.',
    rules: ({ repositories }, select) =>
      repositories
        .filter(({ checkEveryMs }) => checkEveryMs !== undefined)
        .slice(0, 1)
        .map(({ name }) => ({
          expr: `${select(outcome, 'operation="check"', bad)} == 1`,
          faults: [
            {
              what: 'a check that failed',
              change: endedAs({ repository: name, operation: 'check' }, 'failed'),
              fires: [{ repository: name, outcome: 'failed' }],
            },
          ],
        })),
  },
  {
    ...common,
    name: 'MusterUpkeepFailing',
    severity: 'warning',
    forMs: 5 * minuteMs,
    by: ['repository', 'operation', 'outcome'],
    summary: 'The last {{ $labels.operation }} of {{ $labels.repository }} ended as {{ $labels.outcome }}',
    when: 'the last forget, prune or drill did not end well',
    todo: '`muster status` says why and what to do about it.',
    rules({ repositories, jobs }, select) {
      const pruned = repositories.find(({ pruneEveryMs }) => pruneEveryMs !== undefined)
      const job = jobs.find(({ repository }) => repository !== undefined)
      const subject =
        pruned !== undefined
          ? { labels: { repository: pruned.name, operation: 'prune' }, repository: pruned.name }
          : job?.repository !== undefined && {
              labels: { ...jobLabels(job), operation: 'drill' },
              repository: job.repository,
            }
      if (!subject) return []
      const { operation } = subject.labels
      return [
        {
          expr: `${select(outcome, 'operation=~"forget|prune|drill"', bad)} == 1`,
          faults: [
            {
              what: `a ${operation} that took too long`,
              change: endedAs(subject.labels, 'timed-out'),
              fires: [{ repository: subject.repository, operation, outcome: 'timed-out' }],
            },
          ],
        },
      ]
    },
  },
  {
    ...common,
    name: 'MusterUpkeepOverdue',
    severity: 'warning',
    forMs: 5 * minuteMs,
    by: ['repository', 'operation'],
    summary: 'The {{ $labels.operation }} of {{ $labels.repository }} is overdue',
    when: 'the last good check or prune is older than its schedule allows, with a day of grace',
    todo: 'See whether `muster serve` runs, and what the last one said: `muster status`.',
    rules: (facts, select) =>
      perSchedule(facts, (operation, everyMs, own) => ({
        expr: `${select(success, `operation="${operation}"`, namesOf(own))} < time() - ${secondsOf(overdueMs(everyMs))}`,
        faults: own.slice(0, 1).map(({ name }) => ({
          what: `a ${operation} of long ago`,
          change: [
            {
              name: success,
              labels: { repository: name, operation },
              value: { fromNow: -secondsOf(overdueMs(everyMs)) - 1 },
            },
          ],
          fires: [{ repository: name, operation }],
        })),
      })),
  },
  {
    ...common,
    name: 'MusterUpkeepNeverDone',
    severity: 'warning',
    forMs: dayMs,
    by: ['repository', 'operation'],
    summary: 'The {{ $labels.operation }} of {{ $labels.repository }} has never succeeded',
    when: 'a check or prune has a schedule, and since the repository is known none has succeeded, for as long as its schedule and a day',
    todo: 'See whether `muster serve` runs; `muster check` checks now.',
    // Two rules of one name need labels that differ: those of all schedules wait for the longest.
    rules: ({ repositories }, select) =>
      scheduled.flatMap(([operation, everyOf]) => {
        const own = repositories.filter((repository) => everyOf(repository) !== undefined)
        if (own.length === 0) return []
        return [
          {
            expr: `${select('muster_repository_info', namesOf(own))}\nunless on (instance, repository)\n${select(success, `operation="${operation}"`)}`,
            forMs: overdueMs(Math.max(...own.map((repository) => everyOf(repository) ?? 0))),
            labels: { operation },
            faults: own.slice(0, 1).map(({ name }) => ({
              what: `no ${operation} ever`,
              gone: [{ name: success, labels: { repository: name, operation } }],
              fires: [{ repository: name, operation }],
            })),
          },
        ]
      }),
  },
]
