import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { withLock } from './lock.mjs'
import { npmCommand } from './npm.mjs'
import { say, Trouble } from './trouble.mjs'

/**
 * Makes node_modules hold what package-lock.json says, with `npm ci` where it does not. Runs on Node 24 already: on an
 * older one npm would leave out optional packages that ask for a newer.
 *
 * @param {string} root the checkout
 */
export function ensurePackages(root) {
  if (whyStale(root) === undefined) return
  withLock(join(root, '.tools', 'prepare.lock'), () => {
    const why = whyStale(root)
    if (why !== undefined) install(root, why)
  })
}

function install(root, why) {
  say(`${why}; running npm ci`)
  const began = Date.now()
  const { program, args } = npmCommand()
  const result = spawnSync(
    program,
    [...args, 'ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'],
    {
      cwd: root,
      stdio: ['ignore', 'ignore', 'inherit'],
      // A NODE_ENV of production would leave out the development packages.
      env: { ...process.env, NODE_ENV: 'development' },
    },
  )
  if (result.error !== undefined) throw new Trouble(`npm cannot be started: ${result.error.message}`, 2)
  if (result.status !== 0) throw new Trouble('npm ci failed; its reason is above')
  const still = whyStale(root)
  if (still !== undefined) throw new Trouble(`npm ci ended well, yet ${still}`)
  say(`packages are there (${((Date.now() - began) / 1000).toFixed(1)} s)`)
}

/**
 * Why node_modules is not what package-lock.json says, or undefined when it is. npm leaves its own record of what it
 * installed in node_modules/.package-lock.json; packages for other platforms are absent there.
 *
 * @param {string} root
 * @returns {string | undefined}
 */
export function whyStale(root) {
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages
  let present
  try {
    present = JSON.parse(readFileSync(join(root, 'node_modules', '.package-lock.json'), 'utf8')).packages
  } catch {
    return 'the packages are not installed yet'
  }
  for (const [path, entry] of Object.entries(wanted)) {
    if (path === '') continue
    const found = present[path]
    if (found === undefined && entry.optional !== true) return `${path} is missing`
    if (found !== undefined && found.integrity !== entry.integrity)
      return `${path} is not the version of package-lock.json`
  }
  const extra = Object.keys(present).find((path) => wanted[path] === undefined)
  return extra === undefined ? undefined : `${extra} is not in package-lock.json`
}
