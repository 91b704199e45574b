import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { say } from './trouble.mjs'

/**
 * Runs `work` while no other process on this machine holds `path`. Waits for a living holder and says so once; the
 * lock of a dead one is removed.
 *
 * @template T
 * @param {string} path
 * @param {() => T} work
 * @returns {T}
 */
export function withLock(path, work) {
  mkdirSync(dirname(path), { recursive: true })
  const mine = `${path}.${process.pid}`
  writeFileSync(mine, String(process.pid))
  let told = false
  try {
    while (!tryLink(mine, path)) {
      const holder = holderOf(path)
      if (holder === undefined) continue
      if (!isAlive(holder)) {
        rmSync(path, { force: true })
        continue
      }
      if (!told) say(`waiting for process ${holder}, which is preparing this checkout too`)
      told = true
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200)
    }
  } finally {
    rmSync(mine, { force: true })
  }
  const release = () => rmSync(path, { force: true })
  process.once('exit', release)
  const finish = () => {
    process.off('exit', release)
    release()
  }
  let value
  try {
    value = work()
  } catch (error) {
    finish()
    throw error
  }
  if (value instanceof Promise) return /** @type {T} */ (value.finally(finish))
  finish()
  return value
}

/** Creates the lock with its content in one step. */
function tryLink(mine, path) {
  try {
    linkSync(mine, path)
    return true
  } catch (error) {
    if (error.code === 'EEXIST') return false
    throw error
  }
}

function holderOf(path) {
  try {
    return Number(readFileSync(path, 'utf8'))
  } catch {
    return undefined
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}
