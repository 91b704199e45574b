import { strict as assert } from 'node:assert'
import { describe, it } from 'vitest'
import { parseConfig } from '../../config/parse.ts'
import type { Repository } from '../../config/schema.ts'
import { tool as restic } from '../../sources/tools/restic/index.ts'
import type { Tool } from '../../sources/tools/tool.ts'
import { placeOfScp, toArguments } from '../../system/ssh/place.ts'
import { spacePlace, spaceWay } from './places.ts'

const named = (name: string, more: Partial<Tool> = {}): Tool => ({
  ...restic,
  name,
  sshPlace: () => undefined,
  ...more,
})
const borg = named('borg', { sshPlace: placeOfScp })
const rclone = named('rclone')
const repository = (url: string, more: object = {}): Repository => {
  const { config } = parseConfig(
    JSON.stringify({ repositories: { box: { tool: 'restic', url, password: { file: '/x' }, ...more } } }),
  )
  const found = config?.repositories.box
  if (found === undefined) throw new Error(url)
  return found
}

describe('how the room is asked', () => {
  const rows: [Tool, string, string | undefined][] = [
    [restic, '/srv/backup', 'local'],
    [restic, 'relative/path', 'local'],
    [restic, 'local:/srv/a:b', 'local'],
    [borg, 'file:///srv/backup', 'local'],
    [restic, 'sftp:u@h:x', 'sftp'],
    [restic, 'rest:https://h/x', undefined],
    [restic, 's3:h/b', undefined],
    [restic, 'rclone:there:x', 'rclone'],
    [rclone, 'there:x', 'rclone'],
    [borg, 'ssh://u@h/./x', 'df'],
    [borg, 'u@h:x', 'df'],
  ]
  for (const [tool, url, want] of rows)
    it(`${tool.name} at ${url}: ${want}`, () => assert.equal(spaceWay(tool, repository(url)), want))
  it('is as the configuration says', () => {
    assert.equal(spaceWay(restic, repository('sftp:u@h:x', { space: { by: 'df' } })), 'df')
    assert.equal(spaceWay(restic, repository('/x', { space: { by: 'off' } })), undefined)
  })
})

describe('where df is asked', () => {
  const rows: [Tool, string, object, string | undefined][] = [
    [borg, 'ssh://u1@u1.your-storagebox.de:23/./nas', {}, '-p 23 -l u1 u1.your-storagebox.de'],
    [borg, 'u1@u1.your-backup.de:nas', {}, '-p 23 -l u1 u1.your-backup.de'],
    [restic, 'sftp://u1@u1.your-storagebox.de:22/nas', {}, '-p 23 -l u1 u1.your-storagebox.de'],
    [restic, 'sftp:u@nas:x', {}, '-l u nas'],
    [restic, 'sftp:u@nas:x', { ssh: { port: 2222 } }, '-p 2222 -l u nas'],
    [restic, 'sftp:u@nas:x', { ssh: { port: 2222 }, space: { ssh: { port: 24 } } }, '-p 24 -l u nas'],
    [restic, 'sftp:u@u1.your-backup.de:x', { space: { ssh: { port: 22 } } }, '-p 22 -l u u1.your-backup.de'],
    [restic, '/srv', {}, undefined],
  ]
  for (const [tool, url, more, want] of rows)
    it(`${url} ${JSON.stringify(more)}`, () => {
      const place = spacePlace(tool, repository(url, more))
      assert.equal(place && toArguments(place).join(' '), want)
    })
})
