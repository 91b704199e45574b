import { resolve } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { destinationOf, remoteVariables, secretsOf } from './destination.ts'

describe('an address is taken apart into tree and folder above', () => {
  const rows: readonly (readonly [string, string, string])[] = [
    ['/srv/backup/nas', '/srv/backup', 'nas'],
    ['/srv/backup/nas/', '/srv/backup', 'nas'],
    ['/nas', '/', 'nas'],
    ['backup/nas', resolve('backup'), 'nas'],
    ['./nas', resolve('.'), 'nas'],
    ['/srv/with:colon/nas', '/srv/with:colon', 'nas'],
    ['box:nas', 'box:', 'nas'],
    ['box:backups/nas', 'box:backups', 'nas'],
    ['box:/nas', 'box:/', 'nas'],
    ['box:/srv/nas/', 'box:/srv', 'nas'],
    ['box:', 'box:', ''],
    ['box,chunk_size=1M:a/nas', 'box,chunk_size=1M:a', 'nas'],
    [':local:/srv/nas', ':local:/srv', 'nas'],
    [':webdav,url="http://127.0.0.1:80/x":a/nas', ':webdav,url="http://127.0.0.1:80/x":a', 'nas'],
    [":sftp,host=h,pass='a:b/c':nas", ":sftp,host=h,pass='a:b/c':", 'nas'],
  ]
  for (const [url, parent, name] of rows) it(url, () => expect(destinationOf(url)).toEqual({ parent, name }))

  it('answers anything', () => fc.assert(fc.property(fc.string(), (url) => void destinationOf(url))))
})

it('hands the address over in the environment, as a secret', () => {
  const variables = remoteVariables(destinationOf(':sftp,host=h,pass=canary:nas'))
  expect(JSON.stringify(variables)).not.toContain('canary')
  expect(variables.RCLONE_CONFIG_MUSTER_DESTINATION_REMOTE?.reveal()).toBe(':sftp,host=h,pass=canary:')
})

it('knows which parts of an address are secrets', () => {
  expect(secretsOf(':sftp,host=h,user=u,pass="a:b",key_file_pass=c:nas')).toEqual(['a:b', 'c'])
  expect(secretsOf('box:nas')).toEqual([])
})
