import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Asked, decode } from './decode.ts'
import type { Fields, Found, FoundStatus, Shape } from './found.ts'
import { isId, parseBackupKey } from './keys.ts'
import { decodeStatus } from './status.ts'

const now = new Date('2026-11-25T12:00:00Z')
const seconds = (agoS: number): string => String(now.getTime() / 1000 - agoS)
const iso = (agoS: number): string => new Date(now.getTime() - agoS * 1000).toISOString()
const asked = (...ids: string[]): Asked => ({ ids, now, recentWindowMs: 3_600_000 })

const own = (module: string, fields: Fields, plan = '1'): FoundStatus => ({
  shape: 'own',
  plan,
  module,
  content: fields,
})
const old = (module: string, errors: number, agoS: number, plan = '1'): FoundStatus => ({
  shape: 'module',
  plan,
  module,
  content: { errors: String(errors), start: seconds(agoS + 60), end: seconds(agoS), total_size: '4053660' },
})
const fresh = (module: string, errors: number, agoS: number, plan = '1', node = '1'): FoundStatus => ({
  shape: 'node',
  plan,
  module,
  node,
  content: JSON.stringify({ start: Number(seconds(agoS + 60)), errors, end: Number(seconds(agoS)) }),
})

function found(statuses: readonly FoundStatus[], rest: Partial<Found> = {}): Found {
  const ids = [...new Set(statuses.map(({ plan }) => plan))]
  return {
    plans: ids.map((id) => ({ id, members: [] })),
    statuses,
    titles: new Map(),
    destinations: new Map(),
    isCut: false,
    ...rest,
  }
}
const states = (all: Found, ...ids: string[]) =>
  Object.fromEntries(decode(all, asked(...ids)).parts.map(({ name, state }) => [name, state]))

describe('how a module ended', () => {
  const rows: readonly [string, Shape, FoundStatus['content'], string, string?][] = [
    ['success', 'own', { result: 'success', timestamp: iso(60) }, 'ok', iso(60)],
    ['error', 'own', { result: 'error', timestamp: iso(60), error: 'no space left' }, 'failed', iso(60)],
    ['success with errors', 'own', { result: 'success', timestamp: iso(60), errors: '2' }, 'failed', iso(60)],
    ['success with an error', 'own', { result: 'success', timestamp: iso(60), error: 'x' }, 'warning', iso(60)],
    ['a time without zone', 'own', { result: 'success', timestamp: '2026-11-25T11:00:00' }, 'ok', iso(3600)],
    ['microseconds', 'own', { result: 'success', timestamp: '2026-11-25 11:00:00.123456+00:00' }, 'ok'],
    ['an offset without colon', 'own', { result: 'success', timestamp: '2026-11-25T13:00:00+0200' }, 'ok', iso(3600)],
    ['success without a time', 'own', { result: 'success' }, 'unknown'],
    ['success to come', 'own', { result: 'success', timestamp: '2030-01-01T00:00:00Z' }, 'unknown'],
    ['error without a time', 'own', { result: 'error' }, 'failed'],
    ['another word', 'own', { result: 'running', timestamp: iso(1) }, 'unknown', iso(1)],
    ['no errors', 'module', { errors: '0', start: seconds(90), end: seconds(30) }, 'ok', iso(30)],
    ['errors', 'module', { errors: '3', start: seconds(90), end: seconds(30) }, 'failed', iso(30)],
    ['only a start', 'module', { errors: '0', start: seconds(90) }, 'ok', iso(90)],
    ['no count', 'module', { end: seconds(90) }, 'unknown', iso(90)],
    ['a count below nothing', 'module', { errors: '-1', end: seconds(90) }, 'unknown', iso(90)],
    ['JSON', 'node', `{"errors": 0, "end": ${seconds(5)}}`, 'ok', iso(5)],
    ['JSON with texts', 'node', `{"errors": "2", "end": "${seconds(5)}"}`, 'failed', iso(5)],
    ['true for a count', 'node', `{"errors": true, "end": ${seconds(5)}}`, 'unknown', iso(5)],
    ['a list', 'node', '[]', 'unknown'],
    ['no JSON', 'node', '{"errors": 0', 'unknown'],
    ['nothing readable', 'module', undefined, 'unknown'],
  ]
  it.each(rows)('%s (%s) %o: %s', (_, shape, content, state, at) => {
    const status = decodeStatus({ shape, ...(content !== undefined && { content }) }, now)
    expect(status.state).toBe(state)
    if (at !== undefined) expect(status.at?.toISOString()).toBe(at)
    if (state === 'unknown') expect(status.note).toBeTypeOf('string')
  })
})

