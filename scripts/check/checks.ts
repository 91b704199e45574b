import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { findStale, generateAll } from '../generated.ts'
import { findChangeFaults } from './change-files.ts'
import { findBreaches } from './layers.ts'

/** One habit of this house. */
export interface Check {
  readonly name: string
  /** What is wrong, as text for a person; empty when all is well. */
  readonly run: () => Promise<readonly string[]>
}

const root = join(import.meta.dirname, '..', '..')

/** Fast ones and those found wrong most often first. */
export const checks: readonly Check[] = [
  { name: 'types', run: () => program('typescript/bin/tsc', '--noEmit', '--pretty', 'false') },
  {
    name: 'lint and format',
    run: () => program('@biomejs/biome/bin/biome', 'check', '--error-on-warnings', '--max-diagnostics=50'),
  },
  { name: 'layers', run: () => findBreaches(root) },
  { name: 'unused code', run: () => program('knip/bin/knip.js', '--no-progress') },
  { name: 'generated files', run: staleFiles },
  { name: 'changes', run: () => findChangeFaults(join(root, 'changes')) },
]

async function staleFiles(): Promise<readonly string[]> {
  const stale = await findStale(root, await generateAll(root))
  return stale.map(({ path, why }) => `${path} ${why}: run npm run gen`)
}

/** Runs a program of node_modules; what it says is a finding only when it ends badly. */
async function program(script: string, ...args: readonly string[]): Promise<readonly string[]> {
  const child = spawn(process.execPath, [join(root, 'node_modules', script), ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = new Promise<number | null>((resolve, reject) => child.on('close', resolve).on('error', reject))
  const [out, errors, exitCode] = await Promise.all([text(child.stdout), text(child.stderr), ended])
  if (exitCode === 0) return []
  return [`${out}${errors}`.trim() || `${script} ended with ${exitCode} and said nothing`]
}
