import { strict as assert } from 'node:assert'
import { describe, it } from 'vitest'
import { parseKnownHosts } from '../../../system/ssh/known-hosts.ts'
import { judgePins } from './pinned.ts'
import { judgeLost, judgeOwnFile, judgeRemoval, type OwnFiles } from './riddles.ts'

const keyOf = (type: string, rest: string): { type: string; key: string } => {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(type.length)
  return { type, key: Buffer.concat([length, Buffer.from(type), Buffer.from(rest)]).toString('base64') }
}
const [rsa, ed, other] = [keyOf('ssh-rsa', 'r'), keyOf('ssh-ed25519', 'e'), keyOf('ssh-ed25519', 'o')]
const at = (file: string, lines: readonly (readonly [string, { type: string; key: string }])[]) =>
  parseKnownHosts(lines.map(([names, { type, key }]) => `${names} ${type} ${key}`).join('\n')).map((line) => ({
    ...line,
    file,
  }))
const files = (...lines: readonly (readonly [string, { type: string; key: string }])[]): OwnFiles => ({
  lines: at('kh', lines),
  old: [],
})
const server = { host: 'box', port: 23, shown: [ed, rsa] }
const codes = (found: readonly { code?: string; message: string }[]): string[] =>
  found.map(({ code }) => code ?? 'fine')

describe('what the next connection removes', () => {
  /** With a server that shows RSA alone at port 22. */
  const rows: [string, OwnFiles, boolean][] = [
    ['a key that is not shown', files(['box', rsa], ['box', ed]), true],
    ['not what is shown', files(['box', rsa]), false],
    ['not where the key has another name too', files(['box', rsa], ['box', ed], ['[box]:23', ed]), false],
    ['not where a shown key has another name too', files(['box', rsa], ['box', ed], ['alias', rsa]), false],
    ['also with one other name on the line', files(['box', rsa], ['box,alias', ed]), true],
    ['not with more than two names on a line', files(['box', rsa], ['box,alias,more', ed]), false],
    ['not with a wildcard', files(['box', rsa], ['b*x', ed]), false],
    ['not with a mark', files(['box', rsa], ['box', ed], ['@revoked box', other]), false],
    ['not where nothing that is shown is known', files(['box', ed]), false],
  ]
  for (const [name, own, want] of rows)
    it(name, () =>
      assert.deepEqual(codes(judgeRemoval('x', own, 'box', [rsa], '9.2')), want ? ['ssh.would-remove'] : []),
    )
  it('names line and version', () => {
    const [found] = judgeRemoval('x', files(['box', rsa], ['box', ed]), 'box', [rsa], '9.2')
    assert.match(found?.message ?? '', /removes kh:2 \(ED25519\).*OpenSSH 9\.2.*since 8\.5/)
    assert.match(found?.next ?? '', /UpdateHostKeys no/)
  })
})

describe('the port itself', () => {
  it('has lines removed as port 22 has', () => {
    const own = files(['[box]:23', rsa], ['[box]:23', ed])
    assert.match(judgeRemoval('x', own, 'box', [rsa], '9.2', 23)[0]?.message ?? '', /to port 23 of box removes kh:2/)
    assert.deepEqual(judgeRemoval('x', own, 'box', [rsa], '9.2'), [])
  })
})

describe("the user's own connection", () => {
  it('takes any line of a type, also the second', () => {
    const own = files(['[box]:23', other], ['[box]:23', ed])
    assert.match(judgeOwnFile('x', own, server)[0]?.message ?? '', /finds the ED25519 key of \[box\]:23 in kh:2/)
  })
  it('refuses what was taken back, whatever else is known', () => {
    for (const names of ['@revoked *', '@revoked [box]:23', '@revoked box'])
      assert.deepEqual(codes(judgeOwnFile('x', files([names, ed], ['[box]:23', ed]), server)), ['ssh.own-key-revoked'])
    assert.deepEqual(codes(judgeOwnFile('x', files(['@revoked *', other], ['[box]:23', ed]), server)), ['fine'])
  })
  const rows: [string, OwnFiles, string[]][] = [
    ['knows nothing of the server', files(['elsewhere', rsa]), []],
    ['finds the key of the port', files(['[box]:23', ed]), ['fine']],
    ['asks for what it has of the port', files(['[box]:23', rsa]), ['fine']],
    ['goes by a line without a port', files(['box', ed]), ['ssh.bare-name']],
    ['is shown another type', files(['box', rsa]), ['ssh.type-not-known']],
    ['is refused by the line of the port', files(['box', ed], ['[box]:23', other]), ['ssh.own-key-differs']],
  ]
  for (const [name, own, want] of rows) it(name, () => assert.deepEqual(codes(judgeOwnFile('x', own, server)), want))
})

it('keys that the present file lost are found in the old one', () => {
  const own = {
    ...files(['box', rsa]),
    old: at('kh.old', [
      ['box', rsa],
      ['box', ed],
      ['[box]:23', other],
      ['elsewhere', other],
    ]),
  }
  assert.deepEqual(
    judgeLost('x', own, 'box', 23).map(({ message }) => /^kh\.old:\d/.exec(message)?.[0]),
    ['kh.old:2', 'kh.old:3'],
  )
})

describe('what Muster pinned', () => {
  const rows: [string, Parameters<typeof judgePins>[2], string[]][] = [
    ['is what is shown', { keys: [ed, rsa] }, ['fine']],
    ['is less than what is shown', { keys: [rsa] }, ['fine', 'fine']],
    ['is nothing', { keys: [] }, ['ssh.host-key-unknown']],
    ['is another key', { keys: [other] }, ['ssh.host-key-changed', 'fine']],
    [
      'is a type that is gone',
      { keys: [ed, keyOf('ecdsa-sha2-nistp256', 'x')] },
      ['fine', 'ssh.host-key-gone', 'fine'],
    ],
    ['was changed by something else', { keys: [ed], changed: { lost: [rsa], foreign: [] } }, ['ssh.pins-changed']],
  ]
  for (const [name, pins, want] of rows)
    it(name, () => assert.deepEqual(codes(judgePins('x', 'box:23', pins, [ed, rsa])), want))
  it('is an error only where nothing that is pinned is shown any more', () => {
    const gone = [keyOf('ecdsa-sha2-nistp256', 'x')]
    assert.deepEqual(
      judgePins('x', 'box', { keys: gone }, [ed]).map(({ level }) => level),
      ['error', 'fine'],
    )
    assert.deepEqual(
      judgePins('x', 'box', { keys: [...gone, ed] }, [ed]).map(({ level }) => level),
      ['fine', 'warning'],
    )
  })
})