describe('plans and their modules', () => {
  const plan = (id: string, fields: Fields, members: readonly string[] = []) => ({ id, fields, members })
  const nodes = new Map([
    ['mail1', '1'],
    ['mail2', '2'],
    ['mail10', '2'],
  ])

  it('up to 3.19: those whose own set names it; without a status they are missing', () => {
    const all = found([old('mail1', 0, 60), old('mail2', 2, 30), old('gone1', 1, 90_000)], {
      plans: [plan('1', { name: 'Daily', repository: 'uuid-1', enabled: '1' }, ['mail1', 'mail2', 'mail10'])],
      nodes,
      titles: new Map([['mail1', 'Mail of\nthe house']]),
      destinations: new Map([['uuid-1', { url: 's3:https://KEY:SECRET@s3.example.com/bucket', name: 'S3' }]]),
    })
    const { plans, parts, notes } = decode(all, asked('1'))
    expect(parts.map(({ name, state, node, errors }) => [name, state, node, errors])).toEqual([
      ['mail1', 'ok', '1', 0],
      ['mail2', 'failed', '2', 2],
      ['mail10', 'missing', '2', undefined],
    ])
    expect(parts[0]).toMatchObject({ title: 'Mail of the house', plan: '1', source: 'redis', lastGood: parts[0]?.at })
    expect(plans).toEqual([{ id: '1', name: 'Daily', enabled: true, repository: 's3:https://s3.example.com/bucket' }])
    expect(parts[0]?.repository).toBe('s3:https://s3.example.com/bucket')
    expect(notes.join('\n')).toMatch(/as up to 3\.19[\s\S]*gone1 is left out/)
  })

  it('from 3.20: its instances that the cluster knows', () => {
    const all = found([fresh('mail1', 0, 60), fresh('mail10', 1, 60, '1', '2')], {
      plans: [plan('1', { name: 'Daily', instances: 'mail1 mail10 mail2 removed7', enabled: '' })],
      nodes,
    })
    expect(states(all, '1')).toEqual({ mail1: 'ok', mail10: 'failed', mail2: 'missing' })
    expect(decode(all, asked('1')).plans).toEqual([{ id: '1', name: 'Daily', enabled: false }])
  })

  it('as ns8-backup-monitor has it: those with a key', () => {
    const all = found([
      own('mail1', { result: 'success', timestamp: iso(60) }),
      own('mail2', { result: 'error', timestamp: iso(50), error: 'Fatal: \u001b[31mhttps://u:hunter22@h/ refused' }),
    ])
    const { parts } = decode(all, asked('1'))
    expect(parts.map(({ state }) => state)).toEqual(['ok', 'failed'])
    expect(parts[1]?.message).not.toMatch(/hunter22|\p{Cc}/u)
  })

  it('the newest counts where two shapes tell of one module, and the older success is the last good one', () => {
    const all = found([
      old('mail1', 0, 7200),
      fresh('mail1', 1, 60),
      own('mail1', { result: 'success', timestamp: iso(9e4) }),
    ])
    const { parts, notes } = decode(all, asked('1'))
    expect(parts).toHaveLength(1)
    expect(parts[0]).toMatchObject({ state: 'failed', lastGood: new Date(now.getTime() - 7_200_000) })
    expect(notes.join('\n')).toMatch(/mail1 has 3 statuses; the newest counts: node\/1\/backup_status\/1/)
    expect(states(found([old('mail1', 0, 60), fresh('mail1', 0, 60), old('mail1', 1, 60)]), '1')).toEqual({
      mail1: 'failed',
    })
  })

  it('without an id: plans that ended lately, with all their modules', () => {
    const all = found([old('mail1', 0, 60), old('mail2', 0, 9e4), old('mail1', 0, 9e4, '2')])
    const { plans, parts } = decode(all, asked())
    expect(plans.map(({ id }) => id)).toEqual(['1'])
    expect(parts.map(({ name }) => name)).toEqual(['mail1', 'mail2'])
    const none = decode(found([old('mail1', 0, 9e4)]), asked())
    expect(none).toMatchObject({ plans: [], parts: [], notes: ['No recent backup status keys found in Redis'] })
  })

  it('what could not be asked about is unknown, not missing', () => {
    const all = found([old('mail1', 0, 60)], { plans: [plan('1', { instances: 'mail1 mail2' })], isCut: true })
    expect(states(all, '1')).toEqual({ mail1: 'ok', mail2: 'unknown' })
    expect(decode(found([], { isCut: true }), asked()).notes).toEqual([])
  })

  it('a plan that says it failed counts where its modules say nothing', () => {
    const status = { result: 'error', timestamp: iso(30), error: 'cannot connect' }
    const all = found([], { plans: [{ id: '1', members: [], status }] })
    expect(decode(all, asked('1')).parts).toMatchObject([
      { kind: 'job', name: '1', state: 'failed', message: 'cannot connect' },
    ])
    const failed = found([old('mail1', 1, 9)], { plans: [{ id: '1', members: [], status }] })
    expect(states(failed, '1')).toEqual({ mail1: 'failed' })
    const well = found([old('mail1', 0, 9)], { plans: [{ id: '1', members: [], status }] })
    expect(states(well, '1')).toEqual({ mail1: 'ok', '1': 'failed' })
  })

  it('says which plan there is none of', () => {
    expect(decode(found([]), asked('7', '../x')).notes).toEqual([
      'No recent backup status keys found in Redis',
      'There is no backup plan 7 in Redis.',
    ])
  })
})

