/** What each version of borg says to every command that is used: a version that says it otherwise is told from here. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { makePlace } from '../real/place.ts'
import { program } from '../real/programs.ts'
import { damage, versions } from './under-test.ts'

describe.each(versions)('borg %s', (version) => {
  it('says what it said when this was written', async () => {
    using place = makePlace()
    mkdirSync(place.at('source'))
    writeFileSync(place.at('source', 'file'), 'content')
    const said: string[] = []
    const run = (args: readonly string[], more: { password?: string; url?: string; cwd?: string } = {}): void => {
      const [verb = '', ...rest] = args
      const ended = spawnSync(program(`borg-${version}`), [verb, '--log-json', ...rest], {
        encoding: 'utf8',
        timeout: 60_000,
        cwd: more.cwd ?? place.path,
        input: `${more.password ?? 'right'}\n`,
        env: {
          PATH: process.env.PATH,
          TZ: 'UTC',
          BORG_BASE_DIR: place.at('base'),
          BORG_REPO: more.url ?? place.at('repository'),
          BORG_PASSPHRASE_FD: '0',
          BORG_EXIT_CODES: 'modern',
          BORG_SHOW_SYSINFO: 'no',
          BORG_RELOCATED_REPO_ACCESS_IS_OK: 'no',
          BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK: 'no',
        },
      })
      said.push(
        masked(
          `$ borg ${args.join(' ')}\n${ended.stdout}${withoutProgress(ended.stderr)}= ${ended.status}\n`,
          place.path,
        ),
      )
    }
    const create = ['create', '--json', '--progress', '--list', '--filter=AMCE', '--lock-wait=5']
    run(['init', '--encryption=repokey-blake2'])
    run(['init', '--encryption=repokey-blake2'])
    run(['init', '--encryption=none'], { url: place.at('a', 'b') })
    run([...create, '--comment=muster {{"tags":["t"]}}', '--', '::one', place.at('source')])
    run([...create, '--', '::two', place.at('source'), place.at('gone')])
    run([...create, '--', '::two', place.at('source')])
    run(['create', '--json', '--progress', '--list', '--filter=-', '--dry-run', '--', '::no', place.at('source')])
    run(['list', '--json', '--bypass-lock'])
    run(['list', '--json', '--bypass-lock', '--format={hostname}{username}{comment}{end}{command_line}', '--last=1'])
    run(['info', '--json', '--bypass-lock', '--last=1'])
    run(['info', '--json', '--bypass-lock'])
    run(['info', '--json', '--bypass-lock', '::none'])
    run(['list', '--json-lines', '--bypass-lock', '--format={type}{path}{size}', '--', '::one'])
    mkdirSync(place.at('target'))
    run(['extract', '--progress', '--', '::one', `pp:${place.at('source', 'file').slice(1)}`], {
      cwd: place.at('target'),
    })
    run(['extract', '--progress', '--', '::one', 'pp:gone'], { cwd: place.at('target') })
    run(['prune', '--list', '--glob-archives=[t]wo', '--keep-last=1', '--dry-run'])
    run(['prune', '--list', '--keep-last=1'])
    run(['compact', '--progress'])
    run(['check', '--info', '--progress'])
    run(['check', '--info', '--progress', '--repository-only', '--max-duration=5'])
    run(['check', '--info', '--progress', '--verify-data'])
    run(['list', '--json', '--bypass-lock'], { password: 'wrong' })
    run(['list', '--json', '--bypass-lock'], { url: place.at('gone') })
    run(['list', '--json', '--bypass-lock'], { url: place.at('source') })
    damage(place.at('repository'))
    run(['check', '--info', '--progress'])
    run(['break-lock'])
    await expect(said.join('\n')).toMatchFileSnapshot(`../golden/borg-${version}.txt`)
  }, 60_000)
})

/** Reports of progress come by the clock. */
const withoutProgress = (text: string): string =>
  text
    .split('\n')
    .filter((line) => !/"type": "(?:archive_progress|progress_percent|progress_message)"/.test(line))
    .join('\n')

/** Ids, times, places, sizes and what else differs from run to run. */
const masked = (text: string, folder: string): string =>
  text
    .replaceAll(folder, 'PLACE')
    .replaceAll(folder.slice(1), 'PLACE')
    .replaceAll(/"[^"\n]*\/bin\/borg[^"\n]*"/g, '"BORG"')
    .replaceAll(/[0-9a-f]{64}/g, 'ID')
    .replaceAll(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?/g, 'TIME')
    .replaceAll(/\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), TIME/g, 'TIME')
    .replaceAll(/"(hostname|username)": "[^"]*"/g, '"$1": "NAME"')
    .replaceAll(/"(time|duration|max_archive_size|\w*size|\w*csize|total_\w+)": [\d.e-]+/g, '"$1": NUMBER')
    .replaceAll(/(offset|segment|segments|index|position|entry|tag|>=) \d+/g, '$1 NUMBER')
