import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { HistoryBefore } from '../../model/history.ts'
import type { Snapshot } from '../../model/snapshot.ts'
import { type DeclaredPolicy, keptBy } from '../retention.ts'
import { judgeHistory } from './judge.ts'

const now = new Date('2026-11-21T12:00:00Z')
const hourMs = 3_600_000
const ago = (hours: number): Date => new Date(now.getTime() - hours * hourMs)
let made = 0
const taken = (hours: number, more: Partial<Snapshot> = {}): Snapshot => ({
  id: (++made).toString(16).padStart(64, '0'),
  takenAt: ago(hours),
  host: 'alpha',
  user: 'root',
  tags: [],
  paths: ['/srv'],
  sizeBytes: 1000,
  ...more,
})
const none = { policies: [], keysMayChange: false }
const keepLast = (count: number): DeclaredPolicy => ({
  policy: { group: ['host', 'paths'], keepLast: count, keepTags: [] },
  host: 'alpha',
  tags: [],
  paths: ['/srv'],
})
const [a, b, c, d] = [taken(72), taken(48), taken(24), taken(1)] as const
const was = (snapshots: readonly Snapshot[], more: Partial<HistoryBefore> = {}): HistoryBefore => ({
  at: ago(0.5),
  snapshots,
  keys: ['k1'],
  config: 'c1',
  bornAt: ago(1000),
  ...more,
})
const found = (left: readonly Snapshot[], fresh: readonly Snapshot[] = [], more: object = {}) => ({
  at: now,
  ids: new Set([...left, ...fresh].map(({ id }) => id)),
  fresh,
  keys: ['k1'],
  config: 'c1',
  ...more,
})
const kinds = (...given: Readonly<Parameters<typeof judgeHistory>>): string[] =>
  judgeHistory(...given).map(({ kind, subject }) => `${kind} ${subject.replace(/^0+/, '')}`)
const id = ({ id: text }: Snapshot): string => text.replace(/^0+/, '')

describe('a tree that lives on', () => {
  const state = (hours: number, sizeBytes: number) => taken(hours, { living: 'tree', paths: [], sizeBytes })
  const dated = taken(40, { paths: [], sizeBytes: undefined as never })
  it('may change, also to what looks older, and nothing is lost', () =>
    expect(kinds(was([dated, state(30, 1000)]), found([dated], [state(2000, 900)]), none)).toEqual([]))
  it('may go back to an earlier state', () => {
    const [first, second] = [state(30, 1000), state(20, 1100)]
    expect(kinds(was([second]), found([first], [], { returned: [first] }), none)).toEqual([])
  })
  it('is told when it all but vanished', () => {
    const left = state(0.1, 10)
    expect(kinds(was([dated, state(30, 1000)]), found([dated], [left]), none)).toEqual([`shrunk ${id(left)}`])
  })
  it('is told nothing of while a backup is at work on it', () => {
    const tree = state(30, 1000)
    const busy = { ...none, isBeingWritten: true }
    expect(kinds(was([dated, tree]), found([dated]), busy)).toEqual([])
    expect(kinds(was([dated, tree]), found([dated], [state(0.1, 10)]), busy)).toEqual([])
  })
  it('may lose its largest file for a while', () => {
    const many = { files: 100 }
    const before = taken(30, { living: 'tree', paths: [], sizeBytes: 1000, ...many })
    const left = taken(0.1, { living: 'tree', paths: [], sizeBytes: 10, files: 99 })
    expect(kinds(was([before]), found([], [left]), none)).toEqual([])
  })
  it('is told when it is gone, whatever lies beside it', () => {
    const tree = state(30, 1000)
    expect(kinds(was([dated, tree]), found([dated]), none)).toEqual([`newest-deleted ${id(tree)}`])
  })
})

