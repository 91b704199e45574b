/** Everything that somebody has to look at, as one list: what the page shows first and what is told to people. */
import { numbered } from './history.ts'
import type { Incident } from './incident.ts'
import type { Operation } from './run.ts'
import { joined, keyOf, type SetName } from './set-name.ts'
import type {
  AlertmanagerStanding,
  HeartbeatStanding,
  NotifierStanding,
  OperationStanding,
  PushStanding,
  RepositoryStanding,
  Standing,
} from './standing.ts'
import { isFine, type Verdict, type VerdictState } from './verdict.ts'

/** One thing that somebody has to look at. */
export interface Trouble {
  /** The same for as long as it is the same thing, whatever its state. */
  readonly key: string
  readonly kind:
    | 'job'
    | 'backup set'
    | 'repository'
    | 'history'
    | 'room'
    | 'notifier'
    | 'metrics'
    | 'heartbeat'
    | 'ledger'
    | 'configuration'
    | 'alert'
    | 'alertmanager'
    | Operation
  readonly name: string
  /** The repository it is about, where the name does not say it. */
  readonly within?: string
  /** Where the page says more. */
  readonly page?: { readonly of: 'jobs' | 'repositories'; readonly name: string }
  readonly state: VerdictState
  readonly why: string
  readonly next: string
  readonly since?: Date
  /** The newest good snapshot, or when such an operation last went well; where there is one. */
  readonly lastGood?: Date
  /** A backup that should be there is not, or nobody can tell. */
  readonly isOverdue?: true
  /** Backup sets that one unreadable repository speaks for. */
  readonly speaksFor?: number
}

/** @returns Worst first: what is wrong the longest. */
export function troublesOf({
  jobs,
  repositories,
  notifiers = [],
  pushes = [],
  heartbeat,
  diagnoses,
  inbox,
  now,
}: Standing): readonly Trouble[] {
  const troubles = [
    ...repositories.flatMap((repository) => repositoryTroubles(repository, now)),
    ...jobs.flatMap(jobTroubles),
    ...repositories.flatMap(setTroubles),
    ...notifiers.flatMap((notifier) => notifierTroubles(notifier, now)),
    ...pushes.flatMap((push) => pushTroubles(push, now)),
    ...(diagnoses?.open ?? []).map(alertTrouble),
    ...alertmanagerTroubles(inbox?.alertmanager, now),
    ...(heartbeat === undefined ? [] : heartbeatTroubles(heartbeat, now)),
  ]
  return troubles.toSorted((a, b) => (a.since?.getTime() ?? 0) - (b.since?.getTime() ?? 0))
}

function repositoryTroubles(repository: RepositoryStanding, now: Date): Trouble[] {
  const { name, lastReading, lastGoodReading, sets } = repository
  const page = { of: 'repositories', name } as const
  const isOverdue = sets.some(
    ({ verdict }) =>
      'expectedBefore' in verdict && verdict.expectedBefore !== undefined && verdict.expectedBefore < now,
  )
  const unreadable: Trouble[] =
    lastReading?.problem === undefined || repository.isYetToBeMade === true
      ? []
      : [
          {
            kind: 'repository',
            key: `repository/${name}`,
            name,
            page,
            state: 'unreadable',
            why: lastReading.problem.message,
            next: lastReading.problem.next,
            since: lastGoodReading?.endedAt ?? lastReading.endedAt,
            ...(isOverdue && { isOverdue }),
            speaksFor: sets.filter(({ verdict }) => verdict.state === 'unreadable').length,
          },
        ]
  const findings = repository.findings.map(
    ({ number, message, next, foundAt }): Trouble => ({
      kind: 'history',
      key: `history/${name}/${number}`,
      name,
      page,
      state: 'suspect',
      why: message,
      next: numbered(next, number),
      since: foundAt,
    }),
  )
  const verdict = repository.space?.verdict
  const room: Trouble[] =
    verdict === undefined ? [] : [{ kind: 'room', key: `room/${name}`, name, page, ...fromVerdict(verdict) }]
  return [...unreadable, ...findings, ...room, ...upkeepTroubles(repository.operations, name, page)]
}

function jobTroubles({ name, repository, verdict, operations }: Standing['jobs'][number]): Trouble[] {
  const page = { of: 'jobs', name } as const
  const own: Trouble[] = isFine(verdict)
    ? []
    : [
        {
          kind: 'job',
          key: `job/${name}`,
          name,
          ...(repository !== undefined && { within: repository }),
          page,
          ...fromVerdict(verdict),
        },
      ]
  return [...own, ...upkeepTroubles(operations, name, page)]
}

function setTroubles({ name, sets, missing = [], lastReading }: RepositoryStanding): Trouble[] {
  const page = { of: 'repositories', name } as const
  const absent = missing.map(
    ({ match, verdict }): Trouble => ({
      key: `missing/${name}/${match}`,
      kind: 'backup set',
      name: match === '*' ? 'any' : match,
      within: name,
      page,
      ...fromVerdict(verdict),
    }),
  )
  const own = sets.flatMap(({ set, verdict }): Trouble[] =>
    // One entry for the repository says it for all of them.
    isFine(verdict) || (verdict.state === 'unreadable' && lastReading?.problem !== undefined)
      ? []
      : [
          {
            kind: 'backup set',
            key: `set/${name}/${keyOf(set)}`,
            name: setName(set),
            within: name,
            page,
            ...fromVerdict(verdict),
          },
        ],
  )
  return [...absent, ...own]
}

