/** Alerts on backup sets: what is late by its own schedule, what is dated in the future, what is not there at all. */
import { type Alert, aheadToleranceSeconds, anyOf, hourMs, minuteMs, type TestSeries } from './alert.ts'
import type { RepositoryFacts, RuleFacts } from './facts.ts'
import { oneOf, quoted } from './selector.ts'

const deadline = 'muster_set_expected_before_timestamp_seconds'
const newest = 'muster_set_newest_snapshot_timestamp_seconds'
const by = ['repository', 'host', 'user']

/** Repositories in which somebody expects snapshots by a time. */
const withDeadline = ({ repositories, jobs }: RuleFacts): readonly RepositoryFacts[] =>
  repositories.filter(
    ({ name, isExpected }) =>
      isExpected || jobs.some(({ repository, everyMs }) => repository === name && everyMs !== undefined),
  )

const ofSet = (repository: string, name: string, value: TestSeries['value']): TestSeries => ({
  name,
  labels: { repository, host: 'host', user: 'user' },
  value,
})

export const setAlerts: readonly Alert[] = [
  {
    name: 'MusterSetLate',
    set: 'muster',
    group: 'sets',
    severity: 'critical',
    forMs: 5 * minuteMs,
    by,
    summary: 'The backups of {{ $labels.host }} in {{ $labels.repository }} are late',
    when: 'the deadline of a backup set has passed and its next snapshot is not there',
    todo: 'See whether the machine that writes it is on and its job runs: `muster status` says since when it is late.',
    rules: (facts, select) =>
      withDeadline(facts)
        .slice(0, 1)
        .map(({ name }) => ({
          expr: `${select(deadline)} < time()`,
          faults: [
            {
              what: 'the deadline of a set has passed',
              change: [ofSet(name, deadline, { fromNow: -1 })],
              fires: [{ repository: name, host: 'host', user: 'user' }],
            },
          ],
        })),
  },
  {
    name: 'MusterSetAhead',
    set: 'muster',
    group: 'sets',
    severity: 'warning',
    forMs: 5 * minuteMs,
    by,
    summary: 'The newest snapshot of {{ $labels.host }} in {{ $labels.repository }} is dated in the future',
    when: 'the newest snapshot of a backup set is dated more than two minutes in the future, which hides every later gap',
    todo: 'Set the clock of the machine that wrote it, and of this one; forget the snapshot once others are there.',
    rules: ({ repositories }, select) =>
      repositories.slice(0, 1).map(({ name }) => ({
        expr: `${select(newest)} > time() + ${aheadToleranceSeconds}`,
        faults: [
          {
            what: 'a snapshot from the future',
            change: [ofSet(name, newest, { fromNow: aheadToleranceSeconds + 60 })],
            fires: [{ repository: name, host: 'host', user: 'user' }],
          },
        ],
      })),
  },
  {
    name: 'MusterSetsMissing',
    set: 'muster',
    group: 'sets',
    severity: 'critical',
    forMs: hourMs,
    by: ['repository'],
    summary: 'No backup set in {{ $labels.repository }} has a deadline any more',
    when: 'a repository in which snapshots are expected has no backup set with a deadline: it is empty, or nothing is told of it',
    todo: 'Look into it with `muster snapshots`; snapshots that were there and are gone are told by `muster status`.',
    rules(facts, select) {
      const all = withDeadline(facts)
      const expected = all.filter(({ isExpected }) => isExpected).map(({ name }) => name)
      const written = all.filter(({ isExpected }) => !isExpected).map(({ name }) => name)
      const faults = (names: readonly string[]) => [
        {
          what: 'no set is there',
          gone: names.flatMap((repository) => [{ name: deadline, labels: { repository } }]),
          fires: names.map((repository) => ({ repository })),
        },
      ]
      const good = (): string =>
        select('muster_job_last_success_timestamp_seconds', 'operation="backup"', oneOf('repository', written))
      return [
        ...(expected.length === 0
          ? []
          : [
              {
                expr: anyOf(expected.map((name) => `absent(${select(deadline, `repository=${quoted(name)}`)})`)),
                faults: faults(expected),
              },
            ]),
        ...(written.length === 0
          ? []
          : [
              {
                expr: `group by (repository) (${good()})\nunless on (repository)\n${select(deadline)}`,
                faults: faults(written),
              },
            ]),
      ]
    },
  },
]
