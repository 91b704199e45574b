import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { inPath } from './tools/system-tool.ts'
import { provideTools, startTools, toolsFolder } from './tools.ts'

const root = join(import.meta.dirname, '..')

/**
 * `npm start`: Muster from source with a real restic, the person's own where there is one. In a folder with a
 * muster.yaml it serves that; without one it shows itself (`muster start`).
 */
export async function main(args: readonly string[]): Promise<void> {
  if (inPath('restic', join(toolsFolder, 'bin')) === undefined) await provideTools(startTools)
  const command = existsSync('muster.yaml') ? 'serve' : 'start'
  process.argv = [process.execPath, join(root, 'bin', 'muster'), command, ...args]
  await import('../src/main.ts')
}
