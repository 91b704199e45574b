/** Every command that the adapter starts, as each version answers it: a difference is a change of rclone that somebody has to look at. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { makePlace, type Place } from '../real/place.ts'
import { program } from '../real/programs.ts'
import { versions } from './under-test.ts'

const old = new Date('2020-05-05T05:05:05Z')

for (const version of versions)
  it(`rclone ${version} says what it said`, async () => {
    using place = makePlace()
    const write = (path: string, text: string): void => {
      writeFileSync(place.at('source', path), text)
      utimesSync(place.at('source', path), old, old)
    }
    const run = (...args: string[]): string => told(version, place, args)
    mkdirSync(place.at('source'))
    mkdirSync(place.at('store'))
    write('one', 'one')
    write('two', 'two two')
    const log = ['--log-level=INFO', '--stats=1h', '--stats-log-level=NOTICE']
    const listing = ['--recursive', '--files-only', '--no-mimetype', '--use-server-modtime']
    const said = [
      run('lsjson', '--retries=1', '--', 'r:nas'),
      run('mkdir', '--', 'r:nas'),
      run('lsjson', '--retries=1', '--', 'r:nas'),
      run('sync', ...log, '--', place.at('source'), 'r:nas'),
      run('lsjson', ...listing, '--', 'r:nas'),
      run('size', '--json', '--', 'r:nas'),
      run('check', '--combined=-', '--', place.at('source'), 'r:nas'),
    ]
    rmSync(place.at('source', 'two'))
    write('one', 'another one')
    write('three', '')
    said.push(
      run('sync', ...log, '--dry-run', '--', place.at('source'), 'r:nas'),
      run('check', '--combined=-', '--', place.at('source'), 'r:nas'),
      run('sync', ...log, '--backup-dir=r:nas-2026-11-25', '--', place.at('source'), 'r:nas'),
      run('lsjson', '--dirs-only', '--', 'r:'),
      run('purge', '--', 'r:nas-2026-11-25'),
      run('copy', '--links', '--include=/one', '--', 'r:nas', place.at('back')),
      run('sync', ...log, '--retries=1', '--', place.at('gone'), 'r:nas'),
      run('sync', '--bogus', '--', place.at('source'), 'r:nas'),
      run('lsjson', '--', 'nobody:nas'),
    )
    await expect(said.join('\n')).toMatchFileSnapshot(`../golden/rclone-${version}.txt`)
  })

/** What stays the same from run to run, line by line; files come in any order. */
function told(version: string, place: Place, args: readonly string[]): string {
  const env = {
    HOME: place.path,
    RCLONE_CONFIG: '/dev/null',
    RCLONE_CONFIG_R_TYPE: 'alias',
    RCLONE_CONFIG_R_REMOTE: place.at('store'),
  }
  const [command = '', ...more] = args
  const ended = spawnSync(program(`rclone-${version}`), [command, '--use-json-log', ...more], { env, encoding: 'utf8' })
  const lines = (text: string): string[] =>
    text
      .replaceAll(place.path, 'PLACE')
      .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[^"]*/g, 'TIME')
      .replaceAll(/^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d/gm, 'TIME')
      .replaceAll(/\.go:\d+/g, '.go:LINE')
      .replaceAll(/("(?:elapsedTime|speed|transferTime|eta)":)[^,}]+/g, '$1NUMBER')
      .replaceAll(/(?:Elapsed time|Transferred): [^\\]*/g, '…')
      .split('\n')
      .filter((line) => line !== '' && !/^(?:Usage|Flags|Use "| {2}|\w+ .*:$)/.test(line))
      .sort()
  const said = [...lines(ended.stdout), ...lines(ended.stderr).map((line) => `! ${line}`)]
  return [`$ rclone ${args.join(' ').replaceAll(place.path, 'PLACE')}`, ...said, `= ${ended.status}`, ''].join('\n')
}
