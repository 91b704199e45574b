/** `muster uninstall`: what `muster install` made goes, and nothing else. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { isChanged, manifestPath, readManifest, readTexts, uninstall } from '../app/install/disk.ts'
import { planUninstall } from '../app/install/plan.ts'
import { callAll, callsAfterUninstall, callsBeforeUninstall, isBooted } from '../app/install/system.ts'
import { leadingOut } from '../app/install/within.ts'
import { installedPaths, stateFolder } from '../outlets/systemd/files.ts'
import { exitCodes } from './exit.ts'
import { agreed, below, isRoot, noRoot, refuse, rootOf, say, sayStep } from './install-common.ts'
import type { UninstallOptions } from './uninstall.ts'

/** Where the ledger and what can be made anew are. */
const stateFolders: readonly string[] = [stateFolder, '/var/cache/muster']

export async function runUninstall(options: UninstallOptions): Promise<number> {
  const root = rootOf(options.root)
  if (root === undefined) return refuse(`There is no folder ${options.root}.`, 'Name the one that it was installed in.')
  return isRoot(root) ? below(root, () => uninstallBelow(root, options)) : noRoot('uninstall')
}

async function uninstallBelow(root: string, options: UninstallOptions): Promise<number> {
  const known = [...installedPaths, manifestPath, ...stateFolders]
  const manifest = readManifest(root)
  const named = manifest.config === undefined ? manifest.folders : [...manifest.folders, manifest.config]
  const out = leadingOut(root, [...known, ...named])
  if (out !== undefined) return refuse(out.message, out.next)
  const steps = planUninstall(readTexts(root, installedPaths), manifest.files, installedPaths)
  const trees = stateFolders.filter((path) => existsSync(join(root, path)))
  const made = manifest.config !== undefined && existsSync(join(root, manifest.config)) ? [manifest.config] : []
  if (steps.length === 0 && !(options.purge === true && trees.length + made.length > 0)) {
    say('Nothing to do: nothing of `muster install` is here.')
    return exitCodes.fine
  }
  const also = [...made, ...trees].map((path) => ({
    path,
    isChanged: path === made[0] && isChanged(root, manifest, path),
  }))
  for (const step of steps) say(sayStep(step, root))
  if (options.purge === true)
    for (const { path, isChanged } of also) say(sayStep({ path, what: 'remove' }, root, isChanged))
  if (options.yes !== true) {
    const answer = await agreed('Take this away?')
    if (answer === undefined) return refuse('Nobody can be asked here; nothing was taken away.', 'Add --yes.')
    if (!answer) return refuse('Nothing was taken away.', 'Start again when you like.', exitCodes.interrupted)
  }
  const goes = await alsoGoes(
    options,
    also.map(({ path, isChanged }) => `${root}${path}${isChanged ? ' (somebody changed it)' : ''}`),
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
