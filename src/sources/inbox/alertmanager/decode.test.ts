import { strict as assert } from 'node:assert'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeActive, decodeWebhook } from './decode.ts'

const bytes = (body: unknown): Uint8Array => Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))
function decoded(body: unknown) {
  const webhook = decodeWebhook(bytes(body))
  assert.ok(webhook.ok, webhook.ok ? '' : webhook.problem.message)
  return webhook.value
}
function refused(body: unknown): string {
  const webhook = decodeWebhook(bytes(body))
  assert.ok(!webhook.ok)
  assert.equal(webhook.problem.code, 'inbox.bad-body')
  return webhook.problem.message
}
const alert = (more: object) => ({ alerts: [{ labels: { alertname: 'BackupFailed' }, ...more }] })

describe('a body of an Alertmanager', () => {
  it('is read whole', () => {
    const labels = { alertname: 'backup_failed', id: '1', name: 'Daily', node: '1' }
    const body = {
      ...{ version: '4', groupKey: '{}:{alertname="backup_failed"}', truncatedAlerts: 3, status: 'firing' },
      ...{ receiver: 'r', groupLabels: {}, commonLabels: labels, commonAnnotations: {}, externalURL: 'http://am:9093' },
      alerts: [
        {
          ...{ status: 'firing', labels, annotations: { summary_en: 'Backup failed' }, generatorURL: 'http://p/g' },
          ...{ startsAt: '2025-02-25T10:55:26.18Z', endsAt: '0001-01-01T00:00:00Z', fingerprint: '355cfca350bfe294' },
        },
        { status: 'resolved', labels, startsAt: '2025-02-25T10:55:26.18+01:00', endsAt: '2025-02-25T11:00:00Z' },
      ],
    }
    expect(decoded(body)).toEqual({
      groupKey: '{}:{alertname="backup_failed"}',
      truncated: 3,
      externalURL: 'http://am:9093',
      alerts: [
        {
          status: 'firing',
          labels,
          annotations: { summary_en: 'Backup failed' },
          generatorURL: 'http://p/g',
          startsAt: new Date('2025-02-25T10:55:26.180Z'),
          fingerprint: '355cfca350bfe294',
        },
        {
          status: 'resolved',
          labels,
          annotations: {},
          startsAt: new Date('2025-02-25T09:55:26.180Z'),
          endsAt: new Date('2025-02-25T11:00:00Z'),
        },
      ],
    })
  })

  it('may be as short as one tried by hand', () =>
    expect(
      decoded('{"alerts":[{"status":"firing","labels":{"alertname":"NsBackupFailed","backup_id":"1"}}]}').alerts,
    ).toEqual([{ status: 'firing', labels: { alertname: 'NsBackupFailed', backup_id: '1' }, annotations: {} }]))

  const lenient: readonly (readonly [string, unknown, object])[] = [
    ['no alert at all', { alerts: [] }, { alerts: [], truncated: 0 }],
    ['the status of the whole', { status: 'resolved', ...alert({}) }, { alerts: [{ status: 'resolved' }] }],
    ['no status', alert({}), { alerts: [{ status: 'firing' }] }],
    [
      'numbers and truths as labels',
      alert({ labels: { id: 1, ok: true } }),
      { alerts: [{ labels: { id: '1', ok: 'true' } }] },
    ],
    ['annotations that are null', alert({ annotations: null }), { alerts: [{ annotations: {} }] }],
    ['a count that is none', { ...alert({}), truncatedAlerts: -5 }, { truncated: 0 }],
    ['a byte order mark', `\uFEFF${JSON.stringify(alert({}))}`, { alerts: [{ status: 'firing' }] }],
  ]
  for (const [name, body, want] of lenient) it(`may have ${name}`, () => expect(decoded(body)).toMatchObject(want))

  it('leaves out times and names that are none', () => {
    const [one] = decoded(
      alert({ startsAt: '0001-01-01T00:00:00Z', endsAt: '', fingerprint: '../etc', generatorURL: 5 }),
    ).alerts
    expect(Object.keys(one ?? {}).sort()).toEqual(['annotations', 'labels', 'status'])
  })
})

