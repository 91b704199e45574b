/** What the documents say is tried: configurations parse, commands exist, links lead somewhere, examples run. */
import { strict as assert } from 'node:assert'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { describe, it } from 'vitest'
import { sayFinding } from '../../src/config/finding.ts'
import { parseConfig } from '../../src/config/parse.ts'
import { program } from '../real/programs.ts'
import { commandFault, musterCommands } from './commands.ts'
import { type Block, loadPages, type Page, root } from './markdown.ts'

const pages = await loadPages()
const blocksOf = (page: Page, language: string): readonly Block[] =>
  page.blocks.filter(({ info }) => info[0] === language)

describe('every configuration in the documents', () => {
  for (const page of pages)
    for (const { text, line } of blocksOf(page, 'yaml').filter((block) =>
      /^(?:repositories|pings|inbox):/m.test(block.text),
    ))
      it(`${page.path}:${line} is valid`, () =>
        assert.deepEqual(
          parseConfig(text).errors.map((error) => sayFinding(`${page.path}:${line}`, error)),
          [],
        ))
})

describe('every command in the documents', () => {
  for (const page of pages)
    it(`${page.path} names only what there is`, () => {
      const said = [
        ...page.blocks
          .filter(({ info }) => ['sh', 'ini', 'cron'].includes(info[0] ?? ''))
          .flatMap(({ text }) => musterCommands(text)),
        ...page.spans.filter((span) => span.startsWith('muster ')).flatMap(musterCommands),
      ]
      assert.deepEqual(
        said.flatMap((words) => commandFault(words) ?? []),
        [],
      )
    })

  it('is told from what there is not', () => {
    assert.equal(commandFault(['muster', 'run', '--due', '--quiet']), undefined)
    assert.equal(commandFault(['muster', 'config', 'check', '--config', 'x.yaml']), undefined)
    assert.equal(commandFault(['muster', 'hostkeys', 'scan', 'HOST']), undefined)
    assert.match(commandFault(['muster', 'hostkey', 'scan']) ?? '', /no command hostkey/)
    assert.match(commandFault(['muster', 'run', '--dew']) ?? '', /no option --dew/)
    assert.match(commandFault(['muster', 'snapshots', 'a', 'b']) ?? '', /at most 1/)
  })
})

describe('every link in the documents', () => {
  for (const page of pages)
    it(`${page.path} leads somewhere`, () => {
      const faults = page.links
        .filter((link) => !/^[a-z]+:/.test(link))
        .filter((link) => {
          const [file = '', anchor] = link.split('#')
          const path = file === '' ? page.path : join(dirname(page.path), file)
          const target = pages.find((one) => one.path === path)
          return (
            !existsSync(join(root, path)) ||
            (anchor !== undefined && target !== undefined && !target.anchors.has(anchor))
          )
        })
      assert.deepEqual(faults, [])
    })

  it('leads to every page, from one of the two indexes', () => {
    const targets = new Set(
      ['README.md', 'docs/README.md'].flatMap((index) =>
        (pages.find(({ path }) => path === index)?.links ?? []).map((link) =>
          join(dirname(index), link.split('#')[0] ?? ''),
        ),
      ),
    )
    const unnamed = pages
      .map(({ path }) => path)
      .filter((path) => path.startsWith('docs/') && path !== 'docs/README.md' && !targets.has(path))
    assert.deepEqual(unnamed, [])
  })
})

describe('every example that is marked to run', () => {
  const running = pages.filter((page) => page.blocks.some(({ info }) => info.includes('run')))
  it('is found', () => assert.ok(running.length >= 2))
  for (const page of running) it(`${page.path} runs as it stands`, () => runPage(page))
})

/** Runs the marked blocks of a page one after the other in one empty folder, with real restic and borg. */
function runPage(page: Page): void {
  const folder = mkdtempSync(join(tmpdir(), 'muster-docs-'))
  try {
    const bin = join(folder, '.bin')
    mkdirSync(bin)
    const main = join(root, 'src/main.ts')
    writeFileSync(join(bin, 'muster'), `#!/bin/sh\nexec '${process.execPath}' '${main}' "$@"\n`, { mode: 0o755 })
    for (const name of ['restic', 'borg']) program(name)
    const path = [bin, process.env.PATH].join(delimiter)
    const env = { PATH: path, HOME: folder, NO_COLOR: '1', RESTIC_CACHE_DIR: join(folder, '.cache') }
    for (const { info, text, line } of page.blocks.filter((block) => block.info.includes('run'))) {
      const want = Number(info.find((word) => word.startsWith('exit='))?.slice(5) ?? 0)
      const { status, stdout, stderr } = spawnSync('/bin/sh', ['-eu', '-c', text], {
        cwd: folder,
        env,
        encoding: 'utf8',
        timeout: 100_000,
      })
      assert.equal(status, want, `${page.path}:${line} ended with ${status}\n${stdout}\n${stderr}`)
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
