import { strict as assert } from 'node:assert'
import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { describe, it } from 'vitest'
import { fingerprintOf, keysOf, lookupName, parseKnownHosts, speaksOf, typeName, writeLine } from './known-hosts.ts'

/** A key as it looks from outside: its type, then anything. */
const keyOf = (type: string, rest = 'x'): string => {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(type.length)
  return Buffer.concat([length, Buffer.from(type), Buffer.from(rest)]).toString('base64')
}
const ed25519 = keyOf('ssh-ed25519')
const hashed = (name: string): string => {
  const salt = Buffer.from('0123456789abcdefghij')
  return `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')}`
}

describe('names of known hosts', () => {
  /** Names of the line, name that is looked up → whether it speaks of it. */
  const rows: [string, string, boolean][] = [
    ['box.example.com', 'box.example.com', true],
    ['Box.Example.com', 'box.example.com', true],
    ['box.example.com', '[box.example.com]:23', false],
    ['[box.example.com]:23', '[box.example.com]:23', true],
    ['[box.example.com]:23', 'box.example.com', false],
    ['other,box.example.com,[box.example.com]:23', '[box.example.com]:23', true],
    ['*.example.com', 'box.example.com', true],
    ['[*.example.com]:23', '[box.example.com]:23', true],
    ['[b?x.example.com]:*', '[box.example.com]:23', true],
    ['*.example.com,!box.example.com', 'box.example.com', false],
    ['!other.example.com,*.example.com', 'box.example.com', true],
    ['!other.example.com', 'box.example.com', false],
    [hashed('[box.example.com]:23'), '[box.example.com]:23', true],
    [hashed('box.example.com'), '[box.example.com]:23', false],
    ['|2|AAAA|AAAA', 'box.example.com', false],
    ['box(example', 'box(example', true],
  ]
  for (const [names, name, want] of rows)
    it(`${names} ${want ? 'speaks' : 'does not speak'} of ${name}`, () =>
      assert.equal(speaksOf({ names: names.split(',') }, name), want))

  it('are written with the port where it is not 22', () => {
    assert.equal(lookupName('Box', 22), 'box')
    assert.equal(lookupName('Box', 23), '[box]:23')
    assert.equal(lookupName('::1', 23), '[::1]:23')
  })
})

describe('files of known hosts', () => {
  it('give their lines, and leave out what ssh does not understand', () => {
    const text = [
      '# a comment',
      '',
      `box ssh-ed25519 ${ed25519} comment of mine`,
      'box ssh-ed25519 not*base64',
      `box ssh-rsa ${ed25519}`,
      'box 1024 35 123456789',
      `@revoked * ssh-ed25519 ${ed25519}`,
      `@cert-authority *.example.com ssh-ed25519 ${ed25519}\r`,
      `@unknown box ssh-ed25519 ${ed25519}`,
      `\t[box]:23\tssh-ed25519  ${ed25519}`,
    ].join('\n')
    assert.deepEqual(
      parseKnownHosts(text).map(({ number, marker, names }) => [number, marker, names.join()]),
      [
        [3, undefined, 'box'],
        [7, 'revoked', '*'],
        [8, 'cert-authority', '*.example.com'],
        [10, undefined, '[box]:23'],
      ],
    )
    assert.deepEqual(
      keysOf(parseKnownHosts(text), 'box').map(({ number }) => number),
      [3],
    )
  })

  it('read back every line that was written', () =>
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z][a-z0-9.-]{0,20}$/), fc.integer({ min: 1, max: 65535 }), (host, port) => {
        const name = lookupName(host, port)
        const [line] = parseKnownHosts(writeLine(name, { type: 'ssh-ed25519', key: ed25519 }))
        assert.ok(line !== undefined && speaksOf(line, name) && line.key === ed25519)
      }),
    ))

  it('answer any text with lines', () =>
    fc.assert(
      fc.property(fc.string(), fc.string(), (text, name) => {
        for (const line of parseKnownHosts(text)) speaksOf(line, name)
      }),
    ))
})

describe('keys', () => {
  it('have the fingerprint that ssh-keygen prints', () => {
    // Made once with `ssh-keygen -t ed25519`, printed with `ssh-keygen -l`.
    const key = 'AAAAC3NzaC1lZDI1NTE5AAAAIFGBtkdXi/SP0vSID7aUkDBBI1/WCy4a3Wy0YyDd6HPj'
    assert.equal(fingerprintOf({ key }), 'SHA256:KS9NFQ1gnFNd32gtlnvgL4fxkT8F4pj8Jx8R/rwR+Vc')
  })
  it('are called as ssh calls them', () => {
    const types = ['ssh-rsa', 'ssh-ed25519', 'ecdsa-sha2-nistp521', 'sk-ssh-ed25519@openssh.com', 'new-type']
    assert.deepEqual(types.map(typeName), ['RSA', 'ED25519', 'ECDSA', 'ED25519-SK', 'new-type'])
  })
})
