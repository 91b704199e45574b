import { strict as assert } from 'node:assert'
import { describe, it } from 'vitest'
import { bounded } from './bounded.ts'
import { opens } from './open.ts'
import { retrying } from './retry.ts'
import { type Fault, type Fetched, fault, fetched, type Storage, type StoredFile } from './storage.ts'

/** Answers what the test lists, one after the other. */
function scripted(answers: (Fault['kind'] | 'ok' | 'hang')[]): Storage & { readonly asked: () => number } {
  let asked = 0
  const answer = async (): Promise<Fetched<readonly StoredFile[]>> => {
    const next = answers[asked++] ?? 'ok'
    if (next === 'hang') return new Promise(() => {})
    return next === 'ok' ? fetched([]) : fault(next, 'said')
  }
  return {
    asked: () => asked,
    list: answer,
    read: async () => fault('missing', 'said'),
    async [Symbol.asyncDispose]() {},
  }
}
const never = new AbortController().signal

describe('retrying', () => {
  const rows: { name: string; answers: (Fault['kind'] | 'ok')[]; asked: number; want: string }[] = [
    { name: 'a good answer is asked for once', answers: ['ok'], asked: 1, want: 'ok' },
    {
      name: 'what was unreachable is asked again',
      answers: ['unreachable', 'unreachable', 'ok'],
      asked: 3,
      want: 'ok',
    },
    { name: 'not for ever', answers: Array(9).fill('unreachable'), asked: 4, want: 'unreachable' },
    ...(['missing', 'denied', 'tls', 'host-key', 'full', 'too-large', 'cut', 'unsupported'] as const).map((kind) => ({
      name: `${kind} is for good`,
      answers: [kind, 'ok' as const],
      asked: 1,
      want: kind,
    })),
  ]
  for (const { name, answers, asked, want } of rows)
    it(name, async () => {
      const storage = scripted(answers)
      const listed = await retrying(storage, never, [1, 1, 1]).list('keys')
      assert.equal(listed.ok ? 'ok' : listed.fault.kind, want)
      assert.equal(storage.asked(), asked)
    })

  it('does not pause any longer when it is ended', async () => {
    const controller = new AbortController()
    setTimeout(() => controller.abort(), 20)
    const startedAt = performance.now()
    await retrying(scripted(Array(9).fill('unreachable')), controller.signal, [60_000, 60_000]).list('keys')
    assert.ok(performance.now() - startedAt < 10_000)
  })
})

describe('bounded', () => {
  const bounds = (more: object = {}) => ({ connections: 2, cancelled: never, expired: never, ...more })

  it('answers when the time is up, even when the system does not', async () => {
    const storage = bounded(scripted(['hang']), bounds({ expired: AbortSignal.timeout(20) }))
    assert.deepEqual(await storage.list('keys'), fault('timed-out', 'the time limit'))
  })

  it('tells a cancellation from a limit', async () => {
    const controller = new AbortController()
    const storage = bounded(scripted(['hang', 'hang']), bounds({ cancelled: controller.signal }))
    setTimeout(() => controller.abort(), 20)
    assert.deepEqual(await storage.list('keys'), fault('cancelled', 'cancelled'))
    assert.deepEqual(await storage.list('keys'), fault('cancelled', 'cancelled'))
  })
})

describe('addresses', () => {
  const rows: [string, true | string][] = [
    ['/srv/backup', true],
    ['local:/srv/backup', true],
    ['local:relative', true],
    ['relative/path', true],
    ['./with:colon', true],
    ['../with:colon', true],
    ['/with:colon', true],
    ['~/not-a-home', true],
    ['rest:http://127.0.0.1:8000/', true],
    ['sftp:user@host:/path', true],
    ['sftp://user@host//path', true],
    ['s3:s3.example.com/bucket', true],
    ['b2:bucket:path', true],
    ['azure:container:/', 'azure'],
    ['gs:bucket:/', 'gs'],
    ['swift:container:/', 'swift'],
    ['rclone:remote:path', 'rclone'],
    ['unknown:thing', 'unknown'],
    ['user@host:path', 'this address'],
    ['', 'this address'],
  ]
  for (const [url, want] of rows)
    it(`${url || '(empty)'} ${want === true ? 'is opened' : 'is left to the program'}`, async () => {
      const answer = await opens(url)
      assert.equal(answer.opens ? true : answer.scheme, want)
    })
})
