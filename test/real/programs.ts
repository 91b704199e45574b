import { accessSync, constants, realpathSync } from 'node:fs'
import { join } from 'node:path'

const tools = process.env.MUSTER_TOOLS ?? join(import.meta.dirname, '..', '..', '.tools')

/**
 * The path of a real program that tests run, such as `restic-0.18`. A missing one fails the test: a test that skips proves
 * nothing.
 */
export function program(name: string): string {
  const path = join(tools, 'bin', name)
  try {
    accessSync(path, constants.X_OK)
    return realpathSync(path)
  } catch {
    throw new Error(`${name} is missing. Get it with: npm run tools -- get ${name}`)
  }
}
