/** Finds and reads the configuration file. */
import { closeSync, existsSync, openSync, readSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import type { ConfigFinding } from './finding.ts'
import { type ParsedConfig, parseConfig } from './parse.ts'
import type { Config } from './schema.ts'
import { maxBytes, tooLarge } from './tokens.ts'

export interface LoadedConfig {
  readonly file: string
  readonly config?: Config
  readonly errors: readonly ConfigFinding[]
  readonly warnings: readonly ConfigFinding[]
  readonly secretFiles?: ParsedConfig['secretFiles']
  readonly authorityFiles?: ParsedConfig['authorityFiles']
}

/** Where a configuration is looked for, first match wins. */
function configPlaces(env: NodeJS.ProcessEnv): string[] {
  const xdg = env.XDG_CONFIG_HOME ?? join(env.HOME ?? homedir(), '.config')
  return ['muster.yaml', join(xdg, 'muster', 'muster.yaml'), '/etc/muster/muster.yaml']
}

/** The file that would be read: the named one, `$MUSTER_CONFIG`, or the first that exists. */
export function findConfig(named: string | undefined, env: NodeJS.ProcessEnv): string | undefined {
  const given = named ?? (env.MUSTER_CONFIG === '' ? undefined : env.MUSTER_CONFIG)
  if (given !== undefined) return resolve(given)
  const found = configPlaces(env).find((place) => existsSync(place))
  return found === undefined ? undefined : resolve(found)
}

/** Reads and checks the file; what is wrong is in `errors`, also that it cannot be read. */
export function loadConfig(named: string | undefined, env: NodeJS.ProcessEnv): LoadedConfig {
  const file = findConfig(named, env)
  if (file === undefined) {
    const places = ['$MUSTER_CONFIG', ...configPlaces(env)].join(', ')
    return {
      file: 'muster.yaml',
      errors: [
        {
          path: [],
          message: `no configuration found; looked at ${places}`,
          next: 'Make one with `muster init`, or name it with --config FILE.',
        },
      ],
      warnings: [],
    }
  }
  const text = readText(file)
  if (typeof text !== 'string') return { file, errors: [text], warnings: [] }
  return { file, ...parseConfig(text) }
}

/** The text of a file, or why it cannot be had. */
export function readText(file: string): string | ConfigFinding {
  try {
    const bytes = readUpTo(file, maxBytes + 1)
    if (bytes.length > maxBytes) return tooLarge(`more than ${maxBytes}`)
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'ENOENT')
      return { path: [], message: 'the file does not exist', next: 'Check the path, or make one with `muster init`.' }
    if (code === 'EACCES')
      return {
        path: [],
        message: 'the file may not be read by this user',
        next: 'Check its owner and mode, or run as the right user.',
      }
    if (code === 'EISDIR') return { path: [], message: 'this is a folder', next: 'Name the file inside it.' }
    if (error instanceof TypeError)
      return { path: [], message: 'the file is not UTF-8 text', next: 'Save it as UTF-8.' }
    return {
      path: [],
      message: `the file cannot be read (${code ?? String(error)})`,
      next: 'Check the path and the disk.',
    }
  }
}

/** Reads no further than it must: the path may name a device that never ends, or a pipe. */
function readUpTo(file: string, most: number): Uint8Array {
  const handle = openSync(file, 'r')
  try {
    const bytes = new Uint8Array(most)
    let length = 0
    for (let count = 1; count > 0 && length < most; length += count)
      count = readSync(handle, bytes, length, most - length, null)
    return bytes.subarray(0, length)
  } finally {
    closeSync(handle)
  }
}
