#!/usr/bin/env node
// The one entry of all development commands: `node scripts/bootstrap.mjs start|test|test:fast|check|gen|bench|build|tools`.
// Plain JavaScript for Node 20 without dependencies, because it runs before anything is installed: it provides
// Node 24 and the packages, then hands over to the verb's TypeScript file in this same process.
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { ensureNode } from './bootstrap/ensure-node.mjs'
import { ensurePackages } from './bootstrap/ensure-packages.mjs'
import { runInPlace } from './bootstrap/run-in-place.mjs'
import { say, Trouble } from './bootstrap/trouble.mjs'

const own = fileURLToPath(import.meta.url)
const root = dirname(dirname(own))

/** verb → the file that does it, and arguments in front of the user's. */
const verbs = {
  start: ['scripts/start.ts'],
  test: ['scripts/test.ts'],
  'test:fast': ['scripts/test.ts', '--fast'],
  check: ['scripts/check.ts'],
  gen: ['scripts/gen.ts'],
  bench: ['bench/main.ts'],
  build: ['scripts/build.ts'],
  tools: ['scripts/tools.ts'],
}

const writable = 'This checkout has to be writable: clone it into a folder of your own and run it there.'
const nextFor = {
  EACCES: writable,
  EPERM: writable,
  EROFS: writable,
  ENOSPC: 'Free some space on this disk; about 1 GB is needed.',
}

/**
 * @param {readonly string[]} argv
 * @returns {Promise<void>}
 */
async function main([verb = '', ...rest]) {
  if (!Object.hasOwn(verbs, verb)) throw new Trouble(`say what to do: npm run ${Object.keys(verbs).join(' | ')}`, 2)
  const node = ensureNode(root)
  if (node !== process.execPath) return runInPlace(node, [own, verb, ...rest])

  // Programs that start `node` get this one, not the older one of the machine.
  process.env.PATH = [dirname(node), process.env.PATH].join(':')
  ensurePackages(root)
  const [file, ...args] = verbs[verb]
  const path = join(root, file)
  if (!existsSync(path)) throw new Trouble(`there is no ${file} in this checkout`, 2)
  process.argv = [node, path, ...args, ...rest]
  const { main: run } = await import(pathToFileURL(path).href)
  const exitCode = await run?.([...args, ...rest])
  if (typeof exitCode === 'number') process.exitCode = exitCode
}

try {
  await main(process.argv.slice(2))
} catch (error) {
  // The system's refusals (no right to write here, disk full) are no bugs either.
  if (!(error instanceof Trouble) && error?.syscall === undefined) throw error
  say(error.message)
  const next = nextFor[error.code]
  if (next !== undefined) console.error(`    → ${next}`)
  process.exitCode = error.exitCode ?? 1
}
