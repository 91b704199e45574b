// Not by import: that would load all of node:fs, streams and promises included.
const { lstatSync, mkdirSync } = process.getBuiltinModule('node:fs')
const { enableCompileCache } = process.getBuiltinModule('node:module')
const { join } = process.getBuiltinModule('node:path')

/**
 * Keeps compiled code between starts, below `$XDG_CACHE_HOME/muster` or `~/.cache/muster`. Compiled code is code:
 * the folder is used only when it and the home it lies in belong to this user and nobody else may write there, so
 * that neither /tmp nor a foreign home (`sudo` that keeps `HOME`) can slip something in. Without such a place it
 * does nothing; a start is then some ten milliseconds slower.
 *
 * @param {Record<string, string | undefined>} environment
 */
export function useCompileCache(environment) {
  const base = environment.XDG_CACHE_HOME || environment.HOME
  if (!base?.startsWith('/') || base === '/' || environment.NODE_DISABLE_COMPILE_CACHE) return
  const cache = join(environment.XDG_CACHE_HOME || join(base, '.cache'), 'muster', 'compiled')
  try {
    if (!isOurs(base)) return
    mkdirSync(cache, { recursive: true, mode: 0o700 })
    if (isOurs(cache)) enableCompileCache(cache)
  } catch {
    // A read-only or full disk costs the cache and nothing else.
  }
}

/** @param {string} path */
function isOurs(path) {
  const { uid, mode } = lstatSync(path)
  return uid === process.getuid?.() && (mode & 0o022) === 0
}
