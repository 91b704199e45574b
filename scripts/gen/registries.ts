import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { banner, type Generate, type GeneratedFile } from '../generated.ts'

/** A folder whose subfolders are adapters of one kind. */
interface Registry {
  readonly folder: string
  /** What each adapter's `index.ts` exports, and the name of the registry of them all. */
  readonly adapter: string
  readonly all: string
  /** Each is loaded when it is first wanted, by a function under its name. */
  readonly lazy?: true
  /** Name of a second registry that imports only `settings.ts`, so that the configuration's schema loads no adapter. */
  readonly allSettings?: string
}

/** One line for each kind of adapter; a folder that does not exist yet is passed over. */
export const registries: readonly Registry[] = [
  { folder: 'src/sources/tools', adapter: 'tool', all: 'tools', allSettings: 'toolSettings' },
  { folder: 'src/sources/storage', adapter: 'storage', all: 'storages', lazy: true },
  { folder: 'src/config/secrets', adapter: 'provider', all: 'providers' },
  { folder: 'src/config/import', adapter: 'importer', all: 'importers' },
  {
    folder: 'src/outlets/notify/notifiers',
    adapter: 'notifier',
    all: 'notifiers',
    lazy: true,
    allSettings: 'notifierSettings',
  },
  { folder: 'src/outlets/metrics/compat', adapter: 'compat', all: 'compats' },
  { folder: 'src/outlets/metrics/names', adapter: 'nameSet', all: 'nameSets', allSettings: 'nameSettings' },
]

export const generate: Generate = async (root) => {
  const files: GeneratedFile[] = []
  for (const registry of registries) {
    if (existsSync(join(root, registry.folder))) files.push(...(await filesOf(root, registry)))
  }
  return files
}

async function filesOf(
  root: string,
  { folder, adapter, all, allSettings, lazy }: Registry,
): Promise<readonly GeneratedFile[]> {
  const names = await adaptersIn(join(root, folder))
  const registry = {
    path: `${folder}/registry.generated.ts`,
    content:
      lazy === true ? lazyText(folder, names, adapter, all) : registryText(folder, names, 'index.ts', adapter, all),
  }
  if (allSettings === undefined) return [registry]
  const withSettings = names.filter((name) => existsSync(join(root, folder, name, 'settings.ts')))
  const content = registryText(folder, withSettings, 'settings.ts', 'settings', allSettings)
  return [registry, { path: `${folder}/settings.generated.ts`, content }]
}

/** Names of the subfolders with an `index.ts`, in order. */
export async function adaptersIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true })
  return entries
    .filter((entry) => entry.isDirectory() && existsSync(join(folder, entry.name, 'index.ts')))
    .map((entry) => entry.name)
    .sort()
}

function registryText(folder: string, names: readonly string[], file: string, exported: string, all: string): string {
  const imports = names.map((name) => `import { ${exported} as ${toIdentifier(name)} } from './${name}/${file}'\n`)
  const entries = names.map((name) => (toIdentifier(name) === name ? name : `'${name}': ${toIdentifier(name)}`))
  const body = entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`
  return `${banner(`the folders in ${folder}`)}${imports.join('')}${imports.length > 0 ? '\n' : ''}export const ${all} = ${body} as const\n`
}

function lazyText(folder: string, names: readonly string[], exported: string, all: string): string {
  const entries = names.map(
    (name) =>
      `  ${toIdentifier(name) === name ? name : `'${name}'`}: async () => (await import('./${name}/index.ts')).${exported},\n`,
  )
  return `${banner(`the folders in ${folder}`)}export const ${all} = {\n${entries.join('')}} as const\n`
}

/** `rest-server` → `restServer`. */
const toIdentifier = (name: string) => name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
