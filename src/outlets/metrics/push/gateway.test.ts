/** What each answer of a gateway, or of a proxy in front of it, means. */
import { createServer, type Server } from 'node:http'
import { type AddressInfo, createServer as createSocket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { Secret } from '../../../model/secret.ts'
import { groupsAt, pushGroup } from './gateway.ts'

const open: { close(): unknown }[] = []
afterEach(() => {
  for (const server of open.splice(0)) server.close()
})

const listening = (server: Server | ReturnType<typeof createSocket>): Promise<string> => {
  open.push(server)
  return new Promise((resolve) =>
    server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)),
  )
}
const settings = (url: string, more: object = {}) => ({ url, insecure: false, timeout: 500, ...more })
const { signal } = new AbortController()
const put = { key: 'metrics/job/nfs', method: 'put', body: 'a 1\n' } as const

describe('an answer', () => {
  const rows = [
    { status: 200, want: { ok: true, answer: 'HTTP 200 said' } },
    { status: 202, want: { ok: true } },
    { status: 302, want: { trouble: 'never', problem: { code: 'push.answer', retry: 'never' } } },
    { status: 400, want: { trouble: 'never', problem: { code: 'push.refused', retry: 'never' } } },
    { status: 401, want: { trouble: 'never', problem: { code: 'push.login', retry: 'never' } } },
    { status: 403, want: { trouble: 'never', problem: { code: 'push.login' } } },
    { status: 404, want: { trouble: 'never', problem: { code: 'push.answer' } } },
    { status: 413, want: { trouble: 'never', problem: { code: 'push.size' } } },
    { status: 429, want: { trouble: 'later', problem: { code: 'push.busy', retry: 'soon' }, retryAfterMs: 7000 } },
    { status: 500, want: { trouble: 'later', problem: { code: 'push.busy' } } },
    { status: 503, want: { trouble: 'later', problem: { code: 'push.busy' }, retryAfterMs: 7000 } },
  ]
  for (const { status, want } of rows)
    it(`of ${status} is understood`, async () => {
      const url = await listening(
        createServer((_, response) => response.writeHead(status, { 'retry-after': '7' }).end('said')),
      )
      expect(await pushGroup(settings(url), put, signal)).toMatchObject({ ok: false, ...want })
    })

  it('that never comes, or only half, is none', async () => {
    const silent = await listening(createSocket(() => undefined))
    const half = await listening(createSocket((socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Le')))
    for (const url of [silent, half, 'http://127.0.0.1:1'])
      expect(await pushGroup(settings(url), put, signal)).toMatchObject({
        ok: false,
        trouble: 'unreachable',
        problem: { code: 'push.unreachable', retry: 'soon' },
      })
  })

  it('follows what was asked: path, method, body and login', async () => {
    const seen: unknown[] = []
    const url = await listening(
      createServer((request, response) => {
        let body = ''
        request.on('data', (chunk) => {
          body += chunk
        })
        request.on('end', () => {
          const { method, url: path, headers } = request
          seen.push({ method, path, body, login: headers.authorization, type: headers['content-type'] })
          response.end()
        })
      }),
    )
    const login = { username: 'u', password: new Secret('p') }
    await pushGroup(settings(`${url}/gate/`, login), put, signal)
    await pushGroup(settings(url, { token: new Secret('t') }), { ...put, method: 'delete', body: '' }, signal)
    const type = 'text/plain; version=0.0.4; charset=utf-8'
    expect(seen).toEqual([
      { method: 'PUT', path: '/gate/metrics/job/nfs', body: 'a 1\n', login: 'Basic dTpw', type },
      { method: 'DELETE', path: '/metrics/job/nfs', body: '', login: 'Bearer t', type: undefined },
    ])
  })

  it('to the question what it has that is no list is no loss', async () => {
    for (const answer of ['', '<html>', '{"data":[{"labels":1}]}', '{"data":{}}']) {
      const url = await listening(createServer((_, response) => response.end(answer)))
      expect(await groupsAt(settings(url), signal)).toMatchObject({ ok: false, problem: { code: 'push.unasked' } })
    }
  })

  it('to a wrong address or with a missing authority is none', async () => {
    expect(await pushGroup(settings('nowhere'), put, signal)).toMatchObject({ problem: { code: 'push.address' } })
    expect(await pushGroup(settings('http://127.0.0.1:1', { caCert: '/nonexistent' }), put, signal)).toMatchObject({
      problem: { code: 'push.ca', message: expect.stringContaining('/nonexistent cannot be read: ENOENT') },
    })
  })
})
