import { strict as assert } from 'node:assert'
import { describe, it } from 'vitest'
import { isCrossOrigin } from './origin.ts'

const rows: readonly { name: string; headers: Readonly<Record<string, string>>; want: boolean }[] = [
  { name: 'a program that sends neither header', headers: {}, want: false },
  {
    name: 'a page of this server',
    headers: { 'sec-fetch-site': 'same-origin', origin: 'http://localhost:9121' },
    want: false,
  },
  { name: 'an address typed by the user', headers: { 'sec-fetch-site': 'none' }, want: false },
  {
    name: 'a page of another site',
    headers: { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' },
    want: true,
  },
  {
    name: 'another port of this machine',
    headers: { 'sec-fetch-site': 'same-site', origin: 'http://localhost:8080' },
    want: true,
  },
  { name: 'an unknown word', headers: { 'sec-fetch-site': 'whatever' }, want: true },
  { name: 'an old browser on another site', headers: { origin: 'https://evil.example' }, want: true },
  { name: 'an old browser on this server', headers: { origin: 'http://localhost:9121' }, want: false },
  { name: 'a sandboxed frame', headers: { origin: 'null' }, want: true },
  { name: 'no address', headers: { origin: 'nonsense' }, want: true },
  { name: 'a file', headers: { origin: 'file:///' }, want: true },
  {
    name: 'a page behind a proxy that ends TLS',
    headers: { host: 'b.example', origin: 'https://b.example' },
    want: false,
  },
  { name: 'that page by its port', headers: { host: 'b.example:443', origin: 'https://b.example' }, want: false },
]

describe('whether a request comes from another site', () => {
  for (const { name, headers, want } of rows)
    it(`${name}: ${want ? 'yes' : 'no'}`, () => {
      const all: Readonly<Record<string, string>> = { host: 'localhost:9121', ...headers }
      assert.equal(
        isCrossOrigin((header) => all[header]),
        want,
      )
    })
})