describe('hostile changes are told', () => {
  const tiny = taken(0.1, { sizeBytes: 10 })
  const rows: readonly (readonly [string, Readonly<Parameters<typeof judgeHistory>>, readonly string[]])[] = [
    ['the newest deleted', [was([a, b, c, d]), found([a, b, c]), none], [`newest-deleted ${id(d)}`]],
    ['rolled back by two', [was([a, b, c, d]), found([a, b]), none], [`rolled-back ${id(d)}`]],
    [
      'rolled back by one, with a forgotten one back',
      [was([b, c, d]), found([b, c, a], [], { returned: [a] }), none],
      [`rolled-back ${id(d)}`],
    ],
    ['emptied', [was([a, b, c, d]), found([]), none], [`emptied ${id(d)}`]],
    [
      'the newest replaced by a tiny one',
      [was([a, b, c, d]), found([a, b, c], [{ ...tiny, parent: c.id }]), none],
      [`newest-deleted ${id(d)}`, `shrunk ${id(tiny)}`],
    ],
    [
      'thinned beyond the declared retention',
      [was([a, b, c, d]), found([a, c, d]), { ...none, policies: [keepLast(9)] }],
      [`thinned ${id(b)}`],
    ],
    ['a key added', [was([a]), found([a], [], { keys: ['k1', 'k2'] }), none], ['key-added k2']],
    ['a key removed', [was([a]), found([a], [], { keys: [] }), none], ['key-removed k1']],
    ['the config replaced', [was([a]), found([a], [], { config: 'c2' }), none], ['config-changed c2']],
    ...[1 / 6, 24, 5 * 8766].map((hours) => {
      const future = taken(-hours)
      return [
        `a snapshot ${hours.toFixed(1)} h in the future`,
        [was([a]), found([a], [future]), none],
        [`future-snapshot ${id(future)}`],
      ] as const
    }),
    ...(
      [
        ['back-dated', taken(200)],
        ['before-repository', taken(2000)],
        ['before-repository', taken((now.getTime() - 0) / hourMs)],
        ['back-dated', taken(300, { finishedAt: ago(299) })],
        ['back-dated', taken(300, { finishedAt: ago(0) })],
      ] as const
    ).map(
      ([kind, old]) =>
        [`${kind}: ${old.takenAt.toISOString()}`, [was([a]), found([a], [old]), none], [`${kind} ${id(old)}`]] as const,
    ),
    [
      'a host renamed',
      [was([a]), found([], [taken(72, { host: 'beta', original: a.id })]), none],
      ['host-renamed alpha'],
    ],
    [
      'a future one at the very first look',
      [undefined, found([], [taken(-24)]), none],
      [`future-snapshot ${(made).toString(16)}`],
    ],
  ]
  for (const [name, given, want] of rows) it(name, () => expect(kinds(...given)).toEqual(want))

  it('in words that name what to do, and how to settle it', () => {
    const all = rows.flatMap(([, given]) => judgeHistory(...given))
    expect(all.filter(({ next }) => !next.includes('muster ack'))).toEqual([])
    expect(all.filter(({ message }) => /undefined|NaN|\[object/.test(message))).toEqual([])
  })
})

describe('ordinary life is quiet', () => {
  const tagged = taken(1, { original: d.id, tags: ['x'] })
  const rows: readonly (readonly [string, Parameters<typeof judgeHistory>])[] = [
    ['nothing happened', [was([a, b]), found([a, b]), none]],
    ['the first look at an old repository', [undefined, found([], [a, b, taken(90_000)]), none]],
    ['a backup', [was([a, b]), found([a, b], [c]), none]],
    ['a forget of older ones', [was([a, b, c, d]), found([c, d]), none]],
    ['a backup, and a forget that keeps only it', [was([a, b, c]), found([], [{ ...d, parent: c.id }]), none]],
    ['the newest tagged', [was([a, d]), found([a], [tagged]), none]],
    ['the same one tagged again', [was([a, tagged]), found([a], [taken(1, { original: d.id })]), none]],
    ['rewritten without some files', [was([a, d]), found([a], [taken(1, { original: d.id, sizeBytes: 1 })]), none]],
    ['old ones copied in', [was([a]), found([a], [taken(9_000, { original: 'ff'.repeat(32) })]), none]],
    ['a backup that took two days', [was([a]), found([a], [taken(49, { finishedAt: ago(0.1) })]), none]],
    ['keys changed where they may', [was([a]), found([a], [], { keys: ['k2'] }), { ...none, keysMayChange: true }]],
    ['keys not looked at', [was([a]), { ...found([a]), keys: undefined } as never, none]],
    ['the policy of a job', [was([a, b, c]), found([c], [d]), { ...none, policies: [keepLast(2)] }]],
    [
      'a declared policy that drops even the newest of some paths',
      [
        was([a, taken(30, { paths: ['/old'] })]),
        found([], [d]),
        { ...none, policies: [{ policy: { group: [], keepLast: 1, keepTags: [] }, tags: [], paths: [] }] },
      ],
    ],
  ]
  for (const [name, given] of rows) it(name, () => expect(kinds(...given)).toEqual([]))
})

/** Lives of a repository, as its owners lead them: each step some hours after the last. */
type Step =
  | { readonly kind: 'backup'; readonly host: number; readonly paths: number; readonly size: number }
  | { readonly kind: 'forget'; readonly host: number }
  | { readonly kind: 'tag' | 'rewrite' | 'drop-old'; readonly which: number }
  | { readonly kind: 'copy'; readonly hours: number }
  | { readonly kind: 'look' }
  | { readonly kind: 'delete-newest' }

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('backup'),
      host: fc.nat(2),
      paths: fc.nat(1),
      size: fc.integer({ min: 500, max: 1500 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('forget'), host: fc.nat(2) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('tag', 'rewrite', 'drop-old'), which: fc.nat(50) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('copy'), hours: fc.integer({ min: 1, max: 20_000 }) }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('look') }) },
) as fc.Arbitrary<Step>

