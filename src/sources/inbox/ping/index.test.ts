import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { PingRequest } from '../../../model/ping.ts'
import { mostTextBytes, readPing } from './index.ts'

const asked = (given: Partial<PingRequest>): PingRequest => ({
  form: 'healthchecks',
  key: 'k',
  query: {},
  body: new Uint8Array(),
  ...given,
})
const uuid = '5B9D7A9E-5C1E-4f0b-8f3a-0123456789ab'

describe('readPing', () => {
  const rows: { name: string; request: Partial<PingRequest>; want: object }[] = [
    { name: 'nothing behind the key is a success', request: {}, want: { kind: 'end', isGood: true, text: '' } },
    { name: 'an empty signal too', request: { signal: '' }, want: { kind: 'end', isGood: true } },
    { name: 'start', request: { signal: 'start' }, want: { kind: 'start' } },
    { name: 'log', request: { signal: 'log' }, want: { kind: 'log' } },
    { name: 'fail', request: { signal: 'fail' }, want: { kind: 'end', isGood: false } },
    { name: 'status 0 is good', request: { signal: '0' }, want: { kind: 'end', isGood: true, exitCode: 0 } },
    { name: 'status 255 is not', request: { signal: '255' }, want: { kind: 'end', isGood: false, exitCode: 255 } },
    { name: 'zeros in front', request: { signal: '007' }, want: { kind: 'end', isGood: false, exitCode: 7 } },
    { name: 'a run id in lower case', request: { query: { rid: uuid } }, want: { runId: uuid.toLowerCase() } },
    {
      name: 'Uptime Kuma without anything is up',
      request: { form: 'uptime-kuma' },
      want: { kind: 'end', isGood: true, text: '' },
    },
    {
      name: 'Uptime Kuma that is down says why',
      request: { form: 'uptime-kuma', query: { status: 'down', msg: 'no space', ping: '12' } },
      want: { kind: 'end', isGood: false, text: 'no space' },
    },
    {
      name: 'a body is cleaned, and keeps its lines',
      request: { signal: 'fail', body: Buffer.from('\u001b[31mred\u001b[0m\r\n10%\r100%\n\u0000\u202e\tend\n\n') },
      want: { text: 'red\n100%\n\ufffd\ufffd\tend' },
    },
  ]
  for (const { name, request, want } of rows)
    it(name, () => expect(readPing(asked(request))).toMatchObject({ ok: true, value: want }))

  const refused: { name: string; request: Partial<PingRequest>; code: string }[] = [
    ...['256', '999', '1000', '-1', '1e2', '0x1', ' 1', 'START', '..', '%2e', '٣'].map((signal) => ({
      name: `the signal ${JSON.stringify(signal)}`,
      request: { signal },
      code: 'ping.bad-signal',
    })),
    ...['', 'x', uuid.slice(1), `${uuid}0`, uuid.replaceAll('-', ''), `${uuid}\n`].map((rid) => ({
      name: `the run id ${JSON.stringify(rid)}`,
      request: { query: { rid } },
      code: 'ping.bad-run-id',
    })),
    {
      name: 'a status that is neither up nor down',
      request: { form: 'uptime-kuma' as const, query: { status: 'UP' } },
      code: 'ping.bad-status',
    },
  ]
  for (const { name, request, code } of refused)
    it(`refuses ${name}`, () => expect(readPing(asked(request))).toMatchObject({ ok: false, problem: { code } }))

  it('keeps the end of a body, in whole characters', () => {
    const read = readPing(asked({ body: Buffer.from(`${'é'.repeat(600_000)}\nthe cause`) }))
    if (!read.ok) throw new Error('refused')
    expect(read.value.text.endsWith('é\nthe cause')).toBe(true)
    expect(read.value.text).toMatch(/^é/)
    expect(Buffer.byteLength(read.value.text)).toBeGreaterThan(mostTextBytes - 4)
  })

  it('answers anything with a value, and keeps nothing but clean text of bounded size', () => {
    const word = fc.oneof(
      fc.string(),
      fc.string({ unit: 'binary' }),
      fc.constantFrom('start', 'log', 'up', 'down', uuid),
    )
    const request = fc.record({
      form: fc.constantFrom('healthchecks' as const, 'uptime-kuma' as const),
      key: word,
      signal: word,
      query: fc.dictionary(fc.constantFrom('rid', 'status', 'msg', '__proto__'), word),
      body: fc
        .tuple(fc.uint8Array(), fc.integer({ min: 1, max: 2_000 }))
        .map(([bytes, times]) => Buffer.concat(Array(times).fill(bytes))),
    })
    fc.assert(
      fc.property(request, (given) => {
        const read = readPing(given)
        if (!read.ok) {
          expect(read.problem.next).not.toBe('')
          return
        }
        expect(Buffer.byteLength(read.value.text)).toBeLessThanOrEqual(mostTextBytes)
        expect(read.value.text).not.toMatch(/[^\P{Cc}\n\t]/u)
      }),
    )
  })

  it('means every exit status, and nothing else that is a number', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2_000 }), (status) => {
        const read = readPing(asked({ signal: String(status) }))
        expect(read.ok).toBe(status <= 255)
        if (read.ok) expect(read.value).toMatchObject({ kind: 'end', isGood: status === 0, exitCode: status })
      }),
    )
  })
})
