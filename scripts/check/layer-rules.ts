/** The layers of `src/` and what each may import of ours, beside its own files. docs/adr/ says why arrows point one way. */
export const mayImport: Readonly<Record<string, readonly string[]>> = {
  model: [],
  verdict: ['model'],
  system: ['model'],
  sources: ['model', 'system'],
  ledger: ['model', 'system'],
  outlets: ['model', 'system'],
  // A cron line is checked by the very parser that later finds its instants; it is pure.
  config: ['model', 'system', 'verdict'],
  app: ['model', 'verdict', 'system', 'sources', 'ledger', 'outlets', 'config'],
  commands: ['app', 'config', 'model', 'outlets', 'system'],
  main: ['commands', 'app', 'config', 'model', 'outlets', 'system'],
}

/** Layers without effects: they import nothing of Node.js. */
export const pureLayers: readonly string[] = ['model', 'verdict']

/** Folders whose subfolders are adapters; from outside only the front files of one may be imported. */
export const adapterFolders: readonly string[] = [
  'src/sources/tools',
  'src/sources/storage',
  'src/sources/readers',
  'src/sources/platforms',
  'src/config/secrets',
  'src/config/import',
  'src/outlets/metrics/compat',
  'src/outlets/metrics/names',
  'src/outlets/notify/notifiers',
]

/**
 * What the outside may import of an adapter's folder. `problems.ts`, `records.ts` and `words.ts` hold the words of a tool, so
 * that whoever reads its repositories without it, or runs it through another program, says the same.
 */
export const frontFiles: readonly string[] = ['index.ts', 'settings.ts', 'problems.ts', 'records.ts', 'words.ts']

/** What `config` may import of an adapter, so that reading a file of settings loads no adapter. */
export const settingsFiles: readonly string[] = ['settings.ts', 'settings.generated.ts']
