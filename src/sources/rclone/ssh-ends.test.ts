import { strict as assert } from 'node:assert'
import fc from 'fast-check'
import { describe, it } from 'vitest'
import { parseRemote } from './address.ts'
import { parseDump } from './dump.ts'
import { isOwnSsh, sshEnds } from './ssh-ends.ts'

const box = { type: 'sftp', host: 'box.test', user: 'u', key_file: '/k' }
const found = (url: string, config: Record<string, Record<string, string>> = {}, env: Record<string, string> = {}) =>
  sshEnds([url], config, env).map(({ host, port }) => `${host}:${port ?? ''}`)

describe('the servers behind an address of rclone', () => {
  const rows: [string, string, Record<string, Record<string, string>>, string[]][] = [
    ['a remote', 'box:x', { box }, ['box.test:']],
    ['its port', 'box:x', { box: { ...box, port: '23' } }, ['box.test:23']],
    ['an option of the address wins', 'box,port=24,host="other,test":x', { box }, ['other,test:24']],
    ['a backend on the spot', ":sftp,host='box.test',user=u:x", {}, ['box.test:']],
    [
      'an alias of crypt of it',
      'a:',
      { a: { type: 'alias', remote: 'c:x' }, c: { type: 'crypt', remote: 'box:y' }, box },
      ['box.test:'],
    ],
    [
      'all of a union, once',
      'u:',
      { u: { type: 'union', upstreams: 'box:a "box:b c":ro d:' }, d: { ...box, host: 'd' }, box },
      ['box.test:', 'd:'],
    ],
    [
      'all of a combination',
      'm:',
      { m: { type: 'combine', upstreams: 'one=box:a two=:sftp,host=d:b' }, box },
      ['box.test:', 'd:'],
    ],
    ['an alias of itself', 'a:', { a: { type: 'alias', remote: 'a:x' } }, []],
    ['another backend', 's:b', { s: { type: 's3' } }, []],
    ['a path', '/srv/box:x', { box }, []],
    ['a program of the user in place of ssh', 'box:', { box: { ...box, ssh: 'ssh box' } }, []],
    ['what nobody knows', 'none:', { box }, []],
    ['an option in place of a host', 'box:', { box: { ...box, host: '-oProxyCommand=x' } }, []],
  ]
  for (const [name, url, config, want] of rows) it(name, () => assert.deepEqual(found(url, config), want))

  it('are those of the variables, where these say so', () => {
    assert.deepEqual(found('my-box:', {}, { RCLONE_CONFIG_MY_BOX_TYPE: 'sftp', RCLONE_CONFIG_MY_BOX_HOST: 'v' }), [
      'v:',
    ])
    assert.deepEqual(found('box:', { box }, { RCLONE_SFTP_PORT: '24' }), ['box.test:24'])
  })
  it('say what they log in with, and whether host keys of their own would win', () => {
    const [one] = sshEnds(['box:'], { box }, {})
    assert.deepEqual([one?.login, one?.ownKeys], [{ identity: '/k' }, undefined])
    const keys = (url: string, more: object, env = {}) => sshEnds([url], { box: { ...box, ...more } }, env)[0]?.ownKeys
    assert.equal(sshEnds(['box:'], { box: { ...box, pass: 'x' } }, {})[0]?.login, 'secret')
    // What stands in the configuration, Muster wins over.
    assert.equal(keys('box:', { known_hosts_file: '/own' }), undefined)
    assert.equal(keys('box,known-hosts-file=/own:', {}), 'known_hosts_file')
    assert.equal(keys('box:', {}, { RCLONE_CONFIG_BOX_KNOWN_HOSTS_FILE: '/own' }), 'known_hosts_file')
    assert.equal(keys('box:', { host_keys: 'ssh-rsa AAAA' }), 'host_keys')
    assert.deepEqual(['--sftp-known-hosts-file=/x', '--SFTP_ssh', '--sftp-chunk-size=1M'].map(isOwnSsh), [
      true,
      true,
      false,
    ])
  })
  it('answers any address and any configuration with a value', () => {
    const text = fc.oneof(
      fc.string(),
      fc.constantFrom('a:', 'b:x', '"a:"', ':sftp,host=h:', 'x=a:', 'sftp', 'union', '"'),
    )
    const config = fc.dictionary(
      fc.constantFrom('a', 'b'),
      fc.dictionary(fc.constantFrom('type', 'remote', 'upstreams', 'host', 'port'), text),
    )
    fc.assert(
      fc.property(text, config, (url, remotes) => {
        parseRemote(url)
        sshEnds([url], remotes, {})
      }),
    )
    fc.assert(fc.property(fc.string(), (dump) => void parseDump(dump)))
    assert.deepEqual(parseDump('{"a":{"type":"sftp","port":23}}'), { a: { type: 'sftp', port: '23' } })
  })
})
