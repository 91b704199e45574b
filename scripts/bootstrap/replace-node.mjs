import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { fetchedNode, neededMajor } from './node-release.mjs'
import { runInPlace } from './run-in-place.mjs'
import { say } from './trouble.mjs'

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/** Runs `script` again with the Node.js the bootstrap fetched. @param {string} script @param {readonly string[]} args */
export async function replaceNode(script, args) {
  const node = fetchedNode(root)
  // A fetched one that is old itself must not start itself again and again.
  const isReplacement = process.env.MUSTER_NODE_REPLACED === process.ppid.toString()
  process.env.MUSTER_NODE_REPLACED = process.pid.toString()
  if (existsSync(node) && !isReplacement) return runInPlace(node, [script, ...args])
  say(
    `needs Node.js ${neededMajor}; this is ${process.versions.node}. Run \`npm start\` once: it fetches one into .tools/.`,
  )
  process.exitCode = 2
}
