import { strict as assert } from 'node:assert'
import { describe, it } from 'vitest'
import { listenProblem, parseListen } from './listen.ts'

const rows: readonly (readonly [text: string, address: string | undefined, port: number, isLoopback: boolean])[] = [
  ['127.0.0.1:9121', '127.0.0.1', 9121, true],
  ['127.8.8.8:0', '127.8.8.8', 0, true],
  ['[::1]:9121', '::1', 9121, true],
  ['[::ffff:127.0.0.1]:9121', '::ffff:127.0.0.1', 9121, true],
  ['0.0.0.0:9121', '0.0.0.0', 9121, false],
  ['[::]:9121', '::', 9121, false],
  [':9121', undefined, 9121, false],
  ['*:9121', undefined, 9121, false],
  ['192.0.2.1:9121', '192.0.2.1', 9121, false],
  ['[2001:db8::1]:65535', '2001:db8::1', 65_535, false],
]

describe('the address to listen on', () => {
  for (const [text, address, port, isLoopback] of rows)
    it(`reads ${text}${isLoopback ? ' as loopback' : ''}`, async () => {
      const listen = await parseListen(text)
      assert.deepEqual(
        listen.ok && { address: listen.value.address, port: listen.value.port, isLoopback: listen.value.isLoopback },
        { address, port, isLoopback },
      )
    })

  it('takes localhost for loopback', async () => {
    const listen = await parseListen('localhost:9121')
    assert.equal(listen.ok && listen.value.isLoopback, true)
  })

  for (const text of ['', '9121', '127.0.0.1', '127.0.0.1:65536', '127.0.0.1:http', '::1:9121', 'a b:1', '[::1]9121'])
    it(`refuses "${text}"`, async () => {
      const listen = await parseListen(text)
      assert.equal(!listen.ok && listen.problem.code, 'http.listen')
    })

  it('refuses a name that nobody knows', async () => {
    const listen = await parseListen('nowhere.invalid:9121')
    assert.equal(!listen.ok && listen.problem.code, 'http.address')
  })

  for (const [errno, code] of [
    ['EADDRINUSE', 'http.port-taken'],
    ['EADDRNOTAVAIL', 'http.address'],
    ['EACCES', 'http.port-denied'],
  ] as const)
    it(`says ${code} for ${errno}, with the address and what to do`, () => {
      const problem = listenProblem(Object.assign(new Error(), { code: errno }), {
        text: '127.0.0.1:80',
        name: '127.0.0.1',
        address: '127.0.0.1',
        port: 80,
        isLoopback: true,
      })
      assert.equal(problem?.code, code)
      assert.match(problem?.message ?? '', /127\.0\.0\.1:80/)
      assert.match(problem?.next ?? '', /--listen/)
    })
})
