import { strict as assert } from 'node:assert'
import { describe, it } from 'vitest'
import { shellWords, sshArgv } from './command.ts'
import { isStorageBox, parseHost, placeOfScp, placeOfUrl, type SshPlace, toArguments } from './place.ts'

const said = (place: SshPlace | undefined): string | undefined => place && toArguments(place).join(' ')

describe('hosts as people type them', () => {
  const rows: [string, string | undefined][] = [
    ['box', 'box'],
    ['box.example.com:23', '-p 23 box.example.com'],
    ['u1@box:23', '-p 23 -l u1 box'],
    ['[::1]:23', '-p 23 ::1'],
    ['[::1]', '::1'],
    ['::1', '::1'],
    ['box:0', undefined],
    ['box:70000', undefined],
    ['box:x', undefined],
    ['-oProxyCommand=x', undefined],
    ['a b', undefined],
    ['', undefined],
  ]
  for (const [text, want] of rows) it(text || '(empty)', () => assert.equal(said(parseHost(text)), want))
})

describe('addresses over ssh', () => {
  const rows: [string, string | undefined][] = [
    ['ssh://u1@box.example.com:23/./nas', '-p 23 -l u1 box.example.com'],
    ['ssh://box/srv/x', 'box'],
    ['u1@box:nas', '-l u1 box'],
    ['box:/srv/nas', 'box'],
    ['/srv/nas', undefined],
    ['./a:b', undefined],
    ['rest:https://x/', 'rest'],
    ['https://x/', undefined],
    ['ssh://-oProxyCommand=x/y', undefined],
  ]
  for (const [text, want] of rows) it(text, () => assert.equal(said(placeOfScp(text)), want))
  it('of SFTP are URLs too', () => assert.equal(said(placeOfUrl('sftp://u@[::1]:2222//x')), '-p 2222 -l u ::1'))
  it('of storage boxes are known', () => {
    assert.ok(isStorageBox('u1-sub2.your-storagebox.de') && isStorageBox('u1.your-backup.de'))
    assert.ok(!isStorageBox('your-backup.de.example.com'))
  })
})

describe('the command', () => {
  it('pins, asks nothing and leaves the files of others alone', () => {
    const argv = sshArgv({ knownHosts: '/a b/100%/known_hosts', identity: '/keys/50%' })
    for (const option of [
      'UserKnownHostsFile="/a b/100%%/known_hosts"',
      'GlobalKnownHostsFile=/dev/null',
      'UpdateHostKeys=no',
      'StrictHostKeyChecking=yes',
      'BatchMode=yes',
    ])
      assert.ok(argv.includes(option), option)
    assert.deepEqual(argv.slice(-4), ['-i', '/keys/50%%', '-o', 'IdentitiesOnly=yes'])
  })
  it('is written so that a shell reads the same words', () =>
    assert.equal(shellWords(['ssh', '-o', 'A="b c"', "it's"]), `ssh -o 'A="b c"' 'it'\\''s'`))
})