describe('what is no such body names what is wrong', () => {
  const rows: readonly (readonly [unknown, string])[] = [
    ['', 'the body is empty.'],
    ['{"alerts":[', 'the body is no JSON.'],
    ['[]', 'the body is no object.'],
    ['null', 'the body is no object.'],
    [{}, 'alerts is missing.'],
    [{ alerts: {} }, 'alerts is no list.'],
    [{ alerts: [5] }, 'alerts[0] is no object.'],
    [{ alerts: [{ labels: {} }, {}] }, 'alerts[1].labels is no object of texts.'],
    [alert({ labels: ['a'] }), 'alerts[0].labels is no object of texts.'],
    [alert({ labels: { a: null } }), 'alerts[0].labels is no object of texts.'],
    [alert({ labels: { a: { b: 'c' } } }), 'alerts[0].labels is no object of texts.'],
    [alert({ annotations: 'x' }), 'alerts[0].annotations is no object of texts.'],
    [alert({ status: 'on fire' }), 'alerts[0].status is neither firing nor resolved.'],
    [alert({ status: { toString: 5 } }), 'alerts[0].status is neither firing nor resolved.'],
    [alert({ startsAt: 'NaN' }), 'alerts[0].startsAt is no time.'],
    [alert({ startsAt: 1_732_550_400 }), 'alerts[0].startsAt is no time.'],
    [alert({ startsAt: '2025-13-45T99:99:99Z' }), 'alerts[0].startsAt is no time.'],
    [alert({ endsAt: '2025-02-30Tx' }), 'alerts[0].endsAt is no time.'],
  ]
  for (const [body, want] of rows)
    it(`${typeof body === 'string' ? body : JSON.stringify(body)}: ${want}`, () => expect(refused(body)).toBe(want))
})

