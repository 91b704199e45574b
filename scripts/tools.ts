// Real programs for tests and for a first start, brought into `.tools/` without a change to the system:
// `npm run tools -- list` and `npm run tools -- get NAME…`.
import { join } from 'node:path'
import { Trouble } from './bootstrap/trouble.mjs'
import { ensureTools } from './tools/ensure.ts'
import { testTools, toolTable } from './tools/table.ts'

export { startTools, testTools } from './tools/table.ts'

const root = join(import.meta.dirname, '..')
export const toolsFolder = join(root, '.tools')

/** Whether this runs unattended, where a missing tool is a failure and never a skip. */
export const inCi = () => !['', '0', 'false', undefined].includes(process.env.CI)

/** Makes the named tools available in `.tools/bin`, and that folder the first of PATH. @throws Trouble */
export async function provideTools(names: readonly string[]): Promise<void> {
  await ensureTools(names, { folder: toolsFolder, strict: inCi() })
  process.env.PATH = `${join(toolsFolder, 'bin')}:${process.env.PATH}`
  process.env.MUSTER_TOOLS = toolsFolder
}

export async function main([verb, ...names]: readonly string[]): Promise<number> {
  if (verb === 'list' && names.length === 0) {
    for (const line of toolTable) {
      const version = line.below === undefined ? `${line.from} or newer` : `${line.from}, below ${line.below}`
      const use = testTools.includes(line.name) ? 'for npm test' : 'when named'
      console.log(`${line.name.padEnd(20)} ${line.package} ${version}, Debian ${line.suite}; ${use}`)
    }
    return 0
  }
  if (verb !== 'get' || names.length === 0) throw new Trouble('npm run tools -- list | get NAME…', 2)
  await provideTools(names)
  return 0
}
