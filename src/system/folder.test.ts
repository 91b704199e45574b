import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { removeFolder } from './folder.ts'

let place: string
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'muster-test-'))
})
afterEach(() => rmSync(place, { recursive: true, force: true }))

it('removes what may not be written to, and nothing that a link leads to', async () => {
  const kept = join(place, 'kept')
  const folder = join(place, 'restored')
  mkdirSync(kept)
  mkdirSync(join(folder, 'read', 'only'), { recursive: true })
  writeFileSync(join(folder, 'read', 'only', 'file'), 'x', { mode: 0o400 })
  symlinkSync(kept, join(folder, 'link'))
  for (const part of ['read/only', 'read', '.']) chmodSync(join(folder, part), 0o500)
  chmodSync(kept, 0o500)
  if (process.getuid?.() === 0) {
    // Root ignores modes: as another user it is the same code, in a process of its own.
    execFileSync('chown', ['-R', '65534:65534', place])
    const script = `process.setgid(65534); process.setuid(65534); const { removeFolder } = await import(process.argv[1]); await removeFolder(process.argv[2])`
    const module = new URL('./folder.ts', import.meta.url).href
    // The checkout may lie where that user may not look: the module is loaded before the rights go.
    const early = `const { removeFolder } = await import(process.argv[1]); ${script.replace(/const .*?; /, '')}`
    execFileSync(process.execPath, ['--input-type=module', '-e', early, module, folder], { stdio: 'pipe' })
  } else await removeFolder(folder)
  expect([existsSync(folder), existsSync(kept)]).toEqual([false, true])
  chmodSync(kept, 0o700)
})