describe('a hostile body', () => {
  it('nested five million deep is refused before anything is built of it', () => {
    for (const sign of ['[', '{"a":', '[[{"a":']) {
      const body = Buffer.from(`{"alerts":${sign.repeat(Math.ceil(5_000_000 / sign.length))}`)
      const began = performance.now()
      expect(refused(body.toString())).toMatch(/nested deeper than 16 levels/)
      assert.ok(performance.now() - began < 500)
    }
  })

  it('that has no text but brackets in it is none of these', () => {
    const summary = `${'['.repeat(1000)}\\"${'{'.repeat(1000)}`
    expect(decoded(alert({ annotations: { summary } })).alerts[0]?.annotations.summary).toBe(summary)
  })

  it('cannot give all objects a property', () => {
    const { alerts } = decoded(
      '{"__proto__":{"evil":1},"alerts":[{"labels":{"__proto__":"x","constructor":"y","alertname":"a"},"__proto__":{"status":"resolved"}}]}',
    )
    expect(({} as { evil?: unknown }).evil).toBeUndefined()
    expect(alerts[0]?.status).toBe('firing')
    expect(Object.getPrototypeOf(alerts[0]?.labels)).toBe(Object.prototype)
    expect(Object.entries(alerts[0]?.labels ?? {})).toContainEqual(['__proto__', 'x'])
  })

  it('with half a pair of surrogates becomes text', () => {
    const [one] = decoded('{"alerts":[{"labels":{"alertname":"a\\ud800b","\\udc00":"x"}}]}').alerts
    expect(one?.labels).toEqual({ alertname: 'a\uFFFDb', '\uFFFD': 'x' })
  })

  it('with bytes that are no text is read as far as that goes', () => {
    const body = Buffer.concat([
      Buffer.from('{"alerts":[{"labels":{"a":"'),
      Buffer.from([0xff, 0xc0]),
      Buffer.from('"}}]}'),
    ])
    const webhook = decodeWebhook(body)
    assert.ok(webhook.ok)
    expect(webhook.value.alerts[0]?.labels.a).toBe('\uFFFD\uFFFD')
  })

  it('with texts without end is cut', () => {
    const [one] = decoded(alert({ labels: { a: 'x'.repeat(1_000_000) } })).alerts
    expect(one?.labels.a).toHaveLength(16_384)
  })

  it('with labels without end is refused', () => {
    const labels = Object.fromEntries(Array.from({ length: 1_001 }, (_, at) => [`l${at}`, 'x']))
    expect(refused(alert({ labels }))).toMatch(/labels/)
  })

  it('of 10,000 alerts is read within a moment', () => {
    const labels = { alertname: 'BackupFailed', instance: 'host', backup_id: '1' }
    const startsAt = '2025-02-25T10:55:26.18Z'
    const body = bytes({
      alerts: Array.from({ length: 10_000 }, (_, at) => ({ labels: { ...labels, n: `${at}` }, startsAt })),
    })
    const began = performance.now()
    const webhook = decodeWebhook(body)
    assert.ok(webhook.ok)
    expect(webhook.value.alerts).toHaveLength(10_000)
    assert.ok(performance.now() - began < 1_000)
  })

  const almost = fc.oneof(
    fc.json().map((text) => Buffer.from(text)),
    fc.json().map((text) => Buffer.from(`{"alerts":[${text}]}`)),
    fc.json().map((text) => Buffer.from(`{"alerts":[{"labels":${text},"status":${text},"startsAt":${text}}]}`)),
    fc
      .json()
      .map((text) => Buffer.from(`{"alerts":[{"labels":{"a":${text}},"annotations":${text},"endsAt":${text}}]}`)),
    fc.uint8Array({ maxLength: 200 }),
  )
  it('of any kind is answered with a value, and what is taken is whole', () =>
    fc.assert(
      fc.property(almost, (body) => {
        decodeActive(body)
        const webhook = decodeWebhook(body)
        if (!webhook.ok) return
        for (const { labels, startsAt, endsAt } of webhook.value.alerts) {
          for (const text of Object.entries(labels).flat()) assert.ok(typeof text === 'string' && text.isWellFormed())
          for (const date of [startsAt, endsAt]) assert.ok(!Number.isNaN(date?.getTime()))
        }
      }),
      { numRuns: 2_000 },
    ))
})

describe('what an Alertmanager tells when it is asked', () => {
  /** As version 0.33 answers `GET /api/v2/alerts`. */
  const answer = [
    {
      annotations: {},
      endsAt: '2026-11-25T17:03:54.270Z',
      fingerprint: '73afb26580a8bad9',
      receivers: [{ name: 'x' }],
      startsAt: '2026-11-25T16:58:54.270Z',
      status: { inhibitedBy: [], mutedBy: [], silencedBy: [], state: 'active' },
      updatedAt: '2026-11-25T16:58:54.270Z',
      labels: { alertname: 'BackupFailed' },
    },
  ]
  it('are alerts that fire, with no end', () =>
    expect(decodeActive(bytes(answer))).toEqual({
      ok: true,
      value: [
        {
          isQuiet: false,
          alert: {
            status: 'firing',
            fingerprint: '73afb26580a8bad9',
            startsAt: new Date('2026-11-25T16:58:54.270Z'),
            labels: { alertname: 'BackupFailed' },
            annotations: {},
          },
        },
      ],
    }))
  it('are quiet where somebody silenced them', () => {
    const silenced = [
      { ...answer[0], status: { state: 'suppressed', silencedBy: ['x'] } },
      { labels: {}, status: 5 },
    ]
    expect(decodeActive(bytes(silenced))).toMatchObject({ value: [{ isQuiet: true }, { isQuiet: false }] })
  })
  for (const [body, want] of [
    ['{}', 'the answer is no list.'],
    ['<html>', 'the body is no JSON.'],
    ['[{}]', 'alert[0].labels is no object of texts.'],
  ] as const)
    it(`${body}: ${want}`, () => expect(decodeActive(bytes(body))).toMatchObject({ problem: { message: want } }))
})
