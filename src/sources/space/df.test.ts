import { strict as assert } from 'node:assert'
import fc from 'fast-check'
import { describe, it } from 'vitest'
import { parseDf, systemOf } from './df.ts'

/** Output → total bytes, free bytes and mount point of its lines; undefined: unknown. */
const rows: { name: string; text: string; want: [number, number, string][] | undefined }[] = [
  {
    name: 'GNU, in kibibytes',
    text: 'Filesystem     1K-blocks    Used Available Use% Mounted on\n/dev/sda1       41152812 9876543  29147012  26% /\n',
    want: [[41152812 * 1024, 29147012 * 1024, '/']],
  },
  {
    name: 'GNU in half kibibytes, as POSIXLY_CORRECT has it',
    text: 'Filesystem 512B-blocks Used Available Use% Mounted on\nu1 2048 1024 1024 50% /home\n',
    want: [[2048 * 512, 1024 * 512, '/home']],
  },
  {
    name: 'a greeting with a number of hours above',
    text: 'Welcome! Our 24-hour hotline: 0800\nDear user, our 24-hour hotline is open for you all day\nFilesystem 1K-blocks Used Available Use% Mounted on\nu1 100 40 60 40% /\n',
    want: [[102400, 61440, '/']],
  },
  {
    name: 'a greeting alone',
    text: 'Welcome! Our 24-hour hotline: 0800\nu1 100 40 60 40% /\n',
    want: undefined,
  },
  {
    name: 'POSIX',
    text: 'Filesystem 1024-blocks Used Available Capacity Mounted on\nu1 100 40 60 40% /home/my box\n',
    want: [[102400, 61440, '/home/my box']],
  },
  {
    name: 'BSD, Avail and Capacity',
    text: 'Filesystem    512-blocks       Used      Avail Capacity  Mounted on\nu1-sub2       2147483648 1073741824 1073741824    50%    /home\n',
    want: [[2147483648 * 512, 1073741824 * 512, '/home']],
  },
  {
    name: 'BSD in kibibytes',
    text: 'Filesystem  1K-blocks     Used     Avail Capacity  Mounted on\nu1         1048576000 52428800 996147200     5%    /home\r\n',
    want: [[1048576000 * 1024, 996147200 * 1024, '/home']],
  },
  {
    name: 'a long name with a line to itself',
    text: 'Filesystem           1K-blocks      Used Available Use% Mounted on\n//u1.your-storagebox.de/backup\n                     104857600  52428800  52428800  50% /mnt/box\n',
    want: [[104857600 * 1024, 52428800 * 1024, '/mnt/box']],
  },
  {
    name: 'German',
    text: 'Dateisystem    1K-Blöcke Benutzt Verfügbar Verw% Eingehängt auf\n/dev/sda1 100 40 60 40% /\n',
    want: [[102400, 61440, '/']],
  },
  {
    name: 'inodes of macOS',
    text: 'Filesystem 1024-blocks Used Available Capacity iused ifree %iused Mounted on\n/dev/disk1 100 40 60 40% 500 4000 11% /Volumes/a b\n',
    want: [[102400, 61440, '/Volumes/a b']],
  },
  {
    name: 'over full on BSD: nothing is free',
    text: 'Filesystem 1K-blocks Used Avail Capacity Mounted on\nu1 100 108 -8 108% /home\n',
    want: [[102400, 0, '/home']],
  },
  {
    name: 'a greeting before it',
    text: 'Welcome to the box 1 of 2\nFilesystem 1K-blocks Used Available Use% Mounted on\nu1 100 40 60 40% /\n',
    want: [[102400, 61440, '/']],
  },
  {
    name: 'without a size of blocks',
    text: 'Filesystem Size Used Avail Use% Mounted on\nu1 40G 10G 30G 25% /\n',
    want: undefined,
  },
  { name: 'without a header', text: '/dev/sda1 100 40 60 40% /\n', want: undefined },
  { name: 'without a line', text: 'Filesystem 1K-blocks Used Available Use% Mounted on\n', want: undefined },
  {
    name: 'cut in the middle',
    text: 'Filesystem 1K-blocks Used Available Use% Mounted on\nu1 100 40',
    want: undefined,
  },
  { name: 'a refusal', text: 'Command not found. Use "help" to get a list of available commands.\n', want: undefined },
  {
    name: 'an empty store',
    text: 'Filesystem 1K-blocks Used Available Use% Mounted on\nproc 0 0 0 - /proc\n',
    want: undefined,
  },
  { name: 'nothing', text: '', want: undefined },
]

describe('what df prints', () => {
  for (const { name, text, want } of rows)
    it(name, () =>
      assert.deepEqual(
        parseDf(text)?.map(({ space, mountedOn }) => [space.totalBytes, space.freeBytes, mountedOn]),
        want,
      ),
    )

  it('keeps the blocks as they were counted', () =>
    assert.deepEqual(parseDf(rows.find(({ name }) => name.startsWith('BSD, Avail'))?.text ?? '')?.[0]?.space.blocks, {
      free: 1073741824,
      total: 2147483648,
      bytes: 512,
    }))

  it('is never more free than there is, and never 0 of 0, whatever it prints', () =>
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.constantFrom('Filesystem', '1K-blocks', '\n', '-', '/', '5%'),
            fc.integer().map(String),
            fc.string(),
          ),
          { maxLength: 40 },
        ),
        (words) => {
          for (const { space } of parseDf(words.join(' ')) ?? [])
            assert.ok(space.totalBytes > 0 && space.freeBytes >= 0 && space.freeBytes <= space.totalBytes)
        },
      ),
    ))
})

describe('the file system of a path', () => {
  const lines = ['/', '/srv', '/srv/backup', '/srv2'].map((mount, at) => `x${at} 100 40 ${at + 1} 40% ${mount}`)
  const systems = parseDf(`Filesystem 1K-blocks Used Available Use% Mounted on\n${lines.join('\n')}`) ?? []
  const paths: [string | undefined, string | undefined][] = [
    ['/srv/backup/nas', '/srv/backup'],
    ['/srv/other', '/srv'],
    ['/srv22', '/'],
    ['/srv2', '/srv2'],
    ['./nas', undefined],
    [undefined, undefined],
  ]
  for (const [path, want] of paths) it(String(path), () => assert.equal(systemOf(systems, path)?.mountedOn, want))
  it('is the only one there is', () => assert.equal(systemOf(systems.slice(0, 1), './nas')?.mountedOn, '/'))
})
