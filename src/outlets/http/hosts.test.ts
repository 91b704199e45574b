import { strict as assert } from 'node:assert'
import { describe, it } from 'vitest'
import { hostCheck } from './hosts.ts'

const isHost = hostCheck({
  listenName: '192.0.2.7',
  port: 9121,
  hosts: ['Backups.example.com', 'proxy.example.com:8443', '2001:db8::7', '[2001:db8::8]:9000'],
})

const answered = [
  '192.0.2.7:9121',
  '192.0.2.7',
  'localhost:9121',
  'localhost',
  'LOCALHOST:9121',
  '127.0.0.1:9121',
  '127.0.0.1',
  '[::1]:9121',
  '[::1]',
  'backups.example.com',
  'BACKUPS.example.com:9121',
  'proxy.example.com:8443',
  '[2001:db8::7]:9121',
  '[2001:db8::7]',
  '[2001:db8::8]:9000',
]
const refused = [
  undefined,
  '',
  'evil.example.com',
  'evil.example.com:9121',
  'localhost:80',
  '127.0.0.1:9122',
  '127.0.0.2:9121',
  '192.0.2.7:80',
  '192.0.2.8:9121',
  'proxy.example.com',
  'proxy.example.com:9121',
  'backups.example.com:8443',
  'backups.example.com.evil.example',
  'evil.backups.example.com',
  'localhost.evil.example',
  'localhost.',
  'localhost:9121@evil.example',
  'user@localhost:9121',
  '[::2]:9121',
  '[2001:db8::8]',
  '::1',
  '0.0.0.0:9121',
  '2130706433:9121',
  '0x7f.0.0.1:9121',
  '127.1:9121',
  'localhost:09121',
  'localhost: 9121',
  'localhost:9121,evil.example',
  '__proto__',
]

describe('the Host that is asked for', () => {
  for (const host of answered) it(`answers ${host}`, () => assert.equal(isHost(host), true))
  for (const host of refused) it(`does not answer ${host}`, () => assert.equal(isHost(host), false))
  it('answers no address of its own where it listens on all of them', () =>
    assert.equal(hostCheck({ listenName: undefined, port: 9121, hosts: [] })('0.0.0.0:9121'), false))
})
