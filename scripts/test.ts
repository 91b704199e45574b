import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { runInPlace } from './bootstrap/run-in-place.mjs'
import { provideTools, testTools } from './tools.ts'

/** `npm test`: everything, with real tools. `--fast`: only the tests beside their code, which need none. */
export async function main(args: readonly string[]): Promise<void> {
  const [first, ...rest] = args
  const fast = first === '--fast'
  if (!fast) await provideTools(testTools)
  const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs')
  await runInPlace(process.execPath, [vitest, 'run', ...(fast ? ['--project', 'unit', ...rest] : args)])
}