describe('whatever stands in Redis', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.constantFrom(
      'success',
      'error',
      '0',
      '1',
      seconds(5),
      iso(5),
      '9'.repeat(15),
      '{"errors":0}',
      '[[[[',
      '__proto__',
    ),
  )
  const fields = fc.dictionary(
    fc.constantFrom('result', 'timestamp', 'error', 'errors', 'start', 'end', 'name', 'instances', 'url', 'repository'),
    text,
  )
  const id = fc.constantFrom('mail1', 'mail2', '1', '__proto__', 'constructor')
  const status = fc.record({
    shape: fc.constantFrom<Shape>('own', 'module', 'node'),
    plan: fc.constantFrom('1', '2'),
    module: id,
    node: id,
    content: fc.oneof(fields, text),
  })

  it('never throws, never calls well what does not say so with a time, and shows nothing that would forge a line', () => {
    fc.assert(
      fc.property(fc.array(status, { maxLength: 8 }), fields, fields, fc.boolean(), (statuses, plan, target, isCut) => {
        const all: Found = {
          plans: ['1', '2'].map((one) => ({ id: one, fields: plan, status: target, members: ['mail1'] })),
          statuses,
          nodes: new Map([['mail1', '1']]),
          titles: new Map([['mail1', plan.name ?? '']]),
          destinations: new Map([[plan.repository ?? '', target]]),
          isCut,
        }
        const { parts, plans, notes } = decode(all, asked('1', '2'))
        for (const part of parts) {
          if (part.state === 'ok') expect(part.at?.getTime()).toBeLessThanOrEqual(now.getTime() + 3_600_000)
          if (part.kind === 'module') expect(isId(part.name)).toBe(true)
        }
        expect(JSON.stringify([parts, plans, notes])).not.toMatch(/\\n|\\u00[01]|[\u202e\u2028]/)
      }),
    )
  })

  it('no key with anything but plain ids in it is one', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 20 }), (odd) => {
        fc.pre(!isId(odd) && !odd.includes('/'))
        for (const key of [
          `cluster/backup/${odd}`,
          `cluster/backup/${odd}/status`,
          `module/${odd}/backups`,
          `module/${odd}/backup/1/status`,
          `module/${odd}/backup_status/1`,
          `node/${odd}/backup_status/1`,
          `module/mail1/backup_status/${odd}`,
        ])
          expect(parseBackupKey(key)).toBeUndefined()
      }),
    )
    expect(isId('-rf')).toBe(false)
  })
})
