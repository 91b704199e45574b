import { strict as assert } from 'node:assert'
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { describe, it } from 'vitest'
import { Secret } from '../../src/model/secret.ts'
import { program } from '../real/programs.ts'
import { until } from '../real/wait.ts'
import { payloads } from './payloads.ts'
import { openPrometheus } from './prometheus.ts'
import { serving, sourceOf } from './serving.ts'
import { failingStanding, healthyStanding, makeRepository, makeSet, makeStanding } from './standings.ts'

/** 1,000 values that labels were broken by before, each told apart by its number. */
const nasty = [
  '"',
  '\\',
  '\n',
  '\\n',
  '\\"',
  '"} 1\nevil 1\n#',
  '\r\n',
  '\r',
  '\t',
  '\0',
  '\u0001',
  '\u001b[31m',
  '\u007f',
  '\u0085',
  '\u2028',
  '\u2029',
  '\u202e',
  '\u2066',
  '\u200f',
  '\ufeff',
  '\ufffe',
  '\ufffd',
  '\ud800',
  '\udfff',
  '\udc00\ud800',
  '💾',
  '👩‍👩‍👧‍👦',
  'שלום',
  'مرحبا',
  '中文',
  'e\u0301',
  '{',
  '}',
  ',',
  '=',
  ' ',
  '#',
  '# EOF',
  '# TYPE x counter',
  '{{.}}',
  '$1',
  '%s',
  '%00',
  '../',
  "'; DROP TABLE",
  '__name__',
  'NaN',
  '+Inf',
  '1e999',
  'x'.repeat(1020),
  'x'.repeat(1025),
  '💾'.repeat(600),
  ...payloads,
]
const values = [
  ...Array.from({ length: 999 }, (_, at) =>
    at % 2 === 0 ? `${nasty[at % nasty.length]}${at}` : `${at}${nasty[at % nasty.length]}`,
  ),
  'm'.repeat(1_048_576),
]

/** What has to come back: what is no UTF-8 replaced, and what is long cut, with a hash of the whole. */
function expected(value: string): string {
  const valid = value.toWellFormed()
  if (valid.length <= 1024) return valid
  return `${valid.slice(0, 1007).toWellFormed()}~${createHash('sha256').update(valid).digest('hex').slice(0, 16)}`
}

const hostileOf = (hosts: readonly string[]) =>
  makeStanding({
    repositories: [makeRepository({ sets: hosts.map((host, at) => makeSet({ host, snapshots: at + 1 })) })],
  })
const hostile = hostileOf(values)

// Side by side: each waits five seconds for Prometheus to find its target.
describe.concurrent('a real Prometheus', () => {
  for (const [name, job] of Object.entries({
    'the classic format': ["scrape_protocols: ['PrometheusText0.0.4']"],
    OpenMetrics: ["scrape_protocols: ['OpenMetricsText1.0.0']"],
    'what it likes best': [],
  }))
    it(`reads 1,000 hostile label values back, by ${name}`, async () => {
      await using http = await serving(sourceOf(hostile), { maxSeries: 1_000_000 })
      await using prometheus = await openPrometheus(http.url, job)
      // A machine that is busy with other tests may be too slow for the first scrape, not for all of them.
      await until('a good scrape', async () => (await prometheus.query('up'))[0]?.value === 1, 30_000)
      assert.deepEqual(await prometheus.target(), { health: 'up', lastError: '' })
      const back = new Map(
        (await prometheus.query('muster_set_snapshots')).map(({ labels, value }) => [value, labels.host]),
      )
      assert.equal(back.size, 1000)
      for (const [at, value] of values.entries()) assert.equal(back.get(at + 1), expected(value))
    })

  it('keeps the label job of what Muster tells, with honor_labels, and scrapes with a token', async () => {
    await using http = await serving(sourceOf(healthyStanding), { tokens: [new Secret('scrape-token')] })
    await using prometheus = await openPrometheus(http.url, ['authorization: { credentials: scrape-token }'])
    await until('a good scrape', async () => (await prometheus.query('up'))[0]?.value === 1, 30_000)
    assert.deepEqual((await prometheus.query('muster_job_running')).map(({ labels }) => labels.job).sort(), [
      'databases',
      'documents',
      'mail',
      'photos',
    ])
    assert.deepEqual(
      (await prometheus.query('time() > muster_set_expected_before_timestamp_seconds')).filter(
        ({ labels }) => labels.host === undefined,
      ),
      [],
    )
  })

  it('is refused without the token, and says so', async () => {
    await using http = await serving(sourceOf(healthyStanding), { tokens: [new Secret('scrape-token')] })
    await using prometheus = await openPrometheus(http.url)
    const { health, lastError } = await prometheus.target()
    assert.equal(health, 'down')
    assert.match(lastError, /401/)
  })
})

// Fewer values than above: its time grows with their square.
describe('promtool', () => {
  for (const [name, standing] of Object.entries({
    healthy: healthyStanding,
    failing: failingStanding,
    hostile: hostileOf(values.slice(0, nasty.length)),
  }))
    it(`finds nothing wrong with the metrics (${name})`, async () => {
      await using http = await serving(sourceOf(standing), { maxSeries: 1_000_000 })
      await fetch(`${http.url}healthz`)
      const metrics = await (await fetch(`${http.url}metrics`)).text()
      const checked = promisify(execFile)(program('promtool'), ['check', 'metrics'])
      checked.child.stdin?.end(metrics)
      const { stdout, stderr } = await checked
      assert.deepEqual([stdout, stderr], ['', ''])
    })
})