const policyOf = (host: string, paths: string[]): DeclaredPolicy => ({
  policy: { group: ['host', 'paths'], keepLast: 2, keepDaily: 3, keepWeekly: 2, keepTags: [] },
  host,
  tags: [],
  paths,
})

/** @returns What was told over a whole life. `declared`: whether the watcher knows the policies. */
function live(steps: readonly Step[], declared: boolean): string[] {
  let all: Snapshot[] = []
  let seen: Snapshot[] = []
  let known: HistoryBefore | undefined
  let at = ago(5_000)
  const told: string[] = []
  const places = [['/srv'], ['/home', '/etc']]
  const policies = ['h0', 'h1', 'h2'].flatMap((host) => places.map((paths) => policyOf(host, paths)))
  const replace = (old: Snapshot, more: Partial<Snapshot>): void => {
    const { parent: _, ...rest } = old
    all = [...all.filter((one) => one !== old), { ...rest, ...more, id: taken(0).id, original: old.original ?? old.id }]
  }
  for (const one of steps) {
    at = new Date(at.getTime() + 5 * hourMs)
    const of = (host: number, paths: number) =>
      all.filter((snapshot) => snapshot.host === `h${host}` && snapshot.paths === places[paths])
    if (one.kind === 'backup') {
      const parent = of(one.host, one.paths).reduce<Snapshot | undefined>(
        (newest, other) => (newest === undefined || other.takenAt > newest.takenAt ? other : newest),
        undefined,
      )
      all = [
        ...all,
        taken(0, {
          takenAt: at,
          host: `h${one.host}`,
          paths: places[one.paths] ?? [],
          sizeBytes: one.size,
          ...(parent && { parent: parent.id }),
        }),
      ]
    } else if (one.kind === 'forget') {
      for (const [index, paths] of places.entries()) {
        const mine = of(one.host, index)
        const kept = keptBy(policyOf(`h${one.host}`, paths), mine, at)
        all = all.filter((snapshot) => !mine.includes(snapshot) || kept.has(snapshot.id))
      }
    } else if (one.kind === 'delete-newest')
      all = all.filter(({ takenAt }) => all.some((other) => other.takenAt > takenAt))
    else if (one.kind === 'copy')
      all = [
        ...all,
        taken(0, { takenAt: new Date(at.getTime() - one.hours * hourMs), host: 'far', original: taken(0).id }),
      ]
    else if (one.kind === 'look') {
      const ids = new Set(all.map((snapshot) => snapshot.id))
      const fresh = all.filter((snapshot) => !seen.some((other) => other.id === snapshot.id))
      const alarms = judgeHistory(
        known,
        { at, ids, fresh },
        { policies: declared ? policies : [], keysMayChange: false },
      )
      told.push(...alarms.map(({ kind, subject }) => `${kind} ${subject}`))
      seen = all
      known = { at, snapshots: all, bornAt: ago(5_001) }
    } else {
      const target = all[one.which % Math.max(1, all.length)]
      if (target === undefined) continue
      if (one.kind === 'tag') replace(target, { tags: ['later'] })
      if (one.kind === 'rewrite') replace(target, { sizeBytes: 5 })
      // By hand: an old one that nobody needs, never the newest of its like; nothing a declared policy would keep.
      const hasLater = all.some(
        (other) => other.takenAt > target.takenAt && other.host === target.host && other.paths === target.paths,
      )
      if (one.kind === 'drop-old' && hasLater && !declared) all = all.filter((other) => other !== target)
    }
  }
  return told
}

describe('random lives of repositories', () => {
  for (const declared of [false, true])
    it(`are quiet in 1,000 of 1,000, with ${declared ? 'declared policies' : 'policies nobody declared'}`, () => {
      let alarms = 0
      const lives = fc.sample(fc.array(step, { minLength: 20, maxLength: 80 }), { numRuns: 1_000, seed: 7 })
      for (const life of lives) if (live(life, declared).length > 0) alarms += 1
      expect(alarms).toBeLessThanOrEqual(1)
    })

  it('tell it each time when somebody then deletes the newest', () => {
    const lives = fc.sample(fc.array(step, { minLength: 10, maxLength: 60 }), { numRuns: 300, seed: 11 })
    const end: Step[] = [{ kind: 'backup', host: 0, paths: 0, size: 1000 }, { kind: 'look' }]
    for (const life of lives)
      for (const declared of [false, true]) {
        const told = live([...life, ...end, { kind: 'delete-newest' }, { kind: 'look' }], declared)
        expect(told).toContainEqual(expect.stringMatching(/^(newest-deleted|emptied) /))
      }
  })
})
