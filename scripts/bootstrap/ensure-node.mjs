import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { withLock } from './lock.mjs'
import { fetchedNode, isNewEnough, neededMajor, pinnedVersion, platformPackages } from './node-release.mjs'
import { npmCommand } from './npm.mjs'
import { say, Trouble } from './trouble.mjs'

/**
 * Path of a Node.js that can run Muster: this one, else the pinned one in `.tools/node/`, fetched once from the npm
 * registry with the user's own npm settings (mirror, proxy) and held to the pinned integrity.
 *
 * @param {string} root the checkout
 * @returns {string}
 */
export function ensureNode(root) {
  if (isNewEnough(process.versions.node)) return process.execPath
  const node = fetchedNode(root)
  if (!existsSync(node)) withLock(join(root, '.tools', 'prepare.lock'), () => fetchUnlessThere(root, node))
  return node
}

function fetchUnlessThere(root, node) {
  if (existsSync(node)) return
  const name = `node-${process.platform}-${process.arch}`
  const integrity = platformPackages[name]
  if (integrity === undefined) {
    throw new Trouble(
      `needs Node.js ${neededMajor} or newer and this is ${process.versions.node}; install it (https://nodejs.org) and try again`,
      2,
    )
  }
  say(`this is Node.js ${process.versions.node}; fetching ${pinnedVersion} into .tools/node (once, about 45 MB)`)
  const began = Date.now()
  const temporary = mkdtempSync(join(root, '.tools', 'node-'))
  try {
    install(temporary, name, integrity)
    const program = join(temporary, 'node_modules', name, 'bin', 'node')
    const version = spawnSync(program, ['--version'], { encoding: 'utf8' })
    if (version.stdout?.trim() !== `v${pinnedVersion}`) {
      throw new Trouble(
        `the fetched Node.js does not run here (${(version.error?.message ?? version.stderr ?? '').trim().split('\n')[0]}); install Node.js ${neededMajor} and try again`,
      )
    }
    const target = dirname(dirname(node))
    mkdirSync(dirname(target), { recursive: true })
    renameSync(join(temporary, 'node_modules', name), target)
  } finally {
    rmSync(temporary, { recursive: true, force: true })
  }
  say(`Node.js ${pinnedVersion} is there (${((Date.now() - began) / 1000).toFixed(1)} s)`)
}

/** An `npm ci` from a lock file of one entry: npm itself then refuses anything but the pinned bytes. */
function install(folder, name, integrity) {
  const wanted = { [name]: pinnedVersion }
  const entry = {
    version: pinnedVersion,
    resolved: `https://registry.npmjs.org/${name}/-/${name}-${pinnedVersion}.tgz`,
    integrity,
  }
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies: wanted }))
  const lock = {
    lockfileVersion: 3,
    requires: true,
    packages: { '': { dependencies: wanted }, [`node_modules/${name}`]: entry },
  }
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify(lock))
  const { program, args } = npmCommand()
  const result = spawnSync(
    program,
    [...args, 'ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'],
    {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  )
  if (result.error !== undefined)
    throw new Trouble(`npm cannot be started (${result.error.message}); install npm or Node.js ${neededMajor}`, 2)
  if (result.status !== 0)
    throw new Trouble(
      `npm could not fetch ${name}@${pinnedVersion}; its reason is above. Or install Node.js ${neededMajor} yourself.`,
    )
}
