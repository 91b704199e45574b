/** Alerts on the room in the stores: hardly any left, soon none, not known. */
import { type Alert, byFigure, dayMs, hourMs, minuteMs, secondsOf } from './alert.ts'
import { oneOf } from './selector.ts'

const common = { set: 'muster', group: 'repositories', by: ['repository'] } as const
const [known, free, total, full] = [
  'muster_repository_space_known',
  'muster_repository_space_free_bytes',
  'muster_repository_space_total_bytes',
  'muster_repository_space_full_timestamp_seconds',
]

/** So long before the end somebody still can do something. */
const soonMs = 7 * dayMs

export const spaceAlerts: readonly Alert[] = [
  {
    ...common,
    name: 'MusterSpaceLow',
    severity: 'critical',
    forMs: 10 * minuteMs,
    summary: 'The store of {{ $labels.repository }} has hardly any room left',
    when: 'more of the store of a repository is used than `space.alarm` allows',
    todo: 'Enlarge the store, or shorten the retention and prune. `muster status` says how much is left.',
    rules: ({ repositories }, select) =>
      byFigure(repositories, ({ spaceAlarm }) => spaceAlarm).map(([alarm, own]) => {
        const which = oneOf(
          'repository',
          own.map(({ name }) => name),
        )
        return {
          expr: `1 - ${select(free, which)} / ${select(total, which)} > ${alarm}`,
          faults: own.slice(0, 1).map(({ name: repository }) => ({
            what: 'a store that is too full',
            change: [{ name: free, labels: { repository }, value: Math.floor((1 - alarm) * 1000) - 1 }],
            fires: [{ repository }],
          })),
        }
      }),
  },
  {
    ...common,
    name: 'MusterSpaceSoonFull',
    severity: 'warning',
    forMs: 3 * hourMs,
    summary: 'The store of {{ $labels.repository }} is full within a week',
    when: 'a store is full within seven days if it goes on filling like in the last weeks',
    todo: 'See what grows (`muster snapshots`), then enlarge the store, or shorten the retention and prune.',
    rules: ({ repositories }, select) =>
      repositories
        .filter(({ spaceAlarm }) => spaceAlarm !== undefined)
        .slice(0, 1)
        .map(({ name: repository }) => ({
          // Only while its room is known; else another alert speaks.
          expr: `${select(full)} < time() + ${secondsOf(soonMs)} and ${select(free)} >= 0`,
          faults: [
            {
              what: 'a store that will be full tomorrow',
              change: [{ name: full, labels: { repository }, value: { fromNow: secondsOf(dayMs) } }],
              fires: [{ repository }],
            },
            {
              what: 'a store that will be full in a month',
              change: [{ name: full, labels: { repository }, value: { fromNow: secondsOf(30 * dayMs) } }],
              fires: [],
            },
          ],
        })),
  },
  {
    ...common,
    name: 'MusterSpaceUnknown',
    severity: 'warning',
    forMs: 3 * hourMs,
    summary: 'Nobody knows how much room the store of {{ $labels.repository }} has',
    when: 'a repository with `space` in the configuration did not tell its room for three hours',
    todo: '`muster status` says why; `muster doctor` tries the server.',
    rules: ({ repositories }, select) => {
      const own = repositories.filter(({ spaceAlarm, isSpaceAsked }) => spaceAlarm !== undefined && isSpaceAsked)
      if (own.length === 0) return []
      const which = oneOf(
        'repository',
        own.map(({ name }) => name),
      )
      return [
        {
          expr: `${select(known, which)} == 0`,
          faults: own.slice(0, 1).map(({ name: repository }) => ({
            what: 'a look at its room that failed',
            change: [{ name: known, labels: { repository }, value: 0 }],
            fires: [{ repository }],
          })),
        },
      ]
    },
  },
]
