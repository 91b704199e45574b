import { strict as assert } from 'node:assert'
import { describe, it } from 'vitest'
import {
  failingStanding,
  healthyStanding,
  makeDelivery,
  makeJob,
  makeRepository,
  makeRun,
  makeSet,
  makeSnapshots,
  makeStanding,
  makeStrip,
} from '../../../../test/http/standings.ts'
import { renderDeliveries } from './deliveries.ts'
import { renderJob } from './job.ts'
import { pageOf } from './layout.ts'
import { renderOverview } from './overview.ts'
import { renderRepositoryPage } from './repository.ts'
import { renderStrip } from './strip.ts'

const text = async (markup: unknown): Promise<string> => String(await markup)

describe('the page of messages', () => {
  it('says of each what became of it, and what to do', async () => {
    const problem = {
      code: 'x',
      message: 'hook answered HTTP 403 <b>.',
      next: 'Correct its `token`.',
      retry: 'never',
    } as const
    const markup = await text(
      renderDeliveries(healthyStanding, [
        makeDelivery(),
        makeDelivery({ notifier: '<i>hook', state: 'dead', problem, attempts: 3 }),
        makeDelivery({ state: 'pending', problem, attempts: 1, insteadOf: 'mail' }),
      ]),
    )
    for (const part of [
      '>delivered<',
      'It answered: <bdi>HTTP 200',
      '>given up<',
      '3 tries',
      '&lt;i&gt;hook',
      'HTTP 403 &lt;b&gt;',
      '<code>token</code>',
      '>on the way<',
      'in place of <bdi>mail',
    ])
      assert.ok(markup.includes(part), part)
    assert.doesNotMatch(markup, /<script|<i>|<b>/)
    assert.match(await text(renderDeliveries(healthyStanding, [])), /muster notify test/)
  })

  it('is led to from the front page, which says who is not heard', async () => {
    const totals = { delivered: 1, dead: 1 }
    const markup = await text(
      renderOverview({
        ...healthyStanding,
        notifiers: [
          { name: 'phone', kind: 'ntfy', pending: 0, lastDelivered: healthyStanding.now, totals },
          { name: 'hook', kind: 'webhook', pending: 0, lastDead: healthyStanding.now, totals },
        ],
      }),
    )
    assert.match(markup, /href="\.\/deliveries"/)
    assert.ok(markup.includes('</span>heard</span> <strong><bdi>phone'))
    assert.ok(markup.includes('</span>not heard</span> <strong><bdi>hook'))
    assert.doesNotMatch(await text(renderOverview(healthyStanding)), /deliveries/)
  })
})

describe('the front page', () => {
  it('needs no script and no style of its own', async () => {
    for (const standing of [healthyStanding, failingStanding])
      assert.doesNotMatch(await text(renderOverview(standing)), /<script|\son\w+=|style=|javascript:/i)
  })
  it('says every lamp in words', async () => {
    const page = await text(renderOverview(failingStanding))
    for (const word of [
      'late',
      'ahead',
      'absent',
      'failing',
      'unreadable',
      'fresh',
      'not read yet',
      'failed',
      'warning',
    ])
      assert.ok(page.includes(`</span>${word}</span>`), word)
  })
  it('shows what was lost and what is not in force', async () => {
    const page = await text(renderOverview(failingStanding))
    assert.match(page, /role="alert"><strong>Part of the ledger was lost/)
    assert.match(page, /role="alert"><strong>The configuration file is not in force/)
    assert.doesNotMatch(await text(renderOverview(healthyStanding)), /role="alert"/)
  })
  it('stays small with many backup sets, and shows those that need a look', async () => {
    const sets = Array.from({ length: 10_000 }, (_, at) =>
      makeSet(
        { host: `host-${at}` },
        at === 9_999 ? { verdict: { state: 'absent', reason: 'gone', next: 'Look.' } } : {},
      ),
    )
    const page = await text(renderOverview(makeStanding({ repositories: [makeRepository({ sets })] })))
    assert.ok(page.length < 500_000, `${page.length}`)
    assert.ok(page.includes('host-9999') && page.includes('9,950 more backup sets'))
    const repositories = Array.from({ length: 100 }, (_, at) =>
      makeRepository({ name: `r${at}`, sets: sets.slice(0, 100) }),
    )
    const wide = await text(renderOverview(makeStanding({ repositories })))
    assert.ok(wide.length < 2_500_000, `${wide.length}`)
  })
})

describe('the strip', () => {
  it('has a square and a title for each day, and tells it to those who do not see it', async () => {
    const strip = await text(renderStrip(makeStrip('bsswfnnss')))
    assert.equal(strip.match(/<rect /g)?.length, 9)
    assert.equal(strip.match(/<title>2026-11-\d\d: /g)?.length, 9)
    assert.match(
      strip,
      /role="img" aria-label="Last 9 days: 5 with snapshots, 1 warning, 1 failed, 2 without, 1 before"/,
    )
  })
})

describe('the page of a job', () => {
  it('shows its runs, what was left out and why one failed', async () => {
    const runs = [
      makeRun(),
      makeRun({ outcome: 'warning', skipped: [{ path: '/a<b', reason: 'permission denied' }], skippedCount: 1200 }),
      makeRun({ outcome: 'failed', problem: { code: 'x.y', message: 'It broke.', next: 'Mend it.', retry: 'never' } }),
    ]
    const page = await text(renderJob(makeStanding(), makeJob(), runs))
    for (const part of [
      '1,200 files left out',
      '/a&lt;b',
      'permission denied',
      'and 1,199 more',
      'It broke.',
      'Mend it.',
      '85.0 GiB',
      '48,211',
    ])
      assert.ok(page.includes(part), part)
  })
})

describe('the page of a repository', () => {
  it('shows the newest 500 snapshots first', async () => {
    const page = await text(renderRepositoryPage(makeStanding(), makeRepository(), makeSnapshots(1234)))
    assert.equal(page.match(/<th scope="row"><code>/g)?.length, 500)
    assert.ok(page.includes('newest 500 of 1,234'))
    assert.ok(page.indexOf('1 day ago') < page.indexOf('2 days ago'))
  })
})

describe('addresses of pages', () => {
  for (const name of ['a/b', '..', 'a b', '"><x', '\ud800', 'ä'])
    it(`hold ${JSON.stringify(name)} in one step`, () =>
      assert.match(pageOf('./', 'jobs', name), /^\.\/jobs\/[\w.%-]+$/))
})
