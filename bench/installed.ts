/** Muster as npm installs it: bundle, launcher and package.json in a folder with no source and no node_modules. */
import { cpSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { bundle } from '../scripts/build.ts'
import { checkout } from './machine.ts'

/** @returns The path of its `bin/muster`. */
export async function installed(scratch: string): Promise<string> {
  const folder = join(scratch, 'installed')
  mkdirSync(folder)
  for (const path of ['bin', 'package.json']) cpSync(join(checkout, path), join(folder, path), { recursive: true })
  await bundle(join(folder, 'dist'))
  return join(folder, 'bin', 'muster')
}

export const fromSource: string = join(checkout, 'bin', 'muster')

/** What a cron job has, with a home of its own for caches. */
export function plainEnvironment(scratch: string, more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH, HOME: scratch, MUSTER_STATE: join(scratch, 'state'), ...more }
}