/** A message that is on its way for so long is one that nobody heard. */
const heardMs = 15 * 60_000

const isGivenUp = ({ lastDead, lastDelivered }: NotifierStanding): boolean =>
  lastDead !== undefined && (lastDelivered === undefined || lastDead > lastDelivered)

/** Whether what a notifier is given is heard: nothing was given up since the last that was taken, and nothing is long on its way. */
export const isHeard = (notifier: NotifierStanding, now: Date): boolean =>
  !isGivenUp(notifier) &&
  (notifier.oldestPending === undefined || now.getTime() - notifier.oldestPending.getTime() <= heardMs)

/** What was never told, or is not for long. */
function notifierTroubles(notifier: NotifierStanding, now: Date): Trouble[] {
  const { name, pending, oldestPending, lastDead, problem } = notifier
  if (isHeard(notifier, now)) return []
  const isDead = isGivenUp(notifier)
  const what = isDead
    ? 'a message was given up'
    : `${pending} message${pending === 1 ? ' is' : 's are'} still on the way`
  return [
    {
      key: `notifier/${name}`,
      kind: 'notifier',
      name,
      state: 'failing',
      why: `${what}: ${problem?.message ?? 'no reason is known'}`,
      next: problem?.next ?? 'Try it: muster notify test',
      since: (isDead ? lastDead : oldestPending) ?? now,
    },
  ]
}

/** Whether what is handed on is taken: nothing was refused, and nothing is long on its way. */
export const isTaken = ({ refused, oldestPending }: PushStanding, now: Date): boolean =>
  refused === 0 && (oldestPending === undefined || now.getTime() - oldestPending.getTime() <= heardMs)

/** Metrics that do not arrive: whoever looks at them sees an old state, and takes it for the newest. */
function pushTroubles(push: PushStanding, now: Date): Trouble[] {
  const { target, pending, oldestPending, refused, oldestRefused, problem } = push
  if (isTaken(push, now)) return []
  const what = refused > 0 ? `refused: ${refused}` : `still on the way: ${pending}`
  return [
    {
      key: `push/${target}`,
      kind: 'metrics',
      name: target,
      state: 'failing',
      why: `metrics do not arrive (${what}): ${problem?.message ?? 'no reason is known'}`,
      next: problem?.next ?? 'See what it answers: muster pushes',
      since: (refused > 0 ? oldestRefused : oldestPending) ?? now,
    },
  ]
}

/** What an alert told of, with what was found. */
const alertTrouble = ({ key, name, state, reason, next, openedAt, since, lastGood }: Incident): Trouble => ({
  key,
  kind: 'alert',
  name,
  state,
  why: reason,
  next,
  since: since ?? openedAt,
  ...(lastGood && { lastGood }),
})

/** Whether the Alertmanager that is asked answers: not for long it may have been restarted, or the network. */
export const isAsked = ({ since, lastGood, problem }: AlertmanagerStanding, now: Date): boolean =>
  problem === undefined || now.getTime() - (lastGood ?? since).getTime() <= heardMs

/** An Alertmanager that does not answer: an alarm there would be heard of by nobody here. */
function alertmanagerTroubles(asked: AlertmanagerStanding | undefined, now: Date): Trouble[] {
  if (asked?.problem === undefined || isAsked(asked, now)) return []
  const { problem, lastGood, since } = asked
  return [
    {
      key: 'alertmanager',
      kind: 'alertmanager',
      name: 'alertmanager',
      state: 'failing',
      why: problem.message,
      next: problem.next,
      since: lastGood ?? since,
    },
  ]
}

/** Signs of life that do not arrive: nobody would notice if Muster were gone, or somebody is told so for nothing. */
function heartbeatTroubles({ everyMs, since, lastGood, problem }: HeartbeatStanding, now: Date): Trouble[] {
  const last = lastGood ?? since
  if (problem === undefined || now.getTime() - last.getTime() <= 3 * everyMs) return []
  return [
    {
      key: 'heartbeat',
      kind: 'heartbeat',
      name: 'heartbeat',
      state: 'failing',
      why: problem.message,
      next: problem.next,
      since: last,
    },
  ]
}

/** Forgets, prunes, checks and drills that failed. */
function upkeepTroubles(
  operations: readonly OperationStanding[],
  name: string,
  page: NonNullable<Trouble['page']>,
): Trouble[] {
  return operations.flatMap(({ operation, verdict, lastSuccessAt: lastGood }): Trouble[] =>
    verdict === undefined
      ? []
      : [
          {
            kind: operation,
            key: `${operation}/${page.of}/${name}`,
            name,
            page,
            ...(lastGood && { lastGood }),
            ...fromVerdict(verdict),
          },
        ],
  )
}

function fromVerdict(verdict: Verdict): Pick<Trouble, 'state' | 'why' | 'next' | 'since' | 'lastGood'> {
  const since = 'since' in verdict ? verdict.since : 'expectedBefore' in verdict ? verdict.expectedBefore : undefined
  const lastGood = 'newestAt' in verdict ? verdict.newestAt : undefined
  return {
    state: verdict.state,
    why: verdict.reason,
    next: verdict.next,
    ...(since && { since }),
    ...(lastGood && { lastGood }),
  }
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
