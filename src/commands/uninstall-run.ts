/** `muster uninstall`: what `muster install` made goes, and nothing else. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { readManifest, readTexts, uninstall } from '../app/install/disk.ts'
import { planUninstall } from '../app/install/plan.ts'
import { callAll, callsAfterUninstall, callsBeforeUninstall, isBooted } from '../app/install/system.ts'
import { installedPaths, stateFolder } from '../outlets/systemd/files.ts'
import { exitCodes } from './exit.ts'
import { agreed, isRoot, noRoot, refuse, rootOf, say, sayStep } from './install-common.ts'
import type { UninstallOptions } from './uninstall.ts'

export async function runUninstall(options: UninstallOptions): Promise<number> {
  const root = rootOf(options.root)
  if (root === undefined) return refuse(`There is no folder ${options.root}.`, 'Name the one that it was installed in.')
  if (!isRoot(root)) return noRoot('uninstall')
  const manifest = readManifest(root)
  const steps = planUninstall(readTexts(root, installedPaths), manifest.files, installedPaths)
  const trees = [stateFolder, '/var/cache/muster'].filter((path) => existsSync(join(root, path)))
  const made = manifest.config !== undefined && existsSync(join(root, manifest.config)) ? [manifest.config] : []
  if (steps.length === 0 && !(options.purge === true && trees.length + made.length > 0)) {
    say('Nothing to do: nothing of `muster install` is here.')
    return exitCodes.fine
  }
  for (const step of steps) say(sayStep(step, root))
  if (options.yes !== true) {
    const answer = await agreed('Take this away?')
    if (answer === undefined) return refuse('Nobody can be asked here; nothing was taken away.', 'Add --yes.')
    if (!answer) return refuse('Nothing was taken away.', 'Start again when you like.', exitCodes.interrupted)
  }
  const goes = await alsoGoes(
    options,
    [...made, ...trees].map((path) => `${root}${path}`),
  )
  const removed = steps.filter(({ what }) => what === 'remove').map(({ path }) => path)
  const calls = root === '' && isBooted()
  const trouble = calls && removed.length > 0 ? await callAll(callsBeforeUninstall) : undefined
  if (trouble !== undefined)
    return refuse(`Nothing was taken away: ${trouble}`, 'Put that right, then start again.', exitCodes.failed)
  uninstall(root, goes ? [...removed, ...made] : removed, goes ? trees : [], !goes && made.length > 0)
  if (calls) await callAll(callsAfterUninstall)
  say('Muster is not installed any more.')
  if (!goes)
    for (const path of [...made, ...trees]) say(`${root}${path} stays; muster uninstall --purge takes it away.`)
  if (steps.some(({ path }) => path.includes('sysusers')) && root === '')
    say('The user muster stays, for files of it may be elsewhere: userdel muster')
  const kept = steps.filter(({ what }) => what === 'kept')
  return kept.length === 0
    ? exitCodes.fine
    : refuse(
        'What somebody changed was left.',
        `Look at it, and take it away by hand: rm ${kept.map(({ path }) => `${root}${path}`).join(' ')}`,
        exitCodes.warnings,
      )
}

/** Configuration, ledger and caches: they go only if somebody says so. */
async function alsoGoes({ yes, purge }: UninstallOptions, paths: readonly string[]): Promise<boolean> {
  if (paths.length === 0) return false
  if (purge === true && yes === true) return true
  if (yes === true) return false
  return (await agreed(`Take away ${paths.join(', ')} as well? The ledger remembers every run.`)) === true
}
