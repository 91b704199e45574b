import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { Secret } from '../../model/secret.ts'
import { isOfUnknownAuthority } from '../../system/exchange.ts'
import { byNs8 } from './notifiers/email/ns8.ts'
import { post } from './post.ts'

const fixture = (name: string): string => join(import.meta.dirname, '../../../test/readers/fixtures', name)
const io = { signal: new AbortController().signal, timeLimitMs: 5000, env: { PATH: '/nowhere' } }

it('says what to do about a certificate of an authority that is not known here', async () => {
  const [cert, key] = [readFileSync(fixture('server.pem')), readFileSync(fixture('server.key'))]
  const server = createServer({ cert, key }, (_, response) => response.end('ok')).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = new Secret(`https://localhost:${(server.address() as AddressInfo).port}/`)
  try {
    expect(await post({ url, ca: fixture('authority.pem') }, io)).toMatchObject({ ok: true })
    expect(await post({ url }, io)).toMatchObject({
      trouble: 'unreachable',
      problem: {
        code: 'notify.unreachable',
        next: expect.stringContaining('Name the file with the authority of its certificate as `ca`'),
      },
    })
  } finally {
    server.closeAllConnections()
    server.close()
  }
})

it('knows what an authority would help with, and what not', () => {
  const helped = ['DEPTH_ZERO_SELF_SIGNED_CERT', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'SELF_SIGNED_CERT_IN_CHAIN']
  const others = ['CERT_HAS_EXPIRED', 'ERR_TLS_CERT_ALTNAME_INVALID', 'ECONNREFUSED', 'no answer in time']
  expect([...helped, ...others].filter(isOfUnknownAuthority)).toEqual(helped)
})

it('says where NethServer 8 would have to be', async () => {
  const settings = { to: ['ops@example.com'], from: 'nas@example.com', sendmail: [], ns8: true } as const
  const message = { title: 'x', text: 'x', severity: 'good', entries: [], host: 'nas', at: new Date(0) } as never
  const sent = await byNs8(settings, { id: 'x', message }, io as never)
  expect(sent).toMatchObject({
    trouble: 'never',
    problem: { code: 'notify.command', next: expect.stringContaining('take ns8 out') },
  })
})
