import { glob } from 'node:fs/promises'
import { basename } from 'node:path'
import { findCycles } from './cycles.ts'
import { type Import, readImports } from './imports.ts'
import { adapterFolders, frontFiles, mayImport, pureLayers, settingsFiles } from './layer-rules.ts'

/** Every breach of the layers in the checkout at `root`, as lines for a person; tests may import what they like. */
export async function findBreaches(root: string): Promise<readonly string[]> {
  const paths: string[] = []
  for await (const path of glob('src/**/*.ts', { cwd: root })) if (!isTest(path)) paths.push(path)
  const imports = await readImports(root, paths.sort())
  const breaches = imports.flatMap((one) => {
    const why = breachOf(one)
    return why === undefined ? [] : [`${one.from}:${one.line} imports ${one.to}: ${why}`]
  })
  return [
    ...breaches,
    ...findCycles(imports).map((cycle) => `${cycle.join(' → ')}: these import each other in a circle`),
  ]
}

const isTest = (path: string) => /\.(test|contract)\.ts$/.test(path)

/** Why one import is not allowed; undefined when it is. */
function breachOf({ from, to }: Import): string | undefined {
  const layer = layerOf(from)
  if (layer === undefined) return `src/ has no layer for ${from}`
  if (!to.startsWith('src/')) return outsideBreach(layer, to)
  const target = layerOf(to)
  if (target !== layer && !isAllowed(layer, target, to)) return `${layer} may import ${listOf(mayImport[layer] ?? [])}`
  return adapterBreach(from, to)
}

/** `src/model/run.ts` → `model`; a file directly in `src/` is a layer of its own name. */
function layerOf(path: string): string | undefined {
  const layer = path.split('/')[1]?.replace(/\.ts$/, '') ?? ''
  return Object.hasOwn(mayImport, layer) ? layer : undefined
}

function isAllowed(layer: string, target: string | undefined, to: string): boolean {
  if (target !== undefined && mayImport[layer]?.includes(target)) return true
  return layer === 'config' && target !== undefined && settingsFiles.includes(basename(to))
}

function outsideBreach(layer: string, to: string): string | undefined {
  if (to.includes('/') && !to.startsWith('node:') && /^(test|scripts|bench|web)\//.test(to))
    return 'the program does not import what surrounds it'
  if (to.startsWith('node:') && pureLayers.includes(layer))
    return `${layer} has no effects, so it needs nothing of Node.js`
  return undefined
}

/** An adapter is reached by its front, or by the registry beside it. */
function adapterBreach(from: string, to: string): string | undefined {
  const folder = adapterFolders.find((candidate) => to.startsWith(`${candidate}/`))
  if (folder === undefined) return undefined
  const [name, ...rest] = to.slice(folder.length + 1).split('/')
  const isInside = rest.length === 0 || from.startsWith(`${folder}/${name}/`)
  if (isInside || (rest.length === 1 && frontFiles.includes(rest[0] ?? ''))) return undefined
  return `from outside, ${name} is imported by its ${frontFiles.join(' or ')}`
}

const listOf = (names: readonly string[]) => (names.length === 0 ? 'nothing of ours' : `only ${names.join(', ')}`)
