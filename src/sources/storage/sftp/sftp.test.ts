import { strict as assert } from 'node:assert'
import fc from 'fast-check'
import { describe, it } from 'vitest'
import { Secret } from '../../../model/secret.ts'
import { joinWords, splitWords } from '../../sftp-place.ts'
import { faultOfEnd } from '../../ssh-end.ts'
import { parseAddress } from './address.ts'
import { Fields, openSplitter, writeAsk } from './packets.ts'

describe('addresses of SFTP', () => {
  /** Address, options → command and path. */
  const rows: [string, string[], string | undefined][] = [
    ['sftp:user@host:path/to', [], 'ssh host -l user -s sftp | path/to'],
    ['sftp:host:/absolute//x/', [], 'ssh host -s sftp | /absolute/x/'],
    ['sftp:a@b@host:/x', [], 'ssh host -l a@b -s sftp | /x'],
    ['sftp://user@host/path', [], 'ssh host -l user -s sftp | path'],
    ['sftp://user@host:2222//srv/a%20b', [], 'ssh host -p 2222 -l user -s sftp | /srv/a b'],
    ['sftp://[::1]//x', [], 'ssh ::1 -s sftp | /x'],
    ['sftp:host:x', ["sftp.args=-i '/a b' -v"], 'ssh host -i /a b -v -s sftp | x'],
    ['sftp:host:x', ['sftp.command=my ssh'], 'my ssh | x'],
    ['sftp:host:x', ['sftp.command=my ssh', 'sftp.args=-v'], undefined],
    ['sftp:host:x', ['sftp.command="open'], undefined],
    ['sftp:host:~/x', [], undefined],
    ['sftp:host', [], undefined],
    ['sftp:-oProxyCommand=x:x', [], undefined],
    ['sftp:-l@host:x', [], undefined],
    ['sftp://host', [], undefined],
    ['sftp://a%00b@host/x', [], undefined],
    ['sftp://user:secret@host/x', [], undefined],
  ]
  for (const [url, options, want] of rows)
    it(`${url} ${options}`, () => {
      const address = parseAddress({ url: new Secret(url), environment: {}, options })
      assert.equal(address.ok ? `${address.value.command.join(' ')} | ${address.value.path}` : undefined, want)
    })
})

it('the ssh of Muster takes the place of ssh, its options before those of the user', () => {
  const access = {
    url: new Secret('sftp://user@host:2222//x'),
    environment: {},
    options: ['sftp.args=-v'],
    ssh: { argv: ['ssh', '-o', 'BatchMode=yes'] },
  }
  const address = parseAddress(access)
  assert.ok(address.ok)
  assert.equal(address.value.command.join(' '), 'ssh -o BatchMode=yes host -p 2222 -l user -v -s sftp')
})

describe('words', () => {
  const rows: [string, string[] | undefined][] = [
    ['ssh -p 22', ['ssh', '-p', '22']],
    [`a 'b c' "d 'e'"`, ['a', 'b c', "d 'e'"]],
    ['a"b"c', ['a', 'b', 'c']],
    ['a \\"b', ['a', '"b']],
    ['', undefined],
    [`'a`, undefined],
  ]
  for (const [text, want] of rows) it(text || '(empty)', () => assert.deepEqual(splitWords(text), want))

  it('that were joined are split into the same again, or cannot be joined', () =>
    fc.assert(
      fc.property(
        fc.array(
          fc.string({ minLength: 1 }).filter((word) => !/^\s|\s$/.test(word)),
          { minLength: 1 },
        ),
        (words) => {
          const joined = joinWords(words)
          if (joined !== undefined) assert.deepEqual(splitWords(joined), words)
          else assert.ok(words.some((word) => /["'\\]/.test(word)))
        },
      ),
    ))
})

describe('the end of ssh', () => {
  const rows: [string, string][] = [
    ['@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\r\nHost key verification failed.', 'host-key'],
    ['No ED25519 host key is known for host and you have requested strict checking.', 'host-key'],
    ['u@h: Permission denied (publickey,password).', 'denied'],
    ['ssh: Could not resolve hostname x: Name or service not known', 'unreachable'],
    ['ssh: connect to host h port 22: Connection refused', 'unreachable'],
    ['subsystem request failed on channel 0', 'unsupported'],
    ['', 'unreachable'],
  ]
  for (const [text, want] of rows)
    it(text.slice(0, 60) || '(nothing)', () => assert.equal(faultOfEnd(text, 255).fault.kind, want))
})

describe('packets of SFTP', () => {
  it('write what the draft says', () => {
    const written = writeAsk(7, { type: 'read', handle: Buffer.from('h'), offset: 2 ** 33, length: 5 }).toString('hex')
    assert.equal(written, '00000016' + '05' + '00000007' + '0000000168' + '0000000200000000' + '00000005')
    assert.equal(
      writeAsk(1, { type: 'open', path: 'é' }).toString('hex'),
      '00000013' + '03' + '00000001' + '00000002c3a9' + '00000001' + '00000000',
    )
  })

  it('are found again however the stream is cut', () =>
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 8 }),
        fc.integer({ min: 1, max: 30 }),
        (bodies, cut) => {
          const stream = Buffer.concat(
            bodies.map((body, id) => writeAsk(id, { type: 'close', handle: Buffer.from(body) })),
          )
          const split = openSplitter()
          const found: string[] = []
          for (let at = 0; at < stream.length; at += cut)
            for (const { id, fields } of split(stream.subarray(at, at + cut)) ?? [])
              found.push(`${id} ${fields.string().toString('hex')}`)
          assert.deepEqual(
            found,
            bodies.map((body, id) => `${id} ${Buffer.from(body).toString('hex')}`),
          )
        },
      ),
    ))

  it('are refused when they are none', () => {
    assert.equal(openSplitter()(Buffer.from('Welcome to this machine')), undefined)
    assert.equal(openSplitter()(Buffer.from([0, 0, 0, 1, 9])), undefined)
  })

  it('answer any bytes with values or a RangeError', () =>
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        try {
          new Fields(Buffer.from(bytes)).entries()
        } catch (error) {
          assert.ok(error instanceof RangeError)
        }
      }),
    ))
})
