import { strict as assert } from 'node:assert'
import { describe, it } from 'vitest'
import { parseSettings } from './settings.ts'

const of = (...lines: string[]) => parseSettings(lines, 'written', '/home/anna')

describe('what `ssh -G` says', () => {
  it('is where it leads, and the files it goes by', () =>
    assert.deepEqual(
      of(
        'host nas',
        'user anna',
        'hostname box.example.com',
        'port 23',
        'updatehostkeys true',
        'identityfile ~/.ssh/id_rsa',
        'identityfile %d/.ssh/id_ed25519',
        'userknownhostsfile ~/.ssh/known_hosts ~/.ssh/known_hosts2',
        'globalknownhostsfile /etc/ssh/ssh_known_hosts /dev/null',
        'proxyjump none',
      ),
      {
        host: 'box.example.com',
        port: 23,
        user: 'anna',
        name: '[box.example.com]:23',
        knownHostsFiles: ['/home/anna/.ssh/known_hosts', '/home/anna/.ssh/known_hosts2', '/etc/ssh/ssh_known_hosts'],
        identities: ['/home/anna/.ssh/id_rsa', '/home/anna/.ssh/id_ed25519'],
        updatesHostKeys: true,
        isIndirect: false,
      },
    ))
  it('is a name of its own for host keys, without the port', () =>
    assert.equal(of('hostname x', 'port 23', 'hostkeyalias My-NAS').name, 'my-nas'))
  it('is a way over one host, or over several, which is left to ssh', () => {
    assert.deepEqual([of('proxyjump u@a:22').jump, of('proxyjump u@a:22').isIndirect], ['u@a:22', true])
    assert.deepEqual([of('proxyjump a,b').jump, of('proxyjump a,b').isIndirect], [undefined, true])
    assert.deepEqual([of('proxycommand nc %h %p').jump, of('proxycommand nc %h %p').isIndirect], [undefined, true])
  })
  it('is what was written where it says nothing', () => assert.equal(of().name, 'written'))
})
